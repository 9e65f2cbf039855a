"""Shared worlds make differences sharper: the measure against theory, and one lever in a few worlds."""

import numpy as np
import pytest

from benchmarks.common_random_numbers import smaller_when_paired, variance_ratio
from sim.measure import measure_run
from tests.conftest import LIVELY, live, small_market

WORLDS, DAYS = 10, 6
REWARDS = (
    ("flat_cash_referral", "incentive.invite_reward=5"),
    ("flat_cash_referral", "incentive.invite_reward=10"),
)


@pytest.mark.exact
@pytest.mark.parametrize(("correlation", "deviation"), [(0.0, 1.0), (0.9, 1.0), (0.7, 2.0), (-0.4, 0.5)])
def test_intervals_cover_the_true_ratio_of_normal_worlds(correlation, deviation):
    """95% of 1,000 intervals, give or take four standard errors (0.0069 each)."""
    rng = np.random.default_rng(3)
    both = rng.multivariate_normal(
        [0, 5], [[1, correlation * deviation], [correlation * deviation, deviation**2]], (1000, 30)
    )
    truth = 1 - 2 * correlation * deviation / (1 + deviation**2)
    found = [variance_ratio(pair[:, 0], pair[:, 1]) for pair in both]
    covered = np.mean([one.low <= truth <= one.high for one in found])
    assert abs(covered - 0.95) < 4 * np.sqrt(0.95 * 0.05 / 1000)


@pytest.mark.exact
def test_the_ratio_is_that_of_all_pairs_of_separate_worlds():
    """Worlds i and j != i are independent: the mean square over all pairs is Var a + Var b + (gap)^2."""
    rng = np.random.default_rng(4)
    a = rng.normal(size=40)
    b = 0.8 * a + rng.normal(size=40)
    apart = [b[j] - a[i] for i in range(40) for j in range(40) if i != j]
    gap = b.mean() - a.mean()
    # Leaving out i = j takes the paired differences out of the sum of all pairs.
    everything = np.sum(np.square(apart)) + np.sum((b - a) ** 2)
    independent = (everything - 1600 * gap**2) / (40 * 39)
    assert variance_ratio(a, b).value == pytest.approx(np.var(b - a, ddof=1) / independent)


def test_what_cannot_vary_or_is_not_there():
    a = np.arange(12.0)
    assert variance_ratio(a, a + 3).high == 0.0
    assert variance_ratio(a, -a).value == 2.0
    assert np.isnan(variance_ratio(np.ones(12), np.ones(12)).value)
    assert variance_ratio(np.append(a, np.nan), np.append(a, 1.0)).worlds == 12
    assert np.isnan(variance_ratio(a[:9], a[:9] + 1).value)


@pytest.fixture(scope="module")
def markets():
    """Strategy by world, lived from a cold start."""
    return [
        [live(small_market(*strategy, *LIVELY, size=300, replication=world), DAYS) for strategy in REWARDS]
        for world in range(WORLDS)
    ]


def test_a_difference_in_shared_worlds_varies_less(markets):
    """One-sided, at 1%: ten worlds are enough where most of the luck is shared."""
    figures = [[measure_run(m.tables(), (0, DAYS)) for m in pair] for pair in markets]
    for kpi in ("new_users", "order_conversion", "add_to_cart_rate", "revenue"):
        a, b = (np.array([pair[k][kpi] for pair in figures]) for k in (0, 1))
        assert np.any(a != b)
        assert smaller_when_paired(a, b) < 0.01
        assert variance_ratio(a, b).value < 1


def test_draws_that_the_lever_does_not_touch_are_the_same(markets):
    """Twice the reward brings other people in, and nobody who was coming anyway is dealt another hand."""
    tables = [[market.tables() for market in pair] for pair in markets]
    assert any(
        not np.array_equal(one["visits"]["visit_id"], other["visits"]["visit_id"]) for one, other in tables
    )
    for one, other in tables:
        for column in ("arrivals", "returners"):
            assert np.array_equal(one["daily"][column], other["daily"][column])
        first = [t["visits"]["day"] == 0 for t in (one, other)]
        hands = [
            set(zip(*(t["visits"][c][rows].tolist() for c in ("person", "minute", "source")), strict=True))
            for t, rows in zip((one, other), first, strict=True)
        ]
        assert len(hands[0] & hands[1]) > 0.95 * len(hands[0])
