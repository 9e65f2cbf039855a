"""Workers of a Dask cluster: started on this machine, asked of Slurm, or joined where they are.

What travels is a run's configuration (17 kB) and its key: graphs and worlds are files of the shared
cache, and workers write results to the shared store. On a cluster of our own a killed worker is
heard of at once and its unit taken up again; one that was joined tries by its own rules first.
"""

from __future__ import annotations

import copy
import importlib.util
import logging
import multiprocessing
import secrets
import shlex
import signal
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from sim.config.settings import EngineParams
from sim.core.errors import ConfigError, RunError
from sim.core.language import tr
from sim.runs.engines.scheduler import Scheduler, Unit
from sim.runs.task import Make, Outcome, Task, WorkerKilledError, workers_of
from sim.store.store import Store
from sim.store.writing import writing

_LOG = logging.getLogger(__name__)
_JOIN_SECONDS = 15
#: A joined cluster's number of workers is asked for again after so many seconds.
_RECOUNT = 5.0
#: Runs are one at a time in a process, also where a joined cluster gives workers several threads.
_ONE_AT_A_TIME = threading.Lock()


class SchedulerLostError(RunError):
    """The Dask scheduler went away while runs were under way."""

    def __init__(self, address: str) -> None:
        super().__init__(
            tr(
                "the Dask scheduler at {address} went away; finished runs are kept, the same command "
                "takes up the rest",
                address=address,
            )
        )


def check_installed(engine: EngineParams) -> None:
    """Refuse the engine where its libraries are not there.

    Raises
    ------
    ConfigError
        Naming what to install.
    """
    needed = ("distributed", "dask_jobqueue") if engine.cluster == "slurm" else ("distributed",)
    missing = [name for name in needed if importlib.util.find_spec(name) is None]
    if missing:
        raise ConfigError(
            tr(
                "engine.kind dask needs the package {missing}, which is not installed; install it "
                "with pip install -e '.[cluster]', or choose engine=local",
                missing=missing[0],
            )
        )


def through_dask(
    todo: Sequence[Task], engine: EngineParams, store: Store, crashes: int, make: Make
) -> Iterator[Outcome[Any]]:
    """How each task ended."""
    folder = Path(store.root, "sweeps", todo[0].experiment, "dask")
    cluster, client = _cluster(engine, min(workers_of(engine), len(todo)), folder.absolute())
    workers = DaskWorkers(cluster, client, engine, store, make)
    return Scheduler(todo, workers, store, crashes).outcomes()


class DaskWorkers:
    """Workers of one Dask cluster.

    Parameters
    ----------
    cluster : distributed cluster or None
        One that was started for these tasks and is closed with them; None if it was joined.
    client : distributed.Client
        Connection to its scheduler.
    engine : EngineParams
        How many workers are used.
    store, make
        Where results go, and the function that makes one run.
    """

    def __init__(self, cluster: Any, client: Any, engine: EngineParams, store: Store, make: Make) -> None:
        self._cluster, self._client, self._most = cluster, client, engine.workers
        self._store, self._make = copy.copy(store), make
        self._store.root = store.root.absolute()
        #: Workers that we started have one thread, so a death is the deed of one unit.
        self.precise = cluster is not None
        self._name, self._sent = f"liebian-{secrets.token_hex(4)}", 0
        self._running: dict[Any, Unit] = {}
        self._counted, self._count = float("-inf"), 1

    @property
    def room(self) -> int:
        """Workers there are, at most so many as were asked for; one while none is there yet."""
        if time.monotonic() - self._counted > _RECOUNT:
            self._counted = time.monotonic()
            self._count = max(1, len(self._client.nthreads()))
        return min(self._count, self._most) if self._most else self._count

    def begin(self, unit: Unit) -> None:
        """Send one unit; it depends on nothing that another worker holds, so idle workers get it."""
        self._sent += 1
        future = self._client.submit(
            _work,
            Unit(unit.kind, unit.task.with_absolute_folders()),
            self._store,
            self._make,
            key=f"{self._name}-{unit.kind}-{self._sent}",
            pure=False,
        )
        self._running[future] = unit

    def ended(self) -> list[tuple[Unit, BaseException | None]]:
        """Wait until units have ended.

        Raises
        ------
        SchedulerLostError
            If the scheduler went away.
        """
        from distributed import CancelledError, wait

        while True:
            try:
                with self._client.as_current():
                    wait(list(self._running), return_when="FIRST_COMPLETED")
            except CancelledError:
                if self._client.status != "running":
                    raise SchedulerLostError(self._client.scheduler.address) from None
            done = [future for future in self._running if future.done()]
            ended = [(self._running.pop(future), self._error(future)) for future in done]
            if ended:
                return ended

    def close(self, stop: bool) -> None:
        """Leave the cluster, and close it if it is ours; with ``stop``, what is under way is cancelled."""
        if stop and self._running and self._client.status == "running":
            self._client.cancel(list(self._running), force=True)
        self._running.clear()
        self._client.close()
        if self._cluster is not None:
            self._cluster.close()

    def _error(self, future: Any) -> BaseException | None:
        """How a unit ended; workers' deaths and cancelled work count as killed."""
        from distributed import KilledWorker

        if future.status == "finished":
            return None
        error: BaseException = future.exception() if future.status == "error" else WorkerKilledError()
        if not isinstance(error, (KilledWorker, WorkerKilledError)):
            return error
        self._counted = float("-inf")  # one worker less: a unit that waits behind another would die with it
        return WorkerKilledError()


