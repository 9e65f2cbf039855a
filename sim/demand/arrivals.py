"""The two compiled steps of a daypart's visits: who is won by what, and what each visit is.

First all touches and all moments of the day's clock compete (:mod:`sim.demand.race`), and whoever sees
something to read keeps a note of it. Then those who were won are put in order of minute and person, what they
saw tires them, and their visits are written down. Between the two, sources that features declare may compete.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from sim.core.jit import njit
from sim.demand.race import NEVER, clear, count_impressions, look, race_points, race_touches

#: Visits of one minute that are put in order one by one.
FEW = 16


class Notes(NamedTuple):
    """What is remembered of what one reads.

    Attributes
    ----------
    worth : float64[n_sources]
        Notes that a touch of each source leaves.
    needed : float64[n_categories]
        Notes that a category asks for; above 0 where people read about it.
    notes : float32[n]
        Notes of each person, in all.
    category_notes : float32[n, n_categories]
        The same by category.
    """

    worth: np.ndarray
    needed: np.ndarray
    notes: np.ndarray
    category_notes: np.ndarray


class Told(NamedTuple):
    """What a touch passes on to the visit that it brings, one row a touch (columns of the agenda)."""

    seat: np.ndarray
    category: np.ndarray
    touch: np.ndarray
    sender: np.ndarray
    discount: np.ndarray
    commission: np.ndarray
    rewarded: np.ndarray


class Streams(NamedTuple):
    """Draws of where a visit takes place and of what somebody without a need looks at."""

    surface: np.uint64
    browse: np.uint64


class Places(NamedTuple):
    """Share of visitors whom each platform sends on, and the weight of each category by group."""

    sends_on: np.ndarray
    group_weight: np.ndarray


class Tiring(NamedTuple):
    """How much more of what is paid registered people see, and how an impression tires."""

    targeting: float
    impression: float


@njit(cache=True)
def read(touches, notes, people_id):
    """Leave a note with everybody present who sees something to read, in all and on the category."""
    for k in range(touches.seat.shape[0]):
        i, c = touches.seat[k], touches.category[k]
        worth = notes.worth[touches.source[k]]
        if worth == 0.0 or people_id[i] != touches.person[k]:
            continue
        notes.notes[i] += worth
        if c >= 0 and notes.needed[c] > 0:
            notes.category_notes[i, c] += worth


@njit(cache=True)
def compete(stream, moment, touches, points, offer, response, crowd, shown, race, notes):
    """Let what is told and the moments of this daypart compete for everybody; both are :mod:`~.race`'s."""
    read(touches, notes, crowd.id)
    race_touches(stream, moment, touches, crowd, response.need, race)
    race_points(moment, points, offer, response, crowd, shown, race)


@njit(cache=True)
def in_order(moment, reached, people_id, best):
    """int64[k]: seats among those reached whom something brings, once each, by minute and then by id."""
    spans = moment.end - moment.start
    minutes = np.empty(reached.shape[0], np.int64)
    first = np.zeros(spans + 2, np.int64)  # of each minute's places, after those of the minutes before
    for k in range(reached.shape[0]):
        at = best[reached[k]]
        minutes[k] = NEVER if at == NEVER else min(max(at - moment.start, 0), spans)
        if at < NEVER:
            first[minutes[k] + 1] += 1
    for minute in range(spans + 1):
        first[minute + 1] += first[minute]
    seats, free = np.empty(first[spans + 1], np.int64), first.copy()
    for k in range(reached.shape[0]):
        if minutes[k] < NEVER:
            seats[free[minutes[k]]] = reached[k]
            free[minutes[k]] += 1
    kept = 0
    for minute in range(spans + 1):
        kept = _settle(seats, first[minute], first[minute + 1], kept, people_id, best)
    return seats[:kept]


@njit(inline="always")
def _settle(seats, begin, end, kept, people_id, best):
    """Put those of one minute behind the ``kept`` before them, once each; returns how many that makes."""
    if end - begin > FEW:  # in a large market hundreds come in a minute
        seats[begin:end] = seats[begin:end][np.argsort(people_id[seats[begin:end]])]
    start = kept
    for k in range(begin, end):
        i, at = seats[k], kept
        while at > start and _comes_before(i, seats[at - 1], people_id, best):
            at -= 1
        if at > start and seats[at - 1] == i:  # reached twice
            continue
        for later in range(kept, at, -1):
            seats[later] = seats[later - 1]
        seats[at] = i
        kept += 1
    return kept


@njit(inline="always")
def _comes_before(i, other, people_id, best):
    return best[i] < best[other] or (best[i] == best[other] and people_id[i] < people_id[other])


@njit(cache=True)
def _reached(told, points, more):
    """Seats of all touches, moments and further lanes; somebody may be among them more than once."""
    a, b = told.seat.shape[0], told.seat.shape[0] + points.shape[0]
    seats = np.empty(b + more.shape[0], np.int64)
    seats[:a] = told.seat
    for k in range(points.shape[0]):
        seats[a + k] = points[k].seat
    seats[b:] = more
    return seats


@njit(cache=True)
def _of_touch(rows, none, values):
    """What each visit has of the touch that brought it; ``none`` where nobody told."""
    out = np.full(rows.shape[0], none, values.dtype)
    for k in range(rows.shape[0]):
        if rows[k] >= 0:
            out[k] = values[rows[k]]
    return out


@njit(cache=True)
def arrive(streams, day, moment, told, points, more, crowd, shown, race, places, tiring):
    """Write down the visits of a daypart, and make the race new again.

    Returns
    -------
    tuple of array[k]
        Id, seat, person, minute, source, origin, surface, category, sources seen, and of the touch that
        brought the visit its id, sender, discount, commission and whether it was rewarded.
    """
    reached = _reached(told, points, more)
    seats = in_order(moment, reached, crowd.id, race.best)
    count_impressions(seats, moment.daypart + 1, crowd, shown, tiring.targeting, tiring.impression)
    surface, category, visit_id = look(
        streams.surface,
        streams.browse,
        day,
        moment.daypart,
        seats,
        crowd,
        race,
        told.category,
        places.sends_on,
        places.group_weight,
    )
    row = race.by_touch[seats]
    visits = (
        visit_id,
        seats.astype(np.int32),
        crowd.id[seats],
        race.best[seats],
        race.by_source[seats],
        race.by_origin[seats],
        surface,
        category,
        race.seen[seats],
        _of_touch(row, -1, told.touch),
        _of_touch(row, -1, told.sender),
        _of_touch(row, 0.0, told.discount),
        _of_touch(row, 0.0, told.commission),
        _of_touch(row, False, told.rewarded),
    )
    clear(reached, race)
    return visits
