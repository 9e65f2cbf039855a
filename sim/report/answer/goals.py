"""Targets on the answer page: which are met, too close, missed and by how far, and in which weeks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from sim.core.language import mark, tr
from sim.measure.display import alike_in_unit, day_number, in_unit
from sim.measure.intervals import t_interval
from sim.measure.kpis import KPI_BY_NAME
from sim.measure.verdicts import CLOSE, MET, MISSED, SINGLE, SYMBOLS, verdict_of
from sim.report.answer.money import dated
from sim.report.comparison import Comparison
from sim.report.sentences import joint_words, label
from sim.store.results import BASELINE

_WEEK = 7
_SHORT = {CLOSE: mark("too close"), SINGLE: mark("no verdict")}
#: How the scorecard's note on a target against the baseline begins, where the strategy is the baseline.
IS_BASELINE = mark("this is the baseline")


@dataclass(frozen=True)
class Goal:
    """One target of one strategy in words."""

    label: str
    wanted: str
    reached: str
    interval: str
    verdict: str
    symbol: str
    distance: str
    weeks: str
    beside: tuple[str, ...]

    @property
    def said(self) -> str:
        """The verdict, short enough for a narrow column."""
        return tr(_SHORT.get(self.verdict, self.verdict))


def goals(comparison: Comparison, name: str, beside: Sequence[str] = ()) -> list[Goal]:
    """All targets of one strategy, with the symbols of the verdicts on others beside them."""
    others = [comparison.cards[one]["verdict"] for one in beside]
    rows = comparison.cards[name].to_dict("records")
    return [
        Goal(
            label(str(row["kpi"])),
            f"{tr(str(row['direction']))} {in_unit(row['target'], str(row['unit']))}",
            _said(row)[0],
            _interval(row),
            str(row["verdict"]),
            SYMBOLS[row["verdict"]],
            distance(row),
            weeks(comparison, name, str(row["kpi"]), float(row["target"])),
            tuple(SYMBOLS[verdicts.iloc[place]] for verdicts in others),
        )
        for place, row in enumerate(rows)
    ]


def _interval(row: Any) -> str:
    if str(row["note"]).startswith(tr(IS_BASELINE)):
        return tr("the baseline itself")
    return tr("{row} to {row2}", row=_said(row)[1], row2=_said(row)[2]) if np.isfinite(row["low"]) else ""


def _said(row: Any) -> tuple[str, ...]:
    """Mean and ends of a figure."""
    return alike_in_unit((row["value"], row["low"], row["high"]), str(row["unit"]))


def distance(row: Any) -> str:
    """How far a mean is from its target, which ``gap`` counts positive on the good side."""
    gap, unit = float(row["gap"]), str(row["unit"])
    if not np.isfinite(gap):
        return "–"
    if str(row["note"]).startswith(tr(IS_BASELINE)):
        return tr("needs a rise of {target:.0f}%", target=100 * float(row["target"]))
    size = (
        tr("{gap} CNY", gap=in_unit(abs(gap), unit))
        if unit.startswith("CNY")
        else tr("{gap:.1f} pp", gap=100 * abs(gap))
    )
    return {
        MET: tr("{size} to spare", size=size),
        MISSED: tr("{size} short", size=size),
        CLOSE: tr("within luck"),
    }.get(
        str(row["verdict"]),
        tr("{size} {words} in one world", size=size, words=tr("better") if gap >= 0 else tr("short")),
    )


def weeks(comparison: Comparison, name: str, kpi: str, target: float) -> str:
    """In which weeks the whole interval of a target is on the good side; ``–`` without a daily figure."""
    mine = _by_week(comparison, name, kpi)
    if mine.empty or len(mine.columns) < 2:
        return "–"
    known = KPI_BY_NAME[kpi]
    if known.relative:
        if name == BASELINE:
            return "–"
        base = _by_week(comparison, BASELINE, kpi)
        shared = mine.columns.intersection(base.columns)
        if not len(shared):
            return "–"
        with np.errstate(invalid="ignore", divide="ignore"):
            mine = mine[shared] / base[shared].where(base[shared] > 0) - 1
    met = [verdict_of(known, t_interval(row), target) == MET for row in mine.to_numpy(float)]
    return weeks_words(met, _first_day(comparison, name))


def _by_week(comparison: Comparison, name: str, kpi: str) -> pd.DataFrame:
    """Mean of a daily figure by week of the window (rows; a rest belongs to the last one) and world."""
    daily = comparison.results.daily
    if daily.empty:
        return pd.DataFrame()
    mine = daily[(daily["strategy"] == name) & (daily["name"] == kpi)]
    table = mine.pivot_table(index="day", columns="replication", values="value", aggfunc="mean")
    if table.empty:
        return table
    last = max(1, len(table) // _WEEK) - 1
    return table.groupby(np.minimum(np.arange(len(table)) // _WEEK, last)).mean()


def _first_day(comparison: Comparison, name: str) -> date | None:
    start = comparison.details(name)["info"].get("start", "")
    return date.fromisoformat(start) if start else None


def weeks_words(met: Sequence[bool], start: date | None) -> str:
    """Weeks that meet a target: in all, in none, from which day on, or how many of how many."""
    if not any(met):
        return tr("no week")
    if all(met):
        return tr("all {n_met} weeks", n_met=len(met)) if len(met) > 1 else tr("its one week")
    first = len(met) - next((n for n, one in enumerate(reversed(met)) if not one), len(met))
    if first < len(met) and not any(met[:first]):
        return tr("from {day}", day=_day(first, start))
    return tr("{n_met} of {n_met2} weeks", n_met=sum(met), n_met2=len(met))


def _day(week: int, start: date | None) -> str:
    if start is None:
        return tr("day {week}", week=day_number(week * _WEEK))
    return dated(start, week * _WEEK)


def goals_title(who: str, found: Sequence[Goal]) -> str:
    """The table's title: how many targets are met, too close to call and missed."""
    counts = {word: sum(one.verdict == word for one in found) for word in (MET, CLOSE, MISSED, SINGLE)}
    seen = sum(counts.values())
    if counts[SINGLE]:
        return tr("Targets under {who}: one world allows no verdict", who=who)
    told = tr(
        "{counts} of {n_found} targets met, {counts2} missed",
        counts=counts[MET],
        n_found=len(found),
        counts2=counts[MISSED],
    )
    told += tr(", {counts} too close to call", counts=counts[CLOSE]) if counts[CLOSE] else ""
    blind = len(found) - seen
    return tr("Targets under {who}: {told}", who=who, told=told) + (
        tr(", {blind} not observable", blind=blind) if blind else ""
    )


def together(comparison: Comparison, name: str) -> str:
    """In how many worlds one strategy meets all targets together, with the interval of that chance."""
    card = comparison.cards[name]
    return tr("All {n_card} together: {joint_words}.", n_card=len(card), joint_words=joint_words(card))
