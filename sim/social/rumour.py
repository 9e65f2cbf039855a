"""Bad news on the graph: whoever tells it infects acquaintances who have not heard it until it is old news.

Compiled rules of :mod:`sim.social.opinion`. A story is told by those who carry it and by nobody else;
carriers lose interest, the story itself ages, and whoever has heard it does not hear it anew for a while. So
it ends, on any graph.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from sim.core.jit import njit
from sim.core.rng import keyed_uniform

#: What a person is to bad news: has not heard it of late, tells a scandal, has heard it, tells a complaint.
UNAWARE, TELLS, HEARD, TELLS_COMPLAINT = 0, 1, 2, 3


class Minds(NamedTuple):
    """Columns of the population: id, state, day of hearing, day on which the story was born, trust."""

    id: np.ndarray
    opinion_state: np.ndarray
    opinion_since: np.ndarray
    opinion_born: np.ndarray
    trust: np.ndarray


class Ties(NamedTuple):
    """Rows of the network: first tie of each person, acquaintances, and whether a tie is strong."""

    indptr: np.ndarray
    indices: np.ndarray
    strength: np.ndarray


class Telling(NamedTuple):
    """Rates of a day.

    strong, weak : chance that a carrier of a fresh story tells a close and a distant acquaintance;
    age_days : time constant with which a story ages; stops : chance that a carrier loses interest;
    immune_days : days for which nobody hears it anew; hit : share of the gap to ``bad`` by which trust
    falls; bad : trust that the story suggests.
    """

    strong: float
    weak: float
    age_days: float
    stops: float
    immune_days: float
    hit: float
    bad: float


@njit(cache=True)
def hear(seats, states, born, day, minds, telling):
    """Let people hear a story: trust falls, and some carry it on; ``born`` is each story's first day."""
    for k in range(seats.shape[0]):
        i = seats[k]
        minds.opinion_state[i] = states[k]
        minds.opinion_since[i] = day
        minds.opinion_born[i] = born[k]
        gap = telling.bad - minds.trust[i]
        if gap < 0.0:
            minds.trust[i] += telling.hit * gap


@njit(cache=True)
def forget(stream, day, minds, telling):
    """Carriers of earlier days may lose interest, and old news may be heard anew; how many carry it now."""
    carriers = 0
    for i in range(minds.id.shape[0]):
        carries = minds.opinion_state[i] in (TELLS, TELLS_COMPLAINT)
        if carries and minds.opinion_since[i] < day and keyed_uniform(stream, minds.id[i], 0) < telling.stops:
            minds.opinion_state[i] = HEARD
        elif minds.opinion_state[i] == HEARD and day - minds.opinion_since[i] > telling.immune_days:
            minds.opinion_state[i] = UNAWARE
        carriers += minds.opinion_state[i] in (TELLS, TELLS_COMPLAINT)
    return carriers


@njit(cache=True)
def told(stream, day, ties, minds, telling):
    """Who hears the story today: seats, seats of the tellers, and when each story was born.

    Of several who tell it, the one with the smallest id is noted, so that nothing hangs on the seat.
    """
    seats, tellers, births = [], [], []
    for j in range(minds.id.shape[0]):
        if minds.opinion_state[j] != UNAWARE:
            continue
        first = -1
        for e in range(ties.indptr[j], ties.indptr[j + 1]):
            i = ties.indices[e]
            if minds.opinion_state[i] not in (TELLS, TELLS_COMPLAINT) or minds.opinion_since[i] >= day:
                continue
            chance = telling.strong if ties.strength[e] else telling.weak
            chance *= math.exp(-(day - minds.opinion_born[i]) / telling.age_days)
            says = keyed_uniform(stream, minds.id[j], minds.id[i]) < chance
            if says and (first < 0 or minds.id[i] < minds.id[first]):
                first = i
        if first >= 0:
            seats.append(j)
            tellers.append(first)
            births.append(minds.opinion_born[first])
    return np.array(seats, np.int64), np.array(tellers, np.int64), np.array(births, np.int64)
