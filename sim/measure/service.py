"""What customers got: promises kept, goods intact, orders cancelled, returned or refused.

Promises are judged order by order once they are due, so that a parcel that never arrives is late
and does not drop out of the figure. Rates with a lag (returns, refunds, cancellations) judge only those
whose time is over by the window's end.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from sim.core.clock import MINUTES_PER_DAY
from sim.core.ledger import FEN_PER_CNY
from sim.measure.events import Events, find
from sim.measure.indicators import ORDERS, Rate, Sum, flagged, marked, rows
from sim.measure.kpis import Guardrail
from sim.measure.money import SETTLING_DAYS, settled_in_full
from sim.world.schema import NO_PROMISE

#: Service classes as names of indicators, in the order of the classes that logistics offers.
SERVICE_CLASSES = ("30_minutes", "1_hour", "2_hours", "next_day", "72_hours")


def promised(events: Events) -> np.ndarray:
    """bool[n orders]: promised for a minute within the window.

    Digital goods carry no promise, nor do orders whose group has not filled, nor cancelled orders, unless
    they were cancelled because it was broken.
    """
    fates = events.fates
    due = (events.orders("service") >= 0) & (fates.promised_minute < events.end_minute)
    due &= fates.promised_minute != NO_PROMISE
    made: np.ndarray = due & (~fates.cancelled | fates.given_up)
    return made


def promised_day(events: Events, table: str) -> np.ndarray:
    """int64[n orders]: day of the promise."""
    day: np.ndarray = events.fates.promised_minute // MINUTES_PER_DAY
    return day


def on_time(service: int | None = None) -> Rate:
    """Orders handed over by the promised minute over orders promised by the end of the window."""

    def due(events: Events) -> np.ndarray:
        made = promised(events)
        return made if service is None else made & (events.orders("service") == service)

    return Rate(marked("orders", lambda events: due(events) & events.fates.on_time), marked("orders", due))


def settled(events: Events) -> np.ndarray:
    """bool[n orders]: placed long enough before the window's end, and cancelled or handed over by then."""
    old = events.orders("minute") < events.end_minute - SETTLING_DAYS * MINUTES_PER_DAY
    decided: np.ndarray = old & events.fates.decided
    return decided


def _physical(events: Events) -> np.ndarray:
    goods: np.ndarray = events.column("deliveries", "service") >= 0
    return goods


def _over(events: Events) -> np.ndarray:
    """bool[n deliveries]: the right of return is over by the window's end; later ones are not judged yet."""
    past: np.ndarray = events.column("deliveries", "return_ends") < events.end_minute
    return past


def _sent_back(events: Events) -> np.ndarray:
    """bool[n deliveries]: sent back, of those; goods refunded as spoiled are not sent back."""
    asked = find(events.column("deliveries", "order_id"), events.column("return_requests", "order_id")) >= 0
    back: np.ndarray = asked & _over(events)
    return back


def _closed_groups(events: Events) -> np.ndarray:
    """bool[n groups]: opened in the window, with a deadline that has passed by its end.

    Groups fill sooner than they expire, so of those still within their time only the filled ones are known.
    """
    opened, deadline = (events.column("group_buys", f"{of}_minute") for of in ("opened", "deadline"))
    closed: np.ndarray = (opened >= events.first * MINUTES_PER_DAY) & (deadline < events.end_minute)
    return closed


def _of_settled(column: Callable[[Events], np.ndarray]) -> Sum:
    """CNY of orders behind which cancellation, return and refund lie."""
    return marked("orders", lambda events: column(events) * settled_in_full(events), FEN_PER_CNY)


