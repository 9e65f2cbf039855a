"""Templates of tables: what each column is, then the header and one row as an example."""

from __future__ import annotations

import csv
import io

from sim.core.language import tr
from sim.own.columns import EXAMPLE, Column, Table


def template(table: Table, currency: str = "CNY") -> str:
    """Text of a template, a CSV whose first lines are remarks.

    Parameters
    ----------
    table : Table
        Kind of table.
    currency : str
        Name of the currency of its money.
    """
    first = tr(
        "{name}: {row} a line. Lines that begin with # are remarks.", name=table.name, row=tr(table.row)
    )
    lines = [f"# {first}"]
    if table.either:
        both = tr(" and ").join(table.either)
        lines.append(f"# {tr('one of {both} is needed; leave the other column out', both=both)}")
    lines += [_remark(one, currency, one.name in table.either) for one in table.columns]
    shown = [one for one in table.columns if one.name != "product" or one.needed]
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([heading(one, currency) for one in shown])
    names = [EXAMPLE if one.form == "name" or n == 0 else one.example for n, one in enumerate(shown)]
    writer.writerow(names)
    return "\n".join([*lines, out.getvalue()])


def heading(column: Column, currency: str = "CNY") -> str:
    """Name of a column with its unit, as a template's header writes it."""
    return f"{column.name} [{unit(column, currency)}]" if column.unit else column.name


def unit(column: Column, currency: str) -> str:
    """Unit of a column in a file's own currency."""
    return column.unit.replace("CNY", currency)


def _remark(column: Column, currency: str, either: bool) -> str:
    needed = tr("needed") if column.needed else tr("one of two") if either else tr("may be left out")
    measured = f"{unit(column, currency)}, " if column.unit else ""
    said = tr(
        "{words}; {allowed}; for instance {example}",
        words=tr(column.text),
        allowed=column.allowed,
        example=column.example,
    )
    return f"# {column.name} ({measured}{needed}): {said}"
