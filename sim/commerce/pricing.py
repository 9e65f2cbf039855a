"""Prices: the list level, coupons and the discounts that come with a touch.

Every reduction from the catalogue price is a concession, whatever its label: a lower list level, a
coupon, a member's, a session's or a group's price. They do not stack: the best one a visitor holds
counts. What people pay becomes what they expect to pay, so deals wear out.
"""

from __future__ import annotations

from typing import Literal

import numpy as np

from sim.core.params import Params, lever
from sim.core.rng import Draw, keyed_uniforms
from sim.mechanism import Phase
from sim.world.trial import treats
from sim.world.world import World


class PricingParams(Params):
    """Price levers and how prices are remembered."""

    rule: Literal["list", "coupon"] = lever("list", "pricing rule", "A-897; usual on all platforms")
    """List prices only, or coupons on top of them."""

    list_level: float = lever(1.0, "ratio to catalogue price", "A-120", ge=0.3, le=3, span=(0.85, 1.15))
    """Level of all list prices."""

    coupon_share: float = lever(0.3, "share of consumers a week", "A-121", ge=0, le=1, span=(0, 1))
    """Consumers who hold a coupon in any one week, under the coupon rule."""

    coupon_discount: float = lever(0.12, "share of price", "A-122", ge=0, le=0.9, span=(0, 0.3))
    """Worth of a coupon."""

    new_user_discount: float = lever(0.05, "share of price", "A-123", ge=0, le=0.9, span=(0, 0.3))
    """Discount on a first order; usual on all platforms."""

    bundle_discount: float = lever(0.0, "share of price", "S078", ge=0, le=0.9, span=(0, 0.2))
    """Discount on the whole order from two units on."""


class ListLevel:
    """Publishes the level of list prices; choice reads it at every visit."""

    name = "pricing"
    phase = Phase.DECIDE
    reads: frozenset[str] = frozenset()
    writes = frozenset({"operator.terms.price"})

    def __init__(self, params: PricingParams) -> None:
        self.params = params

    def act(self, world: World, draw: Draw) -> None:
        """Set today's level."""
        world.operator.terms.list_level = float(self.params.list_level)


class Concessions:
    """Offers a lower list level, coupons, a touch's price, and what first orders and bundles save."""

    name = "concessions"
    phase = Phase.BUY
    reads = frozenset({"flow.visits", "people.orders~", "operator.terms"})
    writes = frozenset({"flow.terms"})

    def __init__(self, params: PricingParams) -> None:
        self.params = params

    def act(self, world: World, draw: Draw) -> None:
        """Offer them to this daypart's visits; a coupon is held or not for a week."""
        p, visits, bill = self.params, world.flow.visits, world.flow.bill
        bill.add("touch", visits["discount"].astype(np.float64))
        if p.list_level < 1.0:
            bill.add("list", 1.0 - p.list_level)
        if p.rule == "coupon":
            held = keyed_uniforms(draw.timeless("choice.coupon"), visits["person"], world.day // 7)
            offered = treats(world.operator.terms.trial, draw, "coupon", visits["person"])
            bill.add("coupon", p.coupon_discount * ((held < p.coupon_share) & offered))
        if p.new_user_discount > 0.0:
            first = world.people.orders[visits["seat"]] == 0
            first &= treats(world.operator.terms.trial, draw, "new_user", visits["person"])
            bill.add("new_user", p.new_user_discount * first)
        if p.bundle_discount > 0.0:
            bill.add("bundle", p.bundle_discount, units=2, kind="more")
