"""Which levers move what: contrasts of combined keys, rank correlations and clouds of drawn ones.

Every figure shows the strongest first and says how many it leaves out. A correlation of ranks
tells whether an indicator rises or falls with a key, not by how much; the clouds beside it show
the shape.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from sim.analysis.responses import mean_interval
from sim.core.language import tr
from sim.measure.intervals import CONFIDENCE
from sim.report.svg import INK, MUTED, colour, drawing, to_svg
from sim.report.sweep.effects import contrasts, moved, points, ranks
from sim.report.sweep.rows import SIGNED, Row, draw_rows
from sim.report.sweep.study import Axis, Study, change_unit, level_unit, scale, title, with_unit

#: Keys of one panel, columns and dots of the clouds, and bins of their means.
MOST_KEYS, MOST_CLOUDS, MOST_DOTS, _BINS = 10, 4, 400, 8


def contrast_rows(study: Study, name: str) -> list[Row]:
    """The largest contrast of each crossed axis, in the unit of a change."""
    axes, rows = {axis.key: axis for axis in study.axes}, []
    for one in contrasts(study, name).head(MOST_KEYS).itertuples():
        axis, factor = axes[str(one.key)], scale(name)
        text = (
            tr("{label}: nothing moved", label=axis.label)
            if one.value == one.low == one.high == 0
            else tr(
                "{name}: {words}",
                name=axis.label,
                words=f"{axis.said(one.first)} → {axis.said(one.second)}",
            )
        )
        rows.append(Row(text, *(float(x) * factor for x in (one.value, one.low, one.high))))
    return rows


def rank_rows(study: Study, name: str) -> list[Row]:
    """Rank correlations of the drawn numbers, strongest first."""
    axes = {axis.key: axis for axis in study.axes}
    found = ranks(study, name).head(MOST_KEYS)
    return [
        Row(axes[str(r.key)].label, r.correlation, r.low, r.high, r.wide_low, r.wide_high)
        for r in found.itertuples()
    ]


def tornado(study: Study, way: str) -> str:
    """One panel a main indicator: contrasts of crossed axes, or rank correlations of drawn ones."""
    made = contrast_rows if way == "crossed" else rank_rows
    tables = {name: made(study, name) for name in study.main}
    tables = {name: rows for name, rows in tables.items() if any(np.isfinite(row.value) for row in rows)}
    if not tables:
        return ""
    with drawing(f"tornado {way}"):
        rows = -(-len(tables) // 2)
        height = 0.24 * max(map(len, tables.values())) + 1.0
        figure = Figure(figsize=(9.6, height * rows), layout="constrained")
        panels = figure.subplots(rows, 2, squeeze=False).ravel()
        for panel, (name, lines) in zip(panels, tables.items(), strict=False):
            draw_rows(panel, lines)
            if way == "drawn":
                panel.set_xlim(-1.05, 1.05)
                panel.set_xticks([-1, -0.5, 0, 0.5, 1])
            panel.set_title(title(name))
            unit = change_unit(name) if way == "crossed" else tr("rank correlation")
            panel.set_xlabel(f"{unit}; {clear_words(lines)}", fontsize=8.5)
        for panel in panels[len(tables) :]:
            panel.set_axis_off()
        what = (
            tr("Largest contrast of each key") if way == "crossed" else tr("Rank correlation with each key")
        )
        return to_svg(figure, tr("{what}, strongest first, with intervals", what=what))


def clear_words(rows: Sequence[Row]) -> str:
    """What a panel says: how many of the keys that could be tested surely move its indicator."""
    seen = [row for row in rows if np.isfinite(row.low)]
    sure = sum(row.sure for row in seen)
    return tr("{sure} of {n_seen} key{s} clear", sure=sure, n_seen=len(seen), s="" if len(seen) == 1 else "s")


def clouds(study: Study) -> str:
    """Scatter of main indicators over the keys that go with profit most, with means of bins."""
    if not study.main or not study.that_are("drawn", numeric=True):
        return ""
    order = list(ranks(study, study.main[0])["key"])[:MOST_CLOUDS]
    chosen = [next(axis for axis in study.axes if axis.key == key) for key in order]
    names = study.main[:3]
    with drawing("clouds"):
        figure = Figure(figsize=(9.6, 2.2 * len(names) + 0.2), layout="constrained")
        panels = figure.subplots(len(names), len(chosen), squeeze=False, sharex="col", sharey="row")
        for row, name in zip(panels, names, strict=True):
            changes = moved(study, name)
            seen = points(study, name, changes)
            for panel, axis in zip(row, chosen, strict=True):
                _cloud(panel, seen, axis, scale(name), changes)
            unit = change_unit(name) if changes else level_unit(name)
            row[0].set_ylabel(f"{title(name)}\n{unit}", fontsize=8.5)
        for panel, axis in zip(panels[-1], chosen, strict=True):
            panel.set_xlabel(with_unit(axis) if len(with_unit(axis)) < 32 else f"{axis.label}\n{axis.unit}")
        return to_svg(figure, tr("Indicators at each point of the design over the keys, with means of bins"))


def _cloud(panel: Axes, seen: pd.DataFrame, axis: Axis, factor: float, changes: bool) -> None:
    seen = seen.dropna(subset=["mean", axis.key]).sort_values(axis.key)
    few = seen.iloc[:: max(1, -(-len(seen) // MOST_DOTS))]
    panel.plot(few[axis.key], few["mean"] * factor, ".", color=colour(1), markersize=3.5, alpha=0.5)
    binned = bins(seen[axis.key].to_numpy(float), seen["mean"].to_numpy(float) * factor)
    if len(binned):
        x, mean, low, high = binned.T
        panel.plot(x, mean, color=INK, marker="s", markersize=3.5, linewidth=1.2)
        panel.vlines(x, low, high, color=INK, linewidth=1.2)
    if changes:
        panel.axhline(0, color=MUTED, linewidth=0.8)
        panel.yaxis.set_major_formatter(SIGNED)
    panel.xaxis.set_major_locator(MaxNLocator(3))
    panel.yaxis.set_major_locator(MaxNLocator(4))


def bins(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Means of equally many neighbouring points with their 95% t intervals over points.

    Returns
    -------
    ndarray
        float64[bins, 4]: mean of x, mean of y, low, high; no bin below five points.
    """
    count = min(_BINS, len(x) // 5)
    if count < 2:
        return np.zeros((0, 4))
    order = np.argsort(x, kind="stable")
    rows = [
        [x[part].mean(), *mean_interval(y[part][:, None])[0][:3]] for part in np.array_split(order, count)
    ]
    return np.array(rows)


def alone(study: Study) -> str:
    """Keys moved one at a time: the change at the lowest and at the highest value of each."""
    axes = study.that_are("alone")
    if not axes or not study.main:
        return ""
    with drawing("alone"):
        rows = -(-len(study.main) // 2)
        figure = Figure(figsize=(9.6, (0.46 * min(len(axes), MOST_KEYS) + 0.85) * rows), layout="constrained")
        panels = figure.subplots(rows, 2, squeeze=False).ravel()
        for panel, name in zip(panels, study.main, strict=False):
            draw_rows(panel, end_rows(study, name))
            panel.set_title(title(name))
            panel.set_xlabel(change_unit(name), fontsize=8.5)
        for panel in panels[len(study.main) :]:
            panel.set_axis_off()
        return to_svg(figure, tr("Change against the baseline at the lowest and highest value of each key"))


def end_rows(study: Study, name: str) -> list[Row]:
    """The ends of the keys that matter most, as rows of a figure in the unit of a change."""
    frame, factor = ends(study, name), scale(name)
    keys = list(dict.fromkeys(frame["key"]))[:MOST_KEYS]
    columns = ["mean", "low", "high", "wide_low", "wide_high"]
    shown = frame[frame["key"].isin(keys)]
    return [
        Row(str(said), *(float(x) * factor for x in line))
        for said, line in zip(shown["said"], shown[columns].to_numpy(float), strict=True)
    ]


def ends(study: Study, name: str) -> pd.DataFrame:
    """Change at the first and last value of each key that was moved by itself: largest first.

    Returns
    -------
    DataFrame
        key, end, said, mean, low, high, wide_low and wide_high (for all rows together) and n.
    """
    swept, rows = study.swept, []
    worlds = swept.worlds(name)
    places = [
        (axis, end, value)
        for axis in study.that_are("alone")
        for end, value in {"low": axis.values[0], "high": axis.values[-1]}.items()
        if end == "low" or len(axis.values) > 1
    ]
    for axis, end, value in places:
        mine = swept.configurations.index[swept.configurations[axis.key] == value]
        each = worlds.loc[mine].to_numpy().T
        mean, low, high, n = mean_interval(each)[0]
        wide_low, wide_high = mean_interval(each, 1 - (1 - CONFIDENCE) / len(places))[0, 1:3]
        said = f"{axis.label} {axis.said(value)} {axis.unit.partition('/')[0]}".rstrip()
        rows.append((axis.key, end, said, mean, low, high, wide_low, wide_high, int(n)))
    columns = ["key", "end", "said", "mean", "low", "high", "wide_low", "wide_high", "n"]
    frame = pd.DataFrame(rows, columns=columns)
    most = frame.assign(size=frame["mean"].abs()).groupby("key")["size"].max()
    order = most.sort_values(ascending=False, kind="stable").index
    return frame.set_index("key").loc[order].reset_index()
