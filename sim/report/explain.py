"""Why an indicator moved: the change taken apart into who came and what each of them did.

A rate over all visits changes because the mix of sources and audiences changes, and because the
same source converts differently. Both parts use the mean of the two sides as weights, so that
they add up to the change exactly and do not depend on which side is called first. Every world is
taken apart by itself, so that each part has an interval and their means add up to the paired
difference of the tables.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from sim.core.language import mark, tr
from sim.measure.intervals import t_interval
from sim.report.claims import MARKS, Estimate
from sim.report.comparison import Comparison
from sim.report.sentences import amounts, label, source_label
from sim.store.results import BASELINE

_LARGEST, _WORTH_NAMING = 3, 0.08
_MIX = mark("who came")
_AUDIENCES = {
    "new": mark("new visitors"),
    "existing": mark("registered users"),
    "first": mark("first orders"),
    "repeat": mark("repeat orders"),
}
#: A part judged by itself is not corrected for the others: its mark stays hollow.
_CORRECTED = False


@dataclass(frozen=True)
class Explanation:
    """A change, its parts, which sum to it, and the largest single reasons within them."""

    name: str
    scenario: str
    change: Estimate
    parts: tuple[Estimate, ...]
    chiefly: tuple[Estimate, ...] = ()


def part_words(part: Estimate, name: str) -> str:
    """A part with its size, mark and interval, in the unit of its indicator."""
    size, low, high = amounts((part.value, part.low, part.high), name, True, 2)
    if not np.isfinite(part.low):
        return size
    return tr("{size} {marks} ({low} to {high})", size=size, marks=MARKS[part.standing], low=low, high=high)


def decompose(base: pd.DataFrame, mine: pd.DataFrame) -> tuple[pd.Series, pd.Series]:
    """Mix and rate effect of every cell on the change of a ratio.

    Parameters
    ----------
    base, mine : DataFrame
        Columns ``top`` (orders) and ``bottom`` (visits), one row a cell, same index.

    Returns
    -------
    (Series, Series)
        Mix effect and rate effect by cell; all of them sum to the change of ``top / bottom``.
    """
    mix, rate = split(*(side[c].to_numpy(float)[:, None] for side in (base, mine) for c in ("top", "bottom")))
    return pd.Series(mix[:, 0], base.index), pd.Series(rate[:, 0], base.index)


def split(
    base_top: np.ndarray, base_bottom: np.ndarray, top: np.ndarray, bottom: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Mix and rate effects of many worlds at once: float64[cells, worlds] each, as :func:`decompose`.

    A world without a single unit below the line has no ratio; its effects are nan.
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        weights = [base_bottom / base_bottom.sum(axis=0), bottom / bottom.sum(axis=0)]
        raw = [base_top / base_bottom, top / bottom]
    raw = [np.where(below > 0, one, np.nan) for one, below in zip(raw, (base_bottom, bottom), strict=True)]
    # A cell that one side never saw has no rate there: all of its effect is mix.
    first = np.where(np.isfinite(raw[0]), raw[0], np.nan_to_num(raw[1]))
    second = np.where(np.isfinite(raw[1]), raw[1], np.nan_to_num(raw[0]))
    overall = ((weights[0] * first).sum(axis=0) + (weights[1] * second).sum(axis=0)) / 2
    mix = (weights[1] - weights[0]) * ((first + second) / 2 - overall)
    return mix, (second - first) * (weights[0] + weights[1]) / 2


def explanations(comparison: Comparison) -> list[Explanation]:
    """Why conversion, order value and acquisition cost differ from the baseline, per strategy."""
    if BASELINE not in comparison.scenarios or comparison.results.breakdown.empty:
        return []
    found = []
    for scenario in comparison.strategies:
        found += [
            _explained(comparison, scenario, "order_conversion", "orders", "visits"),
            _explained(comparison, scenario, "add_to_cart_rate", "carts", "visits"),
            _explained(comparison, scenario, "average_order_value", "revenue", "order_count"),
            _cost(comparison, scenario),
        ]
    return [one for one in found if one is not None]


def _explained(comparison: Comparison, scenario: str, name: str, top: str, bottom: str) -> Explanation | None:
    """One ratio taken apart; None where nothing was counted, or the counts are of another figure."""
    tables = {(who, f): _cells(comparison, who, f) for who in (BASELINE, scenario) for f in (top, bottom)}
    cells = list(dict.fromkeys(cell for table in tables.values() for cell in table.index))
    worlds = tables[BASELINE, bottom].columns.intersection(tables[scenario, bottom].columns)
    if not cells or not len(worlds):
        return None
    sides = [
        tables[who, f].reindex(cells).reindex(columns=worlds).fillna(0.0).to_numpy(float)
        for who in (BASELINE, scenario)
        for f in (top, bottom)
    ]
    mix, rate = split(*sides)
    seen = np.isfinite(mix).all(axis=0)
    if not seen.any():
        return None
    mix, rate = mix[:, seen], rate[:, seen]
    change = _estimate("", (mix + rate).sum(axis=0))
    named = _named(comparison, scenario, name, change.value)
    return Explanation(named, scenario, change, *_parts(cells, mix, rate)) if named else None


def _named(comparison: Comparison, scenario: str, name: str, change: float) -> str:
    """Which figure of the tables the counts are: the indicator, or its twin before cancellations."""
    for one in (name, f"{name}_gross"):
        row = comparison.difference(scenario, one)
        if row is not None and np.isclose(row["value"], change, rtol=1e-6, atol=1e-9):
            return one
    return ""


def _cells(comparison: Comparison, scenario: str, figure: str) -> pd.DataFrame:
    """Counts by part and item (rows) and world (columns)."""
    counts = comparison.results.breakdown
    mine = counts[(counts["figure"] == figure) & (counts["strategy"] == scenario)]
    return mine.pivot_table(
        index=["part", "item"], columns="replication", values="value", aggfunc="sum", sort=False
    )


def _estimate(reason: str, worlds: np.ndarray) -> Estimate:
    value, low, high, _ = t_interval(worlds)
    return Estimate(reason, value, low, high, _CORRECTED)


def _parts(
    cells: list[tuple[str, str]], mix: np.ndarray, rate: np.ndarray
) -> tuple[tuple[Estimate, ...], tuple[Estimate, ...]]:
    """Mix and the behaviour of each audience, which sum to the change; then the largest cells."""
    audience = np.array([part for part, _ in cells])
    parts = [
        _estimate(tr(_MIX), mix.sum(axis=0)),
        *(
            _estimate(tr(_AUDIENCES[str(who)]), rate[audience == who].sum(axis=0))
            for who in dict.fromkeys(audience.tolist())
        ),
    ]
    sizes = np.abs(rate.mean(axis=1))
    order = [k for k in np.argsort(-sizes, kind="stable") if sizes[k] > _WORTH_NAMING * sizes.sum()]
    return tuple(parts), tuple(_estimate(_cell_words(cells[k]), rate[k]) for k in order[:_LARGEST])


def _cell_words(cell: tuple[str, str]) -> str:
    part, item = cell
    item_words = source_label(item)
    return f"{item_words} ({tr(_AUDIENCES[part])})"


def _cost(comparison: Comparison, scenario: str) -> Explanation | None:
    """Acquisition cost: money spent and users won, in proportion to their logarithms, world by world."""
    names = ("acquisition_spend", "new_users")
    sides = [pd.DataFrame(side) for side in reversed(comparison.results.pairs(scenario))]
    if not all(len(side) and set(names) <= set(side) for side in sides):
        return None
    money, users = ([side[name].to_numpy(float) for side in sides] for name in names)
    seen = np.all([*(one > 0 for one in money), *(one > 0 for one in users)], axis=0)
    if not seen.any():
        return None
    (m0, m1), (u0, u1) = ([side[seen] for side in pair] for pair in (money, users))
    before, after = m0 / u0, m1 / u1
    # The logarithmic mean turns a ratio's factors into exact summands.
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.where(after == before, before, (after - before) / np.log(after / before))
    parts = (
        _estimate(f"{label(names[0]).lower()} {_percent(m1 / m0)}", mean * np.log(m1 / m0)),
        _estimate(f"{label(names[1]).lower()} {_percent(u1 / u0)}", -mean * np.log(u1 / u0)),
    )
    change = _estimate("", after - before)
    named = _named(comparison, scenario, "acquisition_cost", change.value)
    return Explanation(named, scenario, change, parts) if named else None


def _percent(ratios: np.ndarray) -> str:
    return f"{100 * (ratios.mean() - 1):+.0f}%"
