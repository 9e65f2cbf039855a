"""The answer to a sweep or a search: its configurations are strategies like any other.

What is recommended is judged among all configurations (or, of a search, in worlds that it never saw);
targets, money and calendar are those of the recommended one beside the baseline that it was paired with.
"""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from sim.core.errors import StoreError
from sim.core.language import mark, tr
from sim.report.answer.decision import CHOOSE, NOTHING, OPEN, Decision, Money, decide
from sim.report.answer.money import money_of
from sim.report.answer.page import Answer, answer_path, beside, write_answer
from sim.report.claims import UP, Estimate
from sim.report.comparison import PROFIT, Comparison
from sim.report.html import declared_parameters
from sim.report.leads import Lead, lead
from sim.report.sentences import scenario_label
from sim.report.svg import INK, MUTED, PAGE, colour, drawing, to_svg
from sim.report.sweep.chosen import chosen, numbers_in
from sim.report.sweep.effects import cells, contrasts, moved
from sim.report.sweep.paired import paired
from sim.report.sweep.rows import SIGNED
from sim.report.sweep.search import find, gaps, held_sentence
from sim.report.sweep.study import Axis, Study, with_unit
from sim.store.results import BASELINE, Results, load_results
from sim.studies.optimise.objectives import USUAL
from sim.studies.optimise.stored import Optimisation

_Side = Literal["left", "center", "right"]
#: Amounts that are all written under a curve.
_TICKS = 8
#: Configurations that are laid beside the baseline.
_MOST = 4
_BASE = mark("the baseline")
_UNMOVED = mark("In every world each configuration earned exactly what the baseline of its own world did.")


def write_study_answer(study: Study, report: Path) -> Path | None:
    """Write the answer to a sweep or search beside its report; None where nothing can be paired.

    Raises
    ------
    StoreError
        If it cannot be written.
    """
    answer = of_study(study, report.name)
    return None if answer is None else write_answer(answer, answer_path(report))


def beside_reports(results: Results, reports: Sequence[Path]) -> list[Path]:
    """Answers beside the reports that were written of an experiment; errors as of :func:`write_answer`."""
    found = []
    for report in reports:
        if report.stem.endswith("_sweep"):
            study = Study.of(load_results(results.root, report.stem.removesuffix("_sweep")))
            found.append(write_study_answer(study, report))
        else:
            found.append(beside(Comparison.of(results.newest()), report))
    return [path for path in found if path is not None]


def of_study(study: Study, report: str) -> Answer | None:
    """The answer to a sweep, or to the search that is filed under its name."""
    changes, first = _changes(study), _leader(study)
    numbers = {study.brief[int(str(n))]: int(str(n)) for n in paired(study, PROFIT).index}
    found = None
    with contextlib.suppress(StoreError, KeyError, TypeError):  # a torn search is told in the report
        found = find(study)
    searched = _trial(study, found) if found is not None else None
    shown = [numbers[one.name] for one in changes if one.name in numbers] or list(numbers.values())
    if searched is not None:
        shown = [searched, *(n for n in shown if n != searched)]
    comparison = _comparison(study, shown[:_MOST])
    if comparison is None:
        return None
    names = _names(study, comparison, shown[:_MOST])
    if searched is not None and found is not None and study.brief[searched] in names:
        names = {_searched_name(found): names[study.brief[searched]], **names}
    unit = money_of(comparison)
    if found is not None and found.held_out is not None and searched is not None:
        decision = searched_decision(_searched_name(found), *held_lead(gaps(found), comparison))
    elif not changes:
        decision = Decision(NOTHING, tr("Nothing that was swept changes what is earned"), (), (tr(_UNMOVED),))
    else:
        worlds = int(study.swept.configurations["done"].max())
        decision = decide(changes, first, unit, worlds)
    title, curve = _curve(study, unit)
    kind = mark("search") if found is not None else mark("sweep")
    best = _searched_name(found) if found is not None else ""
    shocks = "shock" in study.swept.axes
    return Answer(
        comparison, decision, changes, names, report, kind, best, shocks, curve, title, study.ground
    )


