"""Ambassadors: one tie a person, whose credibility enters orders; contracts cost money and wear belief."""

from __future__ import annotations

import numpy as np
import pytest

from sim.content.ambassadors import Ties
from sim.network.followers import Followers
from tests.conftest import LIVELY, live, small_market

RETAINED = (
    "ambassadors=retained", "ambassadors.number=10", "influencers.audience.head_share=0.03",
    "influencers.own_posts=0", "channel_mix.influencer_share=0", "control=media", *LIVELY,
)  # fmt: skip


def terms(market) -> dict[int, float]:
    """Order -> what the account to which its buyer is tied said."""
    table = market.world.records.order_terms
    mine = market.world.records.term_names(table["term"]) == "order.ambassadors"
    return dict(zip(table["order_id"][mine].tolist(), table["value"][mine].tolist(), strict=True))


@pytest.fixture(scope="module")
def lived():
    return live(small_market("baseline", *RETAINED, size=1000), 8)


def test_each_account_that_is_followed_is_as_likely_to_be_the_one():
    """Three accounts, followed by seats 0 to 3: seat 0 follows all, seat 3 none."""
    audience = Followers(np.array([4, 5, 6], np.int32), np.array([0, 3, 5, 6]),
                         np.array([0, 1, 2, 0, 1, 0], np.int32))  # fmt: skip
    ties = Ties(audience, 7)
    luck = (np.arange(9000) + 0.5) / 9000
    assert np.bincount(ties.of(np.zeros(9000, np.int64), luck)).tolist() == [3000, 3000, 3000]
    assert set(ties.of(np.ones(10, np.int64), luck[::900]).tolist()) == {0, 1}
    assert ties.of(np.array([2, 3]), np.array([0.99, 0.99])).tolist() == [0, -1]


def test_what_is_said_follows_from_credibility_and_reliance(lived):
    """By hand: link x reliance x (credibility - doubt) / (1 - doubt) of an account that is followed."""
    world, said = lived.world, terms(lived)
    orders, people, influencers = world.records.orders, world.people, world.influencers
    today = orders["day"] == orders["day"].max()
    checked = 0
    for row in np.flatnonzero(today):
        seat, value = int(orders["seat"][row]), said.get(int(orders["order_id"][row]), 0.0)
        if people.id[seat] != orders["person"][row] or value == 0.0:
            continue
        followed = [k for k in range(len(influencers)) if seat in influencers.audience.of(k)]
        possible = [
            0.8 * people.kol_reliance[seat] * (influencers.credibility[k] - 0.4) / 0.6
            for k in followed if k < 10
        ]  # fmt: skip
        assert any(value == pytest.approx(float(one), rel=0.02) for one in possible)
        checked += 1
    assert checked > 10


def test_contracts_are_paid_by_followers_and_wear_credibility_to_where_it_comes_back_as_fast(lived):
    days, influencers = lived.tables()["ambassadors_days"], lived.world.influencers
    fee = int(np.rint(0.3 * influencers.followers[:10]).sum())
    assert abs(int(days["fen"][0]) - fee) <= 10  # each is rounded
    assert lived.world.ledger.balance["ambassadors_cost"] == days["fen"].sum()
    assert (days["number"] == 10).all()
    assert (influencers.credibility[10:] == 1.0).all()
    expected = 1.0
    for _ in range(len(days["day"])):
        expected = min(1.0, expected * (1 - 0.015) + 0.01)
    assert influencers.credibility[:10] == pytest.approx(np.full(10, expected))
    long = live(small_market("baseline", *RETAINED, "ambassadors.wears=0.2", size=300), 30)
    settled = 0.01 / 0.2
    assert long.world.influencers.credibility[0] == pytest.approx(settled, abs=0.01)


def test_accounts_that_are_not_believed_speak_against():
    """Worn to a half and further, accounts speak for an order where that is more than the doubt."""
    chances = []
    for doubt in (0.01, 0.6):
        market = live(small_market("baseline", *RETAINED, f"ambassadors.doubt={doubt}",
                                   "ambassadors.link=2", "ambassadors.wears=0.5", size=1000), 6)  # fmt: skip
        chances.append(list(terms(market).values()))
    assert min(chances[0]) > 0.0
    assert max(chances[1]) < 0.0


def test_without_contracts_the_tie_speaks_while_the_account_posts():
    """Bought posts make accounts speak too; where nobody posts and none is paid nothing is said."""
    words = ("ambassadors.number=0", "influencers.audience.head_share=0.1")
    silent = live(small_market("baseline", *RETAINED, *words, size=600), 3)
    assert not terms(silent)
    posting = live(small_market("baseline", *RETAINED, *words, "influencers.own_posts=5", size=600), 3)
    assert len(terms(posting)) > 20


def test_no_money_no_contract():
    words = (word for word in RETAINED if word != "control=media")
    market = live(small_market("baseline", *words, "control.daily_budget=0.001", size=600), 3)
    assert market.tables()["ambassadors_days"]["number"].max() < 6
