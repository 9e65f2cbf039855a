"""Parcels as rows of one integer table: who they are, what they hold and when each thing happened.

A parcel carries its whole time line, so that waiting times, Little's law, temperature
exposure and the promise kept can all be read from the same row. Rows are reused once a
parcel's day is closed; nothing depends on a row's number.
"""

from __future__ import annotations

import numpy as np

(
    ORDER,
    ROW,
    MINUTE,
    PRODUCT,
    ZONE,
    NODE,
    QUANTITY,
    SERVICE,
    LAYER,
    KIND,
    STATE,
    AGE,
    OPEN,
    SPOILED,
    REPORTED,
    ACCEPT,
    WAVE,
    READY,
    DEPART,
    ARRIVE,
    SORTED,
    START,
    BACK,
    AGAIN,
    END,
    NEXT,
    DUE,
) = range(27)
COLUMNS = 27

#: KIND: a delivery to the customer or a pickup from one.
DELIVERY, PICKUP = 0, 1
#: STATE: free row; goods still at their node; under way; handed over (END says when); cancelled.
FREE, AT_NODE, MOVING, DONE, CANCELLED = range(5)
#: Time-line entry that has not happened.
NEVER = -1

#: Stages between consecutive entries of the time line, as (name, entry, exit candidates in order).
STAGES = ("wave", "pick", "truck_wait", "truck", "sort", "rider_wait", "ride", "second_wait", "second_ride")


class ParcelTable:
    """Growable parcel rows with reuse.

    Attributes
    ----------
    data : int64[capacity, COLUMNS]
        One row a parcel; column numbers are this module's constants. Times are ticks; OPEN is
        ticks at outdoor air; AGE is the shelf age step of the oldest unit; NEXT links the list in
        which the parcel waits, and DUE is the tick at which it leaves a bag.
    life : float64[capacity]
        Remaining shelf life at the node's temperature when the goods were set aside, days.
    volume : float64[capacity]
        Litres.
    """

    def __init__(self, capacity: int = 1024) -> None:
        self.data = np.zeros((capacity, COLUMNS), np.int64)
        self.life = np.zeros(capacity)
        self.volume = np.zeros(capacity)
        self._free = np.arange(capacity - 1, -1, -1, dtype=np.int64)
        self._top = capacity

    @property
    def used(self) -> int:
        """Number of rows in use."""
        return len(self.data) - self._top

    def take(self, n: int) -> np.ndarray:
        """Row numbers int64[n] of ``n`` free rows."""
        while self._top < n:
            self._grow()
        self._top -= n
        return self._free[self._top : self._top + n].copy()

    def give_back(self, rows: np.ndarray) -> None:
        """Free ``rows``."""
        self.data[rows, STATE] = FREE
        self._free[self._top : self._top + len(rows)] = rows
        self._top += len(rows)

    def in_use(self) -> np.ndarray:
        """Row numbers in use, ascending."""
        return np.flatnonzero(self.data[:, STATE] != FREE)

    def _grow(self) -> None:
        old = len(self.data)
        data = np.zeros((2 * old, COLUMNS), np.int64)
        data[:old] = self.data
        self.data = data
        self.life = np.concatenate([self.life, np.zeros(old)])
        self.volume = np.concatenate([self.volume, np.zeros(old)])
        free = np.empty(2 * old, np.int64)
        free[: self._top] = self._free[: self._top]
        free[self._top : self._top + old] = np.arange(2 * old - 1, old - 1, -1)
        self._free = free
        self._top += old
