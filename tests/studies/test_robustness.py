"""The robustness study: its design, equal cost, signs, storage and the mistakes it refuses."""

from __future__ import annotations

import dataclasses
import math
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import sim.cli
from sim.config import assumptions_table, compose, market_sources
from sim.core.errors import ConfigError, RunError, StoreError
from sim.core.params import Params, declared, param
from sim.measure.intervals import clopper_pearson
from sim.runs.task import keep_error
from sim.social.incentives import IncentiveParams
from sim.store.store import Store
from sim.studies.robustness import arms
from sim.studies.robustness.arms import equal_cost_reward, kaplan_meier, reach_chances, reference_arm
from sim.studies.robustness.design import VARIED, latin_hypercube, uncertainties
from sim.studies.robustness.figures import FIGURES
from sim.studies.robustness.signs import by_chance, drivers, signs
from sim.studies.robustness.stored import Study, folder_name, load_study, studies, study_path, write_draw
from sim.studies.robustness.study import DrawsFailedError, plan, run_study

PAIR = ("flat_cash_referral", "three_tier_referral")
#: Worlds that take a second: no history, a few hundred people who invite a lot.
TINY = (
    "population.size=300", "experiment.burn_in_days=0", "experiment.warmup_days=0", "experiment.days=6",
    "engine=serial", "sharing.invite_gain=0.05", "population.needs_per_day=0.5",
)  # fmt: skip
ROWS = assumptions_table(market_sources().sections)


# --- declarations ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("span", "says"),
    [((0.2, 0.2), "from a lower"), ((-0.1, 0.5), "within the bounds"), ((0.6, 0.9), "must hold the default")],
)
def test_a_span_lies_within_the_bounds_around_the_default(span, says):
    with pytest.raises(ValueError, match=says):
        param(0.5, unit="share", kind="uncertainty", source="A-999", ge=0, le=1, span=span)


def test_a_span_is_kept_with_its_declaration():
    class Guess(Params):
        share: float = param(
            0.5, unit="share", kind="uncertainty", source="A-999", ge=0, le=1, span=(0.1, 0.9)
        )
        other: float = param(1.0, unit="share", kind="constant", source="definition")

    assert [row.span for row in declared(Guess)] == [(0.1, 0.9), None]


def test_the_list_of_parameters_shows_spans(capsys):
    assert sim.cli.main(["list", "parameters", "fraud"]) == 0
    assert "plausibly 0.5 to 0.95" in capsys.readouterr().out


# --- design ---------------------------------------------------------------------------------


@settings(max_examples=30, deadline=None)
@given(draws=st.integers(2, 60), seed=st.integers(0, 2**53))
def test_the_hypercube_uses_every_strip_of_every_span_once(draws, seed):
    spans = [(0.0, 1.0), (-3.0, 5.0), (0.012, 0.06)]
    points = latin_hypercube(spans, draws, seed)
    for column, (low, high) in zip(points.T, spans, strict=True):
        strips = np.floor((column - low) / (high - low) * draws).astype(int)
        assert sorted(strips) == list(range(draws))
    assert np.array_equal(points, latin_hypercube(spans, draws, seed))
    assert not np.array_equal(points, latin_hypercube(spans, draws, seed + 1))


def test_what_varies_are_the_declared_uncertainties_of_the_named_sections():
    rows = uncertainties(ROWS)
    assert {row.path.partition(".")[0] for row in rows} == {"sharing", "incentive", "fraud", "population"}
    assert {row.path for row in rows if row.path.startswith("population.")} == {
        "population.faking_median", "population.faking_sigma",
    }  # fmt: skip
    assert all(row.kind == "uncertainty" and row.span for row in rows)
    # a value that the user sets is known to the user
    assert "fraud.penalty" not in {row.path for row in uncertainties(ROWS, VARIED, ["fraud.penalty"])}
    with pytest.raises(ConfigError, match="'fruad' names no uncertainty"):
        uncertainties(ROWS, ["fruad"])
    with pytest.raises(ConfigError, match="nothing varies"):
        uncertainties(ROWS, ["fraud.penalty"], ["fraud.penalty"])


# --- equal cost -----------------------------------------------------------------------------


@settings(max_examples=60, deadline=None)
@given(
    design=st.sampled_from(["flat_cash", "three_tier", "task_ladder"]),
    first=st.floats(0.0, 1.0),
    second=st.floats(0.0, 1.0),
    cost=st.floats(0.5, 30.0),
)
def test_the_scaled_reward_solves_the_equation_of_cost(design, first, second, cost):
    chances = np.array([1.0, first, first * second])
    reward = equal_cost_reward(IncentiveParams(design=design), chances, cost)
    if reward <= 200.0:  # the most that may be written
        amounts = IncentiveParams(design=design, invite_reward=reward).schedule()[0]
        assert float(amounts @ chances) == pytest.approx(cost)


