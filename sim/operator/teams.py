"""Teams: every morning each pool has as many people as the strategy wants and the allowance pays."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sim.core.ledger import to_fen
from sim.core.rng import Draw
from sim.feature import Moment, declared
from sim.mechanism import Mechanism, Phase
from sim.stations.pool import Pool, PoolParams, Team
from sim.world.money import affordable
from sim.world.world import World


class Teams:
    """Puts people on today's shifts and pays them; sends home whom the strategy does not want any more.

    Parameters
    ----------
    pools : sequence of (Pool, PoolParams)
        Those that the strategy uses.
    left : sequence of Pool
        Those that it does not use (any more).
    """

    name = "teams"
    phase = Phase.DECIDE
    reads = frozenset({"operator.allowance"})
    writes = frozenset({"teams", "records.spend", "ledger"})

    def __init__(self, pools: Sequence[tuple[Pool, PoolParams]], left: Sequence[Pool] = ()) -> None:
        self.pools, self.left = list(pools), list(left)

    def act(self, world: World, draw: Draw) -> None:
        """Wages of a whole shift are due in the morning, so no more people come than there is money for."""
        for pool in self.left:
            if pool.name in world.teams:
                self._keep(world, pool, world.teams[pool.name], 0)
        for pool, params in self.pools:
            size = len(world.people)
            people, params = params.people(size), params.in_market(size, pool.keeps_end)
            team = world.teams.setdefault(pool.name, Team(pool.name, params))
            wage = params.wage_fen()
            people = affordable(world, pool.spend, wage, people)
            self._keep(world, pool, team, people)
            team.adopt(params, world.clock.midnight)
            team.staff(people, world.clock.midnight)
            world.spend(pool.spend, people * wage)

    @staticmethod
    def _keep(world: World, pool: Pool, team: Team, people: int) -> None:
        """Pay those who go for the work that they have in hand, which they still do, by the last terms.

        It was earned, so no allowance is asked.
        """
        if people < len(team):
            hours = team.staff(people, world.clock.midnight)
            world.spend(pool.spend, to_fen(team.params.wage * hours))


def teams(c: Any, at: Moment) -> list[Mechanism]:
    """The mechanism, where the strategy uses a pool or may have used one."""
    here = [(c.section(one.section), pool) for one, pool in declared(at.features, Pool)]
    used = [(pool, getattr(section, pool.params)) for section, pool in here if pool.used(section)]
    left = [pool for section, pool in here if not pool.used(section)]
    left += [pool for _, pool in declared([feature for feature, _ in at.left], Pool)]
    return [Teams(used, left)] if used or left else []
