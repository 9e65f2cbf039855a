"""Dask workers give the bytes that a serial sweep gives, whatever happens to them meanwhile."""

from __future__ import annotations

import contextlib
import importlib.util
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import sim.cli
from sim.config.settings import EngineParams
from sim.core.errors import ConfigError
from sim.runs.engines import dask as engine_room
from sim.runs.execute import execute
from sim.runs.plan import Plan, plan
from sim.runs.task import RunTask, WorkerKilledError, make_task
from sim.store.store import Store
from tests.runs.commands import ROOT, TINY, contents, start, stored, wait_until, workers_of

SWEEP = (*TINY, "population.size=60", "incentive.invite_reward=0,8", "experiment.replications=2")


def make_or_die(task: RunTask, store: Store) -> str | None:
    """Make a run, or be killed: always on the way to a reward of 8 in world 1, once to 0 in world 0."""
    reward, once = task.config.incentive.invite_reward, store.root / "died"
    if task.scenario == "flat_cash_referral" and (
        (reward == 8 and task.replication == 1)
        or (reward == 0 and task.replication == 0 and not once.exists())
    ):
        if reward == 0:
            once.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return make_task(task, store)


def tasks_of(planned: Plan) -> list[RunTask]:
    return [RunTask(planned.configs[job.config], job.replication, job.world, job.key) for job in planned.jobs]


@pytest.fixture(scope="module")
def serial(tmp_path_factory) -> Path:
    """The same sweep, one run after another."""
    desk = tmp_path_factory.mktemp("serial")
    tasks = tasks_of(plan([*SWEEP, f"paths.cache={desk / 'cache'}"]))
    assert not [one.error for one in execute(tasks, EngineParams(kind="serial"), store_of(desk)) if one.error]
    return desk


def store_of(desk: Path) -> Store:
    store = Store(desk / "results", "daily")
    store.check()
    return store


def test_killed_workers_lose_nothing_and_only_what_kills_is_given_up(tmp_path, serial):
    tasks = tasks_of(plan([*SWEEP, f"paths.cache={tmp_path / 'cache'}"]))
    store = store_of(tmp_path)
    outcomes = list(execute(tasks, EngineParams(kind="dask", workers=2), store, 2, make_or_die))
    assert len(outcomes) == len(tasks) == 6
    assert (store.root / "died").exists()
    [given_up] = [one for one in outcomes if one.error is not None]
    assert isinstance(given_up.error, WorkerKilledError)
    assert "2 times" in str(given_up.error)
    assert (given_up.task.config.incentive.invite_reward, given_up.task.replication) == (8, 1)
    assert store.path("errors", "s", "flat_cash_referral", given_up.task.key, "txt").is_file()
    expected = {name: data for name, data in contents(serial).items() if given_up.task.key not in name}
    assert contents(tmp_path) == expected


def test_workers_are_counted_anew_when_one_died():
    """A unit behind another one on the worker that is left would die with it and count as a killer too."""

    class Client:
        alive = 2

        def nthreads(self):
            return {f"worker-{n}": 1 for n in range(self.alive)}

    class Future:
        status = "lost"

    workers = engine_room.DaskWorkers(None, Client(), EngineParams(kind="dask"), Store("results"), make_task)
    assert workers.room == 2
    Client.alive = 1
    assert isinstance(workers._error(Future()), WorkerKilledError)
    assert workers.room == 1


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="workers are looked up in /proc")
def test_ctrl_c_stops_the_cluster_it_started(tmp_path):
    words = [*TINY, "population.size=60", "incentive.invite_reward=range(0,20)", "experiment.replications=5"]
    process = start(tmp_path, [*words, "engine=dask", "engine.workers=1"])
    try:
        wait_until(lambda: stored(tmp_path) >= 1, process)
        workers = workers_of(process)
        assert len(workers) == 1
        os.killpg(process.pid, signal.SIGINT)  # as a terminal does: to the command and its workers
        _, told = process.communicate(timeout=300)
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    assert process.returncode == 130, told
    assert "Traceback" not in told
    assert 1 <= stored(tmp_path) < 105
    assert not Path(f"/proc/{workers[0]}").exists()


def test_a_cluster_that_is_joined_is_left_running(tmp_path, serial, monkeypatch):
    distributed = pytest.importorskip("distributed", reason="needs the extra cluster")
    desk = tmp_path / "desk"
    desk.mkdir()
    monkeypatch.chdir(desk)
    tasks = tasks_of(plan(SWEEP))  # folders are relative: workers elsewhere must find them all the same
    store = Store("results", "daily")
    store.check()
    with distributed.LocalCluster(
        n_workers=1, threads_per_worker=2, processes=False, protocol="tcp://", dashboard_address=None
    ) as cluster:
        engine = EngineParams(kind="dask", cluster=cluster.scheduler_address)
        stream = execute(tasks, engine, store, 3)
        first = next(stream)
        assert first.error is None
        stream.close()
        outcomes = list(execute(tasks, engine, store, 3))
        assert not [one.error for one in outcomes if one.error]
        assert len(outcomes) == 6
        assert not outcomes[0].made
        with distributed.Client(cluster) as client:
            assert client.nthreads()
            assert not client.who_has()  # nothing of the sweep is left on it
    assert contents(desk) == contents(serial)


def test_no_scheduler_at_the_address_is_an_input_error(tmp_path, monkeypatch):
    monkeypatch.setattr(engine_room, "_JOIN_SECONDS", 0.5)
    tasks = tasks_of(plan(SWEEP))[:1]
    engine = EngineParams(kind="dask", cluster="tcp://127.0.0.1:9")
    with pytest.raises(ConfigError, match=r"engine.cluster must be the address .* tcp://127.0.0.1:9"):
        list(execute(tasks, engine, store_of(tmp_path)))


def test_a_missing_extra_is_one_line_and_nothing_is_written(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(importlib.util, "find_spec", lambda *_: None)
    assert sim.cli.main(["sweep", *SWEEP, "engine=dask"]) == 2
    [line] = capsys.readouterr().err.strip().splitlines()
    assert "pip install -e '.[cluster]'" in line
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (["engine=dask", "engine.cluster=nowhere"], "engine.cluster"),
        (["engine=dask", "engine.cluster=tcp://host"], "engine.cluster"),
        (["engine=dask", "engine.cluster=slurm"], "engine.workers must say"),
        (["engine=local", "engine.cluster=tcp://host:8786"], "engine.cluster is not read"),
        (["engine=dask", "engine.partition=long"], "engine.partition is not read"),
        (["engine=slurm", "engine.partition=a;b"], "engine.partition"),
        (["engine=slurm", "engine.memory=lots"], "engine.memory"),
        (["engine=slurm", "engine.walltime=soon"], "engine.walltime"),
        (["engine=serial", "engine.wait=false"], "engine.wait is not read"),
    ],
)
def test_wrong_engine_settings_are_told_in_one_line(words, line, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert sim.cli.main(["sweep", *SWEEP, *words]) == 2
    told = capsys.readouterr().err.strip().splitlines()
    assert len(told) == 1, told
    assert line in told[0]
    assert not list(tmp_path.iterdir())


def test_dask_is_imported_only_where_it_is_chosen(tmp_path):
    code = (
        "import sys, sim.cli; code = sim.cli.main(['sweep', '--dry-run', 'engine=local']); "
        "sys.exit(code or 'distributed' in sys.modules or 'dask' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(ROOT)}, check=False
    )
    assert done.returncode == 0
