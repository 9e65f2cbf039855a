"""The page of coverage names tests and settings that there are, and its sample of removals can fail."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

import pytest

from docs.plan_coverage import STATES, systems
from sim.config import assumptions_table, compose, market_sources
from tests.plan.removal import ROOT, SAMPLE, commit, outcome, removable, sample
from tests.plan.removal import problems as removal_problems

ROWS = systems()


@cache
def functions(path: Path) -> set[str]:
    return {node.name for node in ast.parse(path.read_text(encoding="utf-8")).body
            if isinstance(node, ast.FunctionDef)}  # fmt: skip


def test_every_system_has_its_row():
    assert [one.system for one in ROWS] == [f"S{n:03d}" for n in range(1, 157)]
    assert all(one.state in STATES and one.name for one in ROWS)


@pytest.mark.parametrize("one", ROWS, ids=[one.system for one in ROWS])
def test_what_acts_says_how_it_is_tested_and_what_is_open_says_so(one):
    acts = one.state != "open"
    assert bool(one.became) == bool(one.key) == bool(one.test) == acts
    assert (one.state == "acts") or one.open
    assert one.removal or not acts or int(one.system[1:]) > 74  # chapters 1 to 4 can be taken out


@pytest.mark.parametrize("test", sorted({one.test for one in ROWS if one.test}))
def test_a_named_test_exists(test):
    path, _, name = test.partition("::")
    assert (ROOT / path).is_file()
    assert not name or name.partition("[")[0] in functions(ROOT / path)


def test_named_settings_exist():
    sources = market_sources()
    paths = {row.path for row in assumptions_table(sources.sections)}
    for one in ROWS:
        if "=" in one.key:
            compose([one.key])
        elif one.key:
            assert any(path == one.key or path.startswith(f"{one.key}.") for path in paths) or (
                one.key in ("rules.named", "plan.stages", "calendar.growth")
            ), one.key


def test_the_sample_follows_from_the_commit():
    first, again, other = (sample(key, SAMPLE, removable()) for key in ("a", "a", "b"))
    assert first == again != other
    assert len(first) == SAMPLE
    assert len(commit()) == 40


@pytest.mark.slow
def test_without_its_mechanism_the_named_test_fails():
    assert removal_problems(sample(commit(), SAMPLE, removable())) == []


@pytest.mark.slow
def test_a_test_that_does_not_need_what_is_removed_passes():
    """The check can fail: a calendar that is taken out leaves the price of attention as it was."""
    test = "tests/market/test_effects_vanish.py::test_prices_of_attention_rise_with_spend_only_by_the_slope"
    assert outcome([test], "feature calendar") == "passes"
