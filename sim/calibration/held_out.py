"""Held-out days: what customers of the fitting days ordered later, in the file, the market and BG/NBD."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim.analysis.bgnbd import fit
from sim.calibration.data import Orders
from sim.calibration.statistics.orders import GROUPS, later_orders
from sim.calibration.tasks import HELD_OUT


@dataclass(frozen=True)
class HeldOut:
    """Later orders a customer of one group.

    Attributes
    ----------
    group : str
        Empty for all, else by orders on the fitting days.
    customers : int
        How many there are in the file.
    real, error : float
        Of the file, and its standard error.
    model : float64[n]
        Of simulated worlds, one each at a draw from the posterior.
    usual : float
        Of BG/NBD, fitted on the file's fitting days.
    """

    group: str
    customers: int
    real: float
    error: float
    model: np.ndarray
    usual: float


def history(o: Orders, until: float) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """What BG/NBD knows of each customer with an order before ``until``, days.

    Orders of one customer on one day count once, as in the literature.

    Returns
    -------
    customers (int64[n]), repeats, last, seen (float64[n])
    """
    early = o.day < until
    pairs = np.unique(np.stack([o.customer[early], np.floor(o.day[early]).astype(np.int64)], axis=1), axis=0)
    who, start, many = np.unique(pairs[:, 0], return_index=True, return_counts=True)
    first, final = pairs[start, 1], pairs[start + many - 1, 1]
    return who, many - 1.0, (final - first).astype(float), until - first


def usual(o: Orders, until: float) -> dict[str, float]:
    """Later orders a customer that BG/NBD expects, by group, after a fit on the days before ``until``."""
    who, repeats, last, seen = history(o, until)
    model = fit(repeats, last, seen)
    expected = model.expected(repeats, last, seen, o.days - until)
    early = np.bincount(o.customer, weights=o.day < until, minlength=o.customers)[who]
    found = {}
    for group in HELD_OUT:
        low, high = GROUPS[group] if group else (1, 10**9)
        chosen = (early >= low) & (early <= high)
        found[group] = float(expected[chosen].mean()) if chosen.any() else float("nan")
    return found


def judge(o: Orders, until: float, worlds: dict[str, np.ndarray]) -> list[HeldOut]:
    """One row a group.

    Parameters
    ----------
    o : Orders
        Of the file, all days.
    until : float
        End of the fitting days.
    worlds : dict
        Group -> later orders of simulated worlds.
    """
    others = usual(o, until)
    early = np.bincount(o.customer, weights=o.day < until, minlength=o.customers)
    rows = []
    for group in HELD_OUT:
        low, high = GROUPS[group] if group else (1, 10**9)
        chosen = (early >= low) & (early <= high)
        later = (o.counts - early)[chosen]
        error = float(later.std(ddof=1) / np.sqrt(len(later))) if len(later) > 1 else float("nan")
        real = later_orders(o, until, group)
        rows.append(HeldOut(group, int(chosen.sum()), real, error, worlds[group], others[group]))
    return rows
