"""Selecting the best: decisions by a slow twin, and how often they are right."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.procedures import correct
from sim.analysis.selection import kim_nelson


def by_the_paper(x, zone, alpha, n0):
    """Kim & Nelson (2001), section 3, with c = 1, in the order of its steps and in plain loops."""
    n, k = x.shape
    eta = 0.5 * ((2 * alpha / (k - 1)) ** (-2 / (n0 - 1)) - 1)
    h2 = 2 * eta * (n0 - 1)
    s2 = {}
    for i in range(k):
        for j in range(k):
            d = [x[r, i] - x[r, j] for r in range(n0)]
            s2[i, j] = sum((one - sum(d) / n0) ** 2 for one in d) / (n0 - 1)
    most = {i: max(math.floor(h2 * s2[i, j] / zone**2) for j in range(k) if j != i) for i in range(k)}
    survivors, dropped, r = list(range(k)), {}, n0
    if n0 > max(most.values()):
        best = int(np.argmax(x[:n0].mean(axis=0)))
        return best, {i: n0 for i in range(k) if i != best}
    while True:
        mean = {i: x[:r, i].mean() for i in survivors}
        stay = [
            i for i in survivors
            if all(mean[i] >= mean[j] - max(0.0, zone / (2 * r) * (h2 * s2[i, j] / zone**2 - r))
                   for j in survivors if j != i)
        ]  # fmt: skip
        dropped |= {i: r for i in survivors if i not in stay}
        survivors = stay
        if len(survivors) == 1:
            return survivors[0], dropped
        r += 1
        if r > max(most[i] for i in survivors) + 1 or r > n:
            return None, dropped


@pytest.mark.reference
@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**6), st.integers(2, 6), st.floats(0.2, 3), st.floats(0.6, 0.99), st.integers(2, 12))
def test_decides_as_the_steps_of_the_paper_say(seed, k, zone, confidence, first):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=k) + rng.normal(size=(150, 1)) + rng.uniform(0.3, 2, k) * rng.normal(size=(150, k))
    if confidence <= 1 / k + 0.01:
        return
    got = kim_nelson(x, zone, confidence, first)
    winner, dropped = by_the_paper(x, zone, 1 - confidence, first)
    if winner is not None:
        assert got.winner == winner
    assert got.dropped.items() >= dropped.items()
    assert got.bound <= 150 or got.winner is None


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10**6), st.integers(10, 60))
def test_making_worlds_in_batches_changes_no_decision(seed, until):
    x = np.random.default_rng(seed).normal([0, 0.3, 0.6, 0.9], 1, (400, 4))
    whole = kim_nelson(x, 0.5)
    part = kim_nelson(x[:until], 0.5)
    assert part.dropped == {i: r for i, r in whole.dropped.items() if r <= until}
    masked = x.copy()
    for one, after in whole.dropped.items():
        masked[after:, one] = np.nan  # what was dropped need not be run
    assert kim_nelson(masked, 0.5) == whole
    masked[0, 0] = np.nan
    with pytest.raises(ValueError, match="finite"):
        kim_nelson(masked, 0.5)


@pytest.mark.parametrize("k", [2, 5])
def test_selects_the_best_at_least_as_often_as_promised(k):
    """The best is ahead by just the zone (the hardest case), with and without shared worlds."""
    repeats, promised = 400, 0.90
    slack = 3 * math.sqrt(promised * (1 - promised) / repeats)
    alone, many = correct(k, 0.0, promised, repeats)
    shared, few = correct(k, 0.8, promised, repeats)
    assert alone >= promised - slack
    assert shared >= promised - slack
    assert few < many  # shared worlds pay


@pytest.mark.slow
@pytest.mark.parametrize("correlation", [0.0, 0.8])
@pytest.mark.parametrize("k", [2, 5, 10])
def test_selects_the_best_as_promised_in_thousands(k, correlation):
    repeats = 3000
    right, _ = correct(k, correlation, 0.95, repeats)
    assert right >= 0.95 - 3 * math.sqrt(0.95 * 0.05 / repeats)


def test_little_to_do():
    assert kim_nelson(np.ones((3, 1)), 1.0).winner == 0
    early = kim_nelson(np.zeros((4, 3)), 1.0)
    assert (early.alive, early.worlds, early.winner) == ((0, 1, 2), 4, None)
    equal = kim_nelson(np.zeros((10, 3)), 1.0)
    assert equal.winner == 0  # strategies without any difference: one of them
    for zone, confidence in ((0, 0.9), (1, 0.3), (1, 1.0)):
        with pytest.raises(ValueError, match="zone"):
            kim_nelson(np.zeros((10, 3)), zone, confidence)
