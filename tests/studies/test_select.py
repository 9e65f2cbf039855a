"""The verb ``select``: who is run, what is told, and what is refused."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

import sim.cli
from sim.analysis.selection import kim_nelson
from sim.cli import select as verb
from sim.cli.select import sentences, zone_words
from sim.runs.plan import plan
from sim.store.manifest import read
from sim.studies.select.request import Question
from sim.studies.select.study import Answer, run_selection
from tests.studies.made_up import MadeUp, normal

LIFTS = {"baseline": 0.0, "group_buy": 2.0, "private_domain": 1.6}
WORDS = (f"scenario={','.join(LIFTS)}", "population.size=60", "experiment.days=2", "experiment.name=v")


def formula(scenario, _, world):
    return {
        "contribution_margin": LIFTS[scenario] + 5 * normal(world) + normal(scenario, world),
        "acquisition_cost": -LIFTS[scenario] + 0.1 * normal(scenario, world),
    }


def ask(tmp_path, question, executor, *more):
    words = [*WORDS, f"paths.results={tmp_path}", *more]
    return run_selection(words, plan(words), question, executor)


def test_only_those_still_in_are_run_and_the_decision_is_the_procedures(tmp_path):
    made = MadeUp(formula)
    answer = ask(tmp_path, Question("contribution_margin", 0.25, 0.95), made)
    assert answer.names[answer.selection.winner] == "group_buy"
    all_values = np.array(
        [[formula(name, {}, world)["contribution_margin"] for name in LIFTS] for world in range(200)]
    )
    assert answer.selection == kim_nelson(all_values, 0.25, 0.95)
    assert len(made.made) == len(set(made.made)) < answer.selection.worlds * 3
    runs = [scenario for scenario, _ in made.made]
    assert runs.count("baseline") < runs.count("group_buy")
    assert {(job.scenario, job.replication) for job in read(tmp_path, "v").jobs} == set(made.made)
    assert "selected after" in verb.sentences(answer)[0]


def test_less_is_better_where_less_is_better(tmp_path):
    answer = ask(tmp_path, Question("acquisition_cost", 0.3, 0.95), MadeUp(formula))
    assert answer.names[answer.selection.winner] == "group_buy"


def test_a_killed_selection_goes_on_to_the_same_end(tmp_path):
    question = Question("contribution_margin", 0.25, 0.95)
    whole, cut, rest = MadeUp(formula), MadeUp(formula, breaks_after=40), MadeUp(formula)
    undisturbed = ask(tmp_path / "a", question, whole)
    with pytest.raises(KeyboardInterrupt):
        ask(tmp_path / "b", question, cut)
    assert ask(tmp_path / "b", question, rest).selection == undisturbed.selection
    assert sorted(cut.made + rest.made) == sorted(whole.made)


def test_undecided_is_said_and_nothing_promised(tmp_path):
    answer = ask(tmp_path, Question("contribution_margin", 0.001, 0.95), MadeUp(formula),
                 "experiment.most_replications=12")  # fmt: skip
    assert answer.selection.winner is None
    (said,) = verb.sentences(answer)
    assert said.startswith("Undecided after 12 worlds")
    assert "nothing is promised" in said
    assert answer.selection.bound > 12


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["by=revenue", "zone=1"], "at least two strategies"),
        ([*WORDS[:1], "zone=1"], "by: must be given"),
        ([*WORDS[:1], "by=revenue"], "zone: must be given"),
        ([*WORDS[:1], "by=revenu", "zone=1"], "did you mean 'revenue'"),
        ([*WORDS[:1], "by=acquisition_spend", "zone=1"], "neither more nor less is better"),
        ([*WORDS[:1], "by=revenue", "zone=0"], "zone: must be a number above 0"),
        ([*WORDS[:1], "by=revenue", "zone=1pp"], "zone: must be"),
        ([*WORDS[:1], "by=revenue", "zone=1", "confidence=1"], "confidence: must be"),
        ([*WORDS[:1], "by=revenue", "zone=1", "experiment.until=revenue +- 5"], "experiment.until"),
        ([*WORDS[:1], "by=revenue", "zone=1", "experiment.dayz=5"], "dayz"),
    ],
)
def test_a_wrong_question_is_told_in_one_line(words, says, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert sim.cli.main(["select", *words]) == 2
    (line,) = capsys.readouterr().err.strip().splitlines()
    assert says in line
    assert not list(tmp_path.iterdir())


def test_the_verb_selects_among_real_runs(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    tiny = [
        "population.size=60",
        "experiment.days=1",
        "experiment.warmup_days=0",
        "experiment.burn_in_days=0",
    ]
    words = [
        "select",
        "scenario=baseline,group_buy",
        "by=contribution_per_1000",
        "zone=5000",
        "engine=serial",
    ]
    assert sim.cli.main([*words, *tiny]) == 0
    told = capsys.readouterr().out
    assert "✓ selected" in told
    assert "at least 95%" in told
    assert sim.cli.main([*words, *tiny]) == 0
    assert capsys.readouterr().out == told  # the same line again finds all runs there


@pytest.mark.property
@given(
    st.integers(2, 4), st.integers(2, 14), st.floats(0.1, 3000), st.integers(0, 10**6),
    st.sampled_from(["contribution_margin", "order_conversion", "acquisition_cost"]),
)  # fmt: skip
def test_sentences_say_unit_budget_and_tested_lead(k, worlds, zone, seed, by):
    rng = np.random.default_rng(seed)
    values = rng.normal(rng.normal(0, 100, k), 100.0, (worlds, k))
    question = Question(by, zone, 0.95)
    selection = kim_nelson(question.sign * values, zone)
    names = tuple(f"plan_{n}" for n in range(k))
    answer = Answer(question, names, values, selection, worlds)
    text = " ".join(sentences(answer))
    assert zone_words(question) in text
    assert ("stopped by the budget" in text) == (selection.winner is None)
    if selection.winner is None:
        assert f"budget of {worlds}" in text
        assert "is selected" not in text
        return
    assert f"{names[selection.winner]} is selected" in text
    assert ("decided it" in text) == (selection.worlds <= 10)
    mine, clear = question.sign * values[:, selection.winner], []
    for other in (n for n in range(k) if n != selection.winner):
        shared = min(selection.taken[other], selection.taken[selection.winner])
        gap = mine[:shared] - question.sign * values[:shared, other]
        clear.append(stats.ttest_1samp(gap, 0).confidence_interval(1 - 0.05 / (k - 1)).low > 0)
    if "It leads each other strategy" in text:
        assert all(clear)
    if "cannot be told apart" in text:
        assert not all(clear)


def test_the_unit_of_a_zone_is_said():
    assert zone_words(Question("contribution_margin", 50, 0.95)) == "50 CNY/day"
    assert zone_words(Question("order_conversion", 0.005, 0.95)) == "0.5 percentage points"
