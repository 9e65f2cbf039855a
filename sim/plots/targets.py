"""One target as a panel: where the figure lies, and on which side of the target it is good."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from sim.measure.kpis import KPI_BY_NAME
from sim.measure.verdicts import verdict
from sim.plots.style import GOOD, GRID, INK, MUTED, colour, in_units
from sim.report.sentences import label

#: A figure whose labels are percentages, as those of a rise over the baseline are.
_A_SHARE = "organic_traffic_share"


def panel_of_target(axis: Axes, row: dict[Any, Any]) -> None:
    """One target: its good side shaded, the mean a dot, the interval a bar."""
    value, low, high, target = (float(row[key]) for key in ("value", "low", "high", "target"))
    seen = [one for one in (value, low, high, target) if np.isfinite(one)]
    pad = 0.15 * (max(seen) - min(seen)) or 0.1 * abs(target) or 1.0
    left, right = min(seen) - pad, max(seen) + pad
    good = (target, right) if row["direction"] in ("at least", "above") else (left, target)
    axis.axvspan(*good, color=GOOD, linewidth=0)
    axis.axvline(target, color=INK, linewidth=1, linestyle=":")
    if np.isfinite(low):
        axis.plot([low, high], [0, 0], color=colour(1), linewidth=2.4)
    if np.isfinite(value):
        axis.plot(value, 0, "o", color=colour(1))
    axis.set_xlim(left, right)
    axis.set_ylim(-1, 1)
    axis.set_yticks([])
    axis.spines["left"].set_color(GRID)
    relative = KPI_BY_NAME[row["kpi"]].relative
    axis.xaxis.set_major_formatter(in_units(_A_SHARE if relative else str(row["kpi"])))
    axis.xaxis.set_major_locator(MaxNLocator(4))
    axis.set_title(f"{label(str(row['kpi']))}\n{verdict(str(row['verdict']))}", fontsize=8.5)
    axis.tick_params(labelsize=7.5, colors=MUTED)
