"""Worker processes of this machine: started afresh, ended with this command, replaced when killed."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from multiprocessing.process import BaseProcess
from multiprocessing.synchronize import Event
from typing import Any

from sim.config.settings import EngineParams
from sim.core.language import language, speak
from sim.runs.engines.scheduler import Scheduler, Unit
from sim.runs.task import Make, Outcome, Task, WorkerKilledError, WorkerNotStartedError, workers_of
from sim.store.store import Store

#: A broken pool marks all its futures within moments; seconds to wait for that.
_BREAKING = 30.0


def through_processes(
    todo: Sequence[Task], engine: EngineParams, store: Store, crashes: int, make: Make
) -> Iterator[Outcome[Any]]:
    """How each task ended."""
    workers = LocalWorkers(min(workers_of(engine), len(todo)), store, make)
    return Scheduler(todo, workers, store, crashes).outcomes()


class LocalWorkers:
    """A pool of processes; the kill of one breaks it, and the next unit gets a new one.

    Parameters
    ----------
    count : int
        Processes.
    store, make
        Where results go, and the function that makes one run.
    """

    #: All that is under way ends when a pool breaks, whoever's process was killed.
    precise = False

    def __init__(self, count: int, store: Store, make: Make) -> None:
        self.room = count
        self._store, self._make = store, make
        self._context = multiprocessing.get_context("spawn")
        self._started = self._context.Event()
        self._pool: ProcessPoolExecutor | None = None
        self._running: dict[Future[str | None], tuple[Unit, ProcessPoolExecutor]] = {}
        self._processes: list[BaseProcess] = []

    def begin(self, unit: Unit) -> None:
        """Give one unit to the pool, or to a new one if it has broken meanwhile."""
        if self._pool is None:
            self._pool = self._new_pool()
        try:
            future = self._pool.submit(unit.work, self._store, self._make)
        except BrokenProcessPool:  # what it had under way is told of by its futures
            self._pool = self._new_pool()
            future = self._pool.submit(unit.work, self._store, self._make)
        self._running[future] = unit, self._pool
        self._processes = list(self._pool._processes.values())

    def _killed(self) -> bool:
        """Whether a process was ended by a signal other than the one by which a broken pool ends the rest."""
        ended = (process.exitcode for process in self._processes)
        return any(code is not None and code < 0 and code != -signal.SIGTERM for code in ended)

    def ended(self) -> list[tuple[Unit, BaseException | None]]:
        """Wait until units have ended; with a broken pool, all of its units have.

        Raises
        ------
        WorkerNotStartedError
            If a pool broke before any process had been at work.
        """
        done = wait(self._running, return_when=FIRST_COMPLETED).done
        broken = {id(self._running[one][1]) for one in done if isinstance(one.exception(), BrokenProcessPool)}
        if broken:
            if not self._started.is_set() and not self._killed():
                raise WorkerNotStartedError
            lost = {one for one, (_, pool) in self._running.items() if id(pool) in broken}
            wait(lost, timeout=_BREAKING)
            done |= lost
            if id(self._pool) in broken:
                self._pool = None
        return [(self._running.pop(future)[0], _error(future)) for future in done]

    def close(self, stop: bool) -> None:
        """Let the processes go; with ``stop``, queued work is dropped and they are ended."""
        pool, self._pool = self._pool, None
        if pool is None:
            return
        if stop:
            processes = list((getattr(pool, "_processes", None) or {}).values())
            pool.shutdown(wait=False, cancel_futures=True)
            for process in processes:
                process.terminate()
        else:
            pool.shutdown()

    def _new_pool(self) -> ProcessPoolExecutor:
        return ProcessPoolExecutor(
            self.room, mp_context=self._context, initializer=_begin, initargs=(self._started, language())
        )


def _begin(started: Event, spoken: str) -> None:
    """In a worker: say that it is there, speak as the process that started it, and follow that."""
    started.set()
    speak(spoken)
    follow_parent()


def _error(future: Future[str | None]) -> BaseException | None:
    """How a unit ended; what the pool's end took with it counts as killed."""
    if not future.done() or future.cancelled():
        return WorkerKilledError()
    error = future.exception()
    return WorkerKilledError() if isinstance(error, BrokenProcessPool) else error


def follow_parent() -> None:
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
