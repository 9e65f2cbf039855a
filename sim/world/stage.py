"""Where a plan in stages stands, and what is recorded of it."""

from __future__ import annotations

from dataclasses import dataclass

_DAY = ("int32", "absolute day")
STAGES = {
    "day": _DAY,
    "stage": ("U40", "stage of the plan that was in force until then, or that begins"),
    "event": ("U16", "begins, goes on, waits, stops (the baseline from this day on), is passed over"),
    "figure": ("U64", "what the gate looked at; empty = no gate was asked"),
    "value": ("float64", "as the instruments showed it; nan = unclear, which does not pass"),
    "threshold": ("float64", "what it was held against"),
}
AFTER = {
    "since": ("int32", "days since the measured window closed, 0 for the first"),
    "margin_fen": ("int64", "what the day added to the brand's equity, fen"),
}
STAGE_DAYS = {
    "day": _DAY,
    "stage": ("U40", "stage in force"),
    "budget_fen": ("int64", "budget of the day"),
    "released_fen": ("int64", "what the stage releases today"),
    "held_fen": ("int64", "held back so far and not released since"),
}


@dataclass
class StageNow:
    """Where a strategy's plan stands today.

    name : of the stage in force; empty where a strategy has no stages. release : share of the day's budget
    that the stage releases. held_fen : budget that was held back so far, and not released since.
    """

    name: str = ""
    release: float = 1.0
    held_fen: int = 0

    def released(self, budget_fen: int) -> int:
        """What of a day's budget is released; the rest is held back, or comes from what was."""
        found = min(round(budget_fen * self.release), budget_fen + self.held_fen)
        self.held_fen += budget_fen - found
        return found
