"""One rider round: from door to door, what is handed over, what comes back, and what has spoiled by then."""

from __future__ import annotations

import numpy as np

from sim.core.jit import njit
from sim.core.rng import keyed_uniform
from sim.logistics import cold_chain as cold
from sim.logistics import kernel_params as use
from sim.logistics import parcels as col
from sim.logistics.kernels import T_PICKUPS, T_RIDER, keep_waiting, leave_node, spread
from sim.stations.queues import to_ticks

#: Occasion of the drop draw of a pickup; deliveries use 0 and 1 for their attempts.
PICKUP_OCCASION = 2


@njit(cache=True)
def away(data, rows, idle, streams, s):
    """Whether all of ``idle`` riders work for partners as a round of ``rows`` asks for one of them.

    Each does so for the share of idle time that is sold. The luck is that of the round's lowest order.
    """
    if s[use.S_RESOLD] <= 0.0:
        return False
    r = rows[0]
    for row in rows:
        if data[row, col.ORDER] < data[r, col.ORDER]:
            r = row
    again = 1 if data[r, col.START] != col.NEVER else 0
    occasion = PICKUP_OCCASION if data[r, col.KIND] == col.PICKUP else again
    return keyed_uniform(streams[use.R_RESOLD], data[r, col.ORDER], occasion) < s[use.S_RESOLD] ** idle


@njit(inline="always")
def _life_spent(data, r, ageing):
    """Days of shelf life used on the way of a parcel that has been handed over."""
    layer = data[r, col.LAYER]
    if data[r, col.DEPART] == col.NEVER:
        return (
            ageing[layer, cold.COLD_ROOM] * (data[r, col.READY] - data[r, col.WAVE])
            + ageing[layer, cold.STAGING] * (data[r, col.START] - data[r, col.READY])
            + ageing[layer, cold.BOX] * (data[r, col.END] - data[r, col.START])
        )
    waited = data[r, col.START] - data[r, col.ARRIVE]
    ridden = data[r, col.END] - data[r, col.START]
    if data[r, col.AGAIN] != col.NEVER:
        between = data[r, col.AGAIN] - data[r, col.BACK]
        waited += between
        ridden -= between
    return (
        ageing[layer, cold.COLD_ROOM] * (data[r, col.DEPART] - data[r, col.WAVE])
        + ageing[layer, cold.TRUCK] * (data[r, col.ARRIVE] - data[r, col.DEPART] - data[r, col.OPEN])
        + ageing[layer, cold.OUTDOOR] * data[r, col.OPEN]
        + ageing[layer, cold.COMMUNITY] * waited
        + ageing[layer, cold.BOX] * ridden
    )


@njit(inline="always")
def _hand_over(data, life, r, tick, streams, s, ageing):
    """The door opens at ``tick``: the parcel is handed over, good or spoiled."""
    data[r, col.END] = tick
    data[r, col.STATE] = col.DONE
    order = data[r, col.ORDER]
    bad = keyed_uniform(streams[use.R_DAMAGE], order, 0) < s[use.S_DAMAGE]
    if data[r, col.LAYER] >= cold.CHILLED:
        luck = 2.0 * keyed_uniform(streams[use.R_LIFE], order, 0) - 1.0
        if _life_spent(data, r, ageing) > life[r] * (1.0 + s[use.S_LIFE_VARIATION] * luck):
            bad = True
    data[r, col.SPOILED] = 1 if bad else 0


@njit(cache=True)
def ride(data, life, rows, now, km, instant, streams, s, ageing, goods, day):
    """One rider round that leaves at ``now``: out, from door to door, and back.

    Parameters
    ----------
    km : float
        Distance to the first door (and back).
    instant : bool
        From a front warehouse (parcels may have been cancelled) rather than a community one.
    rows : int64[n]
        In the order of the doors. Reordered in place: handed over, brought back for a second
        attempt, pickups on board.

    Returns
    -------
    back, handed, again, collected : int
        Tick at which the rider is back (-1 if there was nothing to carry); numbers of each.
    """
    if instant:
        rows = rows[: keep_waiting(data, rows)]
    n = rows.shape[0]
    if n == 0:
        return np.int64(-1), 0, 0, 0
    slow = (
        s[use.S_SLOWDOWN] if keyed_uniform(streams[use.R_WEATHER], 0, now // day) < s[use.S_WEATHER] else 1.0
    )
    out = to_ticks(km * s[use.S_MINUTES_PER_KM] * slow, s[use.S_TICKS])
    leg = to_ticks(s[use.S_LEG] * slow, s[use.S_TICKS])
    aside = np.empty((2, n), np.int64)
    handed, again, collected = 0, 0, 0
    tick = now + out
    for i in range(n):
        r = rows[i]
        if i > 0:
            tick += leg
        second = data[r, col.START] != col.NEVER
        pickup = data[r, col.KIND] == col.PICKUP
        occasion = PICKUP_OCCASION if pickup else (1 if second else 0)
        tick += to_ticks(
            s[use.S_DROP] * spread(streams[use.R_DROP], data[r, col.ORDER], occasion), s[use.S_TICKS]
        )
        data[r, col.AGAIN if second else col.START] = now
        if pickup:
            aside[1, collected] = r
            collected += 1
            continue
        if instant:
            leave_node(data, r, goods)
        elif not second and keyed_uniform(streams[use.R_ABSENT], data[r, col.ORDER], 0) < s[use.S_ABSENT]:
            aside[0, again] = r
            again += 1
            continue
        _hand_over(data, life, r, tick, streams, s, ageing)
        rows[handed] = r
        handed += 1
    back = tick + out
    for i in range(again):
        rows[handed + i] = aside[0, i]
        data[aside[0, i], col.BACK] = back
    for i in range(collected):
        rows[handed + again + i] = aside[1, i]
    tally = goods[2]
    tally[T_RIDER] += back - now
    tally[T_PICKUPS] += collected
    return back, handed, again, collected
