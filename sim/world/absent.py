"""People who have left and may come back: their columns as rows that grow and shrink in place."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np


class Absent(Mapping[str, np.ndarray]):
    """Columns of the absent, by name, one row each; rows are in no order.

    Whoever leaves is written behind the last row; the place of whoever comes back is taken by
    somebody from the end. So a day costs what it moves, however many have left over the years.

    Parameters
    ----------
    columns : mapping of str to array, optional
        Rows to begin with; ``id`` must be among them if there are any.
    """

    def __init__(self, columns: Mapping[str, np.ndarray] | None = None) -> None:
        self._columns = {name: np.array(values) for name, values in (columns or {}).items()}
        self.number = len(self._columns["id"]) if self._columns else 0

    def __getitem__(self, name: str) -> np.ndarray:
        return self._columns[name][: self.number]

    def __iter__(self) -> Iterator[str]:
        return iter(self._columns)

    def __len__(self) -> int:
        """How many columns there are; ``number`` says how many people."""
        return len(self._columns)

    def add_column(self, name: str, values: np.ndarray) -> None:
        """A further column, one value (or row of values) for each of the absent."""
        room = len(self._columns["id"]) - self.number
        self._columns[name] = np.concatenate([values, np.zeros((room, *values.shape[1:]), values.dtype)])

    def receive(self, people: Mapping[str, np.ndarray], seats: np.ndarray) -> None:
        """Write down who leaves these seats."""
        end = self.number + len(seats)
        for name, column in people.items():
            own = self._columns.get(name)
            if own is None or len(own) < end:
                self._columns[name] = own = self._grown(own, column, end)
            own[self.number : end] = column[seats]
        self.number = end

    def _grown(self, own: np.ndarray | None, column: np.ndarray, end: int) -> np.ndarray:
        new = np.zeros((max(64, 2 * end), *column.shape[1:]), column.dtype)
        if own is not None:
            new[: self.number] = own[: self.number]
        return new

    def release(self, people: Mapping[str, np.ndarray], rows: np.ndarray, seats: np.ndarray) -> None:
        """Put the people of these rows on seats, and strike them off."""
        last = self.number - len(rows)
        stays = np.ones(len(rows), bool)
        stays[rows[rows >= last] - last] = False
        gaps, movers = np.sort(rows[rows < last]), last + np.flatnonzero(stays)
        for name, column in people.items():
            own = self._columns[name]
            column[seats] = own[rows]
            own[gaps] = own[movers]
        self.number = last
