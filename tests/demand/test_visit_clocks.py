"""Clocks of the race for a visit: hazards, minutes, and who is reached by a touch."""

from __future__ import annotations

import math
import time

import numpy as np
import pytest
from scipy import stats

from sim.core.clock import DAYPART_STARTS, DAYPARTS
from sim.core.rng import uniform_py
from sim.demand.arrivals import Notes, in_order, read
from sim.demand.day_clock import DIRECT, SEARCH, Crowd, Offer, Response, further_points, minute_of, pull
from sim.demand.exposure import TrafficParams, day_clock
from sim.demand.race import (
    NEVER,
    Moment,
    Touches,
    count_impressions,
    new_race,
    race_points,
    race_touches,
)
from sim.world.attention import Listed, nothing_listed, nothing_shown

CLOCKS = day_clock(TrafficParams())
RESPONSE = Response(feed=0.2, paid=0.3, registered=2.0, need=1.5, no_need_habit=0.4, fatigue=0.5, tiring=0.1)


def offer(paid: float = 0.0, feed: float = 0.0, search: float = 0.0) -> Offer:
    """The same on both platforms."""
    return Offer(np.full(2, paid), np.full(2, feed), np.full(2, search), 1.6)


@pytest.mark.parametrize("tiredness", [0.0, 0.7])
@pytest.mark.parametrize("impressions", [0.5, 3.0])
def test_many_impressions_are_as_many_tries(impressions: float, tiredness: float) -> None:
    """The chance of no visit of a day is (1 - c e^-t)^n."""
    none = math.exp(-pull(0, 0, 0, tiredness, 1.0, offer(feed=impressions), RESPONSE))
    assert none == pytest.approx((1.0 - 0.2 * math.exp(-0.5 * tiredness)) ** impressions)


def test_a_clock_runs_with_the_hours_activity() -> None:
    """A quarter, a half and a quarter of the activity in three hours: time is spread accordingly."""
    clock = np.array([0.0, 0.25, 0.75, 1.0])
    at = [minute_of(t, clock) for t in (0.0, 0.125, 0.25, 0.5, 0.75, 0.875, np.nextafter(1.0, 0.0))]
    assert at == [0, 30, 60, 90, 120, 150, 179]


def crowd(ids: np.ndarray, **columns: np.ndarray) -> Crowd:
    """People of one group with two platforms, registered users who need the first category."""
    n = len(ids)
    usual = {
        "group": np.zeros(n, np.int8),
        "activity": np.ones(n, np.float32),
        "registered": np.ones(n, bool),
        "need_category": np.zeros(n, np.int8),
        "habit": np.zeros(n, np.float32),
        "affinity": np.ones((n, 2), np.float32),
        "fatigue": np.zeros((n, 2), np.float32),
    }
    return Crowd(id=ids, **(usual | columns))


def listed_points(people: Crowd, given: Offer, listed: Listed | None = None, start: int = 0) -> np.ndarray:
    """The moments of one day that are not listed yet."""
    listed = nothing_listed(len(people.id), 2) if listed is None else listed
    points, _ = further_points(np.uint64(11), start, CLOCKS, people, given, RESPONSE, listed)
    return points


def visits(people: Crowd, given: Offer, points: np.ndarray) -> list[tuple[int, int, int, int]]:
    """Seat, minute, source and platform of those whom these moments bring, all of the day raced at once."""
    race = new_race(len(people.id))
    shown = nothing_shown(len(people.id), 3, 2)
    race_points(Moment(0, 0, 1440, 0), points, given, RESPONSE, people, shown, race)
    seats = np.flatnonzero(race.best < NEVER)
    columns = (seats, race.best[seats], race.by_source[seats], race.by_origin[seats])
    return list(zip(*(column.tolist() for column in columns), strict=True))


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
    race_touches(np.uint64(3), Moment(0, 400, 800, 0), rows, people, 2.0, found)
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
    read(rows, Notes(np.array([1.0, 0.25]), np.array([2, 0, 1]), notes, by_category), np.array([7, 8]))
    assert notes.tolist() == [2.25, 0.0]
    assert by_category.tolist() == [[1.25, 0.0, 0.0], [0.0, 0.0, 0.0]]


