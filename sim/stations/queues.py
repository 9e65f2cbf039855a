"""Stations and timetables: where parcels wait, as exact recursions over arriving batches.

A first-come-first-served station with c servers needs no event per parcel: the start of each
service is the later of the arrival and the earliest free server. Pick lines and inspection
run on :func:`serve`, trucks and rider rounds on :func:`next_departure`; the exact limits of
queueing and renewal theory (X11-X13, X15, X24) are checked on these same functions.
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
    c = free.shape[0]
    start = np.empty(n, np.int64)
    for i in range(n):
        begin = max(arrival[i], free[0])
        start[i] = begin
        busy_until = begin + service[i]
        # Replace the root and sift down: servers are interchangeable, so only times matter.
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
    return start


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
