"""Riders of each district between two events of the timetable: who sets out when, and what that brings.

A district lives from one tick at which something is due to the next. Everything else of a tick comes
before riders set out: riders come back, riders called back begin, the front warehouse picks its wave.
Then instant rounds set out first, and all by when, where and which round it is, so nothing depends on
the order in which rounds were called. A rider who is back at this tick, or whose shift begins, is at hand;
who has been idle may work for a partner, and is called back where nobody is at hand. Districts meet only
where the timetable says so (trucks, releases, the regional centre), which is why each can be taken to the
next such tick on its own.
"""

from __future__ import annotations

import math

import numpy as np

from sim.core.jit import njit
from sim.logistics import parcels as col
from sim.logistics import yard
from sim.logistics.bags import arrange, chain, link, put, same_door, take_wave
from sim.logistics.heaps import due_by, give_record_back, pop, push, take_record
from sim.logistics.kernels import T_FRONT_PICKS, T_RIDER, keep_waiting, pick
from sim.logistics.rides import away, ride
from sim.logistics.yard import FAR, NONE
from sim.stations.queues import next_departure


@njit(cache=True)
def on_duty(shifts, tick, day):
    """Number of the shift on duty at ``tick``, or -1; shifts are half open and may end after midnight."""
    of_day = tick % day
    for k in range(shifts.shape[0]):
        start, end = shifts[k, yard.STARTS], shifts[k, yard.ENDS]
        if start <= of_day < end or start <= of_day + day < end:
            return k
    return -1


@njit(cache=True)
def next_start(shifts, tick, day):
    """First tick after ``tick`` at which a shift begins."""
    of_day = tick % day
    first = np.int64(FAR)
    for k in range(shifts.shape[0]):
        start = shifts[k, yard.STARTS]
        first = min(first, start if start > of_day else start + day)
    return tick - of_day + first


@njit(cache=True, forceinline=True)
def call(held, site, rows, instant, key):
    """A round of ``rows`` (at least one) asks for a rider; ``key`` (from when, where, which) is its turn."""
    rounds, sites = held.rounds, held.sites
    item = take_record(rounds, sites)
    rounds[item, yard.TICK], rounds[item, yard.WHERE], rounds[item, yard.WHICH] = key
    rounds[item, yard.CARRIED] = link(held.data, rows)
    rounds[item, yard.LENGTH] = rows.shape[0]
    rounds[item, yard.FROM_FRONT] = instant
    rounds[item, yard.TO_ZONE] = held.data[rows[0], col.ZONE]
    push(rounds, sites, site, yard.COMING, item)


@njit(cache=True, forceinline=True)
def _carry(held, rules, site, item, now):
    """A round leaves at ``now``; tick at which its rider is back, or -1 if all was cancelled."""
    rounds, numbers = held.rounds, rules.numbers
    instant = rounds[item, yard.FROM_FRONT] == 1
    rows = chain(held.data, rounds[item, yard.CARRIED], rounds[item, yard.LENGTH])
    zone = rounds[item, yard.TO_ZONE]
    km = rules.distance_km[zone] if instant else rules.local_km[zone]
    day, goods = numbers[yard.DAY], (held.assigned, held.left, held.tally)
    back, handed, again, collected = ride(
        held.data, held.life, rows, now, km, instant, rules.streams, rules.vector, rules.ageing, goods, day
    )
    for row in rows[:handed]:
        put(held.data, held.bags, yard.HANDED_OVER, row, held.data[row, col.END])
    if instant:
        return back
    held.sites[site, yard.STANDARD_OPEN] += again - rows.shape[0]
    release = next_departure(back, rules.releases, day)
    for row in rows[handed : handed + again]:
        put(held.data, held.bags, yard.SHELF, row, release)
    inspection = next_departure(back, rules.trucks, day) + numbers[yard.REVERSE]
    for row in rows[handed + again : handed + again + collected]:
        held.data[row, col.SORTED] = back
        put(held.data, held.bags, yard.RETURNED, row, inspection)
    return back


@njit(cache=True, forceinline=True)
def _ride(held, rules, site, item, now):
    """Ride from ``now`` on, gone until back and for the time that is not ours; 0 if nothing is carried."""
    back = _carry(held, rules, site, item, now)
    if back < 0:
        held.sites[site, yard.BUSY] -= 1
        give_record_back(held.rounds, held.sites, item)
        return 0
    held.rounds[item, yard.TICK] = now + math.ceil((back - now) / held.presence[item])
    push(held.rounds, held.sites, site, yard.ON_ROAD, item)
    return 1


@njit(cache=True, forceinline=True)
def _called_back(held, rules, item, idle):
    """Whether a round's rider works for a partner and has to come back first."""
    if rules.numbers[yard.RECALL] == 0:
        return False
    rows = chain(held.data, held.rounds[item, yard.CARRIED], held.rounds[item, yard.LENGTH])
    return away(held.data, rows, idle, rules.streams, rules.vector)


