"""What happens when under the recommended plan: stages, shocks and festivals."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import Any, NamedTuple

from sim.core.language import tr
from sim.report.comparison import Comparison
from sim.report.sentences import scenario_label


class Happening(NamedTuple):
    """Something with a first and a last day of the window (from 0)."""

    what: str
    first: int
    last: int


def happenings(comparison: Comparison, name: str) -> list[Happening]:
    """Stages as planned, shocks until they are over, and festivals that the calendar lifts."""
    config = comparison.details(name)["config"]
    start = date.fromisoformat(str(config.get("calendar", {}).get("start", "2025-01-01")))
    found = [*_stages(config, start, comparison.days), *_shocks(config)]
    found += _festivals(config.get("calendar", {}), start, comparison.days)
    return [one for one in found if one.last >= 0 and one.first < comparison.days]


def during(found: list[Happening], first: int, last: int) -> str:
    """What happens in some days of the window, in words."""
    return tr("; ").join(one.what for one in found if one.first <= last and one.last >= first)


def shocks(config: Mapping[str, Any]) -> list[str]:
    """Shocks of a run with the size and the days that they really have; none if nothing strikes."""
    found = []
    for one, happening in zip(_struck(config), _shocks(config), strict=True):
        said = tr(
            "{what}: size {size}, days {first} to {last}",
            what=happening.what,
            size=f"{one['size']:g}",
            first=one["start"] + 1,
            last=one["start"] + one["days"],
        )
        found.append(said)
    return found


def _struck(config: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    shock = config.get("shock", {})
    return [
        one for one in (shock, *dict(shock.get("also", {})).values()) if one.get("kind", "none") != "none"
    ]


def _stages(config: Mapping[str, Any], start: date, days: int) -> Iterator[Happening]:
    from sim.operator.stages import PlanParams, planned

    plan = PlanParams.model_validate(config.get("plan", {}))
    if not plan.stages:
        return
    for one in planned(plan, start, days):
        gate = tr(", then its gate") if one.stage.gate.figure else ""
        yield Happening(
            tr("stage {name}{gate}", name=scenario_label(one.name), gate=gate), one.first, one.last
        )


def _shocks(config: Mapping[str, Any]) -> Iterator[Happening]:
    for one in _struck(config):
        where = f" ({scenario_label(one['platform'])})" if _by_platform(one["kind"]) else ""
        last = int(one["start"] + one["days"] + one["recovery"]) - 1
        yield Happening(f"{scenario_label(one['kind'])}{where}", int(one["start"]), last)


def _by_platform(kind: str) -> bool:
    from sim.shocks.kinds import KINDS

    return kind in KINDS and KINDS[kind].by_platform


def _festivals(calendar: Mapping[str, Any], start: date, days: int) -> Iterator[Happening]:
    """Festivals that change anything; a run notes their lifts in its settings."""
    named = {k: v for k, v in calendar.items() if isinstance(v, Mapping) and "lift" in v}
    for name, festival in {**named, **dict(calendar.get("also", {}))}.items():
        if festival.get("lift", 1.0) == 1.0:
            continue
        for day in range(days):
            when = start + timedelta(days=day)
            if f"{when:%m-%d}" in festival["dates"] or when.isoformat() in festival["dates"]:
                yield Happening(scenario_label(name), day, day + int(festival["days"]) - 1)


def title(found: list[Happening], who: str) -> str:
    """What the calendar says of a plan: whether anything happens in it."""
    if not found:
        return tr(
            "The calendar under {who}: the same levers from the first day to the last, no shock, no festival",
            who=who,
        )
    return tr(
        "The calendar under {who}: {n_found} thing{s} to prepare for",
        who=who,
        n_found=len(found),
        s="" if len(found) == 1 else "s",
    )
