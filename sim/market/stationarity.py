"""Has a burnt-in market come to rest? Compares the last sixty days with the sixty before.

A strategy measured in a market that is still drifting is measured wrong, so a drift larger
than chance and tolerance stops the run. A burn-in too short to judge is not judged; reports
say so.
"""

from __future__ import annotations

import math

import numpy as np

from sim.core.errors import StationarityError
from sim.core.language import mark, tr
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
        The calendar's own factor on each day. What it explains of a change in orders is no drift.

    Raises
    ------
    StationarityError
        Naming each series, its drift and the remedy.
    """
    if days < SHORTEST:
        return
    sold = np.bincount(orders["day"], minlength=days).astype(np.float64)
    read = {mark("orders a day"): _readings(sold, demand)}
    read[mark("registered users")] = [daily["registered"].astype(np.float64)]
    read[mark("mean trust")] = [daily["mean_trust"]]
    problems = []
    for name, readings in read.items():
        change, tolerated = _least(readings)
        if abs(change) > tolerated:
            problems.append(
                tr(
                    "burn-in: {name} still moved by {change:+.1%} over the last {period} of {days} days "
                    "(at most {tolerated:.1%} is tolerated); raise experiment.burn_in_days",
                    name=tr(name),
                    change=change,
                    period=PERIOD,
                    days=days,
                    tolerated=tolerated,
                )
            )
    if problems:
        raise StationarityError("; ".join(problems))


def _readings(sold: np.ndarray, demand: np.ndarray | None) -> list[np.ndarray]:
    """Orders as they are, and divided by the calendar's own factor where days differ.

    Orders follow needs by less than one to one, so what the calendar explains lies between the two.
    """
    if demand is None or (demand == demand[0]).all():
        return [sold]
    return [sold, sold / np.maximum(demand, LEAST_DEMAND)]


def _least(readings: list[np.ndarray]) -> tuple[float, float]:
    """Drift that is left under the reading which leaves least beyond what is tolerated, and that tolerance.

    Readings that move in opposite directions have rest between them.
    """
    drifts = [drift(values[-2 * PERIOD :]) for values in readings]
    if min(change for change, _ in drifts) < 0.0 < max(change for change, _ in drifts):
        return 0.0, TOLERANCE
    change, chance = min(drifts, key=lambda one: abs(one[0]) - one[1])
    return change, TOLERANCE + chance
