"""Capacity: rider minutes, pick teams and inspectors that a design demand and a ratio ask for.

The work in one drop follows from distances, speeds and the mix of instant and next-day orders
that the offered classes imply; the riders of each district are paid for exactly that work
times the capacity ratio. So a wider instant offer costs rider time, and a ratio below one
cannot keep up.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from sim.logistics.crew import Shift, shift_plan
from sim.logistics.network import NEXT_DAY, ProductArrays, Region
from sim.logistics.params import LogisticsParams, ReturnsParams

ROUNDS_PER_DAY = 2
MINUTES_PER_DAY = 1440.0
#: A shift with less of a rider than this waits for that rider much longer than a large market does.
LEAST_PRESENCE = 0.5


@dataclass(frozen=True)
class Capacity:
    """What one parameter set provides.

    Attributes
    ----------
    orders_per_day : float
        Drops a day that riders and pick teams can do.
    rider_minutes : float64[n_fronts]
        Paid rider minutes a day by district, after any shortfall.
    instant_minutes, standard_minutes : float64[n_fronts]
        Minutes of one instant and of one standard drop.
    instant_work, instant_share : float64[n_fronts]
        Rider minutes a day that design instant orders take; their share of all design work.
    plans : list of shifts, one a district
    pickers : int64[n_nodes]
    inspectors : int
    inspector_presence : float
        Share of the inspectors' time that is ours, 0..1 (whole inspectors are shared, as riders are).
    """

    orders_per_day: float
    rider_minutes: np.ndarray
    instant_minutes: np.ndarray
    standard_minutes: np.ndarray
    instant_work: np.ndarray
    instant_share: np.ndarray
    plans: list[tuple[Shift, ...]]
    pickers: np.ndarray
    inspectors: int
    inspector_presence: float


def drop_minutes(
    p: LogisticsParams, region: Region, standard_per_round: np.ndarray | float
) -> tuple[np.ndarray, np.ndarray]:
    """Rider minutes of one instant and of one standard drop by zone: two float64[n_zones]."""
    slow = 1.0 + p.bad_weather_probability * (p.bad_weather_slowdown - 1.0)
    per_km = 60.0 / p.rider_speed_kmh * slow
    instant = 2.0 * region.distance_km * per_km + p.drop_minutes
    n = np.maximum(1.0, standard_per_round)
    standard = (
        2.0 * (p.local_km * region.spacing) * per_km / n
        + p.drop_minutes
        + p.leg_minutes * slow * (1.0 - 1.0 / n)
    )
    return instant, standard * (1.0 + p.absent_probability)


def plan_capacity(
    p: LogisticsParams,
    r: ReturnsParams,
    region: Region,
    products: ProductArrays,
    n_consumers: int,
    shortfall: float,
) -> Capacity:
    """Size riders, pick teams and inspectors for the design demand times the capacity ratio."""
    orders = p.design_orders_per_1000_consumers * n_consumers / 1000.0
    per_zone = orders / region.n_zones * region.density
    classes = region.class_by_layer(p)
    weight = np.bincount(products.layer, products.demand_per_day, minlength=4)
    weight[0] = 0.0
    total = weight.sum()
    share = (
        ((classes >= 0) & (classes < NEXT_DAY)).T @ (weight / total)
        if total > 0
        else np.zeros(region.n_zones)
    )
    in_slot = (1.0 - (share * region.density).mean()) * per_zone / ROUNDS_PER_DAY
    rounds = np.maximum(1.0, np.ceil(in_slot / p.standard_round_drops))
    instant, standard = drop_minutes(p, region, in_slot / rounds)
    fronts = region.n_fronts
    instant_orders = np.bincount(region.district, per_zone * share, minlength=fronts)
    standard_orders = np.bincount(region.district, per_zone * (1.0 - share), minlength=fronts)
    instant_work = np.bincount(region.district, per_zone * share * instant, minlength=fronts)
    standard_work = np.bincount(region.district, per_zone * (1.0 - share) * standard, minlength=fronts)
    minutes = (instant_work + standard_work) * p.capacity_ratio * (1.0 - shortfall)
    plans = [shift_plan(p, m, i > 0) for m, i in zip(minutes, instant_work, strict=True)]
    pickers = _pick_teams(p, instant_orders, float(standard_orders.sum()))
    inspecting = r.inspectors_per_1000_orders * orders / 1000.0
    inspectors = max(1, math.ceil(inspecting - 1e-9))
    riders_do = orders * p.capacity_ratio * (1.0 - shortfall)
    teams_do = orders * p.capacity_ratio * p.pick_margin
    return Capacity(
        orders_per_day=min(riders_do, teams_do),
        rider_minutes=minutes,
        instant_minutes=instant_work / np.maximum(instant_orders, 1e-12),
        standard_minutes=standard_work / np.maximum(standard_orders, 1e-12),
        instant_work=instant_work,
        instant_share=instant_work / np.maximum(instant_work + standard_work, 1e-12),
        plans=plans,
        pickers=pickers,
        inspectors=inspectors,
        inspector_presence=inspecting / inspectors,
    )


def _pick_teams(p: LogisticsParams, instant: np.ndarray, regional: float) -> np.ndarray:
    """Pick teams of the regional centre (all day) and of each front warehouse (opening hours)."""
    ratio = p.capacity_ratio * p.pick_margin * p.pick_minutes
    open_minutes = (24.0 - p.day_shift_hour) * 60.0
    teams = np.concatenate([[regional * ratio / MINUTES_PER_DAY], instant * ratio / open_minutes])
    return np.maximum(1, np.ceil(teams - 1e-9)).astype(np.int64)


def smallest_people(p: LogisticsParams, r: ReturnsParams, products: ProductArrays) -> int:
    """People from whom on the thinnest rider shift of a district is :data:`LEAST_PRESENCE` of a rider.

    Below it a rider is mostly elsewhere, and an order waits for the return longer than it would
    in a larger market of the same design: costs per person are alike, delivery times are not.

    Parameters
    ----------
    products : ProductArrays
        Goods with the demand of one full district (``consumers_per_front`` people).
    """
    n = p.consumers_per_front
    region = Region(p, n, 0)
    plan = plan_capacity(p, r, region, products, n, 0.0).plans[0]
    thinnest = min(shift.riders * shift.presence for shift in plan)
    if thinnest <= 0.0:
        return n
    return min(n, math.ceil(LEAST_PRESENCE / thinnest * n / 100.0) * 100)
