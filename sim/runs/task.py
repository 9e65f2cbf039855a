"""Tasks: pieces of work that end in one file of the store, and how they can end.

Engines know no more of a task than stands here, so that whatever is a task - a run, a draw of a robustness
study, a run of a screening - executes on every engine, is retried, stored and resumed alike.
"""

from __future__ import annotations

import contextlib
import os
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, ClassVar, Self

from sim.config import Config
from sim.config.settings import EngineParams, PathsParams
from sim.core.errors import ConfigError, InputError, RunError, StoreError
from sim.core.language import tr
from sim.core.processors import available_processors
from sim.runs.replicate import prepare_world, run_key, run_replication
from sim.store.batch import write_batch
from sim.store.manifest import distinct, names, read
from sim.store.store import Store


class Task(ABC):
    """A piece of work for an engine.

    Attributes
    ----------
    kind : str
        What it is called in a batch (:mod:`sim.store.batch`).
    world : str
        Tasks with the same name branch from the same burnt-in world.
    key : str
        Name of its result, a digest of everything that can change the result's numbers.
    """

    kind: ClassVar[str]
    world: str
    key: str

    @property
    @abstractmethod
    def configs(self) -> tuple[Config, ...]:
        """Configurations that it simulates, at least one."""

    @property
    @abstractmethod
    def scenario(self) -> str:
        """What its result and its errors are filed under, beside the experiment."""

    @property
    def experiment(self) -> str:
        """Experiment that it is filed under."""
        return str(self.configs[0].experiment.name)

    @abstractmethod
    def prepare(self) -> None:
        """Burn in the world that tasks with the same ``world`` branch from, and leave it in the cache."""

    @abstractmethod
    def is_done(self, store: Store) -> bool:
        """Whether its result is in the store, whole and its own."""

    @abstractmethod
    def make(self, store: Store) -> str | None:
        """Simulate, store the result and return its key.

        Raises
        ------
        RunError
            If the simulation must not go on, or the program is no longer the one that planned it.
        InputError
            If an input file is wrong, or the result cannot be stored.
        """

    @abstractmethod
    def with_absolute_folders(self) -> Self:
        """The same task with folders that are found from wherever a worker was started."""

    @classmethod
    @abstractmethod
    def write_batch(cls, tasks: Sequence[Self], store: Store) -> str:
        """Write tasks down for machines that make them later; returns the batch's name.

        Raises
        ------
        InputError
            If they cannot be written down.
        """


@dataclass(frozen=True)
class RunTask(Task):
    """One run of a comparison or a sweep.

    Attributes
    ----------
    config : Config
        World, strategy and lengths.
    replication : int
        Number of the world.
    world, key : str
        As in :class:`Task`; the key as it was planned.
    """

    kind: ClassVar[str] = "runs"
    config: Config
    replication: int
    world: str
    key: str

    @property
    def configs(self) -> tuple[Config, ...]:
        """Its one configuration."""
        return (self.config,)

    @property
    def scenario(self) -> str:
        """Scenario that the run is filed under."""
        return self.config.scenario

    def prepare(self) -> None:
        """Burn in its world."""
        prepare_world(self.config, self.replication)

    def is_done(self, store: Store) -> bool:
        """Whether the run is in the store."""
        return store.has(self.experiment, self.scenario, self.key)

    def make(self, store: Store) -> str | None:
        """Run the replication and store what it leaves; errors as :meth:`Task.make`."""
        check_key(run_key(self.config, self.replication), self.key)
        return store.write(run_replication(self.config, self.replication), self.config)

    def with_absolute_folders(self) -> Self:
        """The same run with absolute folders."""
        return replace(self, config=absolute_folders(self.config))

    @classmethod
    def write_batch(cls, tasks: Sequence[Self], store: Store) -> str:
        """Write down jobs of a stored sweep.

        Raises
        ------
        ConfigError
            If a run is in no stored sweep.
        """
        experiment = tasks[0].experiment
        wanted = {(task.scenario, task.key) for task in tasks}
        stored = read(store.root, experiment).jobs if experiment in names(store.root) else ()
        jobs = [job for job in distinct(stored) if (job.scenario, job.key) in wanted]
        if len(jobs) < len(wanted):
            raise ConfigError(
                tr(
                    "engine.kind slurm executes sweeps that are written down (these runs are not); use "
                    "'liebian sweep', or choose engine=local"
                )
            )
        return write_batch(store.root, experiment, cls.kind, [asdict(job) for job in jobs])


@dataclass(frozen=True)
class Outcome[Kind: Task]:
    """How one task ended: with its result in the store or an error; ``made`` if it was made just now."""

    task: Kind
    error: BaseException | None = None
    made: bool = True


#: Makes a task's result, leaves it in the store, and returns its key.
Make = Callable[[Any, Store], str | None]


class WorkerKilledError(RunError):
    """A worker process was killed from outside, most often for want of memory."""

    def __init__(self, times: int = 1) -> None:
        self.times = times
        often = "" if times == 1 else tr(" {times} times", times=times)
        super().__init__(
            tr(
                "a worker process was killed{often}, perhaps because memory ran out; finished runs "
                "are kept, the same command takes up the rest (fewer at a time with engine.workers=1)",
                often=often,
            )
        )

    def __reduce__(self) -> tuple[type[WorkerKilledError], tuple[int]]:
        return WorkerKilledError, (self.times,)


class WorkerNotStartedError(RunError):
    """No worker process came so far as to take up work."""

    def __init__(self) -> None:
        super().__init__(
            tr(
                "no worker process could be started: in a script, what runs must stand under 'if "
                '__name__ == "__main__":\'; else memory or processes ran out; engine=serial needs none'
            )
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


def make_task(task: Task, store: Store) -> str | None:
    """Make and store a task's result, and return its key; a failure leaves its traceback in the store.

    Raises
    ------
    RunError, InputError
        As :meth:`Task.make`.
    """
    try:
        return task.make(store)
    except Exception as error:
        if isinstance(error, StoreError):  # the error itself may find no room
            with contextlib.suppress(StoreError):
                keep_error(task, error, store)
        elif not isinstance(error, InputError):
            keep_error(task, error, store)
        raise


def keep_error(task: Task, error: BaseException, store: Store) -> None:
    """Leave the traceback of a failed task in the store, beside its key."""
    store.write_error(task.experiment, task.scenario, task.key, error)


def check_key(now: str, planned: str) -> None:
    """Refuse a task whose numbers would no longer be those that its name stands for.

    Raises
    ------
    RunError
        Naming the remedy.
    """
    if now != planned:
        raise RunError(
            tr(
                "the program or an input file changed after this run was planned; the same command "
                "plans it anew"
            )
        )


def absolute_folders(config: Config) -> Config:
    """The configuration with absolute folders, as far as it names any."""
    folders = {
        name: os.path.abspath(value) if value else "" for name, value in config.paths.model_dump().items()
    }
    return replace(config, models={**config.models, "paths": PathsParams(**folders)})
