"""Pools of people who work: a queue, people on shifts, what they earn, and how they learn.

A pool is declared by a feature (:class:`Pool`), its numbers are parameters (:class:`PoolParams`), and what it
is at a moment is a :class:`Team`: when each person is next free, and how much has been done. Tasks are served
first come first served by :func:`sim.stations.queues.serve_in_shifts`, the code of every other station, and
who waits longer than they are ready to is not served. Overload is waiting, not a percentage.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from sim.core.clock import HOURS_PER_DAY, MINUTES_PER_DAY
from sim.core.jit import njit
from sim.core.ledger import to_fen
from sim.core.params import Params, constant, lever, uncertainty
from sim.core.rng import Draw, keyed_exponential
from sim.stations.queues import serve_in_shifts, to_ticks, worked

#: Ticks of a minute: work is timed in seconds.
TICKS = 60
#: Patience in hours from which nobody gives up (a year).
FOR_EVER = 8760.0
MOST_TICKS = np.iinfo(np.int64).max
#: Share of the latest call's figures in a team's running ones.
_FOLLOW = 0.2


class PoolParams(Params):
    """People who work on one kind of task, one at a time."""

    staff: float = lever(0.0, "people on a shift/10,000 consumers", "A-904", ge=0, le=1000)
    """How many work at once, in whole people. Where that is less than one, one person works so much less of
    the shift and is paid for it, so that a small market has its share; less than a task is nobody."""

    minutes: float = uncertainty(5.0, "minutes/task", "A-905", ge=0.01, le=1440, scope="strategy")
    """Mean time of a task for a usual person without practice."""

    evenness: float = constant(1.0, "Weibull shape", "Weibull 1951", ge=0.5, le=20, scope="strategy")
    """1 = times of tasks are exponential; higher, they are more alike (about 3.4: close to normal)."""

    skill: float = uncertainty(
        1.0, "x usual speed", "A-906", ge=0.1, le=10, span=(0.7, 1.4), scope="strategy"
    )
    """How fast these people are; twice the skill halves the time of a task."""

    learning: float = uncertainty(0.0, "share", "Wright 1936", ge=0, le=0.5, span=(0, 0.2), scope="strategy")
    """Time that a task takes less each time that what a person has done doubles; 0 = nobody learns."""

    practice: float = constant(
        200.0, "tasks", "A-907; a week or two of work", ge=1, le=1_000_000, scope="strategy"
    )
    """What a new person is taken to have done before, from which learning counts."""

    opens: float = lever(9.0, "hour of the day", "A-908", ge=0, le=24)
    """When the shift begins."""

    hours: float = lever(9.0, "hours/day", "A-911", ge=0.1, le=24)
    """Length of the shift, past midnight if need be; 24 = round the clock, people relieving each other."""

    patience: float = uncertainty(24.0, "hours", "A-909", ge=0, le=FOR_EVER, scope="strategy")
    """Mean time (exponential) that a task waits before it is given up; 0 = nobody waits at all, a year
    (8,760) = nobody ever gives up."""

    wage: float = uncertainty(36.0, "CNY/hour", "A-910", ge=0, le=10_000, span=(25, 70), scope="strategy")
    """Pay with all that employment costs, for every hour of a shift, whether there is work or not."""

    def people(self, consumers: int) -> int:
        """Whole people on a shift; nobody where one would not have time for a single task of usual length."""
        wanted = self.staff * consumers / 10_000.0
        if wanted < 1.0 and 60.0 * self.hours * wanted < self.minutes / self.skill:
            return 0
        return max(1, round(wanted))

    def in_market(self, consumers: int, keeps_end: bool = False) -> PoolParams:
        """These numbers with the hours that people work in a market of ``consumers``.

        Parameters
        ----------
        consumers : int
            Simulated people of the market.
        keeps_end : bool
            A part of a shift is its last part, and not its first.
        """
        hours = self.hours * min(1.0, self.staff * consumers / 10_000.0)
        opens = (self.opens + self.hours - hours) % HOURS_PER_DAY if keeps_end else self.opens
        return self.model_copy(update={"hours": hours, "opens": opens})

    def wage_fen(self) -> int:
        """What one person's day costs, fen."""
        return to_fen(self.wage * self.hours)


