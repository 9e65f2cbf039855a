"""Heat maps: the mean paired change over two swept keys, as numbers on a scale centred at 0.

Every cell says its number, its sign and whether luck could explain it, so that nothing hangs on
colour. A hollow mark is a cell judged by itself; a filled one holds for all cells together.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from sim.analysis.responses import SCENARIO
from sim.core.amounts import large
from sim.core.language import tr
from sim.measure.intervals import CONFIDENCE
from sim.report.claims import MARKS, standing
from sim.report.sentences import PROFIT
from sim.report.svg import INK, MUTED, PAGE, colour, drawing, to_svg
from sim.report.sweep.effects import cells, contrasts
from sim.report.sweep.study import Axis, Study, change_unit, scale, title, with_unit

#: Values of one axis at most, and maps of one page.
MOST_VALUES, MOST_MAPS = 12, 3
_STRONGEST = 0.55


def pairs(study: Study) -> tuple[list[tuple[Axis, Axis]], str]:
    """Pairs of axes that get a map, and a sentence on those that do not.

    Pairs of the axes that move profit most come first.
    """
    found = contrasts(study, PROFIT)
    order = {key: place for place, key in enumerate(found["key"])}
    crossed = sorted(study.that_are("crossed"), key=lambda axis: order.get(axis.key, len(order)))
    small = [axis for axis in crossed if 1 < len(axis.values) <= MOST_VALUES]
    everything = list(itertools.combinations(small, 2))
    left = len(list(itertools.combinations(crossed, 2))) - min(len(everything), MOST_MAPS)
    rule = tr(
        "{left} pair{s} of keys not drawn: maps are of the {most_maps} that move profit "
        "most, of keys with at most {most_values} values.",
        left=left,
        s="s" if left > 1 else "",
        most_maps=MOST_MAPS,
        most_values=MOST_VALUES,
    )
    return everything[:MOST_MAPS], rule if left else ""


def heat(study: Study, pair: tuple[Axis, Axis]) -> str:
    """One panel a main indicator: mean paired change at each pair of values."""
    across, down = sorted(pair, key=lambda axis: (axis.numeric, len(axis.values)), reverse=True)
    with drawing(f"heat {across.key} {down.key}"):
        wide = len(across.values) > 6
        count = 1 if wide else 2
        rows = -(-len(study.main) // count)
        figure = Figure(figsize=(9.6, (0.42 * len(down.values) + 1.15) * rows), layout="constrained")
        panels = figure.subplots(rows, count, squeeze=False).ravel()
        for panel, name in zip(panels, study.main, strict=False):
            _map(panel, study, name, across, down)
        for panel in panels[len(study.main) :]:
            panel.set_axis_off()
        return to_svg(
            figure,
            tr(
                "Mean change against the baseline over {label} and {label2}, number by number",
                label=across.label,
                label2=down.label,
            ),
        )


def _map(panel: Axes, study: Study, name: str, across: Axis, down: Axis) -> None:
    one = cells(study, name, [across.key, down.key])
    together = cells(study, name, [across.key, down.key], confidence=1 - (1 - CONFIDENCE) / len(one))
    sizes = one["mean"].abs().to_numpy()
    most = float(np.nanmax(sizes)) if np.isfinite(sizes).any() else 0.0
    for row, sure in zip(one.to_dict("records"), together.to_dict("records"), strict=True):
        x, y = across.values.index(row[across.key]), down.values.index(row[down.key])
        strength = abs(row["mean"]) / most * _STRONGEST if most and np.isfinite(row["mean"]) else 0.0
        face = colour(1) if row["mean"] > 0 else colour(2)
        panel.add_patch(Rectangle((x - 0.5, y - 0.5), 1, 1, facecolor=face, alpha=strength, edgecolor="none"))
        panel.add_patch(Rectangle((x - 0.5, y - 0.5), 1, 1, facecolor="none", edgecolor=PAGE, linewidth=1.5))
        panel.text(x, y, cell_words(row, sure, name), ha="center", va="center", color=INK, fontsize=8.5)
    panel.set_xlim(-0.5, len(across.values) - 0.5)
    panel.set_ylim(len(down.values) - 0.5, -0.5)
    panel.set_xticks(range(len(across.values)), [across.said(value) for value in across.values])
    panel.set_yticks(range(len(down.values)), [_shortened(down.said(value)) for value in down.values])
    panel.set_xlabel(with_unit(across))
    panel.set_ylabel("" if down.key == SCENARIO else with_unit(down))
    panel.grid(visible=False)
    panel.set_title(title(name))
    panel.set_title(change_unit(name), loc="right", color=MUTED, fontsize=8, fontweight="normal")


def cell_words(row: dict[str, float] | pd.Series, sure: dict[str, float] | pd.Series, name: str) -> str:
    """Number with its sign and mark, or that there is none."""
    if not np.isfinite(row["mean"]):
        return "missing"
    value = row["mean"] * scale(name)
    number = large(value, signed=True) if abs(value) >= 100 else f"{value:+.2f}"
    return f"{number} {mark(row, sure)}".rstrip()


def mark(row: Mapping[str, float] | pd.Series, sure: Mapping[str, float] | pd.Series) -> str:
    """Mark of a cell: filled where the interval for all cells together (``sure``) leaves 0 out."""
    stands = bool(sure["low"] > 0 or sure["high"] < 0)
    return MARKS[standing(float(row["mean"]), float(row["low"]), float(row["high"]), stands)]


def _shortened(text: str) -> str:
    return text if len(text) <= 24 else f"{text[:23]}…"
