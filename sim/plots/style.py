"""How plots look: one colour, dash and marker a strategy, titles on the left, little ink.

Every plot may draw into axes that are there (``ax``), and makes a figure of its own otherwise.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import matplotlib
import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.ticker import Formatter, FuncFormatter

from sim.measure.guardrails import UNITS
from sim.report import fonts
from sim.report.svg import colour as colour
from sim.report.svg import dash as dash
from sim.report.svg import marker as marker
from sim.report.ticks import Ticks

INK, MUTED, GRID, GOOD, TIE = "#1c1f23", "#5b6370", "#e3e6ea", "#e6f3ec", "#b4bac3"
_STYLE: dict[str, Any] = {
    "font.size": 9,
    "axes.titlesize": 10,
    "axes.titlelocation": "left",
    "axes.titleweight": "bold",
    "axes.titlecolor": INK,
    "axes.labelcolor": MUTED,
    "axes.edgecolor": GRID,
    "axes.grid": True,
    "axes.axisbelow": True,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "grid.color": GRID,
    "grid.linewidth": 0.7,
    "xtick.color": MUTED,
    "ytick.color": MUTED,
    "legend.frameon": False,
    "lines.linewidth": 1.7,
}


@contextmanager
def drawing() -> Iterator[None]:
    """The style, while something is drawn; the user's own settings are as before afterwards."""
    fonts.tell_missing()
    style: Any = {**_STYLE, **fonts.settings()}
    with matplotlib.rc_context(style):
        yield


def axes_of(ax: Axes | None, width: float = 7.0, height: float = 3.6) -> Axes:
    """Axes to draw into: those given, or those of a new figure of so many inches."""
    if ax is not None:
        return ax
    return plt.subplots(figsize=(width, height), layout="constrained")[1]


def grid_of(panels: int, across: int, width: float, height: float) -> list[Axes]:
    """Axes of a new figure with so many panels; what is left over in the last row is empty."""
    down = -(-panels // across)
    figure, axes = plt.subplots(
        down, across, figsize=(width, height * down), layout="constrained", squeeze=False
    )
    every = list(axes.ravel())
    for one in every[panels:]:
        figure.delaxes(one)
    return every[:panels]


def in_units(name: str) -> Formatter:
    """Labels of an axis in the unit of a figure: shares as percentages."""
    if UNITS.get(name) == "share":
        return FuncFormatter(lambda value, _: f"{100 * value:.3g}%")
    return Ticks()
