"""Selection and stopping on values with known truths: ``python -m benchmarks.procedures``.

The selection procedure picks among strategies of which the best is ahead of all others by just the
zone of indifference, its hardest case; the stopping rule is held to the known mean of its stream.
"""

from __future__ import annotations

import argparse
import math
import sys
from collections.abc import Sequence

import numpy as np

from sim.analysis.selection import kim_nelson
from sim.analysis.stopping import fixed_width


def correct(
    strategies: int, correlation: float, confidence: float, repeats: int, seed: int = 0
) -> tuple[float, float]:
    """Share of correct selections, and runs that each took on average.

    Parameters
    ----------
    strategies : int
        The first is ahead of all others by the zone; standard deviations go from 1 to 2.5 zones.
    correlation : float
        Of any two strategies in the same world, as far as it is due to the world's luck.
    confidence : float
        Probability of a correct selection that is asked for.
    repeats : int
        Selections made.
    """
    rng = np.random.default_rng([seed, strategies])
    spreads, means = np.linspace(1, 2.5, strategies), np.r_[1.0, np.zeros(strategies - 1)]
    right, taken = 0, 0
    for _ in range(repeats):
        shared, own = rng.normal(size=(1200, 1)), rng.normal(size=(1200, strategies))
        luck = math.sqrt(correlation) * shared + math.sqrt(1 - correlation) * own
        found = kim_nelson(means + spreads * luck, 1.0, confidence)
        right += found.winner == 0
        taken += sum(found.taken)
    return right / repeats, taken / repeats


def stopped(half: float, skewed: bool, repeats: int, seed: int = 11) -> tuple[float, float]:
    """Share of stopped streams whose mean is within ``half`` of the truth, and worlds taken on average.

    Values have a standard deviation of 1; skewed ones are gamma of shape 4.
    """
    rng = np.random.default_rng(seed)
    shape = (repeats, 600)
    values = rng.gamma(4, 0.5, shape) - 2 if skewed else rng.normal(size=shape)
    worlds, means = zip(*(fixed_width(one, half) for one in values), strict=True)
    return float(np.mean(np.abs(means) <= half)), float(np.mean(worlds))


def main(words: Sequence[str]) -> None:
    """Measure and print both tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=2000)
    repeats = parser.parse_args(words).repeats
    print(f"{repeats} repeats each\nselection, 95% promised: correct, runs taken")
    for strategies in (2, 5, 10):
        for correlation in (0.0, 0.8):
            right, taken = correct(strategies, correlation, 0.95, repeats)
            print(
                f"  {strategies:2d} strategies, correlation {correlation}: {right:.1%}, {taken:.0f}",
                flush=True,
            )
    print("stopping, nominal 95%: mean within the half-width asked for, worlds taken")
    for half in (0.6, 0.4, 0.2):
        for skewed in (False, True):
            share, worlds = stopped(half, skewed, repeats)
            kind = "skewed" if skewed else "normal"
            print(f"  {half} standard deviations, {kind}: {share:.1%}, {worlds:.0f}", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
