"""Everybody who acts in the market, as Mesa agents.

Influencers, the three consumer groups, platforms and the operator are ordinary agents, thin
views of one row (or one object) of the world's state, so nothing is stored twice. Consumers
are a columnar set (:mod:`sim.world.consumers`) that :func:`register_consumers` puts where
Mesa looks for agents by type.
"""

from __future__ import annotations

from typing import Any

import mesa
import numpy as np

from sim.network.followers import Followers
from sim.world.consumer import Consumer
from sim.world.consumers import ConsumerSet
from sim.world.schema import GROUPS

__all__ = [
    "Consumer",
    "ConsumerSet",
    "CyberNative",
    "EcoPioneer",
    "GroupAgent",
    "Influencer",
    "Operator",
    "PlatformAgent",
    "RowAgent",
    "SilverVanguard",
    "add_group_agents",
    "register_consumers",
]

#: What Mesa and the views themselves keep on the object; everything else is state elsewhere.
_OWN = frozenset({"model", "unique_id", "pos", "table", "row", "state", "consumers", "audiences"})


def register_consumers(model: mesa.Model, consumers: ConsumerSet) -> ConsumerSet:
    """Let ``model.agents_by_type[Consumer]`` be the columnar set; ``model.agents`` stays as it is.

    Mesa offers no public way in, so this writes to ``model._agents_by_type``; a contract test
    holds Mesa to it.

    Raises
    ------
    TypeError
        If the set is not the whole population.
    """
    if len(consumers) != len(consumers.people.columns["id"]):
        raise TypeError("register all consumers of the market, not a selection")
    model._agents_by_type[Consumer] = consumers
    return consumers


class RowAgent(mesa.Agent):
    """An agent whose attributes are the columns of one row of a table.

    Parameters
    ----------
    model : mesa.Model
    table : object
        Columns as attributes: NumPy arrays with one entry a row.
    row : int
        The agent's row.
    """

    def __init__(self, model: mesa.Model, table: Any, row: int) -> None:
        self.table = table
        self.row = int(row)
        super().__init__(model)

    def _column(self, name: str) -> np.ndarray | None:
        """Look the column up now: tables may replace their arrays."""
        columns = getattr(self.table, "columns", None) or vars(self.table)
        column = columns.get(name)
        rows = len(next(c for c in columns.values() if isinstance(c, np.ndarray)))
        whole = isinstance(column, np.ndarray) and column.ndim > 0 and len(column) == rows
        return column if whole else None

    def __getattr__(self, name: str) -> Any:
        column = None if name in _OWN else self._column(name)
        if column is None:
            raise AttributeError(f"{type(self).__name__} has no column '{name}'")
        return column.item(self.row) if column.ndim == 1 else column[self.row]

    def __setattr__(self, name: str, value: Any) -> None:
        if name in _OWN:
            object.__setattr__(self, name, value)
            return
        column = self._column(name)
        if column is None:
            raise AttributeError(f"{type(self).__name__} has no column '{name}'; state lives in the table")
        column[self.row] = value


class Influencer(RowAgent):
    """A KOC or KOL: a consumer with an audience.

    Parameters
    ----------
    model, table, row
        As in :class:`RowAgent`; the table has a column ``seat``.
    consumers : ConsumerSet
        Everybody.
    audiences : Followers, optional
        Audiences, in the order of the table; by default the table's own ``audience``.
    """

    def __init__(
        self,
        model: mesa.Model,
        table: Any,
        row: int,
        consumers: ConsumerSet,
        audiences: Followers | None = None,
    ) -> None:
        self.consumers = consumers
        self.audiences = getattr(table, "audience", None) if audiences is None else audiences
        super().__init__(model, table, row)

    @property
    def consumer(self) -> Consumer:
        """The person who holds this role (counted once, as a consumer)."""
        return Consumer(self.consumers, int(self.seat))

    @property
    def audience(self) -> ConsumerSet:
        """Consumers who follow this influencer."""
        rows = np.zeros(0, np.int64) if self.audiences is None else self.audiences.of(self.row)
        return self.consumers.at(rows)


class PlatformAgent(RowAgent):
    """A platform: attributes are its row of the platforms' columns."""


class GroupAgent(mesa.Agent):
    """A consumer group; its state is what its members' columns say now."""

    code = -1

    def __init__(self, model: mesa.Model, consumers: ConsumerSet) -> None:
        super().__init__(model)
        self.consumers = consumers

    @property
    def name(self) -> str:
        """Group in words."""
        return GROUPS[self.code]

    @property
    def members(self) -> ConsumerSet:
        """Consumers of this group."""
        return self.consumers.select(group=self.code)

    @property
    def size(self) -> int:
        """Number of members."""
        return int(np.count_nonzero(self.consumers.column("group") == self.code))

    def mean(self, column: str) -> float:
        """Mean of a column over the members; for a yes-or-no column, the share of yes."""
        return float(np.mean(self.members.column(column), dtype=np.float64))

    @property
    def trust(self) -> float:
        """Mean trust of the members, 0..1."""
        return self.mean("trust")


class SilverVanguard(GroupAgent):
    """Ages 35-45."""

    code = 0


class CyberNative(GroupAgent):
    """Ages 18-24."""

    code = 1


class EcoPioneer(GroupAgent):
    """Ages 28-38."""

    code = 2


def add_group_agents(model: mesa.Model, consumers: ConsumerSet) -> list[GroupAgent]:
    """Create the three group agents, in the order of the groups' codes."""
    return [kind(model, consumers) for kind in (SilverVanguard, CyberNative, EcoPioneer)]


class Operator(mesa.Agent):
    """The brand's operator: attributes are those of the world's operator state.

    Parameters
    ----------
    model : mesa.Model
    state : object
        What the operator has decided (see :class:`sim.world.world.Operator`).
    """

    def __init__(self, model: mesa.Model, state: Any) -> None:
        self.state = state
        super().__init__(model)

    def __getattr__(self, name: str) -> Any:
        if name in _OWN:
            raise AttributeError(name)
        return getattr(self.state, name)

    def __setattr__(self, name: str, value: Any) -> None:
        if name in _OWN:
            object.__setattr__(self, name, value)
        elif hasattr(self.state, name):
            setattr(self.state, name, value)
        else:
            raise AttributeError(f"the operator has no '{name}'")
