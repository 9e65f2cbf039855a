"""What a statistic would come to at points that were not simulated: one Gaussian process a statistic.

Source: Kennedy & O'Hagan (2001), *J. R. Statist. Soc. B* 63, 425-464; the processes are scikit-learn's.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np

from sim.core.errors import InputError
from sim.core.language import tr

#: Fewest points that an emulator learns from.
FEWEST = 8
#: Least and most variance of a point's luck that is held possible, of that of all points.
_LUCK = (1e-5, 1.0)
#: Least variance of an emulator, in units of that of all points, and what counts as none at all.
_SURE, _TINY = 1e-9, 1e-300
#: Blocks of points that are left out one after the other to see what emulators are worth.
_BLOCKS = 4


@dataclass(frozen=True)
class Emulators:
    """Gaussian processes with squared-exponential kernels, laid out for many small questions at once.

    Attributes
    ----------
    unit : float64[n, k]
        Points that they learnt from.
    scale : float64[m, k]
        Length scales, one row a statistic.
    amplitude : float64[m]
        Variances of the kernels, in units of ``sd`` squared.
    weights : float64[m, n]
        Inverses of the covariances times the outcomes; 0 where a point could not be told.
    inverse : float64[m, n, n]
        Inverses of the covariances, luck of single points included.
    mean, sd : float64[m]
        By which outcomes were standardised.
    inflation : float64[m]
        By what errors at points left out exceed, in squares, what is said of them; 1 or more.
    luck : float64[m]
        Variance of points about what is learnt: the luck of their worlds, and what is too fine to learn.
    """

    unit: np.ndarray
    scale: np.ndarray
    amplitude: np.ndarray
    weights: np.ndarray
    inverse: np.ndarray
    mean: np.ndarray
    sd: np.ndarray
    inflation: np.ndarray
    luck: np.ndarray

    def at(self, unit: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Means and variances of the expected statistics (no point's luck), float64[points, m] each."""
        a, b = unit / self.scale[:, None], self.unit / self.scale[:, None]
        apart = (
            (a**2).sum(axis=2)[:, :, None] + (b**2).sum(axis=2)[:, None] - 2.0 * (a @ b.transpose(0, 2, 1))
        )
        near = self.amplitude[:, None, None] * np.exp(-0.5 * np.maximum(apart, 0.0))
        unsure = self.amplitude[:, None] - ((near @ self.inverse) * near).sum(axis=2)
        scale = self.inflation * self.sd**2
        mean = self.mean[:, None] + self.sd[:, None] * (near @ self.weights[:, :, None])[:, :, 0]
        return mean.T, (scale[:, None] * np.maximum(unsure, _SURE)).T


def learn(unit: np.ndarray, worlds: np.ndarray, seed: int) -> Emulators:
    """Emulators from simulated points.

    Parameters
    ----------
    unit : float64[n, k]
        Points in the unit cube.
    worlds : float64[n, w, m]
        Statistics by world; nan where nothing could be said.
    seed : int
        Of the starts of the search for length scales.

    Raises
    ------
    InputError
        If scikit-learn is not installed.
    """
    fitted, (within, known) = [], _within_points(worlds)
    for values, own in zip(np.moveaxis(worlds, 2, 0), np.where(known, within, 0.0), strict=True):
        level, seen = _means(values)
        fitted.append(_fitted(unit, level, seen, float(own) / worlds.shape[1], seed))
    columns = [np.array(column) for column in zip(*fitted, strict=True)]
    return Emulators(unit, *columns)


def _fitted(
    unit: np.ndarray, level: np.ndarray, seen: np.ndarray, least: float, seed: int
) -> tuple[Any, ...]:
    """One statistic's length scales, amplitude, weights and so on."""
    mean, sd = float(level[seen].mean()), float(level[seen].std())
    model = _process(unit[seen], level[seen], least, seed)
    amplitude, *scale, noise = np.exp(model.kernel_.theta).tolist()
    covariance = model.kernel_(unit[seen])
    inverse = np.zeros((len(unit), len(unit)))
    inverse[np.ix_(seen, seen)] = np.linalg.inv(covariance)
    weights = inverse @ np.where(seen, (level - mean) / sd, 0.0)
    luck = noise * sd**2
    inflation = _inflation(unit[seen], level[seen], least or luck, seed)
    return scale, amplitude, weights, inverse, mean, sd, inflation, luck


