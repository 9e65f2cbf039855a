"""What the kernels do from one event of SimPy's timetable to the next, and at each of them.

``advance`` takes pick waves and riders up to a tick; ``depart``, ``release`` and ``inspect_returns``
are the events that SimPy calls, each once a tick for the whole region. The consequences of a wave or
ride that need an event (a truck, a release, an inspection) lie at or after the timetable's next one,
so advancing to it never misses any.
"""

from __future__ import annotations

import numpy as np

from sim.core.jit import njit
from sim.logistics import parcels as col
from sim.logistics import yard
from sim.logistics.bags import arrange, put, same_door, take_due, take_wave
from sim.logistics.kernels import T_METRES, T_REGIONAL_PICKS, inspect, keep_waiting, pick
from sim.logistics.riders import call, live
from sim.logistics.trucks import load_truck
from sim.logistics.yard import FAR, NONE, held_of, rules_of
from sim.stations.queues import next_departure


@njit(cache=True, forceinline=True)
def _regional_waves(held, rules, until):
    """Pick the regional centre's waves before ``until``; what is packed waits for its truck."""
    data, sites = held.data, held.sites
    while sites[0, yard.WAVES] != NONE and data[sites[0, yard.WAVES], col.WAVE] < until:
        now = data[sites[0, yard.WAVES], col.WAVE]
        rows = take_wave(data, sites, 0)
        rows = rows[: keep_waiting(data, rows)]
        free = held.teams[sites[0, yard.FIRST_TEAM] : sites[0, yard.FIRST_TEAM] + sites[0, yard.TEAMS]]
        pick(data, rows, now, free, rules.streams, rules.vector)
        held.tally[T_REGIONAL_PICKS] += rows.shape[0]
        for row in rows:
            departure = next_departure(data[row, col.READY], rules.trucks, rules.numbers[yard.DAY])
            put(data, held.bags, yard.DOCK, row, departure)


@njit(cache=True)
def advance(held, rules, until):
    """Take waves and riders of the whole region up to tick ``until``, which is not included.

    Parameters
    ----------
    held, rules : tuple
        Fields of :class:`sim.logistics.yard.Held` and :class:`sim.logistics.yard.Rules`.

    Returns
    -------
    int
        Next tick at which a kernel has something to do.
    """
    held, rules = held_of(held), rules_of(rules)
    _regional_waves(held, rules, until)
    first = held.sites[0, yard.WAVES]
    following = np.int64(FAR) if first == NONE else held.data[first, col.WAVE]
    for site in range(1, held.sites.shape[0]):
        following = min(following, live(held, rules, site, until))
    return following


@njit(cache=True)
def depart(held, rules, now):
    """All trucks of ``now``: load by compartment, drive the route, sort at each community warehouse."""
    held, rules = held_of(held), rules_of(rules)
    data = held.data
    rows = take_due(data, held.bags, yard.DOCK, now)
    arrange(data, rows, (col.SERVICE, col.READY, col.ORDER))
    ends = np.zeros(held.sites.shape[0], np.int64)
    for row in rows:
        ends[1 + rules.district[data[row, col.ZONE]]] += 1
    ends = ends.cumsum()
    filled, sorted_out = ends.copy(), np.empty_like(rows)
    for row in rows:
        district = rules.district[data[row, col.ZONE]]
        sorted_out[filled[district]] = row
        filled[district] += 1
    for district in range(ends.shape[0] - 1):
        if ends[district + 1] > ends[district]:
            _drive(held, rules, district, sorted_out[ends[district] : ends[district + 1]], now)


@njit(cache=True, forceinline=True)
def _drive(held, rules, district, rows, now):
    """One truck; what finds no room waits for the very next one."""
    data, day = held.data, rules.numbers[yard.DAY]
    route, goods = (district, rules.stop), (held.assigned, held.left, held.tally)
    loaded, behind = load_truck(
        data, held.volume, rows, now, route, rules.compartments, rules.streams, rules.vector, goods
    )
    for row in rows[:loaded]:
        put(data, held.bags, yard.SHELF, row, next_departure(data[row, col.SORTED], rules.releases, day))
    following = next_departure(now + 1, rules.trucks, day)
    for row in rows[loaded : loaded + behind]:
        put(data, held.bags, yard.DOCK, row, following)
    if loaded:
        held.tally[T_METRES] += rules.route_metres[district]


@njit(cache=True)
def release(held, rules, now):
    """All next-day rounds of ``now`` call for riders, zone by zone."""
    held, rules = held_of(held), rules_of(rules)
    data = held.data
    rows = take_due(data, held.bags, yard.SHELF, now)
    arrange(data, rows, (col.ZONE, col.MINUTE, col.ORDER))
    begin, which = 0, 0
    while begin < rows.shape[0]:
        end = same_door(data, rows, begin, rules.numbers[yard.STANDARD_DROPS])
        zone = data[rows[begin], col.ZONE]
        which = which + 1 if begin > 0 and data[rows[begin - 1], col.ZONE] == zone else 0
        call(held, 1 + rules.district[zone], rows[begin:end], 0, (now, zone, which))
        begin = end


@njit(cache=True)
def inspect_returns(held, rules, now):
    """Inspect what comes back to the regional centre at ``now``."""
    held, rules = held_of(held), rules_of(rules)
    data = held.data
    rows = take_due(data, held.bags, yard.RETURNED, now)
    arrange(data, rows, (col.SORTED, col.ORDER))
    inspect(data, rows, now, held.inspectors, rules.streams, rules.vector, rules.restock, held.tally)
    for row in rows:
        put(data, held.bags, yard.INSPECTED, row, data[row, col.END])


@njit(cache=True)
def finished(data, bags, bag, now):
    """Take out of a bag the parcels that ended before ``now``: int64[n] rows, by time and order id."""
    rows = take_due(data, bags, bag, now - 1)
    arrange(data, rows, (col.END, col.ORDER))
    return rows
