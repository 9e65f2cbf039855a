"""Runs that are under way, as far as they have come: one world, each strategy a line."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from sim.core.errors import InputError
from sim.core.language import mark, tr
from sim.plots.style import MUTED, colour, dash, drawing, grid_of, under_or_in
from sim.report.sentences import scenario_label
from sim.runs.live import BURN_IN, Days

#: Column of a file of days -> title of its panel.
_PANELS = {
    "orders": mark("Orders a day, per 1,000 consumers"),
    "revenue_cny": mark("Revenue a day, CNY per 1,000 consumers"),
}
_BASELINE = "baseline"


def under_way(days: Sequence[Days]) -> list[Days]:
    """What is to be seen: the first world of which measured days are there, else a burn-in."""
    measured = [one for one in days if one.scenario != BURN_IN]
    shown = measured or list(days)
    first = min((one.replication for one in shown), default=0)
    mine = [one for one in shown if one.replication == first]
    return sorted(mine, key=lambda one: (one.scenario != _BASELINE, one.scenario, one.key))


def plot_under_way(days: Sequence[Days]) -> list[Axes]:
    """Orders and revenue by day of runs of one world, as far as they have come.

    Parameters
    ----------
    days : sequence of Days
        From :func:`under_way`.

    Returns
    -------
    list of Axes
        One a panel.

    Raises
    ------
    InputError
        If no day has been lived yet.
    """
    if not days:
        raise InputError(tr("no day has been lived yet; look again in a moment"))
    burning = days[0].scenario == BURN_IN
    with drawing():
        axes = grid_of(len(_PANELS), 2, 8.4, 2.6)
        for axis, (column, title) in zip(axes, _PANELS.items(), strict=True):
            for index, one in enumerate(days):
                axis.plot(
                    one.columns["day"],
                    1000.0 * one.columns[column] / one.columns["consumers"],
                    color=MUTED if burning else colour(index),
                    linestyle=dash(index),
                    marker="o" if one.lived == 1 else "",  # a line needs two days
                    label=scenario_label(one.scenario),
                )
            axis.set_xlim(1, max(2, *(one.total for one in days)))
            axis.set_ylim(bottom=0)
            axis.xaxis.set_major_locator(MaxNLocator(integer=True))
            axis.set_xlabel(tr("day of the burn-in") if burning else tr("measured day"))
            axis.set_title(tr(title))
        if not burning:
            under_or_in(axes[0], len(days))
        axes[0].figure.suptitle(_title(days, burning), x=0.01, ha="left")
    return axes


def _title(days: Sequence[Days], burning: bool) -> str:
    """Which world it is, and how far the slowest of its runs has come."""
    world, day, of = days[0].replication, min(one.lived for one in days), max(one.total for one in days)
    if burning:
        return tr(
            "World {world} settles in before anything is measured: day {day} of {days}",
            world=world,
            day=day,
            days=of,
        )
    return tr("World {world} as it goes: day {day} of {days}", world=world, day=day, days=of)
