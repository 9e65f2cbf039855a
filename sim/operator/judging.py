"""Whether a figure stands out: its level against the reference, and against what chance alone would bring."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from sim.core.clock import MINUTES_PER_DAY
from sim.rules import MonitorParams
from sim.world.observed import Reading, total

_DAYS_A_YEAR = 365.0
#: Windows that the days before the strategy must hold, or they do not tell what is usual.
WINDOWS = 2


class Verdict(NamedTuple):
    """One look at a figure: the part that stands out most, its level, and the reference of that part."""

    fires: bool
    calm: bool
    part: int
    level: float
    reference: float


class Usual(NamedTuple):
    """What is usual: level by part, events of the denominator a day, and how unevenly events come."""

    level: np.ndarray
    per_day: np.ndarray
    spread: float


def usual(params: MonitorParams, before: list[Reading], parts: int) -> Usual | None:
    """The reference from the days before the strategy; None where nothing tells what is usual.

    Parameters
    ----------
    params : MonitorParams
        A reference that is given takes the place of the figure's own.
    before : list of Reading
        Readings of those days.
    parts : int
        How many parts the figure has.
    """
    over, per = total(before, "over"), total(before, "per")
    given = params.against == "given"
    if given:
        level = np.full(parts, params.reference)
    elif not before or over.sum() <= 0.0 or per.sum() <= 0.0:
        return None
    else:
        whole = float(over.sum() / per.sum())
        own = np.divide(over, per, out=np.full(parts, whole), where=per > 0.0)
        level = np.maximum(own, whole) if params.ratio >= 1.0 else np.minimum(own, whole)
    days = _days(before)
    if days < WINDOWS * params.window:  # too few days to tell how events come
        return Usual(level, np.zeros(parts), 1.0) if given else None
    # the reference is itself a sum of chance events, the less certain the fewer days it has
    return Usual(level, per / days, _spread(before, params.window) * (1.0 + params.window / days))


def _days(readings: list[Reading]) -> float:
    """Days from the first to the last reading, both counted."""
    return (readings[-1].minute - readings[0].minute) / MINUTES_PER_DAY + 1.0 if readings else 0.0


def _spread(before: list[Reading], window: float) -> float:
    """Variance of a window's numerator over its mean, given the denominator; at least 1, as of single events.

    Events come in bunches (a cascade, a parcel of several goods): whole windows of the usual days say how
    much more their sums vary than those of single events would.
    """
    width = max(1, round(window * MINUTES_PER_DAY))
    blocks: dict[int, list[Reading]] = {}
    for reading in before:
        blocks.setdefault((before[-1].minute - reading.minute) // width, []).append(reading)
    over = np.array([total(block, "over") for block in blocks.values()])
    per = np.array([total(block, "per") for block in blocks.values()])
    if len(over) < 2 or over.sum() <= 0.0:
        return 1.0
    below = per.sum(axis=0)
    level = np.divide(over.sum(axis=0), below, out=np.zeros(len(below)), where=below > 0.0)
    squares = float(((over - level * per) ** 2).sum())
    return max(1.0, squares / float(over.sum()) * len(over) / (len(over) - 1))


def judge(params: MonitorParams, seen: list[Reading], usually: Usual | None, looks_a_day: int) -> Verdict:
    """One look at the window.

    Parameters
    ----------
    params : MonitorParams
        Ratio, hysteresis, and how many false alarms are borne.
    seen : list of Reading
        Readings of the window that can be seen by now.
    usually : Usual or None
        What is usual; without it nothing fires.
    looks_a_day : int
        How often a day the monitor looks.

    Returns
    -------
    Verdict
        A part without a denominator has no level, and stands out if it has events at all.
    """
    if not seen or usually is None:
        return Verdict(False, True, 0, math.nan, math.nan)
    over, per = total(seen, "over"), total(seen, "per")
    reference = usually.level
    level = np.divide(over, per, out=np.where(over > 0.0, np.inf, reference), where=per > 0.0)
    relative = level / np.maximum(reference, 1e-300)
    up = params.ratio >= 1.0
    beyond = relative >= params.ratio if up else relative <= params.ratio
    expected = reference * np.maximum(per, usually.per_day * params.window)
    rare = math.log(_DAYS_A_YEAR * looks_a_day * len(over) / params.false_alarms)
    surprising = _surprise(over, expected, usually.spread, up) >= max(rare, 0.0)
    back = 1.0 + params.rearm * (params.ratio - 1.0)
    calm = relative < back if up else relative > back
    fires = beyond & surprising
    part = int(np.argmax(np.where(fires, relative if up else -relative, -np.inf)))
    if not fires.any():
        part = int(np.argmax(relative if up else -relative))
    return Verdict(
        bool(fires.any()), bool((calm | ~surprising).all()), part, float(level[part]), float(reference[part])
    )


def _surprise(over: np.ndarray, expected: np.ndarray, spread: float, up: bool) -> np.ndarray:
    """Minus the logarithm of a bound on the chance of a sum as far out as this, float64[parts].

    Chernoff's bound for sums of bunches with the given variance over mean: the weaker of that of bunches of
    equal size (Poisson) and that of bunches of any size (gamma), so that chance is rather over- than
    understated.
    """
    mean = np.maximum(expected, 1e-300)
    ratio = over / mean
    with np.errstate(divide="ignore", invalid="ignore"):
        log = np.log(ratio)
        poisson = np.where(ratio > 0.0, ratio * log - ratio + 1.0, 1.0)
        gamma = np.where(ratio > 0.0, ratio - 1.0 - log, np.inf)
    bound = mean / spread * np.minimum(poisson, gamma)
    further = ratio > 1.0 if up else ratio < 1.0
    found: np.ndarray = np.where(further, bound, 0.0)
    return found
