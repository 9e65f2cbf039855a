"""The comparison in the business's own words: money a month, orders a day, and how much of it is luck.

Figures of the simulated market are multiplied by how many real consumers each simulated one stands for.
Profit is what strategies are ranked by, so that its marks say the same as in all other tables.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd

from sim.config.quantities import DAYS_A_YEAR, MONTHS_A_YEAR
from sim.core.amounts import alike
from sim.core.language import tr
from sim.measure.intervals import Interval, t_interval, within
from sim.report.comparison import Comparison
from sim.report.sentences import PROFIT, certainty

_MONTH = DAYS_A_YEAR / MONTHS_A_YEAR


@dataclass(frozen=True)
class Business:
    """Whom the results are told to.

    Attributes
    ----------
    consumers : float
        Real consumers of the market.
    factor : float
        Real consumers that each simulated one stands for.
    currency : str
    rate : float
        CNY a unit of the currency.
    days : int
        Measured days.
    """

    consumers: float
    factor: float
    currency: str
    rate: float
    days: int

    def money_a_month(self, cny: float) -> float:
        """Money of the simulated market over the measured days, as the business's a month."""
        return cny * self.factor / self.rate / self.days * _MONTH

    def profit_a_month(self, cny_per_1000: float) -> float:
        """Profit per 1,000 day-0 consumers over the measured days, as the business's a month."""
        return cny_per_1000 / 1000 * self.consumers / self.rate / self.days * _MONTH

    def a_month(self, count: float) -> float:
        """A count over the measured days, as the business's a month."""
        return count * self.factor / self.days * _MONTH

    def a_day(self, count: float) -> float:
        """A count over the measured days, as the business's a day."""
        return count * self.factor / self.days


@dataclass(frozen=True)
class Row:
    """One figure: a cell for each strategy, its level and its interval as text."""

    label: str
    unit: str
    cells: tuple[tuple[str, str], ...]


def business_of(comparison: Comparison) -> Business | None:
    """The business that a comparison was run for; None if nothing was said of one."""
    noted = comparison.details(comparison.scenarios[0])["info"]
    told: dict[str, Any] = noted.get("business", {})
    if not told.get("stated"):
        return None
    factor = told["consumers"] / noted["consumers"]
    return Business(told["consumers"], factor, told["currency"], told["rate"], comparison.days)


def window(comparison: Comparison) -> str:
    """First and last measured day as dates, where days were given any; else empty."""
    told = comparison.details(comparison.scenarios[0])["info"].get("start", "")
    if not told:
        return ""
    first = date.fromisoformat(told)
    return tr(
        "{first} to {timedelta}",
        first=first.isoformat(),
        timedelta=(first + timedelta(days=comparison.days - 1)).isoformat(),
    )


def caption(business: Business) -> str:
    """What the table speaks of, in one sentence."""
    return tr(
        "A market of {consumers:,.0f} consumers, of whom each simulated one stands for "
        "{factor:,.6g}; a month is a twelfth of a year. Mean over worlds with its 95% "
        "interval.",
        consumers=business.consumers,
        factor=business.factor,
    )


def rows(comparison: Comparison, business: Business) -> list[Row]:
    """Money, customers and orders of each strategy, and the difference of its margin from the baseline's."""
    money = tr("{currency} a month", currency=tr(business.currency))
    found = [
        _levels(comparison, tr("Spent, all in"), money, _total("all_in_spend"), business.money_a_month),
        _levels(comparison, tr("Kept revenue"), money, _total("kept_revenue"), business.money_a_month),
        _levels(comparison, tr("Contribution margin"), money, _total(PROFIT), business.profit_a_month, True),
        _differences(comparison, money, business),
        _levels(comparison, tr("New users"), tr("a month"), _total("new_users"), business.a_month),
        _levels(comparison, tr("Kept orders"), tr("a day"), _kept_orders, business.a_day),
    ]
    return [row for row in found if any(level != "–" for level, _ in row.cells)]


def _total(name: str) -> Callable[[pd.DataFrame], np.ndarray]:
    """One recorded figure by world."""

    def read(values: pd.DataFrame) -> np.ndarray:
        return values[name].to_numpy(float) if name in values else np.full(len(values), np.nan)

    return read


def _kept_orders(values: pd.DataFrame) -> np.ndarray:
    """Orders that were not cancelled, refused or expired, by world."""
    return _total("kept_orders_new")(values) + _total("kept_orders_existing")(values)


def _levels(
    comparison: Comparison,
    label: str,
    unit: str,
    read: Callable[[pd.DataFrame], np.ndarray],
    scale: Callable[[float], float],
    signed: bool = False,
) -> Row:
    """Levels of a figure; one that is not ``signed`` cannot lie below 0."""
    cells = []
    for name in comparison.scenarios:
        found = t_interval(read(comparison.results.values(name)))
        found = found if signed else within(found, 0.0, np.inf)
        cells.append(_cell(Interval(scale(found.value), scale(found.low), scale(found.high), found.n)))
    return Row(label, unit, tuple(cells))


def _differences(comparison: Comparison, unit: str, business: Business) -> Row:
    """Differences of the margin with the marks that they have in every other table."""
    cells = []
    for name in comparison.scenarios:
        change = comparison.difference(name, PROFIT)
        if change is None or not np.isfinite(change["value"]):
            cells.append(("–", ""))
            continue
        value, low, high = (business.profit_a_month(float(change[key])) for key in ("value", "low", "high"))
        level, interval = _cell(Interval(value, low, high, 0), signed=True)
        cells.append((f"{level} {certainty(change)}" if np.isfinite(low) else level, interval))
    return Row(tr("Margin against the baseline"), unit, tuple(cells))


def _cell(found: Interval, signed: bool = False) -> tuple[str, str]:
    """A level, and its interval in brackets; no interval from one world."""
    if not np.isfinite(found.value):
        return "–", ""
    largest = max(abs(x) for x in found[:3] if np.isfinite(x))
    digits = 0 if largest >= 100 else 1
    level, low, high = alike(found[:3], digits, signed)
    if not np.isfinite(found.low):
        return level, tr("(one world)") if signed else ""
    return level, f"({low} .. {high})"
