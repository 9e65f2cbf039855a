"""What a day costs by size: ``python -m benchmarks.scale [CONSUMERS ...]``.

Every size lives some days in a process of its own. Told are CPU milliseconds a day, the exponent from one
size to the next (1 = in proportion to people), what is fixed (a straight line through the two smallest
sizes, at nobody), peak memory, memory per consumer (from one size to the next), and the mechanisms that cost
most at the largest.
"""

from __future__ import annotations

import json
import math
import subprocess
import sys
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

SIZES = (1_500, 3_000, 20_000, 100_000, 1_000_000)
#: Consumer-days that are timed of each size, after the warm ones; at least so many days.
TIMED, LEAST = 2_000_000, 4
MOST = 60
SHOWN = 12


class Size(NamedTuple):
    """One size: people, CPU seconds a day by mechanism (``day`` is the whole), and peak memory in bytes."""

    consumers: int
    seconds: dict[str, float]
    peak: float


def measured(consumers: int, days: int | None = None) -> Size:
    """Live days of one size in a fresh process, by default as many as its time can be told from."""
    days = days or min(MOST, max(LEAST, TIMED // consumers))
    root = Path(__file__).resolve().parents[1]
    done = subprocess.run(
        [sys.executable, "-P", str(root / "benchmarks" / "day.py"), str(consumers), str(days)],
        cwd=root,
        env={"PYTHONPATH": str(root)},
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    seconds: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return Size(consumers, seconds, seconds.pop("peak_bytes"))


def exponent(small: Size, large: Size) -> float:
    """Power of the number of people with which a day's CPU grows from one size to another."""
    return math.log(large.seconds["day"] / small.seconds["day"]) / math.log(large.consumers / small.consumers)


def fixed(small: Size, large: Size) -> float:
    """CPU seconds of a day of nobody, by a straight line through two sizes."""
    slope = (large.seconds["day"] - small.seconds["day"]) / (large.consumers - small.consumers)
    return small.seconds["day"] - slope * small.consumers


def bytes_each(small: Size, large: Size) -> float:
    """Bytes of peak memory that one more consumer takes."""
    return (large.peak - small.peak) / (large.consumers - small.consumers)


def table(sizes: list[Size]) -> list[str]:
    """Lines to print."""
    lines = [f"{'consumers':>12}{'ms a day':>12}{'exponent':>10}{'peak MB':>10}{'bytes each':>12}"]
    for before, size in zip([None, *sizes], sizes, strict=False):
        growth = f"{exponent(before, size):.2f}" if before else ""
        each = f"{bytes_each(before, size):,.0f}" if before else ""
        lines.append(
            f"{size.consumers:12,}{1e3 * size.seconds['day']:12.2f}{growth:>10}"
            f"{size.peak / 2**20:10,.0f}{each:>12}"
        )
    if len(sizes) > 1:
        lines.append(f"fixed cost of a day: {1e3 * fixed(*sizes[:2]):.2f} ms")
    largest = sizes[-1]
    parts = sorted(((s, name) for name, s in largest.seconds.items() if name != "day"), reverse=True)
    shares = ", ".join(f"{name} {s / largest.seconds['day']:.0%}" for s, name in parts[:SHOWN])
    lines.append(f"where {largest.consumers:,} consumers' day goes: {shares}")
    return lines


def figures(sizes: list[Size]) -> dict[str, float]:
    """What the history keeps of it (:mod:`benchmarks.history`): ratios and sizes, no seconds."""
    steps = {f"exponent {a.consumers}-{b.consumers}": exponent(a, b) for a, b in pairwise(sizes)}
    return {**steps, "bytes a consumer": bytes_each(*sizes[-2:])}


def main(arguments: list[str]) -> None:
    """Measure and print."""
    print("\n".join(table([measured(n) for n in map(int, arguments or map(str, SIZES))])))


if __name__ == "__main__":
    main(sys.argv[1:])
