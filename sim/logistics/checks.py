"""Checks of parcels at midnight: every unit belongs to a parcel, and Little's law holds to the tick."""

from __future__ import annotations

import numpy as np

from sim.core.errors import ConservationError
from sim.core.jit import njit
from sim.logistics import parcels as col


@njit(inline="always")
def _marks(data, r, marks):
    """Ten ascending ticks between which the nine stages lie; unknown future ones are far away."""
    far = np.int64(2**62)
    marks[0] = data[r, col.WAVE - 1]
    marks[1] = data[r, col.WAVE]
    marks[2] = data[r, col.READY] if data[r, col.READY] != col.NEVER else far
    front = data[r, col.NODE] > 0
    for k in range(3):
        at = data[r, col.DEPART + k]
        marks[3 + k] = marks[2] if front else (at if at != col.NEVER else far)
    marks[6] = data[r, col.START] if data[r, col.START] != col.NEVER else far
    done = data[r, col.END] if data[r, col.END] != col.NEVER else far
    marks[7] = data[r, col.BACK] if data[r, col.BACK] != col.NEVER else done
    marks[8] = (
        done
        if data[r, col.BACK] == col.NEVER
        else (data[r, col.AGAIN] if data[r, col.AGAIN] != col.NEVER else far)
    )
    marks[9] = done


@njit(cache=True)
def stage_times(data, rows, start, end):
    """Both sides of Little's law for each stage in the window [start, end), over deliveries.

    Returns
    -------
    int64[9, 5]
        Parcel-ticks summed over parcels (the W side); entries; exits; parcels inside just
        before ``end``; ticks to the window's end summed over entries minus exits (the L side,
        to which those inside at ``start`` add the whole window).

    Notes
    -----
    A cancelled parcel leaves its stage at END.
    """
    out = np.zeros((9, 5), np.int64)
    marks = np.empty(10, np.int64)
    for i in range(rows.shape[0]):
        r = rows[i]
        if data[r, col.KIND] != col.DELIVERY:
            continue
        _marks(data, r, marks)
        last = data[r, col.END] if data[r, col.END] != col.NEVER else np.int64(2**62)
        for k in range(9):
            a = min(marks[k], last)
            b = min(marks[k + 1], last)
            if b <= a:
                continue
            out[k, 0] += max(np.int64(0), min(b, end) - max(a, start))
            if start <= a < end:
                out[k, 1] += 1
                out[k, 4] += end - a
            if start <= b < end:
                out[k, 2] += 1
                out[k, 4] -= end - b
            out[k, 3] += 1 if a < end <= b else 0
    return out


def open_units(data: np.ndarray, rows: np.ndarray, assigned: np.ndarray) -> np.ndarray:
    """Units under way by product: int64[n_products]; parcels at their nodes must match the goods assigned.

    Parameters
    ----------
    data, rows
        The parcel table and the rows in use.
    assigned : int64[n_nodes, n_products]
        Units that the stock's books hold for parcels that have not left.

    Raises
    ------
    ConservationError
        Naming node, product and both counts.
    """
    nodes, n = assigned.shape
    deliveries = rows[data[rows, col.KIND] == col.DELIVERY]
    state = data[deliveries, col.STATE]
    here = deliveries[state == col.AT_NODE]
    cell = data[here, col.NODE] * n + data[here, col.PRODUCT]
    at_nodes = (
        np.bincount(cell, data[here, col.QUANTITY], minlength=nodes * n).astype(np.int64).reshape(nodes, n)
    )
    wrong = np.argwhere(at_nodes != assigned)
    if wrong.size:
        node, product = wrong[0]
        raise ConservationError(
            f"parcels: node {node}, product {product}: {at_nodes[node, product]} units belong to "
            f"waiting parcels, the books say {assigned[node, product]}"
        )
    away = deliveries[still_open(data, deliveries) & (state != col.AT_NODE)]
    return np.bincount(data[away, col.PRODUCT], data[away, col.QUANTITY], minlength=n).astype(np.int64)


def still_open(data: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """bool[n]: deliveries not yet reported as handed over."""
    state = data[rows, col.STATE]
    reported = (state == col.DONE) & (data[rows, col.REPORTED] == 1)
    return ~reported & (state != col.CANCELLED) & (data[rows, col.KIND] == col.DELIVERY)


class StageBook:
    """Parcels and parcel-time in each stage, carried from midnight to midnight.

    Attributes
    ----------
    log : dict of str to int64[9]
        The last day's ``parcel_ticks``, ``entered``, ``left`` and ``inside`` by stage, in the
        order of :data:`sim.logistics.parcels.STAGES`.
    """

    def __init__(self, tick: int) -> None:
        self._opened = tick
        self._inside = np.zeros(len(col.STAGES), np.int64)
        self.log: dict[str, np.ndarray] = {}

    def close(self, data: np.ndarray, rows: np.ndarray, tick: int) -> None:
        """Check the window since the last call: Little's law, exactly (X24).

        Contents are carried by entries and exits alone; over time they must equal the sum of
        the parcels' sojourns, and at the end the parcels found inside.

        Raises
        ------
        ConservationError
            Naming the stage and both counts.
        """
        times = stage_times(data, rows, self._opened, tick)
        inside = self._inside + times[:, 1] - times[:, 2]
        contents = self._inside * (tick - self._opened) + times[:, 4]
        for k, name in enumerate(col.STAGES):
            if inside[k] != times[k, 3]:
                raise ConservationError(
                    f"parcels: stage '{name}': {self._inside[k]} at the day's start, {times[k, 1]} came and "
                    f"{times[k, 2]} left, but {times[k, 3]} are inside"
                )
            if contents[k] != times[k, 0]:
                raise ConservationError(
                    f"parcels: stage '{name}': contents over the day are {contents[k]} parcel-ticks, "
                    f"sojourns {times[k, 0]}"
                )
        self.log = dict(zip(("parcel_ticks", "entered", "left", "inside"), times.T[:4], strict=True))
        self._inside, self._opened = inside, tick
