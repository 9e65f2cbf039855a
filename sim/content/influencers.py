"""Influencers at work: posts that are bought, posts that are not, and livestream sessions.

A post reaches part of an audience over the hours that follow; a reader may visit, and
remembers having read something (see ``demand/visits``). Bought posts earn reach and cost
credibility. A livestream has a host, a slot, a fixed fee, a commission and a discount that the
host demands.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from sim.core.clock import MINUTES_PER_DAY
from sim.core.fields import fields_of
from sim.core.jit import njit
from sim.core.ledger import to_fen
from sim.core.params import Params, lever, uncertainty
from sim.core.rng import Draw, hash_id, keyed_exponential, keyed_uniform, keyed_uniforms
from sim.mechanism import Phase
from sim.world.influencers import KOL, Influencers, InfluencerTableParams
from sim.world.schema import Source, Spend
from sim.world.touches import shown
from sim.world.world import RESERVES, World


class InfluencerParams(Params):
    """Posting, fees and sessions."""

    enabled: bool = lever(True, "switch", "definition")
    """Off: influencers say nothing of the brand."""

    audience: InfluencerTableParams = InfluencerTableParams()
    own_posts: float = uncertainty(0.03, "posts/influencer/day", "A-259", ge=0, le=5, span=(0.01, 0.1))
    """Unpaid posts of an influencer who fully trusts the brand."""

    seen: float = uncertainty(0.25, "share of followers", "A-260", ge=0, le=1, span=(0.1, 0.5))
    """Followers who see a post."""

    click: float = uncertainty(0.012, "visits/reader", "A-261", ge=0, le=1, span=(0.005, 0.03))
    """Response at full credibility; engagement of large accounts is 0.9% and does not depend on size."""

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
    """Price cut of a session; 10-40% is usual, and hosts here take any."""


class Audience(NamedTuple):
    """Who follows whom (rows of a sparse matrix), and what people are like, one row a seat."""

    indptr: np.ndarray
    indices: np.ndarray
    id: np.ndarray
    kol_reliance: np.ndarray
    registered: np.ndarray


class Showing(NamedTuple):
    """One post or session, and how followers take it.

    ``share`` of them see it, after ``mean_minutes`` on average; ``chance`` of a visit for whoever relies on
    influencers wholly (``floor`` is added to the reliance), times ``response`` for registered users and
    the influencer's ``credibility``.
    """

    post: int
    row: int
    start: int
    share: float
    mean_minutes: float
    chance: float
    response: float
    floor: float
    credibility: float


class Deal(NamedTuple):
    """What a post or session is about and costs: fee in fen, price cut and commission as shares."""

    source: Source
    category: int
    fee: int = 0
    discount: float = 0.0
    commission: float = 0.0


@njit(cache=True)
def _readers(stream, showing, audience):
    """Followers who see a post: (seats, minutes, visit chances)."""
    indices, people_id, post, start = audience.indices, audience.id, showing.post, showing.start
    seats, minutes, chances = [], [], []
    for e in range(audience.indptr[showing.row], audience.indptr[showing.row + 1]):
        i = indices[e]
        who = people_id[i]
        if keyed_uniform(stream, who, post) >= showing.share:
            continue
        seats.append(i)
        minutes.append(start + 1 + np.int64(showing.mean_minutes * keyed_exponential(stream, who, post + 1)))
        by_reliance = showing.floor + audience.kol_reliance[i]
        by_user = showing.response if audience.registered[i] else 1.0
        chances.append(showing.chance * showing.credibility * by_reliance * by_user)
    return (
        np.array(seats, dtype=np.int64),
        np.array(minutes, dtype=np.int64),
        np.array(chances, dtype=np.float64),
    )


def _post_id(influencers: Influencers, row: int, start: int, source: Source) -> int:
    """Stable id of a post or session: hash of who, when and what."""
    return int(hash_id(np.int64(influencers.id[row]), np.int64(start), np.int64(source)))


def _publish(world: World, draw: Draw, showing: Showing, deal: Deal) -> None:
    """One post or session: touches for those who see it, a record, a bill."""
    people, influencers = world.people, world.influencers
    seats, minutes, chances = _readers(
        draw("post.seen"), showing, fields_of(Audience, influencers.audience, people)
    )
    post, platform = showing.post, int(influencers.platform[showing.row])
    open_share = np.full(len(seats), world.platforms.open_share(world.day)[platform])
    reach = int(shown(draw, people.id[seats], np.full(len(seats), post), open_share).sum())
    world.agendas["touches"].add(
        minute=minutes,
        seat=seats,
        person=people.id[seats],
        source=int(deal.source),
        origin=platform,
        category=deal.category,
        chance=chances,
        touch=post,
        sender=-1,
        discount=deal.discount,
        commission=deal.commission,
        rewarded=False,
    )
    world.records.posts.append(
        post=post,
        influencer=int(influencers.id[showing.row]),
        day=world.day,
        minute=showing.start,
        source=int(deal.source),
        platform=platform,
        category=deal.category,
        reach=reach,
        fee_fen=deal.fee,
    )
    world.spend(Spend.INFLUENCER_FEE, deal.fee)


class Sponsorship:
    """Spends the influencer budget: picks who is paid to post today."""

    name = "sponsorship"
    phase = Phase.DECIDE
    reads = frozenset({"operator.media", "influencers"})
    writes = frozenset({"operator.sponsored"})

    def __init__(self, params: InfluencerParams, kol_split: float) -> None:
        self.params = params
        self.kol_split = kol_split

    def act(self, world: World, draw: Draw) -> None:
        """Buy posts in keyed random order while the two pots (KOL, KOC) last; the rest is saved."""
        influencers, operator = world.influencers, world.operator
        operator.sponsored = np.zeros(0, np.int64)
        if not len(influencers):
            return
        pots = operator.influencer_pots
        pots += np.array([1.0 - self.kol_split, self.kol_split]) * operator.influencer_fen
        order = np.argsort(keyed_uniforms(draw("sponsor"), influencers.id, 0), kind="stable")
        fee = np.maximum(1, np.rint(influencers.followers * self.params.fee_per_follower * 100)).astype(
            np.int64
        )
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
    reads = frozenset(
        {
            "influencers",
            "people.id",
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

    def __init__(self, params: InfluencerParams, response: float) -> None:
        self.params = params
        self.response = response

    def act(self, world: World, draw: Draw) -> None:
        """Each influencer has at most one minute a day; whoever's minute is now, posts."""
        influencers, p = world.influencers, self.params
        if not len(influencers):
            return
        minute = (
            world.clock.midnight
            + 420
            + (keyed_uniforms(draw("post.minute"), influencers.id, 0) * 960).astype(np.int64)
        )
        now = (minute >= world.clock.start) & (minute < world.clock.end)
        paid = np.zeros(len(influencers), bool)
        paid[world.operator.sponsored] = True
        fancy = (
            keyed_uniforms(draw("post.own"), influencers.id, 0)
            < p.own_posts * world.people.trust[influencers.seat]
        )
        for row in np.flatnonzero(now & (paid | fancy)):
            source = Source.SPONSORED_POST if paid[row] else Source.INFLUENCER_POST
            fee = max(1, to_fen(influencers.followers[row] * p.fee_per_follower)) if paid[row] else 0
            showing = Showing(
                post=_post_id(influencers, int(row), int(minute[row]), source),
                row=int(row),
                start=int(minute[row]),
                share=p.seen,
                mean_minutes=60.0 * p.hours_seen,
                chance=p.click,
                response=self.response,
                floor=p.reliance_floor,
                credibility=float(influencers.credibility[row]),
            )
            _publish(world, draw, showing, Deal(source, int(influencers.category[row]), fee))
            if paid[row]:
                world.reserve("posts", world.operator.reserved_fen[RESERVES.index("posts")] - fee)
                influencers.credibility[row] = max(
                    p.least_credibility, influencers.credibility[row] - p.sponsored_cost
                )
        if world.clock.daypart == 0:
            influencers.credibility[:] = np.minimum(1.0, influencers.credibility + p.recovery)


