"""The registry: every section of the market's configuration and every mechanism, by name.

A configuration never names a Python path; it switches on what is listed here. To add a
mechanism, write its file and its option file, then one line in ``SECTIONS`` and one in
:func:`mechanisms`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from sim.commerce.aftersales import DayClose, Handover, Returns
from sim.commerce.aftersales_params import AftersalesParams
from sim.commerce.checkout import Checkout, OrdersParams
from sim.commerce.fulfilment import Fulfilment
from sim.commerce.group_buy import GroupBuy, GroupBuyParams, GroupPrice
from sim.commerce.membership import MemberPrice, Membership, MembershipParams
from sim.commerce.pricing import Pricing, PricingParams
from sim.compliance.review import Compliance, ComplianceParams
from sim.content.influencers import InfluencerParams, Livestreams, Posts, Sponsorship
from sim.content.notes import Content, ContentParams
from sim.core.params import Params, check_parts
from sim.demand.choice import Choice
from sim.demand.choice_params import ChoiceParams
from sim.demand.exposure import Exposure, TrafficParams, daypart_shares
from sim.demand.media import Media, MediaParams, Ranking
from sim.demand.memory import Memory
from sim.demand.needs import Needs, NeedsParams
from sim.demand.rival import RivalParams, Rivals
from sim.demand.turnover import Turnover, TurnoverParams
from sim.demand.visits import Visits
from sim.logistics.cold_chain import check_products
from sim.logistics.params import LogisticsParams, ReturnsParams, SupplyParams
from sim.measure.daily import DailyRecord
from sim.measure.valuation import Valuation
from sim.mechanism import Mechanism
from sim.network.graph import GraphParams
from sim.operator.budget import Alarm, Budget, BudgetClose, ChannelMixParams, ControlParams, Monitor
from sim.private_domain.pool import PrivateDomainEntry, PrivateDomainParams, PrivateMessages
from sim.shocks.shocks import Shock, ShockParams
from sim.social.affiliates import AffiliateParams, Affiliates, Enlistment
from sim.social.fraud import Fraud, FraudParams
from sim.social.group_invites import GroupInvites
from sim.social.incentives import IncentiveParams, Incentives, Payout
from sim.social.sharing import News, Sharing, SharingParams
from sim.social.trust import Experience, TrustParams, WordOfMouth
from sim.world.catalog import CatalogParams, build_catalog
from sim.world.platforms import PlatformsParams
from sim.world.population import PopulationParams

#: Section of the configuration -> its parameter model.
SECTIONS: dict[str, type[Params]] = {
    "population": PopulationParams,
    "graph": GraphParams,
    "catalog": CatalogParams,
    "platforms": PlatformsParams,
    "turnover": TurnoverParams,
    "needs": NeedsParams,
    "media": MediaParams,
    "traffic": TrafficParams,
    "content": ContentParams,
    "choice": ChoiceParams,
    "rival": RivalParams,
    "private_domain": PrivateDomainParams,
    "pricing": PricingParams,
    "orders": OrdersParams,
    "aftersales": AftersalesParams,
    "membership": MembershipParams,
    "group_buy": GroupBuyParams,
    "sharing": SharingParams,
    "incentive": IncentiveParams,
    "fraud": FraudParams,
    "influencers": InfluencerParams,
    "affiliates": AffiliateParams,
    "trust": TrustParams,
    "channel_mix": ChannelMixParams,
    "control": ControlParams,
    "compliance": ComplianceParams,
    "shock": ShockParams,
    "logistics": LogisticsParams,
    "returns": ReturnsParams,
    "supply": SupplyParams,
}


def mechanisms(c: Any, *, first_day: int = 0, extra_capacity: float = 0.0) -> list[Mechanism]:
    """All mechanisms that the configuration switches on, in no particular order.

    Parameters
    ----------
    c : Config
        A validated configuration (its sections are attributes).
    first_day : int
        Absolute first measured day, from which shocks count.
    extra_capacity : float
        Daily cost of delivery capacity above the baseline's, fen.
    """
    shares = daypart_shares(c.traffic)
    catalog = build_catalog(c.catalog)
    review = c.fraud.review if c.fraud.enabled else 0.0
    found: list[Mechanism] = [
        Needs(c.needs, c.population), Exposure(c.traffic, c.media), Visits(c.traffic, c.content),
        Choice(c.choice, c.content), Pricing(c.pricing), Checkout(c.orders), Fulfilment(c.aftersales),
        Handover(c.aftersales),
        Returns(), DayClose(), Content(c.content), Memory(c.traffic),
        Media(c.media, c.platforms), Ranking(c.media, c.platforms),
        Budget(c.channel_mix, c.control, extra_capacity, c.influencers.enabled), BudgetClose(),
        Alarm(c.control, review, first_day), Monitor(first_day),
        Incentives(c.incentive), Payout(c.fraud.detection, c.incentive), DailyRecord(),
        Valuation(c.control.valuation_days),
    ]  # fmt: skip
    optional: list[tuple[bool, Callable[[], list[Mechanism]]]] = [
        (c.turnover.enabled, lambda: [Turnover(c.turnover, c.population, catalog)]),
        (c.rival.enabled, lambda: [Rivals(c.rival)]),
        (c.private_domain.pool != "none",
         lambda: [PrivateMessages(c.private_domain, shares),
                  PrivateDomainEntry(c.private_domain)]),
        (c.membership.enabled, lambda: [MemberPrice(c.membership), Membership(c.membership)]),
        (c.group_buy.enabled or c.incentive.design == "group_buy",
         lambda: [GroupPrice(c.group_buy), GroupBuy(c.group_buy), GroupInvites(c.sharing)]),
        (c.sharing.enabled,
         lambda: [Sharing(c.sharing, c.incentive, shares, c.fraud if c.fraud.enabled else None),
                  News(c.sharing)]),
        (c.fraud.enabled, lambda: [Fraud(c.fraud, c.incentive)]),
        (c.influencers.enabled,
         lambda: [Sponsorship(c.influencers, c.channel_mix.kol_split), Posts(c.influencers,
                                                                             c.traffic.registered_response),
                  Livestreams(c.influencers, c.traffic.registered_response)]),
        (c.affiliates.enabled, lambda: [Affiliates(c.affiliates, shares), Enlistment(c.affiliates)]),
        (c.trust.enabled, lambda: [Experience(c.trust), WordOfMouth(c.trust, c.population.initial_trust)]),
        (c.compliance.enabled, lambda: [Compliance(c.compliance)]),
        (bool(c.shock.listed()), lambda: [Shock(c.shock, first_day)]),
    ]  # fmt: skip
    for switched_on, make in optional:
        if switched_on:
            found += make()
    return found


def _check_cold_chain(c: Any) -> list[str]:
    """Frozen goods need a frozen room and a frozen compartment."""
    return check_products(c.logistics, np.asarray(build_catalog(c.catalog).layer, np.int64))


def _check_shares(c: Any) -> list[str]:
    """Shares of one whole add up to at most 1, in every section."""
    return [line for name, model in c.models.items() for line in check_parts(name, model)]


def _check_messages(c: Any) -> list[str]:
    """Private messages within what the platform allows."""
    wanted, cap = c.private_domain.messages_per_week, c.compliance.message_cap
    if c.private_domain.pool == "none" or not c.compliance.enabled or wanted <= cap:
        return []
    return [
        f"private_domain.messages_per_week must be at most compliance.message_cap, {cap:g} a week (you wrote "
        f"{wanted:g}); lower it, or switch compliance off with compliance=none"
    ]


def _check_hours(c: Any) -> list[str]:
    """Every group needs its day."""
    problems = []
    for name in ("silver_hours", "cyber_hours", "eco_hours"):
        hours = getattr(c.traffic, name)
        if len(hours) != 24 or sum(hours) <= 0:
            problems.append(
                f"traffic.{name} must hold 24 numbers that are not all 0 (you wrote {len(hours)} numbers); "
                "give one number an hour"
            )
    return problems


#: Checks that span sections; each returns one line per problem.
CHECKS: tuple[Callable[[Any], list[str]], ...] = (
    _check_shares,
    _check_cold_chain,
    _check_hours,
    _check_messages,
)
