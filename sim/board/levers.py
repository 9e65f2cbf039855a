"""What the operator can set, as fields of a form: read from the declarations of the parameters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sim.config import SETTINGS, Sources, assumptions_table
from sim.core.language import tr
from sim.core.params import Declared, describe_bounds
from sim.report.sentences import key_words

#: Levers that the board shows in a form of their own, or that say what may change.
_ELSEWHERE = ("plan.", "graph.", "business.")


@dataclass(frozen=True)
class Field:
    """One lever of a form.

    Attributes
    ----------
    key : str
        Dotted key, ``incentive.invite_reward``.
    default : bool, int, float or str
        What holds if nothing is said.
    unit, why, source : str
        As declared.
    low, high : float, optional
        Bounds of a number, both included.
    choices : tuple of str
        Values that a text may take; empty for numbers and switches.
    span : tuple of float, optional
        Range that a plan would consider.
    """

    key: str
    default: Any
    unit: str
    why: str
    source: str
    low: float | None = None
    high: float | None = None
    choices: tuple[str, ...] = ()
    span: tuple[float, float] | None = None

    @property
    def section(self) -> str:
        """Section that it belongs to."""
        return self.key.partition(".")[0]

    @property
    def label(self) -> str:
        """What stands over it: key in words, and unit."""
        return f"{key_words(self.key)} ({tr(self.unit)})"

    @property
    def help(self) -> str:
        """What it means, what may be written, what plans consider, and where the number is from."""
        bounds = {"ge": self.low, "le": self.high}
        known = {side: value for side, value in bounds.items() if value is not None}
        lines = [
            self.why,
            tr("Allowed: {describe_bounds}.", describe_bounds=describe_bounds(known, self.unit))
            if known
            else "",
        ]
        if self.span:
            lines.append(tr("Plans consider {span:g} to {span2:g}.", span=self.span[0], span2=self.span[1]))
        return " ".join(
            filter(None, [*lines, tr("Source: {source}. Key: {key}.", source=self.source, key=self.key)])
        )


def fields(sources: Sources, *, defaults: dict[str, Any] | None = None) -> list[Field]:
    """Every lever of a strategy that is a number, a switch or a choice, in the order of declaration.

    Parameters
    ----------
    sources : Sources
        What may be composed.
    defaults : dict, optional
        Dotted key -> value in force under the strategy that is edited, in place of the declared default.

    Returns
    -------
    list of Field
    """
    known = defaults or {}
    return [
        _field(row, known.get(row.path, row.default))
        for row in assumptions_table(sources.sections)
        if row.kind == "lever" and _shown(row)
    ]


def in_force(config: Any, sources: Sources) -> dict[str, Any]:
    """Dotted key -> value of every number, switch and choice of a composed configuration."""
    return {
        f"{section}.{path}": value
        for section in sources.sections
        for path, value in _flat(config.section(section).model_dump())
    }


def found(every: Sequence[Field], query: str) -> list[Field]:
    """Those in whose key, label, text, unit or source all words of a query stand; all for an empty query."""
    words = query.lower().split()
    return [one for one in every if all(word in _text(one) for word in words)]


def _text(one: Field) -> str:
    return f"{one.key} {one.key.replace('_', ' ')} {one.why} {one.unit} {one.source} {one.label}".lower()


def _shown(row: Declared) -> bool:
    section = row.path.partition(".")[0]
    simple = isinstance(row.default, (bool, int, float)) or (isinstance(row.default, str) and row.choices)
    return bool(simple) and section not in SETTINGS and not row.path.startswith(_ELSEWHERE)


def _field(row: Declared, value: Any) -> Field:
    """A declared lever as a field; bounds that are not included are left to the check before a run."""
    bounds = row.bounds
    return Field(
        row.path,
        value,
        row.unit,
        row.why,
        row.source,
        bounds.get("ge", bounds.get("gt")),
        bounds.get("le", bounds.get("lt")),
        tuple(row.choices) if isinstance(row.default, str) else (),
        row.span,
    )


def _flat(values: dict[str, Any], prefix: str = "") -> list[tuple[str, Any]]:
    found = []
    for key, value in values.items():
        if isinstance(value, dict):
            found += _flat(value, f"{prefix}{key}.")
        else:
            found.append((f"{prefix}{key}", value))
    return found
