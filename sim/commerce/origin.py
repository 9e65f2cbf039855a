"""Fresh goods from their origin: sold in livestreams, packed once they are ordered, there the next day.

Nothing lies on a shelf for these orders, so nothing of them is thrown away unsold. In exchange they wait: for
a crew that packs one after another, for the evening's truck and for its way to the regional centre, and only
then are they carried as all others. What is sold beyond what the crew can pack misses the truck and is late.
"""

from __future__ import annotations

from typing import Any, ClassVar, cast

import numpy as np

from sim.commerce.origin_params import OriginParams
from sim.core.clock import HOURS_PER_DAY, MINUTES_PER_DAY
from sim.core.ledger import to_fen
from sim.core.normals import lognormals
from sim.core.rng import Draw, keyed_uniforms
from sim.feature import Feature, Figure, Moment, Schema, Tables, act
from sim.mechanism import Mechanism, Phase
from sim.stations.pool import Pool
from sim.world.catalog import CATEGORIES
from sim.world.flow import ToOrder
from sim.world.fulfilment import COMING, REGIONAL
from sim.world.kinds import Purpose, VisitSource
from sim.world.touches import send
from sim.world.world import OPEN, World

FRESH = CATEGORIES.index("fresh")
CREW = "origin_crew"
SESSION = "origin_live"
#: Minutes until neighbours have packed what the crew gave up or left behind: on the second day.
_BY_NEIGHBOURS = 2 * MINUTES_PER_DAY


def handed_over(tables: Tables, since: str) -> np.ndarray:
    """float64[k]: hours from a column of ``origin_sent`` to the door, of each order that was handed over."""
    sent, given = tables["origin_sent"], tables["deliveries"]
    order = np.argsort(sent["order_id"], kind="stable")
    at = np.searchsorted(sent["order_id"][order], given["order_id"])
    at = order[np.minimum(at, len(order) - 1)] if len(order) else np.zeros(len(at), np.int64)
    ours = sent["order_id"][at] == given["order_id"] if len(order) else np.zeros(len(at), np.bool_)
    hours: np.ndarray = (given["minute"][ours] - sent[since][at[ours]]) / 60.0
    return hours


