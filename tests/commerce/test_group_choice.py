"""Group price or alone: weighed by the chance to fill and the wait, and open to whoever's group expired."""

from __future__ import annotations

import math

import numpy as np
import pytest

from sim.commerce.group_choice import chance_to_fill, lacks, odds
from sim.demand.decide import _offer
from sim.world.schema import Cancel, Source
from sim.world.world import OpenGroup
from tests.conftest import LIVELY, live, small_market
from tests.demand.test_choice_terms import NONE, STREAM

OFFER = NONE._replace(group_discount=0.3, group_uptake=0.9, group_worth=0.2)


def share(hope: float, wait: float, people: int = 6000) -> float:
    """Of people who hold no other deal, those who take the group's price."""
    return sum(_offer(OFFER, who, 5, STREAM, 0.0, 1.0, hope, wait, 1.0)[2] for who in range(people)) / people


@pytest.mark.parametrize(("hope", "wait"), [(1.0, 1.0), (0.5, 1.0), (1.0, 0.25), (0.0, 1.0), (1.0, 0.0)])
def test_saving_counts_as_far_as_the_group_fills_and_waits_as_far_as_it_takes(hope, wait):
    """uptake * (1 - exp(-hope * saving / (worth * wait))), four standard errors; no wait: all the uptake."""
    chance = 0.9 * (1.0 - (math.exp(-hope * 0.3 / (0.2 * wait)) if wait else 0.0))
    assert abs(share(hope, wait) - chance) < 4.0 * math.sqrt(chance * (1.0 - chance) / 6000) + 1e-12


def group(size: int, members: int) -> OpenGroup:
    return OpenGroup(1, 2, 0, 0, 1440, size, list(range(members)))


def test_who_completes_a_group_neither_doubts_nor_waits():
    assert odds(lacks(group(2, 1)), 0.4) == (1.0, 0.0)
    assert lacks(group(5, 1)) == pytest.approx(3 / 4)
    assert lacks(group(5, 4)) == 0.0
    chances = [odds(lacks(group(5, members)), 0.4)[0] for members in (1, 2, 3, 4)]
    assert chances == sorted(chances)
    assert odds(1.0, 0.4) == (0.4, 1.0)


def test_what_is_seen_replaces_what_was_expected():
    for enough in (10.0, 40.0):
        seen = chance_to_fill(np.array([[0.0, enough, 1e6], [0.0, 0.0, 2e5]]), 0.6, enough)
        assert seen == pytest.approx([0.6, 0.3, 0.2], rel=1e-3)


#: Twelve hundred people whose groups find few others: most expire, and so people see.
THIN = (
    "group_buy.enabled=true", "group_buy.pool_people=1200", "group_buy.deadline=12", "group_buy.uptake=1",
    "group_buy.worth_waiting=0.5", "influencers=none", "sessions=none", "control.daily_budget=20", *LIVELY,
)  # fmt: skip


@pytest.fixture(scope="module")
def thin():
    """Groups alone; weighed; weighed, with everybody back after an expired group."""
    words = (
        (),
        ("group_buy.alone=true", "group_buy.comes_back=0"),
        ("group_buy.alone=true", "group_buy.comes_back=1"),
    )
    return [live(small_market("baseline", *THIN, *more, size=1200), 8).world for more in words]


def expired(world) -> np.ndarray:
    """Orders whose group did not fill: (person, minute of its end)."""
    over = world.records.cancellations
    rows = over["reason"] == int(Cancel.GROUP_EXPIRED)
    return np.stack([over["person"][rows], over["minute"][rows]], axis=1)


def test_fewer_take_a_group_that_hardly_fills(thin):
    """Where groups expire, whoever weighs them buys alone: fewer orders are lost to expired groups."""
    only, weighed, _ = thin
    assert len(expired(only)) > 50
    lost = [len(expired(world)) / len(world.records.orders) for world in (only, weighed)]
    assert lost[1] < 0.8 * lost[0]


def test_whose_group_expired_is_back_and_may_buy_alone(thin):
    """Visits by themselves with a touch are theirs; some of them buy."""
    for world, back in zip(thin, (False, False, True), strict=True):
        visits = world.records.visits
        again = (visits["source"] == int(Source.DIRECT)) & (visits["touch"] >= 0)
        assert again.any() == back
    world = thin[2]
    assert np.isin(world.records.visits["person"][again], expired(world)[:, 0]).all()
    orders = world.records.orders
    bought = (orders["source"] == int(Source.DIRECT)) & (orders["touch"] >= 0)
    assert bought.any()
