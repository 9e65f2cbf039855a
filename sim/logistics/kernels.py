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
def _waiting(data, rows):
    """Those of ``rows`` whose goods are still at their node (not cancelled)."""
    out = np.empty(rows.shape[0], np.int64)
    n = 0
    for i in range(rows.shape[0]):
        if data[rows[i], STATE] == AT_NODE:
            out[n] = rows[i]
            n += 1
    return out[:n]


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
def _runs(key, rows, longest):
    """Stable sort of ``rows`` by ``key`` and cut into runs of one key of at most ``longest`` rows."""
    order = np.argsort(key, kind="mergesort")
    n = rows.shape[0]
    sorted_rows = rows[order]
    bounds = np.empty(n + 1, np.int64)
    runs = 0
    length = 0
    for i in range(n):
        if i == 0 or key[order[i]] != key[order[i - 1]] or length == longest:
            bounds[runs] = i
            runs += 1
            length = 0
        length += 1
    bounds[runs] = n
    return sorted_rows, bounds[: runs + 1]


@njit(cache=True)
def pick_front(data, rows, now, free, streams, s, longest):
    """Pick a wave at a front warehouse and form instant rounds by zone.

    Returns
    -------
    rows, bounds : int64[n], int64[rounds + 1]
        Round k carries ``rows[bounds[k]:bounds[k + 1]]``.
    ready : int64[rounds]
        Tick at which its last parcel is packed.
    """
    rows = _waiting(data, rows)
    _pick(data, rows, now, free, streams, s)
    rows, bounds = _runs(data[rows, ZONE], rows, longest)
    ready = np.empty(bounds.shape[0] - 1, np.int64)
    for k in range(ready.shape[0]):
        latest = np.int64(0)
        for i in range(bounds[k], bounds[k + 1]):
            latest = max(latest, data[rows[i], READY])
        ready[k] = latest
    return rows, bounds, ready


@njit(cache=True)
def pick_regional(data, rows, now, free, streams, s, district, trucks, day):
    """Pick a wave at the regional centre; group it by the truck each parcel is packed in time for.

    Returns rows and bounds as :func:`pick_front`, and the departure tick of each group.
    """
    rows = _waiting(data, rows)
    _pick(data, rows, now, free, streams, s)
    n = rows.shape[0]
    key = np.empty(n, np.int64)
    fronts = district[district.shape[0] - 1] + 1
    for i in range(n):
        departure = next_departure(data[rows[i], READY], trucks, day)
        key[i] = departure * fronts + district[data[rows[i], ZONE]]
    rows, bounds = _runs(key, rows, n + 1)
    leaves = np.empty(bounds.shape[0] - 1, np.int64)
    for k in range(leaves.shape[0]):
        leaves[k] = next_departure(data[rows[bounds[k]], READY], trucks, day)
    return rows, bounds, leaves


@njit(inline="always")
def leave_node(data, r, assigned, left, tally):
    """The parcel's goods leave their node."""
    data[r, STATE] = MOVING
    assigned[data[r, NODE], data[r, PRODUCT]] -= data[r, QUANTITY]
    left[data[r, PRODUCT]] += data[r, QUANTITY]
    tally[data[r, LAYER]] += 1


