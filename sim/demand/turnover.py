"""Turnover: people leave the market, others arrive or come back.

Without arrivals new users run out within a year and every growth strategy looks worse the
longer it runs. An arrival takes the vacated seat of its group under a new id; someone who
returns keeps id and history and is never counted as new.
"""

from __future__ import annotations

import math

import numpy as np

from sim.core.jit import njit
from sim.core.params import Params, constant, uncertainty
from sim.core.rng import Draw, hash_id, keyed_uniform
from sim.mechanism import Phase
from sim.world.catalog import Catalog
from sim.world.population import PopulationParams, settle_in
from sim.world.schema import GROUPS
from sim.world.world import World


class TurnoverParams(Params):
    """How fast the population renews itself."""

    enabled: bool = constant(True, "switch", "definition")
    """Off: a closed population."""

    exit_rate: float = uncertainty(0.005, "share/day", "A-100", ge=0, le=0.1, span=(0.001, 0.008))
    """People leaving the market a day; 0.2-0.5% keeps acquisition going."""

    inviter_keeps: float = uncertainty(0.0, "share", "A-996", ge=0, le=1, span=(0.0, 0.4))
    """How much less likely those leave whose inviter is still in the market; referred customers of a bank had
    an 18% lower hazard of leaving (Schmitt, Skiera & Van den Bulte 2011), part of it by selection"""

    return_share: float = uncertainty(0.25, "share of arrivals", "A-101", ge=0, le=1, span=(0.1, 0.5))
    """Arrivals who were here before and keep id and history."""


@njit(cache=True)
def _leaving(stream, people_id, rate, pace, bound):
    leaving = np.zeros(people_id.shape[0], np.bool_)
    for i in range(people_id.shape[0]):
        leaving[i] = (keyed_uniform(stream, people_id[i], 0) < rate * pace[i]) & (
            not bound[i]
        )  # without a branch
    return leaving


@njit(cache=True)
def _new_ids(seats, old, day):
    out = np.empty(seats.shape[0], np.int64)
    for k in range(seats.shape[0]):
        out[k] = hash_id(old[k], day, 0)
    return out


@njit(cache=True)
def _early(stream, ids, groups, wanted):
    """Rows whose draws are small enough that the first ``wanted`` of their group are surely among them."""
    size = np.zeros(wanted.shape[0], np.int64)
    for k in range(ids.shape[0]):
        size[groups[k]] += 1
    cut = np.empty(wanted.shape[0])
    for g in range(wanted.shape[0]):
        # about eight standard errors more than are wanted; should that fail, everybody is looked at
        cut[g] = (wanted[g] + 8.0 * math.sqrt(wanted[g] + 1.0) + 8.0) / max(1, size[g])
    while True:
        rows, keys = np.empty(ids.shape[0], np.int64), np.empty(ids.shape[0])
        found = np.zeros(wanted.shape[0], np.int64)
        k = 0
        for i in range(ids.shape[0]):
            u = keyed_uniform(stream, ids[i], 1)
            if u < cut[groups[i]]:
                rows[k], keys[k] = i, u
                found[groups[i]] += 1
                k += 1
        if (found >= np.minimum(wanted, size)).all():
            return rows[:k], keys[:k]
        cut[:] = 1.0


class Turnover:
    """Exits, arrivals and returns, once a day at midnight; influencers stay."""

    name = "turnover"
    phase = Phase.STRIKE
    reads = frozenset({"people.id", "people.group", "people.exit_pace", "people.inviter", "influencers"})
    writes = frozenset({"people.id", "people.traits", "people.state", "away"})

    def __init__(self, params: TurnoverParams, population: PopulationParams, catalog: Catalog) -> None:
        self.params = params
        self.population = population
        self.catalog = catalog

    def act(self, world: World, draw: Draw) -> None:
        """Vacate seats and fill them again."""
        people = world.people
        stream, bound = draw("turnover.exit"), world.influencers.bound
        leaving = np.flatnonzero(_leaving(stream, people.id, self.params.exit_rate, people.exit_pace, bound))
        if self.params.inviter_keeps > 0.0:
            leaving = leaving[~self._kept(world, stream, leaving)]
        if not len(leaving):
            return
        old = people.id[leaving].copy()
        back, seats_back = self._choose_returners(world, draw, leaving, old)
        self._remember(world, leaving)
        people.id[leaving] = _new_ids(leaving, old, world.day)
        where = world.zones, world.logistics.people_below()
        settle_in(people, leaving, self.population, self.catalog, world.platforms, draw, *where)
        self._restore(world, back, seats_back)
        world.index.follow(people.id)
        world.count("exits", len(leaving))
        world.count("returners", len(back))
        world.count("arrivals", len(leaving) - len(back))

    def _kept(self, world: World, stream: np.uint64, seats: np.ndarray) -> np.ndarray:
        """bool[k]: who would leave and stays for the sake of an inviter who is here."""
        inviter = world.people.inviter[seats]
        here = (inviter >= 0) & (world.seats_of(inviter) >= 0)
        return here & (_uniforms(stream, world.people.id[seats], 3) < self.params.inviter_keeps)

    def _choose_returners(
        self, world: World, draw: Draw, seats: np.ndarray, old: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Rows of ``away`` that come back today, and the seats they take (same group)."""
        away = world.away
        if not away.number:
            return np.zeros(0, np.int64), np.zeros(0, np.int64)
        stream = draw("turnover.return")
        wants = _uniforms(stream, old, 0) < self.params.return_share
        # whose seat is filled first is drawn: it must not be a matter of rows
        turn = np.argsort(_uniforms(stream, old, 2), kind="stable")
        free = seats[turn][wants[turn]]
        group = world.people.group[free]
        wanted = np.bincount(group, minlength=len(GROUPS))
        waiting, key = _early(stream, away["id"], away["group"], wanted)
        waiting = waiting[np.argsort(key, kind="stable")]
        rows, taken = [], []
        for g in range(len(GROUPS)):
            chosen = waiting[away["group"][waiting] == g][: wanted[g]]
            rows.append(chosen)
            taken.append(free[group == g][: len(chosen)])
        return np.concatenate(rows), np.concatenate(taken)

    def _remember(self, world: World, seats: np.ndarray) -> None:
        """Keep registered leavers, so that they can come back as who they were."""
        world.away.receive(world.people.columns, seats[world.people.registered[seats]])

    def _restore(self, world: World, rows: np.ndarray, seats: np.ndarray) -> None:
        """Seat the returners and strike them off the absent."""
        if not len(rows):
            return
        world.away.release(world.people.columns, rows, seats)
        world.people.reset(seats, self.population, back=True)


@njit(cache=True)
def _uniforms(stream, who, occasion):
    out = np.empty(who.shape[0])
    for k in range(who.shape[0]):
        out[k] = keyed_uniform(stream, who[k], occasion)
    return out
