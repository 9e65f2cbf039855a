"""What the operator is answering: alarms that are on, and responses from being seen to their end."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any


class Step(IntEnum):
    """How far a response has come; the table ``answers`` has a row for each step, when it is taken."""

    SEEN = 0
    DECIDED = 1
    ACTED = 2
    ENDED = 3
    UNPAID = 4


@dataclass
class Answer:
    """One firing and its response.

    monitor, response : names; part, level, reference : what was seen; decided, acts, ends : absolute minutes
    planned; levers : dotted key -> value while it is in force; params : its numbers; step : how far it has
    come; began : minute from which it is in force; paid_days, paid_fen : what has been paid so far.
    """

    number: int
    monitor: str
    response: str
    part: int
    level: float
    reference: float
    decided: int
    acts: int
    ends: int
    levers: Mapping[str, Any]
    params: Any
    step: Step = Step.SEEN
    began: int = 0
    paid_days: int = 0
    paid_fen: int = 0


@dataclass
class Answers:
    """The operator's desk: which monitors are on, and what is under way.

    on : monitors that have fired and are not calm yet; open : answers that have not ended; number : of the
    next firing.
    """

    on: set[str] = field(default_factory=set)
    open: list[Answer] = field(default_factory=list)
    number: int = 0

    def in_force(self) -> dict[str, Any]:
        """Levers that are overridden now: of two responses that move one lever, the later."""
        found: dict[str, Any] = {}
        for answer in self.open:
            if answer.step is Step.ACTED:
                found |= answer.levers
        return found
