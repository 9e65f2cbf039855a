"""A calibration on a user's files from beginning to end: targets, waves, posterior, check, draws."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from sim.calibration.data import Orders
from sim.calibration.files.refusal import refusal
from sim.calibration.files.tables import FEWEST_DAYS, read_cascades, read_deliveries, read_orders, read_ties
from sim.calibration.held_out import HeldOut, judge
from sim.calibration.matching import Goal, Matched, Simulate, match
from sim.calibration.posterior import STEPS, Posterior, sample
from sim.calibration.request import Request
from sim.calibration.space import USUAL, Space, free
from sim.calibration.statistics.targets import BY_NAME, Target, applicable, covariance, targets
from sim.calibration.tasks import HELD_OUT, PointTask, Question, held_out
from sim.config import Config, assumptions_table, compose, market_sources
from sim.config.overrides import parse
from sim.core.errors import ConfigError, InputError, RunError
from sim.core.language import tr
from sim.studies.robustness.arms import with_values

#: The market of a calibration unless the user says otherwise: small and short, because it is played often.
WORLD = (
    "population.size=4000",
    "experiment.burn_in_days=120",
    "experiment.warmup_days=0",
    "experiment.replications=2",
)
#: Days that are simulated at most unless the user sets ``experiment.days``.
MOST_DAYS = 365
#: Draws from the posterior that are played to check the fit.
CHECKED = 12

#: Makes tasks and says whether all were good.
Execute = Callable[[Sequence[PointTask]], bool]


@dataclass(frozen=True)
class Plan:
    """A calibration before anything is simulated.

    Attributes
    ----------
    request : Request
    tables : dict
        The user's tables, cut to the days that are simulated.
    targets : tuple of Target
        Real statistics of the fitting days.
    space : Space
        Free parameters.
    config : Config
        The market, with values in force.
    question : Question
        What is counted in each world.
    """

    request: Request
    tables: dict[str, Any]
    targets: tuple[Target, ...]
    space: Space
    config: Config
    question: Question


@dataclass(frozen=True)
class Fit:
    """What came out.

    Attributes
    ----------
    plan : Plan
    matched : Matched
    posterior : Posterior
    draws : float64[n, k]
        Values handed on.
    checked : float64[c, m]
        Statistics of worlds played at draws, in the order of the plan's targets.
    held_out : list of HeldOut
        Empty without held-out days.
    """

    plan: Plan
    matched: Matched
    posterior: Posterior
    draws: np.ndarray
    checked: np.ndarray
    held_out: list[HeldOut]


def plan(request: Request) -> Plan:
    """Read all files and check all words, before anything is simulated.

    Raises
    ------
    InputError
        With one line for every problem.
    """
    if not request.files:
        raise InputError(tr("calibrate: name a file to fit the market to; write orders=FILE"))
    tables = _read(request)
    days = int(np.floor(tables["orders"].days)) if "orders" in tables else 90
    given = [one.key for one in parse(request.settings)[0]]
    words = [*WORLD, f"experiment.days={min(days, MOST_DAYS)}", *_graph(request)]
    kept = [word for word in words if word.partition("=")[0] not in given]
    config = compose(["scenario=baseline", *kept, *request.settings])
    rows = assumptions_table(market_sources().sections)
    wanted = request.free or tuple(key for kind in request.files for key in USUAL.get(kind, ()))
    if not wanted:
        raise ConfigError(
            tr("free: name parameters that these files can tell, as free=sharing.audience,sharing.pass_on")
        )
    space = free(rows, wanted, given)
    fit_days = cohort = 0.0
    if "orders" in tables:
        whole = _cut(request, tables["orders"], int(config.experiment.days))
        fit_days = float(np.floor(whole.days * (1.0 - request.holdout)))
        tables["orders"], cohort = whole, whole.cohort
    found = _targets(request, tables, fit_days, config.experiment.seed)
    question = Question(tuple(one.name for one in found), fit_days, cohort)
    return Plan(request, tables, found, space, config, question)


def _read(request: Request) -> dict[str, Any]:
    """All files; what is wrong with each is told at once."""
    readers: dict[str, Callable[[], Any]] = {
        "orders": lambda: read_orders(request.files["orders"], request.reading),
        "cascades": lambda: read_cascades(request.files["cascades"], request.reading),
        "deliveries": lambda: read_deliveries(request.files["deliveries"], request.reading),
        "edges": lambda: read_ties(request.files["edges"]),
    }
    tables, problems = {}, []
    for kind in request.files:
        try:
            tables[kind] = readers[kind]()
        except InputError as error:
            problems += error.problems
    if problems:
        raise InputError(problems)
    return tables


def _graph(request: Request) -> list[str]:
    """A network like the user's, where there is one."""
    return ["graph=like", f"graph.path={request.files['edges']}"] if "edges" in request.files else []


def _cut(request: Request, whole: Orders, days: int) -> Orders:
    """The first ``days`` of the file, as many as are simulated."""
    if days > whole.days:
        path = request.files["orders"]
        raise refusal(
            path,
            tr("orders must cover experiment.days ({days})", days=days),
            tr("{days:.0f} days", days=whole.days),
            tr("write fewer days"),
        )
    if days * (1.0 - request.holdout) < FEWEST_DAYS:
        raise ConfigError(
            tr(
                "experiment.days: at least {fewest_days} days must be left for the fit (you left "
                "{holdout:.0f} of {days}); write more days or a smaller holdout",
                fewest_days=FEWEST_DAYS,
                holdout=days * (1 - request.holdout),
                days=days,
            )
        )
    return whole.before(float(days))


