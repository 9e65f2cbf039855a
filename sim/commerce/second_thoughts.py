"""Second thoughts: orders made in the heat of the moment, compiled.

What urges people on in a moment (a host, a countdown) adds to the odds of a cart. Where chances are small, a
share ``1 - exp(-heat)`` of the orders made under ``heat`` logits would not have been made without it: those
are impulsive. Heat cools. Some of the impulsive then regret: if the goods are still at their node the order
is cancelled, and otherwise they are sent back, where the law gives a right to. Who bought on impulse has not
compared either, so that more of it does not fit. One cause so makes livestream orders be cancelled and
returned more often than others, each category in its own proportion.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from sim.core.jit import njit
from sim.core.rng import Draw, keyed_exponential, keyed_uniform

#: Occasions of the draws of an order: whether the moment's heat made it, whether it is regretted, and when.
_IMPULSE, _REGRET, _COOLED = range(3)


class Cooling(NamedTuple):
    """How wishes to cancel arise: chances and mean hours (see ``OrdersParams`` and ``AftersalesParams``)."""

    cancel_shelf: float
    cancel_hours: float
    regret: float
    cool_hours: float


@njit(inline="always")
def _impulsive(stream, order_id, heat):
    return heat > 0.0 and keyed_uniform(stream, order_id, _IMPULSE) < 1.0 - math.exp(-heat)


@njit(cache=True)
def _thoughts(stream, order_id, heat, regret):
    impulsive = np.zeros(order_id.shape[0], np.bool_)
    regretted = np.zeros(order_id.shape[0], np.bool_)
    for k in range(order_id.shape[0]):
        impulsive[k] = _impulsive(stream, order_id[k], heat[k])
        regretted[k] = impulsive[k] and keyed_uniform(stream, order_id[k], _REGRET) < regret
    return impulsive, regretted


def thoughts(
    draw: Draw, order_id: np.ndarray, heat: np.ndarray, regret: float
) -> tuple[np.ndarray, np.ndarray]:
    """Which orders were made on impulse, and which of them are regretted.

    Parameters
    ----------
    draw : Draw
        The draws are keyed to the order, so that all who ask get the same answer.
    order_id : int64[k]
        Ids of orders.
    heat : float[k]
        Logits that the moment added to their carts.
    regret : float
        Chance that somebody regrets an impulsive order.

    Returns
    -------
    impulsive, regretted : bool[k]
        Only impulsive orders are regretted.
    """
    answer: tuple[np.ndarray, np.ndarray] = _thoughts(
        _impulse(draw), order_id, np.asarray(heat, np.float64), regret
    )
    return answer


def _impulse(draw: Draw) -> np.uint64:
    """Stream of what is impulsive."""
    return draw.timeless("order.impulse")


def wishes_to_cancel(
    draw: Draw, order_id: np.ndarray, heat: np.ndarray, minute: np.ndarray, cooling: Cooling
) -> np.ndarray:
    """int64[k]: minute of each order's wish to cancel, plain or regretted, whichever is first; -1 for none.

    Parameters
    ----------
    draw : Draw
    order_id, minute : int64[k]
        Orders just made, and when.
    heat : float64[k]
        As in :func:`thoughts`.
    cooling : Cooling
    """
    plain = draw.timeless("order.cancel")
    due: np.ndarray = cancel_wishes(plain, _impulse(draw), order_id, heat, minute, cooling)
    return due


@njit(cache=True)
def cancel_wishes(stream, impulse_stream, ids, heat, minute, cooling):
    """Minute of each order's wish to cancel, plain or regretted, the earlier of the two; -1 for none."""
    due = np.full(ids.shape[0], -1, np.int64)
    for k in range(ids.shape[0]):
        if keyed_uniform(stream, ids[k], 0) < cooling.cancel_shelf:
            wait = cooling.cancel_hours * keyed_exponential(stream, ids[k], 1)
            due[k] = minute[k] + 1 + np.int64(60.0 * wait)
        if not _impulsive(impulse_stream, ids[k], heat[k]):
            continue
        if keyed_uniform(impulse_stream, ids[k], _REGRET) < cooling.regret:
            wait = cooling.cool_hours * keyed_exponential(impulse_stream, ids[k], _COOLED)
            cooled = minute[k] + 1 + np.int64(60.0 * wait)
            due[k] = cooled if due[k] < 0 else min(due[k], cooled)
    return due
