"""Booking, compiled: bills, registrations, and the marks that visits and orders leave on people.

:mod:`sim.commerce.checkout` says what they mean and fills the records.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from sim.core.jit import njit
from sim.core.rng import hash_id, keyed_uniform
from sim.world.schema import Source

#: Sources as numbers, which kernels hold.
_INVITATION, _GROUP_BUY = int(Source.INVITATION), int(Source.GROUP_BUY)


class Wishes(NamedTuple):
    """Visits with what was decided in them, one row each, in order of minute (see ``Choice``)."""

    seat: np.ndarray
    source: np.ndarray
    origin: np.ndarray
    surface: np.ndarray
    category: np.ndarray
    sender: np.ndarray
    cart: np.ndarray
    order: np.ndarray
    quantity: np.ndarray
    ratio: np.ndarray
    ratio_more: np.ndarray
    fee: np.ndarray
    wish_one: np.ndarray
    wish_more: np.ndarray


class Prices(NamedTuple):
    """Catalogue price and cost by category (fen), and each platform's share of what is paid."""

    price_fen: np.ndarray
    cost_fen: np.ndarray
    commission: np.ndarray


class Chances(NamedTuple):
    """Chances to register at a visit, what a cart adds, and the habit that registering starts."""

    register_visit: float
    register_cart: float
    register_invited: float
    start_habit: float


class Users(NamedTuple):
    """What registering changes of people, one row a seat (columns of the population)."""

    id: np.ndarray
    registered: np.ndarray
    registered_day: np.ndarray
    inviter: np.ndarray
    habit: np.ndarray


class Ordered(NamedTuple):
    """Orders just made, one row each: seat, category, units, paid (fen)."""

    seat: np.ndarray
    category: np.ndarray
    quantity: np.ndarray
    paid: np.ndarray


class Customers(NamedTuple):
    """What an order changes of people, one row a seat (columns of the population)."""

    orders: np.ndarray
    last_order_day: np.ndarray
    budget_left: np.ndarray
    need_category: np.ndarray
    stocked_until: np.ndarray
    last_order_category: np.ndarray


@njit(cache=True)
def book(day, daypart, wishes, prices, people_id, budget_left):
    """Affordable quantities, bills and chances that a wish could be paid.

    The bill is int64[n, 6] (id, list, paid, goods, fees, campaign fees), the chance float32[n]. The list
    price is the catalogue's, or what is paid where that is more.
    """
    order, quantity, ratio, ratio_more = wishes.order, wishes.quantity, wishes.ratio, wishes.ratio_more
    n = wishes.seat.shape[0]
    bill = np.zeros((n, 6), np.int64)
    chance = np.zeros(n, np.float32)
    for v in range(n):
        i = wishes.seat[v]
        c = wishes.category[v]
        unit = prices.price_fen[c]
        budget = budget_left[i] * 100.0
        pays_one, pays_more = budget >= unit * ratio[v], budget >= unit * ratio_more[v]
        chance[v] = (wishes.wish_one[v] if pays_one else 0.0) + (wishes.wish_more[v] if pays_more else 0.0)
        if not order[v]:
            continue
        if quantity[v] > 1:
            ratio[v] = ratio_more[v]
        each = unit * ratio[v]
        affordable = np.int64(budget / each)
        quantity[v] = min(quantity[v], affordable)
        if quantity[v] <= 0:
            order[v] = False
            continue
        bill[v, 0] = hash_id(people_id[i], day, 64 + daypart)
        bill[v, 2] = np.int64(round(each * quantity[v]))
        bill[v, 1] = max(unit * quantity[v], bill[v, 2])
        bill[v, 3] = prices.cost_fen[c] * quantity[v]
        bill[v, 5] = np.int64(round(wishes.fee[v] * bill[v, 2]))
        bill[v, 4] = np.int64(round(prices.commission[wishes.surface[v]] * bill[v, 2])) + bill[v, 5]
    return bill, chance


@njit(cache=True)
def register(stream, daypart, day, wishes, chances, users):
    """Rows of visits that end in a registration."""
    rows = []
    for v in range(wishes.seat.shape[0]):
        i = wishes.seat[v]
        if users.registered[i]:
            continue
        source = wishes.source[v]
        invited = source in (_INVITATION, _GROUP_BUY)
        chance = chances.register_invited if invited else chances.register_visit
        if wishes.cart[v]:
            chance = min(1.0, chance + chances.register_cart)
        if wishes.order[v] or keyed_uniform(stream, users.id[i], daypart) < chance:
            users.registered[i] = True
            users.registered_day[i] = day
            users.habit[i] = chances.start_habit
            if source == _INVITATION and wishes.sender[v] >= 0:
                users.inviter[i] = wishes.sender[v]
            rows.append(v)
    return np.array(rows, dtype=np.int64)


@njit(cache=True)
def visit_marks(seat, source, acquired):
    """Note on each person what the first visit came from."""
    for v in range(seat.shape[0]):
        if acquired[seat[v]] < 0:
            acquired[seat[v]] = source[v]


@njit(cache=True)
def order_marks(day, ordered, stock_days, customers):
    """Note each order on its person; the number of it in the person's life, int32[n]."""
    orders, stocked_until = customers.orders, customers.stocked_until
    lifetime = np.empty(ordered.seat.shape[0], np.int32)
    for k in range(ordered.seat.shape[0]):
        i = ordered.seat[k]
        c = ordered.category[k]
        orders[i] += 1
        lifetime[k] = orders[i]
        customers.last_order_day[i] = day
        customers.budget_left[i] -= ordered.paid[k] / 100.0
        lasts = np.int32(round(stock_days[c] * ordered.quantity[k]))
        stocked_until[i, c] = max(stocked_until[i, c], day) + lasts
        customers.last_order_category[i] = c
        if customers.need_category[i] == c:
            customers.need_category[i] = -1
    return lifetime
