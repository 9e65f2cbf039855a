"""The study as a plan and its execution: every draw validated first, then played, then kept.

A draw is filed under a digest of everything that can change its numbers, so that a study that
was interrupted takes up where it stopped. One process or several give the same files.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial

from sim.config import (
    Config,
    assumptions_table,
    code_digest,
    compose,
    market_sources,
    run_hash,
    world_differences,
)
from sim.config.model import paired
from sim.config.overrides import parse
from sim.config.settings import EngineParams
from sim.core.errors import ConfigError, RunError
from sim.core.params import Declared
from sim.runs.execute import check_kind
from sim.runs.pool import map_unordered
from sim.store.store import Store
from sim.studies.robustness.arms import Trial, play, reference_arm, with_values
from sim.studies.robustness.design import VARIED, latin_hypercube, uncertainties
from sim.studies.robustness.plan import Plan, digest_of
from sim.studies.robustness.stored import folder_name, has_draw, write_draw, write_study

#: Draws unless told otherwise, and the most that may be asked for.
DRAWS, MOST_DRAWS = 40, 10_000
#: A study's world unless the user says otherwise: short, because there are many of them, and as large as any,
#: because in a market below the smallest size of its delivery design more parcels are late.
STUDY_WORLD = ("experiment.burn_in_days=120", "experiment.warmup_days=15", "experiment.days=60")

Player = Callable[[Trial], list[tuple[str, str, float, float]]]
OnDraw = Callable[[int, str], None]


class DrawsFailedError(RunError):
    """Some draws failed; their tracebacks are in the store."""


def plan(
    a: str, b: str, settings: Sequence[str] = (), draws: int = DRAWS, vary: Sequence[str] = VARIED
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

    Raises
    ------
    ConfigError
        With one line for every problem.
    """
    if problems := _wrong(a, b, draws):
        raise ConfigError(problems)
    arms = _arms(a, b, [*STUDY_WORLD, *settings])
    check_kind(arms[0].engine, "robustness", ("serial", "local"))
    given = [one.key for one in parse(settings)[0]]
    rows = uncertainties(assumptions_table(market_sources().sections), vary, given)
    seed = arms[0].experiment.seed
    points = latin_hypercube([row.span for row in rows if row.span], draws, seed)
    baseline = compose([])
    trials = []
    for index, point in enumerate(points.tolist()):
        values = {row.path: _whole(row, value) for row, value in zip(rows, point, strict=True)}
        drawn = (with_values(arms[0], values), with_values(arms[1], values))
        differing = world_differences(drawn)
        if differing:
            raise ConfigError(
                [f"{key}: both strategies must share their world; set it for both" for key in differing]
            )
        replication = arms[0].experiment.first_replication + index
        reference = reference_arm(drawn[0].incentive, drawn[1].incentive)
        key = _trial_key(drawn, replication, reference, baseline)
        trials.append(Trial(index, key, values, drawn, replication, reference))
    return Plan(a, b, rows, tuple(trials), tuple(settings))


def _whole(row: Declared, value: float) -> float:
    """A drawn value as its key takes it: days and counts are whole numbers."""
    return round(value) if isinstance(row.default, int) else value


def _wrong(a: str, b: str, draws: int) -> list[str]:
    problems = []
    if a == b:
        problems.append(f"robustness compares two strategies (you wrote '{a}' twice); name another one")
    if not 2 <= draws <= MOST_DRAWS:
        problems.append(f"draws must be 2..{MOST_DRAWS:,} (you wrote {draws}); choose another number")
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


def _trial_key(arms: tuple[Config, Config], replication: int, reference: int | None, baseline: Config) -> str:
    runs = [
        run_hash(arm, replication, arm.experiment.seed, code_digest(), baseline=paired(arm, baseline))
        for arm in arms
    ]
    return digest_of([*runs, str(reference)])


def run_study(
    plan: Plan, store: Store, on_draw: OnDraw | None = None, player: Player = play
) -> Iterator[str]:
    """Play every draw that is not in the store; yields keys of draws as they are finished.

    Parameters
    ----------
    plan : Plan
        From :func:`plan`.
    store : Store
        Where draws and the study are filed.
    on_draw : callable, optional
        Called as ``on_draw(index, key)`` in this process.
    player : callable, optional
        What plays a draw; :func:`~sim.studies.robustness.arms.play` unless replaced.

    Raises
    ------
    DrawsFailedError
        After all others have finished, if a draw failed.
    """
    tell = on_draw or (lambda index, key: None)
    write_study(store, plan)
    place = (plan.config.experiment.name, folder_name(plan.a, plan.b))
    todo = []
    for trial in plan.trials:
        if has_draw(store, *place, trial.key):
            tell(trial.index, trial.key)
            yield trial.key
        else:
            todo.append(trial)
    failures: list[tuple[Trial, BaseException]] = []
    for trial, error in _played(todo, plan.config.engine, store, place, player):
        if error is None:
            tell(trial.index, trial.key)
            yield trial.key
        else:
            failures.append((trial, error))
    if failures:
        trial, error = failures[0]
        more = f" ({len(failures) - 1} more failed)" if len(failures) > 1 else ""
        text = str(error) or type(error).__name__
        where = store.path("errors", *place, trial.key, "txt")
        raise DrawsFailedError(f"draw {trial.index}: {text}{more}; traceback in {where}") from error


def one_draw(trial: Trial, store: Store, place: tuple[str, str], player: Player) -> None:
    """Play a draw and store it; a failure leaves its traceback in the store."""
    try:
        write_draw(store, *place, trial, player(trial))
    except Exception as error:
        store.write_error(*place, trial.key, error)
        raise


def _played(
    todo: Sequence[Trial], engine: EngineParams, store: Store, place: tuple[str, str], player: Player
) -> Iterator[tuple[Trial, BaseException | None]]:
    """Each draw with what went wrong, in the order in which they finish."""
    yield from map_unordered(partial(one_draw, store=store, place=place, player=player), todo, engine)
