"""A decision in several steps: nobody orders at first sight, proof takes its time, and folders cost money."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from sim.core.rng import Draw
from sim.demand.decision import CONSIDERS, DECIDES, GIVES_UP
from sim.mechanism import Phase
from tests.conftest import LIVELY, live, small_market

STEPS = ("decision=in_steps", "population.proof_need_other=0.5", *LIVELY)
DAYS = 20


def steps_of(market) -> pd.DataFrame:
    return pd.DataFrame(market.tables()["decision_steps"])


def act_of(market, phase: Phase, name: str):
    """One act of the feature, called by itself."""
    [found] = [one for one in market.schedule[phase] if one.name == f"decision.{name}"]
    return lambda: found.act(market.world, Draw(market.world.seed, market.world.day))


@pytest.fixture(scope="module")
def lived():
    return live(small_market("baseline", *STEPS, "decision.enough=3", size=700), DAYS)


def test_whoever_considers_something_orders_it_only_once_decided(lived):
    """From the event tables: between the first look and the decision there is no order of these goods,
    and some orders follow decisions, which take days.
    """
    steps, orders = steps_of(lived), pd.DataFrame(lived.tables()["orders"])
    begun = {}
    waits = []
    ordered = orders.groupby(["person", "category"])["day"].apply(list).to_dict()
    followed = 0
    for row in steps.itertuples():
        key = (row.person, row.category)
        if row.step == CONSIDERS:
            begun = {k: v for k, v in begun.items() if k[0] != row.person} | {key: row.day}
        elif row.step == DECIDES:
            first = begun.pop(key)
            assert row.days == row.day - first
            waits.append(row.days)
            assert not [day for day in ordered.get(key, []) if first < day < row.day]
            followed += any(row.day <= day for day in ordered.get(key, []))
    assert len(waits) > 40
    assert np.mean(waits) > 1
    assert followed > 5


def test_who_needs_more_proof_considers_more_and_who_needs_none_orders_at_once():
    """Of first looks by people without notes, the share that begins to consider is the need for proof."""
    market = live(small_market("baseline", *STEPS, "decision.takes_steps=0.8", size=700), 1)
    world, people = market.world, market.world.people
    people.proof_need[:] = np.where(np.arange(700) % 2, 0.5, 0.0)
    people.notes[:], people.decision_category[:] = 0.0, -1
    visits = world.flow.visits
    n = 600
    world.flow.visits = {name: np.resize(column, n) for name, column in visits.items()} | {
        "seat": np.arange(n, dtype=np.int32),
        "category": np.full(n, 4, np.int8),
    }
    world.flow.order.parts.clear()
    act_of(market, Phase.BUY, "consider")()
    against = world.flow.order.parts["decision"]
    need = people.proof_need[:n] > 0
    assert (against[~need] == 0.0).all()
    assert set(against[need]) == {0.0, -50.0}
    share, expected = (against[need] < 0).mean(), 0.8 * 0.5
    assert abs(share - expected) < 4 * math.sqrt(expected * (1 - expected) / need.sum())
    assert (people.decision_category[:n][need] == np.where(against[need] < 0, 4, -1)).all()


def test_proof_is_found_by_the_days_and_wishes_end_in_a_decision_or_are_given_up():
    """A piece a day with chance looks x finds: days to the second one are negative binomial, cut at ten."""
    market = small_market("baseline", *STEPS, "decision.enough=2", "decision.gives_up=10",
                          "decision.looks=0.5", "decision.finds=0.6", size=3000)  # fmt: skip
    world, people = market.world, market.world.people
    people.decision_category[:], people.decision_since[:], people.notes[:] = 4, world.day, 0.0
    world.clock.daypart = 1
    for _ in range(11):
        world.clock.day += 1
        act_of(market, Phase.SHARE, "decide")()
    steps = steps_of(market)
    days = steps["days"][steps["step"] == DECIDES].to_numpy()
    p = 0.3
    expected = [(k - 1) * p**2 * (1 - p) ** (k - 2) for k in range(2, 11)]
    for k, chance in zip(range(2, 11), expected, strict=True):
        error = math.sqrt(chance * (1 - chance) / 3000)
        assert abs((days == k).mean() * len(days) / 3000 - chance) < 4 * error
    given_up = steps["step"] == GIVES_UP
    assert (steps["days"][given_up] == 10).all()
    assert given_up.sum() + len(days) == 3000
    assert (people.decision_category[~people.decision_made] == -1).all()


def test_folders_are_paid_for_bring_decisions_sooner_and_each_further_one_less():
    words = ("decision.folder_cost=0.7", "decision.finds=0", "decision.enough=3")
    words += ("control=media", *STEPS)
    without, sent = (
        live(small_market("baseline", *words, f"decision.folders={n}", size=500), 12) for n in (0, 400)
    )
    folders = pd.DataFrame(sent.tables()["decision_folders"])
    assert folders.groupby("day").size().max() <= 200
    assert (folders["number"] == 2).sum() > 20
    assert sent.world.ledger.balance["decision_proof"] == 70 * len(folders)
    decided = [(steps_of(one)["step"] == DECIDES).sum() for one in (without, sent)]
    assert decided[1] > decided[0] + 10
    for number in (1, 2):
        taken = folders["taken"][folders["number"] == number]
        chance = 0.6 * math.exp(-0.7 * (number - 1))
        assert abs(taken.mean() - chance) < 4 * math.sqrt(chance * (1 - chance) / len(taken))


def test_without_money_no_folder_is_sent():
    words = ("decision.folders=1000", "control.daily_budget=0.0001")
    market = live(small_market("baseline", *STEPS, *words, size=300), 4)
    assert len(market.tables()["decision_folders"]["day"]) == 0


def test_steps_cost_orders_and_make_them_later():
    """No bonus: with steps fewer people order at the first look, and none order more for it."""
    words = ("decision=in_steps", *LIVELY)
    at_once, in_steps = (
        live(small_market("baseline", *words, f"decision.takes_steps={share}", size=700), 10).records.orders
        for share in (0, 1)
    )
    assert len(in_steps) < 0.9 * len(at_once)
