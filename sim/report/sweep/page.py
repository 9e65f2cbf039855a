"""The page of a sweep: one HTML file that opens from disk with no network and says first what matters.

It reads stored results only. However large the sweep, the page stays small: figures and tables
show the part that a stated rule picks, and the frames hold the rest.
"""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from markupsafe import Markup

from sim.core.atomic import commit
from sim.core.errors import StoreError
from sim.core.language import mark, tr
from sim.measure.display import in_unit
from sim.measure.kpis import KPIS
from sim.report import html
from sim.report.claims import LEGEND
from sim.report.comparison import Comparison
from sim.report.environment import environment
from sim.report.html import declared_parameters
from sim.report.sentences import PROFIT, amounts, label
from sim.report.sweep import targets
from sim.report.sweep.chosen import write_scenario
from sim.report.sweep.curves import averaged_over, curves, line_axes
from sim.report.sweep.effects import contrasts
from sim.report.sweep.heat import heat, pairs
from sim.report.sweep.levers import MOST_DOTS, MOST_KEYS, alone, clouds, tornado
from sim.report.sweep.missing import MOST_ROWS as MOST_MISSING
from sim.report.sweep.missing import missing, unpaired
from sim.report.sweep.paired import drawn_rows, forest, paired
from sim.report.sweep.search import find, search
from sim.report.sweep.sentences import headline, notes
from sim.report.sweep.study import Axis, Study, with_unit
from sim.report.sweep.uncertain import sensitivity
from sim.store.manifest import names
from sim.store.results import BASELINE, Results, load_results
from sim.studies.warmup.study import page_path

#: Swept numbers that get response curves at most.
MOST_CURVES = 3
_WAYS = {
    "crossed": mark("combined with everything else"),
    "drawn": mark("drawn together by a design or a search"),
    "alone": mark("moved by itself"),
}


def write_sweep_report(study: Study, path: Path | None = None) -> Path:
    """Write the report and return its file, by default ``reports/EXPERIMENT_sweep.html`` in the store.

    Beside the report of a search lies the strategy that it chose, as a scenario file.

    Raises
    ------
    StoreError
        If the file cannot be written; an earlier report then stays as it was.
    """
    target = path or study.results.root / "reports" / f"{study.experiment}_sweep.html"
    answered = path is None and not paired(study, PROFIT).empty and BASELINE in study.results.strategies
    page = render(study, f"{target.stem}_answer.html" if answered else "")
    commit(target, lambda temporary: temporary.write_text(page, encoding="utf-8"))
    with contextlib.suppress(KeyError, TypeError, StoreError):  # a torn search is told on the page
        if (found := find(study)) is not None:
            write_scenario(found, target.parent)
    return target


def write_reports(results: Results, order: Sequence[str] = ()) -> list[Path]:
    """Write the reports that fit what is stored, the one for the question asked first.

    A sweep gets the report of a sweep. A comparison of strategies is written where runs can be
    compared by scenario alone: where nothing but scenarios was swept, or the newest runs belong to
    no sweep.

    Parameters
    ----------
    results : Results
        Runs, at least one.
    order : sequence of str
        Scenarios in the order in which a comparison shows them.

    Raises
    ------
    StoreError
        If a file cannot be written.
    """
    newest = results.newest()
    experiment = str(newest.runs.iloc[0]["experiment"])
    if experiment not in names(results.root):
        return [html.write_report(Comparison.of(newest, order))]
    mine = results if results.experiment == experiment else load_results(results.root, experiment)
    study, known = Study.of(mine), set(mine.jobs["key"])
    written = [write_sweep_report(study)] if study.swept.jobs["done"].any() else []
    if not study.swept.keys or not set(newest.runs["key"]) <= known or not written:
        written.append(html.write_report(Comparison.of(newest, order)))
    return written


def render(study: Study, answer: str = "") -> str:
    """The page as text, with a link to the file of its answer if one is named."""
    pages = environment()
    pages.filters.update(in_unit=in_unit, label=label)
    return pages.get_template("sweep.html.j2").render({**_content(study), "answer": answer})


