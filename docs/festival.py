"""What a festival week does to a warehouse: ``python -m docs.festival [WORLDS] [CONSUMERS]``.

Plays the scenario ``festival_week`` with its festival and without it, each with the usual delivery capacity
and with more, in the same worlds, and writes the tables of ``festival.md``: paired differences and intervals.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np

from docs.pages import table, write_block
from sim.config import compose
from sim.market import Market
from sim.measure.intervals import t_interval

SCENARIO = "festival_week"
#: Days of the window, from 0: the festival's, and until the last of its parcels should have come.
FIRST, DAYS, WEEK = 20, 3, 10
WINDOW = 56
NONE = ("calendar.double_eleven.lift=1", "calendar.double_eleven.presale=1", "calendar.double_eleven.dip=1")
MORE = 1.5
#: Arm -> (is there a festival, is there more capacity).
ARMS = {"usual": (False, False), "festival": (True, False), "prepared": (True, True), "idle": (False, True)}
_MINUTES_A_DAY = 1440


class Lived(NamedTuple):
    """One world under one arm: its tables, its window's figures, first measured day and people.

    ids : int64[people], who lives there at the end of the window; trust : float64[people], their trust.
    """

    tables: dict[str, dict[str, np.ndarray]]
    kpis: dict[str, float]
    first: int
    people: int
    ids: np.ndarray
    trust: np.ndarray


def words(arm: str) -> tuple[str, ...]:
    """Overrides of an arm."""
    festival, more = ARMS[arm]
    usual = compose([f"scenario={SCENARIO}"]).logistics.capacity_ratio
    capacity = (f"logistics.capacity_ratio={MORE * usual:g}",) if more else ()
    return (f"experiment.days={WINDOW}", *(() if festival else NONE), *capacity)


def live(arm: str, world: int, cache: Path | None, *more: str) -> Lived:
    """Play one world under one arm."""
    market = Market.from_scenario(SCENARIO, *words(arm), *more, replication=world, cache=cache).run()
    people = market.world.people
    told, known = (market.tables(), market.kpis()), (people.id.copy(), people.trust.astype(np.float64))
    return Lived(*told, market.first_measured_day, len(people), *known)


def _placed(lived: Lived, first: int, days: int) -> np.ndarray:
    """bool[n]: orders of goods that travel, placed in these days of the window."""
    orders = lived.tables["orders"]
    since = orders["day"] - lived.first
    return (since >= first) & (since < first + days) & (orders["service"] >= 0)


def orders_a_day(lived: Lived) -> float:
    """Orders on the festival's days, a day and 1,000 people."""
    return 1000.0 * _placed(lived, FIRST, DAYS).sum() / DAYS / lived.people


def promised_hours(lived: Lived) -> float:
    """Mean hours promised to orders of the festival's days."""
    orders, placed = lived.tables["orders"], _placed(lived, FIRST, DAYS)
    return float(np.mean(orders["promised_minute"][placed] - orders["minute"][placed]) / 60.0)


def queue(lived: Lived) -> float:
    """Parcels neither handed over nor cancelled at the end of the festival, for 1,000 people."""
    end = (lived.first + FIRST + DAYS) * _MINUTES_A_DAY
    orders = lived.tables["orders"]
    begun = orders["order_id"][(orders["minute"] < end) & (orders["service"] >= 0)]
    over = [
        t["order_id"][t["minute"] < end] for t in (lived.tables["deliveries"], lived.tables["cancellations"])
    ]
    return 1000.0 * (~np.isin(begun, np.concatenate(over))).sum() / lived.people


def late_share(lived: Lived) -> float:
    """Share of the festival week's parcels that came after the promised minute, or were given up as late."""
    placed = lived.tables["orders"]["order_id"][_placed(lived, FIRST, WEEK)]
    done = lived.tables["deliveries"]
    mine = np.isin(done["order_id"], placed)
    return float(np.mean(done["minute"][mine] > done["promised_minute"][mine]))


