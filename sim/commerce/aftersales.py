"""After sales: hand-over, scores, complaints, returns, refunds and the day's logistics bill.

A delivery is judged by its promise: low scores rise with lateness as in the Olist marketplace
(9% on time, 19% up to three days late, 61% up to a week, 78% beyond). Lateness is counted in
units of patience, because half an hour is late for a meal and nothing for a parcel. Whoever had
lost patience while the parcel was under way refuses it at the door: a low score, and the goods
come back as any return does, on the next pickup round, and are refunded once inspected.
Whoever regrets an order of the moment (:mod:`sim.commerce.second_thoughts`) sends it back where the law
gives a right to.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from sim.commerce.aftersales_params import AftersalesParams
from sim.commerce.fulfilment import parcels_of
from sim.commerce.lateness import limit_minutes
from sim.commerce.reasons import return_sponsored
from sim.commerce.second_thoughts import thoughts
from sim.core.clock import MINUTES_PER_DAY
from sim.core.fields import fields_of
from sim.core.jit import njit
from sim.core.rng import Draw, keyed_uniform
from sim.mechanism import Phase
from sim.world.schema import Spend
from sim.world.world import DELIVERED, OPEN, RETURNED, RETURNING, World

#: Minutes from the hand-over to the first possible request.
_FIRST_REQUEST = 60
_MINUTES = float(MINUTES_PER_DAY)


class Judged(NamedTuple):
    """Parcels handed over, one row each: order id, lateness in units of patience, and what they were.

    ``unwanted`` are regretted and may be sent back for that alone; ``soured`` is the share scored low for
    the memory of a late one.
    """

    order_id: np.ndarray
    late: np.ndarray
    spoiled: np.ndarray
    refused: np.ndarray
    impulsive: np.ndarray
    unwanted: np.ndarray
    soured: np.ndarray
    return_rate: np.ndarray


class Standards(NamedTuple):
    """How parcels are judged: the curve of low scores by lateness, complaints, and what lifts returns."""

    late: np.ndarray
    low_score: np.ndarray
    low_spoiled: float
    complain: float
    return_unchecked: float
    return_low: float
    return_days: float


@njit(cache=True)
def _judge(stream, parcels, standards, confidence):
    """Low score, complaint and return delay in minutes (-1 = kept; 0 = refused at the door)."""
    ids, spoiled, refused = parcels.order_id, parcels.spoiled, parcels.refused
    n = ids.shape[0]
    low = np.zeros(n, np.bool_)
    complaint = np.zeros(n, np.bool_)
    back = np.full(n, -1, np.int64)
    for k in range(n):
        chance = np.interp(parcels.late[k], standards.late, standards.low_score)
        if spoiled[k]:
            chance = max(chance, standards.low_spoiled)
        chance += parcels.soured[k] * (1.0 - chance)
        low[k] = refused[k] or keyed_uniform(stream, ids[k], 0) < chance
        complaint[k] = low[k] and keyed_uniform(stream, ids[k], 1) < standards.complain
        if spoiled[k]:
            continue
        if refused[k]:
            back[k] = 0
            continue
        unchecked = standards.return_unchecked if parcels.impulsive[k] else 1.0
        by_score = standards.return_low if low[k] else 1.0
        chance = parcels.return_rate[k] * unchecked * by_score / confidence
        if parcels.unwanted[k] or keyed_uniform(stream, ids[k], 2) < chance:
            wait = standards.return_days * _MINUTES * keyed_uniform(stream, ids[k], 3)
            back[k] = _FIRST_REQUEST + np.int64(wait)
    return low, complaint, back


class Handover:
    """Deliveries of the day: revenue, scores, complaints, and what will come back."""

    name = "handover"
    phase = Phase.SETTLE
    reads = frozenset(
        {
            "records.orders",
            "orders",
            "logistics.delivered",
            "conditions.confidence",
            "people.late_memory_level~",
            "people.id",
        }
    )
    writes = frozenset(
        {
            "records.deliveries",
            "records.returns",
            "records.sponsorships",
            "orders",
            "ledger",
            "agendas.returns",
            "logistics.delivered",
        }
    )

    def __init__(self, params: AftersalesParams) -> None:
        self.params = params
        self.patience = params.patience()
        late, low = params.score_curve()
        self.standards = fields_of(Standards, {"late": late, "low_score": low}, params)

    def act(self, world: World, draw: Draw) -> None:
        """Settle what was handed over since yesterday, digital goods included."""
        done = world.logistics.delivered()
        status = world.orders["status"]
        digital = np.flatnonzero((world.orders["node"] == -1) & (status == OPEN))
        rows = np.concatenate([done.row, digital])
        if not len(rows):
            return
        orders = world.records.orders
        minute = np.concatenate([done.minute, orders["minute"][digital]])
        spoiled = np.concatenate([done.spoiled, np.zeros(len(digital), bool)])
        order = np.lexsort((orders["order_id"][rows], minute))
        self._settle(world, draw, rows[order], minute[order], spoiled[order])

    def _soured(self, world: World, persons: np.ndarray) -> np.ndarray:
        """float64[k]: share of deliveries to these people that a late one, if remembered, has scored low."""
        level = getattr(world.people, "late_memory_level", None)
        if level is None:  # nobody ever remembered
            return np.zeros(len(persons))
        seats = world.seats_of(persons)
        remembered = np.where(seats >= 0, level[seats], 0.0)
        return self.params.low_remembered * remembered

    def _settle(
        self, world: World, draw: Draw, rows: np.ndarray, minute: np.ndarray, spoiled: np.ndarray
    ) -> None:
        orders, p = world.records.orders, self.params
        service = orders["service"][rows]
        promised = world.orders["promised"][rows]
        late = np.maximum(0, minute - promised) / self.patience[np.maximum(service, 0)]
        refused = (service >= 0) & (
            minute > limit_minutes(p, draw, orders["order_id"][rows], promised, service)
        )
        heat, category = world.orders["heat"][rows], orders["category"][rows]
        impulsive, regretted = thoughts(draw, orders["order_id"][rows], heat, p.regret)
        parcels = Judged(
            order_id=orders["order_id"][rows],
            late=np.where(service < 0, 0.0, late),
            spoiled=spoiled,
            refused=refused,
            impulsive=impulsive,
            unwanted=regretted & world.catalog.withdrawal[category],
            soured=self._soured(world, orders["person"][rows]),
            return_rate=world.catalog.return_rate[category],
        )
        low, complaint, back = _judge(
            draw.timeless("delivery.judge"), parcels, self.standards, world.conditions.confidence
        )
        world.orders["status"][rows] = DELIVERED
        goods, fees = self._money(world, rows, spoiled)
        world.records.deliveries.append(
            order_id=orders["order_id"][rows],
            person=orders["person"][rows],
            day=world.day,
            minute=minute,
            ordered_minute=orders["minute"][rows],
            promised_minute=promised,
            service=service,
            spoiled=spoiled,
            low_score=low,
            complaint=complaint,
            paid_fen=orders["paid_fen"][rows],
            list_fen=orders["list_fen"][rows],
            goods_fen=goods,
            platform_commission_fen=fees,
            return_ends=minute + _FIRST_REQUEST + round(p.return_days * MINUTES_PER_DAY),
            carried_over=False,
        )
        comes_back = back >= 0
        world.agendas["returns"].add(minute=minute[comes_back] + back[comes_back], row=rows[comes_back])
        refund_spoiled(world, rows[spoiled], minute[spoiled])

    def _money(self, world: World, rows: np.ndarray, spoiled: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Recognise revenue, goods and fees; cost of goods and the platform's commission by order, fen."""
        orders, ledger = world.records.orders, world.ledger
        campaign = orders["campaign_commission_fen"][rows]
        fees = orders["commission_fen"][rows] - campaign
        physical = world.orders["node"][rows] >= 0
        # what spoiled on the way is in the day's spoilage bill
        goods = orders["goods_fen"][rows] * ~spoiled
        ledger.pay("revenue", "deposits", int(orders["list_fen"][rows].sum()))
        ledger.pay("inventory", "cost_of_goods", int(goods[physical].sum()))
        ledger.pay("cash", "cost_of_goods", int(goods[~physical].sum()))
        ledger.pay("cash", "platform_commissions", int(fees.sum()))
        ledger.pay("cash", "commissions_payable", int(campaign.sum()))
        return goods, fees


