"""X08 and X09: thresholds and giant components, by the market's own graphs and cascades."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import brentq
from scipy.stats import chisquare

from sim.core.rng import builder, stream_key
from sim.network import generators
from sim.network.cascade import POISSON, spread
from sim.network.csr import CSRGraph

pytestmark = pytest.mark.exact

DEGREES, WEIGHTS = generators.power_law(2.5, 2, 1000)
CRITICAL = 0.026145
REPLICATIONS = 100
#: A Poisson audience of this mean leaves nobody out of a thousand acquaintances.
EVERYBODY = 2000.0
#: And of this one nobody out of twenty, at a fraction of the time.
EVERY_FEW = 80.0


def giant_in_theory(transmissibility: float) -> float:
    """Giant share of bond percolation on a configuration model by generating functions (Newman 2002)."""
    excess = WEIGHTS * DEGREES / np.sum(WEIGHTS * DEGREES)

    def gap(u: float) -> float:
        return 1.0 - transmissibility + transmissibility * float(np.sum(excess * u ** (DEGREES - 1.0))) - u

    return 1.0 - float(np.sum(WEIGHTS * brentq(gap, 0.0, 1.0 - 1e-9) ** DEGREES))


def configuration(n: int, replication: int) -> CSRGraph:
    """A configuration graph with the degrees of X08."""
    rng = builder(replication, "test.x08")
    return generators.match_stubs(generators.draw_degrees(n, DEGREES, WEIGHTS, rng), rng)


def reached(graph: CSRGraph, chance: float, origins: np.ndarray, replication: int, mean: float) -> np.ndarray:
    """Sizes of the market's cascades when everybody tells all acquaintances, who pass on by chance.

    Each tie is tried once, so a cascade covers the percolation cluster of its origin.
    """
    nobody = np.zeros(len(origins), np.int64)
    hops = spread(
        stream_key(replication, "test.reach", 0),
        graph,
        np.arange(graph.n),
        origins,
        nobody,
        np.arange(len(origins)),
        strong_only=False,
        law=POISSON,
        mean=EVERYBODY,
        pass_on=chance,
    )
    return 1 + np.bincount(hops.cascade[hops.active], minlength=len(origins))


def standard_error(sample: np.ndarray) -> float:
    """Standard error of the mean."""
    return float(sample.std(ddof=1) / np.sqrt(len(sample)))


def test_x08_threshold_from_moments() -> None:
    """Molloy & Reed 1995: <k> / (<k^2> - <k>), by the degree law that configuration graphs draw from."""
    mean, branching = np.sum(WEIGHTS * DEGREES), np.sum(WEIGHTS * DEGREES * (DEGREES - 1))
    assert mean / branching == pytest.approx(CRITICAL, abs=5e-7)


def test_x08_drawn_degrees_follow_the_law() -> None:
    drawn = generators.draw_degrees(200_000, DEGREES, WEIGHTS, builder(1, "test.degrees"))
    bins = np.concatenate((np.arange(2, 40), [60, 100, 200, 1002]))
    seen = np.histogram(drawn, bins)[0]
    expected = np.histogram(DEGREES, bins, weights=WEIGHTS)[0] * len(drawn)
    # One node may hold an extra half-tie to make the sum even; it cannot move the statistic.
    assert chisquare(seen, expected * seen.sum() / expected.sum()).pvalue > 0.001


@pytest.mark.parametrize("factor", [4.0, 8.0])
def test_x08_large_cascades_above_the_threshold(factor: float) -> None:
    """A cascade that takes off reaches the share that generating functions give, and takes off as often."""
    expected, n, each = giant_in_theory(factor * CRITICAL), 20_000, 20
    shares = []
    for r in range(20):
        origins = np.random.default_rng(r).integers(0, n, each)
        shares.append(reached(configuration(n, r), factor * CRITICAL, origins, r, EVERYBODY) / n)
    large = np.array([s[s > 0.01].mean() if (s > 0.01).any() else np.nan for s in shares])
    large = large[~np.isnan(large)]
    assert abs(large.mean() - expected) < 3 * standard_error(large)
    often = np.mean([s > 0.01 for s in shares])
    assert abs(often - expected) < 3 * np.sqrt(expected * (1 - expected) / (each * 20)) + 0.01


def test_x08_no_large_cascades_below_the_threshold() -> None:
    """Ten times the people: below the threshold the largest share vanishes, above it stays."""
    largest = np.empty((2, 2))
    for i, n in enumerate((5_000, 50_000)):
        graph = configuration(n, 1)
        hubs = np.argsort(graph.degree)[-20:]
        for j, factor in enumerate((0.5, 6.0)):
            largest[i, j] = reached(graph, factor * CRITICAL, hubs, 1, EVERYBODY).max() / n
    assert largest[1, 0] < 0.002
    assert largest[1, 0] < 0.4 * largest[0, 0]
    assert largest[1, 1] == pytest.approx(largest[0, 1], rel=0.15)


@pytest.mark.parametrize(("mean_degree", "expected"), [(1.5, 0.58281), (2.0, 0.79681), (3.0, 0.94048)])
def test_x09_giant_component_of_a_random_graph(mean_degree: float, expected: float) -> None:
    """Poisson degrees joined as configuration graphs are; a cascade that everybody passes on finds it."""
    assert expected == pytest.approx(1 - np.exp(-mean_degree * expected), abs=2e-5)
    n, shares = 20_000, []
    for r in range(REPLICATIONS):
        rng = builder(r, "test.x09")
        degree = rng.poisson(mean_degree, n)
        degree[0] += degree.sum() % 2
        graph = generators.match_stubs(degree, rng)
        shares.append(reached(graph, 1.0, np.argsort(graph.degree)[-1:], r, EVERY_FEW).max() / n)
    # Asymptotic variance of the giant component (Stepanov 1970), so the bound owes nothing to the sample.
    variance = expected * (1 - expected) / (1 - mean_degree * (1 - expected)) ** 2 / n
    assert abs(np.mean(shares) - expected) < 3 * np.sqrt(variance / REPLICATIONS)
    assert np.std(shares, ddof=1) == pytest.approx(np.sqrt(variance), rel=0.3)


def test_barabasi_albert_follows_its_exact_law() -> None:
    """P(k) = 2m(m+1) / (k(k+1)(k+2)), by the largest gap between cumulative shares."""
    m, n = 6, 200_000
    degree = generators.barabasi_albert(n, m, 1).degree
    k = np.arange(m, 200)
    above = m * (m + 1) / (k * (k + 1.0))  # P(degree >= k), the law's telescoping sum
    seen = np.array([(degree >= d).mean() for d in k])
    # Degrees of one growing graph are weakly dependent; three binomial errors still hold.
    assert np.all(np.abs(seen - above) < 3 * np.sqrt(above * (1 - above) / n) + 2 * m / n)
