"""The nine target indicators, each defined once: what is counted, over what, in which window.

They are counted from the event tables and from nothing else; ``docs/kpis.md`` derives every one
of them a second time in plain pandas. A figure without a denominator is nan, which means "not
observable", and people whom the window does not yet let one judge are left out. Three of the
targets are against the baseline: here those are levels, and the scorecard divides them by the
level of the same world under the baseline strategy.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from sim.measure.events import NAN, Events, Tables, Window
from sim.measure.indicators import (
    ACCEPTED_CROSS_PLATFORM,
    ACCEPTED_ORDER_VALUE,
    ACCEPTED_ORDERS,
    ACQUISITION_COST,
    ACQUISITION_SPEND,
    ADD_TO_CART_RATE,
    AVERAGE_ORDER_VALUE,
    CROSS_PLATFORM_CONVERSION,
    MEMBERSHIP_PENETRATION,
    NEXT_DAY_RETENTION,
    ORDER_CONVERSION,
    ORGANIC_TRAFFIC_SHARE,
    REPURCHASE,
    REPURCHASE_GROSS,
)


@dataclass(frozen=True)
class Kpi:
    """One indicator and how it is read.

    Attributes
    ----------
    name, label : str
        Key in every table of results; words for people.
    unit : str
        Unit of the level that ``measure`` returns.
    better : {'higher', 'lower'}
        The direction that is good.
    definition, window : str
        What is counted, and which people or days can be judged.
    source : str
        Plan figure that sets the target.
    measure : callable
        ``Events -> float``; nan where not observable.
    relative : bool
        The target is a change against the baseline strategy in the same world.
    strict : bool
        The target must be passed, not only reached.
    """

    name: str
    label: str
    unit: str
    better: Literal["higher", "lower"]
    definition: str
    window: str
    source: str
    measure: Callable[[Events], float]
    relative: bool = False
    strict: bool = False

    @property
    def direction(self) -> str:
        """How the target is to be met, in words."""
        if self.better == "lower":
            return "below" if self.strict else "at most"
        return "above" if self.strict else "at least"

    def met(self, value: float, target: float) -> bool:
        """Whether a (finite) value meets the target."""
        if self.strict:
            return value > target if self.better == "higher" else value < target
        return value >= target if self.better == "higher" else value <= target


@dataclass(frozen=True)
class Guardrail:
    """One figure reported beside the targets.

    Attributes
    ----------
    name, label : str
        Key in every table of results; words for people.
    unit : str
        Unit of the value.
    better : {'higher', 'lower', ''}
        The direction that is good; empty where neither is.
    definition : str
        Formula in one sentence.
    measure : callable
        ``Events -> float``; nan where not observable.
    """

    name: str
    label: str
    unit: str
    better: Literal["higher", "lower", ""]
    definition: str
    measure: Callable[[Events], float]


def acquisition_spend(events: Events) -> float:
    """All costs of acquiring users in the window, CNY."""
    return ACQUISITION_SPEND.total(events)


def cross_platform_conversion(events: Events, gross: bool = False) -> float:
    """Kept (or, gross, accepted) orders over visits, of visits that one platform sent to another surface."""
    return (ACCEPTED_CROSS_PLATFORM if gross else CROSS_PLATFORM_CONVERSION).value(events)


def order_conversion(events: Events, gross: bool = False) -> float:
    """Kept (or, gross, accepted) orders over visits; every order has one visit."""
    return (ACCEPTED_ORDERS if gross else ORDER_CONVERSION).value(events)


def average_order_value(events: Events, gross: bool = False) -> float:
    """Paid by customers per kept (or, gross, accepted) order, before returns, CNY."""
    return (ACCEPTED_ORDER_VALUE if gross else AVERAGE_ORDER_VALUE).value(events)


def repurchase_30d(events: Events, gross: bool = False) -> float:
    """Buyers who order again within 30 days of their first kept (or, gross, accepted) order of the window.

    Only buyers whose 30 days (43,200 minutes, half-open) end within the window are judged.
    """
    return (REPURCHASE_GROSS if gross else REPURCHASE).value(events)


def membership_penetration(events: Events) -> float:
    """Members over registered users at the end of the window's last day."""
    day = events.column("daily", "day")
    return float(MEMBERSHIP_PENETRATION.by(events, "day", day[[np.argmax(day)]])[0]) if len(day) else NAN


