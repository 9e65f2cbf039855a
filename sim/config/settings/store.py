"""How much of each run is kept; never changes a result."""

from __future__ import annotations

from typing import Literal

from sim.core.params import Params, param

# One number on two or three lines reads better than one argument a line.
# fmt: off


class StoreParams(Params):
    """How much of each run is kept; never changes a result."""

    level: Literal["auto", "totals", "daily", "events"] = param(
        "auto", unit="level", kind="constant", source="definition",
        why="totals: indicators alone; daily: days, counts and cohorts too; events: every event too; "
            "auto: events of a single run of up to 50,000 consumers, else daily",
    )
