"""Sharing: good deliveries are talked about, rewards set people inviting, and friends pass it on.

Each sharer starts a cascade: a post to some acquaintances, or an invitation to a few close
friends. Every receiver gets a touch with its minute and its lineage, and some pass it on in
turn, today or later. Sharing tires. An invitation is one with or without a reward; a visit that it
brings is paid traffic if a reward was promised and organic if not.
"""

from __future__ import annotations

import math
from typing import Literal, NamedTuple

import numpy as np

from sim.core.fields import fields_of
from sim.core.jit import njit
from sim.core.ledger import to_fen
from sim.core.params import Params, constant, lever, uncertainty
from sim.core.rng import Draw, keyed_uniform, keyed_uniforms
from sim.mechanism import Phase
from sim.network.cascade import PARETO, POISSON, Hops, spread
from sim.social.damping import Slowing, damp, read_first
from sim.social.fraud import FraudParams, read_share, review_hours, reviewed_share
from sim.social.incentives import IncentiveParams
from sim.social.invite_sieve import InviteSieve
from sim.social.tellings import Graph, Hearers, Moment, Response, Rule, start_cascades, tell
from sim.world.platforms import WECHAT
from sim.world.schema import Spend
from sim.world.trial import treats
from sim.world.world import World

#: Deliveries of one day that a person's news can hold; the column has eight bits.
MOST_NEWS = 100


