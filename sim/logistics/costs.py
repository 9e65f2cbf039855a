"""The day's bill for logistics, in fen by account, each account rounded once."""

from __future__ import annotations

import numpy as np

from sim.logistics.capacity import Capacity
from sim.logistics.cold_chain import AMBIENT, CHILLED, FROZEN
from sim.logistics.kernels import T_FRONT_PICKS, T_METRES, T_PICKUPS, T_REGIONAL_PICKS, T_RIDER
from sim.logistics.network import Region
from sim.logistics.params import LogisticsParams, ReturnsParams, SupplyParams
from sim.logistics.stock import Stock, cold_rooms

ACCOUNTS = (
    "logistics_storage",
    "logistics_handling",
    "logistics_trunk",
    "logistics_rider",
    "logistics_packaging",
    "logistics_reverse",
    "spoilage",
    "purchases",
)


#: Lead at which suppliers charge nothing for speed, days (F154).
SLOW_LEAD_DAYS = 15.0


class CostBook:
    """Collects what a day cost and closes it into a bill.

    Parameters
    ----------
    p, s, r
        Parameters with the unit costs.
    region : Region
        Consumers served, and the share of a full district's plant that is rented.
    """

    def __init__(self, p: LogisticsParams, s: SupplyParams, r: ReturnsParams, region: Region) -> None:
        self._region = region
        self._spoiled_fen = 0
        self.configure(p, s, r)

    def configure(self, p: LogisticsParams, s: SupplyParams, r: ReturnsParams) -> None:
        """Take other unit costs from now on; what is booked today stays."""
        self._p, self._s, self._r = p, s, r

    def spoiled(self, fen: int) -> None:
        """Book the cost value of parcels that arrived spoiled or damaged."""
        self._spoiled_fen += fen

    def close(
        self,
        tally: np.ndarray,
        stock: Stock,
        capacity: Capacity,
        discarded: np.ndarray,
        shipped: np.ndarray,
        ticks_per_minute: int,
    ) -> dict[str, int]:
        """The day's bill: fen by account (see :meth:`Network.close_day`)."""
        products = stock.products
        parcels = tally[AMBIENT : FROZEN + 1]
        amounts = (
            self._storage(stock),
            self._handling(tally, float(parcels.sum())),
            self._driving(tally, float(shipped @ products.volume), stock.purchase_fen),
            self._riding(capacity, tally[T_RIDER] / ticks_per_minute),
            self._packing(parcels),
            tally[T_PICKUPS] * self._r.reverse_fen + self._inspecting(capacity),
            self._spoiled_fen + int(discarded @ products.unit_cost_fen),
            stock.purchase_fen + stock.made_fen,
        )
        stock.purchase_fen = stock.made_fen = 0
        self._spoiled_fen = 0
        return {account: round(float(fen)) for account, fen in zip(ACCOUNTS, amounts, strict=True)}

    def _storage(self, stock: Stock) -> float:
        """Ambient goods pay by the litre stored; cold rooms and cabinets are rented, filled or not."""
        p, region = self._p, self._region
        rooms = cold_rooms(p, region)
        degrees = max(0.0, p.outdoor_c - p.community_chilled_c) + max(0.0, p.outdoor_c - p.community_frozen_c)
        return (
            float(stock.layer_litres()[AMBIENT]) * p.storage_fen_ambient
            + float(rooms[CHILLED].sum()) * p.storage_fen_chilled
            + float(rooms[FROZEN].sum()) * p.storage_fen_frozen
            + degrees * p.cabinet_fen_per_degree * region.thousands * region.n_fronts
        )

    def _handling(self, tally: np.ndarray, parcels: float) -> float:
        """Picking and packing; waves shorter than usual walk further for each parcel, longer ones less.

        The shortest walk past n random shelves grows with the square root of n (Beardwood, Halton and
        Hammersley 1959), so what each parcel walks falls with the square root of the wave's length.
        """
        p = self._p
        front = np.sqrt(p.usual_front_wave / p.front_wave_minutes) - 1.0
        regional = np.sqrt(p.usual_regional_wave / p.regional_wave_minutes) - 1.0
        further = float(tally[T_FRONT_PICKS]) * front + float(tally[T_REGIONAL_PICKS]) * regional
        return p.handling_fen * (parcels + p.walking_share * float(further))

    def _driving(self, tally: np.ndarray, litres_to_fronts: float, purchases_fen: int) -> float:
        """Vans by km and space, the morning trip to the fronts, and what fast suppliers charge."""
        p, s = self._p, self._s
        space = p.truck_ambient_litres + p.truck_chilled_litres + p.truck_frozen_litres
        per_km = (p.truck_fen_per_km + p.truck_space_fen * space) * self._region.share
        hurry = s.fast_supply_share * max(0.0, SLOW_LEAD_DAYS / s.supplier_lead_days - 1.0)
        return (
            float(tally[T_METRES]) / 1000.0 * per_km
            + litres_to_fronts * s.replenish_fen_per_litre
            + purchases_fen * hurry
        )

    def _riding(self, capacity: Capacity, used_minutes: float) -> float:
        """Shifts are paid whole; partners pay for idle time sold, less for each further hour."""
        p = self._p
        paid = float(capacity.rider_minutes.sum())
        price = p.idle_resale_price * (1.0 - p.idle_resale_fall * p.idle_resale_share)
        sold = p.idle_resale_share * max(0.0, paid - used_minutes)
        return (paid - price * sold) / 60.0 * p.rider_fen_per_hour

    def _packing(self, parcels: np.ndarray) -> float:
        """Cartons; insulated bags with ice for the degrees that the box is below the air; loggers."""
        p = self._p
        chilled, frozen = int(parcels[CHILLED - AMBIENT]), int(parcels[FROZEN - AMBIENT])
        ice = chilled * max(0.0, p.outdoor_c - p.box_chilled_c) + frozen * max(
            0.0, p.outdoor_c - p.box_frozen_c
        )
        bag = p.packaging_fen_cold + (p.sensor_fen if p.sensors else 0.0)
        return (
            int(parcels[0]) * p.packaging_fen_ambient + (chilled + frozen) * bag + ice * p.ice_fen_per_degree
        )

    def _inspecting(self, capacity: Capacity) -> float:
        """Inspectors around the clock, by the share of them that is ours."""
        ours = capacity.inspectors * capacity.inspector_presence
        return ours * 24.0 * self._r.inspector_fen_per_hour
