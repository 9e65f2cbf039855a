"""Reasons: the terms that an order was made under, kept with it, and the lines of its bill.

"Why was this bought" is a table (``order_terms``): what spoke for the cart and for the order, in logits, and
what was taken off the price, in fen. The logits of an order add up to what the choice was made on.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from sim.world.accounts import Account
from sim.world.terms import BRAND, GROUND, Settled
from sim.world.world import World


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
    why = visits["why"][rows]
    settled = Settled(
        visit=rows,
        conceded=bought.list_fen - bought.paid_fen,
        granted=np.ascontiguousarray(why[:, len(GROUND)]),
        grouped=visits["grouped"][rows],
        several=visits["ratio"][rows] < why[:, len(GROUND) + 1],
        dropped=why[:, len(GROUND) + 2] > 0.0,
    )
    lines, others = flow.bill.split(settled)
    sums = (flow.cart, flow.order, flow.basket)
    names, columns = _order_of(tuple((one.decision, *one.parts) for one in sums), tuple(lines))
    values = np.empty((len(rows), len(names)))
    values[:, columns[: len(GROUND)]] = why[:, : len(GROUND)]
    at = iter(columns[len(GROUND) :])
    for term in (part for one in sums for part in one.parts.values()):
        values[:, next(at)] = term[rows] if isinstance(term, np.ndarray) else term
    for fen, column in zip(lines.values(), at, strict=True):
        values[:, column] = fen
    _keep(world, bought.order_id, names, values)
    return others


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
    row, which = np.nonzero(values)
    used = values.any(axis=0).tolist()
    numbers = [world.records.number_of(n) if some else -1 for n, some in zip(names, used, strict=True)]
    number = np.array(numbers, np.int16)
    world.records.order_terms.append(
        order_id=order_id[row], day=world.day, term=number[which], value=values[row, which]
    )


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
