"""What must not be lost while the targets are chased: all guardrails, and all that a run reports.

Like the nine targets they are counted from the event tables, with nan for what cannot be
observed. Each is declared beside its formula: in ``money``, ``after``, ``service``,
``growth``, ``expected`` or ``reach``.
"""

from __future__ import annotations

from sim.measure.after import AFTER
from sim.measure.events import Events, Tables, Window
from sim.measure.expected import EXPECTED
from sim.measure.growth import GROWTH
from sim.measure.kpis import KPIS, Guardrail, Kpi
from sim.measure.money import MONEY
from sim.measure.reach import REACH
from sim.measure.service import SERVICE

GUARDRAILS: tuple[Guardrail, ...] = (*MONEY, *AFTER, *SERVICE, *GROWTH, *EXPECTED, *REACH)

#: Everything that is reported of a run: the nine targets first.
FIGURES: tuple[Kpi | Guardrail, ...] = (*KPIS, *GUARDRAILS)
#: Unit of every figure of a run.
UNITS: dict[str, str] = {figure.name: figure.unit for figure in FIGURES}


def guardrails(tables: Tables, window: Window) -> dict[str, float]:
    """All guardrails of one run; nan = not observable. Arguments as for :func:`sim.measure.kpis.kpis`."""
    events = Events(tables, window)
    return {guard.name: guard.measure(events) for guard in GUARDRAILS}


def measure(tables: Tables, window: Window) -> dict[str, float]:
    """The nine targets' levels and all guardrails of one run, from one pass over its tables."""
    events = Events(tables, window)
    return {figure.name: figure.measure(events) for figure in FIGURES}
