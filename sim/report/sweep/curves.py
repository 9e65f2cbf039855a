"""Response curves: an indicator against a swept number, one line per scenario or option.

A curve is the mean over everything else that was combined with the number; its band is the
95% interval over worlds. Changes against the baseline of the same world come first, because
the luck of the world cancels out of them; levels with their targets follow.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from sim.analysis.responses import SCENARIO
from sim.core.language import tr
from sim.measure.kpis import KPI_BY_NAME
from sim.report.figures import columns, formatter
from sim.report.svg import INK, colour, dash, drawing, marker, to_svg
from sim.report.sweep.effects import cells
from sim.report.sweep.rows import SIGNED
from sim.report.sweep.study import Axis, Study, change_unit, level_unit, scale, title, with_unit
from sim.store.results import BASELINE

#: Lines of one panel at most, and points of a line.
MOST_LINES, _MOST_POINTS = 6, 40
#: Points of a line up to which intervals are bars rather than bands, and how far lines stand apart.
_MOST_BARS, _APART = 12, 0.015
_ACROSS, _MOST_TICKS = 3, 6


def line_axes(study: Study, axis: Axis) -> tuple[Axis, ...]:
    """Axes whose values get a line each: scenario and options, as many as fit in ``MOST_LINES`` lines."""
    chosen: list[Axis] = []
    lines = 1
    ordered = sorted(study.that_are("crossed", numeric=False), key=lambda one: one.key != SCENARIO)
    for one in ordered:
        if one.key != axis.key and lines * len(one.values) <= MOST_LINES:
            chosen.append(one)
            lines *= len(one.values)
    return tuple(chosen)


def averaged_over(study: Study, axis: Axis) -> tuple[Axis, ...]:
    """Axes that a curve averages over."""
    used = {axis.key, *(one.key for one in line_axes(study, axis))}
    return tuple(one for one in study.axes if one.key not in used)


def curves(study: Study, axis: Axis, changes: bool) -> str:
    """One panel an indicator: its change against the baseline, or its level, over one axis."""
    lines = line_axes(study, axis)
    keys = [axis.key, *(one.key for one in lines)]
    with drawing(f"curve {axis.key} {changes}"):
        rows = -(-len(study.shown) // _ACROSS)
        figure, axes = _grid(rows, 0.85 if lines or not changes else 0.3)
        handles: list[Line2D] = []
        for panel, name in zip(axes, study.shown, strict=False):
            table = cells(study, name, keys, changes)
            handles = _lines(panel, table, axis, lines, scale(name) if changes else 1.0)
            _finish(panel, study, name, changes)
            _ticks(panel, axis)
        for panel in axes[len(study.shown) :]:
            panel.set_axis_off()
        for panel in axes[max(0, len(study.shown) - _ACROSS) : len(study.shown)]:
            panel.set_xlabel(with_unit(axis))
            panel.tick_params(labelbottom=True)
        if not changes:
            handles.append(Line2D([], [], color=INK, linewidth=1, linestyle=(0, (2, 2)), label=tr("target")))
        if handles and (lines or not changes):
            figure.legend(handles=handles, loc="upper left", ncols=columns(figure, handles), handlelength=2.6)
        what = tr("Change against the baseline") if changes else tr("Level")
        return to_svg(
            figure,
            tr("{what} of each indicator over {label} with 95% intervals", what=what, label=axis.label),
        )


def _grid(rows: int, above: float) -> tuple[Figure, np.ndarray]:
    """Panels at fixed places, with room above for a legend (inches): finding places takes far longer."""
    height = 2.15 * rows + 0.15 + above
    figure = Figure(figsize=(9.6, height))
    axes = figure.subplots(rows, _ACROSS, squeeze=False, sharex=True)
    figure.subplots_adjust(
        left=0.085, right=0.995, bottom=0.45 / height, top=1 - above / height, wspace=0.36, hspace=0.36
    )
    return figure, axes.ravel()


def _lines(
    panel: Axes, table: pd.DataFrame, axis: Axis, lines: tuple[Axis, ...], factor: float
) -> list[Line2D]:
    """Draw one line with its band for each set of values of ``lines``."""
    groups = list(table.groupby([one.key for one in lines], sort=False)) if lines else [((), table)]
    handles = []
    for number, (values, rows) in enumerate(groups):
        index = _colour_of(values, number, lines)
        seen = rows.sort_values(axis.key)
        seen = seen.iloc[:: max(1, -(-len(seen) // _MOST_POINTS))]
        x, mean, low, high = (
            seen[c].to_numpy(float) * (factor if c != axis.key else 1)
            for c in (axis.key, "mean", "low", "high")
        )
        if len(x) > _MOST_BARS:
            panel.fill_between(x, low, high, color=colour(index), alpha=0.16, linewidth=0)
        else:  # beside one another, so that lines that lie on one another can be told apart
            x = x + (number - (len(groups) - 1) / 2) * _APART * np.ptp(x)
            panel.vlines(x, low, high, color=colour(index), linewidth=1.3)
        panel.plot(x, mean, color=colour(index), linestyle=dash(index), marker=marker(index), markersize=3.5)
        style = {"color": colour(index), "linestyle": dash(index), "marker": marker(index), "markersize": 4}
        named = tr(", ").join(_named(one, value) for one, value in zip(lines, values, strict=True))
        handles.append(Line2D([], [], label=named, **style))
    return handles


def _named(axis: Axis, value: object) -> str:
    return axis.said(value) if axis.key == SCENARIO else f"{axis.label} {axis.said(value)}"


def _colour_of(values: tuple[object, ...], number: int, lines: tuple[Axis, ...]) -> int:
    """Grey is the baseline's alone."""
    if len(lines) == 1 and lines[0].key == SCENARIO and values and values[0] == BASELINE:
        return 0
    return number + (0 if len(lines) == 1 and lines[0].key == SCENARIO and BASELINE in lines[0].values else 1)


def _finish(panel: Axes, study: Study, name: str, changes: bool) -> None:
    panel.set_title(title(name))
    if changes:
        panel.axhline(0, color=INK, linewidth=0.9)
        panel.yaxis.set_major_formatter(SIGNED)
        panel.set_ylabel(change_unit(name), fontsize=8)
    else:
        _target(panel, study, name)
        panel.yaxis.set_major_formatter(formatter(name))
        panel.set_ylabel(level_unit(name).replace("%", ""), fontsize=8)
    panel.yaxis.set_major_locator(MaxNLocator(4))
    if np.ptp(panel.dataLim.intervaly) == 0 and changes:
        panel.set_ylim(-1, 1)


def _ticks(panel: Axes, axis: Axis) -> None:
    """The swept values themselves where they are few; whole numbers where all of them are."""
    if len(axis.values) <= _MOST_TICKS:
        panel.set_xticks([float(value) for value in axis.values], [axis.said(value) for value in axis.values])
    else:
        whole = all(float(value).is_integer() for value in axis.values)
        panel.xaxis.set_major_locator(MaxNLocator(5, integer=whole))


def _target(panel: Axes, study: Study, name: str) -> None:
    """The target; where it is a rise over the baseline, over the baseline's mean level."""
    kpi = KPI_BY_NAME.get(name)
    if kpi is None:
        return
    goal = study.targets[name]
    if kpi.relative:
        swept = study.swept
        base = (swept.levels[name] - swept.changes[name]).mean()
        goal = float(base * (1 + goal))
    if np.isfinite(goal):
        panel.axhline(goal, color=INK, linewidth=1, linestyle=(0, (2, 2)))
