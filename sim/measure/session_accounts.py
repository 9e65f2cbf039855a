"""Accounts of livestream sessions: what sessions of the brand and of hosts took in, and what they cost.

A session's orders are those whose last touch it was. What they leave is money paid less refunds, goods and
commissions; against it stand the host's fee, or staff and clips. Delivery is in neither. Credit is not
causation: an order credited to a session might have come anyway.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from sim.core.ledger import FEN_PER_CNY
from sim.measure.events import Events, find
from sim.world.schema import Source

#: Whose sessions: of the brand's own room, and of hosts.
KINDS = ("own", "hosts")


class Account(NamedTuple):
    """Sessions of one kind in a run's window; money in CNY.

    sessions, hours : held (a host's session has no length of its own and counts one hour); viewers : people
    who came in; orders : made from them; list_price, paid : of these; discount : paid less than the list
    price; refunded : of cancelled and returned orders; goods : cost of those that did not come back to the
    shelf; commission : of hosts and platforms on kept orders; fee : of hosts; staff, clips : of the own room.
    """

    sessions: float
    hours: float
    viewers: float
    orders: float
    list_price: float
    discount: float
    paid: float
    refunded: float
    goods: float
    commission: float
    fee: float
    staff: float
    clips: float


def accounts(events: Events) -> dict[str, Account]:
    """One account a kind of session; kinds that were not held are left out."""
    posts = events.column("posts", "source") == int(Source.LIVESTREAM)
    live = events.orders("source") == int(Source.LIVESTREAM)
    hosted = find(events.orders("touch"), events.column("posts", "post")[posts]) >= 0
    found = {}
    held = _column(events, "sessions_held", "minutes")
    if len(held):
        viewers, staff, clips = (
            _column(events, *place)
            for place in (
                ("sessions_held", "viewers"),
                ("sessions_held", "staff_fen"),
                ("sessions_seeding", "fen"),
            )
        )
        seen = float(len(held)), float(held.sum()) / 60.0, float(viewers.sum())
        found["own"] = _account(events, live & ~hosted, seen, (0.0, _cny(staff), _cny(clips)))
    if posts.any():
        number, reach = float(posts.sum()), float(events.column("posts", "reach")[posts].sum())
        fee = _cny(events.column("posts", "fee_fen")[posts])
        found["hosts"] = _account(events, live & hosted, (number, number, reach), (fee, 0.0, 0.0))
    return found


def _account(
    events: Events,
    chosen: np.ndarray,
    held: tuple[float, float, float],
    costs: tuple[float, float, float],
) -> Account:
    """The account of the chosen orders (bool[n orders]) and what their sessions cost."""
    fates = events.fates
    stays = chosen & fates.kept & ~fates.returned
    gone = chosen & fates.kept & ~(fates.returned & fates.restocked)

    def of(name: str, rows: np.ndarray) -> float:
        return _cny(events.orders(name)[rows])

    return Account(
        *held,
        orders=float(chosen.sum()),
        list_price=of("list_fen", chosen),
        discount=of("discount_fen", chosen),
        paid=of("paid_fen", chosen),
        refunded=_cny(fates.refund_fen[chosen]),
        goods=of("goods_fen", gone),
        commission=of("commission_fen", stays),
        fee=costs[0],
        staff=costs[1],
        clips=costs[2],
    )


def left(one: Account) -> float:
    """What sessions leave before delivery, CNY."""
    return one.paid - one.refunded - one.goods - one.commission - one.fee - one.staff - one.clips


def viewers_to_pay(one: Account) -> float:
    """Viewers of a session from whom on it pays, at the margin a viewer seen here; nan if it never does."""
    fixed = one.fee + one.staff + one.clips
    a_viewer = (left(one) + fixed) / one.viewers if one.viewers else float("nan")
    return fixed / one.sessions / a_viewer if a_viewer > 0.0 else float("nan")


def session_rows(events: Events) -> Iterator[tuple[str, str, str, float, float]]:
    """Rows of the breakdown: figure ``sessions``, what (item), whose (part), value."""
    for kind, one in accounts(events).items():
        for name, value in one._asdict().items():
            yield "sessions", name, kind, 0.0, value


def _column(events: Events, table: str, column: str) -> np.ndarray:
    """A column of a table that a feature declares; empty where it was not in force."""
    rows = events.tables.get(table)
    if not rows:
        return np.zeros(0)
    day = np.asarray(rows["day"])
    values: np.ndarray = np.asarray(rows[column])[(day >= events.first) & (day < events.end)]
    return values


def _cny(fen: np.ndarray) -> float:
    return float(np.sum(fen, dtype=np.float64)) / FEN_PER_CNY
