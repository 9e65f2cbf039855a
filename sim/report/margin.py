"""Why profit moved: one way from the baseline's margin to the strategy's, step by step in CNY.

The steps are the parts of each run's books, whichever those are. Each is the paired difference of
one part over worlds with its interval, and their sum is the difference of the margins exactly.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from sim.core.amounts import alike, large
from sim.core.language import tr
from sim.measure.intervals import simultaneous_interval, t_interval
from sim.report.claims import (
    ALONE_DOWN,
    ALONE_UP,
    DOWN,
    LEVEL,
    MARKS,
    SAME,
    SINGLE,
    UP,
    Estimate,
    capital,
    filled,
)
from sim.report.comparison import PROFIT, Comparison
from sim.report.sentences import scenario_label
from sim.report.svg import INK, MUTED, PAGE, colour, drawing, to_svg
from sim.report.ticks import Ticks
from sim.store.results import BASELINE


@dataclass(frozen=True)
class Step:
    """One part of the books: its mean under both, CNY a world, and the paired change."""

    label: str
    base: float
    mine: float
    change: Estimate


@dataclass(frozen=True)
class Way:
    """From the baseline's contribution margin to the strategy's, over the worlds that both have."""

    scenario: str
    worlds: int
    steps: tuple[Step, ...]
    total: Step


def ways(comparison: Comparison) -> list[Way]:
    """One way a strategy; none without a baseline or without books."""
    if BASELINE not in comparison.scenarios:
        return []
    found = (way(comparison, scenario) for scenario in comparison.strategies)
    return [one for one in found if one is not None]


def way(comparison: Comparison, scenario: str) -> Way | None:
    """The steps of one strategy; parts that are nothing under both are left out."""
    counts = comparison.results.breakdown
    if counts.empty:
        return None
    books = counts[counts["figure"] == "books"]
    base, mine = (
        books[books["strategy"] == who].pivot_table(
            index="item", columns="replication", values="value", aggfunc="sum", sort=False
        )
        for who in (BASELINE, scenario)
    )
    worlds = base.columns.intersection(mine.columns)
    items = list(dict.fromkeys([*base.index, *mine.index]))
    if not len(worlds) or not items:
        return None
    a, b = (side.reindex(items)[worlds].fillna(0.0).to_numpy(float) for side in (base, mine))
    kept = [k for k in range(len(items)) if a[k].any() or b[k].any()]
    steps = [_step(tr(items[k].replace("_", " ")), a[k], b[k], len(kept)) for k in kept]
    total = _step(tr("contribution margin"), a.sum(axis=0), b.sum(axis=0), 1)
    total = replace(total, change=replace(total.change, stands=_profit_stands(comparison, scenario)))
    return Way(scenario, len(worlds), tuple(steps), total)


def _profit_stands(comparison: Comparison, scenario: str) -> bool:
    """Whether the change of profit stands once corrected: the same mark as in the tables."""
    row = comparison.difference(scenario, PROFIT)
    return row is not None and bool(row["p_holm"] <= LEVEL)


def _step(label: str, base: np.ndarray, mine: np.ndarray, together: int) -> Step:
    """A part with the paired change, which stands where it does so together with all other steps."""
    change = mine - base
    value, low, high, _ = t_interval(change)
    wide = simultaneous_interval(change, together)
    stands = bool(wide.low > 0 or wide.high < 0)
    return Step(label, float(base.mean()), float(mine.mean()), Estimate(label, value, low, high, stands))


def sentence(one: Way) -> str:
    """What the figure says: how much more or less is left than under the baseline, if that is clear."""
    change, name = one.total.change, scenario_label(one.scenario)
    size = tr("{value} CNY a world", value=_change(change)[0])
    said = {
        UP: tr(
            "{name} leaves more than the baseline, {size} ({interval})",
            name=name,
            size=size,
            interval=_interval(change),
        ),
        DOWN: tr(
            "{name} leaves less than the baseline, {size} ({interval})",
            name=name,
            size=size,
            interval=_interval(change),
        ),
        ALONE_UP: tr(
            "{name} leaves more, taken alone, {size} ({interval})",
            name=name,
            size=size,
            interval=_interval(change),
        ),
        ALONE_DOWN: tr(
            "{name} leaves less, taken alone, {size} ({interval})",
            name=name,
            size=size,
            interval=_interval(change),
        ),
        SAME: tr("{name} leaves exactly what the baseline leaves", name=name),
        SINGLE: tr("{name}: {size} against the baseline in the one world simulated", name=name, size=size),
    }
    unclear = tr(
        "{name}: not to be told from the baseline, {size} ({interval})",
        name=name,
        size=size,
        interval=_interval(change),
    )
    return capital(said.get(change.standing, unclear))


def rows(one: Way) -> list[dict[str, str]]:
    """The figure's numbers as a table: part, baseline, strategy, change, its mark and interval."""
    return [
        {
            "label": step.label,
            "base": large(step.base),
            "mine": large(step.mine),
            "change": f"{_change(step.change)[0]} {MARKS[step.change.standing]}".rstrip(),
            "interval": _interval(step.change),
        }
        for step in (*one.steps, one.total)
    ]


