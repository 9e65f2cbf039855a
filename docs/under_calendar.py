"""The plan's figures under the calendar: ``python -m docs.under_calendar [WORLDS] [CONSUMERS] [CACHE]``.

Other pages count on the flat calendar, on which every day is like the next. Here the same worlds are lived
with China's year, too (``calendar=china``). Figures of both stand side by side in ``calibration.md``, with
the difference paired by world; whether burnt-in worlds are at rest is judged in ``stationarity.md``.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

from docs.calibration import COMPOSED, FITTED, NOT_FITTED, PUBLISHED, Compared, World, written
from docs.pages import table, write_block
from docs.stationarity import SERIES, live
from sim.market.stationarity import PERIOD, TOLERANCE, drift
from sim.measure.intervals import Interval, t_interval

CALENDAR = "calendar=china"
COMPARED = (*COMPOSED, *FITTED, *NOT_FITTED, *PUBLISHED)
#: float64[worlds] on the flat calendar and under China's, by figure.
Counted = dict[Compared, tuple[np.ndarray, np.ndarray]]


def counted(worlds: int, consumers: int, cache: Path) -> Counted:
    """Every figure in every world, on both calendars."""
    found: dict[Compared, list[list[float]]] = {c: [[], []] for c in COMPARED}
    for number in range(worlds):
        for side, more in enumerate(((), (CALENDAR,))):
            world = World(number, consumers, cache, *more)
            for c, values in found.items():
                values[side].append(c.figure(world))
    return {c: (np.array(flat), np.array(china)) for c, (flat, china) in found.items()}


def _between(one: Interval, c: Compared, signed: bool = False) -> str:
    mean, low, high = (written(x, c, signed) for x in one[:3])
    return f"{mean} ({low} to {high})" if one.n > 1 else mean


def side_by_side(values: Counted) -> str:
    """Table of both calendars; bold where the interval of their difference leaves 0 out."""
    rows = []
    for c, (flat, china) in values.items():
        apart = t_interval(china - flat)
        gap = _between(apart, c, signed=True)
        clear = apart.low > 0.0 or apart.high < 0.0
        both = (_between(t_interval(one), c) for one in (flat, china))
        rows.append((c.fact, c.what, c.stated, *both, f"**{gap}**" if clear else gap))
    return table(("figure", "what is said", "stated", "flat", "China's year", "difference"), rows)


def judged(worlds: Iterable[dict[str, np.ndarray]]) -> str:
    """Table of drifts at the end of burn-ins: orders as they are and divided by the calendar's own factor."""
    rows = []
    for number, world in enumerate(worlds):
        end = int(world["burn_in"])
        series = {name: world[name][:end] for name in SERIES}
        readings = {
            "orders a day, as they are": series["orders"],
            "orders a day, divided by the calendar": series["orders"] / world["demand"][:end],
            "registered users": series["registered"],
            "mean trust of registered users": series["trust"],
        }
        for what, values in readings.items():
            change, chance = drift(values)
            rows.append((number, what, f"{change:+.1%}", f"{TOLERANCE + chance:.1%}"))
    return table(("world", "series", f"drift of the last {PERIOD} days", "tolerated"), rows)


def main(arguments: Sequence[str]) -> None:
    """Live the worlds and write both tables."""
    number, consumers = [*map(int, arguments[:2]), *(5, 5_000)[len(arguments[:2]) :]]
    cache = Path(arguments[2]) if len(arguments) > 2 else Path("results/cache")
    values = counted(number, consumers, cache)
    how = f"{number} worlds of {consumers:,} consumers, 90 measured days each, from 5 May 2025."
    write_block("calibration.md", "calendar", f"{how}\n\n{side_by_side(values)}")
    write_block("stationarity.md", "calendar", judged(live(k, consumers, CALENDAR) for k in range(number)))


if __name__ == "__main__":
    main(sys.argv[1:])
