"""Lists of pairs of which only some are ties: a column beside the ids says 0 or 1."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from sim.core.language import tr
from sim.network.files.columns import Columns
from sim.network.files.headers import says_whether_tied
from sim.network.files.ties import refusal, shown

_ANSWERS = dict.fromkeys(["0", "0.0", "false", "no", "n", "否"], False)
_ANSWERS |= dict.fromkeys(["1", "1.0", "true", "yes", "y", "是"], True)


class Flags:
    """What columns that may say yes and no have held.

    Parameters
    ----------
    columns : Columns
        Those of the two people and the weight are no such columns. Under a header, columns whose name speaks
        of the tie may be; without one, a single third column.
    """

    def __init__(self, columns: Columns) -> None:
        taken = (columns.source, columns.target, columns.weight)
        beside = [j for j in range(columns.count) if j not in taken]
        if columns.header:
            beside = [j for j in beside if says_whether_tied(columns.header[j])]
        elif len(beside) > 1:
            beside = []
        self.columns = columns
        self.held: dict[int, set[bool]] = {j: set() for j in beside}

    def note(self, fields: Sequence[str]) -> None:
        """A line's fields."""
        for j in tuple(self.held):
            answer = _ANSWERS.get(fields[j].strip().casefold())
            if answer is None:
                del self.held[j]
            else:
                self.held[j].add(answer)

    def note_numbers(self, block: np.ndarray) -> None:
        """int64[lines, count]: the fields of many lines."""
        for j in tuple(self.held):
            if block[:, j].max() > 1:
                del self.held[j]
            else:
                self.held[j] |= {bool(block[:, j].min()), bool(block[:, j].max())}

    def refuse(self, path: Path) -> None:
        """Refuse a table in which some pairs are said to be no ties.

        Raises
        ------
        GraphFileError
            If a column held both answers and nothing else.
        """
        for j, answers in self.held.items():
            if len(answers) == 2:
                header = self.columns.header
                column = tr("column {value}", value=j + 1) + (f", {shown(header[j])}," if header else "")
                rule = tr("every line must be a tie, and a column seems to say which are")
                remedy = tr("keep the lines that are ties, and leave the column out")
                raise refusal(path, None, rule, tr("0 and 1 in {value}", value=column.rstrip(",")), remedy)
