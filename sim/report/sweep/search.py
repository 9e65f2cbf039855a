"""What a search tried and found: every strategy as a dot, the front joined, and how the chosen one held.

The front of each panel is that of its two objectives among strategies that keep the rules; a
strategy on the front of all objectives may lie inside it. Values of one search share its worlds,
so the chosen one is judged again in fresh worlds, against every named scenario.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd
from markupsafe import Markup
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import Formatter, FuncFormatter, MaxNLocator

from sim.analysis.responses import SCENARIO
from sim.core.errors import StoreError
from sim.core.kept import told_of
from sim.core.language import mark, tr
from sim.measure.display import alike_in_unit
from sim.measure.guardrails import UNITS
from sim.report.claims import DOWN, UP, Estimate, capital, listed
from sim.report.figures import formatter
from sim.report.sentences import label, scenario_label
from sim.report.svg import INK, MUTED, colour, drawing, to_svg
from sim.report.sweep.chosen import chosen, file_name, lever_rows, target_rows, world_words
from sim.report.sweep.rows import Row, draw_rows
from sim.report.sweep.study import Study
from sim.studies.optimise.objectives import DIRECTIONS, DOWNSIDE, MARGIN, MET, TOGETHER, pareto
from sim.studies.optimise.stored import Optimisation, load_optimisation, stored

#: Dots of one panel at most (those on a front are always drawn).
MOST_DOTS = 400
_OWN = {
    TOGETHER: mark("All targets together"),
    MET: mark("Targets met"),
    DOWNSIDE: mark("Margin in the worst markets"),
}
_OWN_UNITS = {
    TOGETHER: mark("share of worlds"),
    MET: mark("targets a world"),
    DOWNSIDE: UNITS[MARGIN],
}
#: One strategy that was tried, and several.
_TRIED = (
    mark(
        "{n_trials} strategy was tried: {kept} keep every rule, {broken} break one, {failed} failed; {front} "
        "on the front of {objectives}."
    ),
    mark(
        "{n_trials} strategies were tried: {kept} keep every rule, {broken} break one, {failed} failed; "
        "{front} on the front of {objectives}."
    ),
)
#: (whether it is surely behind one, whether any is unclear) -> how the chosen one held.
_HELD = {
    (False, False): mark(
        "In fresh worlds {who} surely earns more than {more} of {n_gaps} named scenarios, all compared "
        "together."
    ),
    (True, False): mark(
        "In fresh worlds {who} surely earns more than {more} of {n_gaps} named scenarios and surely less "
        "than {less}, all compared together."
    ),
    (False, True): mark(
        "In fresh worlds {who} surely earns more than {more} of {n_gaps} named scenarios and cannot be told "
        "from {rest}, all compared together."
    ),
    (True, True): mark(
        "In fresh worlds {who} surely earns more than {more} of {n_gaps} named scenarios, surely less than "
        "{less}, and cannot be told from {rest}, all compared together."
    ),
}


def search(study: Study) -> dict[str, Any] | None:
    """What the template shows of a search filed under this experiment; None if there is none.

    A search that cannot be read is told in one line.
    """
    blank: dict[str, Any] = {"who": "", "levers": [], "targets": [], "file": "", "front": "", "held": ""}
    try:
        found = find(study)
    except (StoreError, KeyError, TypeError) as error:
        return {**blank, "lines": [tr("The search of this name cannot be read: {error}", error=error)]}
    if found is None:
        return None
    best = chosen(found)
    shown = {**blank, "lines": lines(found), "front": Markup(front(found)), "held": Markup(held_out(found))}
    if best is None:
        return shown
    return {
        **shown,
        "who": capital(best.name),
        "levers": lever_rows(found, best.trial),
        "targets": target_rows(study, best),
        "file": file_name(found.experiment, best.trial),
        "worlds": world_words(found),
    }


def find(study: Study) -> Optimisation | None:
    """The search filed under a sweep's name; None if there is none, errors as of reading it."""
    if stored(study.results.root, study.experiment) is None:
        return None
    return load_optimisation(study.results.root, study.experiment)


def lines(found: Optimisation) -> list[str]:
    """How much was tried, what was chosen, and how it held in fresh worlds."""
    trials = found.trials
    complete = trials[trials["state"] == "complete"]
    failed, kept = len(trials) - len(complete), int(trials["feasible"].sum())
    one, many = _TRIED
    told = [
        tr(
            one if len(trials) == 1 else many,
            n_trials=len(trials),
            kept=kept,
            broken=len(complete) - kept,
            failed=failed,
            front=int(trials["pareto"].sum()),
            objectives=listed([name_of(name).lower() for name in found.objectives]),
        )
    ]
    best = chosen(found)
    if best is None:
        return [*told, tr("No strategy keeps every rule, so that none could be chosen.")]
    row = trials[trials["trial"] == best.trial].iloc[0]
    scores = listed([_score(one, row) for one in found.objectives])
    told.append(
        tr(
            "{name} ({why}): in the worlds of the search {scores}.",
            name=capital(best.name),
            why=best.why,
            scores=scores,
        )
    )
    if found.held_out is not None:
        told.append(held_sentence(best.name, gaps(found)))
        skipped = told_of(found.held_out, "skipped") or {}
        told += [
            tr("{name} was not compared: {why}.", name=scenario_label(name), why=why)
            for name, why in skipped.items()
        ]
    return told


def _score(objective: str, row: pd.Series) -> str:
    """One objective of a trial with its unit and interval."""
    unit = tr(_OWN_UNITS.get(objective) or UNITS.get(objective, ""))
    form = "share" if objective == TOGETHER else unit
    value, low, high = alike_in_unit([float(row[f"{objective}{end}"]) for end in ("", "_low", "_high")], form)
    ends = "" if low == "–" else tr(" ({low} to {high})", low=low, high=high)
    said = "" if form == "share" else f" {unit}"
    return f"{name_of(objective).lower()} {value}{said}{ends}"


