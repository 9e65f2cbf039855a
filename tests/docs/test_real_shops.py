"""Shops of public files as scenarios: one kind of goods, and the course of the fitting days."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from docs.real_shops import Course, one_kind
from sim.calibration.data import orders
from sim.config import compose
from sim.world.catalog import CATEGORIES, build_catalog

pytestmark = pytest.mark.docs

FIRST = date(2010, 12, 1)  # a Wednesday
DAYS, GROWTH, DECEMBER = 196, 0.8, 1.6
WEEK = np.array([1.1, 1.3, 1.2, 1.4, 1.1, 0.0, 0.9])


@pytest.fixture(scope="module")
def course() -> Course:
    """Course of a made-up shop: closed on Saturdays and for eleven days from 24 December."""
    rng = np.random.default_rng(3)
    day = np.arange(DAYS)
    level = 200.0 * WEEK[(FIRST.weekday() + day) % 7] * (1 + GROWTH) ** (day / 365)
    level[:31] *= DECEMBER
    level[23:34] = 0.0
    when = np.repeat(day, rng.poisson(level)) + 0.5
    return Course.of(orders(np.arange(len(when)), when, np.ones(len(when)), float(DAYS)), FIRST)


def test_trend_weekdays_and_december_are_found_again(course):
    """Within four standard errors: 37,000 orders tell a trend of half a year to 0.04 of its log."""
    assert np.log1p(course.growth) == pytest.approx(np.log1p(GROWTH), abs=0.16)
    assert course.december == pytest.approx(DECEMBER, rel=0.08)
    assert course.weekday == pytest.approx(WEEK / WEEK.mean(), abs=0.06)
    assert course.holidays() == [(23, 11)]


def test_the_calendar_of_a_course_is_that_course(course):
    """Needs of the composed market: none on closed days, the file's weekdays, December and growth."""
    config = compose([*one_kind("healing_home"), *course.settings("healing_home")])
    row = CATEGORIES.index("healing_home")
    needs = np.array([config.calendar.factors(day)[row] for day in range(DAYS)])
    assert (needs[3::7] == 0).all()
    assert (needs[23:34] == 0).all()
    assert needs[105] / needs[100] == pytest.approx(
        course.weekday[2] / course.weekday[4] * (1 + course.growth) ** (5 / 365), rel=0.002
    )
    assert needs[0] / needs[35] == pytest.approx(
        course.december * (1 + course.growth) ** (-35 / 365), rel=0.002
    )


def test_one_kind_leaves_no_need_for_anything_else():
    catalog = build_catalog(compose([*one_kind("virtual_ip", price=15)]).catalog)
    row = CATEGORIES.index("virtual_ip")
    assert (catalog.group_weight[:, row] == 1.0).all()
    assert catalog.group_weight.sum() == len(catalog.group_weight)
    assert catalog.price_fen[row] == 1500


def test_orders_of_closed_days_are_invoiced_on_the_next_open_day(course):
    """Saturdays (known beyond the fitting days) and holidays move, the rest stays, the end is cut off."""
    day = np.array([0.3, 3.7, 25.0, 30.9, 40.2, 360.1])
    held = course.invoiced(orders(np.arange(6), day, np.arange(6.0), 361.0))
    assert held.value.tolist() == [0.0, 1.0, 2.0, 3.0, 4.0]
    assert held.day.tolist() == [0.3, 4.0, 34.0, 34.0, 40.2]


def test_needs_may_follow_the_course_to_a_power(course):
    """Trend and December at power 2 are the squares of those at 1; weekdays are the same."""
    row = CATEGORIES.index("healing_home")
    first, second = (
        compose([*one_kind("healing_home"), *course.settings("healing_home", power)]).calendar
        for power in (1.0, 2.0)
    )
    for day in (0, 35, 104):
        once, twice = (one.factors(day)[row] / one.factors(35)[row] for one in (first, second))
        weekday = (course.weekday[(FIRST.weekday() + day) % 7]) / course.weekday[2]
        assert twice / weekday == pytest.approx((once / weekday) ** 2, rel=0.01)
