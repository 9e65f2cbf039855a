"""The flow of parcels as events of SimPy alone: each wave, trip and ride is one, each rider a process.

It takes the part of :class:`sim.logistics.flow.Flow` in a network, so that both can be run on the same days.
What happens to the parcels of one wave or ride is the engine's own kernel; who waits where, and who goes
when, is told here once more by SimPy.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import simpy

from sim.logistics import kernels
from sim.logistics import parcels as col
from sim.logistics.admission import fill, lines_of
from sim.logistics.capacity import Capacity
from sim.logistics.flow import Tours, _resize
from sim.logistics.kernel_params import Settings
from sim.logistics.network import REGIONAL, Region
from sim.logistics.parcels import ParcelTable
from sim.logistics.rides import away, ride
from sim.logistics.trucks import load_truck
from sim.stations.queues import next_departure
from sim.world.fulfilment import Parcels
from tests.reference.crew_events import Crew, Rider, Round

Bags = dict[tuple[int, int], list[np.ndarray]]


class EventFlow:
    """Parcels on their way through one region; arguments as those of the engine's flow."""

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
        self.settings, self.tours = settings, tours
        self.tally = np.zeros(kernels.TALLIES, np.int64)
        self.goods = (*counters, self.tally)
        now = int(env.now)
        self.free = [np.full(c, now, np.int64) for c in capacity.pickers]
        self.inspectors = np.full(capacity.inspectors, now, np.int64)
        self.crews = [
            Crew(env, plan, settings.day, settings.last_standard, self._rider) for plan in capacity.plans
        ]
        self.standard_open = [0] * region.n_fronts
        self._done: dict[str, list[np.ndarray]] = {"handed over": [], "inspected": []}
        self._waves: Bags = {}
        self._trucks: Bags = {}
        self._rounds: Bags = {}
        self._returned: Bags = {}
        self._recalled: dict[int, np.ndarray] = {}
        self._district = region.district.tolist()
        self._distance = region.distance_km.tolist()

    def configure(self, settings: Settings, capacity: Capacity, tours: Tours) -> None:
        """Other capacities and times from now on; whatever is under way or waiting stays."""
        self.settings, self.tours = settings, tours
        now = int(self.env.now)
        self.free = [_resize(f, c, now) for f, c in zip(self.free, capacity.pickers.tolist(), strict=True)]
        self.inspectors = _resize(self.inspectors, capacity.inspectors, now)
        for crew, plan in zip(self.crews, capacity.plans, strict=True):
            crew.set_plan(plan, settings.last_standard)

    def run(self, until: int) -> None:
        """Run SimPy up to (not including) tick ``until``."""
        self.env.run(until=until)

    def handed_over(self) -> np.ndarray:
        """Rows handed over since the last call, before the clock's tick, by time and order id."""
        return self._finished("handed over")

    def inspected(self) -> np.ndarray:
        """Rows inspected since the last call, before the clock's tick, by time and order id."""
        return self._finished("inspected")

    def _finished(self, kind: str) -> np.ndarray:
        data = self.table.data
        rows = np.concatenate([np.zeros(0, np.int64), *self._done[kind]])
        out = data[rows, col.END] < self.env.now
        self._done[kind] = [rows[~out]]
        rows = rows[out]
        return rows[np.lexsort((data[rows, col.ORDER], data[rows, col.END]))]

    def teams_free(self, node: int) -> int:
        """Tick at which the first pick team of a node is, or was, free."""
        return int(self.free[node].min())

    # --- entrances -----------------------------------------------------------------------------

    def accept(self, parcels: Parcels, shelves: tuple[np.ndarray, ...]) -> None:
        """Make rows of parcels and put them into their waves."""
        lines = lines_of(parcels)
        rows = self.table.take(len(lines))
        data, s = self.table.data, self.settings
        clock = (s.waves, s.day // 1440, s.day)
        assert fill((data, self.table.life, self.table.volume), rows, lines, shelves, clock) < 0
        self._count(rows, 1)
        keys = np.stack([data[rows, col.NODE], data[rows, col.WAVE]], axis=1)
        for node, wave in np.unique(keys, axis=0).tolist():
            if _put(self._waves, (node, wave), rows[(keys == (node, wave)).all(axis=1)]):
                self._at(wave, self._wave, node)

    def call_off(self, rows: np.ndarray) -> None:
        """Parcels that waited at their node are cancelled."""
        self._count(rows, -1)

    def _count(self, rows: np.ndarray, change: int) -> None:
        data = self.table.data
        for zone in data[rows, col.ZONE][data[rows, col.NODE] == REGIONAL].tolist():
            self.standard_open[self._district[zone]] += change

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
        rows = self._by_acceptance(bag)
        data, s = self.table.data, self.settings
        rows = rows[: kernels.keep_waiting(data, rows)]
        kernels.pick(data, rows, tick, self.free[node], self.streams, s.vector)
        if node == REGIONAL:
            self.tally[kernels.T_REGIONAL_PICKS] += len(rows)
            for row in rows:
                departure = int(next_departure(data[row, col.READY], s.trucks, s.day))
                self._stage(self._district[data[row, col.ZONE]], departure, np.array([row]))
            return
        self.tally[kernels.T_FRONT_PICKS] += len(rows)
        for k, carried in enumerate(_rounds(rows, data[rows, col.ZONE], self.tours.instant_drops)):
            packed = int(data[carried, col.READY].max())
            called = Round(True, int(data[carried[0], col.ZONE]), carried)
            self.crews[node - 1].call(called, (packed, tick, k), packed)

    def _rider(self, crew: Crew) -> Rider:
        """One rider: wait for a round, ride it, be away for the share of time that is not ours."""
        while True:
            carried, now, presence, idle, at_hand = yield crew.wait()
            recall, goods = self.tours.recall_ticks, (self.table.data, carried.rows)
            sold = recall > 0 and not at_hand and away(*goods, idle, self.streams, self.settings.vector)
            if sold:  # they work for partners and have to come back first
                self._recalled[id(carried)] = carried.rows
                yield self.env.timeout(recall)
                del self._recalled[id(carried)]
                now += recall
                self.tally[kernels.T_RIDER] += recall
            back = (
                self._instant_round(carried, now) if carried.instant else self._standard_round(carried, now)
            )
            if back >= 0:
                yield self.env.timeout(math.ceil((back - now) / presence))
            crew.release(at_hand or sold or back >= 0)

    def _instant_round(self, carried: Round, now: int) -> int:
        """From the front warehouse to the doors of one zone; the tick of return, -1 if all were cancelled."""
        back, _, _ = self._ride(carried.rows, now, self._distance[carried.zone], True)
        return back

    def _standard_round(self, carried: Round, now: int) -> int:
        """From the community warehouse; bring back what nobody took and what is returned."""
        zone, s = carried.zone, self.settings
        district = self._district[zone]
        self.standard_open[district] -= len(carried.rows)
        back, again, collected = self._ride(carried.rows, now, self.tours.local_km, False)
        if len(again):
            self.standard_open[district] += len(again)
            self._shelve(zone, next_departure(back, s.rounds, s.day), again)
        if len(collected):
            at = next_departure(back, s.trucks, s.day) + self.tours.reverse_ticks
            self.table.data[collected, col.SORTED] = back
            if _put(self._returned, (REGIONAL, at), collected):
                self._at(at, self._inspection)
        return back

    def _trip(self, district: int, tick: int) -> None:
        """One truck: load by compartment, drive the route, sort at each community warehouse."""
        rows = np.concatenate(self._trucks.pop((district, tick)))
        data, s, region = self.table.data, self.settings, self.region
        rows = rows[np.lexsort((data[rows, col.ORDER], data[rows, col.READY], data[rows, col.SERVICE]))]
        route = (district, region.stop)
        loaded, behind = load_truck(
            data,
            self.table.volume,
            rows,
            tick,
            route,
            s.compartments,
            self.streams,
            s.vector,
            self.goods,
        )
        for row in rows[:loaded]:
            release = int(next_departure(data[row, col.SORTED], s.rounds, s.day))
            self._shelve(int(data[row, col.ZONE]), release, np.array([row]))
        if behind:
            following = int(next_departure(tick + 1, s.trucks, s.day))
            self._stage(district, following, rows[loaded : loaded + behind])
        if loaded:
            self.tally[kernels.T_METRES] += self.tours.route_metres[district]

    def _release(self, zone: int, tick: int) -> None:
        """Release the next-day rounds of one community warehouse."""
        rows = self._by_acceptance(self._rounds.pop((zone, tick)))
        size, crew = self.tours.standard_drops, self.crews[self._district[zone]]
        for k in range(math.ceil(len(rows) / size)):
            crew.call(Round(False, zone, rows[k * size : (k + 1) * size]), (tick, zone, k), tick)

    def _inspection(self, tick: int) -> None:
        """Inspect what came back to the regional centre at ``tick``."""
        rows = np.concatenate(self._returned.pop((REGIONAL, tick)))
        data, s = self.table.data, self.settings
        rows = rows[np.lexsort((data[rows, col.ORDER], data[rows, col.SORTED]))]
        kernels.inspect(data, rows, tick, self.inspectors, self.streams, s.vector, s.restock, self.tally)
        self._done["inspected"].append(rows)

    # --- helpers -------------------------------------------------------------------------------

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
        self._done["handed over"].append(rows[:handed])
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


def _rounds(rows: np.ndarray, zone: np.ndarray, longest: int) -> list[np.ndarray]:
    """Rounds of one zone each, zone by zone, of at most ``longest`` parcels in the order of ``rows``."""
    of_zones = [rows[zone == one] for one in np.unique(zone)]
    return [of[k : k + longest] for of in of_zones for k in range(0, len(of), longest)]
