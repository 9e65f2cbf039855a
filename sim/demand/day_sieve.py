"""Who may have a moment at all today: one draw a lane dismisses nearly everybody before anything is listed.

The level of a lane's first point is at least the draw that it is made of, so a draw above the strongest pull
rules the lane out. People are looked at in blocks, column by column and without branches, so that the
processor makes several draws at once; only lanes that are left are listed (:mod:`sim.demand.day_clock`).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from sim.core.draws import DRAWN_TOGETHER
from sim.core.jit import njit
from sim.core.rng import unit_of
from sim.world.platforms import PLATFORMS
from sim.world.schema import Source

#: People in a block.
BLOCK = DRAWN_TOGETHER
#: Sources with a lane a platform, by number (habit, number 3, has a single lane).
PUBLIC = 3
_SEARCH, _DIRECT = int(Source.SEARCH), int(Source.DIRECT)
#: Bounds are this much wider, so that rounding cannot dismiss a point that counts.
SLACK = 1.0 + 1e-9


class Block(NamedTuple):
    """What is asked of some people, one after the other, and the lanes that may bring them.

    Attributes
    ----------
    key : uint64[BLOCK]
        First half of a person's draws (:func:`sim.core.rng.person_key`).
    had, kind : int64[BLOCK]
        What was known of the person when moments were last listed, and with what is known now, as bits.
    old_habit, habit : float64[BLOCK]
        The same of habit.
    activity : float64[BLOCK]
        Time a day.
    affinity : float64[n_platforms, BLOCK]
        Use of each platform.
    bound : float64[BLOCK]
        Draws up to which a lane is kept.
    lanes : uint64[BLOCK]
        Bits of the lanes that are left (:func:`lane_bit`).
    """

    key: np.ndarray
    had: np.ndarray
    kind: np.ndarray
    old_habit: np.ndarray
    habit: np.ndarray
    activity: np.ndarray
    affinity: np.ndarray
    bound: np.ndarray
    lanes: np.ndarray


@njit(inline="always")
def new_block(platforms):
    """Room for a block of people."""
    return Block(
        np.empty(BLOCK, np.uint64),
        np.empty(BLOCK, np.int64),
        np.empty(BLOCK, np.int64),
        np.empty(BLOCK),
        np.empty(BLOCK),
        np.empty(BLOCK),
        np.empty((platforms, BLOCK)),
        np.empty(BLOCK),
        np.empty(BLOCK, np.uint64),
    )


@njit(inline="always")
def lane_bit(source, p):
    """Bit of a lane; habit's follows those of the platforms (give the number of platforms for ``p``)."""
    return np.uint64(1) << np.uint64(PUBLIC * p + (0 if source == _DIRECT else source))


@njit(inline="always")
def _keep(n, draws, bit, block):
    """Mark a lane of those whose first draw lies within their bound."""
    key, bound, lanes = block.key, block.bound, block.lanes
    for j in range(n):
        lanes[j] |= bit if unit_of(key[j], draws) <= bound[j] else np.uint64(0)


@njit(cache=True)
def sieve(n, first, highest, direct, block):
    """Mark the lanes that may hold a moment of the first ``n`` people of a block.

    Parameters
    ----------
    n : int
        People.
    first : uint64[4, n_platforms]
        Key of the first draw of each lane.
    highest : float64[4, 3, n_platforms]
        Strongest pull of each source and platform by kind of person.
    direct : float64[4]
        The same of direct visits, per unit of habit.
    block : Block
        People; ``lanes`` and ``bound`` are written.
    """
    platforms = block.affinity.shape[0]
    kind, activity, bound = block.kind, block.activity, block.bound
    block.lanes[:n] = 0
    for j in range(n):
        bound[j] = block.habit[j] * direct[kind[j] & 3] * SLACK
    _keep(n, first[_DIRECT, 0], lane_bit(_DIRECT, platforms), block)
    for p in range(platforms):
        use = block.affinity[p]
        for source in range(PUBLIC):
            none, known = highest[0, source, p], highest[1, source, p]
            wants, both = highest[2, source, p], highest[3, source, p]
            if both <= 0.0:  # nobody is pulled, since a kind has at least what its parts have
                continue
            for j in range(n):
                time = 1.0 if source == _SEARCH else activity[j]
                top = (both if kind[j] & 2 else known) if kind[j] & 1 else (wants if kind[j] & 2 else none)
                bound[j] = time * use[j] * top * SLACK
            _keep(n, first[source, p], lane_bit(source, p), block)


assert [int(s) for s in (Source.ORGANIC_FEED, Source.SEARCH, Source.PAID_MEDIA, Source.DIRECT)] == [
    0,
    1,
    2,
    3,
]
assert PUBLIC * len(PLATFORMS) < 64
