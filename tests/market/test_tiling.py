"""A larger market filled from a smaller burnt-in one lives on, day after day."""

from __future__ import annotations

from itertools import pairwise

import pytest

from sim.config import compose
from sim.market import Market
from sim.market.snapshot import load, tile, world_key
from sim.runs.replicate import prepare_world

SHORT = ("experiment.burn_in_days=6", "experiment.warmup_days=1", "experiment.days=4")


@pytest.fixture(scope="module")
def tiled(tmp_path_factory):
    cache = tmp_path_factory.mktemp("tiling")
    settings = [*SHORT, f"paths.cache={cache}"]
    small = compose([*settings, "population.size=400"])
    prepare_world(small, 0)
    state = load(cache / "worlds" / f"{world_key(Market(small, 0, cache))}.npz")
    assert state is not None
    market = Market(compose([*settings, "population.size=1000"]), 0, cache)
    tile(market, state)
    return market


def test_every_step_of_a_tiled_market_is_a_day(tiled):
    visits = [len(tiled.records.visits)]
    for day in range(6, 10):
        assert tiled.world.day == tiled.steps == day
        tiled.step()
        visits.append(len(tiled.records.visits))
    assert all(before < after for before, after in pairwise(visits))
    assert tiled.measuring