def gaps(found: Optimisation) -> list[Estimate]:
    """Margin of the chosen strategy less each scenario's, in fresh worlds; bounds hold for all together."""
    return [
        Estimate(scenario_label(row["scenario"]), row["difference"], row["low_all"], row["high_all"])
        for row in found.differences.to_dict("records")
    ]


def held_sentence(who: str, gaps: Sequence[Estimate]) -> str:
    """Against how many named scenarios the chosen one is surely ahead or behind in fresh worlds."""
    kinds = [one.standing for one in gaps]
    more, less = kinds.count(UP), kinds.count(DOWN)
    rest = len(gaps) - more - less
    fields = {"who": who, "more": more, "n_gaps": len(gaps), "less": less, "rest": rest}
    return tr(_HELD[bool(less), bool(rest)], **fields)


def front(found: Optimisation) -> str:
    """The first objective against each other one: all strategies, the front joined."""
    first, others = found.objectives[0], found.objectives[1:]
    good = found.trials[found.trials["state"] == "complete"]
    if not others or good.empty:
        return ""
    with drawing("pareto"):
        rows = -(-len(others) // 2)
        figure = Figure(figsize=(9.6, 3.4 * rows), layout="constrained")
        panels = figure.subplots(rows, 2, squeeze=False).ravel()
        for panel, other in zip(panels, others, strict=False):
            front_panel(panel, good, other, first)
        for panel in panels[len(others) :]:
            panel.set_axis_off()
        return to_svg(figure, tr("All strategies tried, by pairs of objectives, with the front joined"))


def two_front(trials: pd.DataFrame, across: str, up: str) -> pd.DataFrame:
    """Feasible strategies that no other feasible one beats in both objectives, in order of ``across``."""
    good = trials[trials["feasible"].astype(bool)].dropna(subset=[across, up])
    mask = pareto(good[[across, up]].to_numpy(float), [DIRECTIONS[across], DIRECTIONS[up]])
    return good[mask].sort_values([across, up], kind="stable")


def front_panel(panel: Axes, trials: pd.DataFrame, across: str, up: str) -> None:
    """Draw trials that are complete by two objectives, with the front of both joined, into axes."""
    edge = two_front(trials, across, up)
    few = trials.iloc[:: max(1, -(-len(trials) // MOST_DOTS))]
    for mask, shape, said in (
        (~few["feasible"].astype(bool), "x", tr("breaks a rule")),
        (few["feasible"].astype(bool), "o", tr("keeps all rules")),
    ):
        panel.plot(
            few.loc[mask, across],
            few.loc[mask, up],
            shape,
            color=colour(1) if shape == "o" else MUTED,
            markersize=4,
            label=said,
            linestyle="none",
        )
    panel.plot(
        edge[across], edge[up], marker="D", color=colour(2), markersize=5.5, linestyle="-", label=tr("front")
    )
    for row in _worth_naming(edge, up).to_dict("records"):
        name = tr("trial {trial}", trial=row["trial"])
        if isinstance(row.get(SCENARIO), str):
            name = tr("{name}: {words}", name=name, words=scenario_label(row[SCENARIO]))
        panel.annotate(
            name, (row[across], row[up]), xytext=(5, 5), textcoords="offset points", fontsize=8, color=INK
        )
    panel.set_xlabel(_with_unit(across))
    panel.set_ylabel(_with_unit(up))
    panel.margins(x=0.12, y=0.12)
    panel.xaxis.set_major_locator(MaxNLocator(4, integer=across == MET))
    panel.yaxis.set_major_locator(MaxNLocator(5, integer=up == MET))
    panel.xaxis.set_major_formatter(_axis(across))
    panel.yaxis.set_major_formatter(_axis(up))
    panel.legend(loc="best", fontsize=8, labelcolor=MUTED)


def _worth_naming(edge: pd.DataFrame, up: str) -> pd.DataFrame:
    """The ends of a front: labels of all of them would hide it."""
    ends = [edge[up].idxmax(), edge[up].idxmin()] if len(edge) else []
    return edge.loc[list(dict.fromkeys(ends))]


def held_out(found: Optimisation) -> str:
    """The chosen strategy less each named scenario in fresh worlds."""
    table = found.differences
    if table.empty:
        return ""
    columns = ["difference", "low", "high", "low_all", "high_all"]
    rows = [
        Row(scenario_label(str(name)), *(float(x) for x in line))
        for name, line in zip(table["scenario"], table[columns].to_numpy(float), strict=True)
    ]
    with drawing("held out"):
        figure = Figure(figsize=(9.6, 0.26 * len(rows) + 0.8), layout="constrained")
        panel = figure.subplots()
        draw_rows(panel, rows)
        panel.set_xlabel(tr("contribution margin less the scenario's, {units}", units=tr(UNITS[MARGIN])))
        return to_svg(
            figure, tr("The chosen strategy less each named scenario in fresh worlds, with intervals")
        )


def name_of(objective: str) -> str:
    """An objective as people read it."""
    return tr(_OWN[objective]) if objective in _OWN else label(objective)


def _with_unit(objective: str) -> str:
    unit = tr(_OWN_UNITS.get(objective) or UNITS.get(objective, ""))
    return f"{name_of(objective)}, {'%' if unit == 'share' else unit}".rstrip(", ")


def _axis(objective: str) -> Formatter:
    if objective == TOGETHER:
        return FuncFormatter(lambda value, _: f"{100 * value:.0f}%")
    return formatter(objective)
