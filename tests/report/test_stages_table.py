"""The table of stages says what the tables of the runs say."""

from __future__ import annotations

import numpy as np
import pytest

from sim.measure.breakdown import breakdown
from sim.report import html
from sim.report.comparison import Comparison
from sim.report.stages import stages
from sim.store.results import load_results
from sim.store.store import Store
from tests.report.synthetic import CONFIG, FIRST, blank, fake_run

PLAN = {
    "stages": {
        "pilot": {
            "levers": {"incentive": {"invite_reward": 5.0}},
            "gate": {"figure": "visits", "rule": "at_least", "value": 12.0, "over": 7},
        },
        "rollout": {"release": 0.5},
    }
}
SETTINGS = {**CONFIG, "calendar": {"start": "2025-05-05"}}
#: Days of the pilot by world; it was let through in all worlds but the last.
PILOT = (10, 10, 17)


def staged(replication):
    """A run of 40 days whose pilot lasts as long as :data:`PILOT` says."""
    run, days = fake_run("staged", replication, 0.05), PILOT[replication]
    after = "rollout" if replication < 2 else "baseline"
    run.tables["stage_days"] = blank(
        "stage_days",
        40,
        day=FIRST + np.arange(40),
        stage=np.where(np.arange(40) < days, "pilot", after),
    )
    decided = "goes on" if replication < 2 else "stops"
    run.tables["stages"] = blank(
        "stages",
        2,
        day=FIRST + np.array([0, days]),
        stage="pilot",
        event=["begins", decided],
        figure=["", "visits"],
        value=[np.nan, 14.0 - 4.0 * (replication == 2)],
        threshold=[np.nan, 12.0],
    )
    return run


@pytest.fixture(scope="module")
def comparison(tmp_path_factory):
    folder = tmp_path_factory.mktemp("results")
    store = Store(folder, level="daily")
    for replication in range(3):
        store.write(fake_run("baseline", replication), {**SETTINGS, "plan": {"stages": {}}})
        store.write(staged(replication), {**SETTINGS, "plan": PLAN})
    return Comparison.of(load_results(folder).newest())


def test_stages_add_up_to_the_window():
    run = staged(2)
    found = breakdown(run.tables, run.window)
    rows = list(zip(*(found[c] for c in ("figure", "item", "part", "x", "value")), strict=True))
    days = {item: value for figure, item, _, _, value in rows if figure == "stage_days"}
    assert days == {"pilot": 17, "baseline": 23}
    a_day = {item: v for figure, item, part, _, v in rows if figure == "stage_figures" and part == "orders"}
    day = run.tables["orders"]["day"] - FIRST
    assert a_day["pilot"] == pytest.approx((day < 17).sum() / 17)
    assert a_day["baseline"] == pytest.approx((day >= 17).sum() / 23)


def test_a_row_says_when_what_and_what_the_gate_decided(comparison):
    (table,) = stages(comparison)
    pilot, rollout, stopped = table["rows"]
    assert (table["scenario"], table["worlds"]) == ("staged", 3)
    assert pilot["when"] == "2025-05-05 to 2025-05-14–2025-05-21"
    assert pilot["changes"] == "incentive.invite_reward=5"
    assert pilot["gate"].startswith("visits >= 12 over 7 days: goes on in 2, stops in 1; saw 12.67 (")
    assert rollout["when"] == "2025-05-15 to 2025-06-13; in 2 of 3 worlds"
    assert rollout["changes"] == "50% of the budget released"
    assert stopped["stage"] == "baseline (the plan was stopped)"
    assert stopped["cells"][0][1] == "(one world)"


def test_the_page_has_the_table_only_where_there_is_a_plan(comparison, monkeypatch):
    monkeypatch.setattr(html, "_figures", lambda _: {})
    assert 'id="stages"' in html.render(comparison)
    without = comparison.results.only({str(k) for k in comparison.results.of_strategy("baseline")["key"]})
    assert 'id="stages"' not in html.render(Comparison.of(without))
