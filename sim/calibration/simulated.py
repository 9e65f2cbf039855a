"""Event tables of a simulated market in the form of a user's files."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import numpy as np

from sim.calibration.data import Cascades, Deliveries, Orders, Ties, orders
from sim.core.clock import MINUTES_PER_DAY
from sim.core.ledger import FEN_PER_CNY
from sim.measure.events import Events
from sim.network.csr import CSRGraph


def orders_of(events: Events, cohort: float = 0.0) -> Orders:
    """All orders of the window, or those of customers who came in its first ``cohort`` days.

    Orders count as they are placed, whatever becomes of them: a user's file holds them so.
    """
    who = events.column("orders", "person")
    day = events.column("orders", "minute") / MINUTES_PER_DAY - events.first
    value = events.column("orders", "paid_fen") / FEN_PER_CNY
    if cohort > 0:
        first = (events.column("orders", "lifetime_order") == 1) & (day < cohort)
        mine = np.isin(who, who[first])
        who, day, value = who[mine], day[mine], value[mine]
    return orders(who, np.maximum(day, 0.0), value.astype(float), float(events.days), cohort)


def deliveries_of(events: Events) -> Deliveries:
    """Deliveries of the window that had a promise, digital goods left out."""
    goods = events.column("deliveries", "service") >= 0
    columns = ("minute", "ordered_minute", "promised_minute", "low_score")
    minute, ordered, promised, low = (events.column("deliveries", name)[goods] for name in columns)
    late = (minute - promised) / MINUTES_PER_DAY
    return Deliveries((minute - ordered) / 60.0, late, low.astype(float))


def cascades_of(events: Events) -> Cascades:
    """Cascades of the window: who passed something on, from whom it came first, and when.

    Who was told and told nobody is no reposter. A reposter's minute is that at which they were told. What
    nobody passed on is left out: a user's file holds a line for every passing-on, and no others.
    """
    root, sender, receiver, minute = (
        events.column("touches", name) for name in ("root", "sender", "receiver", "minute")
    )
    order = np.lexsort((minute, root))
    root, sender, receiver, minute = root[order], sender[order], receiver[order], minute[order]
    rows: list[tuple[int, int, float]] = []
    starts = np.flatnonzero(np.diff(root, prepend=root[:1] - 1)) if len(root) else np.zeros(0, np.int64)
    tree = 0
    for a, b in zip(starts, [*starts[1:], len(root)], strict=True):
        tree += _tree(rows, tree, sender[a:b].tolist(), receiver[a:b].tolist(), minute[a:b].tolist())
    table = np.array(rows, float).reshape(-1, 3)
    return Cascades(table[:, 0].astype(np.int64), table[:, 1].astype(np.int64), table[:, 2])


def _tree(
    rows: list[tuple[int, int, float]], tree: int, sender: list[int], receiver: list[int], minute: list[float]
) -> bool:
    """Add one cascade's rows: its origin, then those who passed it on, in the order of time.

    Returns
    -------
    bool
        False, and nothing is added, if nobody passed it on.
    """
    passing, begun = set(sender), float(minute[0])
    place = {sender[0]: len(rows)}
    rows.append((tree, -1, 0.0))
    for who, to, when in zip(sender, receiver, minute, strict=True):
        if to in passing and to not in place and who in place:
            place[to] = len(rows)
            rows.append((tree, place[who], when - begun))
    if len(place) == 1:
        rows.pop()
    return len(place) > 1


def known(events: Events, needs: Collection[str], cohort: float = 0.0) -> dict[str, Any]:
    """Tables of a simulated market that statistics need; ``cohort`` as :func:`orders_of` takes it."""
    made: dict[str, Any] = {}
    if "orders" in needs:
        made["orders"] = orders_of(events, cohort)
    if "deliveries" in needs:
        made["deliveries"] = deliveries_of(events)
    if "cascades" in needs:
        made["cascades"] = cascades_of(events)
    return made


def ties_of(graph: CSRGraph) -> Ties:
    """Degrees and local clustering of a graph."""
    from sim.network.topology import local_clustering

    everybody = np.arange(graph.n, dtype=np.int64)
    clustering = np.nan_to_num(np.asarray(local_clustering(graph, everybody), float))
    return Ties(np.diff(graph.indptr).astype(float), clustering)
