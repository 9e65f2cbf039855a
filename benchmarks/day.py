"""What a day costs: ``python -P benchmarks/day.py CONSUMERS [DAYS]`` prints JSON, a line a stretch of days.

CPU seconds a day, whole and by mechanism, and peak memory in bytes. Without DAYS it lives as many as it is
told, line by line, so that two checkouts can take turns.

Run from the folder of a checkout with ``PYTHONPATH=.``, it measures that checkout, so that two can be
compared in the same minutes; it uses nothing that an older one lacks.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sim.config import compose
from sim.market import Market

COLD = ("experiment.burn_in_days=0", "experiment.warmup_days=0")
WARM_DAYS = 15
STRATEGY = "flat_cash_referral"


class Timed:
    """A mechanism with a stopwatch."""

    def __init__(self, mechanism: Any, clock: dict[str, float]) -> None:
        self.mechanism, self.clock = mechanism, clock

    def act(self, world: Any, draw: Any) -> None:
        """Act and note how long it took."""
        begin = time.process_time()
        self.mechanism.act(world, draw)
        name = self.mechanism.name
        self.clock[name] = self.clock.get(name, 0.0) + time.process_time() - begin


def warm(consumers: int, scenario: str) -> Any:
    """A market that has lived its warm days."""
    market = Market(compose([f"scenario={scenario}", f"population.size={consumers}", *COLD]))
    for _ in range(WARM_DAYS):
        market.step()
    return market


def live(market: Any, days: int) -> dict[str, float]:
    """CPU seconds a day by mechanism, and of the whole day as ``day``."""
    clock: dict[str, float] = {}
    schedule = market.schedule
    market.schedule = {phase: [Timed(m, clock) for m in some] for phase, some in schedule.items()}
    begin = time.process_time()
    for _ in range(days):
        market.step()
    total = time.process_time() - begin
    market.schedule = schedule
    return {name: seconds / days for name, seconds in {"day": total, **clock}.items()}


def peak_bytes() -> float:
    """Most memory of this program so far; unlike ``ru_maxrss`` without that of the process that started it.

    Raises
    ------
    OSError
        Where the system keeps no ``/proc``.
    """
    lines = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    kilobytes = next(line for line in lines if line.startswith("VmHWM:")).split()[1]
    return 1024.0 * int(kilobytes)


def main(words: Sequence[str]) -> None:
    """Live some days and print; without their number, as many as each line of the input says."""
    parser = argparse.ArgumentParser()
    parser.add_argument("consumers", type=int)
    parser.add_argument("days", type=int, nargs="*")
    parser.add_argument("--scenario", default=STRATEGY)
    asked = parser.parse_args(words)
    market = warm(asked.consumers, asked.scenario)
    print(json.dumps({}), flush=True)
    for days in asked.days or sys.stdin:
        found = live(market, int(days))
        print(json.dumps(found | {"peak_bytes": peak_bytes()}), flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
