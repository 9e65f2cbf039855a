"""Staff make the effort that a contest for ratings pays, and customers feel it."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.optimize import brentq
from scipy.special import logit
from scipy.stats import norm

from sim.core.rng import Draw
from sim.social.service import BY_CUSTOMER, BY_PEER, UNRATED, ability, effort
from sim.social.service_params import ServiceParams
from tests.conftest import LIVELY, live, small_market

P = ServiceParams(bonus=40, winners=0.25, ability=0.4, effect=2.0, effort_cost=150, tires=0.2, usual=0.85)
USUAL = np.array([float(logit(0.85))])


@pytest.mark.reference
@pytest.mark.parametrize(("ratings", "tired", "seen"), [(2.0, 0.0, 1.0), (8.0, 3.0, 1.0), (5.0, 1.0, 0.7)])
def test_effort_is_where_a_contests_last_gain_is_its_cost(ratings, tired, seen):
    """Against the slope of the chance to be above the winners' threshold, taken by small steps."""

    def excess(e: float) -> float:
        q = 1 / (1 + math.exp(-(USUAL[0] + 2.0 * e)))
        sd = math.sqrt(q * (1 - q) / ratings + (seen * 0.4 * q * (1 - q)) ** 2)
        threshold = q * seen + norm.isf(0.25) * sd
        step = 1e-6
        more = 1 / (1 + math.exp(-(USUAL[0] + 2.0 * (e + step))))
        slope = (norm.sf(threshold, more * seen, sd) - norm.sf(threshold, q * seen, sd)) / step
        return 40 / 0.25 * slope - 150 * (1 + 0.2 * tired) * e

    expected = brentq(excess, 0.0, 1.0) if excess(1.0) < 0 else 1.0
    found = effort(P, USUAL, np.array([tired]), ratings, seen)
    assert found == pytest.approx([expected], abs=1e-4)
    assert 0.0 < found[0] < 1.0


def test_effort_needs_a_prize_and_ratings_and_falls_where_they_show_less_or_people_are_tired():
    rested = np.zeros(1)
    usual = effort(P, USUAL, rested, 5.0, 1.0)[0]
    assert effort(P.model_copy(update={"bonus": 0.0}), USUAL, rested, 5.0, 1.0)[0] < 1e-9
    assert effort(P, USUAL, rested, 0.0, 1.0)[0] < 1e-9
    for other in (
        effort(P, USUAL, rested, 1.0, 1.0),  # chance decides
        effort(P, USUAL, rested, 5.0, 0.4),  # colleagues praise everything
        effort(P, USUAL, rested + 4.0, 5.0, 1.0),
    ):
        assert other[0] < usual
    more = [effort(P.model_copy(update={"bonus": b}), USUAL, rested, 5.0, 1.0)[0] for b in (0, 20, 40, 60)]
    assert (np.diff(more) > 0).all()
    assert (np.diff(np.diff(more)) < 0).all()


@pytest.mark.exact
def test_ability_is_normal_on_the_logit_and_stays_theirs():
    found = ability(Draw(1, 3), 4000, P)
    assert abs(found.mean() - logit(0.85)) < 4 * 0.4 / math.sqrt(4000)
    assert abs(found.std() - 0.4) < 4 * 0.4 / math.sqrt(8000)
    np.testing.assert_array_equal(found[:7], ability(Draw(1, 90), 7, P))


# --- in a market -------------------------------------------------------------------------------

DAYS = 36


def lived(*words: str):
    usual = (*LIVELY, "control=media", "turnover=none", "service=unrated", "service.staff=30",
             "service.contacts=1", "service.pleases=0.05", "service.hurts=0.2")  # fmt: skip
    return live(small_market("baseline", *usual, *words, size=2000), DAYS)


@pytest.fixture(scope="module")
def markets():
    """Nobody is rated; everybody is, for nothing; everybody is, and the best are paid."""
    rated = ("service.rated=0.6", "service.peers=0.5")
    return lived(), lived(*rated), lived(*rated, "service.bonus=120")


def late(market):
    contacts = market.records.tables["service_contacts"]
    return {name: contacts[name][contacts["day"] >= 14] for name in ("pleased", "rated", "favourable")}


