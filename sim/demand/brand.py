"""Brand stock: what people have seen of the brand over months brings them by themselves, and has them search.

Advertising acts at once through clicks and for days through adstock. Beyond that every impression that is
paid for adds to a stock that a person keeps for months; it adds to the habit of coming and to searches, less
and less the more there is of it. What it brings comes late and lasts.
"""

from __future__ import annotations

import math
from typing import Any, ClassVar

import numpy as np

from sim.core.clock import DAYPARTS
from sim.core.jit import njit
from sim.core.params import Params, constant, uncertainty
from sim.core.rng import Draw
from sim.feature import Feature, Moment, act, mean_of, mean_over_days
from sim.mechanism import Mechanism, Phase
from sim.world.people import Column
from sim.world.world import World


class BrandParams(Params):
    """How long advertising is remembered, and what the memory does."""

    enabled: bool = constant(False, "switch", "definition")
    """Advertising leaves a lasting stock."""

    days: float = uncertainty(98.0, "days", "A-1011; Leone 1995", ge=1, le=3650, span=(40, 200))
    """Time constant with which the stock fades: nine tenths of the effect of advertising are over within six
    to nine months (Leone 1995)."""

    half: float = uncertainty(0.5, "impressions/day", "A-1012", ge=0.001, le=100, span=(0.2, 2))
    """Impressions a day, as a mean over the time constant, at which half of what the stock can do is done."""

    habit: float = uncertainty(0.05, "direct visits/day", "A-1013", ge=0, le=5, span=(0, 0.15))
    """What the stock adds to the habit of a user at most, once habit has had its time to follow."""

    search: float = uncertainty(1.0, "ratio", "A-1014", ge=0, le=20, span=(0, 3))
    """What the stock adds to searches at most, relative to those of people who do not know the brand."""


@njit(cache=True)
def impressions(activity, affinity, paid, registered, targeting, group):
    """float64[n]: impressions that people saw today and that are paid for.

    Parameters
    ----------
    activity : float32[n]; affinity : float32[n, n_platforms]
        Time people have, and how it is spread over platforms.
    paid : float64[n_groups, n_platforms]
        Impressions per unit of time.
    registered : bool[n]; targeting : float
        Who is known, and how much more often they are shown something.
    group : int8[n]
    """
    seen = np.zeros(activity.shape[0])
    for i in range(seen.shape[0]):
        time, factor = np.float64(activity[i]), targeting if registered[i] else 1.0
        for k in range(affinity.shape[1]):
            seen[i] += time * affinity[i, k] * paid[group[i], k]
        seen[i] *= factor
    return seen


class Brand(Feature):
    """A stock that advertising builds and that fades over months."""

    section = "brand"
    Params = BrandParams
    world = True
    columns: ClassVar = {
        "brand_stock": Column("float32", "impressions a day, mean over the brand's time constant", start=0)
    }
    gauges: ClassVar = {"stock": mean_of("brand_stock", "mean brand stock, impressions/day")}
    figures = (
        mean_over_days(
            "brand_mean_stock",
            "Brand stock (mean over people and days)",
            "impressions/day",
            "brand_daily",
            "stock",
        ),
    )

    def __init__(self, params: BrandParams, habit_days: float, targeting: float) -> None:
        super().__init__(params)
        self.keep, self.keep_habit = math.exp(-1.0 / params.days), math.exp(-1.0 / habit_days)
        self.targeting = targeting

    @classmethod
    def build(cls, config: Any, moment: Moment) -> list[Mechanism]:
        """The acts, which know how habit fades and who is shown more."""
        return cls(config.section(cls.section), config.traffic.habit_days, config.media.targeting).acts()

    def known(self, world: World) -> np.ndarray:
        """float64[n]: share of what the stock can do, 0..1, by a curve that saturates."""
        stock = world.people.brand_stock.astype(np.float64)
        share: np.ndarray = stock / (stock + self.params.half)
        return share

    @act(Phase.STRIKE, reads=["people.brand_stock~"], writes=["conditions.search"])
    def recall(self, world: World, draw: Draw) -> None:
        """Searches of the day follow how well people know the brand on average."""
        world.conditions.search = 1.0 + self.params.search * float(self.known(world).mean())

    @act(
        Phase.PERSUADE,
        reads=[
            "flow.shown",
            "people.group",
            "people.activity",
            "people.affinity",
            "people.registered~",
            "people.habit",
            "people.brand_stock",
        ],
        writes=["people.brand_stock", "people.habit"],
    )
    def learn(self, world: World, draw: Draw) -> None:
        """Add what was seen today and is paid for; the stock adds to habit as fast as habit fades."""
        people, paid = world.people, world.flow.shown.paid[DAYPARTS]
        seen = impressions(
            people.activity, people.affinity, paid, people.registered, self.targeting, people.group
        )
        people.brand_stock[:] = self.keep * people.brand_stock + (1.0 - self.keep) * seen
        people.habit[:] += ((1.0 - self.keep_habit) * self.params.habit * self.known(world)).astype(
            np.float32
        )