@njit(cache=True, forceinline=True)
def _send(held, rules, site, heap, limit, shift, now):
    """Let rounds of one kind set out while fewer than ``limit`` riders are on the road.

    ``shift`` is (riders, their presence, how many of them are at hand); the last is returned anew.
    """
    riders, presence, at_hand = shift
    rounds, sites = held.rounds, held.sites
    while sites[site, heap] != NONE and sites[site, yard.BUSY] < limit:
        item = pop(rounds, sites, site, heap)
        idle = riders - sites[site, yard.BUSY]
        sites[site, yard.BUSY] += 1
        if heap == yard.INSTANT:
            sites[site, yard.INSTANT_WAITING] -= 1
        held.presence[item] = presence
        if at_hand == 0 and _called_back(held, rules, item, idle):
            recall = rules.numbers[yard.RECALL]
            rounds[item, yard.TICK], rounds[item, yard.SENT] = now + recall, now
            push(rounds, sites, site, yard.RECALLED, item)
        else:
            at_hand = max(0, at_hand - _ride(held, rules, site, item, now))
    return at_hand


@njit(cache=True, forceinline=True)
def _grant(held, rules, site, back, now):
    """Everything else of this tick has happened, ``back`` riders came: let rounds set out in their order."""
    rounds, sites, numbers = held.rounds, held.sites, rules.numbers
    while due_by(rounds, sites, site, yard.COMING, now):
        item = pop(rounds, sites, site, yard.COMING)
        instant = rounds[item, yard.FROM_FRONT]
        sites[site, yard.INSTANT_WAITING] += instant
        push(rounds, sites, site, yard.INSTANT if instant else yard.STANDARD, item)
    shifts = rules.shifts[site - 1]
    k = on_duty(shifts, now, numbers[yard.DAY])
    if k >= 0:
        riders, presence = shifts[k, yard.RIDERS], rules.shares[site - 1, k]
        at_hand = riders if now % numbers[yard.DAY] == shifts[k, yard.STARTS] else back
        at_hand = _send(held, rules, site, yard.INSTANT, riders, (riders, presence, at_hand), now)
        if shifts[0, yard.STARTS] <= now % numbers[yard.DAY] < numbers[yard.LAST_STANDARD]:
            limit = riders - shifts[k, yard.GUARD]
            _send(held, rules, site, yard.STANDARD, limit, (riders, presence, at_hand), now)
    waits = sites[site, yard.INSTANT] != NONE or sites[site, yard.STANDARD] != NONE
    sites[site, yard.ALARM] = next_start(shifts, now, numbers[yard.DAY]) if waits else FAR


@njit(cache=True, forceinline=True)
def pick_wave(held, rules, site, now):
    """Pick the front warehouse's wave of ``now``; its rounds call for riders when they are packed."""
    data, longest = held.data, rules.numbers[yard.INSTANT_DROPS]
    rows = take_wave(data, held.sites, site)
    rows = rows[: keep_waiting(data, rows)]
    first = held.sites[site, yard.FIRST_TEAM]
    free = held.teams[first : first + held.sites[site, yard.TEAMS]]
    pick(data, rows, now, free, rules.streams, rules.vector)
    held.tally[T_FRONT_PICKS] += rows.shape[0]
    arrange(data, rows, (col.ZONE,))  # within a zone they stay in the order in which they were picked
    begin, which = 0, 0
    while begin < rows.shape[0]:
        end = same_door(data, rows, begin, longest)
        packed = np.int64(0)
        for row in rows[begin:end]:
            packed = max(packed, data[row, col.READY])
        call(held, site, rows[begin:end], 1, (packed, now, which))
        begin, which = end, which + 1


@njit(inline="always")
def _next_tick(held, site):
    """Tick at which something is due in a district."""
    sites, rounds = held.sites, held.rounds
    tick = sites[site, yard.ALARM]
    if sites[site, yard.WAVES] != NONE:
        tick = min(tick, held.data[sites[site, yard.WAVES], col.WAVE])
    for heap in (yard.COMING, yard.ON_ROAD, yard.RECALLED):
        if sites[site, heap] != NONE:
            tick = min(tick, rounds[sites[site, heap], yard.TICK])
    return tick


@njit(cache=True, forceinline=True)
def live(held, rules, site, until):
    """Take a district to tick ``until`` (not including it); the next tick at which something is due."""
    rounds, sites = held.rounds, held.sites
    while True:
        now = _next_tick(held, site)
        if now >= until:
            return now
        back = np.int64(0)
        while due_by(rounds, sites, site, yard.ON_ROAD, now):
            give_record_back(rounds, sites, pop(rounds, sites, site, yard.ON_ROAD))
            sites[site, yard.BUSY] -= 1
            back += 1
        while due_by(rounds, sites, site, yard.RECALLED, now):
            item = pop(rounds, sites, site, yard.RECALLED)
            held.tally[T_RIDER] += now - rounds[item, yard.SENT]
            back += 1 - _ride(held, rules, site, item, now)
        if sites[site, yard.WAVES] != NONE and held.data[sites[site, yard.WAVES], col.WAVE] <= now:
            pick_wave(held, rules, site, now)
        _grant(held, rules, site, back, now)
