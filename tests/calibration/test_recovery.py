"""Known parameters are found again within the stated ranges; what a file does not tell is said."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binom
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import RBF, ConstantKernel, WhiteKernel

from sim.calibration.emulators import learn, learnable
from sim.calibration.matching import CANDIDATES, CUT, Goal, implausibility, match
from sim.calibration.posterior import sample
from sim.calibration.space import sobol
from sim.calibration.study import fit
from tests.calibration.made_up import Smooth

WIDTH, STATISTICS = 4, 8


@pytest.mark.parametrize("worlds", [range(2), pytest.param(range(20), marks=pytest.mark.slow)])
def test_ranges_of_ninety_per_cent_hold_what_was_known(worlds):
    """Made-up worlds, four parameters each: as many are held as a chance of nine in ten lets expect."""
    held, asked = 0, 0
    for world in worlds:
        market = Smooth(WIDTH, STATISTICS, world)
        known = market.rng.random((1, WIDTH))
        real = market.level(known)[0] + market.rng.normal(0.0, market.luck, STATISTICS)
        goal = Goal(real, market.luck**2 * np.eye(STATISTICS))
        _, posterior = fit(market, goal, WIDTH, 2, 24, world, 1000)
        low, high = posterior.range()
        held += int(((low <= known[0]) & (known[0] <= high)).sum())
        asked += WIDTH
        assert (high - low).mean() < 0.6  # not by ranges that hold everything
    assert held >= binom.ppf(0.005, asked, 0.9)


def test_a_parameter_that_moves_nothing_is_not_identified():
    market = Smooth(WIDTH, STATISTICS, 3)
    market.mixing[2] = 0.0
    known = np.array([[0.3, 0.6, 0.5, 0.7]])
    goal = Goal(market.level(known)[0], market.luck**2 * np.eye(STATISTICS))
    matched, posterior = fit(market, goal, WIDTH, 1, 32, 1, 1000)
    assert posterior.identified.tolist() == [True, True, False, True]
    again = sample(matched, goal, 1, 1000)
    np.testing.assert_array_equal(again.unit, posterior.unit)


def test_a_wave_looks_where_the_last_one_left_something():
    market = Smooth(WIDTH, STATISTICS, 5)
    known = np.full((1, WIDTH), 0.4)
    goal = Goal(market.level(known)[0], 0.1**2 * np.eye(STATISTICS))
    matched = match(market, goal, WIDTH, 2, 24, 1)
    first = learn(matched.unit[:24], matched.worlds[:24], 1)
    assert (implausibility(first, goal, matched.unit[24:]) < CUT).all()
    everywhere = sobol(CANDIDATES, WIDTH, 9)
    left = implausibility(first, goal, everywhere) < CUT
    far = np.abs(everywhere - known).max(axis=1)
    assert far[left].mean() < far[~left].mean()
    assert left.mean() == pytest.approx(matched.left[0], abs=0.05)
    assert implausibility(matched.emulators, goal, known)[0] < CUT
    assert matched.left[0] < 0.5


def test_statistics_that_no_world_tells_are_left_out():
    worlds = np.ones((12, 2, 3))
    worlds[:, :, 0] = np.arange(12)[:, None]
    worlds[:6, :, 1] = np.nan
    assert learnable(worlds).tolist() == [True, False, False]


def test_an_emulator_says_what_scikit_learn_says():
    rng = np.random.default_rng(2)
    unit, new = rng.random((30, 3)), rng.random((7, 3))
    level = np.sin(3 * unit[:, :2]) + unit[:, 1:] + rng.normal(0, 0.05, (30, 2))
    level[4, 1] = np.nan
    mine = learn(unit, level[:, None], 0)
    for k, seen in enumerate(np.isfinite(level).T):
        kernel = ConstantKernel(mine.amplitude[k]) * RBF(mine.scale[k])
        noise = float(np.linalg.inv(mine.inverse[k][np.ix_(seen, seen)])[0, 0] - mine.amplitude[k])
        kernel += WhiteKernel(noise)
        theirs = GaussianProcessRegressor(kernel, optimizer=None, normalize_y=True)
        theirs.fit(unit[seen], level[seen, k])
        mean, sd = theirs.predict(new, return_std=True)
        np.testing.assert_allclose(mine.at(new)[0][:, k], mean, rtol=1e-6)
        luck = noise * level[seen, k].var()
        told = mine.at(new)[1][:, k] / mine.inflation[k]
        np.testing.assert_allclose(told, sd**2 - luck, rtol=1e-4, atol=1e-9)


def test_a_statistic_that_is_told_twice_counts_once():
    """The same statistic with the same error three times narrows a range no further than once."""
    market = Smooth(1, 1, 8)
    market.mixing[:] = 1.0
    known = np.array([[0.5]])
    real = market.level(known)[0]

    class Thrice:
        def __call__(self, unit):
            return np.repeat(market(unit), 3, axis=2)

    luck = 0.1**2
    once, thrice = (
        Goal(real, luck * np.eye(1)),
        Goal(np.repeat(real, 3), luck * (np.ones((3, 3)) + 1e-6 * np.eye(3))),
    )
    narrow = fit(market, once, 1, 1, 16, 1, 600)[1].spread[0]
    assert fit(Thrice(), thrice, 1, 1, 16, 1, 600)[1].spread[0] == pytest.approx(narrow, rel=0.15)
    apart = Goal(np.repeat(real, 3), luck * np.eye(3))
    assert fit(Thrice(), apart, 1, 1, 16, 1, 600)[1].spread[0] < 0.75 * narrow
