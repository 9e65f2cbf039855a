"""What a search weighs, against definitions worked out the long way and closed forms."""

from __future__ import annotations

import itertools
import math

import numpy as np
import optuna
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import norm

from sim.config.settings import TargetParams
from sim.core.rng import builder
from sim.measure.intervals import t_interval
from sim.studies.optimise.objectives import (
    DOWNSIDE,
    MARGIN,
    MET,
    TOGETHER,
    Aims,
    Measured,
    Rule,
    cvar,
    jackknife,
    pareto,
    read_rules,
)

LEVELS = TargetParams().model_dump()
gains = st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=30)


def aims(*objectives: str, targets=("repurchase_30d",), rules=(), shocks=("none",), alpha=0.2) -> Aims:
    return Aims(objectives, targets, LEVELS, rules, shocks, alpha)


@pytest.mark.property
@given(gains, st.floats(0.01, 1.0))
def test_cvar_is_the_maximum_that_defines_it(values, alpha):
    """Rockafellar and Uryasev: the largest c - E[(c - X)+] / alpha; the maximum lies at an outcome."""
    x = np.array(values)
    largest = max(c - np.maximum(c - x, 0).mean() / alpha for c in x)
    assert cvar(x, alpha) == pytest.approx(largest, rel=1e-9, abs=1e-6)


@pytest.mark.property
@given(gains)
def test_cvar_of_all_outcomes_is_the_mean_and_of_the_least_share_the_worst(values):
    assert cvar(np.array(values), 1.0) == pytest.approx(np.mean(values), rel=1e-9, abs=1e-6)
    assert cvar(np.array(values), 1e-3) == pytest.approx(min(values))


@pytest.mark.exact
def test_cvar_of_a_normal_sample_is_its_closed_form():
    """mean - sd * phi(z) / alpha; four standard errors of c - (c - X)+ / alpha at c = the quantile."""
    alpha, mean, sd, n = 0.2, 50.0, 20.0, 100_000
    x = builder(1, "tests.cvar").normal(mean, sd, n)
    quantile = norm.ppf(alpha, mean, sd)
    error = (quantile - np.maximum(quantile - x, 0) / alpha).std() / math.sqrt(n)
    assert cvar(x, alpha) == pytest.approx(mean - sd * norm.pdf(norm.ppf(alpha)) / alpha, abs=4 * error)


def test_a_jackknifed_mean_has_the_t_interval():
    markets = builder(2, "tests.jackknife").normal(10, 3, (1, 12))
    assert jackknife(markets, np.mean) == pytest.approx(t_interval(markets[0])[:3])
    assert math.isnan(jackknife(markets[:, :1], np.mean).low)


rows = st.lists(st.tuples(*[st.integers(0, 3)] * 3), min_size=1, max_size=14)
directions = st.tuples(*[st.sampled_from(["maximize", "minimize"])] * 3)


def beats(a, b, sides) -> bool:
    """As a person would check it."""
    good = [x >= y if side == "maximize" else x <= y for x, y, side in zip(a, b, sides, strict=True)]
    return all(good) and any(x != y for x, y in zip(a, b, strict=True))


@pytest.mark.property
@given(rows, directions)
def test_the_front_is_what_nobody_beats(values, sides):
    front = pareto(np.array(values, float), sides)
    assert front.tolist() == [not any(beats(b, a, sides) for b in values) for a in values]


@pytest.mark.reference
def test_the_front_is_optunas():
    sides = ["maximize", "minimize"]
    values = builder(3, "tests.front").integers(0, 6, (40, 2)).astype(float)
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    study = optuna.create_study(directions=sides)
    for n, row in enumerate(values):
        study.add_trial(optuna.trial.create_trial(values=list(row), user_attrs={"n": n}))
    assert {trial.user_attrs["n"] for trial in study.best_trials} == set(
        np.flatnonzero(pareto(values, sides)).tolist()
    )


def test_an_empty_list_has_an_empty_front():
    assert pareto(np.zeros((0, 2)), ["maximize", "minimize"]).tolist() == []


