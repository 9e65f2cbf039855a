"""A market whose parameters are known is written to a file, and found again from it by the market itself."""

from __future__ import annotations

import numpy as np
import pytest

from sim.calibration.request import Request
from sim.calibration.simulated import orders_of
from sim.calibration.study import calibrate, plan
from sim.config import compose
from sim.market import Market
from sim.measure.events import Events
from sim.runs.execute import execute
from sim.store.store import Store
from sim.studies.robustness.arms import with_values
from tests.calibration.made_up import write_orders

KNOWN = {"population.needs_per_day": 0.1, "population.taste_sd": 1.4, "choice.basket_mean": 0.3}
WORLD = (
    "population.size=1500",
    "experiment.burn_in_days=40",
    "experiment.warmup_days=0",
    "experiment.days=100",
)


@pytest.mark.slow
def test_three_parameters_of_a_market_are_found_again(tmp_path):
    """Each within its range and not at its default; stated ranges hold them and are narrower than before."""
    made = with_values(compose(["population.size=3000", *WORLD[1:]]), KNOWN)
    truth = Market(made, 77, tmp_path / "cache").run()
    held = orders_of(Events(truth.tables(copy=False), truth.window))
    path = write_orders(tmp_path / "known.csv", held)
    words = [
        f"orders={path}",
        f"free={','.join(KNOWN)}",
        "waves=1",
        "wave_points=32",
        "holdout=0",
        "discrepancy=0.03",
    ]
    words += [
        *WORLD,
        "experiment.replications=1",
        f"paths.results={tmp_path}",
        f"paths.cache={tmp_path / 'cache'}",
    ]
    planned, store = plan(Request.parse(words)), Store(tmp_path)
    store.check()

    def play(tasks) -> bool:
        return all(one.error is None for one in execute(tasks, planned.config.engine, store))

    found = calibrate(planned, play, lambda task: task.read(store))
    low, high = planned.space.values(found.posterior.range(0.98))
    known = np.array([KNOWN[key] for key in planned.space.keys])
    assert ((low <= known) & (known <= high)).all(), (planned.space.keys, low, high)
    assert found.posterior.identified.sum() >= 2
