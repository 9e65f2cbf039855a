"""The page of recovered parameters: files say what the market says, and coverage is counted right."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from docs.pages import DOCS
from docs.recovery import KEYS, KINDS, PAGE, Found, by_world, coverage, space, write_files
from sim.calibration.files.tables import Reading, read_cascades, read_deliveries, read_orders
from sim.calibration.simulated import cascades_of, known
from sim.calibration.statistics.targets import STATISTICS, measure
from sim.market import Market
from sim.measure.events import Events

pytestmark = pytest.mark.docs


@pytest.fixture(scope="module")
def events():
    lengths = ("experiment.burn_in_days=10", "experiment.warmup_days=0", "experiment.days=40")
    market = Market.from_scenario("baseline", "population.size=1500", "sharing.pass_on=0.1", *lengths).run()
    return Events(market.tables(), market.window)


def test_files_say_what_the_tables_say(events, tmp_path):
    """Every statistic of orders, cascades and deliveries is the same on both sides of a fit."""
    words = dict(word.split("=", 1) for word in write_files(tmp_path, events))
    read = {
        "orders": read_orders(Path(words["orders"]), Reading()),
        "cascades": read_cascades(Path(words["cascades"]), Reading()),
        "deliveries": read_deliveries(Path(words["deliveries"]), Reading()),
    }
    names = [one.name for one in STATISTICS if one.needs in read]
    mine, theirs = measure(known(events, tuple(read)), names), measure(read, names)
    told = np.isfinite(mine)
    assert told.sum() > 20
    assert dict(zip(names, theirs, strict=True)) == pytest.approx(
        dict(zip(names, mine, strict=True)), rel=2e-3, abs=2e-3, nan_ok=True
    )


def test_what_nobody_passed_on_is_no_cascade(events):
    told = cascades_of(events)
    assert told.cascades > 20
    assert (np.bincount(told.root) > 1).all()
    assert told.cascades < len(np.unique(events.column("touches", "root")))


def test_eight_parameters_of_four_kinds_have_ranges():
    assert len(KEYS) == 8
    assert len(KINDS) == 4
    ranges = space()
    assert ranges.keys == KEYS
    assert (ranges.low < ranges.high).all()


def test_coverage_counts_ranges_that_hold_the_truth():
    low, high = np.zeros(8), np.ones(8)
    truth = np.full(8, 0.5)
    missed = np.where(np.arange(8) < 2, 1.5, 0.5)
    told = np.ones(8, bool)
    found = [Found(truth, low, high, told), Found(missed, low, high, told)]
    assert coverage(found).startswith("In all 14 of 16 stated ranges hold what was known: 88%;")
    assert by_world(found).count("not in") == 2


def test_the_page_has_every_parameter():
    text = (DOCS / PAGE).read_text(encoding="utf-8")
    assert all(f"| `{key}` |" in text for key in KEYS)
