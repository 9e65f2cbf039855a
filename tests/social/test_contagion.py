"""Adoption by friends: one, two and many; by hand, and as a regression finds it in a market."""

from __future__ import annotations

import math

import numpy as np
import pytest

from sim.social.contagion import buying_friends, odds_factor
from tests.conftest import LIVELY, live, small_market


def test_the_first_friend_counts_most_and_many_count_no_more():
    """1 + strength for one; increments fall by exp(-1/saturation) each, so their sum is a geometric one."""
    factor = odds_factor(np.arange(60), 0.55, 2.0)
    assert factor[0] == 1.0
    assert factor[1] == pytest.approx(1.55)
    steps = np.diff(factor)
    assert steps[1:20] / steps[:19] == pytest.approx(np.full(19, math.exp(-0.5)), rel=1e-6)
    assert factor[-1] == pytest.approx(1.0 + 0.55 / (1.0 - math.exp(-0.5)))
    assert (odds_factor(np.arange(5), 0.0, 2.0) == 1.0).all()


def test_friends_who_bought_are_counted_by_tie():
    """A path 0-1-2 and somebody alone."""
    indptr, indices = np.array([0, 1, 3, 4, 4]), np.array([1, 0, 2, 1])
    assert buying_friends(indptr, indices, np.array([True, False, True, True])).tolist() == [0, 2, 0, 0]


#: Nobody knows anything but friends who bought: one in seven did, a while ago, and ties are few.
FRIENDS = (
    "graph.mean_degree=6", "population.initial_buyers=0.15", "sharing=none", "control=media", "trust=none",
    "influencers=none", "sessions=none", "contagion.saturation=1",
    *LIVELY, "choice.order_intercept=-1.5",
)  # fmt: skip


def lived(*words: str):
    """Eight days of that market."""
    return live(small_market("baseline", *FRIENDS, *words, size=3000), 8).world


def by_friends(world) -> tuple[float, float]:
    """Log odds ratio of a first order on a day, with a friend who bought against none, and its error."""
    table = world.records.tables["contagion_first_orders"]
    some = table["friends"] > 0
    cells = [(table["first_orders"][k].sum(), table["people"][k].sum()) for k in (some, ~some)]
    (a, n), (b, m) = cells
    return math.log(a / (n - a)) - math.log(b / (m - b)), math.sqrt(1.0 / a + 1.0 / b)


def test_hardly_any_strength_is_a_market_without_it_and_much_of_it_shows():
    """Likeness of friends is in both markets; only the strong one has more, by over three standard errors."""
    without, hardly = lived(), lived("contagion.strength=1e-9")
    assert np.array_equal(without.records.orders["order_id"], hardly.records.orders["order_id"])
    assert not len(without.records.tables["contagion_first_orders"]["day"])
    (none, error), (strong, wide) = by_friends(hardly), by_friends(lived("contagion.strength=2"))
    assert strong - none > 3.0 * math.hypot(error, wide)
