"""Text formats that say how many people there are: Matrix Market, Pajek, DIMACS, matrices, neighbours.

Each reader takes the whole text and either reads all of it by the rules of its format or refuses.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import numpy as np

from sim.core.errors import GraphFileError
from sim.core.language import tr
from sim.network.files.ids import NUMBER, cleaned
from sim.network.files.records import Records
from sim.network.files.ties import Codes, ReadOptions, Ties, check_size, refusal, shown

_PAJEK_LABEL = re.compile(r"\s*(\d+)(\s.*)?")


def _rows(text: str, comment: str) -> Iterator[tuple[int, list[str]]]:
    """Numbered lines as fields, without blanks and comments."""
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip() and not line.lstrip().startswith(comment):
            yield number, line.split()


def _whole(path: Path, line: int, field: str, most: int | None = None) -> int:
    """A whole number from 1 (to ``most``), as these formats count people."""
    value = int(field) if field.isascii() and field.isdigit() and len(field) < 19 else -1
    if value < 0 or (most is not None and not 1 <= value <= most):
        limit = tr("1 to {most:,}", most=most) if most is not None else tr("a whole number")
        raise refusal(
            path, line, tr("must be {limit}", limit=limit), shown(field), tr("fetch the file again")
        )
    return value


def _numbered(n: int, ends: array[int], weights: array[float] | None, name: str) -> Ties:
    """Ties among people 1..n, from ends that count from 1."""
    pairs = np.frombuffer(ends, np.int64).reshape(-1, 2).T - 1 if len(ends) else np.zeros((2, 0), np.int64)
    table = None if weights is None else np.frombuffer(weights, np.float64)
    return Ties(np.arange(1, n + 1), pairs, table, name)


def matrix_market(path: Path, text: str, options: ReadOptions) -> Ties:
    """Read a square coordinate matrix; entries of 0 are no ties."""
    banner = text.partition("\n")[0].lower().split()
    if "coordinate" not in banner:
        raise refusal(
            path,
            1,
            tr("a Matrix Market file must list coordinates"),
            shown(" ".join(banner)),
            tr("save it as coordinate"),
        )
    rows = _rows(text, "%")
    line, size = next(rows, (1, []))
    if len(size) != 3 or size[0] != size[1]:
        rule = tr("a matrix of who knows whom is square; others hold who has what")
        raise refusal(path, line, rule, shown(" ".join(size)), tr("give a file of who knows whom"))
    n, entries = _whole(path, line, size[0]), _whole(path, line, size[2])
    check_size(path, n, entries)
    ends, weights, found = array("q"), array("d"), 0
    for line, fields in rows:
        found += 1
        value = _number(path, line, fields[2]) if len(fields) > 2 else 1.0
        if value:
            ends.extend(
                (
                    _whole(path, line, fields[0], n),
                    _whole(path, line, fields[-1 if len(fields) == 1 else 1], n),
                )
            )
            weights.append(value)
    if found != entries:
        raise refusal(
            path,
            None,
            tr("the size line promises {entries:,} entries", entries=entries),
            f"{found:,}",
            tr("fetch the file again"),
        )
    return _numbered(n, ends, weights if options.weight is not None else None, tr("Matrix Market"))


def _number(path: Path, line: int, field: str) -> float:
    """A finite number."""
    try:
        value = float(field)
    except ValueError:
        value = float("nan")
    if not abs(value) < float("inf"):
        raise refusal(path, line, tr("must be a number"), shown(field), tr("correct the line"))
    return value


def pajek(path: Path, text: str, options: ReadOptions) -> Ties:
    """Read ``*Vertices`` with ``*Arcs`` and ``*Edges``, also as lists; people go by their numbers."""
    n, section, relation = 0, "", ""
    ends, weights = array("q"), array("d")
    for line, fields in _rows(text, "%"):
        word = fields[0].lower()
        if word.startswith("*"):
            section = word
            if word == "*vertices":
                if n or len(fields) != 2:
                    rule = tr("a Pajek file must hold one network of one kind of people")
                    raise refusal(path, line, rule, shown(" ".join(fields)), tr("save one network alone"))
                n = _whole(path, line, fields[1])
                check_size(path, n)
            elif word not in {"*network", "*arcs", "*edges", "*arcslist", "*edgeslist"}:
                rule = tr("Pajek sections read are vertices, arcs, edges and their lists")
                raise refusal(path, line, rule, shown(" ".join(fields)), tr("save the network with *Edges"))
            elif len(fields) > 1 and fields[1].startswith(":"):
                if relation not in ("", fields[1]):
                    rule = tr("a Pajek file must hold one kind of ties")
                    raise refusal(path, line, rule, shown(" ".join(fields)), tr("save one relation alone"))
                relation = fields[1]
        elif section in {"*arcs", "*edges"} and len(fields) > 1:
            ends.extend((_whole(path, line, fields[0], n), _whole(path, line, fields[1], n)))
            weights.append(_number(path, line, fields[2]) if len(fields) > 2 and options.weight else 1.0)
        elif section in {"*arcslist", "*edgeslist"}:
            for friend in fields[1:]:
                ends.extend((_whole(path, line, fields[0], n), _whole(path, line, friend, n)))
                weights.append(1.0)
        elif section != "*vertices":
            raise refusal(
                path,
                line,
                tr("lines belong under *Vertices, *Arcs or *Edges"),
                shown(" ".join(fields)),
                tr("fetch it again"),
            )
    return _numbered(n, ends, weights if options.weight is not None else None, "Pajek")


def dimacs(path: Path, text: str, options: ReadOptions) -> Ties:
    """Read a DIMACS problem: ``p KIND people ties``, then ``e`` or ``a`` lines."""
    n, promised, ends = 0, 0, array("q")
    for line, fields in _rows(text, "c"):
        if fields[0] == "p" and len(fields) >= 4 and not n:
            n, promised = _whole(path, line, fields[2]), _whole(path, line, fields[3])
            check_size(path, n, promised)
        elif fields[0] in {"e", "a"} and len(fields) >= 3 and n:
            ends.extend((_whole(path, line, fields[1], n), _whole(path, line, fields[2], n)))
        else:
            rule = tr("a DIMACS line is p, e or a")
            raise refusal(
                path, line, rule, shown(" ".join(fields)), tr("give the graph without further lines")
            )
    if len(ends) // 2 not in {promised, 2 * promised}:
        found = f"{len(ends) // 2:,}"
        raise refusal(
            path,
            None,
            tr("the line p promises {promised:,} ties", promised=promised),
            found,
            tr("fetch the file again"),
        )
    if options.weight is not None:
        raise refusal(path, None, tr("graph.weight needs a column"), tr("a DIMACS file"), tr("leave it out"))
    return _numbered(n, ends, None, "DIMACS")


def adjacency_list(path: Path, text: str, options: ReadOptions) -> Ties:
    """Read lines of a person and their friends (``graph.format=adjacency_list``)."""
    separator = next((s for s in ("\t", ";", "|", ",") if s in text), " ")
    codes, ends = Codes(), array("q")
    records = Records(path, text, separator)
    for record in records:
        fields = [cleaned(f) for f in record.fields if f]
        if separator != " " and len(fields) == 2 and " " in fields[1]:
            fields = [fields[0], *fields[1].split()]
        fields[0] = fields[0].removesuffix(":")
        places = [codes.of(field, record.line) for field in fields]
        for friend in places[1:]:
            ends.extend((places[0], friend))
        check_size(path, len(codes.lines), len(ends) // 2)
    if options.weight is not None:
        raise refusal(
            path, None, tr("graph.weight needs a column"), tr("lists of neighbours"), tr("leave it out")
        )
    pairs = np.frombuffer(ends, np.int64).reshape(-1, 2).T if len(ends) else np.zeros((2, 0), np.int64)
    return Ties(codes.labels, pairs, None, tr("adjacency list"), records.comments, lines=codes.lines)


def is_square(path: Path, text: str) -> str | None:
    """Separator of a square matrix of numbers (with or without names), or None."""
    first = next((line for line in text.split("\n", 200) if line.strip()), "")
    for separator in ("\t", ";", ",", " "):
        width = len(first.split(separator) if separator != " " else first.split())
        if width > 2:
            try:
                sample = list(islice(Records(path, text, separator), width + 1))
            except GraphFileError:  # quotes that do not close by this separator
                continue
            rows = [record.fields for record in sample]
            square = {len(row) for row in rows} == {width} and len(rows) == width
            if square and (width > _MOST_COLUMNS or _is_named(rows) or _is_hollow(rows)):
                return separator
    return None


#: Columns that a table of few ties may have; a square as small as this needs more evidence to be a matrix.
_MOST_COLUMNS = 4


def _is_named(rows: list[list[str]]) -> bool:
    """True if the first line names the same people as the first column, below a corner."""
    names, below = rows[0][1:], [row[0] for row in rows[1:]]
    corner = NUMBER.fullmatch(rows[0][0]) is not None
    return not corner and len(set(names)) == len(names) and set(names) == set(below)


def _is_hollow(rows: list[list[str]]) -> bool:
    """True if numbers alone stand around a diagonal of zeros: nobody knows himself."""
    numbers = all(NUMBER.fullmatch(field) for row in rows for field in row)
    return numbers and all(float(row[i]) == 0 for i, row in enumerate(rows))


def matrix(path: Path, text: str, options: ReadOptions) -> Ties | None:
    """Read a square table of 0 (no tie) and other numbers, or None if it is none."""
    separator = is_square(path, text)
    if separator is None:
        return None
    rows = [record.fields for record in Records(path, text, separator)]
    labels = [str(i) for i in range(len(rows))]
    if _is_named(rows):
        labels, below = rows[0][1:], [row[0] for row in rows[1:]]
        if below != labels:
            rule, found = tr("a matrix names people alike above and beside it"), tr("another order of names")
            raise refusal(path, None, rule, found, tr("sort lines and columns alike"))
        rows = [row[1:] for row in rows[1:]]
    elif rows[0][0] == "":
        return None
    small = len(rows) <= _MOST_COLUMNS and labels[0] == "0"
    if any(len(row) != len(rows) for row in rows):
        return None
    try:
        table = np.array(rows, np.float64)
    except ValueError:
        return None
    if not np.isfinite(table).all():
        raise refusal(
            path,
            None,
            tr("a matrix of ties must hold numbers alone"),
            tr("an empty or infinite one"),
            tr("write 0 for no tie"),
        )
    if small and (table != table.T).any():
        rule, found = (
            tr("a square table must be ties or a matrix, and this could be either"),
            tr("{n_rows} lines", n_rows=len(rows)),
        )
        raise refusal(
            path, None, rule, found, tr("say graph.format=edge_list, or put names above and beside it")
        )
    ends = np.array(np.nonzero(table))
    weights = table[ends[0], ends[1]] if options.weight is not None else None
    return Ties(labels, ends, weights, tr("adjacency matrix"))
