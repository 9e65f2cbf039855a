"""Processes that do not come up, are killed, or meet a full disk: one line, and nothing goes on in vain."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest

from sim.config.settings import EngineParams
from sim.core.errors import RunError, StoreError
from sim.market import Market
from sim.runs.engines import slurm
from sim.runs.pool import map_unordered
from sim.runs.task import WorkerKilledError
from sim.store.store import Store

LOCAL = EngineParams(kind="local", workers=2)
SCRIPT = """
from sim.config import compose
from sim.runs.compare import run_many
from sim.store.store import Store

config = compose(["population.size=60", "experiment.days=2", "experiment.warmup_days=1",
                  "experiment.burn_in_days=2", "engine=local", "engine.workers=2"])
list(run_many([config], 2, config.engine, Store("results"), lambda *_: None))
"""


def pool_script(work: str) -> str:
    return f"""
from sim.runs.pool import map_unordered
from sim.config.settings import EngineParams

list(map_unordered({work}, [1, 2, 3], EngineParams(kind="local", workers=2)))
"""


@pytest.mark.parametrize("text", [SCRIPT, pool_script("print")])
def test_a_worker_that_never_came_up_is_told_as_that(tmp_path, text):
    """A script without a guard: spawned processes run it again and break before they take up work."""
    (tmp_path / "script.py").write_text(text, encoding="utf-8")
    done = subprocess.run([sys.executable, "script.py"], cwd=tmp_path, capture_output=True, text=True,
                          timeout=300, check=False)  # fmt: skip
    last = done.stderr.strip().splitlines()[-1]
    assert done.returncode == 1
    assert "no worker process could be started" in last
    assert "__main__" in last
    assert "memory ran out" not in done.stderr


def dies(item: int) -> None:
    if item == 2:
        os._exit(9)


def test_a_worker_that_is_killed_is_told_as_that():
    with pytest.raises(WorkerKilledError, match="was killed"):
        list(map_unordered(dies, [1, 2, 3, 4, 5], LOCAL))


def fills_up(item: int, folder: Path) -> None:
    (folder / str(item)).touch()
    raise StoreError("paths.results: no space left")


def test_a_full_disk_ends_the_work_instead_of_every_piece_of_it(tmp_path):
    with pytest.raises(StoreError, match="no space left"):
        list(map_unordered(partial(fills_up, folder=tmp_path), range(40), LOCAL))
    assert len(list(tmp_path.iterdir())) < 10


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
    monkeypatch.setattr(slurm, "is_done", lambda *_: False)
    with caplog.at_level("INFO"):
        assert not list(slurm.through_arrays([object()], EngineParams(kind="slurm", wait=False), Store(root)))
    assert f"'liebian status experiment={ends} says" in caplog.text


def fails(item: int) -> None:
    if item == 2:
        raise RunError("parcels do not balance")


@pytest.mark.parametrize("engine", [LOCAL, EngineParams(kind="serial")])
def test_a_piece_that_fails_is_told_and_the_others_go_on(engine):
    ended = dict(map_unordered(fails, [1, 2, 3], engine))
    assert {item: str(error) for item, error in ended.items() if error} == {2: "parcels do not balance"}
    assert set(ended) == {1, 2, 3}


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
        "import sim.market.model\nfrom sim.core.jit import tell_if_cold\ntell_if_cold(); tell_if_cold()\n"
    )
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(tmp_path)}
    for said in (1, 0):
        done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=300,
                              env=environment, check=True)  # fmt: skip
        assert done.stderr.count("compiles its kernels") == said
        for folder in [path for path in tmp_path.rglob("*") if path.is_dir()]:
            (folder / "warm.nbi").touch()  # as if every kernel had been compiled


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
