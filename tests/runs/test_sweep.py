"""A sweep is planned whole, named as its runs alone would be, and executed from its manifest only."""

from __future__ import annotations

import json
import os
import sys
import time
import warnings
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import sim.cli
from sim.config import assumptions_table, baseline_of, code_digest, compose, market_sources, world_hash
from sim.config.settings import EngineParams
from sim.config.sweep_request import fold, points, span_of, understand
from sim.core.errors import ConfigError, StoreError
from sim.core.rng import replication_seed
from sim.runs import task as engine_room
from sim.runs.execute import execute
from sim.runs.plan import plan
from sim.runs.replicate import run_key
from sim.runs.task import RunTask, WorkerKilledError
from sim.store.manifest import extend, read, write
from sim.store.results import load_results
from sim.store.store import Store
from tests.cli.tiny import fingerprint

TINY = (
    "population.size=60", "experiment.days=2", "experiment.warmup_days=1", "experiment.burn_in_days=2",
    "engine=serial", "experiment.name=s",
)  # fmt: skip
SWEEP = ("scenario=flat_cash_referral", "incentive.invite_reward=0,8", *TINY, "experiment.replications=2")


def said(value: object) -> str:
    return json.dumps(value) if not isinstance(value, str) else value


@pytest.mark.parametrize(
    "words",
    [
        ("scenario=baseline,three_tier_referral", "incentive.invite_reward=0,5", "pricing=list,coupon"),
        ("population.size=500,600", "pricing=glob(co*)", "experiment.days=range(1,3)"),
        ("scenario=flat_cash_referral", "design=lhs", "samples=3", "vary=[incentive.invite_reward,sharing]"),
    ],
)
def test_every_job_is_what_the_same_run_alone_would_be(words):
    planned = plan([*words, "experiment.replications=2"])
    assert len(planned.jobs) > 4
    for job in planned.jobs:
        config = planned.configs[job.config]
        assert run_key(config, job.replication) == job.key
        seed = replication_seed(config.experiment.seed, job.replication)
        assert world_hash(config, baseline=baseline_of(config), seed=seed, code=code_digest()) == job.world
        if not job.added:
            fixed = [word for word in words if word.startswith("scenario=") and "," not in word]
            swept = [f"{key}={said(value)}" for key, value in job.overrides.items()]
            alone = compose([*swept, *fixed, "experiment.replications=2"])
            assert alone.resolved == config.resolved
            assert (alone.scenario, alone.options, alone.chosen) == (
                config.scenario, config.options, config.chosen,
            )  # fmt: skip
            assert run_key(alone, job.replication) == job.key
            assert run_key(baseline_of(alone), job.replication) == job.baseline


def test_jobs_are_the_product_of_all_lists_and_each_world_has_one_baseline():
    planned = plan(["scenario=flat_cash_referral,group_buy", "population.size=500,600,700",
                    "incentive.invite_reward=1,2", "experiment.replications=4"])  # fmt: skip
    own = [job for job in planned.jobs if not job.added]
    assert len(own) == 2 * 3 * 2 * 4
    assert len({job.world for job in own}) == planned.worlds == 3 * 4
    added = [job for job in planned.jobs if job.added]
    assert len(added) == 3 * 4
    assert {job.key for job in added} == {job.baseline for job in own}
    assert all(job.scenario == "baseline" for job in added)


