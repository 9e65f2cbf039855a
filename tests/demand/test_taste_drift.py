"""Taste that moves: needs of one group turn from the household to personal growth, at a yearly rate."""

from __future__ import annotations

import math

import numpy as np
import pytest

from sim.core.rng import Draw
from sim.demand.taste_drift import GROWTH, HOUSEHOLD, SILVER, TasteDrift
from tests.conftest import LIVELY, live, small_market


def test_needs_turn_at_their_rate_and_what_is_needed_in_all_stays():
    """Days by hand: exp(-rate x days / 365) of household needs are left, from the first day to the 360th."""
    world = small_market("baseline", size=600).world
    people, drift = world.people, TasteDrift(0.4)
    before, silver = people.need_rate.astype(np.float64), people.group == SILVER
    for day in range(361):
        world.clock.day = day
        drift.act(world, Draw(world.seed, day))
        if day in (0, 1, 15, 360):
            after = people.need_rate.astype(np.float64)
            left = before[:, HOUSEHOLD] * math.exp(-0.4 * day / 365)
            assert after[silver][:, HOUSEHOLD] == pytest.approx(left[silver], rel=1e-5)
            assert after.sum(axis=1) == pytest.approx(before.sum(axis=1), rel=1e-5)
    assert (after[silver, GROWTH] > before[silver, GROWTH]).all()
    assert (after[~silver] == before[~silver]).all()


def test_with_time_the_group_orders_more_for_itself():
    shares = []
    for rate in (0.0, 5.0):
        world = live(
            small_market("baseline", *LIVELY, "turnover.enabled=false", f"needs.drift={rate}", size=600), 40
        ).world
        orders = world.records.orders
        silver = world.people.group[world.seats_of(orders["person"])] == SILVER
        mine = orders["category"][silver & (orders["day"] >= 20)]
        shares.append(np.isin(mine, HOUSEHOLD).mean() - (mine == GROWTH).mean())
    assert shares[1] < shares[0] - 0.1
