"""From a file to cells: text or Excel, a header that is understood, and records of its width."""

from __future__ import annotations

import csv
import importlib.util
import io
import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from sim.calibration.files.refusal import TableError, refusal
from sim.calibration.files.text import text_of
from sim.core.language import tr
from sim.own.columns import Column, Table
from sim.own.faults import Faults
from sim.own.template import unit

_SEPARATORS = (",", ";", "\t", "|")
_LONGEST = 100_000
_HEADING = re.compile(r"(.*?)\s*[\[(](.*)[\])]\s*")
_EXCEL = "xl/workbook.xml"


@dataclass
class Read:
    """A table as it stands in a file.

    Attributes
    ----------
    table : Table
        Its kind.
    columns : dict of str to list of str
        Column -> cells without blanks at their ends; only columns that the kind declares.
    lines : list of int
        Line of each row, counted from 1 with the header.
    left_out : tuple of str
        Columns that the kind does not declare; nothing of them is kept.
    faults : Faults
        What is wrong.
    separator : str
        Letter between cells; empty for Excel.
    sheet, sheets : str, tuple of str
        The sheet of an Excel file that is read, and the others, which are not.
    """

    table: Table
    columns: dict[str, list[str]]
    lines: list[int]
    left_out: tuple[str, ...]
    faults: Faults
    separator: str
    sheet: str = ""
    sheets: tuple[str, ...] = ()


def read(
    table: Table,
    path: Path,
    encoding: str | None = None,
    currency: str = "CNY",
    chosen: Mapping[str, str] | None = None,
    sheet: str | None = None,
) -> Read:
    """Read a table; what is wrong with its text, header or widths is among its faults.

    Parameters
    ----------
    table : Table
        Kind of table.
    path : Path
        Text with separators, packed or not, or an Excel file.
    encoding, currency : str
        Of the file.
    chosen : mapping of str to str, optional
        Column -> its name in the file, where the user says it.
    sheet : str, optional
        Sheet of an Excel file; its first.
    """
    faults = Faults(path)
    separator, taken, others = "", "", ()
    try:
        if _is_excel(path):
            records = _excel(path, sheet)
            taken, others = next(records)
        else:
            _no_sheets(path, table, sheet)
            records = _text(path, encoding, faults)
            separator = next(records)
        hint = _other_sheets(table, others)
        header, first = _header(records, path, hint)
    except TableError as error:
        faults.refuse(error)
        return Read(table, {}, [], (), faults, "")
    places = _places(table, header, first, faults, currency, chosen or {}, hint)
    rows, lines = _rows(records, len(header), faults)
    if not rows and not faults.count:
        faults.add(tr("a table needs rows"), tr("a header alone"), tr("check that it was written whole"))
    columns = {name: [row[at].strip() for row in rows] for name, at in places.items()}
    left = tuple(name for n, name in enumerate(header) if name and n not in places.values())
    return Read(table, columns, lines, left, faults, separator, taken, others)


def _is_excel(path: Path) -> bool:
    """Whether a file is a workbook of Excel, whatever its name."""
    try:
        with zipfile.ZipFile(path) as packed:
            return _EXCEL in packed.namelist()
    except (OSError, zipfile.BadZipFile):
        return False


def _no_sheets(path: Path, table: Table, sheet: str | None) -> None:
    """Refuse a sheet of a file that has none."""
    if sheet is not None:
        remedy = tr("leave {key} out", key=f"sheets={table.name}:{sheet}")
        raise refusal(path, tr("only Excel files have sheets"), tr("a file of text"), remedy)


def _other_sheets(table: Table, others: Sequence[str]) -> str:
    """What a remedy adds where a workbook has sheets that are not read."""
    if not others:
        return ""
    sheets = ", ".join(others[:8])
    return tr(
        ", or say its sheet, as sheets={table}:NAME (others: {sheets})", table=table.name, sheets=sheets
    )


def _excel(path: Path, sheet: str | None) -> Iterator[Any]:
    """The sheet's name and those of the others first, then its rows with their numbers."""
    if importlib.util.find_spec("openpyxl") is None:
        remedy = tr("pip install 'liebian[excel]', or save the sheet as 'CSV UTF-8'")
        raise refusal(path, tr("an Excel file needs openpyxl"), tr("that it is not installed"), remedy)
    from openpyxl import load_workbook

    try:
        book = load_workbook(path, read_only=True, data_only=True)
        held = {one.title: one for one in book.worksheets}
        name = next(iter(held), "") if sheet is None else sheet
        if name in held or sheet is None:
            yield name, tuple(other for other in held if other != name)
            for number, row in enumerate(held[name].iter_rows(values_only=True), 1):
                yield number, [_cell(value) for value in row]
            return
    except (KeyError, ValueError, OSError, zipfile.BadZipFile, IndexError) as error:
        remedy = tr("open it in Excel and save it again, or save the sheet as 'CSV UTF-8'")
        raise refusal(
            path, tr("an Excel file must be whole"), str(error) or tr("a damaged one"), remedy
        ) from None
    raise refusal(
        path,
        tr("a sheet must be one of the file's"),
        tr("none of the name '{sheet}'", sheet=sheet),
        tr("choose one of: {names}", names=", ".join(held)),
    )


