"""How far a command has come: a bar where somebody watches, plain lines where nobody does.

Only the process that the user started draws; workers report through the results they finish.
Everything goes to standard error, so that standard output holds results and nothing else.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from sim.cli.output import say
from sim.cli.screen import Screen
from sim.cli.session import current
from sim.core.language import tr


class RunProgress:
    """Counts finished runs of a command.

    Parameters
    ----------
    total : int
        Runs to come.
    """

    def __init__(self, total: int) -> None:
        self.total = total
        self.done = 0
        self._began = time.monotonic()
        self._bar = (
            Progress(
                TextColumn("{task.description}", markup=False),
                BarColumn(),
                MofNCompleteColumn(),
                TimeElapsedColumn(),
                console=Screen(stderr=True),
                transient=True,
            )
            if sys.stderr.isatty() and not current().quiet
            else None
        )
        self._task = self._bar.add_task(tr("burning in the first world"), total=total) if self._bar else None

    def __enter__(self) -> RunProgress:
        """Begin to draw."""
        from sim.core.jit import tell_if_cold

        tell_if_cold()
        if self._bar:
            self._bar.start()
        else:
            _say(
                tr(
                    "{total} runs to simulate, unless they are stored; worlds are burnt in first, unless "
                    "they are cached",
                    total=self.total,
                )
            )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop drawing, whatever happened."""
        if self._bar:
            self._bar.stop()

    @contextmanager
    def aside(self) -> Iterator[None]:
        """Take the bar away while something else is printed."""
        if self._bar:
            self._bar.stop()
        yield
        if self._bar:
            self._bar.start()

    def finished(self, scenario: str, replication: int) -> None:
        """Count one finished run."""
        self.done += 1
        seconds = time.monotonic() - self._began
        line = tr(
            "[{done}/{total}] {scenario}, world {replication} ({seconds:.0f} s)",
            done=self.done,
            total=self.total,
            scenario=scenario,
            replication=replication,
            seconds=seconds,
        )
        if self._bar and self._task is not None:
            self._bar.update(
                self._task,
                advance=1,
                description=tr("{scenario}, world {replication}", scenario=scenario, replication=replication),
            )
            current().note("progress", line)
        else:
            _say(line)


def _say(line: str) -> None:
    say(line, file=sys.stderr, flush=True)
