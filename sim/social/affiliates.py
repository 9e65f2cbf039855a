"""Affiliates: satisfied customers who sell for a commission and nothing else.

They post a link to acquaintances now and then; an order through it owes them a share of the
revenue once it is handed over. Who gets less than what he or she began for posts less in proportion.
"""

from __future__ import annotations

import numpy as np

from sim.core.clock import MINUTES_PER_DAY
from sim.core.jit import njit
from sim.core.lookup import distinct
from sim.core.params import Params, lever, uncertainty
from sim.core.rng import Draw, keyed_uniform
from sim.mechanism import Phase
from sim.network.cascade import POISSON, spread
from sim.world.platforms import WECHAT
from sim.world.schema import Source
from sim.world.world import World


class AffiliateParams(Params):
    """Who sells for commission and how well."""

    enabled: bool = lever(True, "switch", "definition")
    """Off: no affiliate programme."""

    commission: float = lever(0.08, "share of revenue", "A-271", ge=0, le=0.6, span=(0.02, 0.2))
    """Paid on orders through the link."""

    join: float = uncertainty(
        0.30, "chance/repeat order at a commission of 0.1", "A-272", ge=0, le=1, span=(0.05, 0.5)
    )
    """A repeat buyer takes up selling, at a commission of one tenth and full trust; in proportion to both."""

    posts: float = uncertainty(0.15, "links/affiliate/day", "A-985", ge=0, le=10, span=(0.05, 0.5))
    """Links an affiliate posts: one a week, of all that they sell; fewer, in proportion, for less commission
    than he or she began for."""

    audience: float = uncertainty(20.0, "people", "A-986", ge=0, le=500, span=(5, 40))
    """Acquaintances who notice a link, posted into groups of a few dozen."""

    click: float = uncertainty(0.03, "visits/receiver", "A-275", ge=0, le=1, span=(0.01, 0.06))
    """Response to a seller's link, below a close friend's share."""


@njit(cache=True)
def _posting(stream, daypart, shares, rate, people_id, group, affiliates, worth):
    seats = []
    for k in range(affiliates.shape[0]):
        i = affiliates[k]
        if keyed_uniform(stream, people_id[i], daypart) < rate * worth[k] * shares[group[i]]:
            seats.append(i)
    return np.array(seats, dtype=np.int64)


def _worth(commission: np.float32, began_for: np.ndarray) -> np.ndarray:
    """float64[k]: what a commission is to affiliates, relative to what they began for; 1 at most."""
    return np.minimum(1.0, commission / np.maximum(began_for, np.float32(1e-9))).astype(np.float64)


@njit(cache=True)
def _enlist(stream, seats, people_id, orders, trust, chance, affiliate, began_for, commission):
    for k in range(seats.shape[0]):
        i = seats[k]
        if orders[i] >= 2 and not affiliate[i]:
            affiliate[i] = keyed_uniform(stream, people_id[i], orders[i]) < chance * trust[i]
            began_for[i] = commission if affiliate[i] else 0.0


class Affiliates:
    """Links posted in this daypart."""

    name = "affiliates"
    phase = Phase.SHARE
    offers = True
    reads = frozenset(
        {
            "people.affiliate~",
            "people.affiliate_for~",
            "people.id",
            "people.group",
            "people.last_order_category~",
            "graph",
            "operator.allowance",
        }
    )
    writes = frozenset({"agendas.touches", "records.touches"})

    def __init__(self, params: AffiliateParams, shares: np.ndarray) -> None:
        self.params = params
        self.shares = shares

    def act(self, world: World, draw: Draw) -> None:
        """Spread links one hop; nobody passes a link on, or posts one while there is no money."""
        people, p, clock = world.people, self.params, world.clock
        if world.free_fen() <= 0:
            return
        sellers = np.flatnonzero(people.affiliate)
        seats = _posting(
            draw("affiliate.post"),
            clock.daypart,
            self.shares[:, clock.daypart].copy(),
            p.posts,
            people.id,
            people.group,
            sellers,
            _worth(np.float32(p.commission), people.affiliate_for[sellers]),
        )
        if not len(seats):
            return
        middle = np.full(len(seats), (clock.start + clock.end) // 2)
        keys = np.full(len(seats), world.day * 16 + 10 + clock.daypart)  # sharers use 0..9 of a day's sixteen
        hops = spread(
            draw("affiliate.spread"),
            world.graph,
            people.id,
            seats,
            middle,
            keys,
            strong_only=False,
            law=POISSON,
            mean=p.audience,
            pass_on=0.0,
            delay_median=60.0,
            delay_sigma=1.0,
        )
        category = people.last_order_category[hops.sender]
        sender, receiver = people.id[hops.sender], people.id[hops.receiver]
        world.agendas["touches"].add(
            minute=hops.minute,
            seat=hops.receiver,
            person=receiver,
            source=int(Source.AFFILIATE),
            origin=WECHAT,
            category=category,
            chance=p.click,
            touch=hops.touch,
            sender=-1,
            discount=0.0,
            commission=p.commission,
            rewarded=False,
        )
        world.records.touches.append(
            touch=hops.touch,
            root=hops.root,
            sender=sender,
            receiver=receiver,
            day=(hops.minute // MINUTES_PER_DAY).astype(np.int32),
            minute=hops.minute,
            source=int(Source.AFFILIATE),
            generation=hops.generation,
            category=category,
            reward_fen=0,
        )


class Enlistment:
    """Repeat buyers who trust the brand may become affiliates."""

    name = "enlistment"
    phase = Phase.SETTLE
    offers = True
    reads = frozenset(
        {
            "records.orders",
            "people.orders",
            "people.trust",
            "people.trust~",
            "people.id",
            "operator.allowance",
        }
    )
    writes = frozenset({"people.affiliate", "people.affiliate_for"})

    def __init__(self, params: AffiliateParams) -> None:
        self.params = params

    def act(self, world: World, draw: Draw) -> None:
        """Ask today's repeat buyers, if there is money for commissions."""
        people, p = world.people, self.params
        if world.free_fen() <= 0:
            return
        seats = distinct(world.records.orders.today("seat"))
        _enlist(
            draw("affiliate.enlist"),
            seats,
            people.id,
            people.orders,
            people.trust,
            p.join * p.commission / 0.1,
            people.affiliate,
            people.affiliate_for,
            np.float32(p.commission),
        )
