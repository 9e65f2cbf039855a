"""Instruments: what the operator gets to see, how late, how exactly, and of how much of what happens.

Readings are taken when a day is done, or at the start of every daypart; the operator's rules look at nothing
else (``sim/operator/rules.py``). With perfect instruments, the default, a reading is what was counted.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Literal

import numpy as np

from sim.core.clock import HOURS_PER_DAY, MINUTES_PER_DAY
from sim.core.normals import normals
from sim.core.params import Params, lever, uncertainty
from sim.core.rng import Draw, keyed_uniforms
from sim.mechanism import Phase
from sim.world.observed import USUAL_DAYS, Reading, Rows, Signal, tables_of
from sim.world.world import World


class InstrumentParams(Params):
    """How well one figure is seen."""

    delay: float = uncertainty(0.0, "days", "A-912", ge=0, le=60, scope="strategy")
    """Days until a reading can be seen. Perfect by default; a data platform shows yesterday this morning, an
    organisation that reports by the week shows it up to 7 days later."""

    error: float = uncertainty(0.0, "share", "A-913", ge=0, le=1, scope="strategy")
    """Standard error of one reading relative to its true number; panels and attribution have 0.05 to 0.3."""

    coverage: float = uncertainty(1.0, "share of events", "A-914", ge=0.01, le=1, scope="strategy")
    """Share of events that are tracked at all; the others are made up for in proportion. Consent and apps
    leave 0.5 to 0.9."""


class InstrumentsParams(InstrumentParams):
    """How well the operator sees, in general and by figure."""

    every: Literal["day", "daypart"] = lever("day", "reading", "A-915")
    """Readings when a day is done, or at the start of every daypart of what the last one brought."""

    of: dict[str, InstrumentParams] = uncertainty({}, "figures by name", "definition", scope="strategy")
    """Figures that are seen otherwise: instruments.of.complaint_rate.delay=2; what is not said of a figure
    that is named here is perfect."""

    def for_signal(self, signal: Signal) -> InstrumentParams:
        """What holds for one figure; the operator's own books are exact."""
        return _EXACT if signal.own else self.of.get(signal.name, self)


#: How the operator sees its own books.
_EXACT = InstrumentParams()


class Instruments:
    """Reads the figures of the day that is done."""

    name = "instruments"
    phase = Phase.MEASURE

    def __init__(
        self,
        params: InstrumentsParams,
        signals: Sequence[Signal],
        watched: Collection[str],
        days: tuple[int, int],
        schemas: Mapping[str, Mapping[str, tuple[str, str]]],
    ) -> None:
        """Watched signals are always read; all of them in the days (first, end) that show what is usual."""
        self.params = params
        self.signals = list(signals)
        self.watched = [signal for signal in signals if signal.own or signal.name in watched]
        self.first, self.end = days
        tables = {f"records.{table}" for one in signals for table in tables_of(one, schemas)}
        self.reads = frozenset({*tables, "conditions.foreseen", "people.traits"})
        self.writes = frozenset({"observed", "records.observed"})

    def act(self, world: World, draw: Draw) -> None:
        """Take the day's readings; what is usual is learnt from the last days before the strategy."""
        self.read(world, draw, (world.day + 1) * MINUTES_PER_DAY)

    def read(self, world: World, draw: Draw, minute: int) -> None:
        """Read every figure that is wanted, of what was recorded since the last look."""
        learning = self.first <= world.day < self.end
        whole_day = minute % MINUTES_PER_DAY == 0  # the calendar's factor counts once a day
        factor = _demand(world) if whole_day else 0.0
        today, since = Rows(world.records, {}), Rows(world.records, world.observed.since(world.day))
        for signal in self.signals if learning else self.watched:
            seen = self.params.for_signal(signal)
            hours = world.observed.served(world.day).fresher(seen.delay * HOURS_PER_DAY)
            world.observed.delay[signal.name] = hours / HOURS_PER_DAY
            rows = today if signal.own else since  # books are closed once a day
            if seen.coverage == 1.0 and seen.error == 0.0:
                over, per = signal.sums(rows)
            else:
                sides = enumerate(signal.weights(rows))
                over, per = (_seen(signal, seen, side, draw, (minute, k)) for k, side in sides)
            found = Reading(minute, over, np.full(len(over), factor) if signal.per is None else per)
            world.observed.add(signal.name, found, USUAL_DAYS + self.end - self.first if learning else None)
            if not signal.own and world.day >= self.end:
                _record(world, signal, found)
        if self.params.every == "daypart":
            world.observed.look(world.day, world.records)


#: Tables to which a day adds nothing once its morning is over.
_SETTLED = frozenset({"records.names", "records.sessions_seeding", "records.bursts_begun"})


class InstrumentsBetween(Instruments):
    """Reads the figures of the daypart that is over."""

    name = "instruments_between"
    phase = Phase.STEER

    def __init__(self, params: InstrumentsParams, signals: Sequence[Signal], *args: Any) -> None:
        super().__init__(params, [signal for signal in signals if not signal.own], *args)
        # what has been recorded so far today, although more will be
        self.reads = frozenset(
            state if state in _SETTLED else f"{state}~"
            for state in self.reads
            if state.startswith("records.")
        )

    def act(self, world: World, draw: Draw) -> None:
        """Midnight has been read when the day was done."""
        if world.clock.daypart:
            self.read(world, draw, world.clock.start)


def _demand(world: World) -> float:
    """The calendar's factor on demand today, over all goods by what people need."""
    demand = world.conditions.foreseen
    if (demand == 1.0).all():
        return 1.0
    weights = world.people.need_rate.sum(axis=0, dtype=np.float64)
    return float(demand @ weights / weights.sum()) if weights.sum() > 0 else 1.0


def _seen(
    signal: Signal, seen: InstrumentParams, weights: Sequence[np.ndarray], draw: Draw, key: tuple[int, int]
) -> np.ndarray:
    """float64[parts]: sums as the instrument shows them; ``key`` is the minute and the fraction's side."""
    if seen.coverage < 1.0:
        weights = [
            _tracked(draw(f"observed.{signal.name}"), part, seen.coverage, (*key, k))
            for k, part in enumerate(weights)
        ]
    sums = np.array([part.sum() for part in weights])
    if seen.error > 0.0 and key[1] == 0:
        stream, parts = draw(f"observed.{signal.name}.error"), np.arange(len(sums))
        u, v = (keyed_uniforms(stream, parts, 2 * key[0] + side) for side in (0, 1))
        sums = sums * np.maximum(0.0, 1.0 + seen.error * normals(u, v))
    return sums


def _tracked(
    stream: np.uint64, weights: np.ndarray, coverage: float, key: tuple[int, int, int]
) -> np.ndarray:
    """The events that are tracked, made up for the others; in the order of weights, never of rows."""
    occasion = (key[0] * 2 + key[1]) * 1000 + key[2]
    kept = keyed_uniforms(stream, np.arange(len(weights)), occasion) < coverage
    found: np.ndarray = np.sort(weights)[kept] / coverage
    return found


def _record(world: World, signal: Signal, found: Reading) -> None:
    """A row a part in the table of readings."""
    world.records.observed.append(
        day=world.day,
        minute=np.full(len(found.over), found.minute),
        figure=signal.name,
        part=np.arange(len(found.over)),
        over=found.over,
        per=found.per,
    )
