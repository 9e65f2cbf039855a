"""One consumer as an agent: a view of the seat that a person holds.

Reading and writing a view reads and writes the population's columns, so there is one truth,
and it is the same the mechanisms use. A view knows its person, not only its seat: when the
person leaves the market and somebody else moves in, the view says so instead of lying.
"""

from __future__ import annotations

from typing import Any, Protocol

import mesa
import numpy as np
from mesa.agentset import AbstractAgentSet

from sim.network.csr import CSRGraph
from sim.world.schema import GROUPS

#: Columns that say who sits where; they change by turnover, never by assignment.
FIXED = frozenset({"id", "group", "unique_id", "group_name", "seat"})


class Seats(Protocol):
    """The set of agents that a view belongs to."""

    model: mesa.Model
    people: Any
    graph: CSRGraph

    def at(self, rows: np.ndarray) -> Any:
        """The agents in these seats."""


class Consumer(mesa.Agent):
    """One person: a view of the seat that person holds.

    Attributes are the population's columns (``consumer.trust``); assignment writes through.
    A column with a second axis gives its row as a view (``consumer.affinity[2]``).

    Raises
    ------
    LookupError
        When the person has left the market since the view was made.
    AttributeError
        When a name is not a column, or is one that only turnover changes.
    """

    def __init__(self, consumers: Seats, seat: int) -> None:
        # Not registered with the model: the columnar set stands there for all consumers.
        columns = consumers.people.columns
        self.__dict__.update(_set=consumers, _columns=columns, _seat=seat, _id=columns["id"].item(seat))

    @property
    def model(self) -> mesa.Model:
        """The market this consumer lives in."""
        return self._set.model

    @property
    def unique_id(self) -> int:
        """Stable id of the person."""
        return int(self._id)

    @property
    def seat(self) -> int:
        """Row of the person in every column."""
        if self._columns["id"].item(self._seat) != self._id:
            raise LookupError(f"consumer {self._id} has left the market (or moved); look the id up again")
        return int(self._seat)

    @property
    def group_name(self) -> str:
        """Consumer group in words."""
        return GROUPS[self._columns["group"].item(self.seat)]

    @property
    def neighbors(self) -> AbstractAgentSet[Consumer]:
        """Acquaintances, in the order of their seats."""
        return self._seated(self._graph.neighbours(self.seat))

    @property
    def strong_neighbors(self) -> AbstractAgentSet[Consumer]:
        """Acquaintances by a strong tie."""
        graph, seat = self._graph, self.seat
        strong = graph.strength[graph.indptr[seat] : graph.indptr[seat + 1]] == 1
        return self._seated(graph.neighbours(seat)[strong])

    def _seated(self, rows: np.ndarray) -> AbstractAgentSet[Consumer]:
        found: AbstractAgentSet[Consumer] = self._set.at(rows)
        return found

    @property
    def _graph(self) -> CSRGraph:
        if self._set.graph is None:
            raise LookupError("these consumers have no graph")
        graph: CSRGraph = self._set.graph
        return graph

    def remove(self) -> None:
        """Refuse: consumers leave through turnover, which settles what they are owed."""
        raise TypeError("consumers leave through turnover, not by remove()")

    def __copy__(self) -> Consumer:
        """A copy is a view of the same person."""
        return Consumer(self._set, self.seat)

    def __deepcopy__(self, memo: dict[int, Any]) -> Consumer:
        raise TypeError("a consumer is a view of its market's columns; copy the values that you need")

    def __reduce_ex__(self, protocol: Any) -> Any:
        raise TypeError("a consumer is a view of its market's columns; pickle its unique_id instead")

    def __getattr__(self, name: str) -> Any:
        # copying looks for names before a view knows its columns
        column = self.__dict__.get("_columns", {}).get(name)
        if column is None:
            raise AttributeError(f"consumers have no column '{name}'")
        return column.item(self.seat) if column.ndim == 1 else column[self.seat]

    def __setattr__(self, name: str, value: Any) -> None:
        writable_column(self._columns, name)[self.seat] = value

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Consumer) and other._id == self._id and other._columns is self._columns

    def __hash__(self) -> int:
        return hash(self._id)

    def __repr__(self) -> str:
        return f"Consumer({self._id})"


def writable_column(columns: dict[str, np.ndarray], name: str) -> np.ndarray:
    """Return the column to write to, or say why not."""
    if name in FIXED:
        raise AttributeError(f"'{name}' changes by turnover only")
    if name not in columns:
        raise AttributeError(f"consumers have no column '{name}'; state lives in declared columns only")
    return columns[name]
