"""Numbers of the three kinds of touchpoint: one budget, its split, and what messages do."""

from __future__ import annotations

import numpy as np

from sim.core.params import Params, constant, lever, uncertainty


class TouchpointsParams(Params):
    """One budget for three kinds of touchpoint, and what each can do."""

    enabled: bool = lever(False, "switch", "S025")
    """There are touchpoints that share a budget."""

    budget: float = lever(0.0, "CNY/1,000 people/day", "S025", ge=0, le=10_000, span=(0, 30))
    """What all three may cost together; what one of them does not need is not spent."""

    instant: float = lever(1.0, "weight", "S025", ge=0, le=100, span=(0, 1))
    """Weight of answers to events in the budget."""

    community: float = lever(1.0, "weight", "S025", ge=0, le=100, span=(0, 1))
    """Weight of the community."""

    scene: float = lever(1.0, "weight", "S025", ge=0, le=100, span=(0, 1))
    """Weight of messages at a scene."""

    answers: float = lever(20.0, "answers/1,000 people/hour", "S025", ge=0.1, le=10_000, span=(2, 100))
    """Events that machines can answer in an hour, one after the other."""

    hour: int = lever(20, "hour of the day", "S025", ge=0, le=23, span=(0, 23))
    """The hour of the scene."""

    message: float = uncertainty(
        0.05, "CNY/message", "A-1526", ge=0.001, le=10, span=(0.02, 0.2), scope="strategy"
    )
    """What one message of any kind costs."""

    machine: float = uncertainty(
        0.02,
        "CNY/answer of an hour's capacity/day",
        "A-1527",
        ge=0,
        le=10,
        span=(0.005, 0.1),
        scope="strategy",
    )
    """Upkeep of machines that answer, used or not; paid from the share of answers."""

    click: float = uncertainty(
        0.05,
        "chance/message",
        "A-1528; as private_domain.click",
        ge=0,
        le=1,
        span=(0.02, 0.1),
        scope="strategy",
    )
    """A message brings somebody who gets no other, if nothing else about it helps."""

    event: float = uncertainty(2.0, "ratio", "A-1529", ge=0, le=20, span=(1, 4), scope="strategy")
    """How much more an answer brings that comes at once."""

    heat_minutes: float = uncertainty(
        30.0,
        "minutes",
        "A-1530; minutes, not hours, as for inquiries in Oldroyd et al. 2011",
        ge=0.1,
        le=1440,
        span=(5, 120),
        scope="strategy",
    )
    """Time constant with which that wears off; three times later nothing is sent, and machines go on to the
    next event."""

    joins: float = uncertainty(0.1, "chance/visit", "A-1531", ge=0, le=1, span=(0.03, 0.3), scope="strategy")
    """A visitor joins the community, at average need to belong."""

    posts: float = lever(1.0, "messages/person/week", "S025", ge=0, le=7, span=(0.2, 3))
    """What people of the community are sent, at most one a day."""

    tires: float = uncertainty(
        0.3, "log effect/message", "A-1532", ge=0, le=5, span=(0.1, 1), scope="strategy"
    )
    """Effect that is lost with every message that somebody has had of late."""

    rest_days: float = uncertainty(7.0, "days", "A-1533", ge=0.1, le=365, span=(3, 21), scope="strategy")
    """Time constant with which messages are forgotten."""

    opts_out: float = uncertainty(
        0.002,
        "chance/message",
        "A-1534; as private_domain.opt_out",
        ge=0,
        le=1,
        span=(0.0005, 0.01),
        scope="strategy",
    )
    """A message makes somebody ask for no more, for each that is remembered, itself included."""

    usual_belonging: float = constant(
        0.5, "0..1", "definition; as private_domain.usual_belonging", ge=0.01, le=1, scope="strategy"
    )
    """Need to belong at which ``joins`` holds; others in proportion."""

    def shares(self) -> np.ndarray:
        """float64[3]: share of the budget of each kind; even if all weights are 0."""
        weights = np.array([self.instant, self.community, self.scene])
        return weights / weights.sum() if weights.any() else np.full(3, 1.0 / 3.0)
