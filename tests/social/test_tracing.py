"""Bad batches do harm until they are known; traces make that sooner and recalls smaller, for a price."""

from __future__ import annotations

import numpy as np
import pytest

from sim.core.rng import Draw, keyed_uniforms
from sim.social.tracing import batch_of
from sim.world.catalog import CATEGORIES
from tests.conftest import LIVELY, live, small_market

WORDS = (*LIVELY, "tracing=bad_batches", "tracing.bad=0.15", "tracing.complains=1", "tracing.batches=4",
         "tracing.agree=3", "tracing.stands_out=12", "control=media", "control.daily_budget=20")  # fmt: skip


def test_an_order_is_of_one_batch_of_its_category_and_week():
    """Batches of one category and week are met alike; no two categories or weeks share one."""
    ids, n = np.arange(40_000), len(CATEGORIES)
    found = batch_of(Draw(1), ids, np.full(40_000, 9), np.full(40_000, 2), 5)
    assert sorted(set(found.tolist())) == [(n + 2) * 5 + k for k in range(5)]
    assert np.bincount(found - found.min()) / 40_000 == pytest.approx(np.full(5, 0.2), abs=4 * 0.002)
    again = batch_of(Draw(1, 7), ids, np.full(40_000, 9), np.full(40_000, 2), 5)
    assert (again == found).all()


@pytest.fixture(scope="module")
def worlds():
    """The same world without traces, and with every order traced."""
    return [live(small_market("baseline", *WORDS, *more, size=900), 24)
            for more in ((), ("tracing.traced=1",))]  # fmt: skip


def test_whoever_keeps_goods_of_a_bad_batch_trusts_less_and_who_is_called_does_not(worlds):
    got = worlds[0].records.tables["tracing_received"]
    assert len(got) > 40
    assert (got["complained"] == ~got["called"]).all()
    people, harmed = worlds[0].world, got["person"][~got["called"]]
    seats = people.seats_of(np.unique(harmed))
    others = np.setdiff1d(people.seats_of(np.unique(worlds[0].records.deliveries["person"])), seats)
    trust = people.people.trust
    assert trust[seats[seats >= 0]].mean() < 0.9 * trust[others[others >= 0]].mean()


def test_traces_find_the_cause_sooner_call_back_less_and_prevent_harm(worlds):
    blind, seeing = (one.kpis() for one in worlds)
    recalls = [one.records.tables["tracing_recalls"] for one in worlds]
    assert (recalls[0]["batch"] < 0).all()
    assert (recalls[1]["batch"] >= 0).mean() > 0.9
    assert seeing["tracing_diagnosis_days"] < blind["tracing_diagnosis_days"]
    assert seeing["tracing_recalled"] < 0.6 * blind["tracing_recalled"]
    trust = [one.world.people.trust.mean() for one in worlds]
    assert seeing["tracing_harmed"] < 1.0
    assert trust[1] != trust[0]


def test_each_traced_order_and_each_order_called_back_is_paid_for(worlds):
    for one, each in zip(worlds, (0, 15), strict=True):
        recalls = one.records.tables["tracing_recalls"]
        orders = int((one.records.orders["day"] < 23).sum())  # each is paid for the morning after
        assert (recalls["fen"] == 600 * recalls["orders"]).all()
        paid = one.world.ledger.balance["tracing_cost"]
        assert paid == each * orders + recalls["fen"].sum()


def test_the_first_traces_are_the_cheapest():
    """At a rise of 1 those of a half of all orders cost .15 * 1.5 / 2 each, and all of them .15."""
    market = live(small_market("baseline", *WORDS, "tracing.traced=0.5", "tracing.bad=0", size=400), 3)
    orders = market.records.orders
    luck = keyed_uniforms(market.draw.timeless("tracing.traced"), orders["order_id"], 0)
    number = int(((luck < 0.5) & (orders["day"] < 2)).sum())
    assert market.world.ledger.balance["tracing_cost"] == 11 * number > 0


