"""The private domain in three levels: a service account, an adviser's contact, and a group.

Visitors may follow the service account whether they bought or not; buyers may be taken on by an adviser, and
who needs to belong may join a group. Each level has its messages, some of which bring a visit and each of
which may make somebody leave. Advisers talk to one customer at a time: who asks waits in a queue, and advice
that comes too late is none. Challenges bring people of groups back, the less the more often they are held.
"""

from __future__ import annotations

import math
from typing import Any, ClassVar, cast

import numpy as np

from sim.core.ledger import to_fen
from sim.core.lookup import distinct
from sim.core.params import Params, constant, lever, uncertainty
from sim.core.rng import Draw, keyed_uniforms
from sim.feature import Feature, Figure, Moment, act
from sim.mechanism import Mechanism, Phase
from sim.stations.pool import Pool, PoolParams
from sim.world.kinds import Purpose, VisitSource
from sim.world.money import affordable
from sim.world.people import Column
from sim.world.touches import send
from sim.world.world import World

#: Levels of a person.
OUTSIDE, ACCOUNT, ADVISER, GROUP = range(4)
ADVISERS = "community_advisers"


class CommunityParams(Params):
    """Three levels, their messages, advisers and challenges."""

    enabled: bool = lever(False, "switch", "S028")
    """The private domain has three levels."""

    join_visit: float = uncertainty(
        0.03, "chance/visit", "A-1110", ge=0, le=1, span=(0.01, 0.08), scope="strategy"
    )
    """Visitors who do not buy and follow the service account."""

    join_order: float = uncertainty(
        0.30, "chance/order", "A-1111", ge=0, le=1, span=(0.15, 0.6), scope="strategy"
    )
    """Buyers who do."""

    promote: float = uncertainty(
        0.35, "chance/order", "A-1112", ge=0, le=1, span=(0.15, 0.6), scope="strategy"
    )
    """Followers who are taken on by an adviser after an order."""

    join_group: float = uncertainty(
        0.25, "chance/order", "A-1113", ge=0, le=1, span=(0.05, 0.5), scope="strategy"
    )
    """Customers of an adviser who join a group after a further order, at the usual need to belong."""

    usual_belonging: float = constant(
        0.5, "0..1", "A-1125; mean of the default groups", ge=0.01, le=1, scope="strategy"
    )
    """Need to belong at which join_group holds; who needs it more joins more readily in proportion."""

    account_messages: float = lever(1.0, "messages/person/week", "S028", ge=0, le=21, span=(0, 4))
    """Of the service account."""

    adviser_messages: float = lever(1.5, "messages/person/week", "S028", ge=0, le=21, span=(0, 4))
    """Of an adviser."""

    group_messages: float = lever(2.0, "messages/person/week", "S028", ge=0, le=21, span=(0, 4))
    """In a group."""

    account_click: float = uncertainty(
        0.02, "visits/message", "A-1114", ge=0, le=1, span=(0.01, 0.04), scope="strategy"
    )
    """Response to the service account."""

    adviser_click: float = uncertainty(
        0.05, "visits/message", "A-1115", ge=0, le=1, span=(0.03, 0.08), scope="strategy"
    )
    """Response to an adviser."""

    group_click: float = uncertainty(
        0.06, "visits/message", "A-1116", ge=0, le=1, span=(0.03, 0.1), scope="strategy"
    )
    """Response in a group."""

    opt_out: float = uncertainty(
        0.005, "chance/message", "A-1117", ge=0, le=1, span=(0.002, 0.02), scope="strategy"
    )
    """Leaving the private domain after a message."""

    message_cost: float = uncertainty(
        0.02, "CNY/message", "A-1118", ge=0, le=10, span=(0.005, 0.05), scope="strategy"
    )
    """Content and sending."""

    asks: float = uncertainty(0.3, "chance/visit", "A-1119", ge=0, le=1, span=(0.1, 0.6), scope="strategy")
    """Visitors with an adviser who ask what to choose."""

    advice: float = uncertainty(0.6, "logit", "A-1120", ge=0, le=5, span=(0.2, 1.2), scope="strategy")
    """What advice in time does for an order."""

    answer_minutes: float = uncertainty(
        10.0, "minutes", "A-1121", ge=0, le=1440, span=(3, 30), scope="strategy"
    )
    """Wait beyond which the visit is over before the adviser has time."""

    advisers: PoolParams = PoolParams(staff=0.0, minutes=6.0, patience=0.25)
    """People who advise one customer at a time (F071)."""

    challenges: float = lever(0.0, "challenges/month", "S046", ge=0, le=30, span=(0, 8))
    """Challenges for groups; a month has thirty days."""

    challenge_click: float = uncertainty(
        0.25, "visits/person/challenge", "A-1122", ge=0, le=1, span=(0.1, 0.4), scope="strategy"
    )
    """People of a group who come for one that is held for the first time in long."""

    challenge_worn: float = uncertainty(
        4.0, "challenges remembered", "A-1123", ge=0.1, le=100, span=(2, 8), scope="strategy"
    )
    """Past challenges still remembered at which a third of that is left; with one a week, four are."""

    challenge_memory: float = uncertainty(
        30.0, "days", "A-1284", ge=1, le=365, span=(14, 60), scope="strategy"
    )
    """Mean time for which a group remembers a challenge: about as many are remembered as are held a month."""

    challenge_cost: float = uncertainty(
        0.05, "CNY/person in a group/challenge", "A-1124", ge=0, le=100, span=(0.01, 0.3), scope="strategy"
    )
    """Idea, prizes and somebody who leads it, for each person who is called upon."""


