"""Laws of degrees: a power law's tail on a lognormal body, and the degrees of another network."""

from __future__ import annotations

import numpy as np

from sim.core.errors import ConfigError
from sim.core.language import tr
from sim.core.rng import builder

#: Clustering falls with degree as this power: 0.13 on facebook_combined, 0.22 on twitch_DE (3-100 ties).
CLUSTERING_DECAY = 0.2


def pareto_lognormal(
    n: int, mean: float, exponent: float, spread: float, largest: int, seed: int
) -> np.ndarray:
    """Degrees with a lognormal body and a power-law tail, ascending.

    A degree is exp(spread Z + E / (exponent - 1)) times a scale that gives the mean, rounded to
    1..largest; Z is standard normal, E standard exponential (Colombi 1990; Reed & Jorgensen 2004).

    Parameters
    ----------
    n : int
    mean : float
        Mean degree wanted, met to one tie.
    exponent : float
        Of the density's tail, above 2.
    spread : float
        Standard deviation of the body's log degree.
    largest : int
        Cut-off, at most ``n - 1``.
    seed : int

    Returns
    -------
    int64[n]
        With an even sum.

    Raises
    ------
    ConfigError
        If the cut-off is too near the mean.
    """
    rng = builder(seed, "graph.degrees")
    shape = np.sort(np.exp(spread * rng.standard_normal(n) + rng.standard_exponential(n) / (exponent - 1.0)))
    low, high = 0.0, mean * largest

    def rounded(scale: float) -> np.ndarray:
        return np.clip(np.rint(scale * shape), 1, largest).astype(np.int64)

    if rounded(high).mean() < mean:
        raise ConfigError(
            tr(
                "graph.mean_degree must be below {most:.3g} for graph.max_degree {largest} (you "
                "wrote {mean:g}); lower it, or raise the cut-off or the population",
                most=rounded(high).mean(),
                largest=largest,
                mean=mean,
            )
        )
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if rounded(middle).mean() < mean else (low, middle)
    return _even(rounded(high))


def alike(n: int, degree: np.ndarray, seed: int) -> np.ndarray:
    """Degrees of ``n`` people as they are spread in another network, ascending.

    Every quantile of the other network is met, so that equal sizes have equal degrees. In a smaller network
    nobody knows a larger share of the people than in the other; a larger one has no larger hubs, because
    the other does not tell how its tail goes on.

    Parameters
    ----------
    n : int
    degree : int[m]
        Degrees of the other network.
    seed : int

    Returns
    -------
    int64[n]
        At least 1, with an even sum.
    """
    other = np.sort(degree).astype(np.int64)
    place = (np.arange(n) + builder(seed, "graph.alike").random()) / n
    found = other[(place * len(other)).astype(np.int64)]
    most = min(n - 1, int(other[-1] / len(other) * n)) if n < len(other) else n - 1
    return _even(np.clip(found, 1, max(most, 1)))


def falling_clustering(degree: np.ndarray, mean: float) -> np.ndarray:
    """float64[degree.max() + 1]: clustering by degree that falls as a power, with ``mean`` over all people.

    People with one tie have none, as in :func:`sim.network.topology.clustering`.
    """
    shape = np.arange(degree.max() + 1, dtype=np.float64)
    shape[2:] **= -CLUSTERING_DECAY
    shape[:2] = 0.0
    usual = shape[degree].mean()
    return np.minimum(shape * (mean / usual), 1.0) if usual > 0 else shape


def _even(degree: np.ndarray) -> np.ndarray:
    """With an even sum: somebody of the middle degree has a tie less (with one tie: more), and all ascend."""
    if degree.sum() % 2:
        middle = degree[len(degree) // 2]
        if middle > 1:
            degree[np.searchsorted(degree, middle)] -= 1
        else:
            degree[np.searchsorted(degree, middle, side="right") - 1] += 1
    return degree
