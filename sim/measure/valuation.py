"""Open commitments in the books: what is under way at a day's end, and what it will bring or cost.

A window ends with orders that are paid and not delivered, with goods that will come back and with
rewards that are promised. Counting none of them would make a strategy that cannot deliver, or one that
promises much, look profitable. So every evening the open commitments are valued at the operator's own
experience of recent weeks, and the change since yesterday is part of the day's result: margins add up
over days, and nothing is left at the end. Where each kind of commitment stands:

- orders not delivered: what they bring and cost, less the share that is usually cancelled;
- orders that wait for a group: the same if the group fills, as the share of those waiting usually does,
  else their money goes back and their discount and commission are not owed;
- goods on their way back, or about to be sent back: the refund less what can be sold again;
- rewards promised for a first and a second order, both levels: what is reserved for them, times the chance
  that an invited person of that age still gets there in time (``sim.world.invited``), times the share of
  the reserve that kept promises cost (an inviter need not have an inviter);
- rewards earned and not paid out: an expense since they were earned, less the share usually taken back;
- commissions of campaigns and platforms: an expense of the order they belong to, open or handed over;
- fees of posts and sessions, private domain, review, content and capacity: bills of the day of the service,
  so nothing is outstanding; money that is saved for influencers is still the brand's;
- coupons and member or invited persons' prices that nobody has used: they reduce the price of an order that
  has not been placed, and neither that order nor its discount is in the books.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from sim.core.clock import MINUTES_PER_DAY
from sim.core.rng import Draw
from sim.mechanism import Phase
from sim.world import invited
from sim.world.accounts import LOGISTICS, Account
from sim.world.schema import Cancel
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
    group_filled: float
    group_expired: float
    due_rewards_fen: float
    clawed_back_fen: float
    kept_promises_fen: float
    earned_on_promises_fen: float

    @property
    def cancelled_share(self) -> float:
        """Orders cancelled of those that ended, except in groups that did not fill."""
        return _share(self.cancelled, self.cancelled + self.delivered)

    @property
    def expired_share(self) -> float:
        """Orders whose group did not fill, of those whose group ended."""
        return _share(self.group_expired, self.group_expired + self.group_filled)

    @property
    def clawed_back_share(self) -> float:
        """Rewards that were taken back, of those due, in money."""
        return _share(self.clawed_back_fen, self.due_rewards_fen)

    @property
    def promise_cost(self) -> float:
        """What a kept promise costs of its reserve; all of it while none has been kept."""
        seen = self.kept_promises_fen > 0
        return self.earned_on_promises_fen / self.kept_promises_fen if seen else 1.0

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
    reads = frozenset(
        {
            "records.orders",
            "records.deliveries",
            "records.cancellations",
            "records.returns",
            "records.group_buys",
            "records.rewards",
            "orders",
            "agendas.returns",
            "agendas.promises",
            "agendas.rewards",
            "operator.kept_promises",
            "people.id",
            "people.registered_day",
            "ledger",
        }
    )
    writes = frozenset({"operator.valuation", "operator.invited_life", "ledger"})

    def __init__(self, memory_days: float) -> None:
        self.keep = math.exp(-1.0 / memory_days)

    def act(self, world: World, draw: Draw) -> None:
        """Note today's outcomes; revalue."""
        operator = world.operator
        operator.experience = self.keep * operator.experience + np.array(_today(world))
        seen = Experience(*operator.experience.tolist())
        owed = returns_under_way_fen(world, seen) + rewards_fen(world, seen)
        world.revalue(round(open_orders_fen(world, seen) - owed))
        operator.invited_life *= self.keep


