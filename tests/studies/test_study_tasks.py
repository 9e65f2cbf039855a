"""Draws and screenings are ordinary tasks: every engine, and a stored batch, gives the same bytes."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

import sim.cli
from sim.runs.task import make_task
from sim.store.store import Store
from sim.studies.reversals.evaluate import Branch
from sim.studies.reversals.stored import read_figures
from sim.studies.reversals.study import request
from sim.studies.reversals.tasks import BranchTask
from sim.studies.robustness.stored import folder_name, load_study, study_path
from sim.studies.robustness.study import plan, run_study
from sim.studies.robustness.tasks import DrawTask
from tests.studies.test_robustness import PAIR, TINY

WORLD = tuple(word for word in TINY if not word.startswith("engine"))


def words_for(folder: Path, *more: str) -> list[str]:
    return [*WORLD, f"paths.results={folder}", f"paths.cache={folder / 'cache'}", *more]


def draws(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (folder / "robustness/draws").rglob("*.parquet")}


@pytest.fixture(scope="module")
def serial(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("serial")
    study = plan(*PAIR, words_for(folder, "engine=serial"), draws=3)
    assert len(list(run_study(study, Store(folder)))) == 3
    return folder


def die_once(task: DrawTask, store: Store) -> str | None:
    """Make a draw; the worker that first takes up the second one is killed."""
    mark = store.root / "died"
    if task.trial.index == 1 and not mark.exists():
        mark.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return make_task(task, store)


@pytest.mark.parametrize("engine", ["local", "dask"])
def test_engines_give_the_same_draws_though_a_worker_is_killed(engine, tmp_path, serial):
    words = words_for(tmp_path, f"engine={engine}", "engine.workers=2")
    study, store = plan(*PAIR, words, draws=3), Store(tmp_path)
    store.check()
    assert len(list(run_study(study, store, make=die_once))) == 3
    assert (tmp_path / "died").exists()
    assert draws(tmp_path) == draws(serial)
    assert load_study(study_path(store, study)).draws == 3


def test_a_batch_of_draws_is_made_share_by_share(tmp_path, serial, capsys):
    study, store = plan(*PAIR, words_for(tmp_path), draws=3), Store(tmp_path)
    tasks = [DrawTask.of(trial, folder_name(*PAIR)) for trial in study.trials]
    name = DrawTask.write_batch(tasks, store)
    assert DrawTask.write_batch(tasks, store) == name
    words = ["execute", "experiment=default", f"batch={name}", f"paths.results={tmp_path}", "engine=serial"]
    assert sim.cli.main([*words, "chunk=1/2"]) == 0
    assert 0 < len(draws(tmp_path)) < 3
    assert sim.cli.main([*words, "chunk=2/2"]) == 0
    assert draws(tmp_path) == draws(serial)
    capsys.readouterr()
    next((tmp_path / "sweeps/default/slurm").glob("values-*.json")).write_text("{}", encoding="utf-8")
    assert sim.cli.main([*words, "chunk=1/2"]) == 2
    assert "its content was changed" in capsys.readouterr().err


def test_a_batch_of_branches_is_made_as_planned(tmp_path, capsys):
    words = [*WORLD, "experiment.burn_in_days=2", "experiment.warmup_days=1", "experiment.replications=2",
             f"paths.results={tmp_path}", f"paths.cache={tmp_path / 'cache'}"]  # fmt: skip
    asked = request(["flat_cash_referral", "baseline"], "contribution_margin", ["fraud"], words)
    changed = {"choice.cart_intercept": 2.0}
    branches = [Branch(c, values, 0) for c in asked.configs for values in ({}, changed)]
    branches.append(Branch(asked.configs[0], changed, 0, anew=True))
    tasks = [BranchTask.of(branch) for branch in branches]
    # one world of the baseline's customers, and one of those of the changed value
    assert len({task.world for task in tasks}) == 2
    name = BranchTask.write_batch(tasks, Store(tmp_path))
    command = ["execute", "experiment=default", f"batch={name}", f"paths.results={tmp_path}", "engine=serial"]
    assert sim.cli.main(command) == 0
    assert "5 of 5 tasks" in capsys.readouterr().out
    found = [read_figures(Store(tmp_path), branch) for branch in branches]
    assert all(found)
    assert found[1]["order_conversion"] > found[0]["order_conversion"]
    assert found[4]["revenue"] != found[1]["revenue"]
