"""The luck of worlds: no two points share it, its size is counted, and a file is allowed it too."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats
from scipy.stats import binom, chi2

from sim.calibration import study
from sim.calibration.emulators import learn, luck_of_worlds
from sim.calibration.matching import Goal
from sim.calibration.posterior import Posterior
from sim.calibration.request import Request
from sim.calibration.space import Space, sobol
from sim.calibration.statistics.targets import Target
from sim.calibration.study import Plan, calibrate, fit, goal_of, own_worlds
from sim.calibration.tasks import Question
from sim.config import compose
from tests.calibration.made_up import Lucky

WIDTH, STATISTICS = 4, 8


@pytest.mark.parametrize("worlds", [range(2), pytest.param(range(20), marks=pytest.mark.slow)])
def test_ranges_hold_what_was_known_although_the_file_is_one_world(worlds):
    """Dealing rows again shows a tenth of the luck of the file's world: nine in ten are held even so."""
    held, asked = 0, 0
    for world in worlds:
        market, begun = Lucky(WIDTH, STATISTICS, world), 0
        known = np.random.default_rng(world).random((1, WIDTH))

        def simulate(unit, market=market):
            nonlocal begun
            own = own_worlds(0, 2, range(begun, begun + len(unit)))
            begun += len(unit)
            return market.played(unit, own)

        real = market.played(known, [range(9000, 9001)])[0, 0]
        seen = np.full(STATISTICS, (0.1 * market.luck) ** 2)
        _, posterior = fit(simulate, Goal(real, np.diag(seen), seen), WIDTH, 1, 32, world, 1000)
        low, high = posterior.range()
        held += int(((low <= known[0]) & (known[0] <= high)).sum())
        asked += WIDTH
        assert (high - low).mean() < 0.75  # not by ranges that hold everything
    assert held >= binom.ppf(0.005, asked, 0.9)


def test_the_luck_of_worlds_is_their_spread_within_points():
    """Pooled over points whose level differs, by the law of a variance; points in one world tell none."""
    market = Lucky(2, 5, 4, luck=0.2)
    unit = np.random.default_rng(1).random((40, 2))
    worlds = market.played(unit, own_worlds(0, 3, range(40)))
    worlds[:10, 1:] = np.nan
    found = luck_of_worlds(worlds, learn(unit, worlds, 0)) / market.luck**2
    low, high = chi2.ppf([0.0005, 0.9995], 60) / 60
    assert ((low < found) & (found < high)).all(), found


def test_points_in_one_world_each_tell_their_luck_by_what_cannot_be_learnt():
    market = Lucky(2, 5, 5, luck=0.2)
    unit = np.random.default_rng(2).random((60, 2))
    worlds = market.played(unit, own_worlds(0, 1, range(60)))
    emulators = learn(unit, worlds, 0)
    found = luck_of_worlds(worlds, emulators)
    np.testing.assert_array_equal(found, emulators.luck)
    low, high = chi2.ppf([0.0005, 0.9995], 50) / 60  # up to ten points' worth is learnt as if it were the law
    assert ((low < found / market.luck**2) & (found / market.luck**2 < high)).all(), found


def test_a_file_is_allowed_the_larger_of_both_lucks():
    """The first statistic's own error says more than worlds do, the second's less; correlations stay."""
    told = np.array([[4.0, 0.5], [0.5, 1.0]])
    goal = Goal(np.zeros(2), told + np.diag([0.1, 0.2]), np.diag(told))
    allowed = goal.of_one_world(np.array([3.0, 9.0]))
    np.testing.assert_allclose(allowed.covariance, [[4.1, 0.5], [0.5, 9.2]])
    whole = replace(goal, dealt=None)
    assert whole.of_one_world(np.array([30.0, 90.0])) is whole
    assert goal.only(np.array([False, True])).of_one_world(np.array([9.0])).covariance == pytest.approx(9.2)


def test_files_errors_are_told_apart_from_discrepancy():
    goal = goal_of([Target("a", 10.0, 0.5), Target("b", 2.0, 0.1)], 0.1)
    np.testing.assert_allclose(goal.dealt, [0.25, 0.01])
    np.testing.assert_allclose(goal.variance, [1.25, 0.05])


def test_no_two_points_are_played_in_the_same_world(monkeypatch):
    """Over two waves and the check that follows them, beginning at the user's first world."""
    keys = ("population.needs_per_day", "population.taste_sd")
    space = Space(keys, np.array([0.08, 0.4]), np.array([0.15, 1.8]), np.zeros(2, bool), np.array([0.1, 1.0]))
    short = ("population.size=300", "experiment.first_replication=5", "experiment.replications=2")
    config = compose(["scenario=baseline", *short, "experiment.burn_in_days=20", "experiment.days=20"])
    words = ["orders=orders.csv", "waves=2", "wave_points=8", "draws=10"]
    found = tuple(Target(name, value, 0.05) for name, value in (("a", 0.5), ("b", 0.4)))
    plan = Plan(Request.parse(words), {}, found, space, config, Question(("a", "b"), 20.0, 0.0))
    tasks = []

    def execute(more):
        tasks.extend(more)
        return True

    def read(task):
        place = space.unit(np.array([task.config.population.needs_per_day, task.config.population.taste_sd]))
        return dict(zip("ab", place + 0.001 * task.replication, strict=True))

    monkeypatch.setattr(study, "sample", lambda matched, *_: Posterior(matched.unit, 1.0))
    calibrate(plan, execute, read)
    assert [task.replication for task in tasks] == [*range(5, 5 + 2 * 2 * 8 + 10)]


def test_emulators_are_as_sure_of_themselves_as_their_errors_at_new_points_allow():
    """Eight parameters, 32 points: errors over stated deviations have a mean square of 1, not of 2 and more.

    Luck and shapes of 16 statistics in two markets: 32 mean squares, each known to about its own size.
    """
    squares = []
    for seed in (0, 1):
        market = Lucky(8, 16, seed)
        unit, new = sobol(32, 8, seed), np.random.default_rng(seed).random((200, 8))
        emulators = learn(unit, market.played(unit, own_worlds(0, 2, range(32))), seed)
        mean, variance = emulators.at(new)
        squares.append(((mean - market.smooth.level(new)) ** 2 / variance).mean(axis=0))
    assert np.mean(squares) < 1.0 + stats.t.ppf(0.995, 31) * np.std(squares) / np.sqrt(32)
    assert np.mean(squares) > 0.4  # nor do they hide behind ranges that say nothing
