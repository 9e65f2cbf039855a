"""Batches that are bad, complaints about them, and how far a product's way can be traced.

Goods come in batches. In a world with bad batches a few of them disappoint whoever gets them. Complaints pile
up until somebody knows what is behind them: without traces only the category is known, so that many
complaints are needed before it stands out, and all of it is called back; with traces the batch of a complaint
is known, a few that agree are enough, and only the batch is called back. Tracing costs money an order.
"""

from __future__ import annotations

from typing import Any, ClassVar, cast

import numpy as np

from sim.core.clock import MINUTES_PER_DAY
from sim.core.ledger import to_fen
from sim.core.lookup import distinct, rows_of
from sim.core.params import Params, constant, lever, uncertainty
from sim.core.rng import Draw, keyed_uniforms
from sim.feature import Feature, Figure, act
from sim.mechanism import Phase
from sim.world.catalog import CATEGORIES
from sim.world.kinds import Purpose
from sim.world.people import Column
from sim.world.world import World

_WEEK = 7


class TracingParams(Params):
    """Bad batches, and what is known of where goods come from."""

    enabled: bool = constant(False, "switch", "S074")
    """There are bad batches in this world, whatever the strategy."""

    batches: int = uncertainty(4, "batches/category/week", "A-1334", ge=1, le=1000, span=(2, 10))
    """Batches of a category that are sold side by side; an order's goods are of one of them."""

    bad: float = uncertainty(0.02, "share of batches", "A-1335", ge=0, le=1, span=(0.005, 0.05))
    """Batches that are bad."""

    complains: float = uncertainty(
        0.3, "chance", "A-1336; as aftersales.complain", ge=0, le=1, span=(0.1, 0.6)
    )
    """Whoever gets goods of a bad batch complains about them."""

    hit: float = uncertainty(0.3, "share of trust", "A-1337", ge=0, le=1, span=(0.1, 0.6))
    """Trust lost by whoever keeps goods of a bad batch; who is called in time loses none."""

    traced: float = lever(0.0, "share of orders", "S074", ge=0, le=1, span=(0, 1))
    """Orders whose batch is known to the operator."""

    trace_cost: float = uncertainty(
        0.15,
        "CNY/order",
        "A-1338; codes, scans and storage",
        ge=0,
        le=100,
        span=(0.03, 0.6),
        scope="strategy",
    )
    """Cost of each traced order."""

    trace_rise: float = uncertainty(
        1.0, "ratio/share of orders", "A-1339", ge=0, le=20, span=(0.2, 3), scope="strategy"
    )
    """Rise of the cost of an order with the share traced: small suppliers come last."""

    shown: bool = lever(False, "switch", "S074")
    """The way of traced goods is shown to whoever gets them."""

    show_cost: float = uncertainty(
        0.03, "CNY/traced order", "A-1522", ge=0, le=100, span=(0.01, 0.1), scope="strategy"
    )
    """Showing it."""

    reassures: float = uncertainty(
        0.1, "share of the gap", "A-1523", ge=0, le=1, span=(0.02, 0.3), scope="strategy"
    )
    """What a first look adds to the trust of somebody who wants proof above all; others in proportion."""

    doubt_left: float = uncertainty(0.6, "ratio", "A-1524", ge=0, le=1, span=(0.3, 0.9), scope="strategy")
    """Uncertainty about where goods come from that a look leaves, so that the next one adds less."""

    assured: float = uncertainty(0.75, "0..1", "A-1525", ge=0, le=1, span=(0.6, 0.9), scope="strategy")
    """Trust up to which it can help."""

    agree: int = lever(3, "complaints", "S071", ge=1, le=1000, span=(2, 10))
    """Complaints about one traced batch that are taken for a proof."""

    stands_out: int = lever(12, "complaints", "S071", ge=1, le=10_000, span=(6, 40))
    """Complaints about one category within two weeks that are taken for a proof without traces."""

    recall_cost: float = uncertainty(
        6.0, "CNY/order called back", "S071", ge=0, le=1000, span=(2, 20), scope="strategy"
    )
    """Telling the customer, and what is sent in place of the goods."""


