"""How much of something there is money for."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sim.world.schema import Spend
    from sim.world.world import World


def affordable(world: World, kind: Spend | int | str, each: float, number: int) -> int:
    """How many of ``number`` things there is money for; the campaign's stop is recorded if not for all.

    What costs nothing needs no money, and where nothing is wanted nothing stops.

    Parameters
    ----------
    world : World
        The market.
    kind : Spend or int or str
        What it is spent on.
    each : float
        Price of one, fen. If it is no whole number one fen is kept back, by which the sum may be rounded.
    number : int
        How many are wanted.
    """
    free = world.free_fen() - (0.0 if isinstance(each, int) else 1.0)
    if each * number <= max(free, 0.0):
        return number
    world.stop(kind)
    return max(0, int(free // each))


def upkeep(world: World, purpose: str, fen: int) -> bool:
    """Pay a day's upkeep in its first daypart; whether today's is paid, asked in any daypart.

    Parameters
    ----------
    world : World
        The market.
    purpose : str
        A purpose whose first spending of a day is its upkeep.
    fen : int
        A day's upkeep.
    """
    if world.clock.daypart == 0 and world.affords(purpose, fen):
        world.spend(purpose, fen)
        return True
    paid = world.records.spend.today("kind") == world.kinds.booking(purpose).kind
    return fen == 0 or bool(paid.any())
