"""Sheets of Excel files: which is read, what its cells hold, and what lies hidden or merged in it."""

from __future__ import annotations

import importlib.util
import re
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

from sim.calibration.files.refusal import refusal
from sim.core.language import tr

_WORKBOOK = "xl/workbook.xml"
#: What a reader of damaged workbooks raises; a broken part of XML is a SyntaxError.
_DAMAGED = (
    KeyError,
    ValueError,
    OSError,
    zipfile.BadZipFile,
    zlib.error,
    IndexError,
    AttributeError,
    TypeError,
    SyntaxError,
    EOFError,
)
_MERGED = re.compile(rb'<(?:\w+:)?mergeCell [^>]*?ref="([A-Z]+)(\d+):([A-Z]+)(\d+)"')
_HIDDEN = re.compile(rb'<(?:\w+:)?row (?=[^>]*?hidden="(?:1|true)")[^>]*?r="(\d+)"')
_FORMULA = re.compile(rb"<(?:\w+:)?f[ />]")
_PIECE = 2**20
_TAG = 400


@dataclass
class Sheet:
    """The sheet that is read.

    Attributes
    ----------
    name, others : str, tuple of str
        It, and the sheets that are not read.
    merged : list of (str, int, int, int, int)
        Merged cells as Excel names them, with their first and last row (from 1) and column (from 0).
    hidden : set of int
        Rows that Excel hides.
    """

    name: str
    others: tuple[str, ...] = ()
    merged: list[tuple[str, int, int, int, int]] = field(default_factory=list)
    hidden: set[int] = field(default_factory=set)


def is_excel(path: Path) -> bool:
    """Whether a file is a workbook of Excel, whatever its name."""
    try:
        with zipfile.ZipFile(path) as packed:
            return _WORKBOOK in packed.namelist()
    except (OSError, zipfile.BadZipFile):
        return False


def records(path: Path, sheet: str | None) -> Iterator[Any]:
    """The :class:`Sheet` first, then its rows with their numbers; formulas without a value as they stand.

    Raises
    ------
    TableError
        If the file is damaged, or has no such sheet.
    """
    if importlib.util.find_spec("openpyxl") is None:
        remedy = tr("pip install 'liebian[excel]', or save the sheet as 'CSV UTF-8'")
        raise refusal(path, tr("an Excel file needs openpyxl"), tr("that it is not installed"), remedy)
    from openpyxl import load_workbook

    try:
        book = load_workbook(path, read_only=True, data_only=True)
        held = {one.title: one for one in book.worksheets}
        shown = [name for name, one in held.items() if one.sheet_state == "visible"]
        name = next(iter([*shown, *held]), "") if sheet is None else sheet
        if not held:
            raise KeyError(name)
        if name in held:
            found = Sheet(name, tuple(other for other in held if other != name))
            formulas = _looked_at(path, held[name]._worksheet_path, found)
            yield found
            rows = held[name].iter_rows(values_only=True)
            written: Iterator[Sequence[Any]] = iter(())
            if formulas:
                written = load_workbook(path, read_only=True)[name].iter_rows(values_only=True)
            for number, row in enumerate(rows, 1):
                cells = [_cell(value) for value in row]
                yield number, _with_formulas(cells, next(written, ())) if formulas else cells
            return
    except _DAMAGED:
        remedy = tr("open it in Excel and save it again, or save the sheet as 'CSV UTF-8'")
        raise refusal(path, tr("an Excel file must be whole"), tr("a damaged one"), remedy) from None
    raise refusal(
        path,
        tr("a sheet must be one of the file's"),
        tr("none of the name '{sheet}'", sheet=name),
        tr("choose one of: {names}", names=", ".join(held)),
    )


def _looked_at(path: Path, part: str, found: Sheet) -> bool:
    """Note merged cells and hidden rows, which readers of values pass over; whether there are formulas."""
    formulas, before = False, b""
    with zipfile.ZipFile(path) as archive, archive.open(part.lstrip("/")) as file:
        while piece := file.read(_PIECE):
            text = before + piece
            formulas = formulas or _FORMULA.search(text) is not None
            found.hidden.update(int(one[1]) for one in _HIDDEN.finditer(text))
            for one in _MERGED.finditer(text):
                left, top, right, bottom = (one[n].decode() for n in (1, 2, 3, 4))
                box = (f"{left}{top}:{right}{bottom}", int(top), int(bottom), _place(left), _place(right))
                if box not in found.merged[-8:]:  # a tag at a seam is seen twice
                    found.merged.append(box)
            before = text[-_TAG:]
    return formulas


def _place(letters: str) -> int:
    """Column of Excel's letters, from 0."""
    place = 0
    for letter in letters:
        place = place * 26 + ord(letter) - ord("A") + 1
    return place - 1


def _with_formulas(cells: list[str], written: Sequence[Any]) -> list[str]:
    """Cells where a formula that was never worked out stands as it is written."""
    for n, value in enumerate(written[: len(cells)]):
        if not cells[n] and value is not None:
            cells[n] = (
                value if isinstance(value, str) else f"={getattr(value, 'text', '')}".replace("==", "=")
            )
    return cells


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
