"""The one line that refuses a user's table: file, line, column, rule, value and remedy."""

from __future__ import annotations

from pathlib import Path

from sim.core.errors import InputError
from sim.core.language import tr

#: Letters of a cell that a message shows.
_SHOWN = 40


class TableError(InputError):
    """A user's table is missing, unreadable or holds what it must not."""


def shown(text: str) -> str:
    """A piece of a file as errors show it: short, on one line and printable."""
    plain = "".join(c if c.isprintable() else " " for c in text.strip())
    return f"'{plain[:_SHOWN]}…'" if len(plain) > _SHOWN else f"'{plain}'"


def refusal(
    path: Path, rule: str, found: str, remedy: str, line: int | None = None, column: str | None = None
) -> TableError:
    """The error that refuses a table.

    Parameters
    ----------
    path : Path
        The file, as the user named it.
    rule, found, remedy : str
        What must hold, what stands there, and what to do.
    line : int, optional
        Counted from 1, the header included.
    column : str, optional
        Name in the header.
    """
    where = str(path)
    if line is not None:
        where += tr(", line {line}", line=line)
    if column is not None:
        where += tr(", column {column}", column=column)
    return TableError(
        tr("{where}: {rule} (found {found}); {remedy}", where=where, rule=rule, found=found, remedy=remedy)
    )
