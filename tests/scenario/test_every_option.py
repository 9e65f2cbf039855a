"""Every scenario and every option of every group lives three days: no shipped file is only words."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from sim.config import compose
from sim.config.sources import market_sources
from sim.market import Market
from tests.conftest import AT_ONCE, live

pytestmark = pytest.mark.scenario

ROOT = Path(__file__).parents[2]
SCENARIOS = sorted(path.stem for path in (ROOT / "scenarios").glob("*.yaml"))
FILES = sorted((path.parent.name, path.stem) for path in (ROOT / "conf").glob("*/*.yaml"))
OPTIONS = [(group, option) for group, option in FILES if group != "local"]


def three_days(*words: str) -> Market:
    """A market of 300 lives three days and its books are read."""
    if not any(word.startswith("population=") for word in words):
        words = (*words, "population.size=300")
    market = live(Market(compose([*words, *AT_ONCE])), 3)
    assert market.world.day == 3
    assert sum(market.world.ledger.balance.values()) == 0
    assert len(market.records.daily) == 3
    assert len(market.kpis()) > 10
    return market


def test_something_is_shipped():
    assert len(SCENARIOS) >= 11
    assert len(OPTIONS) >= 50
    assert {group for group, _ in OPTIONS} == set(market_sources().sections)


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_a_scenario_lives(scenario):
    assert three_days(f"scenario={scenario}").scenario_name == scenario


@pytest.mark.parametrize(("group", "option"), OPTIONS, ids=[f"{group}={option}" for group, option in OPTIONS])
def test_an_option_lives(group, option, tmp_path):
    words = [f"{group}={option}"]
    if (group, option) in (("graph", "edge_list"), ("graph", "like")):
        words += [f"graph.path={ring(tmp_path)}"]
    elif group == "population":
        words += ["population.size=300"]
    assert three_days(*words).config.options[group] == option


def ring(folder: Path, people: int = 300) -> Path:
    """A real graph, though a dull one: everybody knows the next three."""
    path = folder / "edges.csv"
    pairs = [(i, (i + step) % people) for i in range(people) for step in (1, 2, 3)]
    np.savetxt(path, pairs, fmt="%d", delimiter=",")
    return path
