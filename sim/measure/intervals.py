"""Uncertainty over replications: how far a mean, a difference or a frequency can be trusted.

A replication is a world of its own, so the spread between replications is the luck of history.
Means get a t interval; frequencies get the exact Clopper-Pearson interval, under which 20 of 20
is not certainty; strategies that share their worlds are compared by paired differences. One
replication has a value and no interval.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from scipy.special import betaincinv, stdtrit

CONFIDENCE = 0.95


class Interval(NamedTuple):
    """A value with the bounds of its 95% interval (nan where there is none) and its sample size."""

    value: float
    low: float
    high: float
    n: int


class Difference(NamedTuple):
    """Mean paired difference, its 95% t interval and the share of pairs in which it is positive."""

    value: float
    low: float
    high: float
    share_positive: float


def t_interval(values: Sequence[float] | np.ndarray) -> Interval:
    """Mean of the finite values and its 95% t interval; bounds are nan for fewer than two."""
    x = np.asarray(values, float)
    x = x[np.isfinite(x)]
    n = len(x)
    if n == 0:
        return Interval(np.nan, np.nan, np.nan, 0)
    mean = float(x.mean())
    if n == 1:
        return Interval(mean, np.nan, np.nan, 1)
    half = float(stdtrit(n - 1, 0.5 + CONFIDENCE / 2) * x.std(ddof=1) / np.sqrt(n))
    return Interval(mean, mean - half, mean + half, n)


def clopper_pearson(successes: float, n: float) -> tuple[float, float]:
    """Exact two-sided 95% interval of a frequency (Clopper & Pearson 1934).

    Dependent trials may be given as the number of independent ones that are as uncertain, which
    need not be whole (Korn & Graubard 1998).

    Raises
    ------
    ValueError
        If ``successes`` does not lie in ``0..n`` or ``n`` is 0.
    """
    if n < 1 or not 0 <= successes <= n:
        raise ValueError(f"successes must be 0..n with n at least 1 (got {successes} of {n})")
    tail = (1 - CONFIDENCE) / 2
    low = float(betaincinv(successes, n - successes + 1, tail)) if successes else 0.0
    high = float(betaincinv(successes + 1, n - successes, 1 - tail)) if successes < n else 1.0
    return low, high


def paired_difference(a: Sequence[float] | np.ndarray, b: Sequence[float] | np.ndarray) -> Difference:
    """Mean of ``a - b`` over worlds that both strategies share, with its 95% t interval.

    Parameters
    ----------
    a, b : sequences of float
        One value a world, in the same order; pairs with a value that is not finite are left out.

    Raises
    ------
    ValueError
        If the two do not have one value for each world.
    """
    x, y = np.asarray(a, float), np.asarray(b, float)
    if x.shape != y.shape:
        raise ValueError(f"pairs need one value per world on both sides (got {x.size} and {y.size})")
    d = x - y
    d = d[np.isfinite(d)]
    value, low, high, n = t_interval(d)
    return Difference(value, low, high, float(np.mean(d > 0)) if n else np.nan)
