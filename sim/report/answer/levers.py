"""What a strategy sets otherwise than the baseline, in words: levers with values, no keys."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sim.core.amounts import short
from sim.core.language import tr
from sim.report.claims import capital
from sim.report.comparison import Comparison
from sim.report.html import declared_parameters
from sim.report.sentences import key_words, scenario_label
from sim.store.results import BASELINE
from sim.store.strategies import flattened

#: Levers of a table at most.
MOST = 6
#: What is no decision of the operator.
_APART = ("experiment", "business", "paths", "engine", "targets", "plan")


@dataclass(frozen=True)
class Lever:
    """One lever: what it is, its value, the baseline's, and its unit."""

    label: str
    value: str
    baseline: str
    unit: str
    why: str


def levers(comparison: Comparison, name: str) -> list[Lever]:
    """Levers in which a strategy differs from the baseline, in the order of its settings."""
    if BASELINE not in comparison.scenarios or name == BASELINE:
        return []
    mine, base = (dict(_flat(comparison.details(who)["config"])) for who in (name, BASELINE))
    declared = declared_parameters()
    found = []
    for key, value in mine.items():
        known = declared.get(key)
        if value == base.get(key) or known is None or known.kind != "lever":
            continue
        why = " ".join(str(known.why).split())
        found.append(Lever(capital(key_words(key)), said(value), said(base.get(key)), _unit(known.unit), why))
    return found


def _flat(config: Mapping[str, Any]) -> list[tuple[str, str]]:
    return [(key, value) for key, value in flattened(config) if key.partition(".")[0] not in _APART]


def _unit(unit: str) -> str:
    return "" if unit in ("rule", "switch", "option", "name", "definition") else tr(unit)


def said(text: str | None) -> str:
    """A value of the settings as people write it."""
    if text in ("True", "False"):
        return tr("on") if text == "True" else tr("off")
    try:
        return short(float(text or ""))
    except ValueError:
        return scenario_label(text) if text not in (None, "", "[]", "{}", "None") else tr("none")
