"""Buyers of the same groups who live outside the simulated market.

A group fills if enough others want the same goods in time, so groups depend on how many people the pool
holds, not on how many of them are simulated. Whoever lives outside is like those inside: they come as a
Poisson process, as often in proportion as the simulated market's visitors would, by their chances, have
joined groups of a category at that time of day over the last week.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from sim.core.jit import njit
from sim.core.rng import Draw, hash_id, keyed_poisson, keyed_uniforms
from sim.world.world import OpenGroup

_MOST_AT_ONCE = 20.0


class OutsideBuyer(NamedTuple):
    """One outside who looks for a group.

    ``minute`` is absolute, ``key`` an id; ``linked`` ones come by a friend's link, ``mixes`` tells who
    would join strangers without one.
    """

    minute: int
    key: int
    category: int
    linked: bool
    mixes: bool


class OpenGroups:
    """Groups that may be joined while wishes are taken in turn, by category in the order they were opened.

    A market of a million people has thousands of them: who joins looks at those of one category, and a group
    that fills is taken out without a search.

    Attributes
    ----------
    filled : list of (OpenGroup, int)
        Groups that filled, in that order, and the absolute minute.
    """

    def __init__(self, groups: list[OpenGroup]) -> None:
        self._every = list(groups)
        self._of: defaultdict[int, dict[int, OpenGroup]] = defaultdict(dict)
        for group in groups:
            self._of[group.category][id(group)] = group
        self.filled: list[tuple[OpenGroup, int]] = []

    def running(self, category: int, minute: int) -> Iterator[OpenGroup]:
        """Open groups of a category whose deadline lies after a minute, the oldest first."""
        return (group for group in self._of[category].values() if group.deadline > minute)

    def begin(self, group: OpenGroup) -> None:
        """Add a new one."""
        self._every.append(group)
        self._of[group.category][id(group)] = group

    def fill(self, group: OpenGroup, minute: int) -> None:
        """Take out one that has all its members."""
        del self._of[group.category][id(group)]
        self.filled.append((group, minute))

    def still_open(self) -> list[OpenGroup]:
        """All that have not filled, in the order they were opened."""
        gone = {id(group) for group, _ in self.filled}
        return [group for group in self._every if id(group) not in gone]


def buyers_outside(
    draw: Draw, expected: np.ndarray, span: tuple[int, int], strangers: float
) -> list[OutsideBuyer]:
    """Who comes in one daypart, in order of minute.

    Parameters
    ----------
    draw : Draw
    expected : float64[2, n_categories]
        Buyers outside, without and by a friend's link.
    span : tuple of int
        First minute and the one after the last, absolute.
    strangers : float
        Chance to join a group from the public pool.
    """
    stream, (start, end) = draw("group.outside"), span
    found = []
    for linked, category in np.argwhere(expected > 0.0).tolist():
        cell, mean = 2 * category + linked, float(expected[linked, category])
        key = _keys(stream, start, cell, int(np.ceil(mean / _MOST_AT_ONCE)), mean)
        minute = start + ((end - start) * keyed_uniforms(stream, key, 1)).astype(np.int64)
        mixes = keyed_uniforms(stream, key, 2) < strangers
        columns = zip(minute.tolist(), key.tolist(), mixes.tolist(), strict=True)
        found += [OutsideBuyer(m, k, category, bool(linked), mix) for m, k, mix in columns]
    return sorted(found)


@njit(cache=True)
def _keys(stream, start, cell, parts, mean):
    """int64[n] ids of those who come, a Poisson number with this mean, drawn in parts."""
    counts = np.array([keyed_poisson(stream, cell, start + part, mean / parts) for part in range(parts)])
    keys = np.empty(counts.sum(), np.int64)
    k = 0
    for part in range(parts):
        for nth in range(counts[part]):
            keys[k] = hash_id(start, cell, 64 * part + nth + 12)
            k += 1
    return keys
