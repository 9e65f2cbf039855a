"""What the market's instruments can read: its own signals, beside those that features declare.

Each is stated on today's events as they are recorded, so it is known the next morning. The same figures are
counted over whole runs in ``sim/measure`` by the same weights (:mod:`sim.world.weights`); with perfect
instruments the two agree.
"""

from __future__ import annotations

import numpy as np

from sim.world.catalog import CATEGORIES
from sim.world.observed import Signal, Tables, Weights
from sim.world.schema import Source, Spend
from sim.world.weights import (
    acquiring_spend,
    each,
    given_on_first_orders,
    invited,
    late,
    of,
    passed_on,
    passed_review,
    rejected,
    rewards_earned,
)


def _acquisition(tables: Tables) -> np.ndarray:
    """CNY; orders that are cancelled later are not known yet."""
    costs = acquiring_spend, given_on_first_orders, rewards_earned
    return np.concatenate([cost(tables) for cost in costs]) / 100.0


def _other_spend(tables: Tables) -> np.ndarray:
    """Campaign money of everything but media and what is bought with media money: posts, and invitations."""
    spend, posts = tables["spend"], tables["posts"]
    other = spend["fen"] * (spend["kind"] != int(Spend.MEDIA))
    bought = posts["fee_fen"] * (posts["source"] == int(Source.SPONSORED_POST))
    moved = tables["own_traffic_days"]["fen"] if "own_traffic_days" in set(tables) else np.empty(0)
    return np.concatenate((other, -bought, -moved)).astype(np.float64)


#: Own books: what yesterday's allowance went on outside media, fen.
OTHER_SPEND = Signal(
    "other_spend", "Campaign money spent outside media and bought posts.", "fen", _other_spend, own=True
)
#: Passings-on per buyer of a category (F064).
FISSION = Signal(
    "fission",
    "Shares and invitations about a category per order of it.",
    "passings-on/order",
    passed_on,
    each("orders"),
    by=(of("touches", "category"), of("orders", "category")),
    parts=CATEGORIES,
)


#: What the plan's gates look at first (S103).
ACQUISITION_COST = Signal(
    "acquisition_cost",
    "What winning users costs (media, posts, rewards, what first orders are given) over accounts that passed "
    "review, on the day on which it is spent or promised.",
    "CNY/user",
    _acquisition,
    passed_review,
)


def _rate(name: str, meaning: str, over: Weights, per: str) -> Signal:
    """A share of the rows of a table."""
    return Signal(name, meaning, "share", over, each(per))


#: All of the market's own signals.
SIGNALS = (
    OTHER_SPEND,
    FISSION,
    ACQUISITION_COST,
    Signal("visits", "Visits.", "visits/day", each("visits")),
    Signal("orders", "Orders accepted.", "orders/day", each("orders")),
    Signal("revenue", "Paid by customers for orders accepted.", "fen/day", of("orders", "paid_fen")),
    Signal("new_accounts", "New accounts that passed review.", "users/day", passed_review),
    _rate("add_to_cart_rate", "Visits with a cart over visits.", of("visits", "cart"), "visits"),
    _rate("order_rate", "Visits with an order over visits.", of("visits", "order"), "visits"),
    _rate("late_rate", "Deliveries after their promise over deliveries.", late, "deliveries"),
    _rate("complaint_rate", "Complaints over deliveries.", of("deliveries", "complaint"), "deliveries"),
    _rate("low_score_rate", "Low scores over deliveries.", of("deliveries", "low_score"), "deliveries"),
    _rate("returns_asked", "Returns asked for over deliveries.", each("return_requests"), "deliveries"),
    _rate("cancellations", "Cancelled orders over orders.", each("cancellations"), "orders"),
    Signal("rejected_share", "Invited accounts that review rejects.", "share", rejected, invited),
)
