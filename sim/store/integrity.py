"""Whether a stored run is whole: every table that was written for it is there, byte for byte, and is its own.

A run's description names each of its files with a digest of its content, the totals' included, so that a
file that was deleted, cut, altered or copied from another run is found, named, and made again by the command
that made it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from sim.core.language import tr
from sim.core.sealed import SEAL, seal_of

#: Mark columns -> their type, whether a table has rows or not.
MARK_TYPES = {
    "key": pa.string(),
    "replication": pa.int64(),
    "seed": pa.int64(),
    "world": pa.string(),
    "variant": pa.string(),
    "first_day": pa.int64(),
    "end_day": pa.int64(),
    "baseline_key": pa.string(),
}


def content_digest(content: bytes) -> str:
    """Digest of a file's content, in hexadecimal."""
    return hashlib.sha256(content).hexdigest()[:32]


def serialized(columns: Mapping[str, Any]) -> bytes:
    """Columns as the bytes of a Parquet file; types follow from what a column is, never from its rows.

    Parameters
    ----------
    columns : mapping of str to ndarray, list of str or pyarrow.Array
        Arrays keep their type; lists are texts, stored as a dictionary.
    """
    if not any(len(values) for values in columns.values()):
        return _without_rows(tuple((name, _kind(values)) for name, values in columns.items()))
    return serialized_table(pa.table({name: _arrow(values) for name, values in columns.items()}))


@lru_cache(maxsize=1024)
def _without_rows(kinds: tuple[tuple[str, np.dtype[Any] | pa.DataType | None], ...]) -> bytes:
    """A table without rows. Most tables of a run belong to features that are off, in every run the same."""
    nothing: dict[str, Any] = {
        name: [] if kind is None else np.empty(0, kind) if isinstance(kind, np.dtype) else pa.array([], kind)
        for name, kind in kinds
    }
    return serialized_table(pa.table({name: _arrow(values) for name, values in nothing.items()}))


def _kind(values: Any) -> np.dtype[Any] | pa.DataType | None:
    """What a column's type in the file follows from; None for a list, whose entries are texts."""
    if isinstance(values, list):
        return None
    return values.type if isinstance(values, pa.Array) else np.asarray(values).dtype


def serialized_table(data: pa.Table) -> bytes:
    """A table as the bytes of a Parquet file."""
    sink = pa.BufferOutputStream()
    pq.write_table(data, sink, compression="zstd")
    content: bytes = sink.getvalue().to_pybytes()
    return content


def repeated(name: str, value: Any, rows: int) -> pa.Array:
    """A mark of a run, once for every row, in the type that its column always has."""
    return pa.repeat(pa.scalar(value, MARK_TYPES[name]), rows)


def _arrow(values: Any) -> pa.Array:
    """Column as Arrow: texts as a dictionary, nan as null (what is not observable is not a number)."""
    if isinstance(values, list):
        values = pa.array(values, pa.string())
    if isinstance(values, pa.Array):
        return values.dictionary_encode() if pa.types.is_string(values.type) else values
    return pa.array(values, from_pandas=np.asarray(values).dtype.kind == "f")


def described(text: str) -> dict[str, Any] | None:
    """A run's description; None if it cannot be read."""
    try:
        found = json.loads(text)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def problem(description: Mapping[str, Any], key: str, path_of: Callable[[str], Path]) -> str:
    """What is wrong with a run's files, in words; empty if it is whole.

    Parameters
    ----------
    description : mapping
        From :func:`described`.
    key : str
        Name under which the run is filed.
    path_of : callable
        Table -> its file.
    """
    info = description.get("info")
    if not isinstance(info, Mapping) or info.get("key") != key:
        return tr("its description is another run's")
    said = {name: value for name, value in description.items() if name != SEAL}
    if description.get(SEAL) != seal_of(key, said):
        return tr("its description is not what was written")
    files = description.get("files")
    if not isinstance(files, Mapping) or not files:
        return tr("its description names no files")
    for table, wanted in files.items():
        try:
            content = path_of(str(table)).read_bytes()
        except OSError as error:
            return tr(
                "{table} cannot be read ({strerror})",
                table=table,
                strerror=(error.strerror or str(error)).lower(),
            )
        if content_digest(content) != wanted:
            return tr("{table} is not what was written", table=table)
    return ""