def _targets(request: Request, tables: dict[str, Any], fit_days: float, seed: int) -> tuple[Target, ...]:
    """Real statistics of the fitting days: all, or those that the user names."""
    seen = dict(tables)
    if "orders" in tables:
        seen["orders"] = tables["orders"].before(fit_days)
    possible = [one.name for one in applicable(seen)]
    if wrong := [one for one in request.statistics if one not in possible]:
        known = tr("is not counted from these files") if wrong[0] in BY_NAME else tr("is no statistic")
        raise InputError(
            tr(
                "statistics: '{wrong}' {known}; choose from {possible}",
                wrong=wrong[0],
                known=known,
                possible=", ".join(possible),
            )
        )
    found = targets(seen, seed)
    chosen = tuple(one for one in found if not request.statistics or one.name in request.statistics)
    if not chosen:
        raise InputError(tr("statistics: nothing can be counted from so few rows; give longer files"))
    return chosen


def goal_of(found: Sequence[Target], discrepancy: float) -> Goal:
    """Real statistics with the covariance of the file's errors and of model discrepancy together."""
    value = np.array([one.value for one in found])
    both = covariance(found) + np.diag((discrepancy * np.abs(value)) ** 2 + 1e-12)
    return Goal(value, both, np.array([one.error**2 for one in found]))


def own_worlds(first: int, worlds: int, points: range) -> list[range]:
    """Worlds of points, no two in the same: what luck a world has must not be in all points alike.

    Parameters
    ----------
    first, worlds : int
        World of the first point of all, and worlds of each point.
    points : range
        Points by number, over all waves.
    """
    return [range(first + worlds * n, first + worlds * (n + 1)) for n in points]


def calibrate(planned: Plan, execute: Execute, read: Callable[[PointTask], dict[str, float] | None]) -> Fit:
    """Play waves, sample the posterior, and check it in fresh worlds.

    Parameters
    ----------
    planned : Plan
    execute : callable
        Makes tasks and says whether all were good.
    read : callable
        What a made task counted.

    Raises
    ------
    RunError
        If a run failed.
    InputError
        If no statistic moves in the simulated worlds.
    """
    request, config = planned.request, planned.config
    first, worlds = config.experiment.first_replication, config.experiment.replications
    names, begun = [one.name for one in planned.targets], 0

    def simulate(unit: np.ndarray) -> np.ndarray:
        nonlocal begun
        own = own_worlds(first, worlds, range(begun, begun + len(unit)))
        begun += len(unit)
        told = played(planned, planned.space.values(unit), own, execute, read)
        return np.array([[[world[name] for name in names] for world in point] for point in told])

    goal = goal_of(planned.targets, request.discrepancy)
    width, seed = len(planned.space.keys), config.experiment.seed
    matched, posterior = fit(simulate, goal, width, request.waves, request.points, seed)
    draws = planned.space.values(posterior.draws(request.draws))
    chosen = draws[np.linspace(0, len(draws) - 1, min(CHECKED, len(draws))).astype(int)]
    fresh = own_worlds(first + worlds * begun, 1, range(len(chosen)))
    checks = [world[0] for world in played(planned, chosen, fresh, execute, read)]
    checked = np.array([[world[name] for name in names] for world in checks])
    later: list[HeldOut] = []
    if held_out("") in checks[0]:
        of_worlds = {group: np.array([world[held_out(group)] for world in checks]) for group in HELD_OUT}
        later = judge(planned.tables["orders"], planned.question.fit_days, of_worlds)
    return Fit(planned, matched, posterior, draws, checked, later)


def fit(
    simulate: Simulate, goal: Goal, width: int, waves: int, points: int, seed: int, steps: int = STEPS
) -> tuple[Matched, Posterior]:
    """Waves and posterior of anything that gives statistics at points.

    Parameters
    ----------
    simulate : callable
        As :data:`~sim.calibration.matching.Simulate`.
    goal, width, waves, points, seed
        As :func:`~sim.calibration.matching.match`.
    steps : int
        Of each of the sampler's walkers.
    """
    matched = match(simulate, goal, width, waves, points, seed)
    return matched, sample(matched, goal, seed, steps)


def played(
    planned: Plan,
    values: np.ndarray,
    worlds: Sequence[range],
    execute: Execute,
    read: Callable[[PointTask], dict[str, float] | None],
) -> list[list[dict[str, float]]]:
    """What was counted at each point in its worlds.

    Raises
    ------
    RunError
        If a run failed.
    """
    keys, whole = planned.space.keys, planned.space.whole
    tasks = []
    for point, own in zip(values.tolist(), worlds, strict=True):
        named = {key: round(v) if w else v for key, v, w in zip(keys, point, whole, strict=True)}
        config = with_values(planned.config, named)
        tasks.append([PointTask.of(config, world, planned.question) for world in own])
    if not execute([task for point in tasks for task in point]):
        raise RunError(
            tr(
                "a run of the calibration failed, so nothing can be fitted; the same command takes "
                "up the rest"
            )
        )
    told = []
    for point in tasks:
        found = [read(task) for task in point]
        if any(one is None for one in found):
            raise RunError(tr("runs of the calibration are not finished; the same command takes up the rest"))
        told.append([one for one in found if one is not None])
    return told
