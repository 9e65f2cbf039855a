"""The course of a plan: which stage is in force, and what its gates decide."""

from __future__ import annotations

import math
from datetime import date

from sim.config import Config
from sim.core.clock import MINUTES_PER_DAY
from sim.levers import levers_of, with_levers
from sim.operator.stages import STOPPED, GateParams, stage_end
from sim.world.observed import total
from sim.world.world import World


class Course:
    """Takes a market through the stages of its strategy, day by day.

    Parameters
    ----------
    config : Config
        The strategy with its plan.
    baseline : Config
        The strategy that is in force once a gate has stopped the plan.
    first_day : int
        Absolute first measured day.
    """

    def __init__(self, config: Config, baseline: Config, first_day: int) -> None:
        self.stages = config.plan.listed()
        self.configs = [with_levers(config, stage.levers) for _, stage in self.stages]
        self.baseline = levers_of(config, baseline)
        self.opening: Config = self.configs[0] if self.configs else config
        self.start: date = config.calendar.first
        self.days: int = config.experiment.days
        self.first_day = first_day
        self.at = -1
        self.began = 0
        self.over = False

    def morning(self, world: World) -> Config | None:
        """What is in force today, once the gates that are due have been asked; None: nothing changes."""
        if not self.stages or self.over:
            return None
        today = world.day - self.first_day
        if self.at < 0:
            return self._enter(world, 0, today)
        decided = None
        while not self.over and (end := self._end()) >= 0 and today >= end:
            decision = self._ask(world, today - end)
            if decision == "waits":
                return decided
            if decision == "stops":
                return self._stop(world)
            if self.at + 1 == len(self.stages):
                self.over = True
                return decided
            decided = self._enter(world, self.at + 1, today)
        return decided

    def close(self, world: World) -> Config:
        """The baseline from today on, because the window is over; no gate is asked any more."""
        self.over = True
        world.stage.name, world.stage.release, world.stage.held_fen = "", 1.0, 0
        return self.baseline

    def _end(self) -> int:
        return stage_end(self.stages[self.at][1], self.start, self.days, self.began)

    def _enter(self, world: World, at: int, today: int) -> Config:
        self.at, self.began = at, today
        name, stage = self.stages[at]
        world.stage.name, world.stage.release = name, stage.release
        self._record(world, "begins")
        return self.configs[at]

    def _stop(self, world: World) -> Config:
        """The baseline from today on; what was held back stays unspent."""
        self.over = True
        world.stage.name, world.stage.release = STOPPED, 1.0
        return self.baseline

    def _ask(self, world: World, waited: int) -> str:
        """What the gate at the end of the stage in force decides this morning."""
        gate = self.stages[self.at][1].gate
        if self._end() <= self.began:  # an earlier gate has waited beyond its last day
            self._record(world, "is passed over")
            return "goes on"
        if not gate.figure:
            return "goes on"
        value = self._value(world, gate)
        passed = value <= gate.value if gate.rule == "at_most" else value >= gate.value  # nan never passes
        decision = "goes on" if passed else "waits" if waited < gate.wait else "stops"
        self._record(world, decision, gate, value)
        return decision

    def _value(self, world: World, gate: GateParams) -> float:
        """The figure over the last days that can be seen, of those of the stage; nan = unclear."""
        entered = (self.first_day + self.began) * MINUTES_PER_DAY
        seen = world.observed.seen(gate.figure, world.clock.midnight, gate.over)
        seen = [reading for reading in seen if reading.minute > entered]
        over, per = float(total(seen, "over").sum()), float(total(seen, "per").sum())
        return over / per if per > 0.0 else math.nan

    def _record(
        self, world: World, event: str, gate: GateParams | None = None, value: float = math.nan
    ) -> None:
        world.records.stages.append(
            day=world.day,
            stage=world.stage.name,
            event=event,
            figure=gate.figure if gate else "",
            value=value,
            threshold=gate.value if gate else math.nan,
        )