def test_a_baseline_that_is_swept_anyway_is_not_added():
    planned = plan(["scenario=baseline,group_buy", "experiment.replications=3"])
    assert len(planned.jobs) == 6
    assert not any(job.added for job in planned.jobs)
    baselines = {job.replication: job.key for job in planned.jobs if job.scenario == "baseline"}
    assert all(baselines[job.replication] == job.baseline for job in planned.jobs)


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (["incentive.invite_reward=interval(0,1)"], "interval"),
        (["incentive.invite_reward=0,0"], "each value once"),
        (["incentive.invite_reward=range(0,10,0)"], "step"),
        (["incentive.invite_reward=range(5,0,1)"], "holds no value"),
        (["incentive.invite_reward=shuffle(1,2)"], "shuffle"),
        (["incentive.invite_reward=0,1", "incentive.invite_reward=2"], "given once"),
        (["scenario=baseline,nowhere"], "nowhere"),
        (["pricing=glob(zz*)"], "matches nothing"),
        (["pricing.x=glob(*)"], "glob"),
        (["experiment.replications=1,2"], "one for the whole sweep"),
        (["paths.results=a,b"], "one for the whole sweep"),
        (["engine=serial,local"], "one for the whole sweep"),
        (["incentive.nothing=1,2"], "unknown key"),
        (["design=grid", "vary=[sharing]"], "lhs or sobol"),
        (["design=lhs", "vary=[nothing_such]"], "names no lever"),
        (["design=lhs"], "vary: must name"),
        (["design=lhs", "samples=many", "vary=[sharing]"], "samples"),
        (["design=sobol", "samples=60", "vary=[sharing]"], "samples=64"),
        (["incentive.invite_reward=range(0,200,0.01)", "population.size=range(100,1000)"], "at most"),
        (["bare"], "key=value"),
    ],
)
def test_a_wrong_sweep_is_told_in_one_line(words, line, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert sim.cli.main(["sweep", *words]) == 2
    told = capsys.readouterr().err.strip().splitlines()
    assert len(told) == 1, told
    assert line in told[0]
    assert not list(tmp_path.iterdir())


def test_all_wrong_jobs_are_told_at_once():
    with pytest.raises(ConfigError) as caught:
        plan(["incentive.invite_reward=-1,2,-3", "population.size=500,0", "pricing=list,gold"])
    told = "\n".join(caught.value.problems)
    for part in ("-1", "-3", "population.size", "gold"):
        assert part in told
    assert len(caught.value.problems) == 4


def test_problems_that_are_alike_are_told_three_times_at_most():
    with pytest.raises(ConfigError) as caught:
        plan(["population.size=range(-20,0)"])
    told = caught.value.problems
    assert len(told) == 3
    assert told[-1].endswith("(and 17 more like this)")


def test_five_hundred_jobs_are_planned_in_two_seconds_of_processor_time():
    words = ["scenario=three_tier_referral", "experiment.replications=1"]
    plan([*words, "incentive.invite_reward=1,2"])
    began = time.process_time()
    planned = plan([*words, "incentive.invite_reward=range(0,100,1)", "experiment.days=range(1,6)"])
    assert len([job for job in planned.jobs if not job.added]) == 500
    assert time.process_time() - began < 2.0


@pytest.mark.parametrize("design", ["lhs", "sobol"])
def test_designs_fill_the_declared_ranges(design):
    words = understand([f"design={design}", "samples=16", "vary=[sharing,incentive.invite_reward]"],
                       market_sources())  # fmt: skip
    assert "incentive.invite_reward" in [row.path for row in words.vary]
    drawn = pd.DataFrame(points(words, seed=1))
    for row in words.vary:
        low, high = span_of(row)
        strips = ((drawn[row.path] - low) / (high - low) * 16).astype(int).clip(upper=15)
        if not isinstance(row.default, int):
            assert sorted(strips) == list(range(16)), row.path  # one point in each of sixteen strips
    assert drawn.equals(pd.DataFrame(points(words, seed=1)))
    assert not drawn.equals(pd.DataFrame(points(words, seed=2)))


def test_a_number_without_a_plausible_range_is_not_drawn_and_that_is_said(capsys, tmp_path, monkeypatch):
    """Its bounds say what may be written: drawing from them makes worlds that nobody believes."""
    sources = market_sources()
    rows = {row.path: row for row in assumptions_table(sources.sections)}
    words = understand(["design=lhs", "samples=4", "vary=[choice]"], sources)
    drawn = {row.path for row in words.vary}
    assert {"choice.cart_trust", "choice.price"} <= drawn
    assert "choice.cart_intercept" in words.held
    assert not drawn & set(words.held)
    assert all(rows[path].span is None for path in words.held)
    for point in points(words, 3):
        for path, value in point.items():
            assert rows[path].span[0] <= value <= rows[path].span[1]
    with pytest.raises(ConfigError, match="plausible range"):
        understand(["design=lhs", "samples=4", "vary=[choice.cart_intercept]"], sources)
    monkeypatch.chdir(tmp_path)
    assert sim.cli.main(["sweep", "--dry-run", "design=lhs", "samples=2", "vary=[choice]", *TINY]) == 0
    assert (
        "not varied, because no plausible range is declared: choice.cart_intercept" in capsys.readouterr().out
    )


def test_the_manifest_is_all_that_executing_reads(tmp_path, monkeypatch):
    planned = plan(SWEEP)
    write(tmp_path, "s", planned.jobs, planned.content)

    def gone(*_: object, **__: object) -> None:
        raise AssertionError("a settings file was read")

    monkeypatch.setattr(sys.modules["sim.config.compose"], "option_values", gone)
    with pytest.raises(AssertionError, match="was read"):
        compose([])
    manifest = read(tmp_path, "s")
    assert manifest.jobs == planned.jobs
    for job in manifest.jobs:
        config = manifest.config(job)
        assert config.resolved == planned.configs[job.config].resolved
        assert run_key(config, job.replication) == job.key
    values = next((tmp_path / "sweeps/s").glob("values-*.json"))
    values.write_text(values.read_text().replace("60", "61", 1))
    torn = read(tmp_path, "s")
    with pytest.raises(StoreError, match="changed"):
        torn.config(torn.jobs[0])


def test_dry_run_writes_nothing(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert sim.cli.main(["sweep", "--dry-run", *SWEEP]) == 0
    told = capsys.readouterr().out
    assert "6 jobs" in told
    assert "2 worlds to burn in" in told
    assert not list(tmp_path.iterdir())


def test_a_sweep_its_results_and_what_it_does_not_do_twice(tmp_path, monkeypatch, capsys, undrawn):
    monkeypatch.chdir(tmp_path)
    assert sim.cli.main(["sweep", *SWEEP]) == 0
    results = load_results("results", experiment="s")
    assert "report: results/reports/s_sweep.html" in capsys.readouterr().out
    jobs = results.jobs
    assert len(jobs) == 6
    assert jobs["done"].all()
    assert sorted(jobs["incentive.invite_reward"].dropna()) == [0, 0, 8, 8]
    assert len(results.runs) == 6
    both = results.totals.merge(jobs, on=["scenario", "key"], validate="many_to_one")
    assert len(both) == len(results.totals)
    assert set(jobs["baseline_key"]) <= set(results.runs["key"])
    made = fingerprint(tmp_path / "results")
    assert sim.cli.main(["sweep", *SWEEP]) == 0
    again = fingerprint(tmp_path / "results")
    told_anew = ("sweeps/", "reports/")
    assert {k: v for k, v in again.items() if not k.startswith(told_anew)} == {
        k: v for k, v in made.items() if not k.startswith(told_anew)
    }
    capsys.readouterr()
    assert sim.cli.main(["status", "experiment=s"]) == 0
    assert "s: 6 done, 0 failed, 0 waiting" in capsys.readouterr().out
    assert sim.cli.main(["status", "experiment=other"]) == 2

    words = [w for w in SWEEP if not w.startswith(("incentive", "experiment.name"))]
    assert sim.cli.main(["run", *words, "incentive.invite_reward=8", "experiment.name=alone"]) == 0
    alone = load_results("results", experiment="alone").totals
    mine = alone[alone["scenario"] == "flat_cash_referral"].set_index(["key", "name"])["value"]
    swept = results.totals.set_index(["key", "name"])["value"]
    pd.testing.assert_series_equal(mine.sort_index(), swept.loc[mine.index].sort_index(), check_exact=True)


def test_a_failed_run_is_kept_told_and_tried_again(tmp_path, monkeypatch, capsys, undrawn):
    monkeypatch.chdir(tmp_path)
    real = engine_room.run_replication

    def failing(config, replication):
        if config.incentive.invite_reward == 8 and replication == 1:
            raise ZeroDivisionError("nobody came")
        return real(config, replication)

    monkeypatch.setattr(engine_room, "run_replication", failing)
    assert sim.cli.main(["sweep", *SWEEP]) == 1
    told = capsys.readouterr()
    assert "5 of 6 runs" in told.out
    [line] = [line for line in told.err.splitlines() if line.startswith("liebian:") and "note:" not in line]
    assert "nobody came" in line
    [error] = (tmp_path / "results/errors").rglob("*.txt")
    assert "ZeroDivisionError" in error.read_text()
    assert sim.cli.main(["status", "experiment=s"]) == 0
    assert "s: 5 done, 1 failed, 0 waiting" in capsys.readouterr().out
    monkeypatch.setattr(engine_room, "run_replication", real)
    assert sim.cli.main(["sweep", *SWEEP]) == 0
    assert not error.exists()
    assert len(load_results("results").runs) == 6


def test_torn_and_foreign_files_are_named_and_passed_over(tmp_path, monkeypatch, undrawn):
    monkeypatch.chdir(tmp_path)
    assert sim.cli.main(["sweep", *SWEEP]) == 0
    files = sorted((tmp_path / "results/totals").rglob("*.parquet"))
    files[0].write_bytes(files[0].read_bytes()[:50])
    (files[0].parent / "notes.parquet").write_text("not a table")
    with warnings.catch_warnings(record=True):
        warnings.simplefilter("always")
        results = load_results("results")
    assert len(results.skipped) == 2
    assert len(results.runs) == 5
    assert int(results.jobs["done"].sum()) == 5
    assert sim.cli.main(["sweep", *SWEEP]) == 0
    with warnings.catch_warnings(record=True):
        warnings.simplefilter("always")
        assert len(load_results("results").runs) == 6


class Deadly:
    """A configuration that ends the worker process that receives it."""

    scenario = "deadly"
    features = ()
    experiment = SimpleNamespace(name="s", burn_in_days=0)

    def __reduce__(self):
        return os._exit, (9,)


def test_a_run_that_kills_its_worker_is_given_up_alone(tmp_path):
    store = Store(tmp_path, "daily")
    store.check()
    planned = plan([*SWEEP, f"paths.cache={tmp_path / 'cache'}"])
    good = [RunTask(planned.configs[j.config], j.replication, j.world, j.key) for j in planned.jobs]
    deadly = RunTask(Deadly(), 0, good[0].world, "deadly")
    outcomes = list(execute([*good[:2], deadly, *good[2:]], EngineParams(kind="local", workers=2), store, 3))
    failed = [one for one in outcomes if one.error is not None]
    assert [one.task for one in failed] == [deadly]
    assert isinstance(failed[0].error, WorkerKilledError)
    assert "3 times" in str(failed[0].error)
    assert len(outcomes) == 7
    assert len(load_results(tmp_path).runs) == 6
    assert store.path("errors", "s", "deadly", "deadly", "txt").is_file()


def test_given_points_are_planned_as_the_same_values_on_the_line_would_be():
    words = ["experiment.replications=2", "population.size=500"]
    points = [
        {"scenario": scenario, "pricing": option, "incentive.invite_reward": reward}
        for scenario in ("flat_cash_referral", "group_buy")
        for option in ("list", "coupon")
        for reward in (0.0, 5.0)
    ]
    given = plan(words, points=points)
    listed = plan([*words, "scenario=flat_cash_referral,group_buy", "pricing=list,coupon",
                   "incentive.invite_reward=0,5"])  # fmt: skip
    assert {(job.key, job.scenario) for job in given.jobs} == {(job.key, job.scenario) for job in listed.jobs}
    assert [dict(job.overrides) for job in given.jobs if not job.added][::2] == points


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (["incentive.invite_reward=3"], "a value of its own"),
        (["incentive.invite_reward=3,4"], "a value of its own"),
        (["design=lhs", "samples=4", "vary=[sharing]"], "leave the design out"),
    ],
)
def test_points_beside_values_for_the_same_key_or_a_design_are_refused(words, line):
    with pytest.raises(ConfigError, match=line):
        plan(words, points=[{"incentive.invite_reward": 5.0}])


