"""Lines of a delimited text as records: quotes, comments and separators, with their line numbers."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from sim.core.errors import GraphFileError
from sim.core.language import tr
from sim.network.files.ties import refusal, shown

#: A separator that people choose on purpose comes before the ones that names hold too.
SEPARATORS = ("\t", ";", "|", ",", " ")
#: Records that the layout is judged by.
SAMPLE = 5000
#: Characters of a line; a matrix of half a million people has lines like this.
MOST_LINE = 2**20
_ATTRIBUTES = re.compile(r"\s*\{[^{}]*\}\s*$")


def too_long(path: Path, number: int, line: str) -> GraphFileError:
    """Error that refuses a line longer than :data:`MOST_LINE`."""
    rule, found = (
        tr("a line holds at most {most_line:,} characters", most_line=MOST_LINE),
        tr("{value} and more", value=shown(line[:100])),
    )
    return refusal(path, number, rule, found, tr("put every tie on a line of its own"))


@dataclass(frozen=True)
class Record:
    """One line of a table (or several, inside quotes): its number, where it begins and its fields."""

    line: int
    fields: list[str]


class Records:
    """Records of a text, comments left out and counted.

    Attributes
    ----------
    comments : int
        Comment lines met so far.
    """

    def __init__(self, path: Path, text: str, separator: str) -> None:
        self.path = path
        self.comments = 0
        self._separator = separator
        self._text = text
        self._at = 0
        self._number = 0
        self._start = 0
        self._width = 0
        self._fresh = True

    def __iter__(self) -> Iterator[Record]:
        reader = csv.reader(self._lines(), delimiter=self._separator, skipinitialspace=True, strict=True)
        while True:
            self._fresh = True
            try:
                fields = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                found = str(error).replace("'", "").replace('"', "a quote")
                raise refusal(
                    self.path,
                    self._start,
                    tr("quotes must open and close a field"),
                    found,
                    tr("correct the line"),
                ) from None
            self._width = len(fields)
            yield Record(self._start, [f.strip() for f in fields])

    def _check_comment(self, line: str) -> None:
        """Refuse a line among ties that begins like a comment and has as many fields as a tie."""
        parts = line.split(self._separator) if self._separator != " " else line.split()
        if self._width > 1 and len(parts) == self._width and line[1:2].strip():
            rule = tr(
                "a line among ties must be a comment or a tie; this one begins as one and reads as the other"
            )
            remedy = tr("put quotes around ids that begin with # or %, or a space after the sign")
            raise refusal(self.path, self._number, rule, shown(line), remedy)

    @property
    def position(self) -> int:
        """Where the text after the last record begins."""
        return self._at

    def _lines(self) -> Iterator[str]:
        """Lines for the reader; comments and blanks are dropped only where a record begins."""
        while self._at < len(self._text):
            end = self._text.find("\n", self._at)
            end = len(self._text) if end < 0 else end
            line = self._text[self._at : end]
            self._at = end + 1
            self._number += 1
            if len(line) > MOST_LINE:
                raise too_long(self.path, self._number, line)
            if self._fresh:
                line = line.strip() if self._separator == " " else line.strip(" ")
                if line.startswith(("#", "%")):
                    self._check_comment(line)
                    self.comments += 1
                    continue
                if not line.strip():
                    continue
                self._start = self._number
            self._fresh = False
            yield (line.replace("\t", " ") if self._separator == " " else line) + "\n"


def bare_attributes(text: str) -> str:
    """Lines of NetworkX edge lists without the ``{...}`` at their ends."""
    return "\n".join(_ATTRIBUTES.sub("", line) for line in text.split("\n"))


def choose_separator(path: Path, text: str) -> str:
    """The separator that gives every sampled line the same number of fields, at least two.

    Raises
    ------
    GraphFileError
        If there is none: then the line that breaks the pattern is named.
    """
    samples: list[list[Record]] = []
    refused: GraphFileError | None = None
    for separator in SEPARATORS:
        if separator != " " and separator not in text:
            continue
        try:
            sample = list(islice(Records(path, text, separator), SAMPLE))
        except GraphFileError as error:  # quotes that do not close by this separator, ids like comments
            refused = refused or error
            continue
        if sample and regular(sample):
            return separator
        samples += [sample] if sample else []
    if refused is not None:
        raise refused
    if not samples:
        raise refusal(
            path, None, tr("an edge list needs at least one tie"), tr("only comments"), tr("check graph.path")
        )
    refuse_irregular(path, max(samples, key=lambda s: sum(len(r.fields) > 1 for r in s)))
    return " "


def regular(sample: list[Record]) -> bool:
    """True if all lines have the same number of fields, of two or more.

    The first may have one less: a header written by R says nothing over its row names.
    """
    columns = len(sample[-1].fields)
    first = len(sample[0].fields)
    if columns < 2 or (first != columns and not (first == columns - 1 >= 2)):
        return False
    if any(len(record.fields) != columns for record in sample[1:]):
        return False
    ends = [f for record in sample[:50] for f in record.fields]
    return not any(f[:1] in (",", ";", "|") or f[-1:] in (",", ";", "|", ":") for f in ends)


def refuse_irregular(path: Path, sample: list[Record]) -> None:
    """Name the first line whose number of fields differs, and what the file may be instead."""
    usual = max((len(r.fields) for r in sample[:2]), default=0)
    for record in sample:
        found = shown(" ".join(record.fields))
        if len(record.fields) < 2:
            remedy = tr("separate them by a comma, tab, semicolon, pipe or space")
            raise refusal(path, record.line, tr("a tie needs two ids"), found, remedy)
        if len(record.fields) != usual:
            rule = tr(
                "the number of fields changes from {usual} to {n_fields}, as in adjacency lists",
                usual=usual,
                n_fields=len(record.fields),
            )
            remedy = tr(
                "give one tie a line, or say graph.format=adjacency_list if each line is a person and friends"
            )
            raise refusal(path, record.line, rule, found, remedy)
    raise refusal(
        path,
        sample[0].line,
        tr("fields must be separated alike"),
        shown(" ".join(sample[0].fields)),
        tr("separate ids by one comma, tab, semicolon, pipe or space"),
    )
