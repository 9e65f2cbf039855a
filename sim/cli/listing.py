"""``liebian list``: scenarios, sections with their options, and every parameter with its source.

The lists come from the scenario files, the option files and the parameter declarations
themselves (:mod:`sim.cli.listed`), so that they cannot say anything else than what a run would use.
"""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from typing import Any, Protocol

from rich import box
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from sim.cli import listed
from sim.cli.listed import Parameter
from sim.cli.session import hand_over
from sim.core.errors import InputError
from sim.core.language import tr

DONE = 0
_TOPICS = ("scenarios", "sections", "parameters", "rules")
_LONGEST_DEFAULT = 60


def list_(words: Sequence[str]) -> int:
    """Print what there is to choose from."""
    from sim.cli.screen import console

    topic, *rest = words or ("",)
    if topic and topic not in _TOPICS:
        raise InputError(
            tr(
                "list: there is nothing called '{topic}'; {closest}",
                topic=topic,
                closest=_closest(topic, _TOPICS),
            )
        )
    if rest and topic != "parameters":
        raise InputError(
            tr(
                "list {topic}: '{rest}' is one word too many; write 'liebian list parameters [QUERY]'",
                topic=topic,
                rest=rest[-1],
            )
        )
    out = console()
    if topic in ("", "scenarios"):
        described = listed.scenarios()
        hand_over(scenarios=described)
        _scenarios(out, described)
    if topic in ("", "sections"):
        sections = listed.sections()
        hand_over(
            sections={
                name: {key: one[key] for key in ("options", "default")} for name, one in sections.items()
            }
        )
        _sections(out, sections)
    if topic == "parameters":
        found = chosen(listed.parameters(), rest, list(listed.sections()))
        hand_over(parameters=[one.plain for one in found])
        _parameters(out, found)
    if topic == "rules":
        kinds = listed.rules()
        hand_over(rules=[_kind(*one) for one in kinds])
        _rules(out, kinds)
    if not topic:
        out.print(tr("Parameters of a section, or with some words in them: liebian list parameters QUERY"))
    return DONE


def _scenarios(out: Console, described: dict[str, str]) -> None:
    table = _table(tr("Scenarios (liebian run scenario=NAME)"), tr("Name"), tr("What it is"))
    for name, description in described.items():
        table.add_row(name, tr(description))
    out.print(table)


def _sections(out: Console, sections: dict[str, dict[str, Any]]) -> None:
    table = _table(
        tr("Sections (SECTION=OPTION, SECTION.KEY=VALUE)"),
        tr("Section"),
        tr("Options (* default)"),
        tr("Parameters"),
    )
    for name, one in sections.items():
        options = [f"{option}*" if option == one["default"] else option for option in one["options"]]
        table.add_row(name, ", ".join(options) or "–", str(one["parameters"]))
    out.print(table)


def _kind(title: str, headings: list[str], rows: list[list[str]]) -> dict[str, Any]:
    """One open kind of parts for machines: what it is called, and each part by its headings."""
    return {"kind": title, "parts": [dict(zip(headings, row, strict=True)) for row in rows]}


def _rules(out: Console, kinds: list[tuple[str, list[str], list[list[str]]]]) -> None:
    """What instruments read, who watches and answers, who works, and what may strike."""
    for title, headings, rows in kinds:
        table = _table(tr(title), *map(tr, headings))
        for name, *texts in rows:
            table.add_row(name, *map(tr, texts))
        out.print(table)


def _parameters(out: Console, rows: list[Parameter]) -> None:
    """What may be written, on a line, and below it what it means, on as many as that takes."""
    for row in rows:
        said = [_bounds(row) or ", ".join(row.choices), _span(row)]
        facts = [tr(row.unit), *(one for one in said if one), tr(row.kind), row.source]
        out.print(
            Text.assemble((f"{row.path}={_short(row.default)}", "bold"), f"  {' | '.join(facts)}"),
            soft_wrap=True,
        )
        if row.why:
            out.print(Padding(Text(row.why), (0, 0, 0, 4), expand=False))


def _bounds(row: Parameter) -> str:
    """What is allowed, in the language in force: what is kept is English."""
    from sim.core.params import describe_bounds

    return describe_bounds(row.plain["bounds"]) if row.bounds else ""


def _span(row: Parameter) -> str:
    """The range that is plausible."""
    if not row.span:
        return ""
    low, high = row.plain["span"]
    return tr("plausibly {span:g} to {span2:g}", span=low, span2=high)


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST_DEFAULT else f"{text[:_LONGEST_DEFAULT]}..."


class Searched(Protocol):
    """What a query looks through: a declared parameter, or what is told of one."""

    @property
    def path(self) -> str:
        """``section.key``."""
        ...

    @property
    def why(self) -> str:
        """What it means."""
        ...

    @property
    def unit(self) -> str:
        """Its unit."""
        ...

    @property
    def kind(self) -> str:
        """Lever, uncertainty or constant."""
        ...

    @property
    def source(self) -> str:
        """Where its value comes from."""
        ...

    @property
    def choices(self) -> Sequence[Any]:
        """What may be written, if that is a choice."""
        ...


def chosen[Row: Searched](rows: Sequence[Row], words: Sequence[str], sections: Sequence[str]) -> list[Row]:
    """Parameters of a section, or those whose key, text, unit or source hold every word of a query.

    Parameters
    ----------
    rows : sequence of Parameter, or of Declared
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
            tr(
                "list parameters: no key, text, unit or source has '{query}'; {instead}",
                query=query,
                instead=_instead(query, sections),
            )
        )
    return found


def _instead(query: str, sections: Sequence[str]) -> str:
    """What to write instead of a query that finds nothing."""
    close = difflib.get_close_matches(query, sections, n=1)
    meant = tr("did you mean the section '{close}'? ", close=close[0]) if close else ""
    return tr("{meant}write fewer words, or a section of 'liebian list sections'", meant=meant)


def _searched(row: Searched) -> str:
    """What a query looks through."""
    return " ".join([row.path, row.why, row.unit, row.kind, row.source, *map(str, row.choices)]).lower()


def _table(title: str, *headings: str) -> Table:
    table = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD)
    for index, heading in enumerate(headings):
        table.add_column(heading, no_wrap=index == 0, overflow="fold")
    return table


def _closest(word: str, valid: Any) -> str:
    close = difflib.get_close_matches(word, list(valid), n=1)
    listed = tr("choose one of: {valid}", valid=", ".join(valid))
    return tr("did you mean '{close}'? ({listed})", close=close[0], listed=listed) if close else listed
