"""Figures about targets and strategies: how indicators moved by day, and how sure a difference is.

Every figure returns SVG text, or an empty text if the results do not hold what it needs. A
figure's order of strategies, colours, dashes and markers is the same throughout a report.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import Formatter, FuncFormatter, MaxNLocator

from sim.core.language import tr
from sim.measure.display import day_number
from sim.measure.guardrails import UNITS
from sim.measure.kpis import KPIS, Kpi
from sim.report.business import window
from sim.report.claims import DOWN, LEVEL, MARKS, UP
from sim.report.comparison import Comparison
from sim.report.sentences import PROFIT, certainty, label, scenario_label, unit_words
from sim.report.svg import INK, MUTED, PAGE, colour, dash, drawing, marker, to_svg, wrapped
from sim.report.ticks import Ticks
from sim.store.results import BASELINE

#: Days averaged before drawing, so that a weekend does not hide the trend.
SMOOTHED_DAYS = 7
_MOST_POINTS = 40
#: Room in a legend: letters to an inch, and what a line and its gaps take.
_LETTERS_PER_INCH, _HANDLE_LETTERS = 13.5, 8
#: Letters of a title over a panel of half the width.
_TITLE_LETTERS = 46


def fans(comparison: Comparison) -> str:
    """Median over worlds and the band of 10-90% of each target's daily figure, with its target line."""
    daily = comparison.results.daily
    shown = [kpi for kpi in KPIS if not daily.empty and (daily["name"] == kpi.name).any()]
    if not shown:
        return ""
    dates = window(comparison)
    with drawing("fans"):
        rows = -(-len(shown) // 3)
        figure = Figure(figsize=(9.6, 2.2 * rows + 0.5), layout="constrained")
        axes = figure.subplots(rows, 3, squeeze=False, sharex=True).ravel()
        for axis, kpi in zip(axes, shown, strict=False):
            _fan(axis, comparison, daily[daily["name"] == kpi.name], kpi)
        for axis in axes[len(shown) :]:
            axis.set_axis_off()
        for axis in axes[max(0, len(shown) - 3) : len(shown)]:
            axis.set_xlabel(tr("measured day, {dates}", dates=dates) if dates else tr("measured day"))
            axis.tick_params(labelbottom=True)
        legend(figure, comparison)
        return to_svg(figure, tr("Daily indicators by strategy: median and band over worlds, with targets"))


def _fan(axis: Axes, comparison: Comparison, daily: pd.DataFrame, kpi: Kpi) -> None:
    target = comparison.targets[kpi.name]
    medians: dict[str, np.ndarray] = {}
    for index, scenario in enumerate(comparison.scenarios):
        worlds = daily[daily["strategy"] == scenario].pivot_table(
            index="day", columns="replication", values="value"
        )
        if worlds.empty:
            continue
        smooth = worlds.rolling(SMOOTHED_DAYS, min_periods=1).mean()
        smooth = smooth.iloc[:: max(1, len(smooth) // _MOST_POINTS)]
        day = day_number(smooth.index.to_numpy() - int(daily["day"].min()))
        low, mid, high = (smooth.quantile(q, axis=1).to_numpy() for q in (0.1, 0.5, 0.9))
        if worlds.shape[1] > 1:
            axis.fill_between(day, low, high, color=colour(index), alpha=0.16, linewidth=0)
        axis.plot(day, mid, color=colour(index), linestyle=dash(index))
        medians[scenario] = np.column_stack([day, mid])
    if not kpi.relative:
        axis.axhline(target, color=INK, linewidth=1, linestyle=(0, (2, 2)))
    elif BASELINE in medians:
        day, base = medians[BASELINE].T
        axis.plot(day, base * (1 + target), color=INK, linewidth=1, linestyle=(0, (2, 2)))
    axis.set_title(tr(kpi.label))
    unit_title(axis, unit_words(kpi.name).replace("%", ""))  # ticks say per cent themselves
    axis.yaxis.set_major_formatter(formatter(kpi.name))
    axis.yaxis.set_major_locator(MaxNLocator(4))
    axis.xaxis.set_major_locator(MaxNLocator(5, integer=True))


def forest(comparison: Comparison) -> str:
    """Paired differences from the baseline with their 95% intervals, one panel an indicator."""
    frame = comparison.differences
    names = [PROFIT, *(kpi.name for kpi in KPIS)]
    shown = [n for n in names if np.isfinite(frame.loc[frame["name"] == n, "value"].astype(float)).any()]
    if not shown:
        return ""
    with drawing("forest"):
        rows = -(-len(shown) // 2)
        lines = max(wrapped(scenario_label(one)).count("\n") for one in comparison.strategies)
        height = ((0.24 + 0.15 * lines) * len(comparison.strategies) + 0.75) * rows
        figure = Figure(figsize=(9.6, height), layout="constrained")
        axes = figure.subplots(rows, 2, squeeze=False, sharey=True).ravel()
        for axis, name in zip(axes, shown, strict=False):
            _forest_panel(axis, comparison, name)
        for axis in axes[len(shown) :]:
            axis.set_axis_off()
        return to_svg(figure, tr("Differences from the baseline on the same worlds with 95% intervals"))


def _forest_panel(axis: Axes, comparison: Comparison, name: str) -> None:
    strategies = comparison.strategies
    scale = 100 if UNITS.get(name) == "share" else 1
    for row, scenario in enumerate(strategies):
        change = comparison.difference(scenario, name)
        if change is None or not np.isfinite(change["value"]):
            continue
        index = comparison.scenarios.index(scenario)
        low, high = change["low"] * scale, change["high"] * scale
        if np.isfinite(low):
            axis.plot([low, high], [row, row], color=colour(index), linewidth=2.2, solid_capstyle="butt")
        face = colour(index) if certainty(change) in (MARKS[UP], MARKS[DOWN]) else PAGE
        axis.plot(
            change["value"] * scale,
            row,
            marker=marker(index),
            color=colour(index),
            markerfacecolor=face,
            markersize=6,
        )
    axis.axvline(0, color=INK, linewidth=0.9)
    axis.set_yticks(range(len(strategies)), [wrapped(scenario_label(s)) for s in strategies])
    axis.set_ylim(len(strategies) - 0.4, -0.6)
    axis.grid(visible=False, axis="y")
    axis.xaxis.set_major_locator(MaxNLocator(5))
    if np.ptp(axis.dataLim.intervalx) == 0:  # nothing moved: a magnified zero would only mislead
        axis.set_xlim(-1, 1)
    title = panel_title(name, [comparison.difference(one, name) for one in strategies])
    axis.set_title(wrapped(title, _TITLE_LETTERS))
    axis.set_xlabel(unit_words(name, change=True), fontsize=8.5)


def panel_title(name: str, changes: Sequence[pd.Series | None]) -> str:
    """What a panel says: how many strategies surely raise or lower an indicator."""
    marks = [certainty(one) for one in changes if one is not None]
    up, down = marks.count(MARKS[UP]), marks.count(MARKS[DOWN])
    said = [
        *([tr("{n} higher", n=up)] if up else []),
        *([tr("{n} lower", n=down)] if down else []),
    ]
    words = tr(", ").join(said) or tr("none surely differs")
    return tr("{name}: {words}", name=label(name), words=words)


def stands_words(differences: pd.DataFrame) -> str:
    """How many differences from the baseline stand once corrected, of those that are corrected for."""
    judged = differences[np.isfinite(differences["p_holm"].astype(float))]
    if judged.empty:
        return tr("no intervals, so that nothing can be told apart")
    sure = int((judged["p_holm"] <= LEVEL).sum())
    return tr("of {n_judged} differences {sure} clear once corrected", n_judged=len(judged), sure=sure)


def unit_title(axis: Axes, unit: str) -> None:
    """The unit of a panel's values at its upper right, in small grey letters."""
    axis.set_title(unit, loc="right", color=MUTED, fontsize=8, fontweight="normal")


def legend(figure: Figure, comparison: Comparison, target: bool = True) -> None:
    """One legend above all panels: colour, dash and name of each strategy."""
    from matplotlib.lines import Line2D

    handles: list[Any] = [
        Line2D([], [], color=colour(k), linestyle=dash(k), linewidth=2, label=scenario_label(name))
        for k, name in enumerate(comparison.scenarios)
    ]
    if target:
        handles.append(Line2D([], [], color=INK, linewidth=1, linestyle=(0, (2, 2)), label=tr("target")))
    figure.legend(handles=handles, loc="outside upper left", ncols=columns(figure, handles), handlelength=2.6)


def columns(figure: Figure, handles: list[Any]) -> int:
    """Columns of a legend, so that it is no wider than its figure."""
    letters = sum(len(str(handle.get_label())) + _HANDLE_LETTERS for handle in handles)
    rows = -(-letters // int(figure.get_figwidth() * _LETTERS_PER_INCH))
    return -(-len(handles) // rows)


def formatter(name: str) -> Formatter:
    """Axis labels in the unit of an indicator."""
    if UNITS.get(name) == "share":
        return FuncFormatter(lambda value, _: f"{100 * value:.3g}%")
    return Ticks()
