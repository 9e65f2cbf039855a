"""Prices: the list level, coupons and the discounts that come with a touch.

Every reduction from the catalogue price is a concession, whatever its label: a lower list level, a
coupon, a member's, a session's or a group's price. They do not stack: the best one a visitor holds
counts. What people pay becomes what they expect to pay, so deals wear out.
"""

from __future__ import annotations

from typing import Literal

from sim.core.params import Params, lever
from sim.core.rng import Draw
from sim.mechanism import Phase
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


class Pricing:
    """Sets today's price terms; choice reads them at every visit."""

    name = "pricing"
    phase = Phase.DECIDE
    reads: frozenset[str] = frozenset()
    writes = frozenset({"operator.terms.price"})

    def __init__(self, params: PricingParams) -> None:
        self.params = params

    def act(self, world: World, draw: Draw) -> None:
        """Publish list level, coupons and discounts."""
        p, terms = self.params, world.operator.terms
        coupons = p.rule == "coupon"
        terms.list_level = float(p.list_level)
        terms.coupon_share = float(p.coupon_share) if coupons else 0.0
        terms.coupon_discount = float(p.coupon_discount) if coupons else 0.0
        terms.new_user_discount = float(p.new_user_discount)
        terms.bundle_discount = float(p.bundle_discount)
