"""A comparison in numbers, for programs: what its tables and sentences are made of."""

from __future__ import annotations

from typing import Any

from sim.measure.guardrails import UNITS
from sim.report.business import business_of
from sim.report.comparison import Comparison
from sim.report.headline import headline
from sim.report.notes import notes


def figures_of(comparison: Comparison) -> dict[str, Any]:
    """Scorecards, levels, paired differences and sentences of all strategies.

    Parameters
    ----------
    comparison : Comparison
        What a command ran, or what is stored.

    Returns
    -------
    dict
        ``strategies``, ``worlds``, ``days``; ``scorecards`` and ``levels`` by strategy; ``differences``, one
        row a strategy and figure; ``units`` of figures; ``business``; ``headline`` and ``notes``.
    """
    cards = {name: comparison.cards[name] for name in comparison.scenarios}
    names = sorted(comparison.results.totals["name"].unique())
    return {
        "strategies": list(comparison.scenarios),
        "worlds": comparison.worlds,
        "days": comparison.days,
        "scorecards": {
            name: {"targets": card, "together": card.attrs["joint"]} for name, card in cards.items()
        },
        "levels": {
            strategy: {name: comparison.level(strategy, name) for name in names}
            for strategy in comparison.scenarios
        },
        "differences": comparison.differences,
        "units": {name: UNITS[name] for name in names if name in UNITS},
        "business": business_of(comparison),
        "headline": headline(comparison),
        "notes": notes(comparison),
    }
