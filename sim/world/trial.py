"""Who is treated: a lever that is tried out reaches a random share of people, each for good.

An experiment inside a market shows some people an offer and all others none. Whoever offers something asks
here; without a trial everybody is treated.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from sim.core.rng import Draw, keyed_uniforms


class Trial(NamedTuple):
    """The lever that is tried out, and the share of people who are treated."""

    lever: str
    share: float


def drawn(draw: Draw, persons: np.ndarray, share: float) -> np.ndarray:
    """bool[n]: whom chance treats; a person's arm is the same on all days, and a larger share keeps it.

    Parameters
    ----------
    draw : Draw
        The market's draws.
    persons : int64[n]
        Stable ids.
    share : float
        Share treated, 0..1.
    """
    arms: np.ndarray = keyed_uniforms(draw.timeless("trial.arm"), persons, 0) < share
    return arms


def treats(trial: Trial | None, draw: Draw, lever: str, persons: np.ndarray) -> np.ndarray:
    """bool[n]: whether a lever reaches each person today; True for all where it is not tried out.

    Parameters
    ----------
    trial : Trial or None
        What the operator tries out (``operator.terms.trial``).
    draw : Draw
        The market's draws.
    lever : str
        One of :data:`sim.operator.trial.Offer`.
    persons : int64[n]
        Stable ids.
    """
    if trial is None or trial.lever != lever:
        return np.ones(len(persons), bool)
    return drawn(draw, persons, trial.share)