@dataclass(frozen=True)
class Pool:
    """A pool that a feature declares.

    Attributes
    ----------
    name : str
        Key in ``world.teams``.
    meaning : str
        What these people do, in a line.
    params : str
        Parameter of the feature's section that holds its :class:`PoolParams`.
    spend : int or str
        What its wages count as: a :class:`sim.world.schema.Spend`, or the name of a purpose that is declared.
    used : callable
        The section's parameters -> whether the strategy has this team, with however many people.
    keeps_end : bool
        Where a market has less than one of them, that person works the last part of the shift, because
        something leaves at its end; otherwise the first.
    """

    name: str
    meaning: str
    params: str
    spend: int | str
    used: Callable[[Any], bool] = lambda _: True
    keeps_end: bool = False


class Work(NamedTuple):
    """What became of each task: absolute minutes of start and end, -1 where it was given up; minutes waited.

    start, end : int64[n], rounded down and up; waited : float64[n], to the second, nan where it was given up.
    """

    start: np.ndarray
    end: np.ndarray
    waited: np.ndarray

    @property
    def done(self) -> np.ndarray:
        """bool[n]: served."""
        return self.end >= 0


@njit(cache=True)
def _times(streams, ids, mean, shape, patience):
    """Ticks of service and of patience of each task; the Weibull's scale gives it the wanted mean."""
    scale = mean / math.gamma(1.0 + 1.0 / shape)
    service = np.empty(ids.shape[0], np.int64)
    bears = np.empty(ids.shape[0], np.int64)
    for i in range(ids.shape[0]):
        service[i] = to_ticks(scale * keyed_exponential(streams[0], ids[i], 0) ** (1.0 / shape), TICKS)
        bears[i] = MOST_TICKS
        if patience < FOR_EVER:
            bears[i] = np.int64(patience * 60.0 * TICKS * keyed_exponential(streams[1], ids[i], 0))
    return service, bears


