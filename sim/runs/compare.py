"""Several strategies in the same worlds: burnt in once, branched many times.

A comparison is a list of tasks for the executor that sweeps use too. Its worlds come in the
order of replications, so that the first world's results are there early.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from sim.config import Config, world_differences
from sim.config.model import market_values
from sim.config.settings import EngineParams
from sim.core.errors import ConfigError, InputError, RunError
from sim.core.language import tr
from sim.runs.execute import execute
from sim.runs.replicate import run_key
from sim.runs.task import Outcome, RunTask
from sim.store.store import Store

OnResult = Callable[[str, int, str], None]


class RunsFailedError(RunError):
    """Some runs failed; ``scenario`` and ``key`` name the first, its traceback is in the store."""

    def __init__(self, message: str, scenario: str, key: str) -> None:
        super().__init__(message)
        self.scenario = scenario
        self.key = key


def run_many(
    configs: Sequence[Config], replications: int, engine: EngineParams, store: Store, on_result: OnResult
) -> Iterator[str]:
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
    tasks = [
        RunTask(config, r, str(r), run_key(config, r))
        for r in range(first, first + replications)
        for config in configs
    ]
    failures: list[Outcome[RunTask]] = []
    for outcome in execute(tasks, engine, store):
        if outcome.error is not None:
            failures.append(outcome)
            continue
        on_result(outcome.task.scenario, outcome.task.replication, outcome.task.key)
        yield outcome.task.key
    _raise(failures)


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
            tr(
                "{key}: strategies of one comparison must share their world ({said}); take it out of "
                "the scenario, and set it for all with key=value on the command line",
                key=key,
                said=said,
            )
        )
    if problems:
        raise ConfigError(problems)


def _raise(failures: list[Outcome[RunTask]]) -> None:
    if not failures:
        return
    task, error = failures[0].task, failures[0].error
    if isinstance(error, InputError):
        raise error
    more = tr(" ({n_failures} more failed)", n_failures=len(failures) - 1) if len(failures) > 1 else ""
    raise RunsFailedError(
        tr(
            "{scenario}, world {replication}: {error}{more}",
            scenario=task.scenario,
            replication=task.replication,
            error=error,
            more=more,
        ),
        task.scenario,
        task.key,
    ) from error
