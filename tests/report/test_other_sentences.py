"""Sentences of the studies: robustness, sensitivity, warm-up, and sweeps that add worlds by themselves."""

import math
import re

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.analysis.stopping import Aim, Width
from sim.cli.until import reached
from sim.measure.intervals import clopper_pearson
from sim.report.robustness import _verdict
from sim.report.sweep.uncertain import best_sentence
from sim.report.warmup import sentences
from sim.runs.rounds import Stopped
from sim.studies.robustness.signs import _counted
from sim.studies.warmup.study import Cut, Settling

pytestmark = pytest.mark.property


@given(st.lists(st.sampled_from([-1.0, 0.0, 1.0]), min_size=1, max_size=40))
def test_a_sign_is_said_to_prevail_only_where_its_share_does(changes):
    row = pd.Series(_counted(np.array(changes)))
    signs = {"positive": "higher", "zero": "the same", "negative": "lower"}
    most = max(signs, key=lambda sign: row[sign])
    text = _verdict(row, most)
    if "in every draw" in text:
        assert len(set(changes)) == 1
    never = re.search(r"never (higher|lower)", text)
    if never:
        assert {"higher": 1.0, "lower": -1.0}[never[1]] not in changes
    if "mostly" in text:
        assert row[f"{most}_low"] > 0.5
        assert signs[most] in text
    if "cannot be told" in text:
        assert {-1.0, 1.0} <= set(changes)
        assert not row[f"{most}_low"] > 0.5


@given(st.lists(st.integers(0, 30), min_size=1, max_size=4))
def test_a_strategy_is_best_at_most_points_only_if_its_interval_is(wins):
    n = sum(wins)
    ends = [clopper_pearson(k, n) if n else (math.nan, math.nan) for k in wins]
    rows = [
        {"scenario": f"plan_{k}", "wins": w, "n": n, "low": low, "high": high}
        for k, (w, (low, high)) in enumerate(zip(wins, ends, strict=True))
    ]
    text = best_sentence("Margin", rows)
    assert "nan" not in text
    assert ("no point could be judged" in text) == (n == 0)
    sure = [k for k, (low, _) in enumerate(ends) if low > 0.5]
    found = re.search(r"best is plan (\d) at most points", text)
    assert bool(found) == bool(sure)
    if found:
        assert [int(found[1])] == sure
    for k, w in enumerate(wins if n else []):
        assert f"plan {k} at {w} of {n} points" in text


@given(st.floats(0.01, 5), st.sampled_from([0.0, 3.0, math.nan]), st.integers(2, 200), st.booleans())
def test_an_aim_is_reached_only_if_its_widest_interval_is_narrow(ratio, half, worlds, failed):
    width = Width(Aim("revenue", 5.0, False, False), ratio, half, "baseline", 1)
    lines = reached(Stopped(worlds, (width,), worlds, failed))
    text = " ".join(lines)
    if failed:
        assert "runs failed" in text
        return
    assert (": reached with" in text) == (ratio <= 1 and math.isfinite(half))
    assert ("not reached" in text) == (ratio > 1 or not math.isfinite(half))
    would = re.search(r"about ([\d,]+) would be needed", text)
    if would:
        assert int(would[1].replace(",", "")) == math.ceil(worlds * ratio**2)


class Check:
    """Series as the warm-up check hands them on."""

    n_worlds, consumers, days, burn_in = 2, 300, 200, 60

    def __init__(self, series):
        self.series = series

    def verdicts(self):
        words = ("enough", "tolerated", "too short", "cannot tell")
        return {
            word: [one.name for one in self.series if one.verdict(self.burn_in) == word] for word in words
        }


@st.composite
def settling(draw):
    names = draw(st.lists(st.sampled_from(["orders", "visits", "members"]), min_size=1, unique=True))
    return [
        Settling(
            name, "", np.zeros((2, 200)),
            Cut(draw(st.integers(0, 100)), 1.0, draw(st.booleans())), (), draw(st.floats(-0.2, 0.2)), 0.05,
        )
        for name in names
    ]  # fmt: skip


@given(settling())
def test_a_burn_in_is_enough_for_as_many_series_as_rest_by_its_end(series):
    check = Check(series)
    text = " ".join(sentences(check))
    enough = [one for one in series if one.cut.found and one.cut.days <= 60]
    count = f"all {len(series)} series" if len(enough) == len(series) else f"{len(enough)} of {len(series)}"
    assert f"is enough for {count}" in text
    short = [one for one in series if one.verdict(60) == "too short"]
    found = re.search(r"experiment\.burn_in_days=(\d+) would do", text)
    assert bool(found) == bool(short)
    if found:
        assert int(found[1]) == max(one.cut.days for one in short)
    assert ("It cannot be told for" in text) == any(one.verdict(60) == "cannot tell" for one in series)
    assert ("Still moving" in text) == any(one.verdict(60) == "tolerated" for one in series)
