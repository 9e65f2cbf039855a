"""The cascade engine: who passes what on to whom, hop by hop, with the minute of each hop.

Push from the few, not pull by the many: only people with something to pass on look at their
acquaintances. Each passing-on picks an audience; each member of it may pass on in turn, after
a delay, once in a cascade. With the whole neighbourhood as audience this is the independent
cascade model; with Poisson audiences among people not yet reached it is a branching process.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from sim.core.jit import njit
from sim.core.rng import hash_id, keyed_exponential, keyed_normal, keyed_poisson, keyed_uniform
from sim.world.csr import CSRGraph

EVERYONE, FEW_FRIENDS, POISSON = 0, 1, 2


class Hops(NamedTuple):
    """Passings-on of a batch of cascades, one row each, in order of discovery.

    cascade : int64[k], index of the origin; touch, root : int64[k], ids; sender, receiver :
    int32[k] seats; minute : int64[k]; generation : int16[k], 1 = from the origin;
    active : bool[k], the receiver passes it on in turn.
    """

    cascade: np.ndarray
    touch: np.ndarray
    root: np.ndarray
    sender: np.ndarray
    receiver: np.ndarray
    minute: np.ndarray
    generation: np.ndarray
    active: np.ndarray


@njit(inline="always")
def _audience_size(law, stream, event, mean, available):
    """How many acquaintances it goes to; who they are is drawn on odd occasions (:func:`_pick`)."""
    if law == EVERYONE:
        return available
    if law == FEW_FRIENDS:
        return min(available, 1 + np.int64(mean * keyed_exponential(stream, event, 0)))
    return min(available, keyed_poisson(stream, event, 0, mean))


@njit(cache=True)
def _pick(
    stream,
    event,
    seat,
    strong_only,
    law,
    mean,
    indptr,
    indices,
    strength,
    people_id,
    active,
    stamp,
    chosen,
    rank,
):
    """Audience of one passing-on, written to ``chosen``; returns its size.

    Without replacement: the acquaintances with the smallest keyed draws, so that relabelling
    rows or adding an acquaintance does not re-deal the others.
    """
    available = 0
    for e in range(indptr[seat], indptr[seat + 1]):
        if (not strong_only or strength[e]) and active[indices[e]] != stamp:
            available += 1
    size = min(_audience_size(law, stream, event, mean, available), chosen.shape[0])
    if size == 0:
        return 0
    kept = 0
    for e in range(indptr[seat], indptr[seat + 1]):
        j = indices[e]
        if (strong_only and not strength[e]) or active[j] == stamp:
            continue
        if law == EVERYONE:
            chosen[kept] = j
            kept += 1
            continue
        u = keyed_uniform(stream, event, people_id[j] * 2 + 1)
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
    new = np.empty(capacity, old.dtype)
    new[: old.shape[0]] = old
    return new


@njit(cache=True)
def spread_kernel(stream, origin_seat, origin_minute, origin_key, strong_only, law, mean, pass_on,
                  delay_median,
                  delay_sigma, max_generation, indptr, indices, strength, people_id, active):  # fmt: skip
    """Run all cascades one after another; ``active`` is int64[n] scratch (see :func:`spread`)."""
    capacity = 64 + 8 * origin_seat.shape[0]
    cascade = np.empty(capacity, np.int64)
    touch = np.empty(capacity, np.int64)
    root = np.empty(capacity, np.int64)
    sender = np.empty(capacity, np.int32)
    receiver = np.empty(capacity, np.int32)
    minute = np.empty(capacity, np.int64)
    generation = np.empty(capacity, np.int16)
    passes = np.empty(capacity, np.bool_)
    degree = 1
    for i in range(indptr.shape[0] - 1):
        degree = max(degree, indptr[i + 1] - indptr[i])
    chosen = np.empty(degree, np.int32)
    rank = np.empty(degree, np.float64)
    k = 0
    for c in range(origin_seat.shape[0]):
        stamp = c + 1
        active[origin_seat[c]] = stamp
        tree = hash_id(people_id[origin_seat[c]], origin_key[c], 7)
        first = k
        reader = first - 1
        seat, start, hop = origin_seat[c], origin_minute[c], 1
        while True:
            event = hash_id(tree, people_id[seat], 8)
            size = _pick(stream, event, seat, strong_only[c], law[c], mean[c], indptr, indices, strength,
                         people_id,
                         active, stamp, chosen, rank)  # fmt: skip
            for s in range(size):
                if k == capacity:
                    capacity *= 2
                    cascade, touch, root = (
                        _grow(cascade, capacity),
                        _grow(touch, capacity),
                        _grow(root, capacity),
                    )
                    sender, receiver = _grow(sender, capacity), _grow(receiver, capacity)
                    minute, generation, passes = (
                        _grow(minute, capacity),
                        _grow(generation, capacity),
                        _grow(passes, capacity),
                    )
                j = chosen[s]
                link = hash_id(event, people_id[j], 9)
                delay = (
                    delay_median * math.exp(delay_sigma * keyed_normal(stream, link, 3))
                    if delay_median > 0.0
                    else 0.0
                )
                cascade[k], touch[k], root[k] = c, link, tree
                sender[k], receiver[k], generation[k] = seat, j, hop
                minute[k] = start + 1 + np.int64(delay)
                passes[k] = (
                    hop < max_generation
                    and active[j] != stamp
                    and keyed_uniform(stream, link, 2) < pass_on[c]
                )
                if passes[k]:
                    active[j] = stamp
                k += 1
            reader += 1
            while reader < k and not passes[reader]:
                reader += 1
            if reader >= k:
                break
            seat, start, hop = receiver[reader], minute[reader], generation[reader] + 1
    return cascade[:k], touch[:k], root[:k], sender[:k], receiver[:k], minute[:k], generation[:k], passes[:k]


def spread(stream: np.uint64, graph: CSRGraph, people_id: np.ndarray, seats: np.ndarray, minutes: np.ndarray,
           keys: np.ndarray, *, strong_only: np.ndarray | bool, law: np.ndarray | int,
           mean: np.ndarray | float,
           pass_on: np.ndarray | float, delay_median: float = 0.0, delay_sigma: float = 0.0,
           max_generation: int = 10_000) -> Hops:  # fmt: skip
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
        Audience (only close acquaintances or all; EVERYONE, FEW_FRIENDS or POISSON of the
        given mean, among people who have not passed it on yet) and the chance that a receiver
        passes on in turn.
    delay_median, delay_sigma : float
        Lognormal delay of each hop, minutes.
    max_generation : int
        Hops after which nobody passes on any more.
    """
    size = len(seats)

    def column(value: np.ndarray | float, dtype: str) -> np.ndarray:
        return np.ascontiguousarray(np.broadcast_to(np.asarray(value, dtype), size))

    return Hops(
        *spread_kernel(
            stream, np.asarray(seats, np.int64), np.asarray(minutes, np.int64), np.asarray(keys, np.int64),
            column(strong_only, "bool"), column(law, "int64"), column(mean, "float64"), column(pass_on,
                                                                                               "float64"),
            float(delay_median), float(delay_sigma), max_generation, graph.indptr, graph.indices,
            graph.strength,
            people_id, np.zeros(len(people_id), np.int64),
        )
    )  # fmt: skip
