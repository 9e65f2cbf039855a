"""The answer to a sweep and to a search: judged among all that was tried, beside the right baseline."""

from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.report.answer import studies
from sim.report.answer.decision import CHOOSE, EITHER, NOTHING, Money
from sim.report.answer.page import render
from sim.report.claims import Estimate
from sim.report.sentences import PROFIT
from sim.report.sweep.study import Axis, Study
from sim.store.results import BASELINE, load_results
from tests.report.test_report import Tags
from tests.report.test_sweep_report import GRID, WORLDS, changes, t_bounds, write_sweep


@pytest.fixture(scope="module")
def grid(tmp_path_factory):
    root = tmp_path_factory.mktemp("grid")
    told = write_sweep(root, GRID)
    return Study.of(load_results(root, "grid")), told


@pytest.fixture(scope="module")
def answer(grid):
    return studies.of_study(grid[0], "grid_sweep.html")


def test_what_is_recommended_surely_earns_more_than_the_baseline(grid, answer):
    study, told = grid
    gaps = {study.labels[n]: changes(told, n, PROFIT) for n in range(len(GRID))}
    sure = {name for name, gap in gaps.items() if t_bounds(gap, 1 - 0.05 / len(GRID) / 4)[0] > 0}
    assert answer.decision.kind in (CHOOSE, EITHER)
    assert set(answer.decision.names) <= sure
    assert max(gaps, key=lambda name: gaps[name].mean()) == answer.decision.names[0]


def test_the_recommended_configuration_is_beside_its_own_baseline(grid, answer):
    study, told = grid
    best = answer.decision.names[0]
    number = next(n for n, label in study.labels.items() if label == best)
    there = answer.comparison
    assert BASELINE in there.scenarios
    assert answer.told == answer.names[best]
    row = there.difference(answer.told, PROFIT)
    assert row["value"] == pytest.approx(changes(told, number, PROFIT).mean())
    assert there.worlds == WORLDS
    page = render(answer)
    tags = Tags()
    tags.feed(page)
    assert not tags.wrong
    assert len(page.encode()) < 80_000
    assert answer.curve in page


def test_where_nothing_moves_nothing_is_recommended(tmp_path):
    write_sweep(tmp_path, GRID[:4], measured=lambda _, __, ___, world, rng: {PROFIT: 10.0 + world})
    found = studies.of_study(Study.of(load_results(tmp_path, "grid")), "grid_sweep.html")
    assert found.decision.kind == NOTHING
    assert not found.decision.names
    assert "surely" not in found.decision.title


bounds = st.tuples(st.floats(-9, 9), st.floats(-9, 9)).map(sorted)


@pytest.mark.property
@given(st.lists(bounds, min_size=1, max_size=4), st.booleans())
def test_a_search_recommends_only_what_held_in_fresh_worlds(intervals, base):
    names = [BASELINE if base else "amber", "birch", "cedar", "elm"]
    ahead = [Estimate(name, sum(ends) / 2, *ends) for name, ends in zip(names, intervals, strict=False)]
    made = studies.searched_decision("trial 3", ahead, Money(float, "CNY"))
    won = base and ahead[0].low > 0
    assert (made.kind == CHOOSE) == won
    assert made.names == (("trial 3",) if won else ())
    assert ("it surely earns more than the baseline" in made.title) == won


@pytest.mark.property
@given(bounds)
def test_a_curve_says_that_one_amount_earns_more_only_where_it_does(ends):
    low, high = ends
    axis = Axis("incentive.invite_reward", "crossed", True, (5.0, 10.0), "invite reward", "CNY")
    said = studies.contrast_words(axis, 5.0, 10.0, low, high)
    assert ("10 surely earns more than 5" in said) == (low > 0)
    assert ("5 surely earns more than 10" in said) == (high < 0)
    assert ("no two" in said) == (low <= 0 <= high)


@pytest.mark.parametrize(("stated", "told"), [(False, 300.0), (True, 10 * 1000 * 365.25 / 12)])
def test_the_lead_of_a_search_is_told_as_all_money_of_the_page(stated, told):
    """10 CNY a day among 2,000 people are 300 a thousand in 60 days; each of them may stand for 1,000."""
    business = {"stated": stated, "consumers": 2_000_000, "currency": "CNY", "rate": 1.0}
    info = {"consumers": 2000, "business": business}
    page = SimpleNamespace(scenarios=("baseline",), days=60, details=lambda _: {"info": info})
    (lead,), unit = studies.held_lead([Estimate("baseline", 10.0, 5.0, 15.0)], page)
    assert unit.scale(lead.value) == pytest.approx(told, rel=1e-3)
    assert unit.scale(lead.high) == pytest.approx(1.5 * told, rel=1e-3)
    made = studies.searched_decision("trial 3", [lead], unit)
    assert unit.unit in made.lines[-1]
