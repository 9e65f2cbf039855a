"""Three levels: entry, promotion a step at a time, messages, advice in time, challenges that wear out."""

from __future__ import annotations

import math

import numpy as np
import pytest

from sim.config import compose
from sim.core.errors import ConfigError
from sim.private_domain.levels import ACCOUNT, ADVISER, GROUP, OUTSIDE
from tests.conftest import LIVELY, live, small_market

SURE = ("community=three_levels", "community.join_visit=1", "community.join_order=1", "community.promote=1",
        "community.join_group=1", "community.opt_out=0", "control=media")  # fmt: skip


@pytest.fixture(scope="module")
def sure():
    return live(small_market("baseline", *LIVELY, *SURE, size=500), 14)


def test_everybody_climbs_a_step_at_a_time_and_beyond_the_first_by_orders_alone(sure):
    moves = sure.records.tables["community_moves"]
    order = np.lexsort((moves["day"], moves["person"]))
    person, level, bought = (moves[name][order] for name in ("person", "level", "bought"))
    first = np.r_[True, person[1:] != person[:-1]]
    assert (level[first] == ACCOUNT).all()
    assert (np.diff(level)[~first[1:]] == 1).all()
    assert bought[level > ACCOUNT].all()
    assert (~bought[level == ACCOUNT]).any()  # visitors who did not buy
    assert set(level.tolist()) == {ACCOUNT, ADVISER, GROUP}


def test_who_visits_is_in_and_who_orders_twice_has_an_adviser(sure):
    visits, orders, people = sure.records.visits, sure.records.orders, sure.world.people
    here = sure.world.seats_of(np.unique(visits["person"]))
    assert (people.community_level[here[here >= 0]] >= ACCOUNT).all()
    days = np.unique(np.stack([orders["person"], orders["day"]]), axis=1)
    who, number = np.unique(days[0], return_counts=True)
    seats = sure.world.seats_of(who[number >= 2])
    assert (people.community_level[seats[seats >= 0]] >= ADVISER).all()


def test_without_a_need_to_belong_nobody_joins_a_group():
    words = ("population.belonging_silver=0", "population.belonging_other=0")
    market = live(small_market("baseline", *LIVELY, *SURE, *words, size=400), 14)
    assert set(market.world.people.community_level.tolist()) == {OUTSIDE, ACCOUNT, ADVISER}


@pytest.mark.parametrize(("level", "key"), [(ACCOUNT, "account"), (ADVISER, "adviser"), (GROUP, "group")])
def test_each_level_gets_its_own_messages_which_are_paid_by_the_piece(level, key):
    """Two hundred people, one message a day each, four standard errors of a sum of thinned dayparts."""
    words = ("community=three_levels", f"community.{key}_messages=7", "community.opt_out=0", "control=media",
             "community.message_cost=1", "community.challenges=0", "compliance=none", "turnover=none",
             "community.join_visit=0", "community.join_order=0", "community.promote=0",
             "community.join_group=0", "community.advisers.staff=0")  # fmt: skip
    market = small_market("baseline", *words, size=200)
    market.open_window()
    market.world.people.community_level[:] = level
    live(market, 5)
    sent = market.world.ledger.balance["community_cost"] / 100
    assert abs(sent - 1000) < 4.0 * math.sqrt(1000)


def advised(*words: str):
    market = small_market("baseline", *LIVELY, "community=three_levels", "community.asks=1", "control=media",
                          "community.opt_out=0", "community.advisers.hours=24", *words, size=400)  # fmt: skip
    market.open_window()
    market.world.people.community_level[:] = ADVISER
    return live(market, 5)


