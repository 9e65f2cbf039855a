"""Labels: who is moved by them, by how much, how novelty wears off, and what they cost."""

from __future__ import annotations

import math

import numpy as np
import pytest

from sim.demand.labels import LABELS, Labels, LabelsParams
from sim.world.catalog import CATEGORIES
from tests.conftest import LIVELY, live, small_market


def play(*words: str, days: int = 4):
    return live(small_market("baseline", "control=media", *LIVELY, *words, size=1000), days).world


def cart_terms(world, name: str) -> np.ndarray:
    """What a term added to the carts of orders, one value an order that has it."""
    terms = world.records.order_terms
    found: np.ndarray = terms["value"][world.records.term_names(terms["term"]) == name]
    return found


@pytest.fixture(scope="module")
def certified():
    return play("labels.enabled=true", "labels.zero_additives=1", "labels.believes=0.5")


def test_ages_decide():
    p, age = LabelsParams(), np.array([22, 30, 31, 45])
    assert p.trust_gain(age) == pytest.approx(math.log(1.6) * np.array([1.0, 1.0, 0.4, 0.4]))
    assert p.cares(age) == pytest.approx(0.78 * np.exp(-0.05 * np.array([0.0, 6.0, 7.0, 21.0])))


def test_a_label_speaks_only_for_its_goods_and_to_those_who_believe(certified):
    """Half believe, four standard errors; terms of orders are the two that there are, on food alone."""
    looks = certified.records.tables["labels_looks"]
    mine = looks["label"] == 0
    n, moved = int(looks["looks"][mine].sum()), int(looks["moved"][mine].sum())
    people = certified.people
    assert n > 300
    assert abs(moved / n - 0.5) < 4.0 * math.sqrt(0.25 / n) + 4.0 * math.sqrt(0.25 / len(people.id))
    assert not looks["looks"][~mine].sum()
    terms = cart_terms(certified, "cart.labels")
    assert len(terms) > 10
    assert set(np.round(terms, 9)) <= {round(math.log(1.6), 9), round(0.4 * math.log(1.6), 9)}
    food = [CATEGORIES.index(one) for one in LABELS["zero_additives"]]
    with_term = certified.records.order_terms["order_id"][
        certified.records.term_names(certified.records.order_terms["term"]) == "cart.labels"
    ]
    orders = certified.records.orders
    assert np.isin(orders["category"][np.isin(orders["order_id"], with_term)], food).all()


def test_odds_of_a_cart_rise_as_the_label_says(certified):
    """At first people are the same: whoever carted still does, and more do where a label is believed."""
    none = play("labels.enabled=true", "labels.zero_additives=1", "labels.believes=0", days=1)
    full = play("labels.enabled=true", "labels.zero_additives=1", "labels.believes=1", days=1)
    before, after = none.records.visits, full.records.visits
    first = before["minute"] < 480
    same = np.isin(before["visit_id"], after["visit_id"][after["minute"] < 480]) & first
    twin = dict(zip(after["visit_id"].tolist(), after["cart"].tolist(), strict=True))
    for visit, cart in zip(before["visit_id"][same].tolist(), before["cart"][same].tolist(), strict=True):
        assert twin[visit] >= cart
    assert full.records.visits["cart"].mean() > none.records.visits["cart"].mean()


def test_novelty_wears_off_with_every_look():
    words = ("labels.enabled=true", "labels.national_trend=1", "labels.accepts=1", "labels.cools=0")
    world = play(*words, "labels.wears=0.7", days=6)
    terms = cart_terms(world, "cart.labels")
    looks = np.rint(np.log(0.5 / terms) / 0.7)
    assert terms == pytest.approx(0.5 * np.exp(-0.7 * looks))
    assert looks.min() == 0 < looks.max()
    assert world.people.labels_seen.max() >= looks.max()


def test_labels_cost_by_category_and_share(certified):
    days = certified.records.tables["labels_days"]
    each = round(100 * LabelsParams().upkeep * len(LABELS["zero_additives"]))
    assert days["fen"].tolist() == [each] * len(days)
    assert certified.ledger.balance["labels_cost"] == each * len(days)


def test_labels_that_cannot_be_paid_are_not_shown():
    words = ("labels.enabled=true", "labels.zero_additives=1", "control=default", "control.daily_budget=0")
    world = live(small_market("baseline", *LIVELY, *words, size=500), 3).world
    assert not world.records.tables["labels_days"]["paid"].any()
    assert not len(world.records.tables["labels_looks"])
    assert Labels.on(small_market("baseline", "labels=certified", size=300).config)
