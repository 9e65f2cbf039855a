"""Listening: a machine reads what people post about the brand and errs, and people answer what it finds.

Whoever carries bad news posts it now and then, and others post harmless things. The machine finds a part of
the bad ones and takes some of the harmless ones for bad. Everything that it finds is a task of the people at
the desk, beside complaints: false alarms take their time, and a carrier whom the machine missed goes on
telling, until another post is found.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from sim.core.clock import MINUTES_PER_DAY
from sim.core.params import Params, lever, uncertainty
from sim.core.rng import Draw, keyed_uniforms
from sim.social.rumour import TELLS, TELLS_COMPLAINT


class ListeningParams(Params):
    """What people post, and a machine that reads it."""

    read: float = lever(0.0, "share of posts", "S072", ge=0, le=1, span=(0, 1))
    """Posts about the brand that the machine reads on their day."""

    posts: float = uncertainty(
        0.3, "chance/carrier/day", "A-1503", ge=0, le=1, span=(0.1, 0.7), scope="strategy"
    )
    """Whoever tells bad news posts it where everybody can read it."""

    chatter: float = uncertainty(
        0.01, "chance/person/day", "A-1504", ge=0, le=1, span=(0.002, 0.05), scope="strategy"
    )
    """Anybody else posts something harmless about the brand."""

    sensitivity: float = uncertainty(
        0.79,
        "chance",
        "Preoţiuc-Pietro, Gaman & Aletras 2019",
        ge=0,
        le=1,
        span=(0.6, 0.95),
        scope="strategy",
    )
    """The machine finds a bad post that it reads."""

    specificity: float = uncertainty(
        0.88, "chance", "A-1505; Preoţiuc-Pietro et al. 2019", ge=0, le=1, span=(0.7, 0.99), scope="strategy"
    )
    """The machine passes over a harmless one; all others go to the desk, too."""

    cost: float = uncertainty(
        0.02, "CNY/post", "A-1506; interfaces and computing", ge=0, le=10, span=(0.002, 0.1), scope="strategy"
    )
    """Getting and reading a post."""


class Posts(NamedTuple):
    """Posts of a day that the machine has read.

    seats : int64[n], who posts; minute : float64[n], absolute; bad, found : bool[n], carries bad news, and is
    taken for it by the machine.
    """

    seats: np.ndarray
    minute: np.ndarray
    bad: np.ndarray
    found: np.ndarray


#: Table of what was read on a day.
POSTS = {
    "opinion_posts": {
        "day": ("int32", "absolute day"),
        "read": ("int64", "posts read by the machine"),
        "bad": ("int64", "of them bad news"),
        "found": ("int64", "bad news that it took for such"),
        "false_alarms": ("int64", "harmless posts that it took for bad news"),
        "answered": ("int64", "of what it found, in time"),
        "stopped": ("int64", "people who stopped telling for an answer"),
    },
}
#: Nothing was read.
NO_POSTS = Posts(np.zeros(0, np.int64), np.zeros(0), np.zeros(0, np.bool_), np.zeros(0, np.bool_))


def read(draw: Draw, day: int, ids: np.ndarray, state: np.ndarray, params: ListeningParams) -> Posts:
    """What the machine reads on a day and what it makes of it.

    Parameters
    ----------
    draw : Draw
        The day's keyed draws.
    day : int
        Absolute day.
    ids : int64[n]
        Stable ids of all people.
    state : int8[n]
        What each is to bad news (:mod:`sim.social.rumour`).
    params : ListeningParams
    """
    bad = (state == TELLS) | (state == TELLS_COMPLAINT)
    posts = keyed_uniforms(draw("opinion.posts"), ids, 0) < np.where(bad, params.posts, params.chatter)
    seats = np.flatnonzero(posts)
    seats = seats[keyed_uniforms(draw("opinion.read"), ids[seats], 0) < params.read]
    alarm = np.where(bad[seats], params.sensitivity, 1.0 - params.specificity)
    found = keyed_uniforms(draw("opinion.found"), ids[seats], 0) < alarm
    minute = (day + keyed_uniforms(draw("opinion.posted"), ids[seats], 0)) * MINUTES_PER_DAY
    return Posts(seats, minute, bad[seats], found)
