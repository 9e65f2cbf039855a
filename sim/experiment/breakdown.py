"""Figures behind the figures: counts by source, cascade sizes, delivery times and where the money went.

Sweeps cannot keep every event, and a report must not need them. So each run leaves one small
table of counts, taken from its events before they are dropped, from which all figures are drawn.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from sim.core.ledger import FEN_PER_CNY
from sim.measure.events import Events, Tables, Window
from sim.measure.money import books
from sim.measure.service import SERVICE_CLASSES
from sim.world.schema import GROUPS, Source, Spend

#: figure, item, part, x, value
Row = tuple[str, str, str, float, float]

_MINUTES_PER_HOUR = 60
#: Delivery times are counted in quarters of an hour on the first day and in hours after that.
_FINE_HOURS, _FINE_STEP, _LONGEST_HOURS = 24.0, 0.25, 240.0


def breakdown(tables: Tables, window: Window) -> dict[str, Any]:
    """Count a run's events into one long table.

    Parameters
    ----------
    tables : mapping of str to mapping of str to ndarray
        Event tables of ``sim/world/schema.py``.
    window : (int, int)
        First measured day and the day past the last.

    Returns
    -------
    dict
        Columns ``figure``, ``item``, ``part`` (texts), ``x`` and ``value`` (float64). Money in CNY.
    """
    events = Events(tables, window)
    rows = [*_funnel(events), *_revenue(events), *_cascades(events), *_deliveries(events), *_money(events)]
    texts = {name: [row[k] for row in rows] for k, name in enumerate(("figure", "item", "part"))}
    numbers = np.array([row[3:] for row in rows], np.float64).reshape(-1, 2)
    return {**texts, "x": numbers[:, 0], "value": numbers[:, 1]}


def _funnel(events: Events) -> Iterator[Row]:
    """Visits, carts and orders by source, for people new to the brand and for registered users."""
    source = events.visits("source")
    known = np.asarray(events.visits("registered_before"), bool)
    everything = np.ones(len(known), bool)
    steps = {"visits": everything, "carts": events.visits("cart"), "orders": events.visits("order")}
    for figure, mask in steps.items():
        for part, who in (("new", ~known), ("existing", known)):
            counts = np.bincount(source[who & mask], minlength=len(Source))
            yield from ((figure, s.name.lower(), part, 0.0, float(counts[s])) for s in Source)


def _revenue(events: Events) -> Iterator[Row]:
    """Orders and revenue of first and of repeat orders, by consumer group."""
    first = events.orders("lifetime_order") == 1
    for index, group in enumerate(GROUPS):
        mine = events.orders("group") == index
        for part, who in (("first", first & mine), ("repeat", ~first & mine)):
            yield "order_count", group, part, 0.0, float(np.count_nonzero(who))
            yield "revenue", group, part, 0.0, _cny(events.orders("paid_fen")[who])


def _cascades(events: Events) -> Iterator[Row]:
    """How many cascades reached each size (times a piece was passed on)."""
    _, sizes = np.unique(events.column("touches", "root"), return_counts=True)
    for size, count in zip(*np.unique(sizes, return_counts=True), strict=True):
        yield "cascades", "size", "", float(size), float(count)


def _deliveries(events: Events) -> Iterator[Row]:
    """Hours from order to hand-over and hours promised, by service class."""
    ordered, promise = (
        events.column("deliveries", "ordered_minute"),
        events.column("deliveries", "promised_minute"),
    )
    minute, service = events.column("deliveries", "minute"), events.column("deliveries", "service")
    late = minute > promise
    for index in np.unique(service[service >= 0]):
        mine, name = service == index, SERVICE_CLASSES[index]
        for part, which in (("on_time", mine & ~late), ("late", mine & late)):
            yield from _counted("delivery_hours", name, part, (minute - ordered)[which])
        yield from _counted("promised_hours", name, "", (promise - ordered)[mine])


def _counted(figure: str, item: str, part: str, minutes: np.ndarray) -> Iterator[Row]:
    """Histogram rows of durations; ``x`` is a bin's upper edge in hours."""
    hours = minutes / _MINUTES_PER_HOUR
    step = np.where(hours <= _FINE_HOURS, _FINE_STEP, 1.0)
    edges = np.minimum(np.ceil(hours / step) * step, _LONGEST_HOURS)
    for edge, count in zip(*np.unique(edges, return_counts=True), strict=True):
        yield figure, item, part, float(edge), float(count)


def _money(events: Events) -> Iterator[Row]:
    """Campaign spend by kind, and the way from list price to contribution margin."""
    kinds, fen = events.column("spend", "kind"), events.column("spend", "fen")
    for kind in Spend:
        yield "spend", kind.name.lower(), "", 0.0, _cny(fen[kinds == kind])
    yield from (("books", item, "", 0.0, value) for item, value in books(events).items())


def _cny(fen: np.ndarray) -> float:
    return float(np.sum(fen, dtype=np.int64)) / FEN_PER_CNY
