"""Stages of customers: what makes them, what lapsing does, and messages that win back at a price."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from sim.core.rng import Draw
from sim.demand.lifecycle import ADVOCATE, AWARE, BUYER, LAPSED, REPEAT_BUYER, STAGES, UNAWARE
from sim.mechanism import Phase
from sim.world.schema import Source, Spend
from tests.conftest import LIVELY, live, small_market

SOON = ("lifecycle=default", "lifecycle.usual_gap=5", "lifecycle.patience=2")
DAYS = 25


@pytest.fixture(scope="module")
def lived():
    return live(small_market("baseline", *LIVELY, *SOON, size=500), DAYS)


def test_everybody_is_at_one_stage_and_moves_add_up(lived):
    """Counting the recorded moves from 'unaware' on gives everybody's stage, and the daily counts."""
    moves = pd.DataFrame(lived.tables()["lifecycle_moves"])
    people = lived.world.people
    last = moves.groupby("person")["stage_to"].last().reindex(people.id, fill_value=UNAWARE)
    np.testing.assert_array_equal(last, people.lifecycle_stage)
    daily = pd.DataFrame(lived.tables()["lifecycle_daily"])
    assert (daily[list(STAGES)].sum(axis=1) == len(people)).all()
    counts = np.bincount(people.lifecycle_stage, minlength=len(STAGES))
    np.testing.assert_array_equal(daily[list(STAGES)].iloc[-1], counts)
    assert (counts[[AWARE, BUYER, ADVOCATE, LAPSED]] > 0).all()


def test_stages_follow_from_what_happened(lived):
    """Recomputed person by person from the event tables, without the feature's own columns."""
    people, records = lived.world.people, lived.records
    told = records.touches
    of_friends = np.isin(told["source"], (int(Source.SHARE), int(Source.INVITATION)))
    tellers = set(told["sender"][of_friends].tolist())
    visitors = set(records.visits["person"].tolist())
    days = pd.Series(records.orders["day"]).groupby(records.orders["person"]).unique()
    counted = pd.Series(records.orders["person"]).value_counts()
    seen = counted.reindex(people.id, fill_value=0)
    checked = 0
    for seat in np.flatnonzero(people.orders == seen.to_numpy()):  # whose orders are all in the tables
        who, stage = int(people.id[seat]), int(people.lifecycle_stage[seat])
        own = np.sort(days.get(who, np.zeros(0, int)))
        if not len(own):
            assert stage in ((AWARE,) if who in visitors else (UNAWARE, AWARE))
            continue
        gap = (5.0 + np.diff(own).sum()) / len(own)
        if DAYS - 1 - own[-1] > 2 * gap:
            expected = LAPSED
        elif people.orders[seat] == 1:
            expected = BUYER
        else:
            expected = ADVOCATE if who in tellers else REPEAT_BUYER
        assert stage == expected
        checked += 1
    assert checked > 100


def act_of(market, phase: Phase, name: str):
    """One act of the feature, called by itself."""
    [found] = [one for one in market.schedule[phase] if one.name == f"lifecycle.{name}"]
    return lambda: found.act(market.world, Draw(market.world.seed, market.world.day))


def test_needs_of_lapsed_customers_are_thinned_by_the_share_that_is_met_elsewhere():
    """New needs of the lapsed are kept independently of one another: binomial, four standard errors."""
    market = small_market("baseline", "lifecycle=default", "lifecycle.needs_elsewhere=0.4", size=6000)
    people, lapsed = market.world.people, np.arange(6000) % 2 == 1
    people.lifecycle_stage[:] = np.where(lapsed, LAPSED, BUYER)
    people.need_category[:] = 3
    people.need_until[:] = market.world.day + market.config.needs.lifetime
    people.need_until[:100] -= 1  # felt yesterday, and left alone
    act_of(market, Phase.STRIKE, "turn_elsewhere")()
    kept = people.need_category >= 0
    assert kept[~lapsed].all()
    assert kept[:100].all()
    n = lapsed[100:].sum()
    assert abs(kept[100:][lapsed[100:]].mean() - 0.6) < 4 * np.sqrt(0.6 * 0.4 / n)


