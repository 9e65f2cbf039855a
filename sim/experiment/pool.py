"""Independent pieces of work over one process or several, each returned with what went wrong in it."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait

from sim.core.errors import RunError
from sim.core.processors import available_processors
from sim.settings import EngineParams


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
    """
    workers = min(engine.workers or available_processors(), len(items))
    if engine.kind == "serial" or workers <= 1:
        for item in items:
            try:
                work(item)
            except RunError as error:
                yield item, error
            else:
                yield item, None
        return
    waiting, running = list(items), dict[Future[None], Item]()
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, mp_context=context) as pool:
        try:
            while waiting or running:
                while waiting and len(running) < workers:
                    item = waiting.pop(0)
                    running[pool.submit(work, item)] = item
                for future in wait(running, return_when=FIRST_COMPLETED).done:
                    yield running.pop(future), future.exception()
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            for process in multiprocessing.active_children():
                process.terminate()
            raise