class Team:
    """A pool at work.

    Parameters
    ----------
    name : str
        Its key.
    params : PoolParams
        Its numbers; :meth:`adopt` replaces them when the strategy's change.

    Attributes
    ----------
    free : int64[staff]
        Ticks of shifts at which each person is next free, a binary min-heap.
    done : float
        Tasks done so far; shared evenly among the people for what they have learnt.
    last : int
        Latest arrival so far, ticks; earlier tasks of a later call join the queue then.
    wait_hours, served : float
        From arrival to end of service, and share of tasks that were not given up; running means of days.
    """

    def __init__(self, name: str, params: PoolParams) -> None:
        self.name = name
        self.params = params
        self.free = np.zeros(0, np.int64)
        self.done = 0.0
        self.last = 0
        self.wait_hours = 0.0
        self.served = 1.0

    def __len__(self) -> int:
        return len(self.free)

    def adopt(self, params: PoolParams, minute: int) -> None:
        """Work by other numbers from ``minute`` on; what is in hand takes as many hours as it did."""
        before = worked(minute * TICKS, *self.shift)
        self.params = params
        self.free = self.free + (worked(minute * TICKS, *self.shift) - before)

    def staff(self, people: int, minute: int) -> float:
        """Have so many people from ``minute`` on; newcomers are free at once, the busiest leave first.

        Returns
        -------
        float
            Hours of work in hand that those who leave still do, in all.
        """
        people = max(0, people)
        if people < len(self.free):
            self.free = np.sort(self.free)
            gone, self.free = self.free[people:], self.free[:people].copy()
            now = worked(minute * TICKS, *self.shift)
            return float(np.maximum(0, gone - now).sum() / (60.0 * TICKS))
        if people > len(self.free):
            opens, length, period = self.shift
            now = (minute * TICKS - opens) // period * length
            new = np.full(people - len(self.free), now, np.int64)
            self.free = np.sort(np.concatenate((self.free, new)))
        return 0.0

    def hold(self, minute: float) -> None:
        """Let nobody begin anything before an absolute minute."""
        until = worked(round(minute * TICKS), *self.shift)
        self.free = np.maximum(self.free, until)

    @property
    def shift(self) -> tuple[int, int, int]:
        """First tick of the shift within a day, its length, and the day's."""
        p = self.params
        return round(p.opens * 60 * TICKS), max(1, round(p.hours * 60 * TICKS)), MINUTES_PER_DAY * TICKS

    @property
    def task_minutes(self) -> float:
        """Mean time of a task now, skill and practice counted (Wright's law)."""
        p = self.params
        each = self.done / max(1, len(self.free))
        doublings = np.log2(1.0 + each / p.practice)
        return float(p.minutes / p.skill * (1.0 - p.learning) ** doublings)

    def work(self, draw: Draw, ids: np.ndarray, minutes: np.ndarray, *, waits: bool = False) -> Work:
        """Serve tasks in the order in which they come; ids settle a tie.

        Parameters
        ----------
        draw : Draw
            The day's keyed draws, for the times of tasks and for patience.
        ids : int64[n]
            Ids of the tasks, which tell those of one day apart.
        minutes : int64[n] or float64[n]
            Absolute minutes at which they come.
        waits : bool
            These tasks are never given up, whatever the pool's patience.

        Returns
        -------
        Work
            In the order given.
        """
        ids, n = np.asarray(ids, np.int64), len(ids)
        if not n:
            return Work(np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0))
        ticks = np.maximum(np.floor(np.asarray(minutes, np.float64) * TICKS).astype(np.int64), self.last)
        order = np.lexsort((ids, ticks))
        p = self.params
        streams = draw(f"pool.{self.name}.time"), draw(f"pool.{self.name}.patience")
        patience = FOR_EVER if waits else p.patience
        service, bears = _times(streams, ids[order], self.task_minutes, p.evenness, patience)
        begun, ended = serve_in_shifts(self.free, ticks[order], service, bears, self.shift)
        self.last = int(ticks[order[-1]])
        self._note(ticks[order], ended)
        start, end, waited = np.empty(n, np.int64), np.empty(n, np.int64), np.empty(n)
        start[order] = np.where(begun >= 0, begun // TICKS, -1)
        end[order] = np.where(ended >= 0, -(-ended // TICKS), -1)
        waited[order] = np.where(begun >= 0, (begun - ticks[order]) / TICKS, np.nan)
        return Work(start, end, waited)

    def _note(self, ticks: np.ndarray, ended: np.ndarray) -> None:
        """Learn, and let the running figures follow."""
        done = ended >= 0
        self.done += float(done.sum())
        self.served += _FOLLOW * (float(done.mean()) - self.served)
        if done.any():
            hours = float((ended[done] - ticks[done]).mean()) / (60.0 * TICKS)
            self.wait_hours += _FOLLOW * (hours - self.wait_hours)

    def state(self) -> dict[str, np.ndarray]:
        """What a snapshot keeps."""
        figures = [self.done, self.wait_hours, self.served]
        numbers = np.array(list(self.params.model_dump().values()), np.float64)
        return {
            "free": self.free,
            "figures": np.array(figures),
            "last": np.array(self.last),
            "numbers": numbers,
        }

    def restore(self, state: dict[str, np.ndarray]) -> None:
        """Take up what :meth:`state` gave."""
        self.free = np.array(state["free"], np.int64)
        self.done, self.wait_hours, self.served = map(float, state["figures"])
        self.last = int(state["last"])
        numbers = dict(zip(PoolParams.model_fields, state["numbers"].tolist(), strict=True))
        self.params = self.params.model_copy(update=numbers)
