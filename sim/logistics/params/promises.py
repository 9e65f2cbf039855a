"""Promises: which service class is offered to which goods and how its hours are quoted."""

from __future__ import annotations

from typing import Literal

from sim.core.params import Params, param


class PromiseParams(Params):
    """Service classes offered by temperature layer, and the quoting rule."""

    near_class_ambient: int = param(
        3,
        unit="service class 0..4",
        kind="lever",
        source="A-618",
        ge=0,
        le=4,
        why="ambient goods within the front radius: next day from the regional centre",
    )
    near_class_chilled: int = param(
        1,
        unit="service class 0..4",
        kind="lever",
        source="A-619",
        ge=0,
        le=4,
        why="chilled goods within the front radius: one hour, as F163 describes instant retail",
    )
    near_class_frozen: int = param(
        1,
        unit="service class 0..4",
        kind="lever",
        source="A-620",
        ge=0,
        le=4,
        why="frozen goods within the front radius: one hour, before the box warms up",
    )
    far_class_ambient: int = param(
        3,
        unit="service class 0..4",
        kind="lever",
        source="A-621",
        ge=3,
        le=4,
        why="ambient goods beyond the front radius: next day",
    )
    far_class_chilled: int = param(
        3,
        unit="service class 0..4",
        kind="lever",
        source="A-622",
        ge=3,
        le=4,
        why="chilled goods beyond the front radius: next day, the longest that most of them bear",
    )
    far_class_frozen: int = param(
        3,
        unit="service class 0..4",
        kind="lever",
        source="A-623",
        ge=3,
        le=4,
        why="frozen goods beyond the front radius: next day in the frozen compartment",
    )
    thirty_minute_hours: float = param(
        0.5,
        unit="hours",
        kind="constant",
        source="F027",
        ge=0.1,
        le=24,
        why="class 0: 'as fast as 30 minutes'",
    )
    one_hour_hours: float = param(
        1.0,
        unit="hours",
        kind="constant",
        source="F163",
        ge=0.1,
        le=24,
        why="class 1: instant retail",
    )
    two_hour_hours: float = param(
        2.0,
        unit="hours",
        kind="constant",
        source="F159",
        ge=0.2,
        le=48,
        why="class 2: three-level network, as for medicines",
    )
    next_day_hours: float = param(
        24.0,
        unit="hours",
        kind="constant",
        source="F169",
        ge=1,
        le=96,
        why="class 3: next-day delivery",
    )
    three_day_hours: float = param(
        72.0,
        unit="hours",
        kind="constant",
        source="F029",
        ge=4,
        le=240,
        why="class 4: the cycle of traditional e-commerce",
    )
    quote_rule: Literal["queue", "fixed"] = param(
        "queue",
        unit="rule",
        kind="lever",
        source="A-624",
        why="'queue' promises what the present queues allow, 'fixed' always promises the class",
    )
    quote_safety: float = param(
        1.35,
        unit="ratio to the estimate",
        kind="lever",
        source="A-625",
        ge=0.1,
        le=5,
        span=(1, 2),
        why="a promise is longer than the expected time, or half of all parcels would be late",
    )
    longest_promise_hours: float = param(
        168.0,
        unit="hours",
        kind="lever",
        source="A-831",
        ge=1,
        le=1000,
        span=(48, 336),
        why="under the rule 'queue' an order that would take longer is not offered: nobody publishes it",
    )
