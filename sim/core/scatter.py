"""Sums into rows of a column."""

from __future__ import annotations

import numpy as np

from sim.core.jit import njit


@njit(cache=True)
def add_at(column: np.ndarray, rows: np.ndarray, amounts: np.ndarray) -> None:
    """Add each amount to its row, one after another, whatever their types.

    It is ``np.add.at``, which takes some seventy times as long where the types of column and amounts differ.

    Parameters
    ----------
    column : number array [n]
        Changed in place.
    rows : int array [k]
        In any order, several times or not.
    amounts : number array [k]
    """
    for k in range(rows.shape[0]):
        column[rows[k]] += amounts[k]


@njit(cache=True)
def add_one_at(column: np.ndarray, rows: np.ndarray) -> None:
    """Count each row once more for every time that it is named; see :func:`add_at`."""
    for k in range(rows.shape[0]):
        column[rows[k]] += 1