def _today(world: World) -> Experience:
    """What ended today."""
    r, moved = world.records, world.ledger.moved()
    back = r.returns.today("goods_fen")
    members, filled = r.group_buys.today("members"), r.group_buys.today("filled")
    earned, clawed = r.rewards.today("fen"), r.rewards.today("clawed_back")
    on_promise = (r.rewards.today("stage") > 1) & ~clawed & ~r.rewards.today("fake")
    back_fen = int(earned[clawed].sum())
    return Experience(
        cancelled=int((r.cancellations.today("reason") != Cancel.GROUP_EXPIRED).sum()),
        delivered=len(r.deliveries.today("day")),
        parcels=int((r.deliveries.today("service") >= 0).sum()),
        delivering_fen=sum(moved.get(account.key, 0) for account in DELIVERING),
        paid_fen=int(r.deliveries.today("paid_fen").sum()),
        refunded_fen=int(r.returns.today("refund_fen").sum()),
        returned_goods_fen=int(r.returns.today("cost_fen").sum()),
        restocked_goods_fen=int(back.sum()),
        group_filled=int(members[filled].sum()),
        group_expired=int(members[~filled].sum()),
        due_rewards_fen=world.ledger.today.get(("cash", "rewards_payable"), 0) + back_fen,
        clawed_back_fen=back_fen,
        kept_promises_fen=world.operator.kept_promises_fen,
        earned_on_promises_fen=int(earned[on_promise].sum()),
    )


def open_orders_fen(world: World, seen: Experience) -> float:
    """What orders that are paid and neither delivered nor cancelled will add to the result, fen.

    Their discounts and campaign commissions were booked when they were placed, and are given back
    if they are cancelled or their group does not fill.
    """
    total, open_now = 0.0, world.open_orders.rows(world.orders)
    statuses = world.orders["status"][open_now]
    for status, fills in ((OPEN, 1.0), (WAITING, 1.0 - seen.expired_share)):
        rows = open_now[statuses == status]
        kept = fills * (1.0 - seen.cancelled_share)
        delivered, cancelled = _both_ends_fen(world, seen, rows)
        total += kept * delivered + (1.0 - kept) * cancelled
    return total


def _both_ends_fen(world: World, seen: Experience, rows: np.ndarray) -> tuple[float, float]:
    """What orders add to the result if all are delivered, and if all are cancelled, fen, not rounded."""
    orders = world.records.orders
    fen = {
        c: int(orders[c][rows].sum())
        for c in (
            "list_fen",
            "paid_fen",
            "discount_fen",
            "goods_fen",
            "commission_fen",
            "campaign_commission_fen",
        )
    }
    parcels = int((world.orders["node"][rows] != -1).sum())
    campaign = fen["campaign_commission_fen"]
    delivered = fen["list_fen"] - fen["goods_fen"] - (fen["commission_fen"] - campaign)
    expected = seen.parcel_fen * parcels + seen.return_loss * fen["paid_fen"]
    return delivered - expected, fen["discount_fen"] + campaign


def rewards_fen(world: World, seen: Experience) -> float:
    """What promised rewards will cost, less what will be taken back of those earned, fen."""
    promises, earned = world.agendas["promises"].columns, world.agendas["rewards"].columns["fen"]
    costs = float((promises["fen"] * promise_chances(world)).sum()) * seen.promise_cost
    return costs - seen.clawed_back_share * int(earned.sum())


def promise_chances(world: World) -> np.ndarray:
    """float64[n open promises]: chance that each will be kept; 0 for those who have left the market."""
    promises, life = world.agendas["promises"].columns, world.operator.invited_life
    seats = world.seats_of(promises["invitee"])
    left = promises["minute"] // MINUTES_PER_DAY - world.day
    age = world.day - world.people.registered_day[seats]
    found = np.zeros(len(seats))
    for stage in invited.ORDERING:
        at = np.flatnonzero((promises["stage"] == stage) & (seats >= 0) & (left > 0))
        found[at] = invited.chance(life, stage, age[at].astype(np.int64), left[at])
    return found


def returns_under_way_fen(world: World, seen: Experience) -> float:
    """What goods cost that customers have sent back, or have made up their minds to send back, fen."""
    orders = world.records.orders
    rows = np.concatenate(
        [np.flatnonzero(world.orders["status"] == RETURNING), world.agendas["returns"].columns["row"]]
    )
    goods = orders["goods_fen"][rows] * (world.orders["node"][rows] != -1)
    return int(orders["paid_fen"][rows].sum()) - seen.restocked_share * int(goods.sum())
