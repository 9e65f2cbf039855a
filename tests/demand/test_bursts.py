"""Bursts of demand: their law, the same ones in paired worlds, and what orders and queues feel of them."""

from __future__ import annotations

import numpy as np
import pytest

from sim.core.rng import Draw, stream_key
from sim.demand.bursts import ALL, BurstParams, Bursts, lengths, raised, sizes
from sim.world.catalog import CATEGORIES
from tests.conftest import LIVELY, live, small_market

OFTEN = ("bursts=default", "bursts.of_all_per_year=60", "bursts.size=4", "bursts.days=4")


def uniforms(n: int, purpose: str) -> np.ndarray:
    return np.random.default_rng(int(stream_key(1, purpose, 0) % 2**32)).random(n)


@pytest.mark.parametrize("mean", [1.0, 1.5, 3.0, 14.0])
def test_lengths_are_geometric_with_their_mean(mean):
    n = 200_000
    drawn = lengths(uniforms(n, "lengths"), mean)
    error = np.sqrt(mean * (mean - 1.0) / n)
    assert drawn.min() == 1
    assert abs(drawn.mean() - mean) <= 4 * error
    ended = np.mean(drawn == 1)
    assert abs(ended - 1 / mean) <= 4 * np.sqrt(max(0.0, (1 - 1 / mean) / mean) / n)


@pytest.mark.parametrize("tail", [1.5, 2.5, 4.0])
def test_sizes_have_the_tail_they_should(tail):
    """P(size > s) = (1 + s / scale) ** -tail, at three points; the scale is the one that gives the mean."""
    n, mean = 200_000, 1.5
    drawn, scale = sizes(uniforms(n, "sizes"), mean, tail), mean * (tail - 1.0)
    for at in (0.5, 3.0, 20.0):
        beyond = (1.0 + at / scale) ** -tail
        assert abs(np.mean(drawn > at) - beyond) <= 4 * np.sqrt(beyond * (1 - beyond) / n)


def test_as_many_are_under_way_as_little_says():
    """Arrivals a day times mean length, for a category and for all goods, over twenty years of one world."""
    p = BurstParams(enabled=True, per_year=20.0, of_all_per_year=40.0, days=3.0)
    bursts, days = Bursts(p), 7300
    seen = np.zeros((days, ALL + 1))
    for day in range(days):
        np.add.at(seen[day], bursts.under_way(Draw(7, day), day)[1], 1.0)
    for rows, rate in ((slice(0, ALL), 20.0), (slice(ALL, None), 40.0)):
        arrivals = (1.0 - np.exp(-rate / 365.0)) * 3.0
        mean = seen[:, rows].mean()
        # counts of two days share what lasts from one to the other: variance inflated by 2 x mean length
        error = np.sqrt(arrivals * 2 * 3.0 / seen[:, rows].size)
        assert abs(mean - arrivals) < 4 * error


def test_a_burst_lasts_its_days_and_is_then_over():
    bursts = Bursts(BurstParams(enabled=True, of_all_per_year=20.0))
    lived: dict[tuple[int, int], list[int]] = {}
    length = {}
    for day in range(300):
        for first, row, _, days in zip(*bursts.under_way(Draw(3, day), day), strict=True):
            lived.setdefault((first, row), []).append(day)
            length[first, row] = days
    whole = [key for key in lived if key[0] >= 0 and key[0] + length[key] < 300]
    assert len(whole) > 20
    for first, row in whole:
        assert lived[first, row] == list(range(first, first + length[first, row]))


def test_bursts_of_one_category_leave_others_alone_and_multiply_those_of_all():
    ratio = raised(np.array([2, ALL, 2]), np.array([0.5, 1.0, 1.0]))
    expected = np.full(len(CATEGORIES), 2.0)
    expected[2] = 2.0 * 1.5 * 2.0
    np.testing.assert_allclose(ratio, expected)
    np.testing.assert_array_equal(raised(np.zeros(0, int), np.zeros(0)), 1.0)


def test_paired_worlds_live_through_the_same_bursts_and_other_replications_do_not():
    words = (*LIVELY, *OFTEN)
    one = live(small_market("baseline", *words, size=200), 12)
    other = live(small_market("flat_cash_referral", *words, size=200), 12)
    again = live(small_market("baseline", *words, size=200, replication=1), 12)
    tables = [market.tables()["bursts_begun"] for market in (one, other, again)]
    for column in tables[0]:
        np.testing.assert_array_equal(tables[0][column], tables[1][column])
    assert len(tables[0]["day"])
    assert not np.array_equal(tables[0]["added"], tables[2]["added"])


def test_demand_follows_the_bursts_and_the_calendar_together():
    """The ratio of needs is the calendar's times that of what has begun and is not over.

    What else there is began before the first day: it never grows, and is over in the end.
    """
    words = (*LIVELY, *OFTEN, "calendar=china")
    market, usual = (
        small_market("baseline", *words, size=200),
        small_market("baseline", "calendar=china", size=200),
    )
    moved, older = 0, []
    for day in range(30):
        live(market, 1)
        begun = market.tables()["bursts_begun"]
        on = begun["day"] + begun["days"] > day
        ratio = raised(np.where(begun["category"] < 0, ALL, begun["category"])[on], begun["added"][on])
        known = usual.config.calendar.factors(day)
        np.testing.assert_array_equal(market.world.conditions.foreseen, known)  # nobody expects a burst
        older.append(market.world.conditions.demand / (known * ratio))
        moved += (ratio > 1.0).any()
    assert moved > 3
    assert (np.diff(older, axis=0) <= 1e-9).all()
    np.testing.assert_allclose(older[-1], 1.0)


def test_orders_swing_more_and_come_later_at_fixed_capacity():
    """With bursts of all goods: daily orders differ more from one another, and more parcels are late."""
    base = ("logistics.design_orders_per_1000_consumers=25",)
    strong = ("bursts=default", "bursts.of_all_per_year=30", "bursts.per_year=0", "bursts.size=4")
    swings, late = [], []
    for more in ((), strong, (*strong, "bursts.readiness=0")):
        market = live(small_market("baseline", *base, *more, size=3000), 60)
        by_day = np.bincount(market.records.orders["day"], minlength=60)[20:]
        swings.append(by_day.var() / by_day.mean())
        done = market.records.deliveries
        late.append(np.mean(done["minute"] > done["promised_minute"]))
    assert swings[1] > 2 * swings[0]
    assert late[1] > 1.5 * late[0]
    assert swings[0] < swings[2] < swings[1]


def test_switched_off_leaves_nothing_behind():
    market = live(small_market("baseline", *LIVELY, size=200), 3)
    assert len(market.tables()["bursts_begun"]["day"]) == 0
    np.testing.assert_array_equal(market.world.conditions.demand, 1.0)
