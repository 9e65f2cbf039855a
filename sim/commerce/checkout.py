"""Checkout: wishes become orders if the budget allows, goods are there and the money is paid.

Orders are booked in the order of their minutes, so the last unit on a shelf goes to whoever
came first. Payment is a deposit until the goods are handed over. Whoever orders, and some of
those who only look, become registered users.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from sim.commerce.aftersales_params import AftersalesParams
from sim.commerce.booking import (
    Chances,
    Customers,
    Paths,
    Prices,
    Shelf,
    Taken,
    Users,
    Visitors,
    Wishes,
    bill_visits,
    take_orders,
)
from sim.commerce.reasons import Bought, sponsor, take_apart
from sim.commerce.second_thoughts import Cooling, wishes_to_cancel
from sim.core.errors import RunError
from sim.core.fields import fields_of
from sim.core.language import tr
from sim.core.params import Params, uncertainty
from sim.core.rng import Draw
from sim.mechanism import Phase
from sim.world.catalog import CATEGORIES
from sim.world.fulfilment import COMING, NEXT_DAY
from sim.world.schema import Spend
from sim.world.world import OPEN, WAITING, World


class OrdersParams(Params):
    """Registration and cancellation."""

    register_visit: float = uncertainty(0.12, "chance a visit", "A-310", ge=0, le=1, span=(0.05, 0.25))
    """Unregistered visitors who register."""

    register_cart: float = uncertainty(0.42, "added chance", "A-311", ge=0, le=1, span=(0.2, 0.6))
    """With goods in the cart."""

    register_invited: float = uncertainty(0.45, "chance a visit", "A-312", ge=0, le=1, span=(0.25, 0.7))
    """Visitors who came by an invitation or a group."""

    start_habit: float = uncertainty(0.29, "direct visits/day", "A-313", ge=0, le=5, span=(0.1, 0.5))
    """Habit of a new registered user with a need: two visits in the first week."""

    cancel_shelf: float = uncertainty(0.07, "share of orders", "A-314", ge=0, le=1, span=(0.02, 0.10))
    """Plans that change: wish to cancel before dispatch, of any order; 2-10% of shelf orders are cancelled.
    What the heat of a moment adds is in the section ``aftersales``."""

    cancel_hours: float = uncertainty(6.0, "hours", "A-316", ge=0.01, le=240, span=(1, 24))
    """Mean delay until such a wish."""


#: Columns of visits that are recorded as they are.
_RECORDED = (
    "visit_id",
    "person",
    "seat",
    "minute",
    "source",
    "origin",
    "surface",
    "category",
    "touch",
    "rewarded",
    "sources_seen",
    "cart",
    "order",
)
#: Columns of orders that their visits bring with them.
_TAKEN_OVER = [name for name in Taken._fields if name not in ("row", "grouped")]


def _check_chances(world: World, chance: np.ndarray) -> None:
    """Stop where a chance of ordering is not a number: it would pass for a customer who does not want to.

    Raises
    ------
    RunError
        Naming the day, the number of visits and the first one's category.
    """
    wrong = np.flatnonzero(~np.isfinite(chance))
    if len(wrong):
        name = CATEGORIES[int(world.flow.visits["category"][wrong[0]])]
        raise RunError(
            tr(
                "choice: on day {day} the chance to order of {n_wrong} visits is not a number "
                "(first: {name}); a price or promise that choices look at has lost its bounds",
                day=world.day,
                n_wrong=len(wrong),
                name=name,
            )
        )


class Checkout:
    """Books orders, registrations and visits of this daypart."""

    name = "checkout"
    phase = Phase.BUY
    reads = frozenset(
        {
            "flow.visits",
            "flow.choices",
            "flow.terms",
            "flow.to_order",
            "flow.farther",
            "people.id",
            "people.group",
            "people.zone",
            "people.registered",
            "people.need_category",
            "platforms.commission",
            "people.budget_left",
            "people.orders",
            "people.habit",
        }
    )
    writes = frozenset(
        {
            "records.visits",
            "records.orders",
            "records.registrations",
            "records.order_terms",
            "records.sponsorships",
            "records.spend",
            "orders",
            "ledger",
            "stock",
            "flow.choices",
            "flow.accepted",
            "flow.accepted_minute",
            "flow.grouped",
            "agendas.cancels",
            "people.registered",
            "people.registered_day",
            "people.acquired_source",
            "people.inviter",
            "people.habit",
            "people.orders",
            "people.last_order_day",
            "people.budget_left",
            "people.need_category",
            "people.stocked_until",
            "people.last_order_category",
        }
    )

    def __init__(self, params: OrdersParams, aftersales: AftersalesParams) -> None:
        self.chances = fields_of(Chances, params)
        own = {"cancel_shelf": params.cancel_shelf, "cancel_hours": params.cancel_hours}
        self.cooling = fields_of(Cooling, own, aftersales)

    def act(self, world: World, draw: Draw) -> None:
        """Turn wishes into bookings, in order of minute."""
        visits, catalog = world.flow.visits, world.catalog
        commission = world.platforms.commission_due(world.platforms.commission_rise)
        wishes = fields_of(Wishes, visits)
        bill, chance, before, never, group, wish = bill_visits(
            world.day,
            world.clock.daypart,
            wishes,
            Prices(catalog.price_fen, catalog.cost_fen, commission),
            catalog.layer,
            fields_of(Visitors, world.people),
        )
        _check_chances(world, chance)
        node, refused = self._reserve(world, wish)
        registered, ordered, bill = self._take(world, draw, wishes, bill)
        self._record_registrations(world, registered, never)
        self._record_orders(world, draw, Taken(*ordered), bill, node)
        world.records.visits.append(
            **{c: visits[c] for c in _RECORDED},
            group=group,
            day=world.day,
            registered_before=before,
            refused=refused,
            order_probability=chance,
        )

    def _reserve(self, world: World, wish: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Set goods aside; wishes that find no stock are refused and counted. Node and refusal by visit."""
        visits = world.flow.visits
        node = np.full(len(visits["seat"]), -1, np.int32)
        without = np.zeros(len(node), np.bool_)
        if len(wish):
            shelf = self._order_made(world, wish, node)
            category = visits["category"][shelf].astype(np.int32)
            zone = world.people.zone[visits["seat"][shelf]]
            node[shelf] = world.logistics.reserve(category, zone, visits["quantity"][shelf])
            refused = wish[node[wish] == -1]
            without[refused] = True
            visits["order"][refused] = False
            world.count("refused", len(refused))
        return node, without

    @staticmethod
    def _order_made(world: World, wish: np.ndarray, node: np.ndarray) -> np.ndarray:
        """Note which wishes are made to order, as far as units go, in order of minute; the others' rows."""
        made = world.flow.to_order
        if made is None:
            return wish
        ours = wish[made.visits[wish]]
        node[ours[np.cumsum(world.flow.visits["quantity"][ours]) <= made.units]] = COMING
        return wish[~made.visits[wish]]

    def _take(self, world: World, draw: Draw, wishes: Wishes, bill: np.ndarray) -> Any:
        """Registrations and orders (see :func:`sim.commerce.booking.take_orders`)."""
        people, catalog, flow = world.people, world.catalog, world.flow
        return take_orders(
            draw("register"),
            world.clock.daypart,
            world.day,
            wishes,
            fields_of(Paths, flow.visits),
            bill,
            self.chances,
            fields_of(Users, people),
            fields_of(Customers, people),
            Shelf(catalog.layer, catalog.stock_days, flow.hours, flow.service),
        )

    def _record_registrations(
        self, world: World, registered: Sequence[np.ndarray], never: np.ndarray
    ) -> None:
        rows, person, minute, source, platform, inviter = registered
        world.records.registrations.append(
            person=person,
            day=world.day,
            minute=minute,
            source=source,
            platform=platform,
            inviter=inviter,
            fake=False,
            caught=False,
            seen_new=never[rows],
            caught_probability=0.0,
        )

    def _record_orders(
        self, world: World, draw: Draw, taken: Taken, bill: np.ndarray, node: np.ndarray
    ) -> None:
        rows, grouped, minute = taken.row, taken.grouped, taken.minute
        self._promise_made(world, taken)
        sponsored = take_apart(world, Bought(rows, bill[:, 0], bill[:, 1], bill[:, 2]))
        discount = bill[:, 1] - bill[:, 2] - sponsored
        at = world.records.orders.append(
            order_id=bill[:, 0],
            **{name: getattr(taken, name) for name in _TAKEN_OVER},
            day=world.day,
            list_fen=bill[:, 1],
            discount_fen=discount,
            new_user_discount_fen=(taken.lifetime_order == 1) * discount,
            paid_fen=bill[:, 2],
            goods_fen=bill[:, 3],
            commission_fen=bill[:, 4],
            campaign_commission_fen=bill[:, 5],
            group_buy=-1,
            carried_over=False,
        )
        heat = world.flow.cart.heat(len(world.flow.visits["seat"]))[rows]
        world.orders.append(
            status=np.where(grouped, WAITING, OPEN).astype(np.int8),
            node=node[rows],
            heat=heat,
            promised=taken.promised_minute,
            payer=-1,
            payer_fen=0,
            points_fen=0,
        )
        handles = np.arange(at.start, at.stop)
        sponsor(world, handles, bill[:, 0], sponsored)
        world.ledger.pay("deposits", "cash", int(bill[:, 2].sum()))
        world.spend(Spend.DISCOUNT, int(discount.sum()))
        world.spend(Spend.COMMISSION, int(bill[:, 5].sum()))
        world.flow.accepted = handles[~grouped]
        world.flow.accepted_minute = minute[~grouped]
        world.flow.grouped = handles[grouped]
        self._plan_cancels(world, draw, handles, bill[:, 0], heat, minute)

    @staticmethod
    def _promise_made(world: World, taken: Taken) -> None:
        """What is made to order has a promise of its own, and comes by the regional centre; some go on."""
        made, farther = world.flow.to_order, world.flow.farther
        if made is not None:
            ours = made.visits[taken.row]
            taken.service[ours] = NEXT_DAY
            taken.promised_minute[ours] = taken.minute[ours] + math.ceil(60.0 * made.hours)
        if farther is not None:
            taken.promised_minute[:] += np.ceil(60.0 * farther[taken.row]).astype(np.int64)

    def _plan_cancels(
        self,
        world: World,
        draw: Draw,
        handles: np.ndarray,
        ids: np.ndarray,
        heat: np.ndarray,
        minute: np.ndarray,
    ) -> None:
        due = wishes_to_cancel(draw, ids, heat, minute, self.cooling)
        wish = due >= 0
        world.agendas["cancels"].add(minute=due[wish], row=handles[wish])
