"""The brand's own livestream sessions: a room, an hour, staff, clips that seed it, and who comes in.

A session runs on one platform at an hour. Who is awake and on the platform then may be brought in by the
platform's feed; followers of the room come more readily, and so does whoever saw one of its short clips
within the last day. Viewers may open the shop while they watch, at the session's price. People tire of
rooms they have just been in, so audiences overlap and each further session brings fewer.
"""

from __future__ import annotations

import math
from typing import Any, ClassVar, Literal, cast

import numpy as np

from sim.content.session_audience import FOLLOWS, Session, Viewers, audience
from sim.core.clock import HOURS_PER_DAY, MINUTES_PER_DAY
from sim.core.fields import fields_of
from sim.core.ledger import to_fen
from sim.core.params import Params, constant, lever, uncertainty
from sim.core.rng import Draw, hash_id_py, keyed_uniforms
from sim.core.whole_numbers import whole_number
from sim.feature import Feature, Figure, Moment, SourceTerm, act
from sim.mechanism import Mechanism, Phase
from sim.world.people import Column
from sim.world.platforms import PLATFORMS
from sim.world.schema import Source, Spend
from sim.world.touches import shown
from sim.world.world import World

#: Hours at which slots of the day begin: breakfast, afternoon tea and the evening (F049, F051, F053).
DAYPART_HOURS = (8, 12, 20)


class SessionParams(Params):
    """Own livestream sessions."""

    enabled: bool = lever(False, "switch", "S017")
    """The brand runs a room of its own."""

    platform: Literal["douyin", "taobao_live"] = lever("douyin", "platform", "S017")
    """Where the room is."""

    per_week: float = lever(14.0, "sessions/week", "A-977", ge=0, le=70, span=(0, 21))
    """Sessions; fractions are made up over the weeks, several of a day follow one another. Two a day: brands'
    own rooms run for six hours and more, and carry most of what livestreams sell."""

    hour: float = lever(17.0, "hour of the day", "S017; evening peak of F053", ge=0, le=23.99, span=(8, 23))
    """Start of the day's first session; two from 17 on cover the evening peak."""

    slots: Literal["in_a_row", "dayparts"] = lever("in_a_row", "when", "S029; slots F049, F051, F053")
    """A day's sessions follow one another from ``hour`` on, or begin by turns at breakfast, noon and in the
    evening."""

    minutes: int = lever(180, "minutes", "A-751", ge=10, le=720, span=(60, 360))
    """Length of a session."""

    discount: float = lever(
        0.10, "share of price", "A-752; 10-40% is usual with hosts", ge=0, le=0.8, span=(0, 0.4)
    )
    """Price cut for whoever buys from the session."""

    clips: float = lever(1.0, "clips/session", "S026", ge=0, le=50, span=(0, 5))
    """Short videos shown in the day before a session."""

    clip_reach: float = uncertainty(0.03, "share of users/clip", "A-753", ge=0, le=1, span=(0.01, 0.08))
    """Users of the platform who see a clip, more of them where people are more active."""

    clip_cost: float = uncertainty(3.0, "CNY/clip/1,000 people", "A-754", ge=0.01, le=1000, span=(1, 10))
    """Making and boosting one short video, of which a larger market is shown more."""

    seeded_hours: float = constant(24.0, "hours", "F046", ge=0.1, le=240)
    """A person who saw a clip may be won by a session for so long."""

    seeded_lift: float = uncertainty(4.0, "ratio", "A-755", ge=1, le=50, span=(2, 8))
    """How much more readily a seeded person comes in."""

    feed: float = uncertainty(0.18, "rooms/user/day", "A-978", ge=0, le=10, span=(0.08, 0.5))
    """How often the feed would bring an average user in, if the session ran all day: one time in
    five or six days. Four of five online shoppers have bought in livestreams, which carry about 30% of online
    retail (15-35% is plausible for one brand)."""

    followed: float = uncertainty(1.2, "rooms/follower/day", "A-757", ge=0, le=50, span=(0.5, 3.0))
    """The same of people who follow the room."""

    follow: float = uncertainty(0.08, "chance", "A-758", ge=0, le=1, span=(0.02, 0.15))
    """A viewer begins to follow the room."""

    unfollow_days: float = uncertainty(120.0, "days", "A-759", ge=1, le=3650, span=(45, 365))
    """Mean time for which somebody follows it."""

    tires: float = uncertainty(0.5, "log response/session", "A-760", ge=0, le=5, span=(0.2, 1.0))
    """Readiness lost for every session watched of late."""

    rest_days: float = uncertainty(4.0, "days", "A-761", ge=0.1, le=60, span=(2, 8))
    """Time constant with which it comes back."""

    click: float = uncertainty(0.20, "visits/viewer", "A-979", ge=0, le=0.9, span=(0.05, 0.4))
    """Viewers without a need who open the shop: it is one touch away on the screen that they watch."""

    staff: float = uncertainty(8.0, "CNY/hour/1,000 people", "A-998", ge=0.01, le=1000, span=(3, 16))
    """Hosts in turn, those behind the camera and the studio: ten people at 80 CNY an hour for a room that
    serves 100,000 people."""

    interaction: float = lever(30.0, "seconds/viewer", "S017; A-975", ge=0, le=300, span=(0, 120))
    """Time that hosts give each viewer: answers, names, play. It raises what an order is worth, makes more
    orders of the moment, of which more are cancelled and sent back, and asks for more staff."""

    usual_interaction: float = constant(30.0, "seconds/viewer", "A-989", ge=1, le=300)
    """Interaction at which staff cost and the choice's ``cart_live`` hold."""

    worth_5s: float = constant(0.008, "share of order value/5 seconds", "F034; F033", ge=0, le=0.2)
    """Order value gained by each five seconds beyond the usual."""

    interaction_staff: float = uncertainty(
        0.5, "share of staff", "A-976; a second host answers", ge=0, le=5, span=(0.2, 1.0)
    )
    """Staff that the usual interaction takes; more interaction takes more in proportion."""


