"""Accounts of livestream sessions, by hand and against the books of a market."""

from __future__ import annotations

import math
from types import SimpleNamespace

import pandas as pd
import pytest

from sim.measure.events import Events
from sim.measure.session_accounts import Account, accounts, left, viewers_to_pay
from sim.report.comparison import Comparison
from sim.report.session_accounts import _table, session_tables
from sim.world.accounts import Account as Book
from tests.conftest import LIVELY, live, small_market

#: The plan's example: list 100, cost 50, price 60, commission 15 loses 5 before fees and returns.
EXAMPLE = Account(1, 1, 10, 1, 100.0, 40.0, 60.0, 0.0, 50.0, 15.0, 0.0, 0.0, 0.0)


def test_the_plans_example_loses_five_before_fees():
    assert left(EXAMPLE) == -5.0
    assert left(EXAMPLE._replace(fee=20.0)) == -25.0
    assert left(EXAMPLE._replace(refunded=60.0, goods=0.0, commission=0.0)) == 0.0
    assert math.isnan(viewers_to_pay(EXAMPLE._replace(fee=20.0)))


def test_from_how_many_viewers_a_session_pays():
    """Twenty a viewer, two sessions at 300: each needs fifteen viewers."""
    good = EXAMPLE._replace(sessions=2, viewers=8, paid=225.0, fee=600.0)
    assert left(good) == pytest.approx(160.0 - 600.0)
    assert viewers_to_pay(good) == pytest.approx(15.0)
    assert "15 viewers" in str(_table(good, [good])["said"])
    assert "no traffic" in str(_table(EXAMPLE, [EXAMPLE])["said"])


def test_what_a_session_leaves_is_told_with_its_interval_over_worlds():
    """Two worlds at -5 and -25 a session: mean -15, half width t(0.975, 1) x 10."""
    said = str(_table(EXAMPLE, [EXAMPLE, EXAMPLE._replace(fee=20.0)])["said"])
    assert "leaves -15 CNY (95% interval -142 to +112)" in said
    assert "no interval" in str(_table(EXAMPLE, [EXAMPLE])["said"])


def test_tables_are_means_over_worlds_of_one_strategy_and_kind():
    """The same two worlds as rows of the breakdown, beside another strategy's and another kind's."""
    told = [("baseline", "own", 0, 0.0), ("baseline", "own", 1, 20.0), ("baseline", "hosts", 0, 9.0),
            ("coupon", "own", 0, 99.0)]  # fmt: skip
    rows = [
        {"figure": "sessions", "strategy": who, "part": kind, "replication": world, "x": 0.0,
         "item": item, "value": value}
        for who, kind, world, fee in told
        for item, value in EXAMPLE._replace(fee=fee)._asdict().items()
    ]  # fmt: skip
    lived = SimpleNamespace(results=SimpleNamespace(breakdown=pd.DataFrame(rows)), scenarios=["baseline"])
    lived.figure = lambda name: Comparison.figure(lived, name)
    own, hosts = session_tables(lived)
    assert "leaves -15 CNY (95% interval -142 to +112)" in own["said"]
    assert own["rows"][0]["whole"] == "1"
    assert "hosts" in hosts["title"]


def test_accounts_agree_with_the_books_of_a_market():
    words = ("sessions=daily", "influencers.sessions_per_week=70", "influencers.session_click=0.9",
             "influencers.session_watch=0.8", "control=media", *LIVELY)  # fmt: skip
    market = live(small_market("baseline", *words, size=900), 6)
    tables, books = market.tables(), market.world.ledger.balance
    found = accounts(Events(tables, (0, 6)))
    own, hosts = found["own"], found["hosts"]
    assert own.staff + own.clips == pytest.approx(books[Book.SESSIONS.key] / 100)
    assert hosts.fee <= books[Book.INFLUENCER_FEES.key] / 100
    assert hosts.sessions > 0 < own.orders
    live_orders = tables["orders"]["source"] == 7
    assert own.paid + hosts.paid == pytest.approx(tables["orders"]["paid_fen"][live_orders].sum() / 100)
    for one in found.values():
        assert one.list_price - one.discount == pytest.approx(one.paid)
        assert 0.0 <= one.refunded <= one.paid
