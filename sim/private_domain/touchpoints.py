"""Three kinds of touchpoint that share one budget: answers at once, a community, and messages at a scene.

An event (a search without a purchase, a cart left behind, a friend's link that led to nothing) is answered
within minutes, one after the other by machines of limited capacity; the later the answer, the less it does.
Money for the community keeps a stock of people who joined and are sent a post now and then. A scene is an
hour of the day at which users are written to, over days as often as platforms let anybody be
(``compliance.message_cap``). Every message tires, and some ask for no more.
"""

from __future__ import annotations

import math
from typing import Any, ClassVar, NamedTuple, cast

import numpy as np

from sim.core.ledger import to_fen
from sim.core.lookup import distinct, first_by
from sim.core.rng import Draw, keyed_uniforms
from sim.feature import Feature, Figure, Moment, Tables, act
from sim.mechanism import Mechanism, Phase
from sim.private_domain.touchpoints_params import TouchpointsParams
from sim.stations.queues import serve_in_shifts
from sim.world.kinds import Purpose, VisitSource, among
from sim.world.money import affordable
from sim.world.people import Column
from sim.world.schema import Source
from sim.world.touches import send
from sim.world.world import World

#: The three kinds of touchpoint, in the order of their shares.
INSTANT, COMMUNITY, SCENE = range(3)
SOURCES = ("touchpoints_answer", "touchpoints_community", "touchpoints_scene")
_SECONDS = 60
#: Machines have no shifts: one of them is the whole day, in seconds.
_ALWAYS = (0, 86_400, 86_400)
_FRIENDS = among(Source.SHARE, Source.INVITATION)


class Events(NamedTuple):
    """Events of a daypart in the order in which they happen.

    seat : int64[k], -1 for who has left; after : float64[k], minutes to answers, inf for none; minute :
    int64[k], absolute; free : absolute second from which the machines are free again.
    """

    seat: np.ndarray
    after: np.ndarray
    minute: np.ndarray
    free: int


class Noted(NamedTuple):
    """What is noted beside messages.

    wanted : how many; minutes : mean time to an answer; beside : fen paid already; busy : absolute second
    until which machines are.
    """

    wanted: int
    minutes: float = math.nan
    beside: int = 0
    busy: int = 0


def answered_after(minute: np.ndarray, free: np.ndarray, each: float, latest: float) -> np.ndarray:
    """Minutes from each event to its answer, float64[k], by machines that take one after the other.

    An event whose answer would come too late is left out, takes no time of the machines, and has ``inf``.

    Parameters
    ----------
    minute : int64[k]
        Absolute minutes, not decreasing.
    free : int64[1]
        Absolute second from which the machines are free, changed in place.
    each : float
        Minutes that an answer takes.
    latest : float
        Minutes after an event at which an answer is still worth it.
    """
    arrival = (minute * _SECONDS).astype(np.int64)
    service = np.full(len(minute), max(1, math.floor(each * _SECONDS + 0.5)), np.int64)
    bears = math.floor(latest * _SECONDS) - service
    _, end = serve_in_shifts(free, arrival, service, bears, _ALWAYS)
    return np.where(end >= 0, (end - arrival) / _SECONDS, np.inf)


def _sent(kind: int | None = None) -> Any:
    """Weights of messages of a kind, or of all."""

    def over(tables: Tables) -> np.ndarray:
        rows = tables["touchpoints_sent"]
        of = np.ones(len(rows["day"]), np.bool_) if kind is None else rows["kind"] == kind
        found: np.ndarray = rows["number"] * of
        return found

    return over


