"""Where each person sits: a hash table from stable ids to seats, kept up as people come and leave.

Half a per cent of the seats change hands in a day, so sorting all ids anew each day would cost a
hundred times what has changed. Open addressing with linear probing; who leaves is struck out,
and the table is built again when too little of it is free.
"""

from __future__ import annotations

import numpy as np

from sim.core.errors import ConservationError
from sim.core.jit import njit
from sim.core.rng import mix

_FREE, _STRUCK = -1, -2
#: Share of the table that may be taken, struck places included, before it is built again.
_MOST_TAKEN = 0.6


@njit(cache=True)
def _put(keys: np.ndarray, seats: np.ndarray, ids: np.ndarray, where: np.ndarray) -> int:
    """Enter people; returns how many were there already."""
    mask = np.uint64(keys.shape[0] - 1)
    twice = 0
    for k in range(ids.shape[0]):
        at = mix(np.uint64(ids[k])) & mask
        while keys[at] != _FREE and keys[at] != ids[k]:
            at = (at + np.uint64(1)) & mask
        twice += keys[at] == ids[k]
        keys[at] = ids[k]
        seats[at] = where[k]
    return twice


@njit(cache=True)
def _strike(keys: np.ndarray, seats: np.ndarray, ids: np.ndarray) -> None:
    mask = np.uint64(keys.shape[0] - 1)
    for k in range(ids.shape[0]):
        at = mix(np.uint64(ids[k])) & mask
        while keys[at] != _FREE and keys[at] != ids[k]:
            at = (at + np.uint64(1)) & mask
        if keys[at] == ids[k]:
            keys[at] = _STRUCK
            seats[at] = -1


@njit(cache=True)
def _look_up(keys: np.ndarray, seats: np.ndarray, ids: np.ndarray) -> np.ndarray:
    out = np.full(ids.shape[0], -1, np.int64)
    mask = np.uint64(keys.shape[0] - 1)
    for k in range(ids.shape[0]):
        if ids[k] < 0:  # nobody; negative keys mark free and struck places
            continue
        at = mix(np.uint64(ids[k])) & mask
        while keys[at] != _FREE and keys[at] != ids[k]:
            at = (at + np.uint64(1)) & mask
        if keys[at] == ids[k]:
            out[k] = seats[at]
    return out


class SeatIndex:
    """Seats by stable id.

    Parameters
    ----------
    ids : int64[n]
        Stable id of the person on each seat, 0 or above.
    """

    def __init__(self, ids: np.ndarray) -> None:
        self._build(ids)

    def _build(self, ids: np.ndarray) -> None:
        size = 1 << int(2.5 * max(8, len(ids))).bit_length()
        self._keys, self._seats = np.full(size, _FREE, np.int64), np.full(size, -1, np.int32)
        self._ids = ids.copy()
        self._taken = len(ids)
        self.twice = int(_put(self._keys, self._seats, self._ids, np.arange(len(ids))))

    def seats_of(self, persons: np.ndarray) -> np.ndarray:
        """int64[k]: seat of each person; -1 for whoever is not present."""
        found: np.ndarray = _look_up(self._keys, self._seats, np.ascontiguousarray(persons, np.int64))
        return found

    def follow(self, ids: np.ndarray) -> None:
        """Take over who sits where by now.

        Parameters
        ----------
        ids : int64[n]
            As of the constructor; only seats that changed hands cost more than a comparison.
        """
        changed = np.flatnonzero(ids != self._ids)
        if not len(changed):
            return
        if self._taken + len(changed) > _MOST_TAKEN * len(self._keys):
            self._build(ids)
            return
        old, new = self._ids[changed], ids[changed]
        _strike(self._keys, self._seats, old)
        self.twice += int(_put(self._keys, self._seats, new, changed))
        self._ids[changed] = new
        self._taken += len(changed)

    def check(self, day: int) -> None:
        """Raise if somebody has been found on two seats.

        Raises
        ------
        ConservationError
            Naming the day.
        """
        if self.twice:
            raise ConservationError(f"people, day {day}: two seats hold the same person")
