"""Uncertainty over replications: how far a mean, a difference or a frequency can be trusted.

A replication is a world of its own, so the spread between replications is the luck of history.
Means get a t interval; frequencies get the exact Clopper-Pearson interval, under which 20 of 20
is not certainty; strategies that share their worlds are compared by paired differences. One
replication has a value and no interval, and many comparisons at once need p-values and
intervals that are corrected for how many they are.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from sim.core.special import betaincinv, stdtr, stdtrit

CONFIDENCE = 0.95
#: Words in the names of money that can lie below 0.
_CAN_BE_LOST = ("contribution", "profit", "margin", "roi")


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


def t_interval(values: Sequence[float] | np.ndarray, confidence: float = CONFIDENCE) -> Interval:
    """Mean of the finite values and its t interval (95% by default); bounds are nan for fewer than two."""
    x = np.asarray(values, float)
    x = x[np.isfinite(x)]
    n = len(x)
    if n == 0:
        return Interval(np.nan, np.nan, np.nan, 0)
    mean = float(x.mean())
    if n == 1:
        return Interval(mean, np.nan, np.nan, 1)
    half = float(stdtrit(n - 1, 0.5 + confidence / 2) * x.std(ddof=1) / np.sqrt(n))
    return Interval(mean, mean - half, mean + half, n)


def limits(unit: str, name: str = "") -> tuple[float, float]:
    """Smallest and largest level that a figure of this unit can have: shares 0 to 1, counts and costs from 0.

    Parameters
    ----------
    unit : str
        As figures declare it: ``share``, ``change ...``, ``CNY/order``.
    name : str
        The figure. Money has no bound unless it is named, because some of it can be lost: what a name calls
        a contribution, a profit, a margin or a return. All other money (costs, spend, revenue, order
        values) cannot lie below 0.
    """
    if unit == "share":
        return 0.0, 1.0
    if unit.startswith("change"):
        return -1.0, np.inf
    lost = unit.startswith("CNY") and (not name or any(word in name for word in _CAN_BE_LOST))
    return (-np.inf, np.inf) if lost or not unit else (0.0, np.inf)


def within(found: Interval, low: float, high: float) -> Interval:
    """An interval without the values that its figure cannot have; it holds the mean as often as before.

    The t interval is cut at the bound. One on the scale of logarithms would keep the bound by itself, and
    would be an interval of the geometric mean, which is another figure than the mean that is told.
    """
    return Interval(
        found.value, float(np.clip(found.low, low, high)), float(np.clip(found.high, low, high)), found.n
    )


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


def t_p_value(values: Sequence[float] | np.ndarray) -> float:
    """Two-sided p-value of the t test that the mean is 0; nan for fewer than two finite values.

    Values that are all 0 speak for a mean of 0 (1.0), other values without spread against it (0.0).
    """
    x = np.asarray(values, float)
    x = x[np.isfinite(x)]
    n = len(x)
    if n < 2:
        return np.nan
    error = float(x.std(ddof=1) / np.sqrt(n))
    if error == 0:
        return 0.0 if x[0] else 1.0
    return float(2 * stdtr(n - 1, -abs(x.mean()) / error))


def holm(p: Sequence[float] | np.ndarray) -> np.ndarray:
    """P-values adjusted for all comparisons of one family, by Holm's step-down procedure.

    An adjusted value of at most 0.05 may be called a difference with a chance of at most 5% that
    any such claim of the whole family is wrong, however the comparisons depend on one another.

    Parameters
    ----------
    p : sequence of float
        One p-value a comparison; nan (no test was possible) stays nan and does not count.

    Returns
    -------
    float64[comparisons]
        Adjusted p-values, none below its own p-value and none above 1.

    Notes
    -----
    Holm (1979), "A simple sequentially rejective multiple test procedure", Scandinavian Journal
    of Statistics 6(2).
    """
    given = np.asarray(p, float)
    adjusted = np.full(len(given), np.nan)
    tested = np.flatnonzero(np.isfinite(given))
    order = tested[np.argsort(given[tested], kind="stable")]
    left = len(order) - np.arange(len(order))
    adjusted[order] = np.minimum(np.maximum.accumulate(given[order] * left), 1.0)
    return adjusted


def simultaneous_interval(values: Sequence[float] | np.ndarray, comparisons: int) -> Interval:
    """Student's interval that holds together with those of the other ``comparisons`` in 95% of experiments.

    Notes
    -----
    Bonferroni: Dunn (1961), "Multiple comparisons among means", JASA 56(293). It needs nothing
    of how comparisons depend, where a maximum-t interval would estimate their joint distribution
    from as few worlds as there are.
    """
    return t_interval(values, 1 - (1 - CONFIDENCE) / max(comparisons, 1))