_REFUSED = marked("daily", lambda events: events.column("daily", "refused"))
_CAPACITY = marked("daily", lambda events: events.column("daily", "capacity_orders"))
#: Rates of service, one definition each; an order younger than ``SETTLING_DAYS`` is decided sooner one way
#: than the other, because wishes to cancel come within hours, so cancelled ones are counted among older ones.
SERVICE_RATES: dict[str, Rate] = {
    "on_time_rate": on_time(),
    "complaint_rate": Rate(flagged("deliveries", "complaint"), rows("deliveries")),
    "low_score_rate": Rate(flagged("deliveries", "low_score"), rows("deliveries")),
    "cancelled_share": Rate(
        marked("orders", lambda events: events.fates.cancelled & settled(events)), marked("orders", settled)
    ),
    "stock_out_rate": Rate(_REFUSED, _REFUSED + ORDERS),
    "capacity_over_orders": Rate(_CAPACITY, ORDERS),
    "spoilage_rate": Rate(
        marked("deliveries", lambda events: events.column("deliveries", "spoiled") & _physical(events)),
        marked("deliveries", _physical),
    ),
    "return_rate": Rate(marked("deliveries", _sent_back), marked("deliveries", _over)),
    "refund_rate": Rate(
        _of_settled(lambda events: events.fates.refund_fen),
        _of_settled(lambda events: events.orders("paid_fen")),
    ),
    "group_buy_success_rate": Rate(
        marked("group_buys", lambda events: events.column("group_buys", "filled") & _closed_groups(events)),
        marked("group_buys", _closed_groups),
    ),
}


def _by_class(index: int, name: str) -> Guardrail:
    words = name.replace("_", " ")
    return Guardrail(
        f"on_time_rate_{name}",
        f"On-time rate, {words}",
        "share",
        "higher",
        f"As the on-time rate, for orders promised in the class '{words}'.",
        on_time(index).value,
    )


SERVICE: tuple[Guardrail, ...] = (
    Guardrail(
        "on_time_rate",
        "On-time rate",
        "share",
        "higher",
        "Orders handed over by the promised minute / orders promised by the end of the window; "
        "digital goods, orders whose group has not filled and cancelled orders carry no promise, but parcels "
        "that never arrive are late, and so are orders cancelled because their promise was broken.",
        SERVICE_RATES["on_time_rate"].value,
    ),
    Guardrail(
        "spoilage_rate",
        "Spoilage rate",
        "share",
        "lower",
        "Deliveries that arrived spoiled / deliveries of physical goods.",
        SERVICE_RATES["spoilage_rate"].value,
    ),
    Guardrail(
        "return_rate",
        "Return rate",
        "share",
        "lower",
        "Deliveries sent back / deliveries, among those whose right of return is over by the window's end; "
        "goods refunded as spoiled are not sent back.",
        SERVICE_RATES["return_rate"].value,
    ),
    Guardrail(
        "refund_rate",
        "Refund rate",
        "share",
        "lower",
        "Refunded / paid, on orders placed at least the right of return and 7 days before the window's end.",
        SERVICE_RATES["refund_rate"].value,
    ),
    Guardrail(
        "complaint_rate",
        "Complaint rate",
        "share",
        "lower",
        "Complaints / deliveries.",
        SERVICE_RATES["complaint_rate"].value,
    ),
    Guardrail(
        "low_score_rate",
        "Low-score rate",
        "share",
        "lower",
        "Low review scores / deliveries.",
        SERVICE_RATES["low_score_rate"].value,
    ),
    Guardrail(
        "cancelled_share",
        "Cancelled orders",
        "share",
        "lower",
        "Orders cancelled / orders cancelled or handed over, among those placed at least 7 days before the "
        "window's end.",
        SERVICE_RATES["cancelled_share"].value,
    ),
    Guardrail(
        "stock_out_rate",
        "Stock-out rate",
        "share",
        "lower",
        "Orders refused for want of stock / (refused + accepted orders).",
        SERVICE_RATES["stock_out_rate"].value,
    ),
    Guardrail(
        "capacity_over_orders",
        "Delivery capacity over orders",
        "ratio",
        "higher",
        "Orders that delivery could carry / orders accepted.",
        SERVICE_RATES["capacity_over_orders"].value,
    ),
    Guardrail(
        "group_buy_success_rate",
        "Group-buy success rate",
        "share",
        "higher",
        "Group-buys that filled / group-buys, among those opened in the window whose deadline has passed by "
        "its end.",
        SERVICE_RATES["group_buy_success_rate"].value,
    ),
    *(_by_class(index, name) for index, name in enumerate(SERVICE_CLASSES)),
)
