"""Independent pieces of work over one process or several, each returned with what went wrong in it."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool

from sim.config.settings import EngineParams
from sim.core.errors import RunError, StoreError
from sim.core.processors import available_processors
from sim.runs.task import WorkerKilledError, WorkerNotStartedError


def map_unordered[Item](
    work: Callable[[Item], None], items: Sequence[Item], engine: EngineParams
) -> Iterator[tuple[Item, BaseException | None]]:
    """Do ``work(item)`` for every item; yields each with its error (or None) as it ends.

    Parameters
    ----------
    work : callable
        Keeps its own result; must be importable, because processes are started afresh.
    items : sequence
        What is to be done; no more than the workers are handed out at a time.
    engine : EngineParams
        ``serial`` or one worker works in this process, where errors that are no :class:`RunError` are raised.

    Raises
    ------
    StoreError
        If what is made cannot be kept (a full disk): then nothing more is begun.
    WorkerKilledError, WorkerNotStartedError
        If a process was killed from outside, or none could be started.
    """
    workers = min(engine.workers or available_processors(), len(items))
    yield from (
        _in_turn(work, items) if engine.kind == "serial" or workers <= 1 else _shared(work, items, workers)
    )


def _in_turn[Item](
    work: Callable[[Item], None], items: Sequence[Item]
) -> Iterator[tuple[Item, BaseException | None]]:
    """In this process."""
    for item in items:
        try:
            work(item)
        except RunError as error:
            yield item, error
        else:
            yield item, None


def _shared[Item](
    work: Callable[[Item], None], items: Sequence[Item], workers: int
) -> Iterator[tuple[Item, BaseException | None]]:
    """In processes of their own, which end with this generator."""
    waiting, running = list(items), dict[Future[None], Item]()
    context = multiprocessing.get_context("spawn")
    started = context.Event()
    with ProcessPoolExecutor(workers, context, started.set) as pool:
        try:
            while waiting or running:
                while waiting and len(running) < workers:
                    item = waiting.pop(0)
                    running[pool.submit(work, item)] = item
                for future in wait(running, return_when=FIRST_COMPLETED).done:
                    wrong = future.exception()
                    if isinstance(wrong, (StoreError, BrokenProcessPool)):
                        raise wrong
                    yield running.pop(future), wrong
        except BrokenProcessPool:
            raise (WorkerKilledError if started.is_set() else WorkerNotStartedError)() from None
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            for process in multiprocessing.active_children():
                process.terminate()
            raise
