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
from matplotlib.dates import AutoDateLocator, ConciseDateFormatter
from matplotlib.ticker import Formatter, FuncFormatter

from sim.core.language import ENGLISH, language
from sim.measure.guardrails import UNITS
from sim.report import fonts
from sim.report.svg import dash as dash
from sim.report.svg import marker as marker
from sim.report.ticks import Ticks

INK, MUTED, GRID, GOOD, TIE = "#1c1f23", "#5b6370", "#e3e6ea", "#e6f3ec", "#b4bac3"
#: What the pages' stand-in colours are on light paper (``--s0`` to ``--s9`` of
#: templates/style.html.j2): nothing stands in for a colour in a picture of points. The baseline is grey.
_COLOURS = (
    *("#80858c", "#1f6fb4", "#d17a00", "#0d8f6b", "#b04a9a"),
    *("#c4412b", "#5a55b5", "#7c7a1e", "#3f4a9c", "#8a5a3c"),
)
#: Most lines of a legend inside a panel; columns of one under the panels, and inches of a row of it.
_MOST_INSIDE, _ABREAST, _LINE = 5, 3, 0.2
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


def colour(index: int) -> str:
    """Colour of the n-th strategy, as on the pages."""
    return _COLOURS[index % len(_COLOURS)]


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


def under_or_in(axis: Axes, lines: int) -> None:
    """A legend where the lines leave room, or under all panels, which grow by it, if it is of many."""
    if lines <= _MOST_INSIDE:
        axis.legend(loc="best", fontsize=8)
        return
    figure: Any = axis.figure
    rows = -(-lines // _ABREAST)
    figure.set_size_inches(figure.get_figwidth(), figure.get_figheight() + rows * _LINE)
    handles, told = axis.get_legend_handles_labels()
    figure.legend(handles, told, loc="outside lower left", ncols=_ABREAST, fontsize=8)


def in_units(name: str) -> Formatter:
    """Labels of an axis in the unit of a figure: shares as percentages."""
    if UNITS.get(name) == "share":
        return FuncFormatter(lambda value, _: f"{100 * value:.3g}%")
    return Ticks()


def dates(locator: AutoDateLocator) -> ConciseDateFormatter:
    """Labels of an axis of days; months are numbers where their names would be English."""
    if language() == ENGLISH:
        return ConciseDateFormatter(locator)
    day, minute = "%Y-%m-%d", "%H:%M"
    return ConciseDateFormatter(
        locator,
        formats=["%Y", "%m月", "%d", minute, minute, "%S.%f"],
        zero_formats=["", "%Y", "%m月", "%m-%d", minute, minute],
        offset_formats=["", "%Y", "%Y-%m", day, day, f"{day} {minute}"],
    )
