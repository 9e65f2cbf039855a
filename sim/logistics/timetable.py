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
from sim.logistics.bags import arrange, put, take_due, take_wave
from sim.logistics.kernels import T_METRES, T_REGIONAL_PICKS, cut, inspect, pick_regional
from sim.logistics.riders import call, live
from sim.logistics.trucks import load_truck
from sim.logistics.yard import FAR, NONE, Held, Rules
from sim.stations.queues import next_departure


@njit(cache=True)
def _regional_waves(held, rules, until):
    """Pick the regional centre's waves before ``until``; what is packed waits for its truck."""
    data, sites = held.data, held.sites
    while sites[0, yard.WAVES] != NONE and data[sites[0, yard.WAVES], col.WAVE] < until:
        now = data[sites[0, yard.WAVES], col.WAVE]
        rows = take_wave(data, sites, 0)
        cuts = np.empty((2, rows.shape[0] + 1), np.int64)
        free = held.teams[sites[0, yard.FIRST_TEAM] : sites[0, yard.FIRST_TEAM] + sites[0, yard.TEAMS]]
        day, district = rules.numbers[yard.DAY], rules.district
        groups = pick_regional(
            data, rows, now, free, rules.streams, rules.vector, district, rules.trucks, day, cuts
        )
        held.tally[T_REGIONAL_PICKS] += cuts[0, groups]
        for k in range(groups):
            for row in rows[cuts[0, k] : cuts[0, k + 1]]:
                put(data, held.bags, yard.DOCK, row, cuts[1, k])


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
    held, rules = Held(*held), Rules(*rules)
    _regional_waves(held, rules, until)
    first = held.sites[0, yard.WAVES]
    following = np.int64(FAR) if first == NONE else held.data[first, col.WAVE]
    for site in range(1, held.sites.shape[0]):
        following = min(following, live(held, rules, site, until))
    return following


@njit(cache=True)
def depart(held, rules, now):
    """All trucks of ``now``: load by compartment, drive the route, sort at each community warehouse."""
    held, rules = Held(*held), Rules(*rules)
    data = held.data
    rows = take_due(data, held.bags, yard.DOCK, now)
    n = rows.shape[0]
    arrange(data, rows, (col.SERVICE, col.READY, col.ORDER))
    of_district, cuts = np.empty(n, np.int64), np.empty((2, n + 1), np.int64)
    for i in range(n):
        of_district[i] = rules.district[data[rows[i], col.ZONE]]
    trucks = cut(rows, of_district, n + 1, cuts)
    for k in range(trucks):
        begin, end = cuts[0, k], cuts[0, k + 1]
        _drive(held, rules, of_district[begin], rows[begin:end], now)


@njit(cache=True)
def _drive(held, rules, district, rows, now):
    """One truck; what finds no room waits for the very next one."""
    data, day = held.data, rules.numbers[yard.DAY]
    cuts = np.empty((2, rows.shape[0] + 1), np.int64)
    route, goods = (district, rules.stop), (held.assigned, held.left, held.tally)
    groups, loaded, behind = load_truck(
        data,
        held.volume,
        rows,
        now,
        route,
        rules.compartments,
        rules.streams,
        rules.vector,
        goods,
        rules.releases,
        day,
        cuts,
    )
    for k in range(groups):
        for row in rows[cuts[0, k] : cuts[0, k + 1]]:
            put(data, held.bags, yard.SHELF, row, cuts[1, k])
    following = next_departure(now + 1, rules.trucks, day)
    for row in rows[loaded : loaded + behind]:
        put(data, held.bags, yard.DOCK, row, following)
    if loaded:
        held.tally[T_METRES] += rules.route_metres[district]


@njit(cache=True)
def release(held, rules, now):
    """All next-day rounds of ``now`` call for riders, zone by zone."""
    held, rules = Held(*held), Rules(*rules)
    data = held.data
    rows = take_due(data, held.bags, yard.SHELF, now)
    n = rows.shape[0]
    arrange(data, rows, (col.ZONE, col.MINUTE, col.ORDER))
    zone, cuts = np.empty(n, np.int64), np.empty((2, n + 1), np.int64)
    for i in range(n):
        zone[i] = data[rows[i], col.ZONE]
    which = 0
    for k in range(cut(rows, zone, rules.numbers[yard.STANDARD_DROPS], cuts)):
        begin, end = cuts[0, k], cuts[0, k + 1]
        which = which + 1 if begin > 0 and zone[begin] == zone[begin - 1] else 0
        call(held, 1 + rules.district[zone[begin]], rows[begin:end], 0, (now, zone[begin], which))


@njit(cache=True)
def inspect_returns(held, rules, now):
    """Inspect what comes back to the regional centre at ``now``."""
    held, rules = Held(*held), Rules(*rules)
    data = held.data
    rows = take_due(data, held.bags, yard.RETURNED, now)
    arrange(data, rows, (col.SORTED, col.ORDER))
    inspect(data, rows, now, held.inspectors, rules.streams, rules.vector, rules.restock, held.tally)
    for row in rows:
        put(data, held.bags, yard.INSPECTED, row, data[row, col.END])


@njit(cache=True)
def finished(held, bag, now):
    """Take out of a bag the parcels that ended before ``now``: int64[n] rows, by time and order id."""
    held = Held(*held)
    rows = take_due(held.data, held.bags, bag, now - 1)
    arrange(held.data, rows, (col.END, col.ORDER))
    return rows
