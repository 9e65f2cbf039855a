"""Stage by stage of a plan: when each was in force, what it changed, what its gate saw and decided, figures.

Courses may differ from world to world, so every figure is over the worlds in which the stage was in force.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd

from sim.core.amounts import alike, short
from sim.core.language import mark, tr
from sim.measure.guardrails import UNITS
from sim.measure.intervals import limits, t_interval, within
from sim.operator.stages import STOPPED, GateParams
from sim.report.comparison import Comparison
from sim.store.results import BASELINE
from sim.store.strategies import flattened

_DECISIONS = (mark("goes on"), mark("waits"), mark("stops"), mark("is passed over"))
#: Figures of a stage (``sim/measure/by_stage.py``) as their columns are headed.
_HEADINGS = {
    "orders": mark("Orders a day"),
    "new_users": mark("New users a day"),
    "acquisition_cost": mark("Acquisition cost, CNY a new user"),
    "all_in_spend": mark("Spend a day, CNY"),
    "contribution_margin": mark("Margin a day, CNY"),
}
#: Figure of which the difference from the baseline on the same days is told as well.
_RESULT = "contribution_margin"


def headings() -> list[str]:
    """Columns of the table after its first four."""
    return [*map(tr, _HEADINGS.values()), tr("Margin a day less the baseline's on the same days, CNY")]


def stages(comparison: Comparison) -> list[dict[str, Any]]:
    """A table a strategy that has a plan: ``scenario``, ``worlds`` and ``rows``, texts all.

    Returns
    -------
    list of dict
        Rows hold ``stage``, ``when``, ``changes``, ``gate`` and ``cells`` (pairs of a mean and its interval).
    """
    counts = comparison.results.breakdown
    if counts.empty or not (counts["figure"] == "stage_days").any():
        return []
    found = []
    for name in comparison.strategies:
        mine = counts[counts["strategy"] == name].drop_duplicates(["key", "figure", "item", "part", "x"])
        rows = _rows(comparison, name, mine)
        if rows:
            found.append({"scenario": name, "worlds": mine["key"].nunique(), "rows": rows})
    return found


def _rows(comparison: Comparison, name: str, counts: pd.DataFrame) -> list[dict[str, Any]]:
    spells = counts[counts["figure"] == "stage_days"]
    config = comparison.details(name)["config"]
    plan, start = config["plan"]["stages"], date.fromisoformat(config["calendar"]["start"])
    order = spells.groupby("item", sort=False)["x"].min().sort_values(kind="stable").index
    return [
        {
            "stage": tr("{stage} (the plan was stopped)", stage=stage) if stage == STOPPED else stage,
            "when": _when(spells[spells["item"] == stage], start, counts["key"].nunique()),
            "changes": _changes(plan.get(stage, {}))
            if stage != STOPPED
            else tr("all levers of the baseline"),
            "gate": _gate(plan.get(stage, {}), counts, stage),
            "cells": [*_figures(counts, stage), _against(comparison, name, spells, stage)],
        }
        for stage in order
    ]


def _when(spells: pd.DataFrame, start: date, worlds: int) -> str:
    """Days in force; the range of them where worlds differ."""
    firsts, lasts = spells["x"], spells["x"] + spells["value"] - 1
    days = [_span([int(day) for day in side], start) for side in (firsts, lasts)]
    there = spells["key"].nunique()
    return tr("{days} to {days2}", days=days[0], days2=days[1]) + (
        tr("; in {there} of {worlds} worlds", there=there, worlds=worlds) if there < worlds else ""
    )


def _span(days: Sequence[int], start: date) -> str:
    said = [(start + timedelta(days=day)).isoformat() for day in (min(days), max(days))]
    return said[0] if said[0] == said[1] else f"{said[0]}–{said[1]}"


def _changes(stage: Mapping[str, Any]) -> str:
    parts = [f"{key}={value}" for key, value in flattened(stage.get("levers", {}))]
    release = float(stage.get("release", 1.0))
    return (
        tr(", ").join(
            [
                *parts,
                *([tr("{release:.0%} of the budget released", release=release)] if release != 1.0 else []),
            ]
        )
        or "–"
    )


def _gate(stage: Mapping[str, Any], counts: pd.DataFrame, name: str) -> str:
    """What the gate asks, what it decided last in how many worlds, and what it saw then."""
    gate = GateParams.model_validate(stage.get("gate", {}))
    if not gate.figure:
        return "–"
    asked = counts[(counts["figure"] == "stage_gate") & (counts["item"] == name)].sort_values("x")
    last = asked.drop_duplicates("key", keep="last")
    times = {decision: int((last["part"] == decision).sum()) for decision in _DECISIONS}
    told = [
        tr("{decision} in {number}", decision=decision, number=number)
        for decision, number in times.items()
        if number
    ]
    bounds = limits(UNITS.get(gate.figure, ""), gate.figure)
    seen = within(t_interval(last["value"].to_numpy(float)), *bounds)
    saw = (
        tr("; saw {number}{range}", number=_number(seen.value), range=_range(seen.low, seen.high))
        if seen.n
        else ""
    )
    words = (tr(", ").join(told) or tr("not asked")) + saw
    return tr("{name}: {words}", name=gate.said(), words=words)


def _figures(counts: pd.DataFrame, stage: str) -> list[tuple[str, str]]:
    mine = counts[(counts["figure"] == "stage_figures") & (counts["item"] == stage)]
    return [_cell(mine.loc[mine["part"] == name, "value"].to_numpy(float), name) for name in _HEADINGS]


def _against(comparison: Comparison, name: str, spells: pd.DataFrame, stage: str) -> tuple[str, str]:
    """Margin a day less that of the baseline in the same world on the same days."""
    if BASELINE not in comparison.scenarios:
        return "–", ""
    runs = comparison.results.of_strategy(name).set_index("key")
    daily = comparison.results.daily
    margin = (
        daily[daily["name"] == _RESULT].drop_duplicates(["key", "day"]).set_index(["key", "day"])["value"]
    )
    kept = set(margin.index.get_level_values("key"))
    found = []
    for row in spells[spells["item"] == stage].itertuples():
        base, first = runs.loc[row.key, "baseline_key"], int(runs.loc[row.key, "first_day"])
        if base in kept:
            days = range(first + int(row.x), first + int(row.x + row.value))
            mine, theirs = (np.array([margin[key, day] for day in days]) for key in (row.key, base))
            found.append(float(np.mean(mine - theirs)))
    return _cell(np.array(found), _RESULT, signed=True)


def _cell(values: np.ndarray, name: str, signed: bool = False) -> tuple[str, str]:
    """Mean over worlds, and its 95% interval, which of a count or a cost is never below 0."""
    found = within(t_interval(values), -np.inf if name == _RESULT else 0.0, np.inf)
    if not found.n:
        return "–", ""
    value, low, high = alike(found[:3], 2, signed)
    interval = tr("({low} to {high})", low=low, high=high)
    return value, interval if np.isfinite(found.low) else tr("(one world)")


def _number(value: float) -> str:
    return short(value)


def _range(low: float, high: float) -> str:
    return (
        tr(" ({number} to {number2})", number=_number(low), number2=_number(high)) if np.isfinite(low) else ""
    )