def _changes(study: Study) -> list[Estimate]:
    """Change of profit of each configuration, the best first; it stands where the interval for all does."""
    if not moved(study, PROFIT):
        return []
    frame = paired(study, PROFIT).sort_values("value", ascending=False, kind="stable")
    return [
        Estimate(
            study.brief[int(str(number))],
            float(row["value"]),
            float(row["low"]),
            float(row["high"]),
            bool(row["wide_low"] > 0 or row["wide_high"] < 0),
        )
        for number, row in frame.iterrows()
    ]


def _leader(study: Study) -> Lead | None:
    """The highest mean among configurations and the baseline, tested against each other one."""
    worlds = study.swept.worlds(PROFIT)
    table = {study.brief[int(str(n))]: row for n, row in worlds.iterrows() if n not in study.baselines}
    zero = pd.Series(0.0, index=worlds.columns)
    return lead({**table, tr(_BASE): zero})


def _trial(study: Study, found: Optimisation) -> int | None:
    """Configuration of the strategy that a search chose, without a shock where there is such a one."""
    best = chosen(found)
    if best is None:
        return None
    mine = [n for n, name in study.trials.items() if best.trial in numbers_in(name)]
    frame = study.swept.configurations
    plain = [n for n in mine if "shock" not in frame or frame.loc[n, "shock"] == USUAL]
    return next(iter([*plain, *mine]), None)


def _searched_name(found: Optimisation) -> str:
    best = chosen(found)
    return best.name if best is not None else ""


def _comparison(study: Study, numbers: Sequence[int]) -> Comparison | None:
    """Some configurations beside the baseline that the first of them is paired with."""
    jobs = study.swept.jobs
    done = jobs[jobs["done"].astype(bool)]
    variant = study.results.runs.set_index("key")["variant"]
    keys: set[str] = set()
    base: set[str] = set()
    seen: set[tuple[str, ...]] = set()
    for number in numbers:
        mine = done[done["configuration"] == number]
        alike = (str(mine["scenario"].iloc[0]), *sorted({str(variant[key]) for key in mine["key"]}))
        # another world's baseline is not comparable on one page, and what has one name is told once
        if (base and not set(mine["baseline_key"]) <= base) or alike in seen:
            continue
        seen.add(alike)
        base = base or set(mine["baseline_key"])
        keys |= set(mine["key"])
    chosen_runs = study.results.only(keys | base)
    if not keys or BASELINE not in chosen_runs.strategies:
        return None
    return Comparison.of(chosen_runs)


def _names(study: Study, comparison: Comparison, numbers: Sequence[int]) -> dict[str, str]:
    """What a configuration is called -> its strategy in the comparison."""
    strategy = comparison.results.runs.set_index("key")["strategy"].to_dict()
    jobs = study.swept.jobs
    found = {}
    for number in numbers:
        keys = [key for key in jobs.loc[jobs["configuration"] == number, "key"] if key in strategy]
        if keys:
            found[study.brief[number]] = str(strategy[keys[0]])
    return found


def held_lead(ahead: Sequence[Estimate], comparison: Comparison) -> tuple[list[Estimate], Money]:
    """Leads of a day, CNY of all simulated people, as the page tells money; else of a day."""
    people = comparison.details(comparison.scenarios[0])["info"].get("consumers")
    if not people:
        return list(ahead), Money(float, tr("CNY/day"))
    factor = 1000 * comparison.days / people
    scaled = [
        replace(one, **{k: getattr(one, k) * factor for k in ("value", "low", "high")}) for one in ahead
    ]
    return scaled, money_of(comparison)


def searched_decision(who: str, ahead: Sequence[Estimate], unit: Money) -> Decision:
    """What a search's strategy deserves, by its margin less each scenario's in fresh worlds.

    Parameters
    ----------
    who : str
        What the strategy is called.
    ahead : sequence of Estimate
        Lead over each named scenario, CNY per 1,000 people over the measured days; bounds hold for all
        together.
    unit : Money
        How the lead is told, as all other figures of the page are.
    """
    line = held_sentence(who, ahead)
    base = next((one for one in ahead if one.name == scenario_label(BASELINE)), None)
    if base is None:
        title = tr("{who} was found, and not compared with the baseline in fresh worlds", who=who)
        return Decision(NOTHING, title, (), (line,))
    said = tr(
        "Lead over the baseline there: {value} {unit} ({interval}).",
        value=unit.size(base),
        unit=unit.unit,
        interval=unit.interval(base),
    )
    if base.standing == UP:
        title = tr(
            "Choose {who}: it surely earns more than the baseline, in worlds the search never saw", who=who
        )
        return Decision(CHOOSE, title, (who,), (line, said))
    title = tr(
        "Cannot be told apart: {who}, the best found, does not surely earn more than the baseline", who=who
    )
    return Decision(OPEN, title, (), (line, said))