def test_three_tiers_by_hand():
    # shares 0.4, 0.35 and 0.25; half order once, a tenth twice: 0.4 + 0.175 + 0.025 = 0.6 of the reward
    assert equal_cost_reward(
        IncentiveParams(design="three_tier"), np.array([1, 0.5, 0.1]), 12.0
    ) == pytest.approx(20.0)


def test_the_sure_reward_is_the_reference():
    flat, tiers = IncentiveParams(design="flat_cash"), IncentiveParams(design="three_tier")
    assert reference_arm(flat, tiers) == 0
    assert reference_arm(tiers, flat) == 1
    assert reference_arm(tiers, IncentiveParams(design="task_ladder")) == 0
    assert reference_arm(flat, IncentiveParams()) is None
    assert reference_arm(flat, IncentiveParams(design="flat_cash", invite_reward=20.0)) is None


def test_kaplan_meier_by_hand():
    # waits 1, 2+, 3, 4+ (+ = still waiting): stays (3/4) * (1/2)
    reached = np.array([True, False, True, False])
    assert kaplan_meier(np.array([1, 2, 3, 4]), reached) == pytest.approx(1 - 3 / 4 * 1 / 2)
    assert math.isnan(kaplan_meier(np.zeros(0), np.zeros(0, bool)))


def test_chances_are_counted_from_registrations_and_deliveries():
    # Four invited: 11 orders twice, 12 once, 13 never, 14 is a fake, 15 came by itself.
    day = 1440
    columns = {
        "registrations": {
            "person": [11, 12, 13, 14, 15], "minute": [0, 0, 0, 0, 0], "inviter": [1, 1, 1, 1, -1],
            "fake": [False, False, False, True, False], "caught": [False] * 5, "seen_new": [True] * 5,
        },
        "deliveries": {"person": [12, 11, 15, 11], "minute": [day, 2 * day, day, 3 * day]},
    }  # fmt: skip
    events = SimpleNamespace(end=10)
    events.column = lambda table, name: np.array(columns[table][name])
    events.rows = {
        table: {name: np.array(values) for name, values in them.items()} for table, them in columns.items()
    }
    events.new_users = ~events.column("registrations", "fake")
    chances, invitees = reach_chances(events)
    assert invitees == 3
    assert chances == pytest.approx([1.0, 2 / 3, 1 / 3])


# --- signs ----------------------------------------------------------------------------------


def study_of(change: np.ndarray, values: dict[str, np.ndarray]) -> Study:
    """A study in which the second strategy has ``change`` more of everything."""
    rows = []
    for draw, delta in enumerate(change):
        rows += [(draw, "value", key, v[draw], v[draw]) for key, v in values.items()]
        rows += [(draw, "figure", name, 1.0, 1.0 + delta) for name in FIGURES]
    table = pd.DataFrame(rows, columns=["draw", "part", "name", "a", "b"])
    design = {"a": "one", "b": "two", "reference": None, "draws": [str(k) for k in range(len(change))],
              "uncertainties": [], "consumers": 1, "burn_in_days": 0, "warmup_days": 0,
              "days": 1}  # fmt: skip
    return Study(design, table)


def test_zero_is_neither_sign_and_unobservable_is_left_out():
    study = study_of(np.array([1.0, 2.0, 0.0, -1.0, np.nan]), {"x": np.arange(5.0)})
    row = signs(study).loc["invitations"]
    assert [row[k] for k in ("n", "positive", "zero", "negative")] == [4, 2, 1, 1]
    assert (row["zero_low"], row["zero_high"]) == clopper_pearson(1, 4)
    assert row["median"] == pytest.approx(0.5)


def test_the_parameter_that_decides_the_sign_is_found():
    # Known by construction: b beats a where x is above a half, and y and z have no part in it.
    points = latin_hypercube([(0.0, 1.0)] * 3, 200, 7)
    study = study_of(points[:, 0] - 0.5, dict(zip("xyz", points.T, strict=True)))
    row = signs(study).loc["invitations"]
    # one point in each of 200 strips: exactly half lie above the middle
    assert (row["positive"], row["zero"], row["negative"]) == (100, 0, 100)
    found = drivers(study, "invitations")
    assert found["key"].iloc[0] == "x"
    # rank correlation of a uniform variable with the sign of its distance from the middle: sqrt(3)/2
    assert found["correlation"].iloc[0] == pytest.approx(math.sqrt(3) / 2, abs=0.01)
    assert found["clear"].tolist() == [True, False, False]
    assert set(found["of"]) == {"sign"}


