"""Reduced rules of word of mouth in several frameworks: ``python -m benchmarks.frameworks [CONSUMERS ...]``.

Each lives the same rules with the same people and acquaintances (:mod:`benchmarks.reduced`) in a process of
its own, and all must make as many visits and orders as the first, as far as luck allows. Frameworks that are
not installed are left out, and named. One that cannot be installed beside this project is measured in an
environment of its own: ``--python mesa_frames=/path/to/bin/python``.

The rules are far lighter than the market's: what is compared is how the frameworks hold people and draw, and
no market. Times are CPU seconds of all threads, without what it takes to start.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[1]
CONSUMERS, DAYS = 20_000, 20
#: Library -> file of the reduced rules that uses it; the first is what the others are compared with.
FILES = {
    "mesa": "in_mesa",
    "starsim": "in_starsim",
    "mesa_frames": "in_frames",
    "liebian": "in_kernels",
}
#: Standard errors that counts may differ by, and how much more than Poisson ones they vary by word of mouth.
LUCK, CLUSTERED = 6.0, 1.5


class Day(NamedTuple):
    """What one framework took and made a day, over ``days`` days."""

    seconds: float
    visits: float
    orders: float
    days: int


def lived(file: str, consumers: int, days: int, python: str = sys.executable) -> Day:
    """Live days in a fresh process of an interpreter.

    Raises
    ------
    RuntimeError
        If it fails; what it said last is told.
    """
    done = subprocess.run(
        [python, "-m", f"benchmarks.reduced.{file}", str(consumers), str(days)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT), "STARSIM_INSTALL_FONTS": "0"},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"{file}: {(done.stderr.strip().splitlines() or ['no message'])[-1]}")
    found = json.loads(done.stdout.splitlines()[-1])
    return Day(found["seconds"], found["visits"], found["orders"], days)


def same_law(one: Day, other: Day) -> bool:
    """Whether counts of two frameworks can have come of the same rules."""
    for a, b in ((one.visits, other.visits), (one.orders, other.orders)):
        error = CLUSTERED * ((a + b) / one.days) ** 0.5
        if abs(a - b) > LUCK * max(error, 1.0 / one.days):
            return False
    return True


def measured(consumers: int, days: int, pythons: Mapping[str, str]) -> dict[str, Day]:
    """A day of every framework that there is.

    Raises
    ------
    RuntimeError
        If one fails, or makes other visits or orders than the first.
    """
    found: dict[str, Day] = {}
    for library, file in FILES.items():
        if library in pythons or library == "liebian" or importlib.util.find_spec(library) is not None:
            found[library] = lived(file, consumers, days, pythons.get(library, sys.executable))
            first = next(iter(found.values()))
            if not same_law(first, found[library]):
                raise RuntimeError(f"{library}: other visits or orders than in {next(iter(found))}")
    return found


def table(consumers: int, found: Mapping[str, Day]) -> list[str]:
    """Lines to print."""
    first = next(iter(found.values()))
    lines = [f"reduced rules, {consumers:,} consumers, a day"]
    for library, day in found.items():
        ratio = f"{first.seconds / day.seconds:10.1f} times"
        lines.append(
            f"  {library:12}{1e3 * day.seconds:10.2f} ms{ratio}"
            f"  ({day.visits:,.0f} visits, {day.orders:,.0f} orders)"
        )
    return [*lines, *(f"  {library}: not installed, left out" for library in FILES if library not in found)]


def main(words: Sequence[str]) -> dict[str, float]:
    """Print a table for each number of consumers; returns the last one's ratios to the agent model."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("consumers", type=int, nargs="*", default=[CONSUMERS])
    parser.add_argument("--days", type=int, default=DAYS)
    parser.add_argument("--python", action="append", default=[], metavar="LIBRARY=FILE")
    asked = parser.parse_args(words)
    pythons = dict(one.split("=", 1) for one in asked.python if "=" in one)
    if len(pythons) < len(asked.python) or not pythons.keys() <= FILES.keys():
        parser.error(f"--python: write LIBRARY=FILE with one of: {', '.join(FILES)}")
    ratios: dict[str, float] = {}
    for consumers in asked.consumers:
        found = measured(consumers, asked.days, pythons)
        print("\n".join(table(consumers, found)), flush=True)
        ratios = {name: found["mesa"].seconds / day.seconds for name, day in found.items() if name != "mesa"}
    return ratios


if __name__ == "__main__":
    main(sys.argv[1:])
