"""How often each target is met, and all of them together, by configuration.

A share of worlds is a frequency with an exact interval: 20 of 20 is not certainty. All targets
together are counted world by world, never as a product of the single shares; they cannot be
observed as soon as one indicator cannot in some world.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from sim.analysis.target_table import TOGETHER as ALL
from sim.analysis.target_table import target_table
from sim.core.language import tr
from sim.measure.kpis import KPIS
from sim.report.sweep.study import Study

#: Rows of the page's table at most.
MOST_ROWS = 40


def target_counts(study: Study) -> pd.DataFrame:
    """How many worlds meet each target, of how many.

    Returns
    -------
    DataFrame
        One row per configuration and target, ``all_targets`` last: configuration, name, met, n,
        probability, low, high, as :func:`sim.analysis.target_table.target_table` counts them; n is
        0 where there is no run or nothing can be observed.
    """
    configurations = study.swept.configurations
    names = [*(kpi.name for kpi in KPIS), ALL]
    # The table lists the configurations that have a run in the order planned, one row a name.
    there = configurations.index[configurations["done"] > 0]
    frame = target_table(study.only(names)).assign(configuration=np.repeat(there, len(names)))
    places = pd.MultiIndex.from_product([configurations.index, names], names=["configuration", "name"])
    frame = frame.set_index(["configuration", "name"])[["n", "probability", "low", "high"]]
    frame = frame.astype(float).reindex(places).reset_index()
    n = frame["n"].where(frame["probability"].notna(), 0).astype(int)
    met = (frame["probability"] * n).fillna(0).round().astype(int)
    return frame.assign(n=n, met=met)[["configuration", "name", "met", "n", "probability", "low", "high"]]


def ranked(study: Study, counts: pd.DataFrame, profit: pd.Series) -> list[int]:
    """Configurations in order of the page: those that most surely meet all targets first.

    Lower ends of intervals are compared, so that 1 of 1 world does not come before 18 of 20; then the
    sum of those of the single targets, then the change of profit.
    """
    wide = counts.pivot(index="configuration", columns="name", values="low").fillna(0.0)
    order = pd.DataFrame(
        {
            "all": wide[ALL],
            "each": wide.drop(columns=ALL).sum(axis=1),
            "profit": profit.reindex(wide.index).fillna(-np.inf),
        }
    ).sort_values(["all", "each", "profit"], ascending=False, kind="stable")
    return [int(number) for number in order.index]


def table(study: Study, counts: pd.DataFrame, order: list[int]) -> list[dict[str, Any]]:
    """Rows of the page's table: configuration and one cell a target."""
    cells = {(row.configuration, row.name): row for row in counts.itertuples(index=False)}
    names = [ALL, *(kpi.name for kpi in KPIS)]
    return [
        {"label": study.labels[number], "cells": [cell_words(cells[number, name]) for name in names]}
        for number in order[:MOST_ROWS]
    ]


def cell_words(cell: Any) -> dict[str, str]:
    """Share of worlds and its interval in words."""
    if not cell.n:
        return {"share": "?", "interval": tr("not observable")}
    share = tr("{met} of {n}", met=cell.met, n=cell.n)
    return {"share": share, "interval": f"{100 * cell.low:.0f}-{100 * cell.high:.0f}%"}
