"""Choosing one of several goods by weights, for whatever decides what visitors are shown."""

from __future__ import annotations

import numpy as np


def pick(weight: np.ndarray, u: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """A category for each row by its weights, and whether there is any to pick.

    Parameters
    ----------
    weight : float64[k, n_categories]
        At least 0.
    u : float64[k]
        Uniform draws.

    Returns
    -------
    category : int64[k]
    found : bool[k]
    """
    total = weight.cumsum(axis=1)
    found = total[:, -1] > 0.0
    category = (total <= (u * total[:, -1])[:, None]).sum(axis=1)
    return np.minimum(category, weight.shape[1] - 1), found
