"""Group price or alone: what visitors see of open groups, and where they turn when theirs expires.

The page shows the price for one beside the group's, the groups that are open and how many of them fill.
Whoever would complete a group need not wait and takes the price; whoever would start one waits up to the
deadline for a saving that comes with the chance to fill. So the share who buy alone follows from the pool.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sim.core.jit import njit
from sim.core.rng import Draw
from sim.mechanism import Phase
from sim.world.schema import Source
from sim.world.touches import send
from sim.world.world import OpenGroup, World

if TYPE_CHECKING:
    from sim.commerce.group_buy import GroupBuyParams


def chance_to_fill(ended: np.ndarray, expected: float, enough: float) -> np.ndarray:
    """float64[n_categories]: chance that a new group fills, from those that ended of late.

    Parameters
    ----------
    ended : float64[2, n_categories]
        Groups that ended, and those of them that filled.
    expected : float
        What is expected where none has ended, 0..1.
    enough : float
        Groups seen to end of late at which what was seen counts as much as what was expected.
    """
    chance: np.ndarray = (enough * expected + ended[1]) / (enough + ended[0])
    return chance


def odds(lack: float, fill: float) -> tuple[float, float]:
    """Chance that a group which lacks this part of the members still to come fills, and its part of the wait.

    ``lack`` is 1 for a new group and 0 for one that the visitor completes: 1 and no wait.
    """
    return fill**lack, lack


class GroupChoice:
    """What each visitor may hope of a group, and how long it would take."""

    name = "group_choice"
    phase = Phase.BUY
    reads = frozenset({"flow.visits", "groups~", "group_links~", "people.id"})
    writes = frozenset({"flow.group_odds"})

    def __init__(self, params: GroupBuyParams) -> None:
        self.params = params
        self.offers = True

    def act(self, world: World, draw: Draw) -> None:
        """A friend's group that the visit came for, else the oldest open one if one mixes, else a new one."""
        visits, flow = world.flow.visits, world.flow
        p = self.params
        seen = chance_to_fill(world.group_wishes.ended, p.expected_fill, p.seen_enough)
        fill = seen[visits["category"]]
        hope, wait = fill.copy(), np.ones(len(fill))
        if world.groups:
            self._open_ones(world, seen, fill, hope, wait)
        flow.group_hope, flow.group_wait = hope, wait

    def _open_ones(
        self, world: World, seen: np.ndarray, fill: np.ndarray, hope: np.ndarray, wait: np.ndarray
    ) -> None:
        """Put in place of a new group's odds those of one that is open already, by visit."""
        visits, groups, mixes = world.flow.visits, world.groups, self.params.strangers
        person, minute, category = world.people.id[visits["seat"]], visits["minute"], visits["category"]
        about = np.array([(g.category, g.deadline, g.opener) for g in groups], np.int64).T.copy()
        at = first_that_fits(*about, category, minute, person)
        joins = np.full(len(at), mixes)
        friends = np.flatnonzero(visits["source"] == int(Source.GROUP_BUY)).tolist()
        by_id = {group.group_id: n for n, group in enumerate(groups)} if friends else {}
        for v in friends:
            n = by_id.get(world.group_links.get(int(visits["touch"][v]), -1))
            if n is not None and _fits(groups[n], int(category[v]), int(person[v]), int(minute[v])):
                at[v], joins[v] = n, 1.0
        rows = np.flatnonzero(at >= 0)
        offered = [odds(lacks(group), float(seen[group.category])) for group in groups]
        chance, waits = np.array(offered).T[:, at[rows]]
        joins = joins[rows]
        hope[rows] = joins * chance + (1.0 - joins) * fill[rows]
        wait[rows] = joins * waits + (1.0 - joins)


@njit(cache=True)
def first_that_fits(categories, deadlines, openers, category, minute, person):
    """int64[n]: number of the oldest open group that each visitor may join, -1 if there is none.

    Parameters
    ----------
    categories, deadlines, openers : int64[n_groups]
        Of open groups in the order they were opened.
    category, minute, person : int array [n]
        What each visitor looks at, when, and the stable id.
    """
    n = categories.shape[0]
    most = np.max(categories) + 1
    first, last, after = np.full(most, -1), np.full(most, -1), np.full(n, -1)
    for g in range(n):  # groups of a category hang together, so that only they are looked through
        of = categories[g]
        if last[of] < 0:
            first[of] = g
        else:
            after[last[of]] = g
        last[of] = g
    found = np.full(category.shape[0], -1)
    for v in range(category.shape[0]):
        g = first[category[v]] if category[v] < most else -1
        while g >= 0 and (deadlines[g] <= minute[v] or openers[g] == person[v]):
            g = after[g]
        found[v] = g
    return found


def _fits(group: OpenGroup, category: int, person: int, minute: int) -> bool:
    """Whether a visitor may join a group."""
    return group.category == category and group.deadline > minute and group.opener != person


def lacks(group: OpenGroup) -> float:
    """Members that are missing once somebody has joined, as a part of those who are missing at the start."""
    return max(0, group.size - len(group.rows) - group.outsiders - 1) / (group.size - 1)


class GroupReturn:
    """Whose group expired may look again, by themselves, at what they wanted: at the price for one."""

    name = "group_return"
    phase = Phase.FULFIL
    reads = frozenset({"flow.expired", "records.orders", "people.id"})
    writes = frozenset({"agendas.touches"})

    def __init__(self, params: GroupBuyParams) -> None:
        self.params = params

    def act(self, world: World, draw: Draw) -> None:
        """From the next daypart on."""
        orders, rows = world.records.orders, world.flow.expired
        seats, first = np.unique(world.seats_of(orders["person"][rows]), return_index=True)
        here = seats >= 0
        if here.any() and self.params.comes_back > 0.0:
            now = np.full(int(here.sum()), world.clock.end)
            category = orders["category"][rows[first[here]]]
            back = self.params.comes_back
            send(world, Source.DIRECT.name.lower(), seats[here], back, minute=now, category=category)
