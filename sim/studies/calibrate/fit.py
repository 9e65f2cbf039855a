"""Solving for intercepts: Broyden's method on log-odds.

A choice by logit makes log-odds of a conversion move nearly one for one with its own intercept and
little with the others; so does the logarithm of revenue on a bill that is given. The first guess of the
Jacobian is therefore the identity; Broyden's update corrects it from what each step shows, without the cost
of finite differences.

Source: Broyden (1965), *Mathematics of Computation* 19, 577-593 (the "good" update).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from sim.core.language import tr

#: Longest step of one intercept in one round: beyond it a straight line says little about a logit.
LONGEST_STEP = 1.0
#: Part of the distance allowed within which a fit stops: the rest is for worlds that it has not seen.
NEAR = 0.5

#: Point (float64[n]) -> figures by world (float64[n worlds, n]).
Evaluate = Callable[[np.ndarray], np.ndarray]
#: Figures (float64[n]) -> the same on a scale that has no ends.
Scale = Callable[[np.ndarray], np.ndarray]


@dataclass(frozen=True)
class Round:
    """One point that was tried.

    Attributes
    ----------
    point : float64[n]
        Intercepts.
    worlds : float64[n worlds, n]
        Figures, by world.
    """

    point: np.ndarray
    worlds: np.ndarray

    @property
    def level(self) -> np.ndarray:
        """float64[n]: mean over worlds."""
        mean: np.ndarray = self.worlds.mean(axis=0)
        return mean


def log_odds(share: np.ndarray) -> np.ndarray:
    """ln(p / (1 - p)).

    Raises
    ------
    ValueError
        If a share is not between 0 and 1, both excluded.
    """
    if not ((share > 0) & (share < 1)).all():
        raise ValueError(
            tr("a share to be fitted must lie between 0 and 1 (got {tolist})", tolist=share.tolist())
        )
    odds: np.ndarray = np.log(share / (1.0 - share))
    return odds


def solve(
    evaluate: Evaluate,
    start: np.ndarray,
    stated: np.ndarray,
    within: np.ndarray,
    low: np.ndarray,
    high: np.ndarray,
    rounds: int,
    scale: Scale = log_odds,
) -> list[Round]:
    """Move intercepts until every figure is within half its distance of what is stated.

    Parameters
    ----------
    evaluate : callable
        Figures by world at a point, in the same worlds every time.
    start, stated, within, low, high : float64[n]
        First point; figures wanted and distances allowed; bounds of the intercepts.
    rounds : int
        Most points to try.
    scale : callable
        Figures on the scale on which each moves about one for one with its intercept; log-odds for shares.

    Returns
    -------
    list of Round
        All points tried; which is the nearest is for the caller to find (:func:`best`).
    """
    tried: list[Round] = []
    point, slope = np.clip(start, low, high), np.eye(len(start))
    for _ in range(rounds):
        now = Round(point, evaluate(point))
        if tried:
            slope = _updated(slope, tried[-1], now, scale)
        tried.append(now)
        if distance(now, stated, within) <= NEAR:
            break
        step = np.linalg.solve(slope, scale(stated) - scale(now.level))
        point = np.clip(point + np.clip(step, -LONGEST_STEP, LONGEST_STEP), low, high)
    return tried


def distance(tried: Round, stated: np.ndarray, within: np.ndarray) -> float:
    """The largest miss over the distance allowed: at most 1 where every figure is met."""
    return float((np.abs(tried.level - stated) / within).max())


def best(tried: list[Round], stated: np.ndarray, within: np.ndarray) -> Round:
    """The point whose worst figure is nearest."""
    return min(tried, key=lambda one: distance(one, stated, within))


def _updated(slope: np.ndarray, before: Round, now: Round, scale: Scale) -> np.ndarray:
    """Broyden's rank-one update; a point that did not move teaches nothing."""
    moved = now.point - before.point
    length = float(moved @ moved)
    if length == 0.0:
        return slope
    seen = scale(now.level) - scale(before.level)
    better: np.ndarray = slope + np.outer(seen - slope @ moved, moved) / length
    return better
