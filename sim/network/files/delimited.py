"""Tables of ties: a line a tie, ids in two columns.

A text of nothing but whole numbers is read by :func:`_quick`, everything else record by
record. The quick way steps back from whatever is unusual, so both give the same network.
"""

from __future__ import annotations

from array import array
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np

from sim.core.language import tr
from sim.network.files.columns import Columns, choose_columns
from sim.network.files.flags import Flags
from sim.network.files.headers import is_sum
from sim.network.files.ids import NUMBER, cleaned
from sim.network.files.load import decode, plain_ascii_marks
from sim.network.files.records import (
    MOST_LINE,
    SAMPLE,
    Records,
    bare_attributes,
    choose_separator,
    refuse_irregular,
    too_long,
)
from sim.network.files.ties import (
    MOST_PEOPLE,
    MOST_TIES,
    Codes,
    ReadOptions,
    Ties,
    check_size,
    refusal,
    shown,
)

_HEAD = 2**20
_STEP = 2**24
_NAMES = {"\t": "tsv", " ": "text", ",": "csv", ";": "csv", "|": "csv"}


@dataclass(frozen=True)
class _Layout:
    """What the first lines say: separator, columns, and where the data begin."""

    separator: str
    columns: Columns
    comments: int
    header: str
    body: int


def read_table(path: Path, data: bytes, options: ReadOptions) -> Ties:
    """Read a table of ties.

    Parameters
    ----------
    path : Path
        For messages.
    data : bytes
        The expanded file.
    options : ReadOptions

    Raises
    ------
    GraphFileError
        If it is no table, or can be read in more than one way.
    """
    first = data[: MOST_LINE + 1]
    if len(first) > MOST_LINE and b"\n" not in first and b"\r" not in first:
        raise too_long(path, 1, first[:100].decode(errors="replace"))
    start = plain_ascii_marks(data)
    if start is not None and options.encoding is None and options.weight is None:
        ties = _quick(path, data, start, options)
        if ties is not None:
            return ties
    return _careful(path, decode(path, data, options.encoding), options)


def _quick(path: Path, data: bytes, start: int, options: ReadOptions) -> Ties | None:
    """Ties of a text of whole numbers, or None if anything at all is unusual."""
    head = data[start : start + _HEAD]
    if len(data) - start > _HEAD:
        head = head[: head.rfind(b"\n") + 1]
    if not head or b'"' in head or b"\r" in head.replace(b"\r\n", b"") or not head.isascii() or b"{" in head:
        return None
    text = head.replace(b"\r\n", b"\n").decode()
    if text.startswith(("sep=", "#\n")) or not _numeric(text):
        return None
    layout = _layout(path, text, options)
    body = start + layout.body
    if b"\r\n" in head:
        body = start + _offset_with_returns(head, layout.body)
    pairs = _numbers(path, data, body, layout)
    if pairs is None:
        return None
    labels, ends = np.unique(pairs, return_inverse=True)
    return _ties(layout, labels, ends.reshape(pairs.shape), None, layout.comments)


def _numeric(text: str) -> bool:
    """True if the last whole line of a text is all digits and separators: not worth a try otherwise."""
    last = text.rstrip().rpartition("\n")[2]
    return bool(last) and not last.translate(_DIGITS).strip()


_DIGITS = str.maketrans("", "", "0123456789,;|\t")


def _offset_with_returns(head: bytes, offset: int) -> int:
    """Position in a text with carriage returns of what is at ``offset`` without them."""
    at = 0
    for line in head.split(b"\n"):
        if offset <= 0:
            break
        at += len(line) + 1
        offset -= len(line.removesuffix(b"\r")) + 1
    return at


def _layout(path: Path, text: str, options: ReadOptions) -> _Layout:
    """Separator, columns and header of a text, from its first records."""
    separator = choose_separator(path, text)
    records = Records(path, text, separator)
    iterator = iter(records)
    sample = list(islice(iterator, 1))
    comments = records.comments
    after_first = records.position
    sample += islice(iterator, SAMPLE - 1)
    columns = choose_columns(path, sample, options)
    lines = text.split("\n", sample[0].line)
    header = lines[sample[0].line - 1].strip() if columns.header else ""
    return _Layout(separator, columns, comments, header, after_first if columns.header else 0)


def _numbers(path: Path, data: bytes, start: int, layout: _Layout) -> np.ndarray | None:
    """int64[2, m]: the two ids of each line, or None unless all lines are whole numbers alike."""
    columns, parts, total, flags = layout.columns, [], 0, Flags(layout.columns)
    if not columns.header:
        start = _skip_comments(data, start)
    while start < len(data):
        end = data.rfind(b"\n", start, start + _STEP) + 1 if start + _STEP < len(data) else len(data)
        block = _block(data[start:end].replace(b"\r\n", b"\n"), layout.separator, columns.count)
        if end <= start or block is None:
            return None
        flags.note_numbers(block)
        parts.append(block[:, [columns.source, columns.target]])
        total += len(block)
        check_size(path, 0, total)
        start = end
    flags.refuse(path)
    return np.concatenate(parts).T if total else None


