"""Heaps of rounds: who calls, rides or comes back next.

Skew heaps (Sleator and Tarjan 1986) over the records of rounds: two heaps merge along their right
branches, and each step swaps the branches. A push or pop takes logarithmic time on average, needs no
room of its own, and the order among rounds is their three numbers alone.
"""

from __future__ import annotations

from sim.core.jit import njit
from sim.logistics.yard import LEFT, NONE, RIGHT, TICK, UNUSED, WHICH


@njit(inline="always")
def earlier(rounds, a, b):
    """Whether round ``a`` comes before ``b``: by tick, then where and which."""
    for column in range(TICK, WHICH + 1):
        if rounds[a, column] != rounds[b, column]:
            return rounds[a, column] < rounds[b, column]
    return False


@njit(cache=True)
def merge(rounds, a, b):
    """Merge two heaps given by their first rounds (or NONE); the first round of both."""
    root, above = NONE, NONE
    while a != NONE and b != NONE:
        if earlier(rounds, b, a):
            a, b = b, a
        if above == NONE:
            root = a
        else:
            rounds[above, LEFT] = a
        above, a = a, rounds[a, RIGHT]
        rounds[above, RIGHT] = rounds[above, LEFT]
    rest = b if a == NONE else a
    if above == NONE:
        return rest
    rounds[above, LEFT] = rest
    return root


@njit(cache=True)
def push(rounds, sites, site, heap, item):
    """Put a round into one of a site's heaps."""
    rounds[item, LEFT], rounds[item, RIGHT] = NONE, NONE
    sites[site, heap] = merge(rounds, sites[site, heap], item)


@njit(cache=True)
def pop(rounds, sites, site, heap):
    """Take the first round out of one of a site's heaps."""
    item = sites[site, heap]
    sites[site, heap] = merge(rounds, rounds[item, LEFT], rounds[item, RIGHT])
    return item


@njit(inline="always")
def due_by(rounds, sites, site, heap, tick):
    """Whether the first round of a heap is due by ``tick``."""
    return sites[site, heap] != NONE and rounds[sites[site, heap], TICK] <= tick


@njit(inline="always")
def take_record(rounds, sites):
    """A record for a new round; there are always as many as parcels and riders."""
    item = sites[0, UNUSED]
    sites[0, UNUSED] = rounds[item, LEFT]
    return item


@njit(inline="always")
def give_record_back(rounds, sites, item):
    """The round is over."""
    rounds[item, LEFT] = sites[0, UNUSED]
    sites[0, UNUSED] = item
