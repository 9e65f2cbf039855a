"""Care for trust: three signals make a score, attention goes to the lowest, repairs less each time."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.config import compose
from sim.core.rng import Draw
from sim.market import Market
from sim.social.care import Care, scores
from tests.conftest import LIVELY, live, small_market

SHARE, WEIGHT = st.floats(0.0, 1.0), st.floats(0.0, 10.0)


@pytest.mark.property
@given(SHARE, SHARE, SHARE, WEIGHT, WEIGHT, WEIGHT)
def test_a_score_lies_between_its_signals_and_one_weight_alone_is_that_signal(a, b, c, u, v, w):
    one = [np.array([x]) for x in (a, b, c)]
    found = scores((one[0], one[1], one[2]), (u, v, w))[0]
    assert min(a, b, c) - 1e-9 <= found <= max(a, b, c) + 1e-9
    assert scores((one[0], one[1], one[2]), (0.0, 2.0, 0.0))[0] == pytest.approx(b)


def attended(*words: str, days: int = 1, size: int = 400):
    """A market whose customers all trust .2, whose own deliveries went the better the higher their seat."""
    market = small_market("baseline", "care=three_signals", "control.daily_budget=100", *words, size=size)
    market.open_window()
    people = market.world.people
    people.orders[:], people.registered[:], people.trust[:] = 1, True, 0.2
    people.care_own[:] = np.linspace(0.0, 1.0, size)
    market.world.operator.allowance_fen = 10**9
    feature = Care(market.config.care)
    for day in range(days):
        market.world.clock.day = day
        feature.attend(market.world, Draw(market.world.seed, day))
    return market


def test_the_lowest_score_comes_first_and_a_word_closes_its_part_of_the_gap():
    """Ten of 400 people a day, by their own deliveries alone; .3 of the gap to .6."""
    market = attended("care.calls=25", "care.friends=0", "care.certificate=0", "care.call_cost=2")
    people = market.world.people
    assert people.trust[:10] == pytest.approx(np.full(10, 0.2 + 0.3 * 0.4))
    assert people.trust[10:] == pytest.approx(np.full(390, 0.2))
    assert market.world.ledger.balance["care_cost"] == 10 * 200
    assert len(market.records.tables["care_calls"]) == 10


def test_a_second_word_does_less_and_nobody_is_written_to_within_the_rest():
    """After two days of rest the same ten come again, at exp(-.5) of the first effect."""
    words = ("care.calls=25", "care.friends=0", "care.certificate=0", "care.rest_days=2", "care.tires=0.5")
    calls = attended(*words, days=3).records.tables["care_calls"]
    by_day = [set(calls["person"][calls["day"] == day].tolist()) for day in range(3)]
    assert not by_day[0] & by_day[1]
    assert by_day[0] == by_day[2]
    gap = 0.6 - calls["trust"]
    share = calls["gained"] / gap
    assert share[calls["day"] == 0] == pytest.approx(np.full(10, 0.3), rel=1e-4)
    assert share[calls["day"] == 2] == pytest.approx(np.full(10, 0.3 * np.exp(-0.5)), rel=1e-4)


def test_who_trusts_more_than_a_word_can_repair_is_paid_for_and_not_moved():
    market = attended("care.calls=25", "care.repaired=0.5")
    people = market.world.people
    people.trust[:], people.care_day[:] = 0.7, -1000
    Care(market.config.care).attend(market.world, Draw(1, 1))
    assert people.trust == pytest.approx(np.full(400, 0.7))
    assert market.world.ledger.balance["care_cost"] > 10 * 400


def test_friends_and_reports_are_signals_of_their_own():
    """A customer's friends are close acquaintances who are customers; a report fills in for missing proof."""
    market = attended("care.calls=0")
    world, n = market.world, 400
    feature = Care(market.config.care)
    graph, own = world.graph, world.people.care_own.astype(float)
    seat = next(i for i in range(n) if graph.strength[graph.indptr[i] : graph.indptr[i + 1]].any())
    row = slice(graph.indptr[seat], graph.indptr[seat + 1])
    close = graph.indices[row][np.asarray(graph.strength[row], bool)]
    _, friends, proof = feature._signals(world, np.arange(n))
    assert friends[seat] == pytest.approx(own[close].mean())
    assert proof == pytest.approx(1.0 - world.people.proof_need)
    for shown in (0.0, 0.25, 1.0):  # of a report that is paid for and not there yet nobody knows
        row = {"day": world.day, "report": True, "share": 1.0, "tests": 0, "history": False, "fen": 0}
        world.records.tables["endorsement_days"].append(**row, shown=shown)
        signal = feature._signals(world, np.arange(n))[2]
        assert signal == pytest.approx(1.0 - world.people.proof_need * (1.0 - shown))