def test_targets_together_and_met_are_counted_world_by_world():
    names = ("repurchase_30d", "acquisition_cost", "average_order_value")
    draw = builder(4, "tests.targets")
    runs = [{"repurchase_30d": draw.uniform(0.4, 0.6), "acquisition_cost": draw.uniform(15, 25),
             "average_order_value": draw.uniform(100, 140)} for _ in range(40)]  # fmt: skip
    base = [{"average_order_value": 100.0} for _ in runs]
    met = [
        [r["repurchase_30d"] > 0.5, r["acquisition_cost"] <= 20, r["average_order_value"] / 100 - 1 >= 0.18]
        for r in runs
    ]
    scores = aims(TOGETHER, MET, targets=names).score(Measured({"none": runs}, base))
    assert 0 < scores[TOGETHER].value < 1
    assert scores[TOGETHER].value == np.mean([all(one) for one in met])
    assert scores[MET].value == pytest.approx(np.mean([sum(one) for one in met]))
    assert scores[TOGETHER].low < scores[TOGETHER].value < scores[TOGETHER].high


def test_what_is_not_observable_is_not_met():
    runs = [{"repurchase_30d": math.nan}, {"repurchase_30d": 0.9}]
    assert aims(MET).score(Measured({"none": runs}, [{}, {}]))[MET].value == 0.5


def test_downside_looks_at_all_worlds_under_all_its_shocks_and_margin_at_none():
    runs = {"none": [{MARGIN: 10.0}, {MARGIN: 20.0}], "downturn": [{MARGIN: -4.0}, {MARGIN: 6.0}]}
    both = aims(MARGIN, DOWNSIDE, shocks=("none", "downturn"), alpha=0.5)
    scores = both.score(Measured(runs, [{}, {}]))
    assert (scores[MARGIN].value, scores[DOWNSIDE].value) == (15.0, 1.0)
    only = aims(DOWNSIDE, shocks=("downturn",), alpha=0.5)
    assert only.score(Measured(runs, [{}, {}]))[DOWNSIDE].value == -4.0
    assert only.markets == ("none", "downturn")
    assert aims(MARGIN, shocks=("none", "downturn")).markets == ("none",)


def test_a_rule_is_broken_by_as_much_of_its_bound_as_the_figure_is_beyond():
    below, above, nothing = (
        Rule("fraud_rate", True, 0.05), Rule("on_time_rate", False, 0.8), Rule(MARGIN, False, 0.0)
    )  # fmt: skip
    assert below.violation(0.10) == pytest.approx(1.0)
    assert below.violation(0.05) == 0.0
    assert above.violation(0.6) == pytest.approx(0.25)
    assert above.violation(0.9) < 0
    assert nothing.violation(-7.0) == 7.0
    assert below.violation(math.nan) == 0.0  # nobody was invited


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("fraud_rate", "is no rule"),
        ("fraud_rate<0.05", "is no rule"),
        ("fraud_rate<=much", "is no rule"),
        ("fraud_rate<=1e999", "is no rule"),
        ("0.05>=fraud_rate", "is no rule"),
        ("fraud<=0.05", "'fraud' is no figure of a run"),
    ],
)
def test_wrong_rules_are_told(text, said):
    problems: list[str] = []
    assert read_rules([text], problems) == ()
    assert len(problems) == 1
    assert said in problems[0]


def test_rules_are_read_and_a_doubled_one_is_told():
    problems: list[str] = []
    rules = read_rules(["fraud_rate<=0.05", " on_time_rate >= 8e-1", "on_time_rate<=1"], problems)
    assert problems == []
    assert [rule.text for rule in rules] == ["fraud_rate<=0.05", "on_time_rate>=0.8", "on_time_rate<=1"]
    read_rules(["fraud_rate<=0.05", "fraud_rate<=0.1"], problems)
    assert len(problems) == 1
    assert "two rules" in problems[0]


def test_every_pair_of_alpha_and_size_gives_a_value_between_worst_and_mean():
    for n, alpha in itertools.product(range(1, 8), (0.05, 0.2, 0.5, 0.99)):
        x = builder(n, "tests.between").normal(0, 1, n)
        assert x.min() - 1e-12 <= cvar(x, alpha) <= x.mean() + 1e-12
