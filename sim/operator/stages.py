"""A plan in stages: what changes from one to the next, for how long, with how much of the money.

A stage is what the same words at the end of a command line would make of the strategy. Between stages stands
a gate, which looks at what the operator's instruments show: the plan goes on, waits, or stops, and then the
baseline strategy is in force from that day on.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any, Literal, NamedTuple

from pydantic import field_validator

from sim.core.language import tr
from sim.core.params import Params, lever

_NAME = re.compile(r"[a-z0-9_]{1,40}")
#: Name of what is in force after a gate has stopped the plan.
STOPPED = "baseline"


class GateParams(Params):
    """What must hold for the plan to go on; without a figure there is no gate."""

    figure: str = lever("", "name of a figure", "S103; S104")
    """What is looked at, as the instruments show it; empty = no gate."""

    rule: Literal["at_most", "at_least"] = lever("at_most", "rule", "definition")
    """at_most: costs and complaints; at_least: visits and orders."""

    value: float = lever(0.0, "the figure's own unit", "definition", ge=-(10**9), le=10**9)
    """Threshold; the figure may equal it."""

    over: int = lever(14, "days", "A-950; two weekly reviews, F166", ge=1, le=365, span=(7, 28))
    """The last days that are looked at, of those of the stage itself. A figure of which nothing can be
    counted in them (no order, no new user) is unclear, and an unclear gate is not passed."""

    wait: int = lever(0, "days", "A-951; S107", ge=0, le=365, span=(0, 28))
    """A gate that is not passed is asked again every morning for so many days, in which the stage goes on;
    then the plan stops. 0 = it stops at once."""

    def said(self) -> str:
        """What is asked, in words; empty = nothing."""
        rule = "<=" if self.rule == "at_most" else ">="
        return (
            tr(
                "{figure} {rule} {value:g} over {over} days",
                figure=self.figure,
                rule=rule,
                value=self.value,
                over=self.over,
            )
            if self.figure
            else ""
        )


class StageParams(Params):
    """One stage."""

    number: int = lever(0, "place in the plan", "definition", ge=0, le=10_000)
    """Stages follow one another by this number; 0 = in the order in which they are written."""

    days: int = lever(0, "days", "F126; F129", ge=0, le=3650)
    """Length. The last stage needs none: it lasts to the end of the measured days."""

    share: float = lever(0.0, "share of the measured days", "F122", ge=0, le=1, span=(0, 0.6))
    """Length in whole days as a share of all measured days, in place of a number of days."""

    until: str = lever("", "date", "definition", pattern=r"^(\d{4}-\d{2}-\d{2})?$")
    """Last day, in place of a length: it stays where it is when an earlier gate has waited."""

    release: float = lever(1.0, "share of the budget", "S100; F122", ge=0, le=100, span=(0.2, 2))
    """Released of every day's budget; the rest is held back. Above 1, what was held back before is released
    with it, as far as it goes. What is never released stays unspent."""

    options: dict[str, str] = lever({}, "option by section", "definition")
    """Options chosen for this stage: plan.stages.NAME.options.incentive=flat_cash."""

    levers: dict[str, Any] = lever({}, "levers by section", "definition")
    """Levers set in this stage: plan.stages.NAME.levers.incentive.invite_reward=12."""

    gate: GateParams = GateParams()
    """What must hold at its end."""


class PlanParams(Params):
    """A strategy's stages; none = one strategy for all measured days."""

    stages: dict[str, StageParams] = lever({}, "stages by name", "S103; S100")
    """In the order in which they follow one another: plan.stages.pilot.days=28
    plan.stages.pilot.levers.incentive.invite_reward=5 plan.stages.rollout.levers.group_buy.enabled=true."""

    @field_validator("stages", mode="before")
    @classmethod
    def _numbered(cls, value: Any) -> Any:
        """Names are words that a dotted key can hold; stages without a number have their written place."""
        if not isinstance(value, Mapping):
            return value
        numbered: dict[str, Any] = {}
        for place, (name, entry) in enumerate(value.items(), 1):
            if not _NAME.fullmatch(str(name)):
                raise ValueError(
                    tr(
                        "must have names of 1 to 40 of a-z, 0-9 and _ (you wrote '{name}'); write another "
                        "name",
                        name=name,
                    )
                )
            if name == STOPPED:
                raise ValueError(
                    tr(
                        "must not be named '{stopped}', as what follows a stopped plan is; rename it",
                        stopped=STOPPED,
                    )
                )
            numbered[name] = entry
            if isinstance(entry, Mapping):
                numbered[name] = {**entry, "number": entry.get("number") or place}
        return numbered

    def listed(self) -> list[tuple[str, StageParams]]:
        """Stages in the order in which they follow one another."""
        return sorted(self.stages.items(), key=lambda one: (one[1].number, one[0]))


class Planned(NamedTuple):
    """A stage as planned: first and last day of the measured window, if no gate waits or stops."""

    name: str
    stage: StageParams
    first: int
    last: int


def planned(plan: PlanParams, start: date, days: int) -> list[Planned]:
    """When each stage is to be in force; one for which no day is left ends before it begins.

    Parameters
    ----------
    plan : PlanParams
        The stages.
    start : date
        Date of the first measured day.
    days : int
        Measured days, to whose end the last stage lasts.
    """
    found, first = [], 0
    listed = plan.listed()
    for place, (name, stage) in enumerate(listed, 1):
        last = days - 1 if place == len(listed) else min(days, stage_end(stage, start, days, first)) - 1
        found.append(Planned(name, stage, first, last))
        first = last + 1
    return found