def refused_share(lived: Lived) -> float:
    """Share of the festival week's orders that were refused because no goods were left."""
    since = lived.tables["daily"]["day"] - lived.first
    refused = lived.tables["daily"]["refused"][(since >= FIRST) & (since < FIRST + WEEK)].sum()
    return float(refused / (refused + _placed(lived, FIRST, WEEK).sum()))


def trust(lived: Lived) -> float:
    """Mean trust of registered users at the end of the window, in hundredths."""
    return 100.0 * float(lived.tables["daily"]["mean_trust"][-1])


def buyers_trust(lived: Lived) -> float:
    """Mean trust, at the end of the window, of whoever ordered goods in the festival week; in hundredths."""
    buyers = lived.tables["orders"]["person"][_placed(lived, FIRST, WEEK)]
    return 100.0 * float(lived.trust[np.isin(lived.ids, buyers)].mean())


#: Heading -> figure of one world.
FIGURES: dict[str, Callable[[Lived], float]] = {
    "orders a day on its three days, for 1,000 people": orders_a_day,
    "hours promised to them": promised_hours,
    "parcels under way at its end, for 1,000 people": queue,
    "late parcels of its ten days, share": late_share,
    "refused for want of goods, share": refused_share,
    "trust at the end of the window, hundredths": trust,
    "trust of the ten days' buyers then, hundredths": buyers_trust,
    "contribution of the window, CNY for 1,000 people": lambda lived: lived.kpis["contribution_per_1000"],
}
#: Question -> (arm, arm it is compared with).
QUESTIONS = {
    "the festival, at usual capacity": ("festival", "usual"),
    "half as much capacity again, in the festival": ("prepared", "festival"),
    "half as much capacity again, without a festival": ("idle", "usual"),
}


def play(worlds: int, *more: str, cache: Path | None = None) -> dict[str, dict[str, np.ndarray]]:
    """Arm -> heading -> float64[worlds]."""
    found: dict[str, dict[str, list[float]]] = {arm: {name: [] for name in FIGURES} for arm in ARMS}
    for world in range(worlds):
        for arm in ARMS:
            lived = live(arm, world, cache, *more)
            for name, figure in FIGURES.items():
                found[arm][name].append(figure(lived))
    return {arm: {name: np.array(values) for name, values in own.items()} for arm, own in found.items()}


def _told(values: np.ndarray) -> str:
    """A mean with its 95% interval."""
    found = t_interval(values)
    return f"{found.value:.3g} ({found.low:.3g} to {found.high:.3g})"


def levels(found: dict[str, dict[str, np.ndarray]]) -> str:
    """Table of means by arm."""
    rows = [[name, *(f"{found[arm][name].mean():.3g}" for arm in ARMS)] for name in FIGURES]
    head = ("", "no festival", "festival", "festival, more capacity", "no festival, more capacity")
    return table(head, rows)


def differences(found: dict[str, dict[str, np.ndarray]]) -> str:
    """Table of paired differences with 95% intervals over worlds."""
    rows = [
        [name, *(_told(found[arm][name] - found[against][name]) for arm, against in QUESTIONS.values())]
        for name in FIGURES
    ]
    return table(("", *QUESTIONS), rows)


def main(worlds: int = 10, consumers: int = 8_000) -> None:
    """Play all arms and write the page's tables."""
    with tempfile.TemporaryDirectory() as folder:
        found = play(worlds, f"population.size={consumers}", cache=Path(folder))
    made = f"{worlds} worlds of {consumers:,} consumers, {WINDOW} days."
    write_block("festival.md", "levels", f"Means of {made}\n\n{levels(found)}")
    write_block("festival.md", "differences", f"Paired in {made}\n\n{differences(found)}")


if __name__ == "__main__":
    main(*(int(word) for word in sys.argv[1:]))
