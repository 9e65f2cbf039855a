"""The verbs ``sweep`` and ``status``: many runs from one line, and how far they have come.

A sweep is planned whole before its first run starts, and written down in a manifest, which is
all that executing it reads. The same line again skips what is finished and retries what failed.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from sim.cli.jobs import said, span, walk
from sim.core.errors import InputError
from sim.experiment.execute import check_engine, workers_of
from sim.experiment.manifest import Job, Manifest, names, read, write
from sim.experiment.store import Store
from sim.experiment.sweep import distinct, sweep_store

if TYPE_CHECKING:
    from sim.experiment.plan import Plan
    from sim.experiment.stopping import Aim

DONE, FAILED = 0, 1
DRY_RUN, PLAN_ONLY = "--dry-run", "--plan-only"
_SAMPLE = 5
_STATUS_SETTINGS = {"experiment": "", "experiment.name": "", "paths.results": "results"}


def sweep(words: Sequence[str]) -> int:
    """Plan, write the manifest, execute; the exit code says whether every run was good."""
    from sim.cli.until import announce, grow
    from sim.core.files import check_folder

    dry, plan_only = DRY_RUN in words, PLAN_ONLY in words
    words = [word for word in words if word not in (DRY_RUN, PLAN_ONLY)]
    if not words:
        raise InputError(
            "write what to sweep, for instance 'liebian sweep scenario=baseline,group_buy "
            "incentive.invite_reward=0,5,10 experiment.replications=5'"
        )
    planned, aims = _planned(words)
    config = planned.settings
    if not dry and not plan_only:  # a plan may be executed elsewhere
        check_engine(config.engine)
    if aims and (plan_only or not config.engine.wait):
        raise InputError(
            "experiment.until looks at results between rounds, so somebody must wait for them "
            f"(you wrote {PLAN_ONLY if plan_only else 'engine.wait=false'}); leave one of the two out"
        )
    workers = workers_of(config.engine, planned.worlds)
    print(
        f"{len(planned.jobs)} jobs ({planned.runs} runs, {sum(job.added for job in planned.jobs)} of them "
        f"baselines added for pairing), {planned.worlds} worlds to burn in; roughly "
        f"{span(planned.seconds(workers))} on {workers} process{'es' if workers > 1 else ''}"
    )
    if aims:
        announce(planned, aims)
    if dry:
        _sample(planned.jobs)
        return DONE
    store = sweep_store(config.paths.results)
    store.check()
    check_folder(Path(config.paths.cache), "paths.cache")
    experiment = str(config.experiment.name)
    if aims:
        failed = not grow(words, planned, aims, store)
    else:
        print(f"manifest: {write(store.root, experiment, planned.jobs, planned.content)}", flush=True)
        if plan_only:
            print(f"nothing was run; 'liebian execute experiment={experiment}' executes it")
            return DONE
        failed = bool(walk(read(store.root, experiment), config.engine, store))
    _report(store, experiment)
    return FAILED if failed else DONE


def _planned(words: Sequence[str]) -> tuple[Plan, tuple[Aim, ...]]:
    """The plan, of the first round if worlds are to be added, and what they are added for."""
    from sim.experiment.plan import plan
    from sim.experiment.rounds import check_aims, first_round, with_worlds
    from sim.experiment.stopping import understand

    planned = plan(words)
    experiment = planned.settings.experiment
    aims = understand(experiment.until)
    if aims:
        check_aims(aims, planned)
        planned = plan(with_worlds(words, experiment.first_replication, first_round(planned)))
    return planned, aims


def _report(store: Store, experiment: str) -> None:
    """Write the report of what a sweep found, if anything."""
    from sim.experiment.results import load_results
    from sim.report.sweep.page import write_sweep_report
    from sim.report.sweep.study import Study

    study = Study.of(load_results(store.root, experiment))
    if study.swept.jobs["done"].any():
        print(f"report: {write_sweep_report(study)}")


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
        _tell_status(read(root, experiment), sweep_store(root))
    return DONE


def _sample(jobs: Sequence[Job]) -> None:
    """The first jobs of a plan, and the last."""
    for job in jobs[:_SAMPLE]:
        print(f"  {job.key[:12]}  {said(job)}")
    if len(jobs) > _SAMPLE + 1:
        print(f"  ... {len(jobs) - _SAMPLE - 1} more")
    if len(jobs) > _SAMPLE:
        print(f"  {jobs[-1].key[:12]}  {said(jobs[-1])}")
    print("nothing was run or written")


def _tell_status(manifest: Manifest, store: Store) -> None:
    """Counts of one sweep, and which runs failed or wait."""
    states: dict[str, list[Job]] = {"done": [], "failed": [], "waiting": []}
    for job in distinct(manifest.jobs):
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
        print(f"  failed   {job.key[:12]}  {said(job)}: {''.join(told)} ({error})")
    for job in states["waiting"][:_SAMPLE]:
        print(f"  waiting  {job.key[:12]}  {said(job)}")
    if len(states["waiting"]) > _SAMPLE:
        print(f"  waiting  {len(states['waiting']) - _SAMPLE} more")
