"""A study of sensitivity from its words to its tables: plan, run, screen, and look closer.

Both stages are sweeps over given points, so that they share engines, store and resuming with all
other sweeps: the same words again skip what is finished. The second stage looks at those
parameters alone that the first found to matter.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from sim.config import Config
from sim.config.sweep_request import placed, span_of
from sim.core.errors import RunError
from sim.core.language import tr
from sim.core.params import Declared
from sim.runs.plan import Plan, plan
from sim.store.manifest import Job, Manifest, extend, read, write
from sim.store.results import load_results
from sim.studies.sensitivity.best import deciders, ranked, shares
from sim.studies.sensitivity.design import blocks, trajectories
from sim.studies.sensitivity.evaluations import Evaluations, collect, spreads
from sim.studies.sensitivity.indices import COLUMNS, PAIR_COLUMNS, indices, pairs
from sim.studies.sensitivity.request import Request, higher_is_better
from sim.studies.sensitivity.screening import matter, screen
from sim.studies.sensitivity.stored import Sensitivity

#: Executes jobs of a manifest and returns how many failed.
Executor = Callable[[Manifest, Sequence[Job]], int]
SCREENING, INDICES = "screening", "sobol"


@dataclass(frozen=True)
class Stage:
    """One sweep of a study.

    Attributes
    ----------
    parameters : tuple of Declared
        What varies in it; all else keeps its value.
    unit : float64[n points, n parameters]
        Points, 0..1 over each span.
    points : list of dict
        The same as values.
    plan : Plan
        Its runs.
    """

    parameters: tuple[Declared, ...]
    unit: np.ndarray
    points: list[dict[str, Any]]
    plan: Plan

    @property
    def names(self) -> tuple[str, ...]:
        """Keys of what varies."""
        return tuple(row.path for row in self.parameters)


def screening_stage(asked: Request) -> Stage:
    """Plan of the screening.

    Raises
    ------
    InputError
        If SALib is missing or a run would be wrong.
    """
    return _stage(asked, asked.parameters, trajectories(asked.keys, asked.trajectories, asked.seed))


def indices_stage(asked: Request, chosen: Sequence[str]) -> Stage:
    """Plan of the indices of the chosen parameters."""
    rows = tuple(row for row in asked.parameters if row.path in chosen)
    unit = blocks(tuple(row.path for row in rows), asked.samples, asked.seed, asked.second_order)
    return _stage(asked, rows, unit)


def _stage(asked: Request, rows: tuple[Declared, ...], unit: np.ndarray) -> Stage:
    points = placed(rows, unit)
    distinct = {tuple(point.items()): point for point in points}  # rounding makes points equal
    return Stage(rows, unit, points, plan(asked.words, points=list(distinct.values())))


def run_study(asked: Request, first: Stage, execute: Executor) -> Sensitivity:
    """Run both stages and analyse them; a failed run leaves its points out.

    Parameters
    ----------
    asked : Request
        What was asked for.
    first : Stage
        From :func:`screening_stage`.
    execute : callable
        Runs jobs of a manifest; returns how many failed.

    Raises
    ------
    RunError
        If no figure could be observed along two whole trajectories.
    """
    config = first.plan.settings
    root, experiment = config.paths.results, str(config.experiment.name)
    write(root, experiment, first.plan.jobs, first.plan.content)
    failed = execute(read(root, experiment), first.plan.jobs)
    seen = _evaluated(asked, first, root, experiment)
    screening = screen(seen, asked.seed)
    if not (screening["n"] >= 2).any():
        raise RunError(
            tr(
                "no two trajectories of '{experiment}' are whole, so nothing can be said",
                experiment=experiment,
            )
        )
    tables = {
        "screening": screening,
        "sobol": pd.DataFrame(columns=list(COLUMNS)),
        "pairs": pd.DataFrame(columns=list(PAIR_COLUMNS)),
    }
    spread = [spreads(seen).assign(stage=SCREENING)]
    chosen = matter(screening, asked.keys, asked.top) if asked.samples else ()
    points, decided, cluster = {SCREENING: len(first.points)}, seen, len(asked.parameters) + 1
    if chosen:
        second = indices_stage(asked, chosen)
        extend(root, experiment, second.plan.jobs, second.plan.content)
        manifest = read(root, experiment)
        failed += execute(manifest, _filed(manifest, second.plan.jobs))
        seen = _evaluated(asked, second, root, experiment)
        tables["sobol"] = indices(seen, asked.seed, asked.second_order)
        if asked.second_order:
            tables["pairs"] = pairs(seen, asked.seed)
        spread.append(spreads(seen).assign(stage=INDICES))
        points[INDICES] = len(second.points)
        decided, cluster = _independent(seen, asked.second_order), 1
    winner, clear = ranked(decided, asked.by, higher_is_better(asked.by))
    design = _described(asked, config, chosen) | {
        "points": points,
        "failed": failed,
        "choice_from": INDICES if chosen else SCREENING,
    }
    return Sensitivity(
        design,
        **tables,
        spreads=pd.concat(spread, ignore_index=True),
        best=shares(winner, clear, asked.scenarios, cluster),
        deciders=deciders(decided, winner, asked.seed, trajectories=not chosen),
    )


def _filed(manifest: Manifest, jobs: Sequence[Job]) -> list[Job]:
    """The manifest's jobs for these runs: one that stood there before points at its own values."""
    wanted = {(job.scenario, job.key) for job in jobs}
    return [job for job in manifest.jobs if (job.scenario, job.key) in wanted]


def _evaluated(asked: Request, stage: Stage, root: str, experiment: str) -> Evaluations:
    return collect(
        stage.unit,
        stage.names,
        asked.scenarios,
        asked.kpis,
        stage.points,
        stage.plan.jobs,
        load_results(root, experiment),
    )


def _independent(seen: Evaluations, second_order: bool) -> Evaluations:
    """The points A and B of every block, which are spread evenly and do not depend on one another."""
    rows = len(seen.names) * (2 if second_order else 1) + 2
    place = np.arange(len(seen.unit)) % rows
    mine = (place == 0) | (place == rows - 1)
    return Evaluations(seen.unit[mine], seen.names, seen.scenarios, seen.kpis, seen.values[:, :, mine])


def _described(asked: Request, config: Config, chosen: Sequence[str]) -> dict[str, Any]:
    experiment = config.experiment
    parameters = []
    for row in asked.parameters:
        low, high = span_of(row) or (np.nan, np.nan)
        parameters.append(
            {
                "key": row.path,
                "low": low,
                "high": high,
                "default": row.default,
                "unit": row.unit,
                "source": row.source,
                "whole": isinstance(row.default, int),
                "chosen": row.path in chosen,
            }
        )
    return {
        "scenarios": list(asked.scenarios),
        "by": asked.by,
        "kpis": list(asked.kpis),
        "parameters": parameters,
        "trajectories": asked.trajectories,
        "samples": asked.samples,
        "second_order": asked.second_order,
        "worlds": asked.worlds,
        "seed": asked.seed,
        "words": list(asked.words),
        "consumers": int(config.population.size),
        "burn_in_days": experiment.burn_in_days,
        "warmup_days": experiment.warmup_days,
        "days": experiment.days,
        "experiment": str(experiment.name),
    }