def stage_end(stage: StageParams, start: date, days: int, began: int) -> int:
    """Measured day on which a stage that began on a measured day is over; -1 = it has no end."""
    if stage.until:
        return (date.fromisoformat(stage.until) - start).days + 1
    length = stage.days or (max(1, round(stage.share * days)) if stage.share else 0)
    return began + length if length else -1


def plan_problems(plan: PlanParams, start: date, days: int, figures: Sequence[str]) -> list[str]:
    """What is wrong with the days and the gates of a plan, a line each.

    Parameters
    ----------
    plan, start, days
        As :func:`planned` takes them.
    figures : sequence of str
        What gates may look at.
    """
    listed, problems = plan.listed(), []
    numbers = [stage.number for _, stage in listed]
    if len(set(numbers)) < len(numbers):
        problems.append(
            tr(
                "plan.stages need a number each (you wrote {value}); give them others",
                value=", ".join(map(str, numbers)),
            )
        )
    if (shares := sum(stage.share for _, stage in listed)) > 1.0 + 1e-9:
        problems.append(
            tr(
                "plan.stages: shares must add up to at most 1 (you wrote {shares:g}); lower one of them",
                shares=shares,
            )
        )
    first = 0
    for place, (name, stage) in enumerate(listed, 1):
        where, is_last = f"plan.stages.{name}", place == len(listed)
        lines = _length_problems(where, stage, is_last)
        if not lines:
            end = stage_end(stage, start, days, first)
            lines = _window_problems(where, stage, (start, days), (first, end), is_last)
            first = max(first, end)
        problems += lines + _gate_problems(where, stage.gate, figures)
        if lines:
            break  # what follows depends on it
    return problems


def _length_problems(where: str, stage: StageParams, is_last: bool) -> list[str]:
    if stage.until:
        try:
            date.fromisoformat(stage.until)
        except ValueError:
            return [
                tr(
                    "{where}.until must be a day of the calendar (you wrote '{until}'); correct it",
                    where=where,
                    until=stage.until,
                )
            ]
    given = [key for key in ("days", "until", "share") if getattr(stage, key)]
    if len(given) > 1:
        return [
            tr(
                "{where} must have one length (you wrote {given}); leave one out",
                where=where,
                given=" and ".join(given),
            )
        ]
    open_end = not given
    if open_end and (stage.gate.figure or not is_last):
        why = tr("its gate stands at its end") if is_last else tr("another stage follows it")
        return [
            tr(
                "{where}.days must be given (it is 0, and {why}); write a length, share= or until=DATE",
                where=where,
                why=why,
            )
        ]
    return []


def _window_problems(
    where: str, stage: StageParams, window: tuple[date, int], own: tuple[int, int], is_last: bool
) -> list[str]:
    """Whether a stage lies in the measured days, and its gate's days in the stage."""
    (start, days), (first, end) = window, own
    last = start + timedelta(days=days - 1)
    if stage.until and end <= 0:
        return [
            tr(
                "{where}.until must not lie before the first measured day, {start} (you wrote "
                "{until}); move it",
                where=where,
                start=start,
                until=stage.until,
            )
        ]
    if end >= 0 and end <= first:
        return [
            tr(
                "{where}.until must lie after the stage before it, which lasts until {end} (you "
                "wrote {until}); move it",
                where=where,
                end=start + timedelta(days=first - 1),
                until=stage.until,
            )
        ]
    if is_last and not stage.gate.figure and 0 <= end < days:
        length = next(key for key in ("until", "days", "share") if getattr(stage, key))
        return [
            tr(
                "{where}.{length} ends before the measured days do, on {last} (you wrote {stage}), "
                "and the last stage lasts to their end; leave it out, or add a stage after it",
                where=where,
                length=length,
                last=last,
                stage=getattr(stage, length),
            )
        ]
    if not stage.share and (end > days or (end == days and not is_last)):
        key = (
            tr("until (you wrote {until})", until=stage.until)
            if stage.until
            else tr("days (you wrote {days})", days=stage.days)
        )
        more = "" if is_last else tr(" and leave days to the next stage")
        return [
            tr(
                "{where}.{key} must end within the {days:,} measured days, which end on "
                "{last}{more}; shorten it, or set experiment.days={longer} or more",
                where=where,
                key=key,
                days=days,
                last=last,
                more=more,
                longer=end + (not is_last),
            )
        ]
    return []


def _gate_problems(where: str, gate: GateParams, figures: Sequence[str]) -> list[str]:
    from difflib import get_close_matches

    if not gate.figure or gate.figure in figures:
        return []
    close = get_close_matches(gate.figure, figures, n=3, cutoff=0.5)
    meant = (
        tr("did you mean {close}?", close=" or ".join(close))
        if close
        else tr("choose among {value}", value=", ".join(sorted(figures)))
    )
    return [
        tr(
            "{where}.gate.figure must name a figure that instruments read (you wrote '{figure}'); {meant}",
            where=where,
            figure=gate.figure,
            meant=meant,
        )
    ]
