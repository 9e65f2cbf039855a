"""Teams: every morning each pool has as many people as the strategy wants and the allowance pays."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sim.core.rng import Draw
from sim.feature import Moment, declared
from sim.mechanism import Mechanism, Phase
from sim.stations.pool import Pool, PoolParams, Team
from sim.world.money import affordable
from sim.world.world import World


class Teams:
    """Puts people on today's shifts and pays them."""

    name = "teams"
    phase = Phase.DECIDE
    reads = frozenset({"operator.allowance"})
    writes = frozenset({"teams", "records.spend", "ledger"})

    def __init__(self, pools: Sequence[tuple[Pool, PoolParams]]) -> None:
        self.pools = list(pools)

    def act(self, world: World, draw: Draw) -> None:
        """Wages of a whole shift are due in the morning, so no more people come than there is money for."""
        for pool, params in self.pools:
            size = len(world.people)
            people, params = params.people(size), params.in_market(size, pool.keeps_end)
            team = world.teams.setdefault(pool.name, Team(pool.name, params))
            team.params, wage = params, params.wage_fen()
            people = affordable(world, pool.spend, wage, people)
            team.staff(people, world.clock.midnight)
            world.spend(pool.spend, people * wage)


def teams(c: Any, at: Moment) -> list[Mechanism]:
    """The mechanism, where the strategy uses a pool."""
    pools = [(c.section(one.section), pool) for one, pool in declared(at.features, Pool)]
    used = [(pool, getattr(section, pool.params)) for section, pool in pools if pool.used(section)]
    return [Teams(used)] if used else []
