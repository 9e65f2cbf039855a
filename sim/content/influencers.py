"""Influencers at work: posts that are bought, posts that are not, and livestream sessions.

A post reaches part of an audience over the hours that follow; a reader may visit, and
remembers having read something (see ``demand/visits``). Bought posts earn reach and cost
credibility. A livestream has a host, a slot, a fixed fee, a commission and a discount that the
host demands.
"""

from __future__ import annotations

import math

import numpy as np

from sim.core.clock import MINUTES_PER_DAY
from sim.core.jit import njit
from sim.core.ledger import to_fen
from sim.core.params import Params, lever, uncertainty
from sim.core.rng import Draw, hash_id, keyed_exponential, keyed_uniform, keyed_uniforms
from sim.mechanism import Phase
from sim.world.influencers import KOL, InfluencerTableParams
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


@njit(cache=True)
def _readers(stream, post, row, start, share, mean_minutes, chance, response, floor, indptr, indices,
             people_id, reliance,
             registered, credibility):  # fmt: skip
    """Followers who see a post: (seats, minutes, visit chances)."""
    seats, minutes, chances = [], [], []
    for e in range(indptr[row], indptr[row + 1]):
        i = indices[e]
        if keyed_uniform(stream, people_id[i], post) >= share:
            continue
        seats.append(i)
        minutes.append(start + 1 + np.int64(mean_minutes * keyed_exponential(stream, people_id[i], post + 1)))
        chances.append(chance * credibility * (floor + reliance[i]) * (response if registered[i] else 1.0))
    return (
        np.array(seats, dtype=np.int64),
        np.array(minutes, dtype=np.int64),
        np.array(chances, dtype=np.float64),
    )


def _hash(a: int, b: int, c: int) -> int:
    return int(hash_id(np.int64(a), np.int64(b), np.int64(c)))


def _publish(world: World, draw: Draw, floor: float, row: int, start: int, source: Source, category: int,
             share: float, mean_minutes: float, chance: float, response: float, fee: int, discount: float,
             commission: float) -> None:  # fmt: skip
    """One post or session: touches for those who see it, a record, a bill."""
    people, influencers = world.people, world.influencers
    post = _hash(int(influencers.id[row]), start, int(source))
    seats, minutes, chances = _readers(
        draw("post.seen"), post, row, start, share, mean_minutes, chance, response,
        floor, influencers.audience.indptr, influencers.audience.indices, people.id, people.kol_reliance,
        people.registered, influencers.credibility[row],
    )  # fmt: skip
    platform = int(influencers.platform[row])
    open_share = np.full(len(seats), world.platforms.open_share(world.day)[platform])
    reach = int(shown(draw, people.id[seats], np.full(len(seats), post), open_share).sum())
    world.agendas["touches"].add(
        minute=minutes, seat=seats, person=people.id[seats], source=int(source), origin=platform,
        category=category,
        chance=chances, touch=post, sender=-1, discount=discount,
        commission=commission, rewarded=False,
    )  # fmt: skip
    world.records.posts.append(
        post=post, influencer=int(influencers.id[row]), day=world.day, minute=start, source=int(source),
        platform=platform, category=category, reach=reach, fee_fen=fee,
    )  # fmt: skip
    world.spend(Spend.INFLUENCER_FEE, fee)


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
    reads = frozenset({"influencers", "people.id", "people.kol_reliance", "people.registered~",
                       "people.trust~", "operator.sponsored", "platforms.traffic",
                       "platforms.ban~"})  # fmt: skip
    writes = frozenset({"agendas.touches", "records.posts", "records.spend", "ledger",
                        "influencers.credibility"})  # fmt: skip

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
            _publish(world, draw, p.reliance_floor, int(row), int(minute[row]), source,
                     int(influencers.category[row]), p.seen,
                     60.0 * p.hours_seen, p.click, self.response, fee, 0.0, 0.0)  # fmt: skip
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
    reads = frozenset({"influencers", "influencers.credibility", "operator.allowance", "people.id",
                       "people.kol_reliance",
                       "people.registered~", "platforms.traffic", "platforms.ban~"})  # fmt: skip
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
                _publish(world, draw, p.reliance_floor, int(host), start, Source.LIVESTREAM, category,
                         p.session_watch, 30.0,
                         p.session_click, self.response, fee, p.session_discount,
                         p.session_commission)  # fmt: skip


assert MINUTES_PER_DAY > 420 + 960
