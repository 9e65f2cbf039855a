"""Open commitments in the books: what undelivered orders will bring and returns under way will cost.

A window ends with orders that are paid and not delivered, and with goods that will come back.
Counting neither would make a strategy that cannot deliver look profitable. So every evening the
open commitments are valued at the operator's own experience of recent weeks, and the change since
yesterday is part of the day's result: margins add up over days, and nothing is left at the end.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from sim.core.rng import Draw
from sim.mechanism import Phase
from sim.world.accounts import LOGISTICS, Account
from sim.world.world import OPEN, RETURNING, WAITING, World

#: What delivering costs, spoilage on the way and capacity beyond the baseline's included.
DELIVERING = (*LOGISTICS, Account.CAPACITY, Account.SPOILAGE)


class Experience(NamedTuple):
    """Decaying sums over recent days, in the order of ``operator.experience``."""

    cancelled: float
    delivered: float
    parcels: float
    delivering_fen: float
    paid_fen: float
    refunded_fen: float
    returned_goods_fen: float
    restocked_goods_fen: float

    @property
    def cancelled_share(self) -> float:
        """Orders cancelled of those that ended."""
        return _share(self.cancelled, self.cancelled + self.delivered)

    @property
    def parcel_fen(self) -> float:
        """Cost of delivering a parcel."""
        return _share(self.delivering_fen, self.parcels)

    @property
    def return_loss(self) -> float:
        """Refunds less goods that went back on the shelf, of what was paid for goods handed over."""
        return _share(self.refunded_fen - self.restocked_goods_fen, self.paid_fen)

    @property
    def restocked_share(self) -> float:
        """Worth of returned goods that can be sold again."""
        return _share(self.restocked_goods_fen, self.returned_goods_fen)


def _share(part: float, whole: float) -> float:
    return part / whole if whole > 0 else 0.0


class Valuation:
    """Learns from the day and puts a new value on the open commitments."""

    name = "valuation"
    phase = Phase.MEASURE
    reads = frozenset({"records.orders", "records.deliveries", "records.cancellations", "records.returns",
                       "orders", "agendas.returns", "ledger"})  # fmt: skip
    writes = frozenset({"operator.valuation", "ledger"})

    def __init__(self, memory_days: float) -> None:
        self.keep = math.exp(-1.0 / memory_days)

    def act(self, world: World, draw: Draw) -> None:
        """Note today's outcomes; revalue."""
        operator = world.operator
        operator.experience = self.keep * operator.experience + np.array(_today(world))
        seen = Experience(*operator.experience.tolist())
        world.revalue(round(open_orders_fen(world, seen) - returns_under_way_fen(world, seen)))


def _today(world: World) -> Experience:
    """What ended today."""
    r = world.records
    back = r.returns.today("goods_fen")
    return Experience(
        cancelled=len(r.cancellations.today("day")),
        delivered=len(r.deliveries.today("day")),
        parcels=int((r.deliveries.today("service") >= 0).sum()),
        delivering_fen=sum(world.ledger.moved_to(account.key) for account in DELIVERING),
        paid_fen=int(r.deliveries.today("paid_fen").sum()),
        refunded_fen=int(r.returns.today("refund_fen").sum()),
        returned_goods_fen=int(r.returns.today("cost_fen").sum()),
        restocked_goods_fen=int(back.sum()),
    )


def open_orders_fen(world: World, seen: Experience) -> float:
    """What orders that are paid and neither delivered nor cancelled will add to the result, fen.

    Their discounts and campaign commissions were booked when they were placed, and are given back
    if they are cancelled.
    """
    status, orders = world.orders["status"], world.records.orders
    rows = np.flatnonzero((status == OPEN) | (status == WAITING))
    fen = {
        c: int(orders[c][rows].sum())
        for c in ("list_fen", "paid_fen", "discount_fen", "goods_fen", "commission_fen",
                  "campaign_commission_fen")
    }  # fmt: skip
    parcels = int((world.orders["node"][rows] >= 0).sum())
    campaign = fen["campaign_commission_fen"]
    delivered = fen["list_fen"] - fen["goods_fen"] - (fen["commission_fen"] - campaign)
    delivered -= round(seen.parcel_fen * parcels + seen.return_loss * fen["paid_fen"])
    cancelled = fen["discount_fen"] + campaign
    return (1.0 - seen.cancelled_share) * delivered + seen.cancelled_share * cancelled


def returns_under_way_fen(world: World, seen: Experience) -> float:
    """What goods cost that customers have sent back, or have made up their minds to send back, fen."""
    orders = world.records.orders
    rows = np.concatenate(
        [np.flatnonzero(world.orders["status"] == RETURNING), world.agendas["returns"].columns["row"]]
    )
    goods = orders["goods_fen"][rows] * (world.orders["node"][rows] >= 0)
    return int(orders["paid_fen"][rows].sum()) - seen.restocked_share * int(goods.sum())
