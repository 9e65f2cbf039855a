"""Reasons: the terms that an order was made under, kept with it, and the lines of its bill.

"Why was this bought" is a table (``order_terms``): what spoke for the cart and for the order, in logits, and
what was taken off the price, in fen. The logits of an order add up to what the choice was made on.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from sim.core.jit import njit
from sim.world.accounts import Account
from sim.world.terms import BRAND, GROUND, Settled
from sim.world.world import World

_GROUNDS = len(GROUND)


class Bought(NamedTuple):
    """Orders just made, one row each: row of the visit, order id, list price and paid (fen)."""

    visit: np.ndarray
    order_id: np.ndarray
    list_fen: np.ndarray
    paid_fen: np.ndarray


def take_apart(world: World, bought: Bought) -> np.ndarray:
    """Keep the terms of orders; the part of their price that others than the brand bear, int64[k] fen."""
    flow, visits, rows = world.flow, world.flow.visits, bought.visit
    if not len(rows):
        return np.zeros(0, np.int64)
    why, *settled = _settled(bought, visits["why"], visits["ratio"], visits["grouped"])
    lines, others = flow.bill.split(Settled(rows, *settled))
    sums = (flow.cart, flow.order, flow.basket)
    names, columns = _order_of(tuple((one.decision, *one.parts) for one in sums), tuple(lines))
    values = np.empty((len(rows), len(names)))
    values[:, columns[:_GROUNDS]] = why
    at = iter(columns[_GROUNDS:])
    for term in (part for one in sums for part in one.parts.values()):
        values[:, next(at)] = term.take(rows) if isinstance(term, np.ndarray) else term
    for fen, column in zip(lines.values(), at, strict=True):
        values[:, column] = fen
    _keep(world, bought.order_id, names, values)
    return others


@njit(cache=True)
def _settled(bought, why, ratio, grouped):
    """Reasons of the visits that bought, float64[k, ground], and fields of :class:`Settled` but the first."""
    n = bought.visit.shape[0]
    said, granted = np.empty((n, _GROUNDS)), np.empty(n)
    conceded = bought.list_fen - bought.paid_fen
    group, several, dropped = (np.empty(n, np.bool_), np.empty(n, np.bool_), np.empty(n, np.bool_))
    for k in range(n):
        visit = bought.visit[k]
        for column in range(_GROUNDS):
            said[k, column] = why[visit, column]
        granted[k], group[k] = why[visit, _GROUNDS], grouped[visit]
        several[k] = ratio[visit] < why[visit, _GROUNDS + 1]
        dropped[k] = why[visit, _GROUNDS + 2] > 0.0
    return said, conceded, granted, group, several, dropped


@njit(cache=True)
def _said(order_id, values):
    """Order, column and value of all that is not zero, and which columns have any."""
    most = values.shape[0] * values.shape[1]
    order, which, value = np.empty(most, np.int64), np.empty(most, np.int64), np.empty(most)
    used, n = np.zeros(values.shape[1], np.bool_), 0
    for k in range(values.shape[0]):
        for column in range(values.shape[1]):
            if values[k, column] != 0.0:
                order[n], which[n], value[n] = order_id[k], column, values[k, column]
                used[column] = True
                n += 1
    return order[:n], which[:n], value[:n], used


@lru_cache(256)
def _order_of(sums: tuple[tuple[str, ...], ...], lines: tuple[str, ...]) -> tuple[list[str], list[int]]:
    """Full names, sorted, and the column of each of the ground's, the sums' and the bill's terms.

    Parameters
    ----------
    sums : tuple of tuple of str
        Of each sum, the decision that it speaks for and the names of its terms.
    lines : tuple of str
        Lines of the bill.
    """
    given = [f"order.{name}" for name in GROUND]
    given += [f"{decision}.{name}" for decision, *terms in sums for name in terms]
    given += [f"bill.{name}" for name in lines]
    names = sorted(set(given))
    return names, [names.index(name) for name in given]


def _keep(world: World, order_id: np.ndarray, names: Sequence[str], values: np.ndarray) -> None:
    """One row an order and term that is not zero, orders in their order and terms in that of their names.

    Parameters
    ----------
    world : World
        Everything there is.
    order_id : int64[k]
        Orders.
    names : sequence of str
        Terms, sorted.
    values : float64[k, len(names)]
        What each added.
    """
    order, which, value, used = _said(order_id, values)
    number = np.full(len(names), -1, np.int16)
    for column in used.nonzero()[0].tolist():
        number[column] = world.records.number_of(names[column])
    world.records.order_terms.append(order_id=order, day=world.day, term=number[which], value=value)


def sponsor(world: World, handles: np.ndarray, order_id: np.ndarray, fen: np.ndarray) -> None:
    """Post what somebody else than the brand pays of orders just made, and remember it with them."""
    payer = world.flow.bill.payer
    if payer == BRAND or not fen.any():
        return
    account = Account[payer.upper()]
    world.orders["payer"][handles] = np.where(fen > 0, int(account), -1)
    world.orders["payer_fen"][handles] = fen
    world.ledger.pay("deposits", payer, int(fen.sum()))
    _note(world, order_id, np.full(len(fen), int(account)), fen)


def return_sponsored(world: World, rows: np.ndarray, back: str) -> None:
    """Give back what others paid of orders that are cancelled (from deposits) or returned (as refunds).

    Parameters
    ----------
    world : World
        Everything there is.
    rows : int64[k]
        Rows of orders.
    back : {'deposits', 'refunds'}
        Account that the money comes from.
    """
    fen = world.orders["payer_fen"][rows]
    if not fen.any():
        return
    accounts = world.orders["payer"][rows]
    for account in np.unique(accounts[fen > 0]):
        world.ledger.pay(Account(account).key, back, int(fen[accounts == account].sum()))
    _note(world, world.records.orders["order_id"][rows], accounts, -fen, refunded=back == "refunds")
    world.orders["payer_fen"][rows] = 0


def _note(
    world: World, order_id: np.ndarray, account: np.ndarray, fen: np.ndarray, refunded: bool = False
) -> None:
    some = np.flatnonzero(fen)
    world.records.sponsorships.append(
        order_id=order_id[some], day=world.day, account=account[some], fen=fen[some], refunded=refunded
    )
