"""Where tables and progress are drawn: a console that texts cannot command."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterable
from typing import Any

from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment

from sim.cli.output import clean

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


def console() -> Screen:
    """Console for standard output; plain and wide where nobody is looking."""
    looking = sys.stdout.isatty()
    width = None if looking else max(PLAIN_WIDTH, shutil.get_terminal_size((PLAIN_WIDTH, 24)).columns)
    return Screen(width=width, highlight=False, soft_wrap=False)
