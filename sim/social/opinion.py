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
from sim.core.rng import Draw, keyed_uniforms
from sim.feature import Feature, Figure, Tables, act
from sim.mechanism import Phase
from sim.social.listening import NO_POSTS, POSTS, Posts, read
from sim.social.opinion_params import OpinionParams
from sim.social.readiness import READINESS, answering, cost, delay, due, ready_at, remembered
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
from sim.stations.pool import Pool, Team
from sim.world.kinds import Purpose
from sim.world.people import Column
from sim.world.world import World

#: The condition that a scandal moves, and the pool that answers complaints.
SCANDAL, DESK = "scandal", "opinion_desk"
PRESS, COMPLAINT, TOLD = range(3)


def _begins(tables: Tables) -> np.ndarray:
    """float64[n]: 1 on the first day of a crisis, 0 on its others."""
    crises = tables["opinion_crises"]
    begins: np.ndarray = (crises["day"] == crises["first"]).astype(np.float64)
    return begins


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
        "opinion_answered": Column("int32", "absolute day on which a post was answered", start=-1),
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
        **POSTS,
        **READINESS,
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
        Figure(
            "opinion_delay",
            "From the news of a crisis to the first answer",
            "hours",
            over=lambda t: t["opinion_crises"]["delay_hours"] * _begins(t),
            per=lambda t: _begins(t),
        ),
        Figure(
            "opinion_found",
            "Bad posts that the machine found",
            "share",
            over=lambda t: t["opinion_posts"]["found"],
            per=lambda t: t["opinion_posts"]["bad"],
        ),
        Figure(
            "opinion_false_alarms",
            "Harmless posts among what the machine found",
            "share",
            over=lambda t: t["opinion_posts"]["false_alarms"],
            per=lambda t: t["opinion_posts"]["false_alarms"] + t["opinion_posts"]["found"],
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
            "conditions.scandal",
            "records.opinion_rehearsals",
            "records.opinion_crises",
            "teams",
            "teams#hosts",
            "operator.allowance",
        ],
        writes=[
            "records.opinion_rehearsals",
            "records.opinion_crises",
            "records.spend",
            "ledger",
            "teams",
        ],
    )
    def make_ready(self, world: World, draw: Draw) -> None:
        """Rehearse on quiet days; in a crisis nobody at the desk begins before the firm is ready."""
        records, team = cast("Any", world.records), world.teams.get(DESK)
        if world.conditions.scandal <= 0.0:
            self._rehearse(world, team)
            return
        crises, p = records.opinion_crises, self.params.readiness
        if len(crises) and crises["day"][-1] == world.day - 1:
            first, practice, hours = (crises[name][-1] for name in ("first", "practice", "delay_hours"))
        else:
            held = records.opinion_rehearsals
            begun = crises["day"][crises["day"] == crises["first"]]
            practised = np.concatenate((np.repeat(held["day"], held["number"]), begun))
            first, practice = world.day, remembered(practised, world.day, p.memory_days)
            hours = delay(p, practice)
        records.opinion_crises.append(day=world.day, first=first, practice=practice, delay_hours=hours)
        if team is not None:
            team.hold(ready_at(int(first), float(hours)))

    def _rehearse(self, world: World, team: Team | None) -> None:
        """Pay everybody at the desk for the rehearsals of today, if there is money."""
        p, number = self.params, due(world.day, self.params.readiness.rehearsals)
        if team is None or not len(team) or not number:
            return
        fen = to_fen(number * cost(p.readiness, p.desk, team))
        if world.affords("opinion_cost", fen):
            world.spend("opinion_cost", fen)
            cast("Any", world.records).opinion_rehearsals.append(day=world.day, number=number, fen=fen)

    def _answering(self, world: World) -> float:
        """Share of today on which the firm can say something."""
        crises = cast("Any", world.records).opinion_crises
        if not len(crises):
            return 1.0
        return answering(world.day, ready_at(int(crises["first"][-1]), float(crises["delay_hours"][-1])))

    @act(
        Phase.MEASURE,
        reads=[
            "records.deliveries",
            "people.id",
            "people.trust",
            "people.opinion_state",
            "people.opinion_since",
            "people.opinion_answered",
            "teams",
            "teams#hosts",
            "operator.allowance",
        ],
        writes=[
            "people.trust",
            "people.opinion_state",
            "people.opinion_since",
            "people.opinion_born",
            "people.opinion_answered",
            "records.opinion_complaints",
            "records.opinion_posts",
            "records.opinion_heard",
            "records.spend",
            "ledger",
            "teams",
        ],
    )
    def complain(self, world: World, draw: Draw) -> None:
        """Answer today's complaints and posts as far as there are people; others may become a story."""
        p, people, done = self.params, world.people, world.records.deliveries
        rows = np.flatnonzero(done.today("complaint"))
        ids, person, minute = (done.today(name)[rows] for name in ("order_id", "person", "minute"))
        seats = world.seats_of(person)
        ids, person, minute, seats = (x[seats >= 0] for x in (ids, person, minute, seats))
        posts = self._listen(world, draw)
        answered, waited = self._at_desk(world, draw, ids, minute, posts)
        self._reply(world, draw, posts, answered[len(ids) :])
        answered, waited = answered[: len(ids)], waited[: len(ids)]
        if not len(ids):
            return
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

    def _at_desk(
        self, world: World, draw: Draw, ids: np.ndarray, minute: np.ndarray, posts: Posts
    ) -> tuple[np.ndarray, np.ndarray]:
        """Whether complaints, and then posts that the machine found, are answered; hours until they are."""
        found = posts.seats[posts.found]
        tasks = np.concatenate((ids, -1 - world.people.id[found]))  # no order has such an id
        if DESK not in world.teams or self.params.desk.staff <= 0:
            return np.zeros(len(tasks), np.bool_), np.full(len(tasks), np.nan)
        work = world.teams[DESK].work(draw, tasks, np.concatenate((minute, posts.minute[posts.found])))
        return work.done, work.waited / 60.0

    def _listen(self, world: World, draw: Draw) -> Posts:
        """Let the machine read today's posts, if that can be paid."""
        p, people = self.params.listening, world.people
        if p.read == 0.0:
            return NO_POSTS
        posts = read(draw, world.day, people.id, people.opinion_state, p)
        fen = to_fen(p.cost * len(posts.seats))
        if not world.affords("opinion_cost", fen):
            return NO_POSTS
        world.spend("opinion_cost", fen)
        return posts

    def _reply(self, world: World, draw: Draw, posts: Posts, answered: np.ndarray) -> None:
        """Whoever posted bad news and is answered trusts again and may stop telling it, once a story."""
        people, p = world.people, self.params
        if not len(posts.seats):
            return
        seats = posts.seats[posts.found][answered & posts.bad[posts.found]]
        seats = seats[people.opinion_answered[seats] < people.opinion_since[seats]]
        gap = np.maximum(0.0, p.repaired - people.trust[seats])
        people.trust[seats] += (p.answer * gap).astype(people.trust.dtype)
        stops = keyed_uniforms(draw("opinion.stops_when_answered"), people.id[seats], 0) < p.answer
        people.opinion_state[seats[stops]] = HEARD
        people.opinion_answered[seats] = world.day
        cast("Any", world.records).opinion_posts.append(
            day=world.day,
            read=len(posts.seats),
            bad=int(posts.bad.sum()),
            found=int((posts.bad & posts.found).sum()),
            false_alarms=int((~posts.bad & posts.found).sum()),
            answered=int(answered.sum()),
            stopped=int(stops.sum()),
        )

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
            "records.opinion_crises",
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
        p, part = self.params, self._answering(world)
        fen = to_fen(part * p.hedging * len(world.people) / 1000.0)
        if fen == 0 or not world.affords("opinion_cost", fen):
            return 0.0
        world.spend("opinion_cost", fen)
        return float(part * p.hedging_most * (1.0 - math.exp(-p.hedging / p.hedging_enough)))

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
