"""Rows of ids in long tables, distinct ids and the first few of many, without sorting all of them."""

from __future__ import annotations

import numpy as np

from sim.core.jit import njit


def rows_of(ids: np.ndarray, asked: np.ndarray) -> np.ndarray:
    """int64[k]: last row of each of some ids in a table; -1 of one that is not there.

    Parameters
    ----------
    ids : int64[n]
        The table's ids, in the order in which rows were added.
    asked : int64[k]
        In any order, several times or not.
    """
    if not len(asked):
        return np.zeros(0, np.int64)
    wanted, at = np.unique(asked, return_inverse=True)
    rows: np.ndarray = _latest(ids, wanted)[at]
    return rows


@njit(cache=True)
def _latest(ids: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """int64[k]: last row of each of ``wanted``, sorted and distinct; from the end, as most are of late."""
    rows, left = np.full(wanted.shape[0], -1), wanted.shape[0]
    low, high = wanted[0], wanted[-1]
    for row in range(ids.shape[0] - 1, -1, -1):
        if left == 0:
            break
        if ids[row] < low or ids[row] > high:
            continue
        k = np.searchsorted(wanted, ids[row])
        if wanted[k] == ids[row] and rows[k] < 0:
            rows[k] = row
            left -= 1
    return rows


def distinct(ids: np.ndarray) -> np.ndarray:
    """[k]: the distinct ones of some ids, in their order: ``np.unique``, which counts them by hashing.

    Sorting tens of thousands of whole numbers takes a tenth of that.

    Parameters
    ----------
    ids : whole numbers [n]
    """
    ordered = np.sort(ids)
    if len(ordered) < 2:
        return ordered
    new = np.empty(len(ordered), np.bool_)
    new[0] = True
    np.not_equal(ordered[1:], ordered[:-1], out=new[1:])
    return ordered[new]


def first_by(number: int, score: np.ndarray, ids: np.ndarray) -> np.ndarray:
    """int64[min(number, n)]: the lowest scores, the lowest first; ids decide between equal ones.

    It is ``np.lexsort((ids, score))[:number]``.

    Parameters
    ----------
    number : int
        At least 0.
    score : array [n]
        Without nan.
    ids : int64[n]
    """
    if 2 * number >= len(score):
        return np.lexsort((ids, score))[:number]
    if number == 0:
        return np.zeros(0, np.int64)
    among = np.flatnonzero(score <= np.partition(score, number - 1)[number - 1])
    return among[np.lexsort((ids[among], score[among]))[:number]]
