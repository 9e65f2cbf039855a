"""Where money ends: what costs nothing goes on, what nobody asks for stops nothing, and nothing is unpaid."""

from __future__ import annotations

import numpy as np
import pytest

from sim.world.money import affordable
from sim.world.schema import Spend
from tests.conftest import LIVELY, live, small_market

#: Further riders are owed whatever there is, so that less than nothing is left.
BROKE = ("control.daily_budget=0", "logistics.capacity_ratio=1.5", *LIVELY)
ASKED = ("community=three_levels", "community.join_visit=1", "community.group_messages=4",
         "community.account_messages=4", "community.challenges=0", "community.account_click=1")  # fmt: skip
NOBODY = ("community.join_visit=0", "community.join_order=0", "community.advisers.staff=0")


def stopped(market) -> set[int]:
    """Kinds of spending that stopped for want of money."""
    return set(market.records.campaign_stops["kind"].tolist())


@pytest.mark.parametrize(
    ("each", "wanted", "left", "found", "stops"),
    [
        (0, 7, -500.0, 7, False),
        (0.0, 7, -500.0, 7, False),
        (100, 0, -500.0, 0, False),
        (100, 7, 700.0, 7, False),
        (100, 7, 699.0, 6, True),
        (100.0, 7, 700.0, 6, True),  # one fen is kept back for rounding
        (100.0, 7, 701.0, 7, False),
        (100, 7, -1.0, 0, True),
        (2.5, 7, float("inf"), 7, False),
    ],
)
def test_as_many_as_there_is_money_for(each, wanted, left, found, stops, monkeypatch):
    market = small_market()
    world = market.world
    monkeypatch.setattr(world, "free_fen", lambda: left)
    assert affordable(world, Spend.REVIEW, each, wanted) == found
    assert (int(Spend.REVIEW) in stopped(market)) == stops


@pytest.mark.parametrize(
    ("words", "table"),
    [
        (("reviews=read", "reviews.machine_cost=0", "reviews.gift=0", "reviews.writes=1"), "reviews_read"),
        (("survey=asked", "survey.cost=0", "survey.asked=100"), "survey_answers"),
    ],
)
def test_what_costs_nothing_goes_on_without_money(words, table):
    market = live(small_market("baseline", *BROKE, *words), 8)
    assert market.world.free_fen() < 0
    assert len(getattr(market.records, table)) > 0


def test_messages_that_cost_nothing_go_on_without_money():
    market = live(small_market("baseline", *BROKE, *ASKED, "community.message_cost=0"), 8)
    assert market.world.free_fen() < 0
    source = market.world.kinds.source("community_message")
    assert (market.records.visits["source"] == source).any()


@pytest.mark.parametrize(
    ("words", "purpose"),
    [
        (("community=three_levels", *NOBODY), "community_cost"),
        (("survey=asked", "survey.asked=0"), "survey_cost"),
        (("lifecycle=win_back", "lifecycle.messages=0"), "private_domain"),
        (("sharing.content_review=0.001",), "review"),
    ],
)
def test_what_nobody_asks_for_stops_nothing(words, purpose):
    market = live(small_market("baseline", *BROKE, *words), 4)
    assert market.world.free_fen() < 0
    assert market.world.kinds.booking(purpose).kind not in stopped(market)


def test_terms_are_watched_on_days_that_are_paid_for():
    """Without money for the watch nothing is noticed in the morning, and nothing at noon either."""
    rise = ("shock=platform_loss", "shock.kind=commission_rise", "shock.start=1", "shock.size=0.9",
            "remix=two_days", "remix.response_hours=1", "remix.least_margin=0.5",
            "remix.move_cost=0")  # fmt: skip
    broke, paid = (live(small_market("baseline", *LIVELY, *rise, f"control.daily_budget={money}"), 4)
                   for money in (0, 5))  # fmt: skip
    assert len(paid.records.tables["remix_alarms"]) > 0
    assert len(paid.records.tables["remix_moves"]) > 0
    assert len(broke.records.tables["remix_alarms"]) == 0
    assert len(broke.records.tables["remix_moves"]) == 0


@pytest.mark.parametrize(("money", "days"), [(0, 0), (5, 6)])
def test_an_exchange_of_points_is_paid_on_every_day_on_which_it_is_open(money, days):
    words = ("points=exchange", "points.exchange_cost=5", "points.exchange_fee=0.5", "points.earn=0.3",
             f"control.daily_budget={money}", *LIVELY)  # fmt: skip
    market = live(small_market("baseline", *words), 6)
    spend = market.records.spend
    due = spend["fen"][spend["kind"] == market.world.kinds.booking("points_service").kind]
    each = 200  # 5 CNY a day and thousand people, for 400
    assert (due == each).sum() == days
    assert (len(due) > days) == (money > 0)  # fees of points that were used on another platform


def test_pieces_of_the_studio_are_adapted_on_days_on_which_that_is_paid():
    words = ("content_pool=pool", "content_pool.adapted=3", "studio=three_stations", "studio.briefs=8",
             "control.daily_budget=3", *LIVELY)  # fmt: skip
    market = live(small_market("baseline", *words, "content_pool.adapted_cost=100"), 6)
    made, spend = market.records.tables["content_pool_pieces"], market.records.spend
    ours = np.isin(made["piece"], market.records.tables["studio_finished"]["piece"])
    kind = market.world.kinds.booking("content_pool_pieces").kind
    paid = np.isin(made["day"][ours], spend["day"][spend["kind"] == kind])
    platforms = np.array([bin(fits).count("1") for fits in made["fits"][ours].tolist()])
    assert min(paid.sum(), (~paid).sum()) > 5
    assert (platforms[paid] == 4).all()
    assert (platforms[~paid] == 1).all()