@pytest.mark.parametrize("weight", ["behaviour", "friends", "certificate"])
def test_each_dimension_alone_sends_words_to_those_it_puts_last(weight):
    """Ten of 400 a day: own deliveries, those of close acquaintances, and proof that is missing."""
    others = {"behaviour", "friends", "certificate"} - {weight}
    words = [f"care.{one}=0" for one in others] + [f"care.{weight}=1", "care.calls=25"]
    market = attended(*words)
    people, graph = market.world.people, market.world.graph
    own = people.care_own.astype(float)
    signal = {"behaviour": own, "certificate": 1.0 - people.proof_need.astype(float)}
    friends = np.full(400, 0.5)
    for seat in range(400):
        row = slice(graph.indptr[seat], graph.indptr[seat + 1])
        close = graph.indices[row][np.asarray(graph.strength[row], bool)]
        friends[seat] = own[close].mean() if len(close) else 0.5
    signal["friends"] = friends
    called = market.records.tables["care_calls"]["person"]
    assert len(called) == 10
    low = signal[weight][market.world.seats_of(called)]
    rest = np.delete(signal[weight], market.world.seats_of(called))
    assert low.max() <= rest.min() + 1e-6


def test_deliveries_of_a_day_move_what_the_operator_knows_of_a_customer():
    """Half of the gap for each delivery; of two on one day, towards their mean."""
    columns = {"person": np.array([0, 1, 1]), "low_score": np.array([True, False, True])}
    world = SimpleNamespace(
        people=_Few(care_own=np.array([0.5, 0.1, 0.9], np.float32)),
        seats_of=np.asarray, records=SimpleNamespace(deliveries=SimpleNamespace(today=columns.__getitem__)),
    )  # fmt: skip
    Care(SimpleNamespace(follow=0.5)).note(world, Draw(1))
    assert world.people.care_own == pytest.approx([0.25, 0.1 + 0.75 * 0.4, 0.9])


class _Few(SimpleNamespace):
    def __len__(self) -> int:
        return 3


def test_in_a_market_care_raises_the_trust_of_those_who_trust_least():
    words = (*LIVELY, "aftersales.low_on_time=0.6", "control.daily_budget=20")
    trust, fit = [], []
    for calls in (0, 60):
        market = live(
            small_market("baseline", *words, "care=three_signals", f"care.calls={calls}", size=600), 14
        )
        trust.append(float(np.quantile(market.world.people.trust, 0.25)))
        fit.append(market.kpis()["care_fit"])
    assert trust[1] > trust[0] + 0.02
    assert fit[0] > 0.2


def test_a_rule_that_watches_what_customers_say_buys_words_only_once_trust_has_fallen():
    """S073: the score is asked for, stands out after the scandal, and words begin within its delays."""
    words = ("scenario=trust_managed", "population.size=2500", "experiment.burn_in_days=0",
             "experiment.warmup_days=0", "survey.asked=100", "survey.delay_days=0", "survey.cost=0.01",
             "survey.rest_days=5", "shock.start=10", "shock.size=0.9", "opinion.press=0.5",
             "opinion.hit=0.9", "control=media", "control.daily_budget=5",
             "rules.named.attend.ratio=0.7", *LIVELY)  # fmt: skip
    managed = live(Market(compose(list(words))), 24)
    calls, answers = managed.records.tables["care_calls"]["day"], managed.records.answers["day"]
    assert len(calls) > 10
    assert answers.min() > 10
    assert answers.min() <= calls.min() <= answers.min() + 2
    quiet = live(Market(compose([*words, "shock.size=0"])), 24)
    assert not len(quiet.records.tables["care_calls"])