def test_a_manifest_that_grows_keeps_its_jobs_and_takes_each_new_one_once(tmp_path):
    first, more = plan(SWEEP), plan([*SWEEP[:-1], "experiment.replications=4"])
    extend(tmp_path, "s", first.jobs, first.content)
    before = read(tmp_path, "s")
    assert before.jobs == first.jobs
    extend(tmp_path, "s", more.jobs, more.content)
    extend(tmp_path, "s", more.jobs, more.content)
    grown = read(tmp_path, "s")
    assert grown.jobs[: len(first.jobs)] == first.jobs
    assert sorted(job.key for job in grown.jobs) == sorted(job.key for job in more.jobs)
    for job in grown.jobs:
        assert run_key(grown.config(job), job.replication) == job.key


def test_a_manifest_of_another_version_does_not_grow(tmp_path, monkeypatch):
    planned = plan(SWEEP)
    write(tmp_path, "s", planned.jobs, planned.content)
    kept = (tmp_path / "sweeps/s/manifest.jsonl").read_bytes()
    monkeypatch.setattr("sim.store.values.code_digest", lambda: "another")
    with pytest.raises(StoreError, match="another version"):
        extend(tmp_path, "s", planned.jobs, planned.content)
    assert (tmp_path / "sweeps/s/manifest.jsonl").read_bytes() == kept


