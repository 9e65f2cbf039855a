"""Compiled loops over people, ties and groups give what plain arrays give, to the last bit."""

from __future__ import annotations

import numpy as np
import pytest

from sim.commerce.group_choice import first_that_fits
from sim.commerce.group_pool import OpenGroups
from sim.content.viewing import by_look, in_reach, time_of_groups
from sim.demand.bidders import users_of
from sim.demand.brand import impressions
from sim.demand.lifecycle import (
    ADVOCATE,
    AWARE,
    BUYER,
    LAPSED,
    REPEAT_BUYER,
    UNAWARE,
    Gaps,
    Lives,
    count_gaps,
    stages_of,
)
from sim.social.care import mean_of_close
from sim.social.contagion import first_orders
from sim.world.schema import GROUPS
from sim.world.world import OpenGroup

pytestmark = pytest.mark.reference
N, PLATFORMS, DAY, NEVER = 400, 7, 100, -10_000


@pytest.fixture
def rng():
    return np.random.default_rng(11)


def crowd(rng):
    activity, affinity = rng.random(N).astype(np.float32), rng.random((N, PLATFORMS)).astype(np.float32)
    affinity[rng.random((N, PLATFORMS)) < 0.3] = 0.0
    return activity, affinity, rng.random(N) < 0.4, rng.integers(0, len(GROUPS), N).astype(np.int8)


def test_what_people_saw(rng):
    activity, affinity, known, group = crowd(rng)
    paid, feed = rng.random((len(GROUPS), PLATFORMS)), rng.random(PLATFORMS)
    time, factor = activity[:, None].astype(np.float64) * affinity, np.where(known, 1.7, 1.0)
    expected = (time * paid[group]).sum(axis=1) * factor
    assert np.array_equal(impressions(activity, affinity, paid, known, 1.7, group), expected)
    people = time * (paid[0] * factor[:, None] + feed)
    seen, volume = in_reach(activity, affinity, known, group, paid[0], feed, 1.7)
    whole = np.zeros((3, len(GROUPS), PLATFORMS))
    for one, rows in zip(whole, (people, time, time * factor[:, None]), strict=True):
        np.add.at(one, group, rows)
    assert np.array_equal(seen, people)
    assert np.array_equal(volume, whole[0])
    assert np.array_equal(time_of_groups(activity, affinity, known, group, 1.7), whole[1:])
    assert users_of(affinity).tolist() == (affinity > 0.0).sum(axis=0).tolist()


def test_sums_by_look(rng):
    look, each = rng.integers(0, 9, 50), rng.random((3, 50))
    looks, at = np.unique(look, return_inverse=True)
    sums = np.zeros((3, len(looks)))
    np.add.at(sums.T, at, each.T)
    found = by_look(look, each)
    assert np.array_equal(found[0], looks)
    assert np.array_equal(found[1], sums)


def test_close_friends_and_first_orders(rng):
    indptr = np.concatenate([[0], np.cumsum(rng.integers(0, 9, N))])
    indices, strength = rng.integers(0, N, indptr[-1]), rng.integers(0, 2, indptr[-1]).astype(np.uint8)
    own, seats = rng.random(N).astype(np.float32), np.flatnonzero(rng.random(N) < 0.5)
    ends, known = np.repeat(np.arange(N), np.diff(indptr)), np.isin(np.arange(N), seats)
    close = (strength > 0) & known[indices]
    told = np.bincount(ends[close], own[indices[close]].astype(np.float64), N)
    number = np.bincount(ends[close], minlength=N)
    expected = np.where(number > 0, told / np.maximum(number, 1), 0.5)[seats]
    assert np.array_equal(mean_of_close(indptr, indices, strength, own, seats), expected)

    buyers, friends = rng.integers(0, N, 90), rng.integers(0, 6, N).astype(np.int32)
    today = np.bincount(buyers, minlength=N)
    orders = (today + rng.integers(0, 2, N)).astype(np.int32)
    new = (today > 0) & (orders <= today)
    columns = [(orders == 0) | new, new]
    counted = [[int((of & (np.minimum(friends, 3) == k)).sum()) for k in range(4)] for of in columns]
    assert first_orders(orders, friends, buyers).tolist() == counted


