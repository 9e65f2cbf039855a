"""What each swept key does: means at its values, the largest contrast, and rank correlations.

Averages over the other keys are taken within each world and only then over worlds, because
configurations of one world share its luck. A world counts for an average only if all of its
configurations are there, so that a missing run cannot tilt a comparison.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy.stats import norm, rankdata

from sim.analysis.responses import mean_interval
from sim.measure.guardrails import UNITS
from sim.measure.intervals import CONFIDENCE, limits
from sim.report.sweep.study import Axis, Study

CONTRAST = ["key", "first", "second", "value", "low", "high", "n"]
RANK = ["key", "correlation", "low", "high", "wide_low", "wide_high", "n", "partial"]


def by_world(study: Study, name: str, keys: Sequence[str], changes: bool = True) -> pd.DataFrame:
    """Mean over all configurations that share the values of some keys, in each world.

    Returns
    -------
    DataFrame
        float64[values of the keys, replications]; missing where one of the configurations is.
    """
    swept = study.swept
    worlds = swept.worlds(name, changes)
    cell = swept.configurations.groupby(list(keys), sort=False, dropna=False)
    grouped = worlds.groupby(cell.ngroup().to_numpy())
    whole = grouped.count().eq(grouped.size(), axis="index")
    return (
        grouped.mean().where(whole).set_axis(pd.MultiIndex.from_frame(cell[list(keys)].nth(0)), axis="index")
    )


def cells(
    study: Study, name: str, keys: Sequence[str], changes: bool = True, confidence: float = CONFIDENCE
) -> pd.DataFrame:
    """Means over worlds of :func:`by_world`.

    Returns
    -------
    DataFrame
        One row per set of values: the keys, mean, low, high and n (whole worlds).
    """
    worlds = by_world(study, name, keys, changes)
    found = mean_interval(worlds.to_numpy().T, confidence)
    if not changes:
        found[:, 1:3] = np.clip(found[:, 1:3], *limits(UNITS.get(name, ""), name))
    columns = dict(zip(("mean", "low", "high", "n"), found.T, strict=True))
    return worlds.index.to_frame(index=False).assign(**columns)


def moved(study: Study, name: str) -> bool:
    """Whether any run differs from its baseline; where none does, levels are compared instead."""
    changes = study.swept.changes
    return name in changes and bool((changes[name].abs() > 0).any())


def contrasts(study: Study, name: str) -> pd.DataFrame:
    """For each crossed axis the two values that are furthest apart, compared in the same worlds.

    The intervals hold for all pairs of values of all axes together (Bonferroni), so that choosing
    the largest difference does not make it look surer than it is.

    Returns
    -------
    DataFrame
        ``CONTRAST``: the mean at ``second`` less that at ``first``, largest in size first; axes in
        order of their values, so that a negative difference is a fall.
    """
    axes = [axis for axis in study.that_are("crossed") if len(axis.values) > 1]
    pairs = sum(len(axis.values) * (len(axis.values) - 1) // 2 for axis in axes)
    rows = [_contrast(study, name, axis, 1 - (1 - CONFIDENCE) / max(pairs, 1)) for axis in axes]
    frame = pd.DataFrame(rows, columns=CONTRAST)
    return frame.sort_values("value", key=np.abs, ascending=False, kind="stable", ignore_index=True)


def _contrast(study: Study, name: str, axis: Axis, confidence: float) -> tuple[object, ...]:
    worlds = by_world(study, name, [axis.key], moved(study, name))
    worlds = worlds.set_axis(worlds.index.get_level_values(0), axis="index").reindex(list(axis.values))
    means = worlds.mean(axis=1).to_numpy()
    if not np.isfinite(means).any():
        return axis.key, axis.values[0], axis.values[-1], np.nan, np.nan, np.nan, 0
    ends = sorted((int(np.nanargmin(means)), int(np.nanargmax(means))))
    if ends[0] == ends[1]:  # all means are alike
        ends = [0, len(means) - 1]
    change = worlds.iloc[ends[1]].to_numpy() - worlds.iloc[ends[0]].to_numpy()
    mean, low, high, n = mean_interval(change[:, None], confidence)[0]
    return axis.key, axis.values[ends[0]], axis.values[ends[1]], mean, low, high, int(n)


def points(study: Study, name: str, changes: bool = True) -> pd.DataFrame:
    """Means at each point of a design, over what was combined with it and over worlds.

    Returns
    -------
    DataFrame
        One row per point: the drawn keys, mean, low, high, n.
    """
    return cells(study, name, [axis.key for axis in study.that_are("drawn")], changes)


def ranks(study: Study, name: str) -> pd.DataFrame:
    """(Partial) rank correlation of an indicator with each drawn number, strongest first.

    Ranks of the other drawn numbers are regressed out of both where there are points enough
    (Marino et al. 2008). Intervals are Fisher's with the variance of Bonett and Wright (2000), each
    by itself and, wider, for all axes together (Bonferroni).

    Returns
    -------
    DataFrame
        ``RANK``, one row an axis; empty without drawn numbers.
    """
    axes = study.that_are("drawn", numeric=True)
    if not axes:
        return pd.DataFrame(columns=RANK)
    seen = points(study, name, moved(study, name)).dropna(subset=["mean", *(axis.key for axis in axes)])
    x = (
        np.column_stack([rankdata(seen[axis.key]) for axis in axes])
        if len(seen)
        else np.zeros((0, len(axes)))
    )
    found = rank_correlations(x, rankdata(seen["mean"]))
    frame = pd.DataFrame(found, columns=RANK[1:]).assign(key=[axis.key for axis in axes])
    return frame[RANK].sort_values(
        "correlation", key=np.abs, ascending=False, kind="stable", ignore_index=True
    )


#: Points beyond the number of axes that partial correlations ask for.
_SPARE = 8


def rank_correlations(x: np.ndarray, y: np.ndarray) -> list[tuple[float | int | bool, ...]]:
    """Correlation of ``y`` with each column of ``x`` (both ranked), given the other columns if it can be.

    Returns
    -------
    list of tuple
        correlation, low, high, wide_low, wide_high, points, whether the other columns were regressed out.
    """
    n, k = x.shape
    partial = k > 1 and n >= k + _SPARE
    rows: list[tuple[float | int | bool, ...]] = []
    for column in range(k):
        held = np.column_stack([np.ones(n), np.delete(x, column, axis=1)]) if partial else np.ones((n, 1))
        r = _correlation(_residuals(held, x[:, column]), _residuals(held, y)) if n > 3 else np.nan
        freedom = n - 3 - (k - 1 if partial else 0)
        if not np.isfinite(r) or freedom < 1:
            rows.append((r, np.nan, np.nan, np.nan, np.nan, n, partial))
            continue
        place, error = np.arctanh(np.clip(r, -1 + 1e-12, 1 - 1e-12)), np.sqrt((1 + r**2 / 2) / freedom)
        half = norm.ppf(0.5 + CONFIDENCE / 2) * error
        wide = norm.ppf(1 - (1 - CONFIDENCE) / 2 / k) * error
        ends = np.tanh([place - half, place + half, place - wide, place + wide])
        rows.append((r, *map(float, ends), n, partial))
    return rows


def _residuals(held: np.ndarray, y: np.ndarray) -> np.ndarray:
    fitted: np.ndarray = held @ np.linalg.lstsq(held, y, rcond=None)[0]
    return y - fitted


def _correlation(a: np.ndarray, b: np.ndarray) -> float:
    size = np.sqrt((a @ a) * (b @ b))
    return float(a @ b / size) if size > 1e-9 * len(a) else float("nan")
