"""Fulfilment without limits: every order is handed over exactly when promised.

It stands in for the network when logistics is switched off, so that demand can be studied
(and checked against references) with fulfilment held still.
"""

from __future__ import annotations

import numpy as np

from sim.logistics.network import class_hours
from sim.logistics.params import LogisticsParams
from sim.world.fulfilment import Delivered, Inspected, Parcels

_EMPTY = np.zeros(0, np.int64)
#: Class offered to each layer: none, next day, one hour, two hours.
_CLASS = np.array([-1, 3, 1, 2], np.int8)
_INSPECTION_MINUTES = 2 * 1440


class Unlimited:
    """Implements :class:`sim.world.fulfilment.LogisticsEngine` with no queue, no stock limit and no cost."""

    def __init__(self, params: LogisticsParams, layer: np.ndarray, start_minute: int) -> None:
        self.layer = np.asarray(layer, np.int64)
        self.hours = class_hours(params)
        self.now = start_minute
        self._parcels: list[Parcels] = []
        self._returns: list[Parcels] = []

    @property
    def n_zones(self) -> int:
        """One zone is everywhere."""
        return 1

    def quote_hours(self) -> np.ndarray:
        """float64[n_products, 1]: the class's standard promise."""
        wait = np.where(_CLASS[self.layer] < 0, np.inf, self.hours[_CLASS[self.layer]])
        return wait[:, None].astype(np.float64)

    def service(self) -> np.ndarray:
        """int8[n_products, 1]."""
        return _CLASS[self.layer][:, None].copy()

    def promised_service(self, product: np.ndarray, zone: np.ndarray, node: np.ndarray) -> np.ndarray:
        """int8[n]: the class of each product."""
        return _CLASS[self.layer[product]]

    def promised_hours(self, product: np.ndarray, zone: np.ndarray, node: np.ndarray) -> np.ndarray:
        """float64[n]: its standard promise."""
        return self.hours[self.promised_service(product, zone, node)]

    def reserve(self, product: np.ndarray, zone: np.ndarray, quantity: np.ndarray) -> np.ndarray:
        """Everything is always there."""
        return np.zeros(len(product), np.int32)

    def submit(self, parcels: Parcels) -> None:
        """Accept parcels; each will arrive when its class promises."""
        if len(parcels.row):
            self._parcels.append(parcels)

    def cancel(self, order_id: np.ndarray) -> np.ndarray:
        """Granted while the parcel has not arrived."""
        granted = np.zeros(len(order_id), bool)
        for k, batch in enumerate(self._parcels):
            hit = np.isin(batch.order_id, order_id) & (self._due(batch) >= self.now)
            granted |= np.isin(order_id, batch.order_id[hit])
            self._parcels[k] = Parcels(*(c[~hit] for c in batch))
        return granted

    def take_back(self, parcels: Parcels) -> None:
        """Returns are inspected two days later and can all be sold again."""
        if len(parcels.row):
            self._returns.append(parcels)

    def run_until(self, minute: int) -> None:
        """Move the clock."""
        self.now = minute

    def _due(self, batch: Parcels) -> np.ndarray:
        return batch.minute + np.ceil(self.hours[batch.service] * 60.0).astype(np.int64)

    def delivered(self) -> Delivered:
        """Parcels whose promise has come due."""
        out, kept = [], []
        for batch in self._parcels:
            due = self._due(batch)
            gone = due < self.now
            out.append((batch.order_id[gone], batch.row[gone], due[gone]))
            if not gone.all():
                kept.append(Parcels(*(c[~gone] for c in batch)))
        self._parcels = kept
        ids, rows, minutes = (
            np.concatenate([_EMPTY, *c]) for c in (zip(*out, strict=True) if out else ((), (), ()))
        )
        return Delivered(ids, rows, minutes, np.zeros(len(ids), bool))

    def inspected(self) -> Inspected:
        """Returns handed in two days ago or earlier."""
        out, kept = [], []
        for batch in self._returns:
            due = batch.minute + _INSPECTION_MINUTES
            gone = due < self.now
            out.append((batch.order_id[gone], batch.row[gone], due[gone]))
            if not gone.all():
                kept.append(Parcels(*(c[~gone] for c in batch)))
        self._returns = kept
        ids, rows, minutes = (
            np.concatenate([_EMPTY, *c]) for c in (zip(*out, strict=True) if out else ((), (), ()))
        )
        return Inspected(ids, rows, minutes, np.ones(len(ids), bool))

    def capacity_orders_per_day(self) -> float:
        """No limit."""
        return float("inf")

    def wages_per_day(self) -> int:
        """Nobody is paid."""
        return 0

    def stock_on_hand(self) -> tuple[int, int]:
        """No stock is kept."""
        return 0, 0

    def goods_fen(self) -> int | None:
        """Goods are conjured up, so there is nothing to balance."""
        return None

    def shock_riders(self, share: float) -> None:
        """Nothing to fall short of."""

    def shock_suppliers(self, share: float) -> None:
        """Goods need no suppliers."""

    def reconfigure(self, params: LogisticsParams, returns: object, supply: object) -> None:
        """Promises may change; nothing else exists."""
        self.hours = class_hours(params)

    def state(self) -> dict[str, np.ndarray]:
        """Nothing is kept between days but parcels, which the caller submits again."""
        return {}

    def restore(self, state: dict[str, np.ndarray]) -> None:
        """Nothing to take up."""

    def close_day(self, day: int) -> dict[str, int]:
        """No bill."""
        return {}
