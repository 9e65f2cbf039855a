"""Sweeps that add worlds by themselves: what they are asked for, and what they reached, in words."""

from __future__ import annotations

import math
from collections.abc import Sequence

from sim.analysis.stopping import Aim, Width
from sim.cli.jobs import walk
from sim.cli.output import say
from sim.core.language import tr
from sim.measure.guardrails import UNITS
from sim.runs.plan import Plan
from sim.runs.rounds import Stopped, first_round, run_rounds
from sim.store.manifest import Job, Manifest
from sim.store.store import Store


def announce(planned: Plan, aims: Sequence[Aim]) -> None:
    """Say what will stop the sweep before it begins."""
    asked = "; ".join(map(str, aims))
    most = planned.settings.experiment.most_replications
    say(
        tr(
            "worlds are added until {asked}: {first_round} at first, {most} at most",
            asked=asked,
            first_round=first_round(planned),
            most=most,
        )
    )


def grow(words: Sequence[str], planned: Plan, aims: Sequence[Aim], store: Store) -> bool:
    """Execute a sweep in rounds and say what was reached; returns whether every run was good."""
    engine = planned.settings.engine

    def execute(manifest: Manifest, jobs: Sequence[Job]) -> bool:
        return not walk(manifest, engine, store, jobs)

    stopped = run_rounds(words, planned, aims, execute)
    for line in reached(stopped):
        say(line)
    return not stopped.failed


def reached(stopped: Stopped) -> list[str]:
    """One line an aim: reached with how many worlds, or what stopped it and how far off it is."""
    if stopped.failed:
        return [tr("stopped because runs failed; the same command tries them again and goes on")]
    return [_line(width, stopped) for width in stopped.widths]


def _line(width: Width, stopped: Stopped) -> str:
    if not math.isfinite(width.half):
        seen = tr(
            "observable in {n} of {worlds} worlds under {who}",
            n=width.n,
            worlds=stopped.worlds,
            who=width.who,
        )
        return tr("{aim}: not reached, {seen}", aim=width.aim, seen=seen)
    widest = tr("widest interval +- {size}, under {who}", size=_size(width), who=width.who)
    if width.reached:
        return tr(
            "{aim}: reached with {worlds} worlds ({widest})",
            aim=width.aim,
            worlds=stopped.worlds,
            widest=widest,
        )
    would = math.ceil(stopped.worlds * width.ratio**2)
    return tr(
        "{aim}: not reached, the cap of {most} worlds stopped it ({widest}); about {would:,} "
        "would be needed: experiment.most_replications={ceil}",
        aim=width.aim,
        most=stopped.most,
        widest=widest,
        would=would,
        ceil=math.ceil(1.2 * would),
    )


def _size(width: Width) -> str:
    share = UNITS[width.aim.name] == "share"
    return tr("{half:.3g}pp", half=100 * width.half) if share else f"{width.half:.4g} {UNITS[width.aim.name]}"
