"""Rules of the operator, declared: monitors that watch a figure, and responses that answer a monitor.

A feature lists them in ``declares``, with parameters of its own section; the operator's one mechanism for
rules runs them all (``sim/operator/rules.py``). Scenario files write rules by keys
(``rules.named.NAME.figure=...``) from the same parameters.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from sim.core.params import Params, lever, uncertainty


class MonitorParams(Params):
    """When a figure stands out."""

    ratio: float = lever(2.0, "x reference", "F064; the plan's alarms: 1.5 to 3 times", ge=0.01, le=100)
    """Level, relative to the reference, from which the monitor fires; below 1 it fires on a level that is as
    low or lower."""

    window: float = lever(7.0, "days", "A-916", ge=0.2, le=60, span=(1, 14))
    """Days over which events are summed into one level."""

    rearm: float = lever(0.8, "share of the way", "A-917", ge=0, le=1)
    """Once it has fired, it is calm again when the level has come back to this share of the way from the
    reference to the ratio; until then it counts as one and the same alarm."""

    against: Literal["usual", "given"] = lever("usual", "reference", "A-918")
    """usual: the figure's own level over the last 60 days of the burn-in, divided by the calendar's factor;
    of a figure by parts, the larger of the part's own and of all parts together. given: ``reference``."""

    reference: float = lever(0.0, "the figure's own unit", "A-927", ge=0, le=10**9)
    """Level that counts as usual where ``against`` is given."""

    false_alarms: float = lever(1.0, "alarms/year", "A-919", ge=0.001, le=10_000, span=(0.1, 12))
    """How often the monitor may fire by chance while all is usual. A handful of events stands out by chance
    in a small market and not in a large one: a level counts only where chance would bring it more rarely."""


class ResponseParams(Params):
    """What answering takes."""

    read_hours: float = uncertainty(2.0, "hours", "A-921", ge=0, le=720, span=(0, 48), scope="strategy")
    """From the moment at which the instruments show it until somebody has read it; with people of a pool,
    their queue is waited for in its place."""

    decide_hours: float = uncertainty(8.0, "hours", "A-922", ge=0, le=720, span=(1, 72), scope="strategy")
    """From reading to the decision."""

    act_hours: float = uncertainty(2.0, "hours", "A-923", ge=0, le=720, span=(0.5, 48), scope="strategy")
    """From the decision until it is in force, at the start of the next daypart."""

    days: float = lever(7.0, "days", "A-867", ge=0.2, le=365, span=(1, 30))
    """How long it is in force."""

    cost: float = uncertainty(
        3.0, "CNY/1,000 consumers", "A-924", ge=0, le=100_000, span=(1, 10), scope="strategy"
    )
    """Paid once, when it begins: about an hour of two people for 20,000 consumers."""

    daily_cost: float = uncertainty(
        0.5, "CNY/1,000 consumers/day", "A-925", ge=0, le=100_000, span=(0, 3), scope="strategy"
    )
    """Paid for every day that it is in force, besides what its levers cost by themselves."""


class PoolResponseParams(ResponseParams):
    """What answering takes where people of a pool read it first."""

    tasks: int = uncertainty(1, "tasks", "A-926", ge=0, le=100_000, scope="strategy")
    """Work for the people of its pool, where it names one, before anything can be decided."""


@dataclass(frozen=True)
class Monitor:
    """A monitor that a feature declares.

    Attributes
    ----------
    name : str
        Its key; it begins with the feature's section.
    meaning : str
        What it looks out for, in a line.
    figure : str
        Name of the signal, or of a feature's figure, that it watches.
    params : str
        Parameter of the section that holds its :class:`MonitorParams`.
    """

    name: str
    meaning: str
    figure: str
    params: str


@dataclass(frozen=True)
class Response:
    """A response that a feature declares.

    Attributes
    ----------
    name : str
        Its key; it begins with the feature's section.
    meaning : str
        What is done, in a line.
    to : str
        Name of the monitor that it answers, of whichever feature.
    params : str
        Parameter of the section that holds its :class:`ResponseParams` (with a pool that is asked to do more
        than one task, its :class:`PoolResponseParams`).
    levers : callable
        The section's parameters and the whole configuration -> dotted key of each lever that it overrides,
        and the value while it is in force.
    pool : str
        Name of the pool whose people read it first; empty = nobody's queue.
    """

    name: str
    meaning: str
    to: str
    params: str
    levers: Callable[[Any, Any], Mapping[str, Any]]
    pool: str = ""
