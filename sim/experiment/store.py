"""The results store: one Parquet file per run and table, in folders that DuckDB and pandas read as columns.

Every file is written under a temporary name, flushed to disk and then renamed, and the totals
of a run are written last: a run exists once its totals do, so a killed run leaves nothing that
a reader could trip over. Parquet and JSON only, nothing that runs code when it is read.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import traceback
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from sim.config import SETTINGS
from sim.core.errors import StoreError
from sim.core.files import check_folder, commit, sweep_temporaries
from sim.experiment import reading
from sim.experiment.breakdown import breakdown
from sim.measure.guardrails import UNITS

if TYPE_CHECKING:
    from sim.config import Config

Level = Literal["totals", "daily", "events"]
_LEVELS: tuple[Level, ...] = ("totals", "daily", "events")

#: Consumers up to which a single run keeps every event by default.
EVENTS_UP_TO = 50_000

_SAFE = re.compile(r"[a-z0-9_]{1,64}")
#: The level in a run's description: of all keys of that name, the only one that is not further in.
_SAID_LEVEL = '\n "level": "'

#: Settings that never change a result, or only say how many worlds there are.
NOT_STRATEGY = tuple(name for name in SETTINGS if name not in ("experiment", "targets"))
_NOT_VARIANT = ("name", "seed", "replications", "first_replication", "until", "most_replications")


class Run(Protocol):
    """What the store keeps of one finished replication.

    Attributes
    ----------
    tables : event tables, name -> column -> values (``sim/world/schema.py``).
    window : first measured day and the day after the last.
    info : who and what: experiment, scenario, seed, replication, key, world, versions, ...
    kpis : indicator or guardrail -> value, nan where it is not observable.
    daily : series name -> float64[days].
    timings : seconds by stage; kept apart, because they differ from run to run.
    """

    @property
    def tables(self) -> Mapping[str, Mapping[str, np.ndarray]]:
        """Event tables, name -> column -> values."""
        ...

    @property
    def window(self) -> tuple[int, int]:
        """First measured day and the day after the last."""
        ...

    @property
    def info(self) -> Mapping[str, Any]:
        """Who and what: experiment, scenario, seed, key, versions."""
        ...

    @property
    def kpis(self) -> Mapping[str, float]:
        """Indicator or guardrail -> value, nan where it is not observable."""
        ...

    @property
    def daily(self) -> Mapping[str, np.ndarray]:
        """Series name -> float64[days]."""
        ...

    @property
    def timings(self) -> Mapping[str, float]:
        """Seconds by stage."""
        ...


def default_level(consumers: int, sweep: bool = False) -> Level:
    """How much a run keeps unless told: every event of a modest single run, else totals and days."""
    return "daily" if sweep or consumers > EVENTS_UP_TO else "events"


def variant_of(config: Mapping[str, Any], code: str = "") -> str:
    """Digest of what a run's configuration says apart from its seed and number of worlds.

    Replications of one variant may be averaged; two variants filed under one scenario name may not.
    """
    said = {k: v for k, v in config.items() if k not in NOT_STRATEGY}
    if isinstance(said.get("experiment"), Mapping):
        said["experiment"] = {k: v for k, v in said["experiment"].items() if k not in _NOT_VARIANT}
    text = json.dumps([said, code], sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def level_of(config: Config, sweep: bool = False) -> Level:
    """How much is kept of each run, as ``store.level`` says or, if it leaves that open, by default."""
    return level_said(config.store.level) or default_level(int(getattr(config.population, "size", 0)), sweep)


def level_said(said: str) -> Level | None:
    """The level that a setting asks for; None if it leaves that to the default."""
    return next((level for level in _LEVELS if level == said), None)


class Store:
    """A folder of results.

    Parameters
    ----------
    root : path-like
        Folder; made when missing by :meth:`check`.
    level : {'totals', 'daily', 'events'}
        How much of each run is kept; every level includes the ones before it.
    units : mapping of str to str, optional
        Units of indicators that the measurement does not declare itself.
    """

    def __init__(
        self,
        root: str | os.PathLike[str] = "results",
        level: Level = "events",
        units: Mapping[str, str] | None = None,
    ) -> None:
        self.root = Path(root)
        self.level = level
        self.units = {**UNITS, **(units or {})}

    def check(self) -> None:
        """Make the folder and try to write in it, before anything is simulated.

        Raises
        ------
        StoreError
            One line: the folder, the rule and the remedy.
        """
        for folder in (self.root, self.root / "totals"):
            check_folder(folder)
        sweep_temporaries(self.root)

    def path(self, table: str, experiment: str, scenario: str, key: str, suffix: str = "parquet") -> Path:
        """File of one run and table, for instance ``totals`` or ``events/visits``.

        Raises
        ------
        StoreError
            If a name could leave the folder or hide in it.
        """
        for what, name in (("experiment", experiment), ("scenario", scenario), ("key", key)):
            if not _SAFE.fullmatch(name):
                raise StoreError(
                    f"results: {what} must be 1 to 64 of a-z, 0-9 and _ (it is '{name}'); choose such a name"
                )
        return self.root / table / f"experiment={experiment}" / f"scenario={scenario}" / f"{key}.{suffix}"

    def has(self, experiment: str, scenario: str, key: str) -> bool:
        """Whether this run is complete, readable, and holds as much as this store keeps."""
        try:
            level = _level(self.path("runs", experiment, scenario, key, "json"))
            totals = self.path("totals", experiment, scenario, key)
            if self._enough(level) and pq.read_metadata(totals).num_rows > 0:
                return True
        except (OSError, pa.ArrowException):
            pass
        note = reading.noted(self.folded("runs", experiment, scenario)).get(key)
        enough = note is not None and self._enough(note.level)
        return enough and key in reading.keys(self.folded("totals", experiment, scenario))

    def finished(self, experiment: str) -> set[tuple[str, str]]:
        """Scenario and key of every run that :meth:`has` would find, all at once.

        Whether a file is whole is seen from its two ends alone, so that thousands take a second.
        """
        with warnings.catch_warnings():  # whoever reads the runs will be told of strangers
            warnings.simplefilter("ignore")
            totals = reading.listed(self.root, "totals", [], experiment)
        runs = reading.listed(self.root, "runs", [], experiment, suffix=".json").loose
        done = {
            place[1:]
            for place, path in totals.loose.items()
            if place in runs and self._enough(_level(runs[place])) and reading.torn(path) is None
        }
        for (_, scenario), path in totals.folded.items():
            notes = reading.noted(self.folded("runs", experiment, scenario))
            done |= {(scenario, k) for k in reading.keys(path) if k in notes and self._enough(notes[k].level)}
        return done

    def _enough(self, level: str) -> bool:
        return level in _LEVELS and _LEVELS.index(level) >= _LEVELS.index(self.level)

    def folded(self, table: str, experiment: str, scenario: str) -> Path:
        """File that holds one table of many runs of a scenario."""
        return self.path(table, experiment, scenario, "folded").with_name(reading.FOLDED)

    def write(self, result: Run, config: Config | Mapping[str, Any] | None = None) -> str:
        """Store one run and return its key; the totals come last and commit it.

        Parameters
        ----------
        result : Run
            Its ``info`` names experiment, scenario, replication, seed and key.
        config : Config or mapping, optional
            Configuration, or its plain values: section -> key -> value.

        Raises
        ------
        StoreError
            If a file cannot be written; files of earlier runs are untouched.
        """
        info = result.info
        place = (str(info["experiment"]), str(info["scenario"]), str(info["key"]))
        said = config if isinstance(config, Mapping) else config.resolved if config else {}
        plain = {k: v for k, v in said.items() if k not in NOT_STRATEGY}
        marks = _marks(result, variant_of(plain, f"{info.get('code', '')}{info.get('worlds', '')}"))
        if self.level == "events":
            for name, columns in result.tables.items():
                self._parquet(
                    f"events/{name}", place, {**columns, **_repeat(marks, columns, "replication", "key")}
                )
        if self.level != "totals":
            self._parquet("daily", place, _daily(result, marks))
            figures = breakdown(result.tables, result.window)
            self._parquet("breakdown", place, {**figures, **_repeat(marks, figures, "replication", "key")})
        described = {"info": dict(info), "window": list(result.window), "config": plain, "level": self.level}
        self._json("runs", place, described)
        self._json("timings", place, {"seconds": dict(result.timings)})
        self._parquet("totals", place, _totals(result, marks, self.units))
        self._forget_error(place)
        return place[2]

    def write_error(self, experiment: str, scenario: str, key: str, error: BaseException) -> Path:
        """Keep the traceback of a failed run beside its key and return the file."""
        path = self.path("errors", experiment, scenario, key, "txt")
        text = "".join(traceback.format_exception(error))
        commit(path, lambda temporary: temporary.write_text(text))
        return path

    def _forget_error(self, place: tuple[str, str, str]) -> None:
        """Drop the error of an earlier attempt, now that the run is complete."""
        self.path("errors", *place, suffix="txt").unlink(missing_ok=True)

    def _parquet(self, table: str, place: tuple[str, str, str], columns: Mapping[str, Any]) -> None:
        data = pa.table({name: _arrow(values) for name, values in columns.items()})

        def save(temporary: Path) -> None:
            pq.write_table(data, temporary, compression="zstd")

        commit(self.path(table, *place), save)

    def _json(self, table: str, place: tuple[str, str, str], content: Mapping[str, Any]) -> None:
        text = json.dumps(content, sort_keys=True, indent=1, default=_plain, ensure_ascii=False)
        commit(self.path(table, *place, suffix="json"), lambda temporary: temporary.write_text(text))


def _level(path: Path) -> str:
    """How much was kept of a run, from its description; empty if that cannot be read."""
    try:
        return level_in(path.read_text())
    except (OSError, ValueError):
        return ""


def level_in(text: str) -> str:
    """How much was kept of a run, as its description says; empty if it does not."""
    _, mark, rest = text.partition(_SAID_LEVEL)
    return rest.partition('"')[0] if mark else ""


def _marks(result: Run, variant: str) -> dict[str, Any]:
    """Columns that say which run a row belongs to."""
    info = result.info
    return {
        "key": str(info["key"]),
        "replication": int(info["replication"]),
        "seed": int(info["seed"]),
        "world": str(info.get("world", "")),
        "variant": variant,
        "first_day": int(result.window[0]),
        "end_day": int(result.window[1]),
        "baseline_key": str(info.get("baseline_key", "")),
    }


def _totals(result: Run, marks: Mapping[str, Any], units: Mapping[str, str]) -> dict[str, Any]:
    names = list(result.kpis)
    values = np.array([float(result.kpis[name]) for name in names], np.float64)
    columns = {"name": names, "value": values, "unit": [units.get(name, "") for name in names]}
    return {**columns, **_repeat(marks, columns, *marks)}


def _daily(result: Run, marks: Mapping[str, Any]) -> dict[str, Any]:
    """One row per series and day, so that runs with different series can be read together."""
    first, end = result.window
    names = sorted(result.daily)
    days = np.arange(first, end, dtype=np.int32)
    series = [np.asarray(result.daily[name], np.float64) for name in names]
    columns = {
        "name": [name for name, values in zip(names, series, strict=True) for _ in values],
        "day": np.concatenate([days[: len(values)] for values in series] or [days[:0]]),
        "value": np.concatenate(series or [np.zeros(0)]),
    }
    return {**columns, **_repeat(marks, columns, "replication", "key")}


def _repeat(marks: Mapping[str, Any], columns: Mapping[str, Any], *names: str) -> dict[str, list[Any]]:
    rows = len(next(iter(columns.values()), ()))
    return {name: [marks[name]] * rows for name in names}


def _arrow(values: Any) -> pa.Array:
    """Column as Arrow: texts as a dictionary, nan as null (what is not observable is not a number)."""
    if isinstance(values, list):
        if not values or isinstance(values[0], str):
            return pa.array(values, pa.string()).dictionary_encode()
        return pa.array(values)
    return pa.array(values, from_pandas=np.asarray(values).dtype.kind == "f")


def _plain(value: Any) -> Any:
    """NumPy scalars and other oddities as JSON."""
    return value.item() if isinstance(value, np.generic) else str(value)
