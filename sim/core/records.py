"""Records: events in columns, appended in the order they happen, and kept.

A :class:`Table` is a growable set of equally long NumPy columns. Mechanisms append blocks of
rows and read slices as views; two columns are settled later (the group that an order filled,
the verdict on an invited account). A row number is a handle valid within one run; identities
that must survive a snapshot or a relabelling are ids. A long table lies in temporary files
(:mod:`sim.core.long_columns`), of which memory holds the rows of the day.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from sim.core.long_columns import LongColumn

#: Bytes up to which a table is held in memory whole.
IN_MEMORY = 2**26


class Table:
    """One kind of event.

    Parameters
    ----------
    name : str
        Plural noun: ``visits``, ``orders``.
    schema : mapping of str to (dtype, str)
        Column name -> (NumPy dtype, one-line meaning with unit).

    Attributes
    ----------
    n : int
        Number of rows.
    cleared : int
        How often all rows have been forgotten; row numbers hold as long as it stays the same.
    """

    __slots__ = ("_columns", "_day_start", "_files", "_names", "capacity", "cleared", "n", "name", "schema")

    def __init__(self, name: str, schema: Mapping[str, tuple[str, str]]) -> None:
        self.name = name
        self.schema = dict(schema)
        self._names = self.schema.keys()
        self.capacity = 256
        self.cleared = 0
        self.n = 0
        self._columns = {c: np.empty(self.capacity, dtype) for c, (dtype, _) in self.schema.items()}
        self._files: dict[str, LongColumn] = {}
        self._day_start = 0

    def __len__(self) -> int:
        return self.n

    def __getitem__(self, column: str) -> np.ndarray:
        """All rows of ``column`` as a view."""
        return self._columns[column][: self.n]

    def append(self, **columns: np.ndarray | float | str) -> slice:
        """Append a block of rows and return its slice.

        Every column of the schema must be given; scalars are repeated. The block's length is
        that of the first array among them (a call with only scalars appends one row).

        Raises
        ------
        KeyError
            If a column is missing or unknown.
        """
        if columns.keys() != self._names:
            wrong = sorted(columns.keys() ^ self.schema.keys())
            raise KeyError(f"{self.name}: columns missing or unknown: {wrong}")
        size = _length(columns)
        rows = slice(self.n, self.n + (1 if size is None else size))
        if not size and size is not None:
            return rows
        if rows.stop > self.capacity:
            self._grow(rows.stop)
        into = self.n if size is None else rows  # a single cell is written faster than a slice of one
        kept = self._columns
        for name, values in columns.items():
            kept[name][into] = values
        self.n = rows.stop
        return rows

    @property
    def row_bytes(self) -> int:
        """Bytes of one row."""
        return sum(column.itemsize for column in self._columns.values())

    def _grow(self, needed: int) -> None:
        """Make room for so many rows: double in memory, an eighth more than needed in files."""
        doubled, files = max(needed, self.capacity * 2), self._files
        if doubled * self.row_bytes > IN_MEMORY:
            longer = needed + needed // 8
            try:
                files = files or {name: LongColumn(old.dtype) for name, old in self._columns.items()}
                self._take_over(
                    {name: column.room(longer) for name, column in files.items()}, not self._files
                )
                self._files, self.capacity = files, longer
                return
            except OSError:  # no folder for temporary files, or no room in it: memory it is
                self._files = {}
        self._take_over({name: np.empty(doubled, old.dtype) for name, old in self._columns.items()})
        self.capacity = doubled

    def _take_over(self, larger: dict[str, np.ndarray], copy: bool = True) -> None:
        """Go on in larger columns; without ``copy`` they hold the rows already."""
        for name, new in larger.items():
            if copy:
                new[: self.n] = self._columns[name][: self.n]
            self._columns[name] = new

    def begin_day(self) -> None:
        """Remember where today's rows begin; of a long table, rows before them leave memory."""
        self._day_start = self.n
        for column in self._files.values():
            column.let_go(self.n)

    def today(self, column: str) -> np.ndarray:
        """Rows of ``column`` appended since the day began, as a view."""
        return self._columns[column][self._day_start : self.n]

    @property
    def day_start(self) -> int:
        """Row number of today's first row."""
        return self._day_start

    def clear(self) -> None:
        """Forget all rows (when the measured window opens, or a block has been stored)."""
        self.n = 0
        self._day_start = 0
        self.cleared += 1

    def arrays(self, start: int = 0) -> dict[str, np.ndarray]:
        """Copies of all columns from row ``start`` on."""
        return {c: values.copy() for c, values in self.views(start).items()}

    def views(self, start: int = 0) -> dict[str, np.ndarray]:
        """All columns from row ``start`` on, read-only and not copied: valid while nothing is appended."""
        views = {c: self._columns[c][start : self.n] for c in self.schema}
        for values in views.values():
            values.flags.writeable = False
        return views


