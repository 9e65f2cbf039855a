"""Patience: how long past the promised minute a customer waits before cancelling.

The hazard of giving up starts at the promise and grows in proportion to the lateness, so that
few leave in the first hours and nobody waits for ever. Lateness is counted in units of patience
of the service class, as scores are: half an hour hurts a meal as one day hurts a parcel.
"""

from __future__ import annotations

import math

import numpy as np

from sim.commerce.aftersales_params import AftersalesParams
from sim.core.jit import njit
from sim.core.rng import Draw, keyed_exponential


@njit(cache=True)
def _limits(stream, ids, promised, unit, scale):
    out = np.empty(ids.shape[0], np.int64)
    for k in range(ids.shape[0]):
        units = scale * math.sqrt(keyed_exponential(stream, ids[k], 0))
        out[k] = promised[k] + 1 + np.int64(unit[k] * units)
    return out


def limit_minutes(
    params: AftersalesParams, draw: Draw, ids: np.ndarray, promised: np.ndarray, service: np.ndarray
) -> np.ndarray:
    """Absolute minute at which each order's customer has waited long enough: int64[n].

    With hazard proportional to lateness the limit is Weibull of shape 2; half of those still
    waiting have given up ``params.late_patience`` units after the promise. Keyed to the order, so
    the same customer has the same limit in every world that is compared.

    Parameters
    ----------
    ids, promised : int64[n]
        Order ids and absolute minutes of the promise in force.
    service : int[n]
        Service class, -1 for digital goods (their limit has no meaning).
    """
    unit = params.patience()[np.maximum(service, 0)]
    scale = params.late_patience / math.sqrt(math.log(2.0))
    limits: np.ndarray = _limits(draw.timeless("order.patience"), ids, promised, unit, scale)
    return limits
