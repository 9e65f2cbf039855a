"""Processes that do not come up, are killed, or meet a full disk: one line, and nothing goes on in vain."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
from pathlib import Path

import pytest

from sim.config.settings import EngineParams
from sim.core.errors import StoreError
from sim.core.language import language, speaking
from sim.market import Market
from sim.runs.engines import slurm
from sim.runs.engines.local import LocalWorkers
from sim.runs.execute import execute
from sim.runs.task import WorkerKilledError
from sim.store.store import Store
from tests.runs.pieces import Piece

LOCAL = EngineParams(kind="local", workers=2)
SCRIPT = """
from sim.config import compose
from sim.runs.compare import run_many
from sim.store.store import Store

config = compose(["population.size=60", "experiment.days=2", "experiment.warmup_days=1",
                  "experiment.burn_in_days=2", "engine=local", "engine.workers=2"])
list(run_many([config], 2, config.engine, Store("results"), lambda *_: None))
"""


def test_workers_speak_as_the_command_that_started_them(tmp_path):
    with speaking("zh"):
        workers = LocalWorkers(1, Store(tmp_path), Piece)
        with workers._new_pool() as pool:
            assert pool.submit(language).result() == "zh"


def test_a_worker_that_never_came_up_is_told_as_that(tmp_path):
    """A script without a guard: spawned processes run it again and break before they take up work."""
    (tmp_path / "script.py").write_text(SCRIPT, encoding="utf-8")
    done = subprocess.run([sys.executable, "script.py"], cwd=tmp_path, capture_output=True, text=True,
                          timeout=300, check=False)  # fmt: skip
    last = done.stderr.strip().splitlines()[-1]
    assert done.returncode == 1
    assert "no worker process could be started" in last
    assert "__main__" in last
    assert "memory ran out" not in done.stderr


def test_a_task_whose_worker_is_killed_is_told_as_that_and_the_others_go_on(tmp_path):
    tasks = [Piece(str(n), tmp_path, "dies" if n == 2 else "leaves") for n in range(5)]
    ended = {one.task.key: one.error for one in execute(tasks, LOCAL, Store(tmp_path), 2)}
    assert isinstance(ended.pop("2"), WorkerKilledError)
    assert set(ended.values()) == {None}


def test_without_a_second_try_a_killed_worker_ends_the_work(tmp_path):
    tasks = [Piece(str(n), tmp_path, "dies") for n in range(3)]
    with pytest.raises(WorkerKilledError, match="was killed"):
        list(execute(tasks, LOCAL, Store(tmp_path), 1))


def test_a_full_disk_ends_the_work_instead_of_every_piece_of_it(tmp_path):
    tasks = [Piece(str(n), tmp_path, "fills up") for n in range(40)]
    with pytest.raises(StoreError, match="no space left"):
        list(execute(tasks, LOCAL, Store(tmp_path)))
    assert sum(task.is_done(Store(tmp_path)) for task in tasks) < 10


@pytest.mark.parametrize(("root", "ends"), [("results", "s'"), ("one two", "s paths.results='one two''")])
def test_a_hint_for_the_status_names_the_folder_where_it_is_another(
    root, ends, tmp_path, monkeypatch, caplog
):
    class Batch:
        experiment = "s"

        def __init__(self, *_):
            pass

        def submit(self):
            pass

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(slurm, "Batch", Batch)
    monkeypatch.setattr(logging.getLogger("sim"), "propagate", True)
    with caplog.at_level("INFO"):
        engine = EngineParams(kind="slurm", wait=False)
        assert not list(slurm.through_arrays([Piece("a", tmp_path)], engine, Store(root)))
    assert f"'liebian status experiment={ends} says" in caplog.text


@pytest.mark.parametrize("engine", [LOCAL, EngineParams(kind="serial")])
def test_a_task_that_fails_is_told_and_the_others_go_on(engine, tmp_path):
    store = Store(tmp_path)
    tasks = [Piece(str(n), tmp_path, "fails" if n == 2 else "leaves") for n in range(4)]
    ended = {one.task.key: str(one.error) for one in execute(tasks, engine, store)}
    assert ended == dict.fromkeys("013", "None") | {"2": "parcels do not balance"}
    assert store.path("errors", "pieces", "made_up", "2", "txt").is_file()
    again = {one.task.key: one.made for one in execute(tasks, engine, store)}
    assert [key for key, made in again.items() if made] == ["2"]


DECOYS = ("sim", "numpy", "mesa")
FILES = ("random", "json", "socket", "sim_decoy")


@pytest.fixture
def decoys(tmp_path):
    """A study's folder in which lie folders and files called as packages that a run needs."""
    for name in DECOYS:
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text("raise SystemExit('decoy')", encoding="utf-8")
    for name in FILES:
        (tmp_path / f"{name}.py").write_text("raise SystemExit('decoy')", encoding="utf-8")
    return tmp_path