def _length(columns: Mapping[str, Any]) -> int | None:
    """Length of the first array among some columns; None if all are scalars."""
    for values in columns.values():
        if isinstance(values, np.ndarray) and values.ndim:
            return len(values)
    return None


class Agenda:
    """Things that will fall due: rows with a ``minute``, added in any order, taken when due.

    Parameters
    ----------
    name : str
        What is waiting, for error messages and snapshots.
    schema : mapping of str to str
        Column name -> NumPy dtype; must contain ``minute`` (absolute).
    """

    __slots__ = ("_added", "_columns", "_types", "name", "schema")

    def __init__(self, name: str, schema: Mapping[str, str]) -> None:
        self.name = name
        self.schema = dict(schema)
        self._types = {c: np.dtype(dtype) for c, dtype in self.schema.items()}
        self._columns = {c: np.empty(0, dtype) for c, dtype in self._types.items()}
        self._added: list[dict[str, np.ndarray]] = []

    @property
    def columns(self) -> dict[str, np.ndarray]:
        """All waiting rows, in the order added."""
        if self._added:  # joined when somebody looks, because rows are added more often than taken
            blocks = [self._columns, *self._added]
            self._columns = {c: np.concatenate([block[c] for block in blocks]) for c in self.schema}
            self._added = []
        return self._columns

    def __len__(self) -> int:
        return sum(len(block["minute"]) for block in (self._columns, *self._added))

    def due(self, before: int, *names: str) -> dict[str, np.ndarray]:
        """Some columns of the rows due before minute ``before``, in the order added; they go on waiting.

        Nothing is joined for it, so that looking costs what is due and not what waits.
        """
        blocks = self._columns, *self._added
        rows = [np.flatnonzero(block["minute"] < before) for block in blocks]
        return {
            name: np.concatenate([block[name][at] for block, at in zip(blocks, rows, strict=True)])
            for name in names
        }

    def add(self, **columns: Any) -> None:
        """Append rows; every column is an array of one length (or a scalar, repeated)."""
        if columns.keys() != self.schema.keys():
            raise KeyError(
                f"{self.name}: columns missing or unknown: {sorted(columns.keys() ^ self.schema.keys())}"
            )
        size = len(columns["minute"])
        if size == 0:
            return
        block: dict[str, np.ndarray] = {}
        for name, dtype in self._types.items():
            block[name] = column = np.empty(size, dtype)
            column[:] = columns[name]
        self._added.append(block)

    def take(self, before: int) -> dict[str, np.ndarray]:
        """Remove and return the rows due before absolute minute ``before``, in the order added."""
        columns = self.columns
        due = columns["minute"] < before
        rows = due.nonzero()[0]
        if not len(rows):
            return {c: a[:0] for c, a in columns.items()}
        if len(rows) == len(due):
            self._columns = {c: a[:0] for c, a in columns.items()}
            return columns
        waits = (~due).nonzero()[0]  # row numbers are followed faster than a mask, and there are many columns
        self._columns = {c: a.take(waits) for c, a in columns.items()}
        return {c: a.take(rows) for c, a in columns.items()}

    def state(self) -> dict[str, np.ndarray]:
        """Waiting rows, for a snapshot."""
        return dict(self.columns)

    def restore(self, state: Mapping[str, np.ndarray]) -> None:
        """Take up the rows of :meth:`state`."""
        self._columns = {c: np.asarray(state[c], dtype) for c, dtype in self.schema.items()}
        self._added = []
