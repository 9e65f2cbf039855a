"""How often 95% intervals hold the truth: ``python -m benchmarks.coverage``.

Many small experiments of a few worlds each are made from runs of a tiny market, no world in two
of them, and the truth that each is held to is the mean over all worlds of the others: thousands,
and none of its own. Runs are kept in a file, so that a stopped measurement goes on where it was.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from sim.analysis.bootstrap import bootstrap_bounds
from sim.config import Config, compose
from sim.market import Market
from sim.measure import measure_run
from sim.measure.intervals import t_interval

WORLDS, SIZE = 2000, 8
STRATEGIES = ("baseline", "group_buy")
NAMES = (
    "organic_traffic_share", "acquisition_cost", "cross_platform_conversion", "add_to_cart_rate",
    "order_conversion", "average_order_value", "next_day_retention", "repurchase_30d",
    "membership_penetration", "contribution_per_1000", "kept_revenue", "new_users",
)  # fmt: skip
#: Small enough for thousands of worlds, long enough for a first 30 days to be observed.
TINY = (
    "population.size=400", "experiment.days=38", "experiment.warmup_days=0", "experiment.burn_in_days=0",
    "experiment.seed=720",
)  # fmt: skip


def world(configs: list[Config], replication: int) -> np.ndarray:
    """float64[strategies, names]: indicators of one world under every strategy."""
    found = []
    for config in configs:
        market = Market(config, replication)
        market.run()
        figures = measure_run(market.tables(), market.window)
        found.append([figures[name] for name in NAMES])
    return np.array(found)


def simulate(worlds: int, file: Path) -> np.ndarray:
    """float64[worlds, strategies, names], from the file as far as it goes, then from new runs."""
    made = list(np.load(file)) if file.exists() else []
    configs = [compose([f"scenario={name}", *TINY]) for name in STRATEGIES]
    for replication in range(len(made), worlds):
        made.append(world(configs, replication))
        if len(made) % 50 == 0 or len(made) == worlds:
            np.save(file, np.array(made))
            print(f"{len(made)} of {worlds} worlds", flush=True)
    return np.array(made[:worlds])


def held(values: np.ndarray, size: int) -> dict[str, float]:
    """How often intervals of ``size`` worlds hold the mean of all worlds that are not among these.

    Parameters
    ----------
    values : float64[worlds]
        One figure, nan where it was not observable.

    Returns
    -------
    dict of str to float
        Share of experiments by interval: ``t`` and ``bootstrap``.
    """
    groups = values[: len(values) // size * size].reshape(-1, size)
    seen = np.isfinite(groups)
    total, count = np.nansum(values), np.isfinite(values).sum()
    truth = (total - np.nansum(groups, axis=1)) / (count - seen.sum(axis=1))
    bounds = {
        "t": np.array([t_interval(group)[1:3] for group in groups]),
        "bootstrap": bootstrap_bounds(list(groups)),
    }
    whole = np.isfinite(bounds["bootstrap"]).all(axis=1)  # experiments with a missing value have no bootstrap
    return {
        kind: float(np.mean((low <= truth) & (truth <= high), where=whole))
        for kind, (low, high) in ((kind, one.T) for kind, one in bounds.items())
    }


def table(values: np.ndarray, size: int = SIZE) -> pd.DataFrame:
    """Coverage in percent: an indicator a row; level and paired difference, t and bootstrap."""
    rows = {}
    for n, name in enumerate(NAMES):
        level = held(values[:, 1, n], size)
        change = held(values[:, 1, n] - values[:, 0, n], size)
        rows[name] = {f"level, {kind}": share for kind, share in level.items()} | {
            f"change, {kind}": share for kind, share in change.items()
        }
    return 100 * pd.DataFrame(rows).T


def main(words: Sequence[str]) -> None:
    """Simulate what is missing and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--worlds", type=int, default=WORLDS)
    parser.add_argument("--file", type=Path, default=Path("results/coverage.npy"))
    given = parser.parse_args(words)
    given.file.parent.mkdir(parents=True, exist_ok=True)
    found = table(simulate(given.worlds, given.file))
    print(
        f"{given.worlds // SIZE} experiments of {SIZE} worlds; share of 95% intervals that hold the truth, %"
    )
    print(found.round(1).to_string())
    print(f"mean {found.to_numpy().mean():.1f}")


if __name__ == "__main__":
    main(sys.argv[1:])
