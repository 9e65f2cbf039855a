"""Rehearsals: a crisis is answered sooner, by less each time; they are forgotten, and do nothing else."""

from __future__ import annotations

import math

import numpy as np
import pytest

from sim.core.rng import Draw
from sim.social.opinion import DESK
from sim.social.readiness import ReadinessParams, answering, delay, due, ready_at, remembered
from sim.stations.pool import PoolParams, Team
from tests.conftest import LIVELY, live, small_market

HOURS, LEARNING = 21.0, 0.2
PARAMS = ReadinessParams(delay_hours=HOURS, learning=LEARNING)


@pytest.mark.exact
def test_each_doubling_of_practice_saves_the_same_share_so_that_more_saves_ever_less():
    """Wright's law: 21 hours, then a fifth less at one rehearsal, at three and at seven."""
    hours = [delay(PARAMS, practice) for practice in (0, 1, 3, 7)]
    assert hours == pytest.approx([HOURS * (1 - LEARNING) ** k for k in range(4)])
    saved = -np.diff([delay(PARAMS, practice) for practice in range(8)])
    assert (saved > 0).all()
    assert (np.diff(saved) < 0).all()


@pytest.mark.exact
def test_practice_is_forgotten():
    """Two of today and one that is as old as the time constant: 2 + 1/e; after long nothing is left of it."""
    assert remembered(np.array([0, 90, 90]), 90, 90.0) == pytest.approx(2.0 + math.exp(-1.0))
    assert delay(PARAMS, remembered(np.array([0]), 9000, 90.0)) == pytest.approx(HOURS)
    assert remembered(np.zeros(0), 5, 90.0) == 0.0


@pytest.mark.exact
@pytest.mark.parametrize("each_month", [0.0, 1.0, 2.5, 30.0])
def test_rehearsals_are_spread_evenly(each_month):
    days = np.array([due(day, each_month) for day in range(360)])
    assert days.sum() == 12 * each_month
    for span in (7, 30):
        sums = np.convolve(days, np.ones(span, int), "valid")
        assert np.abs(sums - span * each_month / 30.0).max() <= 1.0


def test_what_is_left_of_a_day():
    """Ready at nine in the evening of day 3: an eighth of it is left, none before, all of what follows."""
    ready = ready_at(3, HOURS)
    assert [answering(day, ready) for day in (2, 3, 4)] == pytest.approx([0.0, 0.125, 1.0])


@pytest.mark.exact
def test_nobody_is_answered_before_the_firm_is_ready_and_who_waits_gives_up_as_always():
    """Complaints of the first minute wait 21 hours; with a mean patience of 24 exp(-21/24) of them do."""
    n, bears = 4000, math.exp(-HOURS / 24.0)
    team = Team(DESK, PoolParams(staff=1.0, minutes=0.02, opens=0.0, hours=24.0, patience=24.0))
    team.staff(n, 0)
    team.hold(ready_at(0, HOURS))
    work = team.work(Draw(1), np.arange(n), np.zeros(n, np.int64))
    assert abs(work.done.mean() - bears) < 4.0 * math.sqrt(bears * (1.0 - bears) / n)
    assert work.waited[work.done].min() / 60.0 == pytest.approx(HOURS)


# --- in a market -------------------------------------------------------------------------------

START = 14
CRISIS = (*LIVELY, "control=media", "shock=scandal", f"shock.start={START}", "shock.days=4",
          "aftersales.complain=1", "aftersales.low_on_time=0.5", "opinion.desk.staff=200",
          "opinion.hedging=30", "opinion.desk.hours=24", "opinion.desk.opens=0", "opinion.desk.minutes=5",
          "opinion.desk.patience=6", "opinion.readiness.memory_days=3650")  # fmt: skip


def lived(*words: str):
    return live(small_market("baseline", *CRISIS, *words, size=1000), START + 8)


@pytest.fixture(scope="module")
def markets():
    """Nobody rehearses; a rehearsal every other day; the same, but nobody learns."""
    often = "opinion.readiness.rehearsals=15"
    return lived(), lived(often), lived(often, "opinion.readiness.learning=0")


def test_a_firm_that_has_rehearsed_answers_a_crisis_sooner(markets):
    """Seven rehearsals are three doublings: .8^3 of 21 hours, and complaints of that day wait less."""
    delays, waits, answered = [], [], []
    for market in markets:
        crises, complaints = (market.records.tables[f"opinion_{name}"] for name in ("crises", "complaints"))
        first = int(crises["first"][0])
        assert (crises["first"] == first).all()
        delays.append(float(crises["delay_hours"][0]))
        mine = complaints["day"] == first
        assert mine.sum() > 10
        waits.append(float(np.nanmean(complaints["waited_hours"][mine])))
        answered.append(float(complaints["answered"][mine].mean()))
    assert delays == pytest.approx([HOURS, HOURS * 0.8**3, HOURS], rel=0.01)
    assert waits[0] == waits[2] > waits[1]
    assert answered[0] == answered[2] < answered[1]


def test_rehearsals_cost_the_hours_of_everybody_at_the_desk(markets):
    """Three hours of twenty people at 36 CNY."""
    held = [market.records.tables["opinion_rehearsals"] for market in markets]
    assert [len(table["day"]) for table in held[::2]] == [0, len(held[1]["day"])]
    assert len(held[1]["day"]) >= 7
    assert (held[1]["number"] == 1).all()
    assert (held[1]["fen"] == 3 * 20 * 3600).all()
    spent = [market.world.ledger.balance["opinion_cost"] for market in markets[::2]]
    assert spent[1] - spent[0] == held[2]["fen"].sum() > 0
    days = [market.records.tables["opinion_crises"]["day"] for market in markets]
    assert not np.isin(held[1]["day"], days[1]).any()


def test_rehearsals_help_in_no_other_way_than_by_the_delay(markets):
    """Where nobody learns, the same happens to everybody as without rehearsals."""
    plain, _, unlearnt = markets
    for name, column in (("opinion_heard", "person"), ("opinion_complaints", "waited_hours")):
        mine, other = (market.records.tables[name][column] for market in (plain, unlearnt))
        np.testing.assert_array_equal(mine, other)
    np.testing.assert_array_equal(plain.records.orders["order_id"], unlearnt.records.orders["order_id"])
    np.testing.assert_array_equal(plain.world.people.trust, unlearnt.world.people.trust)


def test_without_a_desk_nobody_rehearses():
    market = live(small_market("baseline", *LIVELY, "opinion=spreads", "opinion.readiness.rehearsals=30"), 4)
    assert not len(market.records.tables["opinion_rehearsals"]["day"])
    assert market.world.ledger.balance.get("opinion_cost", 0) == 0
