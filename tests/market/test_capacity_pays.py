"""Missing riders cost money: the margin never falls, but for luck, as capacity comes up to demand."""

from __future__ import annotations

import numpy as np
import pytest

from sim.market import Market

RATIOS = (0.5, 0.7, 0.85, 1.0)
WORLDS = 6
WORLD = (
    "population.size=5000", "experiment.burn_in_days=15", "experiment.warmup_days=5", "experiment.days=20",
)  # fmt: skip


@pytest.fixture(scope="module")
def margins(tmp_path_factory: pytest.TempPathFactory) -> np.ndarray:
    """float64[worlds, ratios]: margin in CNY, the same worlds at every ratio."""
    cache = tmp_path_factory.mktemp("worlds")

    def margin(world: int, ratio: float) -> float:
        words = (*WORLD, f"logistics.capacity_ratio={ratio}")
        market = Market.from_scenario("baseline", *words, replication=world, cache=cache)
        return market.run().kpis()["contribution_margin"]

    return np.array([[margin(world, ratio) for ratio in RATIOS] for world in range(WORLDS)])


@pytest.mark.property
def test_the_margin_rises_with_capacity_up_to_demand(margins: np.ndarray) -> None:
    """No step up loses more than 3 s.e. of the paired differences, and all steps together gain more."""
    steps = np.diff(margins, axis=1)
    error = steps.std(axis=0, ddof=1) / np.sqrt(WORLDS)
    assert (steps.mean(axis=0) > -3.0 * error).all()
    overall = steps.sum(axis=1)
    assert overall.mean() > 3.0 * overall.std(ddof=1) / np.sqrt(WORLDS)
