"""Features of commerce: prices, orders, what happens after them, membership and groups."""

from __future__ import annotations

from typing import Any

from sim.commerce.aftersales import DayClose, Handover, Returns
from sim.commerce.aftersales_params import AftersalesParams
from sim.commerce.checkout import Checkout, OrdersParams
from sim.commerce.cross_border import CrossBorder
from sim.commerce.dynamic_prices import DynamicPrices
from sim.commerce.fulfilment import Fulfilment
from sim.commerce.group_buy import GroupBuy, GroupBuyParams, GroupPrice
from sim.commerce.group_choice import GroupChoice, GroupReturn
from sim.commerce.late_memory import LateMemory
from sim.commerce.membership import MemberPrice, Membership, MembershipParams
from sim.commerce.origin import Origin
from sim.commerce.own_site import OwnSite
from sim.commerce.points import Points
from sim.commerce.pricing import Concessions, ListLevel, PricingParams
from sim.commerce.reviews import Reviews
from sim.commerce.shelf_feedback import ShelfFeedback
from sim.commerce.shops import Shops
from sim.feature import Feature, Moment, built_in
from sim.mechanism import Mechanism


def groups_offered(config: Any) -> bool:
    """Whether buyers may form groups."""
    return bool(config.group_buy.enabled or config.incentive.design == "group_buy")


def _groups(c: Any, _: Moment) -> list[Mechanism]:
    """Offers of groups, and groups; people weigh them against buying alone where that is switched on."""
    weighed: list[Mechanism] = (
        [GroupChoice(c.group_buy), GroupReturn(c.group_buy)] if c.group_buy.alone else []
    )
    return [GroupPrice(c.group_buy), *weighed, GroupBuy(c.group_buy)]


FEATURES: tuple[type[Feature], ...] = (
    built_in("pricing", PricingParams, lambda c, _: [ListLevel(c.pricing), Concessions(c.pricing)]),
    built_in("orders", OrdersParams, lambda c, _: [Checkout(c.orders, c.aftersales)]),
    built_in(
        "aftersales",
        AftersalesParams,
        lambda c, _: [Fulfilment(c.aftersales), Handover(c.aftersales), Returns(), DayClose()],
    ),
    LateMemory,
    built_in(
        "membership", MembershipParams, lambda c, _: [MemberPrice(c.membership), Membership(c.membership)]
    ),
    built_in(
        "group_buy",
        GroupBuyParams,
        _groups,
        on=groups_offered,
    ),
    Points,
    DynamicPrices,
    ShelfFeedback,
    OwnSite,
    Reviews,
    Shops,
    CrossBorder,
    Origin,
)
