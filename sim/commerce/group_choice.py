"""Group price or alone: what visitors see of open groups, and where they turn when theirs expires.

The page shows the price for one beside the group's, the groups that are open and how many of them fill.
Whoever would complete a group need not wait and takes the price; whoever would start one waits up to the
deadline for a saving that comes with the chance to fill. So the share who buy alone follows from the pool.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import numpy as np

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
            self._open_ones(world, fill, hope, wait)
        flow.group_hope, flow.group_wait = hope, wait

    def _open_ones(self, world: World, fill: np.ndarray, hope: np.ndarray, wait: np.ndarray) -> None:
        """Put in place of a new group's odds those of one that is open already, by visit."""
        visits, mixes = world.flow.visits, self.params.strangers
        by_id, by_category = {group.group_id: group for group in world.groups}, defaultdict(list)
        for group in world.groups:
            by_category[group.category].append(group)
        for v, category in enumerate(visits["category"].tolist()):
            person, minute = int(world.people.id[visits["seat"][v]]), int(visits["minute"][v])
            found, joins = None, mixes
            if visits["source"][v] == int(Source.GROUP_BUY):
                found, joins = by_id.get(world.group_links.get(int(visits["touch"][v]), -1)), 1.0
            if found is None or not _fits(found, category, person, minute):
                fitting = (g for g in by_category[category] if _fits(g, category, person, minute))
                found, joins = next(fitting, None), mixes
            if found is not None:
                chance, waits = odds(lacks(found), float(fill[v]))
                hope[v] = joins * chance + (1.0 - joins) * fill[v]
                wait[v] = joins * waits + (1.0 - joins)


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
