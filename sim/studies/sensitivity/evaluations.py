"""Figures at every point and in every world, and what part of their spread is luck.

All points are run in the same worlds. What a world adds to all points alike cancels in every
difference between points; what it adds to one point and not to another is the luck that effects
must stand out from.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from sim.core.special import fdtrc
from sim.store.manifest import Job
from sim.store.results import Results

#: Chance of calling a parameter more than luck that is not, for a whole figure.
CHANCE = 0.05


@dataclass(frozen=True)
class Evaluations:
    """Outcomes of one stage of a study.

    Attributes
    ----------
    unit : float64[n points, n parameters]
        Points, 0..1 over each span.
    names : tuple of str
        Keys of the parameters.
    scenarios, kpis : tuple of str
        Strategies and figures.
    values : float64[n scenarios, n kpis, n points, n worlds]
        Figures; nan where a run is missing or the figure cannot be observed.
    """

    unit: np.ndarray
    names: tuple[str, ...]
    scenarios: tuple[str, ...]
    kpis: tuple[str, ...]
    values: np.ndarray

    def series(self) -> Iterator[tuple[str, str, np.ndarray]]:
        """Scenario or pair, figure, and its float64[n points, n worlds]; pairs are against the first."""
        for k, kpi in enumerate(self.kpis):
            for s, scenario in enumerate(self.scenarios):
                yield scenario, kpi, self.values[s, k]
            for s, scenario in enumerate(self.scenarios[1:], 1):
                yield difference_name(scenario, self.scenarios[0]), kpi, self.values[s, k] - self.values[0, k]


def difference_name(a: str, b: str) -> str:
    """How a paired difference is filed: the first strategy less the second."""
    return f"{a} - {b}"


def collect(
    unit: np.ndarray,
    names: tuple[str, ...],
    scenarios: tuple[str, ...],
    kpis: tuple[str, ...],
    points: Sequence[Mapping[str, Any]],
    jobs: Sequence[Job],
    results: Results,
) -> Evaluations:
    """Gather the figures of a stage's runs from the store.

    Parameters
    ----------
    points : sequence of mapping
        Values of the varied parameters at each point; points that rounding made equal share their runs.
    jobs : sequence of Job
        The stage's jobs.
    results : Results
        What the store holds.
    """
    worlds = sorted({job.replication for job in jobs})
    places: dict[tuple[Any, ...], list[int]] = {}
    for n, point in enumerate(points):
        places.setdefault(tuple(point[name] for name in names), []).append(n)
    totals = results.totals[results.totals["name"].isin(kpis)]
    seen = {
        (row.scenario, row.key, row.name): row.value
        for row in totals[["scenario", "key", "name", "value"]].itertuples(index=False)
    }
    values = np.full((len(scenarios), len(kpis), len(points), len(worlds)), np.nan)
    for job in jobs:
        if job.added or job.scenario not in scenarios:
            continue
        s, w = scenarios.index(job.scenario), worlds.index(job.replication)
        here = places[tuple(job.overrides[name] for name in names)]
        for k, kpi in enumerate(kpis):
            values[s, k, here, w] = seen.get((job.scenario, job.key, kpi), np.nan)
    return Evaluations(unit, names, scenarios, kpis, values)


def spread(outcome: np.ndarray) -> dict[str, float]:
    """Variance between points, between worlds, and of luck, by the two-way table without replication.

    Parameters
    ----------
    outcome : float64[n points, n worlds]
        One figure; points with a missing world are left out.

    Returns
    -------
    dict
        ``between_points``, ``between_worlds``, ``luck`` (variances; luck is what is left in one world)
        and ``luck_share``: luck's share of the variance of means over worlds between points.
    """
    whole = outcome[np.isfinite(outcome).all(axis=1)]
    n, worlds = whole.shape
    if n < 2:
        return dict.fromkeys(("between_points", "between_worlds", "luck", "luck_share"), np.nan)
    rows, columns = whole.mean(axis=1, keepdims=True), whole.mean(axis=0, keepdims=True)
    luck = float(((whole - rows - columns + whole.mean()) ** 2).sum() / ((n - 1) * (worlds - 1)))
    points = max(0.0, float(rows.var(ddof=1)) - luck / worlds)
    between = max(0.0, float(columns.var(ddof=1)) - luck / n)
    total = points + luck / worlds
    share = luck / worlds / total if total > 0 else np.nan
    return {"between_points": points, "between_worlds": between, "luck": luck, "luck_share": share}


def spreads(evaluations: Evaluations) -> pd.DataFrame:
    """:func:`spread` of every scenario, pair and figure: scenario, kpi, then its columns."""
    return pd.DataFrame(
        [
            {"scenario": scenario, "kpi": kpi, **spread(outcome)}
            for scenario, kpi, outcome in evaluations.series()
        ]
    )


def beyond_luck(effects: np.ndarray) -> np.ndarray:
    """Chance that luck alone gives effects as large as these, for each parameter.

    The effects' mean square is compared with what their scatter between worlds lets one expect,
    by an F test with n and n (w - 1) degrees of freedom.

    Parameters
    ----------
    effects : float64[n parameters, n, w]
        Effects seen at n places in each of w worlds.

    Returns
    -------
    float64[n parameters]
        1 where nothing moved at all.
    """
    n, worlds = effects.shape[1:]
    signal = worlds * (effects.mean(axis=2) ** 2).mean(axis=1)
    luck = effects.var(axis=2, ddof=1).mean(axis=1)
    # Rounding of floats must not make an effect out of nothing.
    tiny = 1e-24 * np.maximum(1.0, (effects**2).mean(axis=(1, 2)))
    ratio = np.where(luck > tiny, signal / np.maximum(luck, tiny), np.where(signal > tiny, np.inf, 0.0))
    p: np.ndarray = fdtrc(n, n * (worlds - 1), ratio)
    return p


def luck_of_one(effects: np.ndarray) -> np.ndarray:
    """What luck adds to the effect of a middling parameter that does nothing else.

    Half the difference between two worlds holds luck and no common effect; it is scaled to vary as the
    mean over all worlds does. It is taken from the parameter that stirs up luck as the median one
    does, or from the two in the middle by turns.

    Parameters
    ----------
    effects : float64[n parameters, n, w]
        As for :func:`beyond_luck`.

    Returns
    -------
    float64[n]
        Zeros if no parameter moved anything.
    """
    contrast = (effects[:, :, 0] - effects[:, :, 1]) / np.sqrt(2 * effects.shape[2])
    moving = contrast[np.abs(effects).max(axis=(1, 2)) > 0]
    if not len(moving):
        return np.zeros(effects.shape[1])
    order = np.argsort((moving**2).mean(axis=1), kind="stable")
    middle = order[[(len(order) - 1) // 2, len(order) // 2]]
    places = np.arange(moving.shape[1])
    chosen: np.ndarray = moving[middle[places % 2], places]
    return chosen
