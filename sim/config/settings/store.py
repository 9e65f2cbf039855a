"""How much of each run is kept; never changes a result."""

from __future__ import annotations

from typing import Literal

from sim.core.params import Params, constant


class StoreParams(Params):
    """How much of each run is kept; never changes a result."""

    level: Literal["auto", "totals", "daily", "events"] = constant("auto", "level", "definition")
    """``totals`` keeps indicators alone, ``daily`` days, counts and cohorts too, ``events`` every event as
    well; ``auto`` is events for a single run of up to 50,000 consumers, else daily."""
