"""What happens to the parcels of one wave or inspection, row by row.

Each kernel is called once, at one tick, and writes the parcels' time lines from there on: a
wave knows when each parcel is packed. Every duration is drawn by key (order, or district and
tick), and every order among parcels comes from minute and order id.
"""

from __future__ import annotations

import numpy as np

from sim.core.jit import njit
from sim.core.rng import keyed_exponential, keyed_uniform
from sim.logistics import kernel_params as use
from sim.logistics import parcels as col
from sim.stations.queues import next_departure, serve, to_ticks

#: Entries of the day's tally (int64): parcels packed by layer 1..3, rider ticks used, trucks' metres,
#: parcels collected, inspected, and picked at front warehouses and at the regional centre.
T_RIDER, T_METRES, T_PICKUPS, T_INSPECTED, T_FRONT_PICKS, T_REGIONAL_PICKS = 4, 5, 6, 7, 8, 9
TALLIES = 10


@njit(inline="always")
def spread(stream, who, occasion):
    """Positive factor of mean 1: half fixed, half exponential."""
    return 0.5 + 0.5 * keyed_exponential(stream, who, occasion)


@njit(cache=True)
def keep_waiting(data, rows):
    """Move those of ``rows`` that are still at their node (not cancelled) to the front; their number."""
    n = 0
    for i in range(rows.shape[0]):
        if data[rows[i], col.STATE] == col.AT_NODE:
            rows[n] = rows[i]
            n += 1
    return n


@njit(inline="always")
def leave_node(data, r, goods):
    """The parcel's goods leave their node."""
    assigned, left, tally = goods
    data[r, col.STATE] = col.MOVING
    assigned[data[r, col.NODE], data[r, col.PRODUCT]] -= data[r, col.QUANTITY]
    left[data[r, col.PRODUCT]] += data[r, col.QUANTITY]
    tally[data[r, col.LAYER]] += 1


@njit(cache=True)
def pick(data, rows, now, free, streams, s):
    """Pick and pack the wave of ``now`` at a station; writes READY."""
    n = rows.shape[0]
    service = np.empty(n, np.int64)
    for i in range(n):
        minutes = s[use.S_PICK] * spread(streams[use.R_PICK], data[rows[i], col.ORDER], 0)
        service[i] = to_ticks(minutes, s[use.S_TICKS])
    start = serve(free, np.full(n, now, np.int64), service)
    for i in range(n):
        data[rows[i], col.READY] = start[i] + service[i]


@njit(cache=True)
def cut(rows, key, longest, cuts):
    """Sort ``rows`` in place by ``key`` (stable) and cut them into runs of one key, at most ``longest`` each.

    ``cuts[0]`` receives the start of each run and, after the last, the number of rows. Returns
    the number of runs.
    """
    n = rows.shape[0]
    if n > 1:
        order = np.argsort(key, kind="mergesort")
        rows[:] = rows[order]
        key[:] = key[order]
    runs = 0
    length = 0
    for i in range(n):
        if i == 0 or key[i] != key[i - 1] or length == longest:
            cuts[0, runs] = i
            runs += 1
            length = 0
        length += 1
    cuts[0, runs] = n
    return runs


@njit(cache=True)
def pick_front(data, rows, now, free, streams, s, longest, cuts):
    """Pick a wave at a front warehouse and form instant rounds by zone.

    Parameters
    ----------
    rows : int64[n]
        The wave, by minute and order id; sorted by zone in place, cancelled parcels dropped.
    cuts : int64[2, n + 1]
        Round k carries ``rows[cuts[0, k]:cuts[0, k + 1]]`` and is packed at ``cuts[1, k]``.

    Returns
    -------
    int
        Number of rounds.
    """
    rows = rows[: keep_waiting(data, rows)]
    pick(data, rows, now, free, streams, s)
    key = np.empty(rows.shape[0], np.int64)
    for i in range(rows.shape[0]):
        key[i] = data[rows[i], col.ZONE]
    runs = cut(rows, key, longest, cuts)
    for k in range(runs):
        latest = np.int64(0)
        for i in range(cuts[0, k], cuts[0, k + 1]):
            latest = max(latest, data[rows[i], col.READY])
        cuts[1, k] = latest
    return runs


@njit(cache=True)
def pick_regional(data, rows, now, free, streams, s, district, trucks, day, cuts):
    """Pick a wave at the regional centre; group it by the truck each parcel is packed in time for.

    As :func:`pick_front`; ``cuts[1]`` holds the departure tick of each group.
    """
    rows = rows[: keep_waiting(data, rows)]
    pick(data, rows, now, free, streams, s)
    n = rows.shape[0]
    key = np.empty(n, np.int64)
    fronts = district[district.shape[0] - 1] + 1
    for i in range(n):
        departure = next_departure(data[rows[i], col.READY], trucks, day)
        key[i] = departure * fronts + district[data[rows[i], col.ZONE]]
    runs = cut(rows, key, n + 1, cuts)
    for k in range(runs):
        cuts[1, k] = key[cuts[0, k]] // fronts
    return runs


@njit(cache=True)
def inspect(data, rows, now, free, streams, s, restock, tally):
    """Inspect returned parcels that arrive at ``now``; END is when, SPOILED says scrapped."""
    n = rows.shape[0]
    service = np.empty(n, np.int64)
    for i in range(n):
        minutes = s[use.S_INSPECT] * spread(streams[use.R_INSPECT], data[rows[i], col.ORDER], 0)
        service[i] = to_ticks(minutes, s[use.S_TICKS])
    start = serve(free, np.full(n, now, np.int64), service)
    for i in range(n):
        r = rows[i]
        data[r, col.END] = start[i] + service[i]
        data[r, col.STATE] = col.DONE
        good = keyed_uniform(streams[use.R_RESTOCK], data[r, col.ORDER], 0) < restock[data[r, col.LAYER]]
        data[r, col.SPOILED] = 0 if good else 1
    tally[T_INSPECTED] += n
