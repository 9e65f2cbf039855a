"""Taste that moves over the years: the silver group needs less for the home, and more for itself.

A part of what a person needs for the household turns a little every month into need for personal growth
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
#: Days between two steps, and of a year.
STEP, YEAR = 30, 365


class TasteDrift:
    """Needs of the silver group turn from the household to personal growth at a yearly rate."""

    name = "taste_drift"
    phase = Phase.STRIKE
    reads = frozenset({"people.traits", "people.group"})
    writes = frozenset({"people.need_rate"})

    def __init__(self, rate: float) -> None:
        self.keep = math.exp(-rate * STEP / YEAR)

    def act(self, world: World, draw: Draw) -> None:
        """A month's part of it, once a month."""
        people = world.people
        if world.day % STEP:
            return
        seats = np.flatnonzero(people.group == SILVER)
        rows = np.ix_(seats, HOUSEHOLD)
        before = people.need_rate[rows].astype(np.float64)
        people.need_rate[rows] = before * self.keep
        people.need_rate[seats, GROWTH] += (before * (1.0 - self.keep)).sum(axis=1).astype(np.float32)
