"""The verb ``sweep``: many runs from one line.

A sweep is planned whole before its first run starts, and written down in a manifest, which is
all that executing it reads. The same line again skips what is finished and retries what failed.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from sim.cli.jobs import print_pairing, said, span, walk
from sim.cli.output import say
from sim.cli.session import hand_over
from sim.config import market_sources
from sim.config.sweep_request import held_said, understand
from sim.core.errors import InputError
from sim.core.language import tr
from sim.runs.execute import check_engine
from sim.runs.sweep import sweep_store
from sim.runs.task import workers_of
from sim.store.manifest import Job, read, write
from sim.store.store import Store

if TYPE_CHECKING:
    from sim.analysis.stopping import Aim
    from sim.runs.plan import Plan

DONE, FAILED = 0, 1
DRY_RUN, PLAN_ONLY = "--dry-run", "--plan-only"
_SAMPLE = 5


def sweep(words: Sequence[str]) -> int:
    """Plan, write the manifest, execute; the exit code says whether every run was good."""
    dry, plan_only = DRY_RUN in words, PLAN_ONLY in words
    words = [word for word in words if word not in (DRY_RUN, PLAN_ONLY)]
    if not words:
        raise InputError(
            tr(
                "write what to sweep, for instance 'liebian sweep scenario=baseline,group_buy "
                "incentive.invite_reward=0,5,10 experiment.replications=5'"
            )
        )
    planned, aims = _planned(words)
    _check(planned, aims, dry, plan_only)
    print_pairing(words, planned.configs)
    _announce(planned, aims)
    for line in held_said(understand(words, market_sources()).held):
        say(line)
    if dry:
        _sample(planned.jobs)
        return DONE
    return _carried_out(words, planned, aims, plan_only)


def _check(planned: Plan, aims: Sequence[Aim], dry: bool, plan_only: bool) -> None:
    """Refuse what could not be carried out."""
    engine = planned.settings.engine
    if not dry and not plan_only:  # a plan may be executed elsewhere
        check_engine(engine)
    if aims and (plan_only or not engine.wait):
        raise InputError(
            tr(
                "experiment.until looks at results between rounds, so the command must wait for them "
                "(you wrote {plan_only}); leave one of the two out",
                plan_only=PLAN_ONLY if plan_only else "engine.wait=false",
            )
        )


def _announce(planned: Plan, aims: Sequence[Aim]) -> None:
    """How much there is to do, and until when."""
    from sim.cli.until import announce

    workers = workers_of(planned.settings.engine, planned.worlds)
    say(
        tr(
            "{n_jobs} jobs ({runs} runs, {count} of them baselines added for pairing), {worlds} "
            "worlds to burn in; roughly {span} on {workers} process{s}",
            n_jobs=len(planned.jobs),
            runs=planned.runs,
            count=sum(job.added for job in planned.jobs),
            worlds=planned.worlds,
            span=span(planned.seconds(workers)),
            workers=workers,
            s="es" if workers > 1 else "",
        )
    )
    if aims:
        announce(planned, aims)


def _carried_out(words: Sequence[str], planned: Plan, aims: tuple[Aim, ...], plan_only: bool) -> int:
    """Write the manifest, execute it and report."""
    from sim.cli.until import grow
    from sim.runs.live import check_paths

    config = planned.settings
    store = sweep_store(config.paths.results, config.store.level)
    store.check()
    check_paths(config)
    experiment = str(config.experiment.name)
    if aims:
        failed = not grow(words, planned, aims, store)
    else:
        say(
            tr("manifest: {write}", write=write(store.root, experiment, planned.jobs, planned.content)),
            flush=True,
        )
        if plan_only:
            say(
                tr(
                    "nothing was run; 'liebian execute experiment={experiment}{elsewhere}' executes it",
                    experiment=experiment,
                    elsewhere=store.elsewhere,
                )
            )
            return DONE
        failed = bool(walk(read(store.root, experiment), config.engine, store))
    _report(store, experiment)
    return FAILED if failed else DONE


def _planned(words: Sequence[str]) -> tuple[Plan, tuple[Aim, ...]]:
    """The plan, of the first round if worlds are to be added, and what they are added for."""
    from sim.analysis.stopping import understand
    from sim.runs.plan import plan
    from sim.runs.rounds import check_aims, first_round, with_worlds

    planned = plan(words)
    experiment = planned.settings.experiment
    aims = understand(experiment.until)
    if aims:
        check_aims(aims, planned)
        planned = plan(with_worlds(words, experiment.first_replication, first_round(planned)))
    return planned, aims


def _report(store: Store, experiment: str) -> None:
    """Write the report of what a sweep found, if anything."""
    from sim.analysis.differences import difference_table, sweep_pairs
    from sim.report.answer.studies import write_study_answer
    from sim.report.sweep.page import write_sweep_report
    from sim.report.sweep.study import Study
    from sim.store.results import load_results

    study = Study.of(load_results(store.root, experiment))
    if study.swept.jobs["done"].any():
        page = write_sweep_report(study)
        answer = write_study_answer(study, page)
        if answer is not None:
            say(tr("answer on two pages: {answer}", answer=answer))
        say(tr("report: {page}", page=page))
        found = study.results
        hand_over(
            jobs=found.jobs,
            differences=difference_table(sweep_pairs(found)),
            reports=[one for one in (page, answer) if one is not None],
        )


def _sample(jobs: Sequence[Job]) -> None:
    """The first jobs of a plan, and the last."""
    for job in jobs[:_SAMPLE]:
        say(f"  {job.key[:12]}  {said(job)}")
    if len(jobs) > _SAMPLE + 1:
        say(tr("  ... {sample} more", sample=len(jobs) - _SAMPLE - 1))
    if len(jobs) > _SAMPLE:
        say(f"  {jobs[-1].key[:12]}  {said(jobs[-1])}")
    say(tr("nothing was run or written"))