def _change(change: Estimate) -> tuple[str, ...]:
    """Mean and ends of a difference in CNY a world."""
    return alike((change.value, change.low, change.high), signed=True)


def _interval(change: Estimate) -> str:
    _, low, high = _change(change)
    return tr("{low} to {high}", low=low, high=high) if np.isfinite(change.low) else "–"


def levels(one: Way) -> np.ndarray:
    """float64[steps + 1]: where each step of the figure starts, and where the last one ends."""
    return one.total.base + np.cumsum([0.0, *(step.change.value for step in one.steps)])


def waterfall(one: Way) -> str:
    """One panel: the baseline's margin, a bar a step, the strategy's margin; whiskers are intervals."""
    with drawing(f"waterfall {one.scenario}"):
        figure = Figure(figsize=(9.6, 0.3 * len(one.steps) + 1.3), layout="constrained")
        panel = figure.subplots()
        at = levels(one)
        _end(panel, -1, one.total.base, "baseline", 0)
        for row, step in enumerate(one.steps):
            _bar(panel, row, float(at[row]), step)
        _end(panel, len(one.steps), one.total.mine, scenario_label(one.scenario), 1)
        names = [tr("margin, baseline"), *(step.label for step in one.steps), tr("margin, this strategy")]
        panel.set_yticks(range(-1, len(one.steps) + 1), names)
        panel.set_ylim(len(one.steps) + 0.6, -1.6)
        panel.margins(x=0.12)
        panel.grid(visible=False, axis="y")
        panel.xaxis.set_major_formatter(Ticks())
        panel.xaxis.set_major_locator(MaxNLocator(6))
        panel.set_xlabel(tr("contribution margin, CNY a world over the measured days"))
        return to_svg(
            figure,
            tr(
                "From the margin of the baseline to that of {scenario}", scenario=scenario_label(one.scenario)
            ),
        )


def _end(panel: Axes, row: int, value: float, name: str, index: int) -> None:
    """A margin at either end."""
    panel.plot([value], [row], marker="D", markersize=6, color=colour(index), linestyle="none")
    panel.annotate(
        tr("{name}: {words}", name=name, words=large(value)),
        (value, row),
        (7, 0),
        textcoords="offset points",
        va="center",
        fontsize=8.5,
    )


def _bar(panel: Axes, row: int, start: float, step: Step) -> None:
    """One step: filled where it stands together with the others, an empty bar where it does not."""
    change = step.change
    face = colour(1) if filled(change.standing) else PAGE
    panel.barh(row, change.value, 0.55, start, color=face, edgecolor=colour(1), linewidth=1.1)
    if np.isfinite(change.low):
        panel.plot([start + change.low, start + change.high], [row, row], color=INK, linewidth=1.1)
    end = start + change.value
    panel.plot([end, end], [row, row + 1], color=MUTED, linewidth=0.7)
    right = max(start, end, start + change.high if np.isfinite(change.high) else end)
    panel.annotate(
        _change(change)[0],
        (right, row),
        (5, 0),
        textcoords="offset points",
        va="center",
        fontsize=8.5,
    )