class Livestreams:
    """Sessions of the day in the slot of their category."""

    name = "livestreams"
    phase = Phase.EXPOSE
    reads = frozenset(
        {
            "influencers",
            "influencers.credibility",
            "operator.allowance",
            "people.id",
            "people.kol_reliance",
            "people.registered~",
            "platforms.traffic",
            "platforms.ban~",
        }
    )
    writes = frozenset({"agendas.touches", "records.posts", "records.spend", "ledger"})

    def __init__(self, params: InfluencerParams, response: float) -> None:
        self.params = params
        self.response = response

    def act(self, world: World, draw: Draw) -> None:
        """Hold the sessions whose slot lies in this daypart."""
        p, hosts = self.params, np.flatnonzero(world.influencers.tier == KOL)
        if not len(hosts) or p.sessions_per_week == 0.0:
            return
        stream = draw("session")
        found = 1.0 - math.exp(-p.session_commission / p.host_commission)
        number = math.floor(p.sessions_per_week / 7.0 * found)
        chance = p.sessions_per_week / 7.0 * found - number
        number += float(keyed_uniforms(stream, np.array([0]), 0)[0]) < chance
        for k in range(number):
            host = hosts[int(keyed_uniforms(stream, np.array([1 + k]), 1)[0] * len(hosts))]
            category = int(world.influencers.category[host])
            start = world.clock.midnight + 60 * int(world.catalog.live_hour[category])
            if world.clock.start <= start < world.clock.end:
                fee = to_fen(world.influencers.followers[host] * p.session_fee_per_follower)
                if not world.affords(Spend.INFLUENCER_FEE, fee):
                    continue
                self._hold(world, draw, int(host), start, fee)

    def _hold(self, world: World, draw: Draw, host: int, start: int, fee: int) -> None:
        """Hold one session of a host from a minute on."""
        p, influencers = self.params, world.influencers
        showing = Showing(
            post=_post_id(influencers, host, start, Source.LIVESTREAM),
            row=host,
            start=start,
            share=p.session_watch,
            mean_minutes=30.0,
            chance=p.session_click,
            response=self.response,
            floor=p.reliance_floor,
            credibility=float(influencers.credibility[host]),
        )
        category = int(influencers.category[host])
        deal = Deal(Source.LIVESTREAM, category, fee, p.session_discount, p.session_commission)
        _publish(world, draw, showing, deal)


assert MINUTES_PER_DAY > 420 + 960
