"""The scorecard: nine indicators against their targets, with the luck of history beside them.

Each indicator is averaged over replications and carries a 95% t interval. Targets against the
baseline compare each world with itself: the ratio of every replication to its own baseline run,
minus 1. Whether all targets are met together is a frequency over worlds with an exact interval,
and it is not observable as soon as one indicator is not.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from sim.core.language import mark, tr
from sim.measure.display import html, in_unit
from sim.measure.intervals import clopper_pearson, limits, t_interval, within
from sim.measure.kpis import KPIS, Kpi
from sim.measure.verdicts import verdict_of

COLUMNS = (
    "kpi",
    "value",
    "low",
    "high",
    "unit",
    "target",
    "direction",
    "gap",
    "met",
    "verdict",
    "probability_met",
    "probability_low",
    "probability_high",
    "n",
    "note",
)
RELATIVE_UNIT = mark("change against baseline")
NO_BASELINE = mark("needs the baseline run of the same world")
NO_INTERVAL = mark("one replication: no interval")

#: Indicators of one run by name, nan = not observable.
Run = Mapping[str, float]


class Joint(NamedTuple):
    """How often all targets are met in one and the same world.

    probability is the frequency over ``n`` worlds; low and high bound it (Clopper-Pearson, 95%).
    All three are None when an indicator is not observable; ``reason`` then says which.
    """

    probability: float | None
    low: float | None
    high: float | None
    n: int
    reason: str


class Scorecard(pd.DataFrame):
    """A data frame with one row an indicator that shows itself in notebooks in words and symbols."""

    @property
    def _constructor(self) -> type[pd.DataFrame]:
        return Scorecard

    def _repr_html_(self) -> str | None:
        return html(self) if set(COLUMNS) <= set(self.columns) else super()._repr_html_()


def scorecard(
    runs: Sequence[Run],
    baseline: Sequence[Run] | None,
    targets: Any,
    *,
    is_baseline: bool = False,
) -> Scorecard:
    """Compare runs with the targets.

    Parameters
    ----------
    runs : sequence of mappings
        Indicators of each replication, as :func:`sim.measure.kpis.kpis` returns them.
    baseline : sequence of mappings or None
        The same worlds under the baseline strategy, in the same order.
    targets : mapping or object
        Target by indicator name, as keys or as attributes.
    is_baseline : bool
        The runs are the baseline itself: targets against it stand at a change of 0.

    Returns
    -------
    Scorecard
        One row an indicator with ``COLUMNS``; ``gap`` is positive on the good side of the target;
        ``met`` says whether the mean meets it (None, and ``value`` nan, where nothing could be
        observed), ``verdict`` whether its whole interval does (:mod:`sim.measure.verdicts`);
        ``probability_met`` is the share of worlds that meet it with its 95% Clopper-Pearson bounds;
        ``attrs["joint"]`` holds the :class:`Joint` probability.

    Raises
    ------
    ValueError
        If there are no runs, or not one baseline run for each.
    """
    if not runs:
        raise ValueError(tr("a scorecard needs at least one run (got none)"))
    if baseline is not None and len(baseline) != len(runs):
        raise ValueError(
            tr(
                "one baseline run per run is needed (got {n_baseline} for {n_runs})",
                n_baseline=len(baseline),
                n_runs=len(runs),
            )
        )
    itself = is_baseline or baseline is runs
    rows = [
        _row(kpi, _values(kpi, runs, baseline, itself), runs, _target(targets, kpi), itself) for kpi in KPIS
    ]
    card = Scorecard(rows, columns=list(COLUMNS))
    card.attrs["joint"] = joint_probability(runs, baseline, targets, is_baseline=is_baseline)
    return card


def joint_probability(
    runs: Sequence[Run],
    baseline: Sequence[Run] | None,
    targets: Any,
    *,
    is_baseline: bool = False,
) -> Joint:
    """Frequency of worlds in which all nine targets are met; arguments as for :func:`scorecard`."""
    met = met_by_world(runs, baseline, targets, is_baseline=is_baseline)
    unseen = {tr(kpi.label): int(np.isnan(met[kpi.name]).sum()) for kpi in KPIS}
    missing = [
        tr("{label} is not observable in {n} of {n_runs}", label=label, n=n, n_runs=len(runs))
        for label, n in unseen.items()
        if n
    ]
    if missing or not runs:
        return Joint(None, None, None, len(runs), "; ".join(missing) or tr("no runs"))
    successes = int(np.all(list(met.values()), axis=0).sum())
    return Joint(successes / len(runs), *clopper_pearson(successes, len(runs)), len(runs), "")


def met_by_world(
    runs: Sequence[Run],
    baseline: Sequence[Run] | None,
    targets: Any,
    *,
    is_baseline: bool = False,
) -> dict[str, np.ndarray]:
    """Whether each target is met in each world; arguments as for :func:`scorecard`.

    Returns
    -------
    dict of str to float64[worlds]
        Indicator -> 1 met, 0 missed, nan not observable.
    """
    itself = is_baseline or baseline is runs
    met = {}
    for kpi in KPIS:
        values = _values(kpi, runs, baseline, itself)
        each = _met_each(kpi, values, _target(targets, kpi), itself).astype(float)
        met[kpi.name] = np.where(np.isfinite(values), each, np.nan)
    return met


def targets_met(
    runs: Sequence[Run], baseline: Sequence[Run] | None, targets: Any, names: Sequence[str]
) -> np.ndarray:
    """bool[replications, names]: whether each world meets each named target.

    Arguments as for :func:`scorecard`; what is not observable is not met.
    """
    met = met_by_world(runs, baseline, targets)
    return np.array([met[name] == 1 for name in names], bool).reshape(len(names), len(runs)).T


def _target(targets: Any, kpi: Kpi) -> float:
    """Target of an indicator from a mapping or an object with attributes."""
    return float(targets[kpi.name] if isinstance(targets, Mapping) else getattr(targets, kpi.name))


def _values(kpi: Kpi, runs: Sequence[Run], baseline: Sequence[Run] | None, itself: bool) -> np.ndarray:
    """float64[replications]: what is compared with the target, nan where not observable."""
    level = np.array([run.get(kpi.name, np.nan) for run in runs], float)
    if not kpi.relative:
        return level
    if itself:
        return np.where(np.isfinite(level), 0.0, np.nan)
    if baseline is None:
        return np.full(len(runs), np.nan)
    base = np.array([run.get(kpi.name, np.nan) for run in baseline], float)
    return level / np.where(base > 0, base, np.nan) - 1


def _met_each(kpi: Kpi, values: np.ndarray, target: float, itself: bool) -> np.ndarray:
    """bool[replications]: target met; a baseline never meets a target against itself."""
    if itself and kpi.relative:
        return np.zeros(len(values), bool)
    return np.array([kpi.met(value, target) for value in values], bool)


def _row(kpi: Kpi, values: np.ndarray, runs: Sequence[Run], target: float, itself: bool) -> dict[str, Any]:
    unit = RELATIVE_UNIT if kpi.relative else kpi.unit
    found = within(t_interval(values), *limits(unit, kpi.name))
    value, low, high, n = found
    never = itself and kpi.relative
    seen = values[np.isfinite(values)]
    often = int(_met_each(kpi, seen, target, itself).sum())
    sure = clopper_pearson(often, n) if n else (np.nan, np.nan)
    sign = 1.0 if kpi.better == "higher" else -1.0
    return {
        "kpi": kpi.name,
        "value": value,
        "low": low,
        "high": high,
        "unit": unit,
        "target": target,
        "direction": kpi.direction,
        "gap": sign * (value - target),
        "met": (kpi.met(value, target) and not never) if n else None,
        "verdict": verdict_of(kpi, found, target, never),
        "probability_met": often / n if n else np.nan,
        "probability_low": sure[0],
        "probability_high": sure[1],
        "n": n,
        "note": _note(kpi, n, runs, itself, seen_all=len(seen) == len(values)),
    }


def _level(value: float, unit: str) -> str:
    """A level with its unit: a share as a percentage."""
    return in_unit(value, unit) if unit == "share" else f"{value:.4g} {tr(unit)}"


def _note(kpi: Kpi, n: int, runs: Sequence[Run], itself: bool, seen_all: bool) -> str:
    """What a reader must know before believing the row."""
    level = np.array([run.get(kpi.name, np.nan) for run in runs], float)
    parts = []
    if itself and kpi.relative and n:
        mean = t_interval(level).value
        parts.append(tr("this is the baseline (level {level})", level=_level(mean, kpi.unit)))
    elif n == 0:
        observed = bool(np.isfinite(level).any())
        parts.append(
            tr(NO_BASELINE)
            if kpi.relative and observed
            else tr("not observable: no {window}", window=tr(kpi.window))
        )
    elif kpi.relative:
        parts.append(tr("level {level}", level=_level(t_interval(level).value, kpi.unit)))
    if n and not seen_all:
        parts.append(tr("observable in {n} of {n_runs} replications", n=n, n_runs=len(runs)))
    if n == 1:
        parts.append(tr(NO_INTERVAL))
    return "; ".join(parts)
