"""A run to be made: what it is, how one is made, and how it can end."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import dataclass

from sim.config import Config
from sim.config.settings import EngineParams
from sim.core.errors import InputError, RunError, StoreError
from sim.core.processors import available_processors
from sim.runs.replicate import run_key, run_replication
from sim.store.store import Store


@dataclass(frozen=True)
class Task:
    """One run to be made.

    Attributes
    ----------
    config : Config
        World, strategy and lengths.
    replication : int
        Number of the world.
    world : str
        Tasks with the same name branch from the same burnt-in world.
    key : str
        Name of the run, as planned.
    """

    config: Config
    replication: int
    world: str
    key: str

    @property
    def scenario(self) -> str:
        """Scenario that the run is filed under."""
        return self.config.scenario


@dataclass(frozen=True)
class Outcome:
    """How one task ended: with its run in the store, or with an error; ``made`` if it was run just now."""

    task: Task
    error: BaseException | None = None
    made: bool = True


#: Makes the run of a task, leaves it in the store, and returns its key.
Make = Callable[[Task, Store], str | None]


class WorkerKilledError(RunError):
    """A worker process was killed from outside, most often for want of memory."""

    def __init__(self, times: int = 1) -> None:
        self.times = times
        often = "" if times == 1 else f" {times} times"
        super().__init__(
            f"a worker process was killed{often}, perhaps because memory ran out; finished runs are kept, "
            "the same command takes up the rest (fewer at a time with engine.workers=1)"
        )

    def __reduce__(self) -> tuple[type[WorkerKilledError], tuple[int]]:
        return WorkerKilledError, (self.times,)


class WorkerNotStartedError(RunError):
    """No worker process came so far as to take up work."""

    def __init__(self) -> None:
        super().__init__(
            "no worker process could be started: in a script, what runs must stand under "
            "'if __name__ == \"__main__\":'; else memory or processes ran out; engine=serial needs none"
        )


def workers_of(engine: EngineParams, worlds: int = 1) -> int:
    """Processes that an engine uses, as far as the settings say it; ``worlds`` array tasks by default."""
    if engine.kind == "serial":
        return 1
    if engine.kind == "slurm":
        return (engine.workers or worlds) * engine.cpus
    if engine.kind == "dask" and engine.cluster not in ("local", "slurm"):
        return engine.workers or 1
    return engine.workers or available_processors()


def is_done(task: Task, store: Store) -> bool:
    """Whether the task's run is in the store."""
    return store.has(task.config.experiment.name, task.scenario, task.key)


def one_run(task: Task, store: Store) -> str | None:
    """Run, store, and return the key; a failure leaves its traceback in the store.

    Raises
    ------
    RunError
        If the run must not go on, or the program is no longer the one that planned it.
    InputError
        If an input file is wrong.
    """
    try:
        if run_key(task.config, task.replication) != task.key:
            raise RunError(
                "the program or an input file changed after this run was planned; "
                "the same command plans it anew"
            )
        return store.write(run_replication(task.config, task.replication), task.config)
    except Exception as error:
        if isinstance(error, StoreError):  # the error itself may find no room
            with contextlib.suppress(StoreError):
                keep_error(task, error, store)
        elif not isinstance(error, InputError):
            keep_error(task, error, store)
        raise


def keep_error(task: Task, error: BaseException, store: Store) -> None:
    """Leave the traceback of a failed task in the store, beside its key."""
    store.write_error(task.config.experiment.name, task.scenario, task.key, error)
