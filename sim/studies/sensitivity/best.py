"""Whether the uncertainties change which strategy is best, and which of them decide it.

At every point the strategy with the best mean over worlds wins. A parameter decides where the
values at which a strategy wins are spread otherwise than those at which it does not: the distance
of Kolmogorov and Smirnov between the two, as in regional sensitivity (Hornberger & Spear 1981).
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.stats import ks_2samp

from sim.core.rng import builder
from sim.core.special import stdtrit
from sim.measure.intervals import CONFIDENCE, clopper_pearson
from sim.studies.sensitivity.design import LEVELS
from sim.studies.sensitivity.evaluations import Evaluations

_REDEALS = 4999


def ranked(evaluations: Evaluations, by: str, higher: bool) -> tuple[np.ndarray, np.ndarray]:
    """Winner at each point, and whether it leads in every world.

    Returns
    -------
    int64[n points], bool[n points]
        Winner -1 where a figure is missing or two strategies share the best.
    """
    values = evaluations.values[:, evaluations.kpis.index(by)] * (1 if higher else -1)
    means = values.mean(axis=2)
    seen = np.isfinite(means).all(axis=0)
    winner = np.where(seen, np.where(np.isfinite(means), means, -np.inf).argmax(axis=0), -1)
    best = np.where(seen, means[winner, np.arange(means.shape[1])], np.nan)
    winner[(means == best).sum(axis=0) > 1] = -1
    others = values.copy()
    others[winner, np.arange(means.shape[1])] = -np.inf
    own = values[winner, np.arange(means.shape[1])]
    return winner, (winner >= 0) & (own > others.max(axis=0)).all(axis=1)


def shares(winner: np.ndarray, clear: np.ndarray, scenarios: tuple[str, ...], cluster: int) -> pd.DataFrame:
    """How often each strategy is best.

    Parameters
    ----------
    winner, clear : as from :func:`ranked`
    cluster : int
        Points that belong together (a trajectory's); 1 if each stands for itself.

    Returns
    -------
    DataFrame
        scenario, wins, n, share, low, high (95%), clear (wins in which it leads in every world).
    """
    rows = []
    for s, scenario in enumerate(scenarios):
        wins = (winner == s) & (winner >= 0)
        low, high = _interval(wins.reshape(-1, cluster), (winner >= 0).reshape(-1, cluster))
        n = int((winner >= 0).sum())
        rows.append(
            {
                "scenario": scenario,
                "wins": int(wins.sum()),
                "n": n,
                "share": wins.sum() / n if n else np.nan,
                "low": low,
                "high": high,
                "clear": int((wins & clear).sum()),
            }
        )
    return pd.DataFrame(rows)


def _interval(wins: np.ndarray, seen: np.ndarray) -> tuple[float, float]:
    """95% interval of a frequency over clusters of points (Korn & Graubard 1998).

    That is the exact interval for as many independent points as would be as uncertain. Where every
    point agrees, each cluster counts as one.

    Parameters
    ----------
    wins, seen : bool[n clusters, points in a cluster]
    """
    seen_of = seen.sum(axis=1).astype(float)
    n, clusters = seen_of.sum(), int((seen_of > 0).sum())
    if not n or clusters < 2:
        return np.nan, np.nan
    share = wins.sum() / n
    effective = float(clusters)
    residual = wins.sum(axis=1) - share * seen_of
    variance = float((residual**2).sum() / n**2 * clusters / (clusters - 1))
    if variance > 0 and wins.shape[1] > 1:
        t = stdtrit([n - 1, clusters - 1], 0.5 + CONFIDENCE / 2)
        effective = min(n, share * (1 - share) / variance * (t[0] / t[1]) ** 2)
    effective = max(effective, 1.0)
    return clopper_pearson(effective * share, effective)


def deciders(evaluations: Evaluations, winner: np.ndarray, seed: int, trajectories: bool) -> pd.DataFrame:
    """Which parameters separate the points at which a strategy is best from the others.

    Points of trajectories are no independent draws, so there the chance of a distance is found by
    dealing each trajectory's values of one parameter anew, as the design might have.

    Parameters
    ----------
    trajectories : bool
        Whether the points are trajectories of the screening; else independent points.

    Returns
    -------
    DataFrame
        scenario, parameter, ks (0..1), p, p_adjusted (Bonferroni over all rows), direction ("higher": it
        wins at higher values), wins, others. With two strategies the second one alone is listed.
        Empty if one strategy wins everywhere.
    """
    names, scenarios = evaluations.names, evaluations.scenarios
    tested = range(1, 2) if len(scenarios) == 2 else range(len(scenarios))
    rng = builder(seed, "sensitivity.deciders")
    rows = []
    for s in tested:
        wins, seen = winner == s, winner >= 0
        if not wins.any() or not (seen & ~wins).any():
            continue
        for i, name in enumerate(names):
            values = evaluations.unit[:, i]
            ks, direction = _distance(values[wins], values[seen & ~wins])
            p = (
                _chance(evaluations.unit, i, wins, seen, ks, rng)
                if trajectories
                else float(ks_2samp(values[wins], values[seen & ~wins]).pvalue)
            )
            rows.append((scenarios[s], name, ks, p, direction, int(wins.sum()), int((seen & ~wins).sum())))
    columns = ["scenario", "parameter", "ks", "p", "direction", "wins", "others"]
    table = pd.DataFrame(rows, columns=columns)
    table.insert(4, "p_adjusted", np.minimum(1.0, table["p"].astype(float) * len(table)))
    return table.sort_values(["scenario", "ks"], ascending=[True, False], kind="stable", ignore_index=True)


def _distance(a: np.ndarray, b: np.ndarray) -> tuple[float, str]:
    """Largest distance of two empirical distributions, and on which side ``a`` lies there."""
    at = np.unique(np.concatenate([a, b]))
    gap = np.searchsorted(np.sort(a), at, side="right") / len(a) - np.searchsorted(
        np.sort(b), at, side="right"
    ) / len(b)
    largest = int(np.abs(gap).argmax())
    return float(abs(gap[largest])), "higher" if gap[largest] < 0 else "lower"


def _chance(
    unit: np.ndarray, i: int, wins: np.ndarray, seen: np.ndarray, ks: float, rng: np.random.Generator
) -> float:
    """Chance of a distance this large if the winner had nothing to do with parameter ``i``.

    A trajectory's values of one parameter are a level before its step and the level two further on
    after it. All four levels to begin from are equally likely and independent of the other
    parameters, so that other beginnings give the distances that chance makes.
    """
    k = unit.shape[1]
    levels = np.rint(unit[:, i] * (LEVELS - 1)).astype(np.int64).reshape(-1, k + 1)
    after = (levels != levels[:, :1]).astype(np.int64) * (LEVELS // 2)  # r, k + 1
    begun = rng.integers(0, LEVELS, size=(_REDEALS, len(levels), 1))
    dealt = ((begun + after) % LEVELS).reshape(_REDEALS, -1)
    a, b = wins, seen & ~wins
    gaps = [
        np.abs((dealt[:, a] <= level).mean(axis=1) - (dealt[:, b] <= level).mean(axis=1))
        for level in range(LEVELS - 1)
    ]
    as_large = np.max(gaps, axis=0) >= ks - 1e-12
    return float((1 + as_large.sum()) / (1 + _REDEALS))
