"""Orders and ties of people, written with pseudonyms and with the declared columns alone."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from sim.core.atomic import commit
from sim.core.language import mark, tr
from sim.own.cells import Read
from sim.own.checks import unique
from sim.own.goods import Columns
from sim.own.pseudonyms import pseudonyms

_ONCE = mark("delete one, or add the lines of an order up to one")


def orders(columns: Columns, key: bytes, rate: float) -> dict[str, list[str]]:
    """Columns of the table that ``liebian calibrate orders=FILE`` takes.

    Parameters
    ----------
    columns : mapping of str to ndarray
        ``customer`` and ``time``; ``value``, ``source`` and ``category`` if there are such.
    key : bytes
        Of the pseudonyms.
    rate : float
        CNY for one unit of the file's currency.
    """
    made = {
        "customer": _pseudonymous(columns["customer"], pseudonyms(columns["customer"], key)),
        "time": [one.replace("T", " ") for one in np.datetime_as_string(columns["time"]).tolist()],
    }
    if "value" in columns:
        made["value"] = [
            f"{value:.2f}" if value == value else "" for value in (columns["value"] * rate).tolist()
        ]
    return made | {name: columns[name].tolist() for name in ("source", "category") if name in columns}


def edges(columns: Columns, key: bytes) -> dict[str, list[str]]:
    """Columns of an edge list, as ``graph=edge_list graph.path=FILE`` takes it."""
    known = pseudonyms([*columns["source"], *columns["target"]], key)
    made = {name: _pseudonymous(columns[name], known) for name in ("source", "target")}
    if "weight" in columns:
        made["weight"] = [f"{value:g}" for value in np.nan_to_num(columns["weight"], nan=1.0).tolist()]
    return made


def check_orders(read: Read, columns: Columns) -> None:
    """Note orders that stand twice, and those without a value where others have one."""
    if "order" in columns:
        unique("order", columns["order"].tolist(), read.lines, read.faults, _ONCE)
    if "value" in columns:
        for n in np.flatnonzero([not cell for cell in read.columns["value"]]):
            remedy = tr("complete it, or delete the line")
            read.faults.add(tr("an order has a value"), "", remedy, read.lines[int(n)], "value")


def check_edges(read: Read, columns: Columns) -> None:
    """Note a file in which nobody has a tie to another person: no market could be played on it."""
    if read.faults.count == 0 and len(columns["source"]) and (columns["source"] == columns["target"]).all():
        remedy = tr("write two different people in each line")
        first = str(columns["target"][0])
        read.faults.add(tr("some tie must join two people"), first, remedy, read.lines[0], "target")


def _pseudonymous(names: np.ndarray, known: Mapping[str, str]) -> list[str]:
    return [known[name] for name in names.tolist()]


def write(path: Path, columns: Mapping[str, list[str]]) -> None:
    """Write columns as a CSV, whole or not at all."""

    def save(temporary: Path) -> None:
        with temporary.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(columns)
            writer.writerows(zip(*columns.values(), strict=True))

    commit(path, save, "folder")