def lives(rng):
    draw = {name: rng.integers(0, 4, N).astype(np.int32) for name in ("orders", "lifecycle_gaps")}
    last = rng.integers(DAY - 60, DAY + 1, N).astype(np.int32)
    return draw | {
        "registered": rng.random(N) < 0.3,
        "notes": (rng.random(N) < 0.2).astype(np.float32),
        "last_order_day": last,
        "lifecycle_stage": rng.integers(0, 6, N).astype(np.int8),
        "lifecycle_told": np.where(rng.random(N) < 0.5, DAY - rng.integers(0, 90, N), NEVER).astype(np.int32),
        "lifecycle_gap_days": (20 * rng.random(N)).astype(np.float32),
        "lifecycle_orders": np.maximum(0, draw["orders"] - rng.integers(0, 2, N)).astype(np.int32),
        "lifecycle_ordered": np.where(rng.random(N) < 0.5, last - 3, NEVER).astype(np.int32),
    }


def test_stages_of_customers(rng):
    of = lives(rng)
    visitors, usual = rng.integers(0, N, 60), np.float32(12.3)
    visited = np.isin(np.arange(N), visitors)
    aware = visited | of["registered"] | (of["notes"] > 0) | (of["lifecycle_stage"] > UNAWARE)
    stage = np.where(aware, AWARE, UNAWARE).astype(np.int8)
    stage[of["orders"] > 0] = BUYER
    stage[of["orders"] > 1] = REPEAT_BUYER
    stage[(of["orders"] > 1) & (DAY - of["lifecycle_told"] < 40.0)] = ADVOCATE
    gap = (usual + of["lifecycle_gap_days"]) / (1.0 + of["lifecycle_gaps"])
    stage[(of["orders"] > 0) & (DAY - of["last_order_day"] > 2.5 * gap)] = LAPSED
    record = Lives(**{name: of[name] for name in Lives._fields})
    assert np.array_equal(stages_of(record, visitors, DAY, 40.0, 2.5, usual), stage)
    assert len(np.unique(stage)) == 6


def test_gaps_between_orders(rng):
    of = lives(rng)
    ordered, days, gaps = (of[f"lifecycle_{name}"].copy() for name in ("ordered", "gap_days", "gaps"))
    known = (of["orders"] > of["lifecycle_orders"]) & (ordered > NEVER) & (ordered < DAY)
    days[known] += (DAY - ordered)[known]
    gaps[known] += 1
    ordered = np.where(of["orders"] > 0, of["last_order_day"], ordered)
    count_gaps(Gaps(**{name: of[name] for name in Gaps._fields}), DAY)
    assert known.any()
    assert np.array_equal(of["lifecycle_gap_days"], days)
    assert np.array_equal(of["lifecycle_gaps"], gaps)
    assert np.array_equal(of["lifecycle_ordered"], ordered)
    assert np.array_equal(of["lifecycle_orders"], of["orders"])


def test_the_oldest_open_group_that_fits(rng):
    about = rng.integers(0, 4, 40), np.sort(rng.integers(0, 100, 40)), rng.integers(0, 5, 40)
    category, minute, person = rng.integers(0, 6, 300), rng.integers(0, 110, 300), rng.integers(0, 5, 300)
    fits = (about[0] == category[:, None]) & (about[1] > minute[:, None]) & (about[2] != person[:, None])
    expected = np.where(fits.any(axis=1), fits.argmax(axis=1), -1)
    assert first_that_fits(*about, category, minute, person).tolist() == expected.tolist()


def test_groups_that_fill_leave_the_pool_and_the_others_keep_their_order():
    groups = [OpenGroup(n, n, n % 2, n, 50 + n, 2, [n]) for n in range(6)]
    pool = OpenGroups(groups)
    assert [group.group_id for group in pool.running(0, 50)] == [2, 4]
    pool.fill(groups[2], 51)
    pool.begin(OpenGroup(9, 9, 0, 52, 99, 2, [9]))
    assert [group.group_id for group in pool.running(0, 50)] == [4, 9]
    assert [group.group_id for group in pool.still_open()] == [0, 1, 3, 4, 5, 9]
    assert pool.filled == [(groups[2], 51)]
