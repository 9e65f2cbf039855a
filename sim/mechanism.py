"""The contracts between the day and what happens in it: mechanisms, phases, logistics.

A mechanism is one file, one parameter model and one method, ``act``. It says which columns
and records it reads and writes; :func:`order_mechanisms` derives the order within a phase
from that, so a wrong order is an error at build time, not a wrong chart.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import IntEnum
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, runtime_checkable

import numpy as np

from sim.core.errors import WiringError
from sim.core.rng import Draw

if TYPE_CHECKING:
    from sim.world.world import World


#: State that is only ever appended to: two writers need no order between them.
APPEND_ONLY = ("records.", "agendas.", "ledger")


class Phase(IntEnum):
    """The nine phases of a day, in order."""

    STRIKE = 0
    DECIDE = 1
    EXPOSE = 2
    SHARE = 3
    BUY = 4
    FULFIL = 5
    PERSUADE = 6
    SETTLE = 7
    MEASURE = 8


@runtime_checkable
class Mechanism(Protocol):
    """Everything that can be switched off.

    Attributes
    ----------
    name : str
        Key of its section in the configuration.
    phase : Phase
        When it acts; EXPOSE, SHARE, BUY and FULFIL act once per daypart, the rest once a day.
    reads, writes : frozenset of str
        Names of state: ``people.trust``, ``platforms.adstock``, ``records.visits``,
        ``stock``, ``ledger``. A name in ``reads`` with a trailing ``~`` is read although
        somebody writes it later in the day, so it is yesterday's value: it does not constrain the
        order (this is how feedback is declared). Both forms together: an earlier mechanism of the
        phase amends it first, and later phases go on.
    """

    name: str
    phase: Phase
    reads: frozenset[str]
    writes: frozenset[str]

    def act(self, world: World, draw: Draw) -> None:
        """Change the world for this phase of this day (or daypart)."""


def order_mechanisms(mechanisms: Iterable[Mechanism]) -> list[Mechanism]:
    """Sort by phase, then so that readers come after writers.

    Raises
    ------
    WiringError
        If two mechanisms of one phase write the same state without either reading it, or if
        reads and writes within a phase form a circle. The message names both.
    """
    by_phase: dict[Phase, list[Mechanism]] = {}
    for mechanism in mechanisms:
        by_phase.setdefault(mechanism.phase, []).append(mechanism)
    ordered: list[Mechanism] = []
    for phase in sorted(by_phase):
        ordered += _order_phase(phase, sorted(by_phase[phase], key=lambda m: m.name))
    return ordered


def _order_phase(phase: Phase, members: Sequence[Mechanism]) -> list[Mechanism]:
    """Topological order of one phase: a writer before those who only read or amend its state."""
    before: dict[str, set[str]] = {m.name: set() for m in members}
    for a in members:
        for b in members:
            if a.name >= b.name:
                continue
            _relate(phase, a, b, before)
    ordered: list[Mechanism] = []
    waiting = list(members)
    while waiting:
        ready = next((m for m in waiting if not before[m.name] - {o.name for o in ordered}), None)
        if ready is None:
            names = ", ".join(m.name for m in waiting)
            raise WiringError(f"phase {phase.name}: reads and writes form a circle among {names}")
        ordered.append(ready)
        waiting.remove(ready)
    return ordered


def _relate(phase: Phase, a: Mechanism, b: Mechanism, before: dict[str, set[str]]) -> None:
    """Note which of two mechanisms must come first, if either must.

    A pure writer (writes without reading) comes before one that reads the state or amends it
    (reads and writes). Two pure writers, or two amenders that nothing else orders, clash.
    """
    clash = ""
    for state in sorted(a.writes | b.writes):
        a_first = state in a.writes and state in b.reads and state not in a.reads
        b_first = state in b.writes and state in a.reads and state not in b.reads
        a_amends_b_reads = state in a.writes and state in b.reads and state not in b.writes
        b_amends_a_reads = state in b.writes and state in a.reads and state not in a.writes
        if a_first or a_amends_b_reads:
            before[b.name].add(a.name)
        elif b_first or b_amends_a_reads:
            before[a.name].add(b.name)
        elif state in a.writes and state in b.writes and not state.startswith(APPEND_ONLY):
            clash = state
    if clash and a.name not in before[b.name] and b.name not in before[a.name]:
        raise WiringError(
            f"phase {phase.name}: '{a.name}' and '{b.name}' both write '{clash}' and nothing says "
            "which comes first; let the later one read it"
        )


class Parcels(NamedTuple):
    """Parcels handed to logistics, one row each.

    order_id : int64[n], identity for draws; row : int64[n], the orders table's row, returned
    untouched; minute : int64[n], absolute minute of acceptance; product, zone, node :
    int32[n]; quantity : int32[n]; service : int8[n].
    """

    order_id: np.ndarray
    row: np.ndarray
    minute: np.ndarray
    product: np.ndarray
    zone: np.ndarray
    node: np.ndarray
    quantity: np.ndarray
    service: np.ndarray


class Delivered(NamedTuple):
    """Parcels handed over: order_id, row (int64[n]), minute (absolute, int64[n]), spoiled (bool[n])."""

    order_id: np.ndarray
    row: np.ndarray
    minute: np.ndarray
    spoiled: np.ndarray


class Inspected(NamedTuple):
    """Returned parcels inspected: order_id, row, minute (int64[n]); restocked (bool[n])."""

    order_id: np.ndarray
    row: np.ndarray
    minute: np.ndarray
    restocked: np.ndarray


class LogisticsEngine(Protocol):
    """What a day needs from fulfilment. Zones and products are numbered from 0."""

    @property
    def n_zones(self) -> int:
        """Number of delivery zones."""

    def reconfigure(self, params: Any, returns: Any, supply: Any) -> None:
        """Switch to a strategy's capacities, promises and policies; queues and stock stay."""

    def quote_hours(self) -> np.ndarray:
        """float64[n_products, n_zones]: hours promised to an order placed now; inf = not offered."""

    def service(self) -> np.ndarray:
        """int8[n_products, n_zones]: service class offered (index into the service table), -1 = none."""

    def reserve(self, product: np.ndarray, zone: np.ndarray, quantity: np.ndarray) -> np.ndarray:
        """int32[n] node that sets the goods aside for each row, in row order; -1 = out of stock."""

    def submit(self, parcels: Parcels) -> None:
        """Accept parcels whose goods are reserved; minutes must not lie before the engine's clock."""

    def cancel(self, order_id: np.ndarray) -> np.ndarray:
        """bool[n]: True where the parcel had not left its node; its goods are released."""

    def take_back(self, parcels: Parcels) -> None:
        """Accept return requests (pickup at the customer's zone)."""

    def run_until(self, minute: int) -> None:
        """Run SimPy up to (not including) absolute ``minute`` and assert its clock."""

    def delivered(self) -> Delivered:
        """Parcels handed over since the last call."""

    def inspected(self) -> Inspected:
        """Returns inspected since the last call."""

    def capacity_orders_per_day(self) -> float:
        """Orders a day that delivery can carry at present."""

    def wages_per_day(self) -> int:
        """Fen a day that the planned rider shifts cost."""

    def stock_on_hand(self) -> tuple[int, int]:
        """Units on the shelves of all nodes, and their cost in fen."""

    def goods_fen(self) -> int | None:
        """Cost in fen of every unit owned, which the ledger's inventory must equal; None = not kept."""

    def shock_riders(self, share: float) -> None:
        """From now on a share (0..1) of rider time is missing."""

    def state(self) -> dict[str, np.ndarray]:
        """Stock and goods on order, for a snapshot."""

    def restore(self, state: dict[str, np.ndarray]) -> None:
        """Take up the state of :meth:`state`, before any parcel is submitted."""

    def close_day(self, day: int) -> dict[str, int]:
        """Replenish, age and discard stock, check parcels and goods; costs of the day in fen by account."""
