"""A sweep on its way: the manifest's jobs become tasks, and every task's end comes back with its job.

Runs that several jobs ask for are made once. Verbs and searches walk their manifests here, so
that all of them share engines, store and the way failures are kept.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from contextlib import closing

from sim.config.settings import EngineParams
from sim.runs.execute import CRASHES, execute
from sim.runs.task import Outcome, RunTask
from sim.store.manifest import Job, Manifest, distinct
from sim.store.store import Store, default_level, level_said


def sweep_store(root: str, level: str = "auto") -> Store:
    """A store as sweeps keep it: totals and days; every event of thousands of runs would fill a disk.

    ``level`` is the setting ``store.level``, which may ask for less or more.
    """
    return Store(root, level_said(level) or default_level(0, sweep=True))


def run(
    manifest: Manifest, engine: EngineParams, store: Store, jobs: Sequence[Job] | None = None
) -> Generator[tuple[Job, Outcome[RunTask]]]:
    """Execute jobs of a manifest; closing the generator stops what is under way.

    Parameters
    ----------
    manifest : Manifest
        What was planned; no settings file is read.
    engine : EngineParams
        Where runs execute.
    store : Store
        Where results go; runs already there are not run again.
    jobs : sequence of Job, optional
        Some of the manifest's; all of them if None.

    Yields
    ------
    tuple of Job and Outcome
        One for each distinct run, as it ends; a failed run does not stop the others.
    """
    wanted = distinct(manifest.jobs if jobs is None else jobs)
    by_run = {(job.scenario, job.key): job for job in wanted}
    tasks = [RunTask(manifest.config(job), job.replication, job.world, job.key) for job in wanted]
    with closing(execute(tasks, engine, store, CRASHES)) as outcomes:
        for outcome in outcomes:
            yield by_run[outcome.task.scenario, outcome.task.key], outcome
