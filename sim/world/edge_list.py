"""Reading a real network: SNAP text, CSV or TSV, plain or gzip, into acquaintance ties.

What people actually have is tolerated and reported: comments, a header line, ids with gaps
or names instead of ids, repeats, reversed repeats, self-loops, extra columns. What cannot be
a network stops with one line that names the file, the line, the rule, what was found and
what to do.
"""

from __future__ import annotations

import gzip
import io
import re
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

import numpy as np
import pandas as pd

from sim.core.errors import GraphFileError
from sim.world.csr import CSRGraph, from_edges_counted

_GZIP_MAGIC = b"\x1f\x8b"
_COMMENT = (b"#", b"%")
_INTEGER = re.compile(rb"\d+")
_NUMBER = re.compile(rb"[+-]?\d+(\.\d*)?([eE][+-]?\d+)?")
_MAX_ID = 2**63 - 1


@dataclass(frozen=True)
class EdgeListReport:
    """What a file held and what was left out.

    Attributes
    ----------
    file : str
        File name without folders.
    format : str
        ``csv``, ``tsv`` or ``text``, with ``, gzip`` if compressed.
    nodes, edges : int
        People and ties kept.
    duplicates : int
        Ties given again, in either direction, dropped.
    self_loops : int
        Ties of a node to itself, dropped.
    comment_lines : int
        Lines starting with ``#`` or ``%``.
    header : str
        Header line that was skipped, or empty.
    ignored_columns : int
        Columns after the first two (weights, times), ignored.
    named_ids : bool
        True if nodes are named rather than numbered.
    """

    file: str
    format: str
    nodes: int
    edges: int
    duplicates: int
    self_loops: int
    comment_lines: int
    header: str
    ignored_columns: int
    named_ids: bool

    @property
    def lines(self) -> list[str]:
        """The report as readable lines."""
        out = [f"{self.file} ({self.format}): {self.nodes:,} people, {self.edges:,} ties"]
        if self.duplicates or self.self_loops:
            out.append(f"dropped {self.duplicates:,} repeated ties and {self.self_loops:,} self-loops")
        if self.comment_lines:
            out.append(f"skipped {self.comment_lines:,} comment lines")
        if self.header:
            out.append(f"skipped the header '{self.header}'")
        if self.ignored_columns:
            out.append(f"ignored {self.ignored_columns} further column(s): ties carry no weights here")
        return out


@dataclass(frozen=True)
class _Layout:
    """What the first data lines say about the rest."""

    name: str
    separator: bytes | None
    comments: int
    header: bytes
    body: int
    first_line: int
    columns: int
    numbered: bool


def read_edge_list(path: str | Path) -> tuple[CSRGraph, EdgeListReport]:
    """Read an edge list; nodes take seats in the order of their ids (or names).

    Parameters
    ----------
    path : str or Path
        One tie per line: two ids separated by a comma, tab or white space.

    Returns
    -------
    graph : CSRGraph
        All ties weak.
    report : EdgeListReport

    Raises
    ------
    GraphFileError
        If the file is missing, a directory, empty, not text, truncated or malformed.
    """
    path = Path(path)
    data, compressed = _load(path)
    layout = _sniff(path, data)
    ends = _parse_fast(data, layout) if layout.numbered else None
    if ends is None:
        ends, layout = _parse_slow(path, data, layout)
    labels, seats = np.unique(ends, return_inverse=True)
    seats = seats.reshape(ends.shape).astype(np.int32)
    graph, duplicates, self_loops = from_edges_counted(len(labels), seats[0], seats[1])
    if graph.edges == 0:
        _fail(
            path, None, "at least one tie must join two different nodes", "only self-loops", "check the file"
        )
    return graph, EdgeListReport(
        file=path.name,
        format=layout.name + (", gzip" if compressed else ""),
        nodes=graph.n,
        edges=graph.edges,
        duplicates=duplicates,
        self_loops=self_loops,
        comment_lines=layout.comments,
        header=layout.header.decode(),
        ignored_columns=max(layout.columns - 2, 0),
        named_ids=not layout.numbered,
    )


def _fail(path: Path, line: int | None, rule: str, found: str, remedy: str) -> NoReturn:
    """Raise the one line a user sees."""
    where = f"{path}, line {line}" if line is not None else f"{path}"
    raise GraphFileError(f"{where}: {rule} (found {found}); {remedy}")


def _load(path: Path) -> tuple[bytes, bool]:
    """Bytes of the file, decompressed, and whether it was compressed."""
    if path.is_dir():
        _fail(path, None, "an edge list is a file", "a directory", "name the file inside it")
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        _fail(path, None, "the edge list must exist", "no such file", "check graph.path")
    except OSError as error:
        _fail(
            path,
            None,
            "the edge list must be readable",
            error.strerror or "an error",
            "check its permissions",
        )
    compressed = data.startswith(_GZIP_MAGIC)
    if path.suffix == ".gz" and data and not compressed:
        _fail(path, None, "a .gz file must be gzip", "something else", "rename it or compress it again")
    if compressed:
        try:
            data = gzip.decompress(data)
        except (EOFError, zlib.error, gzip.BadGzipFile):
            _fail(
                path, None, "the gzip must be complete", "a truncated or damaged one", "fetch the file again"
            )
    _check_text(path, data)
    return data.removeprefix(b"\xef\xbb\xbf").replace(b"\r\n", b"\n"), compressed


