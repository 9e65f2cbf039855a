"""The study as a plan and its execution: every draw is validated before the first is made.

A draw is filed under a digest of everything that can change its numbers, so that a study that
was interrupted takes up where it stopped. Every engine gives the same files.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import numpy as np

from sim.config import Config, assumptions_table, compose, market_sources, world_differences
from sim.config.overrides import parse
from sim.core.errors import ConfigError, InputError, RunError
from sim.core.language import tr
from sim.core.params import Declared
from sim.runs.execute import CRASHES, check_engine, execute
from sim.runs.task import Make, Outcome
from sim.store.store import Store
from sim.studies.robustness.arms import Trial, reference_arm, with_values
from sim.studies.robustness.design import VARIED, from_calibration, latin_hypercube, uncertainties
from sim.studies.robustness.plan import Plan
from sim.studies.robustness.request import DRAWS
from sim.studies.robustness.stored import folder_name, write_study
from sim.studies.robustness.tasks import DrawTask, trial_key

#: Draws that may be asked for at most.
MOST_DRAWS = 10_000
#: A study's world unless the user says otherwise: short, because there are many of them, and as large as any,
#: because in a market below the smallest size of its delivery design more parcels are late.
STUDY_WORLD = ("experiment.burn_in_days=120", "experiment.warmup_days=15", "experiment.days=60")

OnDraw = Callable[[int, str], None]


class DrawsFailedError(RunError):
    """Some draws failed; their tracebacks are in the store."""


def plan(
    a: str,
    b: str,
    settings: Sequence[str] = (),
    draws: int = DRAWS,
    vary: Sequence[str] = VARIED,
    calibration: str = "",
) -> Plan:
    """Compose and validate every draw.

    Parameters
    ----------
    a, b : str
        Names of the two scenarios.
    settings : sequence of str
        ``group=option`` and ``section.key=value``; an uncertainty that is set does not vary.
    draws : int
        Points of the Latin hypercube.
    vary : sequence of str
        Sections or patterns of keys.
    calibration : str
        Table of draws in place of the hypercube: its first ``draws`` rows.

    Raises
    ------
    InputError
        With one line for every problem.
    """
    if problems := _wrong(a, b, draws):
        raise ConfigError(problems)
    baseline = compose([])
    one, other = _arms(a, b, [*STUDY_WORLD, *settings])
    arms = replace(one, pinned=baseline), replace(other, pinned=baseline)
    check_engine(arms[0].engine)
    given = [one.key for one in parse(settings)[0]]
    rows, points = _points(calibration, vary, given, draws, arms[0].experiment.seed)
    trials = []
    for index, point in enumerate(points.tolist()):
        values = {row.path: _whole(row, value) for row, value in zip(rows, point, strict=True)}
        drawn = (with_values(arms[0], values), with_values(arms[1], values))
        differing = world_differences(drawn)
        if differing:
            raise ConfigError(
                [
                    tr("{key}: both strategies must share their world; set it for both", key=key)
                    for key in differing
                ]
            )
        replication = arms[0].experiment.first_replication + index
        reference = reference_arm(drawn[0].incentive, drawn[1].incentive)
        key = trial_key(drawn, replication, reference)
        trials.append(Trial(index, key, values, drawn, replication, reference))
    return Plan(a, b, rows, tuple(trials), tuple(settings), calibration)


def _points(
    calibration: str, vary: Sequence[str], given: Sequence[str], draws: int, seed: int
) -> tuple[tuple[Declared, ...], np.ndarray]:
    """What varies, and float64[draws, k]: over the declared ranges, or as a calibration found."""
    declared = assumptions_table(market_sources().sections)
    if not calibration:
        rows = uncertainties(declared, vary, given)
        return rows, latin_hypercube([row.span for row in rows if row.span], draws, seed)
    table = from_calibration(calibration, declared, given)
    if len(table.values) < 2:
        raise InputError(
            tr(
                "calibration: {calibration} must hold at least 2 draws (found 1); calibrate anew",
                calibration=calibration,
            )
        )
    known = {row.path: row for row in declared}
    return tuple(known[key] for key in table.keys), table.values[:draws]


def _whole(row: Declared, value: float) -> float:
    """A drawn value as its key takes it: days and counts are whole numbers."""
    return round(value) if isinstance(row.default, int) else value


def _wrong(a: str, b: str, draws: int) -> list[str]:
    problems = []
    if a == b:
        problems.append(
            tr("robustness compares two strategies (you wrote '{a}' twice); name another one", a=a)
        )
    if not 2 <= draws <= MOST_DRAWS:
        problems.append(
            tr(
                "draws must be 2..{most_draws:,} (you wrote {draws}); choose another number",
                most_draws=MOST_DRAWS,
                draws=draws,
            )
        )
    return problems


def _arms(a: str, b: str, settings: Sequence[str]) -> tuple[Config, Config]:
    """Both strategies; what is wrong with both is told once."""
    made, problems = [], []
    for name in (a, b):
        try:
            made.append(compose([f"scenario={name}", *settings]))
        except ConfigError as error:
            problems += error.problems
    if problems:
        raise ConfigError(list(dict.fromkeys(problems)))
    return made[0], made[1]


def run_study(
    plan: Plan, store: Store, on_draw: OnDraw | None = None, make: Make | None = None
) -> Iterator[str]:
    """Make every draw that is not in the store; yields keys of draws as they are finished.

    Parameters
    ----------
    plan : Plan
        From :func:`plan`.
    store : Store
        Where draws and the study are filed.
    on_draw : callable, optional
        Called as ``on_draw(index, key)`` in this process.
    make : callable, optional
        What makes and stores a draw, as in :func:`~sim.runs.execute.execute`.

    Raises
    ------
    DrawsFailedError
        After all others have finished, if a draw failed.
    """
    write_study(store, plan)
    pair = folder_name(plan.a, plan.b)
    tasks = [DrawTask.of(trial, pair) for trial in plan.trials]
    failures: list[Outcome[DrawTask]] = []
    for outcome in execute(tasks, plan.config.engine, store, CRASHES, make):
        if outcome.error is not None:
            failures.append(outcome)
            continue
        if on_draw is not None:
            on_draw(outcome.task.trial.index, outcome.task.key)
        yield outcome.task.key
    if failures:
        task, error = failures[0].task, failures[0].error
        more = tr(" ({n_failures} more failed)", n_failures=len(failures) - 1) if len(failures) > 1 else ""
        text = str(error) or type(error).__name__
        where = store.path("errors", task.experiment, task.scenario, task.key, "txt")
        raise DrawsFailedError(
            tr(
                "draw {index}: {text}{more}; traceback in {where}",
                index=task.trial.index,
                text=text,
                more=more,
                where=where,
            )
        ) from error
