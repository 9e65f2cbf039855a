"""Executing tasks: worlds are burnt in once, runs branch from them, on one or more processes.

The unit of work is a world's burn-in or one run that branches from it. Runs of worlds that are
ready go first, so that the first world's results are there early. Workers write results
themselves and hand back keys; a failed run is kept with its traceback and does not stop the
others, and a killed worker loses only what was under way.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass

from sim.config import Config
from sim.core.errors import InputError, RunError
from sim.experiment.replicate import prepare_world, run_key, run_replication
from sim.experiment.store import Store
from sim.settings import EngineParams


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


def workers_of(engine: EngineParams) -> int:
    """Processes that an engine uses."""
    return 1 if engine.kind == "serial" else engine.workers or os.cpu_count() or 1


def execute(
    tasks: Sequence[Task], engine: EngineParams, store: Store, crashes: int = 1
) -> Generator[Outcome]:
    """Run all tasks; yields how each ended, as it ends.

    Parameters
    ----------
    tasks : sequence of Task
        In the order in which their worlds are taken up; runs in the store are not run again.
    engine : EngineParams
        ``serial`` or ``local`` with a number of workers (0 = one per processor).
    store : Store
        Where results go.
    crashes : int
        Killed workers after which a task under way is given up. Tasks that saw one killed run
        alone from then on, so that only the task that kills is given up.
    """
    todo = []
    for task in tasks:
        if _done(task, store):
            yield Outcome(task, made=False)
        else:
            todo.append(task)
    if engine.kind == "serial" or len(todo) == 1:
        yield from _serial(todo, store)
    elif todo:
        yield from _Scheduler(todo, workers_of(engine), store, crashes).outcomes()


def _done(task: Task, store: Store) -> bool:
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
        if not isinstance(error, InputError):
            keep_error(task, error, store)
        raise


def keep_error(task: Task, error: BaseException, store: Store) -> None:
    """Leave the traceback of a failed task in the store, beside its key."""
    store.write_error(task.config.experiment.name, task.scenario, task.key, error)


def _serial(todo: Sequence[Task], store: Store) -> Iterator[Outcome]:
    for task in sorted(todo, key=_world_order(todo)):
        try:
            if not _done(task, store):  # another command that shares the store may have been faster
                one_run(task, store)
        except Exception as error:
            yield Outcome(task, error)
        else:
            yield Outcome(task)


def _world_order(todo: Sequence[Task]) -> Callable[[Task], int]:
    """Sort key: worlds in the order in which they first come up."""
    order: dict[str, int] = {}
    for task in todo:
        order.setdefault(task.world, len(order))
    return lambda task: order[task.world]


#: A unit of work: a world to burn in (its first task stands for it) or a run.
_Unit = tuple[str, Task]
_BURN, _RUN = "burn", "run"


class _Scheduler:
    """Runs of worlds that are ready first, then the next world; pools that break are replaced."""

    def __init__(self, todo: Sequence[Task], workers: int, store: Store, crashes: int) -> None:
        self._store, self._limit = store, crashes
        self._workers = min(workers, len(todo))
        self._members: dict[str, list[Task]] = {}
        for task in todo:
            self._members.setdefault(task.world, []).append(task)
        self._to_burn: list[_Unit] = [(_BURN, members[0]) for members in self._members.values()]
        self._ready: list[_Unit] = []
        self._suspects: list[_Unit] = []
        self._crashed: dict[tuple[str, str, str], int] = {}
        self._running: dict[Future[str | None], _Unit] = {}

    def outcomes(self) -> Iterator[Outcome]:
        """How each task ended, until nothing is left."""
        while self._to_burn or self._ready or self._suspects:
            pool = ProcessPoolExecutor(
                self._workers, mp_context=multiprocessing.get_context("spawn"), initializer=_follow_parent
            )
            try:
                yield from self._through(pool)
            except BrokenProcessPool:
                yield from self._broken()
            except BaseException:
                _end(pool)
                raise
            else:
                pool.shutdown()
            finally:
                pool.shutdown(wait=False, cancel_futures=True)

    def _through(self, pool: ProcessPoolExecutor) -> Iterator[Outcome]:
        """Work with one pool until all is done or it breaks."""
        while True:
            yield from self._fill(pool)
            if not self._running:
                return
            done = wait(self._running, return_when=FIRST_COMPLETED).done
            errors = {future: future.exception() for future in done}
            # Runs that finished before the pool broke count; what broke with it is still in _running.
            for future in [one for one in done if not isinstance(errors[one], BrokenProcessPool)]:
                yield from self._ended(self._running.pop(future), errors[future])
            if any(isinstance(error, BrokenProcessPool) for error in errors.values()):
                raise BrokenProcessPool

    def _fill(self, pool: ProcessPoolExecutor) -> Iterator[Outcome]:
        """Give work to idle workers; what saw a worker killed runs alone."""
        while self._ready or self._to_burn or self._suspects:
            room = len(self._running) < (1 if self._suspects else self._workers)
            if not room or (self._suspects and self._running):
                return
            unit = next(queue for queue in (self._suspects, self._ready, self._to_burn) if queue).pop(0)
            if unit[0] == _RUN and _done(unit[1], self._store):
                yield Outcome(unit[1], made=False)
                continue
            alone = (unit[0], unit[1].world, unit[1].key) in self._crashed
            self._submit(pool, unit)
            if alone:
                return

    def _submit(self, pool: ProcessPoolExecutor, unit: _Unit) -> None:
        kind, task = unit
        try:
            future: Future[str | None]
            if kind == _BURN:
                future = pool.submit(_burn, task)
            else:
                future = pool.submit(one_run, task, self._store)
        except BrokenProcessPool:
            known = (kind, task.world, task.key) in self._crashed
            queue = self._suspects if known else self._ready if kind == _RUN else self._to_burn
            queue.insert(0, unit)
            raise
        self._running[future] = unit

    def _ended(self, unit: _Unit, error: BaseException | None) -> Iterator[Outcome]:
        """What follows from one unit's end: a world makes its runs ready, or fails them all."""
        kind, task = unit
        if kind == _RUN:
            yield Outcome(task, error)
        elif error is None:
            self._ready += [(_RUN, member) for member in self._members[task.world]]
        else:
            for member in self._members[task.world]:
                if not isinstance(error, InputError):
                    keep_error(member, error, self._store)
                yield Outcome(member, error)

    def _broken(self) -> Iterator[Outcome]:
        """Take up again what was under way when a worker was killed, or give it up."""
        wait(self._running, timeout=30)  # a broken pool marks all its futures within moments
        under_way, self._running = list(self._running.items()), {}
        for future, unit in under_way:
            if future.done() and not future.cancelled() and future.exception() is None:
                yield from self._ended(unit, None)
                continue
            mark = (unit[0], unit[1].world, unit[1].key)
            self._crashed[mark] = self._crashed.get(mark, 0) + 1
            if self._crashed[mark] < self._limit:
                self._suspects.append(unit)
            else:
                yield from self._ended_by_kill(unit, self._crashed[mark])

    def _ended_by_kill(self, unit: _Unit, times: int) -> Iterator[Outcome]:
        error = WorkerKilledError(times)
        if self._limit == 1:  # the caller wants to hear of it at once
            raise error
        if unit[0] == _RUN:
            keep_error(unit[1], error, self._store)
        yield from self._ended(unit, error)


def _burn(task: Task) -> None:
    """Burn in the task's world and leave it in the cache."""
    prepare_world(task.config, task.replication)


def _end(pool: ProcessPoolExecutor) -> None:
    """Stop everything now: queued work is dropped and the pool's processes are ended."""
    processes = list((getattr(pool, "_processes", None) or {}).values())
    pool.shutdown(wait=False, cancel_futures=True)
    for process in processes:
        process.terminate()


def _follow_parent() -> None:
    """In a worker: leave Ctrl-C to the process that the user started, and end when that ends.

    Without it, workers of a killed command would wait for work for ever.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()

    def watch() -> None:
        if parent is not None:
            parent.join()
            os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
