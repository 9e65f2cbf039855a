"""Clocks of the race for a visit: hazards, minutes, and who is reached by a touch."""

from __future__ import annotations

import math

import numpy as np
import pytest

from sim.demand.race import (
    Activity,
    Crowd,
    Moment,
    Response,
    Touches,
    _minute,
    _rings,
    new_race,
    race_feeds,
    race_touches,
)
from sim.demand.visits import _read

NEVER = np.iinfo(np.int64).max


@pytest.mark.parametrize("tiredness", [0.0, 0.7])
@pytest.mark.parametrize("impressions", [0.5, 3.0])
def test_many_impressions_are_as_many_tries(impressions: float, tiredness: float) -> None:
    """The chance of a visit is 1 - (1 - c e^-t)^n; the clock rings for exactly that share of draws."""
    cap = 0.2
    chance = 1.0 - (1.0 - cap * math.exp(-tiredness)) ** impressions
    for u, rings in ((0.0, True), (0.999 * chance, True), (1.001 * chance, False), (0.999, False)):
        assert (_rings(u, impressions, cap, tiredness) > 0.0) == rings
    assert _rings(0.0, impressions, cap, tiredness) == pytest.approx(-math.log(1.0 - chance))


def test_a_clock_runs_with_the_hours_activity() -> None:
    """A quarter, a half and a quarter of the activity in three hours: time is spread accordingly."""
    clock = np.array([0.0, 0.25, 0.75, 1.0])
    at = [_minute(t, clock, 600) for t in (0.0, 0.125, 0.25, 0.5, 0.75, 0.875)]
    assert at == [600, 630, 660, 690, 720, 750]


def crowd(ids: np.ndarray, **columns: np.ndarray) -> Crowd:
    """People of one group with two platforms, registered users who need the first category."""
    n = len(ids)
    usual = {
        "group": np.zeros(n, np.int8),
        "registered": np.ones(n, bool),
        "need_category": np.zeros(n, np.int8),
        "habit": np.zeros(n),
        "affinity": np.ones((n, 2)),
        "paid_impressions": np.zeros((n, 2)),
        "feed_impressions": np.zeros((n, 2)),
        "fatigue": np.zeros((n, 2)),
    }
    return Crowd(id=ids, **(usual | columns))


def told(persons: list[int], minutes: list[int], touches: list[int], **columns: np.ndarray) -> Touches:
    """Touches of the person in seat 0, friends' shares unless said otherwise."""
    n = len(minutes)
    usual = {
        "seat": np.zeros(n, np.int64),
        "source": np.full(n, 8),
        "origin": np.zeros(n, np.int64),
        "category": np.zeros(n, np.int64),
        "chance": np.zeros(n),
    }
    return Touches(
        person=np.array(persons), minute=np.array(minutes), touch=np.array(touches), **(usual | columns)
    )


def race(minutes: list[int], touches: list[int], chance: float, persons: list[int], need: int = -1):
    """Best minute and winning row of one person (id 7 in seat 0) told at the given minutes."""
    rows = told(persons, minutes, touches, chance=np.full(len(minutes), chance))
    found = new_race(1)
    people = crowd(np.array([7]), need_category=np.array([need]))
    race_touches(np.uint64(3), Moment(0, 400, 800), rows, people, 2.0, found)
    return int(found.best[0]), int(found.by_touch[0])


def test_a_touch_is_answered_by_its_chance_and_more_by_those_in_need() -> None:
    """Binomial over 4,000 touches: 20%, and twice as many with a need."""
    for need, chance in ((-1, 0.2), (2, 0.4)):
        answered = sum(race([500], [t], 0.2, [7], need)[1] == 0 for t in range(4000))
        assert abs(answered - 4000 * chance) < 4 * math.sqrt(4000 * chance * (1 - chance))


def test_nobody_answers_before_being_told_nor_for_somebody_who_left() -> None:
    """Minutes lie between the touch and the end of the daypart; another person in the seat hears nothing."""
    for heard in (100, 400, 650, 799):
        made = [race([heard], [t], 0.9, [7])[0] for t in range(300)]
        answered = [m for m in made if m != NEVER]
        assert len(answered) > 200
        assert min(answered) >= max(heard, 400)
        assert max(answered) < 800
    assert all(race([500], [t], 0.9, [8])[1] == -1 for t in range(50))


def test_the_earliest_ring_wins_whatever_the_order() -> None:
    """Alone each touch has its minute; together the earliest of them is the visit."""
    rng = np.random.default_rng(4)
    for _ in range(100):
        touches = rng.permutation(10_000)[:4].tolist()
        alone = [race([500], [t], 0.5, [7])[0] for t in touches]
        assert race([500] * 4, touches, 0.5, [7] * 4)[0] == min(alone)


def test_notes_are_left_with_those_who_are_there() -> None:
    """Worth by source; by category only where notes are looked for; nothing for whoever took the seat."""
    notes, by_category = np.zeros(2), np.zeros((2, 3))
    rows = told(
        [7, 7, 7, 99],
        [500] * 4,
        [0] * 4,
        seat=np.array([0, 0, 0, 1]),
        source=np.array([0, 1, 0, 0]),
        category=np.array([0, 0, 1, 0]),
    )
    _read(rows, np.array([1.0, 0.25]), np.array([2, 0, 1]), np.array([7, 8]), notes, by_category)
    assert notes.tolist() == [2.25, 0.0]
    assert by_category.tolist() == [[1.25, 0.0, 0.0], [0.0, 0.0, 0.0]]


def feeds(paid: np.ndarray, feed: np.ndarray, habit: float, search: float) -> tuple[list[int], list[int]]:
    """Best minute and source of sixty people with a need, each on two platforms."""
    n = len(paid)
    found = new_race(n)
    response = Response(feed=0.3, paid=0.3, registered=1.0, need=1.0, no_need_habit=1.0, fatigue=0.5)
    activity = Activity(
        shares=np.array([1.0]),
        clocks=np.array([[0.0, 0.25, 0.75, 1.0]]),
        search=np.full(2, search),
        traffic=np.ones(2),
    )
    ids = np.arange(100, 100 + n)
    people = crowd(ids, habit=np.full(n, habit), paid_impressions=paid, feed_impressions=feed)
    race_feeds(np.uint64(3), Moment(2, 600, 1_000), response, activity, people, found)
    return found.best.tolist(), found.by_source.tolist()


def test_the_earliest_of_all_feeds_is_the_visit() -> None:
    """Each source alone has its minute, because its draw is its own; together the earliest wins."""
    on, off = np.full((60, 2), 1.5), np.zeros((60, 2))
    by_source = {
        0: feeds(off, on, 0.0, 0.0)[0],
        1: feeds(off, off, 0.0, 0.6)[0],
        2: feeds(on, off, 0.0, 0.0)[0],
        3: feeds(off, off, 0.9, 0.0)[0],
    }
    assert all(5 < sum(m != NEVER for m in minutes) < 60 for minutes in by_source.values())
    best, source = feeds(on, on, 0.9, 0.6)
    assert best == [min(alone) for alone in zip(*by_source.values(), strict=True)]
    for i, minute in enumerate(best):
        assert minute == NEVER or by_source[source[i]][i] == minute
