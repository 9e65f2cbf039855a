"""Scheduler: burn-ins first, then the tasks that branch from them, over a pool of workers.

The unit of work is the burn-in of a world or one task that branches from it. Tasks of worlds that are
ready go first, so that the first world's results are there early. A unit whose worker was killed is
retried, and given up after too many retries.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from sim.core.errors import InputError, StoreError
from sim.runs.task import Make, Outcome, Task, WorkerKilledError, keep_error
from sim.store.store import Store


@dataclass(frozen=True, eq=False)
class Unit:
    """A piece of work: the burn-in of a world, for which its first task stands, or one run."""

    kind: Literal["burn", "run"]
    task: Task

    @property
    def name(self) -> tuple[str, str, str, str]:
        """What tells it from every other unit."""
        return self.kind, self.task.world, self.task.scenario, self.task.key

    def work(self, store: Store, make: Make) -> str | None:
        """Do it, in whatever process this is called."""
        if self.kind == "run":
            return make(self.task, store)
        self.task.prepare()
        return None


class Workers(Protocol):
    """What takes units of work and tells how they ended; all that engines differ in."""

    @property
    def room(self) -> int:
        """Units that can be under way at once; at least one."""
        ...

    @property
    def precise(self) -> bool:
        """Whether a killed worker ends the unit it was working at and no other."""
        ...

    def begin(self, unit: Unit) -> None:
        """Give one unit to a worker."""
        ...

    def ended(self) -> list[tuple[Unit, BaseException | None]]:
        """Block until units finish, fail, or lose their worker (:class:`WorkerKilledError`)."""
        ...

    def close(self, stop: bool) -> None:
        """Let the workers go; ``stop`` ends what is under way."""
        ...


class Scheduler:
    """Schedules burn-ins, then the tasks that branch from them, over a pool of workers.

    Parameters
    ----------
    todo : sequence of Task
        Tasks whose runs are not in the store.
    workers : Workers
        Who does the work; closed at the end.
    store : Store
        Where errors are kept.
    crashes : int
        Killed workers after which a unit is given up; with 1 the scheduler itself ends with the error.
    """

    def __init__(self, todo: Sequence[Task], workers: Workers, store: Store, crashes: int) -> None:
        self._workers, self._store, self._limit = workers, store, crashes
        self._members: dict[str, list[Task]] = {}
        for task in todo:
            self._members.setdefault(task.world, []).append(task)
        self._to_burn = [Unit("burn", members[0]) for members in self._members.values()]
        self._ready: list[Unit] = []
        self._suspects: list[Unit] = []
        self._crashed: dict[tuple[str, str, str, str], int] = {}
        self._under_way = 0
        self._unwritable: StoreError | None = None

    def outcomes(self) -> Iterator[Outcome[Any]]:
        """How each task ended, until nothing is left."""
        try:
            while True:
                yield from self._fill()
                if not self._under_way:
                    break
                for unit, error in self._workers.ended():
                    self._under_way -= 1
                    yield from self._ended(unit, error)
        except BaseException:
            self._workers.close(stop=True)
            raise
        self._workers.close(stop=False)

    def _fill(self) -> Iterator[Outcome[Any]]:
        """Give work to idle workers; what may have killed one runs alone."""
        while queue := self._suspects or self._ready or self._to_burn:
            alone = queue is self._suspects and not self._workers.precise
            if self._under_way >= (1 if alone else self._workers.room):
                return
            unit = queue.pop(0)
            if self._unwritable is not None:  # what is made could not be kept: nothing more is made
                members = [unit.task] if unit.kind == "run" else self._members[unit.task.world]
                yield from (Outcome(member, self._unwritable) for member in members)
                continue
            if unit.kind == "run" and unit.task.is_done(self._store):
                yield Outcome(unit.task, made=False)
                continue
            self._workers.begin(unit)
            self._under_way += 1
            if alone:
                return

    def _ended(self, unit: Unit, error: BaseException | None) -> Iterator[Outcome[Any]]:
        """What follows from one unit's end: a world makes its runs ready, or fails them all."""
        if isinstance(error, WorkerKilledError):
            times = self._crashed[unit.name] = self._crashed.get(unit.name, 0) + 1
            if times < self._limit:
                self._suspects.append(unit)
                return
            if self._limit == 1:  # the caller wants to hear of it at once
                raise error
            error = WorkerKilledError(times)
            if unit.kind == "run":
                keep_error(unit.task, error, self._store)
        if isinstance(error, StoreError):
            self._unwritable = error
        if unit.kind == "run":
            yield Outcome(unit.task, error)
        elif error is None:
            self._ready += [Unit("run", member) for member in self._members[unit.task.world]]
        else:
            yield from self._world_failed(unit.task.world, error)

    def _world_failed(self, world: str, error: BaseException) -> Iterator[Outcome[Any]]:
        for member in self._members[world]:
            if not isinstance(error, InputError):
                keep_error(member, error, self._store)
            yield Outcome(member, error)
