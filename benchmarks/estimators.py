"""What summing chances saves over counting: ``python -m benchmarks.estimators [WORLDS] [CONSUMERS] [OLDER]``.

Runs the same small worlds under two strategies and sets, figure by figure, the variance over worlds of
the counted value beside that of the expected one, for the level under the first strategy and for the
paired difference of the two. Writes both tables into ``docs/estimators.md``, or prints them (``--show``);
then measures the CPU of a day with and without the bookkeeping, if OLDER, the folder of a checkout without
it, is given.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from statistics import median

import numpy as np

from docs.pages import table, write_block
from sim.config import compose
from sim.market import Market
from sim.measure.expected import EXPECTED

PAGE = "estimators.md"
STRATEGIES = ("flat_cash_referral", "three_tier_referral")
DAYS = 30
SETTING = ("experiment.burn_in_days=0", "experiment.warmup_days=0")
#: The half-width whose price in worlds is shown, relative to the mean.
HALF_WIDTH, Z = 0.10, 1.96
RESAMPLES = 2000
ENDING = "_expected"


def figures(consumers: int, worlds: int, days: int = DAYS) -> dict[str, np.ndarray]:
    """Figure -> float64[strategies, worlds]."""
    found: dict[str, list[list[float]]] = {}
    for k, strategy in enumerate(STRATEGIES):
        config = compose(
            [f"scenario={strategy}", f"population.size={consumers}", f"experiment.days={days}", *SETTING]
        )
        for world in range(worlds):
            for name, value in Market(config, world).run().kpis().items():
                found.setdefault(name, [[] for _ in STRATEGIES])[k].append(value)
    return {name: np.array(values) for name, values in found.items()}


def saving(counted: np.ndarray, expected: np.ndarray, rng: np.random.Generator) -> tuple[float, float, float]:
    """Variance of the counted over that of the expected figure, with a 95% bootstrap interval over worlds."""
    draws = rng.integers(0, len(counted), (RESAMPLES, len(counted)))
    with np.errstate(divide="ignore", invalid="ignore"):  # a resample in which nothing varies
        ratios = counted[draws].var(axis=1, ddof=1) / expected[draws].var(axis=1, ddof=1)
    low, high = np.quantile(ratios, (0.025, 0.975))
    return counted.var(ddof=1) / expected.var(ddof=1), float(low), float(high)


def needed(values: np.ndarray) -> str:
    """Worlds for a 95% interval of +- 10% of the mean."""
    spread = values.std(ddof=1) / (HALF_WIDTH * abs(values.mean()))
    return f"{max(2, int(np.ceil((Z * spread) ** 2))):,}"


def rows(found: dict[str, np.ndarray], paired: bool) -> list[Sequence[object]]:
    """One line a figure that was observed and varied in every world."""
    rng = np.random.default_rng(1)
    lines: list[Sequence[object]] = []
    for figure in EXPECTED:
        counted, expected = found[figure.name.removesuffix(ENDING)], found[figure.name]
        seen = np.isfinite(counted).all(axis=0) & np.isfinite(expected).all(axis=0)
        a, b = (x[1, seen] - x[0, seen] if paired else x[0, seen] for x in (counted, expected))
        if len(a) < 2 or min(a.std(), b.std()) < 1e-12:
            continue
        gap = a - b
        bias = gap.mean() / (gap.std(ddof=1) / np.sqrt(len(gap)))
        ratio, low, high = saving(a, b, rng)
        line = [figure.name.removesuffix(ENDING), f"{100 * a.mean():.2f}%", f"{100 * b.mean():.2f}%",
                f"{bias:+.1f}", f"{ratio:.2g} ({low:.2g}-{high:.2g})"]  # fmt: skip
        lines.append(line if paired else [*line, needed(a), needed(b)])
    return lines


def cost(
    checkouts: Sequence[Path], consumers: int = 20_000, rounds: int = 9, days: int = 20
) -> list[dict[str, float]]:
    """Median CPU seconds a day of each checkout by mechanism, measured in turn in the same minutes."""
    found: list[list[dict[str, float]]] = [[] for _ in checkouts]
    program = str(Path(__file__).resolve().with_name("day.py"))
    for _ in range(rounds):
        for mine, folder in zip(found, checkouts, strict=True):
            done = subprocess.run(
                [sys.executable, "-P", program, str(consumers), str(days)],
                cwd=folder,
                env={"PYTHONPATH": str(folder)},
                capture_output=True,
                encoding="utf-8",
                check=True,
            )
            mine.append(json.loads(done.stdout.splitlines()[-1]))
    return [{name: median(run[name] for run in mine) for name in mine[0]} for mine in found]


def main(words: Sequence[str]) -> None:
    """Fill the page's tables; measure the cost against an older checkout if one is given."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("worlds", type=int, nargs="?", default=60)
    parser.add_argument("consumers", type=int, nargs="?", default=2000)
    parser.add_argument("older", type=Path, nargs="?")
    parser.add_argument("--days", type=int, default=DAYS)
    parser.add_argument("--show", action="store_true", help="print the tables and leave the page as it is")
    asked = parser.parse_args(words)
    found = figures(asked.consumers, asked.worlds, asked.days)
    headings = ("figure", "counted", "expected", "gap, standard errors", "variance ratio (95%)")
    more = ("worlds, counted", "worlds, expected")
    tables = {
        "levels": table((*headings, *more), rows(found, paired=False)),
        "differences": table(headings, rows(found, paired=True)),
    }
    for name, text in tables.items():
        print(text) if asked.show else write_block(PAGE, name, text)
    if asked.older is not None:
        before, after = cost([asked.older.resolve(), Path.cwd()])
        touched = ("day", "choice", "checkout", "fraud", "daily_record")
        for name in touched:
            print(f"{name}: {1000 * before[name]:.3f} ms a day before, {1000 * after[name]:.3f} ms now")


if __name__ == "__main__":
    main(sys.argv[1:])
