"""Folding a finished sweep: the many small files of its runs become one a table and scenario.

A folded file is written beside the small ones, read back and counted, and renamed into place;
only when every table of a scenario is folded are its small files removed. Readers take a run's
own file before the folded one, so a command that is killed anywhere loses and doubles nothing,
and the same command again completes it.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from sim.core.atomic import commit
from sim.core.errors import StoreError
from sim.core.language import tr
from sim.store import manifest
from sim.store.manifest import distinct
from sim.store.reading import NEEDED, PLACE, Files, Noted, listed, merged, noted, read, skip
from sim.store.store import Store, level_in
from sim.store.writing import writing

_TEXTS = ("runs", "timings")
#: Totals come last, as they do when a run is stored: they say that it exists.
_TABLES = ("daily", "breakdown", *_TEXTS, "totals")


@dataclass
class Folded:
    """What folding did.

    Attributes
    ----------
    runs : int
        Runs that are in folded files now.
    removed, written : int
        Small files that are gone, folded files that were written.
    skipped : list of str
        Files that could not be read and were left alone.
    """

    runs: int = 0
    removed: int = 0
    written: int = 0
    skipped: list[str] = field(default_factory=list)


def compact(root: str | os.PathLike[str], experiment: str, unfinished: bool = False) -> Folded:
    """Fold the runs of one experiment into one file a table and scenario.

    Parameters
    ----------
    root : path-like
        Folder of the store.
    experiment : str
        Name of the experiment.
    unfinished : bool
        Whether to fold what is there of a sweep that still has runs to make.

    Raises
    ------
    StoreError
        If there is no such experiment, its sweep is unfinished, another command folds it at this
        moment, or a file cannot be written.
    """
    store, done = Store(root, "totals"), Folded()
    totals = listed(store.root, "totals", done.skipped, experiment)
    scenarios = sorted({place[1] for place in (*totals.loose, *totals.folded)})
    if not scenarios:
        raise StoreError(
            tr(
                "experiment: no run of '{experiment}' in '{root}'; choose one that has runs",
                experiment=experiment,
                root=store.root,
            )
        )
    if not unfinished:
        _check_finished(store, experiment)
    with _alone(store.root, experiment):
        for scenario in scenarios:
            with contextlib.suppress(_LeftAloneError):
                _Scenario(store, experiment, scenario, done).fold()
    return done


def _check_finished(store: Store, experiment: str) -> None:
    """Refuse while runs of the experiment's sweep are missing."""
    if experiment not in manifest.names(store.root):
        return
    here = store.finished(experiment)
    jobs = distinct(manifest.read(store.root, experiment).jobs)
    missing = sum((job.scenario, job.key) not in here for job in jobs)
    if missing:
        raise StoreError(
            tr(
                "experiment: the sweep '{experiment}' must be finished ({missing} of {n_jobs} runs "
                "are missing); finish it, or fold what is there with --unfinished",
                experiment=experiment,
                missing=missing,
                n_jobs=len(jobs),
            )
        )


@contextlib.contextmanager
def _alone(root: Path, experiment: str) -> Iterator[None]:
    """Keep a second command from folding the same experiment; a killed one holds nothing back."""
    lock = root / f".{experiment}.folding"
    with writing(lock):
        opened = lock.open("w", encoding="utf-8")
    with opened as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise StoreError(
                tr(
                    "experiment: '{experiment}' must not be folded by two commands at once ({strerror}); "
                    "wait until the other has ended",
                    experiment=experiment,
                    strerror=(error.strerror or str(error)).lower(),
                )
            ) from None
        yield


class _LeftAloneError(Exception):
    """A folded file cannot be read: the scenario stays as it is until its user has moved it away."""


