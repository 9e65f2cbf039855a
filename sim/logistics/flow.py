"""The flow of parcels: SimPy's timetable, and compiled waves and rides between its events.

Front warehouses: order -> pick wave -> rider round. Regional centre: order -> pick wave ->
truck with three compartments -> community warehouse -> rider round, with a second attempt.
Trucks, releases of rounds and inspections are events of SimPy, one a tick for the whole region, as is
whatever else shares its clock; what happens between two events touches one district or one node at a
time, and kernels take it from the one to the other.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import simpy

from sim.core.clock import MINUTES_PER_DAY
from sim.logistics import entrance, kernels, timetable, yard
from sim.logistics import parcels as col
from sim.logistics.admission import lines_of, nothing_set_aside
from sim.logistics.capacity import Capacity
from sim.logistics.kernel_params import Settings
from sim.logistics.network import REGIONAL, Region
from sim.logistics.parcels import ParcelTable
from sim.stations.queues import next_departure
from sim.world.fulfilment import Parcels


class Tours(NamedTuple):
    """What rounds and trips are like.

    instant_drops, standard_drops : parcels of one round at most; local_km : from a community warehouse to
    the first door; reverse_ticks : from the truck back to inspection; route_metres : of each district's
    truck; recall_ticks : until an idle rider who works for a partner is back.
    """

    instant_drops: int
    standard_drops: int
    local_km: float
    reverse_ticks: int
    route_metres: np.ndarray
    recall_ticks: int


class Flow:
    """Parcels on their way through one region.

    Parameters
    ----------
    env : simpy.Environment
        Its clock counts ticks.
    region, table, streams
        The map, the parcel rows and keyed streams.
    assigned, left : int64 arrays
        Stock counters of goods with parcels at a node, and of goods that left (updated).
    settings, capacity, tours
        As in :meth:`configure`.

    Attributes
    ----------
    bags, sites, rounds : int64 arrays
        What is under way (:mod:`sim.logistics.yard`).
    tally : int64[10]
        Today's counts for costs.
    """

    def __init__(
        self,
        env: simpy.Environment,
        region: Region,
        table: ParcelTable,
        streams: np.ndarray,
        counters: tuple[np.ndarray, np.ndarray],
        settings: Settings,
        capacity: Capacity,
        tours: Tours,
    ) -> None:
        self.env, self.region, self.table, self.streams = env, region, table, streams
        self.counters = counters
        self.tally = np.zeros(kernels.TALLIES, np.int64)
        self.bags = yard.empty_bags()
        self.sites = yard.empty_sites(region.n_nodes)
        self.rounds = np.zeros((0, yard.ROUND_COLUMNS), np.int64)
        self._presence = np.ones(0)
        self._teams = [np.zeros(0, np.int64)] * region.n_nodes
        self._inspectors = np.zeros(0, np.int64)
        self._riders = np.zeros(region.n_fronts, np.int64)
        self._planned = {yard.DOCK: yard.FAR, yard.SHELF: yard.FAR, yard.RETURNED: yard.FAR}
        self._wake = int(env.now)
        self.configure(settings, capacity, tours)

    def configure(self, settings: Settings, capacity: Capacity, tours: Tours) -> None:
        """Capacities, times and tours from now on; whatever is under way or waiting stays."""
        self.settings, self.plans, self.tours = settings, capacity.plans, tours
        self._clock = (settings.waves, settings.day // MINUTES_PER_DAY, settings.day)
        now = self._wake = int(self.env.now)
        teams = [_resize(f, c, now) for f, c in zip(self._teams, capacity.pickers.tolist(), strict=True)]
        self._inspectors = _resize(self._inspectors, capacity.inspectors, now)
        ends = np.cumsum([len(free) for free in teams])
        self.sites[:, yard.TEAMS] = capacity.pickers
        self.sites[:, yard.FIRST_TEAM] = ends - capacity.pickers
        self.sites[1:, yard.ALARM] = now
        flat = np.concatenate(teams)
        self._teams = np.split(flat, ends[:-1])
        self.shifts, shares = _shift_arrays(capacity, settings.day // MINUTES_PER_DAY)
        self._riders = np.maximum(self._riders, self.shifts[:, :, yard.RIDERS].max(axis=1))
        self._rules = self._rules_in_force(shares)
        self._moving = (flat, self._inspectors, *self.counters, self.tally)
        self._bind()
        for bag in self._planned:
            self._plan(bag, now)

    def _rules_in_force(self, shares: np.ndarray) -> tuple[np.ndarray, ...]:
        s, t, region = self.settings, self.tours, self.region
        ticks = (t.instant_drops, t.standard_drops, t.recall_ticks, t.reverse_ticks)
        numbers = np.array([s.day, s.last_standard, *ticks], np.int64)
        rules = yard.Rules(
            numbers=numbers,
            vector=s.vector,
            ageing=s.ageing,
            compartments=s.compartments,
            restock=s.restock,
            trucks=s.trucks,
            releases=s.rounds,
            streams=self.streams,
            district=region.district,
            stop=region.stop,
            distance_km=region.distance_km,
            route_metres=t.route_metres,
            shifts=self.shifts,
            shares=shares,
            local_km=t.local_km * region.spacing,
        )
        return tuple(rules)

    def _bind(self) -> None:
        """Arrays as kernels take them; there is a round for each parcel and for each rider on the road."""
        table = self.table
        needed = len(table.data) + int(self._riders.sum())
        if needed > len(self.rounds):
            self.rounds = yard.grown_rounds(self.rounds, self.sites, needed)
            self._presence = np.concatenate([self._presence, np.ones(needed)])[:needed]
        self._bound = table.data
        state = (self.bags, self.sites, self.rounds, self._presence)
        self._held = (table.data, table.life, table.volume, *state, *self._moving)

    @property
    def held(self) -> tuple[np.ndarray, ...]:
        """Fields of :class:`sim.logistics.yard.Held`; the parcel table may have grown."""
        if self._bound is not self.table.data:
            self._bind()
        return self._held

    # --- entrances -----------------------------------------------------------------------------

    def accept(self, parcels: Parcels, shelves: tuple[np.ndarray, ...]) -> None:
        """Make rows of parcels, which wait for their waves; ``shelves`` as in :func:`.admission.fill`.

        Raises
        ------
        ConservationError
            If no goods were set aside for a parcel; names product and node.
        """
        lines = lines_of(parcels)
        rows = self.table.take(len(lines))
        failed, wave = entrance.accept(self.held, self.region.district, rows, lines, shelves, self._clock)
        if failed >= 0:
            raise nothing_set_aside(lines[failed])
        self._wake = min(self._wake, wave)

    def collect(self, rows: np.ndarray, ticks: np.ndarray) -> None:
        """Put requested pickups, each with the tick from which it can be collected, into rounds."""
        entrance.collect(self.held, self._rules, rows, ticks)

    def call_off(self, rows: np.ndarray) -> None:
        """Parcels that waited at their node are cancelled; whoever comes for them leaves them there."""
        data = self.table.data
        zones = data[rows, col.ZONE][data[rows, col.NODE] == REGIONAL]
        np.subtract.at(self.sites, (1 + self.region.district[zones], yard.STANDARD_OPEN), 1)

    # --- what happens ----------------------------------------------------------------------------

    def run(self, until: int) -> None:
        """Run SimPy and the kernels up to (not including) tick ``until``, which lies ahead."""
        env = self.env
        while (at := env.peek()) < until:
            self._advance(int(at))
            env.step()
        self._advance(until)
        env.run(until=until)

    def _advance(self, until: int) -> None:
        if self._wake < until:
            self._wake = timetable.advance(self.held, self._rules, until)
            self._plan(yard.RETURNED, until)

    def _plan(self, bag: int, after: int) -> None:
        """One event for the next tick, from ``after`` on, at which something leaves a bag.

        Trucks and releases have one whether anything waits or not: the kernels stop there.
        """
        tick = int(self.bags[bag, yard.DUE])
        if bag != yard.RETURNED:
            times = self.settings.trucks if bag == yard.DOCK else self.settings.rounds
            tick = min(tick, int(next_departure(after, times, self.settings.day)))
        if tick < self._planned[bag]:
            self._planned[bag] = tick
            event = simpy.Event(self.env)
            event._ok, event._value = True, None
            event.callbacks.append(lambda _: self._leave(bag, tick))
            self.env.schedule(event, delay=tick - self.env.now)

    def _leave(self, bag: int, tick: int) -> None:
        """Trucks depart, rounds are released, returns are inspected; unless an earlier event took over."""
        if self._planned[bag] != tick:
            return
        self._planned[bag] = yard.FAR
        if self.bags[bag, yard.DUE] <= tick:
            _HAPPENS[bag](self.held, self._rules, tick)
            self._wake = min(self._wake, tick)
        self._plan(bag, tick + 1)

    # --- exits ---------------------------------------------------------------------------------

    def handed_over(self) -> np.ndarray:
        """Rows handed over since the last call, before the clock's tick, by time and order id."""
        return self._finished(yard.HANDED_OVER)

    def inspected(self) -> np.ndarray:
        """Rows inspected since the last call, before the clock's tick, by time and order id."""
        return self._finished(yard.INSPECTED)

    def _finished(self, bag: int) -> np.ndarray:
        rows: np.ndarray = timetable.finished(self.table.data, self.bags, bag, int(self.env.now))
        return rows

    # --- looks ---------------------------------------------------------------------------------

    @property
    def standard_open(self) -> list[int]:
        """Regional drops and pickups by district whose round has not left."""
        drops: list[int] = self.sites[1:, yard.STANDARD_OPEN].tolist()
        return drops

    def teams_free(self, node: int) -> int:
        """Tick at which the first pick team of a node is, or was, free."""
        return int(self._teams[node].min())

    def waiting(self) -> tuple[list[np.ndarray], ...]:
        """Rows that wait for a wave, a truck, a rider and the way back (for checks)."""
        data = self.table.data
        waves = [entrance.listed(data, first) for first in self.sites[:, yard.WAVES].tolist()]
        dock, shelf, returned = (
            entrance.listed(data, int(self.bags[bag, yard.FIRST]))
            for bag in (yard.DOCK, yard.SHELF, yard.RETURNED)
        )
        called = entrance.called(data, self.sites, self.rounds)
        lists = (waves, [dock], [shelf, called], [returned])
        return tuple([rows for rows in some if len(rows)] for some in lists)


_HAPPENS: dict[int, Callable[..., None]] = {
    yard.DOCK: timetable.depart,
    yard.SHELF: timetable.release,
    yard.RETURNED: timetable.inspect_returns,
}


def _shift_arrays(capacity: Capacity, per_minute: int) -> tuple[np.ndarray, np.ndarray]:
    """Shifts of all districts in ticks, int64[n_fronts, k, 4], and their presence, float64[n_fronts, k]."""
    shifts = [
        [(s.start * per_minute, s.end * per_minute, s.riders, s.guard) for s in plan]
        for plan in capacity.plans
    ]
    presence = [[float(s.presence) for s in plan] for plan in capacity.plans]
    return np.array(shifts, np.int64), np.array(presence)


def _resize(free: np.ndarray, servers: int, now: int) -> np.ndarray:
    """Server heap with another number of servers; those released first finish their work elsewhere."""
    ordered = np.sort(free)
    if servers <= len(ordered):
        return ordered[:servers].copy()
    return np.sort(np.concatenate([ordered, np.full(servers - len(ordered), now, np.int64)]))
