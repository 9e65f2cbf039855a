"""A day of this checkout against one of an older one: ``python -m benchmarks.versus OLDER [CONSUMERS ...]``.

OLDER is the folder of a checkout. Both live the same number of days of the same scenario with all mechanisms
on, in turn and in processes of their own, so that they meet the same neighbours on the machine. Printed are
CPU milliseconds a day, the median of the rounds, and the median of the rounds' ratios.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from statistics import median

ROUNDS = 5
#: Days timed after the warm ones (see ``benchmarks/day.py``), by consumers.
DAYS = {3_000: 120, 20_000: 60, 100_000: 20, 1_000_000: 6}
SHOWN = (
    "visits",
    "exposure",
    "memory",
    "turnover",
    "posts",
    "sharing",
    "media",
    "needs",
    "choice",
    "checkout",
)


def timed(folder: Path, consumers: int, days: int) -> dict[str, float]:
    """CPU seconds a day by mechanism in one checkout.

    The script's own folder stays out of the path (``-P``), because numba tries a module named like one there.
    """
    script = Path(__file__).with_name("day.py")
    done = subprocess.run(
        [sys.executable, "-P", str(script), str(consumers), str(days)],
        cwd=folder,
        env={"PYTHONPATH": str(folder)},
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def versus(older: Path, consumers: int, rounds: int = ROUNDS) -> list[tuple[str, float, float, float]]:
    """Name, old and new milliseconds a day, and old over new, for the whole day and for some mechanisms."""
    here, days = Path(__file__).resolve().parents[1], DAYS.get(consumers, 20)
    pairs = [(timed(older, consumers, days), timed(here, consumers, days)) for _ in range(rounds)]
    rows = []
    for name in ("day", *SHOWN):
        old, new = ([1e3 * one.get(name, 0.0) for one in side] for side in zip(*pairs, strict=True))
        ratio = median(a / b if b else float("nan") for a, b in zip(old, new, strict=True))
        rows.append((name, median(old), median(new), ratio))
    return rows


def main(arguments: list[str]) -> None:
    """Print a table for each number of consumers."""
    if not arguments or not Path(arguments[0], "sim").is_dir():
        sys.exit("python -m benchmarks.versus OLDER [CONSUMERS ...]: OLDER is the folder of another checkout")
    for consumers in map(int, arguments[1:] or ("3000", "20000", "100000")):
        print(f"{consumers:,} consumers, CPU ms a day", flush=True)
        for name, old, new, ratio in versus(Path(arguments[0]).resolve(), consumers):
            print(f"  {name:12}{old:10.2f}{new:10.2f}{ratio:8.2f}", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
