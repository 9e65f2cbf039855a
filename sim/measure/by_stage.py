"""What happened stage by stage of a plan: days in force, what gates saw and decided, and the main figures.

The figures are the run's own indicators cut by the stage in force on the day: stages add up to the window.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import NamedTuple

import numpy as np

from sim.measure.events import Events
from sim.measure.indicators import RATES, Rate, Sum
from sim.measure.series import COUNTED

#: Figures of a stage; sums are told a day, because stages have different lengths.
FIGURES: dict[str, Sum | Rate] = {
    "orders": COUNTED["orders"],
    "new_users": COUNTED["new_users"],
    "acquisition_cost": RATES["acquisition_cost"],
    "all_in_spend": COUNTED["all_in_spend"],
    "contribution_margin": COUNTED["contribution_margin"],
}


class Spell(NamedTuple):
    """A stage while it was in force: first day and number of days, both of the measured window."""

    stage: str
    first: int
    days: int


def spells(events: Events) -> list[Spell]:
    """Stages in the order in which they were in force; none without a plan in stages."""
    days = events.column("stage_days", "day") - events.first
    names = events.column("stage_days", "stage")
    found = []
    for name, rows in groupby(range(len(days)), key=lambda row: str(names[row])):
        held = list(rows)
        found.append(Spell(name, int(days[held[0]]), len(held)))
    return found


def by_stage(events: Events) -> Iterator[tuple[str, str, str, float, float]]:
    """Rows of the breakdown: ``stage_days`` (x: first day), ``stage_gate`` (part: decision) and figures."""
    found = spells(events)
    for spell in found:
        yield "stage_days", spell.stage, "", float(spell.first), float(spell.days)
    for row in np.flatnonzero(events.column("stages", "figure") != ""):
        stage, event, day, value = (
            events.column("stages", name)[row] for name in ("stage", "event", "day", "value")
        )
        yield "stage_gate", str(stage), str(event), float(day - events.first), float(value)
    if not found:
        return
    ends = np.array([events.first + spell.first + spell.days for spell in found])

    def number(of: Events, table: str) -> np.ndarray:
        return np.searchsorted(ends, of.column(table, "day"), side="right")

    for name, figure in FIGURES.items():
        values = figure.by(events, number, np.arange(len(found)))
        for spell, value in zip(found, values, strict=True):
            a_day = value / spell.days if isinstance(figure, Sum) else value
            yield "stage_figures", spell.stage, name, 0.0, float(a_day)
