"""The verb ``sensitivity``: which uncertainties move each figure, and do they change what is best.

The study is checked and planned before anything runs; runs are made and kept as those of a sweep.
Tables are printed, and the whole of them stays in the results folder for reports and notebooks.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from rich import box
from rich.table import Table

from sim.cli.jobs import print_pairing, print_report_hint, span, walk
from sim.cli.output import say
from sim.cli.session import hand_over
from sim.core.atomic import check_folder
from sim.core.errors import RunError
from sim.core.language import tr
from sim.runs.sweep import sweep_store
from sim.runs.task import workers_of
from sim.store.manifest import Job, Manifest
from sim.studies.sensitivity.request import Request
from sim.studies.sensitivity.screening import DUMMY
from sim.studies.sensitivity.stored import Sensitivity, write_sensitivity
from sim.studies.sensitivity.study import INDICES, SCREENING, Stage, run_study, screening_stage

DONE, FAILED = 0, 1
DRY_RUN = "--dry-run"
_SHOWN = 3


def sensitivity(words: Sequence[str]) -> int:
    """Make a study, print what it found, and keep it; the exit code says whether every run was good."""
    asked = Request.parse([word for word in words if word != DRY_RUN])
    first = screening_stage(asked)
    print_pairing([word for word in words if word != DRY_RUN], first.plan.configs)
    _announce(asked, first)
    if DRY_RUN in words:
        say(tr("nothing was run or written"))
        return DONE
    config = first.plan.settings
    store = sweep_store(config.paths.results, config.store.level)
    store.check()
    check_folder(Path(config.paths.cache), "paths.cache")

    def execute(manifest: Manifest, jobs: Sequence[Job]) -> int:
        return len(walk(manifest, config.engine, store, jobs))

    try:
        study = run_study(asked, first, execute)
    except RunError as error:
        from sim.cli.output import print_error

        print_error(str(error))
        return FAILED
    path = write_sensitivity(store.root, str(config.experiment.name), study)
    _show(study)
    say(tr("study: {path}", path=path))
    hand_over(
        design=study.design,
        screening=study.screening,
        sobol=study.sobol,
        pairs=study.pairs,
        best=study.best,
        deciders=study.deciders,
        spreads=study.spreads,
        study=path,
    )
    print_report_hint(store, str(config.experiment.name))
    return FAILED if study.design["failed"] else DONE


def _announce(asked: Request, first: Stage) -> None:
    """How much is to be done."""
    workers = workers_of(first.plan.settings.engine)
    seconds = first.plan.seconds(workers)
    say(
        tr(
            "screening: {n_parameters} uncertainties, {trajectories} trajectories, {n_points} "
            "points in {worlds} worlds each: {runs} runs; roughly {span} on {workers} process{s}",
            n_parameters=len(asked.parameters),
            trajectories=asked.trajectories,
            n_points=len(first.points),
            worlds=asked.worlds,
            runs=first.plan.runs,
            span=span(seconds),
            workers=workers,
            s="es" if workers > 1 else "",
        )
    )
    if asked.samples:
        points = asked.samples * (2 + asked.top * (2 if asked.second_order else 1))
        say(
            tr(
                "then indices of at most {top} of them: up to {points} points, roughly {span}",
                top=asked.top,
                points=points,
                span=span(seconds * points / len(first.points)),
            ),
            flush=True,
        )


def _show(study: Sensitivity) -> None:
    from sim.cli.screen import console

    out = console()
    out.print(_screened(study))
    if len(study.sobol):
        out.print(_indexed(study))
    out.print(_best(study))
    if len(study.deciders):
        out.print(_deciders(study))
    for line in notes(study):
        out.print(f"· {line}", soft_wrap=True)


def _table(title: str, caption: str, columns: Sequence[str]) -> Table:
    table = Table(
        title=title, caption=caption, title_justify="left", caption_justify="left", box=box.SIMPLE_HEAD
    )
    for n, name in enumerate(columns):
        table.add_column(name, no_wrap=n == 0)
    return table


def _screened(study: Sensitivity) -> Table:
    """For every figure what moves it most, by the screening."""
    table = _table(
        tr(
            "What moves each figure: screening over {points} points", points=study.design["points"][SCREENING]
        ),
        tr(
            "Mean size of the change when an uncertainty crosses its whole span, everything else "
            "held; only what is more than luck. Luck: such a change of a parameter that nothing "
            "reads"
        ),
        (tr("Figure"), tr("In"), tr("Strongest uncertainties"), tr("Luck")),
    )
    for (kpi, scenario), rows in _by_figure(study, study.screening):
        dummy = rows.loc[rows["parameter"] == DUMMY, "mu_star"].iloc[0]
        told = [f"{row.parameter} {_size(row.mu_star, kpi)}" for row in _top(rows, "mu_star")]
        table.add_row(*_who(kpi, scenario), "; ".join(told) or _silence(rows), _size(dummy, kpi))
    return table


def _indexed(study: Sensitivity) -> Table:
    """For every figure how much of its variance the uncertainties explain."""
    table = _table(
        tr(
            "Share of each figure's variance: indices over {points} points",
            points=study.design["points"][INDICES],
        ),
        tr(
            "Total index, and the first in brackets with its 95% interval; luck's share of the "
            "variance of means"
        ),
        (tr("Figure"), tr("In"), tr("Total (first, interval)"), tr("Luck")),
    )
    spreads = study.spreads[study.spreads["stage"] == INDICES].set_index(["kpi", "scenario"])["luck_share"]
    for (kpi, scenario), rows in _by_figure(study, study.sobol):
        told = [
            tr(
                "{parameter} {total:.2f} ({first:.2f}, {low:.2f} to {high:.2f})",
                parameter=row.parameter,
                total=row.total,
                first=row.first,
                low=row.first_low,
                high=row.first_high,
            )
            for row in _top(rows, "total")
        ]
        luck = spreads.get((kpi, scenario), np.nan)
        table.add_row(
            *_who(kpi, scenario),
            "; ".join(told) or _silence(rows),
            f"{luck:.0%}" if np.isfinite(luck) else "–",
        )
    return table


def _best(study: Sensitivity) -> Table:
    from sim.report.sentences import label, scenario_label

    table = _table(
        tr("Which strategy is best by {by}", by=label(study.design["by"]).lower()),
        tr(
            "Share of points at which it has the best mean over worlds (95% interval), and at "
            "how many of them it leads in every world"
        ),
        (tr("Strategy"), tr("Best at"), tr("Share"), tr("In every world")),
    )
    for row in study.best.itertuples():
        share = (
            tr("{share:.0%} ({low:.0%} to {high:.0%})", share=row.share, low=row.low, high=row.high)
            if np.isfinite(row.low)
            else "–"
        )
        table.add_row(
            scenario_label(row.scenario), tr("{wins} of {n}", wins=row.wins, n=row.n), share, str(row.clear)
        )
    return table


def _deciders(study: Sensitivity) -> Table:
    from sim.report.sentences import scenario_label

    table = _table(
        tr(
            "What decides it: uncertainties whose values differ most between points where it is "
            "best and others"
        ),
        tr("Distance of Kolmogorov and Smirnov, 0 to 1; p after Bonferroni's correction; * below 5%"),
        (tr("Strategy"), tr("Uncertainties")),
    )
    for scenario, rows in study.deciders.groupby("scenario", sort=False):
        told = [
            f"{row.parameter} {row.ks:.2f} ({row.direction}; p {row.p_adjusted:.2g})"
            f"{'*' if row.p_adjusted < 0.05 else ''}"
            for row in rows.head(_SHOWN).itertuples()
        ]
        table.add_row(scenario_label(str(scenario)), "; ".join(told))
    return table


def notes(study: Sensitivity) -> list[str]:
    """What to keep in mind when reading the tables, from the study itself."""
    design = study.design
    lines = [
        tr(
            "{consumers:,} consumers, {burn_in_days} days of burn-in, {warmup_days} of warm-up, "
            "{days} measured, {worlds} worlds shared by all points. Uncertainties vary uniformly "
            "over their declared spans and independently; everything else keeps its value.",
            consumers=design["consumers"],
            burn_in_days=design["burn_in_days"],
            warmup_days=design["warmup_days"],
            days=design["days"],
            worlds=design["worlds"],
        )
    ]
    whole = [row["key"] for row in design["parameters"] if row["whole"]]
    if whole:
        lines.append(
            tr(
                "Whole numbers were rounded, so their steps are not all alike: {whole}.",
                whole=", ".join(whole),
            )
        )
    if design["samples"] and not len(study.sobol):
        lines.append(tr("No uncertainty was more than luck in any figure, so indices were not looked for."))
    if design["choice_from"] == INDICES:
        chosen = [row["key"] for row in design["parameters"] if row["chosen"]]
        lines.append(
            tr("Indices, and which strategy is best, are over {chosen} alone.", chosen=", ".join(chosen))
        )
    if design["failed"]:
        lines.append(tr("{failed} runs failed; their points are left out.", failed=design["failed"]))
    return lines


def _size(value: float, kpi: str) -> str:
    """Size of a change in the figure's unit, without a sign."""
    from sim.report.sentences import amount

    return amount(value, kpi, signed=True).lstrip("+")


def _by_figure(study: Sensitivity, table: pd.DataFrame) -> list[tuple[tuple[str, str], pd.DataFrame]]:
    """Rows of each figure and scenario, figures in the order asked for."""
    groups = {(str(kpi), str(name)): rows for (kpi, name), rows in table.groupby(["kpi", "scenario"])}
    names = list(dict.fromkeys(table["scenario"]))
    return [
        ((kpi, name), groups[kpi, name])
        for kpi in study.design["kpis"]
        for name in names
        if (kpi, name) in groups
    ]


def _who(kpi: str, scenario: str) -> tuple[str, str]:
    from sim.report.sentences import label, scenario_label

    return label(kpi), scenario_label(scenario)


def _top(rows: pd.DataFrame, column: str) -> list[pd.Series]:
    """The strongest parameters that are more than luck."""
    loud = rows[rows["above_noise"].astype(bool)].sort_values(column, ascending=False).head(_SHOWN)
    return list(loud.itertuples())


def _silence(rows: pd.DataFrame) -> str:
    return tr("not observable") if int(rows["n"].iloc[0]) < 2 else tr("none is more than luck")
