"""The cascade engine: who passes what on to whom, in the order of time, with the minute of each telling.

Push from the few, not pull by the many: only people with something to pass on look at their
acquaintances. Each passing-on picks an audience among those who do not pass it on yet; each of
them is told after a delay, and may pass it on in turn, once in a cascade. Tellings wait in a heap
and come true in the order of their minutes, so people are won by whoever reaches them first, and
the way from the origin to anybody is the first passage. With an audience of everybody this is the
independent cascade model; with Poisson audiences among many acquaintances it is a branching process, and with
Pareto ones a branching process whose luck is heavy-tailed, as that of posts is: most pass unseen, a few
are seen by very many.
"""

from __future__ import annotations

import math
from heapq import heappop, heappush
from typing import NamedTuple

import numpy as np

from sim.core.errors import RunError
from sim.core.jit import njit
from sim.core.language import tr
from sim.core.rng import hash_id, keyed_exponential, keyed_normal, keyed_poisson, keyed_uniform
from sim.network.csr import CSRGraph

#: Messages of one part of a day; a market of five million people passes on a million.
MOST_HOPS = 20_000_000

FEW_FRIENDS, POISSON, PARETO = 1, 2, 3
#: Above this mean a Poisson draw is taken from the normal law (its skewness is below 0.04).
LARGEST_POISSON = 600.0


class Hops(NamedTuple):
    """Passings-on of a batch of cascades, one row each: by cascade, then by the minute of telling.

    cascade : int64[k], index of the origin; touch, root : int64[k], ids; sender, receiver :
    int32[k] seats; minute : int64[k], when the receiver is told; generation : int16[k], 1 = from
    the origin; active : bool[k], the receiver passes it on in turn, at that minute.
    """

    cascade: np.ndarray
    touch: np.ndarray
    root: np.ndarray
    sender: np.ndarray
    receiver: np.ndarray
    minute: np.ndarray
    generation: np.ndarray
    active: np.ndarray


class _Origins(NamedTuple):
    """Where cascades begin and by which rules they go on, one entry each."""

    seat: np.ndarray
    minute: np.ndarray
    key: np.ndarray
    strong_only: np.ndarray
    law: np.ndarray
    mean: np.ndarray
    pass_on: np.ndarray


class _Attention(NamedTuple):
    """How unequal audiences are, by luck and acquaintances, and how those divide attention."""

    tail: float
    growth: float
    divided: float
    usual_degree: float


class _Acquaintance(NamedTuple):
    """Who knows whom, and the stable ids of the seats."""

    indptr: np.ndarray
    indices: np.ndarray
    strength: np.ndarray
    people_id: np.ndarray


class _Scratch(NamedTuple):
    """Memory of one batch: last cascade that a seat passed on (from 1), and room for one audience."""

    active: np.ndarray
    chosen: np.ndarray
    rank: np.ndarray


@njit(inline="always")
def _luck(stream, event, tail):
    """How much attention one passing-on gets: Pareto of the second kind (Lomax), mean 1.

    Its density falls with the power ``tail``, above 2.
    """
    shape = tail - 1.0
    return (shape - 1.0) * (keyed_uniform(stream, event, 2) ** (-1.0 / shape) - 1.0)


@njit(inline="always")
def _audience_size(law, stream, event, mean, available, degree, attention):
    """How many acquaintances it goes to; who they are is drawn on odd occasions (:func:`_pick`)."""
    if law == FEW_FRIENDS:
        return min(available, 1 + np.int64(mean * keyed_exponential(stream, event, 0)))
    if attention.growth > 0.0:
        mean *= (degree / attention.usual_degree) ** attention.growth
    if law == PARETO:
        mean *= _luck(stream, event, attention.tail)
    if mean > LARGEST_POISSON:
        drawn = mean + math.sqrt(mean) * keyed_normal(stream, hash_id(event, 0, 10), 0)
        return np.int64(min(float(available), drawn))
    return min(available, keyed_poisson(stream, event, 0, mean))