class Sessions(Feature):
    """Own livestream sessions (S003, S017, S026)."""

    section = "sessions"
    Params = SessionParams
    world = True
    columns: ClassVar = {
        "sessions_follows": Column("bool", "follows the brand's room", start=0, back="start"),
        "sessions_watched": Column(
            "float32", "sessions watched of late, decaying count", start=0, back="start"
        ),
        "sessions_seeded_until": Column(
            "int64", "absolute minute until which a clip that was seen works", start=0, back="start"
        ),
    }
    events: ClassVar = {
        "sessions_held": {
            "session": ("int64", "id: hash of (day, number of the day's session)"),
            "day": ("int32", "absolute day"),
            "start_minute": ("int64", "absolute minute"),
            "minutes": ("int32", "length"),
            "platform": ("int8", "index into PLATFORMS"),
            "viewers": ("int32", "people who came in"),
            "seeded": ("int32", "of them, who had seen a clip within the last day"),
            "followers": ("int32", "of them, who followed the room before"),
            "staff_fen": ("int64", "what staff cost"),
        },
        "sessions_seeding": {
            "day": ("int32", "absolute day"),
            "clips": ("float64", "clips shown for the sessions of the day"),
            "reached": ("int32", "people who saw one"),
            "fen": ("int64", "what they cost"),
        },
    }
    figures = (
        Figure(
            "sessions_viewers",
            "Viewers of a session",
            "people/session",
            over=lambda t: t["sessions_held"]["viewers"],
            per=lambda t: np.ones(len(t["sessions_held"]["day"])),
        ),
        Figure(
            "sessions_cost_per_viewer",
            "Cost of a viewer (staff and clips)",
            "CNY/viewer",
            over=lambda t: (
                np.concatenate([t["sessions_held"]["staff_fen"], t["sessions_seeding"]["fen"]]) / 100.0
            ),
            per=lambda t: t["sessions_held"]["viewers"],
        ),
    )

    def __init__(self, params: SessionParams, hours: np.ndarray, heard: float) -> None:
        super().__init__(params)
        self.hours = hours
        self.heard = heard
        self.platform = PLATFORMS.index(params.platform)

    @classmethod
    def build(cls, config: Any, moment: Moment) -> list[Mechanism]:
        """Its acts, with the hours at which groups are awake; a host's voice counts with hosts or without."""
        heard = SourceTerm("live", "cart", (Source.LIVESTREAM,), config.choice.cart_live, cools=True)
        voice = [] if config.influencers.enabled else [heard]
        own = cls(config.section(cls.section), moment.hours, config.choice.cart_live)
        return [*own.acts(), *voice]

    def starts(self, world: World, draw: Draw) -> list[int]:
        """Absolute minutes at which today's sessions start; none begins after midnight."""
        p = self.params
        number = whole_number(draw("session.more"), p.per_week / 7.0)
        if p.slots == "dayparts":
            turns = [divmod(k, len(DAYPART_HOURS)) for k in range(number)]
            after = [60 * DAYPART_HOURS[slot] + again * p.minutes for again, slot in turns]
        else:
            after = [round(60 * p.hour) + k * p.minutes for k in range(number)]
        starts = sorted(world.clock.midnight + minute for minute in after)
        return [start for start in starts if start < world.clock.midnight + MINUTES_PER_DAY]

    @act(
        Phase.DECIDE,
        reads=[
            "people.id",
            "people.affinity",
            "people.activity",
            "operator.allowance",
            "people.sessions_seeded_until",
            "platforms.traffic",
            "platforms.ban~",
        ],
        writes=["people.sessions_seeded_until", "records.sessions_seeding", "records.spend", "ledger"],
        offers=True,
    )
    def seed(self, world: World, draw: Draw) -> None:
        """Show the clips of today's sessions from midnight on; what they reach is seeded for a day."""
        p, people = self.params, world.people
        clips = p.clips * len(self.starts(world, draw))
        cost = to_fen(clips * p.clip_cost * len(people) / 1000.0)
        if cost == 0 or not world.affords(Spend.SESSIONS, cost):
            return
        shows = world.platforms.open_share(world.day)[self.platform]
        use = people.affinity[:, self.platform] * people.activity * shows
        seen = keyed_uniforms(draw("session.clip"), people.id, 0) < 1.0 - np.exp(-clips * p.clip_reach * use)
        until = world.clock.midnight + round(60 * p.seeded_hours)
        people.sessions_seeded_until[seen] = until
        cast("Any", world.records).sessions_seeding.append(
            day=world.day, clips=clips, reached=int(seen.sum()), fen=cost
        )
        world.spend(Spend.SESSIONS, cost)

    @act(
        Phase.EXPOSE,
        reads=[
            "people.id",
            "people.group",
            "people.activity",
            "people.affinity",
            "people.need_category~",
            "people.sessions_follows",
            "people.sessions_watched",
            "people.sessions_seeded_until",
            "conditions.links",
            "platforms.traffic",
            "platforms.ban~",
            "operator.allowance",
        ],
        writes=[
            "agendas.touches",
            "records.sessions_held",
            "records.spend",
            "ledger",
            "people.sessions_follows",
            "people.sessions_watched",
        ],
        offers=True,
    )
    def hold(self, world: World, draw: Draw) -> None:
        """Hold the sessions that start in this daypart, as far as there is money for their staff."""
        clock = world.clock
        for k, start in enumerate(self.starts(world, draw)):
            if clock.start <= start < clock.end:
                self._hold(world, draw, k, start)

    def _hold(self, world: World, draw: Draw, number: int, start: int) -> None:
        """One session: who comes in, touches for them, a record, a bill."""
        p, people, records = self.params, world.people, cast("Any", world.records)
        more = 1.0 + p.interaction_staff * (p.interaction / p.usual_interaction - 1.0)
        cost = to_fen(p.staff * max(more, 0.0) * p.minutes / 60.0 * len(people) / 1000.0)
        if not world.affords(Spend.SESSIONS, cost):
            return
        session = self.session(world, number, start)
        stream = draw(f"session.audience.{number}")
        seats, minutes, seeded, followers = audience(stream, session, fields_of(Viewers, people))
        on_air = 1.0 - world.conditions.sessions_short
        open_share = np.full(len(seats), on_air * world.platforms.open_share(world.day)[self.platform])
        let_in = shown(draw, people.id[seats], np.full(len(seats), session.id), open_share)
        seats, minutes, seeded, followers = seats[let_in], minutes[let_in], seeded[let_in], followers[let_in]
        need = people.need_category[seats]
        world.agendas["touches"].add(
            minute=minutes,
            seat=seats,
            person=people.id[seats],
            source=int(Source.LIVESTREAM),
            origin=self.platform,
            category=np.where(need >= 0, need, self.theme(world, draw, number)),
            chance=p.click,
            touch=session.id,
            sender=-1,
            discount=p.discount,
            commission=0.0,
            rewarded=False,
        )
        people.sessions_watched[seats] += 1.0
        people.sessions_follows[seats] |= keyed_uniforms(stream, people.id[seats], FOLLOWS) < p.follow
        records.sessions_held.append(
            session=session.id,
            day=world.day,
            start_minute=start,
            minutes=p.minutes,
            platform=self.platform,
            viewers=len(seats),
            seeded=int(seeded.sum()),
            followers=int(followers.sum()),
            staff_fen=cost,
        )
        world.spend(Spend.SESSIONS, cost)

    def session(self, world: World, number: int, start: int) -> Session:
        """The session with the share and the course of the day's activity that fall into it."""
        p = self.params
        slices = max(1, p.minutes // 10)
        middle = (start - world.clock.midnight + (np.arange(slices) + 0.5) * p.minutes / slices) / 60.0
        share = self.hours[:, middle.astype(int) % HOURS_PER_DAY] * (p.minutes / slices / 60.0)
        course = np.zeros((share.shape[0], slices + 1))
        np.cumsum(share, axis=1, out=course[:, 1:])
        awake = course[:, -1].copy()
        return Session(
            id=self._id(world.day, number),
            platform=self.platform,
            start=start,
            minutes=p.minutes,
            awake=awake,
            clock=course / np.maximum(awake, 1e-12)[:, None],
            feed=p.feed,
            followed=p.followed,
            lift=p.seeded_lift,
            tires=p.tires,
        )

    @staticmethod
    def _id(day: int, number: int) -> int:
        """Id of a day's session."""
        return hash_id_py(day, number, 13)

    @act(Phase.BUY, reads=["flow.visits"], writes=["flow.terms"])
    def engage(self, world: World, draw: Draw) -> None:
        """Let more interaction than usual make carts and larger baskets of the sessions' visits."""
        p, flow = self.params, world.flow
        if p.interaction == p.usual_interaction:
            return
        number = math.ceil(p.per_week / 7.0)
        ours = [self._id(day, k) for day in (world.day, world.day - 1) for k in range(number)]
        here = flow.visits["source"] == int(Source.LIVESTREAM)
        here[here] = np.isin(flow.visits["touch"][here], ours)
        livelier = self.heard * (p.interaction / p.usual_interaction - 1.0)
        flow.cart.add("interaction", here * livelier, cools=True)
        worth = (p.interaction - p.usual_interaction) / 5.0 * math.log1p(p.worth_5s)
        flow.basket.add("interaction", here * worth)

    @staticmethod
    def theme(world: World, draw: Draw, number: int) -> int:
        """What is shown to those who need nothing: drawn by what people want most."""
        weights = world.catalog.group_weight.mean(axis=0).cumsum()
        at = keyed_uniforms(draw("session.theme"), np.array([number], np.int64), 0)[0] * weights[-1]
        return int(np.searchsorted(weights, at))

    @act(
        Phase.SETTLE,
        reads=["people.id", "people.sessions_follows", "people.sessions_watched"],
        writes=["people.sessions_follows", "people.sessions_watched"],
    )
    def rest(self, world: World, draw: Draw) -> None:
        """People are rested a little, and some stop following."""
        p, people = self.params, cast("Any", world.people)
        people.sessions_watched *= math.exp(-1.0 / p.rest_days)
        following = np.flatnonzero(people.sessions_follows)
        left = keyed_uniforms(draw("session.leave"), people.id[following], 0) < 1.0 - math.exp(
            -1.0 / p.unfollow_days
        )
        people.sessions_follows[following[left]] = False