def test_who_was_won_is_listed_once_each_by_minute_and_id() -> None:
    """As sorting all by minute and then by id, whoever reached them how often; nobody whom nothing brings."""
    rng = np.random.default_rng(9)
    ids = rng.permutation(50_000)[:300]
    for spans in (
        1,
        5,
        400,
        2_000,
    ):  # nearly all in one minute, some in each, hardly ever two, many after the end
        best = np.where(rng.random(300) < 0.7, 600 + rng.integers(0, spans, 300), NEVER)
        reached = rng.integers(0, 300, 500)
        seats = np.unique(reached[best[reached] < NEVER])
        expected = seats[np.lexsort((ids[seats], best[seats]))]
        assert in_order(Moment(0, 600, 1000, 0), reached, ids, best).tolist() == expected.tolist()


def test_a_minute_costs_those_who_come_in_it() -> None:
    """Sixteen times as many in a minute, under ids in no order, cost far less than sixteen times sixteen."""
    ids, moment = np.random.default_rng(3).permutation(64_000), Moment(0, 600, 1000, 0)

    def seconds(n: int) -> float:
        taken = []
        for _ in range(3):
            begin = time.process_time()
            in_order(moment, np.arange(n), ids, np.full(len(ids), 700))
            taken.append(time.process_time() - begin)
        return min(taken)

    seconds(100)
    assert seconds(64_000) < 80 * seconds(4_000)


def test_moments_are_parted_by_daypart() -> None:
    """Every moment stands between its daypart's rows, and its minute lies in it."""
    n = 400
    people, listed = crowd(np.arange(n), habit=np.full(n, 0.5, np.float32)), nothing_listed(n, 2)
    given = offer(1.0, 1.0, 0.5)
    points, end = further_points(np.uint64(11), 0, CLOCKS, people, given, RESPONSE, listed)
    assert end[-1] == len(points) > n
    daypart = np.repeat(np.arange(DAYPARTS), np.diff(end, prepend=0))
    assert (points["minute"] >= np.array(DAYPART_STARTS)[daypart]).all()
    assert (points["minute"] < np.array([*DAYPART_STARTS, 1440])[daypart + 1]).all()


