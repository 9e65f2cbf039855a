"""The flow of parcels on SimPy: pick waves, truck trips and rider rounds.

Front warehouses: order -> pick wave -> rider round. Regional centre: order -> pick wave ->
truck with three compartments -> community warehouse -> rider round, with a second attempt.
What waits for a tick waits in a bag named by where and when, so events may be created in any
order and the parcels never notice. Riders are what contends: each is a process that waits for
rounds, rides and comes back.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import simpy

from sim.logistics import kernels
from sim.logistics import parcels as col
from sim.logistics.crew import Crew, Rider, Round, Shift
from sim.logistics.kernel_params import Settings
from sim.logistics.network import REGIONAL, Region
from sim.logistics.parcels import ParcelTable
from sim.logistics.rides import ride
from sim.logistics.trucks import load_truck
from sim.stations.queues import next_departure

Bags = dict[tuple[int, int], list[np.ndarray]]


class Flow:
    """Parcels on their way through one region.

    Parameters
    ----------
    env : simpy.Environment
        Its clock counts ticks.
    region, table, settings, streams
        The map, the parcel rows, derived numbers and keyed streams.
    assigned, left : int64 arrays
        Stock counters of goods with parcels at a node, and of goods that left (updated).
    plans : list of shifts, one a district; pickers : int64[n_nodes]; inspectors : int

    Attributes
    ----------
    handed_over : list of int64 arrays
        Rows of rounds that have left, until the engine collects them.
    inspected : list of int64 arrays
        Rows of inspections under way or finished.
    standard_open : list of int
        Regional drops and pickups by district whose round has not left.
    tally : int64[10]
        Today's counts for costs.
    """

    def __init__(
        self,
        env: simpy.Environment,
        region: Region,
        table: ParcelTable,
        settings: Settings,
        streams: np.ndarray,
        counters: tuple[np.ndarray, np.ndarray],
        plans: list[tuple[Shift, ...]],
        pickers: np.ndarray,
        inspectors: int,
    ) -> None:
        self.env, self.region, self.table, self.settings, self.streams = env, region, table, settings, streams
        self.tally = np.zeros(kernels.TALLIES, np.int64)
        self.goods = (*counters, self.tally)
        now = int(env.now)
        self.free = [np.full(c, now, np.int64) for c in pickers]
        self.inspectors = np.full(inspectors, now, np.int64)
        self.crews = [Crew(env, plan, settings.day, settings.last_standard, self._rider) for plan in plans]
        self.standard_open = [0] * region.n_fronts
        self.handed_over: list[np.ndarray] = []
        self.inspected: list[np.ndarray] = []
        self._waves: Bags = {}
        self._trucks: Bags = {}
        self._rounds: Bags = {}
        self._returned: Bags = {}
        self._recalled: dict[int, np.ndarray] = {}
        self._district = region.district.tolist()
        self._distance = region.distance_km.tolist()

    def reconfigure(
        self, settings: Settings, plans: list[tuple[Shift, ...]], pickers: np.ndarray, inspectors: int
    ) -> None:
        """Other capacities and times from now on; whatever is under way or waiting stays."""
        self.settings = settings
        now = int(self.env.now)
        self.free = [_resize(free, c, now) for free, c in zip(self.free, pickers.tolist(), strict=True)]
        self.inspectors = _resize(self.inspectors, inspectors, now)
        for crew, plan in zip(self.crews, plans, strict=True):
            crew.set_plan(plan, settings.last_standard)

    # --- entrances -----------------------------------------------------------------------------

    def accept(self, rows: np.ndarray, bounds: np.ndarray, nodes: list[int], waves: list[int]) -> None:
        """Put accepted parcels, grouped by node and wave, into their waves."""
        for k, key in enumerate(zip(nodes, waves, strict=True)):
            if _put(self._waves, key, rows[bounds[k] : bounds[k + 1]]):
                self._at(key[1], self._wave, key[0])

    def collect(self, rows: np.ndarray, ticks: np.ndarray) -> None:
        """Put requested pickups, each with the tick from which it can be collected, into rounds."""
        zones = self.table.data[rows, col.ZONE]
        for district in self.region.district[zones].tolist():
            self.standard_open[district] += 1
        for row, zone, tick in zip(rows, zones.tolist(), ticks.tolist(), strict=True):
            release = next_departure(tick, self.settings.rounds, self.settings.day)
            self._shelve(zone, release, np.array([row]))

    # --- what happens ----------------------------------------------------------------------------

    def _wave(self, node: int, tick: int) -> None:
        """Pick the wave of one node."""
        bag = self._waves.pop((node, tick))
        rows = bag[0] if len(bag) == 1 else self._by_acceptance(bag)  # one hand-in is sorted already
        data, s = self.table.data, self.settings
        cuts = np.empty((2, len(rows) + 1), np.int64)
        if node != REGIONAL:
            rounds = kernels.pick_front(
                data, rows, tick, self.free[node], self.streams, s.vector, self.longest_round[0], cuts
            )
            starts, packed = cuts.tolist()
            self.tally[kernels.T_FRONT_PICKS] += starts[rounds]
            for k in range(rounds):
                carried = rows[starts[k] : starts[k + 1]]
                called = Round(True, int(data[carried[0], col.ZONE]), carried)
                self.crews[node - 1].call(called, (packed[k], tick, k), packed[k])
            return
        groups = kernels.pick_regional(
            data,
            rows,
            tick,
            self.free[node],
            self.streams,
            s.vector,
            self.region.district,
            s.trucks,
            s.day,
            cuts,
        )
        starts, leaves = cuts.tolist()
        self.tally[kernels.T_REGIONAL_PICKS] += starts[groups]
        for k in range(groups):
            group = rows[starts[k] : starts[k + 1]]
            self._stage(self._district[data[group[0], col.ZONE]], leaves[k], group)

    def _rider(self, crew: Crew) -> Rider:
        """One rider: wait for a round, ride it, be away for the share of time that is not ours."""
        while True:
            carried, now, presence = yield crew.wait()
            if self.recall_ticks:  # idle riders work for partners and have to come back first
                self._recalled[id(carried)] = carried.rows
                yield self.env.timeout(self.recall_ticks)
                del self._recalled[id(carried)]
                now += self.recall_ticks
                self.tally[kernels.T_RIDER] += self.recall_ticks
            back = (
                self._instant_round(carried, now) if carried.instant else self._standard_round(carried, now)
            )
            if back >= 0:
                yield self.env.timeout(math.ceil((back - now) / presence))
            crew.release()

    def _instant_round(self, carried: Round, now: int) -> int:
        """From the front warehouse to the doors of one zone; the tick of return, -1 if all were cancelled."""
        back, _, _ = self._ride(carried.rows, now, self._distance[carried.zone], True)
        return back

    def _standard_round(self, carried: Round, now: int) -> int:
        """From the community warehouse; bring back what nobody took and what is returned."""
        zone, s = carried.zone, self.settings
        district = self._district[zone]
        self.standard_open[district] -= len(carried.rows)
        back, again, collected = self._ride(carried.rows, now, self.local_km, False)
        if len(again):
            self.standard_open[district] += len(again)
            self._shelve(zone, next_departure(back, s.rounds, s.day), again)
        if len(collected):
            at = next_departure(back, s.trucks, s.day) + self.reverse_ticks
            self.table.data[collected, col.SORTED] = back
            if _put(self._returned, (REGIONAL, at), collected):
                self._at(at, self._inspection)
        return back

    def _trip(self, district: int, tick: int) -> None:
        """One truck: load by compartment, drive the route, sort at each community warehouse."""
        rows = np.concatenate(self._trucks.pop((district, tick)))
        data, s, region = self.table.data, self.settings, self.region
        rows = rows[np.lexsort((data[rows, col.ORDER], data[rows, col.READY], data[rows, col.SERVICE]))]
        cuts = np.empty((2, len(rows) + 1), np.int64)
        groups, loaded, behind = load_truck(
            data,
            self.table.volume,
            rows,
            tick,
            (district, region.stop),
            s.compartments,
            self.streams,
            s.vector,
            self.goods,
            s.rounds,
            s.day,
            cuts,
        )
        starts, releases = cuts.tolist()
        for k in range(groups):
            group = rows[starts[k] : starts[k + 1]]
            self._shelve(int(data[group[0], col.ZONE]), releases[k], group)
        if behind:
            following = next_departure(tick + 1, s.trucks, s.day)
            self._stage(district, following, rows[loaded : loaded + behind])
        if loaded:
            self.tally[kernels.T_METRES] += self.route_metres[district]

    def _release(self, zone: int, tick: int) -> None:
        """Release the next-day rounds of one community warehouse."""
        rows = self._by_acceptance(self._rounds.pop((zone, tick)))
        size, crew = self.longest_round[1], self.crews[self._district[zone]]
        for k in range(math.ceil(len(rows) / size)):
            crew.call(Round(False, zone, rows[k * size : (k + 1) * size]), (tick, zone, k), tick)

    def _inspection(self, tick: int) -> None:
        """Inspect what came back to the regional centre at ``tick``."""
        rows = np.concatenate(self._returned.pop((REGIONAL, tick)))
        data, s = self.table.data, self.settings
        rows = rows[np.lexsort((data[rows, col.ORDER], data[rows, col.SORTED]))]
        kernels.inspect(data, rows, tick, self.inspectors, self.streams, s.vector, s.restock, self.tally)
        self.inspected.append(rows)

    # --- helpers -------------------------------------------------------------------------------

    def set_rules(
        self,
        longest_round: tuple[int, int],
        local_km: float,
        reverse_ticks: int,
        route_metres: list[int],
        recall_ticks: int,
    ) -> None:
        """Round sizes (instant, standard), first-door distance, reverse time, truck routes, recall."""
        self.recall_ticks = recall_ticks
        self.longest_round = longest_round
        self.local_km = local_km
        self.reverse_ticks = reverse_ticks
        self.route_metres = route_metres

    def _ride(
        self, rows: np.ndarray, now: int, km: float, instant: bool
    ) -> tuple[int, np.ndarray, np.ndarray]:
        s = self.settings
        back, handed, again, collected = ride(
            self.table.data,
            self.table.life,
            rows,
            now,
            km,
            instant,
            self.streams,
            s.vector,
            s.ageing,
            self.goods,
            s.day,
        )
        self.handed_over.append(rows[:handed])
        return back, rows[handed : handed + again], rows[handed + again : handed + again + collected]

    def _at(self, tick: int, happen: Callable[..., None], *where: int) -> None:
        """Let ``happen(*where, tick)`` take place at ``tick``: an event of the timetable."""
        event = simpy.Event(self.env)
        event._ok, event._value = True, None
        event.callbacks.append(lambda _: happen(*where, tick))
        self.env.schedule(event, delay=tick - self.env.now)

    def _by_acceptance(self, bag: list[np.ndarray]) -> np.ndarray:
        """Rows of a bag by minute of acceptance, then order id."""
        rows = bag[0] if len(bag) == 1 else np.concatenate(bag)
        if len(rows) == 1:
            return rows
        data = self.table.data
        return rows[np.lexsort((data[rows, col.ORDER], data[rows, col.MINUTE]))]

    def _stage(self, district: int, departure: int, rows: np.ndarray) -> None:
        """Packed parcels wait at the dock for a truck."""
        if _put(self._trucks, (district, departure), rows):
            self._at(departure, self._trip, district)

    def _shelve(self, zone: int, release: int, rows: np.ndarray) -> None:
        """Parcels wait at their community warehouse for a round."""
        if _put(self._rounds, (zone, release), rows):
            self._at(release, self._release, zone)

    def waiting(self) -> tuple[list[np.ndarray], ...]:
        """Rows that wait for a wave, a truck, a rider and the way back (for checks)."""
        waves, trucks, rounds, returned = (
            [rows for key in sorted(bags) for rows in bags[key]]
            for bags in (self._waves, self._trucks, self._rounds, self._returned)
        )
        called = [rows for crew in self.crews for rows in crew.waiting()] + list(self._recalled.values())
        return waves, trucks, rounds + called, returned


def _put(bags: Bags, key: tuple[int, int], rows: np.ndarray) -> bool:
    """Add rows to a bag; True if the bag is new (and needs a process)."""
    bag = bags.get(key)
    if bag is None:
        bags[key] = [rows]
        return True
    bag.append(rows)
    return False


def _resize(free: np.ndarray, servers: int, now: int) -> np.ndarray:
    """Server heap with another number of servers; those released first finish their work elsewhere."""
    ordered = np.sort(free)
    if servers <= len(ordered):
        return ordered[:servers].copy()
    return np.sort(np.concatenate([ordered, np.full(servers - len(ordered), now, np.int64)]))
