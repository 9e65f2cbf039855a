"""Goods that cross a border, inwards or out to customers: they take long, wait to be cleared, and pay tax.

Parcels are held between the order and the region's own network: first on their way, then at a station where
brokers clear one after another. What is promised is the brand's choice, and the way does not know of it: who
promises less than the way takes has late parcels. Tax is asked on top of the price unless the brand bears it,
and sending goods back is dear for somebody.
"""

from __future__ import annotations

from typing import Any, ClassVar, cast

import numpy as np

from sim.commerce.cross_border_params import CrossBorderParams
from sim.commerce.cross_border_ways import NONE, OUT, Atlas, ways_of
from sim.core.clock import HOURS_PER_DAY, MINUTES_PER_DAY
from sim.core.ledger import to_fen
from sim.core.lookup import rows_of
from sim.core.normals import lognormals
from sim.core.rng import Draw, keyed_uniforms
from sim.feature import Feature, Figure, Moment, Schema, Tables, act
from sim.mechanism import Mechanism, Phase
from sim.stations.pool import Pool
from sim.world.catalog import CATEGORIES, Catalog
from sim.world.kinds import Purpose
from sim.world.people import Column
from sim.world.world import World

BROKERS = "cross_border_brokers"
_YEAR = 365
#: Later than any minute.
_EVER = 1 << 60


def buyers_again(tables: Tables) -> np.ndarray:
    """float64[k], one value a person who got goods from abroad: 1 who ordered more, of whatever goods."""
    orders, sent = tables["orders"], tables["cross_border_sent"]
    inward = np.isin(orders["order_id"], sent["order_id"][sent["way"] != OUT])
    buyers = np.unique(orders["person"][inward])
    person, number = np.unique(orders["person"], return_counts=True)
    return np.asarray(number[np.searchsorted(person, buyers)] > 1, np.float64)