def test_advice_in_time_speaks_for_an_order_and_late_advice_does_not():
    """Where people are few questions wait, and those who get no answer in ten minutes are not moved."""
    many = advised("community.advisers.staff=500")
    few = advised("community.advisers.staff=25", "community.advisers.minutes=20")
    tables = [m.records.tables["community_advice"] for m in (many, few)]
    assert tables[0]["answered"].mean() > 0.95
    assert tables[1]["answered"].mean() < 0.7
    for table in tables:
        waited = np.nan_to_num(table["waited_minutes"], nan=np.inf)
        assert (table["answered"] == (waited <= 10.0)).all()
    terms, orders = few.tables()["order_terms"], few.records.orders
    helped = set(terms["order_id"][terms["term"] == "order.advice"].tolist())
    assert (terms["value"][terms["term"] == "order.advice"] == 0.6).all()
    asked = dict(zip(tables[1]["minute"].tolist(), tables[1]["answered"].tolist(), strict=True))
    told = [asked[m] for i, m in zip(orders["order_id"].tolist(), orders["minute"].tolist(), strict=True)
            if i in helped and m in asked]  # fmt: skip
    assert np.mean(told) > 0.95


def test_one_adviser_talks_to_one_customer_at_a_time():
    """Of two questions that are answered by the one adviser the later begins when the earlier has ended."""
    one = advised("community.advisers.staff=25", "community.advisers.evenness=20").records.tables
    table = one["community_advice"]
    begun = np.sort((table["minute"] + table["waited_minutes"])[~np.isnan(table["waited_minutes"])])
    assert len(begun) > 100
    assert np.quantile(np.diff(begun), 0.05) > 4.0  # six minutes each, nearly alike


def test_challenges_come_as_often_as_said_wear_out_and_cost_by_the_head():
    """By what groups remember of those that were held: exp(-sum of exp(-age / 30) / 4) of people come."""

    def came(challenges: float, groups: int = 1500) -> tuple[int, int, float, int]:
        market = small_market("baseline", "community=three_levels", f"community.challenges={challenges}",
                              "community.advisers.staff=0", "community.opt_out=0", "control=media",
                              "community.group_messages=0", "community.account_messages=0",
                              "community.adviser_messages=0", "turnover=none", size=1500)  # fmt: skip
        market.open_window()
        market.world.people.community_level[:groups] = GROUP
        visits = live(market, 30).records.visits
        mine = visits["source"] == market.world.kinds.source("community_challenge")
        table = market.records.tables["community_challenges"]
        held = table["day"]
        assert table["fen"].tolist() == [5 * n for n in table["called"].tolist()]
        assert table["called"][0] == pytest.approx(groups, abs=30)  # some join and leave by themselves
        worn = sum(math.exp(-sum(math.exp(-(d - e) / 30.0) for e in held if e < d) / 4.0) for d in held)
        assert market.world.ledger.balance["community_cost"] == table["fen"].sum()
        return len(np.unique(visits["day"][mine])), int(mine.sum()), worn

    (few, brought, fresh), (many, more, worn) = came(2), came(6)
    came(6, 750)
    assert (few, many) == (2, 6)
    assert more / brought == pytest.approx(worn / fresh, rel=0.2)
    assert worn / fresh < 2.5


def test_a_lever_that_is_set_today_has_worn_nobody_out_yet():
    """The first challenge brings the same people, however many a month are planned."""

    def first(challenges: float) -> int:
        market = small_market("baseline", "community=three_levels", f"community.challenges={challenges}",
                              "community.advisers.staff=0", "community.opt_out=0", "control=media",
                              "community.group_messages=0", "turnover=none", size=1000)  # fmt: skip
        market.open_window()
        market.world.people.community_level[:] = GROUP
        visits = live(market, 9).records.visits
        mine = visits["source"] == market.world.kinds.source("community_challenge")
        return int((visits["day"][mine] == visits["day"][mine].min()).sum())

    assert first(8) == pytest.approx(first(4), rel=0.2)  # by the lever alone it would be a third


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (
            ("community=three_levels", "private_domain=wecom"),
            "community and private_domain must not both be on",
        ),
        (
            ("community=three_levels", "community.group_messages=20"),
            "community.group_messages must be at most",
        ),
    ],
)
def test_impossible_levels_are_refused(words, told):
    with pytest.raises(ConfigError, match=told):
        compose(list(words))
