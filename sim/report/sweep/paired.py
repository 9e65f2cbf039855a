"""Every configuration against the baseline, world by world, and which of them is best.

Thin intervals hold for all configurations at once, because the largest of many differences is
large by luck as well. The best one is compared with each other configuration in the same worlds:
those that cannot be told from it are counted.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from sim.analysis.responses import mean_interval
from sim.core.language import tr
from sim.measure.intervals import CONFIDENCE
from sim.report.sentences import PROFIT
from sim.report.svg import drawing, to_svg
from sim.report.sweep.effects import moved
from sim.report.sweep.rows import Row, draw_rows
from sim.report.sweep.study import Study, change_unit, scale, title

_COLUMNS = {
    "value": "value",
    "low": "low",
    "high": "high",
    "low_simultaneous": "wide_low",
    "high_simultaneous": "wide_high",
    "n": "n",
}
#: Configurations of the figure at most.
MOST_ROWS = 24


def paired(study: Study, name: str) -> pd.DataFrame:
    """Paired difference of each configuration from the baseline, with both intervals.

    Returns
    -------
    DataFrame
        Index configuration, without those that are the baseline itself or have no run; value, low,
        high, n, and wide_low, wide_high for all configurations and main indicators together, all of
        them from :func:`sim.analysis.differences.differences`.
    """
    configurations = study.swept.configurations
    there = [k for k in configurations.index[configurations["done"] > 0] if k not in study.baselines]
    table = study.differences
    mine = table[table["name"] == name]
    if mine.empty:
        return pd.DataFrame(columns=list(_COLUMNS.values()), dtype=float)
    # Both list the configurations that have a run in the order planned.
    numbered = mine.set_axis(pd.Index(there, name="configuration"), axis="index")
    return numbered[list(_COLUMNS)].rename(columns=_COLUMNS)


def drawn_rows(study: Study) -> tuple[list[int], str]:
    """Configurations of the figure, and the rule by which others are left out."""
    if not any(moved(study, name) for name in study.main):
        return [], ""
    frame = paired(study, study.main[0])
    order = frame["value"].abs().sort_values(ascending=False, kind="stable", na_position="last").index
    chosen = [int(number) for number in order[:MOST_ROWS]]
    left = len(frame) - len(chosen)
    return sorted(chosen, key=lambda k: -np.nan_to_num(frame.loc[k, "value"], nan=-np.inf)), (
        tr(
            "{left:,} more configurations are not drawn: these {most_rows} change {title} most, up or down.",
            left=left,
            most_rows=MOST_ROWS,
            title=title(study.main[0]).lower(),
        )
        if left > 0
        else ""
    )


def forest(study: Study) -> str:
    """Paired differences of configurations, a column an indicator."""
    chosen, _ = drawn_rows(study)
    if not chosen:
        return ""
    with drawing("sweep forest"):
        figure = Figure(figsize=(9.6, 0.22 * len(chosen) + 0.9), layout="constrained")
        panels = figure.subplots(1, len(study.main), squeeze=False)[0]
        for column, (panel, name) in enumerate(zip(panels, study.main, strict=True)):
            frame = paired(study, name).loc[chosen]
            columns = ["value", "low", "high", "wide_low", "wide_high"]
            numbers = frame[columns].to_numpy(float) * scale(name)
            rows = [Row(study.short_labels[k], *line) for k, line in zip(chosen, numbers, strict=True)]
            draw_rows(panel, rows, named=column == 0)
            panel.xaxis.set_major_locator(MaxNLocator(3))
            panel.set_title(title(name), fontsize=9)
            panel.set_xlabel(change_unit(name), fontsize=8.5)
        return to_svg(figure, tr("Paired differences of configurations from the baseline with 95% intervals"))


@dataclass(frozen=True)
class Best:
    """The configuration with the largest mean change of profit.

    Attributes
    ----------
    configuration : int
        Which one.
    value, low, high, wide_low, wide_high : float
        Its paired difference from the baseline, its own interval and the one for all at once.
    n : int
        Worlds.
    rivals : int
        Configurations that cannot be told from it, in the worlds that both have.
    others : int
        Configurations that it was compared with.
    ahead : int
        Configurations whose interval for all at once lies above 0.
    """

    configuration: int
    value: float
    low: float
    high: float
    wide_low: float
    wide_high: float
    n: int
    rivals: int
    others: int
    ahead: int


def best(study: Study, name: str = PROFIT) -> Best | None:
    """The configuration that earns most, or None if nothing was observed or all is the baseline.

    Configurations with less than half as many worlds as the one with most are not chosen.
    """
    frame = paired(study, name)
    # A mean over one or two worlds of many is the largest by luck alone.
    known = frame[frame["n"] >= max(min(2, frame["n"].max()), frame["n"].max() / 2)].dropna(subset=["value"])
    if known.empty:
        return None
    top = int(known["value"].idxmax())
    worlds = study.swept.worlds(name)
    others = worlds.drop(index=top)
    gaps = (worlds.loc[top] - others).to_numpy().T
    bounds = mean_interval(gaps, 1 - (1 - CONFIDENCE) / max(len(others), 1))
    told = bounds[:, 1] > 0
    row = frame.loc[top]
    numbers = {c: float(row[c]) for c in ("value", "low", "high", "wide_low", "wide_high")}
    return Best(
        top,
        **numbers,
        n=int(row["n"]),
        rivals=int((~told).sum()),
        others=len(others),
        ahead=int((frame["wide_low"] > 0).sum()),
    )
