"""Which values of the free parameters go with a file, and how surely: sampled by emcee over the emulators.

Source: Foreman-Mackey and others (2013), *PASP* 125, 306-312.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim.calibration.matching import Goal, Matched
from sim.core.errors import InputError
from sim.core.language import tr
from sim.core.rng import builder

#: Steps of each walker, and those at the beginning that are dropped.
STEPS, DROPPED = 3000, 1000
#: Share of the range's spread above which a parameter counts as not identified.
SPREAD = 0.8
#: Share of the posterior that a stated range holds.
RANGE = 0.9


@dataclass(frozen=True)
class Posterior:
    """A sample of the posterior.

    Attributes
    ----------
    unit : float64[n, k]
        Points of the unit cube.
    autocorrelation : float
        Longest autocorrelation time of a parameter, steps.
    """

    unit: np.ndarray
    autocorrelation: float

    @property
    def spread(self) -> np.ndarray:
        """float64[k]: posterior sd over that of the whole range."""
        ratio: np.ndarray = self.unit.std(axis=0) * np.sqrt(12.0)
        return ratio

    @property
    def identified(self) -> np.ndarray:
        """bool[k]: whether the file narrows the range."""
        return self.spread < SPREAD

    def range(self, share: float = RANGE) -> np.ndarray:
        """float64[2, k]: quantiles that hold ``share`` in the middle."""
        tail = (1.0 - share) / 2.0
        ends: np.ndarray = np.quantile(self.unit, [tail, 1.0 - tail], axis=0)
        return ends

    def draws(self, count: int) -> np.ndarray:
        """float64[count, k]: points evenly spaced along the sample."""
        chosen: np.ndarray = self.unit[np.linspace(0, len(self.unit) - 1, count).astype(int)]
        return chosen


def sample(matched: Matched, goal: Goal, seed: int, steps: int = STEPS) -> Posterior:
    """Sample the posterior: flat over the ranges, normal about the real statistics.

    Parameters
    ----------
    matched : Matched
        Emulators.
    goal : Goal
        Real statistics, all of them.
    seed : int
        The experiment's.
    steps : int
        Of each walker.

    Raises
    ------
    InputError
        If emcee is not installed.
    """
    try:
        import emcee
    except ImportError:
        raise InputError(
            tr(
                "calibrate with files needs emcee, which is not installed; write: pip install -e "
                "'.[calibrate]'"
            )
        ) from None
    wanted, width = goal.only(matched.kept).of_one_world(matched.luck), matched.unit.shape[1]

    def log_posterior(unit: np.ndarray) -> np.ndarray:
        inside = ((unit >= 0) & (unit <= 1)).all(axis=1)
        told = np.full(len(unit), -np.inf)
        if inside.any():
            mean, variance = matched.emulators.at(unit[inside])
            total = wanted.covariance + variance[:, :, None] * np.eye(len(wanted.value))
            gap = mean - wanted.value
            far = (gap * np.linalg.solve(total, gap[:, :, None])[:, :, 0]).sum(axis=1)
            told[inside] = -0.5 * (far + np.linalg.slogdet(total)[1])
        return told

    rng = builder(seed, "calibration.posterior")
    walkers = max(2 * width + 2, 24)
    tried = rng.random((2000, width))
    start = tried[np.argsort(-log_posterior(tried), kind="stable")[:walkers]]
    sampler = emcee.EnsembleSampler(
        walkers,
        width,
        log_posterior,
        vectorize=True,
        moves=[(emcee.moves.DEMove(), 0.8), (emcee.moves.DESnookerMove(), 0.2)],
    )
    name, *_ = sampler.random_state
    words = rng.integers(0, 2**32, 624, dtype=np.uint32)  # a state of the generator that emcee keeps
    sampler.random_state = (name, words, 624, 0, 0.0)
    sampler.run_mcmc(start, steps)
    dropped = min(DROPPED, steps // 3)
    chain = sampler.get_chain(discard=dropped)
    time = float(np.max(emcee.autocorr.integrated_time(chain, tol=0)))
    flat = chain.reshape(-1, width)
    return Posterior(flat[:: max(1, walkers // 4)], time)
