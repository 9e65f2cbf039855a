"""A user's files as what they mean: orders, cascades, deliveries, ties."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from sim.calibration.data import Cascades, Deliveries, Orders, Ties, orders
from sim.calibration.files import cells
from sim.calibration.files.refusal import refusal
from sim.calibration.files.sheet import Sheet, choose, read_sheet
from sim.core.language import tr

#: Fewest customers, and days from first to last order, that anything can be said of.
FEWEST_CUSTOMERS, FEWEST_DAYS = 30, 28
FEWEST_DELIVERIES, FEWEST_REPOSTS = 50, 50
_CUSTOMER = (
    "customerid",
    "customer",
    "userid",
    "user",
    "client",
    "clientid",
    "buyer",
    "memberid",
    "客户",
    "用户",
)
_TIME = (
    "date",
    "datetime",
    "timestamp",
    "orderdate",
    "ordertime",
    "invoicedate",
    "purchasedate",
    "orderpurchasetimestamp",
    "day",
    "时间",
    "日期",
    "下单时间",
)
_VALUE = ("amount", "revenue", "total", "price", "paid", "dollarvalue", "sales", "orderproductsvalue", "金额")
DROPS = ("negative", "missing")


@dataclass(frozen=True)
class Reading:
    """How files are read, as far as the user says it.

    Attributes
    ----------
    encoding : str or None
    dates : {'day_first', 'month_first'} or None
    columns : mapping of str to str
        What is looked for -> name of its column.
    drop : tuple of str
        Records that are left out: ``negative`` values, ``missing`` customers.
    new : bool
        Whether customers of the orders are followed from their first order ever.
    """

    encoding: str | None = None
    dates: str | None = None
    columns: Mapping[str, str] = field(default_factory=dict)
    drop: tuple[str, ...] = ()
    new: bool = False


def read_orders(path: Path, reading: Reading) -> Orders:
    """Orders of a file: customer, time and, if there is one, value.

    Raises
    ------
    TableError
        If the file cannot be read, or holds too little.
    """
    sheet = read_sheet(path, reading.encoding)
    customer = choose(sheet, "customer", _CUSTOMER, reading.columns)
    time = choose(sheet, "time", _TIME, reading.columns)
    value = choose(sheet, "value", _VALUE, reading.columns, needed=False)
    assert customer is not None
    assert time is not None
    sheet = _without(sheet, customer, value, reading.drop)
    who = cells.names(sheet, customer, tr("complete it, or leave such lines out with drop=missing"))
    when = cells.days(sheet, time, reading.dates)
    worth = np.zeros(len(who))
    if value:
        worth = cells.numbers(sheet, value, 0.0, tr("correct it, or leave returns out with drop=negative"))
    first = np.floor(when.min())
    length = float(np.floor(when.max()) - first + 1)
    if len(np.unique(who)) < FEWEST_CUSTOMERS:
        found = str(len(np.unique(who)))
        raise refusal(
            path,
            tr("at least {fewest_customers} customers are needed", fewest_customers=FEWEST_CUSTOMERS),
            found,
            tr("give more orders"),
            None,
            customer,
        )
    if length < FEWEST_DAYS:
        rule = tr("orders must cover at least {fewest_days} days", fewest_days=FEWEST_DAYS)
        raise refusal(path, rule, f"{length:.0f}", tr("give a longer time"), None, time)
    held = orders(who, when - first, worth, length)
    if not reading.new:
        return held
    begins = held.day[np.flatnonzero(np.diff(held.customer, prepend=-1))]
    return orders(held.customer, held.day, held.value, length, float(np.floor(begins.max()) + 1))


def _without(sheet: Sheet, customer: str, value: str | None, drop: tuple[str, ...]) -> Sheet:
    """The sheet without the records that the user wants left out."""
    kept = [True] * len(sheet.rows)
    if "missing" in drop:
        kept = [bool(cell) for cell in sheet.column(customer)]
    if "negative" in drop and value:
        kept = [k and not cell.startswith("-") for k, cell in zip(kept, sheet.column(value), strict=True)]
    if not any(kept):
        raise refusal(
            sheet.path,
            tr("a table needs rows"),
            tr("none beside those of drop={drop}", drop=",".join(drop)),
            tr("drop less"),
        )
    return sheet.keep(kept)


def read_cascades(path: Path, reading: Reading) -> Cascades:
    """Cascades of a file: parent, child and minute, each cascade by its ``cascade`` or by where it began.

    Raises
    ------
    TableError
        If the file cannot be read, a child has two parents, or too little is held.
    """
    sheet = read_sheet(path, reading.encoding)
    parent = choose(sheet, "parent", ("from", "source", "sender", "inviter"), reading.columns)
    child = choose(sheet, "child", ("to", "target", "receiver", "invitee"), reading.columns)
    minute = choose(sheet, "minute", ("minutes", "tmin", "tminutes"), reading.columns)
    own = choose(sheet, "cascade", ("root", "tree", "post"), reading.columns, needed=False)
    assert parent is not None
    assert child is not None
    assert minute is not None
    if "negative" in reading.drop:
        sheet = sheet.keep([not cell.startswith("-") for cell in sheet.column(minute)])
    for column in (parent, child):
        cells.names(sheet, column)
    remedy = tr("minutes count from the first post; correct it, or leave such lines out with drop=negative")
    when = cells.numbers(sheet, minute, 0.0, remedy)
    trees = sheet.column(own) if own else [""] * len(when)
    return trees_of(path, sheet, trees, sheet.column(parent), sheet.column(child), when)


def trees_of(
    path: Path, sheet: Sheet, trees: list[str], parents: list[str], children: list[str], minute: np.ndarray
) -> Cascades:
    """Trees from rows of parent and child; rows in or below a circle are left out.

    Raises
    ------
    TableError
        If a child has two parents, or too few are held.
    """
    place: dict[tuple[str, str], int] = {}
    for n, key in enumerate(zip(trees, children, strict=True)):
        if key in place:
            rule, remedy = tr("a child has one parent"), tr("keep the earliest")
            raise refusal(path, rule, tr("'{key}' again", key=key[1][:40]), remedy, sheet.lines[n])
        place[key] = n
    roots: dict[tuple[str, str], int] = {}
    above = np.empty(len(children), np.int64)  # row of the parent, or -1 - number of a root
    for n, key in enumerate(zip(trees, parents, strict=True)):
        above[n] = place[key] if key in place else -1 - roots.setdefault(key, len(roots))
    owner, known = np.full(len(above), -1, np.int64), above < 0
    owner[known] = -1 - above[known]
    reached = known.copy()
    for _ in range(len(above)):  # generation by generation: what hangs on a known row is known
        new = ~reached & reached[np.maximum(above, 0)] & (above >= 0)
        if not new.any():
            break
        owner[new], reached = owner[above[new]], reached | new
    if reached.sum() < FEWEST_REPOSTS:
        found = f"{int(reached.sum())}"
        raise refusal(
            path,
            tr("at least {fewest_reposts} passings-on are needed", fewest_reposts=FEWEST_REPOSTS),
            found,
            tr("give more cascades"),
        )
    return _assembled(above[reached], owner[reached], minute[reached], np.flatnonzero(reached), len(roots))


def _assembled(
    above: np.ndarray, owner: np.ndarray, minute: np.ndarray, rows: np.ndarray, roots: int
) -> Cascades:
    """Rows put in order of their cascades, with a row for each root."""
    used, owner = np.unique(owner, return_inverse=True)
    tree = np.concatenate([np.arange(len(used)), owner])
    when = np.concatenate([np.zeros(len(used)), minute])
    renumbered = np.full(rows.max() + 1, -1, np.int64)
    renumbered[rows] = len(used) + np.arange(len(rows))
    parent = np.where(above < 0, owner, renumbered[np.maximum(above, 0)])
    parent = np.concatenate([np.full(len(used), -1), parent])
    order = np.argsort(tree, kind="stable")
    back = np.empty(len(order), np.int64)
    back[order] = np.arange(len(order))
    placed = parent[order]
    return Cascades(tree[order], np.where(placed >= 0, back[np.maximum(placed, 0)], -1), when[order])


def read_deliveries(path: Path, reading: Reading) -> Deliveries:
    """Deliveries of a file: ordered, promised and delivered; a review score of 1 to 5 if there is one.

    Raises
    ------
    TableError
        If the file cannot be read, or holds too little.
    """
    sheet = read_sheet(path, reading.encoding)
    columns = {
        "ordered": ("orderpurchasetimestamp", "orderdate", "time", "ordertime"),
        "promised": ("orderestimateddeliverydate", "promise", "promisedtime", "estimateddeliverydate"),
        "delivered": ("orderdeliveredcustomerdate", "deliverydate", "handedover", "deliveredtime"),
    }
    names = {key: choose(sheet, key, other, reading.columns) for key, other in columns.items()}
    if "missing" in reading.drop:
        whole = [sheet.column(str(name)) for name in names.values()]
        sheet = sheet.keep([all(row) for row in zip(*whole, strict=True)])
    when = {key: cells.days(sheet, str(name), reading.dates) for key, name in names.items()}
    score = choose(sheet, "score", ("reviewscore", "rating", "stars"), reading.columns, needed=False)
    low = np.full(len(sheet.rows), np.nan)
    if score:
        low = (cells.numbers(sheet, score, 1.0, tr("scores run from 1 to 5")) <= 2).astype(float)
    early = np.flatnonzero(when["delivered"] < when["ordered"])
    if len(early):
        rule, line = tr("goods are delivered after they are ordered"), sheet.lines[int(early[0])]
        raise refusal(path, rule, tr("an earlier time"), tr("correct it"), line, names["delivered"])
    if len(low) < FEWEST_DELIVERIES:
        raise refusal(
            path,
            tr("at least {fewest_deliveries} deliveries are needed", fewest_deliveries=FEWEST_DELIVERIES),
            str(len(low)),
            tr("give more"),
        )
    promised = when["promised"] + (when["promised"] % 1.0 == 0.0)  # a promised day ends with the day
    hours = 24.0 * (when["delivered"] - when["ordered"])
    return Deliveries(hours, when["delivered"] - promised, low)


def read_ties(path: Path) -> Ties:
    """Degrees and clustering of an edge list, as the graph options read it.

    Raises
    ------
    GraphFileError
        As :func:`sim.network.edge_list.read_edge_list`.
    """
    from sim.calibration.simulated import ties_of
    from sim.network.edge_list import read_edge_list

    return ties_of(read_edge_list(path)[0])
