"""Prices that follow stock and demand: a level for each category, set in the morning by a controller.

Goods of which more lies on shelves than is wanted get cheaper, those that run short or that people ask for
more and more get dearer, by a step a day at most and never beyond floor and ceiling. A lower price is a
concession like any other, a higher one is asked of everybody. People remember: whoever sees that the price
has risen, or fallen below what they just paid, finds it unfair and holds back.
"""

from __future__ import annotations

from typing import Any, ClassVar, NamedTuple, cast

import numpy as np

from sim.commerce.price_fairness import FairnessParams, asked_levels, kept, noticed
from sim.core.clock import HOURS_PER_DAY
from sim.core.ledger import to_fen
from sim.core.params import constant, lever, uncertainty
from sim.core.rng import Draw
from sim.feature import Feature, Figure, act
from sim.mechanism import Phase
from sim.world.catalog import CATEGORIES
from sim.world.fulfilment import ENDLESS
from sim.world.kinds import Purpose
from sim.world.people import Column
from sim.world.world import World

#: Decimals of a level: prices move by hundredths of a per cent.
DECIMALS = 4


class DynamicPricesParams(FairnessParams):
    """How prices answer stock and demand, what that costs, and what people make of it."""

    enabled: bool = lever(False, "switch", "S052")
    """Prices of categories follow their stock cover and demand."""

    floor: float = lever(0.85, "ratio to list price", "A-1180", ge=0.3, le=1, span=(0.7, 1))
    """Level below which no price falls."""

    ceiling: float = lever(1.1, "ratio to list price", "A-1181", ge=1, le=2, span=(1, 1.25))
    """Level above which no price rises."""

    step: float = lever(0.05, "ratio to list price/day", "A-1182", ge=0, le=1, span=(0.01, 0.1))
    """Most by which a price moves in a day."""

    least_move: float = lever(0.03, "ratio to list price", "A-1183", ge=0, le=0.5, span=(0, 0.1))
    """Moves that are smaller are not worth a new price."""

    cover_days: float = lever(
        6.0, "days", "A-1184; a day below the usual cover", ge=0.1, le=365, span=(4, 20)
    )
    """Days that stock is to last, or the goods' shelf life where that is less."""

    by_cover: float = lever(0.1, "log price/log cover", "A-1185", ge=0, le=3, span=(0, 0.5))
    """Price cut for stock that lasts longer than it is to."""

    by_demand: float = lever(0.05, "log price/log demand", "A-1186", ge=0, le=3, span=(0, 0.5))
    """Price rise as the last week sells more than the last four."""

    steady: float = constant(10.0, "units/week", "A-1187", ge=0.1, le=10_000)
    """Sales that are added to both sides of a comparison, so that a handful of orders moves no price."""

    data_hours: float = uncertainty(24.0, "hours", "A-1188", ge=0, le=720, span=(1, 72), scope="strategy")
    """Age of the stock and sales that prices are set by, without a data platform: those of the day before."""

    upkeep: float = uncertainty(
        0.3, "CNY/1,000 people/day", "A-1189", ge=0, le=100, span=(0.1, 1.5), scope="strategy"
    )
    """Running the controller."""

    change_cost: float = uncertainty(
        0.05, "CNY/price/1,000 people", "A-1190; Levy 1997", ge=0, le=100, span=(0.01, 0.3), scope="strategy"
    )
    """A new price: labels, checks and answers to questions."""


class Look(NamedTuple):
    """What the controller sees of each category, float64[n_categories].

    units : on shelves (infinite where nothing runs out); recent, usual : units sold a day in the last week
    and in the last four.
    """

    units: np.ndarray
    recent: np.ndarray
    usual: np.ndarray


def wanted_level(p: DynamicPricesParams, seen: Look, shelf_life: np.ndarray) -> np.ndarray:
    """float64[n_categories]: the level that stock and demand ask for, within floor and ceiling."""
    steady = p.steady / 7.0
    target = np.minimum(p.cover_days, shelf_life)
    stocked = np.isfinite(seen.units)
    units = np.where(stocked, seen.units, 0.0)
    over = np.where(stocked, np.log((units + steady) / (target * (seen.usual + steady / target))), 0.0)
    asked = np.log((seen.recent + steady) / (seen.usual + steady))
    level: np.ndarray = np.exp(p.by_demand * asked - p.by_cover * over)
    return np.clip(level, p.floor, p.ceiling)