def _check_text(path: Path, data: bytes) -> None:
    """Refuse empty and binary content."""
    if not data.strip():
        _fail(path, None, "an edge list needs at least one tie", "an empty file", "check graph.path")
    bad = data.find(b"\x00")
    try:
        data.decode()
    except UnicodeDecodeError as error:
        bad = error.start if bad < 0 else min(bad, error.start)
    if bad >= 0:
        line = data.count(b"\n", 0, bad) + 1
        _fail(
            path,
            line,
            "an edge list is UTF-8 text",
            f"byte 0x{data[bad]:02x}",
            "give text, CSV or TSV (or .gz)",
        )


def _sniff(path: Path, data: bytes) -> _Layout:
    """Find comments, header, separator and the kind of ids from the first lines."""
    comments, offset, number = 0, 0, 0
    rows: list[tuple[int, int, bytes]] = []
    while offset < len(data) and len(rows) < 2:
        end = data.find(b"\n", offset)
        end = len(data) if end < 0 else end
        line = data[offset:end].strip()
        number += 1
        if line.startswith(_COMMENT):
            comments += not rows
        elif line:
            rows.append((offset, number, line))
        offset = end + 1
    if not rows:
        _fail(path, None, "an edge list needs at least one tie", "only comments", "check graph.path")
    separator = next((s for s in (b",", b"\t", b";") if all(s in line for _, _, line in rows)), None)
    header = rows[0][2] if len(rows) == 2 and _is_header(rows, separator) else b""
    first = rows[1] if header else rows[0]
    fields = _fields(first[2], separator)
    if len(fields) < 2:
        _fail(
            path, first[1], "a tie needs two ids", _shown(first[2]), "separate them by a comma, tab or space"
        )
    name = {b",": "csv", b";": "csv", b"\t": "tsv"}.get(separator or b"", "text")
    numbered = all(_NUMBER.fullmatch(f) for f in fields[:2])
    if numbered and separator == b"\t":
        separator = None  # numbers hold no spaces, so tabs and spaces may mix
    return _Layout(name, separator, comments, header, first[0], first[1], len(fields), numbered)


def _is_header(rows: list[tuple[int, int, bytes]], separator: bytes | None) -> bool:
    """Words above numbers, or the usual column names above names."""
    top, below = (_fields(line, separator)[:2] for _, _, line in rows)
    if any(_NUMBER.fullmatch(f) for f in top) or len(top) < 2:
        return False
    usual = {
        b"from",
        b"to",
        b"source",
        b"target",
        b"src",
        b"dst",
        b"u",
        b"v",
        b"node1",
        b"node2",
        b"id1",
        b"id2",
    }
    named = all(f.lower().replace(b"_", b"").removesuffix(b"id") in usual | {b"node", b"user"} for f in top)
    return named or all(_NUMBER.fullmatch(f) for f in below)


def _fields(line: bytes, separator: bytes | None) -> list[bytes]:
    """Fields of a stripped line, without white space and quotes."""
    return [f.strip().strip(b'"') for f in line.split(separator)]


def _shown(line: bytes) -> str:
    """Show a line as errors do: short and printable."""
    text = line.decode(errors="replace")
    return f"'{text[:40]}…'" if len(text) > 40 else f"'{text}'"


def _parse_fast(data: bytes, layout: _Layout) -> np.ndarray | None:
    """int64[2, m] by pandas, or None if anything at all is unusual below the first lines."""
    body = data[layout.body :]
    if any(mark in body for mark in (b"#", b"%", b'"')):
        return None
    try:
        frame = pd.read_csv(
            io.BytesIO(body),
            sep=layout.separator.decode() if layout.separator else r"\s+",
            header=None,
            usecols=[0, 1],
            dtype=np.int64,
            engine="c",
        )
    except (ValueError, OverflowError, pd.errors.ParserError):
        return None
    ends = frame.to_numpy().T
    return None if ends.size == 0 or ends.min() < 0 else ends


def _parse_slow(path: Path, data: bytes, layout: _Layout) -> tuple[np.ndarray, _Layout]:
    """Line by line: names, comments between lines, and the exact place of a mistake."""
    ends: list[tuple[bytes, bytes]] = []
    comments = layout.comments
    for number, line in enumerate(data[layout.body :].split(b"\n"), layout.first_line):
        line = line.strip()
        if line.startswith(_COMMENT):
            comments += 1
        elif line:
            fields = _fields(line, layout.separator)
            _check_fields(path, number, line, fields, layout.numbered)
            ends.append((fields[0], fields[1]))
    layout = _Layout(**{**vars(layout), "comments": comments})
    pairs = np.array(ends).T
    return (pairs.astype(np.int64) if layout.numbered else pairs), layout


def _check_fields(path: Path, number: int, line: bytes, fields: list[bytes], numbered: bool) -> None:
    """Refuse a line that is not a tie."""
    if len(fields) < 2 or not fields[0] or not fields[1]:
        _fail(path, number, "a tie needs two ids", _shown(line), "separate them by a comma, tab or space")
    for field in fields[:2]:
        if field.startswith(b"-") and _NUMBER.fullmatch(field):
            _fail(path, number, "ids must not be negative", _shown(field), "renumber the nodes from 0")
        if numbered and not _INTEGER.fullmatch(field):
            _fail(
                path, number, "ids must be whole numbers like those above", _shown(field), "correct the line"
            )
        if numbered and int(field) > _MAX_ID:
            _fail(path, number, "ids must be below 2^63", _shown(field), "renumber the nodes from 0")
