"""Shops of public files as scenarios of the market, for ``real_data.md``.

A file of one shop holds one kind of goods, so one category has all needs. What the file says of its fitting
days (closed days, weekdays, trend, December) becomes settings of the calendar, carried on afterwards.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from sim.calibration.data import Orders, orders
from sim.calibration.statistics.orders import daily
from sim.world.catalog import CATEGORIES
from sim.world.schema import GROUPS

#: Closed days in a row that are a holiday; a shorter run is a weekend.
HOLIDAY = 3
#: Growth that a calendar may hold, share a year.
_MOST = 5.0
_ROUNDS, _DAYS_A_YEAR, _WEEK = 30, 365.0, 7


def one_kind(category: str, **goods: float) -> tuple[str, ...]:
    """Settings under which ``category`` has all needs; ``goods`` are keys of its entry in the catalogue."""
    weights = [f"catalog.{one}.{group}={int(one == category)}" for one in CATEGORIES for group in GROUPS]
    return (*weights, *(f"catalog.{category}.{key}={value}" for key, value in goods.items()))


@dataclass(frozen=True)
class Course:
    """How orders went in the fitting days.

    Attributes
    ----------
    first : date
        Of the first day.
    shut : bool[days]
        Days without an order.
    weekday : float64[7]
        Orders by weekday, Monday first, relative to their mean; 0 where the shop is closed.
    growth : float
        Share by which orders grow in a year.
    december : float
        Orders of December relative to the trend.
    """

    first: date
    shut: np.ndarray
    weekday: np.ndarray
    growth: float
    december: float

    @classmethod
    def of(cls, fitting: Orders, first: date) -> Course:
        """Log-linear Poisson regression of daily orders on trend, weekday and December, on open days."""
        counts = np.nan_to_num(daily(fitting))
        day = np.arange(len(counts))
        weekday = (first.weekday() + day) % _WEEK
        december = np.array([(first + timedelta(int(k))).month == 12 for k in day])
        opened = np.unique(weekday[counts > 0])
        columns = [day / _DAYS_A_YEAR, december, *(weekday == k for k in opened)]
        x, use = np.column_stack(columns).astype(float), counts > 0
        found = _regress(x[use], counts[use])
        level = np.zeros(_WEEK)
        level[opened] = np.exp(found[2:])
        growth = float(np.exp(found[0]) - 1.0)
        return cls(first, counts == 0, level / level.mean(), growth, float(np.exp(found[1])))

    def holidays(self) -> list[tuple[int, int]]:
        """First day and length of every run of at least ``HOLIDAY`` closed days."""
        edges = np.flatnonzero(np.diff(np.concatenate([[0], self.shut.astype(int), [0]])))
        runs = zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True)
        return [(begin, end - begin) for begin, end in runs if end - begin >= HOLIDAY]

    def settings(self, category: str, power: float = 1.0) -> tuple[str, ...]:
        """The same as a calendar of the market, nobody needing anything on holidays.

        Needs follow trend and December to a ``power``, as far as growth may be written.
        """
        season = ",".join(["1"] * 11 + [f"{self.december**power:.3f}"])
        growth = min((1.0 + self.growth) ** power - 1.0, _MOST)
        words = [
            f"calendar.start={self.first}",
            f"calendar.weekday=[{','.join(f'{one:.3f}' for one in self.weekday)}]",
            f"calendar.growth={{{category}: {growth:.3f}}}",
            f"calendar.season={{{category}: [{season}]}}",
        ]
        for n, (begin, length) in enumerate(self.holidays()):
            where = f"calendar.also.closed_{n}"
            dated = self.first + timedelta(begin)
            words += [f"{where}.dates=['{dated}']", f"{where}.days={length}", f"{where}.lift=0"]
        return tuple(words)

    def invoiced(self, o: Orders) -> Orders:
        """Orders as a file of invoices holds them: those of a closed day stand on the next open one.

        After the fitting days only the weekdays are known on which the shop is closed.
        """
        day = np.arange(int(o.days) + 1)
        shut = self.weekday[(self.first.weekday() + day) % _WEEK] == 0.0
        known = min(len(self.shut), len(day))
        shut[:known] = self.shut[:known]
        ahead = np.where(shut, len(day), day)
        following = np.minimum.accumulate(ahead[::-1])[::-1]
        now = np.floor(o.day).astype(np.int64)
        moved = np.where(shut[now], following[now].astype(float), o.day)
        kept = moved < o.days
        return orders(o.customer[kept], moved[kept], o.value[kept], o.days, o.cohort)


def _regress(x: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """float64[k]: coefficients of a log-linear Poisson regression, by iterated least squares."""
    found = np.zeros(x.shape[1])
    found[2:] = np.log(counts.mean())
    for _ in range(_ROUNDS):
        level = np.exp(x @ found)
        found += np.linalg.solve(x.T @ (level[:, None] * x), x.T @ (counts - level))
    return found