TASKS = ("incentive.task_first", "incentive.task_second")


@given(st.integers(0, 10_000), st.sampled_from(["lhs", "sobol"]), st.integers(1, 7))
def test_shares_of_one_whole_never_add_up_to_more_than_it(seed, kind, power):
    words = [f"design={kind}", f"samples={2**power}", "vary=[incentive,population.*_share]"]
    asked = understand(words, market_sources())
    for point in points(asked, seed):
        for one, other in (TASKS, ("incentive.tier_split_subsidy", "incentive.tier_split_service")):
            assert point[one] + point[other] <= 1.0
        assert point["population.silver_share"] + point["population.cyber_share"] <= 1.0
        for row in asked.vary:
            low, high = span_of(row)
            assert low <= point[row.path] <= high


def test_two_folded_shares_are_uniform_over_all_that_they_may_be():
    rows = [
        replace(row, span=(0.0, 1.0)) for row in assumptions_table(market_sources().sections)
        if row.path in ("population.silver_share", "population.cyber_share")
    ]  # fmt: skip
    n = 20_000
    folded = fold(rows, np.random.default_rng(7).random((n, 2)))
    # Under the uniform law on the triangle both means are 1/3, both variances 1/18, the covariance -1/36.
    assert np.abs(folded.mean(axis=0) - 1 / 3).max() < 4 * np.sqrt(1 / 18 / n)
    assert np.allclose(np.cov(folded.T), [[1 / 18, -1 / 36], [-1 / 36, 1 / 18]], atol=4 * 0.06 / np.sqrt(n))


def test_shares_that_mirroring_cannot_save_are_drawn_to_the_low_ends():
    row = next(r for r in assumptions_table(market_sources().sections) if r.path == TASKS[0])
    rows = [replace(row, path=f"incentive.{name}", span=span) for name, span in
            (("a", (0.1, 0.9)), ("b", (0.2, 0.9)), ("c", (0.3, 0.9)))]  # fmt: skip
    low = np.array([0.1, 0.2, 0.3])
    drawn = low + np.random.default_rng(8).random((500, 3)) * (0.9 - low)
    folded = fold(rows, drawn)
    within = drawn.sum(axis=1) <= 1
    assert 0 < within.sum() < 500
    assert np.array_equal(folded[within], drawn[within])
    assert (folded.sum(axis=1) <= 1).all()
    assert (folded >= low - 1e-9).all()
    assert (folded <= 0.9).all()
