"""What happens to the parcels of one wave or inspection, row by row.

Each kernel is called once, at one tick, and writes the parcels' time lines from there on: a
wave knows when each parcel is packed. Every duration is drawn by key (order, or district and
tick), and every order among parcels comes from minute and order id.
"""

from __future__ import annotations

from sim.core.jit import njit
from sim.core.rng import keyed_exponential, keyed_uniform
from sim.logistics import kernel_params as use
from sim.logistics import parcels as col
from sim.stations.queues import take_turn, to_ticks

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
    """Pick and pack the wave of ``now`` at a station; writes READY.

    ``free`` is when each team is free, as :func:`sim.stations.queues.serve` keeps it.
    """
    for i in range(rows.shape[0]):
        r = rows[i]
        minutes = s[use.S_PICK] * spread(streams[use.R_PICK], data[r, col.ORDER], 0)
        service = to_ticks(minutes, s[use.S_TICKS])
        data[r, col.READY] = take_turn(free, now, service) + service


@njit(cache=True)
def inspect(data, rows, now, free, streams, s, restock, tally):
    """Inspect returned parcels that arrive at ``now``; END is when, SPOILED says scrapped."""
    for i in range(rows.shape[0]):
        r = rows[i]
        minutes = s[use.S_INSPECT] * spread(streams[use.R_INSPECT], data[r, col.ORDER], 0)
        service = to_ticks(minutes, s[use.S_TICKS])
        data[r, col.END] = take_turn(free, now, service) + service
        data[r, col.STATE] = col.DONE
        good = keyed_uniform(streams[use.R_RESTOCK], data[r, col.ORDER], 0) < restock[data[r, col.LAYER]]
        data[r, col.SPOILED] = 0 if good else 1
    tally[T_INSPECTED] += rows.shape[0]
