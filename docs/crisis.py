"""What a scandal does, answered and not: ``python -m docs.crisis [WORLDS] [CONSUMERS]``.

Plays the same worlds without a scandal, with one that nobody answers, and with one that is met by the rules
of the scenario ``scandal_answered``, with its desk and without, and writes tables and picture of
``crisis.md``: means, and paired differences with intervals.
"""

from __future__ import annotations

import re
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np

from docs.pages import DOCS, table, write_block
from sim.market import Market
from sim.measure.intervals import t_interval
from sim.world.schema import Source

#: Days of the window, first day of the scandal, and days from then on over which sales and searches count.
WINDOW, START, AFTER = 90, 14, 42
_WHEN = (f"experiment.days={WINDOW}", f"shock.start={START}")
#: Arm -> scenario, and words that differ from it.
ARMS: dict[str, tuple[str, ...]] = {
    "quiet": ("scandal", "shock.size=0"),
    "scandal": ("scandal",),
    "answered": ("scandal_answered",),
    "informed": ("scandal_answered", "opinion.desk.staff=0"),
}
#: What is shown of each day: name -> figure of a world's tables, float64[WINDOW].
_TOLD = 2


class Lived(NamedTuple):
    """One world under one arm: its tables, its window's figures, first measured day, people, spending."""

    tables: dict[str, dict[str, np.ndarray]]
    kpis: dict[str, float]
    first: int
    people: int
    spent_fen: int


def live(arm: str, world: int, cache: Path | None, *more: str) -> Lived:
    """Play one world under one arm."""
    scenario, *words = ARMS[arm]
    market = Market.from_scenario(scenario, *_WHEN, *words, *more, replication=world, cache=cache).run()
    spent = market.world.ledger.balance.get("opinion_cost", 0)
    return Lived(
        market.tables(), market.kpis(), market.first_measured_day, len(market.world.people), int(spent)
    )


def by_day(lived: Lived, days: np.ndarray, weights: np.ndarray | None = None) -> np.ndarray:
    """float64[WINDOW]: events of each day of the window, for 1,000 people."""
    since = days - lived.first
    inside = (since >= 0) & (since < WINDOW)
    chosen = None if weights is None else weights[inside]
    return 1000.0 * np.bincount(since[inside], chosen, WINDOW) / lived.people


def heard(lived: Lived) -> np.ndarray:
    """float64[WINDOW]: people who hear bad news on each day, for 1,000."""
    return by_day(lived, lived.tables["opinion_heard"]["day"])


def told(lived: Lived) -> float:
    """Share of hearings that came from somebody else than the press or one's own complaint."""
    causes = lived.tables["opinion_heard"]["cause"]
    return float(np.mean(causes == _TOLD)) if len(causes) else float("nan")


def last_tenth(lived: Lived) -> float:
    """Days from the scandal's first until nine tenths of all hearings of the window are over."""
    total = np.cumsum(heard(lived)[START:])
    return float(np.searchsorted(total, 0.9 * total[-1])) if total[-1] > 0 else float("nan")


def trust(lived: Lived) -> np.ndarray:
    """float64[WINDOW]: mean trust of registered users, hundredths."""
    daily = lived.tables["daily"]
    inside = daily["day"] >= lived.first
    return 100.0 * daily["mean_trust"][inside][:WINDOW]


def _after(values: np.ndarray) -> float:
    """Sum over the days from the scandal's first on that count."""
    return float(values[START : START + AFTER].sum())


def orders(lived: Lived) -> float:
    """Orders of the weeks that count, for 1,000 people."""
    return _after(by_day(lived, lived.tables["orders"]["day"]))


def searches(lived: Lived) -> float:
    """Visits by search of the same weeks, for 1,000 people."""
    visits = lived.tables["visits"]
    return _after(by_day(lived, visits["day"], (visits["source"] == int(Source.SEARCH)).astype(np.float64)))


#: Heading -> figure of one world.
FIGURES: dict[str, Callable[[Lived], float]] = {
    "people who hear of it, for 1,000 (hearings)": lambda one: _after(heard(one)),
    "of these hearings, from acquaintances, share": told,
    "days until nine tenths of hearings are over": last_tenth,
    "trust three weeks after its first day, hundredths": lambda one: float(trust(one)[START + 21]),
    "trust at the end of the window, hundredths": lambda one: float(trust(one)[-1]),
    "orders of the six weeks from its first day, for 1,000 people": orders,
    "visits by search in the same weeks, for 1,000 people": searches,
    "spent on the answer, CNY for 1,000 people": lambda one: 10.0 * one.spent_fen / one.people,
    "contribution of the window, CNY for 1,000 people": lambda one: one.kpis["contribution_per_1000"],
}
#: Question -> (arm, arm it is compared with).
QUESTIONS = {
    "the scandal, which nobody answers": ("scandal", "quiet"),
    "the answer, in the scandal": ("answered", "scandal"),
    "the answer without people at a desk": ("informed", "scandal"),
}
#: Panel of the picture -> series of one world.
PANELS: dict[str, Callable[[Lived], np.ndarray]] = {
    "Hear bad news, a day and 1,000 people": heard,
    "Mean trust, hundredths": trust,
    "Orders a day and 1,000 people": lambda one: by_day(one, one.tables["orders"]["day"]),
}


