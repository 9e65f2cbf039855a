"""Indicators as weights on events: one definition each, of which window, day, source and group are cuts.

A sum puts a weight on every row of some event tables; a rate divides one sum by another. The figure of a
run, its daily series, its split by source or group and its expected value are all taken from the same
declaration, so that the parts of a cut always add up to the whole.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np

from sim.core.clock import MINUTES_PER_DAY
from sim.core.ledger import FEN_PER_CNY
from sim.measure.events import Events, Role, find, ratio
from sim.world import weights
from sim.world.accounts import Account

#: Days within which a buyer must order again (F144).
REPURCHASE_DAYS = 30

Weigh = Callable[[Events], np.ndarray]
#: What rows are cut by: a column that all tables have, or ``(Events, table) -> values`` of a table's rows.
Cut = str | Callable[[Events, str], np.ndarray]


def is_in(values: np.ndarray, members: Iterable[int]) -> np.ndarray:
    """bool[n]: value is one of a few numbers."""
    return np.isin(values, [int(m) for m in members])


@dataclass(frozen=True)
class Sum:
    """A sum of weights over the rows of event tables.

    Attributes
    ----------
    parts : tuple of (str, callable)
        Event table, and ``Events -> weights`` of its rows in the window (bool, int64 or float64[n]).
    unit : int
        What the sum is divided by: 1, or ``FEN_PER_CNY`` where weights are fen and the figure is CNY.
    """

    parts: tuple[tuple[str, Weigh], ...]
    unit: int = 1

    def total(self, events: Events) -> float:
        """The sum of the window; whole numbers are added exactly."""
        return sum(float(np.sum(weigh(events), dtype=np.float64)) for _, weigh in self.parts) / self.unit

    def by(self, events: Events, column: Cut, values: np.ndarray) -> np.ndarray:
        """The sum cut by a column.

        Parameters
        ----------
        events : Events
            Tables of a run in its window.
        column : str or callable
            Column that every table of the sum has (``day``, ``source``, ``group``, ...), or a function that
            gives one.
        values : ndarray
            Values of the column, ascending, one a cut.

        Returns
        -------
        float64[len(values)]
            Sums of the rows that have each value.

        Raises
        ------
        KeyError
            If a table of the sum has no such column.
        """
        out = np.zeros(len(values))
        for table, weigh in self.parts:
            held = events.column(table, column) if isinstance(column, str) else column(events, table)
            at = np.searchsorted(values, held)
            known = at < len(values)
            known[known] = values[at[known]] == held[known]
            weights = np.asarray(weigh(events), np.float64)
            out += np.bincount(at[known], weights[known], minlength=len(values))
        return out / self.unit

    def __add__(self, other: Sum) -> Sum:
        return Sum((*self.parts, *other.parts), self.unit)


@dataclass(frozen=True)
class Rate:
    """One sum over another.

    Attributes
    ----------
    over, per : Sum
        What is counted, and what it is counted over.
    expected : Sum, optional
        In place of ``over``: chances where successes are counted.
    """

    over: Sum
    per: Sum
    expected: Sum | None = None

    def value(self, events: Events) -> float:
        """Figure of the window; nan where there is nothing to divide by."""
        return ratio(self.over.total(events), self.per.total(events))

    def expectation(self, events: Events) -> float:
        """The same with chances in place of successes."""
        return ratio((self.expected or self.over).total(events), self.per.total(events))

    def by(self, events: Events, column: Cut, values: np.ndarray, expected: bool = False) -> np.ndarray:
        """Figure of each cut by a column, float64[len(values)] (see :meth:`Sum.by`)."""
        over = self.expected if expected and self.expected else self.over
        below = self.per.by(events, column, values)
        return over.by(events, column, values) / np.where(below == 0, np.nan, below)

    def daily(self, events: Events, day: Cut = "day") -> np.ndarray:
        """Figure of each day of the window, float64[days]; ``day`` says which day a row belongs to."""
        return self.by(events, day, np.arange(events.first, events.end))


def rows(table: str) -> Sum:
    """Every row of a table counts 1."""
    return Sum(((table, lambda events: np.ones(len(events.column(table, "day")), bool)),))


def flagged(table: str, column: str) -> Sum:
    """Rows of a table on which a column is True."""
    return Sum(((table, lambda events: np.asarray(events.column(table, column), bool)),))


def marked(table: str, weigh: Weigh, unit: int = 1) -> Sum:
    """Rows of a table, weighed."""
    return Sum(((table, weigh),), unit)


def organic(events: Events) -> np.ndarray:
    """bool[n visits]: an unpaid public source brought it, an unrewarded invitation among them."""
    unpaid: np.ndarray = is_in(events.visits("source"), events.sources_of("organic"))
    return unpaid & ~events.visits("rewarded")


def public(events: Events) -> np.ndarray:
    """bool[n visits]: the visit came over a public surface, not by habit or from the private domain."""
    mask: np.ndarray = ~is_in(events.visits("source"), events.sources_of("owned"))
    return mask


def crossed(events: Events, table: str) -> np.ndarray:
    """bool[n]: visits, or their orders, that one platform sent to another surface."""
    sent: np.ndarray = events.column(table, "origin") != events.column(table, "surface")
    return sent


def invited(events: Events) -> np.ndarray:
    """bool[n registrations]: registered on somebody's invitation."""
    return weights.invited(events.rows)


