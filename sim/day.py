"""One trading day, as a story: strike and decide at midnight, five phases each daypart, three at the end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sim.core.clock import DAYPARTS
from sim.core.rng import Draw
from sim.mechanism import Mechanism, Phase
from sim.world.world import World

MORNING = (Phase.STRIKE, Phase.DECIDE)
EVERY_DAYPART = (Phase.STEER, Phase.EXPOSE, Phase.SHARE, Phase.BUY, Phase.FULFIL)
EVENING = (Phase.PERSUADE, Phase.SETTLE, Phase.MEASURE)


def trade(world: World, schedule: Mapping[Phase, Sequence[Mechanism]], draw: Draw) -> None:
    """Live through one day and move the clock to the next.

    Parameters
    ----------
    world : World
        Everything there is.
    schedule : dict of Phase to sequence of Mechanism
        Mechanisms of each phase, in order (see :func:`sim.mechanism.order_mechanisms`).
    draw : Draw
        The keyed draws; set to the world's day here.
    """
    draw.day = world.day
    world.begin_day()
    for phase in MORNING:
        _act(world, schedule[phase], draw)
    for daypart in range(DAYPARTS):
        world.clock.daypart = daypart
        for phase in EVERY_DAYPART:
            _act(world, schedule[phase], draw)
    for phase in EVENING:
        _act(world, schedule[phase], draw)
    world.end_day()
    world.clock.day += 1
    world.clock.daypart = 0


def _act(world: World, mechanisms: Sequence[Mechanism], draw: Draw) -> None:
    for mechanism in mechanisms:
        mechanism.act(world, draw)