def test_no_order_is_traced_that_was_not_paid_for():
    """All orders of three days are to be traced, of six before them and four after them none."""
    lengths = ("experiment.warmup_days=6", "experiment.days=3", "experiment.after_days=4")
    words = ("tracing=bad_batches", "tracing.bad=1", "tracing.hit=0", "tracing.complains=0",
             "tracing.traced=1", "tracing.shown=true", "turnover=none")  # fmt: skip
    market = live(small_market("baseline", *LIVELY, "control=media", *words, *lengths, size=900), 13)
    got, orders = market.records.tables["tracing_received"], market.records.orders
    placed = dict(zip(orders["order_id"].tolist(), orders["day"].tolist(), strict=True))
    days = np.array([placed[one] for one in got["order_id"].tolist()])
    assert not got["traced"][days < 5].any()
    paid = market.records.tables["tracing_days"]
    np.testing.assert_array_equal(got["traced"], np.isin(days, paid["day"]))
    assert set(days[~got["traced"] & (got["day"] >= 6)].tolist()) & set(range(5))
    assert len(paid) > 1
    assert set(paid["day"].tolist()) <= set(range(5, 9))
    looks = market.records.tables["tracing_looks"]["fen"].sum()
    traced = np.isin(orders["day"], paid["day"]).sum()
    assert market.world.ledger.balance["tracing_cost"] == 15 * traced + looks


def test_who_had_no_money_for_traces_knows_no_batch():
    """Recalls are owed, but no order is traced for nothing."""
    words = (*WORDS, "control=default", "control.daily_budget=0", "tracing.traced=1", "tracing.shown=true")
    market = live(small_market("baseline", *words, size=900), 10)
    assert len(market.records.tables["tracing_received"])
    assert not market.records.tables["tracing_received"]["traced"].any()
    assert not market.records.tables["tracing_looks"]["looks"].any()


def test_without_bad_batches_nothing_is_received_or_called_back():
    market = live(small_market("baseline", *WORDS, "tracing.bad=0", size=400), 6)
    assert not len(market.records.tables["tracing_received"])
    assert not len(market.records.tables["tracing_recalls"])


def test_who_sees_where_goods_come_from_trusts_more_by_less_each_time_and_the_more_who_wants_proof():
    """Without bad batches: doubt is what a plain loop over days and people leaves; each look costs 3 fen."""
    words = (*LIVELY, "control=media", "turnover=none", "tracing=bad_batches", "tracing.bad=0",
             "tracing.traced=1", "tracing.reassures=0.3")  # fmt: skip
    plain, shown = (
        live(small_market("baseline", *words, *more, size=900), 16) for more in ((), ("tracing.shown=true",))
    )
    looks, done = shown.records.tables["tracing_looks"], shown.records.deliveries
    doubt = {}
    for day in range(15):
        for person in sorted(set(done["person"][done["day"] == day].tolist())):
            doubt[person] = doubt.get(person, 1.0) * 0.6
    seats = shown.world.seats_of(np.array(list(doubt)))
    kept = np.array(list(doubt.values()))[seats >= 0]
    assert shown.world.people.tracing_doubt[seats[seats >= 0]] == pytest.approx(kept, rel=1e-4)
    people = shown.world.people
    gain = people.trust.astype(float) - plain.world.people.trust
    seen, wants = people.tracing_doubt < 1.0, people.proof_need > np.median(people.proof_need)
    assert gain[seen & wants].mean() > gain[seen & ~wants].mean() > 0.0
    assert looks["gained"].sum() > 0.0
    orders = int((done["day"] < 15).sum())
    spent = [one.world.ledger.balance["tracing_cost"] for one in (plain, shown)]
    assert looks["fen"].sum() == 3 * orders
    assert spent[1] - spent[0] == pytest.approx(3 * orders, rel=0.2)  # a few more orders are traced