def _work(unit: Unit, store: Store, make: Make) -> str | None:
    """On a worker: do one unit of work."""
    with _ONE_AT_A_TIME:
        return unit.work(store, make)


def _cluster(engine: EngineParams, count: int, folder: Path) -> tuple[Any, Any]:
    """A cluster and a connection to it; no cluster if it was merely joined."""
    from distributed import Client

    if engine.cluster not in ("local", "slurm"):
        try:
            return None, Client(engine.cluster, timeout=_JOIN_SECONDS)
        except (OSError, ValueError, TypeError) as error:
            raise ConfigError(
                tr(
                    "engine.cluster must be the address of a running Dask scheduler (you wrote "
                    "{cluster}; {splitlines}); start one with 'dask scheduler'",
                    cluster=engine.cluster,
                    splitlines=str(error).splitlines()[0],
                )
            ) from None
    cluster = _local_cluster(count) if engine.cluster == "local" else _slurm_cluster(engine, folder)
    client = Client(cluster, set_as_default=False)
    if engine.cluster == "local":
        client.register_plugin(_leave_ctrl_c_alone())
    return cluster, client


def _local_cluster(count: int) -> Any:
    """Worker processes of this machine, with one thread each and no limit but the machine's memory."""
    from distributed import LocalCluster

    return LocalCluster(
        n_workers=count,
        threads_per_worker=1,
        processes=True,
        memory_limit=0,
        dashboard_address=None,
        silence_logs=logging.CRITICAL,
        scheduler_kwargs={"allowed_failures": 0},
    )


def _slurm_cluster(engine: EngineParams, folder: Path) -> Any:
    """Jobs that Slurm starts, each with one worker a processor; jobs that end early are asked for again."""
    import dask
    from dask_jobqueue import SLURMCluster

    with writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
    jobs = -(-engine.workers // engine.cpus)
    # A worker that merely paused for want of memory would hold its run for ever.
    memory = "DASK_DISTRIBUTED__WORKER__MEMORY__"
    prologue = [f"export {memory}{what}=False" for what in ("TARGET", "SPILL", "PAUSE")]
    # A folder called sim where the study lies must not stand in for the package.
    prologue.append("export PYTHONSAFEPATH=1")
    with dask.config.set({"jobqueue.slurm.walltime": None}):
        cluster = SLURMCluster(
            queue=engine.partition or None,
            account=engine.account or None,
            walltime=engine.walltime or None,
            cores=engine.cpus,
            processes=engine.cpus,
            memory=f"{engine.memory}iB",
            python=shlex.quote(sys.executable),
            job_name="liebian-dask",
            job_script_prologue=prologue,
            job_extra_directives=[f"--output={shlex.quote(str(folder / '%j.log'))}"],
            scheduler_options={"allowed_failures": 0, "dashboard_address": None},
            silence_logs=logging.CRITICAL,
        )
    cluster.adapt(minimum_jobs=jobs, maximum_jobs=jobs)
    _LOG.info(tr("Slurm is asked for %d jobs of workers; their logs go to %s"), jobs, folder)
    return cluster


def _leave_ctrl_c_alone() -> Any:
    """A plugin for workers of this machine: Ctrl-C is the command's, as with other worker processes."""
    from distributed import WorkerPlugin

    class LeaveCtrlC(WorkerPlugin):
        name = "leave-ctrl-c"

        def setup(self, worker: Any) -> None:
            if multiprocessing.parent_process() is not None:
                signal.signal(signal.SIGINT, signal.SIG_IGN)

    return LeaveCtrlC()
