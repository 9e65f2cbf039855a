"""Which columns of a table are the two people: by what the user says, the header, or the evidence."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sim.core.kept import Kept, keep
from sim.core.language import mark, tr
from sim.network.files import headers
from sim.network.files.ids import MISSING, NUMBER, WHOLE, cleaned
from sim.network.files.records import Record
from sim.network.files.ties import ReadOptions, refusal, shown

_REMEDY = mark("say graph.source=COLUMN graph.target=COLUMN, by name or counted from 1")


@dataclass(frozen=True)
class Columns:
    """Where the ids and the weight stand.

    Attributes
    ----------
    source, target : int
        Positions of the two ids, from 0.
    weight : int
        Position of the weight, or -1.
    count : int
        Fields of a line.
    header : list of str
        The header's fields; empty if there is no header.
    shift : int
        1 if a header says nothing over the first column (row names), else 0.
    notes : tuple of Kept
    """

    source: int
    target: int
    weight: int
    count: int
    header: list[str]
    shift: int = 0
    notes: tuple[Kept, ...] = ()


def choose_columns(path: Path, sample: list[Record], options: ReadOptions) -> Columns:
    """Find header, ids and weight in the first records of a table.

    Raises
    ------
    GraphFileError
        If more than one reading is possible, or a named column does not exist.
    """
    count = len(sample[-1].fields)
    shift = count - len(sample[0].fields)
    top = [""] * shift + sample[0].fields
    body = [record.fields for record in sample[1:]]
    pair = headers.named_pair(top)
    if not body:
        _refuse_lonely_header(path, sample[0], top, pair)
    header = top if shift or _is_header(path, top, body, pair, options) else []
    notes: tuple[Kept, ...] = ()
    if options.source is not None or options.target is not None:
        ends = _asked(path, "source", options.source, header), _asked(path, "target", options.target, header)
    elif header:
        ends, notes = _by_header(path, sample[0].line, header, body, pair)
    else:
        ends = 0, 1
        _check_evidence(path, [top, *body])
        notes = _judge_first(path, sample[0], body)
    if max(ends) >= count or ends[0] == ends[1]:
        found = tr(
            "columns {first} and {second} of {count}", first=ends[0] + 1, second=ends[1] + 1, count=count
        )
        raise refusal(
            path,
            None,
            tr("graph.source and graph.target must be two columns of the file"),
            found,
            tr(_REMEDY),
        )
    weight = -1
    if options.weight is not None:
        weight = _asked(path, "weight", options.weight, header)
        if weight >= count or weight in ends:
            found = tr("column {value} of {count}", value=weight + 1, count=count)
            raise refusal(
                path,
                None,
                tr("graph.weight must be a column beside the two ids"),
                found,
                tr("name another column"),
            )
    return Columns(ends[0], ends[1], weight, count, header, shift, notes)


def _refuse_lonely_header(path: Path, record: Record, top: list[str], pair: tuple[int, int] | None) -> None:
    """A single line is a tie only if it is no header."""
    if pair or not any(NUMBER.fullmatch(cleaned(f)) for f in top):
        rule = tr("an edge list needs at least one tie")
        raise refusal(
            path,
            record.line,
            rule,
            tr("only the header {value}", value=shown(",".join(top))),
            tr("check graph.path"),
        )


def _is_header(
    path: Path, top: list[str], body: list[list[str]], pair: tuple[int, int] | None, options: ReadOptions
) -> bool:
    """Known words, words over numbers, a frame's column numbers, or a name that the user gave."""
    if any(isinstance(o, str) and o in top for o in (options.source, options.target, options.weight)):
        return True
    plain = [cleaned(field) for field in top]
    if top[0] == "" and len(top) > 2 and all(top[1:]) and any(row[0] for row in body):
        return True  # a frame with its index
    if any(NUMBER.fullmatch(field) for field in plain if field):
        return False
    if pair:
        return top in body or not _are_ids(path, top, body, pair)
    below = [[cleaned(row[j]) for row in body] for j in range(len(top))]
    numeric = [all(NUMBER.fullmatch(f) or not f or f.casefold() in MISSING for f in c) for c in below]
    return any(numeric) and not any(f.casefold() in MISSING for f in plain)


def _are_ids(path: Path, top: list[str], body: list[list[str]], pair: tuple[int, int]) -> bool:
    """True if words such as a and b, which may head two columns, name two people of the lines below."""
    ids = {cleaned(row[column]) for row in body for column in pair}
    known = [cleaned(top[column]) in ids for column in pair]
    if any(known) and not all(known):
        rule = tr("the first line may be a header or a tie, as one of its words is an id below")
        remedy = tr(
            "if it is a header, {remedy}; if it is a tie, move the line further down", remedy=tr(_REMEDY)
        )
        raise refusal(path, 1, rule, shown(",".join(top)), remedy)
    return all(known)


