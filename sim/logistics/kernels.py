"""What happens to the parcels of one wave, one truck or one round, row by row.

Each kernel is called by one SimPy process at one tick and writes the parcels' time lines from
there on: a wave knows when each parcel is packed, a truck when it reaches each zone, a round
when each door opens. Every duration is drawn by key (order, or district and tick), and every
order among parcels comes from minute and order id.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from sim.core.rng import keyed_exponential, keyed_uniform
from sim.logistics.cold_chain import BOX, CHILLED, COLD_ROOM, COMMUNITY, OUTDOOR, STAGING, TRUCK
from sim.logistics.parcels import (
    AGAIN, ARRIVE, AT_NODE, BACK, DELIVERY, DEPART, DONE, END, KIND, LAYER, MOVING, NEVER, NODE, OPEN, ORDER, PICKUP,
    PRODUCT, QUANTITY, READY, SORTED, SPOILED, START, STATE, WAVE, ZONE,
)
from sim.logistics.settings import (
    LONGEST_DELAY, R_ABSENT, R_DAMAGE, R_DROP, R_INSPECT, R_LIFE, R_PICK, R_RESTOCK, R_TRUCK, R_WEATHER, S_ABSENT,
    S_BRANCH, S_DAMAGE, S_DELAY, S_DELAY_MINUTES, S_DOOR, S_DROP, S_INSPECT, S_LEG, S_LIFE_VARIATION, S_LOCAL,
    S_MINUTES_PER_KM, S_PICK, S_SLOWDOWN, S_SORT, S_STOP, S_TICKS, S_TRUNK, S_WEATHER,
)
from sim.logistics.stations import next_departure, serve, to_ticks

#: Entries of the day's tally (int64): parcels packed by layer 1..3, rider ticks used, trucks' metres.
T_RIDER, T_METRES, T_PICKUPS, T_INSPECTED = 4, 5, 6, 7
TALLIES = 8

#: Occasion of the drop draw of a pickup; deliveries use 0 and 1 for their attempts.
PICKUP_OCCASION = 2


@njit(inline="always")
def _spread(stream, who, occasion):
    """Positive factor of mean 1: half fixed, half exponential."""
    return 0.5 + 0.5 * keyed_exponential(stream, who, occasion)


@njit(cache=True)
def _keep_waiting(data, rows):
    """Move those of ``rows`` whose goods are still at their node (not cancelled) to the front; their number."""
    n = 0
    for i in range(rows.shape[0]):
        if data[rows[i], STATE] == AT_NODE:
            rows[n] = rows[i]
            n += 1
    return n


@njit(cache=True)
def _pick(data, rows, now, free, streams, s):
    """Pick and pack the wave of ``now`` at a station; writes READY."""
    n = rows.shape[0]
    service = np.empty(n, np.int64)
    for i in range(n):
        minutes = s[S_PICK] * _spread(streams[R_PICK], data[rows[i], ORDER], 0)
        service[i] = to_ticks(minutes, s[S_TICKS])
    start = serve(free, np.full(n, now, np.int64), service)
    for i in range(n):
        data[rows[i], READY] = start[i] + service[i]


@njit(cache=True)
def _cut(rows, key, longest, cuts):
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
    rows = rows[: _keep_waiting(data, rows)]
    _pick(data, rows, now, free, streams, s)
    key = np.empty(rows.shape[0], np.int64)
    for i in range(rows.shape[0]):
        key[i] = data[rows[i], ZONE]
    runs = _cut(rows, key, longest, cuts)
    for k in range(runs):
        latest = np.int64(0)
        for i in range(cuts[0, k], cuts[0, k + 1]):
            latest = max(latest, data[rows[i], READY])
        cuts[1, k] = latest
    return runs


@njit(cache=True)
def pick_regional(data, rows, now, free, streams, s, district, trucks, day, cuts):
    """Pick a wave at the regional centre; group it by the truck each parcel is packed in time for.

    As :func:`pick_front`; ``cuts[1]`` holds the departure tick of each group.
    """
    rows = rows[: _keep_waiting(data, rows)]
    _pick(data, rows, now, free, streams, s)
    n = rows.shape[0]
    key = np.empty(n, np.int64)
    fronts = district[district.shape[0] - 1] + 1
    for i in range(n):
        departure = next_departure(data[rows[i], READY], trucks, day)
        key[i] = departure * fronts + district[data[rows[i], ZONE]]
    runs = _cut(rows, key, n + 1, cuts)
    for k in range(runs):
        cuts[1, k] = key[cuts[0, k]] // fronts
    return runs


@njit(inline="always")
def leave_node(data, r, goods):
    """The parcel's goods leave their node."""
    assigned, left, tally = goods
    data[r, STATE] = MOVING
    assigned[data[r, NODE], data[r, PRODUCT]] -= data[r, QUANTITY]
    left[data[r, PRODUCT]] += data[r, QUANTITY]
    tally[data[r, LAYER]] += 1


