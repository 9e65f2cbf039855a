"""Where tables and progress are drawn: a console that texts cannot command."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterable
from typing import Any

from rich.console import Console, ConsoleOptions, RenderableType
from rich.padding import Padding
from rich.segment import Segment
from rich.table import Table
from rich.text import Text

from sim.cli.output import clean, say
from sim.cli.session import current

#: Columns where nobody is looking.
PLAIN_WIDTH = 160


class Screen(Console):
    """A console; a reader that has seen enough ends the command, and is no failure.

    Texts are no markup and command no terminal, wherever they come from.

    Parameters
    ----------
    **options
        Those of :class:`rich.console.Console`.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(markup=False, emoji=False, **options)

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        """Segments of ``renderable`` in which texts of files are shown and never obeyed."""
        for text, style, control in super().render(renderable, options):
            yield Segment(text if control else clean(text), style, control)

    def on_broken_pipe(self) -> None:
        """Leave it to the command line, where rich would leave with exit code 1."""
        raise BrokenPipeError


class Recorder(Screen):
    """A console whose tables and lines are kept for a program instead of drawn."""

    def print(self, *objects: Any, **options: Any) -> None:
        """Keep tables by column and row, and everything else as the lines that it would print."""
        for one in objects:
            if isinstance(one, Table):
                current().tables.append(_kept(one))
            else:
                say(_text(one))


def _kept(table: Table) -> dict[str, Any]:
    """A table as printed: title, headings, cells, caption."""
    columns = [list(column.cells) for column in table.columns]
    return {
        "title": _text(table.title or ""),
        "columns": [_text(column.header) for column in table.columns],
        "rows": [[_text(cell) for cell in row] for row in zip(*columns, strict=True)],
        "caption": _text(table.caption or ""),
    }


def _text(cell: Any) -> str:
    """What a cell or line shows, without colours."""
    if isinstance(cell, Padding):
        return _text(cell.renderable)
    return clean(cell.plain if isinstance(cell, Text) else str(cell))


def console() -> Screen:
    """Console for standard output; plain and wide where nobody is looking."""
    if current().json:
        return Recorder(width=PLAIN_WIDTH)
    looking = sys.stdout.isatty()
    width = None if looking else max(PLAIN_WIDTH, shutil.get_terminal_size((PLAIN_WIDTH, 24)).columns)
    return Screen(width=width, highlight=False, soft_wrap=False)
