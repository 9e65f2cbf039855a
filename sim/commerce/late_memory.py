"""Memory of lateness: whoever waited too long buys less for a while, and judges the next delivery harder.

On Olist customers whose first parcel was late order again within a year 23% less often than others. How much
of that the lateness caused nobody knows - remote places are late and buy less - so the causal share is a
number of its own, from 0 on. It comes on top of what a low score does to trust and habit.
"""

from __future__ import annotations

import math
from typing import ClassVar

import numpy as np

from sim.core.params import Params, constant, uncertainty
from sim.core.rng import Draw
from sim.feature import Feature, act, mean_of, mean_over_days
from sim.mechanism import Phase
from sim.world.people import Column
from sim.world.schema import Cancel
from sim.world.world import World


class LateMemoryParams(Params):
    """What a late delivery leaves behind, and for how long."""

    enabled: bool = constant(False, "switch", "definition")
    """Late deliveries are remembered beyond trust and habit."""

    shortfall: float = constant(0.23, "share of later orders", "A-959; Olist", ge=0, le=0.95)
    """Later orders that are missing within a year after a late first parcel, relative to a punctual one."""

    causal: float = uncertainty(0.5, "share", "A-960", ge=0, le=1, span=(0, 1))
    """How much of it lateness causes; the rest are buyers who would have bought less anyway."""

    days: float = uncertainty(365.0, "days", "A-1010", ge=1, le=3650, span=(90, 1000))
    """Time constant with which it fades. On Olist the shortfall of the first quarter is no larger than that
    of the year, so that it lasts for long."""


class LateMemory(Feature):
    """Late deliveries are remembered."""

    section = "late_memory"
    Params = LateMemoryParams
    world = True
    columns: ClassVar = {
        "late_memory_level": Column("float32", "memory of a late delivery: 1 when it came, fading", start=0)
    }
    gauges: ClassVar = {"level": mean_of("late_memory_level", "mean memory of a late delivery")}
    figures = (
        mean_over_days(
            "late_memory_mean",
            "Memory of late deliveries (mean over people and days; 1 = fresh)",
            "0..1",
            "late_memory_daily",
            "level",
        ),
    )

    @act(
        Phase.SETTLE,
        reads=["records.deliveries", "records.cancellations", "people.id", "people.late_memory_level"],
        writes=["people.late_memory_level"],
    )
    def remember(self, world: World, draw: Draw) -> None:
        """Fade by a day; whoever got something late today, or gave up waiting, remembers it afresh."""
        level = world.people.late_memory_level
        level *= np.float32(math.exp(-1.0 / self.params.days))
        done, given_up = world.records.deliveries, world.records.cancellations
        late = done.today("person")[done.today("minute") > done.today("promised_minute")]
        tired = given_up.today("person")[given_up.today("reason") == int(Cancel.LATE)]
        seats = world.seats_of(np.concatenate([late, tired]))
        level[seats[seats >= 0]] = 1.0

    @act(Phase.BUY, reads=["flow.visits", "people.late_memory_level~"], writes=["flow.terms"])
    def hold_back(self, world: World, draw: Draw) -> None:
        """Speak against carts of those who remember."""
        level = world.people.late_memory_level[world.flow.visits["seat"]].astype(np.float64)
        if level.any():
            lost = self.params.causal * self.params.shortfall
            world.flow.cart.add("late_memory", np.log(1.0 - lost * level))
