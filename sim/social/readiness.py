"""How soon a firm answers a crisis: what a desk has rehearsed, and what it has forgotten of it.

When a controversy breaks, nobody answers before the firm has agreed on what it says. That takes hours, fewer
for people who have done it before: each doubling of what they have practised and still remember saves the
same share of the time (Wright's law), and what was practised fades. Rehearsals are such practice, and cost
the hours of everybody at the desk. They help in no other way.
"""

from __future__ import annotations

import math

import numpy as np

from sim.core.clock import HOURS_PER_DAY, MINUTES_PER_DAY
from sim.core.params import Params, lever, uncertainty
from sim.stations.pool import PoolParams, Team

_MONTH = 30.0
#: Tables of rehearsals, and of days of a crisis.
READINESS = {
    "opinion_rehearsals": {
        "day": ("int32", "absolute day"),
        "number": ("int16", "rehearsals of a crisis"),
        "fen": ("int64", "cost"),
    },
    "opinion_crises": {
        "day": ("int32", "absolute day on which the press tells of a controversy"),
        "first": ("int32", "absolute day on which it began to"),
        "practice": ("float64", "crises and rehearsals remembered then"),
        "delay_hours": ("float64", "from the first news to the first answer"),
    },
}


class ReadinessParams(Params):
    """Time until a firm answers a crisis, and rehearsals that shorten it."""

    delay_hours: float = uncertainty(
        21.0, "hours", "Freshfields Bruckhaus Deringer 2013", ge=0, le=240, span=(6, 48), scope="strategy"
    )
    """From the first news of a controversy to the first answer, for a firm that has never practised: until
    then nobody at the desk answers, and no information is given out."""

    rehearsals: float = lever(0.0, "rehearsals/30 days", "S073", ge=0, le=30, span=(0, 2))
    """Rehearsals of a crisis by the people at the desk; none without a desk."""

    rehearsal_hours: float = uncertainty(
        3.0, "hours/person", "A-1500; half a day around a table", ge=0.1, le=24, span=(2, 8), scope="strategy"
    )
    """Paid time that one takes of everybody at the desk, beyond their shift."""

    learning: float = uncertainty(
        0.2, "share", "A-1501; Wright 1936", ge=0, le=0.6, span=(0.1, 0.4), scope="strategy"
    )
    """Delay that is saved each time that what is remembered of crises, rehearsed or real, doubles."""

    memory_days: float = uncertainty(
        180.0, "days", "A-1502; Arthur et al. 1998", ge=1, le=3650, span=(60, 365), scope="strategy"
    )
    """Time constant with which practice is forgotten."""


def due(day: int, each_month: float) -> int:
    """Rehearsals of a day: spread evenly, and a fixed number in any span of days.

    Parameters
    ----------
    day : int
        Absolute day.
    each_month : float
        Rehearsals in 30 days.
    """
    return math.floor((day + 1) * each_month / _MONTH) - math.floor(day * each_month / _MONTH)


def remembered(days: np.ndarray, today: int, memory_days: float) -> float:
    """How many of the crises and rehearsals on ``days`` are remembered, each ``exp(-age / memory_days)``."""
    return float(np.exp((np.asarray(days, np.float64) - today) / memory_days).sum())


def delay(params: ReadinessParams, practice: float) -> float:
    """Hours until the first answer of a firm that remembers so many crises and rehearsals."""
    return float(params.delay_hours * (1.0 - params.learning) ** math.log2(1.0 + practice))


def answering(day: int, ready: float) -> float:
    """Share of a day that is left once the firm is ready, at an absolute minute."""
    return float(np.clip(((day + 1) * MINUTES_PER_DAY - ready) / MINUTES_PER_DAY, 0.0, 1.0))


def ready_at(first: int, hours: float) -> float:
    """Absolute minute at which the firm answers a crisis whose first day is ``first``."""
    return (first + hours / HOURS_PER_DAY) * MINUTES_PER_DAY


def cost(params: ReadinessParams, pool: PoolParams, team: Team) -> float:
    """CNY that one rehearsal costs: a person who works a part of the shift is that part of a person."""
    whole = len(team) * team.params.hours / pool.hours
    return params.rehearsal_hours * pool.wage * whole
