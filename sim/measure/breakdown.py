"""Figures behind the figures: counts by source, cohorts, cascade sizes, delivery times, the money's ways.

Sweeps cannot keep every event, and a report must not need them. So each run leaves one small
table of counts, taken from its events before they are dropped, from which all figures are drawn.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy as np

from sim.core.ledger import FEN_PER_CNY
from sim.measure.by_stage import by_stage
from sim.measure.events import Events, Tables, Window, find
from sim.measure.indicators import AVERAGE_ORDER_VALUE, FUNNEL, Sum, marked
from sim.measure.money import books, paid_reach
from sim.measure.service import SERVICE_CLASSES
from sim.measure.session_accounts import session_rows
from sim.world import weights
from sim.world.platforms import PLATFORMS
from sim.world.schema import GROUPS

#: Events and a number of weeks -> bool[n registrations, weeks]: what became of new users by week of age.
DidInWeek = Callable[[Events, int], np.ndarray]
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
        *session_rows(events),
        *by_stage(events),
    ]
    texts = {name: [row[k] for row in rows] for k, name in enumerate(("figure", "item", "part"))}
    numbers = np.array([row[3:] for row in rows], np.float64).reshape(-1, 2)
    return {**texts, "x": numbers[:, 0], "value": numbers[:, 1]}


def _funnel(events: Events) -> Iterator[Row]:
    """Visits, carts and kept orders by source, for people new to the brand and for registered users.

    Orders are counted as the target counts them, so that its change can be taken apart.
    """
    sources = events.source_numbers
    numbers = np.array(list(sources.values()))
    for figure, steps in FUNNEL.items():
        for part, known in (("new", False), ("existing", True)):
            counts = steps.by(events, partial(_source_of, known=known), numbers)
            for name, number in zip(sources, counts, strict=True):
                yield figure, name, part, 0.0, float(number)


def _source_of(events: Events, table: str, known: bool) -> np.ndarray:
    """Source of each visit of somebody who was registered (or not) when it began, else -1."""
    mine = np.asarray(events.visits("registered_before"), bool) == known
    return np.where(mine, events.visits("source"), -1)


def _revenue(events: Events) -> Iterator[Row]:
    """Kept orders and what was paid for them, of first and of repeat orders, by consumer group."""
    groups = np.arange(len(GROUPS))
    kept = {"order_count": AVERAGE_ORDER_VALUE.per, "revenue": AVERAGE_ORDER_VALUE.over}
    sums = [
        (figure, part, orders.by(events, partial(_group_of, first=part == "first"), groups))
        for part in ("first", "repeat")
        for figure, orders in kept.items()
    ]
    for index, group in enumerate(GROUPS):
        yield from ((figure, group, part, 0.0, float(values[index])) for figure, part, values in sums)


def _group_of(events: Events, table: str, first: bool) -> np.ndarray:
    """Consumer group of each order that is (or is not) its customer's first, else -1."""
    mine = (events.orders("lifetime_order") == 1) == first
    return np.where(mine, events.orders("group"), -1)


def _cohorts(events: Events) -> Iterator[Row]:
    """New users by week of registration (item, from 0) and week since then (``x``, from 0).

    ``cohort_people`` counts those whose week ``x`` ended inside the window; whoever is too young
    for that is censored and in none of the figures. Of these, ``cohort_active`` visited and
    ``cohort_ordered`` ordered in that week, and ``cohort_repurchased`` had ordered a second time
    by its end.
    """
    weeks = np.arange(events.days // _WEEK)
    sums = {f"cohort_{name}": _by_age(events, did, weeks) for name, did in COHORT_ACTS.items()}
    for week in weeks:
        for age in range(len(weeks) - week):
            if sums["cohort_people"][age, week]:
                yield from (
                    (name, f"week_{week}", "", float(age), float(counts[age, week]))
                    for name, counts in sums.items()
                )


def _by_age(events: Events, did: DidInWeek, weeks: np.ndarray) -> np.ndarray:
    """float64[ages, cohorts]: new users of each week who did something in their week of each age."""
    done = did(events, len(weeks))
    lived = (events.end - events.column("registrations", "day")) // _WEEK

    def those(age: int) -> Sum:
        return marked("registrations", lambda events: events.new_users & (lived > age) & done[:, age])

    found = [those(int(age)).by(events, _week_of_registration, weeks) for age in weeks]
    return np.array(found).reshape(len(weeks), len(weeks))


def _week_of_registration(events: Events, table: str) -> np.ndarray:
    return (events.column(table, "day") - events.first) // _WEEK


def _was_there(events: Events, weeks: int) -> np.ndarray:
    """bool[n registrations, weeks]: always."""
    return np.ones((len(events.new_users), weeks), bool)


def _visited(events: Events, weeks: int) -> np.ndarray:
    """bool[n registrations, weeks]: a visit in each week since registering."""
    return _by_week(events, weeks, events.visits("person"), events.visits("day"))


def _ordered(events: Events, weeks: int) -> np.ndarray:
    """bool[n registrations, weeks]: an order in each week."""
    return _by_week(events, weeks, events.orders("person"), events.orders("day"))


def _had_repurchased(events: Events, weeks: int) -> np.ndarray:
    """bool[n registrations, weeks]: a second order in the week, or before."""
    again = events.orders("lifetime_order") >= 2
    seconds = _by_week(events, weeks, events.orders("person")[again], events.orders("day")[again])
    return np.logical_or.accumulate(seconds, axis=1)


#: What is counted of a cohort by the week of its age.
COHORT_ACTS: dict[str, DidInWeek] = {
    "people": _was_there,
    "active": _visited,
    "ordered": _ordered,
    "repurchased": _had_repurchased,
}


def _by_week(events: Events, weeks: int, who: np.ndarray, day: np.ndarray) -> np.ndarray:
    """bool[n registrations, weeks]: whether anything of a new user fell into each week since registering."""
    new = np.flatnonzero(events.new_users)
    person, since = (events.column("registrations", name)[new] for name in ("person", "day"))
    row = find(who, person)
    age = np.where(row >= 0, (day - since[row]) // _WEEK if len(since) else -1, -1)
    mine = (age >= 0) & (age < weeks)
    did = np.zeros((len(events.new_users), weeks), bool)
    did[new[row[mine]], age[mine]] = True
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
    late = weights.late(events.rows)
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
    """Campaign spend by kind, the way from list price to contribution margin, and paid reach by platform.

    ``channels`` holds, a platform (item), what was paid for reach there (part ``spend``) and the revenue
    whose last touch it was (``revenue``), the two parts of the marketing return.
    """
    kinds, fen = events.column("spend", "kind"), events.column("spend", "fen")
    for name, kind in events.purposes.items():
        yield "spend", name, "", 0.0, _cny(fen[kinds == kind])
    yield from (("books", item, "", 0.0, value) for item, value in books(events).items())
    for index, name in enumerate(PLATFORMS):
        revenue, spent = paid_reach(events, index)
        yield from (("channels", name, part, 0.0, x) for part, x in (("spend", spent), ("revenue", revenue)))


def _cny(fen: np.ndarray) -> float:
    return float(np.sum(fen, dtype=np.int64)) / FEN_PER_CNY
