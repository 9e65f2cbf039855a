"""Public opinion: bad news that spreads by itself and ends, and what a firm may do about it.

A scandal is heard from the press, and a complaint that nobody answers is told by whoever made it. From then
on acquaintances tell each other, faster than praise travels, because whoever hears it may tell it on; praise
goes one step (``trust.word_of_mouth``). Information against it makes people tell it less, for money and with
diminishing effect. People at a desk answer complaints one at a time and pay a compensation: who is answered
in time trusts again and does not tell.
"""

from __future__ import annotations

import math
from typing import Any, ClassVar, cast

import numpy as np

from sim.core.fields import fields_of
from sim.core.ledger import to_fen
from sim.core.lookup import distinct
from sim.core.params import Params, constant, lever, uncertainty
from sim.core.rng import Draw, keyed_uniforms
from sim.feature import Feature, Figure, act
from sim.mechanism import Phase
from sim.social.rumour import (
    HEARD,
    TELLS,
    TELLS_COMPLAINT,
    UNAWARE,
    Minds,
    Telling,
    Ties,
    forget,
    hear,
    told,
)
from sim.stations.pool import Pool, PoolParams
from sim.world.kinds import Purpose
from sim.world.people import Column
from sim.world.world import World

#: The condition that a scandal moves, and the pool that answers complaints.
SCANDAL, DESK = "scandal", "opinion_desk"
PRESS, COMPLAINT, TOLD = range(3)


class OpinionParams(Params):
    """Bad news, and the answer to it."""

    enabled: bool = constant(False, "switch", "S072")
    """Bad news spreads in this world, whatever the strategy; a shock of the kind ``scandal`` switches it on
    as well. What the operator does about it are the levers."""

    press: float = uncertainty(
        0.05, "share of people/day", "A-1090", ge=0, le=1, span=(0.01, 0.2), scope="strategy"
    )
    """People who hear of a scandal of size 1 from the press on one day."""

    tells: float = uncertainty(0.5, "chance", "A-1091", ge=0, le=1, span=(0.2, 0.8), scope="strategy")
    """Complaints without an answer that become a story."""

    strong: float = uncertainty(
        0.2, "chance/tie/day", "A-1092", ge=0, le=1, span=(0.05, 0.4), scope="strategy"
    )
    """A carrier tells a close acquaintance."""

    weak: float = uncertainty(
        0.06, "chance/tie/day", "A-1093", ge=0, le=1, span=(0.01, 0.15), scope="strategy"
    )
    """A carrier tells a distant one."""

    passes: float = uncertainty(0.5, "chance", "A-1094", ge=0, le=1, span=(0.2, 0.8), scope="strategy")
    """Who hears of a scandal carries it on."""

    passes_complaint: float = uncertainty(
        0.1, "chance", "A-1105", ge=0, le=1, span=(0.02, 0.3), scope="strategy"
    )
    """Who hears of somebody's complaint carries it on: it concerns few."""

    tell_days: float = uncertainty(3.0, "days", "A-1095", ge=1, le=90, span=(1.5, 7), scope="strategy")
    """Mean time for which somebody carries it."""

    age_days: float = uncertainty(14.0, "days", "A-1096", ge=1, le=365, span=(7, 30), scope="strategy")
    """Time constant with which a story gets old: it is told less, whoever carries it."""

    immune_days: float = constant(60.0, "days", "A-1097", ge=1, le=3650, scope="strategy")
    """Days for which nobody hears it anew."""

    hit: float = uncertainty(0.4, "share of the gap", "A-1098", ge=0, le=1, span=(0.2, 0.7), scope="strategy")
    """Trust lost by whoever hears it."""

    bad: float = uncertainty(
        0.10, "0..1", "A-1099; as trust.bad", ge=0, le=1, span=(0.0, 0.3), scope="strategy"
    )
    """Trust that the story suggests; who trusts less is not moved."""

    hedging: float = lever(0.0, "CNY/1,000 people/day", "S072; F111", ge=0, le=1000, span=(0, 20))
    """Information against the story, bought while anybody carries it."""

    hedging_enough: float = uncertainty(
        8.0, "CNY/1,000 people/day", "A-1100", ge=0.1, le=1000, span=(3, 30), scope="strategy"
    )
    """Spending at which two thirds of its effect are reached."""

    hedging_most: float = uncertainty(0.7, "share", "A-1101", ge=0, le=1, span=(0.3, 0.9), scope="strategy")
    """Telling that no spending can do more than prevent."""

    compensation: float = lever(0.0, "CNY/complaint", "S071; F093", ge=0, le=1000, span=(0, 60))
    """Paid with an answer in time."""

    compensation_enough: float = uncertainty(
        15.0, "CNY/complaint", "A-1102", ge=0.1, le=1000, span=(5, 50), scope="strategy"
    )
    """Compensation at which two thirds of what it can add are reached."""

    answer: float = uncertainty(0.4, "share", "A-1103", ge=0, le=1, span=(0.2, 0.6), scope="strategy")
    """What an answer in time repairs without money: of trust, as a share of the gap to ``repaired``, and of
    the wish to tell. Compensation adds to it up to all."""

    repaired: float = uncertainty(0.6, "0..1", "A-1104", ge=0, le=1, span=(0.5, 0.85), scope="strategy")
    """Trust of somebody whose complaint was answered well."""

    desk: PoolParams = PoolParams(staff=0.0, minutes=15.0, patience=24.0)
    """People who answer complaints."""


