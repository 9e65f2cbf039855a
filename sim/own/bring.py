"""From files of a user's to a scenario, a table of orders and an edge list: all of them, or nothing."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from sim.core.atomic import check_folder, commit
from sim.core.errors import InputError
from sim.core.language import tr
from sim.own import goods, people, warehouses
from sim.own.cells import Read, headings, not_there, plain, read
from sim.own.checks import checked, zones_of
from sim.own.columns import tables
from sim.own.faults import told
from sim.own.goods import Columns
from sim.own.pseudonyms import keep, key_of


@dataclass(frozen=True)
class Request:
    """What is imported, and how it is read.

    Attributes
    ----------
    files : mapping of str to Path
        Kind of table -> file.
    name : str
        Of what is written.
    folder, salt : Path
        Where tables of people go, and the file of the key of their pseudonyms.
    currency, rate : str, float
        Of all money in the files: its name, and CNY for one unit of it.
    columns, categories : mapping of str to str
        Column -> its name in the file; a user's word -> category of the model.
    sheets : mapping of str to str
        Kind of table -> the sheet of its Excel file; the first of others.
    encoding, dates : str, optional
        As :func:`sim.calibration.files.text.text_of` and :func:`sim.own.checks.checked`.
    """

    files: Mapping[str, Path]
    name: str = "own"
    folder: Path = Path("own")
    salt: Path = Path("own/salt.key")
    currency: str = "CNY"
    rate: float = 1.0
    columns: Mapping[str, str] = field(default_factory=dict)
    categories: Mapping[str, str] = field(default_factory=dict)
    encoding: str | None = None
    dates: str | None = None
    sheets: Mapping[str, str] = field(default_factory=dict)


@dataclass
class Brought:
    """What files hold, nothing of which is written yet.

    Attributes
    ----------
    values : dict
        Settings of the scenario.
    tables : dict of str to dict
        ``orders`` and ``edges`` -> columns to be written.
    lines : list of str
        What was understood.
    """

    request: Request
    values: dict[str, Any] = field(default_factory=dict)
    tables: dict[str, dict[str, list[str]]] = field(default_factory=dict)
    lines: list[str] = field(default_factory=list)
    key: bytes = b""

    def path(self, table: str) -> Path:
        """Where a table of people goes."""
        return self.request.folder / f"{self.request.name}_{table}.csv"

    @property
    def scenario(self) -> Path:
        """Where the scenario goes."""
        return Path("scenarios") / f"{self.request.name}.yaml"


def bring(request: Request) -> Brought:
    """Read and check files.

    Raises
    ------
    InputError
        With a line for every fault, up to :data:`sim.own.faults.MOST`, and how many more there are.
    """
    reads = {
        name: read(
            tables()[name],
            path,
            request.encoding,
            request.currency,
            request.columns,
            request.sheets.get(name),
        )
        for name, path in request.files.items()
    }
    held: dict[str, Columns] = {
        name: checked(one, request.categories, request.dates) for name, one in reads.items()
    }
    _check_chosen(reads, request.columns)
    goods.check(reads, held)
    if "nodes" in held:
        warehouses.check(reads["nodes"], held["nodes"])
    if "orders" in held:
        people.check_orders(reads["orders"], held["orders"])
    if "edges" in held:
        people.check_edges(reads["edges"], held["edges"])
    if any(one.faults.count for one in reads.values()):
        raise InputError(told([one.faults for one in reads.values()]))
    return _made(request, reads, held)


def _check_chosen(reads: Mapping[str, Read], chosen: Mapping[str, str]) -> None:
    """Note names of ``columns=`` that stand in no header; a missing column that is needed is told already."""
    for column, name in chosen.items():
        held = [one for one in reads.values() if one.header and column in {c.name for c in one.table.columns}]
        if any(plain(name) in map(plain, (*one.header, *headings(one.header))) for one in held):
            continue
        for one in held[:1]:
            if column in one.columns or not one.table.column(column).needed:
                rule = tr("what columns= names must stand in the header")
                one.faults.add(rule, name, not_there(column, name, one.header), one.first, column)


def _made(request: Request, reads: Mapping[str, Read], held: Mapping[str, Columns]) -> Brought:
    """What flawless tables become."""
    made = Brought(request)
    for name, one in reads.items():
        made.lines.append(_rows(one, request))
        made.lines += [f"  {line}" for line in _spans(one, held[name], request)]
    sold = goods.goods(held, request.rate)
    made.values |= sold.values
    made.lines += sold.lines
    if "nodes" in held:
        values, lines = warehouses.network(held["nodes"])
        made.values |= values
        made.lines += lines
    if "orders" in held or "edges" in held:
        made.key = key_of(request.salt)
    if "orders" in held:
        made.tables["orders"] = people.orders(held["orders"], made.key, request.rate)
    if "edges" in held:
        made.tables["edges"] = people.edges(held["edges"], made.key)
    return made


def _rows(one: Read, request: Request) -> str:
    """Rows of a file, and what of it is not kept."""
    table = tr(one.table.name)
    line = tr("{path}: {rows:,} {table}", path=one.faults.path, rows=len(one.lines), table=table) + (
        tr(", money in {currency}", currency=tr(request.currency))
        if any("CNY" in column.unit for column in one.table.columns)
        else ""
    )
    if request.rate != 1.0:
        line += tr(" (1 {currency} = {rate:g} CNY)", currency=request.currency, rate=request.rate)
    if one.remarks:
        line += tr("; passed over as remarks, for they begin with #: {remarks:,} lines", remarks=one.remarks)
    if one.hidden:
        line += tr("; rows that Excel hides are read too: {hidden:,}", hidden=one.hidden)
    if one.sheets:
        others = tr(", ").join(one.sheets)
        line += tr("; sheet '{sheet}' is read, others are not: {others}", sheet=one.sheet, others=others)
    return line + (tr("; left out: {left_out}", left_out=tr(", ").join(one.left_out)) if one.left_out else "")


def _spans(one: Read, columns: Columns, request: Request) -> list[str]:
    """Least and most of every number and time, and how many names there are."""
    lines = []
    for name, values in columns.items():
        column = one.table.column(name)
        if column.form == "number" and np.isfinite(values).any():
            unit = tr(column.unit)
            if request.currency != "CNY":
                unit = unit.replace(tr("CNY"), request.currency)
            lines.append(
                tr(
                    "{name}: {least:,g} to {most:,g} {unit}",
                    name=name,
                    least=np.nanmin(values),
                    most=np.nanmax(values),
                    unit=unit,
                ).rstrip()
            )
        elif column.form == "time":
            first, last = np.datetime_as_string([values.min(), values.max()], unit="D")
            lines.append(tr("{name}: {first} to {last}", name=name, first=first, last=last))
            if zones := ", ".join(zones_of(one.columns[name])[:5]):
                lines.append(
                    tr(
                        "{name}: the clock is taken as written, without its zone ({zones})",
                        name=name,
                        zones=zones,
                    )
                )
        elif column.person:
            lines.append(
                tr("{name}: {people:,} people, written as pseudonyms", name=name, people=len(set(values)))
            )
        elif column.form == "word":
            words = sorted({one for one in values if one})[:13]
            lines.append(tr("{name}: {words}", name=name, words=tr(", ").join(words)))
    return lines


def scenario_text(brought: Brought) -> str:
    """The scenario file of one's own market."""
    request = brought.request
    files = ", ".join(path.name for path in request.files.values())
    lines = [
        f"# liebian run scenario={request.name}",
        f"description: {json.dumps(tr('Our own market, from {files}', files=files), ensure_ascii=False)}",
        *(f"{key}: {json.dumps(value, ensure_ascii=False)}" for key, value in brought.values.items()),
    ]
    return "\n".join(lines) + "\n"


def write(brought: Brought) -> list[Path]:
    """Write everything; the files in order.

    Raises
    ------
    StoreError
        If one cannot be written.
    """
    written: list[Path] = []
    if brought.values:  # looked at before anything is written, so that it is all or nothing
        check_folder(brought.scenario.parent, "")
    if brought.tables:
        folder, salt = brought.request.folder, brought.request.salt
        if salt.parent == folder:
            check_folder(folder, "folder")
        if keep(salt, brought.key):
            written.append(salt)
        for name, columns in brought.tables.items():
            people.write(brought.path(name), columns)
            written.append(brought.path(name))
    if brought.values:
        text = scenario_text(brought)
        commit(brought.scenario, lambda path: path.write_text(text, encoding="utf-8"), "")
        written.append(brought.scenario)
    return written


def there_already(brought: Brought) -> Sequence[Path]:
    """Files that would be written over."""
    paths = [
        *(brought.path(name) for name in brought.tables),
        *([brought.scenario] if brought.values else []),
    ]
    return [path for path in paths if path.exists()]
