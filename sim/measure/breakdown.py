"""Figures behind the figures: counts by source, cohorts, cascade sizes, delivery times, the money's ways.

Sweeps cannot keep every event, and a report must not need them. So each run leaves one small
table of counts, taken from its events before they are dropped, from which all figures are drawn.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from sim.core.ledger import FEN_PER_CNY
from sim.measure.by_stage import by_stage
from sim.measure.events import Events, Tables, Window, find
from sim.measure.money import books
from sim.measure.service import SERVICE_CLASSES
from sim.world.kinds import MOST_SOURCES
from sim.world.schema import GROUPS

#: figure, item, part, x, value
Row = tuple[str, str, str, float, float]

_MINUTES_PER_HOUR = 60
_WEEK = 7
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
    rows = [
        *_funnel(events),
        *_revenue(events),
        *_cohorts(events),
        *_cascades(events),
        *_deliveries(events),
        *_money(events),
        *by_stage(events),
    ]
    texts = {name: [row[k] for row in rows] for k, name in enumerate(("figure", "item", "part"))}
    numbers = np.array([row[3:] for row in rows], np.float64).reshape(-1, 2)
    return {**texts, "x": numbers[:, 0], "value": numbers[:, 1]}


def _funnel(events: Events) -> Iterator[Row]:
    """Visits, carts and kept orders by source, for people new to the brand and for registered users.

    Orders are counted as the target counts them, so that its change can be taken apart.
    """
    source = events.visits("source")
    known = np.asarray(events.visits("registered_before"), bool)
    everything = np.ones(len(known), bool)
    kept = find(events.visits("visit_id"), events.orders("visit_id")[events.fates.kept]) >= 0
    steps = {"visits": everything, "carts": events.visits("cart"), "orders": kept}
    for figure, mask in steps.items():
        for part, who in (("new", ~known), ("existing", known)):
            counts = np.bincount(source[who & mask], minlength=MOST_SOURCES)
            for name, number in events.source_numbers.items():
                yield figure, name, part, 0.0, float(counts[number])


def _revenue(events: Events) -> Iterator[Row]:
    """Kept orders and what was paid for them, of first and of repeat orders, by consumer group."""
    first = events.orders("lifetime_order") == 1
    for index, group in enumerate(GROUPS):
        mine = events.fates.kept & (events.orders("group") == index)
        for part, who in (("first", first & mine), ("repeat", ~first & mine)):
            yield "order_count", group, part, 0.0, float(np.count_nonzero(who))
            yield "revenue", group, part, 0.0, _cny(events.orders("paid_fen")[who])


def _cohorts(events: Events) -> Iterator[Row]:
    """New users by week of registration (item, from 0) and week since then (``x``, from 0).

    ``cohort_people`` counts those whose week ``x`` ended inside the window; whoever is too young
    for that is censored and in none of the figures. Of these, ``cohort_active`` visited and
    ``cohort_ordered`` ordered in that week, and ``cohort_repurchased`` had ordered a second time
    by its end.
    """
    new, weeks = events.new_users, events.days // _WEEK
    person, day = (events.column("registrations", name)[new] for name in ("person", "day"))
    signup, lived = (day - events.first) // _WEEK, (events.end - day) // _WEEK
    again = events.orders("lifetime_order") >= 2
    seen = {
        "active": _by_week(person, day, weeks, events.visits("person"), events.visits("day")),
        "ordered": _by_week(person, day, weeks, events.orders("person"), events.orders("day")),
        "repurchased": np.logical_or.accumulate(
            _by_week(person, day, weeks, events.orders("person")[again], events.orders("day")[again]), axis=1
        ),
    }
    for week, age in ((w, a) for w in range(weeks) for a in range(weeks - w)):
        there = (signup == week) & (lived > age)
        if there.any():
            yield "cohort_people", f"week_{week}", "", float(age), float(np.count_nonzero(there))
            for name, did in seen.items():
                yield (
                    f"cohort_{name}",
                    f"week_{week}",
                    "",
                    float(age),
                    float(np.count_nonzero(did[there, age])),
                )


def _by_week(
    person: np.ndarray, since: np.ndarray, weeks: int, who: np.ndarray, day: np.ndarray
) -> np.ndarray:
    """bool[n persons, weeks]: whether anything of a person fell into each week since its day."""
    row = find(who, person)
    age = np.where(row >= 0, (day - since[row]) // _WEEK if len(since) else -1, -1)
    mine = (age >= 0) & (age < weeks)
    did = np.zeros((len(person), weeks), bool)
    did[row[mine], age[mine]] = True
    return did


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
    for name, kind in events.purposes.items():
        yield "spend", name, "", 0.0, _cny(fen[kinds == kind])
    yield from (("books", item, "", 0.0, value) for item, value in books(events).items())


def _cny(fen: np.ndarray) -> float:
    return float(np.sum(fen, dtype=np.int64)) / FEN_PER_CNY