def expected_orders(among: Weigh) -> Sum:
    """Mean number of accepted orders from some visits (``Events -> bool[n visits]``).

    The chances of orders that can be paid, less the orders that stock refused: whether a shelf is empty
    when a customer reaches it depends on the others of that daypart and is counted.
    """
    chances = marked("visits", lambda events: events.visits("order_probability") * among(events))
    refused = marked("visits", lambda events: -1.0 * (events.visits("refused") & among(events)))
    return chances + refused


def _all_visits(events: Events) -> np.ndarray:
    return np.ones(len(events.visits("source")), bool)


def conversion(among: Weigh) -> Rate:
    """Accepted orders over visits, of some visits, with the chances of orders as its expectation."""
    ordered = marked("visits", lambda events: events.visits("order") & among(events))
    return Rate(ordered, marked("visits", among), expected_orders(among))


def returned_next_day(events: Events) -> np.ndarray:
    """bool[n registrations]: a new real user who visits on the day after, if that lies in the window."""
    persons, days = (events.column("registrations", name) for name in ("person", "day"))
    new = np.flatnonzero(events.new_users)
    row = find(events.visits("person"), persons[new])
    known = row >= 0
    came_back = events.visits("day")[known] == days[new][row[known]] + 1
    active = np.zeros(len(persons), bool)
    active[new[row[known][came_back]]] = True
    return active


def moved(*accounts: Account | Role) -> Weigh:
    """Fen debited to some accounts less what was credited, by row of the journal.

    Accounts are given one by one, or by their role (see :meth:`sim.measure.events.Events.accounts`).
    """

    def weigh(events: Events) -> np.ndarray:
        wanted = ([int(one)] if isinstance(one, Account) else events.accounts(one) for one in accounts)
        numbers = [number for some in wanted for number in some]
        sides = (np.isin(events.column("journal", side), numbers) for side in ("debit", "credit"))
        debit, credit = (side.astype(np.int64) for side in sides)
        fen: np.ndarray = (debit - credit) * events.column("journal", "fen")
        return fen

    return weigh


def repurchases(gross: bool = False) -> Rate:
    """Buyers who order again in time, of those whose time is over: a weight on each buyer's first order.

    Orders that count are kept ones, or, gross, all that were accepted.
    """

    def weigh(events: Events, again: bool) -> np.ndarray:
        counts = np.ones(len(events.orders("person")), bool) if gross else events.fates.kept
        return first_orders(events, counts, again)

    return Rate(
        marked("orders", lambda events: weigh(events, again=True)),
        marked("orders", lambda events: weigh(events, again=False)),
    )