def _skip_comments(data: bytes, start: int) -> int:
    """Position of the first line that is neither blank nor a comment."""
    while start < len(data):
        end = data.find(b"\n", start)
        end = len(data) if end < 0 else end
        line = data[start:end].strip()
        if line and not line.startswith((b"#", b"%")):
            break
        start = end + 1
    return start


def _block(text: bytes, separator: str, count: int) -> np.ndarray | None:
    """int64[lines, count] of a block of lines, or None if it holds anything but plain whole numbers."""
    allowed = b" \t" if separator == " " else separator.encode()
    if text.translate(None, b"0123456789\n" + allowed):
        return None
    raw = np.frombuffer(text if text.endswith(b"\n") else text + b"\n", np.uint8)
    digit = (raw >= 48) & (raw <= 57)
    before = np.concatenate(([False], digit[:-1]))
    first = np.flatnonzero(digit & ~before)
    lengths = np.flatnonzero(~digit & before) - first
    if len(first) == 0 or lengths.max() > 18 or ((raw[first] == 48) & (lengths > 1)).any():
        return None
    ends = np.flatnonzero(raw == 10)
    fields = np.diff(np.searchsorted(first, ends), prepend=0)
    if separator != " ":
        cuts = np.diff(np.searchsorted(np.flatnonzero(raw == ord(separator)), ends), prepend=0)
        if (cuts != np.where(fields > 0, count - 1, 0)).any():
            return None
    if ((fields != count) & (fields != 0)).any():
        return None
    plain = text if separator == " " else text.replace(separator.encode(), b" ")
    return np.fromstring(plain.decode(), np.int64, sep=" ").reshape(-1, count)


def _careful(path: Path, text: str, options: ReadOptions) -> Ties:
    """Ties of any table, record by record."""
    text = _prepared(text)
    layout = _layout(path, text, options)
    columns, records, flags = layout.columns, Records(path, text, layout.separator), Flags(layout.columns)
    codes, ends, weights = Codes(), array("q"), array("d")
    iterator = iter(records)
    if columns.header:
        next(iterator)
    for record in iterator:
        fields = record.fields
        if len(fields) != columns.count:
            shape = [""] * columns.count
            refuse_irregular(path, [type(record)(record.line, shape), record])
        if fields == columns.header:
            rule, found = tr("a header stands once, above the ties"), shown(",".join(fields))
            raise refusal(path, record.line, rule, found, tr("delete it here"))
        pair = [cleaned(fields[columns.source]), cleaned(fields[columns.target])]
        if not pair[0] or not pair[1]:
            rule, found = tr("a tie needs two ids"), shown(",".join(fields))
            raise refusal(
                path,
                record.line,
                rule,
                found,
                tr("separate them by a comma, tab or space, or delete the line"),
            )
        ends.extend((codes.of(pair[0], record.line), codes.of(pair[1], record.line)))
        flags.note(fields)
        if columns.weight >= 0:
            weights.append(_weight(path, record.line, fields[columns.weight]))
        if len(ends) > 2 * MOST_TIES or len(codes.lines) > MOST_PEOPLE:
            check_size(path, len(codes.lines), len(ends) // 2)
    flags.refuse(path)
    _refuse_sum(path, codes, ends)
    pairs = np.frombuffer(ends, np.int64).reshape(-1, 2).T
    table = np.frombuffer(weights, np.float64) if columns.weight >= 0 else None
    return _ties(layout, codes.labels, pairs, table, records.comments, codes.lines)


def _refuse_sum(path: Path, codes: Codes, ends: array[int]) -> None:
    """Refuse a sum below the ties, as spreadsheets have it: nobody above is called so."""
    if len(ends) < 4:
        return
    labels, last = codes.labels, ends[-2:]
    line = max(codes.lines[end] for end in last)
    new = [labels[end] for end in last if codes.lines[end] == line]
    if new and any(is_sum(label) for label in new):
        rule = tr("a sum below the ties is no tie")
        raise refusal(path, line, rule, shown(",".join(labels[e] for e in last)), tr("delete the line"))


def _prepared(text: str) -> str:
    """Text without a spreadsheet's ``sep=`` line and without the attributes that NetworkX writes."""
    if text.startswith("sep=") and "\n" in text:
        text = "\n" + text.partition("\n")[2]
    return bare_attributes(text) if "{" in text else text


def _weight(path: Path, line: int, field: str) -> float:
    """A tie's weight: a number of 0 or more."""
    value = float(field) if NUMBER.fullmatch(field) else -1.0
    if not 0.0 <= value < float("inf"):
        remedy = tr("correct the column, or leave out graph.weight")
        raise refusal(path, line, tr("a weight is a number of 0 or more"), shown(field), remedy)
    return value


def _ties(
    layout: _Layout,
    labels: np.ndarray | list[str],
    ends: np.ndarray,
    weights: np.ndarray | None,
    comments: int,
    lines: list[int] | None = None,
) -> Ties:
    """Put a table's ties together with what is told about it."""
    columns = layout.columns
    used = 2 + (columns.weight >= 0)
    return Ties(
        labels=labels,
        ends=ends,
        weights=weights,
        format=_NAMES[layout.separator],
        comments=comments,
        header=layout.header,
        ignored=columns.count - used,
        notes=columns.notes,
        lines=lines or (),
    )
