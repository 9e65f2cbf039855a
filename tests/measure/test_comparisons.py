"""Many comparisons at once: Holm's p-values and simultaneous intervals."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from sim.measure.intervals import holm, simultaneous_interval, t_interval, t_p_value


def test_holm_by_hand():
    # Sorted 0.01, 0.02, 0.03, 0.04: times 4, 3, 2, 1, and never below the one before.
    assert holm([0.03, 0.01, 0.04, 0.02]) == pytest.approx([0.06, 0.04, 0.06, 0.06])
    got = holm([0.03, np.nan, 0.5])
    assert got[[0, 2]] == pytest.approx([0.06, 0.5])
    assert np.isnan(got[1])
    assert holm([]).size == 0


@pytest.mark.property
@given(st.lists(st.floats(0.001, 1), min_size=1, max_size=5))
def test_holm_is_bonferroni_on_every_subset(p):
    """Closed testing (Marcus, Peritz & Gabriel 1976): the largest p over subsets that hold the comparison."""
    n = len(p)
    subsets = [one for size in range(1, n + 1) for one in itertools.combinations(range(n), size)]
    for i, adjusted in enumerate(holm(p)):
        closed = max(min(1.0, len(one) * min(p[j] for j in one)) for one in subsets if i in one)
        assert adjusted == pytest.approx(closed)


@pytest.mark.property
@given(st.lists(st.floats(-50, 50), min_size=2, max_size=12))
def test_p_value_and_interval_tell_the_same(values):
    found = stats.ttest_1samp(values, 0.0)
    if np.std(values) > 1e-6:
        assert t_p_value(values) == pytest.approx(found.pvalue, rel=1e-6, abs=1e-12)
        low, high = found.confidence_interval(1 - 0.05 / 7)
        assert simultaneous_interval(values, 7)[1:3] == pytest.approx((low, high), rel=1e-6, abs=1e-9)


def test_p_values_without_spread():
    assert t_p_value([0.0, 0.0]) == 1.0
    assert t_p_value([2.0, 2.0, 2.0]) == 0.0
    assert np.isnan(t_p_value([1.0, np.nan]))
    assert simultaneous_interval([1.0, 2.0, 4.0], 1) == t_interval([1.0, 2.0, 4.0])


@pytest.mark.parametrize("correlation", [0.0, 0.9])
def test_a_family_is_rarely_wrong_at_all(correlation):
    """20 comparisons without any effect, 600 families: errors in at most 5% (plus 3 standard errors)."""
    rng = np.random.default_rng(4)
    families, comparisons, worlds = 600, 20, 6
    shared = rng.normal(size=(families, 1, worlds))
    own = rng.normal(size=(families, comparisons, worlds))
    samples = np.sqrt(correlation) * shared + np.sqrt(1 - correlation) * own
    p = np.array([[t_p_value(one) for one in family] for family in samples])
    wrong = np.mean([(holm(one) <= 0.05).any() for one in p])
    uncorrected = np.mean((p <= 0.05).any(axis=1))
    missed = np.mean([
        any(low > 0 or high < 0 for _, low, high, _ in (simultaneous_interval(x, 20) for x in family))
        for family in samples[:300]
    ])  # fmt: skip
    assert wrong <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / families)
    assert missed <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / 300)
    assert uncorrected > 0.15
