"""Points that people hold: an older and a newer balance each, in whole fen of worth.

What is earned is new. When a period ends the older balance expires and the newer one becomes the older, so
that a point lives one period to two. What is used, or taken back, comes off the older one first.
"""

from __future__ import annotations

import numpy as np


def take(old: np.ndarray, new: np.ndarray, seats: np.ndarray, fen: np.ndarray) -> np.ndarray:
    """Take points away, older ones first, as far as there are any.

    Parameters
    ----------
    old, new : int64[n]
        Balances of everybody, changed in place.
    seats : int64[k]
        From whom, each at most once.
    fen : int64[k]
        How many.

    Returns
    -------
    int64[k]
        How many were there to be taken.
    """
    from_old = np.minimum(old[seats], fen)
    from_new = np.minimum(new[seats], fen - from_old)
    old[seats] -= from_old
    new[seats] -= from_new
    taken: np.ndarray = from_old + from_new
    return taken


def turn(old: np.ndarray, new: np.ndarray) -> np.ndarray:
    """End a period: int64[n], what expired of each."""
    expired: np.ndarray = old.copy()
    old[:] = new
    new[:] = 0
    return expired


def together(seats: np.ndarray, fen: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Sums by seat: seats, each once and sorted, and int64 fen of each."""
    where, back = np.unique(seats, return_inverse=True)
    total = np.zeros(len(where), np.int64)
    np.add.at(total, back, fen)
    return where, total
