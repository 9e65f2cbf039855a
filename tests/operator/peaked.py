"""A feature that is not part of the market: one hour in which people look for one category and like it."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from sim.core.params import Params, lever, uncertainty
from sim.core.rng import keyed_uniforms
from sim.feature import Feature, act
from sim.mechanism import Phase
from sim.world.catalog import CATEGORIES
from sim.world.kinds import VisitSource
from sim.world.touches import send

#: The plan's hour of hanfu (F075), and what it is about here.
HOUR, CATEGORY = 23, CATEGORIES.index("apparel")


class PeakParams(Params):
    """How many look, and how much readier everybody is in that hour."""

    enabled: bool = lever(False, "switch", "definition")
    """There is such an hour."""
    reach: float = uncertainty(0.2, "share of people", "A-999; made up", ge=0, le=1)
    """People who come across it on a day."""
    mood: float = uncertainty(2.0, "logit", "A-998; made up", ge=0, le=5)
    """What it adds to carts of that category."""


class Peak(Feature):
    """People talk about clothes at night, and whoever sees them then likes them."""

    section = "peak"
    Params = PeakParams
    declares: ClassVar = (VisitSource("peak_talk", "Talk of the hour.", "organic"),)

    @act(Phase.EXPOSE, reads=["people.id"], writes=["agendas.touches"])
    def talk(self, world, draw):
        """Some people come across it."""
        if world.clock.daypart == 4:
            luck = keyed_uniforms(draw("peak.talk"), world.people.id, 0)
            some = np.flatnonzero(luck < self.params.reach)
            minute = world.clock.midnight + 60 * HOUR + (59 * luck[some] / self.params.reach).astype(np.int64)
            send(world, "peak_talk", some, 0.3, minute=minute, category=CATEGORY)

    @act(Phase.BUY, reads=["flow.visits"], writes=["flow.terms"])
    def please(self, world, draw):
        """Speak for carts of the category in that hour."""
        visits = world.flow.visits
        now = (visits["minute"] % 1440 // 60 == HOUR) & (visits["category"] == CATEGORY)
        world.flow.cart.add("peak", self.params.mood * now)
