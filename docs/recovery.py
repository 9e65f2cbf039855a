"""Are known parameters found again? ``python -m docs.recovery [WORLDS] [POINTS] [FOLDER]``.

Writes the tables of ``recovery.md``. In each of some worlds eight parameters of four kinds are drawn from
their declared plausible ranges; the market lives with them, and its orders, cascades and deliveries are
written to files as a user would have them. Then the market is fitted to these files as ``liebian calibrate``
does it: reading, targets, points in simulated worlds of their own, emulators and posterior. All files share
the points of the one wave. Files and points are kept in the folder, where one is named, and taken up by the
next call with the same code.
"""

from __future__ import annotations

import csv
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np

from docs.pages import table, write_block
from sim.calibration.matching import Matched, match
from sim.calibration.posterior import sample
from sim.calibration.request import Request
from sim.calibration.simulated import known
from sim.calibration.space import Space, sobol
from sim.calibration.study import Plan, goal_of, own_worlds, plan, played
from sim.calibration.tasks import PointTask
from sim.config import assumptions_table, code_digest, compose, market_sources
from sim.market import Market
from sim.measure.events import Events
from sim.measure.intervals import clopper_pearson, t_interval
from sim.runs.execute import execute
from sim.store.store import Store
from sim.studies.robustness.arms import with_values

PAGE = "recovery.md"
#: Parameters by what they speak of.
KINDS = {
    "demand": ("population.needs_per_day", "population.taste_sd"),
    "baskets": ("choice.basket_mean", "population.basket_sigma"),
    "word of mouth": ("sharing.pass_on", "sharing.delay_median"),
    "delivery": ("logistics.late_share", "aftersales.low_spoiled"),
}
KEYS = tuple(key for keys in KINDS.values() for key in keys)
WORLD = (
    "population.size=1500",
    "experiment.burn_in_days=40",
    "experiment.warmup_days=0",
    "experiment.days=100",
    "experiment.replications=2",
)
FILES = ("orders", "cascades", "deliveries")
#: Share of every statistic that may be wrong with the model: nearly none, as the files are the market's own.
DISCREPANCY = 0.03
#: First world of the files, beyond those of all points.
FIRST = 10_000
_MINUTES_A_DAY = 1440.0
_BEGIN = np.datetime64("2024-01-01T00:00:00")


class Found(NamedTuple):
    """What came out in one world.

    Attributes
    ----------
    truth, low, high : float64[8]
        What was known, and the stated range of 90%.
    identified : bool[8]
        Whether the fit calls the parameter told by the files.
    """

    truth: np.ndarray
    low: np.ndarray
    high: np.ndarray
    identified: np.ndarray

    @property
    def held(self) -> np.ndarray:
        """bool[8]: whether the range holds what was known."""
        inside: np.ndarray = (self.low <= self.truth) & (self.truth <= self.high)
        return inside


def space() -> Space:
    """The eight parameters and their ranges, in the order of :data:`KEYS`."""
    rows = assumptions_table(market_sources().sections)
    by_key = {row.path: row for row in rows}
    return Space.of([by_key[key] for key in KEYS])


def _times(minutes: np.ndarray) -> np.ndarray:
    """Dates and times of minutes since the window began."""
    return np.datetime_as_string(_BEGIN + (minutes * 60).astype("timedelta64[s]"), unit="s")


def _sheet(path: Path, heads: Sequence[str], *columns: np.ndarray) -> str:
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file)
        out.writerow(heads)
        out.writerows(zip(*(column.tolist() for column in columns), strict=True))
    return str(path)


def write_files(folder: Path, events: Events) -> list[str]:
    """Orders, cascades and deliveries of a window as a user's files; words that name them."""
    tables = known(events, ("orders", "cascades"))
    sold, told = tables["orders"], tables["cascades"]
    when = _times(np.floor(sold.day * _MINUTES_A_DAY + 0.5))
    heads = ("customer", "time", "value")
    orders = _sheet(folder / "orders.csv", heads, sold.customer, when, np.round(sold.value, 2))
    inner = np.flatnonzero(told.parent >= 0)
    branch = ("cascade", "parent", "child", "minute")
    rows = (told.root[inner], told.parent[inner], inner, told.minute[inner])
    cascades = _sheet(folder / "cascades.csv", branch, *rows)
    goods = events.column("deliveries", "service") >= 0
    start = events.first * _MINUTES_A_DAY
    times = (
        _times(events.column("deliveries", name)[goods] - start)
        for name in ("ordered_minute", "promised_minute", "minute")
    )
    score = np.where(events.column("deliveries", "low_score")[goods] > 0, 1, 5)
    carried = ("ordered", "promised", "delivered", "score")
    deliveries = _sheet(folder / "deliveries.csv", carried, *times, score)
    return [f"orders={orders}", f"cascades={cascades}", f"deliveries={deliveries}"]


def lived(values: np.ndarray, world: int, cache: Path) -> Events:
    """A window of a market with known parameters."""
    config = with_values(
        compose(["scenario=baseline", *WORLD]), dict(zip(KEYS, values.tolist(), strict=True))
    )
    market = Market(config, world, cache).run()
    return Events(market.tables(), market.window)


def files_of(folder: Path, truth: np.ndarray, world: int) -> list[str]:
    """Files of one world, played unless they are there; words that name them."""
    there = [f"{kind}={folder / kind}.csv" for kind in FILES]
    done = folder / f"{code_digest()[:12]}.done"
    if not done.exists():
        folder.mkdir(parents=True, exist_ok=True)
        there = write_files(folder, lived(truth, world, folder / "lived"))
        done.touch()
    return there


