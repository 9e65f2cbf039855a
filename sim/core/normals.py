"""Normal draws from pairs of uniform ones, so that they are keyed as all others are."""

from __future__ import annotations

import numpy as np


def lognormals(u: np.ndarray, v: np.ndarray, mean: float, spread: float) -> np.ndarray:
    """float64[n]: log-normal values of a mean, by Box and Muller (1958).

    Parameters
    ----------
    u, v : float64[n]
        Independent uniform draws in (0, 1).
    mean : float
        Mean of the values.
    spread : float
        Standard deviation of their logarithms.
    """
    normal = np.sqrt(-2.0 * np.log(u)) * np.cos(2.0 * np.pi * v)
    values: np.ndarray = mean * np.exp(spread * (normal - 0.5 * spread))
    return values
