"""Craft: the premium is asked of all, minded by those who do not know or care, and wins nobody."""

from __future__ import annotations

import math

import numpy as np
import pytest

from sim.content.craft import RURAL, Craft, CraftParams
from sim.core.normals import lognormals
from tests.conftest import LIVELY, live, small_market

#: Everybody needs rural goods.
RURAL_ALONE = (
    "catalog.rural.silver_vanguard=20", "catalog.rural.cyber_native=20", "catalog.rural.eco_pioneer=20",
    "catalog.rural.order_offset=0", "control=media", "pricing=list", *LIVELY,
)  # fmt: skip
#: It is worth more than is asked to everybody who values it.
WORTHY = ("craft.worth=2", "craft.worth_spread=0")


def play(*words: str, days: int = 6):
    return live(small_market("baseline", *RURAL_ALONE, *words, size=1000), days).world


@pytest.fixture(scope="module")
def taught():
    return play("craft=classes", "craft.classes=7", "craft.reach=1", "craft.values=0.5", *WORTHY)


def terms(world) -> dict[int, float]:
    """Order -> what the premium spoke against it."""
    table = world.records.order_terms
    mine = world.records.term_names(table["term"]) == "order.craft"
    return dict(zip(table["order_id"][mine].tolist(), table["value"][mine].tolist(), strict=True))


def test_rural_goods_cost_the_premium_and_others_what_they_did(taught):
    orders, usual = taught.records.orders, play("craft=none", days=1).catalog.price_fen
    rural = orders["category"] == RURAL
    assert rural.sum() > 20
    full = orders["list_fen"] / orders["quantity"]
    assert (full[rural] == round(1.2 * usual[RURAL])).all()
    assert (full[~rural] == usual[orders["category"][~rural]]).all()
    ends = live(small_market("baseline", *RURAL_ALONE, "craft=classes", size=300), 1).world
    Craft(CraftParams(), usual, 1.0).begin(ends, None)
    assert (ends.catalog.price_fen == usual).all()


def test_only_who_heard_of_it_and_values_it_does_not_mind(taught):
    """Some rural orders carry no term: of people who saw a class; others carry their price response."""
    against, orders = terms(taught), taught.records.orders
    rural = np.flatnonzero(orders["category"] == RURAL)
    minds = np.array([one in against for one in orders["order_id"][rural].tolist()])
    assert 0.1 < minds.mean() < 0.95
    people = taught.people
    for row in rural[~minds].tolist():
        seat = int(orders["seat"][row])
        if people.id[seat] == orders["person"][row]:
            assert people.craft_seen[seat] >= 0
    row = next(int(r) for r in rural[minds] if people.id[orders["seat"][r]] == orders["person"][r])
    expected = -3.9 * people.price_sensitivity[orders["seat"][row]] * math.log(1.2)
    assert against[int(orders["order_id"][row])] == pytest.approx(float(expected), rel=1e-5)


def test_nobody_buys_for_the_craft():
    """Where all care and know as many buy as without a premium, where nobody does fewer."""
    words = ("craft=classes", "craft.classes=70", "craft.reach=1", *WORTHY)
    none = play("craft=none", days=3)
    care, ignore = (play(*words, f"craft.values={v}", days=3) for v in (1, 0))
    chance = []
    for one in (none, care, ignore):
        visits = one.records.visits
        chance.append(visits["order_probability"][visits["category"] == RURAL].mean())
    assert chance[1] == pytest.approx(chance[0], rel=0.1)
    assert chance[2] < 0.8 * chance[0]


def test_a_class_is_forgotten_and_costs_its_price(taught):
    classes = taught.records.tables["craft_classes"]
    assert classes["fen"].tolist() == [300] * 6
    assert taught.ledger.balance["craft_cost"] == 1800
    assert (classes["seen"] > 300).all()
    short = play("craft=classes", "craft.classes=1", "craft.reach=1", "craft.values=1", "craft.remembers=1",
                 *WORTHY, days=14)  # fmt: skip
    held = short.records.tables["craft_classes"]["day"]
    orders, against = short.records.orders, terms(short)
    rural = orders["category"] == RURAL
    late = rural & ~np.isin(orders["day"], np.concatenate([held, held + 1]))
    assert late.sum() > 10
    assert np.isin(orders["order_id"][late], list(against)).all()


def test_what_is_asked_beyond_the_worth_of_it_is_minded():
    """All know and care, and it is worth a tenth to each: the rest of the premium is felt as a price."""
    words = ("craft=classes", "craft.classes=7", "craft.reach=1", "craft.values=1", "craft.worth=0.1")
    world = play(*words, "craft.worth_spread=0", "craft.premium=0.5", days=4)
    orders, against, people = world.records.orders, terms(world), world.people
    rural = np.flatnonzero((orders["category"] == RURAL) & (orders["day"] > orders["day"].min()))
    seats = orders["seat"][rural]
    there = people.id[seats] == orders["person"][rural]
    heard = there & (people.craft_seen[seats] >= 0)
    assert heard.sum() > 10
    share = -np.array([against[one] for one in orders["order_id"][rural[heard]].tolist()])
    share /= 3.9 * people.price_sensitivity[seats[heard]]
    assert set(np.round(share, 4)) <= {round(math.log(1.5 / 1.1), 4), round(math.log(1.5), 4)}
    assert (share < math.log(1.45)).mean() > 0.8


def test_people_differ_in_what_it_is_worth_with_the_declared_mean():
    """Mean and spread of the log-normal within five standard errors."""
    rng = np.random.default_rng(1)
    n, spread = 20_000, 0.6
    worth = lognormals(rng.random(n), rng.random(n), 0.25, spread)
    assert worth.mean() == pytest.approx(0.25, abs=5 * 0.25 * math.sqrt(math.expm1(spread**2) / n))
    assert np.log(worth).std() == pytest.approx(spread, abs=5 * spread / math.sqrt(2 * n))
