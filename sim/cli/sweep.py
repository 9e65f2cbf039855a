"""The verbs ``sweep`` and ``status``: many runs from one line, and how far they have come.

A sweep is planned whole before its first run starts, and written down in a manifest, which is
all that executing it reads. The same line again skips what is finished and retries what failed.
"""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from types import TracebackType

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from sim.core.errors import InputError
from sim.experiment.execute import Outcome, Task, execute, workers_of
from sim.experiment.manifest import Job, Manifest, names, read, write
from sim.experiment.store import Store, default_level
from sim.settings import EngineParams

DONE, FAILED = 0, 1
DRY_RUN = "--dry-run"
#: A run is given up after a worker that made it was killed this often.
CRASHES = 3
_SAMPLE = 5
_SHOWN_ERRORS = 10
_STATUS_SETTINGS = {"experiment": "", "experiment.name": "", "paths.results": "results"}


def sweep(words: Sequence[str]) -> int:
    """Plan, write the manifest, execute; the exit code says whether every run was good."""
    from sim.core.files import check_folder
    from sim.experiment.plan import plan

    dry = DRY_RUN in words
    words = [word for word in words if word != DRY_RUN]
    if not words:
        raise InputError(
            "write what to sweep, for instance 'liebian sweep scenario=baseline,group_buy "
            "incentive.invite_reward=0,5,10 experiment.replications=5'"
        )
    planned = plan(words)
    config = planned.settings
    workers = workers_of(config.engine)
    print(
        f"{len(planned.jobs)} jobs ({planned.runs} runs, {sum(job.added for job in planned.jobs)} of them "
        f"baselines added for pairing), {planned.worlds} worlds to burn in; roughly "
        f"{_span(planned.seconds(workers))} on {workers} process{'es' if workers > 1 else ''}"
    )
    if dry:
        _sample(planned.jobs)
        return DONE
    store = _store(config.paths.results)
    store.check()
    check_folder(Path(config.paths.cache), "paths.cache")
    experiment = str(config.experiment.name)
    print(f"manifest: {write(store.root, experiment, planned.jobs, planned.content)}", flush=True)
    return _execute(read(store.root, experiment), config.engine, store)


def status(words: Sequence[str]) -> int:
    """How many runs of each sweep are done, failed and waiting, and which failed."""
    settings = dict(_STATUS_SETTINGS)
    for word in words:
        key, equals, value = word.partition("=")
        if not equals or key not in settings:
            raise InputError(
                f"'{word}': status takes {', '.join(f'{k}=...' for k in settings)} and nothing else"
            )
        settings[key] = value
    root, wanted = settings["paths.results"], settings["experiment"] or settings["experiment.name"]
    experiments = [wanted] if wanted else names(root)
    if not experiments:
        raise InputError(f"no sweep in '{root}'; start one, or name another folder with paths.results=FOLDER")
    for experiment in experiments:
        _tell_status(read(root, experiment), _store(root))
    return DONE


def _store(root: str) -> Store:
    """Sweeps keep totals and days; every event of thousands of runs would fill a disk."""
    return Store(root, default_level(0, sweep=True))