class SharingParams(Params):
    """Who shares, with how many, and what comes of it."""

    enabled: bool = constant(True, "switch", "definition")
    """Off: nobody shares."""

    good_delivery: float = uncertainty(0.28, "shares/good delivery", "A-240", ge=0, le=5, span=(0.1, 0.6))
    """A good delivery is worth telling."""

    invite_base: float = uncertainty(0.04, "invitations/user/day", "A-984", ge=0, le=5, span=(0.01, 0.08))
    """Without any reward: a registered user sends goods to friends in a chat about once a month, to ask, to
    show or to save together; 3-12% of orders by friends' word and links are plausible."""

    invite_gain: float = uncertainty(0.012, "invitations/user/day", "A-242", ge=0, le=5, span=(0.012, 0.06))
    """Added by a very large reward; uncertain by x1-x5."""

    reward_scale: float = uncertainty(12.0, "CNY", "A-243", ge=0.1, le=500, span=(6, 24))
    """Perceived reward at which 63% of that gain is reached."""

    novelty: float = uncertainty(4.0, "ratio", "A-244", ge=1, le=50, span=(2, 8))
    """Invitations in the first days after registration, relative to later."""

    novelty_days: int = uncertainty(3, "days", "A-879", ge=0, le=60, span=(1, 7))
    """How many days these are."""

    usual_satisfaction: float = constant(0.5, "0..1", "A-880; trust without experience", ge=0.01, le=1)
    """Satisfaction at which the rates of inviting hold; the happier invite more in proportion."""

    friends: float = uncertainty(3.0, "people", "A-245", ge=0, le=100, span=(1, 6))
    """Mean number of close friends invited beyond the first."""

    audience: float = uncertainty(5.0, "people", "A-246", ge=0, le=500, span=(2, 15))
    """Acquaintances who notice a shared post."""

    audience_law: Literal["poisson", "pareto"] = uncertainty("poisson", "name", "A-990")
    """How audiences differ by luck: hardly (poisson), or most are tiny and a few very large (pareto)"""

    audience_tail: float = uncertainty(2.4, "exponent", "A-991", ge=2.05, le=6, span=(2.2, 3))
    """With audience_law=pareto: the power by which the density of mean audiences falls; children of reposters
    in twitter15 trees fall with the power 2.4, and nine in ten have none (here 87% at a mean of 0.24)"""

    audience_growth: float = uncertainty(0.0, "exponent", "A-992", ge=0, le=2, span=(0, 1))
    """Audience of a post grows with this power of the sender's acquaintances: 0 alike, 1 in proportion"""

    divided_attention: float = uncertainty(
        0.0,
        "exponent",
        "A-1177; Hodas & Lerman 2012, the better connected pass a message on less; Feng et al. 2015, on "
        "Weibo in proportion to the share of acquaintances who sent it",
        ge=0,
        le=2,
        span=(0, 1),
    )
    """Chance of passing a post on falls with this power of the receiver's acquaintances: 0 alike, 1 attention
    is divided among them. Equal to audience_growth, children of a telling are audience x pass_on on average,
    however uneven the degrees"""

    pass_on: float = uncertainty(0.05, "chance", "A-247", ge=0, le=1, span=(0.02, 0.12))
    """A receiver passes a share on in turn; 78% of shares go no further, of the reposts in
    twitter15's trees nine in ten."""

    pass_on_invite: float = uncertainty(0.02, "chance", "A-248", ge=0, le=1, span=(0.005, 0.06))
    """A receiver passes an invitation on in turn."""

    delay_median: float = uncertainty(
        41.0,
        "minutes",
        "A-249; twitter15: half of a cascade within 41 minutes",
        ge=0.1,
        le=10000,
        span=(15, 120),
    )
    """Delay of a hop."""

    delay_sigma: float = uncertainty(1.6, "log sd", "A-250", ge=0, le=5, span=(1.2, 2.6))
    """Spread of the delay: 99 in 100 hops within a day."""

    share_click: float = uncertainty(0.035, "visits/receiver", "A-276", ge=0, le=1, span=(0.015, 0.08))
    """Response to a close friend's share."""

    weak_click: float = uncertainty(0.015, "visits/receiver", "A-251", ge=0, le=1, span=(0.006, 0.04))
    """Response to an acquaintance's share."""

    invite_click: float = uncertainty(0.12, "visits/receiver", "A-252", ge=0, le=1, span=(0.05, 0.25))
    """Response to a personal invitation."""

    recovery_days: float = uncertainty(7.0, "days", "A-211", ge=0.1, le=100, span=(3, 21))
    """Tiredness of sharing recovers."""

    tiring: float = uncertainty(0.5, "1/share", "A-253", ge=0, le=10, span=(0.2, 1.5))
    """Each recent share lowers the wish to share."""

    duplicate: float = uncertainty(0.35, "share", "A-254", ge=0, le=1, span=(0.1, 0.7))
    """Response lost by a receiver who is a registered user already."""

    damping: float = lever(0.0, "share of invitations", "S040", ge=0, le=1, span=(0, 0.5))
    """Invitations that a rate limit stops before anybody is told, honest ones among them."""

    content_review: float = lever(0.0, "share of what is passed on", "S040", ge=0, le=1, span=(0, 0.5))
    """Posts and invitations that somebody reads before they are shown."""

    content_review_cost: float = uncertainty(0.5, "CNY/reading", "A-1043", ge=0, le=100, span=(0.1, 2))
    """A minute of a reader; where the allowance is used up, what is passed on goes unread."""

    content_review_hours: float = uncertainty(4.0, "hours", "A-1044", ge=0, le=240, span=(0.5, 24))
    """How much later what is read first reaches people."""


class Sharers(NamedTuple):
    """Who may share, one row a seat (columns of the population)."""

    id: np.ndarray
    group: np.ndarray
    registered: np.ndarray
    registered_day: np.ndarray
    satisfaction: np.ndarray
    good_news: np.ndarray
    share_fatigue: np.ndarray


class Urge(NamedTuple):
    """What makes people share today: rates a day, and what lifts and lowers them (see the parameters)."""

    good_delivery: float
    invite_base: float
    gain: float
    novelty: float
    novelty_days: int
    usual_satisfaction: float
    tiring: float


