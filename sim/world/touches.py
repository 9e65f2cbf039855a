"""Whether somebody sees what was sent: a touch on a platform that has lost traffic may never be shown."""

from __future__ import annotations

import numpy as np

from sim.core.jit import njit
from sim.core.rng import Draw, keyed_uniform


def shown(draw: Draw, persons: np.ndarray, touches: np.ndarray, share: np.ndarray) -> np.ndarray:
    """bool[k]: who sees the touch, on a platform that gives this share of its traffic.

    Parameters
    ----------
    draw : Draw
        The market's draws; the draw belongs to person and touch, not to a day, so that whoever asks
        twice gets the same answer.
    persons, touches : int64[k]
        Stable id of the receiver; id of the post, session, message or passing-on.
    share : float64[k]
        Share of its usual traffic that the touch's platform gives, 0..1.
    """
    seen: np.ndarray = _shown(draw.timeless("touch.shown"), persons, touches, share)
    return seen


@njit(cache=True)
def _shown(stream: np.uint64, persons: np.ndarray, touches: np.ndarray, share: np.ndarray) -> np.ndarray:
    out = np.ones(persons.shape[0], np.bool_)
    for k in range(persons.shape[0]):
        out[k] = share[k] >= 1.0 or keyed_uniform(stream, persons[k], touches[k]) < share[k]
    return out
