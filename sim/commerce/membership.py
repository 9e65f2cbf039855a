"""Membership in its simplest form: buyers may join, members pay less, membership lapses.

Joining is offered after every order; what members gain is a price cut on everything. A member
who has not ordered for half a year is no longer one.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from sim.core.fields import fields_of
from sim.core.jit import njit
from sim.core.lookup import distinct
from sim.core.params import Params, constant, lever, uncertainty
from sim.core.rng import Draw, keyed_uniform
from sim.mechanism import Phase
from sim.world.world import World


class MembershipParams(Params):
    """Who joins and what it brings."""

    enabled: bool = lever(True, "switch", "definition")
    """Off: no membership."""

    discount: float = lever(0.02, "share of price", "A-300", ge=0, le=0.5, span=(0.0, 0.1))
    """Member price."""

    join_level: float = uncertainty(-1.8, "logit", "A-301", ge=-10, le=10, span=(-3.0, -0.8))
    """Level of joining after an order."""

    join_belonging: float = uncertainty(1.2, "logit", "A-302", ge=0, le=10, span=(0.4, 2.4))
    """Need to belong, 0..1 (S011)."""

    join_discount: float = uncertainty(12.0, "logit/share of price", "A-303", ge=0, le=100, span=(4, 24))
    """Pull of the member price."""

    join_repeat: float = uncertainty(0.5, "logit/order", "A-304", ge=0, le=5, span=(0.2, 1.0))
    """Each earlier order, up to repeat_cap."""

    repeat_cap: int = uncertainty(4, "orders", "A-884", ge=0, le=100, span=(2, 8))
    """Orders beyond which more say nothing new."""

    lapse_after: int = constant(180, "days", "A-305", ge=1, le=3650)
    """Days without an order after which a membership ends."""


class Joining(NamedTuple):
    """Who may join, one row a seat (columns of the population)."""

    id: np.ndarray
    orders: np.ndarray
    belonging: np.ndarray
    member: np.ndarray


class Pull(NamedTuple):
    """Log odds of joining: level, by belonging, by order up to a cap."""

    join_level: float
    join_belonging: float
    join_repeat: float
    repeat_cap: int


@njit(cache=True)
def _join(stream, seats, people, pull, by_price):
    orders = people.orders
    joined = 0
    for k in range(seats.shape[0]):
        i = seats[k]
        if people.member[i]:
            continue
        x = pull.join_level + pull.join_belonging * people.belonging[i]
        x = x + pull.join_repeat * min(pull.repeat_cap, orders[i]) + by_price
        if keyed_uniform(stream, people.id[i], orders[i]) < 1.0 / (1.0 + math.exp(-x)):
            people.member[i] = True
            joined += 1
    return joined


@njit(cache=True)
def _lapse(day, after, last_order_day, member):
    for i in range(member.shape[0]):
        if member[i] and day - last_order_day[i] > after:
            member[i] = False


class MemberPrice:
    """Offers members their price."""

    name = "member_price"
    phase = Phase.BUY
    offers = True
    reads = frozenset({"flow.visits", "people.member~"})
    writes = frozenset({"flow.terms"})

    def __init__(self, params: MembershipParams) -> None:
        self.discount = float(params.discount)

    def act(self, world: World, draw: Draw) -> None:
        """Take it off the bills of this daypart's visits."""
        member = world.people.member[world.flow.visits["seat"]]
        world.flow.bill.add("member", self.discount * member)


class Membership:
    """Joining after an order, and lapsing."""

    name = "membership"
    phase = Phase.SETTLE
    reads = frozenset(
        {
            "records.orders",
            "people.orders",
            "people.belonging",
            "people.last_order_day",
            "people.id",
            "people.registered",
            "people.member",
            "operator.allowance",
        }
    )
    writes = frozenset({"people.member"})

    def __init__(self, params: MembershipParams) -> None:
        self.params = params
        self.offering = True

    def act(self, world: World, draw: Draw) -> None:
        """Offer membership to today's buyers; end it for those long gone."""
        people, p = world.people, self.params
        seats = distinct(world.records.orders.today("seat"))
        seats = seats[people.registered[seats]]  # an account that review closed joins nothing
        if self.offering:
            joining, pull = fields_of(Joining, people), fields_of(Pull, p)
            price = p.discount if world.free_fen() > 0 else 0.0  # nobody joins for a price that nobody gets
            _join(draw("membership.join"), seats, joining, pull, p.join_discount * price)
        _lapse(world.day, p.lapse_after, people.last_order_day, people.member)
