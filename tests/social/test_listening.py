"""A machine reads posts and errs: what it finds is answered, false alarms take time, misses go on."""

from __future__ import annotations

import math

import numpy as np
import pytest

from sim.core.rng import Draw
from sim.social.listening import ListeningParams, read
from sim.social.rumour import HEARD, TELLS, TELLS_COMPLAINT, UNAWARE
from tests.conftest import LIVELY, live, small_market


@pytest.mark.exact
@pytest.mark.parametrize(("share", "sensitivity", "specificity"), [(1.0, 0.8, 0.9), (0.4, 0.6, 0.75)])
def test_the_machine_errs_as_often_as_it_is_said_to(share, sensitivity, specificity):
    """Forty thousand people, four standard errors each."""
    n = 40_000
    state = np.tile(np.array([UNAWARE, TELLS, HEARD, TELLS_COMPLAINT], np.int8), n // 4)
    p = ListeningParams(read=share, posts=0.5, chatter=0.2, sensitivity=sensitivity, specificity=specificity)
    posts = read(Draw(3), 7, np.arange(n, dtype=np.int64) * 11 + 5, state, p)
    tells = np.isin(state, (TELLS, TELLS_COMPLAINT))
    assert (posts.bad == tells[posts.seats]).all()
    for number, of, chance in (
        (posts.bad.sum(), n / 2, 0.5 * share),
        ((~posts.bad).sum(), n / 2, 0.2 * share),
        (posts.found[posts.bad].sum(), posts.bad.sum(), sensitivity),
        (posts.found[~posts.bad].sum(), (~posts.bad).sum(), 1.0 - specificity),
    ):
        assert abs(number - of * chance) < 4.0 * math.sqrt(of * chance * (1.0 - chance))
    assert ((posts.minute >= 7 * 1440) & (posts.minute < 8 * 1440)).all()


# --- in a market -------------------------------------------------------------------------------

SCANDAL = (*LIVELY, "control=media", "shock=scandal", "shock.start=2", "shock.days=5", "shock.size=0.9",
           "aftersales.complain=1", "aftersales.low_on_time=0.5", "opinion.press=0.3", "opinion.answer=0.8",
           "opinion.readiness.delay_hours=0", "opinion.desk.staff=30", "opinion.desk.hours=24",
           "opinion.desk.minutes=10", "opinion.desk.patience=8", "opinion.listening.posts=0.8")  # fmt: skip


def lived(*words: str):
    return live(small_market("baseline", *SCANDAL, *words, size=1500), 16)


@pytest.fixture(scope="module")
def markets():
    """Nobody reads posts; a machine reads all; one that finds nothing bad, and one that cries wolf."""
    reads = "opinion.listening.read=1"
    return (
        lived(),
        lived(reads),
        lived(reads, "opinion.listening.sensitivity=0", "opinion.listening.specificity=1"),
        lived(reads, "opinion.listening.specificity=0", "opinion.listening.chatter=0.9"),
    )


def test_what_is_found_is_answered_so_that_fewer_hear_of_it_and_trust_more(markets):
    told = [int((market.records.tables["opinion_heard"]["cause"] == 2).sum()) for market in markets]
    trust = [float(market.world.people.trust.mean()) for market in markets]
    assert told[1] < 0.9 * told[0]
    assert trust[1] > trust[0] == trust[2]
    assert told[2] == told[0]
    posts = markets[1].records.tables["opinion_posts"]
    assert 0 < posts["stopped"].sum() < posts["answered"].sum()


def test_false_alarms_take_the_time_of_those_who_answer_complaints(markets):
    """Nine in ten people post, and each such post is taken for bad: complaints are given up for it."""
    answered = [float(market.records.tables["opinion_complaints"]["answered"].mean()) for market in markets]
    assert answered[0] == answered[2] > 0.9
    assert answered[3] < 0.6
    posts = markets[3].records.tables["opinion_posts"]
    assert (posts["false_alarms"] == posts["read"] - posts["bad"]).all()
    assert posts["answered"].sum() < 0.5 * posts["false_alarms"].sum()


def test_every_post_that_is_read_is_paid(markets):
    """2 fen a post, rounded by the day, beside the same wages."""
    cost = [market.world.ledger.balance["opinion_cost"] for market in markets]
    posts = markets[1].records.tables["opinion_posts"]
    assert cost[1] - cost[0] == 2 * posts["read"].sum() > 0