def _axis(study: Study) -> Axis | None:
    """The swept amount whose curve is drawn: of combined numbers the one that moves profit most."""
    order = list(contrasts(study, PROFIT)["key"])
    axes = [a for a in study.that_are("crossed", numeric=True) if len(a.values) > 1]
    return min(axes, key=lambda a: order.index(a.key) if a.key in order else len(order), default=None)


def _curve(study: Study, unit: Money) -> tuple[str, str]:
    """Title and SVG of profit over the swept amount; empty without one."""
    axis = _axis(study) if moved(study, PROFIT) else None
    if axis is None:
        return "", ""
    table = cells(study, PROFIT, [axis.key]).sort_values(axis.key)
    if not np.isfinite(table["mean"].astype(float)).any():
        return "", ""
    return curve_title(study, axis), curve(table, axis, unit)


def curve_title(study: Study, axis: Axis) -> str:
    """Whether profit surely differs between two amounts, and at which of them it is higher."""
    rows = contrasts(study, PROFIT)
    row = rows[rows["key"] == axis.key].iloc[0]
    return contrast_words(axis, row["first"], row["second"], float(row["low"]), float(row["high"]))


def contrast_words(axis: Axis, first: object, second: object, low: float, high: float) -> str:
    """The same from one contrast: the second amount less the first, an interval for all pairs."""
    name, a, b = axis.label.capitalize(), axis.said(first), axis.said(second)
    if low > 0 or high < 0:
        more, less = (b, a) if low > 0 else (a, b)
        return tr("{name}: {more} surely earns more than {less}", name=name, more=more, less=less)
    return tr("{name}: no two of its values can be told apart by what they earn", name=name)


def curve(table: pd.DataFrame, axis: Axis, unit: Money) -> str:
    """Change of profit over one amount with intervals; today's amount and the highest mean are marked."""
    x = table[axis.key].to_numpy(float)
    mean, low, high = ([unit.scale(float(v)) for v in table[c]] for c in ("mean", "low", "high"))
    with drawing("answer curve"):
        figure = Figure(figsize=(7.2, 1.8), layout="constrained")
        panel = figure.subplots()
        panel.fill_between(x, low, high, color=colour(1), alpha=0.16, linewidth=0)
        panel.plot(x, mean, color=colour(1), marker="o", markersize=4)
        panel.axhline(0, color=INK, linewidth=0.9)
        top = int(np.nanargmax(mean))
        side: _Side = "left" if top == 0 else "right" if top == len(x) - 1 else "center"
        _note(panel, (x[top], mean[top]), tr("highest mean"), side)
        known = declared_parameters().get(axis.key)
        if (
            known is not None
            and isinstance(known.default, int | float)
            and x.min() <= known.default <= x.max()
        ):
            panel.axvline(float(known.default), color=MUTED, linewidth=1, linestyle=(0, (2, 2)))
            panel.annotate(
                tr("as shipped"),
                (float(known.default), panel.get_ylim()[0]),
                (3, 3),
                textcoords="offset points",
                fontsize=8,
                color=MUTED,
            )
        if len(x) <= _TICKS:
            panel.set_xticks(x, [axis.said(value) for value in x])
        panel.set_xlabel(with_unit(axis))
        panel.set_ylabel(tr("against the baseline"), fontsize=8)
        panel.yaxis.set_major_formatter(SIGNED)
        panel.yaxis.set_major_locator(MaxNLocator(4))
        return to_svg(
            figure, tr("Profit against the baseline over {label} with 95% intervals", label=axis.label)
        )


def _note(
    panel: Axes, place: tuple[float, float], words: str, side: Literal["left", "center", "right"]
) -> None:
    panel.plot(*place, "D", color=colour(2), markersize=6)
    said = panel.annotate(words, place, (0, 7), textcoords="offset points", fontsize=8, ha=side, color=INK)
    said.set_bbox({"facecolor": PAGE, "edgecolor": "none", "pad": 0.8, "alpha": 0.85})
