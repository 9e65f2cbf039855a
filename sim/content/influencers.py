"""Influencers at work: posts that are bought and posts that are not.

A post reaches part of an audience over the hours that follow; a reader may visit, and
remembers having read something (see ``demand/visits``). Bought posts earn reach and cost
credibility. A livestream has a host, a slot, a fixed fee, a commission and a discount that the
host demands.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from sim.core.clock import MINUTES_PER_DAY
from sim.core.draws import DRAWN_TOGETHER
from sim.core.fields import fields_of
from sim.core.jit import njit
from sim.core.lookup import distinct
from sim.core.params import Params, lever, uncertainty
from sim.core.rng import Draw, hash_id, keyed_exponential, keyed_uniform, keyed_uniforms
from sim.mechanism import Phase
from sim.world.influencers import Influencers, InfluencerTableParams
from sim.world.platforms import PLATFORMS
from sim.world.rhythm import Rhythm
from sim.world.schema import GROUPS, Source, Spend
from sim.world.touches import shown
from sim.world.world import RESERVES, World


class InfluencerParams(Params):
    """Posting, fees and sessions."""

    enabled: bool = lever(True, "switch", "definition")
    """Off: influencers say nothing of the brand."""

    audience: InfluencerTableParams = InfluencerTableParams()
    own_posts: float = uncertainty(0.3, "posts/influencer/day", "A-980", ge=0, le=5, span=(0.05, 0.6))
    """Unpaid posts and notes of an influencer who fully trusts the brand, one in three days. One person in a
    hundred writes for the others (F067), small accounts of buyers among them."""

    seen: float = uncertainty(0.4, "share of followers", "A-981", ge=0, le=1, span=(0.1, 0.6))
    """Followers who see a post, in the feed or when they look for what it is about."""

    click: float = uncertainty(0.05, "visits/reader", "A-982", ge=0, le=1, span=(0.01, 0.1))
    """Response at full credibility of whoever relies on influencers wholly. Likes and comments of large
    accounts are 0.9% of followers whatever their size; looking up what one read about is more frequent."""

    hours_seen: float = uncertainty(6.0, "hours", "A-262", ge=0.01, le=240, span=(2, 12))
    """Mean delay until a follower sees a post."""

    fee_per_follower: float = uncertainty(0.025, "CNY/follower/post", "A-263", ge=0, le=10, span=(0.01, 0.06))
    """0.02 CNY a follower was too cheap in a prototype."""

    sponsored_cost: float = uncertainty(0.04, "credibility/post", "A-264", ge=0, le=1, span=(0.01, 0.1))
    """A bought post costs credibility."""

    least_credibility: float = uncertainty(0.1, "0..1", "A-881", ge=0, le=1, span=(0.02, 0.3))
    """What bought posts cannot take."""

    reliance_floor: float = uncertainty(0.5, "ratio", "A-882", ge=0, le=5, span=(0.2, 1.0))
    """Response of somebody who does not rely on influencers at all; reliance, 0..1, adds to it."""

    recovery: float = uncertainty(0.01, "credibility/day", "A-265", ge=0, le=1, span=(0.003, 0.03))
    """It comes back with time."""

    sessions_per_week: float = lever(1.0, "sessions/week", "A-875", ge=0, le=70, span=(0, 7))
    """Livestream sessions offered to hosts; about one a week for a brand of this size."""

    session_fee_per_follower: float = uncertainty(
        0.05, "CNY/follower/session", "A-266", ge=0, le=10, span=(0.02, 0.12)
    )
    """Fixed fee of the host."""

    session_watch: float = uncertainty(0.06, "share of followers", "A-267", ge=0, le=1, span=(0.02, 0.15))
    """Followers who look in."""

    session_click: float = uncertainty(0.10, "visits/viewer", "A-268", ge=0, le=1, span=(0.03, 0.25))
    """Viewers who open the shop."""

    session_commission: float = lever(0.20, "share of revenue", "A-269", ge=0, le=0.6, span=(0.05, 0.4))
    """10-30% is usual."""

    host_commission: float = uncertainty(
        0.10, "share of revenue", "A-876; 10-30% is usual", ge=0.001, le=0.6, span=(0.05, 0.2)
    )
    """Commission for which 63% of the sessions offered find a host."""

    session_discount: float = lever(0.20, "share of price", "A-270", ge=0, le=0.8, span=(0, 0.4))
    """Price cut of a session; 10-40% is usual."""

    host_discount: float = uncertainty(
        0.08, "share of price", "A-973; hosts demand 10-40%", ge=0.001, le=0.8, span=(0.04, 0.15)
    )
    """Price cut at which 63% of the hosts that the commission wins will do it: followers of a host come for
    the lowest price, and hosts lose them without it."""

    session_shift: float = lever(0.0, "hours", "A-974", ge=-12, le=12, span=(-12, 12))
    """How much later than the usual hour of their category sessions begin."""


class Audience(NamedTuple):
    """Who follows whom (rows of a sparse matrix), and what people are like, one row a seat."""

    indptr: np.ndarray
    indices: np.ndarray
    id: np.ndarray
    group: np.ndarray
    kol_reliance: np.ndarray
    registered: np.ndarray


class Showing(NamedTuple):
    """Posts or sessions of one kind, one row each, and how followers take them.

    ``post`` (id), ``row`` (of the influencer), ``start`` (absolute minute) and ``credibility`` are arrays.
    ``share`` of the followers of each group see one, after ``mean_minutes`` on average; ``chance`` of a visit
    for whoever relies on influencers wholly (``floor`` is added to the reliance), times ``response`` for
    registered users and the influencer's credibility.
    """

    post: np.ndarray
    row: np.ndarray
    start: np.ndarray
    credibility: np.ndarray
    share: np.ndarray
    mean_minutes: float
    chance: float
    response: float
    floor: float


class Deal(NamedTuple):
    """What posts or sessions are about and cost: one source, category and fee (fen) each; shares for all.

    ``rewarded``: they are paid for otherwise, or may win something (bool or bool[n]).
    """

    source: np.ndarray
    category: np.ndarray
    fee: np.ndarray
    discount: float = 0.0
    commission: float = 0.0
    rewarded: np.ndarray | bool = False


@njit(cache=True)
def _readers(stream, showing, audience):
    """Followers who see each post, one post after the other: (post's row, seats, minutes, visit chances)."""
    indptr, indices, people_id = audience.indptr, audience.indices, audience.id
    room = 0
    for row in showing.row:
        room += indptr[row + 1] - indptr[row]
    which, seats = np.empty(room, np.int64), np.empty(room, np.int64)
    minutes, chances = np.empty(room, np.int64), np.empty(room, np.float64)
    n, most = 0, showing.share.max()
    drawn = np.empty(DRAWN_TOGETHER)
    for k in range(showing.post.shape[0]):
        row, post = showing.row[k], showing.post[k]
        for begin in range(indptr[row], indptr[row + 1], DRAWN_TOGETHER):
            some = indices[begin : min(begin + DRAWN_TOGETHER, indptr[row + 1])]
            for j in range(some.shape[0]):
                drawn[j] = keyed_uniform(stream, people_id[some[j]], post)
            for j in range(some.shape[0]):
                i = some[j]
                if drawn[j] >= most or drawn[j] >= showing.share[audience.group[i]]:
                    continue
                which[n], seats[n] = k, i
                delay = showing.mean_minutes * keyed_exponential(stream, people_id[i], post + 1)
                minutes[n] = showing.start[k] + 1 + np.int64(delay)
                by_reliance = showing.floor + audience.kol_reliance[i]
                by_user = showing.response if audience.registered[i] else 1.0
                chances[n] = showing.chance * showing.credibility[k] * by_reliance * by_user
                n += 1
    return which[:n], seats[:n], minutes[:n], chances[:n]


@njit(cache=True)
def post_ids(influencer, start, source):
    """Stable ids of posts or sessions: hashes of who, when and what."""
    out = np.empty(start.shape[0], np.int64)
    for k in range(start.shape[0]):
        out[k] = hash_id(influencer[k], start[k], source[k])
    return out


def post_fees(influencers: Influencers, params: InfluencerParams, rhythm: Rhythm | None) -> np.ndarray:
    """int64[n_influencers]: fee of a bought post of each, fen."""
    fee = influencers.followers * params.fee_per_follower * 100
    if rhythm is not None:
        fee = fee * rhythm.dearer(influencers.platform)
    return np.maximum(1, np.rint(fee)).astype(np.int64)


def publish(
    world: World, draw: Draw, showing: Showing, deal: Deal, rhythm: Rhythm | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Posts or sessions: touches for those who see them, a record and a bill each.

    With a ``rhythm`` they are of one hour, and seen when people are there.

    Returns
    -------
    which, seats : int64[k]
        Row of ``showing`` and seat of each touch.
    """
    people, influencers = world.people, world.influencers
    which, seats, minutes, chances = _readers(
        draw("post.seen"), showing, fields_of(Audience, influencers.audience, people)
    )
    if rhythm is not None:
        minutes = rhythm.seen_at(showing.start[which], people.group[seats], minutes)
    persons, post = people.id[seats], showing.post[which]
    platform = influencers.platform[showing.row]
    open_share = world.platforms.open_share(world.day)[platform]
    seen = shown(draw, persons, post, open_share[which])
    world.agendas["touches"].add(
        minute=minutes,
        seat=seats,
        person=persons,
        source=deal.source[which],
        origin=platform[which],
        category=deal.category[which],
        chance=chances,
        touch=post,
        sender=-1,
        discount=deal.discount,
        commission=deal.commission,
        rewarded=np.broadcast_to(deal.rewarded, len(showing.post))[which],
    )
    world.records.posts.append(
        post=showing.post,
        influencer=influencers.id[showing.row],
        day=world.day,
        minute=showing.start,
        source=deal.source,
        platform=platform,
        category=deal.category,
        reach=np.bincount(which[seen], minlength=len(showing.post)),
        fee_fen=deal.fee,
    )
    for fee in deal.fee:
        world.spend(Spend.INFLUENCER_FEE, int(fee))
    return which, seats


class Sponsorship:
    """Spends the influencer budget: picks who is paid to post today."""

    name = "sponsorship"
    phase = Phase.DECIDE
    offers = True
    reads = frozenset({"operator.media", "influencers"})
    writes = frozenset({"operator.sponsored"})

    def __init__(self, params: InfluencerParams, kol_split: float, rhythm: Rhythm | None = None) -> None:
        self.params = params
        self.kol_split = kol_split
        self.rhythm = rhythm

    def act(self, world: World, draw: Draw) -> None:
        """Buy posts in keyed random order while the two pots (KOL, KOC) last; the rest is saved."""
        influencers, operator = world.influencers, world.operator
        operator.sponsored = np.zeros(0, np.int64)
        if not len(influencers):
            return
        pots = operator.influencer_pots
        pots += np.array([1.0 - self.kol_split, self.kol_split]) * operator.influencer_fen
        order = np.argsort(keyed_uniforms(draw("sponsor"), influencers.id, 0), kind="stable")
        fee = post_fees(influencers, self.params, self.rhythm)
        chosen = []
        for tier in (0, 1):
            for row in order[influencers.tier[order] == tier]:
                if pots[tier] < fee[row]:
                    break
                pots[tier] -= fee[row]
                chosen.append(int(row))
        operator.sponsored = np.array(sorted(chosen), np.int64)
        world.reserve("pots", float(pots.sum()))
        world.reserve("posts", float(fee[chosen].sum()))


class Posts:
    """Bought and unbought posts of this daypart."""

    name = "posts"
    phase = Phase.EXPOSE
    offers = True
    reads = frozenset(
        {
            "influencers",
            "people.id",
            "people.group",
            "people.kol_reliance",
            "people.registered~",
            "people.trust~",
            "operator.sponsored",
            "platforms.traffic",
            "platforms.ban~",
        }
    )
    writes = frozenset(
        {"agendas.touches", "records.posts", "records.spend", "ledger", "influencers.credibility"}
    )

    def __init__(self, params: InfluencerParams, response: float, rhythm: Rhythm | None = None) -> None:
        self.params = params
        self.response = response
        self.rhythm = rhythm

    def act(self, world: World, draw: Draw) -> None:
        """Each influencer has at most one minute a day; whoever's minute is now, posts."""
        influencers, p = world.influencers, self.params
        if not len(influencers):
            return
        paid = np.zeros(len(influencers), bool)
        paid[world.operator.sponsored] = True
        minute = world.clock.midnight + self._minutes(influencers, draw, paid)
        now = (minute >= world.clock.start) & (minute < world.clock.end)
        fancy = (
            keyed_uniforms(draw("post.own"), influencers.id, 0)
            < p.own_posts * world.people.trust[influencers.seat]
        )
        rows = np.flatnonzero(now & (paid | fancy))
        for some in self._by_slot(influencers, rows, minute):
            self._post(world, draw, some, minute[some], paid[some])
        if world.clock.daypart == 0:
            influencers.credibility[:] = np.minimum(1.0, influencers.credibility + p.recovery)

    def _minutes(self, influencers: Influencers, draw: Draw, paid: np.ndarray) -> np.ndarray:
        """int64[n_influencers]: minute of the day at which each posts, if it does."""
        drawn = keyed_uniforms(draw("post.minute"), influencers.id, 0)
        minute = 420 + (drawn * 960).astype(np.int64)
        if self.rhythm is not None:
            minute[paid] = self.rhythm.bought_minute(influencers.platform[paid], drawn[paid])
        return minute

    def _by_slot(self, influencers: Influencers, rows: np.ndarray, minute: np.ndarray) -> list[np.ndarray]:
        """Rows of posts: all together, or with a rhythm those of one hour and platform."""
        if self.rhythm is None or not len(rows):
            return [rows] if len(rows) else []
        slot = minute[rows] // 60 * len(PLATFORMS) + influencers.platform[rows]
        return [rows[slot == one] for one in distinct(slot)]

    def _seen(self, platform: int, start: int) -> np.ndarray:
        """float64[n_groups]: share of followers who see a post."""
        share = np.full(len(GROUPS), self.params.seen)
        if self.rhythm is not None:
            share *= self.rhythm.reached(start % MINUTES_PER_DAY // 60, platform)
        return np.minimum(1.0, share)

    def _post(self, world: World, draw: Draw, rows: np.ndarray, start: np.ndarray, paid: np.ndarray) -> None:
        """Publish the posts of these influencers, and take from their credibility what bought ones cost."""
        influencers, p = world.influencers, self.params
        source = np.where(paid, int(Source.SPONSORED_POST), int(Source.INFLUENCER_POST))
        fee = post_fees(influencers, p, self.rhythm)[rows]
        fee[~paid] = 0
        showing = Showing(
            post=post_ids(influencers.id[rows], start, source),
            row=rows,
            start=start,
            credibility=influencers.credibility[rows].astype(np.float64),
            share=self._seen(int(influencers.platform[rows[0]]), int(start[0])),
            mean_minutes=60.0 * p.hours_seen,
            chance=p.click,
            response=self.response,
            floor=p.reliance_floor,
        )
        publish(world, draw, showing, Deal(source, influencers.category[rows], fee), self.rhythm)
        world.reserve("posts", world.operator.reserved_fen[RESERVES.index("posts")] - fee.sum())
        bought = rows[paid]
        influencers.credibility[bought] = np.maximum(
            p.least_credibility, influencers.credibility[bought] - p.sponsored_cost
        )


assert MINUTES_PER_DAY > 420 + 960
