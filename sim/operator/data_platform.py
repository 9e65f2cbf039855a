"""A data platform: how fresh, complete and sharp the data behind decisions are, and what that costs.

Sources are connected; three layers (collection, processing, application) each lose a part of what passes;
people let their data be used the more, the better it is protected, and protection blurs it. What is left
sharpens the recommender (fewer goods that do not fit), recognises peaks in what people look at, and puts
stock and what is shown ahead of them. Whoever decides - prices, shelves, rules - sees reports as old as the
platform's at most.
It decides nothing by itself.
"""

from __future__ import annotations

import math
from typing import Any, ClassVar, cast

import numpy as np

from sim.core.clock import HOURS_PER_DAY
from sim.core.ledger import to_fen
from sim.core.params import Params, constant, lever, uncertainty
from sim.core.records import Table
from sim.core.rng import Draw, keyed_uniforms
from sim.feature import Feature, Figure, act
from sim.mechanism import Phase
from sim.world.catalog import CATEGORIES
from sim.world.choosing import pick
from sim.world.kinds import Purpose, among
from sim.world.observed import DataService
from sim.world.schema import Source
from sim.world.world import World

#: Layers: collection, processing, application.
LAYERS = 3
#: Sources of the plan's data bank (F073), at which its figures hold.
ALL_SOURCES = 18
_MINUTES_PER_HOUR, _MINUTES_PER_DAY = 60, 1440
#: Days of visits that show what is usual.
USUAL_DAYS = 28
#: Visits in which the brand chooses what it shows, where nobody looked for certain goods.
_BROWSED = among(Source.ORGANIC_FEED, Source.PAID_MEDIA, Source.DIRECT)


class DataPlatformParams(Params):
    """What the platform takes in, loses, blurs and offers, and its running costs."""

    enabled: bool = lever(False, "switch", "S048")
    """There is a data platform."""

    sources: int = lever(9, "classes of source", "F073", ge=0, le=18, span=(0, 18))
    """Classes of source that are connected; the plan's data bank has 18."""

    minutes: float = lever(60.0, "minutes", "S048", ge=1, le=1440, span=(5, 1440))
    """Age of what decisions are made from: from hours to minutes."""

    care: float = lever(1.0, "ratio", "S050", ge=0, le=5, span=(0, 3))
    """Effort against losses: a layer's loss is divided by one plus this."""

    privacy: float = lever(0.5, "0..1", "S051", ge=0, le=1, span=(0, 1))
    """Protection of what is known of people: 0 as it comes, 1 anonymised."""

    weights: float = lever(0.5, "share", "S049", ge=0, le=1, span=(0, 1))
    """Visits in which foreseen peaks decide what is shown, of those that did not come for certain goods."""

    stock_ahead: float = lever(1.0, "ratio", "S049", ge=0, le=3, span=(0, 2))
    """How far stock is put ahead of recognised peaks."""

    hours_ahead: float = lever(0.0, "share", "S049", ge=0, le=1, span=(0, 1))
    """How far what is shown follows peaks of the single hour, foreseen from the same hour of earlier days."""

    enough: float = uncertainty(
        6.0, "classes of source", "A-1226", ge=0.1, le=100, span=(3, 12), scope="strategy"
    )
    """Sources whose data add two thirds of what any number can."""

    match_closed: float = uncertainty(
        0.5, "share of misfits", "F057", ge=0, le=1, span=(0.2, 0.6), scope="strategy"
    )
    """Recommended goods that did not fit and now do, with all sources and nothing lost."""

    forecast: float = constant(0.80, "share", "F074", ge=0, le=1, scope="strategy")
    """Part of a peak that is recognised with all sources and nothing lost."""

    lead_hours: float = constant(12.0, "hours", "F076", ge=1, le=168, scope="strategy")
    """Hours for which a peak is seen ahead, and of visits by which it is recognised."""

    steady: float = uncertainty(20.0, "visits", "A-1227", ge=0.1, le=10_000, span=(5, 100), scope="strategy")
    """Visits that are added to a category's before its peak is told from chance."""

    blur: float = constant(0.05, "share", "F077", ge=0, le=1, scope="strategy")
    """Sharpness that full anonymisation costs."""

    consent: float = uncertainty(
        0.6, "share of people", "A-1228", ge=0, le=1, span=(0.4, 0.9), scope="strategy"
    )
    """People who let their data be used as it comes; full protection wins this share of the others too."""

    lost: float = uncertainty(0.1, "share/layer", "A-1229", ge=0, le=0.9, span=(0.02, 0.3), scope="strategy")
    """What each of the three layers loses without care."""

    cost_source: float = uncertainty(
        0.03, "CNY/source/1,000 people/day", "A-1195", ge=0, le=100, span=(0.01, 0.1), scope="strategy"
    )
    """Licence and upkeep of a connected source."""

    cost_care: float = uncertainty(
        0.1, "CNY/unit/1,000 people/day", "A-1212", ge=0, le=100, span=(0.03, 0.4), scope="strategy"
    )
    """Work against losses in the layers."""

    cost_fresh: float = uncertainty(
        0.05, "CNY/ln(day/age)/1,000 people/day", "A-1216", ge=0, le=100, span=(0.01, 0.2), scope="strategy"
    )
    """Machines and people for data that are fresher than a day: the same again for each factor e."""

    cost_privacy: float = uncertainty(
        0.1, "CNY/1,000 people/day", "A-1217", ge=0, le=100, span=(0.03, 0.4), scope="strategy"
    )
    """Full protection."""

    cost_hours: float = uncertainty(
        0.1, "CNY/1,000 people/day", "A-1455; no data", ge=0, le=100, span=(0.02, 0.4), scope="strategy"
    )
    """Foreseeing every hour and following it wholly."""

    def daily_cost(self) -> float:
        """CNY per 1,000 people and day."""
        fresher = math.log(_MINUTES_PER_DAY / self.minutes)
        return (
            self.cost_source * self.sources
            + self.cost_care * self.care
            + self.cost_fresh * fresher
            + self.cost_privacy * self.privacy
            + self.cost_hours * self.hours_ahead
        )

    def sharpness(self) -> float:
        """What is left of what all sources could give, 0..1: less and less is added by more of anything."""
        agreed = 1.0 - (1.0 - self.consent) * (1.0 - self.consent * self.privacy)
        sources = self.sources * kept(self.lost, self.care) * agreed
        reach = math.expm1(-sources / self.enough) / math.expm1(-ALL_SOURCES / self.enough)
        return reach * (1.0 - self.blur * self.privacy)


