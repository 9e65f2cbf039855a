"""Fulfilment without limits: every order is handed over exactly when promised.

It stands in for the network when logistics is switched off, so that demand can be studied
(and checked against references) with fulfilment held still.
"""

from __future__ import annotations

import numpy as np

from sim.logistics.network import class_hours
from sim.logistics.params import LogisticsParams
from sim.world.fulfilment import ENDLESS, Delivered, Inspected, Parcels

#: Class offered to each layer: none, next day, one hour, two hours.
_CLASS = np.array([-1, 3, 1, 2], np.int8)
_INSPECTION_MINUTES = 2 * 1440


def _nothing() -> Parcels:
    """No parcels."""
    return Parcels(*(np.zeros(0, np.int64) for _ in Parcels._fields))


def _joined(first: Parcels, then: Parcels) -> Parcels:
    """Parcels of both, in this order."""
    return Parcels(*(np.concatenate(pair) for pair in zip(first, then, strict=True)))


def _those(parcels: Parcels, chosen: np.ndarray) -> Parcels:
    """The chosen ones of some parcels."""
    return Parcels(*(column[chosen] for column in parcels))


class Unlimited:
    """Implements :class:`sim.world.fulfilment.LogisticsEngine` with no queue, no stock limit and no cost."""

    def __init__(self, params: LogisticsParams, layer: np.ndarray, start_minute: int) -> None:
        self.layer = np.asarray(layer, np.int64)
        self._promise(params)
        self.further = np.zeros(len(self.layer))
        self.now = start_minute
        self._parcels = _nothing()
        #: Which of them have not been cancelled.
        self._there = np.zeros(0, bool)
        self._returns = _nothing()

    @property
    def n_zones(self) -> int:
        """One zone is everywhere."""
        return 1

    def people_below(self) -> np.ndarray:
        """Nothing: there is one zone."""
        return np.zeros(0)

    def quote_hours(self) -> np.ndarray:
        """float64[n_products, 1]: the class's standard promise."""
        return np.asarray(self._wait + self.further[:, None], np.float64)

    def service(self) -> np.ndarray:
        """int8[n_products, 1]."""
        return self._service.copy()

    def promised_service(self, product: np.ndarray, zone: np.ndarray, node: np.ndarray) -> np.ndarray:
        """int8[n]: the class of each product."""
        return _CLASS[self.layer[product]]

    def promised_hours(self, product: np.ndarray, zone: np.ndarray, node: np.ndarray) -> np.ndarray:
        """float64[n]: its standard promise."""
        hours: np.ndarray = self.hours[self.promised_service(product, zone, node)] + self.further[product]
        return hours

    def reserve(self, product: np.ndarray, zone: np.ndarray, quantity: np.ndarray) -> np.ndarray:
        """Everything is always there."""
        return np.zeros(len(product), np.int32)

    def submit(self, parcels: Parcels) -> None:
        """Accept parcels; each will arrive when its class promises."""
        if len(parcels.row):
            self._parcels = _joined(self._parcels, parcels)
            self._there = np.append(self._there, np.ones(len(parcels.row), bool))

    def cancel(self, order_id: np.ndarray) -> np.ndarray:
        """Granted while the parcel has not arrived."""
        granted = np.zeros(len(order_id), bool)
        for k, one in enumerate(order_id):
            at = np.flatnonzero(self._parcels.order_id == one)
            due = self._due(self._parcels.minute[at], self._parcels.service[at])
            at = at[self._there[at] & (due >= self.now)]
            granted[k] = len(at) > 0
            self._there[at] = False
        return granted

    def take_back(self, parcels: Parcels) -> None:
        """Returns are inspected two days later and can all be sold again."""
        if len(parcels.row):
            self._returns = _joined(self._returns, parcels)

    def run_until(self, minute: int) -> None:
        """Move the clock."""
        self.now = minute

    def _due(self, minute: np.ndarray, service: np.ndarray) -> np.ndarray:
        return minute + np.ceil(self.hours[service] * 60.0).astype(np.int64)

    def delivered(self) -> Delivered:
        """Parcels whose promise has come due."""
        held = self._parcels
        due = self._due(held.minute, held.service)
        gone, kept = self._there & (due < self.now), self._there & (due >= self.now)
        if not kept.all():
            self._parcels, self._there = _those(held, kept), np.ones(int(kept.sum()), bool)
        return Delivered(held.order_id[gone], held.row[gone], due[gone], np.zeros(int(gone.sum()), bool))

    def inspected(self) -> Inspected:
        """Returns handed in two days ago or earlier."""
        held, due = self._returns, self._returns.minute + _INSPECTION_MINUTES
        gone = due < self.now
        if gone.any():
            self._returns = _those(held, ~gone)
        return Inspected(held.order_id[gone], held.row[gone], due[gone], np.ones(int(gone.sum()), bool))

    def capacity_orders_per_day(self) -> float:
        """No limit."""
        return float("inf")

    def wages_per_day(self) -> int:
        """Nobody is paid."""
        return 0

    def stock_on_hand(self) -> tuple[int, int]:
        """No stock is kept."""
        return 0, 0

    def on_shelves(self) -> np.ndarray:
        """Nothing runs out."""
        return np.full(len(self.layer), ENDLESS)

    def for_sale(self) -> np.ndarray:
        """Nothing runs out."""
        return np.full((len(self.layer), 1), ENDLESS)

    def bring(self, product: np.ndarray, quantity: np.ndarray, days: np.ndarray) -> None:
        """Goods are conjured up anyway."""

    def expect(self, ratio: np.ndarray) -> None:
        """Everything is there anyway."""

    def lengthen(self, hours: np.ndarray) -> None:
        """Promises are longer; the way before the region's own is somebody else's."""
        self.further = np.asarray(hours, np.float64)

    def goods_fen(self) -> int | None:
        """Goods are conjured up, so there is nothing to balance."""
        return None

    def shock_riders(self, share: float) -> None:
        """Nothing to fall short of."""

    def shock_suppliers(self, share: float) -> None:
        """Goods need no suppliers."""

    def hasten_suppliers(self, haste: float) -> None:
        """Nor any that hurry."""

    def reconfigure(self, params: LogisticsParams, returns: object, supply: object) -> None:
        """Promises may change; nothing else exists."""
        self._promise(params)

    def _promise(self, params: LogisticsParams) -> None:
        """Keep what is quoted: hours of each class, and each product's hours and class."""
        self.hours = class_hours(params)
        self._service = _CLASS[self.layer][:, None]
        self._wait = np.where(self._service < 0, np.inf, self.hours[self._service]).astype(np.float64)

    def state(self) -> dict[str, np.ndarray]:
        """Nothing is kept between days but parcels, which the caller submits again."""
        return {}

    def restore(self, state: dict[str, np.ndarray]) -> None:
        """Nothing to take up."""

    def close_day(self, day: int) -> dict[str, int]:
        """No bill."""
        return {}
