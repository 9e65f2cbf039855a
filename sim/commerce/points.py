"""Loyalty points: members earn them with orders, pay with them, and lose what they do not use in time.

A point that was given is owed: it stands in the books as a liability until it pays a part of a price,
expires, or is taken back with goods that come back. Without an exchange between platforms points pay only
where they were earned last; with one they pay everywhere, for a fee. Points that are about to expire bring
reminders.
"""

from __future__ import annotations

import math
from typing import Any, ClassVar, cast

import numpy as np

from sim.commerce.points_book import take, together, turn
from sim.core.ledger import to_fen
from sim.core.lookup import distinct, rows_of
from sim.core.params import Params, constant, lever, uncertainty
from sim.core.rng import Draw, keyed_uniforms
from sim.feature import Feature, Figure, Moment, act
from sim.mechanism import Mechanism, Phase
from sim.world.accounts import Account
from sim.world.kinds import Purpose, VisitSource
from sim.world.people import Column
from sim.world.touches import send
from sim.world.world import World

EARNED, TOPPED_UP, REDEEMED, EXPIRED, TAKEN_BACK, GIVEN_BACK = range(6)
_OWED = Account.POINTS_PAYABLE


class PointsParams(Params):
    """Points of members."""

    enabled: bool = lever(False, "switch", "S044")
    """Members earn points; one point is worth a fen."""

    earn: float = lever(0.03, "share of what is paid", "A-1060", ge=0, le=0.5, span=(0.0, 0.1))
    """Points for goods that were handed over; shops give a few percent."""

    redeem_cap: float = lever(0.5, "share of price", "A-1061", ge=0, le=0.95, span=(0.1, 0.9))
    """Most of a price that points may pay."""

    redeem: float = uncertainty(0.6, "chance/visit", "A-1062", ge=0, le=1, span=(0.3, 0.9), scope="strategy")
    """Holders who think of their points when they visit."""

    units: int = constant(2, "units", "A-1063", ge=1, le=20, scope="strategy")
    """Units over which a balance is spread when a price is shown, because several may be bought; what a
    larger order takes beyond the balance is topped up by the brand."""

    worth: float = uncertainty(0.6, "ratio", "A-1064", ge=0, le=1.5, span=(0.3, 1.0), scope="strategy")
    """What a point that is promised counts against money that is taken off at once."""

    valid_days: int = lever(90, "days", "A-1065", ge=1, le=3650, span=(30, 365))
    """Length of a period; a point lives one to two."""

    remind_days: int = lever(7, "days", "A-1066", ge=0, le=365, span=(0, 30))
    """Days before the end of a period on which holders of older points are told; 0 = nobody is."""

    reminder_click: float = uncertainty(
        0.08, "visits/message", "A-1067", ge=0, le=1, span=(0.04, 0.15), scope="strategy"
    )
    """Response to what one is about to lose; other private messages get less."""

    reminder_cost: float = uncertainty(0.02, "CNY/message", "A-1068", ge=0, le=10, scope="strategy")
    """Content and sending."""

    exchange: bool = lever(False, "switch", "S044")
    """Points pay on every platform, wherever they were earned."""

    exchange_fee: float = uncertainty(
        0.05, "share of points", "A-1069", ge=0, le=1, span=(0.02, 0.15), scope="strategy"
    )
    """Fee of a partner platform for points that pay there and were earned elsewhere."""

    exchange_cost: float = uncertainty(
        0.2, "CNY/1,000 people/day", "A-1070", ge=0, le=100, span=(0.05, 1.0), scope="strategy"
    )
    """Linking the accounts of members across platforms."""


def _of(kind: int) -> Any:
    """Tables -> fen of one kind of move, as positive amounts in CNY."""

    def weights(t: Any) -> np.ndarray:
        moves = t["points_moves"]
        return np.where(moves["kind"] == kind, np.abs(moves["fen"]) / 100.0, 0.0)

    return weights


