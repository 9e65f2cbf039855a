"""What the market's instruments can read: its own signals, beside those that features declare.

Each is stated on today's events as they are recorded, so it is known the next morning. The same figures are
counted over whole runs in ``sim/measure``, from the same tables; with perfect instruments the two agree.
"""

from __future__ import annotations

import numpy as np

from sim.world.catalog import CATEGORIES
from sim.world.observed import Signal, Tables, Weights
from sim.world.schema import Source, Spend

_PASSED_ON = (int(Source.SHARE), int(Source.INVITATION))


def _each(table: str) -> Weights:
    """Every row of a table counts one."""
    return lambda tables: np.ones(len(tables[table]["day"]))


def _flags(table: str, column: str) -> Weights:
    """Rows in which a flag is set."""
    return lambda tables: tables[table][column].astype(np.float64)


def _category(table: str) -> Weights:
    return lambda tables: tables[table]["category"]


def _passed_on(tables: Tables) -> np.ndarray:
    return np.isin(tables["touches"]["source"], _PASSED_ON).astype(np.float64)


def _revenue(tables: Tables) -> np.ndarray:
    return tables["orders"]["paid_fen"].astype(np.float64)


def _late(tables: Tables) -> np.ndarray:
    rows = tables["deliveries"]
    return (rows["minute"] > rows["promised_minute"]).astype(np.float64)


def _accounts(tables: Tables) -> np.ndarray:
    """What the operator takes for new users: accounts that passed review, unnoticed fakes included."""
    rows = tables["registrations"]
    return (~rows["caught"] & (rows["seen_new"] | rows["fake"])).astype(np.float64)


def _acquisition(tables: Tables) -> np.ndarray:
    """CNY; orders that are cancelled later are not known yet."""
    spend, orders, rewards = tables["spend"], tables["orders"], tables["rewards"]
    bought = spend["fen"] * np.isin(spend["kind"], (int(Spend.MEDIA), int(Spend.INFLUENCER_FEE)))
    given = (orders["campaign_commission_fen"] + orders["discount_fen"]) * (orders["lifetime_order"] == 1)
    earned = np.where(rewards["clawed_back"], -rewards["fen"], rewards["fen"])
    return np.concatenate((bought, given, earned)) / 100.0


def _invited(tables: Tables) -> np.ndarray:
    return (tables["registrations"]["inviter"] != -1).astype(np.float64)


def _rejected(tables: Tables) -> np.ndarray:
    return _invited(tables) * tables["registrations"]["caught"]


def _other_spend(tables: Tables) -> np.ndarray:
    """Campaign money of everything but media and the posts that are bought with media money."""
    spend, posts = tables["spend"], tables["posts"]
    other = spend["fen"] * (spend["kind"] != int(Spend.MEDIA))
    bought = posts["fee_fen"] * (posts["source"] == int(Source.SPONSORED_POST))
    return np.concatenate((other, -bought)).astype(np.float64)


#: Own books: what yesterday's allowance went on outside media, fen.
OTHER_SPEND = Signal(
    "other_spend", "Campaign money spent outside media and bought posts.", "fen", _other_spend, own=True
)
#: Passings-on per buyer of a category (F064).
FISSION = Signal(
    "fission",
    "Shares and invitations about a category per order of it.",
    "passings-on/order",
    _passed_on,
    _each("orders"),
    by=(_category("touches"), _category("orders")),
    parts=CATEGORIES,
)


#: What the plan's gates look at first (S103).
ACQUISITION_COST = Signal(
    "acquisition_cost",
    "What winning users costs (media, posts, rewards, what first orders are given) over accounts that passed "
    "review, on the day on which it is spent or promised.",
    "CNY/user",
    _acquisition,
    _accounts,
)


def _rate(name: str, meaning: str, over: Weights, per: str) -> Signal:
    """A share of the rows of a table."""
    return Signal(name, meaning, "share", over, _each(per))


#: All of the market's own signals.
SIGNALS = (
    OTHER_SPEND,
    FISSION,
    ACQUISITION_COST,
    Signal("visits", "Visits.", "visits/day", _each("visits")),
    Signal("orders", "Orders accepted.", "orders/day", _each("orders")),
    Signal("revenue", "Paid by customers for orders accepted.", "fen/day", _revenue),
    Signal("new_accounts", "New accounts that passed review.", "users/day", _accounts),
    _rate("add_to_cart_rate", "Visits with a cart over visits.", _flags("visits", "cart"), "visits"),
    _rate("order_rate", "Visits with an order over visits.", _flags("visits", "order"), "visits"),
    _rate("late_rate", "Deliveries after their promise over deliveries.", _late, "deliveries"),
    _rate("complaint_rate", "Complaints over deliveries.", _flags("deliveries", "complaint"), "deliveries"),
    _rate("low_score_rate", "Low scores over deliveries.", _flags("deliveries", "low_score"), "deliveries"),
    _rate("returns_asked", "Returns asked for over deliveries.", _each("return_requests"), "deliveries"),
    _rate("cancellations", "Cancelled orders over orders.", _each("cancellations"), "orders"),
    Signal("rejected_share", "Invited accounts that review rejects.", "share", _rejected, _invited),
)
