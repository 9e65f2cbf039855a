"""What unevenness and all market systems cost: ``python -m benchmarks.uneven [CONSUMERS ...]``.

One process holds three warm markets: the baseline's, one in which everything uneven that may be switched on
is on, and one in which every feature is on that the baseline leaves off. They live days in turns, so that all
meet the same neighbours on the machine. The levels of ordering of the other two are first moved until all
place as many orders a day; with more orders they would cost more for no other reason. Markets of more than
``--tiled-from`` people are filled with copies of a burnt-in one of that size. Printed are CPU
milliseconds and orders a day, the median of the turns' ratios to the baseline with its quartiles, and that
ratio an order; then the delivery engine's parcels per CPU-second in even and clustered districts.
"""

from __future__ import annotations

import argparse
import math
import sys
import time
from collections.abc import Callable, Sequence
from statistics import median
from typing import NamedTuple

import numpy as np

from benchmarks.parcels import engine_rate
from sim.config import compose, market_sources
from sim.core.errors import ConfigError
from sim.feature import Feature
from sim.market import Market
from sim.market.snapshot import take, tile
from sim.registry import FEATURES

#: Everything uneven; the last line is what an operator adds.
UNEVEN = (
    "bursts=default", "lifecycle=default", "late_memory=default", "brand=default", "contagion=field_trial",
    "logistics=clustered", "sharing=uneven", "graph=pareto_lognormal",
    "relay=on", "onboarding=three_steps", "group_buy=or_alone",
)  # fmt: skip
#: How much is spread, where the baseline has it spread evenly.
SPREAD = ("sharing=uneven", "graph=pareto_lognormal", "logistics=clustered")
#: Features that others take the place of: communities are private domains of three levels, and owned
#: traffic goes to the usual one.
REPLACED = ("private_domain", "own_traffic")
LEVEL, USUAL = "choice.order_intercept", -2.2
#: Consumers in whose markets the level of ordering is found.
TUNED_AT = 20_000


class Turn(NamedTuple):
    """Some days of one market: CPU seconds and orders, a day."""

    seconds: float
    orders: float


class Start(NamedTuple):
    """Days lived before the turns: burnt in, and measured, as parts of a strategy take hold in the window."""

    burn_in: int = 20
    settling: int = 10
    tiled_from: int = 200_000


def systems() -> tuple[str, ...]:
    """Options that switch on what the baseline leaves off: of each section the first that does."""
    sources, words = market_sources(), list(SPREAD)
    usual = compose([])
    for section in dict.fromkeys(feature.section for feature in FEATURES):
        if section is None or section not in sources.sections or section in REPLACED:
            continue
        off = [feature for feature in FEATURES if feature.section == section and not feature.on(usual)]
        options = [f"{section}={one}" for one in sources.options(section)] if off else []
        words += [one for one in options if all(map(_switched_on([*words, one]), off))][:1]
    return tuple(words)


def _switched_on(words: Sequence[str]) -> Callable[[type[Feature]], bool]:
    """Whether a feature is on under these words; none is if they exclude each other."""
    try:
        config = compose(words)
    except ConfigError:
        return lambda feature: False
    return lambda feature: bool(feature.on(config))


def warm(consumers: int, *words: str, start: Start) -> Market:
    """A market that has lived its burn-in, or copies of one that has, and the first measured days."""
    days = f"experiment.burn_in_days={start.burn_in}", "experiment.warmup_days=0"

    def built(people: int) -> Market:
        return Market.from_scenario("baseline", *days, f"population.size={people}", *words)

    if consumers <= start.tiled_from:
        return built(consumers).run(start.settling)
    large = built(consumers)
    tile(large, take(built(start.tiled_from).run(0).world))
    return large.run(start.settling)


def live(market: Market, days: int) -> Turn:
    """The next days."""
    before, begun = len(market.records.orders), time.process_time()
    for _ in range(days):
        market.step()
    return Turn((time.process_time() - begun) / days, (len(market.records.orders) - before) / days)


def level(words: Sequence[str], days: int = 20, rounds: int = 2) -> float:
    """Level of ordering at which a market with these options orders as the baseline does."""
    wanted, found = live(warm(TUNED_AT, start=Start()), days).orders, USUAL
    for _ in range(rounds):
        market = warm(TUNED_AT, *words, f"{LEVEL}={found:.4f}", start=Start())
        found += math.log(wanted / live(market, days).orders)
    return found


def turns(
    consumers: int, others: Sequence[Sequence[str]], count: int, days: int, start: Start
) -> list[list[Turn]]:
    """Days of all markets in turns, one row a turn: the baseline's first, then those of the others."""
    sides = [warm(consumers, *words, start=start) for words in ((), *others)]
    rows = []
    for turn in range(count):
        order = range(len(sides)) if turn % 2 else reversed(range(len(sides)))
        lived = {side: live(sides[side], days) for side in order}
        rows.append([lived[side] for side in range(len(sides))])
    return rows


def row(consumers: int, name: str, usual: Sequence[Turn], other: Sequence[Turn]) -> str:
    """A row of the table of ``docs/speed.md``."""
    ratios = [b.seconds / a.seconds for a, b in zip(usual, other, strict=True)]
    orders = [max(1e-9, float(np.mean([one.orders for one in side]))) for side in (usual, other)]
    each = median(ratios) * orders[0] / orders[1]
    cells = (1e3 * median(one.seconds for one in side) for side in (usual, other))
    return (
        f"| {consumers:,} | {name} | {' | '.join(f'{ms:.1f}' for ms in cells)} | {_range(ratios)} | "
        f"{each:.2f} | {' | '.join(f'{n:,.0f}' for n in orders)} |"
    )


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
    parser.add_argument("consumers", type=int, nargs="*", default=[TUNED_AT])
    parser.add_argument("--turns", type=int, default=15)
    parser.add_argument("--days", type=int, default=3)
    parser.add_argument("--burn-in", type=int, default=Start().burn_in)
    parser.add_argument("--settling", type=int, default=Start().settling)
    parser.add_argument("--tiled-from", type=int, default=Start().tiled_from)
    parser.add_argument("--levels", help=f"{LEVEL} of the two, as -2.5,-2.1; found if not given")
    parser.add_argument("--parcels", type=int, default=15, help="turns of the delivery engine")
    asked = parser.parse_args(words)
    markets = {"uneven": UNEVEN, "all systems": systems()}
    given = [float(one) for one in asked.levels.split(",")] if asked.levels else []
    levels = given or [level(options) for options in markets.values()]
    print(f"{LEVEL}: " + ", ".join(f"{name} {at:.3f}" for name, at in zip(markets, levels, strict=True)))
    print("| consumers | market | baseline, CPU ms | its CPU ms | ratio | an order | orders | its orders |")
    others = [(*options, f"{LEVEL}={at:.4f}") for options, at in zip(markets.values(), levels, strict=True)]
    for consumers in asked.consumers:
        start = Start(asked.burn_in, asked.settling, asked.tiled_from)
        usual, *rest = zip(*turns(consumers, others, asked.turns, asked.days, start), strict=True)
        for name, side in zip(markets, rest, strict=True):
            print(row(consumers, name, usual, side), flush=True)
    if asked.parcels:
        even, clustered, ratios = parcels(asked.parcels)
        print(f"parcels/CPU-s: {even:,.0f} even, {clustered:,.0f} clustered, ratio {_range(ratios)}")


if __name__ == "__main__":
    main(sys.argv[1:])
