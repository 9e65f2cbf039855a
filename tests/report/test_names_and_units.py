"""Users' own names stay as they are; words that look alike and amounts of money say what they are."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from sim.cli.jobs import said
from sim.core.language import speaking
from sim.report.notes import _noted
from sim.report.origin import origin
from sim.report.robustness import _varied
from sim.report.sentences import label_with_unit, source_label
from sim.report.sweep.chosen import _row_of_target
from sim.runs.plan import SECONDS_TO_START, plan


def test_the_name_of_an_experiment_is_never_translated():
    with speaking("zh"):
        assert origin({"experiment": "groups"}) == [("实验", "groups")]


def test_a_friends_share_is_no_share_of_something():
    with speaking("zh"):
        assert "占比" not in source_label("share")
        assert source_label("search") == "搜索"


def test_units_of_uncertainties_are_told_in_the_language_in_force():
    one = {"key": "sharing.friends", "unit": "people", "low": 1, "high": 6, "default": 3}
    with speaking("zh"):
        (row,) = _varied(SimpleNamespace(design={"uncertainties": [one]}))
    assert row["unit"] != "people"


def test_a_target_of_the_chosen_is_told_in_the_language_in_force():
    row = {"kpi": "order_conversion", "unit": "share", "value": 0.04, "low": 0.03, "high": 0.05, "gap": -0.01,
           "target": 0.05, "direction": "above", "verdict": "missed", "met": 0, "worlds": 2, "n": 2,
           "probability_met": float("nan"),}  # fmt: skip
    with speaking("zh"):
        assert _row_of_target(row)["target"] == "高于 5.0%"


def test_money_of_an_indicator_names_its_unit():
    assert label_with_unit("acquisition_cost").endswith(", CNY/new user")
    assert label_with_unit("all_in_spend").endswith(", CNY")
    assert label_with_unit("order_conversion") == "Order conversion"


def test_drawn_and_noted_numbers_keep_four_digits():
    job = SimpleNamespace(scenario="baseline", replication=1, overrides={"pricing.list_level": 1.1309121324})
    assert said(job) == "baseline pricing.list_level=1.131, world 1"
    assert _noted(40 / 3) == "13.33"
    assert _noted("words") == "words"


def test_more_processes_do_not_shorten_their_start():
    made = plan(
        ["scenario=group_buy", "population.size=300", "experiment.days=3", "experiment.replications=2"]
    )
    one, two = made.seconds(1), made.seconds(2)
    assert one - two == pytest.approx(two - SECONDS_TO_START)
    assert made.seconds(10**9) == pytest.approx(SECONDS_TO_START)
