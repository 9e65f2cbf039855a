"""The contract between a market and whatever delivers its goods: parcels in, hand-overs and returns out."""

from __future__ import annotations

from typing import Any, NamedTuple, Protocol

import numpy as np

#: Node of the regional centre, and the first class of service that is served from it (next day).
REGIONAL, NEXT_DAY = 0, 3
#: In place of a node: goods that are made to order and are not in the region yet (-1 are digital goods).
COMING = -2
#: Units on a shelf that never empties.
ENDLESS = 1 << 40


class Parcels(NamedTuple):
    """Parcels handed to logistics, one row each.

    order_id : int64[n], identity for draws; row : int64[n], the orders table's row, returned
    untouched; minute : int64[n], absolute minute of acceptance; product, zone, node :
    int32[n]; quantity : int32[n]; service : int8[n].
    """

    order_id: np.ndarray
    row: np.ndarray
    minute: np.ndarray
    product: np.ndarray
    zone: np.ndarray
    node: np.ndarray
    quantity: np.ndarray
    service: np.ndarray


class Delivered(NamedTuple):
    """Parcels handed over: order_id, row (int64[n]), minute (absolute, int64[n]), spoiled (bool[n])."""

    order_id: np.ndarray
    row: np.ndarray
    minute: np.ndarray
    spoiled: np.ndarray


class Inspected(NamedTuple):
    """Returned parcels inspected: order_id, row, minute (int64[n]); restocked (bool[n])."""

    order_id: np.ndarray
    row: np.ndarray
    minute: np.ndarray
    restocked: np.ndarray


class LogisticsEngine(Protocol):
    """What a day needs from fulfilment. Zones and products are numbered from 0."""

    @property
    def n_zones(self) -> int:
        """Number of delivery zones."""

    def people_below(self) -> np.ndarray:
        """float64[n_zones]: share of people in a zone and those before it; empty where zones are alike."""

    def reconfigure(self, params: Any, returns: Any, supply: Any) -> None:
        """Switch to a strategy's capacities, promises and policies; queues and stock stay."""

    def quote_hours(self) -> np.ndarray:
        """float64[n_products, n_zones]: hours promised to an order placed now; inf = not offered."""

    def service(self) -> np.ndarray:
        """int8[n_products, n_zones]: service class offered (index into the service table), -1 = none."""

    def reserve(self, product: np.ndarray, zone: np.ndarray, quantity: np.ndarray) -> np.ndarray:
        """int32[n] node that sets the goods aside for each row, in row order; -1 = out of stock."""

    def submit(self, parcels: Parcels) -> None:
        """Accept parcels whose goods are reserved; minutes must not lie before the engine's clock."""

    def cancel(self, order_id: np.ndarray) -> np.ndarray:
        """bool[n]: True where the parcel had not left its node; its goods are released."""

    def take_back(self, parcels: Parcels) -> None:
        """Accept return requests (pickup at the customer's zone)."""

    def run_until(self, minute: int) -> None:
        """Run SimPy up to (not including) absolute ``minute`` and assert its clock."""

    def delivered(self) -> Delivered:
        """Parcels handed over since the last call."""

    def inspected(self) -> Inspected:
        """Returns inspected since the last call."""

    def capacity_orders_per_day(self) -> float:
        """Orders a day that delivery can carry at present."""

    def wages_per_day(self) -> int:
        """Fen a day that the planned rider shifts cost."""

    def stock_on_hand(self) -> tuple[int, int]:
        """Units on the shelves of all nodes, and their cost in fen."""

    def on_shelves(self) -> np.ndarray:
        """int64[n_products]: units on the shelves of all nodes; ``ENDLESS`` where nothing runs out."""

    def for_sale(self) -> np.ndarray:
        """int64[n_products, n_zones]: units of which one order from a zone could be given the most now."""

    def bring(self, product: np.ndarray, quantity: np.ndarray, days: np.ndarray) -> None:
        """Goods made to order, ``days`` (float64[n]) old, reach the regional centre: set them aside."""

    def expect(self, ratio: np.ndarray) -> None:
        """Order for demand that is this much higher (float64[n_products], 1 = usual) at the next midnight."""

    def lengthen(self, hours: np.ndarray) -> None:
        """From now on promises are longer (float64[n_products], hours), for a way before the region's own."""

    def goods_fen(self) -> int | None:
        """Cost in fen of every unit owned, which the ledger's inventory must equal; None = not kept."""

    def shock_riders(self, share: float) -> None:
        """From now on a share (0..1) of rider time is missing."""

    def shock_suppliers(self, share: float) -> None:
        """From now on a share (0..1) of deliveries from suppliers is late beyond the usual."""

    def hasten_suppliers(self, haste: float) -> None:
        """From now on suppliers' lead is divided by one plus ``haste`` (0 = as usual)."""

    def state(self) -> dict[str, np.ndarray]:
        """Stock and goods on order, for a snapshot."""

    def restore(self, state: dict[str, np.ndarray]) -> None:
        """Take up the state of :meth:`state`, before any parcel is submitted."""

    def close_day(self, day: int) -> dict[str, int]:
        """Replenish, age and discard stock, check parcels and goods; costs of the day in fen by account."""
