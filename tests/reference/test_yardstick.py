"""The yardstick of speed stands by itself, and lives the core rules."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from benchmarks.twin import TwinMarket
from sim.market import Market

pytestmark = pytest.mark.reference
FOLDER = Path(__file__).resolve().parents[2] / "benchmarks/twin"


def test_it_is_a_copy_that_no_edit_of_the_tests_reaches():
    texts = [path.read_text(encoding="utf-8") for path in FOLDER.glob("*.py")]
    assert len(texts) > 5
    assert not [text for text in texts if re.search(r"\b(?:from|import) tests\b", text)]


def test_it_lives_as_many_visits_as_the_engine():
    """12,000 consumer-days of either, with draws of their own: 6 standard errors of a count of visits."""
    settings = ("population.size=1500", "experiment.burn_in_days=0", "experiment.warmup_days=0")
    market = Market.from_scenario("core_rules", *settings)
    market.step()
    twin = TwinMarket(market)
    before = len(market.records.visits)
    for _ in range(8):
        market.step()
        twin.step()
    ours, theirs = len(market.records.visits) - before, len(twin.visits)
    assert ours > 400
    assert abs(ours - theirs) < 6 * (ours + theirs) ** 0.5
