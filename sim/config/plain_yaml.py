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
        "is true or false to YAML",
        "write true or false, or put it in quotes",
    ),
    (r"(?i)true|false", "is true or false to YAML", "write it in small letters"),
    (r"(?i)[-+]?\.(inf|nan)", "is not a number", "write a finite number"),
    (r"[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9_]*)?", "is a number in base 60 to YAML", "put it in quotes"),
    (r"[-+]?0[0-9_]+", "is a number in base 8 to YAML", "drop the leading zero, or put it in quotes"),
    (r"[-+]?0[xXbBoO].*", "is not a decimal number", "write it in decimal"),
    (r"\?\?\?", "is a value that is missing", "write the value"),
    (r"=|<<", "has a meaning of its own to YAML", "put it in quotes"),
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
        reader.problems.append(f"{name} line {line}: not valid YAML: {error.problem}; fix that line")
    except yaml.YAMLError as error:
        reader.problems.append(f"{name}: not valid YAML: {' '.join(str(error).split())}; fix the file")
    if reader.problems:
        raise ConfigError(reader.problems)
    return Document(name, values, reader.lines)


def _text(path: Path, root: Path, name: str) -> str:
    """Content of the file, after the checks that come before parsing."""
    if not path.resolve().is_relative_to(root.resolve()):
        raise ConfigError(f"{name}: is a link that leads out of {root.name}/; copy the file there instead")
    if not path.is_file():
        raise ConfigError(f"{name}: is not a file; put a file there")
    try:
        with path.open("rb") as file:
            raw = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise ConfigError(f"{name}: cannot be read ({error.strerror}); check the file") from None
    if len(raw) > MAX_BYTES:
        raise ConfigError(f"{name}: must be at most {MAX_BYTES} bytes (it has more); shorten it")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise ConfigError(f"{name} line {line}: must be UTF-8 text; save the file as UTF-8") from None
    if header := re.search(r"(?m)^\s*#\s*@package.*$", text):
        line = text[: header.start()].count("\n") + 1
        raise ConfigError(f"{name} line {line}: '@package' is not allowed; delete that line")
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
            self.problems.append(f"{self.name}: must hold one document; delete what follows the second '---'")
        if top is not None and not isinstance(top, dict) and not self.problems:
            self.problems.append(f"{self.name}: must be lines of 'key: value'; write one key a line")
        return top if isinstance(top, dict) else {}

    def note(self, event: yaml.Event, problem: str) -> None:
        """Remember a problem with its line."""
        self.problems.append(f"{self.name} line {event.start_mark.line + 1}: {problem}")

    def node(self, event: yaml.Event, path: str, depth: int) -> Any:
        """Value that begins with ``event``."""
        if isinstance(event, yaml.AliasEvent):
            self.note(event, f"alias '*{event.anchor}' is not allowed; write the value out")
            return None
        if event.anchor is not None:
            self.note(event, f"anchor '&{event.anchor}' is not allowed; delete it and write values out")
        if event.tag is not None:
            self.note(event, f"tag '{event.tag}' is not allowed; delete it")
        if isinstance(event, yaml.ScalarEvent):
            return self.scalar(event)
        if depth == MAX_DEPTH:
            self.note(event, f"must not be nested deeper than {MAX_DEPTH} levels; flatten it")
            raise ConfigError(self.problems)
        inside = self.mapping if isinstance(event, yaml.MappingStartEvent) else self.sequence
        return inside(path, depth + 1)

    def mapping(self, path: str, depth: int) -> dict[str, Any]:
        """Entries up to the mapping's end."""
        entries: dict[str, Any] = {}
        while not isinstance(event := next(self.events), yaml.MappingEndEvent):
            key = self.key(event, path, depth)
            if key in entries:
                self.note(event, f"key '{key}' is given twice; delete one")
            where = f"{path}.{key}" if path else key
            self.lines[where] = event.start_mark.line + 1
            entries[key] = self.node(next(self.events), where, depth)
        return entries

    def key(self, event: yaml.Event, path: str, depth: int) -> str:
        """Text of a key, after checking that it is one."""
        if not isinstance(event, yaml.ScalarEvent):
            self.note(event, "a key must be a word; write 'key: value'")
            self.node(event, path, depth)
            return ""
        self.node(event, path, depth)
        if event.value.startswith("_"):
            self.note(event, f"key '{event.value}' is not allowed (configurations run no code); delete it")
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
            self.note(event, f"'{text}' must not contain '${{'; write the value itself")
        if not event.implicit[0]:
            return text
        if text in _NULL:
            return None
        if text in _BOOLEAN:
            return _BOOLEAN[text]
        for pattern, why, remedy in _SURPRISES:
            if re.fullmatch(pattern, text):
                self.note(event, f"'{text}' {why}; {remedy}")
                return text
        if _DECIMAL.fullmatch(text):
            return self.number(event)
        if re.search(r"[0-9]", text) and _NUMBERLIKE.fullmatch(text):
            self.note(event, f"'{text}' is an odd number; write it like 0.5 or 1e-3, or put it in quotes")
        return text

    def number(self, event: yaml.ScalarEvent) -> int | float:
        """Whole or decimal number of a scalar that looks like one."""
        text: str = event.value
        value = float(text)
        if len(text) > MAX_DIGITS or not math.isfinite(value):
            self.note(event, f"'{text[:MAX_DIGITS]}' is too large a number; write a smaller one")
            return 0
        return int(text) if _WHOLE.fullmatch(text) else value
