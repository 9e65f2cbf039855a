"""Taste that moves over the years: the silver group needs less for the home, and more for itself.

A part of what a person needs for the household turns a little every day into need for personal growth
(courses, books and the like). What somebody needs in all stays as it was; newcomers begin with the usual
needs of the group, as they are of all ages within it.
"""

from __future__ import annotations

import math

import numpy as np

from sim.core.rng import Draw
from sim.mechanism import Phase
from sim.world.catalog import CATEGORIES
from sim.world.schema import GROUPS
from sim.world.world import World

#: What a household uses up or is furnished with.
HOUSEHOLD = tuple(CATEGORIES.index(one) for one in ("fresh", "frozen", "healthy_food", "healing_home"))
GROWTH = CATEGORIES.index("personal_growth")
SILVER = GROUPS.index("silver_vanguard")
#: Days of a year.
YEAR = 365


class TasteDrift:
    """Needs of the silver group turn from the household to personal growth at a yearly rate."""

    name = "taste_drift"
    phase = Phase.STRIKE
    reads = frozenset({"people.traits", "people.group"})
    writes = frozenset({"people.need_rate"})

    def __init__(self, rate: float) -> None:
        self.keep = math.exp(-rate / YEAR)

    def act(self, world: World, draw: Draw) -> None:
        """What a day turns; on the market's first morning none has passed."""
        people = world.people
        if world.day == 0:
            return
        seats = np.flatnonzero(people.group == SILVER)
        rows = np.ix_(seats, HOUSEHOLD)
        before = people.need_rate[rows].astype(np.float64)
        people.need_rate[rows] = before * self.keep
        people.need_rate[seats, GROWTH] += (before * (1.0 - self.keep)).sum(axis=1).astype(np.float32)
