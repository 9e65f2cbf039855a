"""Draws of some people at once: a plain loop without branches, in which several are made at a time."""

from __future__ import annotations

from sim.core.jit import njit
from sim.core.rng import keyed_uniform

#: People whose draws are made together: few enough that they stay in the processor's nearest memory.
DRAWN_TOGETHER = 512


@njit(inline="always")
def draw_together(stream, who, occasion, draws):
    """Write :func:`sim.core.rng.keyed_uniform` of the first ``DRAWN_TOGETHER`` of ``who`` into ``draws``."""
    for j in range(min(DRAWN_TOGETHER, who.shape[0])):
        draws[j] = keyed_uniform(stream, who[j], occasion)
