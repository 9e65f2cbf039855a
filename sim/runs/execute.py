"""Executing tasks: which engine makes many runs.

Engines differ in where work happens and never in what comes out. Workers write results
themselves and hand back keys; a failed run is kept with its traceback and does not stop the
others, and a killed worker loses only what was under way.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Generator, Iterator, Sequence
from typing import Any

from sim.config.settings import EngineParams
from sim.core.errors import ConfigError, StoreError
from sim.core.language import tr
from sim.runs.task import Make, Outcome, Task, make_task
from sim.store.store import Store

#: A task is given up after a worker that made it was killed this often.
CRASHES = 3


def check_engine(engine: EngineParams) -> None:
    """Refuse an engine that this machine has no programs for, or that Slurm would refuse.

    Raises
    ------
    ConfigError
        Naming what to install, or what else to choose.
    """
    if engine.kind == "dask":
        from sim.runs.engines.dask import check_installed

        check_installed(engine)
    if engine.kind == "slurm" or (engine.kind == "dask" and engine.cluster == "slurm"):
        from sim.runs.engines.slurm_client import check_request

        check_request(engine)


def check_kind(engine: EngineParams, verb: str, kinds: Sequence[str]) -> None:
    """Refuse an engine that a verb has no use for.

    Raises
    ------
    ConfigError
        Naming those it has, or as :func:`check_engine`.
    """
    if engine.kind not in kinds:
        raise ConfigError(
            tr(
                "engine.kind: {verb} runs on {kinds} (you wrote {kind}); choose engine=local, or use "
                "'liebian sweep'",
                verb=verb,
                kinds=", ".join(kinds),
                kind=engine.kind,
            )
        )
    check_engine(engine)


def check_features(tasks: Sequence[Task], engine: EngineParams) -> None:
    """Refuse features that worker processes could not import: those of a notebook, and those of a function.

    A script's own features reach worker processes of this machine, which run the script's file again.

    Raises
    ------
    ConfigError
        Naming the feature and the remedy.
    """
    features = {feature for task in tasks for config in task.configs for feature in config.features}
    script = getattr(sys.modules["__main__"], "__file__", None)
    runs_main_again = engine.kind == "local" and script is not None and os.path.isfile(script)
    for feature in sorted(features, key=lambda one: one.path()):
        in_main = feature.__module__ == "__main__" and not runs_main_again
        if in_main or "<locals>" in feature.__qualname__:
            where = tr("in a notebook or a script") if in_main else tr("inside a function")
            raise ConfigError(
                tr(
                    "features: {name__} is defined {where}, where worker processes cannot import it (you "
                    "wrote engine.kind={kind}); put the class into a file of its own and add it with "
                    "--with FILE:{name__} or features=[...], or choose engine=serial",
                    name__=feature.__name__,
                    where=where,
                    kind=engine.kind,
                )
            )


def execute[Kind: Task](
    tasks: Sequence[Kind], engine: EngineParams, store: Store, crashes: int = 1, make: Make | None = None
) -> Generator[Outcome[Kind]]:
    """Make all tasks; yields how each ended, as it ends. Closing the generator stops what is under way.

    Parameters
    ----------
    tasks : sequence of Task
        Of one kind, in the order in which their worlds are taken up; what is in the store is not made again.
    engine : EngineParams
        Where they execute.
    store : Store
        Where results go.
    crashes : int
        Killed workers after which a task under way is given up. Where it cannot be told which task
        killed one, tasks that saw it run alone from then on, so that only the task that kills is given up.
    make : callable, optional
        Importable function that makes one task's result; :func:`make_task` by default. Job arrays always
        use that.

    Raises
    ------
    InputError
        If this engine cannot be used here, its workers could not import a feature, or results or worlds
        cannot be kept (a full disk): then no further run is begun.
    """
    check_engine(engine)
    if engine.kind in ("slurm", "dask") or (engine.kind == "local" and len(tasks) > 1):
        check_features(tasks, engine)
    if engine.kind == "slurm":  # looks at what is finished itself, array task by array task
        from sim.runs.engines.slurm import through_arrays

        yield from through_arrays(tasks, engine, store)
        return
    todo = []
    for task in tasks:
        if task.is_done(store):
            yield Outcome(task, made=False)
        else:
            todo.append(task)
    if todo:
        for outcome in _engine(engine, len(todo))(todo, engine, store, crashes, make or make_task):
            yield outcome
            if isinstance(outcome.error, StoreError):  # nothing that is still to be made could be kept
                raise outcome.error


def _engine(engine: EngineParams, count: int) -> Callable[..., Iterator[Outcome[Any]]]:
    """The function that executes tasks where the settings say; its libraries are imported only now."""
    if engine.kind == "dask":
        from sim.runs.engines.dask import through_dask

        return through_dask
    if engine.kind == "serial" or count == 1:
        from sim.runs.engines.serial import one_after_another

        return one_after_another
    from sim.runs.engines.local import through_processes

    return through_processes
