"""Relays: readers pass posts of influencers on, and small accounts write of what large ones posted.

A post of an influencer used to end with its readers. Here a reader may pass it on to people he or she
knows, whose telling goes on over the graph as any other; and an opinion consumer (KOC) who reads a post of
an opinion leader (KOL) may write of it for followers of his or her own. How many tellings a head's post
seeds, and how much of its traffic the tail brings, are outcomes.
"""

from __future__ import annotations

import math
from typing import Any, ClassVar, NamedTuple, cast

import numpy as np

from sim.content.influencers import Deal, InfluencerParams, Showing, post_ids, publish
from sim.content.relay_params import RelayParams
from sim.core.clock import MINUTES_PER_DAY
from sim.core.jit import njit
from sim.core.lookup import rows_of
from sim.core.rng import Draw, keyed_exponential, keyed_uniform
from sim.core.scatter import add_one_at
from sim.feature import Feature, Figure, Moment, Schema, Tables, act
from sim.mechanism import Mechanism, Phase
from sim.network.cascade import PARETO, POISSON, Hops, spread
from sim.world.influencers import KOC, KOL
from sim.world.kinds import among
from sim.world.people import Column
from sim.world.platforms import WECHAT
from sim.world.schema import GROUPS, Source
from sim.world.touches import shown
from sim.world.world import World

#: Bought and unbought posts of influencers; sessions have no text to pass on.
_POSTS = among(Source.INFLUENCER_POST, Source.SPONSORED_POST)


class Reading(NamedTuple):
    """Posts that are read in a daypart, one row a reader and post.

    seat : int64[k]; minute : int64[k]; post : int64[k], id; category : int8[k]; tier : int8[k], of its
    author, -1 where the post is older than the records.
    """

    seat: np.ndarray
    minute: np.ndarray
    post: np.ndarray
    category: np.ndarray
    tier: np.ndarray


@njit(cache=True)
def _draws(stream, persons, posts, occasion):
    """float64[k]: a uniform draw of each reader and post."""
    out = np.empty(persons.shape[0])
    for k in range(persons.shape[0]):
        out[k] = keyed_uniform(stream, persons[k], posts[k] + occasion)
    return out


@njit(cache=True)
def _delays(stream, persons, posts, mean):
    """int64[k]: minutes until somebody writes of a post, exponential."""
    out = np.empty(persons.shape[0], np.int64)
    for k in range(persons.shape[0]):
        out[k] = 1 + np.int64(mean * keyed_exponential(stream, persons[k], posts[k]))
    return out


def _touched(tables: Tables, table: str, column: str) -> np.ndarray:
    """bool[n visits]: brought by what stands in a table."""
    here: np.ndarray = np.isin(tables["visits"]["touch"], tables[table][column])
    return here


def _by_tail(tables: Tables) -> np.ndarray:
    """float64[n visits]: brought by tellings of head posts, or by posts that they made others write."""
    told = tables["relay_tellings"]
    heads = {"relay_tellings": {"touch": told["touch"][told["tier"] == KOL]}, "visits": tables["visits"]}
    tail = _touched(heads, "relay_tellings", "touch") | _touched(tables, "relay_posts", "post")
    return tail.astype(np.float64)


def _by_heads(tables: Tables) -> np.ndarray:
    """float64[n visits]: the same, or by the head posts themselves."""
    return np.maximum(_by_tail(tables), _touched(tables, "relay_heads", "post"))


