"""Promises: which service class is offered to which goods and how its hours are quoted."""

from __future__ import annotations

from typing import Literal

from sim.core.params import Params, constant, lever


class PromiseParams(Params):
    """Service classes offered by temperature layer, and the quoting rule."""

    near_class_ambient: int = lever(3, "service class 0..4", "A-618", ge=0, le=4)
    """ambient goods within the front radius: next day from the regional centre"""

    near_class_chilled: int = lever(1, "service class 0..4", "A-619", ge=0, le=4)
    """chilled goods within the front radius: one hour, as F163 describes instant retail"""

    near_class_frozen: int = lever(1, "service class 0..4", "A-620", ge=0, le=4)
    """frozen goods within the front radius: one hour, before the box warms up"""

    far_class_ambient: int = lever(3, "service class 0..4", "A-621", ge=3, le=4)
    """ambient goods beyond the front radius: next day"""

    far_class_chilled: int = lever(3, "service class 0..4", "A-622", ge=3, le=4)
    """chilled goods beyond the front radius: next day, the longest that most of them bear"""

    far_class_frozen: int = lever(3, "service class 0..4", "A-623", ge=3, le=4)
    """frozen goods beyond the front radius: next day in the frozen compartment"""

    thirty_minute_hours: float = constant(0.5, "hours", "F027", ge=0.1, le=24)
    """class 0: 'as fast as 30 minutes'"""

    one_hour_hours: float = constant(1.0, "hours", "F163", ge=0.1, le=24)
    """class 1: instant retail"""

    two_hour_hours: float = constant(2.0, "hours", "F159", ge=0.2, le=48)
    """class 2: three-level network, as for medicines"""

    next_day_hours: float = constant(24.0, "hours", "F169", ge=1, le=96)
    """class 3: next-day delivery"""

    three_day_hours: float = constant(72.0, "hours", "F029", ge=4, le=240)
    """class 4: the cycle of traditional e-commerce"""

    quote_rule: Literal["queue", "fixed"] = lever("queue", "rule", "A-624")
    """'queue' promises what the present queues allow, 'fixed' always promises the class"""

    quote_safety: float = lever(1.35, "ratio to the estimate", "A-625", ge=0.1, le=5, span=(1, 2))
    """a promise is longer than the expected time, or half of all parcels would be late"""

    longest_promise_hours: float = lever(168.0, "hours", "A-831", ge=1, le=1000, span=(48, 336))
    """under the rule 'queue' an order that would take longer is not offered: nobody publishes it"""
