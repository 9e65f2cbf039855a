"""Made-up files and markets: orders by a known law, and statistics that are smooth in parameters."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from sim.calibration.data import Orders, orders


def made_orders(
    customers: int, days: float, seed: int = 1, rate: float = 0.05, uneven: float = 1.0
) -> Orders:
    """Customers who order at exponential rates, with lognormal values."""
    rng = np.random.default_rng(seed)
    own = rng.exponential(rate, customers)
    many = rng.poisson(own * days) + 1
    who = np.repeat(np.arange(customers), many)
    day = np.sort(rng.random(len(who)) * days)[rng.permutation(len(who))]
    return orders(who, day, np.exp(rng.normal(4.0, 0.5, len(who))), float(days))


def write_orders(path: Path, held: Orders, begin: str = "2024-01-01", separator: str = ",") -> Path:
    when = pd.Timestamp(begin) + pd.to_timedelta(held.day, unit="D")
    frame = pd.DataFrame(
        {
            "customer": held.customer,
            "time": when.strftime("%Y-%m-%d %H:%M:%S"),
            "value": np.round(held.value, 2),
        }
    )
    frame.to_csv(path, index=False, sep=separator)
    return path


class Smooth:
    """Statistics that bend in the parameters, with luck: a market that costs nothing."""

    def __init__(self, width: int, statistics: int, seed: int, luck: float = 0.03) -> None:
        rng = np.random.default_rng(seed)
        self.mixing = rng.normal(0.0, 1.0, (width, statistics))
        self.luck, self.rng = luck, rng

    def level(self, unit: np.ndarray) -> np.ndarray:
        return np.tanh(unit @ self.mixing) + 0.3 * (unit**2) @ np.abs(self.mixing)

    def __call__(self, unit: np.ndarray) -> np.ndarray:
        level = self.level(unit)[:, None, :]
        return level + self.rng.normal(0.0, self.luck, (len(unit), 2, level.shape[2]))


class Lucky:
    """Statistics that bend in the parameters, with the luck of the world in which a point is played."""

    def __init__(self, width: int, statistics: int, seed: int, luck: float = 0.1) -> None:
        self.smooth, self.luck, self.seed = Smooth(width, statistics, seed), luck, seed
        self.statistics = statistics

    def of_world(self, number: int) -> np.ndarray:
        """What a world's luck adds to each statistic, at every point."""
        return np.random.default_rng([self.seed, number]).normal(0.0, self.luck, self.statistics)

    def played(self, unit: np.ndarray, worlds: list[range]) -> np.ndarray:
        level = self.smooth.level(unit)
        return np.array(
            [[row + self.of_world(w) for w in own] for row, own in zip(level, worlds, strict=True)]
        )
