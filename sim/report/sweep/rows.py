"""One row a thing, one dot an estimate, one line its interval: the figure that says how sure it is.

Contrasts, correlations and differences between configurations are drawn alike. Filled marks are
those whose wider interval, the one for all rows together, leaves 0 out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from sim.report.svg import INK, PAGE, colour
from sim.report.ticks import Ticks

_LETTERS = 46


#: Labels of an axis of changes.
SIGNED = Ticks(signed=True)


@dataclass(frozen=True)
class Row:
    """An estimate with its 95% interval, and the one that holds for all rows together (nan: none)."""

    label: str
    value: float
    low: float
    high: float
    wide_low: float = np.nan
    wide_high: float = np.nan

    @property
    def sure(self) -> bool:
        """Whether the widest interval there is leaves 0 out."""
        low = self.wide_low if np.isfinite(self.wide_low) else self.low
        high = self.wide_high if np.isfinite(self.wide_high) else self.high
        return low > 0 or high < 0


def draw_rows(panel: Axes, rows: Sequence[Row], named: bool = True, tested: bool = True) -> None:
    """Draw rows downwards from the first; labels on the left if ``named``.

    Rows that are not ``tested`` against 0, such as shares, get a bar that is neither filled nor hollow.
    """
    for place, row in enumerate(rows):
        if not np.isfinite(row.value):
            panel.text(0.01, place, "missing", va="center", fontsize=8, transform=panel.get_yaxis_transform())
            continue
        if np.isfinite(row.wide_low):
            panel.plot([row.wide_low, row.wide_high], [place, place], color=colour(1), linewidth=0.9)
        if np.isfinite(row.low):
            panel.plot(
                [row.low, row.high], [place, place], color=colour(1), linewidth=2.4, solid_capstyle="butt"
            )
        face, shape, size = (colour(1) if row.sure else PAGE), "o" if tested else "|", 5.5 if tested else 12
        panel.plot(row.value, place, marker=shape, color=colour(1), markerfacecolor=face, markersize=size)
    if tested:
        panel.axvline(0, color=INK, linewidth=0.9)
    panel.set_yticks(range(len(rows)), [shortened(row.label) for row in rows] if named else [])
    panel.set_ylim(len(rows) - 0.4, -0.6)
    panel.grid(visible=False, axis="y")
    panel.xaxis.set_major_locator(MaxNLocator(4))
    panel.xaxis.set_major_formatter(SIGNED)
    if np.ptp(panel.dataLim.intervalx) == 0:
        panel.set_xlim(-1, 1)


def shortened(text: str) -> str:
    """A label that leaves room for the figure."""
    return text if len(text) <= _LETTERS else f"{text[: _LETTERS - 1]}…"
