"""Differences of sweeps and comparisons against the same figures worked out in plain loops."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from sim.analysis.differences import SHOWN, difference_table, differences, scenario_pairs, sweep_pairs
from sim.store.results import Results

NAMES = ("order_conversion", "contribution_per_1000", "fraud_rate")
POINTS = [("group_buy", 5.0), ("group_buy", 10.0), ("coupon", 5.0), ("baseline", 5.0)]
WORLDS = 7


def value(scenario: str, reward: float, world: int, name: str) -> float:
    """An indicator of a made-up run: a world's luck, an effect and a little of its own."""
    luck = np.sin(13 * world + len(name))
    effect = {"group_buy": 0.3, "coupon": 0.0, "baseline": 0.0}[scenario] * reward
    own = 0.0 if scenario == "baseline" else np.cos(7 * world + reward + len(scenario) + len(name))
    return 10 * luck + effect + 0.5 * own


@pytest.fixture
def swept(tmp_path, monkeypatch):
    """Results of a made-up sweep of four configurations; one run of the third is not there yet."""
    totals, jobs = [], []
    for scenario, reward in POINTS:
        for world in range(WORLDS):
            key = f"base_{world}" if scenario == "baseline" else f"{scenario}_{reward}_{world}"
            done = (scenario, reward, world) != ("coupon", 5.0, 3)
            jobs.append({
                "experiment": "e", "scenario": scenario, "replication": world, "key": key,
                "baseline_key": f"base_{world}", "world": str(world), "added": False,
                "incentive.invite_reward": reward, "mix": [reward, 1.0], "done": done,
            })  # fmt: skip
            if done:
                totals += [
                    {"experiment": "e", "scenario": scenario, "key": key, "replication": world, "name": name,
                     "value": value(scenario, reward, world, name), "seed": 1, "world": str(world),
                     "variant": scenario, "first_day": 0, "end_day": 9}
                    for name in NAMES
                ]  # fmt: skip
    results = Results(tmp_path, pd.DataFrame(totals))
    monkeypatch.setitem(results.__dict__, "jobs", pd.DataFrame(jobs))
    return results


def test_every_configuration_is_paired_with_the_baseline_by_world(swept):
    frame = differences(swept)
    assert len(frame) == 3 * len(NAMES)
    for row in frame.to_dict("records"):
        worlds = [w for w in range(WORLDS) if (row["scenario"], w) != ("coupon", 3)]
        change = [
            value(row["scenario"], row["incentive.invite_reward"], w, row["name"])
            - value("baseline", 5.0, w, row["name"])
            for w in worlds
        ]
        assert row["n"] == len(worlds)
        assert row["value"] == pytest.approx(np.mean(change))
        assert row["share_positive"] == pytest.approx(np.mean(np.array(change) > 0))
        test = stats.ttest_1samp(change, 0.0)
        assert row["p"] == pytest.approx(test.pvalue)
        assert (row["low"], row["high"]) == pytest.approx(tuple(test.confidence_interval(0.95)))
        assert row["boot_low"] < row["value"] < row["boot_high"]


def test_the_family_is_configurations_times_shown_indicators(swept):
    frame = differences(swept)
    inside = frame[frame["name"].isin(SHOWN)]
    assert frame.attrs["family"] == len(inside) == 3 * 2
    ordered = inside.sort_values("p")
    by_hand = np.minimum(np.maximum.accumulate(ordered["p"].to_numpy() * np.arange(6, 0, -1)), 1)
    assert ordered["p_holm"].to_numpy() == pytest.approx(by_hand)
    quantiles = stats.t.ppf(1 - 0.05 / 6 / 2, inside["n"] - 1) / stats.t.ppf(0.975, inside["n"] - 1)
    assert ((inside["high_simultaneous"] - inside["value"]) / (inside["high"] - inside["value"])).to_numpy() \
        == pytest.approx(quantiles)  # fmt: skip
    outside = frame[~frame["name"].isin(SHOWN)]
    assert outside[["p_holm", "low_simultaneous", "high_simultaneous"]].isna().all(axis=None)
    alone = differences(swept, names=["fraud_rate"], family=["fraud_rate"])
    assert list(alone["name"]) == ["fraud_rate"] * 3
    assert alone["p_holm"].notna().all()


def test_configurations_with_a_list_as_value_are_told_apart(swept):
    assert [pair.who["mix"] for pair in sweep_pairs(swept)] == [[reward, 1.0] for _, reward in POINTS]
    assert [pair.is_baseline for pair in sweep_pairs(swept)] == [False, False, False, True]


def test_scenarios_without_a_sweep_are_paired_by_replication(swept, monkeypatch):
    monkeypatch.setitem(swept.__dict__, "jobs", pd.DataFrame())
    plain = swept.totals.query("scenario != 'group_buy'").reset_index(drop=True)
    frame = difference_table(scenario_pairs(Results(swept.root, plain)))
    both = differences(swept).query("scenario == 'coupon'")
    for name in NAMES:
        mine, same = (one[one["name"] == name].iloc[0] for one in (frame, both))
        assert (mine["value"], mine["low"], mine["n"]) == pytest.approx(
            (same["value"], same["low"], same["n"])
        )
    empty = difference_table(scenario_pairs(Results(swept.root, plain.query("scenario != 'baseline'"))))
    assert empty.empty
    assert {"scenario", "p_holm", "boot_low"} <= set(empty.columns)
