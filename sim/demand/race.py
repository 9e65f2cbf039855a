"""The race of clocks for a visit, compiled: touches, feeds, paid media, search and habit.

Every source that reaches a person draws its own exponential clock; the first that rings before the
daypart ends brings the visit (:mod:`sim.demand.visits` says why).
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from sim.core.clock import DAYPARTS
from sim.core.jit import njit
from sim.core.rng import hash_id, keyed_uniform, occasion_key, person_key, unit_of
from sim.world.platforms import OWN_SITE
from sim.world.schema import Source

#: Sources as numbers, which kernels hold.
_FEED, _SEARCH, _PAID, _DIRECT = (
    int(s) for s in (Source.ORGANIC_FEED, Source.SEARCH, Source.PAID_MEDIA, Source.DIRECT)
)
_MAX_CHANCE = 0.9
_LN2 = math.log(2.0)
#: Bounds are widened by this, so that rounding cannot dismiss a clock that rings.
_SLACK = 1.0 + 1e-9


class Moment(NamedTuple):
    """The daypart: its number, and its first minute and the one after its last."""

    daypart: int
    start: int
    end: int


class Touches(NamedTuple):
    """Touches that are due, one row each (columns of the agenda of touches)."""

    seat: np.ndarray
    person: np.ndarray
    minute: np.ndarray
    source: np.ndarray
    origin: np.ndarray
    category: np.ndarray
    chance: np.ndarray
    touch: np.ndarray


class Crowd(NamedTuple):
    """What the race asks of people, one row a seat (columns of the population)."""

    id: np.ndarray
    group: np.ndarray
    registered: np.ndarray
    need_category: np.ndarray
    habit: np.ndarray
    affinity: np.ndarray
    paid_impressions: np.ndarray
    feed_impressions: np.ndarray
    fatigue: np.ndarray


class Response(NamedTuple):
    """How people answer: chances of a click, and what lifts or lowers them."""

    feed: float
    paid: float
    registered: float
    need: float
    no_need_habit: float
    fatigue: float


class Activity(NamedTuple):
    """How much of a day's activity falls in the daypart, when, and what platforms give of search.

    ``shares`` is float64[n_groups], ``clocks`` float64[n_groups, 25] (cumulative, by hour), ``search``
    (visits a day of a user with a need) and ``traffic`` (share of the usual) float64[n_platforms].
    """

    shares: np.ndarray
    clocks: np.ndarray
    search: np.ndarray
    traffic: np.ndarray


class Race(NamedTuple):
    """Who leads so far, by seat: minute, source, platform and row of the touch; all sources seen, as bits."""

    best: np.ndarray
    by_source: np.ndarray
    by_origin: np.ndarray
    by_touch: np.ndarray
    seen: np.ndarray


def new_race(n: int) -> Race:
    """A race of ``n`` seats in which no clock has rung."""
    return Race(
        best=np.full(n, np.iinfo(np.int64).max),
        by_source=np.zeros(n, np.int8),
        by_origin=np.zeros(n, np.int8),
        by_touch=np.full(n, -1, np.int32),
        seen=np.zeros(n, np.int32),
    )


@njit(inline="always")
def _minute(time, clock, start):
    """Absolute minute of a clock that rings at ``time`` (0..1) of a daypart's activity."""
    hour = 0
    while clock[hour + 1] <= time:
        hour += 1
    inside = (time - clock[hour]) / (clock[hour + 1] - clock[hour])
    return start + hour * 60 + np.int64(inside * 60.0)


@njit(inline="always")
def _rings(u, impressions, cap, tiredness):
    """Hazard of a source if its clock rings in this daypart, else 0; ``u`` is its draw.

    ``cap`` is the chance of a person who is not tired: where even that would not ring (by the
    cheap bound ``1 - exp(-h) <= n c / (1 - c)``), nothing more is computed.
    """
    if u >= impressions * cap / (1.0 - cap):
        return 0.0
    hazard = -impressions * math.log(1.0 - cap * math.exp(-tiredness))
    return hazard if u < 1.0 - math.exp(-hazard) else 0.0


@njit(cache=True)
def race_touches(stream, moment, touches, crowd, need_response, race):
    """First ring among individual touches (rows); those of people who have left are dropped."""
    start, end = moment.start, moment.end
    persons, minutes, ids = touches.person, touches.minute, touches.touch
    best, by_touch = race.best, race.by_touch
    for k in range(persons.shape[0]):
        i = touches.seat[k]
        if crowd.id[i] != persons[k]:
            continue
        race.seen[i] |= np.int32(1) << np.int32(touches.source[k])
        chance = min(_MAX_CHANCE, touches.chance[k] * (need_response if crowd.need_category[i] >= 0 else 1.0))
        u = keyed_uniform(stream, persons[k], ids[k])
        if u >= chance:
            continue
        time = math.log(1.0 - u) / math.log(1.0 - chance)
        first = max(minutes[k], start)
        minute = first + np.int64(time * (end - first))
        if minute < best[i] or (minute == best[i] and by_touch[i] >= 0 and ids[k] < ids[by_touch[i]]):
            best[i] = minute
            race.by_source[i] = touches.source[k]
            race.by_origin[i] = touches.origin[k]
            by_touch[i] = k


