"""Selecting the best configuration of a sweep: worlds are added for those that are still in.

The procedure KN decides world by world (:mod:`sim.analysis.selection`); runs are made in batches
through the engines of sweeps, which changes no decision. Its manifest grows like that of a
sweep, and the same line again takes up what is stored.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from sim.analysis.selection import FIRST, Selection, kim_nelson
from sim.core.errors import ConfigError, InputError
from sim.core.language import tr
from sim.runs.plan import Plan, plan
from sim.runs.rounds import Execute, with_worlds
from sim.store.manifest import Job, extend, read, write
from sim.store.results import load_results
from sim.studies.select.request import EXAMPLE, Question


@dataclass(frozen=True)
class Answer:
    """What came out.

    Attributes
    ----------
    question : Question
        What was asked.
    names : tuple of str
        Contenders: scenario and swept values in words.
    values : float64[worlds, contenders]
        The indicator; nan where a contender was no longer run.
    selection : Selection
        Who is left, and when the others were dropped.
    most : int
        The cap on worlds.
    failed : bool
        Whether it stopped because runs failed.
    """

    question: Question
    names: tuple[str, ...]
    values: np.ndarray
    selection: Selection
    most: int
    failed: bool = False


def contenders(planned: Plan, question: Question) -> dict[str, str]:
    """Identity of every configuration and what it is called, in the order planned.

    Raises
    ------
    ConfigError
        If there are not at least two, or too many for the confidence asked for.
    """
    found = {_identity(job): _called(job) for job in planned.jobs if not job.added}
    if len(found) < 2:
        raise ConfigError(
            tr(
                "select: needs at least two strategies or values to choose from; write {example}",
                example=EXAMPLE,
            )
        )
    if question.confidence <= 1 / len(found):
        raise ConfigError(
            [tr("confidence: must be above 1/{n_found}, what guessing gives; write more", n_found=len(found))]
        )
    return found


def _identity(job: Job) -> str:
    return json.dumps([job.scenario, job.overrides], sort_keys=True)


def _called(job: Job) -> str:
    return " ".join([job.scenario, *(f"{k}={v}" for k, v in job.overrides.items() if k != "scenario")])


def run_selection(
    words: Sequence[str],
    planned: Plan,
    question: Question,
    execute: Execute,
    batch: int = 1,
    told: Callable[[Answer], Any] = lambda _: None,
) -> Answer:
    """Add worlds for the configurations that are still in until one is left, or the cap is reached.

    Parameters
    ----------
    words, planned : sequence of str, Plan
        Words of the sweep without the question's, and their plan.
    execute : callable
        Makes jobs of a manifest and says whether all runs were good.
    batch : int
        Worlds made at once, at least; a fifth of those made so far if that is more.
    told : callable
        Called with the state after every batch.

    Raises
    ------
    InputError
        If the indicator is not observable in a run.
    """
    settings = planned.settings.experiment
    root, name = planned.settings.paths.results, str(settings.name)
    names = contenders(planned, question)
    order, most = list(names), settings.most_replications
    values = np.empty((0, len(order)))
    alive, worlds, wanted = list(order), 0, min(max(FIRST, settings.replications), most)
    while True:
        start = settings.first_replication + worlds
        fresh = plan(with_worlds(words, start, wanted - worlds))
        jobs = [job for job in fresh.jobs if not job.added and _identity(job) in alive]
        (extend if worlds else write)(root, name, jobs, fresh.content)
        good = execute(read(root, name), jobs)
        more = _observed(jobs, order, question, root, name, start, wanted - worlds, good)
        values, worlds = np.concatenate([values, more]), wanted
        if not good:
            nothing = Selection(tuple(range(len(order))), worlds, {}, (worlds,) * len(order), 0)
            return Answer(question, tuple(names.values()), values, nothing, most, failed=True)
        selection = kim_nelson(question.sign * values, question.zone, question.confidence)
        answer = Answer(question, tuple(names.values()), values, selection, most)
        told(answer)
        if selection.winner is not None or worlds >= most:
            return answer
        alive = [order[one] for one in selection.alive]
        wanted = min(most, worlds + max(batch, math.ceil(worlds / 5)))


def _observed(
    jobs: Sequence[Job],
    order: Sequence[str],
    question: Question,
    root: str,
    name: str,
    start: int,
    worlds: int,
    good: bool,
) -> np.ndarray:
    """float64[worlds, contenders]: the indicator of runs that are in the store, nan elsewhere."""
    totals = load_results(root, name).totals
    stored = totals[totals["name"] == question.by].set_index(["scenario", "key"])["value"]
    values = np.full((worlds, len(order)), np.nan)
    for job in jobs:
        value = float(stored.get((job.scenario, job.key), np.nan))
        values[job.replication - start, order.index(_identity(job))] = value
        if good and not math.isfinite(value):
            raise InputError(
                tr(
                    "by: '{by}' is not observable in world {replication} under {called}; choose another "
                    "indicator, or longer experiment.days or a larger population.size",
                    by=question.by,
                    replication=job.replication,
                    called=_called(job),
                )
            )
    return values