def liebian(*words: str, cwd: Path, **more: str) -> subprocess.CompletedProcess[str]:
    command = Path(sys.executable).with_name("liebian")
    if not command.exists():
        pytest.skip(f"{command} is not installed")
    return subprocess.run([command, *words], cwd=cwd, capture_output=True, text=True, timeout=500,
                          env={**os.environ, **more}, check=False)  # fmt: skip


TINY = ("population.size=60", "experiment.days=2", "experiment.warmup_days=1", "experiment.burn_in_days=2",
        "experiment.replications=2", "experiment.name=s")  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("engine", ["serial", "local", "dask"])
def test_decoys_in_the_studys_folder_stand_in_for_nothing(decoys, engine):
    words = (
        "pricing.list_level=0.9,1",
        *TINY,
        f"engine={engine}",
        *(() if engine == "serial" else ("engine.workers=2",)),
    )
    done = liebian("sweep", *words, cwd=decoys)
    assert done.returncode == 0, done.stderr
    assert "4 of 4 runs are in 'results'" in done.stdout
    assert "decoy" not in done.stdout + done.stderr
    done = liebian("execute", "experiment=s", "chunk=1/2", "engine=local", cwd=decoys)
    assert done.returncode == 0, done.stderr


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="this system has no affinity masks")
def test_one_core_of_many_starts_one_worker(tmp_path):
    """However many the machine has."""
    script = (
        "import os, subprocess, sys; os.sched_setaffinity(0, {min(os.sched_getaffinity(0))}); "
        "sys.exit(subprocess.call(sys.argv[1:]))"
    )
    command = Path(sys.executable).with_name("liebian")
    done = subprocess.run(
        [sys.executable, "-c", script, command, "sweep", "pricing.list_level=0.9,1", "--plan-only", *TINY],
        cwd=tmp_path, capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert "on 1 process\n" in done.stdout


def test_the_first_run_of_a_version_says_that_it_compiles(tmp_path):
    script = (
        "import sim.market.model\nfrom sim.core import jit\njit.tell_if_cold(); jit.tell_if_cold()\n"
        "for source in jit._sources:\n    folder = jit._folder_of(*source)\n"
        "    folder.mkdir(parents=True, exist_ok=True)\n    (folder / 'warm.nbi').touch()\n"
    )  # at its end every kernel counts as compiled
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(tmp_path)}
    for said in (1, 0):
        done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=300,
                              env=environment, check=True)  # fmt: skip
        assert done.stderr.count("compiles its kernels") == said


def test_the_bar_of_a_market_covers_its_burn_in(monkeypatch):
    """Most days of a run are its burn-in, which passed without a sign of life."""
    seen: list[range] = []

    def watched(days: range) -> range:
        seen.append(days)
        return days

    monkeypatch.setattr("sim.market.model._with_bar", watched)
    words = (
        "population.size=60",
        "experiment.days=2",
        "experiment.warmup_days=1",
        "experiment.burn_in_days=2",
    )
    Market.from_scenario("baseline", *words).run(progress=True)
    assert seen == [range(2), range(2, 5)]
