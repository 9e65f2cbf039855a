"""Numbers and the beginning of the reduced rules, and how each file is timed."""

from __future__ import annotations

import json
import math
import sys
import time
from collections.abc import Callable
from typing import Protocol

import numpy as np

SEED, DEGREE = 1, 12
#: A good parcel; how far trust goes towards what was found; a teller reaches an acquaintance.
GOOD, GAIN, TELL = 0.9, 0.2, 0.3
#: A visit by oneself, and after being told.
VISIT, VISIT_TOLD = 0.02, 0.2
#: An order is a logit of trust.
INTERCEPT, SLOPE = -3.0, 4.0
NEUTRAL, DRIFT = 0.5, 0.02
WARM_DAYS = 5


class Market(Protocol):
    """What each file builds."""

    @property
    def visits(self) -> int:
        """So far."""
        ...

    @property
    def orders(self) -> int:
        """So far."""
        ...

    def day(self) -> None:
        """Live one day, and add to the counts."""
        ...


def trust(consumers: int) -> np.ndarray:
    """float64[consumers] at the beginning."""
    return np.random.default_rng([SEED, 1]).uniform(0.2, 0.8, consumers)


def ties(consumers: int) -> np.ndarray:
    """int64[2, n] acquaintances, each pair once; pairs are drawn at random and nobody knows themselves."""
    pairs = np.random.default_rng([SEED, 2]).integers(0, consumers, (2, consumers * DEGREE // 2))
    return np.unique(np.sort(pairs[:, pairs[0] != pairs[1]], axis=0), axis=1)


def chance_to_order(trusting: float) -> float:
    """Of a visitor."""
    return 1.0 / (1.0 + math.exp(-(INTERCEPT + SLOPE * trusting)))


def main(build: Callable[[int], Market]) -> None:
    """Print CPU seconds a day, visits a day and orders a day; words are CONSUMERS DAYS."""
    consumers, days = map(int, sys.argv[1:3])
    market = build(consumers)
    for _ in range(WARM_DAYS):
        market.day()
    seen, begin = (market.visits, market.orders), time.process_time()
    for _ in range(days):
        market.day()
    seconds = (time.process_time() - begin) / days
    found = {"visits": (market.visits - seen[0]) / days, "orders": (market.orders - seen[1]) / days}
    print(json.dumps({"seconds": seconds, **found}))