def _asked(path: Path, key: str, wanted: str | int | None, header: list[str]) -> int:
    """Position of a column that the user named."""
    if wanted is None:
        raise refusal(
            path, None, tr("graph.{key} must be given too", key=key), tr("the other end alone"), tr(_REMEDY)
        )
    if isinstance(wanted, int):
        if wanted < 1:
            raise refusal(
                path,
                None,
                tr("graph.{key} must be a name or a position from 1", key=key),
                f"{wanted}",
                tr(_REMEDY),
            )
        return wanted - 1
    hits = [i for i, name in enumerate(header) if name == wanted]
    hits = hits or [i for i, name in enumerate(header) if name.casefold() == wanted.casefold()]
    if len(hits) != 1:
        found = tr(
            "{n_hits} columns {wanted!r} in {value}",
            n_hits=len(hits),
            wanted=wanted,
            value=shown(", ".join(header) or tr("a file without a header")),
        )
        raise refusal(
            path, None, tr("graph.{key} must name one column of the header", key=key), found, tr(_REMEDY)
        )
    return hits[0]


def _by_header(
    path: Path, line: int, header: list[str], body: list[list[str]], pair: tuple[int, int] | None
) -> tuple[tuple[int, int], tuple[Kept, ...]]:
    """The pair that a header names, or the only two columns that can be people."""
    listed = shown(",".join(header))
    things = [i for i, name in enumerate(header) if headers.is_thing(name)]
    if things and (pair is None or set(things) & set(pair)):
        rule = tr("a tie joins two people; a table of purchases, visits or ratings holds none")
        raise refusal(
            path, line, rule, tr("the header {listed}", listed=listed), tr("give a file of who knows whom")
        )
    if pair:
        return pair, ()
    left = [i for i, name in enumerate(header) if not headers.is_attribute(name)]
    if len(left) != 2:
        rule = tr("a header must name the two people, as source and target do")
        raise refusal(path, line, rule, tr("the header {listed}", listed=listed), tr(_REMEDY))
    if not {cleaned(row[left[0]]) for row in body} & {cleaned(row[left[1]]) for row in body}:
        rule = tr("a header must name the two people, unless somebody stands in both columns")
        raise refusal(path, line, rule, tr("the header {listed}", listed=listed), tr(_REMEDY))
    return (left[0], left[1]), (
        keep(
            "took '{first}' and '{second}' for the two people of a tie",
            first=header[left[0]],
            second=header[left[1]],
        ),
    )


def _runs(column: Sequence[str]) -> bool:
    """True if a column counts the lines, from 0 or from 1."""
    return len(column) > 1 and any(
        all(value == str(i) for i, value in enumerate(column, start)) for start in (0, 1)
    )


def _check_evidence(path: Path, rows: list[list[str]]) -> None:
    """Refuse a table without a header whose first two columns are not clearly the two people."""
    count = len(rows[0])
    if count == 2:
        return
    columns = [[row[j] for row in rows] for j in range(min(count, 6))]
    kinds = [set(column) for column in columns]
    if _runs(columns[0]) and len(rows) > 3:
        raise refusal(
            path,
            None,
            tr("the two people must be known"),
            tr("a first column that counts the lines"),
            tr(_REMEDY),
        )
    if count == 4 and all(_thousands(row) for row in rows):
        rule = tr("numbers must not hold thousands separators")
        raise refusal(path, None, rule, shown(",".join(rows[0])), tr("export the ids as text"))
    fewest = 2 if kinds[0].isdisjoint(kinds[1]) else min(len(kinds[0]), len(kinds[1]))
    for k in range(2, len(kinds)):
        for j in range(k):
            both = len(kinds[j] & kinds[k])
            alike = 2 * both >= min(len(kinds[j]), len(kinds[k]))
            if alike and min(len(kinds[j]), len(kinds[k])) >= max(fewest, 2) and len(rows) > 3:
                rule = tr("the two people must be known, and further columns hold ids as well")
                found = tr("columns {first} and {second} alike", first=j + 1, second=k + 1)
                remedy = tr(
                    "{remedy}; for lists of neighbours say graph.format=adjacency_list", remedy=tr(_REMEDY)
                )
                raise refusal(path, None, rule, found, remedy)


def _thousands(row: list[str]) -> bool:
    """True if four fields look like two numbers that were cut at their thousands separators."""
    return all(WHOLE.fullmatch(f) for f in row) and len(row[1]) == len(row[3]) == 3 and len(row[0]) < 4


def _judge_first(path: Path, first: Record, body: list[list[str]]) -> tuple[Kept, ...]:
    """Refuse a first line that may be a header: of unknown words, or pandas' numbers of columns."""
    seen = Counter(field for row in body for field in row[:2])
    ids = first.fields[:2]
    counting = first.fields == [str(i) for i in range(len(first.fields))]
    known = any(seen[i] for i in ids) or len(body) < 2
    if counting and known and _ascending(body):
        return (keep("took the first line for a tie; if it numbers the columns of a frame, delete it"),)
    if not counting and (known or all(WHOLE.fullmatch(i) for i in ids)):
        return ()
    rule = tr("the first line may be a header or a tie of two people who occur nowhere else")
    if counting:
        rule = tr("the first line may be a tie or count the columns of a frame")
    remedy = tr("if it is a header, {remedy}; if it is a tie, move the line further down", remedy=tr(_REMEDY))
    raise refusal(path, first.line, rule, shown(",".join(first.fields)), remedy)


def _ascending(body: list[list[str]]) -> bool:
    """True if lines are in the order of their first numbers, as a list that begins with 0,1 mostly is."""
    starts = [int(row[0]) for row in body if WHOLE.fullmatch(row[0])]
    return starts == sorted(starts)