def test_where_the_sign_never_changes_drivers_speak_of_size():
    points = latin_hypercube([(0.0, 1.0)] * 2, 50, 7)
    study = study_of(1.0 + points[:, 1], dict(zip("xy", points.T, strict=True)))
    found = drivers(study, "fraud_rate")
    assert set(found["of"]) == {"size"}
    assert found["key"].iloc[0] == "y"
    assert found["correlation"].iloc[0] == pytest.approx(1.0)
    assert drivers(study_of(np.zeros(50), {"x": points[:, 0]}), "fraud_rate").empty


@pytest.mark.exact
def test_chance_seldom_looks_clear():
    rng = np.random.default_rng(3)
    draws, parameters, worlds = 40, 16, 400
    ranks = rng.permuted(np.tile(np.arange(draws), (worlds, parameters, 1)), axis=2)
    z = (ranks - ranks.mean(axis=2, keepdims=True)) / ranks.std(axis=2, keepdims=True)
    outcome = z[:, :1, :]
    largest = np.abs((z[:, 1:, :] * outcome).mean(axis=2)).max(axis=1)
    wrongly = float(np.mean(largest > by_chance(draws, parameters - 1)))
    assert wrongly < 0.05 + 3 * math.sqrt(0.05 * 0.95 / worlds)


# --- running and storing --------------------------------------------------------------------


def fake_rows(trial):
    """B has more invitations exactly where vouchers are worth more than 0.75; everything else ties."""
    worth = trial.values["incentive.voucher_worth"]
    rows = [("value", key, value, value) for key, value in trial.values.items()]
    rows += [
        ("pilot", name, 1.0, 1.0) for name in ("invitees", "first_order", "second_order", "invite_reward")
    ]
    change = dict.fromkeys(FIGURES, 0.0) | {"invitations": worth - 0.75}
    return [*rows, *(("figure", name, 5.0, 5.0 + delta) for name, delta in change.items())]


def fake_make(task, store):
    """Store made-up rows in place of what a simulation counts."""
    write_draw(store, task.experiment, task.pair, task.trial, fake_rows(task.trial))
    return task.key


def settings_for(folder: Path, *more: str) -> list[str]:
    return [*TINY, f"paths.results={folder}", f"paths.cache={folder / 'cache'}", *more]


def test_a_case_with_a_known_sign_and_only_missing_draws_are_played(tmp_path):
    study_plan, store = plan(*PAIR, settings_for(tmp_path), draws=12), Store(tmp_path)
    played: list[int] = []

    def make(task, store):
        played.append(task.trial.index)
        if len(played) == 5:
            raise KeyboardInterrupt
        return fake_make(task, store)

    with pytest.raises(KeyboardInterrupt):
        list(run_study(study_plan, store, make=make))
    assert load_study(study_path(store, study_plan)).draws == 4
    list(run_study(study_plan, store, make=make))
    assert sorted(played) == sorted([*range(12), 4])
    assert len(list(run_study(study_plan, store, make=make))) == 12
    assert len(played) == 13
    (study,) = studies(tmp_path, "default")
    row = signs(study).loc["invitations"]
    # the span of voucher_worth, 0.5 to 1, is split in the middle
    assert (row["positive"], row["zero"], row["negative"]) == (6, 0, 6)
    assert signs(study).loc["fraud_rate", "zero"] == 12
    assert drivers(study, "invitations")["key"].iloc[0] == "incentive.voucher_worth"


def test_a_draw_that_fails_is_told_and_the_others_are_kept(tmp_path):
    study_plan, store = plan(*PAIR, settings_for(tmp_path), draws=4), Store(tmp_path)

    def make(task, store):
        if task.trial.index == 1:
            error = RunError("parcels do not balance")
            keep_error(task, error, store)
            raise error
        return fake_make(task, store)

    with pytest.raises(DrawsFailedError, match="draw 1: parcels do not balance"):
        list(run_study(study_plan, store, make=make))
    assert load_study(study_path(store, study_plan)).draws == 3
    assert len(list((tmp_path / "errors").rglob("*.txt"))) == 1
    list(run_study(study_plan, store, make=fake_make))
    assert not list((tmp_path / "errors").rglob("*.txt"))


