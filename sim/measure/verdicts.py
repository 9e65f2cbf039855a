"""Verdicts on targets: what an interval says of the target it is held against, and nothing more.

A target is met, or missed, only where every value of the 95% interval meets it, or misses it.
Where the interval holds the target it is too close to call, and one world, which has no interval,
allows no verdict at all.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any

from sim.core.language import mark, tr
from sim.measure.intervals import Interval
from sim.measure.kpis import Kpi

MET, MISSED, CLOSE = mark("met"), mark("missed"), mark("too close to call")
SINGLE, UNSEEN = mark("one world, no verdict"), mark("not observable")
#: Every verdict with its symbol, in the order in which they are counted.
SYMBOLS: dict[str, str] = {MET: "✓", MISSED: "✗", CLOSE: "~", SINGLE: "~", UNSEEN: "?"}


def verdict_of(kpi: Kpi, found: Interval, target: float, never: bool = False) -> str:
    """Verdict on one target.

    Parameters
    ----------
    kpi : Kpi
        The indicator; it knows on which side of its target it is good.
    found : Interval
        Mean over worlds and its interval; ``n`` is 0 where nothing was observable.
    target : float
        In the unit of ``found``.
    never : bool
        The target cannot be met by definition: a baseline against itself.

    Returns
    -------
    str
        One of the keys of :data:`SYMBOLS`.
    """
    if not found.n or not math.isfinite(found.value):
        return UNSEEN
    if never:
        return MISSED
    if not (math.isfinite(found.low) and math.isfinite(found.high)):
        return SINGLE
    ends = {kpi.met(found.low, target), kpi.met(found.high, target)}
    return CLOSE if len(ends) > 1 else MET if ends == {True} else MISSED


def verdict(word: str) -> str:
    """A verdict with its symbol, as tables show it."""
    return f"{SYMBOLS[word]} {tr(word)}"


def counted(words: Iterable[str]) -> dict[str, int]:
    """How many targets got each verdict, all of :data:`SYMBOLS`, zeros included."""
    given = list(words)
    return {word: given.count(word) for word in SYMBOLS}


def counted_words(words: Iterable[str]) -> str:
    """Those counts in words, without the verdicts that nothing got: ``4 met, 3 too close to call``."""
    return tr(", ").join(
        tr("{n} {verdict}", n=n, verdict=tr(word)) for word, n in counted(words).items() if n
    ) or tr("no targets")


def chance_words(row: Mapping[str, Any]) -> str:
    """How often a target is met: worlds counted, and the exact interval of its chance."""
    if not row["n"] or not math.isfinite(row["probability_met"]):
        return "–"
    met, n = round(row["probability_met"] * row["n"]), int(row["n"])
    low, high = (100 * row[end] for end in ("probability_low", "probability_high"))
    return (
        tr("{met} of {n}", met=met, n=n)
        if n < 2
        else tr("{met} of {n} ({low:.0f}-{high:.0f}%)", met=met, n=n, low=low, high=high)
    )
