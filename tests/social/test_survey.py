"""Asked trust: unbiased where answering hangs on nothing, biased where it does, as sure as theory says."""

from __future__ import annotations

import math

import numpy as np
import pytest

from sim.core.rng import Draw
from sim.social.survey import Survey, _mark, _sign
from tests.conftest import LIVELY, live, small_market

#: Everybody is asked at once, and answers without delay.
AT_ONCE = ("survey=asked", "survey.asked=1000", "survey.delay_days=0", "survey.rest_days=1", "survey.cost=0")


def asked(*words: str, people: int = 6000, days: int = 1) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Trust of customers, and marks and true trust of those who answer; half of them had bad experiences."""
    market = small_market("baseline", *AT_ONCE, "survey.answers=0.5", *words, size=people)
    market.open_window()
    world = market.world
    known = world.people
    known.orders[:], known.registered[:] = 1, True
    known.trust[:] = np.linspace(0.3, 0.8, people)
    known.satisfaction[:] = np.where(np.arange(people) % 2 == 0, 0.9, 0.1)
    known.trust[1::2] -= 0.15
    feature = Survey(market.config.survey)
    for day in range(days):
        feature.ask(world, Draw(world.seed, day))
        feature.take_in(world, Draw(world.seed, day))
    answers = world.records.tables["survey_answers"]
    return known.trust.astype(float), answers["mark"].astype(float), answers["meant"].astype(float)


def test_without_a_leaning_the_score_is_unbiased_and_its_error_what_theory_says():
    """Mean of n marks, each with the spread of trust, an error of .1 and a rounding to tenths."""
    trust, marks, _ = asked("survey.leaning=0", "survey.noise=0.1")
    assert len(marks) == pytest.approx(3000, abs=4 * math.sqrt(6000 * 0.25))
    error = math.sqrt((trust.var() + 0.1**2 + 0.1**2 / 12) / len(marks))
    assert abs(marks.mean() / 10 - trust.mean()) < 4 * error
    told = float(Survey.figures[1].over({"survey_answers": {"mark": marks, "day": marks}})[0])
    assert told == pytest.approx(error, rel=0.05)


@pytest.mark.parametrize("leaning", [-2.0, 2.0])
def test_answers_that_hang_on_experience_bias_the_score_by_what_can_be_computed(leaning):
    """Two kinds of people, each answering with its own chance: a weighted mean in place of the plain one."""
    trust, marks, _ = asked(f"survey.leaning={leaning}", "survey.noise=0.1")
    chance = [1 / (1 + math.exp(-leaning * felt)) for felt in (0.4, -0.4)]
    means = [trust[0::2].mean(), trust[1::2].mean()]
    expected = float(np.average(means, weights=chance))
    error = math.sqrt((trust.var() + 0.1**2 + 0.1**2 / 12) / len(marks))
    assert abs(marks.mean() / 10 - expected) < 4 * error
    assert abs(expected - trust.mean()) > 7 * error
    assert (marks.mean() / 10 > trust.mean()) == (leaning > 0)


def test_promoters_less_detractors_are_counted_by_the_marks():
    params = small_market("baseline", *AT_ONCE, size=300).config.survey
    assert _sign(np.arange(11), params).tolist() == [-100] * 7 + [0] * 2 + [100] * 2
    assert _mark(np.array([-0.3, 0.0, 0.54, 0.56, 1.0, 1.4])).tolist() == [0, 0, 5, 6, 10, 10]
    assert _mark(np.array([0.0, 0.5, 0.9]), 2.5).tolist() == [2, 8, 10]


@pytest.mark.parametrize("readiness", [0.0, 2.5, 4.0])
def test_the_score_to_be_expected_is_that_of_very_many_answers(readiness):
    feature = Survey(
        small_market("baseline", *AT_ONCE, f"survey.readiness={readiness}", size=300).config.survey
    )
    trust = np.array([0.2, 0.5, 0.56, 0.8])
    said = trust[:, None] + np.random.default_rng(5).normal(0.0, 0.1, (4, 40_000))
    signs = _sign(_mark(said, readiness), feature.params)
    error = signs.std(axis=1) / math.sqrt(signs.shape[1]) + 1e-9
    assert (np.abs(feature._signs(trust) - signs.mean(axis=1)) < 4.5 * error + 0.05).all()


@pytest.fixture(scope="module")
def lived():
    words = (
        "survey=asked",
        "survey.asked=50",
        "survey.rest_days=6",
        "survey.cost=0.5",
        "control.daily_budget=20",
    )
    return live(small_market("baseline", *LIVELY, *words, size=600), 16)


def test_nobody_is_asked_twice_within_the_rest_and_answers_come_later_and_cost(lived):
    tables = lived.records.tables
    answers, days = tables["survey_answers"], tables["survey_days"]
    order = np.lexsort((answers["day"], answers["person"]))
    assert len(answers) > 20
    assert days["asked"].max() == 30
    assert (days["fen"] == 50 * days["asked"]).all()
    assert lived.world.ledger.balance["survey_cost"] == days["fen"].sum()
    people = lived.world.people
    assert (people.survey_asked >= 0).sum() > len(set(answers["person"][order].tolist()))


def test_the_state_and_its_estimate_stand_side_by_side(lived):
    found = lived.kpis()
    assert 0.0 < found["survey_trust"] < 1.0
    assert found["survey_score_error"] > 0.0
    assert found["survey_answered"] < 0.7
    assert -100.0 <= found["survey_nps"] <= 100.0


def test_in_a_market_asking_more_makes_the_score_surer_by_the_root_of_the_answers():
    """The score lies within four errors of what all customers trust; n answers err by s / sqrt(n)."""
    errors, numbers = [], []
    for asked in (10, 160):
        words = (*AT_ONCE, f"survey.asked={asked}", "survey.leaning=0", "control.daily_budget=20")
        market = live(small_market("baseline", *LIVELY, *words, size=600), 10)
        found, marks = market.kpis(), market.records.tables["survey_answers"]["mark"]
        errors.append(found["survey_score_error"])
        numbers.append(len(marks))
        assert abs(found["survey_score"] - found["survey_trust"]) < 4 * errors[-1] + 0.05
    assert numbers[1] > 4 * numbers[0]
    assert errors[0] / errors[1] == pytest.approx(np.sqrt(numbers[1] / numbers[0]), rel=0.5)


def test_without_money_nobody_is_asked():
    market = live(small_market("baseline", *LIVELY, "survey=asked", "control.daily_budget=0"), 3)
    assert not market.records.tables["survey_days"]["asked"].any()


def test_once_the_strategy_is_over_nobody_is_asked_and_answers_still_come():
    words = ("survey=asked", "survey.asked=100", "survey.rest_days=1", "survey.delay_days=3",
             "experiment.days=6", "experiment.after_days=6", "control=media")  # fmt: skip
    market = live(small_market("baseline", *LIVELY, *words, size=600), 6)
    paid, answered = market.world.ledger.balance["survey_cost"], market.records.tables["survey_answers"]
    before = len(answered)
    live(market, 6)
    assert market.world.ledger.balance["survey_cost"] == paid > 0
    assert market.records.tables["survey_days"]["day"].max() == 5
    assert len(answered) > before
