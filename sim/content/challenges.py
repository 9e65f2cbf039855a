"""Topic challenges: people make entries of their own, whoever sees one may make the next, and it ends.

The brand names a topic, puts up prizes that all who take part share, and asks a few people to begin. An entry
is seen by people whom its maker knows, and by followers where he or she has any; each may come by, and may
take part too, once. The more entries there are the smaller the part of the prizes that is left for one more,
and the more a person has seen the less another one says. How far it goes is an outcome.
"""

from __future__ import annotations

import math
from typing import Any, ClassVar, cast

import numpy as np

from sim.content.influencers import Deal, InfluencerParams, Showing, post_ids, publish
from sim.core.ledger import to_fen
from sim.core.params import Params, lever, uncertainty
from sim.core.rng import Draw, keyed_uniforms
from sim.core.scatter import add_one_at
from sim.feature import Feature, Figure, Moment, Schema, act
from sim.mechanism import Mechanism, Phase
from sim.network.cascade import PARETO, POISSON, spread
from sim.world.catalog import CATEGORIES, Category
from sim.world.kinds import Purpose, VisitSource
from sim.world.people import Column
from sim.world.schema import GROUPS, Source
from sim.world.touches import send
from sim.world.world import World


class ChallengeParams(Params):
    """One challenge: when, about what, and what for."""

    enabled: bool = lever(False, "switch", "S027")
    """There is a challenge."""

    start: int = lever(3, "day of the measured window", "S027", ge=0, le=3650, span=(0, 30))
    """First day."""

    days: int = lever(30, "days", "S027", ge=1, le=365, span=(7, 60))
    """Days on which entries count."""

    topic: Category = lever("beauty", "category", "S027")
    """Goods that entries are about."""

    prize: float = lever(50.0, "CNY/1,000 people", "S027", ge=0, le=100000, span=(0, 300))
    """Prizes, paid in day by day and shared alike by all who take part."""

    seeds: float = lever(5.0, "people/1,000 people", "S027", ge=0, le=1000, span=(0, 20))
    """People who are paid to begin."""

    seed_fee: float = uncertainty(
        10.0, "CNY/person", "A-1262", ge=0, le=10000, span=(3, 50), scope="strategy"
    )
    """Fee of each, of the size of what small accounts take for a post."""

    joins: float = uncertainty(
        0.02, "chance/entry seen", "A-1263", ge=0, le=1, span=(0.005, 0.06), scope="strategy"
    )
    """Whoever sees an entry makes one without a prize, at the usual need to belong
    (``community.usual_belonging``) and in proportion to it."""

    prize_adds: float = uncertainty(
        0.06, "chance/entry seen", "A-1264", ge=0, le=1, span=(0.01, 0.2), scope="strategy"
    )
    """What prizes add to that at most."""

    prize_scale: float = uncertainty(
        2.0, "CNY/entry", "A-1265", ge=0.01, le=10000, span=(0.5, 10), scope="strategy"
    )
    """Part of the prizes for one more entry at which they do nearly two thirds of what they can."""

    tires: float = uncertainty(0.3, "1/entry", "A-1266", ge=0, le=10, span=(0.1, 1), scope="strategy")
    """Each entry that one has seen makes a visit and an entry of one's own less likely, by exp(-tires)."""

    think_hours: float = uncertainty(
        48.0, "hours", "A-1268", ge=0.1, le=2400, span=(12, 120), scope="strategy"
    )
    """Mean time from seeing entries to making up one's mind."""

    handling: float = uncertainty(0.3, "CNY/entry", "A-1267", ge=0, le=100, span=(0.05, 1), scope="strategy")
    """Reading and listing an entry."""


