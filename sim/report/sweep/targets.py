"""How often each target is met, and all of them together, by configuration.

A share of worlds is a frequency with an exact interval: 20 of 20 is not certainty. All targets
together are counted world by world, never as a product of the single shares, and a world in
which one indicator is not observable does not count for them.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from sim.measure.intervals import clopper_pearson
from sim.measure.kpis import KPIS, Kpi
from sim.report.sweep.study import Study

#: Column of all targets together.
ALL = "all_targets"
#: Rows of the page's table at most.
MOST_ROWS = 40


def met(study: Study, kpi: Kpi) -> pd.DataFrame:
    """float64[configurations, replications]: 1 met, 0 missed, missing not observable."""
    level, change = study.swept.worlds(kpi.name, changes=False), study.swept.worlds(kpi.name)
    values, target = level, study.targets[kpi.name]
    if kpi.relative:
        base = level - change
        values = level / base.where(base > 0) - 1
    passed = np.asarray(kpi.met(values.to_numpy(), target), float)
    answers = pd.DataFrame(passed, values.index, values.columns)
    if kpi.relative:  # a baseline never meets a target against itself
        answers.loc[list(study.baselines)] = 0.0
    return answers.where(values.notna())


def target_counts(study: Study) -> pd.DataFrame:
    """How many worlds meet each target, of how many.

    Returns
    -------
    DataFrame
        One row per configuration and target, ``all_targets`` last: configuration, name, met, n,
        probability, low, high (Clopper-Pearson, 95%; missing without worlds).
    """
    answers = {kpi.name: met(study, kpi) for kpi in KPIS}
    first = next(iter(answers.values()))
    together = np.prod([table.to_numpy() for table in answers.values()], axis=0)  # missing stays missing
    answers[ALL] = pd.DataFrame(together, first.index, first.columns)
    parts = []
    for name, table in answers.items():
        counts = pd.DataFrame({"met": table.sum(axis=1), "n": table.notna().sum(axis=1)}).astype(int)
        parts.append(counts.assign(name=name).rename_axis("configuration").reset_index())
    frame = pd.concat(parts, ignore_index=True)
    kept = {
        pair: clopper_pearson(*pair) for pair in set(zip(frame["met"], frame["n"], strict=True)) if pair[1]
    }
    bounds = [kept.get(pair, (np.nan, np.nan)) for pair in zip(frame["met"], frame["n"], strict=True)]
    frame[["low", "high"]] = np.array(bounds)
    frame["probability"] = frame["met"] / frame["n"].where(frame["n"] > 0)
    return frame[["configuration", "name", "met", "n", "probability", "low", "high"]]


def ranked(study: Study, counts: pd.DataFrame, profit: pd.Series) -> list[int]:
    """Configurations in order of the page: those that most surely meet all targets first.

    Lower ends of intervals are compared, so that 1 of 1 world does not come before 18 of 20; then the
    sum of those of the single targets, then the change of profit.
    """
    wide = counts.pivot(index="configuration", columns="name", values="low").fillna(0.0)
    order = pd.DataFrame({
        "all": wide[ALL], "each": wide.drop(columns=ALL).sum(axis=1),
        "profit": profit.reindex(wide.index).fillna(-np.inf),
    }).sort_values(["all", "each", "profit"], ascending=False, kind="stable")  # fmt: skip
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
        return {"share": "?", "interval": "not observable"}
    share = f"{cell.met} of {cell.n}"
    return {"share": share, "interval": f"{100 * cell.low:.0f}-{100 * cell.high:.0f}%"}