class Origin(Feature):
    """Livestreams at the origin, delivered the next day (S063)."""

    section = "origin"
    Params = OriginParams
    events: ClassVar[dict[str, Schema]] = {
        "origin_sessions": {
            "day": ("int32", "absolute day"),
            "start_minute": ("int64", "absolute minute"),
            "viewers": ("int64", "people who see it"),
            "fen": ("int64", "its cost, fen"),
        },
        "origin_sent": {
            "day": ("int32", "absolute day"),
            "order_id": ("int64", "order"),
            "person": ("int64", "stable id"),
            "units": ("int32", "units in its box"),
            "ordered": ("int64", "absolute minute from which it could be packed"),
            "packed": ("int64", "absolute minute at which it is packed"),
            "minute": ("int64", "absolute minute at which its truck reaches the regional centre"),
            "paid_fen": ("int64", "what the customer paid, fen"),
            "goods_fen": ("int64", "what the goods cost at the origin, fen"),
            "freight_fen": ("int64", "its freight, fen"),
        },
    }
    figures = (
        Figure(
            "origin_hours",
            "From the order at the origin to the door",
            "hours",
            over=lambda t: handed_over(t, "ordered"),
            per=lambda t: np.ones(len(handed_over(t, "ordered"))),
        ),
        Figure(
            "origin_age",
            "From packing at the origin to the door",
            "days",
            over=lambda t: handed_over(t, "packed") / HOURS_PER_DAY,
            per=lambda t: np.ones(len(handed_over(t, "packed"))),
        ),
        Figure(
            "origin_margin",
            "Gross margin of goods from the origin, freight paid",
            "share",
            over=lambda t: (
                t["origin_sent"]["paid_fen"] - t["origin_sent"]["goods_fen"] - t["origin_sent"]["freight_fen"]
            ),
            per=lambda t: t["origin_sent"]["paid_fen"],
        ),
    )
    declares = (
        VisitSource(SESSION, "Livestreams at the origin of fresh goods.", "paid"),
        Purpose("origin_cost", "Livestreams at the origin.", acquires=True),
        Purpose("origin_packing", "The crew, and neighbours, who pack goods at their origin."),
        Purpose("origin_freight", "The way of fresh goods from their origin.", of_goods=True),
        Purpose("origin_price", "What goods cost less at their origin, a credit.", of_goods=True),
        Pool(
            CREW,
            "Harvest and pack what is ordered at the origin.",
            "crew",
            "origin_packing",
            used=lambda p: p.enabled,
            keeps_end=True,
        ),
    )

    def __init__(self, params: OriginParams, moment: Moment, voice: float) -> None:
        super().__init__(params)
        self.hours, self.voice = moment.hours, voice
        price, self.cost = int(moment.catalog.price_fen[FRESH]), int(moment.catalog.cost_fen[FRESH])
        gain = round((price - self.cost) * params.margin_gain)
        self.saved = max(0, min(gain, self.cost))

    @classmethod
    def build(cls, config: Any, moment: Moment) -> list[Mechanism]:
        """Its acts, which know when people are awake, usual price and cost, and what a host's voice does."""
        return cls(config.section(cls.section), moment, config.choice.cart_live).acts()

    @act(
        Phase.EXPOSE,
        reads=["people.id", "people.group", "people.activity", "operator.allowance"],
        writes=["agendas.touches", "records.origin_sessions", "records.spend", "ledger"],
        offers=True,
    )
    def show(self, world: World, draw: Draw) -> None:
        """Hold the day's session, if it can be paid and somebody is there to pack."""
        p, clock, people = self.params, world.clock, world.people
        start = clock.midnight + round(60 * p.hour)
        if not clock.start <= start < clock.end or not self._crew(world):
            return
        if not int((world.day + 1) * p.per_week / 7.0) - int(world.day * p.per_week / 7.0):
            return
        fen = to_fen(p.session_cost * len(people) / 1000.0)
        if not world.affords("origin_cost", fen):
            return
        awake = HOURS_PER_DAY * self.hours[people.group, int(p.hour)]
        chance = -np.expm1(-p.reach * awake * people.activity.astype(np.float64))
        seats = np.flatnonzero(keyed_uniforms(draw("origin.seen"), people.id, 0) < chance)
        when = keyed_uniforms(draw("origin.when"), people.id[seats], 0)
        minute = start + (p.minutes * when).astype(np.int64)
        send(
            world,
            SESSION,
            seats,
            p.click,
            platform="douyin",
            minute=minute,
            category=FRESH,
            discount=p.discount,
        )
        world.spend("origin_cost", fen)
        cast("Any", world.records).origin_sessions.append(
            day=np.full(1, world.day), start_minute=start, viewers=len(seats), fen=fen
        )

    @staticmethod
    def _crew(world: World) -> bool:
        """Whether anybody packs."""
        team = world.teams.get(CREW)
        return team is not None and len(team) > 0

    def _left(self, world: World) -> int:
        """Units that may still be ordered today."""
        orders = world.records.orders
        ours = orders.today("source") == world.kinds.source(SESSION)
        sold = int(orders.today("quantity")[ours & (orders.today("category") == FRESH)].sum())
        return max(0, round(self.params.boxes * len(world.people) / 1000.0) - sold)

    @act(
        Phase.BUY,
        reads=["flow.visits", "records.orders~"],
        writes=["flow.to_order", "flow.terms"],
        offers=True,
    )
    def sell(self, world: World, draw: Draw) -> None:
        """Let orders of the session's visits be made: at their own promise, in the heat of its moment."""
        flow, source = world.flow, world.kinds.source(SESSION)
        ours = (flow.visits["source"] == source) & (flow.visits["category"] == FRESH)
        if ours.any():
            flow.to_order = ToOrder(ours, self.params.promise_hours, self._left(world))
            flow.cart.add("origin", self.voice * ours, cools=True)

    @act(
        Phase.FULFIL,
        reads=[
            "flow.accepted",
            "flow.accepted_minute",
            "records.orders",
            "orders",
            "agendas.origin",
            "teams",
        ],
        writes=[
            "records.spend",
            "flow.accepted",
            "flow.accepted_minute",
            "agendas.origin",
            "orders",
            "stock",
            "records.origin_sent",
            "records.goods_costs",
            "ledger",
            "teams",
            "made#",
        ],
    )
    def make(self, world: World, draw: Draw) -> None:
        """Pack what is ordered; the region's network gets what its trucks have brought by now."""
        flow, state = world.flow, world.orders
        coming = (state["node"][flow.accepted] == COMING) & (state["status"][flow.accepted] == OPEN)
        rows, minutes = flow.accepted[coming], flow.accepted_minute[coming]
        if len(rows):
            self._pack(world, draw, rows, minutes)
        due = world.agendas["origin"].take(world.clock.end)
        there, at = due["row"], due["minute"]
        if len(rows) or len(there):
            flow.accepted = np.concatenate([flow.accepted[~coming], there])
            flow.accepted_minute = np.concatenate([flow.accepted_minute[~coming], at])
        if len(there):
            orders = world.records.orders
            days = (at - due["packed"]) / MINUTES_PER_DAY
            goods = orders["category"][there].astype(np.int64)
            world.logistics.bring(goods, orders["quantity"][there].astype(np.int64), days)
            state["node"][there] = REGIONAL

    def _pack(self, world: World, draw: Draw, rows: np.ndarray, minutes: np.ndarray) -> None:
        """Packed in turn, or by neighbours where the crew has not come to it; then on the next truck."""
        p, orders = self.params, world.records.orders
        ids = orders["order_id"][rows]
        packed = self._packed(world, draw, ids, minutes)
        departs = round(60 * p.departs)
        truck = -((departs - packed) // MINUTES_PER_DAY)  # the first day whose truck leaves later
        luck = [keyed_uniforms(draw.timeless("origin.way"), truck, n) for n in (0, 1)]
        way = np.ceil(60.0 * lognormals(luck[0], luck[1], p.way_hours, p.way_spread)).astype(np.int64)
        arrives = truck * MINUTES_PER_DAY + departs + way
        world.agendas["origin"].add(minute=arrives, row=rows, packed=packed)
        units = orders["quantity"][rows].astype(np.int64)
        freight = np.full(len(rows), to_fen(p.freight))
        world.spend("origin_freight", int(freight.sum()))
        world.spend("origin_price", -int(self.saved * units.sum()))
        cast("Any", world.records).origin_sent.append(
            day=np.full(len(rows), world.day),
            order_id=ids,
            person=orders["person"][rows],
            units=units,
            ordered=minutes,
            packed=packed,
            minute=arrives,
            paid_fen=orders["paid_fen"][rows],
            goods_fen=orders["goods_fen"][rows] - self.saved * units,
            freight_fen=freight,
        )

    def _packed(self, world: World, draw: Draw, ids: np.ndarray, minutes: np.ndarray) -> np.ndarray:
        """int64[k]: when each is packed; neighbours are paid for the time that the crew would have taken."""
        team, crew = world.teams.get(CREW), self.params.crew
        end = np.full(len(ids), -1, np.int64)
        if team is not None and len(team):
            end = team.work(draw, ids, minutes).end
        given_up = end < 0
        hours = given_up.sum() * crew.minutes / crew.skill / 60.0
        world.spend("origin_packing", to_fen(crew.wage * hours))
        packed: np.ndarray = np.where(given_up, minutes + _BY_NEIGHBOURS, end)
        return packed
