"""Several strategies in the same worlds: burnt in once, branched many times, on one or more processes.

The unit of work is a world's burn-in or one run that branches from it. Runs of worlds that are
ready go first, in the order of replications, so that the first world's results are there
early. Workers write results themselves and hand back keys; a failed run is kept with its
traceback and does not stop the others.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool

from sim.config import Config, world_differences
from sim.config.model import market_values
from sim.core.errors import ConfigError, InputError, RunError
from sim.experiment.replicate import prepare_world, run_key, run_replication
from sim.experiment.store import Store
from sim.settings import EngineParams

OnResult = Callable[[str, int, str], None]


class RunsFailedError(RunError):
    """Some runs failed; ``scenario`` and ``key`` name the first, its traceback is in the store."""

    def __init__(self, message: str, scenario: str, key: str) -> None:
        super().__init__(message)
        self.scenario = scenario
        self.key = key


def run_many(configs: Sequence[Config], replications: int, engine: EngineParams, store: Store,
             on_result: OnResult) -> Iterator[str]:  # fmt: skip
    """Run every configuration in every world; yields keys as runs finish.

    Parameters
    ----------
    configs : sequence of Config
        Strategies of one comparison: same world values, the baseline among them.
    replications : int
        Worlds.
    engine : EngineParams
        ``serial`` or ``local`` with a number of workers (0 = one per processor).
    store : Store
        Where results go; runs already there are not run again.
    on_result : callable
        Called as ``on_result(scenario, replication, key)`` in this process.

    Raises
    ------
    ConfigError
        If the strategies do not share their world.
    RunsFailedError
        After all other runs have finished, if one failed.
    """
    check_same_world(configs)
    first = configs[0].experiment.first_replication
    worlds = range(first, first + replications)
    plan = {(r, k): run_key(configs[k], r) for r in worlds for k in range(len(configs))}
    todo: dict[int, list[int]] = {}
    for (r, k), key in plan.items():
        if store.has(configs[k].experiment.name, configs[k].scenario, key):
            on_result(configs[k].scenario, r, key)
            yield key
        else:
            todo.setdefault(r, []).append(k)
    if engine.kind == "serial" or sum(map(len, todo.values())) == 1:
        yield from _serial(configs, todo, store, on_result)
    elif todo:
        workers = engine.workers or os.cpu_count() or 1
        yield from _local(configs, todo, workers, store, on_result)


def check_same_world(configs: Sequence[Config]) -> None:
    """Refuse strategies that could not branch from the same worlds.

    Raises
    ------
    ConfigError
        One line per world value that differs, with what each strategy says.
    """
    problems = []
    for key in world_differences(configs):
        said = ", ".join(f"{c.scenario}: {market_values(c).get(key)}" for c in configs)
        problems.append(
            f"{key}: strategies of one comparison must share their world ({said}); "
            "take it out of the scenario, and set it for all with key=value on the command line"
        )
    if problems:
        raise ConfigError(problems)


def one_run(config: Config, replication: int, store: Store) -> str:
    """Run, store, and return the key; a failure leaves its traceback in the store."""
    try:
        return store.write(run_replication(config, replication), config)
    except Exception as error:
        if not isinstance(error, InputError):
            store.write_error(config.experiment.name, config.scenario, run_key(config, replication), error)
        raise


def _serial(
    configs: Sequence[Config], todo: dict[int, list[int]], store: Store, on_result: OnResult
) -> Iterator[str]:
    failures: list[tuple[Config, int, BaseException]] = []
    for r, members in todo.items():
        for k in members:
            try:
                key = one_run(configs[k], r, store)
            except RunError as error:
                failures.append((configs[k], r, error))
                continue
            on_result(configs[k].scenario, r, key)
            yield key
    _raise(failures)


def _local(configs: Sequence[Config], todo: dict[int, list[int]], workers: int, store: Store,
           on_result: OnResult) -> Iterator[str]:  # fmt: skip
    failures: list[tuple[Config, int, BaseException]] = []
    to_burn, ready = list(todo), list[tuple[int, int]]()
    running: dict[Future[str | None], tuple[int, int | None]] = {}
    context = multiprocessing.get_context("spawn")
    size = min(workers, sum(map(len, todo.values())))
    with ProcessPoolExecutor(size, mp_context=context, initializer=_follow_parent) as pool:
        try:
            while to_burn or ready or running:
                while len(running) < workers and (ready or to_burn):
                    if ready:
                        r, k = ready.pop(0)
                        running[pool.submit(one_run, configs[k], r, store)] = (r, k)
                    else:
                        r = to_burn.pop(0)
                        running[pool.submit(prepare_world, configs[0], r)] = (r, None)
                for future in wait(running, return_when=FIRST_COMPLETED).done:
                    r, job = running.pop(future)
                    error = future.exception()
                    if isinstance(error, BrokenProcessPool):
                        raise error
                    if error is not None:
                        failures.append((configs[job or 0], r, error))
                    elif job is None:
                        ready = sorted([*ready, *((r, k) for k in todo[r])])
                    else:
                        key = str(future.result())
                        on_result(configs[job].scenario, r, key)
                        yield key
        except BaseException as error:
            pool.shutdown(wait=False, cancel_futures=True)
            for process in multiprocessing.active_children():
                process.terminate()
            if isinstance(error, BrokenProcessPool):
                raise _killed() from error
            raise
    _raise(failures)


def _killed() -> RunError:
    """What to tell when a worker was killed from outside, most often for want of memory."""
    return RunError(
        "a worker process was killed, perhaps because memory ran out; finished runs are kept, "
        "the same command takes up the rest (fewer at a time with engine.workers=1)"
    )


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


def _raise(failures: list[tuple[Config, int, BaseException]]) -> None:
    if not failures:
        return
    config, replication, error = failures[0]
    if isinstance(error, InputError):
        raise error
    more = f" ({len(failures) - 1} more failed)" if len(failures) > 1 else ""
    raise RunsFailedError(
        f"{config.scenario}, world {replication}: {error}{more}",
        config.scenario,
        run_key(config, replication),
    ) from error
