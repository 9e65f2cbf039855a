"""From text to cells: separator, header, and records of one width, with the line that each stands on."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from sim.calibration.files.refusal import refusal, shown
from sim.calibration.files.text import text_of
from sim.core.language import tr

_SEPARATORS = (",", ";", "\t", "|")
#: Longest cell that is read, letters.
_LONGEST = 100_000


@dataclass(frozen=True)
class Sheet:
    """Cells of a table.

    Attributes
    ----------
    path : Path
        The file.
    header : tuple of str
        Names of the columns, as written.
    rows : list of list of str
        Cells, all records of the header's width.
    lines : list of int
        Line on which each record ends.
    separator : str
        Letter between cells.
    """

    path: Path
    header: tuple[str, ...]
    rows: list[list[str]]
    lines: list[int]
    separator: str

    def column(self, name: str) -> list[str]:
        """Cells of a column, blanks at their ends taken off."""
        at = self.header.index(name)
        return [row[at].strip() for row in self.rows]

    def keep(self, kept: Sequence[bool]) -> Sheet:
        """The sheet with some of its records."""
        rows = [row for row, stays in zip(self.rows, kept, strict=True) if stays]
        lines = [line for line, stays in zip(self.lines, kept, strict=True) if stays]
        return Sheet(self.path, self.header, rows, lines, self.separator)


def read_sheet(path: Path, encoding: str | None = None) -> Sheet:
    """Read a table with a header.

    Raises
    ------
    TableError
        If it is no table of text with one header and records of its width.
    """
    text = text_of(path, encoding)
    first = 1
    if text.startswith("sep=") and "\n" in text:  # a spreadsheet's note on its separator
        text, first = text.partition("\n")[2], 2
    while text.startswith(("#", "\n")):
        text, first = text.partition("\n")[2], first + 1
    head = text.partition("\n")[0]
    separator = max(_SEPARATORS, key=head.count)
    if not head.count(separator) and len(head.split()) > 1:
        separator = " "
    if not head.count(separator):
        remedy = tr("separate columns by comma, semicolon, tab or |")
        raise refusal(path, tr("a table has several columns"), shown(head) + tr(" as header"), remedy, first)
    header, rows, lines = _records(path, text, separator, first)
    _check_header(path, header, first)
    if not rows:
        raise refusal(
            path, tr("a table needs rows"), tr("a header alone"), tr("check that it was written whole")
        )
    return Sheet(path, header, rows, lines, separator)


def _records(
    path: Path, text: str, separator: str, first: int
) -> tuple[tuple[str, ...], list[list[str]], list[int]]:
    csv.field_size_limit(_LONGEST)
    if separator == " ":  # columns laid out with blanks
        text = "\n".join(" ".join(line.split()) for line in text.split("\n"))
    reader = csv.reader(io.StringIO(text), delimiter=separator, strict=True)
    rows, lines = [], []
    header: tuple[str, ...] = ()
    try:
        for row in reader:
            line = reader.line_num + first - 1
            if not header:
                header = tuple(cell.strip() for cell in row)
                continue
            if not any(cell.strip() for cell in row):
                continue
            if len(row) != len(header):
                found = tr("{n_row} in {shown}", n_row=len(row), shown=shown(separator.join(row)))
                remedy = tr("complete the line, or put cells that hold the separator in quotation marks")
                raise refusal(
                    path,
                    tr("every line must have {n_header} cells", n_header=len(header)),
                    found,
                    remedy,
                    line,
                )
            rows.append(row)
            lines.append(line)
    except csv.Error as error:
        line = reader.line_num + first - 1
        remedy = tr("close every quotation mark, and double those inside cells")
        raise refusal(path, tr("cells must be well quoted"), str(error), remedy, line) from None
    return header, rows, lines


def _check_header(path: Path, header: tuple[str, ...], line: int) -> None:
    names = [name for name in header if name]
    plain = [name.casefold() for name in names]
    if doubled := [name for name in names if plain.count(name.casefold()) > 1]:
        remedy = tr("rename or delete all but one")
        raise refusal(
            path,
            tr("every column has a name of its own"),
            tr("{shown} twice", shown=shown(doubled[0])),
            remedy,
            line,
        )
    if names and all(_number(name) for name in names):
        remedy = tr("write a first line with the columns' names")
        raise refusal(path, tr("the first line names the columns"), shown(",".join(names)), remedy, line)


def _number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def choose(
    sheet: Sheet, wanted: str, synonyms: Sequence[str], chosen: Mapping[str, str], needed: bool = True
) -> str | None:
    """Name of the column that holds something.

    Parameters
    ----------
    wanted : str
        What is looked for, as messages and ``columns=`` call it.
    synonyms : sequence of str
        Names that it goes by, in small letters without blanks, dashes or underscores.
    chosen : mapping of str to str
        What the user said: what is looked for -> name of its column.

    Raises
    ------
    TableError
        If it is needed and not there, if several columns could be it, or if the user named one that is not.
    """
    names = [name for name in sheet.header if name]
    if wanted in chosen:
        matching = [name for name in names if name.casefold() == chosen[wanted].casefold()]
        if not matching:
            rule = tr(
                "columns={wanted}:{chosen} must name a column of the file",
                wanted=wanted,
                chosen=chosen[wanted],
            )
            raise refusal(sheet.path, rule, ", ".join(map(shown, names)), tr("correct the name"), 1)
        return matching[0]
    found = [name for name in names if _plain(name) in (wanted, *synonyms)]
    if len(found) > 1:
        remedy = tr("say which, as columns={wanted}:{found}", wanted=wanted, found=found[0])
        raise refusal(
            sheet.path,
            tr("one column holds the {wanted}", wanted=wanted),
            tr(" and ").join(map(shown, found)),
            remedy,
            1,
        )
    if found:
        return found[0]
    if needed:
        remedy = tr("add it, or say which it is, as columns={wanted}:NAME", wanted=wanted)
        raise refusal(
            sheet.path,
            tr("a column {wanted} is needed", wanted=wanted),
            ", ".join(map(shown, names[:12])),
            remedy,
            1,
        )
    return None


def _plain(name: str) -> str:
    return "".join(c for c in name.casefold() if c not in " _-.")
