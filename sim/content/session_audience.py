"""Who comes into a livestream session, compiled."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from sim.core.draws import DRAWN_TOGETHER, draw_together
from sim.core.jit import njit
from sim.core.rng import keyed_uniform

#: Occasions of the draws of one session: entering, when, following.
ENTERS, WHEN, FOLLOWS = range(3)
#: What rounding may add to a chance.
ROUNDING = 1e-12


class Viewers(NamedTuple):
    """What a session asks of people, one row a seat (columns of the population)."""

    id: np.ndarray
    group: np.ndarray
    activity: np.ndarray
    affinity: np.ndarray
    sessions_follows: np.ndarray
    sessions_watched: np.ndarray
    sessions_seeded_until: np.ndarray


class Session(NamedTuple):
    """One session as the kernel needs it.

    ``awake`` is float64[n_groups], the share of a day's activity that falls into it, ``clock``
    float64[n_groups, n_slices + 1] its cumulative course over equal slices; rates are rooms a day.
    """

    id: int
    platform: int
    start: int
    minutes: int
    awake: np.ndarray
    clock: np.ndarray
    feed: float
    followed: float
    lift: float
    tires: float


@njit(cache=True)
def audience(stream, session, people):
    """Who comes in.

    Returns
    -------
    seats, minutes : int64[k]
        Rows of people, and the absolute minute at which each comes.
    seeded, followers : bool[k]
        Who had seen a clip, and who followed the room before.
    """
    n, found = people.id.shape[0], 0
    seats, minutes = np.empty(n, np.int64), np.empty(n, np.int64)
    seeded, followers = np.empty(n, np.bool_), np.empty(n, np.bool_)
    slices, entering = session.clock.shape[1] - 1, np.empty(DRAWN_TOGETHER)
    for i in range(n):
        if i % DRAWN_TOGETHER == 0:
            draw_together(stream, people.id[i:], ENTERS, entering)
        use = people.affinity[i, session.platform]
        follows = people.sessions_follows[i]
        if use <= 0.0 and not follows:
            continue
        knows = people.sessions_seeded_until[i] > session.start
        rate = session.feed * use * (session.lift if knows else 1.0)
        if follows:
            rate += session.followed
        rate *= people.activity[i] * session.awake[people.group[i]]
        enters = entering[i % DRAWN_TOGETHER]
        if enters >= rate + ROUNDING:  # a chance is at most its rate: no exponential for most
            continue
        rate *= math.exp(-session.tires * people.sessions_watched[i])
        if enters >= 1.0 - math.exp(-rate):
            continue
        course = session.clock[people.group[i]]
        at, k = keyed_uniform(stream, people.id[i], WHEN), 0
        while k < slices - 1 and course[k + 1] <= at:
            k += 1
        inside = (at - course[k]) / max(course[k + 1] - course[k], 1e-12)
        seats[found] = i
        minutes[found] = session.start + np.int64(session.minutes * (k + min(inside, 1.0)) / slices)
        seeded[found], followers[found] = knows, follows
        found += 1
    return seats[:found], minutes[:found], seeded[:found], followers[:found]