def kept(lost: float, care: float) -> float:
    """Share of what is collected that comes through three layers, each of which loses less with care."""
    return (1.0 - lost / (1.0 + care)) ** LAYERS


def forecast_ratio(recent: np.ndarray, usual: np.ndarray, steady: float, accuracy: float) -> np.ndarray:
    """float64[n_categories]: demand foreseen by category, relative to the usual.

    Parameters
    ----------
    recent, usual : float64[n_categories]
        Visits of the last hours, and visits by which shares of categories are known.
    steady : float
        Visits that are added to each category, spread as usual.
    accuracy : float
        Part of a peak that is recognised, 0..1.
    """
    if usual.sum() <= 0.0:
        return np.ones(len(usual))
    expected = (usual + steady) / (usual + steady).sum()
    seen = (recent + steady * len(usual) * expected) / (recent.sum() + steady * len(usual))
    ratio: np.ndarray = 1.0 + accuracy * (seen / expected - 1.0)
    return ratio


def hourly_ratio(seen: np.ndarray, steady: float, accuracy: float) -> np.ndarray:
    """float64[24, n_categories]: demand foreseen by hour and category, relative to the whole day's.

    Parameters
    ----------
    seen : float64[24, n_categories]
        Visits of earlier days by the hour in which they came.
    steady : float
        Visits that are added to each category of an hour, spread as over the day.
    accuracy : float
        Part of a peak that is recognised, 0..1.
    """
    usual = seen.sum(axis=0)
    return np.array([forecast_ratio(hour, usual, steady, accuracy) for hour in seen])


