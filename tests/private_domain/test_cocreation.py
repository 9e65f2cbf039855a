"""Votes on drafts: more of them find a better fit, each adding less; a product that fits sells better."""

from __future__ import annotations

import math
from types import SimpleNamespace

import numpy as np
import pytest

from sim.core.records import Table
from sim.core.rng import Draw
from sim.private_domain.cocreation import Cocreation, CocreationParams, chosen
from sim.world.terms import TermSum
from tests.conftest import LIVELY, live, small_market

TRIES, DRAFTS = 4000, 4


def mean_fit(votes: int, error: float = 0.5) -> float:
    """Over many products, each with drafts of even fit and votes with even errors."""
    luck = np.random.default_rng(3)
    fits = luck.random((TRIES, DRAFTS))
    made = [chosen(fit, error * (luck.random((votes, DRAFTS)) - 0.5)) for fit in fits]
    return float(fits[np.arange(TRIES), made].mean())


@pytest.mark.exact
def test_without_votes_any_draft_is_made_and_sure_votes_find_the_best():
    """Means of an even number and of the largest of four: 1/2 and 4/5; four standard errors."""
    error = 4 * math.sqrt(1 / 12 / TRIES)
    assert abs(mean_fit(0) - 0.5) < error
    assert abs(mean_fit(1, error=0.0) - DRAFTS / (DRAFTS + 1)) < error


def test_more_votes_find_better_drafts_each_adding_less():
    found = [mean_fit(votes, error=2.0) for votes in (0, 2, 8, 32)]
    gains = np.diff(found) / np.array([2, 6, 24])
    assert (gains > 0).all()
    assert (np.diff(gains) < 0).all()


def test_what_fits_speaks_for_an_order_while_it_is_new_and_what_does_not_against_it():
    table = Table("cocreation_products", Cocreation.events["cocreation_products"])
    for day, category, fit in ((0, 3, 1.0), (50, 3, 1.0), (55, 4, 0.0), (56, 5, 0.5)):
        table.append(day=day, category=category, fit=fit, best=1.0, votes=0, fen=0)
    world = SimpleNamespace(
        day=60, records=SimpleNamespace(cocreation_products=table),
        flow=SimpleNamespace(visits={"category": np.array([3, 4, 5, 6])}, order=TermSum("order")),
    )  # fmt: skip
    Cocreation(CocreationParams(worth=0.6, new_days=30)).sell(world, Draw(1))
    assert world.flow.order.total(4) == pytest.approx([0.6, -0.6, 0.0, 0.0])


WORDS = (*LIVELY, "cocreation=votes", "cocreation.every_days=1", "cocreation.error=0.1", "control=media",
         "control.daily_budget=20")  # fmt: skip


def test_members_vote_as_far_as_they_are_asked_and_ready_and_are_paid_for():
    worlds = {}
    for votes in (0, 20, 1000):
        market = small_market("baseline", *WORDS, f"cocreation.votes={votes}", "cocreation.takes_part=0.5",
                              size=500)  # fmt: skip
        market.world.people.member[:100], market.world.people.registered[:100] = True, True
        worlds[votes] = live(market, 12)
    none, some, all_ = (one.records.tables["cocreation_products"] for one in worlds.values())
    assert not none["votes"].any()
    assert not none["fen"].any()
    assert set(some["votes"].tolist()) == {10}
    assert (some["fen"] == 10 * 150 + 250).all()
    assert 30 < all_["votes"].mean() < 0.7 * 500
    assert (some["best"] == none["best"]).all()  # the same drafts, whoever is asked
    assert all_["fit"].mean() > none["fit"].mean()
    for one, table in zip(worlds.values(), (none, some, all_), strict=True):
        assert one.world.ledger.balance.get("cocreation_cost", 0) == table["fen"].sum()
