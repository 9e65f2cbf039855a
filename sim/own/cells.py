"""From a file to cells: text or Excel, a header that is understood, and records of its width."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sim.calibration.files.refusal import TableError, refusal, shown
from sim.calibration.files.text import text_of
from sim.core.language import tr
from sim.core.messages import did_you_mean
from sim.own import excel
from sim.own.columns import Column, Table
from sim.own.faults import Faults
from sim.own.template import unit

_SEPARATORS = (",", ";", "\t", "|")
_LONGEST = 100_000
_HEADING = re.compile(r"(.*?)\s*[\[(（［](.*)[\])）］]\s*")
#: What spreadsheets write where a formula could not be worked out.
ERRORS = ("#DIV/0!", "#N/A", "#NAME?", "#NULL!", "#NUM!", "#REF!", "#VALUE!", "#SPILL!", "#CALC!")
#: How the yuan is written in headers, and one piece of goods.
_YUAN = re.compile("人民币|元|rmb|cny|[¥￥]")
_PIECE = re.compile("/(unit|件|个|份|袋|盒|瓶)$")


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
    header, first : tuple of str, int
        Names of all columns, as they stand in the file, and their line; none if it was not read so far.
    remarks, hidden : int
        Lines below the header that begin with #, passed over; rows that Excel hides, which are read.
    """

    table: Table
    columns: dict[str, list[str]]
    lines: list[int]
    left_out: tuple[str, ...]
    faults: Faults
    separator: str
    sheet: str = ""
    sheets: tuple[str, ...] = ()
    header: tuple[str, ...] = ()
    first: int = 0
    remarks: int = 0
    hidden: int = 0


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
    separator, taken = "", excel.Sheet("")
    try:
        if excel.is_excel(path):
            records = excel.records(path, sheet)
            taken = next(records)
        else:
            _no_sheets(path, table, sheet)
            records = _text(path, encoding, faults)
            separator = next(records)
        hint = _other_sheets(table, taken.others)
        header, first = _header(records, path, hint)
    except TableError as error:
        faults.refuse(error)
        return Read(table, {}, [], (), faults, "")
    places = _places(table, header, first, faults, currency, chosen or {}, hint)
    try:
        rows, lines, remarks = _rows(records, len(header), faults)
    except TableError as error:  # a damaged part further down
        faults.refuse(error)
        return Read(table, {}, [], (), faults, "")
    if not rows and not faults.count:
        faults.add(tr("a table needs rows"), tr("a header alone"), tr("check that it was written whole"))
    left = tuple(name for n, name in enumerate(header) if name and n not in places.values())
    columns = {name: [row[at].strip() for row in rows] for name, at in places.items()}
    if _merged(taken, places, lines, faults):  # what is empty for that reason is not told a second time
        columns = {}
    hidden = len(taken.hidden.intersection(lines))
    return Read(
        table,
        columns,
        lines,
        left,
        faults,
        separator,
        taken.name,
        taken.others,
        tuple(header),
        first,
        remarks,
        hidden,
    )


def _merged(sheet: excel.Sheet, places: Mapping[str, int], lines: Sequence[int], faults: Faults) -> bool:
    """Note merged cells among those that are read; whether there are such."""
    found = False
    rows = set(lines)
    for name, at in places.items():
        for box, top, bottom, left, right in sheet.merged:
            if left <= at <= right and rows.intersection(range(top, bottom + 1)):
                rule, remedy = tr("cells must not be merged"), tr("unmerge them in Excel and fill in each")
                faults.add(rule, box, remedy, top, name)
                found = True
    return found


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


def _text(path: Path, encoding: str | None, faults: Faults) -> Iterator[Any]:
    """The separator first, then records with the line on which each ends."""
    text, first = text_of(path, encoding), 1
    while text.startswith(("#", '"#', "\n", "sep=")):
        text, first = text.partition("\n")[2], first + 1
    head = text.partition("\n")[0]
    separator = max(_SEPARATORS, key=head.count)
    if not head.count(separator):
        remedy = tr("separate columns by comma, semicolon, tab or |")
        if wide := next((letter for letter in "，；｜" if letter in head), ""):
            remedy = tr(
                "write '{narrow}' in place of the wide '{wide}'", narrow=chr(ord(wide) - 0xFEE0), wide=wide
            )
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
            filled = [cell.strip() for cell in row if cell.strip()]
            if len(filled) == 1 < len(row):
                remedy = tr("delete the lines above the header") + hint
                raise refusal(path, tr("the first line must be the header"), shown(filled[0]), remedy, line)
            return [cell.strip() for cell in row], line
    raise refusal(
        path,
        tr("a table needs a header and rows"),
        tr("an empty sheet") if hint else tr("an empty file"),
        tr("check that it was written whole") + hint,
    )


def _rows(records: Iterator[Any], width: int, faults: Faults) -> tuple[list[list[str]], list[int], int]:
    """Records of the header's width with their lines, others are faults; and how many remarks there are."""
    rows, lines, remarks = [], [], 0
    for line, row in records:
        if row and row[0].startswith("#") and row[0].strip() not in ERRORS:
            remarks += 1
            continue
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
        if any(cell.strip() for cell in row):
            rows.append(row)
            lines.append(line)
    return rows, lines, remarks


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
        wanted = {plain(column.name), *column.others}
        if (said := plain(chosen.get(column.name, ""))) and said in {*names, *map(plain, header)}:
            wanted = {said}
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
            if column.name in chosen:
                remedy = not_there(column.name, chosen[column.name], header)
            faults.add(tr("a column {name} is needed", name=column.name), ", ".join(header[:8]), remedy, line)
    if table.either and not any(name in places for name in table.either):
        rule = tr("a column {either} is needed", either=tr(" or ").join(table.either))
        faults.add(rule, ", ".join(header[:8]), tr("add one of them") + hint, line)
    return places


def not_there(column: str, name: str, header: Sequence[str]) -> str:
    """Remedy where ``columns=`` names what is not in the header."""
    return tr(
        "columns={column}:{name} names none of these: {meant}",
        column=column,
        name=name,
        meant=did_you_mean(name, [one for one in header if one]),
    )


def _split(heading: str) -> tuple[str, str]:
    """Name of a column and the unit that stands behind it in brackets, if one does."""
    found = _HEADING.fullmatch(heading)
    return (found[1], found[2]) if found else (heading, "")


def headings(header: Sequence[str]) -> list[str]:
    """Names of columns without their units."""
    return [_split(name)[0] for name in header]


def _check_unit(column: Column, written: str, currency: str, faults: Faults, line: int) -> None:
    """A unit in the header must be the one that the numbers are read in."""
    meant = unit(column, currency)
    if column.unit and written and _bare(written, currency) != _bare(meant, currency):
        remedy = tr("give the numbers in it, or say currency=NAME rate=CNY_FOR_ONE")
        faults.add(tr("the unit must be {meant}", meant=meant), written, remedy, line, column.name)


def _bare(written: str, currency: str) -> str:
    """A unit without what people write differently; the price of one unit is an amount of money."""
    bare = plain(written)
    if currency == "CNY":
        bare = _YUAN.sub("cny", bare)
    return _PIECE.sub("", bare) if bare.startswith(plain(currency)) else bare


def plain(name: str) -> str:
    """A name without what people write differently: capitals, blanks, dashes, underscores."""
    return "".join(c for c in name.casefold() if c not in " _-.")
