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
from sim.core.rng import Draw, keyed_uniform, rings_later
from sim.mechanism import Phase
from sim.world.population import PopulationParams
from sim.world.world import World


class NeedsParams(Params):
    """How needs live and die."""

    lifetime: int = uncertainty(7, "days", "A-102", ge=1, le=60, span=(3, 14))
    """A need not met within a week is met elsewhere or forgotten."""

    drift: float = uncertainty(0.0, "1/year", "A-1433", ge=0, le=5, span=(0, 0.3))
    """Rate at which needs of Silver Vanguard for the household turn into needs for personal growth."""

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
    n = people_id.shape[0]
    draws, concerned = np.empty(DRAWN_TOGETHER), np.empty(DRAWN_TOGETHER, np.bool_)
    for i in range(n):
        j = i % DRAWN_TOGETHER
        if j == 0:  # whose need ends or who may have one, a block of people at a time
            draw_together(stream, people_id[i:], 0, draws)
            for k in range(min(DRAWN_TOGETHER, n - i)):
                ends = day >= need_until[i + k]
                may = draws[k] <= confidence * need_total[i + k] + 1e-12  # a cheap bound, tested below
                concerned[k] = ends if need_category[i + k] >= 0 else may
        if not concerned[j]:
            continue
        if need_category[i] >= 0:
            need_category[i] = -1
            continue
        who = people_id[i]
        if draws[j] >= 1.0 - math.exp(-(confidence * need_total[i])):
            continue
        # one exponential clock a category: adding a category does not re-deal the others
        best = math.inf
        chosen = -1
        for c in range(need_rate.shape[1]):
            if need_rate[i, c] > 0.0:
                u = keyed_uniform(stream, who, 1 + c)
                if rings_later(u, need_rate[i, c], best):
                    continue
                clock = -math.log(u) / need_rate[i, c]
                if clock < best:
                    best = clock
                    chosen = c
        if chosen >= 0 and stocked_until[i, chosen] <= day:
            need_category[i] = chosen
            need_until[i] = day + lifetime


@njit(cache=True)
def _renew(day, period, people_id, income, share, budget_left):
    for i in range(people_id.shape[0]):
        turn = day + people_id[i]
        if turn == period * np.int64(np.rint(turn / period)):  # a multiple; a remainder would cost more
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
