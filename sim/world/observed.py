"""What the operator's instruments have read: figures of days, with what was counted and over what.

The operator decides on these readings and on nothing else. A signal says which events count, and over which;
a reading holds both numbers for a stretch of time, as the instruments showed them: perhaps late, perhaps with
an error, perhaps of a part of what happened (``sim/operator/instruments.py``).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from sim.core.clock import MINUTES_PER_DAY
from sim.world.schema import SCHEMAS, Records

Tables = Mapping[str, Mapping[str, np.ndarray]]
Weights = Callable[[Tables], np.ndarray]

#: Days before the strategy from which a signal's usual level is taken.
USUAL_DAYS = 60


@dataclass(frozen=True)
class Signal:
    """A figure that instruments read: a sum of weights over events, perhaps over another, perhaps by part.

    Attributes
    ----------
    name : str
        Key by which monitors and readings name it.
    meaning : str
        What is counted, in a line.
    unit : str
        ``share``, ``orders``, ``CNY``, ...
    over : callable
        Tables -> weight of each event of the numerator.
    per : callable, optional
        Tables -> weight of each event of the denominator. None: the figure is an amount a usual day, because
        its denominator is the calendar's own factor on demand.
    by : tuple of callables, optional
        Tables -> part of each event of ``over``, and of ``per``; negative = no part.
    parts : tuple of str, optional
        Names of the parts; none = the figure is one number.
    own : bool
        Read from the operator's own books, in which nothing is late, missing or in doubt.
    """

    name: str
    meaning: str
    unit: str
    over: Weights
    per: Weights | None = None
    by: tuple[Weights, ...] = ()
    parts: tuple[str, ...] = ()
    own: bool = False

    def weights(self, tables: Tables) -> tuple[list[np.ndarray], list[np.ndarray]]:
        """Weights of the numerator's and the denominator's events, an array a part each."""
        return self._split(tables, 0), self._split(tables, 1)

    def sums(self, tables: Tables) -> tuple[np.ndarray, np.ndarray]:
        """float64[parts] each: the sums of :meth:`weights`, for instruments that see everything."""
        return self._sums(tables, 0), self._sums(tables, 1)

    def _sums(self, tables: Tables, side: int) -> np.ndarray:
        count = (self.over, self.per)[side]
        if count is None:
            return np.zeros(max(1, len(self.parts)))
        values = np.asarray(count(tables), np.float64)
        if not self.parts:
            return np.array([values.sum()])
        part = np.asarray(self.by[side](tables))
        known = part >= 0
        if not known.all():
            part, values = part[known], values[known]
        return np.bincount(part, values, minlength=len(self.parts)).astype(np.float64)

    def _split(self, tables: Tables, side: int) -> list[np.ndarray]:
        count = (self.over, self.per)[side]
        if count is None:
            return [np.zeros(0)] * max(1, len(self.parts))
        values = np.asarray(count(tables), np.float64)
        if not self.parts:
            return [values]
        part = np.asarray(self.by[side](tables))
        return [values[part == k] for k in range(len(self.parts))]


class Reading(NamedTuple):
    """One look: the minute at which its stretch of time ends, and sums by part, float64[parts]."""

    minute: int
    over: np.ndarray
    per: np.ndarray


@dataclass(frozen=True)
class DataService:
    """What a data platform offers to whoever decides on a day: reports no older than ``hours``."""

    day: int = -1
    hours: float = math.inf

    def fresher(self, hours: float) -> float:
        """Age in hours of a report that is ``hours`` old without a platform."""
        return min(hours, self.hours)


@dataclass
class Observed:
    """Readings of every signal, oldest first.

    Attributes
    ----------
    readings : dict of str to list of Reading
        By signal.
    delay : dict of str to float
        Days after which a reading is there to be seen, by signal; 0 where nothing is said.
    service : DataService
        Of the day that it names.
    closed : dict of str to (int, float)
        Share of goods shown that would not fit and do, by what brings that about, each with its day.
    """

    readings: dict[str, list[Reading]] = field(default_factory=dict)
    delay: dict[str, float] = field(default_factory=dict)
    service: DataService = field(default_factory=DataService)
    closed: dict[str, tuple[int, float]] = field(default_factory=dict)
    _starts: dict[str, int] = field(default_factory=dict)
    _starts_of: int = -1

    def served(self, day: int) -> DataService:
        """What a data platform offers on a day; nothing without one."""
        return self.service if self.service.day == day else DataService()

    def closes(self, name: str, day: int, share: float) -> None:
        """Let a part (0..1) of the goods that would not fit do so for a day, on top of what others do."""
        self.closed[name] = day, share

    def match(self, day: int, usual: float) -> float:
        """Share of goods shown that fit: each closes a part of what the others leave of the misfits."""
        left = math.prod(1.0 - share for since, share in self.closed.values() if since == day)
        return 1.0 - (1.0 - usual) * left if left < 1.0 else usual

    def look(self, day: int, records: Records) -> None:
        """Remember how far every table has been read today."""
        self._starts, self._starts_of = {name: len(table) for name, table in records.tables.items()}, day

    def since(self, day: int) -> dict[str, int]:
        """First row of each table that has not been read today; nothing read yet, no entry."""
        return self._starts if self._starts_of == day else {}

    def add(self, name: str, reading: Reading, keep_days: float | None = None) -> None:
        """Enter a reading, and forget those that are older than ``keep_days``."""
        held = self.readings.setdefault(name, [])
        held.append(reading)
        if keep_days is not None:
            oldest = reading.minute - keep_days * MINUTES_PER_DAY
            while held and held[0].minute <= oldest:
                held.pop(0)

    def seen(self, name: str, now: int, days: float) -> list[Reading]:
        """Readings of the last ``days`` that can be seen at absolute minute ``now``."""
        until = now - self.delay.get(name, 0.0) * MINUTES_PER_DAY
        return self.between(name, until - days * MINUTES_PER_DAY, until)

    def between(self, name: str, after: float, until: float) -> list[Reading]:
        """Readings whose stretch ends after one minute and not after another."""
        found = []
        for reading in reversed(self.readings.get(name, ())):
            if reading.minute <= after:
                break
            if reading.minute <= until:
                found.append(reading)
        return found[::-1]

    def latest(self, name: str, now: int) -> float:
        """The newest number that can be seen; 0 where there is none."""
        until = now - self.delay.get(name, 0.0) * MINUTES_PER_DAY
        for reading in reversed(self.readings.get(name, ())):
            if reading.minute <= until:
                return float(reading.over[0])
        return 0.0

    def state(self) -> dict[str, np.ndarray]:
        """What a snapshot keeps."""
        found = {}
        for name, held in self.readings.items():
            found[f"{name}/minute"] = np.array([reading.minute for reading in held], np.int64)
            found[f"{name}/over"] = np.array([reading.over for reading in held])
            found[f"{name}/per"] = np.array([reading.per for reading in held])
        return found

    def restore(self, state: Mapping[str, np.ndarray]) -> None:
        """Take up what :meth:`state` gave."""
        names = sorted({key.rpartition("/")[0] for key in state})
        self.readings = {
            name: [
                Reading(int(minute), over.copy(), per.copy())
                for minute, over, per in zip(*(state[f"{name}/{c}"] for c in Reading._fields), strict=True)
            ]
            for name in names
        }


def total(readings: list[Reading], side: str) -> np.ndarray:
    """float64[parts]: the sum of one side of some readings; empty where there are none."""
    return np.sum([getattr(reading, side) for reading in readings], axis=0) if readings else np.zeros(0)


class Rows(Mapping[str, Mapping[str, np.ndarray]]):
    """Event tables from some row of each on: what was recorded since the last look."""

    def __init__(self, records: Records, starts: Mapping[str, int]) -> None:
        self.records, self.starts = records, starts

    def __getitem__(self, table: str) -> Mapping[str, np.ndarray]:
        return _TableRows(self.records, table, self.starts.get(table))

    def __iter__(self) -> Iterator[str]:
        return iter(self.records.tables)

    def __len__(self) -> int:
        return len(self.records.tables)


class _TableRows(Mapping[str, np.ndarray]):
    def __init__(self, records: Records, table: str, start: int | None) -> None:
        self.table = getattr(records, table)
        whole = "day" not in self.table.schema  # what does not belong to a day is there from the beginning
        self.start = 0 if whole else self.table.day_start if start is None else start

    def __getitem__(self, column: str) -> np.ndarray:
        rows: np.ndarray = self.table[column][self.start :]
        return rows

    def __iter__(self) -> Iterator[str]:
        return iter(self.table.schema)

    def __len__(self) -> int:
        return len(self.table.schema)


class _Touched(dict[str, dict[str, np.ndarray]]):
    """Empty tables that note which of them are looked at."""

    def __init__(self, schemas: Mapping[str, Mapping[str, tuple[str, str]]]) -> None:
        super().__init__(
            {t: {c: np.empty(0, dtype) for c, (dtype, _) in s.items()} for t, s in schemas.items()}
        )
        self.noted: set[str] = set()

    def __getitem__(self, table: str) -> dict[str, np.ndarray]:
        self.noted.add(table)
        return super().__getitem__(table)


def tables_of(signal: Signal, further: Mapping[str, Mapping[str, tuple[str, str]]]) -> frozenset[str]:
    """Names of the event tables that a signal looks at; ``further`` are schemas beside the market's own."""
    touched = _Touched({**SCHEMAS, **further})
    signal.weights(touched)
    return frozenset(touched.noted)
