"""Fulfilment: accepted orders go to logistics, and the day's clock waits for its answer.

Physical goods become parcels; digital goods are handed over at once. A customer's wish to
cancel is granted if the parcel has not left its node by then.
"""

from __future__ import annotations

import numpy as np

from sim.core.rng import Draw
from sim.mechanism import Parcels, Phase
from sim.world.schema import Cancel, Spend
from sim.world.world import CANCELLED, OPEN, World


def parcels_of(world: World, rows: np.ndarray, minute: np.ndarray | None = None) -> Parcels:
    """Parcels of the given order rows; accepted at their order's minute unless told otherwise."""
    orders = world.records.orders
    return Parcels(
        order_id=orders["order_id"][rows], row=rows,
        minute=orders["minute"][rows] if minute is None else minute,
        product=orders["category"][rows].astype(np.int32), zone=orders["zone"][rows].astype(np.int32),
        node=world.orders["node"][rows], quantity=orders["quantity"][rows], service=orders["service"][rows],
    )  # fmt: skip


def cancel_orders(world: World, rows: np.ndarray, minute: np.ndarray | int, reason: Cancel) -> None:
    """End the given open orders and return the money; their goods are already released."""
    if not len(rows):
        return
    orders = world.records.orders
    world.orders["status"][rows] = CANCELLED
    refund, discount = orders["paid_fen"][rows], orders["discount_fen"][rows]
    commission = orders["campaign_commission_fen"][rows]
    world.spend(Spend.DISCOUNT, -int(discount.sum()))
    world.spend(Spend.COMMISSION, -int(commission.sum()))
    world.ledger.pay("cash", "deposits", int(refund.sum()))
    _want_again(world, rows, reason)
    world.records.cancellations.append(
        order_id=orders["order_id"][rows], person=orders["person"][rows], day=world.day,
        minute=np.broadcast_to(minute, rows.shape), reason=int(reason), refund_fen=refund,
        discount_fen=discount, campaign_commission_fen=commission, carried_over=False,
    )  # fmt: skip


def _want_again(world: World, rows: np.ndarray, reason: Cancel) -> None:
    """Undo at home what an order did that never came; the need is back if others ended it."""
    orders, people = world.records.orders, world.people
    seats = world.seats_of(orders["person"][rows])
    here = seats >= 0
    seats, category = seats[here], orders["category"][rows[here]]
    lasts = np.rint(world.catalog.stock_days[category] * orders["quantity"][rows[here]]).astype(np.int32)
    # unbuffered, because one person may lose two orders at once; other goods at home stay
    np.subtract.at(people.stocked_until, (seats, category), lasts)
    np.add.at(people.budget_left, seats, (orders["paid_fen"][rows[here]] / 100.0).astype(np.float32))
    if reason is not Cancel.BY_CUSTOMER:
        free = people.need_category[seats] < 0
        people.need_category[seats[free]] = category[free]
        people.need_until[seats[free]] = world.day + 3


class Fulfilment:
    """Submits parcels, runs logistics to the daypart's end and grants cancellations."""

    name = "fulfilment"
    phase = Phase.FULFIL
    reads = frozenset(
        {"flow.accepted", "flow.accepted_minute", "records.orders", "orders", "agendas.cancels", "people.id"}
    )
    writes = frozenset({"logistics.parcels", "stock", "orders", "records.cancellations", "records.spend",
                        "ledger",
                        "agendas.cancels", "people.stocked_until", "people.budget_left"})  # fmt: skip

    def act(self, world: World, draw: Draw) -> None:
        """One daypart of logistics."""
        rows = world.flow.accepted
        physical = world.orders["node"][rows] >= 0
        if physical.any():
            world.logistics.submit(parcels_of(world, rows[physical], world.flow.accepted_minute[physical]))
            world.count("shipped_orders", int(physical.sum()))
        world.logistics.run_until(world.clock.end)
        self._cancel(world)

    def _cancel(self, world: World) -> None:
        due = world.agendas["cancels"].take(world.clock.end)
        rows, minute = due["row"], due["minute"]
        still = (world.orders["status"][rows] == OPEN) & (world.orders["node"][rows] >= 0)
        rows, minute = rows[still], minute[still]
        if len(rows):
            granted = world.logistics.cancel(world.records.orders["order_id"][rows])
            cancel_orders(world, rows[granted], minute[granted], Cancel.BY_CUSTOMER)
