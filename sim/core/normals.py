"""Normal draws from pairs of uniform ones, so that they are keyed as all others are."""

from __future__ import annotations

import numpy as np


def normals(u: np.ndarray, v: np.ndarray) -> np.ndarray:
    """float64[n]: normal values of mean 0 and variance 1, by Box and Muller (1958).

    Parameters
    ----------
    u, v : float64[n]
        Independent uniform draws in (0, 1).
    """
    values: np.ndarray = np.sqrt(-2.0 * np.log(u)) * np.cos(2.0 * np.pi * v)
    return values


def lognormals(
    u: np.ndarray, v: np.ndarray, mean: float | np.ndarray, spread: float | np.ndarray
) -> np.ndarray:
    """float64[n]: log-normal values of a mean; see :func:`normals`.

    Parameters
    ----------
    u, v : float64[n]
        Independent uniform draws in (0, 1).
    mean : float or float64[n]
        Mean of the values.
    spread : float or float64[n]
        Standard deviation of their logarithms.
    """
    values: np.ndarray = mean * np.exp(spread * (normals(u, v) - 0.5 * spread))
    return values