@njit(inline="always")
def _passing(law, pass_on, degree, attention):
    """Chance that somebody who is told passes it on: of what many acquaintances tell, little gets through."""
    if law == FEW_FRIENDS or attention.divided == 0.0:
        return pass_on
    return pass_on * (degree / attention.usual_degree) ** -attention.divided


@njit(cache=True)
def _pick(stream, event, seat, c, alone, origins, known, scratch, attention):
    """Audience of one passing-on in cascade ``c``, written to ``scratch.chosen``; returns its size.

    ``alone`` says that nobody else passes on in this cascade yet, so that nobody has to be looked up.

    Without replacement: the acquaintances with the smallest keyed draws, so that relabelling
    rows or adding an acquaintance does not re-deal the others.
    """
    active, chosen, rank = scratch.active, scratch.chosen, scratch.rank
    strong_only = origins.strong_only[c]
    available = 0
    for e in range(known.indptr[seat], known.indptr[seat + 1]):
        if strong_only and not known.strength[e]:
            continue
        j = known.indices[e]
        if j != seat if alone else active[j] != c + 1:
            available += 1
    degree = known.indptr[seat + 1] - known.indptr[seat]
    size = _audience_size(origins.law[c], stream, event, origins.mean[c], available, degree, attention)
    if size == 0:
        return 0
    kept = 0
    for e in range(known.indptr[seat], known.indptr[seat + 1]):
        j = known.indices[e]
        if strong_only and not known.strength[e]:
            continue
        if j == seat if alone else active[j] == c + 1:
            continue
        u = keyed_uniform(stream, event, known.people_id[j] * 2 + 1)
        if kept == size and u >= rank[kept - 1]:
            continue
        at = kept if kept < size else size - 1
        while at > 0 and rank[at - 1] > u:
            rank[at] = rank[at - 1]
            chosen[at] = chosen[at - 1]
            at -= 1
        rank[at] = u
        chosen[at] = j
        kept = min(size, kept + 1)
    return kept


@njit(cache=True)
def _grow(old, capacity):
    """The same rows with room for ``capacity``."""
    new = np.empty((capacity, old.shape[1]), old.dtype)
    new[: old.shape[0]] = old
    return new


@njit(cache=True)
def _spread(stream, origins, known, scratch, attention, delay_median, delay_sigma, max_generation, most):
    """int64[k, 8]: the columns of :class:`Hops`, one cascade after another."""
    rows = np.empty((64 + 8 * origins.seat.shape[0], 8), np.int64)
    active, people_id = scratch.active, known.people_id
    k = 0
    nothing = np.int64(0)
    waiting = [(nothing, nothing, nothing, nothing, nothing)]  # minute, touch, sender, receiver, generation
    waiting.pop()
    for c in range(origins.seat.shape[0]):
        seat, minute, hop = np.int64(origins.seat[c]), np.int64(origins.minute[c]), np.int64(1)
        active[seat] = c + 1
        tree = hash_id(people_id[seat], origins.key[c], 7)
        while True:
            event = hash_id(tree, people_id[seat], 8)
            for s in range(_pick(stream, event, seat, c, hop == 1, origins, known, scratch, attention)):
                j = np.int64(scratch.chosen[s])
                link = hash_id(event, people_id[j], 9)
                delay = 0.0
                if delay_median > 0.0:
                    delay = delay_median * math.exp(delay_sigma * keyed_normal(stream, link, 3))
                heappush(waiting, (minute + 1 + np.int64(delay), link, seat, j, hop))
            passes = False
            while len(waiting) > 0 and not passes:
                minute, link, sender, seat, hop = heappop(waiting)
                degree = known.indptr[seat + 1] - known.indptr[seat]
                passes = (
                    hop < max_generation
                    and active[seat] != c + 1
                    and keyed_uniform(stream, link, 2)
                    < _passing(origins.law[c], origins.pass_on[c], degree, attention)
                )
                if k == most:
                    return rows[:k]
                if k == rows.shape[0]:
                    rows = _grow(rows, 2 * k)
                row = rows[k]
                row[0], row[1], row[2], row[3] = c, link, tree, sender
                row[4], row[5], row[6], row[7] = seat, minute, hop, passes
                k += 1
            if not passes:
                break
            active[seat] = c + 1
            hop += 1
    return rows[:k]


