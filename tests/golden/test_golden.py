"""Small seeded runs give the pinned totals, and a change of them has a reason that users can read."""

from __future__ import annotations

import pytest

from tests.golden.runs import CHANGELOG, FOLDER, SCENARIOS, lived, made_with, pinned, totals

pytestmark = pytest.mark.golden


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_a_seeded_run_gives_the_pinned_totals(scenario):
    page, seen = pinned(scenario), totals(lived(scenario))
    assert page["totals"].keys() == seen.keys()
    moved = {name: (was, seen[name]) for name, was in page["totals"].items() if seen[name] != was}
    if page["made_with"] != made_with():
        moved = {name: (a, b) for name, (a, b) in moved.items() if abs(a - b) > max(0.05 * abs(a), 10)}
    remedy = 'if this is meant: python -m tests.golden.runs "why the numbers move"'
    assert moved == {}, f"{scenario} moved (pinned, now); {remedy}"


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_the_reason_stands_in_the_changelog(scenario):
    reason = pinned(scenario)["reason"]
    assert len(reason.split()) >= 3
    assert f"- {reason}\n" in CHANGELOG.read_text(encoding="utf-8"), (
        "add the golden run's reason to CHANGELOG.md"
    )


def test_every_golden_file_is_one_of_the_runs():
    assert {path.stem for path in FOLDER.glob("*.yaml")} == set(SCENARIOS)
