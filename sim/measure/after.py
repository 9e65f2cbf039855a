"""What a strategy leaves behind: the days after the window, with all levers back at the baseline's."""

from __future__ import annotations

import numpy as np

from sim.measure.events import NAN, Events, cny
from sim.measure.kpis import Guardrail
from sim.measure.money import contribution_margin, per_thousand

#: Days after the window for which what a strategy leaves behind is told.
HORIZONS = (90, 180, 360)


def margin_after(events: Events, days: int | None = None) -> float:
    """What the days after the window added to equity, CNY; nan if so many were not played (all if None)."""
    margin = np.asarray(events.tables.get("after", {}).get("margin_fen", ()))
    wanted = len(margin) if days is None else days
    return cny(margin[:wanted]) if 0 < wanted <= len(margin) else NAN


def _after(days: int) -> Guardrail:
    return Guardrail(
        f"contribution_after_{days}_per_1000",
        f"Contribution of the {days} days after",
        "CNY/1000 consumers",
        "higher",
        f"Contribution margin of the first {days} days after the window, with all levers back at the "
        "baseline's, per 1,000 people present when the window opened.",
        lambda events: per_thousand(events, margin_after(events, days)),
    )


AFTER: tuple[Guardrail, ...] = (
    Guardrail(
        "lasting_contribution_per_1000",
        "Contribution with all days after",
        "CNY/1000 consumers",
        "higher",
        "Contribution margin of the window and of all days played after it per 1,000 people present when the "
        "window opened.",
        lambda e: per_thousand(e, contribution_margin(e) + margin_after(e)),
    ),
    *(_after(days) for days in HORIZONS),
)
