"""Jobs on the terminal: what they are called, how far they have come, and which failed.

Every verb that executes a manifest walks it here. Progress goes to standard error, so that
standard output holds results and nothing else.
"""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from types import TracebackType
from typing import Any

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from sim.cli.output import print_error, say
from sim.cli.screen import Screen
from sim.cli.session import current
from sim.config import Config, compose
from sim.config.compose import BASELINE
from sim.config.pairing import pairing_line
from sim.config.settings import EngineParams
from sim.core.amounts import short
from sim.core.language import mark, tr
from sim.runs.execute import CRASHES, execute
from sim.runs.size import tell_size
from sim.runs.sweep import run
from sim.runs.task import Outcome, Task
from sim.store.last import Command, note
from sim.store.manifest import Job, Manifest, distinct
from sim.store.store import Store

_SHOWN_ERRORS = 10


def walk(
    manifest: Manifest, engine: EngineParams, store: Store, jobs: Sequence[Job] | None = None
) -> list[tuple[Job, BaseException]]:
    """Execute jobs of a manifest, tell how far it is, sum up what failed, and return that.

    Parameters
    ----------
    jobs : sequence of Job, optional
        Some of the manifest's; all of them if None.
    """
    note(store.root, Command("sweep", manifest.experiment))
    total = len(distinct(manifest.jobs if jobs is None else jobs))
    failed: list[tuple[Job, BaseException]] = []
    good = 0
    with JobProgress(total) as progress, closing(run(manifest, engine, store, jobs)) as ended:
        for job, outcome in ended:
            progress.ended(said(job), outcome)
            if outcome.error is not None:
                failed.append((job, outcome.error))
            else:
                good += 1
    say(tr("{good} of {total} runs are in '{root}'", good=good, total=total, root=store.root))
    _tell_failures(failed, store, manifest.experiment)
    return failed


def walk_tasks(tasks: Sequence[Task], engine: EngineParams, store: Store) -> int:
    """Execute tasks of a study, tell how far it is and what failed, and return how many failed."""
    failed = 0
    with JobProgress(len(tasks)) as progress, closing(execute(tasks, engine, store, CRASHES)) as outcomes:
        for outcome in outcomes:
            label = f"{outcome.task.scenario} {outcome.task.key[:12]}"
            progress.ended(label, outcome)
            if outcome.error is not None:
                failed += 1
                print_error(
                    tr("failed: {label}: {first_line}", label=label, first_line=_first_line(outcome.error))
                )
    say(
        tr(
            "{failed} of {n_tasks} tasks are in '{root}'",
            failed=len(tasks) - failed,
            n_tasks=len(tasks),
            root=store.root,
        )
    )
    return failed


#: Where every strategy is named, and none stands beside them for comparison.
NAMED = (mark("all share:"), mark("every strategy named has:"))


def print_pairing(words: Sequence[str], configs: Sequence[Config], named: bool = False) -> None:
    """Say in a line what the baseline shares of a command line, and what the strategies have alone.

    And, in another, what differs in a market that is small for its design. ``named``: the command compares
    the strategies that it names with one another.
    """
    tell_size(configs)
    usual = compose([f"scenario={BASELINE}"])
    line = pairing_line(words, configs, usual, NAMED) if named else pairing_line(words, configs, usual)
    if line:
        say(line, flush=True)


def span(seconds: float) -> str:
    """A time in words."""
    if seconds < 90:
        return tr("{seconds:.0f} s", seconds=seconds)
    if seconds < 5400:
        return tr("{seconds:.0f} min", seconds=seconds / 60)
    return tr("{hours:.1f} h", hours=seconds / 3600)


def said(job: Job) -> str:
    """Who a job is, in a line."""
    swept = " ".join(f"{key}={_told(value)}" for key, value in job.overrides.items() if key != "scenario")
    return f"{job.scenario} {swept}".strip() + tr(", world {replication}", replication=job.replication)


def _told(value: object) -> object:
    """A swept value in a line: numbers that were drawn with four digits."""
    return short(value) if isinstance(value, float) else value


def _tell_failures(failed: Sequence[tuple[Job, BaseException]], store: Store, experiment: str) -> None:
    """One line for each failed run, with the file of its traceback."""
    from sim.cli.output import print_error

    for job, error in failed[:_SHOWN_ERRORS]:
        path = store.path("errors", experiment, job.scenario, job.key, "txt")
        where = tr("; traceback in {path}", path=path) if path.exists() else ""
        print_error(
            tr(
                "failed: {job}: {first_line}{where}",
                job=said(job),
                first_line=_first_line(error),
                where=where,
            )
        )
    if len(failed) > _SHOWN_ERRORS:
        command = f"liebian status experiment={experiment}{store.elsewhere}"
        print_error(
            tr(
                "{shown_errors} more failed; see '{command}'",
                shown_errors=len(failed) - _SHOWN_ERRORS,
                command=command,
            )
        )


def _first_line(error: BaseException) -> str:
    return next(iter(str(error).splitlines()), "") or type(error).__name__


class JobProgress:
    """Counts runs and estimates what is left: a bar where somebody watches, else a line now and then."""

    def __init__(self, total: int) -> None:
        self._total, self._counts, self._began = total, Counter[str](), time.monotonic()
        self._told = 0.0
        self._bar = (
            Progress(
                TextColumn("{task.description}", markup=False),
                BarColumn(),
                MofNCompleteColumn(),
                TimeElapsedColumn(),
                TextColumn("{task.fields[left]}", markup=False),
                console=Screen(stderr=True),
                transient=True,
            )
            if sys.stderr.isatty() and not current().quiet
            else None
        )
        self._line = self._bar.add_task(tr("burning in"), total=total, left="") if self._bar else None

    def __enter__(self) -> JobProgress:
        from sim.core.jit import tell_if_cold

        tell_if_cold()
        if self._bar:
            self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar:
            self._bar.stop()

    def ended(self, said: str, outcome: Outcome[Any]) -> None:
        """Count one run."""
        now = time.monotonic()
        self._counts["failed" if outcome.error else "done"] += 1
        self._counts["made"] += outcome.made
        ended = self._counts["failed"] + self._counts["done"]
        failed = tr(", {failed} failed", failed=self._counts["failed"]) if self._counts["failed"] else ""
        pace = (now - self._began) / max(self._counts["made"], 1)
        left = tr("about {span} left{failed}", span=span(pace * (self._total - ended)), failed=failed)
        line = f"[{ended}/{self._total}] {said} ({span(now - self._began)}, {left})"
        if self._bar and self._line is not None:
            current().note("progress", line)
            self._bar.update(self._line, advance=1, description=said[:50], left=left)
        elif now - self._told > 1.0 or ended == self._total or outcome.error:
            self._told = now
            say(line, file=sys.stderr)
            sys.stderr.flush()


def print_report_hint(store: Store, experiment: str) -> None:
    """Say how what was found is drawn."""
    folder = store.elsewhere
    say(tr("figures: liebian report experiment={experiment}{folder}", experiment=experiment, folder=folder))
