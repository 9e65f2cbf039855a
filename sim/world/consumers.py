"""All consumers as Mesa sees them: an agent set that is made of columns.

A million Python objects would cost seconds to make and a gigabyte to keep, so ``select``,
``agg``, ``get`` and ``set`` work on NumPy columns, and a :class:`~sim.world.consumer.Consumer`
is made only when someone asks for one. A selection is the same kind of set, an array of seats.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any, Literal, Protocol

import mesa
import numpy as np
from mesa.agentset import AbstractAgentSet, GroupBy

from sim.network.csr import CSRGraph
from sim.world.consumer import Consumer, writable_column
from sim.world.schema import GROUPS

if TYPE_CHECKING:
    import pandas as pd

#: Python's own aggregates walk an array item by item; these walk it in C, in float64.
_FAST: dict[Any, Callable[[np.ndarray], Any]] = {
    sum: lambda v: (v.sum(dtype=np.float64) if v.dtype.kind == "f" else v.sum()).item(),
    min: lambda v: v.min().item(),
    max: lambda v: v.max().item(),
}


class ColumnStore(Protocol):
    """What holds the columns (see :class:`sim.world.population.People`)."""

    columns: dict[str, np.ndarray]


class ConsumerSet(AbstractAgentSet[Consumer]):
    """Consumers of one market, or some of them, in an order.

    Parameters
    ----------
    model : mesa.Model
        The market; its generator shuffles.
    people : ColumnStore
        Columns with one row a seat; ``id`` and ``group`` must be among them.
    graph : CSRGraph, optional
        Acquaintance ties, for ``consumer.neighbors``.
    rows : int array, optional
        Seats of a subset, distinct, in order; None is everybody, and stays everybody.

    Notes
    -----
    ``consumers[17]`` looks up the stable id 17, not the position 17: Mesa gives up positions in
    its next version. ``get`` returns a column (read-only when it is the whole one) where Mesa
    returns a list, and ``set`` takes one value for all or one for each. A set of everybody
    cannot be narrowed or reordered in place.
    """

    def __init__(
        self,
        model: mesa.Model,
        people: ColumnStore,
        graph: CSRGraph | None = None,
        rows: np.ndarray | None = None,
    ) -> None:
        self.model = model
        self.people = people
        self.graph = graph
        self.random = model.random
        self._rows = None if rows is None else np.asarray(rows, np.int64)

    # --- who is in it ---

    @property
    def rows(self) -> np.ndarray:
        """int64[len]: seats, in this set's order."""
        return np.arange(len(self)) if self._rows is None else self._rows

    def at(self, rows: np.ndarray) -> ConsumerSet:
        """Consumers on the given seats, in that order."""
        return ConsumerSet(self.model, self.people, self.graph, np.asarray(rows, np.int64))

    def __len__(self) -> int:
        return len(self.people.columns["id"]) if self._rows is None else len(self._rows)

    def __iter__(self) -> Iterator[Consumer]:
        return (Consumer(self, seat) for seat in self.rows.tolist())

    def __contains__(self, agent: object) -> bool:
        if not isinstance(agent, Consumer) or agent._columns is not self.people.columns:
            return False
        present = bool(self.people.columns["id"][agent._seat] == agent._id)
        return present and (self._rows is None or bool(np.any(self._rows == agent._seat)))

    def __getitem__(self, consumer_id: int) -> Consumer:
        """Return the consumer with this stable id; KeyError if it is not here."""
        ids = self.people.columns["id"]
        guess = 0 <= consumer_id < len(ids) and ids[consumer_id] == consumer_id
        found = np.array([consumer_id]) if guess else np.flatnonzero(ids == consumer_id)
        if not len(found) or (self._rows is not None and not np.any(self._rows == found[0])):
            raise KeyError(f"no consumer with id {consumer_id} here")
        return Consumer(self, int(found[0]))

    def to_list(self) -> list[Consumer]:
        """Views of all consumers (slow for large sets)."""
        return list(self)

    def copy(self) -> ConsumerSet:
        """Return an independent set with the same consumers in the same order."""
        return self.at(self.rows.copy())

    __copy__ = copy

    # --- columns ---

    def column(self, name: str) -> np.ndarray:
        """One column over this set, read-only: ``array[len, ...]``; also ``group_name`` and ``seat``.

        Raises
        ------
        AttributeError
            If there is no such column.
        """
        if name == "seat":
            return self.rows
        if name == "group_name":
            return np.take(GROUPS, self.column("group"))
        column = self.people.columns.get("id" if name == "unique_id" else name)
        if column is None:
            raise AttributeError(f"consumers have no column '{name}'")
        values: np.ndarray = column.view() if self._rows is None else column[self._rows]
        values.flags.writeable = False
        return values

    def get(
        self,
        attr_names: str | list[str],
        handle_missing: Literal["error", "default"] = "error",
        default_value: Any = None,
    ) -> Any:
        """One column, or for several names a list with one list per consumer, as Mesa gives it."""
        if handle_missing not in ("error", "default"):
            raise ValueError(f"handle_missing must be 'error' or 'default', not {handle_missing!r}")
        if not isinstance(attr_names, str):
            each = [self.get(name, handle_missing, default_value) for name in attr_names]
            lists = [c.tolist() if isinstance(c, np.ndarray) else c for c in each]
            return [list(values) for values in zip(*lists, strict=True)]
        try:
            return self.column(attr_names)
        except AttributeError:
            if handle_missing == "error":
                raise
            return [default_value] * len(self)

    def set(self, attr_name: str, value: Any) -> ConsumerSet:
        """Write one value for all, or an array with one for each, in this set's order."""
        rows = slice(None) if self._rows is None else self._rows
        writable_column(self.people.columns, attr_name)[rows] = value
        return self

    def agg(
        self,
        attribute: str | dict[str, Callable[..., Any] | Iterable[Callable[..., Any]]],
        func: Callable[..., Any] | Iterable[Callable[..., Any]] | None = None,
    ) -> Any:
        """Aggregate a column with one function or several; a dict aggregates several columns.

        Examples
        --------
        ``agg("trust", np.mean)``, ``agg("orders", [min, max])``,
        ``agg({"trust": np.mean, "orders": [sum, max]})``
        """
        if isinstance(attribute, dict):
            return {name: self.agg(name, f) for name, f in attribute.items()}
        if func is None:
            raise TypeError("agg needs a function, or several, beside the name of the column")
        values = self.column(attribute)
        if callable(func):
            return _FAST.get(func, func)(values)
        return [_FAST.get(f, f)(values) for f in func]

    def to_frame(self, columns: Iterable[str] | None = None) -> pd.DataFrame:
        """Columns as a DataFrame indexed by stable id; a second axis becomes ``name.0``, ``name.1``."""
        import pandas as pd

        data: dict[str, np.ndarray] = {}
        for name in columns if columns is not None else self.people.columns:
            values = self.column(name)
            if values.ndim == 1:
                data[name] = values
            else:
                data |= {f"{name}.{k}": values[:, k] for k in range(values.shape[1])}
        return pd.DataFrame(data, index=pd.Index(self.column("id"), name="consumer_id"))

    # --- subsets and orders ---

    def select(
        self,
        filter_func: Callable[[Consumer], bool] | None = None,
        at_most: float = math.inf,
        inplace: bool = False,
        agent_type: type | None = None,
        *,
        where: np.ndarray | Callable[[Columns], np.ndarray] | None = None,
        **equals: Any,
    ) -> ConsumerSet:
        """Consumers that meet every condition, in order.

        Parameters
        ----------
        filter_func : callable, optional
            Mesa's way: asked for each consumer (slow; prefer the others).
        at_most : int or float
            The first so many; a float up to 1 is a share of this set, rounded down.
        inplace : bool
            Narrow this set instead of returning another.
        agent_type : type, optional
            Mesa's filter by class; everybody here is a :class:`Consumer`.
        where : bool[len] or callable, optional
            A mask, or a function of the columns: ``where=lambda c: c.trust > 0.5``.
        **equals
            Columns that must have a value or one of several: ``group="cyber_native"``,
            ``registered=True``, ``zone=[1, 4]``.
        """
        keep = np.full(len(self), agent_type is None or issubclass(Consumer, agent_type))
        for name, value in equals.items():
            keep &= self._matches(name, value)
        if where is not None:
            keep &= self._mask(where(Columns(self)) if callable(where) else where)
        chosen = np.flatnonzero(keep)
        if filter_func is not None:
            seats = self.rows[chosen].tolist()
            chosen = chosen[np.array([bool(filter_func(Consumer(self, s))) for s in seats], np.bool_)]
        if isinstance(at_most, float) and at_most <= 1.0:
            at_most = int(len(self) * at_most)
        if at_most < len(chosen):
            chosen = chosen[: int(at_most)]
        return self._take(chosen, inplace)

    def count(self, **conditions: Any) -> int:
        """Number of consumers that meet the conditions of :meth:`select` (all without any)."""
        return len(self.select(**conditions)) if conditions else len(self)

    def sort(
        self, key: Callable[[Consumer], Any] | str, ascending: bool = False, inplace: bool = False
    ) -> ConsumerSet:
        """Order by a column, or by a function of the consumer (slow); ties keep their order."""
        if not isinstance(key, str):
            keys = [key(consumer) for consumer in self]
            order = sorted(range(len(keys)), key=keys.__getitem__, reverse=not ascending)
            return self._take(np.array(order, np.int64), inplace)
        values = self.column(key)
        if ascending:
            return self._take(np.argsort(values, kind="stable"), inplace)
        backwards = np.argsort(values[::-1], kind="stable")
        return self._take(len(values) - 1 - backwards[::-1], inplace)

    def shuffle(self, inplace: bool = False) -> ConsumerSet:
        """Put into random order, by the model's generator."""
        return self._take(self.model.rng.permutation(len(self)), inplace)

    def groupby(
        self,
        by: Callable[[Consumer], Any] | str,
        result_type: Literal["agentset", "list"] = "agentset",
    ) -> ColumnarGroupBy:
        """Group by a column, or by a function of the consumer (slow); groups by first appearance."""
        if isinstance(by, str):
            keys, first, which = np.unique(self.column(by), return_index=True, return_inverse=True)
            names = keys.tolist()
        else:
            each = [by(consumer) for consumer in self]
            names = list(dict.fromkeys(each))
            place = {name: k for k, name in enumerate(names)}
            which = np.array([place[name] for name in each], np.int64)
            first = np.arange(len(names))
        order, rows = np.argsort(which, kind="stable"), self.rows
        parts = np.split(rows[order], np.cumsum(np.bincount(which, minlength=len(names)))[:-1])
        sets = {names[k]: self.at(parts[k]) for k in np.argsort(first).tolist()}
        return ColumnarGroupBy(sets if result_type == "agentset" else {k: list(s) for k, s in sets.items()})

    # --- one by one (slow; mechanisms work on columns) ---

    def do(self, method: str | Callable[..., Any], *args: Any, **kwargs: Any) -> ConsumerSet:
        """Call a method or function with each consumer."""
        self.map(method, *args, **kwargs)
        return self

    def shuffle_do(self, method: str | Callable[..., Any], *args: Any, **kwargs: Any) -> ConsumerSet:
        """Call a method or function with each consumer in random order."""
        self.shuffle().map(method, *args, **kwargs)
        return self

    def map(self, method: str | Callable[..., Any], *args: Any, **kwargs: Any) -> list[Any]:
        """Call a method or function with each consumer and return the results."""
        if isinstance(method, str):
            return [getattr(consumer, method)(*args, **kwargs) for consumer in self]
        return [method(consumer, *args, **kwargs) for consumer in self]

    # --- set algebra ---

    def add(self, agent: Consumer) -> None:
        """Append a consumer to a subset, unless it is there."""
        if agent not in self:
            self._replace(np.append(self.rows, agent.seat))

    def discard(self, agent: Consumer) -> None:
        """Take a consumer out of a subset, if it is there."""
        if agent in self:
            self._replace(self.rows[self.rows != agent.seat])

    def remove(self, agent: Consumer) -> None:
        """Take a consumer out of a subset; KeyError if it is not there."""
        if agent not in self:
            raise KeyError(agent)
        self.discard(agent)

    def __and__(self, other: Any) -> ConsumerSet:
        return self.at(self.rows[np.isin(self.rows, self._same_people(other).rows)])

    def __or__(self, other: Any) -> ConsumerSet:
        more = self._same_people(other).rows
        return self.at(np.concatenate((self.rows, more[~np.isin(more, self.rows)])))

    def __sub__(self, other: Any) -> ConsumerSet:
        return self.at(self.rows[~np.isin(self.rows, self._same_people(other).rows)])

    def __xor__(self, other: Any) -> ConsumerSet:
        either: ConsumerSet = (self - other) | (self._same_people(other) - self)
        return either

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, ConsumerSet) or other.people is not self.people:
            return False
        return np.array_equal(np.sort(self.rows), np.sort(other.rows))

    __hash__ = None  # type: ignore[assignment]  # Python's own way to say that what may change has none

    def __repr__(self) -> str:
        return f"<ConsumerSet of {len(self):,} consumers>"

    def _same_people(self, other: Any) -> ConsumerSet:
        if isinstance(other, ConsumerSet) and other.people is self.people:
            return other
        raise TypeError("both sets must hold consumers of the same market")

    def _update(self, agents: Iterable[Consumer]) -> ConsumerSet:
        """Mesa's way of replacing the members."""
        return self._replace(np.array([agent.seat for agent in agents], np.int64))

    def _replace(self, rows: np.ndarray) -> ConsumerSet:
        if self._rows is None:
            raise TypeError("the set of all consumers changes by turnover only; work on its copy()")
        self._rows = rows
        return self

    def _take(self, places: np.ndarray, inplace: bool) -> ConsumerSet:
        rows = places if self._rows is None else self._rows[places]
        return self._replace(rows) if inplace else self.at(rows)

    def _mask(self, mask: Any) -> np.ndarray:
        given = np.asarray(mask)
        if given.dtype != np.bool_ or given.shape != (len(self),):
            raise ValueError(f"where must be bool[{len(self)}], not {given.dtype}{list(given.shape)}")
        return given

    def _matches(self, name: str, value: Any) -> np.ndarray:
        several = isinstance(value, list | tuple | np.ndarray | set | frozenset)
        wanted = list(value) if several else [value]
        if name == "group":
            unknown = [v for v in wanted if isinstance(v, str) and v not in GROUPS]
            if unknown:
                raise ValueError(f"group must be one of {', '.join(GROUPS)} (you wrote {unknown[0]!r})")
            wanted = [GROUPS.index(v) if isinstance(v, str) else v for v in wanted]
        column = self.column(name)
        if column.ndim != 1:
            raise ValueError(f"column '{name}' has several values a consumer; use where=")
        found: np.ndarray = column == wanted[0] if len(wanted) == 1 else np.isin(column, np.array(wanted))
        return found


class Columns:
    """Columns of a set by attribute, as ``select(where=lambda c: c.trust > 0.5)`` sees them."""

    def __init__(self, consumers: ConsumerSet) -> None:
        self._consumers = consumers

    def __getattr__(self, name: str) -> np.ndarray:
        return self._consumers.column(name)


class ColumnarGroupBy(GroupBy):
    """Mesa's GroupBy whose aggregates read columns."""

    def agg(self, attr_name: str, func: Callable[..., Any]) -> dict[Any, Any]:
        """Aggregate a column within each group."""
        columnar = all(isinstance(group, ConsumerSet) for group in self.groups.values())
        return dict(self.map("agg", attr_name, func) if columnar else super().agg(attr_name, func))
