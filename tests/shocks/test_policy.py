"""Policy: support pays technology back while it lasts, and a rule on data shifts what traffic costs."""

from __future__ import annotations

import numpy as np
import pytest

from sim.world.schema import Spend
from tests.conftest import LIVELY, live, small_market


def play(*words: str, days: int = 6):
    return live(small_market("baseline", "control=media", *LIVELY, *words, size=1000), days).world


@pytest.fixture(scope="module")
def ruled():
    return play("policy=open_data", "policy.opens_from=3", "platforms.offline.feed=5")


def test_support_pays_a_share_of_technology_back_between_its_days():
    words = ("policy=support", "policy.relief=0.4", "policy.relief_from=2", "policy.relief_days=3")
    world = play(*words, "channel_mix.linked_ids=true")
    spend, days = world.records.spend, world.records.tables["policy_days"]
    mine = np.isin(spend["kind"], [int(Spend.LINKED_IDS), int(Spend.CONTENT)])
    by_day = np.bincount(spend["day"][mine], spend["fen"][mine], 6)
    assert by_day.min() > 0
    inside = (days["day"] >= 2) & (days["day"] < 5)
    assert days["relief_fen"].tolist() == np.where(inside, np.floor(0.4 * by_day), 0).tolist()
    assert world.ledger.balance["policy_support"] == -days["relief_fen"].sum() < 0


def test_open_interfaces_take_friction_from_visits_that_moved_from_their_day_on(ruled):
    terms, orders = ruled.records.order_terms, ruled.records.orders
    eased = terms["order_id"][ruled.records.term_names(terms["term"]) == "order.policy"]
    moved = orders["surface"] != orders["origin"]
    assert (orders["day"][np.isin(orders["order_id"], eased)] >= 3).all()
    late = moved & (orders["day"] >= 3)
    assert late.sum() > 3
    assert np.isin(orders["order_id"][late], eased).all()
    assert set(terms["value"][ruled.records.term_names(terms["term"]) == "order.policy"]) == {0.5 * 0.35}


def test_where_identities_are_linked_for_money_the_rule_adds_nothing():
    world = play("policy=open_data", "policy.opens_from=0", "channel_mix.linked_ids=true", days=3)
    names = world.records.term_names(world.records.order_terms["term"])
    assert not (names == "order.policy").any()


def test_advertisements_without_consent_are_not_shown_and_data_cost_their_duty(ruled):
    free = play("platforms.offline.feed=5")
    assert (ruled.platforms.paid_traffic == 0.9).all()
    assert (free.platforms.paid_traffic == 1.0).all()
    days = ruled.records.tables["policy_days"]
    assert not days["duty_fen"][days["day"] < 3].any()
    assert days["duty_fen"][-1] == round(0.2 * int(ruled.people.registered.sum()))
    assert ruled.ledger.balance["policy_duty_cost"] == days["duty_fen"].sum()


def test_a_shock_on_advertisements_and_the_rule_multiply():
    words = ("shock.kind=ad_limits", "shock.start=0", "shock.size=0.5", "shock.platform=douyin")
    world = play("policy=open_data", "policy.opens_from=0", *words, days=3)
    assert sorted(set(np.round(world.platforms.paid_traffic, 9))) == [0.45, 0.9]
