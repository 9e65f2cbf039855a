"""What a search tried, by two of its objectives, with the front of both joined."""

from __future__ import annotations

from matplotlib.axes import Axes

from sim.core.errors import StoreError
from sim.core.language import tr
from sim.core.messages import did_you_mean
from sim.plots.style import MUTED, axes_of, colour, drawing
from sim.report.sweep.search import front_panel
from sim.store.results import Results
from sim.studies.optimise.stored import load_optimisation, stored


def pareto(
    results: Results, across: str | None = None, up: str | None = None, ax: Axes | None = None
) -> Axes:
    """Every strategy tried as a dot, those that break a rule hollow, the front of the two objectives joined.

    Parameters
    ----------
    results : Results
        Of one experiment, as ``load_results("results", "NAME")`` reads it.
    across, up : str, optional
        Objectives of the search: by default the second across and the first up.
    ax : Axes, optional
        To draw into.

    Raises
    ------
    StoreError
        If no search is filed under the experiment, or it weighed no such objective.
    """
    newest = results.experiment or (str(results.runs["experiment"].iloc[-1]) if len(results.runs) else "")
    if not newest or stored(results.root, newest) is None:
        raise StoreError(
            tr(
                "plot.pareto: no search is filed under '{name}'; run 'liebian optimise' and read "
                "load_results(FOLDER, 'NAME')",
                name=newest,
            )
        )
    found = load_optimisation(results.root, newest)
    known = found.objectives
    chosen = [across or known[min(1, len(known) - 1)], up or known[0]]
    for one in chosen:
        if one not in known:
            meant = did_you_mean(one, known)
            raise StoreError(
                tr("plot.pareto: '{name}' was no objective of the search; {meant}", name=one, meant=meant)
            )
    good = found.trials[found.trials["state"] == "complete"]
    if good.empty:
        raise StoreError(tr("plot.pareto: no strategy of the search is complete; run it again"))
    with drawing():
        axis = axes_of(ax)
        front_panel(axis, good, *chosen)
        for line, shade in zip(axis.lines[-3:], (MUTED, colour(1), colour(2)), strict=True):
            line.set_color(shade)  # reports draw in names of colours that their style sheet fills in
        axis.legend(loc="best", fontsize=8)
        axis.set_title(tr("{n} strategies that a search tried", n=len(good)))
    return axis