def _process(unit: np.ndarray, level: np.ndarray, least: float, seed: int) -> Any:
    """A process of scikit-learn's by maximum likelihood.

    Points are not believed beyond ``least``, the variance that their worlds show: a law that bends through
    all of their luck fits few points as well as a smooth one.
    """
    try:
        from sklearn.exceptions import ConvergenceWarning
        from sklearn.gaussian_process import GaussianProcessRegressor
        from sklearn.gaussian_process.kernels import RBF, ConstantKernel, WhiteKernel
        from threadpoolctl import threadpool_limits
    except ImportError:
        raise InputError(
            tr(
                "calibrate with files needs scikit-learn, which is not installed; write: pip install "
                "-e '.[calibrate]'"
            )
        ) from None
    scales = RBF(np.ones(unit.shape[1]), (0.2, 30.0))
    floor = float(np.clip(least / max(float(level.var()), _TINY), *_LUCK))
    luck = WhiteKernel(max(0.1, floor), (floor, 2.0 * _LUCK[1]))
    kernel = ConstantKernel(1.0, (0.05, 50.0)) * scales + luck
    model = GaussianProcessRegressor(kernel, normalize_y=True, random_state=seed % 2**32)
    with warnings.catch_warnings(), threadpool_limits(1):  # small matrices: threads would only wait
        warnings.simplefilter("ignore", ConvergenceWarning)
        return model.fit(unit, level)


def _inflation(unit: np.ndarray, level: np.ndarray, luck: float, seed: int) -> float:
    """By what squared errors at points left out exceed what processes say of them; at least 1.

    Few points in many dimensions fit length scales that are too sure of themselves; points that a process has
    not seen show by how much (cross-validation, Rasmussen & Williams 2006, section 5.3). Blocks of a Sobol
    sequence fill the ranges evenly, so that what is left out lies among what is not.

    Parameters
    ----------
    unit, level : float64[n, k], float64[n]
        Points and outcomes.
    luck : float
        Variance of a point's luck, which is in every error and is not the process's.
    seed : int
        As in :func:`learn`.
    """
    block = np.arange(len(unit)) * _BLOCKS // len(unit)
    errors = said = 0.0
    for out in (block == number for number in range(_BLOCKS)):
        model = _process(unit[~out], level[~out], luck, seed)
        mean, sd = model.predict(unit[out], return_std=True)
        noise = float(np.exp(model.kernel_.theta[-1]) * level[~out].var())
        errors += float(((level[out] - mean) ** 2 - luck).sum())
        said += float(np.maximum(sd**2 - noise, _SURE * level.var()).sum())
    return max(1.0, errors / max(said, _TINY))


def _means(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Means over worlds, and which points have one."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        level: np.ndarray = np.nanmean(values, axis=1)
    return level, np.isfinite(level)


def luck_of_worlds(worlds: np.ndarray, emulators: Emulators) -> np.ndarray:
    """float64[m]: variance of a statistic from one world to another at the same point.

    Where points were played in several worlds it is their spread within points; in one world each, it is what
    the emulator could not learn.

    Parameters
    ----------
    worlds : float64[n, w, m]
        Statistics by world; nan where nothing could be said.
    emulators : Emulators
        Learnt from them.
    """
    within, known = _within_points(worlds)
    found: np.ndarray = np.where(known, within, emulators.luck * worlds.shape[1])
    return found


def _within_points(worlds: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """float64[m]: variance from world to world within points; bool[m]: whether enough worlds tell it."""
    freedom = np.maximum(np.isfinite(worlds).sum(axis=1) - 1, 0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        squares = np.nan_to_num(np.nanvar(worlds, axis=1)) * (freedom + 1)
    together = freedom.sum(axis=0)
    return squares.sum(axis=0) / np.maximum(together, 1), together >= FEWEST


def learnable(worlds: np.ndarray) -> np.ndarray:
    """bool[m]: statistics that enough points could tell and that do not stay the same."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        level = np.nanmean(worlds, axis=1)
        moved = np.nanstd(level, axis=0) > 0
    told = np.isfinite(level).sum(axis=0)
    return (told >= max(FEWEST, 0.7 * len(worlds))) & moved
