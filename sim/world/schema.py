"""What is recorded: every kind of event, its columns, types and units, in one place.

Everything that counts is an event with a cause: a visit has a source, an order a visit, a delivery an order,
a reward an inviter and an invitee. Indicators are counted from these tables alone (``docs/kpis.md``).
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum

import numpy as np

from sim.core.records import Table
from sim.world.names import GOODS_COSTS, NAMES, SPEND
from sim.world.stage import AFTER, STAGE_DAYS, STAGES

GROUPS = ("silver_vanguard", "cyber_native", "eco_pioneer")


class Source(IntEnum):
    """What a visit came from; whether an invitation was paid for is a fact of its own (``rewarded``)."""

    ORGANIC_FEED = 0
    SEARCH = 1
    PAID_MEDIA = 2
    DIRECT = 3
    PRIVATE_DOMAIN = 4
    INFLUENCER_POST = 5
    SPONSORED_POST = 6
    LIVESTREAM = 7
    SHARE = 8
    INVITATION = 9
    AFFILIATE = 10
    GROUP_BUY = 11


class Cancel(IntEnum):
    """Why an order ended before it was dispatched."""

    BY_CUSTOMER = 0
    OUT_OF_STOCK = 1
    GROUP_EXPIRED = 2
    LATE = 3


class Spend(IntEnum):
    """What the operator's campaign money went on (all-in spend is their sum)."""

    MEDIA = 0
    INFLUENCER_FEE = 1
    COMMISSION = 2
    REWARD = 3
    DISCOUNT = 4
    REVIEW = 5
    PRIVATE_DOMAIN = 6
    CAPACITY = 7
    LINKED_IDS = 8
    CONTENT = 9
    RESPONSE = 10
    SESSIONS = 11
    ONBOARDING = 12


_PERSON = ("int64", "stable id of the consumer")
_DAY = ("int32", "absolute day")
_MINUTE = ("int64", "absolute minute")

