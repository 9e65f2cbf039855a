"""Exposure: how much of the brand platforms show in this part of the day.

Paid and unpaid impressions are shared out by time on the platform, the hour and (for paid
media) by how likely the platform thinks a person is to respond. What is seen tires: fatigue
grows with every impression and fades over days. All that differs between two people of a group
is their time, so the impressions are kept per unit of it, and a person's own are counted when
somebody asks (at a visit) and in the evening.
"""

from __future__ import annotations

import numpy as np

from sim.core.clock import DAYPARTS, HOURS_PER_DAY, daypart_bounds
from sim.core.params import Params, constant, uncertainty
from sim.core.rng import Draw
from sim.mechanism import Phase
from sim.world.world import World

_WEEKDAY = (
    0.25,
    0.12,
    0.06,
    0.04,
    0.04,
    0.08,
    0.25,
    0.55,
    0.75,
    0.75,
    0.75,
    0.85,
    1.15,
    0.95,
    0.75,
    0.75,
    0.8,
    0.9,
    1.1,
    1.4,
    1.8,
    1.8,
    1.4,
    0.8,
)
_YOUNG = (
    0.7,
    0.35,
    0.15,
    0.06,
    0.04,
    0.05,
    0.12,
    0.35,
    0.6,
    0.7,
    0.75,
    0.85,
    1.15,
    0.95,
    0.8,
    0.8,
    0.8,
    0.85,
    1.0,
    1.3,
    1.5,
    1.55,
    1.6,
    1.7,
)


class TrafficParams(Params):
    """When people are on their phones, and what a direct visit is."""

    silver_hours: tuple[float, ...] = uncertainty(_WEEKDAY, "relative activity by hour", "A-107", ge=0, le=10)
    """24 entries; peaks at noon (F051) and 20-22 (F053)."""

    cyber_hours: tuple[float, ...] = uncertainty(
        _YOUNG, "relative activity by hour", "F075; late-night peak at 23", ge=0, le=10
    )
    """24 entries; later than the others, most active at 23."""

    eco_hours: tuple[float, ...] = uncertainty(_WEEKDAY, "relative activity by hour", "A-108", ge=0, le=10)
    """24 entries."""

    fatigue_per_impression: float = uncertainty(
        0.1, "fatigue/impression", "A-109", ge=0, le=2, span=(0.03, 0.3)
    )
    """A fatigue of 0.15 costs 2% of visits, 1.5 costs 20% and 4 costs 44% (traffic.fatigue_effect)."""

    registered_response: float = uncertainty(2.5, "ratio", "A-110", ge=1, le=10, span=(1.5, 4.0))
    """Click-through of registered users relative to others."""

    need_response: float = uncertainty(3.0, "ratio", "A-111", ge=1, le=10, span=(2.0, 4.0))
    """A live need multiplies visits by 2-4."""

    no_need_habit: float = uncertainty(0.35, "ratio", "A-112", ge=0, le=1, span=(0.1, 0.7))
    """Direct visits without a live need, relative to those with one."""

    habit_days: float = uncertainty(45.0, "days", "A-208", ge=0.1, le=1000, span=(20, 90))
    """Habit fades with this time constant."""

    fatigue_days: float = uncertainty(5.0, "days", "A-209", ge=0.1, le=100, span=(2, 14))
    """Tiredness of content recovers."""

    notes_days: float = uncertainty(10.0, "days", "A-210", ge=0.1, le=100, span=(4, 30))
    """Notes read are remembered."""

    linked_click: float = constant(0.34, "share", "F070", ge=0, le=5)
    """Clicks gained on ads and in feeds where identities are linked across platforms."""

    told_note: float = uncertainty(0.5, "notes/touch", "A-862", ge=0, le=10, span=(0.2, 1.0))
    """What a friend's word counts next to a post that one reads."""

    fatigue_effect: float = uncertainty(0.145, "log response/fatigue", "A-113", ge=0, le=2, span=(0.05, 0.3))
    """A fatigue of 4 costs 44% of visits: exp(-4 x 0.145) = 0.56."""


def hour_shares(params: TrafficParams) -> np.ndarray:
    """float64[n_groups, 24]: share of a day's activity by hour, rows sum to 1."""
    rows = np.array([params.silver_hours, params.cyber_hours, params.eco_hours], np.float64)
    return rows / rows.sum(axis=1, keepdims=True)


def daypart_shares(params: TrafficParams) -> np.ndarray:
    """float64[n_groups, n_dayparts]: share of a day's activity by daypart, rows sum to 1."""
    hours = hour_shares(params)
    out = np.empty((hours.shape[0], DAYPARTS))
    for d in range(DAYPARTS):
        first, end = daypart_bounds(d)
        out[:, d] = hours[:, first // 60 : end // 60].sum(axis=1)
    return out


def day_clock(params: TrafficParams) -> np.ndarray:
    """float64[n_groups, 25]: share of a day's activity that is over by each full hour."""
    hours = hour_shares(params)
    out = np.zeros((hours.shape[0], HOURS_PER_DAY + 1))
    out[:, 1:] = np.cumsum(hours, axis=1)
    return out / out[:, -1:]


class Exposure:
    """Shows this daypart's paid and unpaid impressions."""

    name = "exposure"
    phase = Phase.EXPOSE
    reads = frozenset({"platforms.scale"})
    writes = frozenset({"flow.shown"})

    def __init__(self, params: TrafficParams) -> None:
        self.shares = daypart_shares(params)

    def act(self, world: World, draw: Draw) -> None:
        """Add what a unit of time is shown in this daypart."""
        daypart, platforms, shown = world.clock.daypart, world.platforms, world.flow.shown
        share = self.shares[:, daypart, None]
        paid = platforms.paid_scale * platforms.paid_slots[daypart]
        shown.paid[daypart + 1] = shown.paid[daypart] + share * paid
        shown.feed[daypart + 1] = shown.feed[daypart] + share * platforms.feed_scale
