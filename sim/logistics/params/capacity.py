"""Capacity: the design demand, what is provided for it, and when riders are on the road."""

from __future__ import annotations

from sim.core.params import Params, param


class CapacityParams(Params):
    """Riders, pick teams and shifts, relative to a design demand."""

    design_orders_per_1000_consumers: float = param(
        3.1,
        unit="orders/1000 consumers/day",
        kind="uncertainty",
        source="A-609",
        ge=0.01,
        le=500,
        span=(2.0, 6.0),
        why="physical orders the network is built for, as many as the baseline brings: 62 a day at 20,000",
    )
    capacity_ratio: float = param(
        1.2,
        unit="ratio to design orders",
        kind="lever",
        source="A-610",
        ge=0.05,
        le=10,
        span=(0.8, 1.6),
        why="drops a day that riders can do over design orders; 1.1-1.3 is where markets feel the load",
    )
    pick_margin: float = param(
        1.5,
        unit="ratio to capacity",
        kind="uncertainty",
        source="A-611",
        ge=0.2,
        le=10,
        span=(1.0, 2.5),
        why="pick teams are cheaper than riders, so they are sized not to be the bottleneck",
    )
    instant_guard_share: float = param(
        0.1,
        unit="share of riders on shift",
        kind="lever",
        source="A-612",
        ge=0,
        le=1,
        span=(0, 0.4),
        why="riders that standard rounds may not take, so that an instant order finds one free",
    )
    day_shift_hour: float = param(
        7.0,
        unit="hour of day",
        kind="constant",
        source="A-613",
        ge=4,
        le=12,
        why="front warehouses open and the day shift starts; earlier orders wait for it",
    )
    evening_shift_hour: float = param(
        14.0,
        unit="hour of day",
        kind="constant",
        source="A-614",
        ge=12,
        le=20,
        why="the evening shift takes over before the evening peak",
    )
    evening_end_hour: float = param(
        24.75,
        unit="hour of day",
        kind="constant",
        source="A-615",
        ge=20,
        le=27,
        why="last instant orders are taken before midnight and ridden out after it",
    )
    late_shift_hour: float = param(
        21.0,
        unit="hour of day",
        kind="constant",
        source="A-616",
        ge=20,
        le=24,
        why="from here on riders serve instant orders only: nobody opens for a next-day parcel at night",
    )
    evening_share: float = param(
        0.44,
        unit="share of rider minutes",
        kind="uncertainty",
        source="A-617",
        ge=0.01,
        le=0.89,
        span=(0.3, 0.6),
        why="next-day rounds after work and the instant evening peak fall into the evening shift",
    )
    late_share: float = param(
        0.17,
        unit="share of rider minutes",
        kind="uncertainty",
        source="A-693",
        ge=0.01,
        le=0.49,
        span=(0.05, 0.3),
        why="a fifth of instant orders come late, and nobody is promised that they wait until morning",
    )
