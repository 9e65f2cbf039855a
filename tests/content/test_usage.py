"""Time spent: counted by hand from what people did, and sessions that begin in slots of the day."""

from __future__ import annotations

import numpy as np
import pytest

from sim.content.sessions import Sessions
from sim.content.usage import Usage
from sim.core.rng import Draw
from sim.world.schema import Source
from tests.conftest import LIVELY, live, small_market

TIMES = ("usage=counted", "usage.visit=2", "usage.order=3", "usage.session=5", "usage.post=30",
         "usage.glance=6")  # fmt: skip


@pytest.fixture(scope="module")
def lived():
    """Days of a market in which nobody leaves and platforms show everything."""
    words = ("turnover=none", "sessions.feed=1", "control.daily_budget=5", *LIVELY, *TIMES)
    return live(small_market("baseline", *words), 6)


def test_minutes_are_those_that_can_be_added_up_by_hand_from_the_tables(lived):
    """Visits and orders of each day, the sessions' viewers; posts and messages are what is left over."""
    tables, days = lived.records.tables, lived.records.tables["usage_days"]
    visits, orders = (np.bincount(tables[name]["day"], minlength=6) for name in ("visits", "orders"))
    assert orders.sum() > 10
    assert days["shopped"] == pytest.approx(2.0 * visits + 3.0 * orders)
    held = tables["sessions_held"]
    watched = 5.0 * np.bincount(held["day"], held["viewers"], minlength=6)
    assert watched.sum() > 100.0
    rest = (
        days["seen"] - watched
    ).sum()  # sessions of hosts, posts and messages, of which some are due later
    posts = tables["posts"]
    each = np.where(posts["source"] == int(Source.LIVESTREAM), 5.0, 0.5)
    sent = 0.1 * len(tables["touches"]["receiver"]) + (each * posts["reach"]).sum()
    assert 0.7 * sent < rest <= sent + 1e-3
    assert len(np.unique(visits)) > 1
    for day in range(6):
        visitors = len(np.unique(tables["visits"]["person"][tables["visits"]["day"] == day]))
        assert visitors <= days["active"][day] < 400


def test_who_saw_nothing_is_not_active_and_the_figure_is_over_the_others(lived):
    days, found = lived.records.tables["usage_days"], lived.kpis()
    assert found["usage_minutes"] == pytest.approx(
        (days["seen"] + days["shopped"]).sum() / days["active"].sum()
    )
    assert found["usage_active"] == pytest.approx(days["active"].sum() / 2400)


def test_each_kind_of_touch_takes_its_own_time():
    feature = small_market("baseline", *TIMES).config.usage
    kinds = (Source.LIVESTREAM, Source.INFLUENCER_POST, Source.SPONSORED_POST, Source.SHARE)
    assert Usage(feature).seconds(np.array(kinds)).tolist() == [300.0, 30.0, 30.0, 6.0]


def test_sessions_begin_in_slots_of_the_day_and_further_ones_follow_in_the_same():
    """F049, F051 and F053: at 8, 12 and 20; a fourth one follows the first."""
    words = ("sessions.slots=dayparts", "sessions.per_week=28", "sessions.minutes=60")
    market = small_market("baseline", *words)
    starts = Sessions(market.config.sessions, np.ones((3, 24)), 0.0).starts(market.world, Draw(1))
    assert [start / 60 for start in starts] == [8.0, 9.0, 12.0, 20.0]