class CrossBorder(Feature):
    """Goods from abroad, and customers who live there (S023)."""

    section = "cross_border"
    Params = CrossBorderParams
    columns: ClassVar = {
        "cross_border_year": Column("float32", "value bought across the border this year, CNY", start=0)
    }
    events: ClassVar[dict[str, Schema]] = {
        "cross_border_sent": {
            "day": ("int32", "absolute day"),
            "order_id": ("int64", "order"),
            "person": ("int64", "stable id"),
            "minute": ("int64", "absolute minute at which it will reach the border"),
            "way": ("int8", "0 from the first place, 1 from the second, 2 out to a customer abroad"),
            "bonded": ("bool", "from the bonded warehouse"),
            "freight_fen": ("int64", "its freight, fen"),
            "value_fen": ("int64", "its value without tax, fen"),
            "tax_fen": ("int64", "its tax, fen"),
        },
        "cross_border_days": {
            "day": ("int32", "absolute day on which goods are sold across the border"),
            "upkeep_fen": ("int64", "upkeep of bonded warehouses, fen"),
        },
        "cross_border_cleared": {
            "day": ("int32", "absolute day"),
            "order_id": ("int64", "order"),
            "minute": ("int64", "absolute minute at which it is cleared"),
            "hours": ("float64", "hours since the order"),
        },
    }
    figures = (
        Figure(
            "cross_border_days",
            "From the order until a parcel is cleared",
            "days",
            over=lambda t: t["cross_border_cleared"]["hours"] / HOURS_PER_DAY,
            per=lambda t: np.ones(len(t["cross_border_cleared"]["day"])),
        ),
        Figure(
            "cross_border_again",
            "Buyers of goods from abroad who ordered again",
            "share",
            over=buyers_again,
            per=lambda t: np.ones(len(buyers_again(t))),
        ),
    )
    declares = (
        Purpose("cross_border_freight", "The way of goods from abroad, and back.", of_goods=True),
        Purpose("cross_border_tax", "Tax on goods from abroad.", of_goods=True),
        Purpose("cross_border_cost", "The bonded warehouse, and brokers who clear parcels."),
        Pool(
            BROKERS,
            "Clear parcels at the border.",
            "brokers",
            "cross_border_cost",
            used=lambda p: p.enabled,
        ),
    )

    def __init__(self, params: CrossBorderParams, catalog: Catalog) -> None:
        super().__init__(params)
        self.price = catalog.price_fen / 100.0
        self.ways, self.atlas = ways_of(params), Atlas(params, catalog)
        #: bool[3]: whether the bonded warehouse of each way is paid for today.
        self.kept = np.zeros(len(self.ways.stocked), np.bool_)

    @classmethod
    def build(cls, config: Any, moment: Moment) -> list[Mechanism]:
        """Its acts, which know the usual prices."""
        return cls(config.section(cls.section), moment.catalog).acts()

    @act(Phase.STRIKE, writes=["logistics.further"])
    def begin(self, world: World, draw: Draw) -> None:
        """Promises are the region's own, unless goods come from abroad."""
        world.logistics.lengthen(np.zeros(len(CATEGORIES)))

    @act(
        Phase.STRIKE,
        writes=["logistics.further"],
        offers=True,
    )
    def open(self, world: World, draw: Draw) -> None:
        """Promise the way as well."""
        world.logistics.lengthen(self._further())

    @act(
        Phase.DECIDE,
        reads=["operator.allowance"],
        writes=["records.cross_border_days", "records.spend", "ledger"],
        offers=True,
    )
    def stock(self, world: World, draw: Draw) -> None:
        """Keep the bonded warehouse; for a day on which there is no money nothing is sent from there."""
        self.kept[:], paid = True, 0
        for way in self.atlas.into[self.atlas.into != NONE].tolist():
            upkeep = self.params.bonded_upkeep * float(self.ways.stocked[way]) ** 0.5
            fen = to_fen(upkeep * len(world.people) / 1000.0)
            self.kept[way] = world.affords("cross_border_cost", fen)
            paid += fen * int(self.kept[way])
        world.spend("cross_border_cost", paid)
        cast("Any", world.records).cross_border_days.append(day=np.full(1, world.day), upkeep_fen=paid)

    def _further(self) -> np.ndarray:
        """float64[n categories]: hours that the way to the region adds to promises of goods."""
        into = self.atlas.into
        return np.where(into == NONE, 0.0, HOURS_PER_DAY * self.ways.promise[into])

    def rate(self, bought: np.ndarray, value: np.ndarray, way: np.ndarray) -> np.ndarray:
        """float64[n]: tax on orders of these values (CNY) of people who bought so much this year (CNY)."""
        p = self.params
        within = (value <= p.order_limit) & (bought + value <= p.year_limit)
        return np.where(within | (way == OUT), self.ways.tax[way], p.full_tax)

    @act(
        Phase.BUY,
        reads=["flow.visits", "people.cross_border_year~"],
        writes=["flow.terms", "flow.farther"],
        offers=True,
    )
    def ask(self, world: World, draw: Draw) -> None:
        """Promise the way out; ask the tax that customers bear; who would pay for sending back holds back."""
        p, visits = self.params, world.flow.visits
        category = visits["category"]
        way = self.atlas.way(draw, category, visits["person"])
        ours, out = way != NONE, way == OUT
        if out.any():  # to them goods from abroad go straight
            more = HOURS_PER_DAY * self.ways.promise[OUT] - self._further()[category]
            world.flow.farther = np.where(out, more, 0.0)
        bought = cast("Any", world.people).cross_border_year[visits["seat"]].astype(np.float64)
        rise = (1.0 - p.tax_borne) * self.rate(bought, self.price[category], way)
        world.flow.bill.add_rise("cross_border", rise * ours)
        world.flow.order.add("cross_border", -p.worry * (1.0 - p.return_borne) * ours)

    @act(
        Phase.FULFIL,
        reads=[
            "flow.accepted",
            "flow.accepted_minute",
            "flow.expired",
            "records.orders",
            "records.cross_border_days",
            "orders~",
            "people.id",
            "people.cross_border_year",
            "agendas.border",
            "teams",
            "made#",  # what is made to order has to be there first
        ],
        writes=[
            "flow.accepted",
            "flow.accepted_minute",
            "agendas.border",
            "people.cross_border_year",
            "records.cross_border_sent",
            "records.cross_border_cleared",
            "records.goods_costs",
            "ledger",
            "teams",
        ],
    )
    def cross(self, world: World, draw: Draw) -> None:
        """Hold what is ordered until it is cleared; the region's network gets what is cleared by now.

        What was ordered while nothing was sold across the border lies on the region's shelves.
        """
        flow, orders = world.flow, world.records.orders
        if world.day % _YEAR == 0 and world.clock.daypart == 0:
            cast("Any", world.people).cross_border_year[:] = 0.0
        abroad = self._way(world, draw, flow.accepted) != NONE
        abroad &= world.orders["node"][flow.accepted] >= 0
        days = cast("Any", world.records).cross_border_days["day"]
        abroad &= np.isin(orders["day"][flow.accepted], days)
        abroad &= ~np.isin(flow.accepted, flow.expired)
        rows, minutes = flow.accepted[abroad], flow.accepted_minute[abroad]
        if len(rows):
            self._send(world, draw, rows, minutes)
        cleared, at = self._clear(world, draw)
        if len(rows) or len(cleared):
            flow.accepted = np.concatenate([flow.accepted[~abroad], cleared])
            flow.accepted_minute = np.concatenate([flow.accepted_minute[~abroad], at])

    def _way(self, world: World, draw: Draw, rows: np.ndarray) -> np.ndarray:
        """int8[n]: ways of these orders."""
        orders = world.records.orders
        return self.atlas.way(draw, orders["category"][rows], orders["person"][rows])

    def _send(self, world: World, draw: Draw, rows: np.ndarray, minutes: np.ndarray) -> None:
        """Parcels set out; freight and tax are due."""
        p, orders, people = self.params, world.records.orders, cast("Any", world.people)
        ids, way, w = orders["order_id"][rows], self._way(world, draw, rows), self.ways
        luck = [keyed_uniforms(draw.timeless("cross_border.way"), ids, n) for n in (0, 1, 2)]
        bonded = (luck[2] < w.stocked[way]) & self.kept[way]
        days = np.where(bonded, p.bonded_days, lognormals(luck[0], luck[1], w.days[way], w.spread[way]))
        arrives = minutes + np.ceil(MINUTES_PER_DAY * days).astype(np.int64)
        world.agendas["border"].add(minute=arrives, row=rows, cleared=np.zeros(len(rows), np.bool_))
        seats, value = world.seats_of(orders["person"][rows]), orders["paid_fen"][rows] / 100.0
        bought = np.where(seats >= 0, people.cross_border_year[seats], 0.0).astype(np.float64)
        rate = self.rate(
            bought, value / (1.0 + (1.0 - p.tax_borne) * w.tax[way]), way
        )  # limits are of values
        value = value / (1.0 + (1.0 - p.tax_borne) * rate)
        counts = (seats >= 0) & (way != OUT)
        np.add.at(people.cross_border_year, seats[counts], value[counts].astype(np.float32))
        freight = np.rint(100.0 * w.freight[way]) * np.where(bonded, p.bulk_freight, 1.0)
        freight, tax = np.rint(freight).astype(np.int64), np.rint(100.0 * rate * value).astype(np.int64)
        world.spend("cross_border_freight", int(freight.sum()))
        world.spend("cross_border_tax", int(tax.sum()))
        cast("Any", world.records).cross_border_sent.append(
            day=np.full(len(rows), world.day),
            order_id=ids,
            person=orders["person"][rows],
            minute=arrives,
            way=way,
            bonded=bonded,
            freight_fen=freight,
            value_fen=np.rint(100.0 * value).astype(np.int64),
            tax_fen=tax,
        )

    def _clear(self, world: World, draw: Draw) -> tuple[np.ndarray, np.ndarray]:
        """Rows of orders cleared in this daypart, and the minute of each."""
        clock, border, orders = world.clock, world.agendas["border"], world.records.orders
        due = border.take(clock.end)
        new = np.flatnonzero(~due["cleared"])
        if len(new):
            row, minute, team = due["row"][new], due["minute"][new], world.teams.get(BROKERS)
            counter = minute + round(MINUTES_PER_DAY * self.params.counter_days)
            if team is not None and len(team):
                end = team.work(draw, orders["order_id"][row], minute).end
                counter = np.where(end >= 0, end, counter)
            border.add(minute=counter, row=row, cleared=np.ones(len(row), np.bool_))
        more = border.take(clock.end)
        old = due["cleared"]
        rows = np.concatenate([due["row"][old], more["row"]])
        minute = np.concatenate([due["minute"][old], more["minute"]])
        cast("Any", world.records).cross_border_cleared.append(
            day=np.full(len(rows), world.day),
            order_id=orders["order_id"][rows],
            minute=minute,
            hours=(minute - orders["minute"][rows]) / 60.0,
        )
        return rows, minute

    @act(
        Phase.SETTLE,
        reads=["agendas.returns", "records.orders", "records.deliveries", "records.cross_border_sent"],
        writes=["agendas.returns"],
        offers=True,
    )
    def deter(self, world: World, draw: Draw) -> None:
        """Fewer goods come back where customers pay for it; what was refused at the door does in any case."""
        p, orders, agenda = self.params, world.records.orders, world.agendas["returns"]
        left = np.exp(-p.deters * (1.0 - p.return_borne))
        ids, minute = orders["order_id"][agenda.columns["row"]], agenda.columns["minute"]
        lucky = keyed_uniforms(draw.timeless("cross_border.keep"), ids, 0) < left
        given = world.records.deliveries
        handed = dict(zip(given.today("order_id").tolist(), given.today("minute").tolist(), strict=True))
        refused = np.array([handed.get(one, -1) for one in ids.tolist()], np.int64) == minute
        stays = (_row_sent(world, ids) < 0) | lucky | refused
        if not stays.all():
            due = agenda.take(_EVER)
            agenda.add(**{name: values[stays] for name, values in due.items()})

    @act(
        Phase.SETTLE,
        reads=["records.return_requests", "records.cross_border_sent"],
        writes=["records.goods_costs", "ledger"],
    )
    def send_back(self, world: World, draw: Draw) -> None:
        """Pay the brand's part of what today's returns cost on their way."""
        rows = _row_sent(world, world.records.return_requests.today("order_id"))
        way = cast("Any", world.records).cross_border_sent["way"][rows[rows >= 0]]
        for n, cost in enumerate(self.ways.back.tolist()):
            fen = to_fen(cost * self.params.return_borne)
            world.spend("cross_border_freight", fen * int((way == n).sum()))

    @act(
        Phase.SETTLE,
        reads=[
            "records.returns",
            "records.cancellations",
            "records.cross_border_sent",
            "records.cross_border_cleared",
            "people.id",
            "people.cross_border_year",
        ],
        writes=["people.cross_border_year", "records.goods_costs", "ledger"],
    )
    def claim_back(self, world: World, draw: Draw) -> None:
        """Tax of goods that are back in time, fit to be sold again; the year's limit forgets them.

        What was called off in the region, where it is cleared, is back at once.
        """
        back, ended, records = world.records.returns, world.records.cancellations, cast("Any", world.records)
        fit = back.today("restocked")
        ids, minute = (
            np.concatenate([back.today(name)[fit], ended.today(name)]) for name in ("order_id", "minute")
        )
        sent, cleared, rows = records.cross_border_sent, records.cross_border_cleared, _row_sent(world, ids)
        ids, minute, rows = ids[rows >= 0], minute[rows >= 0], rows[rows >= 0]
        held = minute - cleared["minute"][rows_of(cleared["order_id"], ids)]
        in_time = held <= MINUTES_PER_DAY * self.params.tax_back_days
        rows = rows[in_time & (sent["way"][rows] != OUT)]
        world.spend("cross_border_tax", -int(sent["tax_fen"][rows].sum()))
        rows = rows[sent["day"][rows] // _YEAR == world.day // _YEAR]
        seats = world.seats_of(sent["person"][rows])
        year, value = cast("Any", world.people).cross_border_year, sent["value_fen"][rows] / 100.0
        np.subtract.at(year, seats[seats >= 0], value[seats >= 0].astype(np.float32))
        year[seats[seats >= 0]] = np.maximum(0.0, year[seats[seats >= 0]])


def _row_sent(world: World, ids: np.ndarray) -> np.ndarray:
    """int64[k]: rows in ``cross_border_sent`` of some orders, -1 of those that never crossed the border."""
    return rows_of(cast("Any", world.records).cross_border_sent["order_id"], ids)
