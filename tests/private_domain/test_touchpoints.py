"""One budget for three kinds of touchpoint: events are answered in turn, messages tire, money is split."""

from __future__ import annotations

import heapq
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.private_domain.touchpoints import COMMUNITY, INSTANT, SCENE, answered_after
from sim.private_domain.touchpoints_params import TouchpointsParams
from sim.world.schema import Source
from tests.conftest import LIVELY, live, small_market

DAYS, SIZE = 10, 1500


@pytest.mark.exact
def test_weights_split_the_budget():
    assert TouchpointsParams(instant=2, community=1, scene=1).shares().tolist() == [0.5, 0.25, 0.25]
    assert TouchpointsParams(instant=0, community=0, scene=0).shares() == pytest.approx([1 / 3] * 3)


@pytest.mark.reference
@given(st.lists(st.integers(0, 300), min_size=1, max_size=30), st.integers(1, 40), st.integers(1, 2000))
def test_events_are_answered_one_after_the_other(minutes, each, latest):
    """A plain queue: an answer begins when the event is there and the one before is done, or never."""
    heap, free, expected = sorted(minutes), 0, []
    heapq.heapify(heap)
    while heap:
        event = heapq.heappop(heap)
        done = max(free, event) + each
        in_time = done - event <= latest
        free = done if in_time else free
        expected.append(done - event if in_time else math.inf)
    at, busy = np.array(sorted(minutes)) + 480, np.array([480 * 60])
    found = answered_after(at, busy, float(each), float(latest))
    assert found == pytest.approx(expected)
    assert busy[0] == (480 + free) * 60
    half, busy = len(at) // 2, np.array([480 * 60])
    parts = [answered_after(part, busy, float(each), float(latest)) for part in (at[:half], at[half:])]
    assert np.concatenate(parts).tolist() == found.tolist()


# --- in a market -------------------------------------------------------------------------------

ALONE = {
    INSTANT: ("touchpoints.community=0", "touchpoints.scene=0"),
    COMMUNITY: ("touchpoints.instant=0", "touchpoints.scene=0"),
    SCENE: ("touchpoints.instant=0", "touchpoints.community=0"),
}
SOURCES = {INSTANT: "answer", COMMUNITY: "community", SCENE: "scene"}


def lived(*words: str):
    usual = (*LIVELY, "control=media", "turnover=none", "touchpoints=three", "touchpoints.budget=40")
    words = (*usual, "touchpoints.joins=0.5", *words)
    return live(small_market("baseline", *words, size=SIZE), DAYS)


def sent_of(market):
    return market.records.tables["touchpoints_sent"]


@pytest.fixture(scope="module")
def markets():
    """The budget split evenly, and all of it for one of the three."""
    return {None: lived(), **{kind: lived(*words) for kind, words in ALONE.items()}}


def visits_of(market, kind: int) -> int:
    number = market.world.kinds.source(f"touchpoints_{SOURCES[kind]}")
    return int((market.records.visits["source"] == number).sum())


def test_the_split_says_which_kind_of_touchpoint_brings_people(markets):
    """Each brings visits where it has a share of the budget, and none where it has none."""
    for kind in SOURCES:
        assert visits_of(markets[None], kind) > 0
        for alone in SOURCES:
            assert (visits_of(markets[alone], kind) > 0) == (kind == alone)


def test_no_kind_spends_more_than_its_share_of_a_day(markets):
    """40 CNY a thousand people are 6,000 fen a day; a third each, or all for one, all of it in the ledger."""
    for alone, market in markets.items():
        rows = sent_of(market)
        assert rows["fen"].sum() == market.world.ledger.balance["touchpoints_cost"] > 0
        for kind in SOURCES:
            mine = rows["kind"] == kind
            by_day = np.bincount(rows["day"][mine], rows["fen"][mine], DAYS)
            most = 2000 if alone is None else 6000 * (alone == kind)
            assert by_day.max() <= most
        assert (rows["number"] <= rows["wanted"]).all()


@pytest.mark.parametrize("words", [
    ("touchpoints.budget=1",),
    ("touchpoints.budget=0.67", "touchpoints.message=0.051"),
    ("touchpoints.budget=2", "touchpoints.answers=60"),
])  # fmt: skip
def test_upkeep_is_part_of_the_share_and_a_share_that_is_spent_sends_nothing(words):
    """A few CNY, most of it gone for machines; a rounded price may go half a fen beyond."""
    market = lived(*ALONE[INSTANT], *words)
    rows, p = sent_of(market), market.config.touchpoints
    by_day = np.bincount(rows["day"], rows["fen"], DAYS)
    assert by_day.max() <= 100 * p.budget * SIZE / 1000 + 0.5
    assert by_day.min() > 0
    assert rows["number"].sum() > 0


def test_machines_answer_no_more_in_a_day_than_they_have_time_for():
    """One answer takes 80 minutes, and one that begins today comes at most twelve hours after its event."""
    market = lived(*ALONE[INSTANT], "touchpoints.answers=0.5", "touchpoints.heat_minutes=240")
    rows = sent_of(market)
    by_day = np.bincount(rows["day"], rows["number"], DAYS)
    assert by_day.max() <= (1440 + 720) / 80
    assert rows["wanted"].sum() > 2 * by_day.sum()