def first_orders(events: Events, counts: np.ndarray, again: bool) -> np.ndarray:
    """bool[n orders]: a buyer's first order whose time is over, with a second one within it if ``again``."""
    person, minute = events.orders("person"), events.orders("minute")
    found = np.zeros(len(person), bool)
    row = np.flatnonzero(counts)
    row = row[np.lexsort((minute[row], person[row]))]
    if not len(row):
        return found
    who, when, span = person[row], minute[row], REPURCHASE_DAYS * MINUTES_PER_DAY
    first = np.flatnonzero(np.r_[True, who[1:] != who[:-1]])
    over = when[first] + span <= events.end_minute
    if again:
        second = np.minimum(first + 1, len(row) - 1)
        over &= (second > first) & (who[second] == who[first]) & (when[second] < when[first] + span)
    found[row[first[over]]] = True
    return found


def _given_on_first_orders(events: Events) -> np.ndarray:
    return weights.given_on_first_orders(events.rows) * ~events.fates.cancelled


def _rewards_of_registered(events: Events) -> np.ndarray:
    registered = find(events.column("rewards", "invitee"), events.column("registrations", "person")) >= 0
    return weights.rewards_earned(events.rows) * registered


#: All costs of acquiring users, CNY: paid media, influencer and livestream fees, what features declare as
#: spent on it, campaign commissions and concessions (whatever their label) on first orders, and rewards
#: earned for accounts that registered in the window (fakes too, less what was clawed back). Earned rewards
#: count although they may still be outstanding; commissions and concessions of orders cancelled by the end of
#: the window cost nothing.
ACQUISITION_SPEND = Sum(
    (
        ("journal", moved("acquisition")),
        ("orders", _given_on_first_orders),
        ("rewards", _rewards_of_registered),
    ),
    FEN_PER_CNY,
)
NEW_USERS = marked("registrations", lambda events: events.new_users)
VISITS, ORDERS = rows("visits"), rows("orders")
KEPT_ORDERS = marked("orders", lambda events: events.fates.kept)
PAID = marked("orders", lambda events: events.orders("paid_fen"), FEN_PER_CNY)
CROSSED_VISITS = marked("visits", lambda events: crossed(events, "visits"))

ORGANIC_TRAFFIC_SHARE = Rate(marked("visits", organic), marked("visits", public))
ACQUISITION_COST = Rate(ACQUISITION_SPEND, NEW_USERS)
ACCEPTED_ORDERS = conversion(_all_visits)
ACCEPTED_CROSS_PLATFORM = conversion(lambda events: crossed(events, "visits"))
CROSS_PLATFORM_CONVERSION = Rate(
    marked("orders", lambda events: events.fates.kept & crossed(events, "orders")),
    CROSSED_VISITS,
    ACCEPTED_CROSS_PLATFORM.expected,
)
ADD_TO_CART_RATE = Rate(flagged("visits", "cart"), VISITS)
ORDER_CONVERSION = Rate(KEPT_ORDERS, VISITS, ACCEPTED_ORDERS.expected)
AVERAGE_ORDER_VALUE = Rate(
    marked("orders", lambda events: events.orders("paid_fen") * events.fates.kept, FEN_PER_CNY), KEPT_ORDERS
)
ACCEPTED_ORDER_VALUE = Rate(PAID, ORDERS)
NEXT_DAY_RETENTION = Rate(
    marked("registrations", returned_next_day),
    marked(
        "registrations",
        lambda events: events.new_users & (events.column("registrations", "day") < events.end - 1),
    ),
)
REPURCHASE, REPURCHASE_GROSS = repurchases(), repurchases(gross=True)
#: Of a day; the target looks at the window's last one.
MEMBERSHIP_PENETRATION = Rate(
    marked("daily", lambda events: events.column("daily", "members")),
    marked("daily", lambda events: events.column("daily", "registered")),
)


