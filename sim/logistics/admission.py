"""The entrance: parcels with reserved goods become rows, each with its wave.

Rows are filled in the order of node, minute and order id, never in the order of arrival of the
call, and each parcel takes the oldest goods set aside for its product at its node.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from sim.core.errors import ConservationError, RunError
from sim.core.fields import fields_of
from sim.core.jit import njit
from sim.logistics import parcels as col
from sim.logistics.kernel_params import Settings
from sim.logistics.lots import take_lots
from sim.logistics.parcels import ParcelTable
from sim.logistics.stock import Stock
from sim.world.fulfilment import Parcels

#: Columns of the parcel table in the order of the fields of :class:`Parcels`.
PARCEL_COLUMNS = (col.ORDER, col.ROW, col.MINUTE, col.PRODUCT, col.ZONE, col.NODE, col.QUANTITY, col.SERVICE)


@njit(inline="always")
def _wave_after(tick, node, waves, day):
    """Tick of the next pick wave: fronts wait for opening, the regional centre works all day."""
    if node == 0:
        return (tick // waves[1] + 1) * waves[1]
    of_day = tick % day
    if of_day < waves[2]:
        return tick - of_day + waves[2]
    return (tick // waves[0] + 1) * waves[0]


class Shelves(NamedTuple):
    """Units set aside and assigned by node and product, and what the products are like.

    ``bears`` is the life that each temperature layer leaves a parcel, the rest is by product.
    """

    aside: np.ndarray
    assigned: np.ndarray
    layer: np.ndarray
    volume: np.ndarray
    shelf_life_days: np.ndarray
    step_days: np.ndarray
    bears: np.ndarray


@njit(cache=True)
def _fill(data, life, volume, rows, block, order, shelves, clock):
    """Write the rows of parcels; place in the block of the first that finds no goods set aside, or -1."""
    waves, ticks, day = clock
    aside, assigned, layer = shelves.aside, shelves.assigned, shelves.layer
    n = rows.shape[0]
    for i in range(n):
        k = order[i]
        r = rows[i]
        for column in range(col.COLUMNS):
            data[r, column] = col.NEVER
        data[r, col.ORDER] = block[0, k]
        data[r, col.ROW] = block[1, k]
        data[r, col.MINUTE] = block[2, k]
        p = block[3, k]
        node = block[5, k]
        data[r, col.PRODUCT] = p
        data[r, col.ZONE] = block[4, k]
        data[r, col.NODE] = node
        data[r, col.QUANTITY] = block[6, k]
        data[r, col.SERVICE] = block[7, k]
        data[r, col.LAYER] = layer[p]
        data[r, col.KIND] = col.DELIVERY
        data[r, col.STATE] = col.AT_NODE
        data[r, col.REPORTED] = 0
        age = take_lots(aside[node, p], block[6, k])
        if age < 0:
            return k
        assigned[node, p] += block[6, k]
        data[r, col.AGE] = age
        left = shelves.shelf_life_days[p] - age * shelves.step_days[p]
        life[r] = min(shelves.bears[layer[p]], max(0.0, left))
        volume[r] = shelves.volume[p] * block[6, k]
        tick = block[2, k] * ticks
        data[r, col.ACCEPT] = tick
        data[r, col.WAVE] = _wave_after(tick, node, waves, day)
    return np.int64(-1)


def admit(
    table: ParcelTable, parcels: Parcels, stock: Stock, settings: Settings, ticks_per_minute: int
) -> np.ndarray:
    """Make rows of parcels: int64[n], sorted by node, minute and order id.

    Raises
    ------
    ConservationError
        If no goods were set aside for a parcel; names product and node.
    """
    block = np.empty((8, len(parcels.order_id)), np.int64)
    for i, values in enumerate(parcels):
        block[i] = values
    order = np.lexsort((block[0], block[2], block[5]))
    rows = table.take(len(order))
    shelves = fields_of(Shelves, {"bears": settings.transit_life}, stock, stock.products)
    clock = (settings.waves, ticks_per_minute, settings.day)
    failed = _fill(table.data, table.life, table.volume, rows, block, order, shelves, clock)
    if failed >= 0:
        raise ConservationError(
            f"parcels: node {block[5, failed]}, product {block[3, failed]}: a parcel of "
            f"{block[6, failed]} units was handed in, but fewer are set aside"
        )
    return rows


def admit_returns(table: ParcelTable, parcels: Parcels, layer: np.ndarray) -> np.ndarray:
    """Make rows of return requests (pickups, under way from the start): int64[n]."""
    rows = table.take(len(parcels.order_id))
    data = table.data
    data[rows] = col.NEVER
    data[rows, col.KIND], data[rows, col.STATE] = col.PICKUP, col.MOVING
    for column, values in zip(PARCEL_COLUMNS, parcels, strict=True):
        data[rows, column] = values
    data[rows, col.LAYER] = layer[parcels.product]
    return rows


def find_waiting(data: np.ndarray, order_id: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Rows of those orders whose parcels have not left their node, and bool[n] which they are."""
    here = np.flatnonzero(data[:, col.STATE] == col.AT_NODE)
    if len(here) == 0 or len(order_id) == 0:
        return here[:0], np.zeros(len(order_id), bool)
    here = here[np.argsort(data[here, col.ORDER])]
    ids = data[here, col.ORDER]
    at = np.minimum(np.searchsorted(ids, order_id), len(ids) - 1)
    found = ids[at] == order_id
    return np.unique(here[at[found]]), found


def check_minutes(parcels: Parcels, now: int, ticks_per_minute: int) -> None:
    """Raise if a parcel is handed in for a time that has passed.

    Raises
    ------
    RunError
        Naming the minute and the clock.
    """
    earliest = int(np.min(parcels.minute))
    if earliest * ticks_per_minute < now:
        raise RunError(
            f"logistics: a parcel's minute must not lie before the clock ({earliest} < "
            f"{now // ticks_per_minute}); hand it in with a later minute"
        )
