"""How one command speaks: to a reader, to a program (``--json``), with less (``--quiet``), and into a log.

What verbs print passes :func:`sim.cli.output.say` or :func:`sim.cli.screen.console`; both ask here. With
``--json`` nothing is printed until the command has ended, and then one document is (:func:`document`).
"""

from __future__ import annotations

import dataclasses
import json
import math
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

#: Version of the document; it rises when something in it changes its meaning.
FORMAT = 1


@dataclass
class Session:
    """Settings of one command, and what it has said so far.

    Attributes
    ----------
    json, quiet : bool
        Whether output is for a program, and whether progress and remarks are left out.
    log : Path, optional
        File that gets a line, with its time, for everything that is said.
    verb : str
        Of the command, once it is known.
    lines, problems : list of str
        Texts for standard output; errors and warnings.
    tables : list of dict
        Tables as printed: title, columns, rows, caption.
    data : dict
        What verbs hand over in numbers.
    """

    json: bool = False
    quiet: bool = False
    log: Path | None = None
    verb: str = ""
    lines: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    tables: list[dict[str, Any]] = field(default_factory=list)
    data: dict[str, Any] = field(default_factory=dict)

    def note(self, kind: str, text: str) -> None:
        """Write into the log, if there is one."""
        if self.log is not None:
            now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
            with self.log.open("a", encoding="utf-8") as file:
                file.writelines(f"{now} {kind} {line}\n" for line in text.splitlines())


#: Of the command that runs in this process.
_current = [Session()]


def current() -> Session:
    """The session in force."""
    return _current[0]


def begin(session: Session) -> None:
    """Let a session be in force."""
    _current[0] = session


def hand_over(**data: Any) -> None:
    """Keep what a program reads of a command's result, in numbers; costs nothing without ``--json``."""
    if current().json:
        current().data.update({name: plain(value) for name, value in data.items()})


def document(verb: str, version: str, code: int) -> str:
    """All that a command said, as one JSON text."""
    session = current()
    whole = {
        "format": FORMAT,
        "liebian": version,
        "verb": verb,
        "exit_code": code,
        "data": session.data,
        "tables": session.tables,
        "lines": session.lines,
        "problems": session.problems,
    }
    return json.dumps(whole, allow_nan=False, indent=1)


def plain(value: Any) -> Any:
    """A value in JSON's types: tables as lists of rows, numbers that are none as null."""
    if hasattr(value, "to_dict") and hasattr(value, "columns"):
        return [plain(row) for row in value.to_dict("records")]
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {one.name: plain(getattr(value, one.name)) for one in dataclasses.fields(value)}
    if isinstance(value, tuple) and hasattr(value, "_asdict"):
        return plain(value._asdict())
    if isinstance(value, Mapping):
        return {str(key): plain(entry) for key, entry in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)) or hasattr(value, "tolist"):
        whole = value.tolist() if hasattr(value, "tolist") else list(value)
        return [plain(one) for one in whole] if isinstance(whole, list) else plain(whole)
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return value if value is None or isinstance(value, (bool, int, str)) else str(value)
