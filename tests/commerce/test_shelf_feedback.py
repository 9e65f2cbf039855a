"""Shelves that tell what is missing: what is shown passes over it, as late as the reports are old."""

from __future__ import annotations

import math

import numpy as np
import pytest

from sim.commerce.shelf_feedback import ShelfFeedbackParams
from sim.world.choosing import pick
from tests.conftest import LIVELY, live, small_market

#: Shelves that are often empty.
SHORT = ("supply.safety_factor=0", "supply.supplier_late_probability=0.8", *LIVELY)


@pytest.mark.exact
def test_a_pick_follows_its_weights_and_finds_nothing_where_there_is_nothing():
    """Binomial, four standard errors; a weight of 0 is never picked."""
    n, weight = 20_000, np.array([0.2, 0.0, 0.5, 0.3])
    shown, found = pick(np.tile(weight, (n, 1)), np.random.default_rng(1).random(n))
    assert found.all()
    share = np.bincount(shown, minlength=4) / n
    assert (np.abs(share - weight) <= 4 * np.sqrt(weight * (1 - weight) / n)).all()
    assert not pick(np.zeros((1, 3)), np.array([0.5]))[1].any()


def test_fresher_reports_and_more_surfaces_cost_more():
    cost = [ShelfFeedbackParams(delay_hours=h).daily_cost() for h in (48.0, 24.0, 1.0, 0.1)]
    assert cost[0] == cost[1] < cost[2] < cost[3]
    p = ShelfFeedbackParams(delay_hours=24.0, surfaces=0.5, cost=2.0)
    assert p.daily_cost() == pytest.approx(1.0)
    e_fold = ShelfFeedbackParams(delay_hours=24.0 / math.e, surfaces=1.0, cost=1.0, fresh_cost=0.3)
    assert e_fold.daily_cost() == pytest.approx(1.3)
    assert ShelfFeedbackParams(surfaces=0.0).daily_cost() == 0.0


@pytest.fixture(scope="module")
def lived():
    """The same three worlds without reports, with them at once, and with reports that are two days old."""
    at_once = ("shelf_feedback=hourly", "shelf_feedback.surfaces=1", "shelf_feedback.accepts=1")
    words = {
        "blind": (),
        "seeing": (*at_once, "shelf_feedback.delay_hours=0"),
        "late": (*at_once, "shelf_feedback.delay_hours=48"),
    }
    return {
        name: [live(small_market("baseline", *SHORT, *more, replication=r), 14) for r in range(3)]
        for name, more in words.items()
    }


def refused(markets):
    """Visits that wanted what was not there."""
    return sum(int(m.records.tables["visits"]["refused"].sum()) for m in markets)


def test_shelves_that_tell_bring_fewer_visits_to_what_is_not_there(lived):
    """S031: stock-out visits fall, and less so by old reports."""
    assert refused(lived["blind"]) > 20
    assert refused(lived["seeing"]) < 0.7 * refused(lived["blind"])
    assert refused(lived["seeing"]) < refused(lived["late"])


def test_nobody_is_turned_before_the_first_report_is_old_enough(lived):
    for market in lived["late"]:
        turned = market.records.tables["shelf_feedback_turned"]
        assert len(turned) > 0
        assert turned["minute"].min() >= 48 * 60


def test_what_is_shown_in_its_place_was_there_when_the_shelf_told(lived):
    for market in lived["seeing"]:
        turned, gaps = (market.records.tables[f"shelf_feedback_{name}"] for name in ("turned", "gaps"))
        visits = market.records.tables["visits"]
        at = {
            key: k
            for k, key in enumerate(zip(visits["person"].tolist(), visits["minute"].tolist(), strict=True))
        }
        assert len(turned) > 0
        for person, minute, missing, shown in zip(
            *(turned[c].tolist() for c in ("person", "minute", "missing", "shown")), strict=True
        ):
            assert visits["category"][at[person, minute]] == shown
            report = gaps["minute"][gaps["minute"] <= minute].max()
            then = gaps["minute"] == report
            assert missing in gaps["category"][then]
            everywhere = np.bincount(gaps["category"][then & (gaps["category"] >= 0)], minlength=13)
            assert everywhere[shown] < market.world.logistics.n_zones


def test_nothing_is_turned_on_a_day_that_is_not_paid():
    """Reports of earlier days are there, but surfaces are connected to the shelves only for money."""
    market = small_market("baseline", *SHORT, "shelf_feedback=hourly", "shelf_feedback.surfaces=1",
                          "shelf_feedback.accepts=1", "control.daily_budget=5")  # fmt: skip
    live(market, 6)
    operator = market.world.operator
    assert len(market.records.tables["shelf_feedback_gaps"]) > 24
    operator.spent_fen = operator.allowance_fen + 10**12
    live(market, 8)
    for name in ("gaps", "turned"):
        days = market.records.tables[f"shelf_feedback_{name}"]["day"]
        assert len(days)
        assert days.max() <= 5, name
