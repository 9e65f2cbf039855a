"""The day's bill for logistics, in fen by account, each account rounded once."""

from __future__ import annotations

import numpy as np

from sim.logistics.capacity import Capacity
from sim.logistics.cold_chain import AMBIENT, CHILLED, FROZEN
from sim.logistics.kernels import T_INSPECTED, T_METRES, T_PICKUPS, T_RIDER
from sim.logistics.params import LogisticsParams, ReturnsParams, SupplyParams
from sim.logistics.stock import Stock

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


class CostBook:
    """Collects what a day cost and closes it into a bill.

    Parameters
    ----------
    p, r, s
        Parameters with the unit costs.
    """

    def __init__(self, p: LogisticsParams, r: ReturnsParams, s: SupplyParams) -> None:
        self._p, self._r, self._s = p, r, s
        self._spoiled_fen = 0

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
        """The day's bill: fen by account (see :meth:`Network.close_day`).

        Riders' shifts are paid whole; with shared front warehouses partners pay
        ``idle_resale_share`` of the time they stood idle.
        """
        p, products = self._p, stock.products
        litres = stock.layer_litres()
        parcels = tally[AMBIENT : FROZEN + 1]
        cold = int(parcels[CHILLED - 1 :].sum())
        paid = float(capacity.rider_minutes.sum())
        used = tally[T_RIDER] / ticks_per_minute
        rider_minutes = paid - p.idle_resale_share * max(0.0, paid - used)
        cold_fen = p.packaging_fen_cold + (p.sensor_fen if p.sensors else 0.0)
        amounts = (
            litres[AMBIENT] * p.storage_fen_ambient
            + litres[CHILLED] * p.storage_fen_chilled
            + litres[FROZEN] * p.storage_fen_frozen,
            float(parcels.sum()) * p.handling_fen,
            tally[T_METRES] / 1000.0 * p.truck_fen_per_km
            + float(shipped @ products.volume) * self._s.replenish_fen_per_litre,
            rider_minutes / 60.0 * p.rider_fen_per_hour,
            int(parcels[0]) * p.packaging_fen_ambient + cold * cold_fen,
            tally[T_PICKUPS] * self._r.reverse_fen + tally[T_INSPECTED] * self._r.inspect_fen,
            self._spoiled_fen + int(discarded @ products.unit_cost_fen),
            stock.purchase_fen,
        )
        stock.purchase_fen = 0
        self._spoiled_fen = 0
        return {account: round(float(fen)) for account, fen in zip(ACCOUNTS, amounts, strict=True)}
