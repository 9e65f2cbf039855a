"""Records: events in columns, appended in the order they happen, and kept.

A :class:`Table` is a growable set of equally long NumPy columns. Mechanisms append blocks of
rows and read slices as views; two columns are settled later (the group that an order filled,
the verdict on an invited account). A row number is a handle valid within one run; identities
that must survive a snapshot or a relabelling are ids.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np


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

    __slots__ = ("_columns", "_day_start", "_names", "capacity", "cleared", "n", "name", "schema")

    def __init__(self, name: str, schema: Mapping[str, tuple[str, str]]) -> None:
        self.name = name
        self.schema = dict(schema)
        self._names = self.schema.keys()
        self.capacity = 256
        self.cleared = 0
        self.n = 0
        self._columns = {c: np.empty(self.capacity, dtype) for c, (dtype, _) in self.schema.items()}
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

    def _grow(self, needed: int) -> None:
        self.capacity = max(needed, self.capacity * 2)
        for name, old in self._columns.items():
            new = np.empty(self.capacity, old.dtype)
            new[: self.n] = old[: self.n]
            self._columns[name] = new

    def begin_day(self) -> None:
        """Remember where today's rows begin."""
        self._day_start = self.n

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
        return len(self.columns["minute"])

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
