"""Needs: what people come to want, and how long they go without.

Each person has need rates by category; a need lives for some days unless it is met, and a
household that has just stocked up does not feel the same need again until the stock is used.
So a promotion's extra sales are partly pulled forward from later ones.
"""

from __future__ import annotations

import math

import numpy as np

from sim.core.draws import DRAWN_TOGETHER, draw_together
from sim.core.jit import njit
from sim.core.params import Params, constant, uncertainty
from sim.core.rng import Draw, keyed_uniform
from sim.mechanism import Phase
from sim.world.population import PopulationParams
from sim.world.world import World


class NeedsParams(Params):
    """How needs live and die."""

    lifetime: int = uncertainty(7, "days", "A-102", ge=1, le=60, span=(3, 14))
    """A need not met within a week is met elsewhere or forgotten."""

    budget_period: int = constant(30, "days", "definition", ge=1, le=366)
    """Household budgets renew monthly."""


@njit(cache=True)
def _live(
    stream,
    day,
    people_id,
    confidence,
    lifetime,
    need_total,
    need_rate,
    stocked_until,
    need_category,
    need_until,
):
    draws = np.empty(DRAWN_TOGETHER)
    for i in range(people_id.shape[0]):
        if i % DRAWN_TOGETHER == 0:
            draw_together(stream, people_id[i:], 0, draws)
        if need_category[i] >= 0:
            if day >= need_until[i]:
                need_category[i] = -1
            continue
        who = people_id[i]
        u, rate = draws[i % DRAWN_TOGETHER], confidence * need_total[i]
        # the first test is a cheap bound on the second
        if u > rate + 1e-12 or u >= 1.0 - math.exp(-rate):
            continue
        # one exponential clock a category: adding a category does not re-deal the others
        best = math.inf
        chosen = -1
        for c in range(need_rate.shape[1]):
            if need_rate[i, c] > 0.0:
                clock = -math.log(keyed_uniform(stream, who, 1 + c)) / need_rate[i, c]
                if clock < best:
                    best = clock
                    chosen = c
        if chosen >= 0 and stocked_until[i, chosen] <= day:
            need_category[i] = chosen
            need_until[i] = day + lifetime


@njit(cache=True)
def _renew(day, period, people_id, income, share, budget_left):
    for i in range(people_id.shape[0]):
        if (day + people_id[i]) % period == 0:
            budget_left[i] = income[i] * share


def _demanded(world: World) -> tuple[float, np.ndarray, np.ndarray]:
    """What today's calendar makes of needs.

    Returns
    -------
    level : float
        Factor on all needs.
    total : float32[n], rate : float32[n, n_categories]
        Needs a day, before the level: people's own where all categories move alike.
    """
    people, demand = world.people, world.conditions.demand
    if (demand == demand[0]).all():
        return float(demand[0]), people.need_total, people.need_rate
    rate = people.need_rate * demand.astype(np.float32)
    return 1.0, rate.sum(axis=1, dtype=np.float32), rate


class Needs:
    """Needs arise and lapse; monthly budgets renew."""

    name = "needs"
    phase = Phase.STRIKE
    reads = frozenset(
        {
            "people.id",
            "people.need_total",
            "people.need_rate",
            "people.stocked_until~",
            "people.income",
            "people.traits",
            "people.state",
            "people.need_category",
            "people.need_until",
            "conditions.confidence",
            "conditions.demand",
        }
    )
    writes = frozenset({"people.need_category", "people.need_until", "people.budget_left"})

    def __init__(self, params: NeedsParams, population: PopulationParams) -> None:
        self.params = params
        self.budget_share = population.budget_share

    def act(self, world: World, draw: Draw) -> None:
        """One day of wanting."""
        people = world.people
        level, total, rate = _demanded(world)
        _live(
            draw("needs"),
            world.day,
            people.id,
            world.conditions.confidence * level,
            self.params.lifetime,
            total,
            rate,
            people.stocked_until,
            people.need_category,
            people.need_until,
        )
        _renew(
            world.day,
            self.params.budget_period,
            people.id,
            people.income,
            np.float64(self.budget_share),
            people.budget_left,
        )
