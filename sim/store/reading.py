"""Reading one table of the store: files of single runs, and folded files that hold many runs.

A name is a digest of all that can change a number, so a run's rows are the same wherever they
stand: its own file is read if it can be, else its rows in the folded file of its scenario.
Whatever else lies in the folders is named and passed over.
"""

from __future__ import annotations

import glob
import os
import re
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

import duckdb
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from sim.core.errors import StoreError
from sim.core.language import tr

#: Name of a folded file; its hyphen keeps it apart from every run's name.
FOLDED = "all-runs.parquet"
#: experiment, scenario, key
Place = tuple[str, str, str]
PLACE = ["experiment", "scenario", "key"]
#: Columns of the totals that say which run a row belongs to.
MARKS = ["key", "replication", "seed", "world", "variant", "first_day", "end_day"]
#: Table -> columns without which a file is not recognised.
NEEDED = {"totals": ("name", "value", *MARKS)}

_FOLDERS = re.compile(r"experiment=(?P<experiment>[a-z0-9_]{1,64})/scenario=(?P<scenario>[a-z0-9_]{1,64})")
_KEY = re.compile(r"[a-z0-9_]{1,64}")
_EDGE, _SHORTEST = b"PAR1", 12


@dataclass
class Files:
    """Files of one table.

    Attributes
    ----------
    loose : dict
        Place of a run -> its own file, sorted.
    folded : dict
        (experiment, scenario) -> file of many runs, sorted.
    """

    loose: dict[Place, Path] = field(default_factory=dict)
    folded: dict[tuple[str, str], Path] = field(default_factory=dict)


def listed(
    root: Path,
    table: str,
    skipped: list[str],
    experiment: str | None = None,
    scenario: str | None = None,
    suffix: str = ".parquet",
) -> Files:
    """Files of one table, of one experiment or scenario if named; unrecognised ones go to ``skipped``."""
    files, base = Files(), root / table
    for folder, inside, names in os.walk(base):
        inside.sort()
        at = Path(folder).relative_to(base).as_posix()
        place = _FOLDERS.fullmatch(at)
        for name in sorted([*names, *(one for one in inside if one.endswith(".parquet"))]):
            key, dot, end = name.rpartition(".")
            if place and name == FOLDED:
                if _wanted(place, experiment, scenario):
                    files.folded[place["experiment"], place["scenario"]] = Path(folder, name)
            elif place and _KEY.fullmatch(key) and dot + end == suffix:
                if _wanted(place, experiment, scenario):
                    files.loose[place["experiment"], place["scenario"], key] = Path(folder, name)
            elif name.endswith(".parquet"):
                skip(Path(folder, name), tr("not where a run's totals belong"), skipped)
    return Files(dict(sorted(files.loose.items())), dict(sorted(files.folded.items())))


def _wanted(place: re.Match[str], experiment: str | None, scenario: str | None) -> bool:
    return experiment in (None, place["experiment"]) and scenario in (None, place["scenario"])


def skip(path: Path, reason: object, skipped: list[str]) -> None:
    """Name a file that is passed over, once, with the reason and what to do."""
    line = str(reason).splitlines()[0] if str(reason) else tr("unreadable")
    message = tr(
        "results: '{path}' is not a results file ({line}); it is skipped, move it away", path=path, line=line
    )
    if message not in skipped:
        skipped.append(message)
        warnings.warn(message, stacklevel=3)


def torn(path: Path) -> str | None:
    """Why a file cannot be a whole Parquet file; None if it may be one.

    Its two ends are looked at, and of a folded file all pages, whose checksums it holds.
    """
    try:
        with path.open("rb") as file:
            head = file.read(len(_EDGE))
            size = file.seek(0, os.SEEK_END)
            file.seek(max(size - len(_EDGE), 0))
            tail = file.read()
    except OSError as error:
        return error.strerror or str(error)
    if size < _SHORTEST or not head == tail == _EDGE:
        return tr("no Parquet file, or torn")
    return _flaw(str(path), _stamp(path)) if path.name == FOLDED else None


@lru_cache(maxsize=256)
def _flaw(path: str, stamp: tuple[int, int, int] | None) -> str | None:
    """What is wrong with the pages of a Parquet file."""
    try:
        with pq.ParquetFile(path, page_checksum_verification=True) as file:
            for part in range(file.num_row_groups):
                file.read_row_group(part)
    except (OSError, ValueError, pa.ArrowException) as error:
        return next(iter(str(error).splitlines()), tr("a page cannot be read"))
    return None