def planned(files: Sequence[str], points: int, folder: Path) -> Plan:
    """The calibration as a user would ask for it."""
    words = [
        *files, f"free={','.join(KEYS)}", "engine=serial", "waves=1", f"wave_points={points}", "holdout=0",
        f"discrepancy={DISCREPANCY}", *WORLD, f"paths.results={folder}", f"paths.cache={folder / 'cache'}",
    ]  # fmt: skip
    return plan(Request.parse(words))


def alike(plans: Sequence[Plan]) -> list[Plan]:
    """Plans with the statistics that all of their files tell, so that worlds of one count for the others."""
    names = [one.name for one in plans[0].targets]
    names = [name for name in names if all(name in [t.name for t in other.targets] for other in plans)]
    return [
        replace(
            one,
            targets=tuple(target for target in one.targets if target.name in names),
            question=replace(one.question, names=tuple(names)),
        )
        for one in plans
    ]


def emulated(asked: Plan, store: Store) -> Matched:
    """The points of the one wave and their emulators, which are the same whatever the files say."""
    names = [one.name for one in asked.targets]

    def run(tasks: Sequence[PointTask]) -> bool:
        return all(one.error is None for one in execute(tasks, asked.config.engine, store))

    def simulate(unit: np.ndarray) -> np.ndarray:
        own = own_worlds(0, asked.config.experiment.replications, range(len(unit)))
        told = played(asked, asked.space.values(unit), own, run, lambda task: task.read(store))
        return np.array([[[world[name] for name in names] for world in point] for point in told])

    words, seed = asked.request, asked.config.experiment.seed
    goal = goal_of(asked.targets, DISCREPANCY)
    return match(simulate, goal, len(KEYS), words.waves, words.points, seed)


def fitted(asked: Plan, matched: Matched, truth: np.ndarray) -> Found:
    """Posterior of one world's files, as ``liebian calibrate`` samples it."""
    goal, seed = goal_of(asked.targets, DISCREPANCY), asked.config.experiment.seed
    posterior = sample(matched, goal, seed)
    low, high = asked.space.values(posterior.range())
    place = [asked.space.keys.index(key) for key in KEYS]
    return Found(truth, low[place], high[place], posterior.identified[place])


def recover(worlds: int, points: int, folder: Path) -> list[Found]:
    """Make the files of all worlds, play the wave, then fit each."""
    truths = space().values(sobol(worlds, len(KEYS), 77))
    files = []
    for world, truth in enumerate(truths):
        own = folder / f"world_{world}"
        files.append(files_of(own, truth, FIRST + world))
    store = Store(folder)
    store.check()
    plans = alike([planned(one, points, folder) for one in files])
    matched = emulated(plans[0], store)
    found = []
    for one, truth in zip(plans, truths, strict=True):
        found.append(fitted(one, matched, truth))
        sys.stdout.write(f"{len(found)} of {worlds}: {int(found[-1].held.sum())} of {len(KEYS)} inside\n")
        sys.stdout.flush()
    return found


def by_parameter(found: Sequence[Found]) -> str:
    """Table: how often each parameter's range held it, and how wide ranges were."""
    ranges, rows = space(), []
    held, told = (np.array([getattr(one, name) for one in found]) for name in ("held", "identified"))
    width = np.array([one.high - one.low for one in found]) / (ranges.high - ranges.low)
    for n, key in enumerate(KEYS):
        kind = next(kind for kind, keys in KINDS.items() if key in keys)
        low, high = clopper_pearson(int(held[:, n].sum()), len(found))
        inside = f"{int(held[:, n].sum())} of {len(found)} ({low:.0%} to {high:.0%})"
        span = f"{ranges.low[n]:g} to {ranges.high[n]:g}"
        rows.append((f"`{key}`", kind, span, inside, f"{width[:, n].mean():.0%}", f"{int(told[:, n].sum())}"))
    heads = (
        "parameter",
        "speaks of",
        "range it was drawn from",
        "inside",
        "mean width, of it",
        "identified in",
    )
    return table(heads, rows)


def coverage(found: Sequence[Found]) -> str:
    """The sentence on all of them."""
    held = np.array([one.held for one in found])
    low, high = clopper_pearson(int(held.sum()), held.size)
    _, least, most, _ = t_interval(held.mean(axis=1))
    return (
        f"In all {int(held.sum())} of {held.size} stated ranges hold what was known: {held.mean():.0%}; "
        f"{low:.0%} to {high:.0%} if they were independent, {max(least, 0.0):.0%} to {min(most, 1.0):.0%} by "
        "the spread over worlds."
    )


def by_world(found: Sequence[Found]) -> str:
    """Table of every truth beside its stated range."""
    rows = []
    for number, one in enumerate(found):
        told = zip(one.truth, one.low, one.high, one.held, strict=True)
        cells = [
            f"{t:.3g} in {a:.3g} to {b:.3g}" if h else f"**{t:.3g} not in {a:.3g} to {b:.3g}**"
            for t, a, b, h in told
        ]
        rows.append((str(number + 1), *cells))
    return table(("world", *(f"`{key}`" for key in KEYS)), rows)


def main(worlds: str = "10", points: str = "64", kept: str = "") -> None:
    """Recover, and write the page's tables."""
    with tempfile.TemporaryDirectory() as passing:
        found = recover(int(worlds), int(points), Path(kept or passing))
    made = f"{worlds} worlds; {points} points, each played in two worlds of its own."
    write_block(PAGE, "coverage", f"{coverage(found)}\n\n{by_parameter(found)}\n\n{made}")
    write_block(PAGE, "worlds", by_world(found))


if __name__ == "__main__":
    main(*sys.argv[1:4])
