"""Fulfilment: accepted orders go to logistics, and the day's clock waits for its answer.

Physical goods become parcels; digital goods are handed over at once. A wish to cancel has a
minute, and is granted if the parcel is still at its node at that minute: its goods go back on
the shelf and the money is returned. Customers cancel because they thought better of it, or
because the promise was broken for longer than they bear; what has left its node by then is
refused at the door (see :mod:`sim.commerce.aftersales`).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sim.commerce.aftersales_params import AftersalesParams
from sim.commerce.lateness import limit_minutes
from sim.commerce.reasons import return_sponsored
from sim.core.rng import Draw
from sim.mechanism import Phase
from sim.world.fulfilment import Parcels
from sim.world.schema import Cancel, Spend
from sim.world.world import CANCELLED, OPEN, WAITING, World

#: Why, which order rows, and from which absolute minute each would rather not have its goods.
Wishes = tuple[Cancel, np.ndarray, np.ndarray]


def parcels_of(world: World, rows: np.ndarray, minute: np.ndarray | None = None) -> Parcels:
    """Parcels of the given order rows; accepted at their order's minute unless told otherwise."""
    orders = world.records.orders
    return Parcels(
        order_id=orders["order_id"][rows],
        row=rows,
        minute=orders["minute"][rows] if minute is None else minute,
        product=orders["category"][rows].astype(np.int32),
        zone=orders["zone"][rows].astype(np.int32),
        node=world.orders["node"][rows],
        quantity=orders["quantity"][rows],
        service=orders["service"][rows],
    )


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
    return_sponsored(world, rows, "deposits")
    _want_again(world, rows, reason)
    world.records.cancellations.append(
        order_id=orders["order_id"][rows],
        person=orders["person"][rows],
        day=world.day,
        minute=np.broadcast_to(minute, rows.shape),
        reason=int(reason),
        refund_fen=refund,
        discount_fen=discount,
        campaign_commission_fen=commission,
        carried_over=False,
    )


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
    """Runs logistics to the daypart's end, and judges each wish to cancel at its own minute."""

    name = "fulfilment"
    phase = Phase.FULFIL
    reads = frozenset(
        {"flow.accepted", "flow.accepted_minute", "records.orders", "orders", "agendas.cancels", "people.id"}
    )
    writes = frozenset(
        {
            "logistics.parcels",
            "stock",
            "orders",
            "records.cancellations",
            "records.sponsorships",
            "records.spend",
            "ledger",
            "agendas.cancels",
            "people.stocked_until",
            "people.budget_left",
            "people.need_category",
            "people.need_until",
        }
    )

    def __init__(self, params: AftersalesParams) -> None:
        self.params = params

    def act(self, world: World, draw: Draw) -> None:
        """One daypart of logistics."""
        rows = world.flow.accepted
        physical = world.orders["node"][rows] >= 0
        if physical.any():
            world.logistics.submit(parcels_of(world, rows[physical], world.flow.accepted_minute[physical]))
            world.count("shipped_orders", int(physical.sum()))
        wishes = [self._second_thoughts(world), self._out_of_patience(world, draw)]
        for reason, rows, minute in self._grant(world, wishes):
            cancel_orders(world, rows, minute, reason)
        world.logistics.run_until(world.clock.end)

    def _second_thoughts(self, world: World) -> Wishes:
        """Wishes planned at checkout that fall due; whoever waits for a group waits for its end."""
        due = world.agendas["cancels"].take(world.clock.end)
        rows, minute = due["row"], due["minute"]
        if not len(rows):
            return Cancel.BY_CUSTOMER, rows, minute
        status = world.orders["status"][rows]
        waits = status == WAITING
        world.agendas["cancels"].add(
            minute=np.full(int(waits.sum()), world.clock.end, np.int64), row=rows[waits]
        )
        live = (status == OPEN) & (world.orders["node"][rows] >= 0)
        rows, minute = rows[live], minute[live]
        # a group that filled in this daypart hands its orders over only then
        filled = dict(zip(world.flow.accepted.tolist(), world.flow.accepted_minute.tolist(), strict=True))
        accepted = np.array([filled.get(r, 0) for r in rows.tolist()], np.int64)
        return Cancel.BY_CUSTOMER, rows, np.maximum(np.maximum(minute, accepted), world.clock.start)

    def _out_of_patience(self, world: World, draw: Draw) -> Wishes:
        """Orders whose customers have waited past the promise for as long as they bear."""
        state, orders, clock = world.orders, world.records.orders, world.clock
        rows = world.open_orders.rows(state)
        rows = rows[
            (state["status"][rows] == OPEN)
            & (state["node"][rows] >= 0)
            & (state["promised"][rows] < clock.end)
        ]
        if not len(rows):
            return Cancel.LATE, rows, rows
        minute = limit_minutes(
            self.params, draw, orders["order_id"][rows], state["promised"][rows], orders["service"][rows]
        )
        due = (minute >= clock.start) & (minute < clock.end)
        return Cancel.LATE, rows[due], minute[due]

    def _grant(self, world: World, wishes: Sequence[Wishes]) -> list[Wishes]:
        """Stop the engine at each wish's minute: granted if the parcel is still at its node then."""
        ids = world.records.orders["order_id"]
        asked = sorted(
            (minute, int(ids[row]), int(reason), row)
            for reason, rows, minutes in wishes
            for row, minute in zip(rows.tolist(), minutes.tolist(), strict=True)
        )
        granted: dict[Cancel, list[tuple[int, int]]] = {}
        for minute, order_id, reason, row in asked:
            world.logistics.run_until(minute)
            if world.logistics.cancel(np.array([order_id], np.int64))[0]:
                granted.setdefault(Cancel(reason), []).append((row, minute))
        return [(reason, *np.array(pairs, np.int64).T) for reason, pairs in sorted(granted.items())]