@njit(cache=True)
def _triggers(stream, daypart, day, shares, urge, people, asked, draws, talkers):
    """Who starts sharing in this daypart: (seats, invitation or not).

    ``asked`` are seats of those who may invite and ``draws`` their draws (:mod:`sim.social.invite_sieve`),
    ``talkers`` seats of those with news; both ascending.
    """
    people_id, registered_day = people.id, people.registered_day
    news, tired = people.good_news, people.share_fatigue
    seats, invites = [], []
    a, t = 0, 0
    while a < asked.shape[0] or t < talkers.shape[0]:
        next_asked = np.int64(asked[a]) if a < asked.shape[0] else people_id.shape[0]
        next_talker = np.int64(talkers[t]) if t < talkers.shape[0] else people_id.shape[0]
        i, draw = min(next_asked, next_talker), 1.0
        if i == next_talker:
            t += 1
        if i == next_asked:
            draw = draws[a]
            a += 1
        if not people.registered[i]:
            continue
        slow = shares[people.group[i]] / (1.0 + urge.tiring * tired[i])
        if news[i] > 0:
            chance = 1.0 - math.exp(-urge.good_delivery * news[i] * slow)
            if keyed_uniform(stream, people_id[i], 2 * daypart) < chance:
                seats.append(i)
                invites.append(False)
                tired[i] += 1.0
        rate = (urge.invite_base + urge.gain) * slow * (people.satisfaction[i] / urge.usual_satisfaction)
        if day - registered_day[i] < urge.novelty_days and registered_day[i] >= 0:
            rate *= urge.novelty
        if draw < 1.0 - math.exp(-rate):
            seats.append(i)
            invites.append(True)
            tired[i] += 1.0
    return np.array(seats, dtype=np.int64), np.array(invites, dtype=np.bool_)


