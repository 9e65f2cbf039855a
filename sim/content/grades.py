"""Grades of pieces and the list of good things: what feeds prefer, always at the cost of other pieces.

A piece shows a real test, a scene of use, or neither. Feeds tilt towards the first two, each by its own
measure. The list of good things holds the pieces that brought most visits of late, those of a preferred grade
before others; the higher a piece stands, the more it is shown. Impressions stay as many as they were, so that
what one piece gains, others about the same lose, and viewers tire of what they see again and again.
"""

from __future__ import annotations

import numpy as np

from sim.content.pool_params import PoolOfContentParams
from sim.world.library import Columns


def grade_gain(params: PoolOfContentParams, pieces: Columns) -> np.ndarray:
    """float64[n]: share of exposure that feeds add to each piece for its grade."""
    p = params
    tested, scene = pieces["tested"], pieces["scene"]
    gain: np.ndarray = tested * (p.tilt * p.tilt_gain) + scene * (p.scene_tilt * p.scene_gain)
    return gain


def gains(params: PoolOfContentParams, pieces: Columns) -> np.ndarray:
    """float64[n]: share of exposure that feeds add to each piece, for its grade and its place on the list."""
    by_grade = grade_gain(params, pieces)
    listed: np.ndarray = (1.0 + by_grade) * place_gain(params, pieces["place"])
    return by_grade + listed


def place_gain(params: PoolOfContentParams, place: np.ndarray) -> np.ndarray:
    """float64[n]: share of exposure that a place adds; attention falls as a power of it."""
    gain: np.ndarray = np.where(
        place > 0, params.list_gain * np.maximum(place, 1).astype(np.float64) ** -params.list_fall, 0.0
    )
    return gain


def places(score: np.ndarray, size: int) -> np.ndarray:
    """int16[n]: places on a list of ``size``, 1 the first; 0 of those that are not on it.

    Whoever has no score is not listed; of those that are alike, the earlier row comes first.
    """
    order = np.argsort(-score, kind="stable")[:size]
    order = order[score[order] > 0.0]
    place = np.zeros(len(score), np.int16)
    place[order] = np.arange(1, len(order) + 1)
    return place


def counted(ids: np.ndarray, brought: np.ndarray) -> np.ndarray:
    """int64[n]: how often each of some distinct ids stands in ``brought``, all of which are among them."""
    order = np.argsort(ids)
    at = order[np.searchsorted(ids, brought, sorter=order)]
    number: np.ndarray = np.bincount(at, minlength=len(ids))
    return number


def listed(params: PoolOfContentParams, pieces: Columns) -> np.ndarray:
    """int16[n]: places of the pieces on a list that is made now, by visits of late and by grade."""
    return places(pieces["won"] * (1.0 + grade_gain(params, pieces)), params.list_size)