class DataPlatform(Feature):
    """Data for decisions: fresher, fuller, sharper, at a price (S048 to S051)."""

    section = "data_platform"
    Params = DataPlatformParams
    events: ClassVar = {
        "data_platform_days": {
            "day": ("int32", "absolute day"),
            "sharpness": ("float64", "share of what all sources could give"),
            "paid": ("bool", "there was money for it"),
        },
        "data_platform_peaks": {
            "day": ("int32", "absolute day"),
            "minute": ("int64", "absolute minute from which it holds"),
            "category": ("int8", "category of goods"),
            "ratio": ("float64", "demand foreseen, relative to the usual"),
        },
        "data_platform_hours": {
            "day": ("int32", "absolute day for which it holds"),
            "hour": ("int8", "hour of the day"),
            "category": ("int8", "category of goods"),
            "ratio": ("float64", "demand foreseen, relative to the whole day's"),
        },
    }
    figures = (
        Figure(
            "data_platform_sharpness",
            "Sharpness of data (mean over days)",
            "share",
            over=lambda t: t["data_platform_days"]["sharpness"],
            per=lambda t: np.ones(len(t["data_platform_days"]["day"])),
        ),
    )
    declares = (Purpose("data_platform_cost", "Running the data platform."),)

    def __init__(self, params: DataPlatformParams) -> None:
        super().__init__(params)
        self.usual = UsualVisits()

    @act(
        Phase.DECIDE,
        reads=["operator.allowance"],
        writes=["observed", "records.data_platform_days", "records.spend", "ledger"],
        offers=True,
    )
    def run(self, world: World, draw: Draw) -> None:
        """Pay for the day; without money every decision is made as without a platform."""
        p = self.params
        fen = to_fen(p.daily_cost() * len(world.people) / 1000.0)
        paid = world.affords("data_platform_cost", fen)
        sharp = p.sharpness() if paid else 0.0
        if paid:
            world.spend("data_platform_cost", fen)
            world.observed.service = DataService(world.day, p.minutes / _MINUTES_PER_HOUR)
        world.observed.closes("data_platform", world.day, p.match_closed * sharp)
        cast("Any", world.records).data_platform_days.append(day=world.day, sharpness=sharp, paid=paid)

    @act(
        Phase.STEER,
        reads=["records.visits~", "records.data_platform_days"],
        writes=["records.data_platform_peaks", "logistics.expected"],
        offers=True,
    )
    def foresee(self, world: World, draw: Draw) -> None:
        """Recognise peaks in the last hours' visits and put stock ahead of them."""
        p, sharp = self.params, cast("Any", world.records).data_platform_days["sharpness"][-1]
        usual = self.usual.counts(world.records.visits, world.day)
        usual -= _looked_at(world, 0.0, p.minutes / _MINUTES_PER_HOUR)  # which nobody sees yet
        recent = _looked_at(world, p.minutes, p.lead_hours)
        ratio = forecast_ratio(recent, usual, p.steady, p.forecast * sharp)
        cast("Any", world.records).data_platform_peaks.append(
            day=world.day, minute=world.clock.start, category=np.arange(len(CATEGORIES)), ratio=ratio
        )
        if p.stock_ahead > 0.0:
            world.logistics.expect(1.0 + p.stock_ahead * (ratio - 1.0).clip(min=0.0))

    @act(
        Phase.STEER,
        reads=["records.visits~", "records.data_platform_days"],
        writes=["records.data_platform_hours"],
        offers=True,
    )
    def foresee_hours(self, world: World, draw: Draw) -> None:
        """Once a day, tell the peaks of its hours from those of the days that are old enough."""
        p, records = self.params, cast("Any", world.records)
        if p.hours_ahead == 0.0 or world.clock.daypart > 0:
            return
        last = world.day - math.ceil((p.lead_hours + p.minutes / _MINUTES_PER_HOUR) / HOURS_PER_DAY)
        seen = self.usual.by_hour(world.records.visits, world.day, last)
        sharp = records.data_platform_days["sharpness"][-1]
        hour, category = np.indices(seen.shape)
        records.data_platform_hours.append(
            day=world.day,
            hour=hour.ravel(),
            category=category.ravel(),
            ratio=hourly_ratio(seen, p.steady, p.forecast * sharp).ravel(),
        )

    def _of_hours(self, world: World, minute: np.ndarray) -> np.ndarray:
        """float64[k, n_categories]: what is foreseen for these minutes, as far as it is followed."""
        today = cast("Any", world.records).data_platform_hours.today("ratio")
        if self.params.hours_ahead == 0.0 or not len(today):
            return np.ones((len(minute), len(CATEGORIES)))
        hour = minute % _MINUTES_PER_DAY // _MINUTES_PER_HOUR
        ratio: np.ndarray = today.reshape(HOURS_PER_DAY, -1)[hour]
        return 1.0 + self.params.hours_ahead * (ratio - 1.0)

    @act(
        Phase.BUY,
        reads=[
            "flow.visits",
            "people.group",
            "people.need_category~",
            "records.data_platform_peaks",
            "records.data_platform_hours",
            "visits#guessed",
        ],
        writes=["flow.visits", "visits#weighted"],
        offers=True,
    )
    def weigh(self, world: World, draw: Draw) -> None:
        """Show more of what is foreseen to be in demand to those who did not come for certain goods."""
        visits, people = world.flow.visits, world.people
        ratio = cast("Any", world.records).data_platform_peaks["ratio"][-len(CATEGORIES) :]
        hours = self._of_hours(world, visits["minute"])
        if self.params.weights == 0.0 or ((ratio == 1.0).all() and (hours == 1.0).all()):
            return
        seats, person, daypart = visits["seat"], visits["person"], world.clock.daypart
        lucky = keyed_uniforms(draw("data_platform.weigh"), person, daypart) < self.params.weights
        free = _BROWSED[visits["source"]] & (people.need_category[seats] != visits["category"])
        rows = np.flatnonzero(lucky & free)
        weight = world.catalog.group_weight[people.group[seats[rows]]] * ratio * hours[rows]
        shown, found = pick(weight, keyed_uniforms(draw("data_platform.shown"), person[rows], daypart))
        category = visits["category"].copy()
        category[rows[found]] = shown[found]
        visits["category"] = category


