"""Capacity: the design demand, what is provided for it, and when riders are on the road."""

from __future__ import annotations

from sim.core.params import Params, constant, lever, uncertainty


class CapacityParams(Params):
    """Riders, pick teams and shifts, relative to a design demand."""

    design_orders_per_1000_consumers: float = uncertainty(
        6.6, "orders/1000 consumers/day", "A-609", ge=0.01, le=500, span=(4.0, 10.0)
    )
    """physical orders the network is built for, as many as the baseline brings: 132 a day at 20,000"""

    capacity_ratio: float = lever(1.2, "ratio to design orders", "A-610", ge=0.05, le=10, span=(0.8, 1.6))
    """drops a day that riders can do over design orders; below 0.85 lateness costs more than wages"""

    pick_margin: float = uncertainty(1.5, "ratio to capacity", "A-611", ge=0.2, le=10, span=(1.0, 2.5))
    """pick teams are cheaper than riders, so they are sized not to be the bottleneck"""

    instant_guard_share: float = lever(0.1, "share of riders on shift", "A-612", ge=0, le=1, span=(0, 0.4))
    """riders that standard rounds may not take, so that an instant order finds one free"""

    day_shift_hour: float = constant(7.0, "hour of day", "A-613", ge=4, le=12)
    """front warehouses open and the day shift starts; earlier orders wait for it"""

    evening_shift_hour: float = constant(14.0, "hour of day", "A-614", ge=12, le=20)
    """the evening shift takes over before the evening peak"""

    evening_end_hour: float = constant(24.75, "hour of day", "A-615", ge=20, le=27)
    """last instant orders are taken before midnight and ridden out after it"""

    late_shift_hour: float = constant(21.0, "hour of day", "A-616", ge=20, le=24)
    """from here on riders serve instant orders only: nobody opens for a next-day parcel at night"""

    evening_share: float = uncertainty(
        0.44, "share of rider minutes", "A-617", ge=0.01, le=0.89, span=(0.3, 0.6), part_of="shifts"
    )
    """next-day rounds after work and the instant evening peak fall into the evening shift"""

    late_share: float = uncertainty(
        0.17, "share of rider minutes", "A-693", ge=0.01, le=0.49, span=(0.05, 0.3), part_of="shifts"
    )
    """a fifth of instant orders come late, and nobody is promised that they wait until morning"""
