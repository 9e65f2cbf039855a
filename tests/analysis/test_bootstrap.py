"""Bootstrap intervals: against all resamples, equivariance, and how often they hold the truth."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from sim.analysis.bootstrap import FEWEST, bootstrap_bounds, bootstrap_interval
from sim.measure.intervals import t_interval

SKEWED = [0.1, 0.3, 0.4, 1.0, 1.7, 5.2]


def test_agrees_with_all_resamples_of_six_values():
    """Against the exact bootstrap distribution (6**6 resamples) and Efron's formulas, written out."""
    x = np.array(SKEWED)
    n = len(x)
    means = np.sort([np.mean(one) for one in itertools.product(x, repeat=n)])
    bias = stats.norm.ppf((np.mean(means < x.mean()) + np.mean(means <= x.mean())) / 2)
    off = x - x.mean()
    a = np.sum(off**3) / (6 * np.sum(off**2) ** 1.5)
    got = bootstrap_interval(SKEWED)
    for bound, side in ((got.low, -1), (got.high, 1)):
        z = bias + side * np.sqrt(n / (n - 1)) * stats.t.ppf(0.975, n - 1)
        level = stats.norm.cdf(bias + z / (1 - a * z))
        # Four standard errors of the level that 4,000 resamples reach, and of their bias correction.
        slack = 4 * (np.sqrt(level * (1 - level) / 4000) + stats.norm.pdf(z) * 1.25 / np.sqrt(4000))
        lowest, highest = np.quantile(means, np.clip([level - slack, level + slack], 0, 1))
        assert lowest <= bound <= highest
    assert got.value == pytest.approx(x.mean())
    assert got.n == n


@pytest.mark.property
@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.floats(-100, 100), min_size=FEWEST, max_size=15),
    st.floats(0.1, 10), st.floats(-1e4, 1e4), st.randoms(),
)  # fmt: skip
def test_moves_and_stretches_with_the_values(values, scale, shift, random):
    low, high = bootstrap_bounds([values])[0]
    assert low <= high
    width = 1e-9 * (1 + np.ptp(values))
    assert min(values) - width <= low
    assert high <= max(values) + width
    moved = bootstrap_bounds([[scale * value + shift for value in values]])[0]
    assert moved == pytest.approx([scale * low + shift, scale * high + shift], rel=1e-6, abs=1e-3)
    others = [random.uniform(0, 1) for _ in range(9)]
    beside = bootstrap_bounds([others, values, others[:2]])
    assert beside[1] == pytest.approx([low, high])  # whatever else is asked


def test_mirrored_values_give_the_mirrored_interval_within_resampling_error():
    low, high = bootstrap_bounds([SKEWED])[0]
    mirrored = bootstrap_bounds([[-value for value in SKEWED]])[0]
    error = 0.05 * np.ptp(SKEWED)  # the two read other resamples: levels near 0.01 are good to a tenth
    assert mirrored == pytest.approx([-high, -low], abs=error)


def test_too_few_values_have_no_bounds_and_equal_values_no_width():
    assert np.isnan(bootstrap_bounds([SKEWED[:5], [np.nan] * 9, []])).all()
    assert bootstrap_interval([2.5] * 7)[:3] == (2.5, 2.5, 2.5)
    assert bootstrap_interval([*SKEWED, np.nan, np.inf]) == bootstrap_interval(SKEWED)


@pytest.mark.parametrize(
    ("draw", "truth"),
    [(lambda rng, shape: rng.normal(2, 3, shape), 2.0), (lambda rng, shape: rng.gamma(4, 1, shape), 4.0)],
)
@pytest.mark.parametrize("size", [6, 8, 20])
def test_holds_the_truth_as_often_as_it_says(draw, truth, size):
    """1,000 samples: 91% to 99%, as bounds on nominal 95%; the binomial error is 0.7 points."""
    samples = draw(np.random.default_rng(7), (1000, size))
    low, high = bootstrap_bounds(samples).T
    assert 0.91 <= np.mean((low <= truth) & (truth <= high)) <= 0.99


def test_follows_skewness_where_t_does_not():
    """Of a gamma of shape 1, t misses mostly to one side; the bootstrap splits its misses more evenly."""
    samples = np.random.default_rng(8).gamma(1, 1, (1500, 20))
    low, high = bootstrap_bounds(samples).T
    t_low, t_high = np.array([t_interval(sample)[1:3] for sample in samples]).T
    above, t_above = np.mean(high < 1), np.mean(t_high < 1)
    assert above < t_above  # 1,500 paired samples: the two differ by several standard errors
    assert np.mean((low <= 1) & (high >= 1)) > np.mean((t_low <= 1) & (t_high >= 1))


def test_tiny_values_have_the_bounds_of_the_same_values_in_a_larger_unit():
    values = np.array([0.0, 0.0, 0.0, 0.0, 0.0, 1.0])
    large, tiny = bootstrap_bounds([values, values * 2.0**-525])
    assert np.allclose(tiny * 2.0**525, large, rtol=1e-12)
    assert np.isfinite(large).all()