def batch_of(draw: Draw, ids: np.ndarray, day: np.ndarray, category: np.ndarray, batches: int) -> np.ndarray:
    """Batch of each order, int64[k]: one of those of its category that are sold in its week.

    Parameters
    ----------
    draw : Draw
        The market's draws; an order has one batch, whoever asks.
    ids, day, category : int64[k]
        Ids of orders, absolute days on which they were placed, and categories.
    batches : int
        Batches of a category and week.
    """
    which = (keyed_uniforms(draw.timeless("tracing.batch"), ids, 0) * batches).astype(np.int64)
    found: np.ndarray = ((day // _WEEK).astype(np.int64) * len(CATEGORIES) + category) * batches + which
    return found


class Tracing(Feature):
    """Bad batches, complaints traced to their cause, and recalls (S071, S074)."""

    section = "tracing"
    Params = TracingParams
    world = True
    columns: ClassVar = {
        "tracing_doubt": Column("float32", "uncertainty about where goods come from, 0..1", start=1.0)
    }
    events: ClassVar = {
        "tracing_days": {
            "day": ("int32", "absolute day of orders"),
            "share": ("float64", "share of them that are traced"),
            "orders": ("int64", "orders traced"),
            "fen": ("int64", "cost"),
        },
        "tracing_looks": {
            "day": ("int32", "absolute day"),
            "looks": ("int64", "people who saw the way of goods that they got"),
            "gained": ("float64", "trust that they gained, sum over people"),
            "fen": ("int64", "cost"),
        },
        "tracing_received": {
            "day": ("int32", "absolute day"),
            "person": ("int64", "stable id"),
            "order_id": ("int64", "order of goods of a bad batch"),
            "batch": ("int64", "batch"),
            "category": ("int8", "category"),
            "traced": ("bool", "the operator knows the batch"),
            "complained": ("bool", "about it"),
            "called": ("bool", "told in time, so that it did no harm"),
        },
        "tracing_recalls": {
            "day": ("int32", "absolute day"),
            "batch": ("int64", "batch that is called back, -1 for a whole category"),
            "category": ("int8", "category"),
            "after_days": ("int32", "since the first complaint that pointed at it"),
            "orders": ("int64", "orders called back on this day"),
            "fen": ("int64", "cost"),
        },
    }
    figures = (
        Figure(
            "tracing_diagnosis_days",
            "Days from a first complaint to a recall",
            "days",
            over=lambda t: t["tracing_recalls"]["after_days"],
            per=lambda t: np.ones(len(t["tracing_recalls"]["day"])),
        ),
        Figure(
            "tracing_recalled",
            "Orders called back by one recall",
            "orders",
            over=lambda t: t["tracing_recalls"]["orders"],
            per=lambda t: np.ones(len(t["tracing_recalls"]["day"])),
        ),
        Figure(
            "tracing_harmed",
            "Of orders of bad batches, those that did harm",
            "share",
            over=lambda t: ~t["tracing_received"]["called"],
            per=lambda t: np.ones(len(t["tracing_received"]["day"])),
        ),
    )
    declares = (Purpose("tracing_cost", "Traces of goods, and recalls."),)

    @act(
        Phase.STRIKE,
        reads=[
            "records.deliveries~",
            "records.orders~",
            "records.tracing_days",
            "records.tracing_recalls",
            "records.tracing_received",
            "people.id",
            "people.proof_need",
            "people.tracing_doubt",
            "people.trust~",
            "operator.allowance~",
        ],
        writes=[
            "people.tracing_doubt",
            "records.tracing_days",
            "records.tracing_looks",
            "records.tracing_received",
            "records.tracing_recalls",
            "people.trust",
            "records.spend",
            "ledger",
        ],
    )
    def trace(self, world: World, draw: Draw) -> None:
        """Pay for yesterday's traces; bad batches that were handed over do harm, and may be found out."""
        self._pay(world, draw)
        if self.params.shown:
            self._reassure(world, draw)
        self._hand_over(world, draw)
        self._find_out(world, draw)

    def _pay(self, world: World, draw: Draw) -> None:
        """Trace yesterday's orders, if there is money for all that are to be traced."""
        p, orders = self.params, world.records.orders
        ids = orders["order_id"][orders["day"] == world.day - 1]
        number = int((keyed_uniforms(draw.timeless("tracing.traced"), ids, 0) < p.traced).sum())
        fen = to_fen(p.trace_cost * (1.0 + p.trace_rise * p.traced) / (1.0 + p.trace_rise)) * number
        if number and world.affords("tracing_cost", fen):
            world.spend("tracing_cost", fen)
            cast("Any", world.records).tracing_days.append(
                day=world.day - 1, share=p.traced, orders=number, fen=fen
            )

    def _known(self, world: World, draw: Draw, ids: np.ndarray, day: np.ndarray) -> np.ndarray:
        """bool[k]: whether orders placed on some absolute days were traced then, and are known by it."""
        days = cast("Any", world.records).tracing_days
        share = np.zeros(world.day + 1)
        share[days["day"]] = days["share"]
        known: np.ndarray = keyed_uniforms(draw.timeless("tracing.traced"), ids, 0) < share[day]
        return known

    def _reassure(self, world: World, draw: Draw) -> None:
        """Show those who got traced goods yesterday their way, if there is money: they doubt less."""
        p, people, done = self.params, cast("Any", world.people), world.records.deliveries
        here = done["day"] == world.day - 1
        placed = done["ordered_minute"][here] // MINUTES_PER_DAY
        known = self._known(world, draw, done["order_id"][here], placed)
        fen = to_fen(p.show_cost * int(known.sum()))
        if not world.affords("tracing_cost", fen):
            return
        world.spend("tracing_cost", fen)
        seats = world.seats_of(distinct(done["person"][here][known]))
        seats = seats[seats >= 0]
        doubt = people.proof_need[seats] * people.tracing_doubt[seats].astype(np.float64)
        gained = p.reassures * doubt * np.maximum(0.0, p.assured - people.trust[seats])
        people.trust[seats] += gained.astype(people.trust.dtype)
        people.tracing_doubt[seats] *= np.float32(p.doubt_left)
        cast("Any", world.records).tracing_looks.append(
            day=world.day, looks=len(seats), gained=float(gained.sum()), fen=fen
        )

    def _hand_over(self, world: World, draw: Draw) -> None:
        """Goods of bad batches that arrived yesterday: who is not told in time trusts less."""
        p, records, done = self.params, cast("Any", world.records), world.records.deliveries
        ids = done["order_id"][done["day"] == world.day - 1]
        rows = rows_of(records.orders["order_id"], ids)
        ids, rows = ids[rows >= 0], rows[rows >= 0]
        category = records.orders["category"][rows].astype(np.int64)
        batch = batch_of(draw, ids, records.orders["day"][rows], category, p.batches)
        bad = keyed_uniforms(draw.timeless("tracing.bad"), batch, 0) < p.bad
        ids, batch, category, rows = ids[bad], batch[bad], category[bad], rows[bad]
        known = self._known(world, draw, ids, records.orders["day"][rows])
        recalls = records.tracing_recalls
        called = known & np.isin(batch, recalls["batch"])
        whole = recalls["category"][recalls["batch"] < 0].astype(np.int64)
        called |= np.isin(category, whole[recalls["day"][recalls["batch"] < 0] > world.day - _WEEK])
        luck = keyed_uniforms(draw.timeless("tracing.complains"), ids, 0)
        person = records.orders["person"][rows]
        seats = world.seats_of(person)
        hurt = seats[(seats >= 0) & ~called]
        world.people.trust[hurt] *= np.float32(1.0 - p.hit)
        records.tracing_received.append(
            day=np.full(len(ids), world.day),
            person=person,
            order_id=ids,
            batch=batch,
            category=category,
            traced=known,
            complained=~called & (luck < p.complains),
            called=called,
        )

    def _find_out(self, world: World, draw: Draw) -> None:
        """Call back batches that traced complaints agree on, and categories that stand out without."""
        p, got = self.params, cast("Any", world.records).tracing_received
        recalls = cast("Any", world.records).tracing_recalls
        late = got["complained"] & (got["day"] > world.day - 2 * _WEEK)
        for batch in np.unique(got["batch"][late & got["traced"]]):
            mine = late & got["traced"] & (got["batch"] == batch)
            if mine.sum() >= p.agree and batch not in recalls["batch"]:
                self._recall(world, draw, int(batch), int(got["category"][mine][0]), int(got["day"][mine][0]))
        for category in np.unique(got["category"][late]):
            mine = late & (got["category"] == category) & ~np.isin(got["batch"], recalls["batch"])
            again = (recalls["category"] == category) & (recalls["batch"] < 0)
            fresh = not (recalls["day"][again] > world.day - 2 * _WEEK).any()
            if mine.sum() >= p.stands_out and fresh:
                self._recall(world, draw, -1, int(category), int(got["day"][mine][0]))

    def _recall(self, world: World, draw: Draw, batch: int, category: int, since: int) -> None:
        """Pay for calling back the orders of a batch, or of a category, of the last two weeks."""
        p, orders = self.params, world.records.orders
        late = orders["day"] > world.day - 2 * _WEEK
        mine = late & (orders["category"] == category)
        if batch >= 0:
            rows = np.flatnonzero(mine)
            of = batch_of(
                draw, orders["order_id"][rows], orders["day"][rows], orders["category"][rows], p.batches
            )
            known = self._known(world, draw, orders["order_id"][rows], orders["day"][rows])
            number = int(((of == batch) & known).sum())
        else:
            number = int(mine.sum())
        fen = to_fen(p.recall_cost) * number
        world.spend("tracing_cost", fen)  # a recall is owed, whatever the budget says
        cast("Any", world.records).tracing_recalls.append(
            day=world.day,
            batch=batch,
            category=category,
            after_days=world.day - since,
            orders=number,
            fen=fen,
        )
