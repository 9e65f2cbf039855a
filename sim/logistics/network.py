"""The region's map: front warehouses, zones with their distances, service classes and distances.

One regional centre (node 0) supplies front warehouses (node 1 + district); each zone is the
area of one community warehouse and belongs to the district of its nearest front warehouse.
Which service class a product is offered in a zone follows from its temperature layer and from
whether the zone lies within the front radius.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from sim.core.rng import builder
from sim.logistics.params import LogisticsParams
from sim.world.fulfilment import NEXT_DAY as NEXT_DAY
from sim.world.fulfilment import REGIONAL as REGIONAL

CLASSES = 5
CLASS_NAMES = ("30 minutes", "1 hour", "2 hours", "next day", "72 hours")


class ProductArrays(NamedTuple):
    """What logistics needs to know of products, one entry each.

    layer : int8[n] (0 none/digital, 1 ambient, 2 chilled, 3 frozen); volume : float64[n],
    litres per unit; shelf_life_days : float64[n], at the layer's reference temperature;
    unit_cost_fen : int64[n]; demand_per_day : float64[n], design demand of the region, units.
    """

    layer: np.ndarray
    volume: np.ndarray
    shelf_life_days: np.ndarray
    unit_cost_fen: np.ndarray
    demand_per_day: np.ndarray

    def typed(self) -> ProductArrays:
        """The same with the types that kernels expect."""
        types = (np.int64, np.float64, np.float64, np.int64, np.float64)
        return ProductArrays(*(np.asarray(a, t) for a, t in zip(self, types, strict=True)))


class Region:
    """Zones and districts of one region.

    Attributes
    ----------
    n_zones, n_fronts, n_nodes : int
        ``n_nodes = 1 + n_fronts``.
    district : int64[n_zones]
        District (front warehouse) of each zone.
    distance_km : float64[n_zones]
        Road distance from the front warehouse, stratified over the district's disc.
    density : float64[n_zones]
        People of the zone relative to the mean of all; ones where they live evenly.
    spacing : float64[n_zones]
        Distance between its doors relative to the usual, the root of the density turned over.
    stop : int64[n_zones]
        Place of the zone on its district's truck route, from 0.
    district_zones : int64[n_fronts]
        Zones of each district.
    thousands : float
        Consumers of each district, in thousands.
    share : float
        Consumers of a district over those of a full one (0..1): vans and cabinets serve other
        brands too, and the market pays for, and may fill, this share of them.
    """

    def __init__(self, p: LogisticsParams, n_consumers: int, seed: int) -> None:
        self.n_zones = p.zones(n_consumers)
        self.n_fronts = p.fronts(n_consumers)
        self.n_nodes = 1 + self.n_fronts
        self.thousands = n_consumers / self.n_fronts / 1000.0
        self.share = min(1.0, n_consumers / self.n_fronts / p.consumers_per_front)
        zone = np.arange(self.n_zones)
        self.district = zone * self.n_fronts // self.n_zones
        self.district_zones = np.bincount(self.district, minlength=self.n_fronts)
        first = np.searchsorted(self.district, np.arange(self.n_fronts))
        self.stop = zone - first[self.district]
        u = builder(seed, "logistics.zones").random(self.n_zones)
        self.distance_km = p.area_radius_km * np.sqrt((self.stop + u) / self.district_zones[self.district])
        self.density = self._density(p.density_gradient)
        self.spacing = self.density**-0.5

    def _density(self, gradient: float) -> np.ndarray:
        """Zones are of equal area, districts of equal size: density falls within each (Clark 1951)."""
        if gradient == 0.0:
            return np.ones(self.n_zones)
        falls = np.exp(-gradient * self.distance_km)
        mean = np.bincount(self.district, falls) / self.district_zones
        relative: np.ndarray = falls / mean[self.district]
        return relative

    def people_below(self) -> np.ndarray:
        """float64[n_zones]: share of people in a zone and those before it; empty where they live evenly."""
        even = bool((self.density == 1.0).all())
        return np.zeros(0) if even else np.cumsum(self.density) / np.sum(self.density)

    def class_by_layer(self, p: LogisticsParams) -> np.ndarray:
        """int8[4, n_zones]: service class offered to goods of each layer; -1 for layer 0."""
        near = self.distance_km <= p.front_radius_km
        within_half_hour = near & (self.distance_km <= p.thirty_minute_radius_km)
        table = np.full((4, self.n_zones), -1, np.int8)
        pairs = (
            (p.near_class_ambient, p.far_class_ambient),
            (p.near_class_chilled, p.far_class_chilled),
            (p.near_class_frozen, p.far_class_frozen),
        )
        for layer, (at_hand, far) in enumerate(pairs, start=1):
            table[layer] = np.where(near, at_hand, far)
            if at_hand < NEXT_DAY:
                table[layer][within_half_hour] = 0
        return table

    def regional_class(self, p: LogisticsParams) -> np.ndarray:
        """int8[4]: class of each layer when its goods come from the regional centre."""
        return np.array([-1, p.far_class_ambient, p.far_class_chilled, p.far_class_frozen], np.int8)


def class_hours(p: LogisticsParams) -> np.ndarray:
    """float64[5]: standard promise of each service class, hours."""
    return np.array(
        [p.thirty_minute_hours, p.one_hour_hours, p.two_hour_hours, p.next_day_hours, p.three_day_hours]
    )


def fixed_sizes(p: LogisticsParams, n_consumers: int) -> dict[str, int]:
    """What a running network cannot change, by parameter."""
    return {
        "consumers_per_zone": p.zones(n_consumers),
        "consumers_per_front": p.fronts(n_consumers),
        "ticks_per_minute": p.ticks_per_minute,
    }
