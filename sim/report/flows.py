"""Figures about what flowed: visitors to orders, shares through the graph, parcels, money.

They are drawn from the counts that every run leaves behind, so that a sweep without stored
events shows the same figures as a single run.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from sim.core.amounts import large
from sim.core.language import tr
from sim.measure.service import SERVICE_CLASSES
from sim.report.comparison import Comparison
from sim.report.figures import columns, legend
from sim.report.sentences import scenario_label, source_label
from sim.report.svg import INK, MUTED, PAGE, colour, dash, drawing, marker, to_svg

#: Below this many visits a world, a share of them says nothing.
FEW_VISITS = 30
#: Room that one letter of a label takes, as a share of the longest bar.
_LETTER = 0.0105
_PERCENT = FuncFormatter(lambda value, _: f"{100 * value:.3g}%")
_PLAIN = FuncFormatter(lambda value, _: f"{value:g}")
_THOUSANDS = FuncFormatter(lambda value, _: large(value) if abs(value) >= 1000 else f"{value:,.4g}")


def funnel_table(comparison: Comparison) -> pd.DataFrame:
    """Visits, carts and kept orders a world on average: scenario, item (source), visits, carts, orders."""
    steps = []
    for step in ("visits", "carts", "orders"):
        counts = comparison.figure(step)
        if counts.empty:
            return pd.DataFrame(columns=["strategy", "item", "visits", "carts", "orders"])
        steps.append(counts.groupby(["strategy", "item"], sort=False)["value"].sum().rename(step))
    return pd.concat(steps, axis=1).reset_index()


def funnel(comparison: Comparison) -> str:
    """By source: visits, and what share of them reached cart and kept order."""
    table = funnel_table(comparison)
    table = table[table["visits"] > 0]
    if table.empty:
        return ""
    sources = table.groupby("item")["visits"].sum().sort_values(ascending=False).index.tolist()
    enough = table["visits"].where(table["visits"] >= FEW_VISITS)
    panels = (
        (tr("Visits"), tr("visits a world"), table["visits"], _THOUSANDS),
        (tr("Visits with a cart"), tr("share of the source's visits"), table["carts"] / enough, _PERCENT),
        (
            tr("Visits with a kept order"),
            tr("share of the source's visits"),
            table["orders"] / enough,
            _PERCENT,
        ),
    )
    with drawing("funnel"):
        figure = Figure(figsize=(9.6, 0.34 * len(sources) + 1.2), layout="constrained")
        axes = figure.subplots(1, 3, sharey=True)
        for axis, (title, unit, values, form) in zip(axes, panels, strict=True):
            _dots(axis, comparison, table.assign(value=values), sources)
            axis.set_title(title)
            axis.set_xlabel(unit)
            axis.xaxis.set_major_formatter(form)
            axis.xaxis.set_major_locator(MaxNLocator(4))
        axes[0].set_yticks(range(len(sources)), [source_label(source) for source in sources])
        axes[0].set_ylim(len(sources) - 0.4, -0.6)
        _marker_legend(figure, comparison)
        return to_svg(figure, tr("Visits, carts and kept orders by source and strategy"))


def _dots(axis: Axes, comparison: Comparison, table: pd.DataFrame, sources: list[str]) -> None:
    step = 0.6 / max(1, len(comparison.scenarios) - 1)
    for index, scenario in enumerate(comparison.scenarios):
        mine = table[table["strategy"] == scenario]
        rows = [sources.index(item) - 0.3 + index * step for item in mine["item"]]
        axis.plot(
            mine["value"],
            rows,
            linestyle="",
            marker=marker(index),
            color=colour(index),
            markersize=4.5,
            clip_on=False,
        )
    axis.set_xlim(left=0)


def cascades(comparison: Comparison) -> str:
    """Share of cascades that reached at least a size, both axes logarithmic."""
    counts = comparison.figure("cascades")
    if counts.empty:
        return ""
    with drawing("cascades"):
        figure = Figure(figsize=(6.4, 3.4), layout="constrained")
        axis = figure.subplots()
        for index, scenario in enumerate(comparison.scenarios):
            mine = counts[counts["strategy"] == scenario].sort_values("x")
            if mine.empty:
                continue
            reached = mine["value"][::-1].cumsum()[::-1] / mine["value"].sum()
            axis.plot(
                mine["x"],
                reached,
                color=colour(index),
                linestyle=dash(index),
                marker=marker(index),
                markersize=3.5,
                linewidth=1,
            )
        axis.set(
            xscale="log",
            yscale="log",
            xlabel=tr("times passed on"),
            ylabel=tr("share of cascades at least this large"),
        )
        for side in (axis.xaxis, axis.yaxis):
            side.set_major_formatter(_PERCENT if side is axis.yaxis else _PLAIN)
            side.set_minor_formatter(FuncFormatter(lambda *_: ""))
        _marker_legend(figure, comparison)
        return to_svg(figure, tr("Sizes of sharing cascades by strategy"))


def deliveries(comparison: Comparison) -> str:
    """Share of parcels handed over within so many hours, by service class, with the promise."""
    took, promised = comparison.figure("delivery_hours"), comparison.figure("promised_hours")
    classes = [name for name in SERVICE_CLASSES if not took.empty and (took["item"] == name).any()]
    if not classes:
        return ""
    with drawing("deliveries"):
        rows = -(-len(classes) // 3)
        figure = Figure(figsize=(9.6, 2.3 * rows + 0.5), layout="constrained")
        axes = figure.subplots(rows, min(3, len(classes)), squeeze=False, sharey=True).ravel()
        for axis, name in zip(axes, classes, strict=False):
            mine = promised[promised["item"] == name]
            _delivery_panel(axis, comparison, took[took["item"] == name], mine)
            axis.set_title(class_title(name, median_promise(mine)))
        for axis in axes[len(classes) :]:
            axis.set_axis_off()
        legend(figure, comparison, target=False)
        return to_svg(figure, tr("Delivery times by service class and strategy"))


def _delivery_panel(axis: Axes, comparison: Comparison, took: pd.DataFrame, promised: pd.DataFrame) -> None:
    longest = 0.0
    for index, scenario in enumerate(comparison.scenarios):
        hours = took[took["strategy"] == scenario].groupby("x")["value"].sum()
        if hours.empty:
            continue
        within = hours.cumsum() / hours.sum()
        axis.step([0, *within.index], [0, *within], where="post", color=colour(index), linestyle=dash(index))
        longest = max(longest, float(np.interp(0.99, within, within.index)))
    middle = median_promise(promised)
    if np.isfinite(middle):
        axis.axvline(middle, color=INK, linewidth=1, linestyle=(0, (2, 2)))
        axis.annotate(
            tr("promised"), (middle, 0.04), (3, 0), textcoords="offset points", color=MUTED, fontsize=8.5
        )
        longest = max(longest, middle)
    axis.set_xlim(0, longest * 1.1 or 1)
    axis.set_ylim(0, 1.02)
    axis.yaxis.set_major_formatter(_PERCENT)
    axis.set_xlabel(tr("hours from order to door"))


def median_promise(promised: pd.DataFrame) -> float:
    """Hours within which half of the parcels of a class were promised; nan without any."""
    promise = promised.groupby("x")["value"].sum()
    if promise.empty or not promise.sum() > 0:
        return float("nan")
    return float(promise.index[np.searchsorted(promise.cumsum() / promise.sum(), 0.5)])


def class_title(name: str, hours: float) -> str:
    """A service class by its name, and by what was promised, which is more than its name where it is slow."""
    said = tr(name.replace("_", " "))
    return tr("{said}: median promise {hours:.3g} h", said=said, hours=hours) if np.isfinite(hours) else said


def spend(comparison: Comparison) -> str:
    """Campaign money by kind, one bar a strategy."""
    table = comparison.spend
    table = table[(table != 0).any(axis=1)] if not table.empty else table
    if table.empty:
        return ""
    with drawing("spend"):
        figure = Figure(figsize=(9.6, 0.36 * len(comparison.scenarios) + 1.3), layout="constrained")
        axis = figure.subplots()
        left, widest = np.zeros(table.shape[1]), float(table.sum().max())
        for index, (kind, row) in enumerate(table.iterrows()):
            amounts = row.fillna(0).to_numpy(float)
            name = tr(str(kind).replace("_", " "))
            axis.barh(
                range(len(amounts)), amounts, 0.62, left, color=colour(index), edgecolor=PAGE, label=name
            )
            for at, size in enumerate(amounts):
                if size > widest * _LETTER * len(name):
                    place = (left[at] + size / 2, at)
                    axis.annotate(name, place, ha="center", va="center", fontsize=8, color=PAGE)
            left += amounts
        for row_number, total in enumerate(left):
            _beside(axis, large(total), total, row_number, color=MUTED)
        axis.set_yticks(range(table.shape[1]), [scenario_label(str(name)) for name in table.columns])
        axis.invert_yaxis()
        axis.grid(visible=False, axis="y")
        axis.xaxis.set_major_formatter(_THOUSANDS)
        axis.set_xlabel(tr("CNY a world over the measured days"))
        axis.margins(x=0.1)
        figure.legend(loc="outside upper left", ncols=5, handlelength=1, handleheight=1)
        return to_svg(figure, tr("Campaign money by kind and strategy"))


def _beside(axis: Axes, words: str, x: float, y: float, **style: Any) -> None:
    """Words a little to the right of a point (blanks would not survive in SVG)."""
    axis.annotate(words, (x, y), (4, 0), textcoords="offset points", va="center", fontsize=8.5, **style)


def _marker_legend(figure: Figure, comparison: Comparison) -> None:
    from matplotlib.lines import Line2D

    handles = [
        Line2D([], [], color=colour(k), linestyle="", marker=marker(k), label=scenario_label(name))
        for k, name in enumerate(comparison.scenarios)
    ]
    figure.legend(
        handles=handles, loc="outside upper left", ncols=columns(figure, handles), handletextpad=0.2
    )
