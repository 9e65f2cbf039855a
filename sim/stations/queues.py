"""Stations and timetables: where parcels wait, as exact recursions over arriving batches.

A first-come-first-served station with c servers needs no event per parcel: the start of each
service is the later of the arrival and the earliest free server. Pick lines and inspection run on
:func:`take_turn`, as :func:`serve` does, trucks and rider rounds on :func:`next_departure`; the
exact limits of queueing and renewal theory (X11-X13, X15, X24) are checked on these same functions.
"""

from __future__ import annotations

import math

import numpy as np

from sim.core.jit import njit


@njit(inline="always")
def to_ticks(minutes, ticks_per_minute):
    """Whole ticks of a duration in minutes, rounded half up, at least one."""
    return max(1, math.floor(minutes * ticks_per_minute + 0.5))


@njit(cache=True)
def occupy(free, busy_until):
    """Give the server that is free first its next piece of work; ``free`` stays a binary min-heap."""
    # Replace the root and sift down: servers are interchangeable, so only times matter.
    c = free.shape[0]
    hole = 0
    child = 1
    while child < c:
        if child + 1 < c and free[child + 1] < free[child]:
            child += 1
        if free[child] >= busy_until:
            break
        free[hole] = free[child]
        hole = child
        child = 2 * hole + 1
    free[hole] = busy_until


@njit(inline="always")
def take_turn(free, arrival, service):
    """Start of one service: the later of the arrival and the earliest free server, which is busy then."""
    start = max(arrival, free[0])
    occupy(free, start + service)
    return start


@njit(cache=True)
def serve(free, arrival, service):
    """Start of service at a c-server station, first come first served.

    Parameters
    ----------
    free : int64[c]
        Tick at which each server is next free, as a binary min-heap; updated in place.
    arrival : int64[n]
        Arrival ticks, not decreasing, none before those of earlier calls.
    service : int64[n]
        Service ticks.

    Returns
    -------
    int64[n]
        Start ticks; the parcel leaves at start + service.
    """
    n = arrival.shape[0]
    start = np.empty(n, np.int64)
    for i in range(n):
        start[i] = take_turn(free, arrival[i], service[i])
    return start


@njit(cache=True)
def worked(tick, opens, length, period):
    """Ticks of shifts that have passed at ``tick``; one of ``length`` begins at ``opens`` of each period."""
    whole = (tick - opens) // period
    return whole * length + min(tick - opens - whole * period, length)


@njit(cache=True)
def clock_of(work, opens, length, period):
    """First tick at which ``work`` ticks of shifts have passed and the shift is on."""
    whole = work // length
    return whole * period + opens + work - whole * length


@njit(cache=True)
def serve_in_shifts(free, arrival, service, patience, shift):
    """Start and end of service where servers work in shifts and people give up who wait too long.

    A piece of work that the end of a shift interrupts goes on in the next one. Who gives up takes no
    server's time. With a shift that is the whole period and endless patience this is :func:`serve`.

    Parameters
    ----------
    free : int64[c]
        When each server is next free, in ticks of shifts, as a binary min-heap; updated in place.
    arrival : int64[n]
        Arrival ticks, not decreasing, none before those of earlier calls.
    service : int64[n]
        Service ticks.
    patience : int64[n]
        Longest wait that each bears, ticks of the clock.
    shift : (int, int, int)
        First tick of the shift within the period, its length, and the period.

    Returns
    -------
    (int64[n], int64[n])
        Start and end, ticks of the clock; -1 for those who gave up.
    """
    n = arrival.shape[0]
    start = np.full(n, -1, np.int64)
    end = np.full(n, -1, np.int64)
    if free.shape[0] == 0:
        return start, end
    opens, length, period = shift
    for i in range(n):
        begin = max(worked(arrival[i], opens, length, period), free[0])
        at = clock_of(begin, opens, length, period)
        if at - arrival[i] > patience[i]:
            continue
        occupy(free, begin + service[i])
        start[i] = at
        end[i] = clock_of(begin + service[i] - 1, opens, length, period) + 1
    return start, end


@njit(cache=True)
def next_departure(tick, timetable, period):
    """First departure at or after ``tick`` of a timetable that repeats.

    Parameters
    ----------
    tick : int
        Absolute tick.
    timetable : int64[k]
        Sorted departure ticks within one period, all in [0, period).
    period : int
        Length of the period, ticks (a day in the market).
    """
    base = (tick // period) * period
    offset = tick - base
    k = np.searchsorted(timetable, offset)
    if k < timetable.shape[0]:
        return base + timetable[k]
    return base + period + timetable[0]
