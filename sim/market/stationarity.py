"""Has a burnt-in market come to rest? Compares the last sixty days with the sixty before.

A strategy measured in a market that is still drifting is measured wrong, so a drift larger
than chance and tolerance stops the run. A burn-in too short to judge is not judged; reports
say so.
"""

from __future__ import annotations

import math

import numpy as np

from sim.core.errors import StationarityError
from sim.core.records import Table

#: Days of each of the two periods compared, and days in a batch for the standard error.
PERIOD, BATCH = 60, 10
#: Relative drift between the periods that is tolerated on top of chance.
TOLERANCE = 0.05
#: Smallest factor of a calendar by which orders are divided: days without any demand say nothing.
LEAST_DEMAND = 0.01
#: Shortest burn-in that is judged.
SHORTEST = 3 * PERIOD


def drift(series: np.ndarray) -> tuple[float, float]:
    """Relative change between the last two periods, and three standard errors of it.

    Standard errors come from batch means, because neighbouring days resemble each other.
    """
    last, before = series[-PERIOD:], series[-2 * PERIOD : -PERIOD]
    level = abs(float(before.mean()))
    if level == 0.0:
        return 0.0, math.inf
    batches = np.concatenate([before, last]).reshape(-1, BATCH).mean(axis=1)
    half = len(batches) // 2
    spread = math.sqrt((batches[:half].var(ddof=1) + batches[half:].var(ddof=1)) / half)
    return float(last.mean() - before.mean()) / level, 3.0 * spread / level


def check_stationary(daily: Table, orders: Table, days: int, demand: np.ndarray | None = None) -> None:
    """Raise if the market is still drifting at the end of its burn-in.

    Parameters
    ----------
    daily, orders : Table
        Records since day 0.
    days : int
        Days of the burn-in.
    demand : float64[days], optional
        The calendar's own factor on each day, by which orders are divided: a season is no drift.

    Raises
    ------
    StationarityError
        Naming each series, its drift and the remedy.
    """
    if days < SHORTEST:
        return
    sold = np.bincount(orders["day"], minlength=days).astype(np.float64)
    sold = sold if demand is None else sold / np.maximum(demand, LEAST_DEMAND)
    series = {"orders a day": sold, "registered users": daily["registered"].astype(np.float64),
              "mean trust": daily["mean_trust"]}  # fmt: skip
    problems = []
    for name, values in series.items():
        change, chance = drift(values[-2 * PERIOD :])
        if abs(change) > TOLERANCE + chance:
            problems.append(
                f"burn-in: {name} still moved by {change:+.1%} over the last {PERIOD} of {days} days "
                f"(at most {TOLERANCE + chance:.1%} is tolerated); raise experiment.burn_in_days"
            )
    if problems:
        raise StationarityError("; ".join(problems))
