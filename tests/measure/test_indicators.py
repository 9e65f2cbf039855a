"""One definition an indicator: parts of any cut add up to the whole, and each equals a slow recount."""

from __future__ import annotations

import math
from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.measure.events import Events
from sim.measure.indicators import RATES as OWN_RATES
from sim.measure.service import SERVICE_RATES, SETTLING_DAYS
from sim.world.accounts import Account
from sim.world.schema import Cancel, Source
from tests.measure.tables import random_tables

pytestmark = pytest.mark.property

RATES = {**OWN_RATES, **SERVICE_RATES}
FIRST, END = 40, 110
UNPAID = {Source.ORGANIC_FEED, Source.SEARCH, Source.INFLUENCER_POST, Source.SHARE, Source.INVITATION}
OWN = {Source.DIRECT, Source.PRIVATE_DOMAIN}
#: Columns that every table of a rate has; costs of acquisition are in the journal, which knows only days.
_OF_VISITS = ("organic_traffic_share", "add_to_cart_rate", "order_conversion_gross", "order_conversion")
_CROSSED = ("cross_platform_conversion_gross", "cross_platform_conversion")
_VALUES = ("average_order_value", "average_order_value_gross")
_ACCOUNTS = ("next_day_retention", "fraud_rate", "fraud_rate_detected", "fraud_rate_undetected")
CUTS = {
    **dict.fromkeys(RATES, ("day",)),
    **dict.fromkeys((*_OF_VISITS, *_CROSSED), ("day", "source", "group", "origin", "surface", "category")),
    **dict.fromkeys(_VALUES, ("day", "source", "first_source", "zone")),
    **dict.fromkeys(_ACCOUNTS, ("day", "source", "platform")),
}
WITH_CHANCES = [name for name, rate in RATES.items() if rate.expected is not None]


def rows(tables, name):
    """Rows of the window as plain dictionaries, orders carried over left out."""
    table = tables[name]
    for k in range(len(table["day"])):
        row = {column: values[k].item() for column, values in table.items()}
        if FIRST <= row["day"] < END and not row.get("carried_over"):
            yield row


