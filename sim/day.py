"""One trading day, as a story: strike and decide at midnight, five phases each daypart, three at the end."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from sim.core.clock import DAYPARTS
from sim.core.rng import Draw
from sim.mechanism import Mechanism, Phase
from sim.world.world import World

MORNING = (Phase.STRIKE, Phase.DECIDE)
TRADING = (Phase.EXPOSE, Phase.SHARE, Phase.BUY, Phase.FULFIL)
EVERY_DAYPART = (Phase.STEER, *TRADING)
EVENING = (Phase.PERSUADE, Phase.SETTLE, Phase.MEASURE)


#: Mechanisms of each phase, in order (see :func:`sim.mechanism.order_mechanisms`).
Schedule = Mapping[Phase, Sequence[Mechanism]]


def trade(
    world: World, schedule: Schedule, draw: Draw, steered: Callable[[], Schedule] | None = None
) -> None:
    """Live through one day and move the clock to the next.

    Parameters
    ----------
    world : World
        Everything there is.
    schedule : dict of Phase to sequence of Mechanism
        What happens in each phase.
    draw : Draw
        The keyed draws; set to the world's day here.
    steered : callable, optional
        Asked for the schedule again when the operator has steered: responses may have begun or ended.
    """
    draw.day = world.day
    world.begin_day()
    for phase in MORNING:
        _act(world, schedule[phase], draw)
    for daypart in range(DAYPARTS):
        world.begin_daypart(daypart)
        _act(world, schedule[Phase.STEER], draw)
        schedule = schedule if steered is None else steered()
        for phase in TRADING:
            _act(world, schedule[phase], draw)
    for phase in EVENING:
        _act(world, schedule[phase], draw)
    world.end_day()
    world.clock.day += 1
    world.clock.daypart = 0


def _act(world: World, mechanisms: Sequence[Mechanism], draw: Draw) -> None:
    for mechanism in mechanisms:
        mechanism.act(world, draw)