def refund_spoiled(world: World, rows: np.ndarray, minute: np.ndarray) -> None:
    """Spoiled goods are refunded on the spot and not collected."""
    if not len(rows):
        return
    orders = world.records.orders
    _refund(world, rows, minute, np.zeros(len(rows), bool), orders["paid_fen"][rows])


def _refund(
    world: World, rows: np.ndarray, minute: np.ndarray, restocked: np.ndarray, fen: np.ndarray
) -> None:
    orders = world.records.orders
    sent_back = world.orders["status"][rows] == RETURNING  # neither digital nor spoiled
    world.orders["status"][rows] = RETURNED
    cost = orders["goods_fen"][rows] * sent_back
    world.ledger.pay("cash", "refunds", int(fen.sum()))
    return_sponsored(world, rows, "refunds")
    world.ledger.pay("cost_of_goods", "inventory", int((cost * restocked).sum()))
    world.records.returns.append(
        order_id=orders["order_id"][rows],
        person=orders["person"][rows],
        day=world.day,
        minute=minute,
        restocked=restocked,
        refund_fen=fen,
        cost_fen=cost,
        goods_fen=cost * restocked,
        carried_over=False,
    )


class Returns:
    """Return requests go out for pickup; inspected goods are refunded and restocked or scrapped."""

    name = "returns"
    phase = Phase.SETTLE
    reads = frozenset({"agendas.returns", "records.orders", "orders", "logistics.inspected"})
    writes = frozenset(
        {
            "records.returns",
            "records.sponsorships",
            "records.return_requests",
            "orders",
            "ledger",
            "logistics.parcels",
            "logistics.inspected",
            "stock",
            "agendas.returns",
        }
    )

    def act(self, world: World, draw: Draw) -> None:
        """Ask for tomorrow's pickups; refund what was inspected today."""
        inspected = world.logistics.inspected()
        orders = world.records.orders
        if len(inspected.row):
            _refund(
                world, inspected.row, inspected.minute, inspected.restocked, orders["paid_fen"][inspected.row]
            )
        due = world.agendas["returns"].take(world.clock.midnight + MINUTES_PER_DAY)
        rows = due["row"]
        world.records.return_requests.append(
            order_id=orders["order_id"][rows],
            person=orders["person"][rows],
            day=world.day,
            minute=due["minute"],
            carried_over=False,
        )
        digital = world.orders["node"][rows] < 0
        if digital.any():
            gone = rows[digital]
            _refund(world, gone, due["minute"][digital], np.zeros(len(gone), bool), orders["paid_fen"][gone])
        if (~digital).any():
            start = np.full(int((~digital).sum()), world.clock.midnight + MINUTES_PER_DAY)
            world.orders["status"][rows[~digital]] = RETURNING
            world.logistics.take_back(parcels_of(world, rows[~digital], start))


class DayClose:
    """Logistics closes its day: replenishment, checks of goods and parcels, and the bill."""

    name = "day_close"
    phase = Phase.SETTLE
    reads = frozenset(
        {"logistics.parcels", "logistics.delivered", "logistics.inspected", "operator.allowance"}
    )
    writes = frozenset({"stock", "ledger", "records.spend", "bill"})

    def act(self, world: World, draw: Draw) -> None:
        """Pay the day's logistics; wages for capacity beyond the baseline's are campaign money."""
        bill = world.logistics.close_day(world.day)
        extra = min(world.operator.extra_capacity_fen, bill.get("logistics_rider", 0))
        if extra:
            bill["logistics_rider"] -= extra
            world.spend(Spend.CAPACITY, extra)
        world.reserve("capacity", 0.0)
        world.bill = dict(bill)
        for account, fen in sorted(bill.items()):
            if account == "purchases":
                world.ledger.pay("cash", "inventory", fen)
            else:
                world.ledger.pay("inventory" if account == "spoilage" else "cash", account, fen)