class Opinion(Feature):
    """Bad news, information against it, and answers to complaints (S067, S071, S072)."""

    section = "opinion"
    Params = OpinionParams
    world = True
    columns: ClassVar = {
        "opinion_state": Column(
            "int8",
            "bad news: 0 not heard of late, 1 tells a scandal, 2 has heard, 3 tells a complaint",
            start=0,
        ),
        "opinion_since": Column("int32", "absolute day of hearing", start=0),
        "opinion_born": Column("int32", "absolute day on which the story was born", start=0),
    }
    events: ClassVar = {
        "opinion_heard": {
            "day": ("int32", "absolute day"),
            "person": ("int64", "stable id of who hears it"),
            "teller": ("int64", "stable id of who tells it, -1 for the press and for one's own complaint"),
            "cause": ("int8", "0 press, 1 own complaint, 2 told"),
        },
        "opinion_complaints": {
            "day": ("int32", "absolute day"),
            "person": ("int64", "stable id"),
            "order_id": ("int64", "order"),
            "answered": ("bool", "in time"),
            "waited_hours": ("float64", "until somebody began to answer; nan = given up"),
            "fen": ("int64", "compensation"),
        },
    }
    figures = (
        Figure(
            "opinion_hearings",
            "Bad news heard, for each visit",
            "hearings/visit",
            over=lambda t: np.ones(len(t["opinion_heard"]["day"])),
            per=lambda t: np.ones(len(t["visits"]["day"])),
        ),
        Figure(
            "opinion_answered",
            "Complaints answered in time",
            "share",
            over=lambda t: t["opinion_complaints"]["answered"],
            per=lambda t: np.ones(len(t["opinion_complaints"]["day"])),
        ),
    )
    declares = (
        Purpose("opinion_cost", "Information against bad news, compensations, and people who answer."),
        Pool(DESK, "Answer complaints.", "desk", "opinion_cost", used=lambda p: p.desk.staff > 0),
    )

    @classmethod
    def on(cls, config: Any) -> bool:
        """Switched on, or there is a scandal."""
        scandals = (SCANDAL in one.moves for one in config.shock.listed().values())
        return bool(config.section(cls.section).enabled or any(scandals))

    def _telling(self, hedged: float = 0.0) -> Telling:
        """Rates of a day on which a share of telling is prevented."""
        p = self.params
        return Telling(
            strong=p.strong * (1.0 - hedged),
            weak=p.weak * (1.0 - hedged),
            age_days=p.age_days,
            stops=1.0 / p.tell_days,
            immune_days=p.immune_days,
            hit=p.hit,
            bad=p.bad,
        )

    @act(
        Phase.MEASURE,
        reads=[
            "records.deliveries",
            "people.id",
            "people.trust",
            "people.opinion_state",
            "teams",
            "operator.allowance",
        ],
        writes=[
            "people.trust",
            "people.opinion_state",
            "people.opinion_since",
            "people.opinion_born",
            "records.opinion_complaints",
            "records.opinion_heard",
            "records.spend",
            "ledger",
            "teams",
        ],
    )
    def complain(self, world: World, draw: Draw) -> None:
        """Answer today's complaints as far as there are people; others may become a story."""
        p, people, done = self.params, world.people, world.records.deliveries
        rows = np.flatnonzero(done.today("complaint"))
        ids, person, minute = (done.today(name)[rows] for name in ("order_id", "person", "minute"))
        seats = world.seats_of(person)
        ids, person, minute, seats = (x[seats >= 0] for x in (ids, person, minute, seats))
        if not len(ids):
            return
        answered, waited = np.zeros(len(ids), np.bool_), np.full(len(ids), np.nan)
        if DESK in world.teams and p.desk.staff > 0:
            work = world.teams[DESK].work(draw, ids, minute)
            answered, waited = work.done, work.waited / 60.0
        fen, share = self._compensate(world, answered)
        gap = np.where(answered, share, 0.0) * np.maximum(0.0, p.repaired - people.trust[seats])
        # of two answers on one day the better one counts, so that trust ends at ``repaired`` at most
        np.maximum.at(people.trust, seats, people.trust[seats] + gap.astype(people.trust.dtype))
        cast("Any", world.records).opinion_complaints.append(
            day=world.day, person=person, order_id=ids, answered=answered, waited_hours=waited, fen=fen
        )
        wish = p.tells * np.where(answered, 1.0 - share, 1.0)
        angry = (keyed_uniforms(draw("opinion.tells"), ids, 0) < wish) & (
            people.opinion_state[seats] == UNAWARE
        )
        self._hear(world, distinct(seats[angry]), COMPLAINT)

    def _compensate(self, world: World, answered: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Compensation of each complaint, int64 fen, if there is money; share that its answer repairs."""
        p, number = self.params, int(answered.sum())
        each = to_fen(p.compensation)
        paid = answered & (each > 0) & world.affords("opinion_cost", each * number)
        world.spend("opinion_cost", each * int(paid.sum()))
        with_money = p.answer + (1.0 - p.answer) * (1.0 - math.exp(-p.compensation / p.compensation_enough))
        return each * paid.astype(np.int64), np.where(paid, with_money, p.answer)

    @act(
        Phase.MEASURE,
        reads=[
            "people.id",
            "people.trust",
            "people.opinion_state",
            "people.opinion_since",
            "people.opinion_born",
            "conditions.scandal",
            "graph",
            "operator.allowance",
        ],
        writes=[
            "people.trust",
            "people.opinion_state",
            "people.opinion_since",
            "people.opinion_born",
            "records.opinion_heard",
            "records.spend",
            "ledger",
        ],
    )
    def spread(self, world: World, draw: Draw) -> None:
        """Let carriers tell their acquaintances, and the press whoever reads it."""
        p, people, graph = self.params, world.people, world.graph
        minds = fields_of(Minds, people)
        if forget(draw("opinion.stops"), world.day, minds, self._telling()):
            ties, telling = fields_of(Ties, graph), self._telling(self._hedged(world))
            seats, tellers, born = told(draw("opinion.told"), world.day, ties, minds, telling)
            self._hear(world, seats, TOLD, tellers, born, draw)
        if world.conditions.scandal > 0.0:
            read = keyed_uniforms(draw("opinion.press"), people.id, 0) < p.press * world.conditions.scandal
            self._hear(world, np.flatnonzero(read & (people.opinion_state == UNAWARE)), PRESS, draw=draw)

    def _hedged(self, world: World) -> float:
        """Share of telling that today's information prevents, if it can be paid."""
        p = self.params
        fen = to_fen(p.hedging * len(world.people) / 1000.0)
        if fen == 0 or not world.affords("opinion_cost", fen):
            return 0.0
        world.spend("opinion_cost", fen)
        return float(p.hedging_most * (1.0 - math.exp(-p.hedging / p.hedging_enough)))

    def _hear(
        self,
        world: World,
        seats: np.ndarray,
        cause: int,
        tellers: np.ndarray | None = None,
        born: np.ndarray | None = None,
        draw: Draw | None = None,
    ) -> None:
        """Record who hears it and let them; who complained tells it, others by chance."""
        people = world.people
        if not len(seats):
            return
        births = np.full(len(seats), world.day, np.int64) if born is None else born
        story = self._stories(world, cause, tellers, len(seats))
        chance = np.where(story == TELLS, self.params.passes, self.params.passes_complaint)
        passes = np.ones(len(seats), np.bool_)
        if draw is not None:
            passes = keyed_uniforms(draw("opinion.passes"), people.id[seats], 0) < chance
        states = np.where(passes, story, HEARD)
        cast("Any", world.records).opinion_heard.append(
            day=world.day,
            person=people.id[seats],
            teller=-1 if tellers is None else people.id[tellers],
            cause=cause,
        )
        hear(seats, states, births, world.day, fields_of(Minds, people), self._telling())

    def _stories(self, world: World, cause: int, tellers: np.ndarray | None, n: int) -> np.ndarray:
        """int8[n]: which story each hears; whoever is told hears the teller's."""
        if tellers is not None:
            found: np.ndarray = world.people.opinion_state[tellers]
            return found
        return np.full(n, TELLS_COMPLAINT if cause == COMPLAINT else TELLS, np.int8)