class Community(Feature):
    """A private domain of three levels (S028, S043, S046)."""

    section = "community"
    Params = CommunityParams
    world = True
    columns: ClassVar = {
        "community_level": Column("int8", "0 outside, 1 service account, 2 adviser, 3 group", start=0)
    }
    events: ClassVar = {
        "community_moves": {
            "day": ("int32", "absolute day"),
            "person": ("int64", "stable id"),
            "level": ("int8", "level reached, 0 = left"),
            "bought": ("bool", "after an order"),
        },
        "community_advice": {
            "day": ("int32", "absolute day"),
            "person": ("int64", "stable id"),
            "minute": ("int64", "absolute minute of asking"),
            "waited_minutes": ("float64", "until an adviser had time; nan = given up"),
            "answered": ("bool", "in time"),
        },
        "community_challenges": {
            "day": ("int32", "absolute day"),
            "called": ("int32", "people of groups who were called upon"),
            "fen": ("int64", "cost"),
        },
    }
    figures = (
        Figure(
            "community_answered",
            "Questions answered in time",
            "share",
            over=lambda t: t["community_advice"]["answered"],
            per=lambda t: np.ones(len(t["community_advice"]["day"])),
        ),
    )
    declares = (
        VisitSource("community_message", "Messages in the private domain of three levels.", "owned"),
        VisitSource("community_challenge", "Challenges in groups.", "owned"),
        Purpose("community_cost", "Messages, advisers and challenges of the private domain."),
        Pool(
            ADVISERS,
            "Advise customers one at a time.",
            "advisers",
            "community_cost",
            used=lambda p: p.enabled and p.advisers.staff > 0,
        ),
    )

    def __init__(self, params: CommunityParams, shares: np.ndarray) -> None:
        super().__init__(params)
        p = params
        self.shares = shares
        self.rate = np.array([0.0, p.account_messages, p.adviser_messages, p.group_messages]) / 7.0
        self.click = np.array([0.0, p.account_click, p.adviser_click, p.group_click])

    @classmethod
    def build(cls, config: Any, moment: Moment) -> list[Mechanism]:
        """Its acts, with the dayparts in which people are awake."""
        return cls(config.section(cls.section), moment.shares).acts()

    @act(
        Phase.EXPOSE,
        reads=["people.id", "people.community_level~", "operator.allowance", "records.community_challenges"],
        writes=["agendas.touches", "records.community_challenges", "records.spend", "ledger"],
        offers=True,
    )
    def challenge(self, world: World, draw: Draw) -> None:
        """Hold a challenge on its day, if it can be paid."""
        p = self.params
        held = math.floor((world.day + 1) * p.challenges / 30.0) > math.floor(world.day * p.challenges / 30.0)
        seats = np.flatnonzero(world.people.community_level == GROUP)
        fen = to_fen(p.challenge_cost * len(seats))
        if world.clock.daypart != 1 or not held or not len(seats):
            return
        if not world.affords("community_cost", fen):
            return
        past = cast("Any", world.records).community_challenges
        remembered = float(np.exp(-(world.day - past["day"]) / p.challenge_memory).sum())
        chance = p.challenge_click * math.exp(-remembered / p.challenge_worn)
        past.append(day=world.day, called=len(seats), fen=fen)
        send(world, "community_challenge", seats, chance)
        world.spend("community_cost", fen)

    @act(
        Phase.SHARE,
        reads=["people.id", "people.group", "people.community_level", "operator.allowance"],
        writes=[
            "agendas.touches",
            "people.community_level",
            "records.community_moves",
            "records.spend",
            "ledger",
        ],
        offers=True,
    )
    def message(self, world: World, draw: Draw) -> None:
        """Send this daypart's messages, the earliest first as far as there is money; some leave."""
        p, people, clock = self.params, world.people, world.clock
        level, part = people.community_level, clock.daypart
        seats = np.flatnonzero(level)
        due = self.rate[level[seats]] * self.shares[people.group[seats], part]
        seats = seats[keyed_uniforms(draw("community.message"), people.id[seats], 2 * part) < due]
        when = keyed_uniforms(draw("community.message"), people.id[seats], 2 * part + 1)
        minute = clock.start + (when * (clock.end - clock.start)).astype(np.int64)
        number = affordable(world, "community_cost", 100.0 * p.message_cost, len(seats))
        if number < len(seats):
            first = np.lexsort((people.id[seats], minute))[:number]
            seats, minute = seats[np.sort(first)], minute[np.sort(first)]
        send(world, "community_message", seats, self.click[level[seats]], minute=minute)
        world.spend("community_cost", to_fen(p.message_cost * len(seats)))
        leaves = seats[keyed_uniforms(draw("community.leave"), people.id[seats], part) < p.opt_out]
        self._move(world, leaves, np.full(len(leaves), OUTSIDE), bought=False)

    @act(
        Phase.BUY,
        reads=["flow.visits", "people.community_level~", "teams"],
        writes=["flow.terms", "records.community_advice", "teams"],
        offers=True,
    )
    def advise(self, world: World, draw: Draw) -> None:
        """Let visitors ask their adviser; advice in time speaks for an order."""
        p, visits = self.params, world.flow.visits
        level = world.people.community_level[visits["seat"]]
        asks = keyed_uniforms(draw("community.asks"), visits["visit_id"], 0) < p.asks
        rows = np.flatnonzero((level >= ADVISER) & asks)
        answered = np.zeros(len(level), np.bool_)
        if len(rows) and ADVISERS in world.teams and p.advisers.staff > 0:
            work = world.teams[ADVISERS].work(draw, visits["visit_id"][rows], visits["minute"][rows])
            answered[rows] = work.done & (np.nan_to_num(work.waited, nan=np.inf) <= p.answer_minutes)
            cast("Any", world.records).community_advice.append(
                day=world.day,
                person=visits["person"][rows],
                minute=visits["minute"][rows],
                waited_minutes=work.waited,
                answered=answered[rows],
            )
        world.flow.order.add("advice", p.advice * answered)

    @act(
        Phase.SETTLE,
        reads=["records.visits", "people.id", "people.belonging", "people.community_level"],
        writes=["people.community_level", "records.community_moves"],
        offers=True,
    )
    def enter(self, world: World, draw: Draw) -> None:
        """Take in today's visitors, and promote today's buyers by one level."""
        p, people, visits = self.params, world.people, world.records.visits
        for bought in (True, False):
            seats = world.seats_of(distinct(visits.today("person")[visits.today("order") == bought]))
            seats = seats[seats >= 0]
            level = people.community_level[seats]
            needs = people.belonging[seats].astype(np.float64) / p.usual_belonging
            up = np.stack(
                [np.full(len(seats), p.join_order), np.full(len(seats), p.promote), p.join_group * needs]
            )
            chance = up[np.minimum(level, ADVISER), np.arange(len(seats))] * (level < GROUP)
            if not bought:
                chance = p.join_visit * (level == OUTSIDE)
            luck = keyed_uniforms(draw("community.enter"), people.id[seats], int(bought))
            chosen = np.flatnonzero(luck < chance)
            self._move(world, seats[chosen], level[chosen] + 1, bought=bought)

    def _move(self, world: World, seats: np.ndarray, level: np.ndarray, *, bought: bool) -> None:
        """Put people on a level, and record it."""
        world.people.community_level[seats] = level
        cast("Any", world.records).community_moves.append(
            day=world.day, person=world.people.id[seats], level=level, bought=bought
        )