def test_keys_name_what_can_change_a_number(tmp_path):
    each = ((), ("engine.kind=local",), ("experiment.seed=2",), ("incentive.clawback_days=9",))
    keys = [
        [trial.key for trial in plan(*PAIR, settings_for(tmp_path, *more), draws=3).trials] for more in each
    ]
    assert keys[0] == keys[1]
    assert not set(keys[0]) & set(keys[2])
    assert not set(keys[0]) & set(keys[3])


def test_without_fraud_nobody_cheats_under_either_strategy(tmp_path):
    study_plan = plan(*PAIR, settings_for(tmp_path, "fraud.enabled=false"), draws=2)
    rows = {(part, name): (a, b) for part, name, a, b in arms.play(study_plan.trials[0])}
    assert rows["figure", "fraud_rate"] == (0.0, 0.0)
    assert rows["figure", "fake_accounts"] == (0.0, 0.0)
    assert rows["figure", "invitations"][0] > 0
    # the second reward is the first one's, scaled by the chances counted in the first one's run
    chances = np.array([1.0, rows["pilot", "first_order"][0], rows["pilot", "second_order"][0]])
    flat, tiers = rows["pilot", "invite_reward"]
    assert flat == compose(["scenario=flat_cash_referral"]).incentive.invite_reward
    amounts = IncentiveParams(design="three_tier", invite_reward=tiers).schedule()[0]
    assert float(amounts @ chances) == pytest.approx(flat)
    # and nothing of the draw stays in the cache
    assert not [path for path in (tmp_path / "cache").rglob("*") if path.is_file()]


def test_arms_of_one_draw_live_in_one_world(tmp_path):
    trial = plan(*PAIR, settings_for(tmp_path), draws=2).trials[1]
    same = dataclasses.replace(trial, arms=(trial.arms[0], trial.arms[0]), reference=None)
    assert all(a == b or (math.isnan(a) and math.isnan(b)) for _, _, a, b in arms.play(same))


def test_long_names_make_short_folders():
    assert len(folder_name("a" * 64, "b" * 64)) <= 64
    assert folder_name("a" * 64, "b" * 64) != folder_name("a" * 64, "b" * 63)


def test_a_damaged_study_is_told(tmp_path):
    file = tmp_path / "robustness/studies/experiment=x/scenario=y/key.json"
    file.parent.mkdir(parents=True)
    file.write_text("{")
    with pytest.raises(StoreError, match="no readable robustness study"):
        load_study(file)
    assert studies(tmp_path, "x") == []


# --- the verb -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ([], "you named none"),
        (["flat_cash_referral"], "you named flat_cash_referral"),
        (["flat_cash_referral", "flat_cash_referral"], "name another one"),
        (["flat_cash_referral", "threetier"], "scenario"),
        ([*PAIR, "draws=few"], "draws must be a whole number (you wrote 'few')"),
        ([*PAIR, "draws=-3"], "draws must be 2..10,000 (you wrote -3)"),
        ([*PAIR, "draws=1"], "draws must be 2..10,000 (you wrote 1)"),
        ([*PAIR, "vary=fruad"], "vary: 'fruad' names no uncertainty"),
        ([*PAIR, "scenario=group_buy"], "without 'scenario='"),
        ([*PAIR, "fraud.penalty=-3"], "fraud.penalty must be"),
    ],
)
def test_mistakes_are_lines_with_exit_code_2(capsys, words, says):
    assert sim.cli.main(["robustness", *words]) == 2
    shown = capsys.readouterr()
    assert says in shown.err
    assert shown.out == ""
    assert all(line.startswith("liebian: ") for line in shown.err.splitlines())


def test_the_verb_prints_and_writes_what_it_found(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr("sim.cli.robustness.run_study", lambda p, s, tell: run_study(p, s, tell, fake_make))
    words = ["robustness", *PAIR, "draws=6", *settings_for(tmp_path)]
    assert sim.cli.main(words) == 0
    out = capsys.readouterr().out
    assert "three tier referral against flat cash referral: 6 draws" in out
    told = "both signs occur, and which prevails cannot be told (lower in 3, the same in 0, higher in 3 of 6"
    assert told in out
    assert (
        "Fraud rate, true under three tier referral against flat cash referral: the same in every draw" in out
    )
    page = (tmp_path / "reports" / "default_robustness.html").read_text()
    assert "<svg" in page
    assert "http" not in page.replace("http://www.w3.org", "")
    assert "lower in 3, the same in 0, higher in 3 of 6 draws" in page
