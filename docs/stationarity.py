"""Draws whether burnt-in worlds have come to rest: ``python -m docs.stationarity [WORLDS] [CONSUMERS]``.

Lives the baseline market through burn-in and warm-up in several worlds, applies the drift check
of ``sim/market/stationarity.py`` to each, and writes the picture and the table of ``stationarity.md``.
``python -m docs.stationarity rest [WORLDS] [CONSUMERS]`` lives them twice as long from a cold start and
writes how long each series takes (``sim/studies/warmup/study.py``).
"""

from __future__ import annotations

import sys

import numpy as np
from matplotlib.figure import Figure

from docs.pages import DOCS, alone, table, write_block
from sim.config import compose
from sim.demand.calendar import course
from sim.market import Market
from sim.market.stationarity import PERIOD, TOLERANCE, drift
from sim.report.svg import MUTED, colour, drawing, to_svg
from sim.report.warmup import picture
from sim.report.warmup import rows as rest_rows
from sim.studies.warmup.study import Warmup, warmup

SERIES = {
    "orders": "orders a day (7-day mean)",
    "registered": "registered users",
    "trust": "mean trust of registered users",
}
WEEK = 7


def live(world: int, consumers: int, *more: str) -> dict[str, np.ndarray]:
    """Daily series of one world's burn-in and warm-up, with the calendar's own factor (``demand``)."""
    market = Market.from_scenario("baseline", f"population.size={consumers}", *more, replication=world)
    burn_in = market.config.experiment.burn_in_days
    lived: list[dict[str, np.ndarray]] = []
    for start, end in ((0, burn_in), (burn_in, market.first_measured_day)):
        for _ in range(start, end):
            market.step()  # the first step after the burn-in starts the records afresh
        daily, orders = market.records.daily, market.records.orders
        lived.append(
            {
                "orders": np.bincount(orders["day"], minlength=end)[start:].astype(float),
                "registered": daily["registered"].astype(float),
                "trust": daily["mean_trust"].copy(),
            }
        )
    series = {name: np.concatenate([part[name] for part in lived]) for name in SERIES}
    weights, end = market.world.people.need_rate.sum(axis=0), market.first_measured_day
    demand = course(market.baseline.calendar, weights, -end, end)
    return series | {"burn_in": np.array(burn_in), "demand": demand}


def draw(worlds: list[dict[str, np.ndarray]], consumers: int) -> str:
    """SVG with one panel a series, one line a world, and the two periods that are compared."""
    burn_in = int(worlds[0]["burn_in"])
    with drawing("stationarity"):
        figure = Figure(figsize=(9.6, 6.6), layout="constrained")
        axes = figure.subplots(len(SERIES), 1, sharex=True)
        for axis, (name, title) in zip(axes, SERIES.items(), strict=True):
            for k, world in enumerate(worlds):
                values, first = world[name], 0
                if name == "orders":
                    values, first = np.convolve(values, np.full(WEEK, 1 / WEEK), "valid"), WEEK - 1
                axis.plot(np.arange(first, first + len(values)), values, color=colour(k), linewidth=1)
            for back, alpha in ((2, 0.08), (1, 0.16)):
                begin = burn_in - back * PERIOD
                axis.axvspan(begin, begin + PERIOD, color=MUTED, alpha=alpha, linewidth=0)
            axis.axvline(burn_in, color=MUTED, linewidth=0.8, linestyle=(0, (3, 2)))
            axis.set_title(title)
            axis.set_ylim(0, 1.1 * axis.get_ylim()[1])
        axes[-1].set_xlabel("day of the burn-in; shaded: the two periods compared; dashed: its end")
        figure.suptitle(f"{len(worlds)} worlds of {consumers:,} consumers under the baseline", fontsize=11)
        return to_svg(figure, "Orders, registered users and trust by day of the burn-in, one line a world")


def judge(worlds: list[dict[str, np.ndarray]]) -> str:
    """Table of drifts at the end of the burn-in, and of the levels reached."""
    headings = ("world", "series", f"mean, last {PERIOD} days", "drift", "tolerated", "verdict")
    rows = []
    for k, world in enumerate(worlds):
        end = int(world["burn_in"])
        for name, title in SERIES.items():
            series = world[name][:end]
            change, chance = drift(series)
            allowed, level = TOLERANCE + chance, float(series[-PERIOD:].mean())
            verdict = "at rest" if abs(change) <= allowed else "**drifting**"
            words = f"{level:.3f}" if level < 1 else f"{level:,.0f}"
            rows.append((k, title.partition(" (")[0], words, f"{change:+.1%}", f"{allowed:.1%}", verdict))
    return table(headings, rows)


def write_rest(check: Warmup) -> None:
    """Picture and table of how long each series takes to come to rest."""
    headings = (
        "daily series", "at rest from day", f"worlds at rest by day {check.burn_in}", "level",
        f"moved in the burn-in's last {PERIOD} days", f"a burn-in of {check.burn_in} days",
    )  # fmt: skip
    names = ("label", "day", "worlds", "level", "drift", "verdict")
    cells = [[row[name] for name in names] for row in rest_rows(check)]
    write_block("stationarity.md", "rest", table(headings, cells))
    (DOCS / "img" / "warmup.svg").write_text(alone(picture(check)), encoding="utf-8")


def main(arguments: list[str]) -> None:
    """Run the worlds, then write picture and table."""
    if arguments[:1] == ["rest"]:
        number, consumers = [*map(int, arguments[1:]), *(5, 4_000)[len(arguments) - 1 :]]
        size = (f"population.size={consumers}", f"experiment.replications={number}")
        write_rest(warmup(compose(list(size))))
        return
    number, consumers = [*map(int, arguments), *(5, 20_000)[len(arguments) :]]
    worlds = [live(k, consumers) for k in range(number)]
    (DOCS / "img" / "stationarity.svg").write_text(alone(draw(worlds, consumers)), encoding="utf-8")
    write_block("stationarity.md", "drifts", judge(worlds))


if __name__ == "__main__":
    main(sys.argv[1:])
