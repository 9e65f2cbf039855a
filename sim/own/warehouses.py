"""A table of warehouses as the numbers of the model's network, which has no places on a map."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from sim.core.language import ntr, tr
from sim.own.cells import Read
from sim.own.checks import unique
from sim.own.goods import Columns

#: What the model takes from each kind: column -> key of the section ``logistics``.
_MEANS = {
    "front": {"consumers": "consumers_per_front", "radius_km": "front_radius_km"},
    "community": {"consumers": "consumers_per_zone"},
    "regional": {"distance_km": "trunk_km"},
}
_WHOLE = ("consumers_per_front", "consumers_per_zone")


def check(read: Read, columns: Columns) -> None:
    """Note what is wrong between lines: a name twice, a number that a kind of warehouse needs."""
    unique("node", list(columns.get("node", ())), read.lines, read.faults)
    if "kind" not in columns:
        return
    for kind, needs in (("front", "consumers"), ("community", "consumers")):
        for n in np.flatnonzero(columns["kind"] == kind):
            if needs not in columns or np.isnan(columns[needs][n]):
                rule = tr("a {kind} warehouse says how many {needs} it serves", kind=kind, needs=needs)
                read.faults.add(rule, "", tr("complete it"), read.lines[int(n)], needs)


def network(columns: Columns) -> tuple[dict[str, Any], list[str]]:
    """Values of the network, and what was understood.

    Parameters
    ----------
    columns : mapping of str to ndarray
        Column -> values, without faults.

    Returns
    -------
    dict, list of str
        Key -> value; ``market`` and ``capacity`` among them where the fronts say what they serve and carry.
    """
    values: dict[str, Any] = {}
    lines: list[str] = []
    for kind, means in _MEANS.items():
        rows = columns["kind"] == kind
        if not rows.any():
            continue
        lines.append(ntr("{n:,} {kind} warehouse", "{n:,} {kind} warehouses", int(rows.sum()), kind=kind))
        for column, key in means.items():
            mean = _mean(columns, column, rows)
            if mean is not None:
                values[f"logistics.{key}"] = round(mean) if key in _WHOLE else round(mean, 2)
    fronts = columns["kind"] == "front"
    if fronts.any():
        values["market"] = int(np.nansum(columns["consumers"][fronts]))
        carried = columns.get("orders_a_day", np.full(len(fronts), np.nan))[fronts]
        if np.isfinite(carried).all() and carried.sum() > 0:
            values["capacity"] = f"{carried.sum():.10g}/day"
        if "capacity" not in values and "orders_a_day" in columns:
            lines.append(
                tr("capacity is left as it is: not every front warehouse delivers orders_a_day above 0")
            )
    lines += [f"{key}: {value}" for key, value in values.items()]
    lines += _unused(columns)
    lines.append(
        tr("the model places warehouses evenly: numbers and distances are yours, places on a map are not")
    )
    return values, lines


def _unused(columns: Mapping[str, np.ndarray]) -> list[str]:
    """A remark for every kind of warehouse with numbers that the model takes from other kinds alone."""
    lines = []
    for kind, means in _MEANS.items():
        taken = {*means, *(("orders_a_day",) if kind == "front" else ())}
        rows = columns["kind"] == kind
        numbers = [name for name in columns if name not in ("node", "kind") and name not in taken]
        if unused := [name for name in numbers if np.isfinite(columns[name][rows]).any()]:
            lines.append(tr("not used of {kind} warehouses: {columns}", kind=kind, columns=", ".join(unused)))
    return lines


def _mean(columns: Mapping[str, np.ndarray], column: str, rows: np.ndarray) -> float | None:
    found = columns[column][rows] if column in columns else np.zeros(0)
    found = found[np.isfinite(found)]
    return float(found.mean()) if len(found) else None
