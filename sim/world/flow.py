"""What passes from phase to phase within one daypart, then is forgotten."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from sim.world.attention import Lanes, Moments, Shown
from sim.world.terms import Bill, TermSum


class ToOrder(NamedTuple):
    """Visits of a daypart to goods that are made to order, beside those on the shelves.

    visits : bool[n visits], those whose order is made; hours : what they are promised; units : that may
    still be ordered.
    """

    visits: np.ndarray
    hours: float
    units: int

    def promise(self) -> np.ndarray:
        """float64[n visits]: hours promised, nan where the region's own promise holds."""
        return np.where(self.visits, self.hours, np.nan)


@dataclass
class Flow:
    """The state of one daypart; what may bring visits holds for the whole day.

    shown : impressions of today per unit of time; moments : what may bring visits; both for the whole day.
    visits : columns of this daypart's visits (see ``demand/visits.py``).
    hours : float64[n_categories, n_zones], delivery quotes at the daypart's start.
    service : int8[n_categories, n_zones], service classes offered.
    accepted : int64[k], rows of orders accepted in this daypart, to be handed to logistics.
    accepted_minute : int64[k], minute from which each may be picked.
    grouped : int64[k], rows of orders of this daypart that wait for their group to fill.
    openers, expired : int64[k], rows of orders that opened a group in this daypart, whose group expired.
    cart, order, basket, bill : terms of the carts, orders, order values (logs) and bills of this daypart's
    visits; lanes : pull of declared sources; group_hope, group_wait : float64[k], odds of a visitor's group.
    to_order : visits whose goods would be made to order, None where there are none; farther : float64
    [n visits], hours that are promised beside what else holds for a visit, None where there are none.
    """

    shown: Shown
    moments: Moments = field(default_factory=Moments)
    visits: dict[str, np.ndarray] = field(default_factory=dict)
    hours: np.ndarray = field(default_factory=lambda: np.zeros((0, 0)))
    service: np.ndarray = field(default_factory=lambda: np.zeros((0, 0), np.int8))
    accepted: np.ndarray = field(default_factory=lambda: np.zeros(0, np.int64))
    accepted_minute: np.ndarray = field(default_factory=lambda: np.zeros(0, np.int64))
    grouped: np.ndarray = field(default_factory=lambda: np.zeros(0, np.int64))
    openers: np.ndarray = field(default_factory=lambda: np.zeros(0, np.int64))
    expired: np.ndarray = field(default_factory=lambda: np.zeros(0, np.int64))
    cart: TermSum = field(default_factory=lambda: TermSum("cart"))
    order: TermSum = field(default_factory=lambda: TermSum("order"))
    basket: TermSum = field(default_factory=lambda: TermSum("basket"))
    bill: Bill = field(default_factory=Bill)
    lanes: Lanes = field(default_factory=Lanes)
    group_hope: np.ndarray | None = None
    group_wait: np.ndarray | None = None
    to_order: ToOrder | None = None
    farther: np.ndarray | None = None


def promise(flow: Flow, zone: np.ndarray) -> np.ndarray:
    """float64[n visits]: hours promised to visitors of these zones, nan where the region's own hold."""
    category = flow.visits["category"]
    told = np.full(len(category), np.nan) if flow.to_order is None else flow.to_order.promise()
    if flow.farther is None:
        return told
    usual = np.where(np.isnan(told), flow.hours[category, zone], told)
    return np.where(flow.farther != 0.0, usual + flow.farther, told)