def next_level(p: DynamicPricesParams, now: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """float64[n_categories]: tomorrow's level, a step nearer; what lies outside the bounds is brought in."""
    moved = now + np.clip(wanted - now, -p.step, p.step)
    kept = np.where(np.abs(moved - now) >= p.least_move, moved, now)
    level: np.ndarray = np.clip(np.round(kept, DECIMALS), p.floor, p.ceiling)
    return level


class DynamicPrices(Feature):
    """Prices by category that follow stock cover and demand (S008, S052)."""

    section = "dynamic_prices"
    Params = DynamicPricesParams
    columns: ClassVar = {
        "dynamic_prices_seen": Column("float32", "price level seen last, by category", "category", start=1),
        "dynamic_prices_bought": Column("int8", "category bought last, -1 for none", start=-1),
        "dynamic_prices_paid": Column("float32", "price level paid for it", start=0),
        "dynamic_prices_sore": Column("float32", "unfairness felt, shares of the price, fading", start=0),
    }
    events: ClassVar = {
        "dynamic_prices_levels": {
            "day": ("int32", "absolute day"),
            "category": ("int8", "category of goods"),
            "level": ("float64", "price level in force, relative to the list price"),
            "changed": ("bool", "it is another one than the day before"),
            "units": ("int64", "on shelves as the day begins"),
        },
        "dynamic_prices_felt": {
            "day": ("int32", "absolute day"),
            "person": ("int64", "stable id"),
            "risen": ("float64", "rise since the price was seen last, share of the list price"),
            "overpaid": ("float64", "what the last order paid beyond it, share of the list price"),
        },
    }
    figures = (
        Figure(
            "dynamic_prices_level",
            "Price level (mean over categories and days)",
            "ratio",
            over=lambda t: t["dynamic_prices_levels"]["level"],
            per=lambda t: np.ones(len(t["dynamic_prices_levels"]["day"])),
        ),
        Figure(
            "dynamic_prices_changes",
            "New prices",
            "prices",
            over=lambda t: t["dynamic_prices_levels"]["changed"],
        ),
        Figure(
            "dynamic_prices_complaints",
            "People who found a price unfair",
            "people",
            over=lambda t: np.ones(len(t["dynamic_prices_felt"]["day"])),
        ),
    )
    declares = (Purpose("dynamic_prices_cost", "Running prices that follow stock, and new prices."),)

    @act(
        Phase.DECIDE,
        reads=["stock~", "records.orders~", "operator.allowance", "observed", "observed~"],
        writes=["records.dynamic_prices_levels", "records.spend", "ledger"],
        offers=True,
    )
    def set_prices(self, world: World, draw: Draw) -> None:
        """Set today's levels; without money they stay as they are."""
        p, thousand = self.params, len(world.people) / 1000.0
        units = world.logistics.on_shelves()
        now = in_force(world)
        level, upkeep = np.clip(now, p.floor, p.ceiling), to_fen(p.upkeep * thousand)
        if world.affords("dynamic_prices_cost", upkeep):
            world.spend("dynamic_prices_cost", upkeep)
            late = self._days_late(world)
            seen = look(world, late, units)
            level = next_level(p, now, wanted_level(p, seen, world.catalog.shelf_life))
            fen = to_fen(p.change_cost * thousand * int((level != now).sum()))
            if world.affords("dynamic_prices_cost", fen):
                world.spend("dynamic_prices_cost", fen)
            else:
                level = np.clip(now, p.floor, p.ceiling)
        cast("Any", world.records).dynamic_prices_levels.append(
            day=world.day,
            category=np.arange(len(CATEGORIES)),
            level=level,
            changed=level != now,
            units=units,
        )

    def _days_late(self, world: World) -> int:
        """Whole days by which what prices are set by is older than last night."""
        hours = world.observed.served(world.day).fresher(self.params.data_hours)
        return int(hours // HOURS_PER_DAY)

    @act(
        Phase.BUY, reads=["flow.visits", "records.dynamic_prices_levels"], writes=["flow.terms"], offers=True
    )
    def ask(self, world: World, draw: Draw) -> None:
        """A lower price is a line of the bill, a higher one is asked before anything is taken off."""
        level = in_force(world)[world.flow.visits["category"]]
        if (level < 1.0).any():
            world.flow.bill.add("dynamic_prices", np.maximum(0.0, 1.0 - level))
        if (level > 1.0).any():
            world.flow.bill.add_rise("dynamic_prices", np.maximum(0.0, level - 1.0))

    @act(Phase.BUY, reads=["flow.visits", "people.dynamic_prices_sore~"], writes=["flow.terms"])
    def hold_back(self, world: World, draw: Draw) -> None:
        """Speak against orders of those who remember an unfair price."""
        sore = world.people.dynamic_prices_sore[world.flow.visits["seat"]].astype(np.float64)
        if sore.any():
            world.flow.order.add("dynamic_prices", -self.params.sore_order * sore)

    @act(
        Phase.MEASURE,
        reads=[
            "records.visits",
            "records.orders",
            "records.dynamic_prices_levels",
            "operator.terms.price",
            "people.id",
            "people.trust~",
            *(f"people.dynamic_prices_{name}" for name in ("seen", "bought", "paid", "sore")),
        ],
        writes=[
            "people.trust",
            "records.dynamic_prices_felt",
            *(f"people.dynamic_prices_{name}" for name in ("seen", "bought", "paid", "sore")),
        ],
    )
    def feel(self, world: World, draw: Draw) -> None:
        """Today's visitors compare what was asked with what they saw and paid last."""
        p, people, visits = self.params, world.people, world.records.visits
        seats = world.seats_of(visits.today("person"))
        asked = asked_levels(world.operator.terms.list_level, asked_today(world))
        seen, paid = people.dynamic_prices_seen, people.dynamic_prices_paid
        there = seats >= 0
        felt = noticed(
            seats[there], visits.today("category")[there], asked, seen, people.dynamic_prices_bought, paid
        )
        seen[felt.seat, felt.category] = asked[felt.category]
        over = felt.overpaid > 0.0
        paid[felt.seat[over]] = asked[felt.category[over]]
        pain = p.rise_felt * felt.risen + felt.overpaid
        people.dynamic_prices_sore[:] = people.dynamic_prices_sore * kept(p.sore_days)
        np.add.at(people.dynamic_prices_sore, felt.seat, pain.astype(np.float32))
        lost = np.bincount(felt.seat, p.sore_trust * pain, len(people))
        people.trust[:] = np.maximum(0.0, people.trust - lost)
        hurt = pain > 0.0
        cast("Any", world.records).dynamic_prices_felt.append(
            day=world.day,
            person=people.id[felt.seat[hurt]],
            risen=felt.risen[hurt],
            overpaid=felt.overpaid[hurt],
        )
        self._remember_orders(world, asked)

    @staticmethod
    def _remember_orders(world: World, asked: np.ndarray) -> None:
        """What was paid today is what later prices are compared with, without what taxes and others added."""
        people, orders = world.people, world.records.orders
        seats = world.seats_of(orders.today("person"))
        there = seats >= 0
        category = orders.today("category")[there]
        full = world.catalog.price_fen[category] * orders.today("quantity")[there]
        people.dynamic_prices_bought[seats[there]] = category
        paid = orders.today("paid_fen")[there] / full
        people.dynamic_prices_paid[seats[there]] = np.minimum(paid, asked[category])


def in_force(world: World) -> np.ndarray:
    """float64[n_categories]: the levels set last; 1 before any."""
    table, n = cast("Any", world.records).dynamic_prices_levels, len(CATEGORIES)
    return table["level"][-n:].copy() if len(table) else np.ones(n)


def asked_today(world: World) -> np.ndarray:
    """float64[n_categories]: today's levels; the list price where none were set today."""
    days = cast("Any", world.records).dynamic_prices_levels["day"]
    return in_force(world) if len(days) and days[-1] == world.day else np.ones(len(CATEGORIES))


def look(world: World, late: int, units: np.ndarray) -> Look:
    """What can be seen of stock and sales that are ``late`` days old.

    Parameters
    ----------
    world : World
        At the beginning of a day.
    late : int
        Days; 0: as of last night.
    units : int64[n_categories]
        On shelves now.
    """
    n, table, orders = len(CATEGORIES), cast("Any", world.records).dynamic_prices_levels, world.records.orders
    if late:
        held = table["units"].reshape(-1, n)
        units = held[-late] if len(held) >= late else units
    end = world.day - late
    days = orders["day"]
    first, since, until = np.searchsorted(days, (end - 28, end - 7, end))
    sold = [
        np.bincount(orders["category"][a:until], orders["quantity"][a:until], minlength=n)
        for a in (since, first)
    ]
    return Look(np.where(units >= ENDLESS, np.inf, units), sold[0] / 7.0, sold[1] / 28.0)