def test_machines_work_through_the_night_and_what_waits_at_midnight_is_answered_first():
    """Over all days, and on the second one, no more answers than there was time for since the first event."""
    market = lived(*ALONE[INSTANT], "touchpoints.answers=0.5", "touchpoints.heat_minutes=600")
    rows, first = sent_of(market), market.records.visits["minute"].min()
    late = 3 * 600  # minutes after an event at which it may still be answered
    by_day = np.cumsum(np.bincount(rows["day"], rows["number"], DAYS))
    assert (by_day <= ((np.arange(DAYS) + 1) * 1440 + late - first) / 80).all()
    busy = rows["busy"][rows["kind"] == INSTANT] / 60
    assert (np.diff(busy) >= 0).all()
    assert busy[-1] <= DAYS * 1440 + late
    assert rows["number"].sum() <= (busy[-1] - first) / 80


def test_nobody_comes_back_before_the_answer():
    """A machine that takes 400 minutes: whoever comes by an answer was there at least that long before."""
    market = lived(*ALONE[INSTANT], "touchpoints.answers=0.1", "touchpoints.heat_minutes=480",
                   "touchpoints.click=1")  # fmt: skip
    each = 60 * 1000 / (0.1 * SIZE)
    v = market.records.visits
    rows = np.flatnonzero(v["source"] == market.world.kinds.source("touchpoints_answer"))
    assert len(rows) > 3
    for row in rows:
        before = v["minute"][(v["person"] == v["person"][row]) & (v["minute"] < v["minute"][row])]
        assert v["minute"][row] - before.min() >= each


def test_events_are_those_that_visits_show(markets):
    """Carts left behind, and searches and friends' links that led to nothing, of everybody who is there."""
    market = markets[INSTANT]
    v, rows = market.records.visits, sent_of(market)
    looked = ~v["cart"] & ~v["order"] & np.isin(v["source"], [Source.SEARCH, Source.SHARE, Source.INVITATION])
    left = v["cart"] & ~v["order"] & ~v["refused"]
    assert rows["wanted"][rows["kind"] == INSTANT].sum() == (looked | left).sum() > 100


def test_slow_machines_answer_late_and_do_less(markets):
    fast, slow = markets[INSTANT], lived(*ALONE[INSTANT], "touchpoints.answers=0.5")
    minutes = [market.kpis()["touchpoints_minutes"] for market in (fast, slow)]
    assert minutes[0] < 5 < minutes[1]
    rate = [visits_of(market, INSTANT) / sent_of(market)["number"].sum() for market in (fast, slow)]
    assert rate[1] < rate[0]
    assert sent_of(slow)["number"].sum() < sent_of(fast)["number"].sum()


def test_messages_tire_and_some_ask_for_no_more():
    """The same messages at the scene bring fewer visits where they tire; who opts out gets no more."""
    calm, tired, out = (
        lived(*ALONE[SCENE], "touchpoints.budget=200", "compliance.message_cap=7", *words)
        for words in (
            ("touchpoints.tires=0", "touchpoints.opts_out=0"),
            ("touchpoints.tires=2", "touchpoints.opts_out=0"),
            ("touchpoints.tires=0", "touchpoints.opts_out=0.5"),
        )
    )
    assert visits_of(tired, SCENE) < 0.7 * visits_of(calm, SCENE)
    rows, people = sent_of(out), out.world.people
    assert rows["opted_out"].sum() == people.touchpoints_out.sum() > 0
    wanted = [int(rows["wanted"][(rows["day"] == day) & (rows["kind"] == SCENE)][0]) for day in (0, 5)]
    assert wanted[1] < 0.9 * wanted[0]


@pytest.mark.parametrize(("words", "share"), [
    (("compliance.message_cap=3.5",), 0.5), (("compliance.message_cap=7",), 1.0), (("compliance=none",), 1.0),
])  # fmt: skip
def test_nobody_is_written_to_more_often_than_platforms_let(words, share):
    """There is money for everybody every day; each day is drawn for itself."""
    market = lived(*ALONE[SCENE], "touchpoints.budget=1000", "touchpoints.opts_out=0", *words)
    rows, registered = sent_of(market), market.records.registrations
    sent = int(rows["number"][rows["kind"] == SCENE].sum())
    start = int(market.world.people.registered.sum()) - len(registered)
    days = np.arange(DAYS)
    least, most = (sum(start + int((registered["day"] < day + k).sum()) for day in days) for k in (0, 1))
    spread = 4.0 * math.sqrt(most * share * (1.0 - share))
    assert share * least - spread <= sent <= share * most + spread
    assert sent > 100


def test_the_scene_is_at_its_hour():
    market = lived(*ALONE[SCENE], "touchpoints.hour=9")
    number = market.world.kinds.source("touchpoints_scene")
    visits = market.records.visits
    hours = visits["minute"][visits["source"] == number] % 1440 // 60
    assert len(hours) > 0
    assert set(hours.tolist()) <= {9, 10, 11}  # from nine to the end of that part of the day
