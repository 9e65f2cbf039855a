"""Which uncertainties move each indicator, and whether they change which strategy is best.

Bars are drawn from a stored study of sensitivity: total Sobol indices where there are any, else
mean absolute elementary effects. The noise floor is what a parameter reached that nothing reads:
a bar within it says nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from markupsafe import Markup
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from sim.core.errors import StoreError
from sim.core.language import tr
from sim.measure.guardrails import UNITS
from sim.report.sentences import label, scenario_label
from sim.report.svg import INK, PAGE, colour, drawing, to_svg
from sim.report.sweep.rows import Row, draw_rows, shortened
from sim.report.sweep.study import Study, change_unit, scale, title
from sim.studies.sensitivity.screening import DUMMY
from sim.studies.sensitivity.stored import Sensitivity, folder, load_sensitivity

#: Parameters of one panel, indicators of one figure and figures at most.
MOST_KEYS, MOST_PANELS, MOST_FIGURES = 10, 6, 3
_HALF = 0.5


def sensitivity(study: Study) -> dict[str, Any] | None:
    """What the template shows of a study of sensitivity of this experiment; None if there is none."""
    root, experiment = study.results.root, study.experiment
    if not (folder(root, experiment) / "sensitivity.json").is_file():
        return None
    try:
        found = load_sensitivity(root, experiment)
    except StoreError as error:
        return {"lines": [str(error)], "figures": [], "best": "", "rule": "", "what": ""}
    sobol = not found.sobol.empty
    table = found.sobol if sobol else found.screening
    strategies = _differences_first(table)
    return {
        "lines": _lines(found),
        "what": tr("total Sobol index: the share of the variance that would be left if all else were known")
        if sobol
        else tr("mean absolute elementary effect over the whole range of a parameter"),
        "figures": [
            {"title": scenario_label(name), "svg": Markup(tornado(table, name, sobol))}
            for name in strategies[:MOST_FIGURES]
        ],
        "best": Markup(best_shares(found)),
        "rule": _rule(table, strategies),
    }


def _differences_first(table: pd.DataFrame) -> list[str]:
    """Scenarios and paired differences of them, which say what matters for a choice, first."""
    return sorted(table["scenario"].unique(), key=lambda name: " - " not in name)


def _rule(table: pd.DataFrame, strategies: list[str]) -> str:
    keys, kpis = table["parameter"].nunique() - 1, table["kpi"].nunique()
    told = []
    if keys > MOST_KEYS:
        told.append(tr("the {most_keys} strongest of {keys} parameters", most_keys=MOST_KEYS, keys=keys))
    if kpis > MOST_PANELS:
        told.append(tr("the first {most_panels} of {kpis} indicators", most_panels=MOST_PANELS, kpis=kpis))
    if len(strategies) > MOST_FIGURES:
        told.append(
            tr(
                "the first {most_figures} of {n_strategies} strategies and differences",
                most_figures=MOST_FIGURES,
                n_strategies=len(strategies),
            )
        )
    return tr("Shown: {told}.", told=tr(", ").join(told)) if told else ""


def _lines(found: Sensitivity) -> list[str]:
    """Which strategy is best how often, and what decides it."""
    told = []
    if len(found.best):
        told.append(best_sentence(label(str(found.design["by"])), found.best.to_dict("records")))
    if len(found.deciders):
        clear = found.deciders[found.deciders["p_adjusted"] < 0.05]
        names = tr(", ").join(dict.fromkeys(_short(key) for key in clear["parameter"]))
        told.append(
            tr(
                "Which one is best depends on: {names}.",
                names=names or tr("none of the parameters, beyond luck"),
            )
        )
    if found.design.get("failed"):
        told.append(
            tr("{failed} runs failed; the points they belong to are left out.", failed=found.design["failed"])
        )
    return told


def best_sentence(by: str, rows: Sequence[Mapping[str, Any]]) -> str:
    """At how many points each strategy is best, and whether one is at most of them, as intervals allow."""
    seen = [row for row in rows if row["n"] and np.isfinite(row["low"])]
    if not seen:
        return tr("By {by} no point could be judged.", by=by.lower())
    counts = tr(", ").join(
        tr(
            "{scenario} at {wins} of {n} points ({low:.0f}-{high:.0f}%)",
            scenario=scenario_label(row["scenario"]),
            wins=row["wins"],
            n=row["n"],
            low=100 * row["low"],
            high=100 * row["high"],
        )
        for row in seen
    )
    most = [scenario_label(row["scenario"]) for row in seen if row["low"] > _HALF]
    said = (
        tr("{most} at most points", most=most[0])
        if most
        else tr("no strategy at surely more than half of the points")
    )
    return tr("By {by}, best is {said}: {counts}.", by=by.lower(), said=said, counts=counts)


def tornado(table: pd.DataFrame, scenario: str, sobol: bool) -> str:
    """One panel an indicator: parameters, the strongest first, with intervals and the noise floor."""
    mine = table[table["scenario"] == scenario]
    value = "total" if sobol else "mu_star"
    kpis = [kpi for kpi in dict.fromkeys(mine["kpi"]) if mine.loc[mine["kpi"] == kpi, value].notna().any()]
    kpis = kpis[:MOST_PANELS]
    if not kpis:
        return ""
    with drawing(f"sensitivity {scenario}"):
        rows = -(-len(kpis) // 2)
        keys = min(MOST_KEYS, mine["parameter"].nunique() - 1)
        figure = Figure(figsize=(9.6, (0.25 * keys + 0.95) * rows), layout="constrained")
        panels = figure.subplots(rows, 2, squeeze=False).ravel()
        for panel, kpi in zip(panels, kpis, strict=False):
            factor = 1.0 if sobol else scale(kpi) if kpi in UNITS else 1.0
            _bars(panel, mine[mine["kpi"] == kpi], value, factor)
            panel.set_title(title(kpi))
            panel.set_xlabel(tr("share of variance") if sobol else change_unit(kpi), fontsize=8.5)
        for panel in panels[len(kpis) :]:
            panel.set_axis_off()
        return to_svg(figure, tr("Parameters by how much they move each indicator, with the noise floor"))


def _bars(panel: Axes, mine: pd.DataFrame, value: str, factor: float) -> None:
    real = mine[mine["parameter"] != DUMMY].sort_values(value, ascending=False, kind="stable")
    real = real.head(MOST_KEYS)
    for place, row in enumerate(real.to_dict("records")):
        sure = bool(row["above_noise"])
        panel.barh(
            place,
            row[value] * factor,
            0.62,
            color=colour(1) if sure else PAGE,
            edgecolor=colour(1),
            alpha=0.75,
            hatch="" if sure else "////",
            linewidth=0.8,
        )
        low, high = row[f"{value}_low"] * factor, row[f"{value}_high"] * factor
        if np.isfinite(low):
            panel.plot([low, high], [place, place], color=INK, linewidth=1.1)
    floor = mine.loc[mine["parameter"] == DUMMY, f"{value}_high"]
    if len(floor) and np.isfinite(floor.iloc[0]):
        panel.axvline(floor.iloc[0] * factor, color=INK, linewidth=1, linestyle=(0, (2, 2)))
    panel.set_yticks(range(len(real)), [shortened(_short(key)) for key in real["parameter"]])
    panel.set_ylim(len(real) - 0.4, -0.6)
    panel.grid(visible=False, axis="y")
    panel.xaxis.set_major_locator(MaxNLocator(4))


def best_shares(found: Sensitivity) -> str:
    """Share of points at which each strategy is best, with its interval."""
    if found.best.empty or not found.best["n"].any():
        return ""
    rows = [
        Row(scenario_label(one.scenario), 100 * one.share, 100 * one.low, 100 * one.high)
        for one in found.best.itertuples()
    ]
    with drawing("who is best"):
        figure = Figure(figsize=(9.6, 0.26 * len(rows) + 0.8), layout="constrained")
        panel = figure.subplots()
        draw_rows(panel, rows, tested=False)
        panel.set_xlim(-3, 103)
        panel.set_xticks([0, 25, 50, 75, 100], ["0%", "25%", "50%", "75%", "100%"])
        panel.set_xlabel(tr("share of points at which it is best"))
        return to_svg(figure, tr("How often each strategy is best over the ranges of what nobody knows"))


def _short(key: str) -> str:
    return str(key).rpartition(".")[2].replace("_", " ")
