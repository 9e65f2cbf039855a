"""One run after another in this process, world by world: no scheduler, easy to debug."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from sim.config.settings import EngineParams
from sim.runs.task import Make, Outcome, Task
from sim.store.store import Store


def one_after_another(
    todo: Sequence[Task], engine: EngineParams, store: Store, crashes: int, make: Make
) -> Iterator[Outcome[Any]]:
    """How each task ended; nothing can be killed but this process itself."""
    for task in sorted(todo, key=_world_order(todo)):
        try:
            if not task.is_done(store):  # another command that shares the store may have been faster
                make(task, store)
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