class Sharing:
    """Starts this daypart's cascades and delivers their touches."""

    name = "sharing"
    phase = Phase.SHARE
    reads = frozenset(
        {
            "people.id",
            "people.group",
            "people.registered~",
            "people.registered_day~",
            "people.satisfaction~",
            "people.good_news~",
            "people.share_fatigue",
            "people.last_order_category~",
            "graph",
            "platforms.ban~",
            "platforms.traffic",
            "operator.stage_counts~",
            "operator.allowance",
            "operator.review_intensity",
            "operator.terms.trial",
            "teams~",
        }
    )
    writes = frozenset(
        {"agendas.touches", "records.touches", "people.share_fatigue", "records.spend", "ledger"}
    )

    def __init__(
        self, params: SharingParams, incentive: IncentiveParams, shares: np.ndarray, fraud: FraudParams | None
    ) -> None:
        self.params = params
        self.fraud = fraud
        self.incentive = incentive
        self.felt = incentive.felt()
        self.shares = [shares[:, daypart].copy() for daypart in range(shares.shape[1])]
        self.sieve = InviteSieve(self.shares)
        self.urge = fields_of(Urge, {"gain": 0.0}, params)
        self.rule = Rule(
            friends=params.friends,
            audience=params.audience,
            pass_on_invite=params.pass_on_invite,
            pass_on=params.pass_on,
            law=PARETO if params.audience_law == "pareto" else POISSON,
        )
        self.response = Response(
            share=params.share_click,
            weak=params.weak_click,
            invite=params.invite_click,
            duplicate=params.duplicate,
            coupon=incentive.recipient_coupon,
        )
        self.slowing = fields_of(Slowing, params)
        self.reward_fen = to_fen(float(incentive.schedule()[0].sum()))
        self.promise_fen = int(incentive.cost_fen().sum())

    def act(self, world: World, draw: Draw) -> None:
        """Trigger, spread, record."""
        people, p, clock = world.people, self.params, world.clock
        counts = world.operator.stage_counts
        open_ = world.affords(Spend.REWARD, self.promise_fen)
        worth = float((self.felt * (counts / counts[0])).sum()) if open_ else 0.0
        gain = p.invite_gain * (1.0 - math.exp(-worth / p.reward_scale))
        if world.day < world.platforms.ban_until[WECHAT]:
            gain = 0.0
        if self.fraud is not None:
            gain *= 1.0 - self.fraud.deterred * self._reviewed(world, self.fraud)
        stream, rate = draw("share.trigger"), p.invite_base + gain
        rate *= max(1.0, p.novelty) / p.usual_satisfaction
        seats, invites = _triggers(
            stream,
            clock.daypart,
            world.day,
            self.shares[clock.daypart],
            self.urge._replace(gain=gain),
            fields_of(Sharers, people),
            *self.sieve.asked(stream, clock.daypart, rate, people.id, people.satisfaction),
            np.flatnonzero(people.good_news > 0),
        )
        if not len(seats):
            return
        shown = world.platforms.open_share(world.day)[WECHAT]  # who is not shown it does not pass it on
        moment = Moment(world.day, clock.daypart, clock.start, clock.end)
        minutes, keys, law, mean, pass_on = start_cascades(
            draw("share.minute"), moment, people.id, seats, invites, self.rule, shown
        )
        hops = spread(
            draw("share.spread"),
            world.graph,
            people.id,
            seats,
            minutes,
            keys,
            strong_only=invites,
            law=law,
            mean=mean,
            pass_on=pass_on,
            tail=p.audience_tail,
            growth=p.audience_growth,
            divided=p.divided_attention,
            delay_median=p.delay_median,
            delay_sigma=p.delay_sigma,
        )
        hops = read_first(self.slowing, world, draw, damp(self.slowing, draw, hops, invites))
        self._deliver(world, draw, self._held(world, draw, hops, invites), seats, invites)

    def _reviewed(self, world: World, fraud: FraudParams) -> float:
        """Share of rewarded invitations that are reviewed today."""
        picked = reviewed_share(fraud, world.operator.review_intensity, self.reward_fen)
        return picked * read_share(fraud, world)

    def _held(self, world: World, draw: Draw, hops: Hops, invites: np.ndarray) -> Hops:
        """The same passings-on, all of a rewarded cascade later if its sender is reviewed first."""
        if self.fraud is None or self.reward_fen == 0 or world.free_fen() < self.promise_fen:
            return hops
        reviewed = keyed_uniforms(draw("share.review"), hops.root, 0) < self._reviewed(world, self.fraud)
        held = invites[hops.cascade] & reviewed
        return hops._replace(minute=hops.minute + held * round(60.0 * review_hours(self.fraud, world)))

    def _deliver(self, world: World, draw: Draw, hops: Hops, seats: np.ndarray, invites: np.ndarray) -> None:
        """Each passing-on becomes a record and a touch that may bring a visit."""
        graph, people = world.graph, world.people
        rewarded = self.reward_fen > 0 and world.free_fen() >= self.promise_fen
        told = tell(
            hops,
            seats,
            invites,
            self.reward_fen if rewarded else 0,
            Graph(graph.indptr, graph.indices, graph.strength),
            fields_of(Hearers, people),
            self.response,
        )
        source, category, chance, inviter, coupon, reward_fen, sender, receiver, day = told
        world.agendas["touches"].add(
            minute=hops.minute,
            seat=hops.receiver,
            person=receiver,
            source=source,
            origin=WECHAT,
            category=category,
            chance=chance,
            touch=hops.touch,
            sender=inviter,
            discount=coupon * treats(world.operator.terms.trial, draw, "recipient_coupon", receiver),
            commission=0.0,
            rewarded=reward_fen > 0,
        )
        world.records.touches.append(
            touch=hops.touch,
            root=hops.root,
            sender=sender,
            receiver=receiver,
            day=day,
            minute=hops.minute,
            source=source,
            generation=hops.generation,
            category=category,
            reward_fen=reward_fen,
        )


@njit(cache=True)
def _hear(seats, low, keep, news, tired):
    """Yesterday's news is old; today's good deliveries are the next. Tiredness of sharing fades."""
    for i in range(news.shape[0]):
        news[i] = 0
        tired[i] *= keep
    for k in range(seats.shape[0]):
        if seats[k] >= 0 and not low[k]:
            news[seats[k]] = min(MOST_NEWS, news[seats[k]] + 1)


class News:
    """Today's good deliveries are what there is to tell tomorrow."""

    name = "news"
    phase = Phase.SETTLE
    reads = frozenset({"records.deliveries", "people.id", "people.share_fatigue"})
    writes = frozenset({"people.good_news", "people.share_fatigue"})

    def __init__(self, params: SharingParams) -> None:
        self.keep = math.exp(-1.0 / params.recovery_days)

    def act(self, world: World, draw: Draw) -> None:
        """Count what arrived in good order; those who left meanwhile tell nobody."""
        people, deliveries = world.people, world.records.deliveries
        seats = world.seats_of(deliveries.today("person"))
        _hear(seats, deliveries.today("low_score"), self.keep, people.good_news, people.share_fatigue)