class Slow:
    """Everything counted one row at a time, with nothing but dictionaries."""

    def __init__(self, tables):
        names = (
            "visits", "orders", "registrations", "rewards", "journal", "deliveries", "daily", "group_buys",
        )  # fmt: skip
        self.all = {name: list(rows(tables, name)) for name in names}
        self.gone = {row["order_id"] for row in rows(tables, "cancellations")}
        self.late = {r["order_id"] for r in rows(tables, "cancellations") if r["reason"] == Cancel.LATE}
        self.refunds = Counter()
        for table in ("cancellations", "returns"):
            for row in rows(tables, table):
                self.refunds[row["order_id"]] += row["refund_fen"]
        self.asked = {row["order_id"] for row in rows(tables, "return_requests")}
        self.handed = {row["order_id"]: row for row in self.all["deliveries"]}
        self.invited = [r for r in self.all["registrations"] if r["inviter"] != -1]
        self.new = [
            r for r in self.all["registrations"] if not r["fake"] and not r["caught"] and r["seen_new"]
        ]

    def kept(self, order):
        return order["order_id"] not in self.gone

    def active(self, user):
        return any(v["person"] == user["person"] and v["day"] == user["day"] + 1 for v in self.all["visits"])

    def settled(self, order):
        decided = order["order_id"] in self.gone or order["order_id"] in self.handed
        return decided and order["minute"] < (END - SETTLING_DAYS) * 1440

    def promised(self, order):
        there = self.handed.get(order["order_id"], order)
        owed = self.kept(order) or order["order_id"] in self.late
        return order["service"] >= 0 and there["promised_minute"] < END * 1440 and owed

    def on_time(self, order):
        there = self.handed.get(order["order_id"])
        return there is not None and there["minute"] <= there["promised_minute"] and self.promised(order)

    def spent(self):
        """Rows that cost something, with their fen."""
        paid = (Account.MEDIA, Account.INFLUENCER_FEES, Account.SESSIONS, Account.ONBOARDING)
        bought = {int(account) for account in paid}
        for row in self.all["journal"]:
            yield row, row["fen"] * ((row["debit"] in bought) - (row["credit"] in bought)) / 100
        for row in self.all["orders"]:
            if row["lifetime_order"] == 1 and self.kept(row):
                yield row, (row["campaign_commission_fen"] + row["discount_fen"]) / 100
        known = {row["person"] for row in self.all["registrations"]}
        for row in self.all["rewards"]:
            if row["invitee"] in known:
                yield row, (-1 if row["clawed_back"] else 1) * row["fen"] / 100

    def firsts(self, orders):
        """First orders of people whose month is over, with whether another followed within it."""
        mine = {}
        for order in sorted(orders, key=lambda o: o["minute"]):
            mine.setdefault(order["person"], []).append(order)
        for first, *others in mine.values():
            if first["minute"] + 30 * 1440 <= END * 1440:
                yield first, any(o["minute"] < first["minute"] + 30 * 1440 for o in others)

    def old(self, order):
        right = max(d["return_ends"] - d["minute"] for d in self.all["deliveries"])
        return order["minute"] < END * 1440 - right - SETTLING_DAYS * 1440

    def fraud(self, name):
        """Expected fakes and chances of honest accounts: those who are meant, and those among whom."""
        days = self.all["daily"]
        honest = [r for r in self.invited if not r["fake"]]
        fakes = [(d, d["fakes_expected"]) for d in days]
        found = [(d, d["fakes_caught_expected"]) for d in days]
        turned_away = [(r, r["caught_probability"]) for r in honest]
        everybody = fakes + [(r, 1) for r in honest]
        if name == "fraud_rate_expected":
            return fakes, everybody
        if name == "fraud_rate_detected_expected":
            return found + turned_away, everybody
        passed = fakes + [(d, -weight) for d, weight in found]
        return passed, passed + [(r, 1 - chance) for r, chance in turned_away]

    def later(self, name):
        """Figures of what comes after an order."""
        handed, orders = self.all["deliveries"], self.all["orders"]
        goods = [d for d in handed if d["service"] >= 0]
        judged = [d for d in handed if d["return_ends"] < END * 1440]
        old = [o for o in orders if self.old(o)]
        groups = [
            g for g in self.all["group_buys"]
            if g["opened_minute"] >= FIRST * 1440 and g["deadline_minute"] < END * 1440
        ]  # fmt: skip
        return {
            "spoilage_rate": ([(d, d["spoiled"]) for d in goods], [(d, 1) for d in goods]),
            "return_rate": ([(d, d["order_id"] in self.asked) for d in judged], [(d, 1) for d in judged]),
            "refund_rate": (
                [(o, self.refunds[o["order_id"]] / 100) for o in old], [(o, o["paid_fen"] / 100) for o in old]
            ),
            "group_buy_success_rate": ([(g, g["filled"]) for g in groups], [(g, 1) for g in groups]),
            "membership_penetration": (
                [(d, d["members"]) for d in self.all["daily"]],
                [(d, d["registered"]) for d in self.all["daily"]],
            ),
        }[name]  # fmt: skip

    def parts(self, name, expected=False):
        """Weighted rows of the numerator and of the denominator."""
        visits, orders = self.all["visits"], self.all["orders"]
        if "cross_platform" in name:
            visits = [v for v in visits if v["origin"] != v["surface"]]
            orders = [o for o in orders if o["origin"] != o["surface"]]
        of = {
            "organic_traffic_share": lambda: (
                [(v, v["source"] in UNPAID and not v["rewarded"]) for v in visits],
                [(v, v["source"] not in OWN) for v in visits],
            ),
            "acquisition_cost": lambda: (list(self.spent()), [(r, 1) for r in self.new]),
            "add_to_cart_rate": lambda: ([(v, v["cart"]) for v in visits], [(v, 1) for v in visits]),
            "average_order_value": lambda: (
                [(o, o["paid_fen"] / 100 * self.kept(o)) for o in orders], [(o, self.kept(o)) for o in orders]
            ),
            "average_order_value_gross": lambda: (
                [(o, o["paid_fen"] / 100) for o in orders], [(o, 1) for o in orders]
            ),
            "next_day_retention": lambda: (
                [(r, self.active(r)) for r in self.new], [(r, r["day"] < END - 1) for r in self.new]
            ),
            "fraud_rate": lambda: ([(r, r["fake"]) for r in self.invited], [(r, 1) for r in self.invited]),
            "fraud_rate_detected": lambda: (
                [(r, r["caught"]) for r in self.invited], [(r, 1) for r in self.invited]
            ),
            "fraud_rate_undetected": lambda: (
                [(r, r["fake"] and not r["caught"]) for r in self.invited],
                [(r, not r["caught"]) for r in self.invited],
            ),
        }  # fmt: skip
        days, handed = self.all["daily"], self.all["deliveries"]
        of |= {
            "on_time_rate": lambda: (
                [(o, self.on_time(o)) for o in orders],
                [(o, self.promised(o)) for o in orders],
            ),
            "complaint_rate": lambda: ([(r, r["complaint"]) for r in handed], [(r, 1) for r in handed]),
            "low_score_rate": lambda: ([(r, r["low_score"]) for r in handed], [(r, 1) for r in handed]),
            "cancelled_share": lambda: (
                [(o, self.settled(o) and not self.kept(o)) for o in orders],
                [(o, self.settled(o)) for o in orders],
            ),
            "stock_out_rate": lambda: (
                [(d, d["refused"]) for d in days],
                [(d, d["refused"]) for d in days] + [(o, 1) for o in orders],
            ),
            "capacity_over_orders": lambda: (
                [(d, d["capacity_orders"]) for d in days],
                [(o, 1) for o in orders],
            ),
        }
        if expected:
            return [(v, v["order_probability"] - v["refused"]) for v in visits], [(v, 1) for v in visits]
        if name.endswith("conversion"):
            return [(o, self.kept(o)) for o in orders], [(v, 1) for v in visits]
        if name.endswith("conversion_gross"):
            return [(v, v["order"]) for v in visits], [(v, 1) for v in visits]
        if name.startswith("repurchase"):
            bought = orders if name.endswith("gross") else [o for o in orders if self.kept(o)]
            firsts = list(self.firsts(bought))
            return firsts, [(first, 1) for first, _ in firsts]
        if name.startswith("fraud_rate") and name.endswith("expected"):
            return self.fraud(name)
        return of[name]() if name in of else self.later(name)


