"""The day's clock: at which moments of a day feeds, search, paid media and habit may bring each person.

A source that pulls with a hazard brings visits as a Poisson process. Each source on each platform is a lane
of its own: for every person, day and lane there is one keyed process of points in time and *level*, with
unit intensity, in time measured by the group's hours of activity. A point brings a visit if its level lies
below the pull of that daypart: time on the platform times what the platform shows times the response.
So one draw a lane and day tells who can have no visit at all, raising a pull only adds points, adding a lane
re-deals nothing, and nothing is ever clipped: where a pull rises in mid-day above what was listed, the points
between the two levels are listed as well.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from sim.core.clock import DAYPART_STARTS, DAYPARTS
from sim.core.jit import njit
from sim.core.rng import occasion_key, person_key, unit_of
from sim.demand.day_sieve import BLOCK, PUBLIC, SLACK, lane_bit, new_block, sieve
from sim.world.attention import POINT
from sim.world.platforms import OWN_SITE, PLATFORMS
from sim.world.schema import GROUPS, Source

#: Lanes as numbers, which kernels hold.
FEED, SEARCH, PAID, DIRECT = (
    int(s) for s in (Source.ORGANIC_FEED, Source.SEARCH, Source.PAID_MEDIA, Source.DIRECT)
)
MAX_CHANCE = 0.9
#: Kinds of people, as bits.
KNOWN, WANTS = 1, 2
#: Everybody clicks as usual, whatever is shown.
AS_USUAL = np.ones((len(GROUPS), len(PLATFORMS)))


class Crowd(NamedTuple):
    """What the race asks of people, one row a seat (columns of the population)."""

    id: np.ndarray
    group: np.ndarray
    activity: np.ndarray
    registered: np.ndarray
    need_category: np.ndarray
    habit: np.ndarray
    affinity: np.ndarray
    fatigue: np.ndarray


class Response(NamedTuple):
    """How people answer: chances of a click, what lifts or lowers them, and how an impression tires.

    ``click`` is float64[n_groups, n_platforms], clicks on what feeds and media show relative to the usual.
    """

    feed: float
    paid: float
    registered: float
    need: float
    no_need_habit: float
    fatigue: float
    tiring: float
    click: np.ndarray = AS_USUAL


class Offer(NamedTuple):
    """What platforms give in this daypart, float64[n_platforms] each, and who is shown more of what is paid.

    ``paid`` and ``feed`` are impressions a day per unit of a person's time on the platform, ``search`` visits
    a day of a user with a need; ``targeting`` multiplies paid impressions of registered users.
    """

    paid: np.ndarray
    feed: np.ndarray
    search: np.ndarray
    targeting: float


@njit(inline="always")
def kind_of(i, crowd):
    """Registered or not, with a need or not, as bits."""
    return (KNOWN if crowd.registered[i] else 0) | (WANTS if crowd.need_category[i] >= 0 else 0)


@njit(inline="always")
def pull(source, p, kind, tiredness, click, offer, response):
    """Visits a day that a source brings per unit of its weight (:func:`weight`)."""
    if source == SEARCH:  # a search that is made is a visit
        return offer.search[p] if kind & WANTS else 0.0
    known, wants = kind & KNOWN, kind & WANTS
    lift = (response.registered if known else 1.0) * (response.need if wants else 1.0)
    chance = min(MAX_CHANCE, (response.feed if source == FEED else response.paid) * lift * click)
    impressions = offer.feed[p] if source == FEED else offer.paid[p] * (offer.targeting if known else 1.0)
    return -impressions * math.log(1.0 - chance * math.exp(-response.fatigue * tiredness))


@njit(inline="always")
def direct_pull(kind, response):
    """Direct visits a day per unit of habit."""
    return (1.0 if kind & WANTS else response.no_need_habit) if kind & KNOWN else 0.0


@njit(inline="always")
def weight(source, i, p, crowd):
    """A person's time on a platform, or, for what is searched, use of it."""
    if source == SEARCH:
        return np.float64(crowd.affinity[i, p])
    return np.float64(crowd.activity[i]) * np.float64(crowd.affinity[i, p])


@njit(cache=True)
def strongest(offer, response, highest, direct):
    """Write the pull on each kind of person who is not tired; a kind has at least what its parts have."""
    for kind in range(4):
        direct[kind] = direct_pull(kind, response)
        for source in range(3):
            for p in range(offer.feed.shape[0]):
                click = response.click[:, p].max()
                highest[kind, source, p] = pull(source, p, kind, 0.0, click, offer, response)
    for kind in range(4):
        for part in range(kind):
            if part & kind == part:
                direct[kind] = max(direct[kind], direct[part])
                highest[kind] = np.maximum(highest[kind], highest[part])


@njit(inline="always")
def _occasion(number, mark, source, p):
    """Of a lane's draws: the step to the level (mark 0) and the time (mark 1) of each of its points."""
    return occasion_key(((2 * number + mark) << 16) + (source << 8) + p)


@njit(inline="always")
def minute_of(time, clock):
    """Minute of the day at which a share of the day's activity is over."""
    hour = 0
    while clock[hour + 1] <= time:
        hour += 1
    inside = (time - clock[hour]) / (clock[hour + 1] - clock[hour])
    return hour * 60 + np.int64(min(59.0, inside * 60.0))


@njit(cache=True)
def _points(person, source, p, low, high, clock, start, seat, rows, n):
    """Append a lane's points with levels from ``low`` to below ``high``, from minute ``start`` on."""
    level, number = 0.0, 0
    while True:
        level -= math.log(1.0 - unit_of(person, _occasion(number, 0, source, p)))
        if level >= high:
            return rows, n
        if level >= low:
            minute = minute_of(unit_of(person, _occasion(number, 1, source, p)), clock)
            if minute >= start:
                if n == rows.shape[0]:
                    more = np.empty(2 * n, POINT)
                    more[:n] = rows
                    rows = more
                row = rows[n]
                row.seat, row.minute, row.source, row.platform = seat, minute, source, p
                row.level = level
                n += 1
        number += 1