def test_staff_who_are_ranked_and_paid_please_more_and_customers_trust_more(markets):
    """Ratings alone change nothing; with a prize more contacts please, by four standard errors."""
    plain, rated, paid = markets
    np.testing.assert_array_equal(plain.world.people.trust, rated.world.people.trust)
    pleased = [late(market)["pleased"] for market in (rated, paid)]
    error = math.sqrt(sum(one.mean() * (1 - one.mean()) / len(one) for one in pleased))
    assert pleased[1].mean() - pleased[0].mean() > 4 * error
    served = [
        np.isin(m.world.people.id, m.records.tables["service_contacts"]["person"]) for m in (rated, paid)
    ]
    both = served[0] & served[1]
    trust = [m.world.people.trust[both].mean() for m in (rated, paid)]
    assert trust[1] > trust[0]


def test_quality_is_what_ability_and_effort_say(markets):
    """Of each market, all contacts against the sum of their chances, four standard errors."""
    for market in markets:
        p, contacts = market.config.service, market.records.tables["service_contacts"]
        weeks = market.records.tables["service_rankings"]
        base = ability(market.draw, int(contacts["staff"].max()) + 1, p)
        made = {
            (int(day), int(who)): e
            for day, who, e in zip(weeks["day"], weeks["staff"], weeks["effort"], strict=True)
        }
        who, week = contacts["staff"].tolist(), (contacts["day"] // 7 * 7).tolist()
        e = np.array([made[key] for key in zip(week, who, strict=True)])
        q = 1 / (1 + np.exp(-(base[contacts["staff"]] + p.effect * e)))
        assert abs(contacts["pleased"].sum() - q.sum()) < 4 * math.sqrt((q * (1 - q)).sum())


def test_colleagues_praise_some_of_what_was_not_good(markets):
    one = late(markets[2])
    customers, peers = (one["rated"] == kind for kind in (BY_CUSTOMER, BY_PEER))
    assert (one["favourable"][customers] == one["pleased"][customers]).all()
    bad = peers & ~one["pleased"]
    assert one["favourable"][peers & one["pleased"]].all()
    n = bad.sum()
    assert abs(one["favourable"][bad].mean() - 0.3) < 4 * math.sqrt(0.21 / n)
    assert not one["favourable"][one["rated"] == UNRATED].any()


def test_the_first_of_the_ranking_share_what_is_paid_for_all(markets):
    """Six people, 120 CNY each; two win 360 in every week that has ratings. Ratings cost ten fen."""
    weeks = markets[2].records.tables["service_rankings"]
    for day in np.unique(weeks["day"])[1:]:
        row = weeks["day"] == day
        prize, points = weeks["prize"][row], weeks["points"][row]
        assert sorted(prize.tolist()) == [0, 0, 0, 0, 36_000, 36_000]
        assert points[prize > 0].min() >= points[prize == 0].max()
    for market in markets:
        rated = (market.records.tables["service_contacts"]["rated"] > UNRATED).sum()
        paid = market.records.tables["service_rankings"]["prize"].sum()
        assert market.world.ledger.balance.get("service_cost", 0) == 10 * rated + paid


def test_effort_tires(markets):
    weeks = markets[2].records.tables["service_rankings"]
    days = np.unique(weeks["day"])
    effort_of = [weeks["effort"][weeks["day"] == day].mean() for day in days]
    tired = [weeks["tired"][weeks["day"] == day].mean() for day in days]
    assert effort_of[0] == 0.0
    assert max(effort_of) > 0.2
    assert (np.diff(tired) >= 0).all()
    assert tired[-1] > 1.0


def test_rankings_that_come_more_often_are_more_a_matter_of_chance(markets):
    """Every two days the same money is paid for fewer ratings each, and effort is lower than by the week."""
    often = lived("service.rated=0.6", "service.peers=0.5", "service.bonus=120", "service.every_days=2")
    weekly, short = (m.records.tables["service_rankings"] for m in (markets[2], often))
    assert np.diff(np.unique(short["day"])).tolist() == [2] * (len(np.unique(short["day"])) - 1)
    assert short["prize"].max() < 0.3 * weekly["prize"].max()
    first = [t["effort"][t["day"] == day].mean() for t, day in ((weekly, 14), (short, 14))]
    assert first[1] < first[0]


def test_nobody_makes_an_effort_for_a_bonus_that_is_never_paid():
    """Ratings are free and there is no money: contacts please as often as without a bonus."""
    words = ("control=default", "control.daily_budget=0", "service.rated=0.6", "service.rating_cost=0")
    paid, broke = lived(*words, "service.bonus=0"), lived(*words, "service.bonus=120")
    weeks = broke.records.tables["service_rankings"]
    assert weeks["ratings"].any()
    assert not weeks["prize"].any()
    assert not weeks["effort"].any()
    for name in ("person", "pleased"):
        mine, other = (m.records.tables["service_contacts"][name] for m in (paid, broke))
        np.testing.assert_array_equal(mine, other)


def test_a_bonus_is_paid_for_the_days_since_the_last_ranking_and_a_rating_counts_once():
    """Rankings every seven days, then every four: those on days 8 and 12 are for one day and for four."""
    usual = (*LIVELY, "control=media", "turnover=none", "service=ranked", "service.staff=30",
             "service.contacts=1", "service.rated=1", "service.bonus=70")  # fmt: skip
    market = live(small_market("baseline", *usual, size=2000), 8)
    market.levers.change({"service.every_days": 4})
    live(market, 5)
    weeks, contacts = (market.records.tables[f"service_{name}"] for name in ("rankings", "contacts"))
    assert np.unique(weeks["day"]).tolist() == [0, 7, 8, 12]
    by_day = {day: int(weeks["prize"][weeks["day"] == day].sum()) for day in (7, 8, 12)}
    people = int((weeks["day"] == 7).sum())
    assert by_day == pytest.approx({7: 7000 * people, 8: 1000 * people, 12: 4000 * people}, abs=people)
    assert weeks["ratings"].sum() == (contacts["day"] < 12).sum()


def test_whoever_serves_alone_has_no_contest_and_no_colleagues():
    """One of staff: the same contacts please as without a bonus, customers rate them all or nobody does."""
    words = ("service.staff=1", "service.rated=0.5", "service.peers=1")
    usual = (*LIVELY, "control=media", "turnover=none", "service=ranked", "service.contacts=1")
    plain, paid = (
        live(small_market("baseline", *usual, *words, f"service.bonus={bonus}", size=500), 16).records.tables
        for bonus in (0, 120)
    )
    contacts, weeks = paid["service_contacts"], paid["service_rankings"]
    assert (contacts["rated"] == BY_CUSTOMER).any()
    assert not (contacts["rated"] == BY_PEER).any()
    assert weeks["ratings"].any()
    assert not weeks["prize"].any()
    assert not weeks["effort"].any()
    for name in ("person", "pleased"):
        np.testing.assert_array_equal(contacts[name], plain["service_contacts"][name])


def test_never_do_all_win():
    """Of two the larger part would be both: one of them wins what is paid for both."""
    words = ("service.staff=40", "service.rated=1", "service.bonus=70", "service.winners=0.95")
    usual = (*LIVELY, "control=media", "turnover=none", "service=ranked", "service.contacts=1")
    weeks = live(small_market("baseline", *usual, *words, size=500), 15).records.tables["service_rankings"]
    for day in (7, 14):
        assert sorted(weeks["prize"][weeks["day"] == day].tolist()) == [0, 14_000]


def test_effort_knows_how_many_win():
    """Of two one wins, whatever share is asked for: the same effort, for the same prize."""
    words = ("service.staff=40", "service.rated=1", "service.bonus=70", "service.contacts=1")
    usual = (*LIVELY, "control=media", "turnover=none", "service=ranked")
    weeks = [
        live(small_market("baseline", *usual, *words, f"service.winners={one}", size=500), 15).records.tables[
            "service_rankings"
        ]
        for one in (0.1, 0.5, 0.95)
    ]
    assert weeks[0]["effort"].any()
    for other in weeks[1:]:
        for name in ("effort", "prize"):
            np.testing.assert_array_equal(other[name], weeks[0][name])
