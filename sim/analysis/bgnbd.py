"""BG/NBD: the usual model of who buys again, as a yardstick beside the market.

Customers buy by a Poisson process at a rate of their own (gamma over customers) and may drop out after any
purchase with a chance of their own (beta over customers).

Source: Fader, Hardie & Lee (2005), *Marketing Science* 24, 275-284.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize
from scipy.special import betaln, gammaln, hyp2f1


@dataclass(frozen=True)
class BgNbd:
    """A fitted model: rates gamma(r, alpha) a unit of time, drop-out beta(a, b)."""

    r: float
    alpha: float
    a: float
    b: float

    def expected(self, repeats: np.ndarray, last: np.ndarray, seen: np.ndarray, ahead: float) -> np.ndarray:
        """Mean purchases in the time ``ahead`` of customers with a history (their equation 10).

        Parameters
        ----------
        repeats, last, seen : float64[n]
            As :func:`fit`.
        ahead : float
            Length of the time ahead.

        Returns
        -------
        float64[n]
        """
        r, alpha, a, b = self.r, self.alpha, self.a, self.b
        x, total = repeats, alpha + seen
        ratio = hyp2f1(r + x, b + x, a + b + x - 1.0, ahead / (total + ahead))
        first = (a + b + x - 1.0) / (a - 1.0) * (1.0 - (total / (total + ahead)) ** (r + x) * ratio)
        odds = np.where(x > 0, a / (b + np.maximum(x, 1.0) - 1.0) * (total / (alpha + last)) ** (r + x), 0.0)
        expected: np.ndarray = first / (1.0 + odds)
        return expected


def fit(repeats: np.ndarray, last: np.ndarray, seen: np.ndarray) -> BgNbd:
    """Maximum likelihood (their equation 6).

    Parameters
    ----------
    repeats : float64[n]
        Purchases after the first.
    last : float64[n]
        Time from the first to the last purchase; 0 without repeats.
    seen : float64[n]
        Time from the first purchase to the end.
    """
    rows, weight = np.unique(np.stack([repeats, last, seen], axis=1), axis=0, return_counts=True)
    x, t, whole = rows.T

    def loss(logs: np.ndarray) -> float:
        r, alpha, a, b = np.exp(logs)
        level = gammaln(r + x) - gammaln(r) + r * np.log(alpha)
        alive = betaln(a, b + x) - betaln(a, b) - (r + x) * np.log(alpha + whole)
        more = np.maximum(x, 1.0)
        gone = betaln(a + 1.0, b + more - 1.0) - betaln(a, b) - (r + x) * np.log(alpha + t)
        both = np.where(x > 0, np.logaddexp(alive, gone), alive)
        return -float(weight @ (level + both)) / float(weight.sum()) + 1e-4 * float(logs @ logs)

    scale = float(np.mean(seen))
    start = np.log([0.5, 0.3 * scale, 0.8, 2.5])
    found = minimize(
        loss, start, method="Nelder-Mead", options={"maxiter": 4000, "xatol": 1e-5, "fatol": 1e-9}
    )
    return BgNbd(*(float(v) for v in np.exp(found.x)))
