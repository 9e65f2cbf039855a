"""Rivals: one outside offer a category, which follows the brand's effective price with a lag."""

from __future__ import annotations

import math

import numpy as np

from sim.core.params import Params, constant, uncertainty
from sim.core.rng import Draw
from sim.mechanism import Phase
from sim.world.world import World


class RivalParams(Params):
    """How rivals react."""

    enabled: bool = constant(True, "switch", "definition")
    """Off: rivals keep their prices."""

    follow: float = uncertainty(0.5, "share of the gap", "A-185", ge=0, le=1, span=(0.0, 0.9))
    """How much of a lasting price cut rivals match."""

    lag: float = uncertainty(14.0, "days", "A-186", ge=0.1, le=365, span=(3, 45))
    """Time they take."""


class Rivals:
    """Moves rival prices towards the brand's."""

    name = "rival"
    phase = Phase.SETTLE
    reads = frozenset({"records.orders"})
    writes = frozenset({"conditions.rival_price"})

    def __init__(self, params: RivalParams) -> None:
        self.params = params

    def act(self, world: World, draw: Draw) -> None:
        """Compare today's paid prices with catalogue prices, by category."""
        orders, catalog, p = world.records.orders, world.catalog, self.params
        category = orders.today("category")
        paid = np.bincount(category, orders.today("paid_fen"), catalog.size)
        usual = np.bincount(category, catalog.price_fen[category] * orders.today("quantity"), catalog.size)
        seen = usual > 0
        ratio = np.where(seen, paid / np.maximum(usual, 1.0), 1.0)
        goal = 1.0 - p.follow * (1.0 - ratio)
        # what is left of a gap after a day; a step of 1 / lag would overshoot where the lag is below a day
        step = -math.expm1(-1.0 / p.lag)
        world.conditions.rival_price[seen] += (goal[seen] - world.conditions.rival_price[seen]) * step
