"""Prices: the list level, coupons and the discounts that come with a touch.

Every reduction from the catalogue price is a concession, whatever its label: a lower list level, a
coupon, a member's, a session's or a group's price. They do not stack: the best one a visitor holds
counts. What people pay becomes what they expect to pay, so deals wear out.
"""

from __future__ import annotations

from typing import Literal

from sim.core.params import Params, param
from sim.core.rng import Draw
from sim.mechanism import Phase
from sim.world.world import World


# fmt: off
class PricingParams(Params):
    """Price levers and how prices are remembered."""

    rule: Literal["list", "coupon"] = param(
        "list", unit="pricing rule", kind="lever", source="A-897; usual on all platforms",
        why="List prices only, or coupons on top of them.",
    )
    list_level: float = param(
        1.0, unit="ratio to catalogue price", kind="lever", source="A-120", ge=0.3, le=3, span=(0.85, 1.15),
        why="Level of all list prices.",
    )
    coupon_share: float = param(
        0.3, unit="share of consumers a week", kind="lever", source="A-121", ge=0, le=1, span=(0, 1),
        why="Consumers who hold a coupon in any one week, under the coupon rule.",
    )
    coupon_discount: float = param(
        0.12, unit="share of price", kind="lever", source="A-122", ge=0, le=0.9, span=(0, 0.3),
        why="Worth of a coupon.",
    )
    new_user_discount: float = param(
        0.05, unit="share of price", kind="lever", source="A-123", ge=0, le=0.9, span=(0, 0.3),
        why="Discount on a first order; usual on all platforms.",
    )
    bundle_discount: float = param(
        0.0, unit="share of price", kind="lever", source="S078", ge=0, le=0.9, span=(0, 0.2),
        why="Discount on the whole order from two units on.",
    )
# fmt: on


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
