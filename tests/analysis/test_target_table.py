"""Probabilities of targets: against counting by hand, and against the truth of correlated indicators."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from sim.analysis.target_table import TOGETHER, target_table
from sim.measure.kpis import KPIS
from sim.measure.scorecard import joint_probability
from sim.store.results import Results

NAMES = [kpi.name for kpi in KPIS]
#: Level and spread of each indicator, so that some targets are nearly sure and some are not.
TARGETS = dict.fromkeys(NAMES, 1.0)
OFFSETS = np.array([1.2, 0.4, 1.0, 2.0, 0.8, 1.5, 1.1, 0.9, 1.3])


def draw(rng, worlds, correlation):
    """float64[worlds, 9]: how far each target is exceeded, in the good direction, with one common factor."""
    shared = rng.normal(size=(worlds, 1))
    own = rng.normal(size=(worlds, len(NAMES)))
    return OFFSETS + math.sqrt(correlation) * shared + math.sqrt(1 - correlation) * own


def runs_of(margins):
    """Runs and baselines whose comparison with the targets has these margins."""
    runs, base = [], []
    for row in margins:
        values = {}
        for kpi, margin in zip(KPIS, row, strict=True):
            sign = 1 if kpi.better == "higher" else -1
            wanted = 1.0 + sign * margin
            values[kpi.name] = 10.0 * (1 + wanted) if kpi.relative else wanted
        runs.append(values)
        base.append(dict.fromkeys(NAMES, 10.0))
    return runs, base


@pytest.fixture(scope="module", params=[0.0, 0.6])
def world_of(request):
    """Correlation, and the true joint probability: by brute force over two million worlds."""
    rng = np.random.default_rng(99)
    met = sum(int((draw(rng, 200_000, request.param) > 0).all(axis=1).sum()) for _ in range(10))
    return request.param, met / 2_000_000


def test_joint_probability_agrees_with_brute_force(world_of):
    correlation, truth = world_of
    margins = draw(np.random.default_rng(5), 4000, correlation)
    joint = joint_probability(*runs_of(margins), TARGETS)
    assert joint.probability == np.mean((margins > 0).all(axis=1))
    assert abs(joint.probability - truth) < 4 * math.sqrt(truth * (1 - truth) / 4000)
    product = float(np.prod((margins > 0).mean(axis=0)))
    if correlation:
        assert product < truth - 0.05  # multiplying single probabilities would say far too little
    else:
        assert product == pytest.approx(truth, abs=0.03)


def test_the_interval_of_the_joint_probability_holds_the_truth(world_of):
    """400 experiments of 25 worlds: Clopper-Pearson covers at least 95% (three binomial errors allowed)."""
    correlation, truth = world_of
    rng = np.random.default_rng(6)
    held = 0
    for _ in range(400):
        joint = joint_probability(*runs_of(draw(rng, 25, correlation)), TARGETS)
        held += joint.low <= truth <= joint.high
    assert held / 400 >= 0.95 - 3 * math.sqrt(0.95 * 0.05 / 400)


def test_every_configuration_has_each_target_and_all_together(tmp_path, monkeypatch):
    rng = np.random.default_rng(7)
    worlds, totals, jobs, by_hand = 12, [], [], {}
    _, base = runs_of(draw(rng, worlds, 0.3))
    for scenario, reward in (("group_buy", 5), ("group_buy", 10), ("baseline", 5)):
        margins = draw(rng, worlds, 0.3)
        runs = base if scenario == "baseline" else runs_of(margins)[0]
        by_hand[scenario, reward] = margins > 0
        for world, run in enumerate(runs):
            key = f"{scenario}_{reward}_{world}"
            jobs.append({
                "experiment": "e", "scenario": scenario, "replication": world, "key": key, "world": world,
                "baseline_key": f"baseline_5_{world}", "added": False, "done": True, "reward": reward,
            })  # fmt: skip
            for name, value in run.items():
                unseen = (scenario, reward, world, name) == ("group_buy", 10, 3, "repurchase_30d")
                totals.append({
                    "experiment": "e", "scenario": scenario, "key": key, "name": name, "replication": world,
                    "value": np.nan if unseen else value, "seed": 1, "world": world, "first_day": 0,
                    "end_day": 9, "variant": f"{scenario}_{reward}", "baseline_key": f"baseline_5_{world}",
                })  # fmt: skip
    results = Results(tmp_path, pd.DataFrame(totals))
    monkeypatch.setitem(results.__dict__, "jobs", pd.DataFrame(jobs))
    monkeypatch.setattr(Results, "targets", lambda _: TARGETS)
    table = target_table(results).set_index(["scenario", "reward", "name"])
    assert len(table) == 3 * 10
    met = by_hand["group_buy", 5]
    for column, name in enumerate(NAMES):
        assert table.loc[("group_buy", 5, name), "probability"] == met[:, column].mean()
    joint = table.loc[("group_buy", 5, TOGETHER)]
    assert joint["probability"] == met.all(axis=1).mean()
    assert joint["low"] <= joint["probability"] <= joint["high"]
    unseen = table.loc[("group_buy", 10, TOGETHER)]
    assert np.isnan(unseen["probability"])
    assert "30-day repurchase is not observable in 1 of 12" in unseen["reason"]
    assert table.loc[("group_buy", 10, "repurchase_30d"), "n"] == 11
    relative = [kpi.name for kpi in KPIS if kpi.relative]
    assert (table.loc[[("baseline", 5, name) for name in relative], "probability"] == 0).all()