class Relay(Feature):
    """What becomes of a post after it has been read (S041, S042)."""

    section = "relay"
    Params = RelayParams
    world = True
    columns: ClassVar = {
        "relay_due": Column(
            "int64", "minute of the post that a KOC is about to write, -1", start=-1, back="start"
        ),
        "relay_cause": Column("int64", "post of the KOL that it is about", start=0, back="start"),
        "relay_wrote": Column("int32", "absolute day of the last such post", start=-100_000, back="start"),
        "relay_read": Column("float32", "posts of KOLs read of late, decaying count", start=0, back="start"),
    }
    events: ClassVar[dict[str, Schema]] = {
        "relay_heads": {
            "day": ("int32", "absolute day"),
            "post": ("int64", "id of a KOL's post"),
            "followers": ("int64", "of the KOL"),
        },
        "relay_posts": {
            "day": ("int32", "absolute day"),
            "post": ("int64", "id of a KOC's post"),
            "cause": ("int64", "id of the KOL's post that it is about"),
        },
        "relay_tellings": {
            "day": ("int32", "absolute day of reading"),
            "touch": ("int64", "id of a telling, of any generation"),
            "post": ("int64", "id of the post that was passed on"),
            "tier": ("int8", "tier of its author: 0 KOC, 1 KOL"),
        },
    }
    figures = (
        Figure(
            "relay_tellings_per_head_post",
            "Tellings of a head's post",
            "tellings/post",
            over=lambda t: (t["relay_tellings"]["tier"] == KOL).astype(np.float64),
            per=lambda t: np.ones(len(t["relay_heads"]["day"])),
        ),
        Figure(
            "relay_posts_per_head_post",
            "Posts that a head's post makes others write",
            "posts/post",
            over=lambda t: np.ones(len(t["relay_posts"]["day"])),
            per=lambda t: np.ones(len(t["relay_heads"]["day"])),
        ),
        Figure(
            "relay_tail_share",
            "Of the visits that heads' posts cause, brought by others",
            "share",
            _by_tail,
            _by_heads,
        ),
    )

    def __init__(self, params: RelayParams, posts: InfluencerParams, sharing: Any, response: float) -> None:
        super().__init__(params)
        self.posts, self.sharing, self.response = posts, sharing, response

    @classmethod
    def on(cls, config: Any) -> bool:
        """Where influencers post."""
        return bool(config.section(cls.section).enabled and config.influencers.enabled)

    @classmethod
    def build(cls, config: Any, moment: Moment) -> list[Mechanism]:
        """Its acts, with how posts are seen and how people pass things on."""
        own = config.section(cls.section)
        return cls(own, config.influencers, config.sharing, config.traffic.registered_response).acts()

    @act(
        Phase.EXPOSE,
        reads=[
            "influencers",
            "people.id",
            "people.group",
            "people.kol_reliance",
            "people.registered~",
            "people.relay_due",
            "people.relay_cause",
            "platforms.traffic",
            "platforms.ban~",
        ],
        writes=[
            "agendas.touches",
            "records.posts",
            "records.relay_posts",
            "records.spend",
            "ledger",
            "people.relay_due",
        ],
        offers=True,
    )
    def write(self, world: World, draw: Draw) -> None:
        """Publish what KOCs had in mind to write by now, without a fee; what was due earlier is dropped."""
        influencers, people, p = world.influencers, cast("Any", world.people), self.posts
        due = people.relay_due[influencers.seat]
        people.relay_due[influencers.seat[due < world.clock.midnight]] = -1
        rows = np.flatnonzero((due >= world.clock.midnight) & (due < world.clock.end))
        if not len(rows):
            return
        seats, start = influencers.seat[rows], np.maximum(due[rows], world.clock.start)
        source = np.full(len(rows), int(Source.INFLUENCER_POST))
        # a number of its own, because a KOC may post unasked in the same minute
        post = post_ids(influencers.id[rows], start, source + 1000)
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
        publish(world, draw, showing, Deal(source, influencers.category[rows], np.zeros(len(rows), np.int64)))
        cast("Any", world.records).relay_posts.append(
            day=world.day, post=post, cause=people.relay_cause[seats]
        )
        people.relay_due[seats] = -1

    @act(
        Phase.SHARE,
        reads=[
            "agendas.touches~",
            "records.posts",
            "influencers",
            "graph",
            "people.id",
            "people.registered~",
            "people.share_fatigue~",
            "platforms.traffic",
            "platforms.ban~",
            "people.relay_wrote",
            "people.relay_read",
        ],
        writes=[
            "agendas.touches",
            "records.touches",
            "records.relay_tellings",
            "records.relay_heads",
            "people.relay_due",
            "people.relay_cause",
            "people.relay_wrote",
            "people.relay_read",
        ],
    )
    def read(self, world: World, draw: Draw) -> None:
        """Whoever reads a post in this daypart may pass it on, and may write of it."""
        influencers = world.influencers
        if not len(influencers):
            return
        if world.clock.daypart == 0:
            cast("Any", world.people).relay_read *= math.exp(-1.0 / self.params.rest_days)
        self._note_heads(world)
        reading = self._readings(world, draw)
        if len(reading.seat):
            self._inspire(world, draw, reading)
            self._pass_on(world, draw, reading)

    @staticmethod
    def _note_heads(world: World) -> None:
        """Posts of KOLs that went out in this daypart."""
        posts, influencers = world.records.posts, world.influencers
        minute, source = posts.today("minute"), posts.today("source")
        now = (minute >= world.clock.start) & (minute < world.clock.end) & _POSTS[source]
        if not now.any():
            return
        order = np.argsort(influencers.id)
        rows = order[np.searchsorted(influencers.id[order], posts.today("influencer")[now])]
        head = influencers.tier[rows] == KOL
        cast("Any", world.records).relay_heads.append(
            day=np.full(int(head.sum()), world.day),
            post=posts.today("post")[now][head],
            followers=influencers.followers[rows[head]],
        )

    @staticmethod
    def _readings(world: World, draw: Draw) -> Reading:
        """Touches of posts that are due in this daypart and shown."""
        names = "source", "seat", "person", "touch", "origin", "minute", "category"
        due = world.agendas["touches"].due(world.clock.end, *names)
        rows = np.flatnonzero(_POSTS[due["source"]])
        seat, person, post = (due[name][rows] for name in ("seat", "person", "touch"))
        open_share = world.platforms.open_share(world.day)[due["origin"][rows]]
        here = (world.people.id[seat] == person) & shown(draw, person, post, open_share)
        rows, seat, post = rows[here], seat[here], post[here]
        tier = Relay._tiers(world, post)
        minute = np.maximum(due["minute"][rows], world.clock.start)
        return Reading(seat.astype(np.int64), minute, post, due["category"][rows], tier)

    @staticmethod
    def _tiers(world: World, post: np.ndarray) -> np.ndarray:
        """int8[k]: tier of the author of each post; -1: not in the records, or no influencer now."""
        posts, influencers = world.records.posts, world.influencers
        if not len(post) or not len(posts) or not len(influencers):
            return np.full(len(post), -1, np.int8)
        rows = rows_of(posts["post"], post)
        by_id = np.argsort(influencers.id, kind="stable")
        author = posts["influencer"][rows]
        nth = by_id[np.minimum(np.searchsorted(influencers.id, author, "right", by_id) - 1, len(by_id) - 1)]
        known = (rows >= 0) & (influencers.id[nth] == author)
        return np.where(known, influencers.tier[nth], -1).astype(np.int8)

    def _inspire(self, world: World, draw: Draw, reading: Reading) -> None:
        """KOCs who read a KOL's post may plan one of their own: not again for a while, and less each time."""
        people, influencers, p = cast("Any", world.people), world.influencers, self.params
        koc = np.zeros(len(people), bool)
        koc[influencers.seat[influencers.tier == KOC]] = True
        at = np.flatnonzero(koc[reading.seat] & (reading.tier == KOL))
        seats, post, ids = reading.seat[at], reading.post[at], people.id[reading.seat[at]]
        free = (people.relay_due[seats] < 0) & (world.day - people.relay_wrote[seats] >= p.cool_down)
        chance = p.activation * np.exp(-p.tires * people.relay_read[seats])
        wants = free & (_draws(draw.timeless("relay.write"), ids, post, 0) < chance)
        add_one_at(people.relay_read, seats)
        delay = _delays(draw.timeless("relay.delay"), ids, post, 60.0 * p.delay_hours)
        for k in np.flatnonzero(wants)[::-1].tolist():  # of two posts in one daypart, the first
            people.relay_due[seats[k]] = max(int(reading.minute[at[k]] + delay[k]), world.clock.end)
            people.relay_cause[seats[k]] = post[k]
            people.relay_wrote[seats[k]] = world.day

    def _pass_on(self, world: World, draw: Draw, reading: Reading) -> None:
        """Readers who pass a post on start cascades among the people they know."""
        people, p, s = world.people, self.params, self.sharing
        ids = people.id[reading.seat]
        chance = p.pass_on / (1.0 + s.tiring * people.share_fatigue[reading.seat])
        at = np.flatnonzero(_draws(draw.timeless("relay.pass"), ids, reading.post, 1) < chance)
        if not len(at):
            return
        at = at[np.lexsort((reading.post[at], reading.seat[at]))]
        seats, post = reading.seat[at], reading.post[at]
        first = np.append(True, (seats[1:] != seats[:-1]) | (post[1:] != post[:-1]))  # of one post twice
        at, seats, post = at[first], seats[first], post[first]
        world_share = world.platforms.open_share(world.day)[WECHAT]
        hops = spread(
            draw("relay.spread"),
            world.graph,
            people.id,
            seats,
            reading.minute[at],
            post,
            strong_only=False,
            law=PARETO if s.audience_law == "pareto" else POISSON,
            mean=s.audience,
            pass_on=s.pass_on * world_share,
            tail=s.audience_tail,
            growth=s.audience_growth,
            divided=s.divided_attention,
            delay_median=s.delay_median,
            delay_sigma=s.delay_sigma,
        )
        self._tell(world, hops, post, reading.category[at], reading.tier[at])

    def _tell(self, world: World, hops: Hops, post: np.ndarray, about: np.ndarray, tier: np.ndarray) -> None:
        """Each telling is a record, and a touch that may bring a visit, as that of an acquaintance."""
        people, s, category = world.people, self.sharing, about[hops.cascade]
        known = people.registered[hops.receiver]
        receiver = people.id[hops.receiver]
        world.agendas["touches"].add(
            minute=hops.minute,
            seat=hops.receiver,
            person=receiver,
            source=int(Source.SHARE),
            origin=WECHAT,
            category=category,
            chance=s.weak_click * np.where(known, 1.0 - s.duplicate, 1.0),
            touch=hops.touch,
            sender=-1,
            discount=0.0,
            commission=0.0,
            rewarded=False,
        )
        world.records.touches.append(
            touch=hops.touch,
            root=hops.root,
            sender=people.id[hops.sender],
            receiver=receiver,
            day=(hops.minute // MINUTES_PER_DAY).astype(np.int32),
            minute=hops.minute,
            source=int(Source.SHARE),
            generation=hops.generation,
            category=category,
            reward_fen=0,
        )
        cast("Any", world.records).relay_tellings.append(
            day=np.full(len(hops.touch), world.day),
            touch=hops.touch,
            post=post[hops.cascade],
            tier=tier[hops.cascade],
        )
