"""Private domain in its simple form: one pool that customers join, messages that bring them back.

Buyers are asked into the pool after an order; members of it get messages, some of which bring
a visit, and each of which costs a little goodwill: people leave. Advisers and messages cost
money. Platforms cap how many messages a person may be sent: more than the cap is refused.
"""

from __future__ import annotations

from typing import Literal

import numpy as np

from sim.core.jit import njit
from sim.core.ledger import to_fen
from sim.core.lookup import distinct
from sim.core.params import Params, constant, lever, uncertainty
from sim.core.rng import Draw, hash_id, keyed_uniform
from sim.mechanism import Phase
from sim.world.money import affordable
from sim.world.platforms import WECHAT
from sim.world.schema import Source, Spend
from sim.world.trial import treats
from sim.world.world import World


class PrivateDomainParams(Params):
    """The pool and its messages."""

    pool: Literal["none", "wecom"] = lever("none", "pool", "S028")
    """No private domain, or one WeCom pool."""

    join: float = uncertainty(0.35, "chance/order", "A-180", ge=0, le=1, span=(0.15, 0.6))
    """Buyers who accept the invitation to the pool, at average need to belong."""

    usual_belonging: float = constant(0.5, "0..1", "A-883; mean of the default groups", ge=0.01, le=1)
    """Need to belong at which join holds; who needs it more joins more readily in proportion."""

    messages_per_week: float = lever(2.0, "messages/person/week", "S028", ge=0, le=21, span=(0.5, 4))
    """Frequency of messages; compliance.message_cap bounds it while compliance is on."""

    click: float = uncertainty(0.05, "visits/message", "A-181", ge=0, le=1, span=(0.04, 0.06))
    """Response; 4-6%."""

    opt_out: float = uncertainty(0.006, "chance/message", "A-182", ge=0, le=1, span=(0.002, 0.02))
    """Leaving the pool after a message."""

    adviser_cost: float = uncertainty(0.012, "CNY/person/day", "A-183", ge=0, le=10, span=(0.006, 0.03))
    """One adviser at 8,000 CNY a month looks after about 22,000 people."""

    message_cost: float = uncertainty(0.02, "CNY/message", "A-184", ge=0, le=10, span=(0.005, 0.05))
    """Content and sending."""


@njit(cache=True)
def _messages(stream, daypart, day, start, length, rate, shares, people_id, group, pool):
    seats, minutes, ids = [], [], []
    for i in range(people_id.shape[0]):
        if pool[i] and keyed_uniform(stream, people_id[i], 2 * daypart) < rate * shares[group[i]]:
            seats.append(i)
            minutes.append(start + np.int64(keyed_uniform(stream, people_id[i], 2 * daypart + 1) * length))
            ids.append(hash_id(people_id[i], day, 300 + daypart))
    return np.array(seats, dtype=np.int64), np.array(minutes, dtype=np.int64), np.array(ids, dtype=np.int64)


@njit(cache=True)
def _leave(stream, ids, seats, chance, pool):
    for k in range(seats.shape[0]):
        if keyed_uniform(stream, ids[k], 0) < chance:
            pool[seats[k]] = False


@njit(cache=True)
def _join(stream, seats, people_id, orders, belonging, chance, usual, pool):
    for k in range(seats.shape[0]):
        i = seats[k]
        if not pool[i]:
            pool[i] = keyed_uniform(stream, people_id[i], orders[i]) < chance * belonging[i] / usual


class PrivateMessages:
    """Messages of this daypart."""

    name = "private_messages"
    phase = Phase.SHARE
    offers = True
    reads = frozenset(
        {
            "people.private_domain",
            "people.id",
            "people.group",
            "operator.allowance",
            "operator.terms.trial",
        }
    )
    writes = frozenset({"agendas.touches", "people.private_domain", "records.spend", "ledger"})

    def __init__(self, params: PrivateDomainParams, shares: np.ndarray) -> None:
        self.params = params
        self.shares = shares
        self.rate = params.messages_per_week / 7.0
        #: Whether the day's advisers are paid.
        self.staffed = False

    def act(self, world: World, draw: Draw) -> None:
        """Send, touch, and lose those who have had enough; without advisers who are paid nothing is sent."""
        people, p, clock = world.people, self.params, world.clock
        if clock.daypart == 0:
            wages = to_fen(p.adviser_cost * int(people.private_domain.sum()))
            self.staffed = world.affords(Spend.PRIVATE_DOMAIN, wages)
            world.spend(Spend.PRIVATE_DOMAIN, wages * int(self.staffed))
        if not self.staffed:
            return
        seats, minutes, ids = _messages(
            draw("private.message"),
            clock.daypart,
            world.day,
            clock.start,
            clock.end - clock.start,
            self.rate,
            self.shares[:, clock.daypart].copy(),
            people.id,
            people.group,
            people.private_domain,
        )
        for_them = treats(world.operator.terms.trial, draw, "messages", people.id[seats])
        seats, minutes, ids = seats[for_them], minutes[for_them], ids[for_them]
        seats, minutes, ids = self._affordable(world, seats, minutes, ids)
        world.agendas["touches"].add(
            minute=minutes,
            seat=seats,
            person=people.id[seats],
            source=int(Source.PRIVATE_DOMAIN),
            origin=WECHAT,
            category=-1,
            chance=p.click,
            touch=ids,
            sender=-1,
            discount=0.0,
            commission=0.0,
            rewarded=False,
        )
        _leave(draw("private.leave"), ids, seats, p.opt_out, people.private_domain)
        world.spend(Spend.PRIVATE_DOMAIN, to_fen(p.message_cost * len(seats)))

    def _affordable(self, world: World, *columns: np.ndarray) -> tuple[np.ndarray, ...]:
        """As many messages as there is money for, the earliest first; ids settle a tie, never seats."""
        wanted = len(columns[0])
        number = affordable(world, Spend.PRIVATE_DOMAIN, self.params.message_cost * 100.0, wanted)
        if number < wanted:
            _, minutes, ids = columns
            sent = np.sort(np.lexsort((ids, minutes))[:number])
            return tuple(column[sent] for column in columns)
        return columns


class PrivateDomainEntry:
    """Today's buyers are asked into the pool."""

    name = "private_domain_entry"
    phase = Phase.SETTLE
    offers = True
    reads = frozenset(
        {
            "records.orders",
            "people.id",
            "people.orders",
            "people.belonging",
            "people.registered",
            "people.private_domain",
        }
    )
    writes = frozenset({"people.private_domain"})

    def __init__(self, params: PrivateDomainParams) -> None:
        self.params = params

    def act(self, world: World, draw: Draw) -> None:
        """Ask everyone who ordered."""
        people = world.people
        seats = distinct(world.records.orders.today("seat"))
        seats = seats[people.registered[seats]]  # an account that review closed gets no messages
        _join(
            draw("private.join"),
            seats,
            people.id,
            people.orders,
            people.belonging,
            self.params.join,
            self.params.usual_belonging,
            people.private_domain,
        )
