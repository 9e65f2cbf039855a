"""History matching: waves of simulated points, each where the last one left something possible.

A point is implausible where some statistic, as emulated, lies further from the real one than three standard
deviations of everything that is uncertain: the file, the emulator, and what the model leaves out. The file is
one world's luck, too: two businesses with the same customers' habits do not have the same figures.

Source: Vernon, Goldstein & Bower (2010), *Bayesian Analysis* 5, 619-670.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from sim.calibration.emulators import Emulators, learn, learnable, luck_of_worlds
from sim.calibration.space import sobol

#: Beyond this many standard deviations a point is given up (Pukelsheim 1994: 95% of any unimodal law).
CUT = 3.0
#: Points of the unit cube at which a wave is judged.
CANDIDATES = 4096
#: Share of candidates that must be left for a wave to be drawn from them alone.
_LEAST = 0.005

#: Points in the unit cube (float64[n, k]) -> statistics by world (float64[n, w, m]).
Simulate = Callable[[np.ndarray], np.ndarray]


@dataclass(frozen=True)
class Goal:
    """What is to be met.

    Attributes
    ----------
    value : float64[m]
        Real statistics.
    covariance : float64[m, m]
        Of file and model discrepancy together: statistics of one file err together, and one that says
        the same as another must not count twice.
    dealt : float64[m], optional
        Variance of the file alone, as dealing its rows again shows it; left out, the covariance holds all of
        the file's luck.
    """

    value: np.ndarray
    covariance: np.ndarray
    dealt: np.ndarray | None = None

    @property
    def variance(self) -> np.ndarray:
        """float64[m]: of each statistic alone."""
        own: np.ndarray = np.diag(self.covariance)
        return own

    def only(self, kept: np.ndarray) -> Goal:
        """Some of the statistics."""
        dealt = None if self.dealt is None else self.dealt[kept]
        return Goal(self.value[kept], self.covariance[np.ix_(kept, kept)], dealt)

    def of_one_world(self, luck: np.ndarray) -> Goal:
        """The same goal where its file is allowed at least the luck that a simulated world has.

        Dealing a file's rows again tells how it would differ with other customers like its own, and not how
        with other neighbours, posts and queues; simulated worlds differ in all of that. The larger of the two
        counts, so that a file of many more people than the simulated market has is allowed too much.

        Parameters
        ----------
        luck : float64[m]
            Variance from world to world.
        """
        if self.dealt is None:
            return self
        return replace(self, covariance=self.covariance + np.diag(np.maximum(luck - self.dealt, 0.0)))


@dataclass(frozen=True)
class Matched:
    """Where the waves ended.

    Attributes
    ----------
    unit : float64[n, k]
        All points, wave after wave.
    worlds : float64[n, w, m]
        Statistics by world.
    kept : bool[m]
        Statistics that could be emulated.
    emulators : Emulators
        Of the kept statistics, from all waves.
    luck : float64[kept]
        Variance of the kept statistics from world to world.
    left : tuple of float
        Share of the cube that was not implausible after each wave.
    """

    unit: np.ndarray
    worlds: np.ndarray
    kept: np.ndarray
    emulators: Emulators
    luck: np.ndarray
    left: tuple[float, ...]


def implausibility(emulators: Emulators, goal: Goal, unit: np.ndarray) -> np.ndarray:
    """float64[n]: the largest distance from a real statistic, in standard deviations."""
    mean, variance = emulators.at(unit)
    gap = np.abs(mean - goal.value) / np.sqrt(variance + goal.variance)
    largest: np.ndarray = gap.max(axis=1)
    return largest


def match(simulate: Simulate, goal: Goal, width: int, waves: int, points: int, seed: int) -> Matched:
    """Run waves.

    Parameters
    ----------
    simulate : callable
        Plays points.
    goal : Goal
        Real statistics.
    width : int
        Free parameters.
    waves, points : int
        Waves, and points of each.
    seed : int
        The experiment's.
    """
    unit = sobol(points, width, seed)
    worlds = simulate(unit)
    candidates = sobol(CANDIDATES, width, seed + 1)
    left = []
    for wave in range(1, waves + 1):
        kept = learnable(worlds)
        emulators = learn(unit, worlds[:, :, kept], seed)
        luck = luck_of_worlds(worlds[:, :, kept], emulators)
        gap = implausibility(emulators, goal.only(kept).of_one_world(luck), candidates)
        left.append(float((gap < CUT).mean()))
        if wave == waves:
            break
        more = _spread_out(candidates, gap, unit, points)
        unit, worlds = np.vstack([unit, more]), np.vstack([worlds, simulate(more)])
    return Matched(unit, worlds, kept, emulators, luck, tuple(left))


def _spread_out(candidates: np.ndarray, gap: np.ndarray, known: np.ndarray, count: int) -> np.ndarray:
    """The next wave: among what is left, each point as far as can be from all others."""
    least = max(count * 4, int(_LEAST * len(candidates)))
    allowed = np.flatnonzero(gap < CUT)
    if len(allowed) < least:  # hardly anything fits: look where it fits least badly
        allowed = np.argsort(gap, kind="stable")[:least]
    field = candidates[allowed]
    nearest = ((field[:, None] - known[None]) ** 2).sum(axis=2).min(axis=1)
    chosen = []
    for _ in range(count):
        best = int(nearest.argmax())
        chosen.append(best)
        nearest = np.minimum(nearest, ((field - field[best]) ** 2).sum(axis=1))
    return field[chosen]