def rows(root: Path, table: str, files: Files, skipped: list[str]) -> pa.Table | None:
    """All rows of the files, each run once, in order of places; None if there are none.

    Parameters
    ----------
    files : Files
        Of this table; a file that has gone since it was listed was folded by another command.

    Returns
    -------
    Table
        What is stored, with the columns experiment, scenario and key.
    """
    needed = NEEDED.get(table, ())
    own, _ = read(list(files.loose.values()), needed, skipped)
    folded = dict(files.folded)
    for experiment in sorted({place[0] for place, path in files.loose.items() if not path.exists()}):
        folded |= listed(root, table, skipped, experiment).folded
    shared, _ = read([folded[place] for place in sorted(folded)], needed, skipped)
    return merged(own, shared)


def merged(own: pa.Table | None, folded: pa.Table | None) -> pa.Table | None:
    """Rows of both in order of places; a run's own rows before its folded ones."""
    if own is None or folded is None or not len(own) or not len(folded):
        return own if own is not None and len(own) else folded if folded is not None else own
    fresh = folded.filter(pc.invert(pc.is_in(_place(folded), value_set=pc.unique(_place(own)))))
    both = pa.concat_tables([own, fresh], promote_options="permissive")
    # Arrow's sorting is stable, so the rows of a run stay in their order.
    return both.take(pc.sort_indices(both, sort_keys=[(name, "ascending") for name in PLACE]))


def _place(table: pa.Table) -> pa.ChunkedArray:
    return pc.binary_join_element_wise(*(table[name] for name in PLACE), "/")


def read(
    paths: Sequence[Path], needed: Sequence[str], skipped: list[str]
) -> tuple[pa.Table | None, list[Path]]:
    """One table of many files, in their order, and which could be read; the others are named."""
    sound = []
    for path in paths:
        reason = torn(path)
        if reason is None:
            sound.append(path)
        elif path.exists():
            skip(path, reason, skipped)
    parts = list(_parts(sound, needed, skipped))
    if not parts:
        return None, []
    table = pa.concat_tables([_plain(part) for _, part in parts], promote_options="permissive")
    return table, [path for some, _ in parts for path in some]


def _parts(
    paths: list[Path], needed: Sequence[str], skipped: list[str]
) -> Iterator[tuple[list[Path], pa.Table]]:
    """All files at once if they can be, else by halves, down to those that cannot be read."""
    if not paths:
        return
    if len(paths) > 1 and not any(glob.has_magic(str(path)) for path in paths):
        try:
            yield paths, _at_once(paths, needed)
            return
        except (duckdb.Error, pa.ArrowException):
            pass  # the halves will show which file it is
    if len(paths) > 1:
        middle = len(paths) // 2
        yield from _parts(paths[:middle], needed, skipped)
        yield from _parts(paths[middle:], needed, skipped)
        return
    try:
        yield paths, _alone(paths[0], needed)
    except FileNotFoundError:
        return
    except (OSError, pa.ArrowException) as error:
        skip(paths[0], error, skipped)


def _at_once(paths: list[Path], needed: Sequence[str]) -> pa.Table:
    """Many files of one kind; raises if one of them lacks a column that the first one has."""
    with duckdb.connect() as connection:
        connection.execute("set enable_progress_bar = false")
        found: pa.Table = connection.sql(
            "select * from read_parquet($1, hive_partitioning=true, hive_types_autocast=false)",
            params=[[str(path) for path in paths]],
        ).to_arrow_table()
    _check(found, needed)
    return found


def _alone(path: Path, needed: Sequence[str]) -> pa.Table:
    """One file, with the columns that its place adds."""
    table = pq.ParquetFile(path).read()
    place = _FOLDERS.search(path.parent.as_posix())
    marks = {**(place.groupdict() if place else {}), **({} if path.name == FOLDED else {"key": path.stem})}
    for name, said in marks.items():
        if name not in table.column_names:
            table = table.append_column(name, pa.array([said] * len(table), pa.string()))
    _check(table, needed)
    return table


def _check(table: pa.Table, needed: Sequence[str]) -> None:
    if missing := {*needed, *PLACE} - set(table.column_names):
        raise pa.ArrowInvalid(tr("no column {missing}", missing=", ".join(sorted(missing))))


def _plain(table: pa.Table) -> pa.Table:
    """Texts as texts: dictionaries of different files cannot be joined."""
    schema = pa.schema(
        [pa.field(f.name, pa.string()) if pa.types.is_dictionary(f.type) else f for f in table.schema]
    )
    return table.cast(schema.remove_metadata())


