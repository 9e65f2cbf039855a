"""The page of response curves: every lever has its rows, and a verdict says no more than the worlds carry."""

from __future__ import annotations

import csv

import numpy as np
import pytest

import docs.response_curves as page
from docs.levers_left import told
from docs.pages import DOCS
from docs.response_curves import CURVES, GROUPS, ROWS, Curve, baseline, rows_of, verdict, wanted, words
from sim.config import compose

CURVE = Curve("lever", "pricing.list_level", (1, 2, 3))
RNG = np.random.default_rng(5)


def worlds(*means: float, spread: float = 1.0) -> np.ndarray:
    return np.array(means)[:, None] + spread * RNG.standard_normal((len(means), 6))


@pytest.mark.parametrize(
    ("added", "said"),
    [
        (worlds(0, 100, 0), "best at 2, inside the range; clear of both ends"),
        (worlds(0, 100, 100.5, spread=30.0) * [[1], [1], [0.99]], "the range; not clear"),
        (worlds(0, 50, 100), "best at 3, at the end of the range; clear of the other end"),
    ],
)
def test_a_verdict_needs_its_worlds(added, said):
    assert said in verdict(CURVE, added)


def test_every_value_can_be_set_and_was_played_in_as_many_worlds():
    with ROWS.open(encoding="utf-8", newline="") as file:
        rows = [(row["words"], int(row["world"])) for row in csv.DictReader(file)]
    number = max(world for _, world in rows) + 1
    assert number >= 5
    assert sorted(rows) == sorted(wanted(number))
    for curve in CURVES:
        assert 4 <= len(curve.values) <= 5
        compose(list(words(curve, curve.values[-1])))


def test_the_page_has_a_row_a_lever():
    text = (DOCS / "response_curves.md").read_text(encoding="utf-8")
    assert all(f"| {curve.label} |" in text for curves in GROUPS.values() for curve in curves)


def test_every_lever_moves_something_in_the_worlds_that_it_is_shown_in():
    text = (DOCS / "response_curves.md").read_text(encoding="utf-8")
    still = np.zeros((3, 2))
    assert verdict(CURVE, still) not in text


def test_all_other_levers_and_their_baselines_were_played():
    with rows_of("left").open(encoding="utf-8", newline="") as file:
        rows = [(row["words"], int(row["world"])) for row in csv.DictReader(file)]
    assert sorted(rows) == sorted(wanted(3, "left"))


def test_a_baseline_has_the_market_of_its_lever_and_nothing_that_anybody_does():
    beside = ("catalog.apparel.stock_days=2", "points=members", "experiment.days=120", "tracing.bad=0.2")
    curve = Curve("lever", "points.earn", (0, 0.1), beside)
    assert baseline(curve).split() == ["catalog.apparel.stock_days=2", "experiment.days=120"]
    assert told(beside) == "; 120 days, mostly apparel"
    assert told(("points=members",)) == ""


@pytest.mark.parametrize(
    ("today", "taken"), [(7.0, {""}), (8.0, {"sessions.per_week=0", "sessions.per_week=21"})]
)
def test_runs_of_other_code_hold_as_far_as_the_last_value_of_their_lever_does(
    tmp_path, monkeypatch, today, taken
):
    rows = tmp_path / "rows.csv"
    kept = {"": 7, "sessions.per_week=0": 7, "sessions.per_week=21": 8, "no.lever=1": today}
    lines = ["code,words,world,value", *(f"old,{words},0,{value:g}" for words, value in kept.items())]
    rows.write_text("\n".join(lines), encoding="utf-8")
    monkeypatch.setattr(page, "rows_of", lambda group: rows)
    monkeypatch.setattr(page, "_play", lambda cache, run: (today, 0.0))
    assert {words for words, _ in page.kept(1, "curves", "")} == taken