def _span(seconds: float) -> str:
    """A time in words."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


def _said(job: Job) -> str:
    """Who a job is, in a line."""
    swept = " ".join(f"{key}={value}" for key, value in job.overrides.items() if key != "scenario")
    return f"{job.scenario} {swept}".strip() + f", world {job.replication}"


def _sample(jobs: Sequence[Job]) -> None:
    """The first jobs of a plan, and the last."""
    for job in jobs[:_SAMPLE]:
        print(f"  {job.key[:12]}  {_said(job)}")
    if len(jobs) > _SAMPLE + 1:
        print(f"  ... {len(jobs) - _SAMPLE - 1} more")
    if len(jobs) > _SAMPLE:
        print(f"  {jobs[-1].key[:12]}  {_said(jobs[-1])}")
    print("nothing was run or written")


def _execute(manifest: Manifest, engine: EngineParams, store: Store) -> int:
    """Walk the manifest; runs that several jobs ask for are made once."""
    configs = manifest.configs
    distinct: dict[tuple[str, str], Job] = {}
    for job in manifest.jobs:
        distinct.setdefault((job.scenario, job.key), job)
    jobs = {(job.key, job.scenario): job for job in distinct.values()}
    tasks = [Task(configs[job.config], job.replication, job.world, job.key) for job in distinct.values()]
    failed: list[tuple[Job, BaseException]] = []
    with _Progress(len(tasks)) as progress, closing(execute(tasks, engine, store, CRASHES)) as outcomes:
        for outcome in outcomes:
            job = jobs[outcome.task.key, outcome.task.scenario]
            progress.ended(_said(job), outcome)
            if outcome.error is not None:
                failed.append((job, outcome.error))
    print(f"{len(tasks) - len(failed)} of {len(tasks)} runs are in '{store.root}'")
    _tell_failures(failed, store, manifest.experiment)
    return FAILED if failed else DONE


def _tell_failures(failed: Sequence[tuple[Job, BaseException]], store: Store, experiment: str) -> None:
    """One line for each failed run, with the file of its traceback."""
    from sim.cli import complain

    for job, error in failed[:_SHOWN_ERRORS]:
        path = store.path("errors", experiment, job.scenario, job.key, "txt")
        where = f"; traceback in {path}" if path.exists() else ""
        complain(f"failed: {_said(job)}: {_first_line(error)}{where}")
    if len(failed) > _SHOWN_ERRORS:
        complain(f"{len(failed) - _SHOWN_ERRORS} more failed; see 'liebian status experiment={experiment}'")


def _first_line(error: BaseException) -> str:
    return next(iter(str(error).splitlines()), "") or type(error).__name__


def _tell_status(manifest: Manifest, store: Store) -> None:
    """Counts of one sweep, and which runs failed or wait."""
    states: dict[str, list[Job]] = {"done": [], "failed": [], "waiting": []}
    for job in {(job.scenario, job.key): job for job in manifest.jobs}.values():
        error = store.path("errors", manifest.experiment, job.scenario, job.key, "txt")
        if store.has(manifest.experiment, job.scenario, job.key):
            states["done"].append(job)
        else:
            states["failed" if error.exists() else "waiting"].append(job)
    counts = ", ".join(f"{len(jobs)} {state}" for state, jobs in states.items())
    print(f"{manifest.experiment}: {counts}")
    for job in states["failed"]:
        error = store.path("errors", manifest.experiment, job.scenario, job.key, "txt")
        told = error.read_text().strip().splitlines()[-1:] if error.exists() else []
        print(f"  failed   {job.key[:12]}  {_said(job)}: {''.join(told)} ({error})")
    for job in states["waiting"][:_SAMPLE]:
        print(f"  waiting  {job.key[:12]}  {_said(job)}")
    if len(states["waiting"]) > _SAMPLE:
        print(f"  waiting  {len(states['waiting']) - _SAMPLE} more")


class _Progress:
    """Counts runs and estimates what is left: a bar where somebody watches, else a line now and then."""

    def __init__(self, total: int) -> None:
        self._total, self._counts, self._began = total, Counter[str](), time.monotonic()
        self._told = 0.0
        self._bar = Progress(
            TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(),
            TextColumn("{task.fields[left]}"), console=Console(stderr=True), transient=True,
        ) if sys.stderr.isatty() else None  # fmt: skip
        self._line = self._bar.add_task("burning in", total=total, left="") if self._bar else None

    def __enter__(self) -> _Progress:
        if self._bar:
            self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar:
            self._bar.stop()

    def ended(self, said: str, outcome: Outcome) -> None:
        """Count one run."""
        now = time.monotonic()
        self._counts["failed" if outcome.error else "done"] += 1
        self._counts["made"] += outcome.made
        ended = self._counts["failed"] + self._counts["done"]
        failed = f", {self._counts['failed']} failed" if self._counts["failed"] else ""
        pace = (now - self._began) / max(self._counts["made"], 1)
        left = f"about {_span(pace * (self._total - ended))} left{failed}"
        if self._bar and self._line is not None:
            self._bar.update(self._line, advance=1, description=said[:50], left=left)
        elif now - self._told > 1.0 or ended == self._total or outcome.error:
            self._told = now
            print(f"[{ended}/{self._total}] {said} ({_span(now - self._began)}, {left})", file=sys.stderr)
            sys.stderr.flush()