def play(
    worlds: int, *more: str, cache: Path | None = None
) -> tuple[dict[str, dict[str, np.ndarray]], dict[str, dict[str, np.ndarray]]]:
    """Arm -> heading -> float64[worlds], and arm -> panel -> float64[WINDOW], the mean over worlds."""
    figures: dict[str, dict[str, list[float]]] = {arm: {name: [] for name in FIGURES} for arm in ARMS}
    series: dict[str, dict[str, list[np.ndarray]]] = {arm: {name: [] for name in PANELS} for arm in ARMS}
    for world in range(worlds):
        for arm in ARMS:
            lived = live(arm, world, cache, *more)
            for name, figure in FIGURES.items():
                figures[arm][name].append(figure(lived))
            for name, panel in PANELS.items():
                series[arm][name].append(panel(lived))
    return (
        {arm: {name: np.array(values) for name, values in own.items()} for arm, own in figures.items()},
        {arm: {name: np.mean(days, axis=0) for name, days in own.items()} for arm, own in series.items()},
    )


def _told(values: np.ndarray) -> str:
    """A mean with its 95% interval; a dash where a figure is not observed in some world."""
    if not np.isfinite(values).all():
        return "-"
    found = t_interval(values)
    return f"{found.value:.3g} ({found.low:.3g} to {found.high:.3g})"


def levels(found: dict[str, dict[str, np.ndarray]]) -> str:
    """Table of means by arm."""
    rows = [
        [name, *("-" if np.isnan(v := found[arm][name].mean()) else f"{v:.3g}" for arm in ARMS)]
        for name in FIGURES
    ]
    return table(("", "no scandal", "no answer", "answered", "answered without a desk"), rows)


def differences(found: dict[str, dict[str, np.ndarray]]) -> str:
    """Table of paired differences with 95% intervals over worlds."""
    rows = [
        [name, *(_told(found[arm][name] - found[against][name]) for arm, against in QUESTIONS.values())]
        for name in FIGURES
    ]
    return table(("", *QUESTIONS), rows)


def draw(series: dict[str, dict[str, np.ndarray]], path: Path) -> None:
    """Draw the days of all arms, a panel each of :data:`PANELS`; orders as means of seven days."""
    from sim.plots.style import colour, dash, drawing, grid_of

    with drawing():
        axes = grid_of(len(PANELS), len(PANELS), 10.2, 2.9)
        for axis, name in zip(axes, PANELS, strict=True):
            for n, (arm, own) in enumerate(series.items()):
                week = np.convolve(own[name], np.ones(7) / 7.0, "valid") if "Orders" in name else own[name]
                axis.plot(
                    np.arange(len(week)) + WINDOW - len(week),
                    week,
                    color=colour(n),
                    linestyle=dash(n),
                    label=arm,
                )
            axis.axvline(START, color="#5b6370", linestyle=":", linewidth=1.0)
            axis.set_title(name)
            axis.set_xlabel("day of the window")
        axes[0].legend()
        axes[0].figure.savefig(path, metadata=dict.fromkeys(("Creator", "Date", "Format", "Type")))
    text = path.read_text(encoding="utf-8")
    path.write_text(bare(text), encoding="utf-8")


def bare(svg: str) -> str:
    """A picture without its metadata and document type, which name other hosts."""
    return re.sub(r"<metadata>.*?</metadata>\s*|<!DOCTYPE.*?>\s*", "", svg, flags=re.DOTALL)


def main(worlds: int = 5, consumers: int = 3_000) -> None:
    """Play all arms, draw the picture and write the page's tables."""
    with tempfile.TemporaryDirectory() as folder:
        found, series = play(worlds, f"population.size={consumers}", cache=Path(folder))
    made = f"{worlds} worlds of {consumers:,} consumers, {WINDOW} days."
    write_block("crisis.md", "levels", f"Means of {made}\n\n{levels(found)}")
    write_block("crisis.md", "differences", f"Paired in {made}\n\n{differences(found)}")
    draw(series, DOCS / "img" / "crisis.svg")


if __name__ == "__main__":
    main(*(int(word) for word in sys.argv[1:]))
