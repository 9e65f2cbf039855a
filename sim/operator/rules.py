"""Rules: one mechanism looks at every monitor and runs every response, at the start of any daypart.

A monitor that fires is seen, read, decided on and acted upon; each step takes its time and is a row of the
table ``answers`` on the minute at which it is taken. In force, a response overrides levers and costs money;
after its days it ends, or is prolonged and paid anew while its monitor is still on.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from sim.core.clock import MINUTES_PER_DAY
from sim.core.ledger import to_fen
from sim.core.rng import Draw
from sim.mechanism import Phase
from sim.operator.judging import Usual, Verdict, judge, usual
from sim.rules import MonitorParams, PoolResponseParams, ResponseParams
from sim.world.answers import Answer, Step
from sim.world.observed import USUAL_DAYS
from sim.world.schema import Spend
from sim.world.world import World


@dataclass
class Watch:
    """A monitor in force: its name, the figure, its numbers, and how many parts the figure has."""

    name: str
    figure: str
    params: MonitorParams
    parts: int
    usually: Usual | None = None
    known: bool = False


@dataclass(frozen=True)
class Reply:
    """A response in force: its name, the monitor it answers, its numbers, the levers it sets, whose hours."""

    name: str
    to: str
    params: ResponseParams
    levers: Mapping[str, Any] = field(default_factory=dict)
    pool: str = ""


class Rules:
    """Looks at monitors and takes responses from being seen to their end."""

    name = "rules"
    phase = Phase.STEER
    reads = frozenset({"observed~", "operator.allowance"})
    writes = frozenset({"answers", "records.answers", "records.spend", "ledger"})

    def __init__(
        self, watches: Sequence[Watch], replies: Sequence[Reply], days: tuple[int, int], every_daypart: bool
    ) -> None:
        """``days``: end of the days that show what is usual, and first day on which rules are in force."""
        self.watches, self.replies = list(watches), list(replies)
        self.usual_end, self.first_day = days
        self.every_daypart = every_daypart
        if any(reply.pool for reply in replies):
            self.reads = self.reads | {"teams"}
            self.writes = self.writes | {"teams"}

    def act(self, world: World, draw: Draw) -> None:
        """Look, end what is over, and take every open answer as far as it has come."""
        if world.day < self.first_day:
            return
        now, open_ = world.clock.start, world.answers.open
        if world.clock.daypart == 0 or self.every_daypart:
            for watch in self.watches:
                self._look(world, draw, watch)
        for answer in [one for one in open_ if one.step is Step.ACTED and one.ends <= now]:
            self._end(world, answer)
        for answer in list(open_):
            if answer.step is Step.SEEN and answer.decided <= now:
                _step(world, answer, Step.DECIDED)
            if answer.step is Step.DECIDED and answer.acts <= now:
                self._begin(world, answer)
            elif answer.step is Step.ACTED and now >= answer.began + answer.paid_days * MINUTES_PER_DAY:
                self._pay(world, answer, answer.params.daily_cost)

    def _look(self, world: World, draw: Draw, watch: Watch) -> None:
        """One monitor: on when it fires, off when it is calm; while it is on, it wants an answer."""
        now, on = world.clock.start, world.answers.on
        if not watch.known:
            end = self.usual_end * MINUTES_PER_DAY
            before = world.observed.between(watch.figure, end - USUAL_DAYS * MINUTES_PER_DAY, end)
            watch.usually, watch.known = usual(watch.params, before, watch.parts), True
        seen = world.observed.seen(watch.figure, now, watch.params.window)
        looks = 5 if self.every_daypart else 1
        verdict = judge(watch.params, seen, watch.usually, looks)
        if verdict.fires:
            on.add(watch.name)
        elif verdict.calm:
            on.discard(watch.name)
        if watch.name not in on:
            return
        busy = {answer.response for answer in world.answers.open}
        for reply in self.replies:
            if reply.to == watch.name and reply.name not in busy:
                self._see(world, draw, watch, reply, verdict)

    def _see(self, world: World, draw: Draw, watch: Watch, reply: Reply, verdict: Verdict) -> None:
        """A new answer, with the time at which it will be decided and in force."""
        now, p, desk = world.clock.start, reply.params, world.answers
        read = now + round(60.0 * p.read_hours)
        if reply.pool:
            tasks = p.tasks if isinstance(p, PoolResponseParams) else 1
            ids = desk.number * 100_000 + np.arange(tasks)
            work = world.teams[reply.pool].work(draw, ids, np.full(tasks, now), waits=True)
            read = int(max(now, work.end.max(initial=now)))
        decided = read + round(60.0 * p.decide_hours)
        acts = decided + round(60.0 * p.act_hours)
        found = (verdict.part, verdict.level, verdict.reference)
        answer = Answer(
            desk.number, watch.name, reply.name, *found, decided, acts, acts, dict(reply.levers), p
        )
        desk.number += 1
        desk.open.append(answer)
        _step(world, answer, Step.SEEN)

    def _end(self, world: World, answer: Answer) -> None:
        """Its days are over; while its monitor is on it is prolonged, without being thought about anew."""
        _step(world, answer, Step.ENDED)
        if answer.monitor in world.answers.on:
            now, number = world.clock.start, world.answers.number
            again = replace(answer, number=number, decided=now, acts=now, paid_days=0, paid_fen=0)
            world.answers.number += 1
            world.answers.open.append(again)
            _step(world, again, Step.SEEN)

    def _begin(self, world: World, answer: Answer) -> None:
        """Put it in force from this daypart on, if there is money for it."""
        params, now = answer.params, world.clock.start
        each = params.cost + params.daily_cost
        if not world.affords(Spend.RESPONSE, to_fen(each * len(world.people) / 1000.0)):
            _step(world, answer, Step.UNPAID)
            return
        self._pay(world, answer, each)
        answer.began, answer.ends = now, now + round(params.days * MINUTES_PER_DAY)
        _step(world, answer, Step.ACTED)

    def _pay(self, world: World, answer: Answer, each: float) -> None:
        """Pay so much per 1,000 consumers, which covers a further day."""
        fen = to_fen(each * len(world.people) / 1000.0)
        world.spend(Spend.RESPONSE, fen)
        answer.paid_fen += fen
        answer.paid_days += 1


def keep_to(world: World, replies: Sequence[Reply]) -> None:
    """Let what is open follow a strategy that has come into force.

    A response that the strategy has too goes on as the strategy has it; one that it has not ends, with its
    monitor.

    Parameters
    ----------
    world : World
        Its answers are changed in place.
    replies : sequence of Reply
        Responses of the strategy.
    """
    known = {reply.name: reply for reply in replies}
    for answer in list(world.answers.open):
        if answer.response in known:
            answer.levers = dict(known[answer.response].levers)
        else:
            _step(world, answer, Step.ENDED)
    world.answers.on &= {reply.to for reply in replies}


def _step(world: World, answer: Answer, step: Step) -> None:
    """Take a step and record it; what has ended or cannot be paid leaves the desk."""
    answer.step = step
    if step in (Step.ENDED, Step.UNPAID):
        world.answers.open.remove(answer)
    world.records.answers.append(
        day=world.day,
        minute=world.clock.start,
        answer=answer.number,
        monitor=answer.monitor,
        response=answer.response,
        step=int(step),
        part=answer.part,
        level=answer.level,
        reference=answer.reference,
        paid_fen=answer.paid_fen,
    )


class ReviewIntensity:
    """Sets the share of invited accounts that is reviewed."""

    name = "review_intensity"
    phase = Phase.DECIDE
    reads = frozenset[str]()
    writes = frozenset({"operator.review_intensity"})

    def __init__(self, review: float) -> None:
        self.review = review

    def act(self, world: World, draw: Draw) -> None:
        """As the strategy in force has it, with whatever a response overrides."""
        world.operator.review_intensity = self.review
