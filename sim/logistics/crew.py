"""Riders of one district: their shifts, and a guard for instant orders.

A shift with a fractional rider is made exact by occupancy: its riders spend the rest elsewhere.
Who rides when is decided in :mod:`sim.logistics.riders`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sim.logistics.params import LogisticsParams

HOUR = 60


@dataclass(frozen=True)
class Shift:
    """One shift of one district.

    Attributes
    ----------
    start, end : int
        Minutes of the day, half-open; ``end`` may exceed 1440 (after midnight).
    riders : int
        Riders on the road at any moment of the shift.
    presence : float
        Share of their time that is ours, 0..1: ``riders * presence`` times the length is exact.
    guard : int
        Riders that standard rounds may not take.
    """

    start: int
    end: int
    riders: int
    presence: float
    guard: int


def shift_plan(p: LogisticsParams, rider_minutes: float, guarded: bool) -> tuple[Shift, ...]:
    """Day, evening and late shift, which together provide exactly ``rider_minutes`` a day.

    Whole riders are rounded up and their presence makes up for it, so that a capacity of 1.20
    is 1.20 in a market of any size.
    """
    hours = (p.day_shift_hour, p.evening_shift_hour, p.late_shift_hour, p.evening_end_hour)
    minutes = [round(h * HOUR) for h in hours]
    spans = pairwise(minutes)
    shares = (1.0 - p.evening_share - p.late_share, p.evening_share, p.late_share)
    shifts = []
    for (start, stop), share in zip(spans, shares, strict=True):
        needed = rider_minutes * share / (stop - start)
        riders = math.ceil(needed - 1e-9)
        guard = math.floor(riders * p.instant_guard_share + 0.5) if guarded else 0
        shifts.append(
            Shift(start, stop, riders, needed / riders if riders else 1.0, max(0, min(guard, riders - 1)))
        )
    return tuple(shifts)
