"""When a monitor fires: at its multiple, not by chance, at any size of the market; and when it is calm."""

from __future__ import annotations

import numpy as np
import pytest

from sim.core.clock import MINUTES_PER_DAY
from sim.operator.judging import judge, usual
from sim.rules import MonitorParams
from sim.world.observed import Reading

DAYS = 60


def readings(over: np.ndarray, per: np.ndarray) -> list[Reading]:
    """A reading a day of each row."""
    return [
        Reading((day + 1) * MINUTES_PER_DAY, np.atleast_1d(o).astype(float), np.atleast_1d(p).astype(float))
        for day, (o, p) in enumerate(zip(over, per, strict=True))
    ]


def bunches(rng: np.random.Generator, mean: np.ndarray, size: float) -> np.ndarray:
    """Events in bunches of geometric size: variance over mean is 2 size - 1."""
    number = rng.poisson(mean / size)
    return np.where(number > 0, number + rng.negative_binomial(np.maximum(number, 1), 1.0 / size), 0)


def plenty(level: float, window: int = 7) -> list[Reading]:
    """A week of a large market at some level."""
    return readings(np.full((window, 1), level * 10_000.0), np.full((window, 1), 10_000.0))


@pytest.mark.parametrize(
    ("level", "fires", "calm"),
    [(3.0, True, False), (2.999, False, False), (2.7, False, False), (2.59, False, True), (1.0, False, True)],
)
def test_it_fires_at_its_multiple_and_is_calm_below_the_way_back(level, fires, calm):
    """Three times the usual fires; 80% of the way back, 2.6, is calm again."""
    params = MonitorParams(ratio=3.0, rearm=0.8)
    before = usual(params, plenty(1.0, DAYS), 1)
    verdict = judge(params, plenty(level), before, 1)
    assert (verdict.fires, verdict.calm) == (fires, calm)
    assert verdict.level == pytest.approx(level)
    assert verdict.reference == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("level", "fires", "calm"), [(0.5, True, False), (0.55, False, False), (0.65, False, True)]
)
def test_below_one_it_fires_on_what_is_missing(level, fires, calm):
    params = MonitorParams(ratio=0.5, rearm=0.8)
    verdict = judge(params, plenty(level), usual(params, plenty(1.0, DAYS), 1), 1)
    assert (verdict.fires, verdict.calm) == (fires, calm)


def test_nothing_at_all_is_missing_too():
    params = MonitorParams(ratio=0.5)
    none = readings(np.zeros((7, 1)), np.full((7, 1), 10_000.0))
    assert judge(params, none, usual(params, plenty(1.0, DAYS), 1), 1).fires


def test_a_reference_that_is_given_is_the_reference():
    params = MonitorParams(ratio=2.0, against="given", reference=0.1)
    assert not judge(params, plenty(0.19), usual(params, [], 1), 1).fires
    verdict = judge(params, plenty(0.2), usual(params, [], 1), 1)
    assert verdict.fires
    assert verdict.reference == 0.1


@pytest.mark.parametrize("before", [[], plenty(1.0, 13)])
def test_without_days_enough_nobody_knows_what_is_usual(before):
    params = MonitorParams(ratio=2.0)
    assert usual(params, before, 1) is None
    assert not judge(params, plenty(50.0), None, 1).fires


def test_a_part_that_is_usually_high_is_held_to_itself_and_a_low_one_to_all():
    """A category with five times the mean is no alarm for being as it is."""
    params = MonitorParams(ratio=3.0)
    week, per = np.tile([50_000.0, 10_000.0, 1_000.0], (DAYS, 1)), np.full((DAYS, 3), 10_000.0)
    before = usual(params, readings(week, per), 3)
    whole = 61_000.0 / 30_000.0
    assert before.level == pytest.approx([5.0, whole, whole])
    assert not judge(params, readings(week[:7], per[:7]), before, 1).fires
    high = judge(params, readings(week[:7] * [3.0, 1.0, 1.0], per[:7]), before, 1)
    assert (high.fires, high.part) == (True, 0)


@pytest.mark.exact
@pytest.mark.parametrize("per_day", [0.3, 3.0, 300.0])
@pytest.mark.parametrize("bunch", [1.0, 5.0])
def test_chance_raises_no_more_false_alarms_than_are_borne_at_any_size(per_day, bunch):
    """Nothing changes in 2,000 weeks of 13 parts; chance may fire on as many looks as is borne."""
    rng = np.random.default_rng([int(10 * per_day), int(bunch)])
    params = MonitorParams(ratio=1.5, false_alarms=12.0)
    fired = looks = 0
    for _ in range(200):
        buyers = rng.poisson(per_day, (DAYS + 70, 13))
        passed = bunches(rng, np.full(buyers.shape, 0.8 * per_day), bunch)
        before = usual(params, readings(passed[:DAYS], buyers[:DAYS]), 13)
        for week in range(10):
            days = slice(DAYS + 7 * week, DAYS + 7 * week + 7)
            fired += judge(params, readings(passed[days], buyers[days]), before, 1).fires
            looks += 1
    borne = params.false_alarms / 365.0 * looks
    assert fired <= borne + 3.0 * np.sqrt(borne)


@pytest.mark.parametrize(("per_day", "found"), [(300.0, 1.0), (30.0, 0.8)])
def test_a_real_rise_is_found(per_day, found):
    """Four times the usual level in one of 13 parts, in bunches of five."""
    rng = np.random.default_rng(5)
    params = MonitorParams(ratio=3.0)
    fired = []
    for _ in range(30):
        buyers = rng.poisson(per_day, (DAYS + 7, 13))
        mean = np.full(buyers.shape, 0.8 * per_day)
        mean[DAYS:, 4] *= 4.0
        passed = bunches(rng, mean, 5.0)
        before = usual(params, readings(passed[:DAYS], buyers[:DAYS]), 13)
        verdict = judge(params, readings(passed[DAYS:], buyers[DAYS:]), before, 1)
        fired.append(verdict.fires and verdict.part == 4)
    assert np.mean(fired) >= found


def test_the_spread_of_bunches_is_learnt_from_whole_windows():
    """Bunches of geometric size 5 have a variance of 9 times their mean; single events of 1."""
    rng = np.random.default_rng(9)
    params = MonitorParams(window=3.0)
    for bunch, spread in ((1.0, 1.0), (5.0, 9.0)):
        over = bunches(rng, np.full((DAYS, 13), 50.0), bunch)
        found = usual(params, readings(over, np.full(over.shape, 100.0)), 13)
        assert found.spread == pytest.approx(spread * (1.0 + 3.0 / DAYS), rel=0.25)


def test_the_bound_on_chance_does_not_depend_on_units():
    """Fen in place of CNY, events in bunches of one weight: the same verdict."""
    rng = np.random.default_rng(3)
    over, per = bunches(rng, np.full((DAYS, 1), 40.0), 3.0), np.full((DAYS, 1), 1.0)
    params = MonitorParams(ratio=1.2)
    verdicts = []
    for unit in (10.0, 1000.0):
        before = usual(params, readings(over * unit, per), 1)
        rises = [
            judge(params, readings(over[:7] * unit * k, per[:7]), before, 1).fires for k in (1.5, 3.0, 9.0)
        ]
        verdicts.append(rises)
    assert verdicts[0] == verdicts[1]
    assert verdicts[0][-1]
