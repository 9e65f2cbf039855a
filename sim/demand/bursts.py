"""Bursts: news, weather and fashions that raise the demand for some goods, or for all, for some days.

A burst begins on a day by chance, is of a size with a heavy tail, lasts a geometric number of days and is
over. Whether one begins, how large it is and how long it lasts are draws of world, day and category alone:
strategies that are compared live through the same bursts, and nothing of the market moves them. So the
number of bursts under way is that of customers in an endless row of servers, and its mean is rate times
length (Little).
"""

from __future__ import annotations

import math
from typing import Any, ClassVar, cast

import numpy as np

from sim.core.params import Params, constant, uncertainty
from sim.core.rng import Draw, keyed_uniforms
from sim.feature import Feature, Figure, act
from sim.mechanism import Phase
from sim.world.catalog import CATEGORIES
from sim.world.world import World

#: Where a burst of all goods stands among the categories.
ALL = len(CATEGORIES)
#: Days looked back on, in mean lengths: the chance of a longer burst is below 10^-5.
_LOOK_BACK = 12
_DAYS_A_YEAR = 365.0

#: First days, rows of categories, what each adds, and lengths.
UnderWay = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]


class BurstParams(Params):
    """How often demand bursts, how far and for how long."""

    enabled: bool = constant(False, "switch", "definition")
    """Demand has bursts beside what the calendar foresees."""

    per_year: float = uncertainty(3.0, "bursts/category/year", "A-929", ge=0, le=100, span=(1, 8))
    """Bursts of one category: a report, a film, a recall elsewhere. A few a year are assumed."""

    of_all_per_year: float = uncertainty(4.0, "bursts/year", "A-930", ge=0, le=100, span=(1, 12))
    """Bursts of all goods together, as when storms or heat keep a city at home."""

    size: float = uncertainty(1.5, "ratio", "A-931", ge=0, le=50, span=(0.5, 4))
    """Mean of what a burst adds to needs, relative to the usual: 1.5 makes two and a half times as many."""

    tail: float = uncertainty(2.5, "exponent", "A-932", ge=1.05, le=20, span=(1.5, 4))
    """Sizes are Pareto (Lomax) with this exponent of the tail: below two their variance is without bound, so
    that a single burst may be most of a year's."""

    readiness: float = uncertainty(1.0, "logits/log ratio", "A-934", ge=0, le=5, span=(0.3, 1.5))
    """How far a burst makes those readier who visit, beside the needs it brings: at 1 the odds of a cart rise
    as needs do. A need is felt once and lives on for days: needs alone move orders far less."""

    days: float = uncertainty(3.0, "days", "A-933", ge=1, le=14, span=(2, 7))
    """Mean length; lengths are geometric, one day at least."""


class Bursts(Feature):
    """Bursts of demand, the same in all worlds that are compared."""

    section = "bursts"
    Params = BurstParams
    world = True
    events: ClassVar = {
        "bursts_begun": {
            "day": ("int32", "absolute day on which it begins"),
            "category": ("int8", "category of goods, -1 for all of them"),
            "added": ("float64", "what it adds to needs, relative to the usual"),
            "days": ("int32", "length in days"),
        }
    }
    figures = (
        Figure(
            "bursts_in_all", "Bursts of demand", "bursts", lambda t: np.ones(len(t["bursts_begun"]["day"]))
        ),
    )

    def __init__(self, params: BurstParams) -> None:
        super().__init__(params)
        nothing = np.zeros(0, np.int64)
        self._kept: tuple[tuple[Any, int], UnderWay] = (None, 0), (nothing, nothing, np.zeros(0), nothing)

    @act(
        Phase.STRIKE,
        reads=["conditions.foreseen"],
        writes=["conditions.demand", "records.bursts_begun"],
    )
    def strike(self, world: World, draw: Draw) -> None:
        """Multiply what the calendar says by every burst that is under way."""
        since, row, added, days = self.under_way(draw, world.day)
        world.conditions.demand = world.conditions.foreseen * raised(row, added)
        new = since == world.day
        if new.any():
            cast("Any", world.records).bursts_begun.append(
                day=world.day, category=np.where(row == ALL, -1, row)[new], added=added[new], days=days[new]
            )

    @act(Phase.BUY, reads=["flow.visits"], writes=["flow.terms"])
    def speak(self, world: World, draw: Draw) -> None:
        """Speak for the carts of goods that are in demand."""
        _, row, added, _ = self.under_way(draw, world.day)
        if len(row):
            logits = self.params.readiness * np.log(raised(row, added))
            world.flow.cart.add("bursts", logits[world.flow.visits["category"]])

    def under_way(self, draw: Draw, day: int) -> UnderWay:
        """Bursts of a day: first day, row of the category (``ALL`` for all), what each adds, and its length.

        Returns
        -------
        first : int64[k], row : int64[k], added : float64[k], days : int64[k]
        """
        p, stream = self.params, draw.timeless("bursts")
        if self._kept[0] == (stream, day):  # asked in every daypart
            return self._kept[1]
        first = np.repeat(np.arange(day - math.ceil(_LOOK_BACK * p.days), day + 1), ALL + 1)
        row = np.tile(np.arange(ALL + 1), len(first) // (ALL + 1))
        who = first * (ALL + 1) + row
        rate = np.where(row == ALL, p.of_all_per_year, p.per_year) / _DAYS_A_YEAR
        begins = keyed_uniforms(stream, who, 0) < 1.0 - np.exp(-rate)
        first, row, who = first[begins], row[begins], who[begins]
        days = lengths(keyed_uniforms(stream, who, 1), p.days)
        lasts = first + days > day
        added = sizes(keyed_uniforms(stream, who, 2), p.size, p.tail)
        self._kept = (stream, day), (first[lasts], row[lasts], added[lasts], days[lasts])
        return self._kept[1]


def lengths(uniform: np.ndarray, mean: float) -> np.ndarray:
    """int64[k]: geometric lengths in days, at least one, of a mean, by inversion."""
    if mean <= 1.0:
        return np.ones(len(uniform), np.int64)
    ended: np.ndarray = 1 + np.floor(np.log(uniform) / math.log(1.0 - 1.0 / mean)).astype(np.int64)
    return ended


def sizes(uniform: np.ndarray, mean: float, tail: float) -> np.ndarray:
    """float64[k]: Lomax sizes of a mean and an exponent of the tail, by inversion."""
    sized: np.ndarray = mean * (tail - 1.0) * (uniform ** (-1.0 / tail) - 1.0)
    return sized


def raised(row: np.ndarray, added: np.ndarray) -> np.ndarray:
    """float64[n_categories]: ratio of needs to the usual under bursts, which multiply."""
    factor = np.ones(ALL + 1)
    np.multiply.at(factor, row, 1.0 + added)
    ratio: np.ndarray = factor[:ALL] * factor[ALL]
    return ratio
