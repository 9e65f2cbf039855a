"""Intercepts are found where they are known, the plan's roles are kept, and wrong requests are refused."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.config import assumptions_table, market_sources
from sim.config.settings import EngineParams
from sim.core.errors import ConfigError, InputError
from sim.measure.guardrails import UNITS
from sim.runs.sweep import run
from sim.store.store import Store
from sim.studies.calibrate.figures import FITTED, Fitted
from sim.studies.calibrate.fit import best, distance, log_odds, solve
from sim.studies.calibrate.study import _scale, calibrate, check

FACTS = Path(__file__).parents[3] / "shared" / "plan" / "facts.csv"


def made_market(base: np.ndarray, mixing: np.ndarray, worlds: np.ndarray):
    """Shares whose log-odds are linear in the intercepts, and differ between worlds."""

    def evaluate(point: np.ndarray) -> np.ndarray:
        odds = base + mixing @ point + worlds
        return 1.0 / (1.0 + np.exp(-odds))

    return evaluate


@pytest.mark.property
@given(st.integers(0, 10_000))
def test_known_intercepts_are_found(seed):
    rng = np.random.default_rng(seed)
    n = int(rng.integers(1, 6))
    mixing = np.diag(rng.uniform(0.6, 1.4, n)) + rng.uniform(-0.1, 0.1, (n, n))
    evaluate = made_market(rng.uniform(-4, -2, n), mixing, rng.normal(0, 0.1, (5, n)))
    wanted = evaluate(rng.uniform(-1.5, 1.5, n)).mean(axis=0)
    tried = solve(evaluate, np.zeros(n), wanted, np.full(n, 1e-4), np.full(n, -4.0), np.full(n, 4.0), 30)
    assert distance(tried[-1], wanted, np.full(n, 1e-4)) <= 1.0
    assert np.abs(evaluate(tried[-1].point).mean(axis=0) - wanted).max() <= 1e-4
    assert len(tried) <= 15


def test_a_ratio_is_found_beside_a_share():
    """A share moves on log-odds and a ratio, however large, in its logarithm."""

    def evaluate(point: np.ndarray) -> np.ndarray:
        share = 1.0 / (1.0 + np.exp(3.0 - point[0]))
        return np.array([[share, 5.0 * np.exp(0.9 * point[1] + 0.1 * point[0])]])

    fitted = [
        Fitted("F1", "a", "a", 0.2, 1e-4, "a share"),
        Fitted("F2", "b", "b", 3.2, 1e-3, "a ratio", True),
    ]
    stated, within = (np.array([getattr(one, name) for one in fitted]) for name in ("stated", "within"))
    bound = np.full(2, 4.0)
    tried = solve(evaluate, np.zeros(2), stated, within, -bound, bound, 20, _scale(fitted))
    assert distance(tried[-1], stated, within) <= 1.0
    assert tried[-1].point[1] == pytest.approx((np.log(3.2 / 5.0) - 0.1 * tried[-1].point[0]) / 0.9, abs=1e-3)
    assert [one.written(x) for one, x in zip(fitted, stated, strict=True)] == ["20.00%", "3.20"]


def test_what_cannot_be_reached_ends_at_the_bound_and_the_nearest_point_is_known():
    evaluate = made_market(np.array([-3.0]), np.eye(1), np.zeros((2, 1)))
    wanted, within = np.array([0.9]), np.array([0.001])
    tried = solve(evaluate, np.zeros(1), wanted, within, np.array([-2.0]), np.array([2.0]), 6)
    assert len(tried) == 6
    assert all(-2.0 <= one.point[0] <= 2.0 for one in tried)
    assert best(tried, wanted, within).point[0] == 2.0
    assert distance(tried[-1], wanted, within) > 1.0


def test_a_share_that_never_happens_has_no_log_odds():
    with pytest.raises(ValueError, match="between 0 and 1"):
        log_odds(np.array([0.02, 0.0]))


def test_every_fitted_key_is_an_intercept_that_cites_its_figure():
    rows = {row.path: row for row in assumptions_table(market_sources().sections)}
    for one in FITTED:
        assert rows[one.key].unit == "logit"
        assert one.figure in UNITS
        assert {"ge", "le"} <= rows[one.key].bounds.keys()
    assert len({one.key for one in FITTED}) == len({one.figure for one in FITTED}) == len(FITTED)


def test_only_calibrated_figures_of_the_plan_are_fitted():
    if not FACTS.exists():
        pytest.skip(f"{FACTS} is not there")
    with FACTS.open(encoding="utf-8") as file:
        facts = {row["id"]: row for row in csv.DictReader(file)}
    for one in FITTED:
        assert facts[one.fact]["role"] == "calibrated"
        stated = float(facts[one.fact]["value"]) / (1.0 if one.ratio else 100.0)
        assert stated == pytest.approx(one.stated)


@pytest.mark.parametrize(
    ("words", "rounds", "names"),
    [
        (["scenario=group_buy"], 3, "scenario"),
        (["choice.order_friend=0.5"], 3, "choice.order_friend"),
        ([], 0, "rounds"),
        (["population.size=-1"], 3, "population.size"),
    ],
)
def test_wrong_requests_are_refused(words, rounds, names):
    with pytest.raises(ConfigError) as refused:
        check(words, rounds)
    assert names in str(refused.value)


@pytest.mark.parametrize("words", [["baseline"], ["rounds=two"], ["rounds=2", "rounds=3"]])
def test_the_verb_refuses_words_that_it_does_not_know(words):
    from sim.studies.calibrate.request import Request

    with pytest.raises(InputError):
        Request.parse(words)


def test_a_market_is_fitted_and_judged_in_worlds_it_has_not_seen(tmp_path):
    """One intercept of a lively market, asked for a conversion that its start does not give."""
    one = Fitted("F066", "choice.order_intercept", "order_conversion_expected", 0.2, 0.005, "made up")
    words = [
        "population.size=300", "population.needs_per_day=0.5", "choice.cart_intercept=-0.25",
        "content.click_chance=0.05", "content.paid_click_chance=0.05", "experiment.burn_in_days=0",
        "experiment.warmup_days=0", "experiment.days=3", "experiment.replications=2",
        f"paths.results={tmp_path / 'r'}", f"paths.cache={tmp_path / 'c'}", "experiment.name=fit",
        "logistics.design_orders_per_1000_consumers=200",
    ]  # fmt: skip
    store, made = Store(tmp_path / "r"), []

    def execute(manifest, jobs) -> bool:
        outcomes = [outcome for _, outcome in run(manifest, EngineParams(kind="serial"), store, jobs)]
        made.extend(outcome for outcome in outcomes if outcome.made)
        return all(outcome.error is None for outcome in outcomes)

    found = calibrate(words, execute, 8, (one,))
    assert found.met
    assert abs(found.chosen.level[0] - 0.2) <= 0.005
    assert abs(found.rounds[0].level[0] - 0.2) > 0.005
    assert found.fresh is not None
    assert found.fresh.shape == (2, 1)
    assert not np.isin(found.fresh, found.chosen.worlds).any()
    runs = len(made)
    again = calibrate(words, execute, 8, (one,))
    assert again.words == found.words
    assert len(made) == runs
