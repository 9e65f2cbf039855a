"""Real values with their errors: every statistic of a user's files, by bootstrap."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from sim.calibration.data import Cascades, Deliveries, Orders, Ties
from sim.calibration.statistics import orders, others
from sim.calibration.statistics.statistic import Statistic
from sim.core.rng import builder

STATISTICS: tuple[Statistic, ...] = (*orders.STATISTICS, *others.STATISTICS)
BY_NAME: dict[str, Statistic] = {one.name: one for one in STATISTICS}
#: Times that each file is dealt again.
DEALS = 200

#: Name of a table -> its rows: ``orders``, ``cascades``, ``deliveries``, ``edges``.
Known = Mapping[str, Orders | Cascades | Deliveries | Ties]


@dataclass(frozen=True)
class Target:
    """A statistic of a real file.

    Attributes
    ----------
    name : str
    value, error : float
        As counted, and its standard error by bootstrap.
    dealt : float64[deals]
        Its values in the bootstrap samples less their mean; those of statistics that are dealt together go
        together, so that they say how errors are correlated. Empty where that is not known.
    over : str
        What was dealt again.
    """

    name: str
    value: float
    error: float
    dealt: np.ndarray = field(default_factory=lambda: np.zeros(0), compare=False)
    over: str = ""


def measure(known: Known, names: Sequence[str]) -> np.ndarray:
    """float64[n]: statistics by name; nan where nothing can be said."""
    return np.array([_value(known, BY_NAME[name]) for name in names])


def _value(known: Known, one: Statistic) -> float:
    table: Any = known.get(one.needs)
    if table is None or _empty(table):
        return float("nan")
    with np.errstate(all="ignore"):
        return float(one.of(table))


def _empty(table: Any) -> bool:
    rows = next(iter(vars(table).values()))
    return len(rows) == 0


def applicable(known: Known) -> list[Statistic]:
    """Statistics that the tables allow."""
    table = known.get("orders")
    cohort = isinstance(table, Orders) and table.cohort > 0
    return [one for one in STATISTICS if one.needs in known and (one.cohort or not cohort)]


def targets(known: Known, seed: int, deals: int = DEALS) -> list[Target]:
    """Every statistic that can be counted, with its standard error.

    Parameters
    ----------
    known : mapping
        Tables of the user.
    seed : int
        The experiment's.
    deals : int
        Bootstrap samples.
    """
    rng = builder(seed, "calibration.bootstrap")
    found = []
    statistics = applicable(known)
    for over in dict.fromkeys(one.over for one in statistics):
        mine = [one for one in statistics if one.over == over]
        names = [one.name for one in mine]
        values = measure(known, names)
        table = known[mine[0].needs]
        again = np.array([measure({mine[0].needs: dealt(table, over, rng)}, names) for _ in range(deals)])
        found += [
            Target(name, float(v), float(own[np.isfinite(own)].std(ddof=1)), _centred(own), over)
            for name, v, own in zip(names, values, again.T, strict=True)
            if np.isfinite(v) and np.isfinite(own).sum() > 1
        ]
    return found


def _centred(values: np.ndarray) -> np.ndarray:
    """Values less their mean; what could not be told stands at the mean."""
    seen = np.isfinite(values)
    centred: np.ndarray = np.where(seen, values - values[seen].mean(), 0.0)
    return centred


def covariance(found: Sequence[Target]) -> np.ndarray:
    """float64[m, m]: of the errors of statistics; 0 between those that are not dealt together."""
    whole = np.diag([one.error**2 for one in found])
    for i, a in enumerate(found):
        for j, b in enumerate(found[:i]):
            if len(a.dealt) > 1 and a.over == b.over:
                spread = float(np.std(a.dealt) * np.std(b.dealt))
                together = float((a.dealt * b.dealt).mean() / spread) if spread > 0 else 0.0
                whole[i, j] = whole[j, i] = together * a.error * b.error
    return whole


def dealt(table: Any, over: str, rng: np.random.Generator) -> Any:
    """A table whose customers, weeks, cascades, deliveries or people are drawn again with replacement."""
    if over == "customers":
        return table.of_customers(np.sort(rng.integers(0, table.customers, table.customers)))
    if over == "weeks":
        return _weeks(table, rng)
    if over == "cascades":
        return table.of_roots(np.sort(rng.integers(0, table.cascades, table.cascades)))
    n = len(next(iter(vars(table).values())))
    return table.rows(rng.integers(0, n, n))


def _weeks(table: Orders, rng: np.random.Generator) -> Orders:
    """Orders with whole weeks drawn again near where they stood, so that seasons keep their place."""
    weeks = int(table.days // 7)
    if weeks < 2:
        return table
    order = np.argsort(table.day, kind="stable")
    day = table.day[order]
    chosen = np.clip(np.arange(weeks) + rng.integers(-2, 3, weeks), 0, weeks - 1)
    begin, end = np.searchsorted(day, 7.0 * chosen), np.searchsorted(day, 7.0 * (chosen + 1))
    many = end - begin
    rows = np.repeat(begin - (np.cumsum(many) - many), many) + np.arange(many.sum())
    moved = day[rows] + np.repeat(7.0 * (np.arange(weeks) - chosen), many)
    return replace(
        table,
        customer=table.customer[order][rows],
        day=moved,
        value=table.value[order][rows],
        days=7.0 * weeks,
    )
