"""One figure a day: the series behind trends, fans over replications and sparklines.

Each series counts what happened on a day, or follows the orders and users of that day, so that
the counts of all days add up to those of the window. A day without a denominator is nan. The
30-day repurchase has no daily meaning and is missing here.
"""

from __future__ import annotations

import numpy as np

from sim.core.clock import MINUTES_PER_DAY
from sim.core.ledger import FEN_PER_CNY
from sim.measure.events import Events, Tables, Window
from sim.measure.kpis import acquisition_fen, is_in, organic, retention_flags
from sim.measure.service import promises, settled
from sim.world.accounts import RESULT, SPENDING
from sim.world.schema import OWNED

#: Unit of every daily series.
DAILY_UNITS: dict[str, str] = {
    "visits": "visits",
    "orders": "orders",
    "revenue": "CNY",
    "new_users": "users",
    "organic_traffic_share": "share",
    "acquisition_cost": "CNY/new user",
    "cross_platform_conversion": "share",
    "add_to_cart_rate": "share",
    "order_conversion": "share",
    "average_order_value": "CNY/order",
    "next_day_retention": "share",
    "membership_penetration": "share",
    "members": "people",
    "registered": "people",
    "population": "people",
    "private_domain": "people",
    "mean_trust": "0..1",
    "on_time_rate": "share",
    "complaint_rate": "share",
    "cancelled_share": "share",
    "stock_out_rate": "share",
    "capacity_over_orders": "ratio",
    "fraud_rate": "share",
    "all_in_spend": "CNY",
    "contribution_margin": "CNY",
}


def daily_kpis(tables: Tables, window: Window) -> dict[str, np.ndarray]:
    """Every daily series of one run; arguments as for :func:`sim.measure.kpis.kpis`.

    Returns
    -------
    dict of str to float64[days]
        In the order of ``DAILY_UNITS``; nan where a day has nothing to divide by.
    """
    events = Events(tables, window)
    series = _visits(events) | _orders(events) | _users(events) | _state(events) | _service(events)
    return {name: series[name] for name in DAILY_UNITS}


def _over(numerator: np.ndarray, denominator: np.ndarray) -> np.ndarray:
    """Quotient by day, nan where the denominator is 0."""
    return numerator / np.where(denominator == 0, np.nan, denominator)


def _visits(events: Events) -> dict[str, np.ndarray]:
    day, source = events.visits("day"), events.visits("source")
    crossed = events.visits("origin") != events.visits("surface")
    kept = events.fates.kept
    moved = kept & (events.orders("origin") != events.orders("surface"))
    total = events.per_day(day)
    return {
        "visits": total,
        "organic_traffic_share": _over(
            events.per_day(day[organic(events)]), events.per_day(day[~is_in(source, OWNED)])
        ),
        "cross_platform_conversion": _over(
            events.per_day(events.orders("day")[moved]), events.per_day(day[crossed])
        ),
        "add_to_cart_rate": _over(events.per_day(day[events.visits("cart")]), total),
        "order_conversion": _over(events.per_day(events.orders("day")[kept]), total),
    }


def _orders(events: Events) -> dict[str, np.ndarray]:
    day = events.orders("day")
    total = events.per_day(day)
    revenue = events.per_day(day, events.orders("paid_fen")) / FEN_PER_CNY
    refused, kept = _column(events, "refused"), events.fates.kept
    return {
        "orders": total,
        "revenue": revenue,
        "average_order_value": _over(
            events.per_day(day, events.orders("paid_fen") * kept) / FEN_PER_CNY, events.per_day(day[kept])
        ),
        "cancelled_share": _over(
            events.per_day(day[events.fates.cancelled & settled(events)]),
            events.per_day(day[settled(events)]),
        ),
        "stock_out_rate": _over(refused, refused + total),
        "capacity_over_orders": _over(_column(events, "capacity_orders"), total),
        "all_in_spend": events.moved_fen(*(account for account, _ in SPENDING.values())) / FEN_PER_CNY,
        "contribution_margin": -events.moved_fen(*RESULT) / FEN_PER_CNY,
    }


def _users(events: Events) -> dict[str, np.ndarray]:
    day = events.column("registrations", "day")
    new = events.per_day(day[events.new_users])
    joined, active = retention_flags(events)
    retention = _over(events.per_day(joined[active]), events.per_day(joined))
    retention[-1] = np.nan
    invited = events.column("registrations", "inviter") != -1
    fakes = events.per_day(day[invited & events.column("registrations", "fake")])
    return {
        "new_users": new,
        "acquisition_cost": _over(acquisition_fen(events) / FEN_PER_CNY, new),
        "next_day_retention": retention,
        "fraud_rate": _over(fakes, events.per_day(day[invited])),
    }


def _state(events: Events) -> dict[str, np.ndarray]:
    """State at the end of each day, nan on days without a record."""
    names = ("members", "registered", "population", "private_domain", "mean_trust")
    state = {}
    for name in names:
        state[name] = np.full(events.days, np.nan)
        state[name][events.column("daily", "day") - events.first] = events.column("daily", name)
    state["membership_penetration"] = _over(state["members"], state["registered"])
    return state


def _service(events: Events) -> dict[str, np.ndarray]:
    """On-time rate by the day of the promise, complaints by the day of delivery."""
    due, on_time = promises(events)
    promised = events.fates.promised_minute // MINUTES_PER_DAY
    delivered = events.column("deliveries", "day")
    complaints = events.per_day(delivered[events.column("deliveries", "complaint")])
    return {
        "on_time_rate": _over(events.per_day(promised[due & on_time]), events.per_day(promised[due])),
        "complaint_rate": _over(complaints, events.per_day(delivered)),
    }


def _column(events: Events, name: str) -> np.ndarray:
    """float64[days] of a column of the daily table, 0 on days without a record."""
    return events.per_day(events.column("daily", "day"), events.column("daily", name))


def _fen(events: Events, table: str, name: str, chosen: np.ndarray | None = None) -> np.ndarray:
    """float64[days]: sum of a fen column by day, CNY."""
    day, fen = events.column(table, "day"), events.column(table, name)
    return events.per_day(day, fen if chosen is None else fen * chosen) / FEN_PER_CNY
