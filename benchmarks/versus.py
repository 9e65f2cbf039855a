"""A day of this checkout against one of an older one: ``python -m benchmarks.versus OLDER [CONSUMERS ...]``.

OLDER is the folder of a checkout. Both live the same days of the same scenario, with all mechanisms on unless
``--scenario=core_rules`` or another is asked for, in processes of their own that take turns every few days,
so that they meet the same neighbours on the machine. Printed are CPU milliseconds a day, the median of the
turns, and the median of the turns' ratios.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from statistics import median

from benchmarks.day import STRATEGY

TURNS = 25
#: Days of a turn, after the warm ones (see ``benchmarks/day.py``), by consumers.
DAYS = {3_000: 8, 20_000: 4, 100_000: 2, 1_000_000: 1}
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


class Side:
    """One checkout: a process with a warm market that lives days when it is told.

    The script's own folder stays out of the path (``-P``), because numba tries a module named like one there.
    """

    def __init__(self, folder: Path, consumers: int, scenario: str) -> None:
        program = str(Path(__file__).with_name("day.py"))
        self.process = subprocess.Popen(
            [sys.executable, "-P", program, str(consumers), f"--scenario={scenario}"],
            cwd=folder,
            env={"PYTHONPATH": str(folder)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            encoding="utf-8",
        )

    def answer(self) -> dict[str, float]:
        """The next line that the process prints.

        Raises
        ------
        RuntimeError
            If it has ended.
        """
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError(f"{self.process.args!r}: ended with {self.process.wait()}")
        found: dict[str, float] = json.loads(line)
        return found

    def live(self, days: int) -> dict[str, float]:
        """CPU seconds a day by mechanism over the next days."""
        assert self.process.stdin is not None
        self.process.stdin.write(f"{days}\n")
        self.process.stdin.flush()
        return self.answer()

    def end(self) -> None:
        """Let the process go."""
        self.process.communicate()


def versus(
    older: Path, consumers: int, turns: int = TURNS, days: int | None = None, scenario: str = STRATEGY
) -> list[tuple[str, float, float, float]]:
    """Name, old and new milliseconds a day, and old over new, for the whole day and for some mechanisms."""
    here, days = Path(__file__).resolve().parents[1], days or DAYS.get(consumers, 2)
    sides = [Side(folder, consumers, scenario) for folder in (older, here)]
    try:
        for side in sides:
            side.answer()
        pairs = []
        for turn in range(turns):
            order = sides if turn % 2 else sides[::-1]
            lived = {id(side): side.live(days) for side in order}
            pairs.append([lived[id(side)] for side in sides])
    finally:
        for side in sides:
            side.end()
    rows = []
    for name in ("day", *SHOWN):
        old, new = ([1e3 * one.get(name, 0.0) for one in side] for side in zip(*pairs, strict=True))
        ratio = median(a / b if b else float("nan") for a, b in zip(old, new, strict=True))
        rows.append((name, median(old), median(new), ratio))
    return rows


def main(words: Sequence[str]) -> None:
    """Print a table for each number of consumers."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("older", type=Path)
    parser.add_argument("consumers", type=int, nargs="*", default=[3_000, 20_000, 100_000])
    parser.add_argument("--turns", type=int, default=TURNS)
    parser.add_argument("--days", type=int, help="days of a turn")
    parser.add_argument("--scenario", default=STRATEGY)
    asked = parser.parse_args(words)
    if not (asked.older / "sim").is_dir():
        parser.error(f"OLDER is the folder of another checkout ('{asked.older}' has no folder sim)")
    for consumers in asked.consumers:
        print(f"{consumers:,} consumers, CPU ms a day", flush=True)
        older = asked.older.resolve()
        for name, old, new, ratio in versus(older, consumers, asked.turns, asked.days, asked.scenario):
            print(f"  {name:12}{old:10.2f}{new:10.2f}{ratio:8.2f}", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
