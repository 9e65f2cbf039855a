"""The verb ``select``: which of several strategies is best, with a stated probability of being right."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from rich import box
from rich.table import Table

from sim.analysis.selection import FIRST
from sim.cli.jobs import print_pairing, walk
from sim.cli.output import say
from sim.cli.session import hand_over
from sim.core.amounts import alike
from sim.core.language import tr
from sim.measure.guardrails import UNITS
from sim.measure.intervals import limits, t_interval, within
from sim.report.claims import SINGLE, UNSEEN, listed
from sim.report.leads import lead
from sim.report.sentences import label, unit_words
from sim.runs.execute import check_engine
from sim.runs.sweep import sweep_store
from sim.runs.task import workers_of
from sim.store.manifest import Job, Manifest
from sim.studies.select.request import Question, Request
from sim.studies.select.study import Answer, contenders, run_selection

DONE, FAILED = 0, 1


def select(words: Sequence[str]) -> int:
    """Plan, check, add worlds until one strategy is left; the exit code says whether every run was good."""
    from sim.core.atomic import check_folder
    from sim.runs.plan import plan

    request = Request.parse(words)
    question, rest = request.question, request.settings
    planned = plan(rest)
    names = contenders(planned, question)
    config = planned.settings
    check_engine(config.engine)
    store = sweep_store(config.paths.results, config.store.level)
    store.check()
    check_folder(Path(config.paths.cache), "paths.cache")
    print_pairing(rest, planned.configs)
    say(
        tr(
            "{n_names} strategies by {by}; differences below {zone_words} do not matter; at most "
            "{most_replications} worlds",
            n_names=len(names),
            by=label(question.by).lower(),
            zone_words=zone_words(question),
            most_replications=config.experiment.most_replications,
        ),
        flush=True,
    )

    def execute(manifest: Manifest, jobs: Sequence[Job]) -> bool:
        return not walk(manifest, config.engine, store, jobs)

    answer = run_selection(rest, planned, question, execute, workers_of(config.engine), _tell_state)
    _show(answer)
    hand_over(
        by=question.by,
        zone=question.zone,
        confidence=question.confidence,
        strategies=answer.names,
        winner=None if answer.selection.winner is None else answer.names[answer.selection.winner],
        worlds=answer.selection.worlds,
        values=answer.values.T,
    )
    return FAILED if answer.failed else DONE


def _tell_state(answer: Answer) -> None:
    left = ", ".join(answer.names[one] for one in answer.selection.alive)
    say(tr("after {worlds} worlds: {left}", worlds=answer.selection.worlds, left=left), flush=True)


def _show(answer: Answer) -> None:
    from sim.cli.screen import console

    out = console()
    out.print(_table(answer))
    for line in sentences(answer):
        out.print(line, soft_wrap=True)


def _table(answer: Answer) -> Table:
    """One row a strategy: worlds that it got, its mean, and what became of it."""
    unit = unit_words(answer.question.by)
    table = Table(
        title=tr("Selection by {by}, {unit}", by=label(answer.question.by).lower(), unit=unit),
        title_justify="left",
        box=box.SIMPLE_HEAD,
    )
    for heading in (tr("Strategy"), tr("Worlds"), tr("Mean"), tr("95% interval"), ""):
        table.add_column(heading, justify="left" if heading in (tr("Strategy"), "") else "right")
    for one, name in enumerate(answer.names):
        used = answer.values[: answer.selection.taken[one], one]
        by = answer.question.by
        value, low, high, _ = within(t_interval(used), *limits(UNITS[by], by))
        made = int(np.isfinite(answer.values[:, one]).sum())
        scale = 100.0 if UNITS[by] == "share" else 1.0
        level, *ends = alike([scale * x for x in (value, low, high)], 2)
        table.add_row(name, str(made), level, tr(" to ").join(ends), _fate(answer, one))
    return table


def _fate(answer: Answer, one: int) -> str:
    if answer.selection.winner == one:
        return tr("✓ selected")
    after = answer.selection.dropped.get(one)
    return tr("dropped after {after} worlds", after=after) if after else tr("? still in")


def zone_words(question: Question) -> str:
    """The zone of indifference with its unit, shares in percentage points."""
    if UNITS[question.by] == "share":
        return tr("{zone:.3g} percentage points", zone=100 * question.zone)
    return f"{question.zone:,.6g} {unit_words(question.by)}"


def sentences(answer: Answer) -> list[str]:
    """The result, why it ended, and what it does and does not promise."""
    question, selection = answer.question, answer.selection
    if answer.failed:
        return [tr("Stopped because runs failed; the same command tries them again and goes on.")]
    zone = zone_words(question)
    if selection.winner is None:
        left = listed([answer.names[one] for one in selection.alive], len(answer.names))
        return [
            tr(
                "Undecided after {worlds} worlds: stopped by the budget of {most:,} worlds "
                "(experiment.most_replications), not by a decision; {left} are still in, and nothing "
                "is promised of them. It is over after {bound:,} worlds at the latest "
                "(experiment.most_replications={bound}), or sooner with a zone above {zone}.",
                worlds=selection.worlds,
                most=answer.most,
                left=left,
                bound=selection.bound,
                zone=zone,
            )
        ]
    name = answer.names[selection.winner]
    lines = [
        tr(
            "{name} is selected after {worlds} worlds. If the best strategy is ahead of every "
            "other by {zone} or more, the one selected is the best with a probability of at "
            "least {confidence:.0%} (procedure KN, Kim & Nelson 2001); strategies within {zone} "
            "of it may be as good.",
            name=name,
            worlds=selection.worlds,
            zone=zone,
            confidence=question.confidence,
        )
    ]
    if selection.worlds <= FIRST and len(answer.names) > 1:
        lines.append(
            tr(
                "The first {first} worlds, the fewest there can be, decided it: a zone of {zone} is "
                "wide beside the spread between worlds. A smaller one asks for more worlds and tells "
                "closer strategies apart.",
                first=FIRST,
                zone=zone,
            )
        )
    return [*lines, *_lead(answer, name)]


def _lead(answer: Answer, name: str) -> list[str]:
    """The lead of the selected strategy, tested in the worlds that it shares with each other one."""
    gaps = {
        answer.names[one]: pd.Series(answer.values[: answer.selection.taken[one], one])
        for one in range(len(answer.names))
    }
    found = lead(gaps, answer.question.sign > 0)
    if found is None or found.first != name:
        return []
    near = found.gaps[0]
    scale = 100.0 if UNITS[answer.question.by] == "share" else 1.0
    unit = unit_words(answer.question.by, change=True)
    value, low, high = alike([scale * x for x in (near.value, near.low, near.high)], 2)
    size = f"{value} {unit}"
    if near.standing == UNSEEN or near.standing == SINGLE:
        return []
    size += tr(" ({low} to {high})", low=low, high=high)
    if found.rivals:
        return [
            tr(
                "Its lead over {name} in the same worlds, {size}, holds 0: they cannot be told apart.",
                name=near.name,
                size=size,
            )
            if near in found.rivals
            else tr(
                "It cannot be told apart from {rivals}.", rivals=listed([one.name for one in found.rivals])
            )
        ]
    return [
        tr(
            "It leads each other strategy, tested together in the same worlds; {name} by {size}.",
            name=near.name,
            size=size,
        )
    ]
