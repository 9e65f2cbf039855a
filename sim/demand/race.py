"""The race for a visit, compiled: touches, and the moments of feeds, paid media, search and habit.

Every touch draws its own exponential clock, and all other sources have their moments in the day's clock
(:mod:`sim.demand.day_clock`); whatever comes first in a daypart brings the visit.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from sim.core.jit import njit
from sim.core.rng import hash_id, keyed_uniform, rings_later
from sim.demand.day_clock import DIRECT, FEED, MAX_CHANCE, SEARCH, direct_pull, kind_of, pull, weight
from sim.world.platforms import OWN_SITE

#: Minute of somebody whom nothing brings.
NEVER = np.iinfo(np.int64).max


class Moment(NamedTuple):
    """The daypart: its number, its first minute and the one after its last, and the day's first."""

    daypart: int
    start: int
    end: int
    midnight: int


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
        best=np.full(n, NEVER),
        by_source=np.zeros(n, np.int8),
        by_origin=np.zeros(n, np.int8),
        by_touch=np.full(n, -1, np.int32),
        seen=np.zeros(n, np.int32),
    )


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
        chance = min(MAX_CHANCE, touches.chance[k] * (need_response if crowd.need_category[i] >= 0 else 1.0))
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


@njit(inline="always")
def _tiredness(i, p, upto, crowd, shown, targeting, tiring):
    """Tiredness of a platform's content after the impressions of today's first ``upto`` dayparts."""
    group, since = crowd.group[i], shown.counted[i]
    favour = targeting if crowd.registered[i] else 1.0
    paid = shown.paid[upto, group, p] - shown.paid[since, group, p]
    feed = shown.feed[upto, group, p] - shown.feed[since, group, p]
    return crowd.fatigue[i, p] + tiring * (weight(FEED, i, p, crowd) * (favour * paid + feed))


@njit(cache=True)
def race_points(moment, points, offer, response, crowd, shown, race):
    """First of the moments whose level lies below its source's pull; merged with the touches' race.

    Where two have the same minute, a touch comes first, then the lower number of source and platform.
    """
    best, by_source, by_origin, by_touch = race.best, race.by_source, race.by_origin, race.by_touch
    for point in points:
        i, source, p = int(point.seat), int(point.source), int(point.platform)
        kind, minute = kind_of(i, crowd), moment.midnight + int(point.minute)
        if source == DIRECT:
            p = OWN_SITE
            strength = crowd.habit[i] * direct_pull(kind, response)
        else:
            tired = 0.0
            if source != SEARCH:
                tired = _tiredness(i, p, moment.daypart + 1, crowd, shown, offer.targeting, response.tiring)
            click = response.click[crowd.group[i], p]
            strength = weight(source, i, p, crowd) * pull(source, p, kind, tired, click, offer, response)
        if point.level >= strength:
            continue
        race.seen[i] |= np.int32(1) << np.int32(source)
        leads = minute < best[i]
        if minute == best[i] and by_touch[i] < 0:
            leads = (source << 8) + p < (np.int64(by_source[i]) << 8) + by_origin[i]
        if leads:
            best[i], by_source[i], by_origin[i], by_touch[i] = minute, source, p, -1


@njit(cache=True)
def count_impressions(seats, upto, crowd, shown, targeting, tiring):
    """Let the impressions of today's first ``upto`` dayparts tire these people, once."""
    for i in seats:
        for p in range(crowd.affinity.shape[1]):
            crowd.fatigue[i, p] = _tiredness(i, p, upto, crowd, shown, targeting, tiring)
        shown.counted[i] = upto


@njit(cache=True)
def clear(seats, race):
    """Make a race new again for these seats."""
    for i in seats:
        race.best[i] = NEVER
        race.by_touch[i] = -1
        race.seen[i] = 0


@njit(inline="always")
def _browsed(stream, who, daypart, weight):
    """Category that somebody without a need looks at: the first of one clock a category to ring."""
    best, found = math.inf, 0
    for c in range(weight.shape[0]):
        if weight[c] > 0.0:
            u = keyed_uniform(stream, who, (daypart << 8) + c)
            if rings_later(u, weight[c], best):
                continue
            clock = -math.log(u) / weight[c]
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
