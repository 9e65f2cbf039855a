"""What the terminal shows: scorecard and comparison, in words and symbols, never by colour alone.

The tables read a :class:`sim.report.comparison.Comparison`, as the report does, so that both
say the same. Where output is no terminal, lines are plain and wide enough not to wrap.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from sim.cli.screen import PLAIN_WIDTH
from sim.core.language import mark, tr
from sim.measure.display import alike_in_unit, in_unit, joint_line, sparkline
from sim.measure.guardrails import UNITS
from sim.measure.kpis import KPI_BY_NAME
from sim.measure.scorecard import NO_INTERVAL, Scorecard
from sim.measure.verdicts import CLOSE, SYMBOLS, chance_words, counted_words, verdict
from sim.report.business import business_of, caption, rows, window
from sim.report.claims import LEGEND
from sim.report.comparison import Comparison
from sim.report.notes import notes
from sim.report.sentences import (
    GUARDS,
    MAIN_GUARDS,
    SPEND,
    amount,
    change_words,
    gross_levels,
    joint_words,
    label,
    label_with_unit,
    scenario_label,
)

_TREND_WIDTH = 16
_NARROWEST = 80
_SYMBOLS = mark(
    "✓ met   ✗ missed (the whole 95% interval)   ~ too close to call: it holds the "
    "target, below in how many worlds it is met   ? not observable"
)
#: Column of a scorecard -> width of terminal from which on it is shown.
_COLUMNS = {
    mark("Indicator"): 0,
    mark("Value"): 0,
    mark("95% interval"): 95,
    mark("Target"): 0,
    mark("Gap"): 115,
    mark("Verdict"): 0,
    mark("Worlds that meet it"): 105,
    mark("Trend"): 155,
    mark("Note"): 190,
}
_GROSS_ROW = mark("  gross, with cancelled orders")
_STYLES = {"✓": "green", "✗": "red", "~": "yellow", "?": "yellow"}


def scorecard(comparison: Comparison, scenario: str, title: str = "", width: int = PLAIN_WIDTH) -> Table:
    """Scorecard of one strategy with a trend over the measured days, as wide as there is room."""
    card = comparison.cards[scenario]
    table = Table(
        title=title or f"{scenario}: {_played(comparison)}",
        caption=joint_line(card.attrs.get("joint")),
        title_justify="left",
        caption_justify="left",
        box=box.SIMPLE_HEAD,
        min_width=_NARROWEST,
    )
    shown = [heading for heading, needed in _COLUMNS.items() if needed <= width]
    for heading in shown:
        right = heading in ("Value", "95% interval", "Target", "Gap")
        table.add_column(tr(heading), justify="right" if right else "left", no_wrap=heading != "Note")
    for row in card.to_dict("records"):
        cells = [
            *_scorecard_cells(row),
            _trend(comparison, scenario, str(row["kpi"])),
            _note(str(row["note"])),
        ]
        table.add_row(*(cell for heading, cell in zip(_COLUMNS, cells, strict=True) if heading in shown))
        if gross := gross_levels(comparison, str(row["kpi"])):
            table.add_row(tr(_GROSS_ROW), gross[comparison.scenarios.index(scenario)])
    return table


def _scorecard_cells(row: dict[str, Any]) -> list[str | Text]:
    unit = str(row["unit"])
    value, low, high = alike_in_unit((row["value"], row["low"], row["high"]), unit)
    return [
        _headed(row),
        value,
        "–" if low == "–" else tr("{low} to {high}", low=low, high=high),
        f"{tr(str(row['direction']))} {in_unit(row['target'], unit)}",
        in_unit(row["gap"], unit, signed=True),
        coloured(verdict(str(row["verdict"]))),
        chance_words(row),
    ]


def _headed(row: dict[str, Any]) -> str:
    """Name of a row's indicator, with its unit where the figure has one and is no change."""
    name = str(row["kpi"])
    return label_with_unit(name) if str(row["unit"]) == UNITS.get(name) else label(name)


def _note(note: str) -> str:
    """A row's note without what the notes below say for all rows."""
    return "; ".join(part for part in note.split("; ") if part != tr(NO_INTERVAL))


def _trend(comparison: Comparison, scenario: str, name: str) -> str:
    """Sparkline of the mean over worlds, in as many steps as fit."""
    daily = comparison.results.daily
    if daily.empty:
        return ""
    mine = daily[(daily["strategy"] == scenario) & (daily["name"] == name)]
    means = mine.groupby("day")["value"].mean().to_numpy(float)
    if not len(means):
        return ""
    steps = np.array_split(means, min(_TREND_WIDTH, len(means)))
    return sparkline([float(np.nanmean(s)) if np.isfinite(s).any() else np.nan for s in steps])


