"""One truck trip: what fits into the three compartments, when it reaches each zone, what is sorted when."""

from __future__ import annotations

import numpy as np

from sim.core.jit import njit
from sim.core.rng import keyed_exponential, keyed_uniform
from sim.logistics import kernel_params as use
from sim.logistics import parcels as col
from sim.logistics.kernels import keep_waiting, leave_node
from sim.stations.queues import to_ticks


@njit(cache=True)
def _board(data, volume, rows, room):
    """Fill the compartments in the order of ``rows``; those on board come first. Returns their number."""
    used = np.zeros(3)
    behind = np.empty(rows.shape[0], np.int64)
    n = 0
    for i in range(rows.shape[0]):
        r = rows[i]
        compartment = data[r, col.LAYER] - 1
        if used[compartment] > 0.0 and used[compartment] + volume[r] > room[compartment]:
            behind[i - n] = r
            continue
        used[compartment] += volume[r]
        rows[n] = r
        n += 1
    rows[n:] = behind[: rows.shape[0] - n]
    return n


@njit(cache=True)
def load_truck(data, volume, rows, now, route, room, streams, s, goods):
    """Load a truck, drive its route and sort at each community warehouse; writes SORTED.

    Parameters
    ----------
    rows : int64[n]
        Packed parcels in loading order (class, packed, order id). Reordered in place: those
        loaded, then those left behind, both in loading order; the cancelled stay at the end.
    route : tuple (district : int, stop : int64[n_zones])
    room : float64[3]
        Litres of each compartment. A parcel goes in if its compartment has room or is empty.
    goods : tuple (assigned, left, tally)
        Stock counters, updated.

    Returns
    -------
    loaded, behind : int
        Number of parcels on board and of parcels left for the next truck.
    """
    district, stop = route
    ticks = s[use.S_TICKS]
    delay = np.int64(0)
    if keyed_uniform(streams[use.R_TRUCK], district, 2 * now) < s[use.S_DELAY]:
        times = min(use.LONGEST_DELAY, keyed_exponential(streams[use.R_TRUCK], district, 2 * now + 1))
        delay = to_ticks(s[use.S_DELAY_MINUTES] * times, ticks)
    trunk = delay + to_ticks(s[use.S_TRUNK], ticks)
    per_stop = to_ticks(s[use.S_BRANCH] + s[use.S_STOP], ticks)
    door = to_ticks(s[use.S_DOOR], ticks)
    rows = rows[: keep_waiting(data, rows)]
    n = _board(data, volume, rows, room)
    ranks = np.zeros(stop.shape[0], np.int64)
    for r in rows[:n]:
        zone = data[r, col.ZONE]
        leave_node(data, r, goods)
        data[r, col.DEPART] = now
        data[r, col.ARRIVE] = now + trunk + stop[zone] * per_stop
        data[r, col.OPEN] = min(data[r, col.ARRIVE] - now, delay + (stop[zone] + 1) * door)
        ranks[zone] += 1
        data[r, col.SORTED] = data[r, col.ARRIVE] + ranks[zone] * to_ticks(s[use.S_SORT], ticks)
    return n, rows.shape[0] - n
