"""Cells of a column held to what it may be: numbers, words, names and times, every fault noted."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime

import numpy as np
import pandas as pd

from sim.calibration.files.cells import FORMS, NUMBER, moment
from sim.core.language import mark, tr
from sim.core.messages import did_you_mean
from sim.own.cells import ERRORS, Read, plain
from sim.own.columns import EXAMPLE, LONGEST, Column
from sim.own.faults import Faults

_COMMA = re.compile(r"[+-]?\d+,\d{1,2}|[+-]?\d+")
_PLAIN = mark("write plain numbers such as 1234.50, without currency, percent or separators of thousands")
_TIMES = mark("write all as 2026-01-31 or 2026-01-31 18:05")


def checked(
    read: Read, categories: Mapping[str, str] | None = None, dates: str | None = None
) -> dict[str, np.ndarray]:
    """Columns of a table as values; cells that may not be are added to its faults.

    Parameters
    ----------
    read : Read
        The table.
    categories : mapping of str to str, optional
        A user's word for a category -> the model's.
    dates : {'day_first', 'month_first'}, optional
        How dates with the year last are meant.

    Returns
    -------
    dict of str to ndarray
        float64[n] of numbers, datetime64[s][n] of times, object[n] of names and words. Without meaning where
        there are faults.
    """
    made: dict[str, np.ndarray] = {}
    for name, cells in read.columns.items():
        column = read.table.column(name)
        if column.form == "number":
            made[name] = _numbers(column, cells, read)
        elif column.form == "time":
            made[name] = _times(column, cells, read, dates)
        else:
            made[name] = _words(column, cells, read, categories or {})
    return made


def _numbers(column: Column, cells: list[str], read: Read) -> np.ndarray:
    """Numbers within their bounds; an empty cell is none where the column may be left out."""
    filled = [cell for cell in cells if cell]
    if read.separator in (";", "\t") and all(_COMMA.fullmatch(cell) for cell in filled):
        cells = [cell.replace(",", ".") for cell in cells]
    values: np.ndarray = pd.to_numeric(pd.Series(cells, dtype=object), errors="coerce").to_numpy(float)
    fits = np.array([bool(NUMBER.fullmatch(cell)) for cell in cells], bool) & np.isfinite(values)
    empty = np.array([not cell for cell in cells], bool) & (not column.needed)
    for n in np.flatnonzero(~fits & ~empty):
        rule, remedy = _unfinished(cells[n]) or (tr("a number is needed"), tr(_PLAIN))
        read.faults.add(rule, cells[n], remedy, read.lines[n], column.name)
    low = -np.inf if column.low is None else column.low
    high = np.inf if column.high is None else column.high
    for n in np.flatnonzero(fits & ((values < low) | (values > high))):
        rule = tr("must be {allowed} {unit}", allowed=column.allowed, unit=column.unit).rstrip()
        read.faults.add(rule, cells[n], tr("correct it, or delete the line"), read.lines[n], column.name)
    return np.where(fits, values, np.nan)


def _words(column: Column, cells: list[str], read: Read, categories: Mapping[str, str]) -> np.ndarray:
    """Names and words; choices are known by the model's names and by the user's."""
    known = {plain(one): one for one in column.choices}
    if column.name == "category":
        known |= {plain(own): one for own, one in categories.items()}
    made, wrong = {}, {}
    for cell in dict.fromkeys(cells):
        made[cell] = known.get(plain(cell), "") if column.choices else cell
        if fault := _fault(column, cell, bool(made[cell])):
            wrong[cell] = fault
    if wrong:
        for line, cell in zip(read.lines, cells, strict=True):
            if cell in wrong:
                read.faults.add(wrong[cell][0], cell, wrong[cell][1], line, column.name)
    return np.array([made[cell] for cell in cells], dtype=object)


def _unfinished(cell: str) -> tuple[str, str] | None:
    """Rule and remedy of a spreadsheet's formula or error where a value should stand, or None."""
    if cell.startswith("="):
        return tr("a cell must hold a value, not its formula"), tr(
            "open the file in Excel and save it there, or write the value in its place"
        )
    if cell in ERRORS:
        return tr("a cell must not hold a spreadsheet's error"), tr("correct its formula, or delete the line")
    return None