def define(
    connection: duckdb.DuckDBPyConnection,
    name: str,
    root: Path,
    table: str,
    skipped: list[str],
    thorough: bool = False,
) -> None:
    """Make a table of the store known to DuckDB as a view, each run in it once.

    A view reads whole files, so those that are no Parquet files are found and named first; if
    ``thorough``, those too that do not hold what ours hold. Of tables other than ``totals``, runs
    that were never committed are left out.
    """
    files = listed(root, table, skipped)
    own = _sound(list(files.loose.values()), skipped, thorough)
    folded = _sound(list(files.folded.values()), skipped, thorough)
    place = ", ".join(PLACE)
    parts = []
    if own:
        parts.append(f"select * from {_scan(own)}")
    if folded:
        fresh = f" anti join (select distinct {place} from {_scan(own)}) using ({place})" if own else ""
        parts.append(f"select * from {_scan(folded)}{fresh}")
    if not parts:
        return
    both = " union all by name ".join(f"({part})" for part in parts)
    if table != "totals":
        define(connection, "committed_totals", root, "totals", skipped, thorough)
        both = f"select * from ({both}) semi join committed_totals using ({place})"
    connection.execute(f"create or replace view {name} as {both}")


def _sound(paths: list[Path], skipped: list[str], thorough: bool) -> list[Path]:
    """Files that can be read, told by their ends or, thoroughly, by their footers."""
    found = []
    for path in paths:
        reason: object = torn(path)
        if thorough and reason is None:
            try:
                reason = None if "key" in pq.read_schema(path).names else tr("no column key")
            except (OSError, pa.ArrowException) as error:
                reason = error
        if reason is None:
            found.append(path)
        else:
            skip(path, reason, skipped)
    return found


def _scan(paths: list[Path]) -> str:
    """Table function over named files; a quote in a name is doubled."""
    quoted = ", ".join("'" + str(path).replace("'", "''") + "'" for path in paths)
    return f"read_parquet([{quoted}], hive_partitioning=true, hive_types_autocast=false)"


@dataclass(frozen=True)
class Noted:
    """What a folded store notes of one run: its level, and when it was committed (ns since 1970)."""

    level: str
    written: int


def noted(path: Path) -> dict[str, Noted]:
    """Key -> note of every run in a folded file of the table ``runs``; empty if it is damaged."""
    return _noted(str(path), _stamp(path))


def text_of(path: Path, key: str) -> str:
    """Description of one run in a folded file of the table ``runs``.

    Raises
    ------
    ValueError
        If the file cannot be read, or does not hold the run.
    """
    try:
        found = pq.read_table(path, columns=["text"], filters=[("key", "==", key)], partitioning=None)
        return str(found["text"][0].as_py())
    except (OSError, KeyError, IndexError, pa.ArrowException) as error:
        raise ValueError(f"{path}: {error}") from None


def keys(path: Path) -> frozenset[str]:
    """Keys in a folded file; empty if it is damaged."""
    return _keys(str(path), _stamp(path))


def _stamp(path: Path) -> tuple[int, int, int] | None:
    """What changes when a file is replaced."""
    try:
        state = path.stat()
    except OSError:
        return None
    return state.st_ino, state.st_mtime_ns, state.st_size


@lru_cache(maxsize=256)
def _noted(path: str, stamp: tuple[int, int, int] | None) -> dict[str, Noted]:
    try:
        whole = stamp and torn(Path(path)) is None
        found = pq.read_table(path, columns=["key", "level", "written"], partitioning=None) if whole else None
    except (OSError, ValueError, KeyError, pa.ArrowException):
        found = None
    if found is None:
        return {}
    columns = (found[name].to_pylist() for name in ("key", "level", "written"))
    return {key: Noted(level, written) for key, level, written in zip(*columns, strict=True)}


@lru_cache(maxsize=256)
def _keys(path: str, stamp: tuple[int, int, int] | None) -> frozenset[str]:
    try:
        whole = stamp and torn(Path(path)) is None
        found = pq.read_table(path, columns=["key"], partitioning=None) if whole else None
    except (OSError, ValueError, KeyError, pa.ArrowException):
        found = None
    return frozenset() if found is None else frozenset(pc.unique(found["key"]).to_pylist())


def folder_of(path: str | os.PathLike[str]) -> Path:
    """The folder of a store.

    Raises
    ------
    StoreError
        If there is none.
    """
    root = Path(path)
    if not root.is_dir():
        raise StoreError(
            tr(
                "paths.results: there is no folder '{root}'; run something first, or name another folder",
                root=root,
            )
        )
    return root


def tidy(table: pa.Table | None) -> pd.DataFrame:
    """A tidy frame, who and what first."""
    if table is None:
        return pd.DataFrame()
    frame: pd.DataFrame = table.to_pandas()
    first = [name for name in ("experiment", "scenario", "replication") if name in frame]
    return frame[first + [name for name in frame.columns if name not in first]]
