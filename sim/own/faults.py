"""All that is wrong with a user's tables, told line by line up to a stated number."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from sim.calibration.files.refusal import refusal, shown
from sim.core.errors import InputError
from sim.core.language import tr

#: Faults that one command tells; the rest are counted.
MOST = 20


@dataclass
class Faults:
    """Faults of one file.

    Attributes
    ----------
    path : Path
        The file, as the user named it.
    found : list of (line, text)
        Line in the file (0: the whole of it) and the line that tells the fault.
    """

    path: Path
    found: list[tuple[int, str]] = field(default_factory=list)
    _counts: Counter[str] = field(default_factory=Counter)

    def add(
        self, rule: str, cell: str, remedy: str, line: int | None = None, column: str | None = None
    ) -> None:
        """Note one fault.

        Parameters
        ----------
        rule, remedy : str
            What must hold, and what to do.
        cell : str
            What stands there; empty for an empty cell.
        line, column : int, str, optional
            Where.
        """
        place = column or ""
        self._counts[place] += 1
        if self._counts[place] <= MOST:  # a column is looked at from its first line to its last
            told = shown(cell) if cell else tr("an empty cell")
            error = refusal(self.path, rule, told, remedy, line, column)
            self.found.append((line or 0, error.problems[0]))

    @property
    def count(self) -> int:
        """How many there are."""
        return self._counts.total()

    def refuse(self, error: InputError) -> None:
        """Note what a reader refuses of the file as a whole."""
        self._counts[""] += 1
        self.found.append((0, error.problems[0]))


def told(files: list[Faults]) -> list[str]:
    """Lines for the user, in the order of files and their lines, and how many more there are."""
    every = [text for one in files for _, text in sorted(one.found, key=lambda fault: fault[0])]
    total = sum(one.count for one in files)
    if total <= MOST:
        return every
    return [
        *every[:MOST],
        tr(
            "and {more:,} more faults; the first {most} are shown, correct these first",
            more=total - MOST,
            most=MOST,
        ),
    ]
