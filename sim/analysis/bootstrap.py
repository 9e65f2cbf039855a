"""Bootstrap intervals of means, beside the t interval: they follow a skewed sample, t does not.

The interval is BCa (bias-corrected and accelerated), with its levels widened for small samples
as the t interval is widened against the normal one; without that, seven worlds would be covered
88% of the time. Resamples depend on the size of the sample alone, so that the same values give
the same interval always, whoever asks and whatever else is asked.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import numpy as np

from sim.core.rng import builder
from sim.core.special import ndtr, ndtri, stdtrit
from sim.measure.intervals import CONFIDENCE, Interval, t_interval

#: Resamples. The levels asked of six values lie at 0.0025, the tenth of so many.
RESAMPLES = 4000
#: With five values the levels asked for lie beside the smallest mean that resampling can reach at all.
FEWEST = 6
#: Rows that are resampled at once, against memory.
_ROWS = 256


def bootstrap_interval(values: Sequence[float] | np.ndarray) -> Interval:
    """Mean of the finite values and its 95% bootstrap interval; bounds are nan for fewer than six.

    Parameters
    ----------
    values : sequence of float
        One value a world: levels, or differences between two strategies in it.

    Notes
    -----
    BCa: Efron (1987), "Better bootstrap confidence intervals", JASA 82(397). Widened levels:
    Hesterberg (2015), "What teachers should know about the bootstrap", The American Statistician
    69(4), section 5.3: the normal quantile z becomes sqrt(n / (n - 1)) times Student's t.
    """
    value, _, _, n = t_interval(values)
    low, high = bootstrap_bounds([values])[0]
    return Interval(value, float(low), float(high), n)


def bootstrap_bounds(samples: Sequence[Sequence[float] | np.ndarray]) -> np.ndarray:
    """Bounds of the bootstrap intervals of many means at once.

    Parameters
    ----------
    samples : sequence of sequences of float
        One sample a row; values that are not finite are left out.

    Returns
    -------
    float64[samples, 2]
        Low and high; nan for samples of fewer than six values.
    """
    rows = [np.asarray(sample, float) for sample in samples]
    rows = [row[np.isfinite(row)] for row in rows]
    sizes = np.array([len(row) for row in rows], int)
    bounds = np.full((len(rows), 2), np.nan)
    for n in np.unique(sizes[sizes >= FEWEST]):
        alike = np.flatnonzero(sizes == n)
        for at in range(0, len(alike), _ROWS):
            some = alike[at : at + _ROWS]
            bounds[some] = _bca(np.array([rows[row] for row in some]))
    return bounds


@cache
def _weights(n: int) -> np.ndarray:
    """float64[n, RESAMPLES]: how often each value stands in each resample, over n."""
    drawn = builder(n, "measure.bootstrap").integers(0, n, (RESAMPLES, n))
    at = drawn + np.arange(RESAMPLES)[:, None] * n
    counts = np.bincount(at.ravel(), minlength=RESAMPLES * n).reshape(RESAMPLES, n)
    return np.ascontiguousarray(counts.T / n)


def _bca(x: np.ndarray) -> np.ndarray:
    """float64[rows, 2]: bounds for float64[rows, n], all rows of the same length."""
    n = x.shape[1]
    mean = x.mean(axis=1, keepdims=True)
    off = x - mean
    # Deviations rather than values, so that a large mean costs no digits; over the largest, so that the
    # third power of tiny ones does not vanish.
    unit = np.abs(off).max(axis=1, keepdims=True)
    off = np.divide(off, unit, out=np.zeros_like(off), where=unit > 0)
    resampled = np.sort(off @ _weights(n), axis=1)
    squares = (off**2).sum(axis=1)
    # The share below the mean, ties halved (counted as such in spite of rounding), kept off 0 and 1,
    # where its quantile is infinite.
    tie = 1e-9 * np.sqrt(squares / n)[:, None]
    below = ((resampled < -tie).sum(axis=1) + (resampled <= tie).sum(axis=1)) / 2
    bias = ndtri(np.clip(below, 0.5, RESAMPLES - 0.5) / RESAMPLES)
    skew = (off**3).sum(axis=1)
    acceleration = np.divide(skew, 6 * squares**1.5, out=np.zeros(len(x)), where=squares > 0)
    wide = np.sqrt(n / (n - 1)) * stdtrit(n - 1, 0.5 + CONFIDENCE / 2)
    bounds = np.empty((len(x), 2))
    for side, sign in enumerate((-1.0, 1.0)):
        z = bias + sign * wide
        level = ndtr(bias + z / np.maximum(1 - acceleration * z, 1e-9))
        bounds[:, side] = _quantile(resampled, level)
    return bounds * unit + mean


def _quantile(ordered: np.ndarray, level: np.ndarray) -> np.ndarray:
    """float64[rows]: quantile of each sorted row at its own level, between order statistics."""
    at = np.clip(level * (RESAMPLES + 1) - 1, 0, RESAMPLES - 1)
    lower = at.astype(int)
    upper = np.minimum(lower + 1, RESAMPLES - 1)
    rows = np.arange(len(ordered))
    low: np.ndarray = ordered[rows, lower]
    between: np.ndarray = low + (at - lower) * (ordered[rows, upper] - low)
    return between
