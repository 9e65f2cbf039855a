"""Sweeps that add worlds by themselves: what they are asked for, and what they reached, in words."""

from __future__ import annotations

import math
from collections.abc import Sequence

from sim.analysis.stopping import Aim, Width
from sim.cli.jobs import walk
from sim.cli.output import say
from sim.measure.guardrails import UNITS
from sim.runs.plan import Plan
from sim.runs.rounds import Stopped, first_round, run_rounds
from sim.store.manifest import Job, Manifest
from sim.store.store import Store


def announce(planned: Plan, aims: Sequence[Aim]) -> None:
    """Say what will stop the sweep before it begins."""
    asked = "; ".join(map(str, aims))
    most = planned.settings.experiment.most_replications
    say(f"worlds are added until {asked}: {first_round(planned)} at first, {most} at most")


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
        return ["stopped because runs failed; the same command tries them again and goes on"]
    return [_line(width, stopped) for width in stopped.widths]


def _line(width: Width, stopped: Stopped) -> str:
    if not math.isfinite(width.half):
        seen = f"observable in {width.n} of {stopped.worlds} worlds under {width.who}"
        return f"{width.aim}: not reached, {seen}"
    widest = f"widest interval +- {_size(width)}, under {width.who}"
    if width.reached:
        return f"{width.aim}: reached with {stopped.worlds} worlds ({widest})"
    would = math.ceil(stopped.worlds * width.ratio**2)
    return (
        f"{width.aim}: not reached, the cap of {stopped.most} worlds stopped it ({widest}); about {would:,} "
        f"would be needed: experiment.most_replications={math.ceil(1.2 * would)}"
    )


def _size(width: Width) -> str:
    share = UNITS[width.aim.name] == "share"
    return f"{100 * width.half:.3g}pp" if share else f"{width.half:.4g} {UNITS[width.aim.name]}"