class Points(Feature):
    """Points that members earn, use and lose (S044)."""

    section = "points"
    Params = PointsParams
    world = True
    columns: ClassVar = {
        "points_old": Column("int64", "points that expire with this period", start=0, owes=_OWED.key),
        "points_new": Column("int64", "points that expire with the next period", start=0, owes=_OWED.key),
        "points_home": Column("int8", "platform where points were earned last", start=0),
    }
    events: ClassVar = {
        "points_moves": {
            "day": ("int32", "absolute day"),
            "person": ("int64", "stable id"),
            "order_id": ("int64", "order that they belong to, -1 for none"),
            "kind": ("int8", "0 earned, 1 topped up, 2 redeemed, 3 expired, 4 taken back, 5 given back"),
            "fen": ("int64", "change of what is owed to the person, fen"),
        }
    }
    figures = (
        Figure("points_earned", "Points earned", "CNY", over=_of(EARNED)),
        Figure("points_redeemed", "Points redeemed", "CNY", over=_of(REDEEMED)),
        Figure(
            "points_expired_share",
            "Points that expire",
            "share",
            over=_of(EXPIRED),
            per=lambda t: _of(EXPIRED)(t) + _of(REDEEMED)(t),
        ),
    )
    declares = (
        VisitSource("points_reminder", "Reminders of points that are about to expire.", "owned"),
        Purpose("points_granted", "Points given to members, less those that expired.", gives=_OWED.key),
        Purpose("points_service", "Reminders of points, and their exchange between platforms."),
    )

    def __init__(self, params: PointsParams, price: float) -> None:
        super().__init__(params)
        self.pull = -price * math.log1p(-params.worth * params.earn)
        #: Whether points pay on every platform today.
        self.linked = False

    @classmethod
    def build(cls, config: Any, moment: Moment) -> list[Mechanism]:
        """Its acts; what points promise weighs as a price does."""
        return cls(config.section(cls.section), config.choice.price).acts()

    def _days_left(self, day: int) -> int:
        """Days until this period ends, at the midnight after the last of them."""
        valid = int(self.params.valid_days)
        return valid - day % valid

    @act(Phase.STEER, reads=["operator.allowance"], writes=["records.spend", "ledger"], offers=True)
    def link(self, world: World, draw: Draw) -> None:
        """Pay for the day's exchange; without money for it points pay where they were earned last."""
        p = self.params
        if p.exchange and world.clock.daypart == 0:
            fen = to_fen(p.exchange_cost * len(world.people) / 1000.0)
            self.linked = world.affords("points_service", fen)
            world.spend("points_service", fen * int(self.linked))

    @act(
        Phase.EXPOSE,
        reads=["people.id", "people.points_old~", "operator.allowance"],
        writes=["agendas.touches", "records.spend", "ledger"],
        offers=True,
    )
    def remind(self, world: World, draw: Draw) -> None:
        """Tell holders, once a period and as far as all can be paid, what they are about to lose."""
        p = self.params
        if world.clock.daypart != 1 or self._days_left(world.day) != p.remind_days:
            return
        seats = np.flatnonzero(world.people.points_old > 0)
        fen = to_fen(p.reminder_cost * len(seats))
        if len(seats) and world.affords("points_service", fen):
            send(world, "points_reminder", seats, p.reminder_click)
            world.spend("points_service", fen)

    @act(
        Phase.BUY,
        reads=["flow.visits", "people.member~", "operator.allowance"],
        writes=["flow.terms"],
        offers=True,
    )
    def promise(self, world: World, draw: Draw) -> None:
        """Let members see what an order would earn, while there is money for it."""
        if world.free_fen() > 0:
            member = world.people.member[world.flow.visits["seat"]]
            world.flow.order.add("points", self.pull * member)

    @act(
        Phase.BUY,
        reads=["flow.visits", "people.id", "people.points_old~", "people.points_new~", "people.points_home~"],
        writes=["flow.terms"],
    )
    def pay(self, world: World, draw: Draw) -> None:
        """Let holders pay a part of the price with points."""
        p, people, visits = self.params, world.people, world.flow.visits
        seats = visits["seat"]
        balance = people.points_old[seats] + people.points_new[seats]
        here = (visits["surface"] == people.points_home[seats]) | self.linked
        thinks = keyed_uniforms(draw("points.redeem"), people.id[seats], world.clock.daypart) < p.redeem
        spread = world.catalog.price_fen[visits["category"]] * float(p.units)
        share = np.minimum(p.redeem_cap, balance / spread)
        world.flow.bill.add("points", np.where(here & thinks, share, 0.0), kind="more", payer=_OWED.key)

    @act(
        Phase.BUY,
        reads=["records.orders", "orders~", "people.points_home~"],
        writes=["people.points_old", "people.points_new", "records.points_moves", "records.spend", "ledger"],
    )
    def use(self, world: World, draw: Draw) -> None:
        """Take what this daypart's orders were paid with from whoever made them."""
        orders, people = world.records.orders, world.people
        late = orders.today("minute") >= world.clock.start
        rows = np.arange(orders.day_start, len(orders))[late]
        rows = rows[(world.orders["payer"][rows] == int(_OWED)) & (world.orders["payer_fen"][rows] > 0)]
        if not len(rows):
            return
        seats, fen = orders["seat"][rows], world.orders["payer_fen"][rows]
        taken = take(people.points_old, people.points_new, seats, fen)
        short = fen - taken
        world.spend("points_granted", int(short.sum()))
        more = short > 0
        self._note(world, rows[more], TOPPED_UP, short[more])
        self._note(world, rows, REDEEMED, -fen)
        if self.linked:
            away = orders["surface"][rows] != people.points_home[seats]
            world.spend("points_service", to_fen(self.params.exchange_fee * float(fen[away].sum()) / 100.0))

    def _note(self, world: World, rows: np.ndarray, kind: int, fen: np.ndarray) -> None:
        """Record moves that belong to orders."""
        orders = world.records.orders
        cast("Any", world.records).points_moves.append(
            day=world.day,
            person=orders["person"][rows],
            order_id=orders["order_id"][rows],
            kind=kind,
            fen=fen,
        )

    @act(
        Phase.SETTLE,
        reads=[
            "records.deliveries",
            "records.returns",
            "records.orders",
            "people.id",
            "people.member~",
            "people.registered",
            "people.points_new",
            "operator.allowance",
            "orders",
        ],
        writes=[
            "people.points_new",
            "people.points_home",
            "orders",
            "records.points_moves",
            "records.spend",
            "ledger",
        ],
        offers=True,
    )
    def earn(self, world: World, draw: Draw) -> None:
        """Give members points for what was handed over today, the earliest first as far as there is money."""
        p, people, orders = self.params, world.people, world.records.orders
        done = world.records.deliveries
        kept = ~np.isin(done.today("order_id"), world.records.returns.today("order_id"))
        seats = world.seats_of(done.today("person"))
        kept &= (seats >= 0) & people.member[seats] & people.registered[seats]
        ids, seats, paid = done.today("order_id")[kept], seats[kept], done.today("paid_fen")[kept]
        fen = np.floor(p.earn * paid + 1e-9).astype(np.int64)
        order = np.lexsort((ids, done.today("minute")[kept]))
        affordable = order[np.cumsum(fen[order]) <= world.free_fen()]
        if len(affordable) < len(order):
            world.stop("points_granted")
        ids, seats, fen = ids[affordable], seats[affordable], fen[affordable]
        some = np.flatnonzero(fen)
        if len(some):
            rows = rows_of(orders["order_id"], ids[some])
            np.add.at(people.points_new, seats[some], fen[some])
            people.points_home[seats[some]] = orders["surface"][rows]
            world.orders["points_fen"][rows] = fen[some]
            world.spend("points_granted", int(fen.sum()))
            self._note(world, rows, EARNED, fen[some])

    @act(
        Phase.SETTLE,
        reads=[
            "records.cancellations",
            "records.returns",
            "records.sponsorships",
            "records.orders",
            "orders",
            "away",
            "people.id",
            "people.registered",
            "people.points_new",
        ],
        writes=[
            "people.points_old",
            "people.points_new",
            "orders",
            "records.points_moves",
            "records.spend",
            "ledger",
        ],
    )
    def settle(self, world: World, draw: Draw) -> None:
        """Undo points of orders that ended today, and let points expire where a period ends."""
        cancelled, returned = world.records.cancellations, world.records.returns
        ended = np.concatenate([cancelled.today("order_id"), returned.today("order_id")])
        if len(ended):
            self._undo(world, ended)
        self._expire(world)

    def _undo(self, world: World, ended: np.ndarray) -> None:
        """Give back what these orders were paid with, and take back what they earned."""
        orders, s = world.records.orders, world.records.sponsorships
        rows = distinct(rows_of(orders["order_id"], ended))
        rows = rows[rows >= 0]
        mine = (s.today("account") == int(_OWED)) & (s.today("fen") < 0)
        paid = dict(zip(s.today("order_id")[mine].tolist(), (-s.today("fen")[mine]).tolist(), strict=True))
        given = np.array([paid.get(one, 0) for one in orders["order_id"][rows].tolist()], np.int64)
        self._give_back(world, orders["person"][rows[given > 0]], given[given > 0])
        earned = world.orders["points_fen"][rows]
        self._take_back(world, orders["person"][rows[earned > 0]], earned[earned > 0])
        world.orders["points_fen"][rows] = 0

    def _give_back(self, world: World, person: np.ndarray, fen: np.ndarray) -> None:
        """Points that paid for nothing are their holders' again; who is nowhere to be found loses them."""
        found = np.zeros(len(person), np.bool_)
        for _, new, ids in self._balances(world):
            seats, here = _places(world, ids, person)
            np.add.at(new, seats[here], fen[here])
            found |= here
        self._record(world, person, GIVEN_BACK, fen)
        self._lose(world, person[~found], fen[~found])

    def _take_back(self, world: World, person: np.ndarray, fen: np.ndarray) -> None:
        """What an order earned is taken off the balance, as far as it is there."""
        for old, new, ids in self._balances(world):
            places, here = _places(world, ids, person)
            seats, amount = together(places[here], fen[here])
            taken = take(old, new, seats, amount)
            world.spend("points_granted", -int(taken.sum()))
            self._record(world, ids[seats], TAKEN_BACK, -taken)

    def _record(self, world: World, person: np.ndarray, kind: int, fen: np.ndarray) -> None:
        """Record moves that belong to no order any more."""
        some = fen != 0
        cast("Any", world.records).points_moves.append(
            day=world.day, person=person[some], order_id=-1, kind=kind, fen=fen[some]
        )

    def _balances(self, world: World) -> list[tuple[np.ndarray, np.ndarray, np.ndarray]]:
        """Older and newer balances, and ids, of those who are here and of those who have left."""
        people, away = world.people, world.away
        found = [(people.points_old, people.points_new, people.id)]
        if away.number:
            found.append((away["points_old"], away["points_new"], away["id"]))
        return found

    def _expire(self, world: World) -> None:
        """End the period where it ends; whoever's account was closed has no points."""
        people = world.people
        closed = np.flatnonzero(~people.registered & (people.points_old + people.points_new > 0))
        everything = people.points_old[closed] + people.points_new[closed]
        self._lose(world, people.id[closed], take(people.points_old, people.points_new, closed, everything))
        if self._days_left(world.day) == 1:
            for old, new, ids in self._balances(world):
                self._lose(world, ids, turn(old, new))

    def _lose(self, world: World, ids: np.ndarray, fen: np.ndarray) -> None:
        """Write off what expires."""
        world.spend("points_granted", -int(fen.sum()))
        self._record(world, ids, EXPIRED, -fen)


def _places(world: World, ids: np.ndarray, person: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Where people sit among ``ids``, and bool[k]: whether they are there at all."""
    if ids is world.people.id:
        seats = world.seats_of(person)
        return seats, seats >= 0
    if not len(ids):
        return np.zeros(len(person), np.int64), np.zeros(len(person), np.bool_)
    order = np.argsort(ids, kind="stable")
    places = order[np.minimum(np.searchsorted(ids, person, sorter=order), len(ids) - 1)]
    return places, ids[places] == person
