"""What comes back is limited by people and room, costs what it says, and is believed by those who care."""

from __future__ import annotations

import math

import numpy as np
import pytest

from sim.core.ledger import to_fen
from sim.social.recovery import ECO, RecoveryParams, Taken, chance, cost
from tests.conftest import LIVELY, live, small_market

DAYS = 20


@pytest.mark.exact
def test_a_credit_and_the_environment_add_to_the_odds():
    """Odds of .2 are .25; a credit of .5 CNY at 2 a CNY multiplies them by e, and so does caring."""
    p = RecoveryParams(hands_in=0.2, credit=0.5, credit_odds=2.0, eco_odds=1.0)
    other, eco = chance(p, np.array([ECO - 1, ECO], np.int8))
    assert other == pytest.approx(0.25 * math.e / (1 + 0.25 * math.e))
    assert eco == pytest.approx(0.25 * math.e**2 / (1 + 0.25 * math.e**2))


def test_what_a_day_costs_by_hand():
    """Room for 10 at .1, 8 taken at .3 + .15, 3 cleaned at .35 that save .8 each, 5 sold at .12."""
    taken = Taken(due=30, brought=9, taken=8, reused=3, material=5)
    by_hand = 1.0 + 8 * 0.45 + 3 * 0.35 - 3 * 0.8 - 5 * 0.12
    assert cost(RecoveryParams(credit=0.3), 10, taken) == pytest.approx(by_hand)


# --- in a market -------------------------------------------------------------------------------


def lived(*words: str):
    words = (*LIVELY, "control=media", "trust.forgetting=0", "turnover=none", *words)
    return live(small_market("baseline", *words, size=1500), DAYS)


@pytest.fixture(scope="module")
def markets():
    """Nothing; packages taken back in silence; the record shown; and room for few."""
    most = ("recovery=packages", "recovery.capacity=60", "recovery.hands_in=0.6")
    return (
        lived(),
        lived(*most, "recovery.shown=false"),
        lived(*most, "recovery.believes=0.15"),
        lived(*most, "recovery.shown=false", "recovery.capacity=4"),
    )


def days_of(market):
    return market.records.tables["recovery_days"]


def test_a_shown_record_raises_the_trust_of_those_who_care_most(markets):
    """In silence nothing changes; shown, both groups trust more, and the one that cares for it gains more."""
    plain, silent, shown, _ = markets
    np.testing.assert_array_equal(plain.world.people.trust, silent.world.people.trust)
    people = [market.world.people for market in (plain, shown)]
    eco = people[0].group == ECO
    gain = people[1].trust.astype(float) - people[0].trust
    assert gain[eco].mean() > 1.5 * gain[~eco].mean() > 0.0
    days = days_of(shown)
    assert days["record"].max() <= 1.0
    assert days["gained"].sum() > 0.0
    assert not days_of(silent)["gained"].any()


def sent_back(market):
    """bool[k]: deliveries that their customers wanted to send back, or refused, within three days."""
    done, asked = market.records.deliveries, market.records.return_requests
    day = dict(zip(asked["order_id"].tolist(), asked["day"].tolist(), strict=True))
    wanted = np.array([day.get(one, 10 * DAYS) for one in done["order_id"].tolist()])
    return wanted < done["day"] + 3


def test_people_bring_as_many_as_their_chances_say(markets):
    """Four standard errors around the sum of chances of those whose parcel came three days before."""
    market = markets[1]
    done, people, days = market.records.deliveries, market.world.people, days_of(market)
    here = (done["service"] >= 0) & (done["day"] < DAYS - 3) & ~sent_back(market)
    seats = market.world.seats_of(done["person"][here])
    p = chance(market.config.recovery, people.group[seats[seats >= 0]])
    assert days["due"].sum() == len(seats)
    assert abs(days["brought"].sum() - p.sum()) < 4.0 * math.sqrt((p * (1 - p)).sum())


def test_no_more_is_taken_than_there_is_room_for(markets):
    """Four a thousand people and day are six; what is turned away is neither paid nor used."""
    days, plenty = days_of(markets[3]), days_of(markets[1])
    assert days["taken"].max() == 6
    assert (days["brought"] > days["taken"]).any()
    assert (plenty["taken"] == plenty["brought"]).all()
    for one in (days, plenty):
        assert (one["reused"] + one["material"] == one["taken"]).all()
    share = plenty["reused"].sum() / plenty["taken"].sum()
    assert abs(share - 0.4) < 4.0 * math.sqrt(0.24 / plenty["taken"].sum())


def test_the_books_hold_what_the_days_cost(markets):
    for market, room in ((markets[1], 90), (markets[3], 6)):
        days, p = days_of(market), market.config.recovery
        names = ("due", "brought", "taken", "reused", "material")
        rows = [Taken(*(int(days[name][k]) for name in names)) for k in range(DAYS)]
        assert days["fen"].tolist() == [to_fen(cost(p, room, one)) for one in rows]
        assert market.world.ledger.balance["recovery_cost"] == days["fen"].sum()


def test_goods_that_were_sent_back_went_in_their_package(markets):
    """Everybody stays: due is what was delivered three days ago and is not on its way back by then."""
    market = markets[1]
    done, back = market.records.deliveries, sent_back(market)
    assert 30 < back.sum() < 0.5 * len(back)
    kept = (done["service"] >= 0) & ~back
    due = np.bincount(done["day"][kept] + 3, minlength=DAYS + 3)[:DAYS]
    assert days_of(market)["due"].tolist() == due.tolist()
