"""The contract between the day and what happens in it: mechanisms and phases.

A mechanism is one file, one parameter model and one method, ``act``. It says which columns
and records it reads and writes; :func:`order_mechanisms` derives the order within a phase
from that, so a wrong order is an error at build time, not a wrong chart.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import IntEnum
from typing import Protocol, runtime_checkable

from sim.core.errors import WiringError
from sim.core.rng import Draw
from sim.world.world import World

#: State that is only ever appended to: two writers need no order between them.
APPEND_ONLY = ("records.", "agendas.", "ledger", "flow.terms", "flow.lanes")


class Phase(IntEnum):
    """The ten phases of a day, in order."""

    STRIKE = 0
    DECIDE = 1
    STEER = 2
    EXPOSE = 3
    SHARE = 4
    BUY = 5
    FULFIL = 6
    PERSUADE = 7
    SETTLE = 8
    MEASURE = 9


@runtime_checkable
class Mechanism(Protocol):
    """Everything that can be switched off.

    Attributes
    ----------
    name : str
        Key of its section in the configuration.
    phase : Phase
        When it acts; STEER, EXPOSE, SHARE, BUY and FULFIL act once per daypart, the rest once a day.
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


def wound_down(mechanisms: Iterable[Mechanism]) -> list[Mechanism]:
    """What goes on of a feature that is not offered any more: commitments run off, nothing new is offered.

    A mechanism that only offers something says ``offers = True`` and stops. One that both offers and keeps
    what was promised has an attribute ``offering``, and is told.
    """
    kept = [one for one in mechanisms if not getattr(one, "offers", False)]
    for one in kept:
        if hasattr(one, "offering"):
            one.offering = False
    return kept


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