def overview(comparison: Comparison) -> Table:
    """Scenarios across, indicators down, with a mark on every target."""
    table = Table(
        title=tr("Targets: {played}", played=_played(comparison)),
        title_justify="left",
        box=box.SIMPLE_HEAD,
        min_width=_NARROWEST,
        caption=tr(_SYMBOLS),
        caption_justify="left",
    )
    table.add_column(tr("Indicator"), no_wrap=True)
    table.add_column(tr("Target"), justify="right", no_wrap=True)
    for scenario in comparison.scenarios:
        table.add_column(scenario_label(scenario), justify="right")
    for index, row in enumerate(next(iter(comparison.cards.values())).to_dict("records")):
        cells = [_marked(card, index) for card in comparison.cards.values()]
        target = f"{tr(str(row['direction']))} {in_unit(row['target'], str(row['unit']))}"
        table.add_row(_headed(row), target, *cells)
        if gross := gross_levels(comparison, row["kpi"]):
            table.add_row(tr(_GROSS_ROW), "", *gross)
    table.add_section()
    table.add_row(tr("Verdicts"), "", *(counted_words(card["verdict"]) for card in comparison.cards.values()))
    table.add_row(tr("All together"), "", *(joint_words(card) for card in comparison.cards.values()))
    for name in (SPEND, *(guard for guard in GUARDS if guard != SPEND)):
        levels = [comparison.level(scenario, name).value for scenario in comparison.scenarios]
        if np.isfinite(levels).any():
            table.add_row(label_with_unit(name), "", *(amount(level, name) for level in levels))
    return table


def business(comparison: Comparison) -> Table | None:
    """Money, customers and orders in the business's own words; None if nothing was said of a business."""
    told = business_of(comparison)
    if told is None:
        return None
    table = Table(
        title=tr("In your own units"),
        title_justify="left",
        box=box.SIMPLE_HEAD,
        min_width=_NARROWEST,
        caption=caption(told),
        caption_justify="left",
    )
    table.add_column(tr("Figure"), no_wrap=True)
    for scenario in comparison.scenarios:
        table.add_column(scenario_label(scenario), justify="right")
    for row in rows(comparison, told):
        table.add_row(
            tr("{label}, {unit}", label=row.label, unit=row.unit),
            *("\n".join(filter(None, cell)) for cell in row.cells),
        )
    return table


def _played(comparison: Comparison) -> str:
    """Worlds and days, and the dates of the days where they have any."""
    dates = window(comparison)
    played = tr(
        "{worlds} world{s}, {days} day{plural}",
        worlds=comparison.worlds,
        s="" if comparison.worlds == 1 else "s",
        days=comparison.days,
        plural="" if comparison.days == 1 else "s",
    )
    return tr(", ").join((played, dates)) if dates else played


def _marked(card: Scorecard, index: int) -> Text:
    row = card.iloc[index]
    mark = SYMBOLS[row["verdict"]]
    chance = f"\n{chance_words(row)}" if row["verdict"] == CLOSE else ""
    return Text.assemble(in_unit(float(row["value"]), str(row["unit"])), " ", (mark, _STYLES[mark]), chance)


def differences(comparison: Comparison) -> Table | None:
    """Paired differences from the baseline on the same worlds; None without a baseline."""
    frame = comparison.differences
    if frame.empty:
        return None
    table = Table(
        title=tr("Difference from the baseline on the same worlds (mean, 95% interval)"),
        title_justify="left",
        box=box.SIMPLE_HEAD,
        min_width=_NARROWEST,
        caption=tr(LEGEND),
        caption_justify="left",
    )
    table.add_column(tr("Indicator"), no_wrap=True)
    for scenario in comparison.strategies:
        table.add_column(scenario_label(scenario), justify="right")
    observed = set(frame["name"][np.isfinite(frame["value"].astype(float))])
    for name in [*KPI_BY_NAME, *(guard for guard in MAIN_GUARDS if guard in observed)]:
        changes = (comparison.difference(scenario, name) for scenario in comparison.strategies)
        table.add_row(label_with_unit(name), *(change_words(change, name) for change in changes))
    return table


def show_notes(comparison: Comparison, out: Console) -> None:
    """What a reader must know before believing the tables."""
    for note in notes(comparison):
        out.print(Text(f"· {note}"), soft_wrap=True)


def coloured(words: str) -> Text:
    """Verdict in words and symbol; the colour only repeats it."""
    return Text(words, _STYLES.get(words[:1], ""))
