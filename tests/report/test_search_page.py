"""A search on the page: bounded intervals, right units, whole ticks, one name."""

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.measure.intervals import limits, t_interval, within
from sim.measure.kpis import KPIS
from sim.report.claims import Estimate
from sim.report.sweep.search import front, held_sentence, lines
from sim.studies.optimise.objectives import Aims, Measured, Scored, Told
from sim.studies.optimise.stored import load_optimisation, save
from tests.report.test_sentences import estimates
from tests.report.test_sweep_studies import SPEC

TARGETS = tuple(kpi.name for kpi in KPIS)


@pytest.mark.property
@given(st.lists(st.integers(0, 9), min_size=2, max_size=5))
def test_a_count_of_targets_stays_within_its_bounds(counts):
    """Nine targets of which so many are met in each world; t alone said -8.71 to 16.71."""
    aims = Aims(("targets_met",), TARGETS, dict.fromkeys(TARGETS, 0.5), (), ("none",), 0.1)
    better = {kpi.name: (0.9, 0.1) if kpi.better == "higher" else (0.1, 0.9) for kpi in KPIS}
    base = dict.fromkeys(TARGETS, 0.1)
    runs = [
        {name: better[name][0 if place < met else 1] for place, name in enumerate(TARGETS)} for met in counts
    ]
    score = aims.score(Measured({"none": runs}, [base] * len(runs)))["targets_met"]
    assert 0 <= score.low <= score.value <= score.high <= 9


@pytest.mark.property
@given(st.lists(st.floats(0, 1), min_size=2, max_size=6))
def test_a_share_stays_between_nothing_and_all(values):
    found = within(t_interval(values), *limits("share"))
    assert 0 <= found.low <= found.high <= 1
    plain = t_interval(values)
    assert (found.low, found.high) == (max(plain.low, 0), min(plain.high, 1))


@pytest.mark.property
@given(estimates(single=False))
def test_the_choice_is_ahead_of_as_many_as_its_bounds_say(gaps):
    text = held_sentence("trial 3", gaps)
    more = sum(one.low > 0 for one in gaps if np.isfinite(one.value))
    less = sum(one.high < 0 for one in gaps if np.isfinite(one.value))
    # Without a correction of its own: the bounds given hold for all together already.
    corrected = [Estimate(one.name, one.value, one.low, one.high) for one in gaps]
    text = held_sentence("trial 3", corrected)
    assert f"surely earns more than {more} of {len(gaps)}" in text
    assert (f"surely less than {less}" in text) == (less > 0)
    assert ("cannot be told from" in text) == (len(gaps) > more + less)


def searched(root, objectives, trials):
    (root / "sweeps" / "grid").mkdir(parents=True)
    save(root, "grid", {**SPEC, "objectives": objectives}, trials, None)
    return load_optimisation(root, "grid")


def told(trial, margin, met):
    scores = {"contribution_margin": Scored(margin, margin - 1, margin + 1), "targets_met": Scored(met, 0, 9)}
    return Told(trial, {"incentive.invite_reward": float(trial)}, scores, {"fraud_rate": 0.0}, "")


def test_ticks_of_counted_targets_are_whole_and_units_are_those_of_the_figures(tmp_path):
    trials = [told(0, 5.0, 4.0), told(1, 9.0, 1.5), told(2, 7.0, 3.0)]
    found = searched(tmp_path, ["targets_met", "contribution_margin"], trials)
    drawn = front(found)
    axis = re.findall(r">(\d+(?:\.\d+)?)</text>", drawn)
    assert {"2", "3", "4"} <= set(axis)
    assert "CNY/day" in drawn
    assert "CNY a world" not in drawn
    text = " ".join(lines(found))
    assert "Trial 0 (best mean of targets met" in text
    assert "targets met 4.00 targets a world (0.00 to 9.00)" in text
    assert "contribution margin per day 5.00 CNY/day (4.00 to 6.00)" in text


def test_where_nothing_keeps_the_rules_nothing_is_chosen(tmp_path):
    bad = Told(0, {"incentive.invite_reward": 1.0}, told(0, 1.0, 1.0).scores, {"fraud_rate": 0.9}, "")
    assert "none could be chosen" in lines(searched(tmp_path, ["contribution_margin"], [bad]))[-1]
