"""Time lines and places: each parcel's marks ascend, and it lies where its marks say it is.

Little's law holds for any marks, even impossible ones, because both of its sides are read from
them. These two checks are what makes the marks themselves trustworthy: their order is that of the
way through the network, and the bags in which SimPy's events keep parcels are a second witness.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sim.core.errors import ConservationError
from sim.core.jit import njit
from sim.logistics import parcels as col

#: Marks of a delivery in the order of its way, and their names in messages.
WAY = tuple(range(col.ACCEPT, col.END + 1))
MARK_NAMES = (
    "accepted",
    "wave",
    "picked",
    "departed",
    "arrived",
    "sorted",
    "ride",
    "back",
    "second ride",
    "end",
)
#: Where a parcel can be kept: nowhere (on a ride, or finished), or in one of the flow's four kinds of bag.
NOWHERE, WAVE_BAG, DOCK, SHELF, RETURNED = range(5)
PLACE_NAMES = (
    "on the road or finished",
    "in a pick wave",
    "at the dock",
    "waiting for a rider",
    "coming back",
)


@njit(cache=True)
def disordered(data, rows):
    """First of ``rows`` whose marks cannot have happened so, or -1.

    Marks that are known must not descend; a later mark needs the earlier ones of its way
    (a front warehouse's parcels take no truck; a cancelled parcel may end anywhere at its node).
    """
    for i in range(rows.shape[0]):
        r = rows[i]
        if data[r, col.KIND] != col.DELIVERY:
            continue
        last = data[r, col.ACCEPT]
        for mark in range(col.WAVE, col.END + 1):
            if data[r, mark] == col.NEVER:
                continue
            # a wave still to come is no event: whoever cancels before it never reaches it
            if mark == col.WAVE and data[r, col.STATE] == col.CANCELLED and data[r, col.END] < data[r, mark]:
                continue
            if data[r, mark] < last:
                return r
            last = data[r, mark]
        ridden = data[r, col.START] != col.NEVER
        front = data[r, col.NODE] > 0
        if ridden and (data[r, col.READY] == col.NEVER or (not front and data[r, col.SORTED] == col.NEVER)):
            return r
        if not front and data[r, col.SORTED] != col.NEVER and data[r, col.DEPART] == col.NEVER:
            return r
        if data[r, col.DEPART] != col.NEVER and (front or data[r, col.READY] == col.NEVER):
            return r
        if data[r, col.STATE] == col.DONE and not ridden:
            return r
        if data[r, col.AGAIN] != col.NEVER and data[r, col.BACK] == col.NEVER:
            return r
    return -1


def check_time_lines(data: np.ndarray, rows: np.ndarray) -> None:
    """Raise unless every delivery's marks ascend.

    Raises
    ------
    ConservationError
        Naming the order and its marks, in ticks.
    """
    row = int(disordered(data, rows))
    if row < 0:
        return
    marks = ", ".join(
        f"{name} {data[row, mark]}"
        for name, mark in zip(MARK_NAMES, WAY, strict=True)
        if data[row, mark] != col.NEVER
    )
    raise ConservationError(f"parcels: order {data[row, col.ORDER]}: its marks are out of order ({marks})")


def places_by_marks(data: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """int8[n]: the place at which each row's state and marks put it."""
    state, kind = data[rows, col.STATE], data[rows, col.KIND]
    ridden, ready = data[rows, col.START] != col.NEVER, data[rows, col.READY] != col.NEVER
    at_node = np.where(~ready, WAVE_BAG, np.where(data[rows, col.NODE] > 0, SHELF, DOCK))
    out = np.where(state == col.AT_NODE, at_node, NOWHERE)
    moving = state == col.MOVING
    out = np.where(moving & (kind == col.DELIVERY), SHELF, out)
    out = np.where(moving & (kind == col.PICKUP), np.where(ridden, RETURNED, SHELF), out)
    return out.astype(np.int8)


def check_places(data: np.ndarray, rows: np.ndarray, bags: Sequence[Sequence[np.ndarray]]) -> None:
    """Raise unless each parcel lies in exactly the bag that its marks say, and in no other.

    Parameters
    ----------
    data, rows
        The parcel table and the rows in use.
    bags : four lists of row arrays
        What waits for a wave, a truck, a rider and the truck back (:meth:`Flow.waiting`).

    Raises
    ------
    ConservationError
        Naming the order and both places.
    """
    found = np.zeros(len(data), np.int64)
    times = np.zeros(len(data), np.int64)
    for place, held in enumerate(bags, start=WAVE_BAG):
        if held:
            inside = np.concatenate(held)
            found[inside] = place
            np.add.at(times, inside, 1)
    alive = rows[data[rows, col.STATE] != col.CANCELLED]
    expected = places_by_marks(data, alive)
    wrong = alive[(found[alive] != expected) | (times[alive] != (expected != NOWHERE))]
    if len(wrong):
        row = wrong[0]
        raise ConservationError(
            f"parcels: order {data[row, col.ORDER]} lies {PLACE_NAMES[found[row]]} ({times[row]} times), "
            f"but its marks say {PLACE_NAMES[places_by_marks(data, wrong[:1])[0]]}"
        )
