"""From cells to numbers and days, one form a column; what is ambiguous is asked about, never guessed."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime

import numpy as np
import pandas as pd

from sim.calibration.files.refusal import TableError, refusal, shown
from sim.calibration.files.sheet import Sheet
from sim.core.language import mark, tr

_CLOCK = r"(?:[ T](\d{1,2}):(\d{2})(?::(\d{2})(?:[.,]\d+)?)?)?"
_ZONE = r"(?: ?(?P<zone>Z|UTC|[+-]\d{2}:?\d{2}))?"
_YEAR_FIRST = re.compile(rf"(\d{{4}})([-/.])(\d{{1,2}})\2(\d{{1,2}}){_CLOCK}{_ZONE}")
_COMPACT = re.compile(rf"(\d{{4}})()(\d{{2}})(\d{{2}}){_CLOCK}{_ZONE}")
_CHINESE = re.compile(rf"(\d{{4}})()年(\d{{1,2}})月(\d{{1,2}})日{_CLOCK}{_ZONE}")
_YEAR_LAST = re.compile(rf"(\d{{1,2}})([-/.])(\d{{1,2}})\2(\d{{4}}){_CLOCK}{_ZONE}")
_EPOCH = re.compile(r"\d{10}(\.\d+)?")
#: Name and pattern of every form that a time may have.
FORMS = (
    (mark("year first"), _YEAR_FIRST),
    ("yyyymmdd", _COMPACT),
    ("年月日", _CHINESE),
    (mark("year last"), _YEAR_LAST),
    (mark("seconds since 1970"), _EPOCH),
)
_REMEDY = mark("write all as 2024-01-31 or 2024-01-31 18:05")
#: Whole numbers and decimals without a separator of thousands.
NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?")
_COMMA = re.compile(r"[+-]?\d+,\d{1,2}|[+-]?\d+")
DATES = ("day_first", "month_first")
_DAY = 86_400.0


def days(sheet: Sheet, column: str, dates: str | None = None) -> np.ndarray:
    """float64[n]: days since 1970 of each cell of a column, local time as written.

    Parameters
    ----------
    dates : {'day_first', 'month_first'}, optional
        How dates with the year last are meant; by the column's own days where it is not said.

    Raises
    ------
    TableError
        If a cell is empty, no date, in another form than those above it, or can be read in two ways.
    """
    cells = sheet.column(column)
    form, pattern = _form(sheet, column, cells)
    unique = {cell: pattern.fullmatch(cell) for cell in dict.fromkeys(cells)}
    for line, cell in zip(sheet.lines, cells, strict=True):
        if unique[cell] is None:
            found = shown(cell) if cell else tr("an empty cell")
            rule = tr("a time must be written as those above it ({form})", form=tr(form))
            raise refusal(sheet.path, rule, found, tr(_REMEDY), line, column)
    if pattern is _EPOCH:
        return np.array([float(cell) / _DAY for cell in cells])
    month_first = form == "year last" and _month_first(sheet, column, unique, dates)
    known: dict[str, float] = {}
    for line, cell in zip(sheet.lines, cells, strict=True):
        if cell not in known:
            known[cell] = _day(sheet, column, cell, unique[cell], line, form, month_first)
    return np.array([known[cell] for cell in cells])


def _form(sheet: Sheet, column: str, cells: Sequence[str]) -> tuple[str, re.Pattern[str]]:
    for name, pattern in FORMS:
        if pattern.fullmatch(cells[0]):
            return name, pattern
    found = shown(cells[0]) if cells[0] else tr("an empty cell")
    raise refusal(sheet.path, tr("a time must be a date"), found, tr(_REMEDY), sheet.lines[0], column)


def _month_first(
    sheet: Sheet, column: str, cells: dict[str, re.Match[str] | None], dates: str | None
) -> bool:
    """Whether the month stands first where the year stands last, by the column's own days or the user."""
    if dates is not None:
        return dates == "month_first"
    first = max(int(cell[1]) for cell in cells.values() if cell)
    second = max(int(cell[3]) for cell in cells.values() if cell)
    if first > 12 or second > 12:
        return first <= 12
    remedy = tr("say dates=day_first or dates=month_first")
    raise refusal(
        sheet.path,
        tr("dates must be readable in one way"),
        shown(next(iter(cells))),
        remedy,
        sheet.lines[0],
        column,
    )


def _day(
    sheet: Sheet,
    column: str,
    cell: str,
    match: re.Match[str] | None,
    line: int,
    form: str,
    month_first: bool,
) -> float:
    assert match is not None  # checked by the caller
    try:
        when = moment(match, form, month_first)
    except ValueError:
        rule = tr("a time must be a day of the calendar")
        raise refusal(sheet.path, rule, shown(cell), tr(_REMEDY), line, column) from None
    if not 1970 <= when.year <= 2100:
        raise refusal(
            sheet.path, tr("a year must be 1970..2100"), shown(cell), tr("correct it"), line, column
        )
    return when.timestamp() / _DAY


def moment(match: re.Match[str], form: str, month_first: bool) -> datetime:
    """The moment that a match of one of :data:`FORMS` says, as written, without its zone.

    Raises
    ------
    ValueError
        If it is no day of the calendar.
    """
    if form == "seconds since 1970":
        return datetime.fromtimestamp(float(match[0]), UTC)
    if form == "year last":
        year, month, day = match[4], match[3], match[1]
        if month_first:
            month, day = day, month
    else:
        year, month, day = match[1], match[3], match[4]
    hour, minute, second = (int(match[n] or 0) for n in (5, 6, 7))
    return datetime(int(year), int(month), int(day), hour, minute, second, tzinfo=UTC)


def numbers(
    sheet: Sheet, column: str, low: float | None = None, why_low: str = mark("correct it")
) -> np.ndarray:
    """float64[n]: cells of a column as numbers of at least ``low``.

    A decimal comma is understood where cells are separated by semicolons.

    Raises
    ------
    TableError
        If a cell is empty, no finite number, or below ``low``.
    """
    cells = sheet.column(column)
    comma = sheet.separator in (";", "\t") and any("," in cell for cell in cells)
    if comma and all(_COMMA.fullmatch(cell) for cell in cells):
        cells = [cell.replace(",", ".") for cell in cells]
    values: np.ndarray = pd.to_numeric(pd.Series(cells, dtype=object), errors="coerce").to_numpy(float)
    for line, cell, value in zip(sheet.lines, cells, values.tolist(), strict=True):
        if not NUMBER.fullmatch(cell) or not np.isfinite(value):
            remedy = tr("write plain numbers such as 1234.50, without currency or separators of thousands")
            found = shown(cell) if cell else tr("an empty cell")
            raise refusal(sheet.path, tr("a number is needed"), found, remedy, line, column)
        if low is not None and value < low:
            raise refusal(
                sheet.path, tr("must be at least {low:g}", low=low), shown(cell), tr(why_low), line, column
            )
    return values


def names(sheet: Sheet, column: str, remedy: str = mark("complete it, or delete the line")) -> np.ndarray:
    """int64[n]: cells of a column as numbers 0.. in the order of appearance.

    Raises
    ------
    TableError
        If a cell is empty.
    """
    cells = sheet.column(column)
    for line, cell in zip(sheet.lines, cells, strict=True):
        if not cell:
            raise refusal(
                sheet.path, tr("a name or number is needed"), tr("an empty cell"), remedy, line, column
            )
    return np.asarray(pd.factorize(np.array(cells, dtype=object))[0], np.int64)


__all__ = ["DATES", "FORMS", "NUMBER", "TableError", "days", "moment", "names", "numbers"]
