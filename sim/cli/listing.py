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

from sim.cli.session import hand_over
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
    if rest and topic != "parameters":
        raise InputError(
            f"list {topic}: '{rest[-1]}' is one word too many; write 'liebian list parameters [QUERY]'"
        )
    sources = market_sources()
    out = console()
    if topic in ("", "scenarios"):
        described = describe_scenarios(sources)
        hand_over(scenarios=described)
        _scenarios(out, described)
    if topic in ("", "sections"):
        hand_over(
            sections={
                name: {"options": sources.options(name), "default": sources.defaults().get(name)}
                for name in sources.sections
            }
        )
        _sections(out, sources)
    if topic == "parameters":
        found = chosen(assumptions_table(sources.sections), rest, list(sources.sections))
        hand_over(parameters=found)
        _parameters(out, found)
    if topic == "rules":
        _rules(out, sources.features)
    if not topic:
        out.print("Parameters of a section, or with some words in them: liebian list parameters QUERY")
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


def chosen(rows: Sequence[Declared], words: Sequence[str], sections: Sequence[str]) -> list[Declared]:
    """Parameters of a section, or those whose key, text, unit or source hold every word of a query.

    Parameters
    ----------
    rows : sequence of Declared
        All parameters.
    words : sequence of str
        A section, a key, or words; none chooses all. Capitals do not matter.
    sections : sequence of str
        Names of sections, for a word that is none and finds nothing.

    Raises
    ------
    InputError
        If nothing is found.
    """
    if len(words) == 1 and words[0] in sections:
        return [row for row in rows if row.path.partition(".")[0] == words[0]]
    if exact := [row for row in rows if [row.path] == list(words)]:
        return exact
    found = [row for row in rows if all(word.lower() in _searched(row) for word in words)]
    if not found:
        query = " ".join(words)
        raise InputError(
            f"list parameters: no key, text, unit or source has '{query}'; {_instead(query, sections)}"
        )
    return found


def _instead(query: str, sections: Sequence[str]) -> str:
    """What to write instead of a query that finds nothing."""
    close = difflib.get_close_matches(query, sections, n=1)
    meant = f"did you mean the section '{close[0]}'? " if close else ""
    return f"{meant}write fewer words, or a section of 'liebian list sections'"


def _searched(row: Declared) -> str:
    """What a query looks through."""
    return " ".join([row.path, row.why, row.unit, row.kind, row.source, *map(str, row.choices)]).lower()


def _table(title: str, *headings: str) -> Table:
    table = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD)
    for index, heading in enumerate(headings):
        table.add_column(heading, no_wrap=index == 0, overflow="fold")
    return table


def _closest(word: str, valid: Any) -> str:
    close = difflib.get_close_matches(word, list(valid), n=1)
    listed = f"choose one of: {', '.join(valid)}"
    return f"did you mean '{close[0]}'? ({listed})" if close else listed