VISITS = {
    "visit_id": ("int64", "hash of (person, day, daypart)"),
    "person": _PERSON,
    "seat": ("int32", "row of the consumer while present"),
    "group": ("int8", "consumer group, index into GROUPS"),
    "day": _DAY,
    "minute": _MINUTE,
    "source": ("int8", "Source that fired"),
    "origin": ("int8", "platform on which the touch was seen"),
    "surface": ("int8", "platform on which the visit took place"),
    "category": ("int8", "category looked at"),
    "touch": ("int64", "id of the invitation, share, post or session; -1 for feeds"),
    "rewarded": (
        "bool",
        "brought by an invitation or entry for which its sender was promised a reward or paid",
    ),
    "sources_seen": ("int32", "bit set of all sources that touched the consumer in this daypart"),
    "registered_before": ("bool", "was a registered user when the visit began"),
    "cart": ("bool", "goods put in the cart, or bought at once"),
    "order": ("bool", "an order was accepted"),
    "refused": ("bool", "an order was wanted and could be paid, but there was no stock"),
    "order_probability": ("float32", "chance, as it began, of an order that can be paid (or is refused)"),
}
#: Promised minute of an order whose group has not filled yet.
NO_PROMISE = -1
ORDERS = {
    "order_id": ("int64", "hash of (person, day, daypart)"),
    "visit_id": ("int64", "the visit that led to it"),
    "person": _PERSON,
    "seat": ("int32", "row of the consumer while present"),
    "group": ("int8", "consumer group"),
    "day": _DAY,
    "minute": _MINUTE,
    "source": ("int8", "Source of the visit (last touch)"),
    "first_source": ("int8", "Source of the consumer's first recorded visit (first touch)"),
    "origin": ("int8", "platform of the touch"),
    "surface": ("int8", "platform of the visit"),
    "category": ("int8", "category bought"),
    "quantity": ("int32", "units"),
    "list_fen": ("int64", "catalogue price x quantity, or what was paid if that is more, fen"),
    "discount_fen": ("int64", "concession: what was paid less than the catalogue price, fen"),
    "new_user_discount_fen": ("int64", "the concession, if this is the customer's first order, fen"),
    "paid_fen": ("int64", "revenue: paid by the customer, fen"),
    "goods_fen": ("int64", "unit cost x quantity, fen"),
    "commission_fen": ("int64", "influencer, affiliate and platform commission promised, fen"),
    "campaign_commission_fen": ("int64", "part of commission owed to influencers and affiliates, fen"),
    "lifetime_order": ("int32", "1 for the consumer's first order ever, 2 for the second, ..."),
    "touch": ("int64", "id of the touch that led to the visit, -1 for feeds"),
    "group_buy": ("int64", "id of the group it joined, -1 if none"),
    "service": ("int8", "service class, -1 for digital goods"),
    "zone": ("int32", "delivery zone"),
    "promised_minute": ("int64", "absolute minute of the delivery promise, -1 until a group fills"),
    "carried_over": ("bool", "open order from before the run began (kept out of indicators)"),
}
ORDER_TERMS = {
    "order_id": ("int64", "order"),
    "day": _DAY,
    "term": ("int16", "cart.NAME, order.NAME or bill.NAME (numbered in memory, a text in stored tables)"),
    "value": ("float64", "what it added: logits to a cart or an order, fen taken off a bill; never 0"),
}
SPONSORSHIPS = {
    "order_id": ("int64", "order of whose price somebody else than the brand bears a part"),
    "day": _DAY,
    "account": ("int8", "account that bears it, sim.world.accounts.Account"),
    "fen": ("int64", "borne, negative where it is given back, fen"),
    "refunded": ("bool", "given back because the goods came back"),
}
DELIVERIES = {
    "order_id": ("int64", "order handed over"),
    "person": _PERSON,
    "day": _DAY,
    "minute": _MINUTE,
    "ordered_minute": ("int64", "absolute minute of the order"),
    "promised_minute": ("int64", "absolute minute promised"),
    "service": ("int8", "service class, -1 for digital goods"),
    "spoiled": ("bool", "goods arrived spoiled"),
    "low_score": ("bool", "the customer gave a low score"),
    "complaint": ("bool", "the customer complained"),
    "paid_fen": ("int64", "paid by the customer, fen"),
    "list_fen": ("int64", "revenue recognised at list price, discounts not taken off, fen"),
    "goods_fen": ("int64", "cost of the goods handed over, 0 if spoiled (see daily.spoilage_fen), fen"),
    "platform_commission_fen": ("int64", "owed to the platform, fen"),
    "return_ends": ("int64", "absolute minute until which the goods may be sent back"),
    "carried_over": ("bool", "order from before the run began"),
}
CANCELLATIONS = {
    "order_id": ("int64", "order cancelled"),
    "person": _PERSON,
    "day": _DAY,
    "minute": _MINUTE,
    "reason": ("int8", "Cancel"),
    "refund_fen": ("int64", "returned to the customer, fen"),
    "discount_fen": ("int64", "price reduction that is not given after all, fen"),
    "campaign_commission_fen": ("int64", "commission of influencers and affiliates not owed after all, fen"),
    "carried_over": ("bool", "order from before the run began"),
}
RETURNS = {
    "order_id": ("int64", "order returned"),
    "person": _PERSON,
    "day": _DAY,
    "minute": ("int64", "absolute minute of the refund"),
    "restocked": ("bool", "goods can be sold again"),
    "refund_fen": ("int64", "returned to the customer, fen"),
    "cost_fen": ("int64", "cost of the goods sent back, 0 for digital and spoiled goods, fen"),
    "goods_fen": ("int64", "cost of the goods that are back on the shelf, fen"),
    "carried_over": ("bool", "order from before the run began"),
}
RETURN_REQUESTS = {
    "order_id": ("int64", "order that the customer sends back"),
    "person": _PERSON,
    "day": _DAY,
    "minute": ("int64", "absolute minute of the request"),
    "carried_over": ("bool", "order from before the run began"),
}
REGISTRATIONS = {
    "person": ("int64", "stable id; fake accounts have ids of their own"),
    "day": _DAY,
    "minute": _MINUTE,
    "source": ("int8", "Source of the visit"),
    "platform": ("int8", "platform of the touch"),
    "inviter": ("int64", "stable id of the inviter, -1 if none"),
    "fake": ("bool", "no real person behind it"),
    "caught": ("bool", "review rejected it (a false positive when it is real)"),
    "seen_new": ("bool", "first registration of this person ever"),
    "caught_probability": ("float32", "chance that review would reject it"),
}
TOUCHES = {
    "touch": ("int64", "id of this passing-on: hash of lineage"),
    "root": ("int64", "id of the cascade it belongs to"),
    "sender": ("int64", "stable id of who passed it on"),
    "receiver": ("int64", "stable id of who received it"),
    "day": _DAY,
    "minute": _MINUTE,
    "source": ("int8", "SHARE, INVITATION, AFFILIATE or GROUP_BUY"),
    "generation": ("int16", "hops from the origin, 1 = direct"),
    "category": ("int8", "category it is about, -1 for none"),
    "reward_fen": ("int64", "reward promised to the sender, fen"),
}
REWARDS = {
    "inviter": ("int64", "stable id of who earns it"),
    "invitee": ("int64", "stable id of the invited account"),
    "day": _DAY,
    "stage": ("int8", "1 registration, 2 first order, 3 second order of the invitee"),
    "fen": ("int64", "earned, at its cost to the operator, fen"),
    "fake": ("bool", "the invited account is fake"),
    "clawed_back": ("bool", "taken back on this day instead of earned"),
}
POSTS = {
    "post": ("int64", "id of the post or livestream session"),
    "influencer": ("int64", "stable id of the influencer"),
    "day": _DAY,
    "minute": _MINUTE,
    "source": ("int8", "INFLUENCER_POST, SPONSORED_POST or LIVESTREAM"),
    "platform": ("int8", "platform"),
    "category": ("int8", "category shown"),
    "reach": ("int32", "consumers who saw it"),
    "fee_fen": ("int64", "fixed fee, fen"),
}
MEDIA = {
    "day": _DAY,
    "platform": ("int8", "platform"),
    "spend_fen": ("int64", "bill of the day, fen"),
    "impressions": ("int64", "bought"),
    "cpm_fen": ("int64", "price of a thousand impressions, fen"),
    "organic_impressions": ("int64", "unpaid impressions in the feed"),
}
CAMPAIGN_STOPS = {
    "day": _DAY,
    "minute": ("int64", "absolute minute at which the daypart began"),
    "kind": ("int8", "Spend: what could not be promised any more, for want of money"),
}
JOURNAL = {
    "day": _DAY,
    "credit": ("int8", "account that gave, sim.world.accounts.Account"),
    "debit": ("int8", "account that took"),
    "fen": ("int64", "moved on the day, fen"),
}
GROUP_BUYS = {
    "group_buy": ("int64", "id: hash of (opener, day, daypart)"),
    "opener": ("int64", "stable id of who opened it"),
    "day": ("int32", "day on which it ended"),
    "opened_minute": ("int64", "absolute minute"),
    "deadline_minute": ("int64", "absolute minute by which it has filled or expires"),
    "ended_minute": ("int64", "absolute minute at which it filled or expired"),
    "category": ("int8", "category"),
    "members": ("int16", "orders of the simulated market in it when it ended"),
    "strangers": ("int16", "members who came from the public pool, simulated or not"),
    "outsiders": ("int16", "further members, from outside the simulated market"),
    "filled": ("bool", "reached its size before the deadline"),
}
OBSERVED = {
    "day": _DAY,
    "minute": ("int64", "absolute minute at which the stretch that was read ends"),
    "figure": ("U40", "signal that was read"),
    "part": ("int8", "part of the figure, 0 where it is one number"),
    "over": ("float64", "numerator as the instruments show it"),
    "per": ("float64", "denominator as they show it; of an amount, the calendar's factor"),
}
ANSWERS = {
    "day": _DAY,
    "minute": ("int64", "absolute minute at which the step was taken"),
    "answer": ("int64", "number of the firing in this run"),
    "monitor": ("U64", "monitor that fired"),
    "response": ("U64", "response to it"),
    "step": ("int8", "0 seen, 1 decided, 2 acted, 3 ended, 4 not begun for want of money"),
    "part": ("int8", "part of the figure that stood out most"),
    "level": ("float64", "its level when it was seen"),
    "reference": ("float64", "what was usual"),
    "paid_fen": ("int64", "paid for this answer so far, fen"),
}
DAILY = {
    "day": _DAY,
    "population": ("int64", "people present"),
    "registered": ("int64", "registered users present"),
    "members": ("int64", "members present"),
    "private_domain": ("int64", "people in the private domain"),
    "mean_trust": ("float64", "mean trust of registered users, 0..1"),
    "arrivals": ("int64", "new people"),
    "returners": ("int64", "people who came back"),
    "exits": ("int64", "people who left"),
    "capacity_orders": ("float64", "orders a day that delivery can carry"),
    "shipped_orders": ("int64", "orders handed to logistics"),
    "stock_units": ("int64", "units on hand over all nodes"),
    "stock_fen": ("int64", "their cost, fen"),
    "refused": ("int64", "orders refused for want of stock"),
    "logistics_fen": ("int64", "logistics costs of the day, fen"),
    "spoilage_fen": ("int64", "goods discarded or spoiled in transit, fen"),
    "platform_commission_fen": ("int64", "platform commissions on orders, fen"),
    "review_intensity": ("float64", "share of new invited accounts reviewed"),
    "fakes_expected": ("float64", "mean number of fake accounts, given who would cheat and what it brings"),
    "fakes_caught_expected": ("float64", "mean number of them that review rejects"),
    "media_allowance_fen": ("int64", "what the budget rule left for media, fen"),
}
COHORT = {
    "person": _PERSON,
    "group": ("int8", "consumer group"),
    "registered": ("bool", "registered user when the measured window opened"),
    "orders": ("int32", "lifetime orders when the window opened"),
    "member": ("bool", "member when the window opened"),
    "trust": ("float32", "trust in the brand, 0..1"),
}
SCHEMAS = {
    "visits": VISITS,
    "orders": ORDERS,
    "order_terms": ORDER_TERMS,
    "sponsorships": SPONSORSHIPS,
    "deliveries": DELIVERIES,
    "cancellations": CANCELLATIONS,
    "returns": RETURNS,
    "return_requests": RETURN_REQUESTS,
    "registrations": REGISTRATIONS,
    "touches": TOUCHES,
    "rewards": REWARDS,
    "posts": POSTS,
    "media": MEDIA,
    "spend": SPEND,
    "goods_costs": GOODS_COSTS,
    "journal": JOURNAL,
    "campaign_stops": CAMPAIGN_STOPS,
    "group_buys": GROUP_BUYS,
    "observed": OBSERVED,
    "answers": ANSWERS,
    "stages": STAGES,
    "stage_days": STAGE_DAYS,
    "daily": DAILY,
    "cohort": COHORT,
    "after": AFTER,
    "names": NAMES,
}


