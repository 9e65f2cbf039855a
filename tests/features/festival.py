"""A feature that is not part of the market: a festival that moves carts, orders and bills."""

from __future__ import annotations

import numpy as np

from sim.core.params import Params, lever, uncertainty
from sim.feature import Feature, act
from sim.mechanism import Phase


class FestivalParams(Params):
    """A festival of a platform, which pays for what it takes off."""

    enabled: bool = lever(False, "switch", "definition")
    """The festival is on."""
    mood: float = uncertainty(0.0, "logit", "A-999; made up", ge=-5, le=5, scope="strategy")
    """What the festival adds to every cart."""
    crowd: float = uncertainty(0.0, "logit/taste", "A-998; made up", ge=-5, le=5, scope="strategy")
    """What it adds to orders, by taste."""
    off: float = lever(0.0, "share of price", "A-997; made up", ge=0, le=0.9)
    """What the platform takes off the price and bears."""
    badge: float = lever(0.0, "share of price", "A-996; made up", ge=0, le=0.9)
    """What the brand takes off what is left to pay."""


class Festival(Feature):
    """Every visit of a festival is in a mood to buy."""

    section = "festival"
    Params = FestivalParams

    @act(Phase.BUY, reads=["flow.visits", "people.taste"], writes=["flow.terms"])
    def cheer(self, world, draw):
        """Speak for carts and orders, and offer what is taken off."""
        flow, p = world.flow, self.params
        flow.cart.add("festival", p.mood)
        flow.order.add("festival", p.crowd * world.people.taste[flow.visits["seat"]].astype(np.float64))
        flow.bill.add("festival", p.off, payer="cash")
        flow.bill.add("badge", p.badge, kind="more")