class Challenge(Feature):
    """A topic that people make entries to (S027)."""

    section = "challenge"
    Params = ChallengeParams
    columns: ClassVar = {
        "challenge_seen": Column("float32", "entries seen", start=0),
        "challenge_fresh": Column(
            "int16", "entries seen since one last thought of it", start=0, back="start"
        ),
        "challenge_depth": Column("int16", "generation of the entry seen last", start=0),
        "challenge_entered": Column("bool", "has made an entry", start=False),
    }
    events: ClassVar[dict[str, Schema]] = {
        "challenge_entries": {
            "day": ("int32", "absolute day"),
            "person": ("int64", "stable id of its maker"),
            "generation": ("int16", "0 was paid to begin, 1 saw such an entry, ..."),
            "seen_by": ("int64", "people who saw it"),
            "fen": ("int64", "fee and handling, fen"),
        },
        "challenge_pools": {
            "day": ("int32", "absolute day"),
            "fen": ("int64", "prizes paid in, fen"),
        },
    }
    figures = (
        Figure(
            "challenge_size",
            "Entries of the challenge",
            "entries",
            over=lambda t: np.ones(len(t["challenge_entries"]["day"])),
        ),
        Figure(
            "challenge_spread",
            "Entries that an entry brings",
            "entries/entry",
            over=lambda t: (t["challenge_entries"]["generation"] > 0).astype(np.float64),
            per=lambda t: np.ones(len(t["challenge_entries"]["day"])),
        ),
        Figure(
            "challenge_views",
            "People who see an entry",
            "people/entry",
            over=lambda t: t["challenge_entries"]["seen_by"],
            per=lambda t: np.ones(len(t["challenge_entries"]["day"])),
        ),
    )
    declares = (
        VisitSource("challenge_entry", "Entries to a challenge that acquaintances made.", "organic"),
        Purpose("challenge_cost", "Prizes, first entries and handling of a challenge.", acquires=True),
    )

    def __init__(self, params: ChallengeParams, first: int, others: Any) -> None:
        super().__init__(params)
        self.first, self.last = first + params.start, first + params.start + params.days - 1
        self.sharing, self.posts, self.response, self.usual = others
        self.topic = CATEGORIES.index(params.topic)

    @classmethod
    def build(cls, config: Any, moment: Moment) -> list[Mechanism]:
        """Its acts, with how people pass things on and how followers see posts."""
        others = (
            config.sharing,
            config.influencers,
            config.traffic.registered_response,
            config.community.usual_belonging,
        )
        return cls(config.section(cls.section), moment.first_day, others).acts()

    @act(
        Phase.SHARE,
        reads=[
            "graph",
            "influencers",
            "influencers.credibility",
            "people.id",
            "people.group",
            "people.kol_reliance",
            "people.registered~",
            "people.belonging",
            "people.challenge_seen",
            "people.challenge_fresh",
            "people.challenge_depth",
            "people.challenge_entered",
            "platforms.traffic",
            "platforms.ban~",
            "operator.allowance",
            "records.challenge_entries",
        ],
        writes=[
            "agendas.touches",
            "people.challenge_seen",
            "people.challenge_fresh",
            "people.challenge_depth",
            "people.challenge_entered",
            "records.challenge_entries",
            "records.posts",
            "records.spend",
            "ledger",
        ],
        offers=True,
    )
    def enter(self, world: World, draw: Draw) -> None:
        """Open the challenge on its day; until it ends, people who saw entries make theirs."""
        people = cast("Any", world.people)
        if not self.first <= world.day <= self.last:
            return
        fresh = self._ready(world, draw)
        chance = self._chance(world, fresh)
        joins = fresh[keyed_uniforms(draw("challenge.enter"), people.id[fresh], world.clock.daypart) < chance]
        people.challenge_fresh[fresh] = 0
        asked = self._asked(world, draw)
        joins = joins[~np.isin(joins, asked)]
        depth = np.concatenate([np.zeros(len(asked), np.int64), people.challenge_depth[joins] + 1])
        self._post(world, draw, np.concatenate([asked, joins]), depth)

    def _ready(self, world: World, draw: Draw) -> np.ndarray:
        """int64[k]: who has seen entries and makes up his or her mind in this daypart."""
        people, clock = cast("Any", world.people), world.clock
        hours = (clock.end - clock.start) / 60.0
        now = -math.expm1(-hours / self.params.think_hours)
        seats = np.flatnonzero((people.challenge_fresh > 0) & ~people.challenge_entered)
        return seats[keyed_uniforms(draw("challenge.thinks"), people.id[seats], clock.daypart) < now]

    def _asked(self, world: World, draw: Draw) -> np.ndarray:
        """int64[k]: who is paid to begin, on the first morning if a day's prizes can be paid."""
        morning = world.day == self.first and world.clock.daypart == 1
        if not morning or not world.affords("challenge_cost", self._part(world)):
            return np.zeros(0, np.int64)
        people = world.people
        number = round(self.params.seeds * len(people) / 1000.0)
        return np.argsort(keyed_uniforms(draw("challenge.seeds"), people.id, 0), kind="stable")[:number]

    def _part(self, world: World) -> int:
        """Part of the prizes that is paid in each day, fen."""
        return to_fen(self.params.prize * len(world.people) / 1000.0 / self.params.days)

    def _chance(self, world: World, seats: np.ndarray) -> np.ndarray:
        """float64[k]: chance that people who saw entries make one of their own."""
        p, people = self.params, cast("Any", world.people)
        entries = len(cast("Any", world.records).challenge_entries)
        part = p.prize * len(people) / 1000.0 / (entries + 1.0)
        each = p.joins + p.prize_adds * -math.expm1(-part / p.prize_scale)
        each = each * people.belonging[seats].astype(np.float64) / self.usual
        seen, fresh = people.challenge_seen[seats], people.challenge_fresh[seats]
        worn = np.exp(-p.tires * np.maximum(0.0, seen - fresh))
        return 1.0 - (1.0 - np.minimum(1.0, each * worn)) ** fresh

    def _post(self, world: World, draw: Draw, seats: np.ndarray, depth: np.ndarray) -> None:
        """Entries of these people, as far as they can be paid, and who sees them."""
        people, p = cast("Any", world.people), self.params
        fen = np.where(depth == 0, to_fen(p.seed_fee + p.handling), to_fen(p.handling))
        if not world.affords("challenge_cost", int(fen.sum())):
            paid = np.cumsum(fen) <= world.free_fen()
            seats, depth, fen = seats[paid], depth[paid], fen[paid]
        if not len(seats):
            return
        people.challenge_entered[seats] = True
        seen_by = self._tell(world, draw, seats, depth) + self._publish(world, draw, seats, depth)
        world.spend("challenge_cost", int(fen.sum()))
        cast("Any", world.records).challenge_entries.append(
            day=np.full(len(seats), world.day),
            person=people.id[seats],
            generation=depth,
            seen_by=seen_by,
            fen=fen,
        )

    def _see(self, world: World, seats: np.ndarray, depth: np.ndarray) -> None:
        """People have seen entries of some generation; of several in one daypart the first counts."""
        people = cast("Any", world.people)
        add_one_at(people.challenge_seen, seats)
        add_one_at(people.challenge_fresh, seats)
        order = np.argsort(-depth, kind="stable")
        people.challenge_depth[seats[order]] = depth[order]

    def _tell(self, world: World, draw: Draw, seats: np.ndarray, depth: np.ndarray) -> np.ndarray:
        """Acquaintances see entries; int64[k], how many see each."""
        people, s, clock = cast("Any", world.people), self.sharing, world.clock
        law = PARETO if s.audience_law == "pareto" else POISSON
        hops = spread(
            draw("challenge.spread"),
            world.graph,
            people.id,
            seats,
            np.full(len(seats), clock.start),
            np.full(len(seats), clock.daypart),
            strong_only=False,
            law=law,
            mean=s.audience,
            pass_on=0.0,
            tail=s.audience_tail,
            growth=s.audience_growth,
            max_generation=1,
        )
        if len(hops.receiver):
            told, first = np.unique(hops.receiver, return_index=True)
            worn = np.exp(-self.params.tires * people.challenge_seen[told].astype(np.float64))
            known = np.where(people.registered[told], 1.0 - s.duplicate, 1.0)
            chance = s.weak_click * worn * known
            send(
                world,
                "challenge_entry",
                told,
                chance,
                minute=hops.minute[first],
                category=self.topic,
                rewarded=self._rewarded(depth)[hops.cascade[first]],
            )
            self._see(world, hops.receiver, depth[hops.cascade])
        return np.bincount(hops.cascade, minlength=len(seats))

    def _rewarded(self, depth: np.ndarray) -> np.ndarray:
        """bool[k]: entries of some generations that are paid for, or may win a prize."""
        paid: np.ndarray = ((depth == 0) & (self.params.seed_fee > 0.0)) | (self.params.prize > 0.0)
        return paid

    def _publish(self, world: World, draw: Draw, seats: np.ndarray, depth: np.ndarray) -> np.ndarray:
        """Followers see entries of people who have any; int64[k], how many see each."""
        influencers, p = world.influencers, cast("InfluencerParams", self.posts)
        seen_by = np.zeros(len(seats), np.int64)
        at = np.flatnonzero(np.isin(seats, influencers.seat)) if len(influencers) else np.zeros(0, np.int64)
        if not len(at):
            return seen_by
        by_seat = np.argsort(influencers.seat)
        rows = by_seat[np.searchsorted(influencers.seat[by_seat], seats[at])]
        start = np.full(len(rows), world.clock.start)
        source = np.full(len(rows), int(Source.INFLUENCER_POST))
        post = post_ids(influencers.id[rows], start, source + 2000)  # beside posts of the same minute
        showing = Showing(
            post=post,
            row=rows,
            start=start,
            credibility=influencers.credibility[rows].astype(np.float64),
            share=np.full(len(GROUPS), p.seen),
            mean_minutes=60.0 * p.hours_seen,
            chance=p.click,
            response=self.response,
            floor=p.reliance_floor,
        )
        about = np.full(len(rows), self.topic, np.int8)
        deal = Deal(source, about, np.zeros(len(rows), np.int64), rewarded=self._rewarded(depth[at]))
        which, readers = publish(world, draw, showing, deal)
        self._see(world, readers, depth[at][which])
        seen_by[at] = np.bincount(which, minlength=len(rows))
        return seen_by

    @act(
        Phase.MEASURE,
        reads=["records.challenge_entries"],
        writes=["records.challenge_pools", "records.spend", "ledger"],
    )
    def pay(self, world: World, draw: Draw) -> None:
        """Pay the day's part of the prizes in, once anybody takes part, whatever else money is wanted for."""
        if self.first <= world.day <= self.last and len(cast("Any", world.records).challenge_entries):
            fen = self._part(world)
            world.spend("challenge_cost", fen)
            cast("Any", world.records).challenge_pools.append(day=world.day, fen=fen)
