"""How a scorecard looks in a notebook: words and symbols, never colour alone.

The table is self-contained HTML in which every text is escaped. A sparkline is a row of block
characters, so that it works in a terminal, a notebook and a text file alike.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.core.amounts import UNKNOWN, alike
from sim.core.language import mark, tr
from sim.measure.kpis import KPI_BY_NAME
from sim.measure.verdicts import SYMBOLS, UNSEEN, chance_words, verdict

if TYPE_CHECKING:
    import pandas as pd

#: How a figure that is not observable is shown, before it is told in a language.
NOT_OBSERVABLE = f"{SYMBOLS[UNSEEN]} {UNSEEN}"
#: From here on money has no decimals.
_WHOLE = 1000
BLOCKS = "▁▂▃▄▅▆▇█"
HEADINGS = (
    mark("Indicator"),
    mark("Value"),
    mark("95% interval"),
    mark("Target"),
    mark("Gap"),
    mark("Verdict"),
    mark("Worlds that meet it"),
    mark("Unit"),
    mark("Note"),
)


def day_number[Days: (int, float, np.ndarray)](since: Days) -> Days:
    """Number by which people are told a measured day: the first is 1.

    Tables and settings count days that have passed since the first measured one (``shock.start=28``: from the
    fifth week on); whatever shows a number of a day to people passes here.

    Parameters
    ----------
    since : int or ndarray
        Days since the first measured one, 0 for itself.
    """
    return since + 1


def in_unit(value: float, unit: str, signed: bool = False) -> str:
    """A figure as people read it: shares as percentages, money with two decimals, nan as a dash.

    What is ``signed`` is a difference of two figures: of two shares it is in percentage points.
    """
    return alike_in_unit((value,), unit, signed)[0]


def alike_in_unit(values: Sequence[float], unit: str, signed: bool = False) -> tuple[str, ...]:
    """The same of figures that are read beside each other, as a mean and the ends of its interval."""
    change = unit.startswith("change")
    if not change and unit != "share":
        largest = max((abs(value) for value in values if np.isfinite(value)), default=0.0)
        return alike(values, 2 if largest < _WHOLE else 0, signed)
    if signed:
        return tuple(points(value) for value in values)
    sign = "+" if change else ""
    return tuple(f"{100 * value:{sign}.1f}%" if np.isfinite(value) else UNKNOWN for value in values)


def points(value: float, digits: int = 1) -> str:
    """A difference of two shares (0.05 is 5 points) in percentage points, nan as a dash."""
    if not np.isfinite(value):
        return UNKNOWN
    return tr("{value:+.{digits}f} pp", value=100 * value, digits=digits)


def html(scorecard: pd.DataFrame) -> str:
    """Self-contained HTML table of a scorecard, every text escaped."""
    head = "".join(f'<th scope="col" style="text-align:left">{escape(tr(h))}</th>' for h in HEADINGS)
    body = "".join(_html_row(row) for row in scorecard.to_dict("records"))
    return (
        '<table class="scorecard"><caption style="text-align:left">'
        f"{escape(joint_line(scorecard.attrs.get('joint')))}</caption>"
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
    )


def joint_line(joint: Any) -> str:
    """One sentence on whether all targets are met together."""
    if joint is None:
        return tr("Scorecard")
    probability, low, high, n, reason = joint
    if probability is None:
        return tr(
            "All targets together: {not_observable} ({reason})", not_observable=verdict(UNSEEN), reason=reason
        )
    return tr(
        "All targets together: met in {n} of {n2} worlds ({probability:.0f}%; 95% "
        "Clopper-Pearson interval {low:.0f}-{high:.0f}%)",
        n=round(probability * n),
        n2=n,
        probability=100 * probability,
        low=100 * low,
        high=100 * high,
    )


def _html_row(row: dict[Any, Any]) -> str:
    unit = str(row["unit"])
    known = KPI_BY_NAME.get(row["kpi"])
    value, low, high = alike_in_unit((row["value"], row["low"], row["high"]), unit)
    cells = (
        value,
        "–" if low == "–" else tr("{low} to {high}", low=low, high=high),
        f"{tr(str(row['direction']))} {in_unit(row['target'], unit)}",
        in_unit(row["gap"], unit, signed=True),
        verdict(row["verdict"]),
        chance_words(row),
        tr(unit),
        str(row["note"]),
    )
    name = escape(tr(known.label) if known else str(row["kpi"]))
    return (
        f'<tr><th scope="row" style="text-align:left">{name}</th>'
        + "".join(f'<td style="text-align:left">{escape(cell)}</td>' for cell in cells)
        + "</tr>"
    )


def sparkline(values: Sequence[float] | np.ndarray) -> str:
    """One block character a value, scaled from the smallest to the largest; a gap for nan."""
    x = np.asarray(values, float)
    finite = x[np.isfinite(x)]
    if not len(finite):
        return " " * len(x)
    low, span = finite.min(), np.ptp(finite)
    top = len(BLOCKS) - 1
    # A flat series sits in the middle: neither the floor nor the ceiling would be true of it.
    height = (x - low) / span * top if span > 0 else np.where(np.isfinite(x), top / 2, np.nan)
    return "".join(" " if not np.isfinite(h) else BLOCKS[round(float(h))] for h in height)