def test_points_below_a_level_are_poisson_and_follow_the_hours() -> None:
    """Counts of a lane have mean and variance of the pull; hours are those of the group's activity."""
    n, feed = 20_000, 3.0
    people = crowd(np.arange(n), registered=np.zeros(n, bool), need_category=np.full(n, -1, np.int8))
    points = listed_points(people, offer(feed=feed))
    mean = -feed * math.log(1.0 - 0.2)
    counts = np.bincount(points["seat"][points["platform"] == 0], minlength=n)
    assert abs(counts.mean() - mean) < 4.0 * math.sqrt(mean / n)
    assert abs(counts.var() - mean) < 4.0 * math.sqrt((mean + 2.0 * mean**2) / n)
    hours = np.bincount(points["minute"] // 60, minlength=24)
    assert stats.chisquare(hours, np.diff(CLOCKS[0]) * hours.sum()).pvalue > 0.001
    assert stats.kstest(points["minute"] % 60 / 60.0, "uniform", method="asymp").statistic < 0.03
    levels = points["level"] / mean
    assert stats.kstest(levels, "uniform").pvalue > 0.001


def test_the_sieve_dismisses_nobody_who_has_a_moment() -> None:
    """Points of more than two blocks of people, as a plain loop over all lanes lists them."""
    n, rng = 1_100, np.random.default_rng(8)
    people = crowd(
        rng.permutation(5_000)[:n],
        registered=rng.random(n) < 0.5,
        need_category=np.where(rng.random(n) < 0.5, 1, -1).astype(np.int8),
        activity=rng.gamma(2.0, 0.5, n).astype(np.float32),
        habit=rng.gamma(1.0, 0.3, n).astype(np.float32),
        affinity=(rng.random((n, 2)) * (rng.random((n, 2)) < 0.6)).astype(np.float32),
    )
    given = Offer(np.array([0.5, 0.0]), np.array([1.0, 2.0]), np.array([0.0, 0.8]), 1.6)
    expected = []
    for seat in range(n):
        kind = int(people.registered[seat]) | 2 * int(people.need_category[seat] >= 0)
        for source, p in [(s, p) for p in range(2) for s in range(3)] + [(DIRECT, 0)]:
            if source == DIRECT:
                top = float(people.habit[seat]) * ((1.0 if kind & 2 else 0.4) if kind & 1 else 0.0)
            else:
                time = 1.0 if source == SEARCH else float(people.activity[seat])
                use = time * float(people.affinity[seat, p])
                top = use * pull(source, p, kind, 0.0, 1.0, given, RESPONSE)
            expected += plain_points(int(people.id[seat]), seat, source, p, top)
    expected.sort(key=lambda row: np.searchsorted(DAYPART_STARTS, row[1], side="right"))
    points = listed_points(people, given)
    assert len(expected) > 1_000
    assert [row[:4] for row in points.tolist()] == [row[:4] for row in expected]
    assert points["level"] == pytest.approx([row[4] for row in expected], rel=1e-12)


def plain_points(person: int, seat: int, source: int, p: int, top: float) -> list[tuple]:
    """Points of one lane below a level, draw by draw in plain Python."""
    rows, level, number = [], 0.0, 0
    while True:
        draws = [uniform_py(11, person, ((2 * number + mark) << 16) + (source << 8) + p) for mark in (0, 1)]
        level -= math.log(1.0 - draws[0])
        if level >= top:
            return rows
        rows.append((seat, int(minute_of(draws[1], CLOCKS[0])), source, p, level))
        number += 1


def test_more_is_only_added() -> None:
    """A stronger pull keeps every moment and adds some; so do a need, a registration and a habit."""
    n = 300
    plain = {"registered": np.zeros(n, bool), "need_category": np.full(n, -1, np.int8)}
    few = set(listed_points(crowd(np.arange(n), **plain), offer(1.0, 1.0, 0.5)).tolist())
    for people, given in (
        (crowd(np.arange(n), **plain), offer(2.0, 3.0, 0.5)),
        (crowd(np.arange(n), habit=np.full(n, 0.5, np.float32)), offer(1.0, 1.0, 0.5)),
    ):
        assert few < set(listed_points(people, given).tolist())


@pytest.mark.parametrize("part", ["registered", "need_category", "habit", "offer"])
def test_what_becomes_possible_in_mid_day_is_what_was_always_there(part: str) -> None:
    """Listing in two steps gives the moments of listing once, of the rest of the day, and none twice."""
    n, start = 400, 720
    first = {
        "registered": np.zeros(n, bool),
        "need_category": np.full(n, -1, np.int8),
        "habit": np.full(n, 0.1, np.float32),
    }
    later = {
        "registered": np.arange(n) % 3 == 0,
        "need_category": np.where(np.arange(n) % 2 == 0, 1, -1).astype(np.int8),
        "habit": np.where(np.arange(n) % 5 == 0, 0.9, 0.05).astype(np.float32),
    }
    before, after = offer(1.0, 1.0, 0.5), offer(1.0, 1.0, 0.5)
    if part == "offer":
        after = offer(2.0, 1.5, 0.6)
    elif part == "habit":
        first["registered"] = later["registered"] = np.ones(n, bool)
    else:
        later = first | {part: later[part]}
    listed = nothing_listed(n, 2)
    steps = listed_points(crowd(np.arange(n), **first), before, listed).tolist()
    added = listed_points(crowd(np.arange(n), **later), after, listed, start).tolist()
    assert added
    assert listed_points(crowd(np.arange(n), **later), after, listed, start).tolist() == []
    assert listed_points(crowd(np.arange(n), **first), before, listed, start).tolist() == []
    assert len(set(steps + added)) == len(steps + added)
    # listed to the stronger of both states at once, the afternoon is the same
    most = {
        "registered": first["registered"] | later["registered"],
        "need_category": np.maximum(first["need_category"], later["need_category"]),
        "habit": np.maximum(first["habit"], later["habit"]),
    }
    once = listed_points(crowd(np.arange(n), **most), after)
    assert {row for row in once.tolist() if row[1] >= start} == {
        row for row in steps + added if row[1] >= start
    }


def test_listing_more_than_needed_changes_no_visit() -> None:
    """Levels above today's pull never bring anybody."""
    people = crowd(np.arange(500), habit=np.full(500, 0.3, np.float32))
    given = offer(0.5, 0.5, 0.3)
    needed, more = listed_points(people, given), listed_points(people, offer(2.0, 2.0, 1.2))
    assert len(more) > 2 * len(needed)
    assert visits(people, given, more) == visits(people, given, needed)


def test_the_earliest_of_all_feeds_is_the_visit() -> None:
    """Each source alone has its minute, because its draws are its own; together the earliest wins."""
    n = 300
    habit = np.full(n, 0.5, np.float32)
    people, idle = crowd(np.arange(n), habit=habit), crowd(np.arange(n))
    alone: dict[int, tuple[int, int, int]] = {}
    for who, given in (
        (idle, offer(feed=0.4)),
        (idle, offer(search=0.4)),
        (idle, offer(paid=0.2)),
        (people, offer()),
    ):
        found = visits(who, given, listed_points(who, given))
        assert 20 < len(found) < n
        for seat, *rest in found:
            alone[seat] = min(alone.get(seat, (NEVER,)), tuple(rest))
    given = offer(0.2, 0.4, 0.4)
    assert visits(people, given, listed_points(people, given)) == [
        (seat, *alone[seat]) for seat in sorted(alone)
    ]


def test_draws_belong_to_ids_and_lanes() -> None:
    """Another order of seats, one more person and one more platform re-deal nothing."""
    n, given = 200, offer(1.0, 1.0, 0.4)
    ids = np.random.default_rng(1).permutation(10 * n)[:n]
    habit = np.full(n, 0.3, np.float32)

    def by_id(people: Crowd, given: Offer, platforms: int = 2) -> set[tuple]:
        listed = nothing_listed(len(people.id), platforms)
        rows = further_points(np.uint64(11), 0, CLOCKS, people, given, RESPONSE, listed)[0].tolist()
        return {(int(people.id[seat]), *rest) for seat, *rest in rows}

    found = by_id(crowd(ids, habit=habit), given)
    assert by_id(crowd(ids[::-1].copy(), habit=habit), given) == found
    more = by_id(crowd(np.append(ids, 10 * n), habit=np.append(habit, 0.3).astype(np.float32)), given)
    assert {row for row in more if row[0] != 10 * n} == found
    third = Offer(*(np.append(values, values[:1]) for values in given[:3]), given.targeting)
    wide = crowd(ids, habit=habit, affinity=np.ones((n, 3), np.float32), fatigue=np.zeros((n, 3)))
    assert {row for row in by_id(wide, third, 3) if row[3] != 2} == found


def test_impressions_tire_once_whenever_they_are_counted() -> None:
    """Counted at some dayparts or only in the evening, tiredness is the sum of the day's impressions."""
    n = 6
    shown = nothing_shown(n, 3, 2)
    steps = np.random.default_rng(3).random((2, DAYPARTS, 3, 2))
    shown.paid[1:], shown.feed[1:] = np.cumsum(steps[0], axis=0), np.cumsum(steps[1], axis=0)
    traits = np.random.default_rng(4).random((n, 3)).astype(np.float32)
    people = crowd(
        np.arange(n),
        group=np.arange(n, dtype=np.int8) % 3,
        activity=traits[:, 0],
        affinity=traits[:, 1:].copy(),
        registered=np.arange(n) % 2 == 0,
        fatigue=np.ones((n, 2), np.float32),
    )
    favour = np.where(people.registered, 1.6, 1.0)[:, None]
    by_daypart = favour * steps[0].transpose(1, 0, 2)[people.group].sum(axis=1)
    by_daypart = by_daypart + steps[1].transpose(1, 0, 2)[people.group].sum(axis=1)
    expected = 1.0 + 0.1 * people.activity[:, None] * people.affinity * by_daypart
    for upto, seats in ((2, [0, 3]), (2, [3]), (4, [3, 5]), (DAYPARTS, list(range(n)))):
        count_impressions(np.array(seats), upto, people, shown, 1.6, 0.1)
    np.testing.assert_allclose(people.fatigue, expected, rtol=1e-6)
    assert shown.counted.tolist() == [DAYPARTS] * n