def _fault(column: Column, cell: str, known: bool) -> tuple[str, str] | None:
    """Rule and remedy of a cell that may not be, or None."""
    if cell == EXAMPLE:
        return tr("a template's example is no row"), tr("delete the line")
    if found := _unfinished(cell):
        return found
    if not cell and column.needed:
        return tr("a name is needed") if column.form == "name" else tr("a word is needed"), tr("complete it")
    if len(cell) > LONGEST or not cell.isprintable():
        remedy = tr("shorten it") if cell.isprintable() else tr("delete letters that cannot be seen")
        return tr("at most {longest} letters that can be printed", longest=LONGEST), remedy
    if cell and column.choices and not known:
        own = tr(", or say categories=YOUR_WORD:CATEGORY") if column.name == "category" else ""
        return tr(
            "must be one of the {n_choices} that there are", n_choices=len(column.choices)
        ), did_you_mean(cell, column.choices) + own
    return None


def unique(
    column: str, values: Sequence[str], lines: Sequence[int], faults: Faults, remedy: str = mark("delete one")
) -> None:
    """Note every name that stands a second time."""
    seen: dict[str, int] = {}
    for line, value in zip(lines, values, strict=True):
        if value and value in seen:
            faults.add(
                tr("each stands once (first on line {first})", first=seen[value]),
                value,
                tr(remedy),
                line,
                column,
            )
        else:
            seen[value] = line


def zones_of(cells: Sequence[str]) -> list[str]:
    """Zones that the times of a column name, in order; they are not reckoned with."""
    zones = set()
    for cell in cells:
        for form, pattern in FORMS:
            if match := pattern.fullmatch(cell):
                zones.add("UTC" if form == "seconds since 1970" else match["zone"])
                break
    return sorted(zones - {None})


def _times(column: Column, cells: list[str], read: Read, dates: str | None) -> np.ndarray:
    """Times of one form, the first cell's."""
    first = next((cell for cell in cells if cell), "")
    found = next(((name, pattern) for name, pattern in FORMS if pattern.fullmatch(first)), FORMS[0])
    form, pattern = found
    matches = {cell: pattern.fullmatch(cell) for cell in dict.fromkeys(cells)}
    month_first = _month_first(form, matches, dates)
    if month_first is None:
        remedy = tr("say dates=day_first or dates=month_first")
        read.faults.add(tr("dates must be readable in one way"), first, remedy, read.lines[0], column.name)
        return np.full(len(cells), np.datetime64("NaT"), "datetime64[s]")
    known = {cell: _moment(match, form, month_first) for cell, match in matches.items()}
    if any(value is None for value in known.values()):
        for line, cell in zip(read.lines, cells, strict=True):
            if known[cell] is None:
                rule = tr("a time must be a day of the calendar, 1970..2100")
                if matches[cell] is None:
                    rule = tr("a time must be written as those above it ({form})", form=tr(form))
                    if not any(matches.values()):
                        rule = tr("a time must be a date")
                rule, remedy = _unfinished(cell) or (rule, tr(_TIMES))
                read.faults.add(rule, cell, remedy, line, column.name)
    return np.array([np.datetime64(known[cell] or "NaT", "s") for cell in cells], "datetime64[s]")


def _month_first(form: str, matches: Mapping[str, re.Match[str] | None], dates: str | None) -> bool | None:
    """Whether months stand first where years stand last; None if that cannot be told."""
    if form != "year last":
        return False
    if dates is not None:
        return dates == "month_first"
    days = [(int(match[1]), int(match[3])) for match in matches.values() if match]
    if max(first for first, _ in days) > 12 or max(second for _, second in days) > 12:
        return max(first for first, _ in days) <= 12
    return None


def _moment(match: re.Match[str] | None, form: str, month_first: bool) -> datetime | None:
    if match is None:
        return None
    try:
        when = moment(match, form, month_first).replace(tzinfo=None)
    except (ValueError, OverflowError):
        return None
    return when if 1970 <= when.year <= 2100 else None
