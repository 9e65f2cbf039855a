"""What unevenness costs: ``python -m benchmarks.uneven [CONSUMERS ...] [--turns N] [--days N]``.

One process holds two warm markets, the baseline's and one in which everything uneven that may be switched on
is on, and lives days of each in turns, so that both meet the same neighbours on the machine. The uneven
market's level of ordering is first moved until both place as many orders a day; with more orders it would
cost more for no other reason. Printed are CPU milliseconds and orders a day, and the median of the turns'
ratios with its quartiles; then the delivery engine's parcels per CPU-second in even and clustered districts.
"""

from __future__ import annotations

import argparse
import math
import sys
import time
from collections.abc import Sequence
from statistics import median
from typing import NamedTuple

import numpy as np

from benchmarks.parcels import engine_rate
from sim.market import Market

#: Everything uneven; the last line is what an operator adds.
UNEVEN = (
    "bursts=default", "lifecycle=default", "late_memory=default", "brand=default", "contagion=field_trial",
    "logistics=clustered", "sharing=uneven", "graph=pareto_lognormal",
    "relay=on", "onboarding=three_steps", "group_buy=or_alone",
)  # fmt: skip
LEVEL, USUAL = "choice.order_intercept", -2.2
WARM = ("experiment.burn_in_days=20", "experiment.warmup_days=0")
#: Measured days that are lived before the turns: parts of the strategy take hold as the window opens.
SETTLING = 10
#: Consumers in whose markets the level of ordering is found.
TUNED_AT = 20_000


class Turn(NamedTuple):
    """Some days of one market: CPU seconds and orders, a day."""

    seconds: float
    orders: float


def warm(consumers: int, *words: str) -> Market:
    """A market that has lived its burn-in and the first measured days."""
    market = Market.from_scenario("baseline", *WARM, f"population.size={consumers}", *words)
    return market.run(SETTLING)


def live(market: Market, days: int) -> Turn:
    """The next days."""
    before, begun = len(market.records.orders), time.process_time()
    for _ in range(days):
        market.step()
    return Turn((time.process_time() - begun) / days, (len(market.records.orders) - before) / days)


def level(days: int = 20, rounds: int = 2) -> float:
    """Level of ordering at which the uneven market orders as the baseline does."""
    wanted, found = live(warm(TUNED_AT), days).orders, USUAL
    for _ in range(rounds):
        found += math.log(wanted / live(warm(TUNED_AT, *UNEVEN, f"{LEVEL}={found:.4f}"), days).orders)
    return found


def turns(consumers: int, at: float, count: int, days: int) -> list[tuple[Turn, Turn]]:
    """Days of both markets in turns: the baseline's, the uneven one's."""
    sides = [warm(consumers), warm(consumers, *UNEVEN, f"{LEVEL}={at:.4f}")]
    pairs = []
    for turn in range(count):
        order = (0, 1) if turn % 2 else (1, 0)
        lived = {side: live(sides[side], days) for side in order}
        pairs.append((lived[0], lived[1]))
    return pairs


def parcels(repeats: int) -> tuple[float, float, list[float]]:
    """Parcels per CPU-second in even and in clustered districts, medians, and the ratios of the turns."""
    engine_rate(20_000, 10.0, 0.3)
    rates = []
    for _ in range(repeats):
        both = [engine_rate(200_000, 10.0, gradient) for gradient in (0.0, 0.3)]
        rates.append([done / seconds for done, seconds in both])
    even, clustered = np.array(rates).T
    return median(even), median(clustered), (clustered / even).tolist()


def _range(ratios: Sequence[float]) -> str:
    low, high = np.quantile(ratios, [0.25, 0.75])
    return f"{median(ratios):.2f} (quartiles {low:.2f} to {high:.2f})"


def main(words: Sequence[str]) -> None:
    """Print the rows of ``docs/speed.md``."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("consumers", type=int, nargs="*", default=[20_000])
    parser.add_argument("--turns", type=int, default=15)
    parser.add_argument("--days", type=int, default=3)
    parser.add_argument("--level", type=float, help=f"{LEVEL} of the uneven market; found if not given")
    asked = parser.parse_args(words)
    at = level() if asked.level is None else asked.level
    print(f"{LEVEL}={at:.3f}", flush=True)
    for consumers in asked.consumers:
        pairs = turns(consumers, at, asked.turns, asked.days)
        usual, uneven = ([pair[n] for pair in pairs] for n in (0, 1))
        ratios = [b.seconds / a.seconds for a, b in pairs]
        cells = (1e3 * median(one.seconds for one in side) for side in (usual, uneven))
        orders = (np.mean([one.orders for one in side]) for side in (usual, uneven))
        print(
            f"| {consumers:,} | {' | '.join(f'{ms:.1f}' for ms in cells)} | {_range(ratios)} | "
            f"{' | '.join(f'{n:,.0f}' for n in orders)} |",
            flush=True,
        )
    even, clustered, ratios = parcels(asked.turns)
    print(f"parcels/CPU-s: {even:,.0f} even, {clustered:,.0f} clustered, ratio {_range(ratios)}")


if __name__ == "__main__":
    main(sys.argv[1:])
