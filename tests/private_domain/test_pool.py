"""The private domain: who joins, what is sent, who comes by it and leaves over it, and what it costs.

That switching it off leaves all else as it was is held in ``tests/market/test_switching_off.py``.
"""

from __future__ import annotations

import math

import numpy as np
import pytest

from sim.config import compose
from sim.core.errors import ConfigError
from sim.world.accounts import Account
from sim.world.schema import Source, Spend
from tests.conftest import LIVELY, live, small_market

SIZE, DAYS, PER_WEEK = 2000, 3, 3.5
QUIET = (
    "turnover=none", "private_domain=wecom", "private_domain.join=0", "private_domain.opt_out=0",
    "private_domain.adviser_cost=0", "private_domain.message_cost=1", "control.daily_budget=100",
    f"private_domain.messages_per_week={PER_WEEK}",
)  # fmt: skip


def everybody_in(*words: str, days: int = DAYS):
    """A market in whose pool everybody is when its days begin; a message costs 1 CNY, an adviser nothing."""
    market = small_market("baseline", *QUIET, *words, size=SIZE)
    market.world.people.private_domain[:] = True
    return live(market, days)


def messages(market) -> int:
    """Messages sent, from what was paid for them."""
    spend = market.tables()["spend"]
    return int(spend["fen"][spend["kind"] == int(Spend.PRIVATE_DOMAIN)].sum()) // 100


def came(market) -> int:
    return int((market.tables()["visits"]["source"] == int(Source.PRIVATE_DOMAIN)).sum())


def test_people_get_as_many_messages_as_the_lever_says():
    expected = SIZE * DAYS * PER_WEEK / 7.0
    assert messages(everybody_in()) == pytest.approx(expected, abs=4 * math.sqrt(expected))


def test_a_message_brings_a_visit_with_the_chance_of_a_click():
    """Half the day's messages come before anything else does; people with a need answer more often."""
    market = everybody_in("private_domain.click=0.2")
    sent = messages(market)
    assert 0.15 * sent < came(market) < 0.4 * sent
    assert came(everybody_in("private_domain.click=0")) == 0


def test_more_messages_bring_more_visits():
    assert came(everybody_in()) > 1.5 * came(everybody_in("private_domain.messages_per_week=1"))


def test_whoever_has_had_enough_leaves():
    """Where every message drives its reader out, nobody gets a second one, and all who are gone got one."""
    market = everybody_in("private_domain.opt_out=1")
    assert messages(market) == SIZE - market.world.people.private_domain.sum() > 0


def test_buyers_join_with_their_need_to_belong():
    words = ("private_domain=wecom", "private_domain.join=0.3", "turnover=none", *LIVELY)
    market = live(small_market("baseline", *words, size=SIZE), 1)
    people = market.world.people
    seats = np.unique(market.records.orders["seat"])
    seats = seats[people.registered[seats]]
    chance = np.minimum(1.0, 0.3 * people.belonging[seats] / 0.5)
    error = math.sqrt(float(np.sum(chance * (1.0 - chance))))
    assert len(seats) > 50
    assert abs(people.private_domain.sum() - chance.sum()) < 4 * error
    assert people.private_domain[seats].sum() == people.private_domain.sum()


def test_advisers_and_messages_are_paid_from_the_allowance_and_booked_once():
    market = everybody_in("private_domain.adviser_cost=0.02")
    spend = market.tables()["spend"]
    paid = spend["fen"][spend["kind"] == int(Spend.PRIVATE_DOMAIN)].sum()
    assert paid == market.world.ledger.balance[Account.PRIVATE_DOMAIN.key]
    assert paid % 100 == 0
    advisers = DAYS * SIZE * 2
    assert paid - advisers == 100 * messages(everybody_in())


def test_what_the_allowance_does_not_pay_is_not_sent():
    market = everybody_in("control.daily_budget=0.06")
    stops = market.tables()["campaign_stops"]["kind"]
    assert int(Spend.PRIVATE_DOMAIN) in stops
    assert market.world.operator.spent_fen <= market.world.operator.allowance_fen
    assert messages(market) < messages(everybody_in()) / 2


def test_nothing_is_sent_on_a_day_whose_advisers_cannot_be_paid():
    """There is money for some messages, and never for everybody's advisers: 10 CNY of an allowance of 0.5."""
    market = everybody_in("private_domain.adviser_cost=10", "control.daily_budget=0.5")
    assert int(Spend.PRIVATE_DOMAIN) in market.tables()["campaign_stops"]["kind"]
    assert messages(market) == 0
    assert market.world.ledger.balance.get("private_domain", 0) == 0


def test_messages_that_win_back_pay_no_advisers():
    """They are booked alike: on a day without money for advisers they are all that is sent."""
    win = ("lifecycle=win_back", "lifecycle.messages=50", "lifecycle.message_cost=1")
    market = small_market(
        "baseline", *QUIET, *win, "private_domain.adviser_cost=10", "control.daily_budget=0.5", size=SIZE
    )
    people = market.world.people
    people.private_domain[:], people.orders[:], people.registered[:] = True, 3, True
    live(market, 5)
    assert messages(market) == len(market.tables()["lifecycle_sent"]["day"]) > 0


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["private_domain.messages_per_week=5"], "must be at most compliance.message_cap"),
        (
            ["private_domain=none", "touchpoints=three", "touchpoints.posts=5"],
            "touchpoints.posts must be at most compliance.message_cap",
        ),
        (["private_domain.click=1.5"], r"private_domain.click must be 0\.\.1"),
        (["private_domain.messages_per_week=-1"], r"messages_per_week must be 0\.\.21"),
        (["private_domain.pool=line"], r"private_domain.pool must be one of .* choose one of: none, wecom"),
        (["private_domain.usual_belonging=0"], "private_domain.usual_belonging must be"),
    ],
)
def test_impossible_pools_are_refused(words, told):
    with pytest.raises(ConfigError, match=told):
        compose(["private_domain=wecom", *words])


def test_without_compliance_there_is_no_cap():
    config = compose(["private_domain=wecom", "private_domain.messages_per_week=5", "compliance=none"])
    assert config.private_domain.messages_per_week == 5
