"""How long a market needs to come to rest: MSER-5 and Welch's moving average from a cold start.

Worlds are lived from day 0 under the baseline strategy, without a burn-in, and each main daily series is
asked from which day on its mean no longer gains from leaving more of the beginning out. The check of
``sim/market/stationarity.py`` guards every single burn-in against drift; this one says how long a burn-in
must be, and both are shown beside each other.

Sources: White (1997), *Simulation* 69, 323-334; White, Cobb & Spratt (2000), *Proc. Winter Simulation
Conference*, 755-760 (batches of five); Hoad, Robinson & Davies (2010), *J. Operational Research Society* 61,
1389-1403 (the mean over worlds, the last batches and the second half left out); Welch (1983), in Lavenberg,
*Computer Performance Modeling Handbook*, section 6.3.1.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

import numpy as np

from sim.config import Config
from sim.core.errors import ConfigError
from sim.core.language import tr
from sim.demand.calendar import course
from sim.market import Market
from sim.market.stationarity import LEAST_DEMAND, SHORTEST, TOLERANCE, drift
from sim.measure.series import DAILY_UNITS, daily_kpis

#: Days in a batch, and batches that must remain for their mean to have a standard error worth comparing.
BATCH, LEAST_LEFT = 5, 5
#: Days to either side of a day that Welch's average takes in.
WINDOW = 15
#: Fewest and most days that are lived.
FEWEST_DAYS, MOST_DAYS = 2 * BATCH * LEAST_LEFT, 3650
#: Those that follow needs from day to day.
FLOWS = ("visits", "orders")
#: The series that are judged: demand, its quality, customers, service and money.
SERIES = (
    "visits",
    "orders",
    "order_conversion",
    "average_order_value",
    "new_users",
    "registered",
    "members",
    "private_domain",
    "mean_trust",
    "on_time_rate",
    "complaint_rate",
    "contribution_margin",
)


class Cut(NamedTuple):
    """Where MSER cuts a series.

    days : first observation kept; statistic : squared standard error of the mean of what is kept, as if
    batches were independent; found : whether the cut lies in the first half (in the second the series
    has not been seen at rest for long enough to tell).
    """

    days: int
    statistic: float
    found: bool


def mser(series: Sequence[float] | np.ndarray, batch: int = BATCH) -> Cut:
    """Marginal standard error rule: the cut whose remainder has the smallest standard error of its mean.

    Parameters
    ----------
    series : float64[n]
        One value a day, all finite; a last batch that is not full is left out.
    batch : int
        Days averaged to one observation; 5 gives MSER-5.

    Raises
    ------
    ValueError
        If fewer than ten batches are there.
    """
    values = np.asarray(series, np.float64)
    n = len(values) // batch
    if n < 2 * LEAST_LEFT:
        raise ValueError(
            tr(
                "MSER needs at least {batch} days (got {n_values})",
                batch=2 * LEAST_LEFT * batch,
                n_values=len(values),
            )
        )
    means = values[: n * batch].reshape(n, batch).mean(axis=1)
    means = means - means.mean()  # squares of what is near zero keep their digits
    left = np.arange(n, 0, -1)
    total, squares = (np.cumsum(x[::-1])[::-1] for x in (means, means**2))
    statistic = (np.maximum(squares - total**2 / left, 0.0) / left**2)[: n - LEAST_LEFT + 1]
    first = int(np.argmin(statistic))
    return Cut(first * batch, float(statistic[first]), first <= n // 2)


def welch(worlds: np.ndarray, window: int = WINDOW) -> np.ndarray:
    """Welch's moving average: the mean over worlds, averaged over ``window`` days to either side.

    Parameters
    ----------
    worlds : float64[n_worlds, days]
        One row a world.
    window : int
        At most a quarter of the days, as Welch advises. Near the beginning it is as wide as there is room
        on both sides.

    Returns
    -------
    float64[days - window]

    Raises
    ------
    ValueError
        If the window is negative or too wide.
    """
    mean = np.asarray(worlds, np.float64).mean(axis=0)
    days = len(mean)
    if not 0 <= window <= days // 4:
        raise ValueError(
            tr(
                "Welch's window must be 0..{days} for {days2} days (got {window})",
                days=days // 4,
                days2=days,
                window=window,
            )
        )
    reach = np.minimum(np.arange(days - window), window)
    up_to = np.concatenate([[0.0], np.cumsum(mean)])
    day = np.arange(days - window)
    average: np.ndarray = (up_to[day + reach + 1] - up_to[day - reach]) / (2 * reach + 1)
    return average


@dataclass(frozen=True)
class Settling:
    """One daily series over several worlds, and where it comes to rest.

    Attributes
    ----------
    name, unit : str
        As in ``sim.measure.series``.
    worlds : float64[n_worlds, days]
        Values from day 0 on; days without a denominator hold what lies between their neighbours.
    cut : Cut
        Of the mean over worlds.
    own : tuple of Cut
        Of each world by itself.
    drift, tolerated : float
        Relative change over the last two months of the burn-in, of the mean over worlds, and how much the
        check of ``sim/market/stationarity.py`` would tolerate; nan where the burn-in is too
        short for that check.
    """

    name: str
    unit: str
    worlds: np.ndarray
    cut: Cut
    own: tuple[Cut, ...]
    drift: float
    tolerated: float

    def at_rest_by(self, day: int) -> int:
        """Number of worlds that are at rest from ``day`` on at the latest."""
        return sum(cut.found and cut.days <= day for cut in self.own)

    def verdict(self, burn_in: int) -> str:
        """What is to be said of a burn-in of so many days.

        ``"enough"``: at rest by its end. ``"tolerated"``: not at rest by MSER's strict measure, but what
        moves in its last two months is no more than every burn-in is allowed. ``"too short"``: at rest
        later, and moving more than that. ``"cannot tell"``: rest was not seen.
        """
        if self.cut.found and self.cut.days <= burn_in:
            return "enough"
        if abs(self.drift) <= self.tolerated:
            return "tolerated"
        return "too short" if self.cut.found else "cannot tell"


@dataclass(frozen=True)
class Warmup:
    """Every main series of some worlds from a cold start."""

    scenario: str
    consumers: int
    days: int
    burn_in: int
    first_world: int
    series: tuple[Settling, ...]

    @property
    def n_worlds(self) -> int:
        """Worlds lived."""
        return len(self.series[0].worlds)

    def verdicts(self) -> dict[str, list[str]]:
        """Verdict on the configured burn-in -> names of the series."""
        found: dict[str, list[str]] = {
            "enough": [],
            "tolerated": [],
            "too short": [],
            "cannot tell": [],
        }
        for one in self.series:
            found[one.verdict(self.burn_in)].append(one.name)
        return found


def check_days(config: Config, days: int | None) -> int:
    """Days to live: twice the configured burn-in unless told otherwise, because MSER judges the first half.

    Raises
    ------
    ConfigError
        If the number is out of bounds.
    """
    wanted = 2 * config.experiment.burn_in_days if days is None else days
    if days is None:
        return min(MOST_DAYS, max(FEWEST_DAYS, wanted))
    if not FEWEST_DAYS <= wanted <= MOST_DAYS:
        raise ConfigError(
            tr(
                "days must be {fewest_days}..{most_days} (you wrote {wanted}); write days=720",
                fewest_days=FEWEST_DAYS,
                most_days=MOST_DAYS,
                wanted=wanted,
            )
        )
    return wanted


def live_from_cold(config: Config, days: int) -> Iterator[dict[str, np.ndarray]]:
    """Daily series of each world in turn: float64[days], in the order of replications.

    Series that follow needs from day to day are divided by the calendar's own factor: a season is no drift.
    """
    length = config.experiment.model_copy(update={"burn_in_days": days})
    cold = replace(config, models={**config.models, "experiment": length})
    first = config.experiment.first_replication
    for world in range(first, first + config.experiment.replications):
        market = Market(cold, world)
        for _ in range(days):
            market.step()
        tables = {name: table.arrays() for name, table in market.records.tables.items()}
        series = daily_kpis(tables, (0, days))
        weights = market.world.people.need_rate.sum(axis=0)
        demand = course(config.calendar, weights, -market.first_measured_day, days)
        yield series | {name: series[name] / np.maximum(demand, LEAST_DEMAND) for name in FLOWS}


def judge(config: Config, lived: Sequence[dict[str, np.ndarray]]) -> Warmup:
    """Where each main series comes to rest, from the worlds of :func:`live_from_cold`."""
    burn_in = config.experiment.burn_in_days
    found = []
    for name in SERIES:
        raw = np.array([world[name] for world in lived], np.float64)
        if not np.isfinite(raw).any(axis=1).all() or np.nanmin(raw) == np.nanmax(raw):
            continue  # nothing of the kind happens in this market
        worlds = np.array([_bridged(row) for row in raw])
        found.append(_settling(name, worlds, burn_in))
    days = len(lived[0]["orders"])
    return Warmup(
        config.scenario,
        int(config.population.size),
        days,
        burn_in,
        config.experiment.first_replication,
        tuple(found),
    )


def _settling(name: str, worlds: np.ndarray, burn_in: int) -> Settling:
    mean = worlds.mean(axis=0)
    moved, tolerated = float("nan"), float("nan")
    if SHORTEST <= burn_in <= len(mean):
        moved, chance = drift(mean[:burn_in])
        tolerated = TOLERANCE + chance
    return Settling(
        name, DAILY_UNITS[name], worlds, mser(mean), tuple(mser(row) for row in worlds), moved, tolerated
    )


def _bridged(values: np.ndarray) -> np.ndarray:
    """The series with days that are nan on a straight line between their neighbours."""
    known = np.isfinite(values)
    day = np.arange(len(values))
    bridged: np.ndarray = np.interp(day, day[known], values[known])
    return bridged


def warmup(config: Config, days: int | None = None) -> Warmup:
    """Live the worlds of a configuration from day 0 under the baseline, and judge them.

    Parameters
    ----------
    config : Config
        World, number of worlds and the burn-in that is judged; its strategy does not matter.
    days : int, optional
        Days to live; by default twice the burn-in.

    Raises
    ------
    ConfigError
        If the number of days is out of bounds.
    """
    length = check_days(config, days)
    return judge(config, list(live_from_cold(config, length)))


def page_path(root: Path, experiment: str) -> Path:
    """Where the page of an experiment's warm-up check stands."""
    return root / "reports" / f"{experiment}_warmup.html"