@njit(cache=True)
def _lanes(start, i, j, block, clocks, crowd, listed, highest, direct, rows, n):
    """Append the points of those lanes of a person (row ``j`` of a block) that the sieve has left."""
    platforms, had, has = crowd.affinity.shape[1], block.had[j], block.kind[j]
    person, lanes, clock = block.key[j], block.lanes[j], clocks[crowd.group[i]]
    for p in range(platforms):
        for source in range(PUBLIC):
            if lanes & lane_bit(source, p):
                scale = weight(source, i, p, crowd) * SLACK
                low, high = scale * listed.pull[had, source, p], scale * highest[has, source, p]
                if high > low:
                    rows, n = _points(person, source, p, low, high, clock, start, i, rows, n)
    if lanes & lane_bit(DIRECT, platforms):
        low = block.old_habit[j] * listed.direct[had] * SLACK
        high = block.habit[j] * direct[has] * SLACK
        if high > low:
            rows, n = _points(person, DIRECT, 0, low, high, clock, start, i, rows, n)
    return rows, n


@njit(inline="always")
def _load(stream, seats, crowd, listed, block):
    """Put people into a block, and note that they are listed as they are now."""
    for j in range(seats.shape[0]):
        i = seats[j]
        had, old = np.int64(listed.kind[i]), np.float64(listed.habit[i])
        kind, habit = had | kind_of(i, crowd), max(old, np.float64(crowd.habit[i]))
        listed.kind[i], listed.habit[i] = kind, habit
        block.key[j] = person_key(stream, crowd.id[i])
        block.had[j], block.kind[j] = had, kind
        block.old_habit[j], block.habit[j] = old, habit
        block.activity[j] = crowd.activity[i]
        for p in range(crowd.affinity.shape[1]):
            block.affinity[p, j] = crowd.affinity[i, p]


@njit(cache=True)
def _list(stream, start, seats, clocks, crowd, listed, highest, direct):
    """Points of these people that are not listed yet: pulls and what is known of them may have risen."""
    platforms = crowd.affinity.shape[1]
    first = np.empty((4, platforms), np.uint64)
    for source in range(4):
        for p in range(platforms):
            first[source, p] = _occasion(0, 0, source, p)
    rows, n = np.empty(1024 + seats.shape[0] // 4, POINT), 0
    block = new_block(platforms)
    for begin in range(0, seats.shape[0], BLOCK):
        some = seats[begin : begin + BLOCK]
        _load(stream, some, crowd, listed, block)
        sieve(some.shape[0], first, highest, direct, block)
        for j in range(some.shape[0]):
            if block.lanes[j]:
                rows, n = _lanes(start, some[j], j, block, clocks, crowd, listed, highest, direct, rows, n)
    return rows[:n]


@njit(cache=True)
def _risen(crowd, listed):
    """Seats of people of whom more is known, or whose habit is stronger, than when they were listed."""
    seats, n = np.empty(crowd.id.shape[0], np.int64), 0
    for i in range(crowd.id.shape[0]):
        if (kind_of(i, crowd) | listed.kind[i]) != listed.kind[i] or crowd.habit[i] > listed.habit[i]:
            seats[n] = i
            n += 1
    return seats[:n]


@njit(cache=True)
def _further(stream, start, clocks, crowd, offer, response, listed):
    """Moments that are not listed yet, in no order; pulls are listed up to today's strongest so far."""
    highest, direct = np.empty_like(listed.pull), np.empty_like(listed.direct)
    strongest(offer, response, highest, direct)
    rises = (highest > listed.pull).any() or (direct > listed.direct).any()
    highest, direct = np.maximum(highest, listed.pull), np.maximum(direct, listed.direct)
    seats = np.arange(crowd.id.shape[0]) if rises else _risen(crowd, listed)
    if seats.shape[0] == 0:
        return np.empty(0, POINT)
    rows = _list(stream, start, seats, clocks, crowd, listed, highest, direct)
    listed.pull[:], listed.direct[:] = highest, direct
    return rows


@njit(cache=True)
def further_points(stream, start, clocks, crowd, offer, response, listed):
    """Moments of today that today's state makes possible and that are not listed yet.

    Parameters
    ----------
    stream : uint64
        The day's stream of draws.
    start : int
        First minute of the day that is still to come.
    clocks : float64[n_groups, 25]
        Cumulative share of a day's activity by hour.
    crowd : Crowd
        People as they are now.
    offer, response : Offer, Response
        Platforms as they are now, and how people answer.
    listed : Listed
        How far moments are listed; brought up to date.

    Returns
    -------
    points : array[k] of ``POINT``
        By daypart; those of a daypart in the order in which they were listed.
    end : int64[n_dayparts]
        Row after each daypart's last.
    """
    rows = _further(stream, start, clocks, crowd, offer, response, listed)
    points, end = np.empty_like(rows), np.zeros(DAYPARTS, np.int64)
    for row in rows:
        end[_daypart_of(row.minute)] += 1
    end = np.cumsum(end)
    free = end.copy()
    for k in range(rows.shape[0] - 1, -1, -1):
        daypart = _daypart_of(rows[k].minute)
        free[daypart] -= 1
        points[free[daypart]] = rows[k]
    return points, end


@njit(inline="always")
def _daypart_of(minute):
    daypart = 0
    while daypart + 1 < DAYPARTS and DAYPART_STARTS[daypart + 1] <= minute:
        daypart += 1
    return daypart


assert OWN_SITE >= 0