def _looked_at(world: World, minutes: float, hours: float) -> np.ndarray:
    """float64[n_categories]: visits of the last hours that can be seen."""
    visits, now = world.records.visits, world.clock.start
    end = now - minutes
    begin = end - hours * _MINUTES_PER_HOUR
    # rows lie by day, so that the last hours are looked for from the day in which they begin
    day = max(world.day - USUAL_DAYS, math.floor(begin / _MINUTES_PER_DAY))
    first = int(np.searchsorted(visits["day"], day))
    at, category = visits["minute"][first:], visits["category"][first:]
    recent = category[(at >= begin) & (at < end)]
    return np.bincount(recent, minlength=len(CATEGORIES)).astype(np.float64)


class UsualVisits:
    """Visits of the last weeks by hour and category; each row of the records is counted once."""

    def __init__(self) -> None:
        self._table: Table | None = None
        self._cleared = self._rows = 0
        self._days: dict[int, np.ndarray] = {}

    def counts(self, visits: Table, day: int) -> np.ndarray:
        """float64[n_categories]: visits of so many days up to now."""
        return self.by_hour(visits, day, day).sum(axis=0)

    def by_hour(self, visits: Table, day: int, last: int) -> np.ndarray:
        """float64[24, n_categories]: visits of so many days up to the day ``last``, by the hour they came."""
        if visits is not self._table or visits.cleared != self._cleared or len(visits) < self._rows:
            self._table, self._cleared, self._rows, self._days = visits, visits.cleared, 0, {}
        days, category = visits["day"][self._rows :], visits["category"][self._rows :].astype(np.int64)
        hour = visits["minute"][self._rows :] % _MINUTES_PER_DAY // _MINUTES_PER_HOUR
        cell, cells = hour * len(CATEGORIES) + category, HOURS_PER_DAY * len(CATEGORIES)
        first = 0
        while first < len(days):
            now = int(days[first])
            until = int(np.searchsorted(days, now, side="right"))
            seen = np.bincount(cell[first:until], minlength=cells)
            self._days[now] = self._days.get(now, 0) + seen
            first = until
        self._rows = len(visits)
        self._days = {one: seen for one, seen in self._days.items() if one >= day - USUAL_DAYS}
        found = (seen for one, seen in self._days.items() if one <= last)
        total = sum(found, np.zeros(cells, np.int64))
        return np.asarray(total, np.float64).reshape(HOURS_PER_DAY, len(CATEGORIES))
