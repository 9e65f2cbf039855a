"""Three times more work than people can do: how long tasks wait, on teams that a market puts on its shifts.

The numbers are the market's own (minutes, patience, staff), but that people work round the clock and learn
nothing, for which there is theory. Where somebody gives up there is a steady state (Erlang-A); where nobody
does, the backlog grows as a fluid.
"""

from __future__ import annotations

import math
from functools import cache

import numpy as np
import pytest

from sim.core.rng import Draw
from sim.private_domain.levels import ADVISERS
from sim.social.fraud import REVIEWERS
from sim.stations.pool import Team
from tests.conftest import small_market

pytestmark = pytest.mark.exact
OVERLOAD, REPLICATIONS = 3.0, 60
POOLS = {
    "advisers": (ADVISERS, ("community=three_levels", "community.advisers.staff=30"), "community.advisers"),
    "reviewers": (
        REVIEWERS.name,
        ("fraud=team", "incentive=flat_cash", "fraud.reviewers.staff=20", "fraud.reviewers.patience=0.2"),
        "fraud.reviewers",
    ),
}  # fmt: skip


@cache
def market(name: str, *more: str):
    _, words, key = POOLS[name]
    round_the_clock = (f"{key}.hours=24", f"{key}.opens=0", f"{key}.learning=0", "control.daily_budget=100")
    made = small_market("baseline", *words, *round_the_clock, *more, size=1000)
    made.open_window()
    return made


def team(name: str, *more: str) -> Team:
    """The team as the market's own mechanism puts it on its shift, new each time."""
    made = market(name, *more)
    made.world.teams.clear()
    made.world.operator.allowance_fen = 10**9
    [staffing] = [one for one in made.mechanisms if one.name == "teams"]
    staffing.act(made.world, Draw(1))
    return made.world.teams[POOLS[name][0]]


def waits(name: str, tasks: int, seed: int, *more: str) -> np.ndarray:
    """Minutes until each task is begun, nan where it is given up, with Poisson arrivals."""
    one, rng = team(name, *more), np.random.default_rng([11, seed])
    rate = OVERLOAD * len(one) / one.task_minutes
    minutes = np.cumsum(rng.exponential(1.0 / rate, tasks))
    return one.work(Draw(seed), np.arange(1, tasks + 1), minutes).waited


def erlang_a(servers: int, patience: float) -> tuple[float, float]:
    """Share that is served, and the mean wait of those, in mean times of a task; patience in the same.

    Who finds k others waiting and all servers busy waits until k + 1 of them have left, at the rates
    servers + j / patience with j = 0 to k others waiting, unless the own patience ends first.
    """
    load = OVERLOAD * servers
    log = [0.0]
    for n in range(1, 40 * servers + 2000):
        log.append(log[-1] + math.log(load / (min(n, servers) + max(0, n - servers) / patience)))
    chance = np.exp(np.array(log) - max(log))
    chance /= chance.sum()
    served, waited = float(chance[:servers].sum()), 0.0
    stays, until = 1.0, 0.0
    for k, p in enumerate(chance[servers:].tolist()):
        rate = servers + k / patience
        stays *= rate / (rate + 1.0 / patience)
        until += 1.0 / (rate + 1.0 / patience)
        served += p * stays
        waited += p * stays * until
    return served, waited / served


@pytest.mark.parametrize("name", POOLS)
def test_who_is_served_has_waited_as_erlang_a_says(name):
    """Means over replications, three standard errors of theirs, which are small."""
    one = team(name)
    mean, patience = one.task_minutes, 60.0 * one.params.patience
    served, expected = erlang_a(len(one), patience / mean)
    found = [waits(name, 6000, seed)[1000:] for seed in range(REPLICATIONS)]
    for values, theory in (
        ([float(np.isfinite(w).mean()) for w in found], served),
        ([float(np.nanmean(w)) for w in found], expected * mean),
    ):
        error = np.std(values, ddof=1) / math.sqrt(REPLICATIONS)
        assert abs(np.mean(values) - theory) < 3 * error
        assert error < 0.02 * theory
    assert served == pytest.approx(1.0 / OVERLOAD, abs=0.05)


@pytest.mark.parametrize("name", POOLS)
def test_where_nobody_gives_up_waits_grow_as_a_fluid(name):
    """Of n tasks the last waits for two thirds of them: (n / (c mu)) (1 - 1 / 3), less those in service."""
    key, n = POOLS[name][2], 4000
    endless = f"{key}.patience=8760"
    one = team(name, endless)
    fluid = one.task_minutes / len(one) * (n * (1.0 - 1.0 / OVERLOAD) - len(one) + 1)
    last = [float(waits(name, n, seed, endless)[-1]) for seed in range(REPLICATIONS)]
    error = np.std(last, ddof=1) / math.sqrt(REPLICATIONS)
    assert abs(np.mean(last) - fluid) < 3 * error + 2 * one.task_minutes
    assert error < 0.01 * fluid
