"""YAML reduced to what a configuration needs: mappings, lists, numbers, words, true, false and null.

The file is read as parser events, so nothing in it can build an object, expand an alias or
reach outside. Everything whose meaning surprises people (``yes``, ``12:30``, ``010``,
``.inf``, ``${...}``, a key given twice) is refused with its line and what to write instead.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from sim.core.errors import ConfigError
from sim.core.language import mark, tr

MAX_BYTES = 64 * 1024
MAX_DEPTH = 8
MAX_DIGITS = 40

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_NULL = {"", "~", "null", "Null", "NULL"}
_BOOLEAN = {"true": True, "True": True, "false": False, "False": False}
_DIGITS = r"[0-9]+(_[0-9]+)*"
_WHOLE = re.compile(rf"[-+]?(0|[1-9](_?{_DIGITS})?)")
_DECIMAL = re.compile(rf"[-+]?{_DIGITS}(\.({_DIGITS})?)?([eE][-+]?[0-9]+)?|\.{_DIGITS}")
#: Looks like a number to some reader of YAML.
_NUMBERLIKE = re.compile(r"[-+]?[0-9.][0-9_.]*([eE][-+]?[0-9_]*)?")

#: What a plain word may not look like, why, and what to do about it.
_SURPRISES = (
    (
        r"(?i)yes|no|on|off",
        mark("is true or false to YAML"),
        mark("write true or false, or put it in quotes"),
    ),
    (r"(?i)true|false", mark("is true or false to YAML"), mark("write it in small letters")),
    (r"(?i)[-+]?\.(inf|nan)", mark("is not a number"), mark("write a finite number")),
    (
        r"[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9_]*)?",
        mark("is a number in base 60 to YAML"),
        mark("put it in quotes"),
    ),
    (
        r"[-+]?0[0-9_]+",
        mark("is a number in base 8 to YAML"),
        mark("drop the leading zero, or put it in quotes"),
    ),
    (r"[-+]?0[xXbBoO].*", mark("is not a decimal number"), mark("write it in decimal")),
    (r"\?\?\?", mark("is a value that is missing"), mark("write the value")),
    (r"=|<<", mark("has a meaning of its own to YAML"), mark("put it in quotes")),
)


@dataclass
class Document:
    """One file: its values, and the line on which each dotted key stands."""

    name: str
    values: dict[str, Any]
    lines: dict[str, int] = field(default_factory=dict)


def read(path: Path, root: Path) -> Document:
    """Read one file that must lie inside ``root``.

    Parameters
    ----------
    path, root : Path
        The file, and the folder (``conf/`` or ``scenarios/``) it may not leave.

    Raises
    ------
    ConfigError
        One line per problem, each naming file, line, rule, value and remedy.
    """
    name = f"{root.name.lstrip('_')}/{path.relative_to(root).as_posix()}"
    text = _text(path, root, name)
    reader = _Reader(name)
    try:
        values = reader.document(yaml.parse(text, Loader=_LOADER))
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        reader.problems.append(
            tr(
                "{name} line {line}: not valid YAML: {problem}; fix that line",
                name=name,
                line=line,
                problem=error.problem,
            )
        )
    except yaml.YAMLError as error:
        reader.problems.append(
            tr("{name}: not valid YAML: {split}; fix the file", name=name, split=" ".join(str(error).split()))
        )
    if reader.problems:
        raise ConfigError(reader.problems)
    return Document(name, values, reader.lines)


def _inside(path: Path, root: Path) -> bool:
    """Whether a file lies in a folder, links followed; one that leads to itself leads nowhere."""
    try:
        return path.resolve().is_relative_to(root.resolve())
    except (OSError, RuntimeError):
        return True


def _text(path: Path, root: Path, name: str) -> str:
    """Content of the file, after the checks that come before parsing."""
    if not _inside(path, root):
        raise ConfigError(
            tr(
                "{name}: is a link that leads out of {name2}/; copy the file there instead",
                name=name,
                name2=root.name,
            )
        )
    if not path.is_file():
        raise ConfigError(tr("{name}: is not a file; put a file there", name=name))
    try:
        with path.open("rb") as file:
            raw = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise ConfigError(
            tr("{name}: cannot be read ({strerror}); check the file", name=name, strerror=error.strerror)
        ) from None
    if len(raw) > MAX_BYTES:
        raise ConfigError(
            tr(
                "{name}: must be at most {max_bytes} bytes (it has more); shorten it",
                name=name,
                max_bytes=MAX_BYTES,
            )
        )
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise ConfigError(
            tr("{name} line {line}: must be UTF-8 text; save the file as UTF-8", name=name, line=line)
        ) from None
    if header := re.search(r"(?m)^\s*#\s*@package.*$", text):
        line = text[: header.start()].count("\n") + 1
        raise ConfigError(
            tr("{name} line {line}: '@package' is not allowed; delete that line", name=name, line=line)
        )
    return text


class _Reader:
    """Builds plain values from YAML events and notes every problem on the way."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.problems: list[str] = []
        self.lines: dict[str, int] = {}

    def document(self, events: Iterator[yaml.Event]) -> dict[str, Any]:
        """Mapping at the top of the file; an empty file is an empty mapping."""
        self.events = events
        next(events)
        first = next(events)
        if isinstance(first, yaml.StreamEndEvent):
            return {}
        top = self.node(next(events), "", 0)
        next(events)
        if not isinstance(next(events), yaml.StreamEndEvent):
            self.problems.append(
                tr("{name}: must hold one document; delete what follows the second '---'", name=self.name)
            )
        if top is not None and not isinstance(top, dict) and not self.problems:
            self.problems.append(
                tr("{name}: must be lines of 'key: value'; write one key a line", name=self.name)
            )
        return top if isinstance(top, dict) else {}

    def note(self, event: yaml.Event, problem: str) -> None:
        """Remember a problem with its line."""
        self.problems.append(
            tr(
                "{name} line {line}: {problem}",
                name=self.name,
                line=event.start_mark.line + 1,
                problem=problem,
            )
        )

    def node(self, event: yaml.Event, path: str, depth: int) -> Any:
        """Value that begins with ``event``."""
        if isinstance(event, yaml.AliasEvent):
            self.note(event, tr("alias '*{anchor}' is not allowed; write the value out", anchor=event.anchor))
            return None
        if event.anchor is not None:
            self.note(
                event,
                tr("anchor '&{anchor}' is not allowed; delete it and write values out", anchor=event.anchor),
            )
        if event.tag is not None:
            self.note(event, tr("tag '{tag}' is not allowed; delete it", tag=event.tag))
        if isinstance(event, yaml.ScalarEvent):
            return self.scalar(event)
        if depth == MAX_DEPTH:
            self.note(
                event,
                tr("must not be nested deeper than {max_depth} levels; flatten it", max_depth=MAX_DEPTH),
            )
            raise ConfigError(self.problems)
        inside = self.mapping if isinstance(event, yaml.MappingStartEvent) else self.sequence
        return inside(path, depth + 1)

    def mapping(self, path: str, depth: int) -> dict[str, Any]:
        """Entries up to the mapping's end."""
        entries: dict[str, Any] = {}
        while not isinstance(event := next(self.events), yaml.MappingEndEvent):
            key = self.key(event, path, depth)
            if key in entries:
                self.note(event, tr("key '{key}' is given twice; delete one", key=key))
            where = f"{path}.{key}" if path else key
            self.lines[where] = event.start_mark.line + 1
            entries[key] = self.node(next(self.events), where, depth)
        return entries

    def key(self, event: yaml.Event, path: str, depth: int) -> str:
        """Text of a key, after checking that it is one."""
        if not isinstance(event, yaml.ScalarEvent):
            self.note(event, tr("a key must be a word; write 'key: value'"))
            self.node(event, path, depth)
            return ""
        self.node(event, path, depth)
        if event.value.startswith("_"):
            self.note(
                event,
                tr("key '{value}' is not allowed (configurations run no code); delete it", value=event.value),
            )
        return str(event.value)

    def sequence(self, path: str, depth: int) -> list[Any]:
        """Entries up to the list's end."""
        entries: list[Any] = []
        while not isinstance(event := next(self.events), yaml.SequenceEndEvent):
            entries.append(self.node(event, f"{path}.{len(entries)}", depth))
        return entries

    def scalar(self, event: yaml.ScalarEvent) -> Any:
        """Number, word, true, false or null."""
        text: str = event.value
        if "${" in text:
            self.note(event, tr("'{text}' must not contain '${{'; write the value itself", text=text))
        if not event.implicit[0]:
            return text
        if text in _NULL:
            return None
        if text in _BOOLEAN:
            return _BOOLEAN[text]
        for pattern, why, remedy in _SURPRISES:
            if re.fullmatch(pattern, text):
                self.note(event, tr("'{text}' {why}; {remedy}", text=text, why=tr(why), remedy=tr(remedy)))
                return text
        if _DECIMAL.fullmatch(text):
            return self.number(event)
        if re.search(r"[0-9]", text) and _NUMBERLIKE.fullmatch(text):
            self.note(
                event,
                tr("'{text}' is an odd number; write it like 0.5 or 1e-3, or put it in quotes", text=text),
            )
        return text

    def number(self, event: yaml.ScalarEvent) -> int | float:
        """Whole or decimal number of a scalar that looks like one."""
        text: str = event.value
        value = float(text)
        if len(text) > MAX_DIGITS or not math.isfinite(value):
            self.note(
                event, tr("'{text}' is too large a number; write a smaller one", text=text[:MAX_DIGITS])
            )
            return 0
        return int(text) if _WHOLE.fullmatch(text) else value