KPIS: tuple[Kpi, ...] = (
    Kpi(
        "organic_traffic_share",
        "Organic traffic share",
        "share",
        "higher",
        "Unpaid public visits (organic feed, search, unpaid posts, shares, invitations for which no reward "
        "was promised) / public visits. Direct and "
        "private-domain visits are in neither; bought posts and rewarded invitations count as paid.",
        "visits of the window",
        "F137",
        ORGANIC_TRAFFIC_SHARE.value,
    ),
    Kpi(
        "acquisition_cost",
        "Acquisition cost",
        "CNY/new user",
        "lower",
        "(Paid media + influencer and livestream fees + staff and clips of own sessions + campaign "
        "commissions and concessions on first orders + invitation rewards) / new real registered users. A "
        "concession is what the customer pays less "
        "than the catalogue price, whatever its label.",
        "costs accrued and users registered in the window, outstanding rewards included; orders cancelled by "
        "its end cost nothing",
        "F138",
        ACQUISITION_COST.value,
    ),
    Kpi(
        "cross_platform_conversion",
        "Cross-platform conversion",
        "share",
        "higher",
        "Kept orders of visits sent from one platform to another surface / such visits.",
        "visits of the window",
        "F139",
        cross_platform_conversion,
        relative=True,
    ),
    Kpi(
        "add_to_cart_rate",
        "Add-to-cart rate",
        "share",
        "higher",
        "Visits with goods put in the cart, or bought at once / visits.",
        "visits of the window",
        "F140",
        ADD_TO_CART_RATE.value,
    ),
    Kpi(
        "order_conversion",
        "Order conversion",
        "share",
        "higher",
        "Kept orders / visits. A kept order was not cancelled, refused or expired by the window's end.",
        "visits of the window",
        "F141",
        order_conversion,
        strict=True,
    ),
    Kpi(
        "average_order_value",
        "Average order value",
        "CNY/order",
        "higher",
        "Paid for kept orders (net of concessions, before returns) / kept orders.",
        "orders of the window",
        "F142",
        average_order_value,
        relative=True,
    ),
    Kpi(
        "next_day_retention",
        "Next-day retention",
        "share",
        "higher",
        "New real users with a visit to any of the brand's surfaces on the day after they registered / "
        "new real users.",
        "users registered early enough for their next day to lie in the window",
        "F143",
        NEXT_DAY_RETENTION.value,
    ),
    Kpi(
        "repurchase_30d",
        "30-day repurchase",
        "share",
        "higher",
        "Buyers with a second kept order within 30 days (43,200 minutes) of their first of the window / "
        "buyers with a kept order.",
        "buyers whose 30 days end within the window",
        "F144-F145",
        repurchase_30d,
        strict=True,
    ),
    Kpi(
        "membership_penetration",
        "Membership penetration",
        "share",
        "higher",
        "Members / registered users.",
        "end of the window's last day",
        "F146",
        membership_penetration,
        relative=True,
    ),
)

#: The nine by name, in the plan's order.
KPI_BY_NAME: dict[str, Kpi] = {kpi.name: kpi for kpi in KPIS}


def kpis(tables: Tables, window: Window) -> dict[str, float]:
    """Levels of the nine target indicators of one run; nan = not observable.

    Parameters
    ----------
    tables : mapping of str to mapping of str to ndarray
        Event tables of the run.
    window : (int, int)
        First measured day and the day past the last, absolute.
    """
    events = Events(tables, window)
    return {kpi.name: kpi.measure(events) for kpi in KPIS}
