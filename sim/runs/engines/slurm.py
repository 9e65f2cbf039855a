"""Job arrays over a stored batch: runs go on when nobody waits, and failures show in Slurm's accounts.

The tasks are written down and cut into chunks, and each array task executes its chunk
with ``liebian execute``. The same line again watches what is queued and submits only chunks with
runs that are neither finished nor queued; it is what heals tasks that were cancelled or lost.
"""

from __future__ import annotations

import logging
import os
import shlex
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from sim.config.hashes import digest
from sim.config.settings import EngineParams
from sim.core.atomic import commit
from sim.core.errors import RunError
from sim.core.language import tr
from sim.runs.engines import slurm_client
from sim.runs.engines.chunks import chunks
from sim.runs.task import Outcome, Task
from sim.store.batch import batch_folder
from sim.store.store import Store
from sim.store.writing import writing

_LOG = logging.getLogger(__name__)
#: Array tasks unless told otherwise: one a world, but no more than Slurm takes as it is shipped.
_MOST = 1000
#: Seconds between two looks at the queue, at first and at most.
_LOOK, _SLOWEST = 2.0, 15.0
#: An array task has ended when it was missing so often: files take a moment to reach other machines.
_MISSED = 2
#: Looks that Slurm may leave unanswered before we stop watching.
_UNANSWERED = 20
#: Looks for which the accounts may still call a task that left the queue alive: they lag behind it.
_LAGGING = 8
#: States of tasks that ended by themselves; every other one lost what was under way.
_BY_ITSELF = ("COMPLETED", "FAILED", "unknown")


class ArrayRunError(RunError):
    """A run failed in an array task; its traceback is in the store."""


class LostTaskError(RunError):
    """An array task ended before it had made this run."""


def through_arrays(tasks: Sequence[Task], engine: EngineParams, store: Store) -> Iterator[Outcome[Any]]:
    """How each task ended; with ``engine.wait`` off, only those that are finished already.

    Raises
    ------
    ConfigError
        If the tasks cannot be written down, or Slurm refuses the array.
    SlurmError
        If Slurm does not answer.
    """
    todo = [task for task in tasks if not task.is_done(store)]
    left = {id(task) for task in todo}
    yield from (Outcome(task, made=False) for task in tasks if id(task) not in left)
    if not todo:
        return
    batch = Batch(tasks, engine, store)
    try:
        batch.submit()
        if not engine.wait:
            command = f"liebian status experiment={batch.experiment}{store.elsewhere}"
            _LOG.info(tr("not waiting; '%s' says how far it is"), command)
            return
        yield from batch.watch()
    except (KeyboardInterrupt, GeneratorExit):
        if numbers := " ".join(sorted(batch.arrays)):
            _LOG.warning(
                tr("no longer watching: job array %s goes on ('scancel %s' ends it)"), numbers, numbers
            )
        raise


def _identity(tasks: Sequence[Task]) -> str:
    """The same for the same results, whatever engine settings they were planned with."""
    return digest({"tasks": [[task.scenario, task.key] for task in tasks]})[:12]


