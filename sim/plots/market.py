"""A market as it lives: its days in four panels."""

from __future__ import annotations

from typing import Any

from matplotlib.axes import Axes

from sim.core.errors import InputError
from sim.core.language import mark, tr
from sim.measure.display import day_number
from sim.plots.style import MUTED, colour, drawing, grid_of
from sim.report.sentences import scenario_label

#: Panel -> daily columns of the data collector, by what they are called.
PANELS: dict[str, dict[str, str]] = {
    mark("Visits and orders a day"): {"visits": mark("visits"), "orders": mark("orders")},
    mark("Money a day, CNY"): {"revenue_cny": mark("revenue"), "media_cny": mark("media")},
    mark("Users"): {"registered": mark("registered"), "members": mark("members")},
    mark("Mean trust, 0 to 1"): {"mean_trust": mark("trust")},
}


def plot_market(market: Any) -> list[Axes]:
    """Four panels over all days lived; a dotted line marks the first measured day.

    Parameters
    ----------
    market : Market
        That has lived a day or more.

    Returns
    -------
    list of Axes
        One a panel of :data:`PANELS`.

    Raises
    ------
    InputError
        If no day has been lived yet.
    """
    days = market.datacollector.get_model_vars_dataframe()
    if days.empty:
        raise InputError(
            tr("market.plot: no day has been lived yet; call market.step() or market.run() first")
        )
    first = market.first_measured_day
    with drawing():
        axes = grid_of(len(PANELS), 2, 8.0, 2.3)
        for axis, (title, series) in zip(axes, PANELS.items(), strict=True):
            for index, (column, label) in enumerate(series.items(), start=1):
                axis.plot(
                    day_number(days["day"].to_numpy() - first),
                    days[column],
                    color=colour(index),
                    label=tr(label),
                )
            if days["day"].iloc[0] < first <= days["day"].iloc[-1]:
                axis.axvline(0.5, color=MUTED, linewidth=1, linestyle=":")
            axis.set_title(tr(title))
            axis.set_ylim(bottom=0)
            if len(series) > 1:
                axis.legend(loc="best", fontsize=8)
        for axis in axes[2:]:
            axis.set_xlabel(tr("day, 1 = first measured day"))
        axes[0].figure.suptitle(
            tr(
                "{scenario_name}: {n_consumers:,} consumers",
                scenario_name=scenario_label(market.scenario_name),
                n_consumers=len(market.consumers),
            ),
            x=0.01,
            ha="left",
        )
    return axes