@njit(cache=True)
def load_truck(data, volume, rows, now, route, room, streams, s, goods, rounds, day):
    """Load a truck, drive its route and sort at each community warehouse.

    Parameters
    ----------
    rows : int64[n]
        Packed parcels in loading order (class, packed, order id).
    route : tuple (district : int, stop : int64[n_zones])
    room : float64[3]
        Litres of each compartment. A parcel goes in if its compartment has room or is empty.
    goods : tuple (assigned, left, tally)
        Stock counters, updated.

    Returns
    -------
    rows, bounds, release : as :func:`pick_regional`, grouped by zone and round release tick
    behind : int64[m]
        Parcels left for the next truck.
    """
    assigned, left, tally = goods
    district, stop = route
    ticks = s[S_TICKS]
    delay = np.int64(0)
    if keyed_uniform(streams[R_TRUCK], district, 2 * now) < s[S_DELAY]:
        times = min(LONGEST_DELAY, keyed_exponential(streams[R_TRUCK], district, 2 * now + 1))
        delay = to_ticks(s[S_DELAY_MINUTES] * times, ticks)
    trunk = to_ticks(s[S_TRUNK], ticks)
    per_stop = to_ticks(s[S_BRANCH] + s[S_STOP], ticks)
    door = to_ticks(s[S_DOOR], ticks)
    sorting = to_ticks(s[S_SORT], ticks)
    used = np.zeros(3)
    ranks = np.zeros(stop.shape[0], np.int64)
    rows = _waiting(data, rows)
    loaded = np.empty(rows.shape[0], np.int64)
    behind = np.empty(rows.shape[0], np.int64)
    key = np.empty(rows.shape[0], np.int64)
    n = 0
    for i in range(rows.shape[0]):
        r = rows[i]
        compartment = data[r, LAYER] - 1
        if used[compartment] > 0.0 and used[compartment] + volume[r] > room[compartment]:
            behind[i - n] = r
            continue
        used[compartment] += volume[r]
        zone = data[r, ZONE]
        leave_node(data, r, assigned, left, tally)
        data[r, DEPART] = now
        data[r, ARRIVE] = now + delay + trunk + stop[zone] * per_stop
        data[r, OPEN] = min(data[r, ARRIVE] - now, delay + (stop[zone] + 1) * door)
        ranks[zone] += 1
        data[r, SORTED] = data[r, ARRIVE] + ranks[zone] * sorting
        loaded[n] = r
        key[n] = next_departure(data[r, SORTED], rounds, day) * stop.shape[0] + zone
        n += 1
    behind = behind[: rows.shape[0] - n].copy()
    key = key[:n]
    rows, bounds = _runs(key, loaded[:n], n + 1)
    release = np.empty(bounds.shape[0] - 1, np.int64)
    for k in range(release.shape[0]):
        release[k] = next_departure(data[rows[bounds[k]], SORTED], rounds, day)
    return rows, bounds, release, behind


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

    Returns
    -------
    back : int
        Tick at which the rider is back; -1 if there was nothing to carry.
    handed, again, collected : int64[m]
        Parcels handed over on the way; brought back for a second attempt; pickups on board.
    """
    assigned, left, tally = goods
    if instant:
        rows = _waiting(data, rows)
    n = rows.shape[0]
    handed = np.empty(n, np.int64)
    again = np.empty(n, np.int64)
    collected = np.empty(n, np.int64)
    if n == 0:
        return np.int64(-1), handed, again, collected
    slow = s[S_SLOWDOWN] if keyed_uniform(streams[R_WEATHER], 0, now // day) < s[S_WEATHER] else 1.0
    out = to_ticks(km * s[S_MINUTES_PER_KM] * slow, s[S_TICKS])
    leg = to_ticks(s[S_LEG] * slow, s[S_TICKS])
    tick = now + out
    missed = 0
    picked = 0
    for i in range(n):
        r = rows[i]
        order = data[r, ORDER]
        if i > 0:
            tick += leg
        second = data[r, START] != NEVER
        occasion = PICKUP_OCCASION if data[r, KIND] == PICKUP else (1 if second else 0)
        tick += to_ticks(s[S_DROP] * _spread(streams[R_DROP], order, occasion), s[S_TICKS])
        if second:
            data[r, AGAIN] = now
        else:
            data[r, START] = now
        if data[r, KIND] == PICKUP:
            collected[picked] = r
            picked += 1
            continue
        if instant:
            leave_node(data, r, assigned, left, tally)
        elif not second and keyed_uniform(streams[R_ABSENT], order, 0) < s[S_ABSENT]:
            again[missed] = r
            missed += 1
            continue
        _hand_over(data, life, r, tick, streams, s, ageing)
        handed[i - missed - picked] = r
    back = tick + out
    for i in range(missed):
        data[again[i], BACK] = back
    tally[T_RIDER] += back - now
    tally[T_PICKUPS] += picked
    return back, handed[: n - missed - picked], again[:missed], collected[:picked]


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
    """Parcel-ticks, entries, exits and contents of each stage in the window [start, end).

    Returns int64[9, 4] over deliveries: parcel-ticks by sojourn (W side), entries, exits,
    parcels inside just before ``end``; a cancelled parcel leaves its stage at END.
    """
    out = np.zeros((9, 4), np.int64)
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
            out[k, 1] += 1 if start <= a < end else 0
            out[k, 2] += 1 if start <= b < end else 0
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