class Touchpoints(Feature):
    """Answers at once, a community and messages at a scene, from one budget (S025)."""

    section = "touchpoints"
    Params = TouchpointsParams
    columns: ClassVar = {
        "touchpoints_had": Column("float32", "messages remembered, decaying count", start=0),
        "touchpoints_out": Column("bool", "asked for no more messages", start=0),
        "touchpoints_fan": Column("bool", "in the community", start=0),
    }
    events: ClassVar = {
        "touchpoints_sent": {
            "day": ("int32", "absolute day"),
            "kind": ("int8", "0 answer to an event, 1 community, 2 scene"),
            "wanted": ("int64", "messages for which there was an occasion"),
            "number": ("int64", "messages sent"),
            "minutes": ("float64", "mean time to an answer; nan for other kinds"),
            "opted_out": ("int64", "people who asked for no more"),
            "fen": ("int64", "cost, upkeep included"),
            "busy": ("int64", "absolute second until which machines are busy; 0 for other kinds"),
        },
    }
    figures = (
        Figure("touchpoints_messages", "Messages of the three kinds", "messages", over=_sent()),
        Figure(
            "touchpoints_minutes",
            "From an event to its answer",
            "minutes",
            over=lambda t: np.nan_to_num(t["touchpoints_sent"]["minutes"]) * _sent(INSTANT)(t),
            per=_sent(INSTANT),
        ),
    )
    declares = (
        VisitSource("touchpoints_answer", "An answer to an event, at once.", "owned"),
        VisitSource("touchpoints_community", "A post in the community.", "owned"),
        VisitSource("touchpoints_scene", "A message at a scene.", "owned"),
        Purpose("touchpoints_cost", "Messages of the three kinds of touchpoint, and machines that answer."),
    )

    def __init__(self, params: TouchpointsParams, hours: np.ndarray, cap: float) -> None:
        super().__init__(params)
        self.awake = hours / hours.mean(axis=1, keepdims=True)
        #: Messages at the scene that a person may get in a week.
        self.cap = cap

    @classmethod
    def build(cls, config: Any, moment: Moment) -> list[Mechanism]:
        """Its acts, with the hours at which people are awake, and how often anybody may be written to."""
        rules = config.compliance
        cap = rules.message_cap if rules.enabled else math.inf
        return cls(config.section(cls.section), moment.hours, cap).acts()

    @act(
        Phase.FULFIL,
        reads=[
            "records.visits",
            "records.touchpoints_sent",
            "people.id",
            "people.touchpoints_had",
            "people.touchpoints_out",
            "operator.allowance",
        ],
        writes=[
            "agendas.touches",
            "people.touchpoints_had",
            "people.touchpoints_out",
            "records.touchpoints_sent",
            "records.spend",
            "ledger",
        ],
        offers=True,
    )
    def answer(self, world: World, draw: Draw) -> None:
        """Answer events of this daypart, the earliest first, as far as machines and money go."""
        p, people = self.params, cast("Any", world.people)
        upkeep = self._machines(world)
        if upkeep < 0:
            return
        events = self._events(world)
        seats = np.where(np.isfinite(events.after), events.seat, -1)
        chance = p.click * p.event * np.exp(-events.after / p.heat_minutes)
        keep = np.flatnonzero((seats >= 0) & ~people.touchpoints_out[seats])
        _, first = np.unique(seats[keep], return_index=True)
        keep = np.sort(keep[first])[: self._number(world, INSTANT, len(first), upkeep)]
        mean = float(events.after[keep].mean()) if len(keep) else float("nan")
        when = np.ceil(events.minute[keep] + events.after[keep]).astype(np.int64)
        noted = Noted(len(events.seat), mean, upkeep, events.free)
        self._send(world, draw, INSTANT, seats[keep], chance[keep], noted, np.maximum(world.clock.end, when))

    def _machines(self, world: World) -> int:
        """Pay a day's upkeep of machines in its first daypart, fen; -1 where there are none today."""
        p, sent = self.params, cast("Any", world.records).touchpoints_sent
        fen = to_fen(p.machine * p.answers * len(world.people) / 1000.0)
        if world.clock.daypart:
            paid = (sent.today("kind") == INSTANT).any()
            return 0 if paid else -1
        if fen > self._left(world, INSTANT) or not world.affords("touchpoints_cost", fen):
            return -1
        world.spend("touchpoints_cost", fen)
        return fen

    def _events(self, world: World) -> Events:
        """What happened in this daypart that an answer may help with; what is in hand comes first."""
        p, clock, visits = self.params, world.clock, world.records.visits
        names = ("visit_id", "person", "minute", "source", "cart", "order", "refused")
        ids, person, minute, source, cart, order, refused = (visits.today(name) for name in names)
        friend, search = _FRIENDS[source], source == int(Source.SEARCH)
        left = cart & ~order & ~refused
        now = minute >= clock.start
        rows = np.flatnonzero(now & (left | (~cart & ~order & (search | friend))))
        rows = rows[np.lexsort((ids[rows], minute[rows]))]
        each = 60.0 * 1000.0 / (p.answers * len(world.people))
        busy = cast("Any", world.records).touchpoints_sent["busy"]
        free = busy.max(initial=0, keepdims=True)
        after = answered_after(minute[rows], free, each, 3.0 * p.heat_minutes)
        return Events(world.seats_of(person[rows]), after, minute[rows], int(free[0]))

    def _left(self, world: World, kind: int) -> float:
        """Fen of today's budget that this kind has not spent."""
        sent = cast("Any", world.records).touchpoints_sent
        budget = 100.0 * self.params.budget * len(world.people) / 1000.0 * self.params.shares()[kind]
        return float(budget - sent.today("fen")[sent.today("kind") == kind].sum())

    def _number(self, world: World, kind: int, wanted: int, beside: int = 0) -> int:
        """Messages of ``wanted`` that this kind's share of the budget and the allowance pay for.

        ``beside`` is what was paid just now and is not noted as sent yet, fen.
        """
        each = 100.0 * self.params.message
        most = max(0, int((self._left(world, kind) - beside) // each))
        return affordable(world, "touchpoints_cost", each, min(wanted, most))

    def _send(
        self,
        world: World,
        draw: Draw,
        kind: int,
        seats: np.ndarray,
        chance: np.ndarray,
        noted: Noted,
        when: np.ndarray | int,
    ) -> None:
        """Send and pay messages; each tires, and some ask for no more.

        ``chance`` is float64[k], before what tires; ``when`` is int64[k], the absolute minute at which each
        is there.
        """
        p, people = self.params, cast("Any", world.people)
        chance = chance * np.exp(-p.tires * people.touchpoints_had[seats])
        people.touchpoints_had[seats] += 1.0
        luck = keyed_uniforms(draw(f"touchpoints.out.{kind}.{world.clock.daypart}"), people.id[seats], 0)
        out = seats[luck < p.opts_out * people.touchpoints_had[seats]]
        people.touchpoints_out[out] = True
        when = np.broadcast_to(np.asarray(when, np.int64), (len(seats),))
        send(world, SOURCES[kind], seats, np.minimum(1.0, chance), minute=when)
        fen = to_fen(p.message * len(seats))
        world.spend("touchpoints_cost", fen)
        cast("Any", world.records).touchpoints_sent.append(
            day=world.day,
            kind=kind,
            wanted=noted.wanted,
            number=len(seats),
            minutes=noted.minutes,
            opted_out=len(out),
            fen=noted.beside + fen,
            busy=noted.busy,
        )

    @act(
        Phase.SHARE,
        reads=[
            "records.visits~",
            "people.id",
            "people.group",
            "people.belonging",
            "people.registered~",
            "people.touchpoints_had",
            "people.touchpoints_out",
            "people.touchpoints_fan",
            "operator.allowance",
        ],
        writes=[
            "agendas.touches",
            "people.touchpoints_had",
            "people.touchpoints_out",
            "people.touchpoints_fan",
            "records.touchpoints_sent",
            "records.spend",
            "ledger",
        ],
        offers=True,
    )
    def write(self, world: World, draw: Draw) -> None:
        """Let visitors join and old messages be forgotten; write to the community, and at the scene."""
        p, people, clock = self.params, cast("Any", world.people), world.clock
        if clock.daypart == 0:
            people.touchpoints_had *= np.float32(np.exp(-1.0 / p.rest_days))
            self._join(world, draw)
        if clock.daypart == 1:
            fans = np.flatnonzero(people.touchpoints_fan & ~people.touchpoints_out)
            fans = fans[keyed_uniforms(draw("touchpoints.post"), people.id[fans], 0) < p.posts / 7.0]
            reached = self._drawn(world, draw, COMMUNITY, fans)
            likes = people.belonging[reached] / p.usual_belonging
            self._send(world, draw, COMMUNITY, reached, p.click * likes, Noted(len(fans)), clock.start)
        scene = clock.midnight + 60 * p.hour
        if p.budget * p.shares()[SCENE] > 0.0 and clock.start <= scene < clock.end:
            known = np.flatnonzero(people.registered & ~people.touchpoints_out)
            known = known[keyed_uniforms(draw("touchpoints.scene"), people.id[known], 0) < self.cap / 7.0]
            reached = self._drawn(world, draw, SCENE, known)
            chance = p.click * self.awake[people.group[reached], p.hour]
            self._send(world, draw, SCENE, reached, chance, Noted(len(known)), scene)

    def _join(self, world: World, draw: Draw) -> None:
        """Yesterday's visitors join, where there is money for a community."""
        p, people, visits = self.params, cast("Any", world.people), world.records.visits
        if p.budget * p.shares()[COMMUNITY] == 0.0:
            return
        seats = world.seats_of(distinct(visits["person"][visits["day"] == world.day - 1]))
        seats = seats[seats >= 0]
        luck = keyed_uniforms(draw("touchpoints.joins"), people.id[seats], 0)
        people.touchpoints_fan[seats[luck < p.joins * people.belonging[seats] / p.usual_belonging]] = True

    def _drawn(self, world: World, draw: Draw, kind: int, seats: np.ndarray) -> np.ndarray:
        """int64[k]: whom of these people there is money to write to, by chance."""
        turn = keyed_uniforms(draw(f"touchpoints.turn.{kind}"), world.people.id[seats], 0)
        chosen = first_by(self._number(world, kind, len(seats)), turn, world.people.id[seats])
        return np.sort(seats[chosen])
