"""Booking, compiled: bills, registrations, and the marks that visits and orders leave on people.

:mod:`sim.commerce.checkout` says what they mean and fills the records.
"""

from __future__ import annotations

import math
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


class Visitors(NamedTuple):
    """What the bill and the record of a visit ask of people, one row a seat (columns of the population)."""

    id: np.ndarray
    group: np.ndarray
    registered: np.ndarray
    registered_day: np.ndarray
    budget_left: np.ndarray
    acquired_source: np.ndarray


class Paths(NamedTuple):
    """Whence visits come and what they carry on, one row each (columns of the daypart's visits)."""

    visit_id: np.ndarray
    person: np.ndarray
    minute: np.ndarray
    touch: np.ndarray
    grouped: np.ndarray


class Shelf(NamedTuple):
    """What is known of goods by category, and what logistics promises now by category and zone."""

    layer: np.ndarray
    stock_days: np.ndarray
    hours: np.ndarray
    service: np.ndarray


class Taken(NamedTuple):
    """Orders just made, one row each: the row of the visit, and columns of their record by name."""

    row: np.ndarray
    visit_id: np.ndarray
    person: np.ndarray
    seat: np.ndarray
    group: np.ndarray
    minute: np.ndarray
    source: np.ndarray
    first_source: np.ndarray
    origin: np.ndarray
    surface: np.ndarray
    category: np.ndarray
    quantity: np.ndarray
    lifetime_order: np.ndarray
    touch: np.ndarray
    service: np.ndarray
    zone: np.ndarray
    promised_minute: np.ndarray
    grouped: np.ndarray


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


class Customers(NamedTuple):
    """What an order asks of people and changes, one row a seat (columns of the population)."""

    id: np.ndarray
    group: np.ndarray
    zone: np.ndarray
    acquired_source: np.ndarray
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
def _visit_marks(seat, source, acquired):
    """Note on each person what the first visit came from."""
    for v in range(seat.shape[0]):
        if acquired[seat[v]] < 0:
            acquired[seat[v]] = source[v]


@njit(cache=True)
def _order_marks(day, rows, wishes, paid, stock_days, customers):
    """Note each order on its person; the number of it in the person's life, int32[n]."""
    orders, stocked_until = customers.orders, customers.stocked_until
    lifetime = np.empty(rows.shape[0], np.int32)
    for k in range(rows.shape[0]):
        i = wishes.seat[rows[k]]
        c = wishes.category[rows[k]]
        orders[i] += 1
        lifetime[k] = orders[i]
        customers.last_order_day[i] = day
        customers.budget_left[i] -= paid[k] / 100.0
        lasts = np.int32(round(stock_days[c] * wishes.quantity[rows[k]]))
        stocked_until[i, c] = max(stocked_until[i, c], day) + lasts
        customers.last_order_category[i] = c
        if customers.need_category[i] == c:
            customers.need_category[i] = -1
    return lifetime


@njit(cache=True)
def bill_visits(day, daypart, wishes, prices, layer, visitors):
    """Bills of visits, and what is known of visitors before any of them registers.

    Returns
    -------
    bill : int64[n, 6]
        As :func:`book` writes it.
    chance : float32[n]
        Of an order that can be paid.
    before, never : bool[n]
        Registered when the visit began; never registered so far.
    group : int8[n]
        Consumer group.
    wish : int64[k]
        Rows of visits that want goods from a shelf.
    """
    _visit_marks(wishes.seat, wishes.source, visitors.acquired_source)
    bill, chance = book(day, daypart, wishes, prices, visitors.id, visitors.budget_left)
    before, group = visitors.registered[wishes.seat], visitors.group[wishes.seat]
    never = visitors.registered_day[wishes.seat] < 0
    wish = np.flatnonzero(wishes.order & (layer[wishes.category] > 0))
    return bill, chance, before, never, group, wish


@njit(cache=True)
def _promised(minute, category, zone, shelf):
    """Minute promised at the order, at once for digital goods, and class of service (-1 for them)."""
    promised, service = minute.copy(), np.full(minute.shape[0], -1, np.int8)
    for k in range(minute.shape[0]):
        if shelf.layer[category[k]] != 0:
            promised[k] += np.int64(math.ceil(shelf.hours[category[k], zone[k]] * 60.0))
            service[k] = shelf.service[category[k], zone[k]]
    return promised, service


@njit(cache=True)
def take_orders(stream, daypart, day, wishes, paths, bill, chances, users, customers, shelf):
    """Registrations and orders of visits, in order of minute, and the marks that they leave on people.

    Returns
    -------
    registered : tuple of array[r]
        Row of the visit, person, minute, source, origin and inviter.
    ordered : tuple of array[k]
        Fields of :class:`Taken`.
    bill : int64[k, 6]
        Bills of the orders.
    """
    new = register(stream, daypart, day, wishes, chances, users)
    registered = (
        new,
        paths.person[new],
        paths.minute[new],
        wishes.source[new],
        wishes.origin[new],
        users.inviter[wishes.seat[new]],
    )
    rows = np.flatnonzero(wishes.order)
    paid = np.empty((rows.shape[0], bill.shape[1]), np.int64)
    for k in range(rows.shape[0]):
        paid[k] = bill[rows[k]]
    lifetime = _order_marks(day, rows, wishes, paid[:, 2], shelf.stock_days, customers)
    seat, category, minute = wishes.seat[rows], wishes.category[rows], paths.minute[rows]
    zone = customers.zone[seat]
    promised, service = _promised(minute, category, zone, shelf)
    ordered = (
        rows,
        paths.visit_id[rows],
        customers.id[seat],
        seat,
        customers.group[seat],
        minute,
        wishes.source[rows],
        customers.acquired_source[seat],
        wishes.origin[rows],
        wishes.surface[rows],
        category,
        wishes.quantity[rows],
        lifetime,
        paths.touch[rows],
        service,
        zone,
        promised,
        paths.grouped[rows],
    )
    return registered, ordered, paid