def _content(study: Study) -> dict[str, Any]:
    counts = targets.target_counts(study)
    profit = paired(study, PROFIT)
    order = targets.ranked(study, counts, profit["value"])
    absent = missing(study)
    return {
        "experiment": study.experiment,
        "headline": headline(study, counts),
        "configurations": len(study.swept.configurations),
        "runs": (int(study.swept.jobs["done"].sum()), len(study.swept.jobs)),
        "days": tr(" or ").join(map(str, study.window)),
        "missing": absent[:MOST_MISSING],
        "missing_more": max(0, len(absent) - MOST_MISSING),
        "unpaired": unpaired(study),
        "kpis": KPIS,
        "goals": study.targets,
        "rows": _rows_of_targets(study, counts, order),
        "rows_more": max(0, len(order) - targets.MOST_ROWS),
        "rows_most": targets.MOST_ROWS,
        "forest": Markup(forest(study)),
        "forest_rule": drawn_rows(study)[1],
        "spelt": study.spelt,
        "tornado": Markup(tornado(study, "crossed")),
        "ranks": Markup(tornado(study, "drawn")),
        "alone": Markup(alone(study)),
        "clouds": Markup(clouds(study)),
        "rank_rule": _rank_rule(study),
        "curves": _curves(study),
        "curve_rule": _curve_rule(study),
        "maps": [
            {
                "title": tr("{label} and {label2}", label=a.label, label2=b.label),
                "svg": Markup(heat(study, (a, b))),
            }
            for a, b in pairs(study)[0]
        ],
        "map_rule": pairs(study)[1],
        "search": search(study),
        "sensitivity": sensitivity(study),
        "warmup": page_path(study.results.root, study.experiment),
        "axes": _axes(study),
        "notes": notes(study),
        "legend": tr(LEGEND),
    }


def _rows_of_targets(study: Study, counts: Any, order: list[int]) -> list[dict[str, Any]]:
    """Rows of the target table with the change of profit beside them."""
    profit, rows = paired(study, PROFIT), targets.table(study, counts, order)
    for row, number in zip(rows, order, strict=False):
        known = study.swept.configurations.loc[number]
        row["worlds"] = tr("{done} of {planned}", done=known["done"], planned=known["planned"])
        row["profit"], row["profit_interval"] = _profit_words(profit, number, number in study.baselines)
    return rows


def _profit_words(profit: Any, number: int, itself: bool) -> tuple[str, str]:
    if itself:
        return "0", tr("the baseline")
    if number not in profit.index:
        return "–", tr("no run")
    one = profit.loc[number]
    if not np.isfinite(one["value"]):
        return "–", tr("missing")
    value, *ends = amounts([one[part] for part in ("value", "low", "high")], PROFIT, signed=True)
    return value, "–" if ends[0] == "–" else tr(" to ").join(ends)


def _curve_axes(study: Study) -> tuple[list[Axis], int]:
    """Combined numbers that get curves, those that move profit most first, and how many do not."""
    place = {key: n for n, key in enumerate(contrasts(study, PROFIT)["key"])}
    axes = [axis for axis in study.that_are("crossed", numeric=True) if len(axis.values) > 1]
    axes.sort(key=lambda axis: place.get(axis.key, len(place)))
    return axes[:MOST_CURVES], max(0, len(axes) - MOST_CURVES)


def _curves(study: Study) -> list[dict[str, Any]]:
    drawn = []
    for axis in _curve_axes(study)[0]:
        over, lines = averaged_over(study, axis), line_axes(study, axis)
        said = tr(" Averaged over {over}.", over=tr(", ").join(one.label for one in over)) if over else ""
        each = (
            tr(" One line for each {lines}.", lines=tr(" and ").join(one.label for one in lines))
            if lines
            else ""
        )
        drawn.append(
            {
                "title": with_unit(axis),
                "said": each + said,
                "changes": Markup(curves(study, axis, True)),
                "levels": Markup(curves(study, axis, False)),
            }
        )
    return drawn


def _curve_rule(study: Study) -> str:
    more = _curve_axes(study)[1]
    return tr(
        "{more} more swept numbers have no curve here: the {most_curves} that move profit most do.",
        more=more,
        most_curves=MOST_CURVES,
    ) * (more > 0)


def _rank_rule(study: Study) -> str:
    """What the figures of a design leave out."""
    axes = study.that_are("drawn", numeric=True)
    others = study.that_are("drawn", numeric=False)
    told = []
    if len(axes) > MOST_KEYS:
        told.append(
            tr("The {most_keys} strongest of {n_axes} keys are shown.", most_keys=MOST_KEYS, n_axes=len(axes))
        )
    if others:
        told.append(
            tr(
                "Not ranked, because they are no numbers: {others}.",
                others=tr(", ").join(axis.label for axis in others),
            )
        )
    if len(study.swept.configurations) > MOST_DOTS:
        told.append(
            tr("At most {most_dots} points are drawn, evenly spaced; means are of all.", most_dots=MOST_DOTS)
        )
    return " ".join(told)


def _axes(study: Study) -> list[dict[str, Any]]:
    """What was swept, with values, unit and source."""
    declared, rows = declared_parameters(), []
    for axis in study.axes:
        known = declared.get(axis.key)
        many = len(axis.values) > 8
        ends = tr(
            "{n_values:,} values, {values} to {values2}",
            n_values=len(axis.values),
            values=axis.said(axis.values[0]),
            values2=axis.said(axis.values[-1]),
        )
        rows.append(
            {
                "key": axis.key,
                "values": ends if many else tr(", ").join(axis.said(v) for v in axis.values),
                "unit": axis.unit,
                "way": tr(_WAYS[axis.way]),
                "why": known.why if known else "",
            }
        )
    return rows
