"""One figure a day: the series behind trends, fans over replications and sparklines.

Each series is an indicator's definition (:mod:`sim.measure.indicators`) cut by day: it counts what
happened on a day, or follows the orders and users of that day, so that
the counts of all days add up to those of the window. A day without a denominator is nan. The
30-day repurchase has no daily meaning and is missing here.
"""

from __future__ import annotations

import numpy as np

from sim.core.ledger import FEN_PER_CNY
from sim.measure.events import Events, Tables, Window
from sim.measure.indicators import NEW_USERS, ORDERS, PAID, RATES, VISITS, marked, moved
from sim.measure.service import SERVICE_RATES, promised_day

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


#: Sums that have a daily series.
COUNTED = {
    "visits": VISITS,
    "orders": ORDERS,
    "revenue": PAID,
    "new_users": NEW_USERS,
    "all_in_spend": marked("journal", moved("spending"), FEN_PER_CNY),
    "contribution_margin": marked("journal", moved("result"), -FEN_PER_CNY),
}


def daily_kpis(tables: Tables, window: Window) -> dict[str, np.ndarray]:
    """Every daily series of one run; arguments as for :func:`sim.measure.kpis.kpis`.

    Returns
    -------
    dict of str to float64[days]
        In the order of ``DAILY_UNITS``; nan where a day has nothing to divide by.
    """
    events = Events(tables, window)
    days = np.arange(events.first, events.end)
    series = {name: rate.daily(events) for name, rate in RATES.items() if name in DAILY_UNITS}
    series |= {name: rate.daily(events) for name, rate in SERVICE_RATES.items() if name in DAILY_UNITS}
    series["on_time_rate"] = SERVICE_RATES["on_time_rate"].daily(events, promised_day)
    series |= {name: counted.by(events, "day", days) for name, counted in COUNTED.items()}
    series |= _state(events)
    return {name: series[name] for name in DAILY_UNITS}


def _state(events: Events) -> dict[str, np.ndarray]:
    """State at the end of each day, nan on days without a record."""
    names = ("members", "registered", "population", "private_domain", "mean_trust")
    state = {}
    for name in names:
        state[name] = np.full(events.days, np.nan)
        state[name][events.column("daily", "day") - events.first] = events.column("daily", name)
    return state
