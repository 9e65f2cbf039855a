"""Why an indicator moved: the change taken apart into who came and what each of them did.

A rate over all visits changes because the mix of sources and audiences changes, and because the
same source converts differently. Both parts use the mean of the two sides as weights, so that
they add up to the change exactly and do not depend on which side is called first.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from sim.experiment.results import BASELINE
from sim.report.comparison import Comparison
from sim.report.words import label

_LARGEST, _WORTH_NAMING = 3, 0.08
_MIX = "who came"
_AUDIENCES = {
    "new": "new visitors", "existing": "registered users", "first": "first orders", "repeat": "repeat orders",
}  # fmt: skip


@dataclass(frozen=True)
class Part:
    """One reason for a change: what it is and how much of the change it explains."""

    reason: str
    value: float


@dataclass(frozen=True)
class Explanation:
    """A change, its parts, which sum to it, and the largest single reasons within them."""

    name: str
    scenario: str
    change: float
    parts: tuple[Part, ...]
    chiefly: tuple[Part, ...] = ()


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
    weights = [side["bottom"] / side["bottom"].sum() for side in (base, mine)]
    raw = [side["top"] / side["bottom"].where(side["bottom"] > 0) for side in (base, mine)]
    # A cell that one side never saw has no rate there: all of its effect is mix.
    rates = [raw[0].fillna(raw[1]).fillna(0.0), raw[1].fillna(raw[0]).fillna(0.0)]
    overall = sum(float((w * r).sum()) for w, r in zip(weights, rates, strict=True)) / 2
    mix = (weights[1] - weights[0]) * ((rates[0] + rates[1]) / 2 - overall)
    rate = (rates[1] - rates[0]) * (weights[0] + weights[1]) / 2
    return mix, rate


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
    base, mine = (_cells(comparison, who, top, bottom) for who in (BASELINE, scenario))
    if not (base["bottom"].sum() > 0 and mine["bottom"].sum() > 0):
        return None
    cells = base.index.union(mine.index, sort=False)
    base, mine = (side.reindex(cells, fill_value=0.0) for side in (base, mine))
    mix, rate = decompose(base, mine)
    change = mine["top"].sum() / mine["bottom"].sum() - base["top"].sum() / base["bottom"].sum()
    return Explanation(name, scenario, float(change), *_parts(mix, rate))


def _cells(comparison: Comparison, scenario: str, top: str, bottom: str) -> pd.DataFrame:
    sides = {}
    for side, figure in (("top", top), ("bottom", bottom)):
        counts = comparison.figure(figure)
        mine = counts[counts["scenario"] == scenario]
        sides[side] = mine.set_index(["part", "item"])["value"]
    return pd.DataFrame(sides).fillna(0.0)


def _parts(mix: pd.Series, rate: pd.Series) -> tuple[tuple[Part, ...], tuple[Part, ...]]:
    """Mix and the behaviour of each audience, which sum to the change; then the largest cells."""
    audiences = rate.groupby(level=0, sort=False).sum()
    parts = [
        Part(_MIX, float(mix.sum())),
        *(Part(_AUDIENCES[str(who)], float(v)) for who, v in audiences.items()),
    ]
    ranked = rate.reindex(rate.abs().sort_values(ascending=False, kind="stable").index)
    largest = ranked[ranked.abs() > _WORTH_NAMING * rate.abs().sum()].iloc[:_LARGEST]
    return tuple(parts), tuple(Part(_cell_words(cell), float(value)) for cell, value in largest.items())


def _cell_words(cell: object) -> str:
    part, item = cell if isinstance(cell, tuple) else ("", cell)
    return f"{str(item).replace('_', ' ')} ({_AUDIENCES[str(part)]})"


def _cost(comparison: Comparison, scenario: str) -> Explanation | None:
    """Acquisition cost: money spent and users won, in proportion to their logarithms."""
    money, users = (
        [comparison.level(who, name).value for who in (BASELINE, scenario)]
        for name in ("acquisition_spend", "new_users")
    )
    if not (min(money) > 0 and min(users) > 0):
        return None
    before, after = money[0] / users[0], money[1] / users[1]
    # The logarithmic mean turns a ratio's factors into exact summands.
    mean = (after - before) / np.log(after / before) if after != before else before
    parts = (
        Part(f"{label('acquisition_spend').lower()} {100 * (money[1] / money[0] - 1):+.0f}%",
             float(mean * np.log(money[1] / money[0]))),
        Part(f"{label('new_users').lower()} {100 * (users[1] / users[0] - 1):+.0f}%",
             float(-mean * np.log(users[1] / users[0]))),
    )  # fmt: skip
    return Explanation("acquisition_cost", scenario, float(after - before), parts)
