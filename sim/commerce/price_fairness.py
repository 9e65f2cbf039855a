"""What people make of prices that move: who sees a rise, or a fall right after buying, finds it unfair.

Customers who were shown that something they had bought recently now cost less bought less afterwards, the
best customers most (Anderson 2010). What was felt fades; meanwhile it speaks against orders, and costs trust.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from sim.core.lookup import distinct
from sim.core.params import Params, uncertainty

#: Decimals of a share of the price that people notice: what is paid is rounded to whole fen.
DECIMALS = 3


class FairnessParams(Params):
    """How far moved prices are felt to be unfair."""

    rise_felt: float = uncertainty(
        0.5, "ratio", "A-1191; Kahneman 1986", ge=0, le=5, span=(0.2, 1), scope="strategy"
    )
    """Unfairness of a rise since one last looked, relative to having paid as much too much."""

    sore_order: float = uncertainty(
        4.0, "logit/share of the price", "A-1192; Anderson 2010", ge=0, le=50, span=(1, 10), scope="strategy"
    )
    """Loss of an order while having paid a whole price too much is remembered."""

    sore_trust: float = uncertainty(
        0.2, "trust/share of the price", "A-1193", ge=0, le=5, span=(0.05, 0.6), scope="strategy"
    )
    """Trust that is lost at once."""

    sore_days: float = uncertainty(
        60.0, "days", "A-1194; Anderson 2010", ge=1, le=3650, span=(20, 365), scope="strategy"
    )
    """Time constant with which it is forgotten."""


class Felt(NamedTuple):
    """What was noticed in a day, one row for each person and category looked at.

    seat, category : int64[k]; risen, overpaid : float64[k], shares of the list price.
    """

    seat: np.ndarray
    category: np.ndarray
    risen: np.ndarray
    overpaid: np.ndarray


def noticed(
    seat: np.ndarray,
    category: np.ndarray,
    asked: np.ndarray,
    seen: np.ndarray,
    bought: np.ndarray,
    paid: np.ndarray,
) -> Felt:
    """What people who looked at goods notice of their prices; each person and category counts once.

    Parameters
    ----------
    seat, category : int64[k]
        Who looked at what today.
    asked : float32[n_categories]
        Today's price levels, relative to the list price.
    seen : float32[n, n_categories]
        Levels that each person saw last.
    bought : int8[n]
        Category that each bought last, -1 for none.
    paid : float32[n]
        Level that was paid for it.
    """
    n = len(asked)
    seat, category = np.divmod(distinct(seat.astype(np.int64) * n + category), n)
    now = asked[category].astype(np.float64)
    risen = np.round(now - seen[seat, category], DECIMALS)
    over = np.where(bought[seat] == category, np.round(paid[seat] - now, DECIMALS), 0.0)
    return Felt(seat, category, np.maximum(0.0, risen), np.maximum(0.0, over))


def asked_levels(list_level: float, level: np.ndarray) -> np.ndarray:
    """float32[n_categories]: what everybody is asked: rises multiply, of reductions the larger counts."""
    up = max(1.0, list_level) * np.maximum(1.0, level)
    asked: np.ndarray = (up * np.minimum(min(1.0, list_level), np.minimum(1.0, level))).astype(np.float32)
    return asked


def kept(days: float) -> np.float32:
    """Share of what was felt that is left a day later."""
    return np.float32(math.exp(-1.0 / days))
