"""Promises: the hours that an order placed now is told, honestly or by the book.

The honest rule estimates the way through the present queues (wave, pick team, rider or truck,
round) and promises that with some safety, never less than the class's standard promise; hours
until the front warehouse opens come on top. However long the queue, the promise follows it, and
what would take longer than the longest promise is not offered at all.
"""

from __future__ import annotations

import math

import numpy as np

from sim.logistics import yard
from sim.logistics.capacity import Capacity
from sim.logistics.crew import Shift
from sim.logistics.flow import Flow
from sim.logistics.network import CLASSES, NEXT_DAY, REGIONAL, Region, class_hours
from sim.logistics.params import LogisticsParams
from sim.logistics.riders import on_duty
from sim.stations.queues import next_departure

#: This share of rider time at least is counted on for next-day rounds, however busy instant orders are.
LEAST_STANDARD_SHARE = 0.1
#: Beyond this load the usual wait has no meaning; the present queue speaks.
HIGHEST_LOAD = 0.95


def quoted_hours(
    p: LogisticsParams, region: Region, capacity: Capacity, flow: Flow, rider_minutes: float
) -> np.ndarray:
    """Promise of each class in each zone for an order placed at the clock's tick.

    Parameters
    ----------
    rider_minutes : float
        Minutes a day that riders have been busy lately: a promise stands for a daypart, so it
        allows for the wait that is usual at this load as well as for the present queue.

    Returns
    -------
    float64[5, n_zones]
        Hours; inf where nothing is offered.
    """
    standard = class_hours(p)
    out = np.empty((CLASSES, region.n_zones))
    opening = _hours_to_opening(p, flow)
    if p.quote_rule == "fixed":
        out[:] = standard[:, None]
        out[:NEXT_DAY] += opening
        return out
    load = rider_minutes / max(1e-9, float(capacity.rider_minutes.sum()))
    waits = np.array([_instant_wait(p, d, capacity, flow, opening, load) for d in range(region.n_fronts)])
    regional = np.array([_standard_hours(p, d, capacity, flow) for d in range(region.n_fronts)])
    handling = (p.front_wave_minutes + p.pick_minutes + p.drop_minutes) / 60.0
    out[:NEXT_DAY] = waits[region.district] + handling + region.distance_km / p.rider_speed_kmh
    out[NEXT_DAY:] = regional[region.district]
    out *= p.quote_safety
    least = standard[:, None]
    np.maximum(out, least, out=out)
    out[:NEXT_DAY] += opening
    out[out > p.longest_promise_hours] = np.inf
    return out


def _hours_to_opening(p: LogisticsParams, flow: Flow) -> float:
    """Hours until front warehouses release waves (0 while they are open)."""
    hour = (int(flow.env.now) % flow.settings.day) / (60.0 * p.ticks_per_minute)
    return max(0.0, p.day_shift_hour - hour)


def _instant_wait(
    p: LogisticsParams, district: int, capacity: Capacity, flow: Flow, opening: float, load: float
) -> float:
    """Hours that an instant order waits for a pick team and a rider of ``district``."""
    now, minute = int(flow.env.now), p.ticks_per_minute
    queue = max(0.0, float(flow.teams_free(1 + district) - now) / minute)
    on = on_duty(flow.shifts[district], now + round(opening * 60 * minute), flow.settings.day)
    shift = flow.plans[district][max(0, on)]
    if shift.riders == 0:
        return 24.0
    ride = capacity.instant_minutes[district] / shift.presence
    busy, waiting = flow.sites[1 + district, [yard.BUSY, yard.INSTANT_WAITING]].tolist()
    ahead = waiting + max(0, busy - shift.riders + 1) * 0.5
    present = ahead * ride / shift.riders
    recall = _usual_recall(p, shift, load)
    return (queue + max(present, _usual_wait(p, district, capacity, shift, load)) + recall) / 60.0


def _all_busy(shift: Shift, load: float) -> float:
    """How often all riders are busy at this load, as Sakasegawa 1977 approximates it."""
    return float(min(load, HIGHEST_LOAD) ** (math.sqrt(2.0 * (shift.riders + 1)) - 1.0))


def _usual_recall(p: LogisticsParams, shift: Shift, load: float) -> float:
    """Minutes that an order waits for a rider to be called back: where some are idle, and all away."""
    idle = max(1.0, shift.riders * (1.0 - min(load, HIGHEST_LOAD)))
    away = p.idle_resale_share**idle * (1.0 - _all_busy(shift, load))
    return p.idle_recall_minutes * away


def _usual_wait(p: LogisticsParams, district: int, capacity: Capacity, shift: Shift, load: float) -> float:
    """Minutes that an instant order waits for a rider at this load.

    The rest of a next-day round under way, shared among the riders and stretched by the
    instant orders ahead (non-preemptive priority, Cobham 1954), when all riders are busy
    (probability as Sakasegawa 1977 approximates it).
    """
    load = min(load, HIGHEST_LOAD)
    instant = load * capacity.instant_share[district]
    rest = 0.5 * p.standard_round_drops * capacity.standard_minutes[district] / shift.presence
    return float(_all_busy(shift, load) * rest / shift.riders / (1.0 - instant))


def _standard_hours(p: LogisticsParams, district: int, capacity: Capacity, flow: Flow) -> float:
    """Hours to the door by the timetable, or behind all the work ahead if that takes longer."""
    s, now = flow.settings, int(flow.env.now)
    hour = 60 * p.ticks_per_minute
    packed = max(flow.teams_free(REGIONAL), now + int(s.waves[1])) + round(
        p.pick_minutes * p.ticks_per_minute
    )
    route = (
        p.trunk_km / p.truck_speed_kmh
        + 0.5 * float(flow.tours.route_metres[district]) / 1000.0 / p.truck_speed_kmh
    )
    arrives = next_departure(packed, s.trucks, s.day) + round(route * hour)
    release = next_departure(arrives, s.rounds, s.day)
    minutes = capacity.rider_minutes[district]
    per_hour = max(minutes - capacity.instant_work[district], LEAST_STANDARD_SHARE * minutes) / 24.0
    work = flow.standard_open[district] * capacity.standard_minutes[district]
    queue = work / per_hour if per_hour > 0 else 1e6
    ride = p.standard_round_drops * (p.drop_minutes + p.leg_minutes) / 60.0
    return max((release - now) / hour, queue) + ride
