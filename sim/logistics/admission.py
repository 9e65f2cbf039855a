"""The entrance: parcels with reserved goods become rows, each with its wave.

Rows are filled in the order of node, minute and order id, never in the order of arrival of the
call, and each parcel takes the oldest goods set aside for its product at its node.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from sim.core.errors import ConservationError, RunError
from sim.core.jit import njit
from sim.core.lookup import distinct
from sim.logistics import parcels as col
from sim.logistics.bags import arrange
from sim.logistics.lots import take_lots
from sim.logistics.parcels import ParcelTable
from sim.world.fulfilment import Parcels

#: Columns of the parcel table in the order of the fields of :class:`Parcels`.
PARCEL_COLUMNS = (col.ORDER, col.ROW, col.MINUTE, col.PRODUCT, col.ZONE, col.NODE, col.QUANTITY, col.SERVICE)


#: Places of node, minute and order id among the fields of :class:`Parcels`.
_ENTRY = (5, 2, 0)


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


@njit(inline="always")
def _wave_after(tick, node, waves, day):
    """Tick of the next pick wave: fronts wait for opening, the regional centre works all day."""
    if node == 0:
        return (tick // waves[1] + 1) * waves[1]
    of_day = tick % day
    if of_day < waves[2]:
        return tick - of_day + waves[2]
    return (tick // waves[0] + 1) * waves[0]


@njit(cache=True)
def fill(table, rows, lines, shelves, clock):
    """Write rows of parcels in the order of node, minute and order id.

    Parameters
    ----------
    table : tuple (data, life, volume)
        The parcel table.
    rows : int64[n]
        Free rows.
    lines : int64[n, 8]
        The fields of :class:`Parcels`, one line a parcel.
    shelves : tuple
        Fields of :class:`Shelves`.
    clock : tuple (waves : int64[3], ticks of a minute, ticks of a day)

    Returns
    -------
    int
        Line of the first parcel that finds no goods set aside, or -1.
    """
    (data, life, volume), (waves, ticks, day), on = table, clock, Shelves(*shelves)
    order = np.arange(rows.shape[0])
    arrange(lines, order, _ENTRY)
    for i in range(rows.shape[0]):
        k, r = order[i], rows[i]
        data[r, :] = col.NEVER
        for field in range(len(PARCEL_COLUMNS)):
            data[r, PARCEL_COLUMNS[field]] = lines[k, field]
        p, node, quantity = data[r, col.PRODUCT], data[r, col.NODE], data[r, col.QUANTITY]
        data[r, col.LAYER] = on.layer[p]
        data[r, col.KIND] = col.DELIVERY
        data[r, col.STATE] = col.AT_NODE
        data[r, col.REPORTED] = 0
        age = take_lots(on.aside[node, p], quantity)
        if age < 0:
            return k
        on.assigned[node, p] += quantity
        data[r, col.AGE] = age
        left = on.shelf_life_days[p] - age * on.step_days[p]
        life[r] = min(on.bears[on.layer[p]], max(0.0, left))
        volume[r] = on.volume[p] * quantity
        tick = data[r, col.MINUTE] * ticks
        data[r, col.ACCEPT] = tick
        data[r, col.WAVE] = _wave_after(tick, node, waves, day)
    return np.int64(-1)


def lines_of(parcels: Parcels) -> np.ndarray:
    """int64[n, 8]: the fields of parcels, one line each."""
    lines = np.empty((len(parcels.order_id), len(parcels)), np.int64)
    for field, values in enumerate(parcels):
        lines[:, field] = values
    return lines


def nothing_set_aside(line: np.ndarray) -> ConservationError:
    """Names the node and product of a parcel that finds no goods."""
    return ConservationError(
        f"parcels: node {line[5]}, product {line[3]}: a parcel of {line[6]} units was handed in, but "
        "fewer are set aside"
    )


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


class Waiting:
    """Where orders' parcels wait at their nodes: sorted once a batch, however often orders are asked for.

    Parcels come to a node only when they are handed in; whoever hands in parcels says so (:meth:`forget`).
    """

    def __init__(self) -> None:
        self._ids: np.ndarray | None = None
        self._rows = np.zeros(0, np.int64)

    def forget(self) -> None:
        """Further parcels were handed in."""
        self._ids = None

    def find(self, data: np.ndarray, order_id: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Rows of those orders whose parcels have not left their node, and bool[n] which they are."""
        if self._ids is None:
            here = np.flatnonzero(data[:, col.STATE] == col.AT_NODE)
            self._rows = here[np.argsort(data[here, col.ORDER])]
            self._ids = data[self._rows, col.ORDER]
        rows, found = _among(self._ids, self._rows, data, order_id)
        return rows if len(rows) < 2 else distinct(rows), found


@njit(cache=True)
def _among(ids, rows, data, order_id):
    """Rows of orders that still wait, and which they are; ``rows`` are those of ``ids``, which ascend."""
    found, kept = np.zeros(order_id.shape[0], np.bool_), np.empty(order_id.shape[0], np.int64)
    n = 0
    for k in range(order_id.shape[0]):
        at = np.searchsorted(ids, order_id[k])
        if at == ids.shape[0] or ids[at] != order_id[k]:
            continue
        row = rows[at]
        if data[row, col.ORDER] == order_id[k] and data[row, col.STATE] == col.AT_NODE:
            found[k] = True
            kept[n] = row
            n += 1
    return kept[:n], found


@njit(cache=True)
def call_off(data, rows, now):
    """Parcels that waited at their node are cancelled at tick ``now``."""
    for r in rows:
        data[r, col.STATE] = col.CANCELLED
        data[r, col.END] = max(now, data[r, col.ACCEPT])
        if data[r, col.READY] > now:
            data[r, col.READY] = col.NEVER


def check_minutes(parcels: Parcels, now: int, ticks_per_minute: int) -> None:
    """Raise if a parcel is handed in for a time that has passed.

    Raises
    ------
    RunError
        Naming the minute and the clock.
    """
    earliest = int(parcels.minute.min())
    if earliest * ticks_per_minute < now:
        raise RunError(
            f"logistics: a parcel's minute must not lie before the clock ({earliest} < "
            f"{now // ticks_per_minute}); hand it in with a later minute"
        )
