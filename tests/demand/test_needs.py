"""Who comes to want something, and whose budget renews, against a plain loop over everybody."""

from __future__ import annotations

import math

import numpy as np
import pytest

from sim.core.rng import uniform_py
from sim.demand.needs import _live, _renew

STREAM, DAY, LIFETIME = 11, 40, 7


def test_needs_are_those_of_a_plain_loop() -> None:
    """More people than are drawn for together; some have a need, some of these today for the last time."""
    n, rng = 1_100, np.random.default_rng(3)
    ids = rng.permutation(10 * n)[:n]
    rate = (rng.random((n, 3)) * 0.2 * (rng.random((n, 3)) < 0.8)).astype(np.float32)
    total = rate.sum(axis=1)
    stocked = rng.integers(DAY - 5, DAY + 5, (n, 3)).astype(np.int32)
    category = np.where(rng.random(n) < 0.4, rng.integers(0, 3, n), -1).astype(np.int8)
    until = rng.integers(DAY - 1, DAY + 3, n).astype(np.int32)
    expected, ends = category.copy(), until.copy()
    for i, who in enumerate(ids.tolist()):
        if category[i] >= 0:
            expected[i] = category[i] if until[i] > DAY else -1
        elif uniform_py(STREAM, who, 0) < 1.0 - math.exp(-0.9 * float(total[i])):
            clocks = [
                -math.log(uniform_py(STREAM, who, 1 + c)) / float(rate[i, c]) if rate[i, c] else math.inf
                for c in range(3)
            ]
            first = int(np.argmin(clocks))
            if math.isfinite(clocks[first]) and stocked[i, first] <= DAY:
                expected[i], ends[i] = first, DAY + LIFETIME
    _live(np.uint64(STREAM), DAY, ids, 0.9, LIFETIME, total, rate, stocked, category, until)
    assert np.array_equal(category, expected)
    assert np.array_equal(until, ends)
    assert 100 < (expected >= 0).sum() < n


@pytest.mark.parametrize("period", [1, 2, 7, 30, 366])
def test_budgets_renew_once_a_period_whatever_the_id(period: int) -> None:
    """Small ids and those of newcomers, which have up to 53 bits."""
    ids = np.concatenate([np.arange(800), np.random.default_rng(2).integers(2**52, 2**53 - DAY, 800)])
    left = np.zeros(len(ids), np.float32)
    _renew(DAY, period, ids, np.ones(len(ids), np.float32), 0.5, left)
    assert ((left > 0.0) == ((ids + DAY) % period == 0)).all()
