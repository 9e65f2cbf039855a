"""Columns of people: what there is one value of a person, what newcomers find, what returning people find."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np


@dataclass(frozen=True)
class Column:
    """One value, or one row of values, a person.

    Attributes
    ----------
    dtype : str
        NumPy dtype.
    meaning : str
        One line, with unit.
    axis : str
        ``"platform"`` or ``"category"`` where there is a row of values; empty otherwise.
    start : number, str or None
        What a newcomer has: a number, or the name of a parameter of the population. None: a trait that is
        drawn, or a column that is written anew before it is read.
    back : str
        What somebody who comes back finds: ``"keep"`` what was left, ``"start"`` what a newcomer has.
    owes : str
        Account of which this column is a part, in fen: what the brand owes people, present or absent. Every
        midnight the account is held to the sum of such columns.
    """

    dtype: str
    meaning: str
    axis: Literal["", "platform", "category"] = ""
    start: float | str | None = None
    back: Literal["keep", "start"] = "keep"
    owes: str = ""

    def first(self, params: Any) -> float:
        """The value of a newcomer."""
        start = getattr(params, self.start) if isinstance(self.start, str) else self.start
        return 0.0 if start is None else float(start)


class People:
    """Columns of the population; ``people.trust`` is a NumPy array with one entry a seat.

    Parameters
    ----------
    columns : mapping of str to array
        Values, one row a seat.
    declared : mapping of str to Column
        What each of them is.
    """

    columns: dict[str, np.ndarray]

    def __init__(self, columns: dict[str, np.ndarray], declared: Mapping[str, Column]) -> None:
        self.columns = columns
        self.declared = dict(declared)
        self.__dict__.update(columns)

    def __len__(self) -> int:
        return len(self.columns["id"])

    def __iter__(self) -> Iterator[str]:
        return iter(self.columns)

    def __getattr__(self, name: str) -> np.ndarray:
        raise AttributeError(f"people have no column '{name}'")

    def add(self, name: str, column: Column, size: int, params: Any) -> None:
        """A further column, in which everybody has what a newcomer has; nothing if it is there already."""
        if name in self.columns:
            return
        shape = (len(self), size) if column.axis else len(self)
        self.columns[name] = np.full(shape, column.first(params)).astype(column.dtype)
        self.declared[name] = column
        self.__dict__[name] = self.columns[name]

    def owed(self, away: Mapping[str, np.ndarray]) -> dict[str, int]:
        """Balances that what people are owed says some accounts must have, fen by account (see ``owes``).

        Parameters
        ----------
        away : mapping of str to array
            The same columns of those who have left.
        """
        held: dict[str, int] = {}
        for name, column in self.declared.items():
            if column.owes:
                absent = int(away[name].sum()) if name in away else 0
                held[column.owes] = held.get(column.owes, 0) - int(self.columns[name].sum()) - absent
        return held

    def reset(self, seats: np.ndarray, params: Any, back: bool = False) -> None:
        """Give the people on ``seats`` what newcomers have; with ``back``, only where returning people do."""
        for name, column in self.declared.items():
            if column.start is not None and (column.back == "start" or not back):
                self.columns[name][seats] = column.first(params)