def _cell(value: Any) -> str:
    """A cell of Excel as text would write it."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.isoformat(sep=" ", timespec="seconds")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    return str(value)


def _text(path: Path, encoding: str | None, faults: Faults) -> Iterator[Any]:
    """The separator first, then records with the line on which each ends."""
    text, first = text_of(path, encoding), 1
    while text.startswith(("#", '"#', "\n", "sep=")):
        text, first = text.partition("\n")[2], first + 1
    head = text.partition("\n")[0]
    separator = max(_SEPARATORS, key=head.count)
    if not head.count(separator):
        remedy = tr("separate columns by comma, semicolon, tab or |")
        raise refusal(
            path, tr("a table has several columns"), tr("'{value}' as header", value=head[:40]), remedy, first
        )
    yield separator
    csv.field_size_limit(_LONGEST)
    reader = csv.reader(io.StringIO(text), delimiter=separator, strict=True)
    try:
        for row in reader:
            yield reader.line_num + first - 1, row
    except csv.Error as error:
        line, remedy = (
            reader.line_num + first - 1,
            tr("close every quotation mark, and double those inside cells"),
        )
        faults.add(tr("cells must be well quoted"), str(error), remedy, line)


def _header(records: Iterator[Any], path: Path, hint: str) -> tuple[list[str], int]:
    """Names of the columns and their line; remarks above them are passed over."""
    for line, row in records:
        if any(cell.strip() for cell in row) and not row[0].lstrip().startswith("#"):
            return [cell.strip() for cell in row], line
    raise refusal(
        path,
        tr("a table needs a header and rows"),
        tr("an empty sheet") if hint else tr("an empty file"),
        tr("check that it was written whole") + hint,
    )


def _rows(records: Iterator[Any], width: int, faults: Faults) -> tuple[list[list[str]], list[int]]:
    """Records of the header's width with their lines; others are faults."""
    rows, lines = [], []
    for line, row in records:
        if len(row) != width:
            if not any(cell.strip() for cell in row):
                continue
            remedy = tr("complete the line, or put cells that hold the separator in quotation marks")
            faults.add(
                tr("every line must have {width} cells", width=width),
                f"{len(row)}: {','.join(row)}",
                remedy,
                line,
            )
            continue
        if any(row) and any(cell.strip() for cell in row) and not row[0].startswith("#"):
            rows.append(row)
            lines.append(line)
    return rows, lines


def _places(
    table: Table,
    header: Sequence[str],
    line: int,
    faults: Faults,
    currency: str,
    chosen: Mapping[str, str],
    hint: str,
) -> dict[str, int]:
    """Column -> its place; what is missing, doubled or in another unit is a fault."""
    split = [_split(name) for name in header]
    names = [plain(name) for name, _ in split]
    places: dict[str, int] = {}
    for column in table.columns:
        wanted = (
            {plain(chosen[column.name])} if column.name in chosen else {plain(column.name), *column.others}
        )
        at = [n for n, name in enumerate(names) if name in wanted or plain(header[n]) in wanted]
        if len(at) > 1:
            remedy = tr(
                "delete one, or say which, as columns={name}:{value}", name=column.name, value=header[at[0]]
            )
            if len({plain(header[n]) for n in at}) == 1:
                remedy = tr("delete one, or give it another name")
            faults.add(
                tr("one column holds the {name}", name=column.name),
                tr(" and ").join(header[n] for n in at),
                remedy,
                line,
            )
        elif at:
            places[column.name] = at[0]
            _check_unit(column, split[at[0]][1], currency, faults, line)
        elif column.needed:
            remedy = tr("add it, or say which it is, as columns={wanted}:NAME", wanted=column.name) + hint
            faults.add(tr("a column {name} is needed", name=column.name), ", ".join(header[:8]), remedy, line)
    if table.either and not any(name in places for name in table.either):
        rule = tr("a column {either} is needed", either=tr(" or ").join(table.either))
        faults.add(rule, ", ".join(header[:8]), tr("add one of them") + hint, line)
    return places


def _split(heading: str) -> tuple[str, str]:
    """Name of a column and the unit that stands behind it in brackets, if one does."""
    found = _HEADING.fullmatch(heading)
    return (found[1], found[2]) if found else (heading, "")


def _check_unit(column: Column, written: str, currency: str, faults: Faults, line: int) -> None:
    """A unit in the header must be the one that the numbers are read in."""
    meant = unit(column, currency)
    if column.unit and written and plain(written) != plain(meant):
        remedy = "give the numbers in it, or say currency=NAME rate=CNY_FOR_ONE"
        faults.add(tr("the unit must be {meant}", meant=meant), written, remedy, line, column.name)


def plain(name: str) -> str:
    """A name without what people write differently: capitals, blanks, dashes, underscores."""
    return "".join(c for c in name.casefold() if c not in " _-.")
