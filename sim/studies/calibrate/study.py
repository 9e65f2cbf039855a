"""A calibration from its words to its answer: rounds of runs, then a look at worlds it has not seen.

Each round is a sweep over one point, so that it runs on every engine and is taken up where it was stopped.
All rounds are played in the same worlds (common random numbers); the answer is judged in as many others.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from sim.config import Config, assumptions_table, compose, market_sources
from sim.core.errors import ConfigError, RunError
from sim.core.language import tr
from sim.runs.plan import plan
from sim.runs.rounds import with_worlds
from sim.store.manifest import Job, Manifest, extend, read
from sim.store.results import load_results
from sim.studies.calibrate.figures import FITTED, Fitted
from sim.studies.calibrate.fit import Round, Scale, best, distance, log_odds, solve

#: Makes jobs of a manifest; says whether all runs were good.
Execute = Callable[[Manifest, Sequence[Job]], bool]
ROUNDS, MOST_ROUNDS = 8, 40
#: Digits of an intercept that are worth writing down: a thousandth moves 5% by a twentieth of a thousandth.
DIGITS = 3


@dataclass(frozen=True)
class Calibration:
    """What a calibration found.

    Attributes
    ----------
    fitted : tuple of Fitted
        Intercepts and figures.
    rounds : tuple of Round
        Points tried, in order.
    chosen : Round
        The point whose worst figure was nearest.
    fresh : float64[n worlds, n] or None
        Figures of the chosen point in worlds that the fit has not seen; None if nothing was met.
    words : tuple of str
        The chosen intercepts as settings.
    """

    fitted: tuple[Fitted, ...]
    rounds: tuple[Round, ...]
    chosen: Round
    fresh: np.ndarray | None
    words: tuple[str, ...]

    @property
    def met(self) -> bool:
        """Whether every figure of the chosen point rounds to what is stated."""
        return distance(self.chosen, *_goals(self.fitted)) <= 1.0


def check(words: Sequence[str], rounds: int, fitted: Sequence[Fitted] = FITTED) -> Config:
    """Compose the settings that all rounds share.

    Raises
    ------
    ConfigError
        If another scenario than the baseline or a value for a fitted intercept is written, or the number of
        rounds is out of bounds.
    """
    given = {key: value for key, _, value in (word.partition("=") for word in words)}
    problems = []
    if given.get("scenario", "baseline") != "baseline":
        problems.append(
            tr(
                "scenario: a calibration fits the baseline (you wrote '{scenario}'); leave it out",
                scenario=given["scenario"],
            )
        )
    problems += [
        tr("{key}: is what a calibration fits; leave it out", key=one.key)
        for one in fitted
        if one.key in given
    ]
    if not 1 <= rounds <= MOST_ROUNDS:
        problems.append(
            tr(
                "rounds: must be 1..{most_rounds} (you wrote {rounds}); write rounds={rounds2}",
                most_rounds=MOST_ROUNDS,
                rounds=rounds,
                rounds2=ROUNDS,
            )
        )
    if problems:
        raise ConfigError(problems)
    return compose(["scenario=baseline", *(word for word in words if not word.startswith("scenario="))])


def calibrate(
    words: Sequence[str],
    execute: Execute,
    rounds: int = ROUNDS,
    fitted: Sequence[Fitted] = FITTED,
    told: Callable[[Round], Any] = lambda _: None,
) -> Calibration:
    """Fit every intercept at once, starting from the values in force.

    Parameters
    ----------
    words : sequence of str
        Settings of the runs: size, lengths, number of worlds.
    execute : callable
        Makes jobs of a manifest and says whether all runs were good.
    rounds : int
        Most points to try.
    fitted : sequence of Fitted
        Intercepts and figures.
    told : callable
        Called with every point that was tried.

    Raises
    ------
    ConfigError
        As :func:`check`.
    RunError
        If a run failed, or a figure could not be observed.
    """
    config = check(words, rounds, fitted)
    rest = [word for word in words if not word.startswith("scenario=")]
    first, worlds = config.experiment.first_replication, config.experiment.replications

    def at(point: np.ndarray, start: int, told: Callable[[Round], Any] = lambda _: None) -> np.ndarray:
        values = {one.key: round(float(x), DIGITS) for one, x in zip(fitted, point, strict=True)}
        seen = _played(with_worlds(rest, start, worlds), values, execute, fitted)
        told(Round(point, seen))
        return seen

    bounds = {row.path: row.bounds for row in assumptions_table(market_sources().sections)}
    low, high = (np.array([bounds[one.key][end] for one in fitted], np.float64) for end in ("ge", "le"))
    stated, within = _goals(fitted)
    start = np.array([config.value(one.key) for one in fitted])
    tried = solve(
        lambda point: at(point, first, told), start, stated, within, low, high, rounds, _scale(fitted)
    )
    chosen = best(tried, stated, within)
    fresh = at(chosen.point, first + worlds) if distance(chosen, stated, within) <= 1.0 else None
    settings = tuple(
        f"{one.key}={round(float(x), DIGITS)}" for one, x in zip(fitted, chosen.point, strict=True)
    )
    return Calibration(tuple(fitted), tuple(tried), chosen, fresh, settings)


def _goals(fitted: Sequence[Fitted]) -> tuple[np.ndarray, np.ndarray]:
    return np.array([one.stated for one in fitted]), np.array([one.within for one in fitted])


def _scale(fitted: Sequence[Fitted]) -> Scale:
    """Log-odds of shares, logarithms of ratios."""
    ratio = np.array([one.ratio for one in fitted])

    def scaled(figures: np.ndarray) -> np.ndarray:
        found = np.log(figures)
        found[~ratio] = log_odds(figures[~ratio])
        return found

    return scaled


def _played(
    words: Sequence[str], values: dict[str, float], execute: Execute, fitted: Sequence[Fitted]
) -> np.ndarray:
    """float64[n worlds, n]: figures of one point in each world."""
    planned = plan(["scenario=baseline", *words], points=[values])
    root, name = planned.settings.paths.results, str(planned.settings.experiment.name)
    extend(root, name, planned.jobs, planned.content)
    manifest = read(root, name)
    wanted = {job.key for job in planned.jobs}
    if not execute(manifest, [job for job in manifest.jobs if job.key in wanted]):
        raise RunError(tr("a run of the calibration failed, so nothing can be fitted"))
    totals = load_results(root, name).totals
    stored = totals.set_index(["key", "name"])["value"]
    seen = np.array(
        [[float(stored.get((job.key, one.figure), np.nan)) for one in fitted] for job in planned.jobs]
    )
    for column, one in enumerate(fitted):
        most = np.inf if one.ratio else 1.0
        if not ((seen[:, column] > 0) & (seen[:, column] < most)).all():
            raise RunError(
                tr(
                    "{figure}: cannot be fitted where no visit of the kind may order in some world; "
                    "write a larger population.size or longer experiment.days",
                    figure=one.figure,
                )
            )
    return seen
