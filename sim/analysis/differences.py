"""Paired differences from the baseline: every configuration against it, world by world.

A configuration is a scenario with the values that a sweep gave it; a comparison's strategies are
configurations without swept values. Each difference has its t interval, a bootstrap interval
beside it, and a p-value and an interval that are corrected for all comparisons that are shown.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from sim.analysis.bootstrap import bootstrap_bounds
from sim.measure.intervals import holm, paired_difference, simultaneous_interval, t_p_value
from sim.measure.kpis import KPIS
from sim.store.results import BASELINE, Results

#: Guardrails that stand beside the nine targets wherever differences are shown.
MAIN_GUARDS = (
    "contribution_per_1000",
    "kept_revenue",
    "all_in_spend",
    "new_users",
    "cohort_orders_per_1000",
    "lasting_contribution_per_1000",
    "contribution_after_90_per_1000",
    "contribution_after_180_per_1000",
    "contribution_after_360_per_1000",
)
#: Indicators that are compared at once: with all configurations they are the family of a correction.
SHOWN = (*(kpi.name for kpi in KPIS), *MAIN_GUARDS)
#: Columns of a table of differences, after those that say who.
COLUMNS = (
    "name",
    "value",
    "low",
    "high",
    "boot_low",
    "boot_high",
    "p",
    "p_holm",
    "low_simultaneous",
    "high_simultaneous",
    "n",
    "share_positive",
)
#: Columns of a sweep's jobs that are no swept values.
_MARKS = ("experiment", "scenario", "replication", "key", "baseline_key", "world", "added", "done")


@dataclass(frozen=True)
class Pairs:
    """One configuration and the baseline on the same worlds.

    Attributes
    ----------
    who : dict
        Scenario, then the swept values.
    keys : tuple of str
        Runs, one a world.
    mine, base : DataFrame
        Indicators, worlds down and names across; rows of the two are the same worlds in the same
        order. ``base`` has the rows that it has runs for, and missing values elsewhere.
    """

    who: dict[str, Any]
    keys: tuple[str, ...]
    mine: pd.DataFrame
    base: pd.DataFrame

    @property
    def is_baseline(self) -> bool:
        """Whether the configuration is the baseline itself."""
        return self.mine is self.base


def swept_columns(jobs: pd.DataFrame) -> list[str]:
    """Columns of :attr:`Results.jobs` that hold swept values; the scenario is not among them."""
    return [str(name) for name in jobs.columns if name not in _MARKS]


def sweep_pairs(results: Results) -> list[Pairs]:
    """Configurations of the sweeps read, in the order planned; runs that are not there are left out.

    Baselines that a plan added to pair others with are not among them.
    """
    jobs = results.jobs
    if jobs.empty:
        return []
    jobs = jobs[jobs["done"] & ~jobs["added"].astype(bool)]
    # Two sweeps may differ in what they hold fixed, so that equal swept values are not the same settings.
    which = ["experiment"] if jobs["experiment"].nunique() > 1 else []
    swept = [*which, *swept_columns(jobs)]
    totals = results.totals.drop_duplicates(["key", "name"])
    figures = totals.pivot(index="key", columns="name", values="value")
    label = [_said(row) for row in jobs[["scenario", *swept]].to_dict("records")]
    found = []
    for _, mine in jobs.groupby(pd.Series(label, jobs.index, dtype=str), sort=False):
        first = mine.iloc[0]
        who = {"scenario": first["scenario"], **{key: first[key] for key in swept}}
        mine = mine.drop_duplicates("key").sort_values("replication")
        levels = figures.reindex(mine["key"])
        same = (mine["key"] == mine["baseline_key"]).all()
        base = levels if same else figures.reindex(mine["baseline_key"])
        found.append(Pairs(who, tuple(mine["key"]), levels, base))
    return found


def _said(row: dict[Any, Any]) -> str:
    """A configuration as text, because swept values may be lists."""
    return json.dumps({str(key): value for key, value in row.items()}, sort_keys=True, default=str)


def scenario_pairs(results: Results, order: Sequence[str] | None = None) -> list[Pairs]:
    """Strategies of comparable runs (see :meth:`Results.newest`) but the baseline; empty without it.

    ``order`` names strategies and their order; all if None. A strategy is a scenario or, where several
    settings were run under its name, the scenario with the keys that differ.
    """
    if BASELINE not in results.strategies:
        return []
    found = []
    for strategy in results.strategies if order is None else order:
        mine, base = results.pairs(strategy) if strategy != BASELINE else ([], [])
        if base:
            found.append(Pairs({"scenario": strategy}, (), pd.DataFrame(mine), pd.DataFrame(base)))
    return found


def difference_table(
    pairs: Sequence[Pairs], names: Sequence[str] | None = None, family: Sequence[str] = SHOWN
) -> pd.DataFrame:
    """Mean paired differences with their intervals, corrected for how many are looked at.

    Parameters
    ----------
    pairs : sequence of Pairs
        Configurations; the baseline itself is passed over.
    names : sequence of str, optional
        Indicators to compare; all that were recorded if None.
    family : sequence of str
        Indicators that are looked at together. All configurations of ``pairs`` times these are
        one family; ``p_holm`` and the simultaneous bounds are missing for other indicators.

    Returns
    -------
    DataFrame
        Swept values and scenario, then ``COLUMNS``: mean difference (in the indicator's unit),
        bounds of its 95% t interval and of its bootstrap interval (missing below six worlds),
        two-sided p-value and Holm's, bounds that hold for the whole family together in 95% of
        experiments (Bonferroni), worlds, and the share of worlds in which it is positive.
        ``attrs["family"]`` is the number of comparisons corrected for.
    """
    rows: list[dict[str, Any]] = []
    samples: list[np.ndarray] = []
    for pair in (one for one in pairs if not one.is_baseline):
        for name in pair.mine.columns.intersection(pair.base.columns):
            if names is not None and name not in names:
                continue
            mine, base = pair.mine[name].to_numpy(float), pair.base[name].to_numpy(float)
            change = mine - base
            seen = int(np.isfinite(change).sum())
            rows.append({**pair.who, "name": name, **paired_difference(mine, base)._asdict(), "n": seen})
            samples.append(change)
    who = list(dict.fromkeys(key for pair in pairs for key in pair.who)) or ["scenario"]
    frame = pd.DataFrame(rows, columns=[*who, *(c for c in COLUMNS if c in _OWN)])
    return _corrected(frame, samples, family)[[*who, *COLUMNS]]


_OWN = ("name", "value", "low", "high", "n", "share_positive")


def _corrected(frame: pd.DataFrame, samples: Sequence[np.ndarray], family: Sequence[str]) -> pd.DataFrame:
    """The table with bootstrap bounds, p-values and what is corrected for the family."""
    inside = frame["name"].isin(family).to_numpy(bool)
    p = np.array([t_p_value(sample) for sample in samples], float)
    comparisons = int((inside & np.isfinite(p)).sum())
    together = [
        simultaneous_interval(sample, comparisons)[1:3] if mine else (np.nan, np.nan)
        for sample, mine in zip(samples, inside, strict=True)
    ]
    wide = np.array(together, float).reshape(-1, 2)
    boot = bootstrap_bounds(samples)
    frame = frame.assign(
        boot_low=boot[:, 0],
        boot_high=boot[:, 1],
        p=p,
        p_holm=holm(np.where(inside, p, np.nan)),
        low_simultaneous=wide[:, 0],
        high_simultaneous=wide[:, 1],
    )
    frame.attrs["family"] = comparisons
    return frame


def differences(
    results: Results, names: Sequence[str] | None = None, family: Sequence[str] = SHOWN
) -> pd.DataFrame:
    """Paired differences of every configuration of a sweep; of every scenario where nothing was swept.

    Parameters and columns are those of :func:`difference_table`. Runs are paired by world with
    their run under the baseline strategy (``baseline_key`` of :attr:`Results.jobs`).
    """
    pairs = sweep_pairs(results) or scenario_pairs(results.newest())
    return difference_table(pairs, names, family)