@njit(cache=True)
def _suspects(stream, daypart, response, activity, crowd):
    """Seats of which some feed's clock might ring, by the cheap bound ``1 - exp(-h) <= n c / (1 - c)``.

    Nineteen in twenty people are dismissed here; the race itself is run for the rest.
    """
    people_id, group, registered, need = crowd.id, crowd.group, crowd.registered, crowd.need_category
    habit, affinity = crowd.habit, crowd.affinity
    paid, feed = crowd.paid_impressions, crowd.feed_impressions
    shares, search, traffic = activity.shares, activity.search, activity.traffic
    n_platforms = affinity.shape[1]
    key = np.empty((4, n_platforms), np.uint64)
    for source in range(4):
        for p in range(n_platforms):
            key[source, p] = occasion_key((daypart << 16) + (source << 8) + p)
    bound = np.empty((2, 2, 2))
    for known in range(2):
        for wants in range(2):
            lift = (response.registered if known else 1.0) * (response.need if wants else 1.0)
            for k in range(2):
                cap = min(_MAX_CHANCE, (response.paid if k else response.feed) * lift)
                bound[known, wants, k] = cap / (1.0 - cap) * _SLACK
    seats = np.empty(people_id.shape[0], np.int64)
    size = 0
    for i in range(people_id.shape[0]):
        person = person_key(stream, people_id[i])
        wants = need[i] >= 0
        by_feed, by_paid = bound[int(registered[i]), int(wants), 0], bound[int(registered[i]), int(wants), 1]
        share = shares[group[i]] * _SLACK
        maybe = unit_of(person, key[_DIRECT, 0]) <= share * habit[i]
        for p in range(n_platforms):
            maybe |= (unit_of(person, key[_FEED, p]) <= feed[i, p] * by_feed) | (
                unit_of(person, key[_PAID, p]) <= paid[i, p] * by_paid
            )
        if wants:
            for p in range(n_platforms):
                maybe |= unit_of(person, key[_SEARCH, p]) <= share * affinity[i, p] * search[p] * traffic[p]
        if maybe:
            seats[size] = i
            size += 1
    return seats[:size]


@njit(inline="always")
def _leads(race, i, minute, source, origin):
    """Let a feed's clock lead if it rings before all others so far."""
    race.seen[i] |= np.int32(1) << np.int32(source)
    if minute < race.best[i]:
        race.best[i] = minute
        race.by_source[i] = source
        race.by_origin[i] = origin
        race.by_touch[i] = -1


@njit(cache=True)
def race_feeds(stream, moment, response, activity, crowd, race):
    """First ring among feeds, paid media, search and direct visits; merged with the touches' race."""
    daypart, start, clocks = moment.daypart, moment.start, activity.clocks
    affinity, fatigue = crowd.affinity, crowd.fatigue
    for i in _suspects(stream, daypart, response, activity, crowd):
        who = crowd.id[i]
        group = crowd.group[i]
        registered = crowd.registered[i]
        wants = crowd.need_category[i] >= 0
        share = activity.shares[group]
        lift = (response.registered if registered else 1.0) * (response.need if wants else 1.0)
        feed_cap = min(_MAX_CHANCE, response.feed * lift)
        paid_cap = min(_MAX_CHANCE, response.paid * lift)
        for p in range(affinity.shape[1]):
            if affinity[i, p] == 0.0:
                continue
            for source in range(3):
                if source == _FEED:
                    impressions, cap = crowd.feed_impressions[i, p], feed_cap
                    tired = response.fatigue * fatigue[i, p]
                elif source == _PAID:
                    impressions, cap = crowd.paid_impressions[i, p], paid_cap
                    tired = response.fatigue * fatigue[i, p]
                elif wants:
                    # a search that is made is a visit: its rate is the hazard itself
                    impressions = share * affinity[i, p] * activity.search[p] * activity.traffic[p] / _LN2
                    cap, tired = 0.5, 0.0
                else:
                    continue
                if impressions <= 0.0:
                    continue
                u = keyed_uniform(stream, who, (daypart << 16) + (source << 8) + p)
                hazard = _rings(u, impressions, cap, tired)
                if hazard > 0.0:
                    _leads(race, i, _minute(-math.log(1.0 - u) / hazard, clocks[group], start), source, p)
        if registered and crowd.habit[i] > 0.0:
            hazard = share * crowd.habit[i] * (1.0 if wants else response.no_need_habit)
            u = keyed_uniform(stream, who, (daypart << 16) + (_DIRECT << 8))
            if u < 1.0 - math.exp(-hazard):
                minute = _minute(-math.log(1.0 - u) / hazard, clocks[group], start)
                _leads(race, i, minute, _DIRECT, OWN_SITE)


@njit(inline="always")
def _browsed(stream, who, daypart, weight):
    """Category that somebody without a need looks at: the first of one clock a category to ring."""
    best, found = math.inf, 0
    for c in range(weight.shape[0]):
        if weight[c] > 0.0:
            clock = -math.log(keyed_uniform(stream, who, (daypart << 8) + c)) / weight[c]
            if clock < best:
                best, found = clock, c
    return found


@njit(cache=True)
def look(surface_stream, browse_stream, day, daypart, seats, crowd, race, touch_category, sends_on, weight):
    """Surface and category of each visit, and its id."""
    n = seats.shape[0]
    surface = np.empty(n, np.int8)
    category = np.empty(n, np.int8)
    visit_id = np.empty(n, np.int64)
    for k in range(n):
        i = seats[k]
        who = crowd.id[i]
        visit_id[k] = hash_id(who, day, daypart)
        origin = race.by_origin[i]
        moves = keyed_uniform(surface_stream, who, daypart) < sends_on[origin]
        surface[k] = OWN_SITE if moves else origin
        shown = touch_category[race.by_touch[i]] if race.by_touch[i] >= 0 else -1
        if shown >= 0:
            category[k] = shown
        elif crowd.need_category[i] >= 0:
            category[k] = crowd.need_category[i]
        else:
            category[k] = _browsed(browse_stream, who, daypart, weight[crowd.group[i]])
    return surface, category, visit_id


assert (_FEED, _SEARCH, _PAID) == (0, 1, 2)
assert DAYPARTS < 2**8
