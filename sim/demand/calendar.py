"""The calendar: weekdays, seasons, festivals and growth, as a factor on needs by category and day.

``calendar.start`` dates the first measured day; the days of burn-in and warm-up count back from it, and
growth counts on from it. The flat calendar leaves every factor at 1.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import numpy as np
from pydantic import field_validator

from sim.core.language import tr
from sim.core.params import Params, constant, uncertainty
from sim.core.rng import Draw
from sim.mechanism import Phase
from sim.world.catalog import CATEGORIES
from sim.world.world import World

_YEARLY, _ONCE = re.compile(r"\d{2}-\d{2}"), re.compile(r"\d{4}-\d{2}-\d{2}")
_FIRST, _LAST = date(2000, 1, 1), date(2100, 12, 31)
_LEAP_YEAR, _DAYS_A_YEAR, MONTHS, WEEKDAYS = 2024, 365.0, 12, 7


def _day(text: str) -> date:
    """Date of ``2025-06-18``, or of ``06-18`` in a leap year."""
    whole = f"{_LEAP_YEAR}-{text}" if _YEARLY.fullmatch(text) else text
    if not _ONCE.fullmatch(whole):
        raise ValueError(tr("not a date"))
    return date.fromisoformat(whole)


def _of_categories(value: Any, what: str) -> Any:
    """Refuse names that are no category of goods."""
    if wrong := [name for name in value if name not in CATEGORIES]:
        raise ValueError(
            tr(
                "must name categories (you wrote '{value}'); {what} among {categories}",
                value=wrong[0],
                what=what,
                categories=", ".join(CATEGORIES),
            )
        )
    return value


class FestivalParams(Params):
    """One festival: what people want before it, on its days and after it, as a ratio to other days."""

    dates: tuple[str, ...] = constant((), "MM-DD (every year) or YYYY-MM-DD", "definition")
    """First day. A festival that moves with the moon lists its years; a year that is not listed has none."""
    categories: tuple[str, ...] = constant((), "categories", "A-943")
    """Goods whose demand it moves; none named = all."""
    days: int = uncertainty(3, "days", "A-944", ge=1, le=60)
    """Length; 618 and 11.11 sell most in their last days, plausibly 1 to 5."""
    lift: float = uncertainty(1.0, "ratio", "A-945", ge=0, le=20)
    """Needs on its days; 1 = as usual. China's sales festivals: plausibly 1.4 to 4; Spring Festival itself,
    when people travel and carriers rest: 0.4 to 0.9."""
    presale_days: int = uncertainty(0, "days", "A-946", ge=0, le=60)
    """Days of pre-sale or of shopping ahead before it."""
    presale: float = uncertainty(1.0, "ratio", "A-947", ge=0, le=20)
    """Needs in those days, plausibly 0.9 (people wait) to 1.6 (deposits count)."""
    dip_days: int = uncertainty(0, "days", "A-948", ge=0, le=60)
    """Days afterwards until demand is as usual."""
    dip: float = uncertainty(1.0, "ratio", "A-949", ge=0, le=1)
    """Needs in those days, plausibly 0.6 to 0.95, on top of the stock at home that everybody has."""

    @field_validator("dates")
    @classmethod
    def _real(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for text in value:
            try:
                _day(text)
            except ValueError:
                raise ValueError(
                    tr(
                        "must hold dates (you wrote '{words}'); write 06-18 for every year, 2026-02-17 for "
                        "one",
                        words=text,
                    )
                ) from None
        return value

    @field_validator("categories")
    @classmethod
    def _known(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        named: tuple[str, ...] = _of_categories(value, "choose")
        return named

    def firsts(self, around: date) -> Iterator[date]:
        """First days of the festival in the year of a date and its neighbours."""
        for text in self.dates:
            if _ONCE.fullmatch(text):
                yield _day(text)
                continue
            month, day = map(int, text.split("-"))
            for year in range(around.year - 1, around.year + 2):
                if (month, day) != (2, 29) or _is_leap(year):
                    yield date(year, month, day)

    def factor(self, today: date) -> float:
        """Ratio of needs on a day to those of a day without the festival."""
        for first in self.firsts(today):
            since = (today - first).days
            if -self.presale_days <= since < 0:
                return self.presale
            if 0 <= since < self.days:
                return self.lift
            if self.days <= since < self.days + self.dip_days:
                return self.dip
        return 1.0


def _is_leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


class CalendarParams(Params):
    """What day it is, and what that does to needs."""

    start: str = constant("2025-05-05", "date", "definition", pattern=r"^\d{4}-\d{2}-\d{2}$")
    """Date of the first measured day; a Monday, six weeks before 618."""
    weekday: tuple[float, ...] = uncertainty(
        (1.0,) * WEEKDAYS, "ratio, Monday to Sunday", "A-941", ge=0, le=10
    )
    """Needs by weekday, relative to one another: they are brought to a mean of 1. In China's calendar
    weekdays lie a little above weekends online, plausibly by 0 to 10%."""
    season: dict[str, tuple[float, ...]] = uncertainty(
        {}, "category: ratio, January to December", "A-942", ge=0, le=10
    )
    """Needs by month, relative to one another: they are brought to a mean of 1. Fresh and frozen goods peak
    in summer, clothing at the change of season; plausibly within 0.7 and 1.4."""
    growth: dict[str, float] = uncertainty({}, "category: share a year", "F004; F026", ge=-0.9, le=5)
    """Growth of needs from the first measured day on: organic food 35% (F004), mother-and-baby goods and
    sustainable office consumables 45% (F026)."""
    mid_year: FestivalParams = FestivalParams(dates=("06-16",))
    double_eleven: FestivalParams = FestivalParams(dates=("11-09",))
    spring_festival: FestivalParams = FestivalParams(days=7)
    also: dict[str, FestivalParams] = uncertainty({}, "named festivals", "definition")
    """Further festivals, each a name with the keys of the others: calendar.also.NAME.dates=[09-09]."""

    @field_validator("start")
    @classmethod
    def _a_date(cls, value: str) -> str:
        try:
            within = _FIRST <= date.fromisoformat(value) <= _LAST
        except ValueError:
            within = False
        if not within:
            raise ValueError(
                tr(
                    "must be a date from {first} to {last} (you wrote '{value}'); write 2025-05-05",
                    first=_FIRST,
                    last=_LAST,
                    value=value,
                )
            )
        return value

    @field_validator("weekday")
    @classmethod
    def _a_week(cls, value: tuple[float, ...]) -> tuple[float, ...]:
        return _shape(value, WEEKDAYS, tr("Monday to Sunday"))

    @field_validator("season")
    @classmethod
    def _a_year(cls, value: dict[str, tuple[float, ...]]) -> dict[str, tuple[float, ...]]:
        _of_categories(value, "choose")
        for months in value.values():
            _shape(months, MONTHS, tr("January to December"))
        return value

    @field_validator("growth")
    @classmethod
    def _grown(cls, value: dict[str, float]) -> dict[str, float]:
        named: dict[str, float] = _of_categories(value, "choose")
        return named

    @property
    def first(self) -> date:
        """Date of the first measured day."""
        return date.fromisoformat(self.start)

    def festivals(self) -> dict[str, FestivalParams]:
        """Name -> festival, of all that move needs on some day."""
        every = {name: getattr(self, name) for name in ("mid_year", "double_eleven", "spring_festival")}
        return {name: one for name, one in (every | self.also).items() if _moves(one)}

    @property
    def flat(self) -> bool:
        """Whether every day is like every other."""
        even = len(set(self.weekday)) == 1
        level = all(len(set(months)) == 1 for months in self.season.values())
        return even and level and not any(self.growth.values()) and not self.festivals()

    def factors(self, since: int) -> np.ndarray:
        """float64[n_categories]: ratio of needs to the usual, ``since`` days after the first measured day."""
        today = self.first + timedelta(days=since)
        out = np.full(len(CATEGORIES), _relative(self.weekday)[today.weekday()])
        for row, name in enumerate(CATEGORIES):
            if name in self.season:
                out[row] *= _relative(self.season[name])[today.month - 1]
            if name in self.growth and since > 0:
                out[row] *= (1.0 + self.growth[name]) ** (since / _DAYS_A_YEAR)
        for festival in self.festivals().values():
            rows = [CATEGORIES.index(name) for name in festival.categories] or slice(None)
            out[rows] *= festival.factor(today)
        return out


def _shape(values: tuple[float, ...], length: int, order: str) -> tuple[float, ...]:
    """Refuse a shape that has another length, or is nothing but zeros."""
    if len(values) != length or sum(values) <= 0:
        raise ValueError(
            tr(
                "must hold {length} numbers that are not all 0, {order} (you wrote {n_values} "
                "numbers); give one number each",
                length=length,
                order=order,
                n_values=len(values),
            )
        )
    return values


def _relative(values: tuple[float, ...]) -> np.ndarray:
    """A shape brought to a mean of 1."""
    shape = np.asarray(values, np.float64)
    brought: np.ndarray = shape / shape.mean()
    return brought


def _moves(festival: FestivalParams) -> bool:
    """Whether a festival changes any day."""
    ahead, after = festival.presale_days * (festival.presale - 1.0), festival.dip_days * (festival.dip - 1.0)
    return bool(festival.dates) and any(math.fabs(x) > 0 for x in (festival.lift - 1.0, ahead, after))


def course(calendar: CalendarParams, weights: np.ndarray, first: int, days: int) -> np.ndarray:
    """The calendar's own factor on the needs of a whole market, by which daily flows are judged.

    Parameters
    ----------
    calendar : CalendarParams
        The calendar in force.
    weights : float64[n_categories]
        Needs by category on a usual day, in any unit.
    first : int
        First day, counted from the first measured day (negative: before it).
    days : int
        Number of days.

    Returns
    -------
    float64[days]
    """
    if calendar.flat:
        return np.ones(days)
    share = np.asarray(weights, np.float64) / np.sum(weights, dtype=np.float64)
    return np.array([calendar.factors(since) @ share for since in range(first, first + days)])


class Calendar:
    """Sets what the day does to needs."""

    name = "calendar"
    phase = Phase.STRIKE
    reads = frozenset[str]()
    writes = frozenset({"conditions.demand", "conditions.foreseen"})

    def __init__(self, params: CalendarParams, first_day: int) -> None:
        self.params = params
        self.first_day = first_day

    def act(self, world: World, draw: Draw) -> None:
        """Look up today's factors; what is not foreseen multiplies them."""
        world.conditions.foreseen = self.params.factors(world.day - self.first_day)
        world.conditions.demand = world.conditions.foreseen.copy()