def _ends_in_a_kept_order(events: Events) -> np.ndarray:
    kept = events.orders("visit_id")[events.fates.kept]
    found: np.ndarray = find(events.visits("visit_id"), kept) >= 0
    return found


#: Steps of a visit, each a sum over visits.
FUNNEL: dict[str, Sum] = {
    "visits": VISITS,
    "carts": ADD_TO_CART_RATE.over,
    "orders": marked("visits", _ends_in_a_kept_order),
}


def _of_invited(flag: str) -> Sum:
    return marked("registrations", lambda events: invited(events) & events.column("registrations", flag))


_INVITED = marked("registrations", invited)
#: Fakes among accounts registered on an invitation (what nobody but the model can see), and rejected ones.
FRAUD_RATE = Rate(_of_invited("fake"), _INVITED)
FRAUD_RATE_DETECTED = Rate(marked("registrations", lambda e: weights.rejected(e.rows)), _INVITED)
FRAUD_RATE_UNDETECTED = Rate(
    marked(
        "registrations",
        lambda e: invited(e) & e.column("registrations", "fake") & ~e.column("registrations", "caught"),
    ),
    marked("registrations", lambda e: invited(e) & ~e.column("registrations", "caught")),
)


def _honest(events: Events) -> np.ndarray:
    return invited(events) & ~events.column("registrations", "fake")


_FAKES = marked("daily", lambda events: events.column("daily", "fakes_expected"))
_FOUND = marked("daily", lambda events: events.column("daily", "fakes_caught_expected"))
_PASSED = marked("daily", lambda events: -events.column("daily", "fakes_caught_expected"))
_HONEST = marked("registrations", _honest)
_REJECTED = marked(
    "registrations",
    lambda e: np.where(_honest(e), e.column("registrations", "caught_probability"), 0.0).astype(np.float64),
)
_SPARED = marked("registrations", lambda e: -_REJECTED.parts[0][1](e))
#: The same with means in place of counts: fakes that a day is expected to bring, and chances of rejection.
FRAUD_RATE_EXPECTED = Rate(_FAKES, _FAKES + _HONEST)
FRAUD_RATE_DETECTED_EXPECTED = Rate(_FOUND + _REJECTED, _FAKES + _HONEST)
FRAUD_RATE_UNDETECTED_EXPECTED = Rate(_FAKES + _PASSED, _FAKES + _PASSED + _HONEST + _SPARED)

#: The rates by name, for cuts that are asked for by name.
RATES: dict[str, Rate] = {
    "organic_traffic_share": ORGANIC_TRAFFIC_SHARE,
    "acquisition_cost": ACQUISITION_COST,
    "cross_platform_conversion": CROSS_PLATFORM_CONVERSION,
    "cross_platform_conversion_gross": ACCEPTED_CROSS_PLATFORM,
    "add_to_cart_rate": ADD_TO_CART_RATE,
    "order_conversion": ORDER_CONVERSION,
    "order_conversion_gross": ACCEPTED_ORDERS,
    "average_order_value": AVERAGE_ORDER_VALUE,
    "average_order_value_gross": ACCEPTED_ORDER_VALUE,
    "next_day_retention": NEXT_DAY_RETENTION,
    "fraud_rate": FRAUD_RATE,
    "fraud_rate_detected": FRAUD_RATE_DETECTED,
    "fraud_rate_undetected": FRAUD_RATE_UNDETECTED,
    "fraud_rate_expected": FRAUD_RATE_EXPECTED,
    "fraud_rate_detected_expected": FRAUD_RATE_DETECTED_EXPECTED,
    "fraud_rate_undetected_expected": FRAUD_RATE_UNDETECTED_EXPECTED,
    "repurchase_30d": REPURCHASE,
    "repurchase_30d_gross": REPURCHASE_GROSS,
    "membership_penetration": MEMBERSHIP_PENETRATION,
}
