"""Stepping, running, a cold cache and a warm one are one history; views and markets copy honestly."""

from __future__ import annotations

import copy
import pickle

import mesa
import numpy as np
import pytest

from sim.config import compose
from sim.market import Market
from tests.conftest import LIVELY
from tests.market.worlds import digest

LENGTHS = [(6, 0, 5), (6, 3, 5), (0, 3, 5), (0, 0, 5), (4, 1, 1)]


def words(burn_in, warmup, days, scenario="flat_cash_referral"):
    return [
        f"scenario={scenario}", "population.size=500", *LIVELY, "logistics.capacity_ratio=0.6",
        f"experiment.burn_in_days={burn_in}", f"experiment.warmup_days={warmup}", f"experiment.days={days}",
    ]  # fmt: skip


def stepped(config, cache=None):
    market = Market(config, 1, cache)
    total = config.experiment.burn_in_days + config.experiment.warmup_days + config.experiment.days
    for _ in range(total):
        market.step()
    return market


@pytest.mark.parametrize("lengths", LENGTHS)
def test_every_way_to_the_last_day_is_the_same_history(lengths, tmp_path):
    config = compose(words(*lengths))
    ways = {
        "step": stepped(config),
        "step, filling a cache": stepped(config, tmp_path / "a"),
        "run": Market(config, 1).run(),
        "run, filling a cache": Market(config, 1, tmp_path / "b").run(),
        "run from the cache of a run": Market(config, 1, tmp_path / "b").run(),
        "run from the cache of steps": Market(config, 1, tmp_path / "a").run(),
    }
    first = ways["step"]
    frame = first.datacollector.get_model_vars_dataframe()
    assert len(frame) == sum(lengths)
    for name, market in ways.items():
        assert digest(market) == digest(first), name
        assert (market.steps, market.time) == (first.steps, first.time), name
        assert market.datacollector.get_model_vars_dataframe().equals(frame), name
        assert repr(market.kpis()) == repr(first.kpis()), name


def test_some_steps_and_then_a_run_are_a_run(tmp_path):
    config = compose(words(6, 2, 4))
    market = Market(config, 1)
    for _ in range(3):
        market.step()
    assert digest(market.run()) == digest(Market(config, 1, tmp_path).run())


def test_a_market_says_why_it_cannot_be_copied():
    market = Market(compose(words(0, 0, 2)))
    for attempt in (copy.copy, copy.deepcopy, pickle.dumps):
        with pytest.raises(TypeError, match="build the same one again"):
            attempt(market)


def test_a_copy_of_a_consumer_is_a_view_of_the_same_person():
    market = Market(compose(words(0, 0, 2)))
    person = market.consumers[17]
    other = copy.copy(person)
    person.trust = 0.75
    assert (other, other.trust) == (person, np.float32(0.75))
    with pytest.raises(TypeError, match="columns"):
        copy.deepcopy(person)
    with pytest.raises(TypeError, match="unique_id"):
        pickle.dumps(person)


def test_mesas_batch_runner_numbers_worlds():
    config = compose(words(0, 0, 3))
    rows = mesa.batch_run(Market, {"config": [config]}, rng=[3, 4], max_steps=3, display_progress=False)
    seen = {row["RunId"]: row["visits"] for row in rows if row["Step"] == 3}
    alone = [stepped_world(config, number) for number in (3, 4)]
    assert list(seen.values()) == alone


def stepped_world(config, number):
    market = Market(config, number)
    for _ in range(3):
        market.step()
    return market.datacollector.model_vars["visits"][-1]


def test_one_world_has_one_number():
    config = compose(words(0, 0, 2))
    assert Market(config, rng=5).draw.seed == Market(config, 5).draw.seed
    with pytest.raises(ValueError, match="give one"):
        Market(config, 4, rng=5)