class Batch:
    """Tasks that are executed by job arrays.

    Parameters
    ----------
    tasks : sequence of Task
        Of one kind and experiment, the finished ones included, so that chunks stay what they are.
    engine : EngineParams
        Number of array tasks and what each asks for.
    store : Store
        Where array tasks leave results.
    """

    def __init__(self, tasks: Sequence[Task], engine: EngineParams, store: Store) -> None:
        self.experiment = tasks[0].experiment
        self._engine, self._store = engine, store
        self._name = type(tasks[0]).write_batch(tasks, store)
        self._prefix = f"liebian-{self.experiment}-{_identity(tasks)}-"
        queued = slurm_client.queued(self._prefix)
        worlds = len({task.world for task in tasks})
        self._count = engine.workers or min(worlds, _MOST)
        if queued:  # chunks are counted as those are that run
            self._count = int(queued[0].name.rpartition("-")[2])
        self._array = {one.index: one.array for one in queued}
        shares = enumerate(chunks(list(tasks), self._count), start=1)
        rest = {n: [task for task in share if not task.is_done(store)] for n, share in shares}
        self._waiting = {n: share for n, share in rest.items() if share}

    @property
    def arrays(self) -> set[str]:
        """Numbers of the job arrays that work at it."""
        return set(self._array.values())

    @property
    def _folder(self) -> Path:
        return batch_folder(self._store.root.absolute(), self.experiment)

    def submit(self) -> None:
        """Submit the chunks that have runs to make and are not queued."""
        if self._array:
            _LOG.info(tr("job array %s is at work already"), ", ".join(sorted(self.arrays)))
        missing = sorted(self._waiting.keys() - self._array.keys())
        if not missing:
            return
        logs = self._folder / "logs"
        with writing(logs):
            logs.mkdir(parents=True, exist_ok=True)
        script = self._folder / f"{self._name}-{self._count}.sh"
        text = self._script()
        commit(script, lambda temporary: temporary.write_text(text, encoding="utf-8", newline="\n"))
        name = f"{self._prefix}{self._count}"
        array = slurm_client.submit(script, self._engine, name, missing, logs)
        self._array.update(dict.fromkeys(missing, array))
        _LOG.info(tr("submitted job array %s: %d tasks, logs in %s"), array, len(missing), logs)

    def _script(self) -> str:
        """What each array task does."""
        engine = ["engine=serial"]
        if self._engine.cpus > 1:
            engine = ["engine=local", f"engine.workers={self._engine.cpus}"]
        words = [
            sys.executable,
            "-P",  # a folder called sim where the study lies must not stand in for the package
            "-m",
            "sim",
            "execute",
            f"experiment={self.experiment}",
            f"batch={self._name}",
        ]
        words += [f"paths.results={self._store.root.absolute()}", *engine]
        return (
            "#!/bin/sh\n# One array task: its share of the tasks of a batch.\n"
            f"cd {shlex.quote(os.getcwd())} || exit 1\n"
            f'exec {shlex.join(words)} chunk="$SLURM_ARRAY_TASK_ID/{self._count}"\n'
        )

    def watch(self) -> Iterator[Outcome[Any]]:
        """How each run ended, as it is seen to be in the store or its array task to be gone."""
        missed: dict[int, int] = {}
        pause, unanswered = _LOOK, 0
        while self._waiting:
            time.sleep(pause)
            pause = min(pause * 1.2, _SLOWEST)
            try:
                queued = {one.index for one in slurm_client.queued(self._prefix)}
                unanswered = 0
            except slurm_client.SlurmError:
                unanswered += 1
                if unanswered >= _UNANSWERED:
                    raise
                continue
            for index in sorted(self._waiting):
                yield from self._made(index)
                missed[index] = 0 if index in queued else missed.get(index, 0) + 1
                if index in self._waiting and missed[index] >= _MISSED:
                    state = slurm_client.state(self._array[index], index)
                    if state not in slurm_client.ALIVE or missed[index] >= _MISSED + _LAGGING:
                        yield from self._gone(index, state)

    def _made(self, index: int) -> Iterator[Outcome[Any]]:
        """Runs of one chunk that are in the store since the last look."""
        rest = []
        for task in self._waiting[index]:
            if task.is_done(self._store):
                yield Outcome(task)
            else:
                rest.append(task)
        if rest:
            self._waiting[index] = rest
        else:
            del self._waiting[index]

    def _gone(self, index: int, state: str) -> Iterator[Outcome[Any]]:
        """Runs that an array task ended without: failed, or lost with it."""
        array = self._array[index]
        log = self._folder / "logs" / f"{array}_{index}.log"
        for task in self._waiting.pop(index):
            path = self._store.path("errors", self.experiment, task.scenario, task.key, "txt")
            if state in _BY_ITSELF and path.is_file():
                lines = path.read_text(encoding="utf-8").strip().splitlines()
                yield Outcome(task, ArrayRunError(lines[-1] if lines else tr("no reason was kept")))
            else:
                yield Outcome(
                    task,
                    LostTaskError(
                        tr(
                            "array task {array}_{index} ended as {state} before this run was made; the same "
                            "command submits it again (log: {log})",
                            array=array,
                            index=index,
                            state=state,
                            log=log,
                        )
                    ),
                )