class _Scenario:
    """The files of one scenario on their way into folded ones."""

    def __init__(self, store: Store, experiment: str, scenario: str, done: Folded) -> None:
        self._store, self._place, self._done = store, (experiment, scenario), done
        self._folded_in: list[tuple[Path, tuple[int, int, int]]] = []

    def fold(self) -> None:
        """Write every folded file, then remove what they hold."""
        events = sorted(path.name for path in (self._store.root / "events").glob("*") if path.is_dir())
        keys = self._keys()
        for table in (*(f"events/{name}" for name in events), *_TABLES):
            self._fold(table, keys)
        self._done.runs += len(keys)
        for path, stamp in reversed(self._folded_in):  # totals first: what is left of a run is no run
            if path.exists() and _stamp(path) == stamp:  # else it was made again in the meantime
                with writing(path):
                    path.unlink()
                self._done.removed += 1

    def _keys(self) -> set[str]:
        """Runs that exist: their totals can be read."""
        files = self._files("totals")
        own, _ = self._read("totals", list(files.loose.values()))
        folded = self._folded("totals", files)
        return {
            key for part in (own, folded) if part is not None for key in pc.unique(part["key"]).to_pylist()
        }

    def _files(self, table: str) -> Files:
        suffix = ".json" if table in _TEXTS else ".parquet"
        return listed(self._store.root, table, self._done.skipped, *self._place, suffix=suffix)

    def _read(self, table: str, paths: list[Path]) -> tuple[pa.Table | None, list[Path]]:
        return read(paths, NEEDED.get(table, ()), self._done.skipped)

    def _folded(self, table: str, files: Files) -> pa.Table | None:
        """Rows that are folded already."""
        paths = list(files.folded.values())
        found, sound = self._read(table, paths)
        if len(sound) < len(paths):
            raise _LeftAloneError
        return found

    def _fold(self, table: str, keys: set[str]) -> None:
        """One table: rows of the small files and of the folded one into a new folded one."""
        files = self._files(table)
        own = {place[2]: path for place, path in files.loose.items() if place[2] in keys}
        if not own:
            return
        stamps = {path: _stamp(path) for path in own.values()}
        before = self._folded(table, files)
        notes = noted(self._store.folded("runs", *self._place))
        fresh, paths = self._texts(own, notes) if table in _TEXTS else self._read(table, list(own.values()))
        rows = merged(fresh, before)
        if rows is None:
            return
        expected = _counted(paths, before, table in _TEXTS)
        rows = rows.drop_columns(["experiment", "scenario"])

        def save(temporary: Path) -> None:
            pq.write_table(rows, temporary, compression="zstd", write_page_checksum=True)
            _verify(temporary, expected)

        commit(self._store.folded(table, *self._place), save)
        self._done.written += 1
        self._folded_in += [(path, stamps[path]) for path in paths]

    def _texts(self, own: dict[str, Path], notes: dict[str, Noted]) -> tuple[pa.Table, list[Path]]:
        """Descriptions or timings as rows, and the files that could be read."""
        found: list[tuple[str, str, str, int]] = []
        paths = []
        for key, path in own.items():
            try:
                text = path.read_text(encoding="utf-8")
            except (OSError, ValueError) as error:
                skip(path, error, self._done.skipped)
                continue
            totals = self._store.path("totals", *self._place, key)
            known = notes.get(key)
            when = totals.stat().st_mtime_ns if totals.exists() else known.written if known else 0
            found.append((key, level_in(text), text, when))
            paths.append(path)
        columns = list(zip(*found, strict=True)) if found else [(), (), (), ()]
        kinds = (pa.string(), pa.string(), pa.string(), pa.int64())
        named = zip(("key", "level", "text", "written"), columns, kinds, strict=True)
        place = dict(zip(PLACE, self._place, strict=False))
        return pa.table(
            {name: pa.array(values, kind) for name, values, kind in named}
            | {name: pa.array([said] * len(found), pa.string()) for name, said in place.items()}
        ), paths


def _counted(paths: list[Path], before: pa.Table | None, texts: bool) -> Counter[str]:
    """Rows that each run has in the sources, from their footers."""
    own = {path.stem: 1 if texts else pq.read_metadata(path).num_rows for path in paths}
    rows = Counter({key: n for key, n in own.items() if n})
    if before is not None:
        there = Counter(before["key"].to_pylist())
        rows.update({key: n for key, n in there.items() if not own.get(key)})
    return rows


def _verify(path: Path, expected: Counter[str]) -> None:
    """Refuse a folded file that does not hold what its sources hold."""
    found = Counter(pq.read_table(path, columns=["key"], partitioning=None)["key"].to_pylist())
    if found != expected:
        raise StoreError(
            tr(
                "results: '{parent}' could not be folded ({total} rows instead of {total2}); nothing "
                "was removed, check the disk and try again",
                parent=path.parent,
                total=found.total(),
                total2=expected.total(),
            )
        )


def _stamp(path: Path) -> tuple[int, int, int]:
    state = path.stat()
    return state.st_ino, state.st_mtime_ns, state.st_size
