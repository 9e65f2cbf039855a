"""The verb ``select``: which of several strategies is best, with a stated probability of being right."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from rich import box
from rich.table import Table

from sim.cli.jobs import walk
from sim.experiment.execute import check_engine, workers_of
from sim.experiment.manifest import Job, Manifest
from sim.experiment.select import Answer, contenders, run_selection, understand
from sim.experiment.sweep import sweep_store
from sim.measure.intervals import t_interval

DONE, FAILED = 0, 1


def select(words: Sequence[str]) -> int:
    """Plan, check, add worlds until one strategy is left; the exit code says whether every run was good."""
    from sim.core.files import check_folder
    from sim.experiment.plan import plan

    question, rest = understand(words)
    planned = plan(rest)
    names = contenders(planned, question)
    config = planned.settings
    check_engine(config.engine)
    store = sweep_store(config.paths.results, config.store.level)
    store.check()
    check_folder(Path(config.paths.cache), "paths.cache")
    print(
        f"{len(names)} strategies by {question.by}; differences below {question.zone:g} do not matter; "
        f"at most {config.experiment.most_replications} worlds",
        flush=True,
    )

    def execute(manifest: Manifest, jobs: Sequence[Job]) -> bool:
        return not walk(manifest, config.engine, store, jobs)

    answer = run_selection(rest, planned, question, execute, workers_of(config.engine), _tell_state)
    _show(answer)
    return FAILED if answer.failed else DONE


def _tell_state(answer: Answer) -> None:
    left = ", ".join(answer.names[one] for one in answer.selection.alive)
    print(f"after {answer.selection.worlds} worlds: {left}", flush=True)


def _show(answer: Answer) -> None:
    from sim.cli.tables import console

    out = console()
    out.print(_table(answer))
    for line in sentences(answer):
        out.print(line, soft_wrap=True)


def _table(answer: Answer) -> Table:
    """One row a strategy: worlds that it got, its mean, and what became of it."""
    table = Table(title=f"Selection by {answer.question.by}", title_justify="left", box=box.SIMPLE_HEAD)
    for heading in ("Strategy", "Worlds", "Mean", "95% interval", ""):
        table.add_column(heading, justify="left" if heading in ("Strategy", "") else "right")
    for one, name in enumerate(answer.names):
        used = answer.values[: answer.selection.taken[one], one]
        value, low, high, _ = t_interval(used)
        made = int(np.isfinite(answer.values[:, one]).sum())
        table.add_row(name, str(made), f"{value:,.4g}", f"{low:,.4g} to {high:,.4g}", _fate(answer, one))
    return table


def _fate(answer: Answer, one: int) -> str:
    if answer.selection.winner == one:
        return "✓ selected"
    after = answer.selection.dropped.get(one)
    return f"dropped after {after} worlds" if after else "? still in"


def sentences(answer: Answer) -> list[str]:
    """The result, and what it does and does not promise."""
    question, selection = answer.question, answer.selection
    if answer.failed:
        return ["Stopped because runs failed; the same command tries them again and goes on."]
    if selection.winner is None:
        left = " and ".join(answer.names[one] for one in selection.alive)
        return [
            f"Undecided after {selection.worlds} worlds: {left} are still in, and nothing is promised of "
            f"them. It is over after {selection.bound:,} worlds at the latest "
            f"(experiment.most_replications={selection.bound}), or sooner with a larger zone."
        ]
    return [
        f"{answer.names[selection.winner]} is selected after {selection.worlds} worlds. If the best strategy "
        f"is ahead of every other by {question.zone:g} or more, the one selected is the best with a "
        f"probability of at least {question.confidence:.0%} (procedure KN, Kim & Nelson 2001); strategies "
        f"within {question.zone:g} of it may be as good."
    ]
