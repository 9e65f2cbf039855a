"""Whole numbers of things of which a day has a part: the part is made up over the days, by chance."""

from __future__ import annotations

import numpy as np

from sim.core.rng import keyed_uniforms


def whole_number(stream: np.uint64, mean: float) -> int:
    """A whole number with this mean: the next below it, or with the chance that is left one more.

    Parameters
    ----------
    stream : uint64
        Key of the day's random numbers.
    mean : float
        0 or more.
    """
    whole, part = divmod(mean, 1.0)
    return int(whole) + int(keyed_uniforms(stream, np.zeros(1, np.int64), 0)[0] < part)
