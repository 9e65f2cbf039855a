"""Rivals: one outside offer a category, which follows the brand's effective price with a lag."""

from __future__ import annotations

import math

import numpy as np

from sim.core.params import Params, param
from sim.core.rng import Draw
from sim.mechanism import Phase
from sim.world.world import World


# fmt: off
class RivalParams(Params):
    """How rivals react."""

    enabled: bool = param(
        True, unit="switch", kind="constant", source="definition",
        why="Off: rivals keep their prices.",
    )
    follow: float = param(
        0.5, unit="share of the gap", kind="uncertainty", source="A-185", ge=0, le=1,
        span=(0.0, 0.9),
        why="How much of a lasting price cut rivals match.",
    )
    lag: float = param(
        14.0, unit="days", kind="uncertainty", source="A-186", ge=0.1, le=365,
        span=(3, 45),
        why="Time they take.",
    )
# fmt: on


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
