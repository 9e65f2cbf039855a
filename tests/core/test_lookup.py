"""Rows and first places found without sorting everything are those that sorting finds."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.core.lookup import distinct, first_by, rows_of
from sim.core.records import Table
from sim.core.scatter import add_at, add_one_at
from sim.operator.data_platform import USUAL_DAYS, UsualVisits
from sim.world.catalog import CATEGORIES

pytestmark = pytest.mark.reference
NUMBERS = st.lists(st.integers(-4, 4), max_size=30)


@given(NUMBERS, NUMBERS)
def test_rows_are_the_last_of_each_id(ids, asked):
    last = {one: row for row, one in enumerate(ids)}
    found = rows_of(np.array(ids, np.int64), np.array(asked, np.int64))
    assert found.tolist() == [last.get(one, -1) for one in asked]


@given(NUMBERS)
def test_distinct_ids_are_those_of_a_set(ids):
    assert distinct(np.array(ids, np.int64)).tolist() == sorted(set(ids))


@given(st.lists(st.tuples(st.integers(0, 4), st.floats(0, 1e4)), max_size=30))
def test_sums_by_row_are_those_of_one_addition_after_another(added):
    rows, amounts = np.array([row for row, _ in added], np.int64), np.array([one for _, one in added])
    column, count, slow = np.zeros(5, np.float32), np.zeros(5, np.int16), np.zeros(5, np.float32)
    add_at(column, rows, amounts)
    add_one_at(count, rows)
    for row, amount in added:
        slow[row] = np.float32(np.float64(slow[row]) + amount)
    assert column.tolist() == slow.tolist()
    assert count.tolist() == [sum(row == one for row, _ in added) for one in range(5)]


@given(NUMBERS, st.integers(0, 35), st.randoms(use_true_random=False))
def test_the_first_by_score_and_id_are_those_of_the_whole_order(scores, number, luck):
    ids = np.array(luck.sample(range(100), len(scores)), np.int64)
    score = np.array(scores, np.float64)
    assert first_by(number, score, ids).tolist() == np.lexsort((ids, score))[:number].tolist()


def test_visits_are_counted_over_the_last_weeks_whenever_it_is_asked():
    rng = np.random.default_rng(3)
    schema = {"day": ("int32", "day"), "minute": ("int64", "minute"), "category": ("int8", "category")}
    visits = Table("visits", schema)
    usual = UsualVisits()
    for day in range(40, 40 + 2 * USUAL_DAYS):
        for _ in range(3):
            minute = day * 1440 + rng.integers(0, 1440, 5)
            visits.append(day=np.full(5, day), minute=minute, category=rng.integers(0, len(CATEGORIES), 5))
            late = visits["day"] >= day - USUAL_DAYS
            counts = np.bincount(visits["category"][late], minlength=len(CATEGORIES))
            assert usual.counts(visits, day).tolist() == counts.tolist()
        if day == 75:  # as when the measured window opens
            visits.clear()