@njit(cache=True)
def load_truck(data, volume, rows, now, route, room, streams, s, goods, rounds, day, cuts):
    """Load a truck, drive its route and sort at each community warehouse.

    Parameters
    ----------
    rows : int64[n]
        Packed parcels in loading order (class, packed, order id). Reordered in place: those
        loaded, grouped by zone and round, then those left behind (in loading order).
    route : tuple (district : int, stop : int64[n_zones])
    room : float64[3]
        Litres of each compartment. A parcel goes in if its compartment has room or is empty.
    goods : tuple (assigned, left, tally)
        Stock counters, updated.
    cuts : int64[2, n + 1]
        As in :func:`pick_front`; ``cuts[1]`` holds the release tick of each group's round.

    Returns
    -------
    groups, loaded, behind : int
        Number of groups, of parcels on board and of parcels left for the next truck.
    """
    district, stop = route
    ticks = s[S_TICKS]
    delay = np.int64(0)
    if keyed_uniform(streams[R_TRUCK], district, 2 * now) < s[S_DELAY]:
        times = min(LONGEST_DELAY, keyed_exponential(streams[R_TRUCK], district, 2 * now + 1))
        delay = to_ticks(s[S_DELAY_MINUTES] * times, ticks)
    trunk = delay + to_ticks(s[S_TRUNK], ticks)
    per_stop = to_ticks(s[S_BRANCH] + s[S_STOP], ticks)
    door = to_ticks(s[S_DOOR], ticks)
    rows = rows[: _keep_waiting(data, rows)]
    n = _board(data, volume, rows, room)
    ranks = np.zeros(stop.shape[0], np.int64)
    key = np.empty(n, np.int64)
    for i in range(n):
        r = rows[i]
        zone = data[r, ZONE]
        leave_node(data, r, goods)
        data[r, DEPART] = now
        data[r, ARRIVE] = now + trunk + stop[zone] * per_stop
        data[r, OPEN] = min(data[r, ARRIVE] - now, delay + (stop[zone] + 1) * door)
        ranks[zone] += 1
        data[r, SORTED] = data[r, ARRIVE] + ranks[zone] * to_ticks(s[S_SORT], ticks)
        key[i] = next_departure(data[r, SORTED], rounds, day) * stop.shape[0] + zone
    groups = _cut(rows[:n], key, n + 1, cuts)
    for k in range(groups):
        cuts[1, k] = key[cuts[0, k]] // stop.shape[0]
    return groups, n, rows.shape[0] - n


@njit(cache=True)
def _board(data, volume, rows, room):
    """Fill the compartments in the order of ``rows``; those on board come first. Returns their number."""
    used = np.zeros(3)
    behind = np.empty(rows.shape[0], np.int64)
    n = 0
    for i in range(rows.shape[0]):
        r = rows[i]
        compartment = data[r, LAYER] - 1
        if used[compartment] > 0.0 and used[compartment] + volume[r] > room[compartment]:
            behind[i - n] = r
            continue
        used[compartment] += volume[r]
        rows[n] = r
        n += 1
    rows[n:] = behind[: rows.shape[0] - n]
    return n


@njit(inline="always")
def _life_spent(data, r, ageing):
    """Days of shelf life used on the way of a parcel that has been handed over."""
    layer = data[r, LAYER]
    if data[r, DEPART] == NEVER:
        return (
            ageing[layer, COLD_ROOM] * (data[r, READY] - data[r, WAVE])
            + ageing[layer, STAGING] * (data[r, START] - data[r, READY])
            + ageing[layer, BOX] * (data[r, END] - data[r, START])
        )
    waited = data[r, START] - data[r, ARRIVE]
    ridden = data[r, END] - data[r, START]
    if data[r, AGAIN] != NEVER:
        between = data[r, AGAIN] - data[r, BACK]
        waited += between
        ridden -= between
    return (
        ageing[layer, COLD_ROOM] * (data[r, DEPART] - data[r, WAVE])
        + ageing[layer, TRUCK] * (data[r, ARRIVE] - data[r, DEPART] - data[r, OPEN])
        + ageing[layer, OUTDOOR] * data[r, OPEN]
        + ageing[layer, COMMUNITY] * waited
        + ageing[layer, BOX] * ridden
    )


