"""The results store: one Parquet file per run and table, in folders that DuckDB and pandas read as columns.

Every file is written under a temporary name, flushed to disk and then renamed, and the totals
of a run are written last: a run exists once its totals do, so a killed run leaves nothing that
a reader could trip over. Parquet and JSON only, nothing that runs code when it is read.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import shlex
import traceback
import warnings
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Literal, Protocol

import numpy as np
import pyarrow as pa

from sim.config import SETTINGS, Config
from sim.config.hashes import TOLD
from sim.core.atomic import check_folder, commit, sweep_temporaries
from sim.core.errors import StoreError
from sim.core.language import tr
from sim.core.sealed import sealed
from sim.measure.breakdown import breakdown
from sim.measure.guardrails import UNITS
from sim.registry import FEATURES, units_of
from sim.store import integrity, reading
from sim.store.integrity import content_digest, repeated, serialized

Level = Literal["totals", "daily", "events"]
_LEVELS: tuple[Level, ...] = ("totals", "daily", "events")

#: Consumers up to which a single run keeps every event by default.
EVENTS_UP_TO = 50_000

_SAFE = re.compile(r"[a-z0-9_]{1,64}")
#: The level in a run's description: of all keys of that name, the only one that is not further in.
_SAID_LEVEL = '\n "level": "'

#: Settings that never change a result, or only say how many worlds there are.
NOT_STRATEGY = tuple(name for name in SETTINGS if name not in ("experiment", *TOLD))
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
                    tr(
                        "results: {what} must be 1 to 64 of a-z, 0-9 and _ (it is '{name}'); choose such a "
                        "name",
                        what=what,
                        name=name,
                    )
                )
        return self.root / table / f"experiment={experiment}" / f"scenario={scenario}" / f"{key}.{suffix}"

    @property
    def elsewhere(self) -> str:
        """The word that names this folder, to end a command with; empty if it is the usual one."""
        return "" if str(self.root) == "results" else f" paths.results={shlex.quote(str(self.root))}"

    def has(self, experiment: str, scenario: str, key: str) -> bool:
        """Whether this run is whole, and holds as much as this store keeps."""
        if self.problem(experiment, scenario, key) == "":
            return True
        return key in self._whole_in_folded(experiment, scenario)

    def problem(self, experiment: str, scenario: str, key: str) -> str | None:
        """What is wrong with a run's own files, in words; empty if nothing is, None if there are none."""
        totals = self.path("totals", experiment, scenario, key)
        try:
            text = self.path("runs", experiment, scenario, key, "json").read_text(encoding="utf-8")
        except FileNotFoundError:
            return tr("its description is missing") if totals.exists() else None
        except (OSError, ValueError):
            return tr("its description cannot be read")
        description = integrity.described(text)
        if description is None:
            return tr("its description cannot be read")
        if not totals.exists():
            return None  # a run counts from its totals on; this one was never finished
        if not self._enough(str(description.get("level", ""))):
            return tr(
                "it keeps {level} where {level2} is asked for",
                level=description.get("level"),
                level2=self.level,
            )
        return integrity.problem(description, key, lambda table: self.path(table, experiment, scenario, key))

    def finished(self, experiment: str) -> set[tuple[str, str]]:
        """Scenario and key of every run that :meth:`has` would find, all at once."""
        return self.states(experiment)[0]

    def states(self, experiment: str) -> tuple[set[tuple[str, str]], dict[tuple[str, str], str]]:
        """Runs that are whole, and runs whose files are not what was written, with what is wrong."""
        with warnings.catch_warnings():  # whoever reads the runs will be told of strangers
            warnings.simplefilter("ignore")
            totals = reading.listed(self.root, "totals", [], experiment)
        whole: set[tuple[str, str]] = set()
        damaged: dict[tuple[str, str], str] = {}
        for _, scenario in totals.folded:
            whole |= {(scenario, key) for key in self._whole_in_folded(experiment, scenario)}
        for _, scenario, key in totals.loose:
            wrong = self.problem(experiment, scenario, key)
            if wrong == "":
                whole.add((scenario, key))
            elif wrong is not None and (scenario, key) not in whole:
                damaged[scenario, key] = wrong
        return whole, damaged

    def _whole_in_folded(self, experiment: str, scenario: str) -> set[str]:
        """Keys of a scenario's folded runs that every folded table of this store's level holds."""
        notes = reading.noted(self.folded("runs", experiment, scenario))
        found = {key for key, note in notes.items() if self._enough(note.level)}
        for table in ("totals",) if self.level == "totals" else ("totals", "daily", "breakdown"):
            found &= reading.keys(self.folded(table, experiment, scenario)) if found else set()
        if self.level == "events":  # runs without rows of a table are not in its file, so keys say nothing
            tables = self._event_tables(experiment, scenario, found)
            damaged = any(reading.torn(self.folded(one, experiment, scenario)) for one in tables)
            return set() if damaged else found
        return found

    def _event_tables(self, experiment: str, scenario: str, keys: set[str]) -> list[str]:
        """Tables of events that folded runs were written with, as one of their descriptions says."""
        for key in sorted(keys)[:1]:
            with contextlib.suppress(ValueError):
                text = reading.text_of(self.folded("runs", experiment, scenario), key)
                described = integrity.described(text) or {}
                return [name for name in described.get("files", ()) if name.startswith("events/")]
        return []

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
        digests = {}
        for table, columns in self._tables(result, marks):
            digests[table] = self._parquet(table, place, serialized(columns))
        added = units_of((*FEATURES, *(config.features if isinstance(config, Config) else ())))
        totals = serialized(_totals(result, marks, {**self.units, **added}))
        digests["totals"] = content_digest(totals)
        described = {
            "info": dict(info),
            "window": list(result.window),
            "config": plain,
            "level": self.level,
            "files": digests,
        }
        self._json("runs", place, sealed(json.loads(_text(described)), place[2]))
        self._json("timings", place, {"seconds": dict(result.timings)})
        self._parquet("totals", place, totals)
        self._forget_error(place)
        return place[2]

    def _tables(self, result: Run, marks: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
        """Name and columns of every table of this store's level, the totals left out."""
        if self.level == "events":
            for name, columns in result.tables.items():
                yield f"events/{name}", {**columns, **_repeat(marks, columns, "replication", "key")}
        if self.level != "totals":
            yield "daily", _daily(result, marks)
            figures = breakdown(result.tables, result.window)
            yield "breakdown", {**figures, **_repeat(marks, figures, "replication", "key")}

    def write_error(self, experiment: str, scenario: str, key: str, error: BaseException) -> Path:
        """Keep the traceback of a failed run beside its key and return the file."""
        path = self.path("errors", experiment, scenario, key, "txt")
        text = "".join(traceback.format_exception(error))
        commit(path, lambda temporary: temporary.write_text(text, encoding="utf-8", newline="\n"))
        return path

    def _forget_error(self, place: tuple[str, str, str]) -> None:
        """Drop the error of an earlier attempt, now that the run is complete."""
        self.path("errors", *place, suffix="txt").unlink(missing_ok=True)

    def _parquet(self, table: str, place: tuple[str, str, str], content: bytes) -> str:
        """Write one table; returns the digest of its content."""
        commit(self.path(table, *place), lambda temporary: temporary.write_bytes(content))
        return content_digest(content)

    def _json(self, table: str, place: tuple[str, str, str], content: Mapping[str, Any]) -> None:
        text = _text(content)
        commit(
            self.path(table, *place, suffix="json"),
            lambda temporary: temporary.write_text(text, encoding="utf-8", newline="\n"),
        )


def _text(content: Mapping[str, Any]) -> str:
    return json.dumps(content, sort_keys=True, indent=1, default=_plain, ensure_ascii=False)


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


def _repeat(marks: Mapping[str, Any], columns: Mapping[str, Any], *names: str) -> dict[str, pa.Array]:
    rows = len(next(iter(columns.values()), ()))
    return {name: repeated(name, marks[name], rows) for name in names}


def _plain(value: Any) -> Any:
    """NumPy scalars and other oddities as JSON."""
    return value.item() if isinstance(value, np.generic) else str(value)
