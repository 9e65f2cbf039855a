"""``liebian list``: scenarios, sections with their options, and every parameter with its source.

The lists are read from the scenario files, the option files and the parameter declarations
themselves, so that they cannot say anything else than what a run would use.
"""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from typing import Any

from rich import box
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from sim.core.errors import InputError
from sim.core.params import Declared, describe_bounds

DONE = 0
_TOPICS = ("scenarios", "sections", "parameters", "rules")
_LONGEST_DEFAULT = 60


def list_(words: Sequence[str]) -> int:
    """Print what there is to choose from."""
    from sim.cli.screen import console
    from sim.config import assumptions_table, describe_scenarios, market_sources

    topic, *rest = words or ("",)
    if topic and topic not in _TOPICS:
        raise InputError(f"list: there is nothing called '{topic}'; {_closest(topic, _TOPICS)}")
    if rest and (topic != "parameters" or len(rest) > 1):
        raise InputError(
            f"list {topic}: '{rest[-1]}' is one word too many; write 'liebian list parameters [SECTION]'"
        )
    sources = market_sources()
    out = console()
    if topic in ("", "scenarios"):
        _scenarios(out, describe_scenarios(sources))
    if topic in ("", "sections"):
        _sections(out, sources)
    if topic == "parameters":
        _parameters(out, assumptions_table(_chosen(sources.sections, rest)))
    if topic == "rules":
        _rules(out, sources.features)
    if not topic:
        out.print("Parameters of a section: liebian list parameters SECTION")
    return DONE


def _scenarios(out: Console, described: dict[str, str]) -> None:
    table = _table("Scenarios (liebian run scenario=NAME)", "Name", "What it is")
    for name, description in described.items():
        table.add_row(name, description)
    out.print(table)


def _sections(out: Console, sources: Any) -> None:
    defaults = sources.defaults()
    table = _table(
        "Sections (SECTION=OPTION, SECTION.KEY=VALUE)", "Section", "Options (* default)", "Parameters"
    )
    for name, model in sources.sections.items():
        options = [
            f"{option}*" if option == defaults.get(name) else option for option in sources.options(name)
        ]
        table.add_row(name, ", ".join(options) or "–", str(len(model.model_fields)))
    out.print(table)


def _rules(out: Console, features: Sequence[Any]) -> None:
    """What instruments read, who watches and answers, who works, and what may strike."""
    from sim.registry import open_kinds

    for title, headings, rows in open_kinds(features):
        table = _table(title, *headings)
        for row in rows:
            table.add_row(*row)
        out.print(table)


def _parameters(out: Console, rows: list[Declared]) -> None:
    """Two lines a parameter: what may be written, and what it means."""
    for row in rows:
        bounds = describe_bounds(row.bounds) if row.bounds else ", ".join(str(c) for c in row.choices)
        span = [f"plausibly {row.span[0]:g} to {row.span[1]:g}"] if row.span else []
        facts = [row.unit, *([bounds] if bounds else []), *span, row.kind, row.source]
        out.print(
            Text.assemble((f"{row.path}={_short(row.default)}", "bold"), f"  {' | '.join(facts)}"),
            soft_wrap=True,
        )
        if row.why:
            out.print(Padding(Text(row.why), (0, 0, 0, 4)), soft_wrap=True)


def _short(default: Any) -> str:
    text = str(default)
    return text if len(text) <= _LONGEST_DEFAULT else f"{text[:_LONGEST_DEFAULT]}..."


def _chosen(sections: Any, names: Sequence[str]) -> dict[str, Any]:
    unknown = [name for name in names if name not in sections]
    if unknown:
        raise InputError(
            f"list parameters: there is no section '{unknown[0]}'; {_closest(unknown[0], sections)}"
        )
    return {name: model for name, model in sections.items() if not names or name in names}


def _table(title: str, *headings: str) -> Table:
    table = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD)
    for index, heading in enumerate(headings):
        table.add_column(heading, no_wrap=index == 0, overflow="fold")
    return table


def _closest(word: str, valid: Any) -> str:
    close = difflib.get_close_matches(word, list(valid), n=1)
    listed = f"choose one of: {', '.join(valid)}"
    return f"did you mean '{close[0]}'? ({listed})" if close else listed