@njit(inline="always")
def _hand_over(data, life, r, tick, streams, s, ageing):
    """The door opens at ``tick``: the parcel is handed over, good or spoiled."""
    data[r, END] = tick
    data[r, STATE] = DONE
    order = data[r, ORDER]
    bad = keyed_uniform(streams[R_DAMAGE], order, 0) < s[S_DAMAGE]
    if data[r, LAYER] >= CHILLED:
        luck = 2.0 * keyed_uniform(streams[R_LIFE], order, 0) - 1.0
        if _life_spent(data, r, ageing) > life[r] * (1.0 + s[S_LIFE_VARIATION] * luck):
            bad = True
    data[r, SPOILED] = 1 if bad else 0


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
        rows = rows[: _keep_waiting(data, rows)]
    n = rows.shape[0]
    if n == 0:
        return np.int64(-1), 0, 0, 0
    slow = s[S_SLOWDOWN] if keyed_uniform(streams[R_WEATHER], 0, now // day) < s[S_WEATHER] else 1.0
    out = to_ticks(km * s[S_MINUTES_PER_KM] * slow, s[S_TICKS])
    leg = to_ticks(s[S_LEG] * slow, s[S_TICKS])
    aside = np.empty((2, n), np.int64)
    handed, again, collected = 0, 0, 0
    tick = now + out
    for i in range(n):
        r = rows[i]
        if i > 0:
            tick += leg
        second = data[r, START] != NEVER
        pickup = data[r, KIND] == PICKUP
        occasion = PICKUP_OCCASION if pickup else (1 if second else 0)
        tick += to_ticks(s[S_DROP] * _spread(streams[R_DROP], data[r, ORDER], occasion), s[S_TICKS])
        data[r, AGAIN if second else START] = now
        if pickup:
            aside[1, collected] = r
            collected += 1
            continue
        if instant:
            leave_node(data, r, goods)
        elif not second and keyed_uniform(streams[R_ABSENT], data[r, ORDER], 0) < s[S_ABSENT]:
            aside[0, again] = r
            again += 1
            continue
        _hand_over(data, life, r, tick, streams, s, ageing)
        rows[handed] = r
        handed += 1
    back = tick + out
    for i in range(again):
        rows[handed + i] = aside[0, i]
        data[aside[0, i], BACK] = back
    for i in range(collected):
        rows[handed + again + i] = aside[1, i]
    tally = goods[2]
    tally[T_RIDER] += back - now
    tally[T_PICKUPS] += collected
    return back, handed, again, collected


@njit(cache=True)
def inspect(data, rows, now, free, streams, s, restock, tally):
    """Inspect returned parcels that arrive at ``now``; END is when, SPOILED says scrapped."""
    n = rows.shape[0]
    service = np.empty(n, np.int64)
    for i in range(n):
        minutes = s[S_INSPECT] * _spread(streams[R_INSPECT], data[rows[i], ORDER], 0)
        service[i] = to_ticks(minutes, s[S_TICKS])
    start = serve(free, np.full(n, now, np.int64), service)
    for i in range(n):
        r = rows[i]
        data[r, END] = start[i] + service[i]
        data[r, STATE] = DONE
        good = keyed_uniform(streams[R_RESTOCK], data[r, ORDER], 0) < restock[data[r, LAYER]]
        data[r, SPOILED] = 0 if good else 1
    tally[T_INSPECTED] += n


@njit(cache=True)
def stage_times(data, rows, start, end):
    """Both sides of Little's law for each stage in the window [start, end), over deliveries.

    Returns
    -------
    int64[9, 5]
        Parcel-ticks summed over parcels (the W side); entries; exits; parcels inside just
        before ``end``; ticks to the window's end summed over entries minus exits (the L side,
        to which those inside at ``start`` add the whole window).

    Notes
    -----
    A cancelled parcel leaves its stage at END.
    """
    out = np.zeros((9, 5), np.int64)
    marks = np.empty(10, np.int64)
    for i in range(rows.shape[0]):
        r = rows[i]
        if data[r, KIND] != DELIVERY:
            continue
        _marks(data, r, marks)
        last = data[r, END] if data[r, END] != NEVER else np.int64(2**62)
        for k in range(9):
            a = min(marks[k], last)
            b = min(marks[k + 1], last)
            if b <= a:
                continue
            out[k, 0] += max(np.int64(0), min(b, end) - max(a, start))
            if start <= a < end:
                out[k, 1] += 1
                out[k, 4] += end - a
            if start <= b < end:
                out[k, 2] += 1
                out[k, 4] -= end - b
            out[k, 3] += 1 if a < end <= b else 0
    return out


@njit(inline="always")
def _marks(data, r, marks):
    """Ten ascending ticks between which the nine stages lie; unknown future ones are far away."""
    far = np.int64(2**62)
    marks[0] = data[r, WAVE - 1]
    marks[1] = data[r, WAVE]
    marks[2] = data[r, READY] if data[r, READY] != NEVER else far
    front = data[r, NODE] > 0
    for k in range(3):
        at = data[r, DEPART + k]
        marks[3 + k] = marks[2] if front else (at if at != NEVER else far)
    marks[6] = data[r, START] if data[r, START] != NEVER else far
    done = data[r, END] if data[r, END] != NEVER else far
    marks[7] = data[r, BACK] if data[r, BACK] != NEVER else done
    marks[8] = done if data[r, BACK] == NEVER else (data[r, AGAIN] if data[r, AGAIN] != NEVER else far)
    marks[9] = done
