"""The exits: parcels handed over and returns inspected, as the market is told of them."""

from __future__ import annotations

import numpy as np

from sim.core.jit import njit
from sim.logistics import parcels as col


@njit(cache=True)
def report(data, rows, ticks):
    """Mark parcels that have ended as reported.

    Parameters
    ----------
    data, rows
        The parcel table and the rows that have ended.
    ticks : int
        Ticks of a minute.

    Returns
    -------
    told : int64[3, n]
        Order id, row of the orders' table, and minute of the end.
    spoiled : bool[n]
        Spoiled, or scrapped if it was a return.
    """
    told, spoiled = np.empty((3, rows.shape[0]), np.int64), np.empty(rows.shape[0], np.bool_)
    for i in range(rows.shape[0]):
        r = rows[i]
        data[r, col.REPORTED] = 1
        told[0, i], told[1, i] = data[r, col.ORDER], data[r, col.ROW]
        told[2, i] = data[r, col.END] // ticks
        spoiled[i] = data[r, col.SPOILED] == 1
    return told, spoiled


@njit(cache=True)
def hand_over(data, rows, delivered, unit_cost_fen):
    """Book the units of parcels handed over; cost value in fen of those that arrived spoiled."""
    lost = np.int64(0)
    for r in rows:
        product, units = data[r, col.PRODUCT], data[r, col.QUANTITY]
        delivered[product] += units
        if data[r, col.SPOILED] == 1:
            lost += units * unit_cost_fen[product]
    return lost