class Records:
    """All event tables of a run, one attribute each (``records.visits``, ``records.orders``, ...)."""

    visits: Table
    orders: Table
    order_terms: Table
    sponsorships: Table
    deliveries: Table
    cancellations: Table
    returns: Table
    return_requests: Table
    registrations: Table
    touches: Table
    rewards: Table
    posts: Table
    media: Table
    spend: Table
    goods_costs: Table
    journal: Table
    campaign_stops: Table
    group_buys: Table
    observed: Table
    answers: Table
    daily: Table
    cohort: Table
    after: Table
    stages: Table
    stage_days: Table
    names: Table

    def __init__(self) -> None:
        self.tables: dict[str, Table] = {name: Table(name, schema) for name, schema in SCHEMAS.items()}
        self._term_numbers: dict[str, int] = {}
        for name, table in self.tables.items():
            setattr(self, name, table)

    def add(self, name: str, schema: Mapping[str, tuple[str, str]]) -> None:
        """A further event table, empty; nothing if it is there already."""
        if name not in self.tables:
            self.tables[name] = Table(name, schema)
            setattr(self, name, self.tables[name])

    def number_of(self, term: str) -> int:
        """Number of a term's name in ``order_terms``, given at its first use."""
        return self._term_numbers.setdefault(term, len(self._term_numbers))

    def term_names(self, numbers: np.ndarray) -> np.ndarray:
        """Names of numbered terms, str[n]."""
        names: np.ndarray = np.array([*self._term_numbers, ""])[numbers]
        return names

    def begin_day(self) -> None:
        """Mark where today's rows begin in every table."""
        for table in self.tables.values():
            table.begin_day()

    def clear(self) -> None:
        """Forget everything recorded so far (when the measured window opens)."""
        for table in self.tables.values():
            table.clear()
        self._term_numbers = {}
