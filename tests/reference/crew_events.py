"""Riders of one district as processes of SimPy: shifts, priorities and a guard for instant orders.

A round calls for a rider and waits. Riders set out once per tick, after everything else of that tick has
happened, instant rounds first and then by when, where and which round it is.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from heapq import heappop, heappush
from typing import NamedTuple

import numpy as np
import simpy
from simpy.core import EventPriority

from sim.logistics.crew import Shift

#: After urgent (0) and normal (1) events of the same tick.
LATE = EventPriority(2)


class Round(NamedTuple):
    """What waits for a rider: parcels (int64 rows) of one zone, from a front warehouse or not."""

    instant: bool
    zone: int
    rows: np.ndarray


#: A rider's life: wait for a round, ride it, come back.
Rider = Generator[simpy.Event, tuple[Round, int, float, int, bool], None]


class Crew:
    """Riders of one district: SimPy processes that wait for rounds, with shifts and two queues.

    Parameters
    ----------
    env : simpy.Environment
    plan : tuple of Shift
    day_ticks, last_standard : int
        Ticks per day; tick of the day after which no standard round leaves.
    rider : callable
        Makes the process of one rider of this crew.

    Attributes
    ----------
    busy : int
        Riders on the road for us.
    instant, standard : list
        Rounds that wait, as heaps of (key, round).
    """

    def __init__(
        self,
        env: simpy.Environment,
        plan: tuple[Shift, ...],
        day_ticks: int,
        last_standard: int,
        rider: Callable[[Crew], Rider],
    ) -> None:
        self.env = env
        self.day_ticks = day_ticks
        self.per_minute = day_ticks // 1440
        self.busy = 0
        self.instant: list[tuple[tuple[int, ...], Round]] = []
        self.standard: list[tuple[tuple[int, ...], Round]] = []
        self._rider = rider
        self._hired = 0
        self._idle: list[simpy.Event] = []
        self._coming: list[tuple[int, tuple[int, ...], Round]] = []
        self._due: set[int] = set()
        self._at_hand = (-1, 0)
        self._opened = -1
        self.set_plan(plan, last_standard)

    def set_plan(self, plan: tuple[Shift, ...], last_standard: int) -> None:
        """Put other shifts in force; those riding ride on."""
        self.plan = plan
        self.last_standard = last_standard
        self._alarm = -1
        self._ticks = [(s.start * self.per_minute, s.end * self.per_minute, s) for s in plan]
        while self._hired < max(s.riders for s in plan):
            self._hired += 1
            self.env.process(self._rider(self))
        self._grant_at(int(self.env.now))

    def shift_at(self, tick: int) -> Shift | None:
        """The shift on duty at ``tick``, or None."""
        of_day = tick % self.day_ticks
        for start, end, shift in self._ticks:
            if start <= of_day < end or start <= of_day + self.day_ticks < end:
                return shift
        return None

    def call(self, carried: Round, key: tuple[int, ...], at: int) -> None:
        """Ask for a rider from tick ``at`` on (not in the past).

        ``key`` (when, where, which) orders those who wait, and is unique.
        """
        heappush(self._coming, (at, key, carried))
        self._grant_at(at)

    def wait(self) -> simpy.Event:
        """A rider is free; the event brings the next round, its tick and the share of time that is ours.

        And how many riders are idle, and whether one of them is surely at hand.
        """
        event = simpy.Event(self.env)
        self._idle.append(event)
        return event

    def waiting(self) -> list[np.ndarray]:
        """Rows of the rounds that have called for a rider and have none yet."""
        called = [carried for _, _, carried in self._coming]
        return [r.rows for r in called + [carried for _, carried in self.instant + self.standard]]

    def release(self, at_hand: bool) -> None:
        """A rider is back, who cannot have been sold yet if he is ``at_hand``."""
        self.busy -= 1
        now = int(self.env.now)
        tick, number = self._at_hand
        self._at_hand = (now, (number if tick == now else 0) + at_hand)
        if self.instant or self.standard:
            self._grant_at(int(self.env.now))

    def _grant_at(self, tick: int) -> None:
        """Grant at the end of ``tick``, once, however many ask."""
        if tick in self._due:
            return
        self._due.add(tick)
        event = simpy.Event(self.env)
        event._ok, event._value = True, None
        event.callbacks.append(self._grant)
        self.env.schedule(event, LATE, tick - self.env.now)

    def _grant(self, _: simpy.Event) -> None:
        """Everything else of this tick has happened: let rounds start in the order of their keys."""
        now = int(self.env.now)
        self._due.discard(now)
        coming = self._coming
        while coming and coming[0][0] <= now:
            _at, key, carried = heappop(coming)
            heappush(self.instant if carried.instant else self.standard, (key, carried))
        shift = self.shift_at(now)
        if shift is not None:
            while self.instant and self.busy < shift.riders:
                self._start(heappop(self.instant)[1], now, shift)
            if self.standard and self._ticks[0][0] <= now % self.day_ticks < self.last_standard:
                while self.standard and self.busy < shift.riders - shift.guard:
                    self._start(heappop(self.standard)[1], now, shift)
        if (self.instant or self.standard) and self._alarm <= now:
            self._alarm = self._next_start(now)
            self._grant_at(self._alarm)

    def _start(self, carried: Round, now: int, shift: Shift) -> None:
        """A rider sets out now: resumed within this event, which saves one per round."""
        tick, number = self._at_hand
        number = number if tick == now else 0
        if now % self.day_ticks == shift.start * self.per_minute and self._opened != now:
            self._opened, number = now, shift.riders
        idle = shift.riders - self.busy
        self._at_hand = (now, max(0, number - 1))
        self.busy += 1
        event = self._idle.pop()
        event._ok, event._value = True, (carried, now, shift.presence, idle, number > 0)
        callbacks, event.callbacks = event.callbacks, None
        for resume in callbacks:
            resume(event)

    def _next_start(self, now: int) -> int:
        """Next tick at which a shift begins."""
        of_day = now % self.day_ticks
        starts = [start if start > of_day else start + self.day_ticks for start, _, _ in self._ticks]
        return now - of_day + min(starts)