def test_lapsing_costs_habit_once():
    market = live(small_market("baseline", *LIVELY, "lifecycle=default", size=300), 5)
    people = market.world.people
    fresh = (people.orders > 0) & (people.lifecycle_stage != LAPSED)
    people.last_order_day[fresh] = -10_000
    before = people.habit.copy()
    for _ in range(2):
        act_of(market, Phase.MEASURE, "move")()
        np.testing.assert_allclose(people.habit, np.where(fresh, 0.5, 1.0) * before, rtol=1e-6)
    assert (before[fresh] > 0).sum() > 20


def written(*words: str):
    market = small_market("baseline", *LIVELY, *SOON, *words, size=500)
    return live(market, DAYS)


def test_messages_win_back_within_capacity_and_are_paid_for(lived):
    """Ten a day and 1,000 people are five for 500; each costs its price, and more order again."""
    market = written("lifecycle.messages=10", "lifecycle.message_click=0.9", "lifecycle.message_cost=0.7")
    sent = pd.DataFrame(market.tables()["lifecycle_sent"])
    by_day = sent.groupby("day").size()
    assert by_day.max() == 5
    assert len(sent) > 20
    spend = market.records.spend
    paid = spend["fen"][spend["kind"] == int(Spend.PRIVATE_DOMAIN)].sum()
    assert paid == 70 * len(sent)
    again = sent.sort_values("day").groupby("person")["day"].diff().dropna()
    assert (again >= 7).all()
    won = [one.kpis()["lifecycle_won_back"] for one in (lived, market)]
    assert won[1] > won[0]


def test_each_further_message_brings_less_and_none_is_sent_without_money():
    words = ("lifecycle.messages=1000", "lifecycle.message_tires=0.5", "lifecycle.message_click=0.2")
    market = live(small_market("baseline", "lifecycle=default", "control=media", *words, size=300), 1)
    world, people = market.world, market.world.people
    people.lifecycle_stage[:], people.registered[:] = LAPSED, True
    people.orders[:] = np.maximum(people.orders, 1)  # nobody lapses without an order
    people.lifecycle_messages[:] = np.arange(300) % 4
    people.lifecycle_written[:] = -10_000
    world.agendas["touches"].take(10**9)
    world.clock.daypart = 1
    before = people.lifecycle_messages.copy()
    act_of(market, Phase.SHARE, "write")()
    touches = world.agendas["touches"].columns
    expected = 0.2 * np.exp(-0.5 * before[touches["seat"]])
    assert len(expected) == 300
    np.testing.assert_allclose(touches["chance"], expected, rtol=1e-6)
    poor, rich = (
        written("lifecycle.messages=1000", f"control.daily_budget={money}") for money in (0.0001, 10)
    )
    sent = [len(one.tables()["lifecycle_sent"]["day"]) for one in (poor, rich)]
    assert sent[0] < 0.2 * sent[1]


def test_only_who_ordered_often_enough_is_worth_a_message():
    """Every lapsed user with the orders asked for is written to, and nobody else."""
    words = ("lifecycle.messages=1000", "lifecycle.least_orders=3", "lifecycle.message_cost=0.001")
    market = live(small_market("baseline", "lifecycle=default", "control=media", *words, size=300), 1)
    people = market.world.people
    people.lifecycle_stage[:], people.registered[:] = LAPSED, True
    people.orders[:] = np.arange(300) % 5 + 1
    people.lifecycle_written[:] = -10_000
    market.world.clock.daypart = 1
    act_of(market, Phase.SHARE, "write")()
    sent = market.tables()["lifecycle_sent"]["person"]
    np.testing.assert_array_equal(np.sort(sent), np.sort(people.id[people.orders >= 3]))


@pytest.mark.parametrize("rest", [2, 15])
def test_nobody_is_written_to_again_before_the_days_of_rest(rest):
    words = ("lifecycle.messages=1000", "lifecycle.message_click=0", f"lifecycle.rest_days={rest}")
    sent = pd.DataFrame(written(*words).tables()["lifecycle_sent"])
    assert sent.sort_values("day").groupby("person")["day"].diff().min() == rest


def test_lapsed_customers_order_less_than_in_a_world_where_lapsing_does_nothing():
    orders = [
        len(live(small_market("baseline", *LIVELY, *SOON, f"lifecycle.needs_elsewhere={away}",
                              f"lifecycle.habit_lost={away}", size=800), 40).records.orders)
        for away in (0, 1)
    ]  # fmt: skip
    assert orders[1] < 0.97 * orders[0]