def tally(weighted, column):
    """Sums by value of a column."""
    out = Counter()
    for row, weight in weighted:
        out[row[column]] += weight
    return out


def quotient(over, per):
    return over / per if per else math.nan


@settings(max_examples=25)
@given(seed=st.integers(0, 10**6), data=st.data())
def test_cuts_add_up_and_are_what_a_slow_recount_finds(seed, data):
    tables = random_tables(seed)
    events, slow = Events(tables, (FIRST, END)), Slow(tables)
    name = data.draw(st.sampled_from(sorted(RATES)))
    column = data.draw(st.sampled_from(CUTS[name]))
    expected = name in WITH_CHANCES and data.draw(st.booleans())
    rate = RATES[name]
    over, per = slow.parts(name, expected)
    tallies = tally(over, column), tally(per, column)
    values = np.array(sorted({*tallies[0], *tallies[1]}), np.int64)
    sums = (rate.expected if expected else rate.over), rate.per
    for one, found in zip(sums, tallies, strict=True):
        parts = one.by(events, column, values)
        assert parts == pytest.approx([found[v] for v in values.tolist()], rel=1e-6, abs=1e-6)
        assert parts.sum() == pytest.approx(one.total(events), rel=1e-9, abs=1e-6)
    whole = rate.expectation(events) if expected else rate.value(events)
    wanted = quotient(*(sum(w for _, w in side) for side in (over, per)))
    assert whole == pytest.approx(wanted, rel=1e-6, nan_ok=True)
    by = rate.by(events, column, values, expected)
    wanted = [quotient(tallies[0][v], tallies[1][v]) for v in values.tolist()]
    assert by == pytest.approx(wanted, rel=1e-6, abs=1e-6, nan_ok=True)


def test_every_rate_has_something_to_count():
    """Random tables in which a rate is never observable would prove nothing about it."""
    events = Events(random_tables(1), (FIRST, END))
    rare = {
        "next_day_retention",
        "low_score_rate",
    }  # none in random tables
    assert {name for name, rate in RATES.items() if not rate.value(events) > 0} <= rare


def test_a_cut_that_a_table_does_not_know_is_refused():
    events = Events(random_tables(1), (FIRST, END))
    with pytest.raises((KeyError, ValueError)):
        RATES["acquisition_cost"].by(events, "source", np.arange(12))
