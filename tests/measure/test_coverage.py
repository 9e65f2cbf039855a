"""How often intervals from real runs of a tiny market hold the truth."""

from __future__ import annotations

import math

import numpy as np
import pytest

from benchmarks.coverage import held, simulate, table


def test_the_count_of_covered_experiments_is_right():
    """Normal values: t covers 95%, bootstrap a little less, and a shifted truth is missed."""
    values = np.random.default_rng(1).normal(5, 2, 4000)
    share = held(values, 8)
    error = math.sqrt(0.95 * 0.05 / 500)
    assert abs(share["t"] - 0.95) < 4 * error
    assert 0.91 <= share["bootstrap"] <= 0.99
    trend = values + np.repeat([0, 20], 2000)  # the truth of the others is not that of one's own
    assert held(trend, 8)["t"] == 0
    with_gaps = np.where(np.arange(4000) % 100 == 3, np.nan, values)
    assert held(with_gaps, 8)["t"] == pytest.approx(share["t"], abs=4 * error)


@pytest.mark.slow
def test_intervals_of_real_runs_hold_the_truth(tmp_path):
    """200 experiments of 8 worlds: each kind of interval holds the truth 91% to 99% of the time.

    Over indicators that is the mean of twelve; a single one may be off by three binomial errors more.
    """
    found = table(simulate(1600, tmp_path / "coverage.npy"), 8)
    error = 100 * math.sqrt(0.95 * 0.05 / 200)
    assert found.mean().between(91, 99).all()
    assert ((found > 91 - 3 * error) & (found <= 100)).all(axis=None)