@njit(cache=True)
def _columns(rows):
    """Columns of :class:`Hops` from their rows."""
    return (
        rows[:, 0].copy(),
        rows[:, 1].copy(),
        rows[:, 2].copy(),
        rows[:, 3].astype(np.int32),
        rows[:, 4].astype(np.int32),
        rows[:, 5].copy(),
        rows[:, 6].astype(np.int16),
        rows[:, 7] != 0,
    )


def spread(
    stream: np.uint64,
    graph: CSRGraph,
    people_id: np.ndarray,
    seats: np.ndarray,
    minutes: np.ndarray,
    keys: np.ndarray,
    *,
    strong_only: np.ndarray | bool,
    law: np.ndarray | int,
    mean: np.ndarray | float,
    pass_on: np.ndarray | float,
    tail: float = 2.4,
    growth: float = 0.0,
    divided: float = 0.0,
    delay_median: float = 0.0,
    delay_sigma: float = 0.0,
    max_generation: int = 10_000,
    most: int = MOST_HOPS,
) -> Hops:
    """Run cascades from the given origins over the graph.

    Parameters
    ----------
    stream : uint64
        Key of the draws (see :mod:`sim.core.rng`).
    people_id : int64[n]
        Stable ids of the seats; draws are keyed to them, not to rows.
    seats, minutes, keys : integer arrays [c]
        Origins: seat, absolute minute, and a key that tells two cascades of one person apart.
    strong_only, law, mean, pass_on : array [c] or scalar
        Audience (only close acquaintances or all; FEW_FRIENDS, POISSON or PARETO of the given mean,
        among people who do not pass it on yet) and the chance that a receiver passes on in turn.
    tail : float
        Of PARETO audiences, above 2: the power by which the density of their means falls.
    growth : float
        Of POISSON and PARETO audiences: the power of a sender's acquaintances, relative to the mean
        over all people, with which the mean audience grows; 0 = alike.
    divided : float
        Of POISSON and PARETO audiences: the power of a receiver's acquaintances, relative to the same
        mean, with which the chance of passing on falls; 0 = alike, equal to ``growth``: each telling
        leads to ``mean * pass_on`` further ones on average, whatever the degrees (Newman 2002: along
        ties people are met in proportion to their degrees).
    delay_median, delay_sigma : float
        Lognormal delay of each hop, minutes; who is told in one minute, is told in the order of
        the touches' ids.
    max_generation : int
        Hops, along the first passage, after which nobody passes on any more.
    most : int
        Hops of all cascades together that are kept in memory.

    Raises
    ------
    RunError
        If there are that many: then nearly everybody tells everybody.
    """
    size = len(seats)

    def column(value: np.ndarray | float, dtype: str) -> np.ndarray:
        return (
            np.ascontiguousarray(value, dtype)
            if isinstance(value, np.ndarray)
            else np.full(size, value, dtype)
        )

    origins = _Origins(
        column(seats, "int64"),
        column(minutes, "int64"),
        column(keys, "int64"),
        column(strong_only, "bool"),
        column(law, "int64"),
        column(mean, "float64"),
        column(pass_on, "float64"),
    )
    known = _Acquaintance(graph.indptr, graph.indices, graph.strength, people_id)
    room = graph.widest
    attention = _Attention(float(tail), float(growth), float(divided), max(2.0 * graph.edges / graph.n, 1.0))
    scratch = _Scratch(np.zeros(graph.n, np.int32), np.empty(room, np.int32), np.empty(room, np.float64))
    rows = _spread(
        stream,
        origins,
        known,
        scratch,
        attention,
        float(delay_median),
        float(delay_sigma),
        max_generation,
        most,
    )
    if len(rows) == most:
        raise RunError(
            tr(
                "cascades: at most {most:,} messages may be passed on at once (found more from "
                "{size:,}); lower sharing.audience, sharing.pass_on, or what makes people share or "
                "post",
                most=most,
                size=size,
            )
        )
    return Hops(*_columns(rows))
