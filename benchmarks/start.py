"""CPU seconds to the first simulated day of a small market, in fresh processes.

``python -m benchmarks.start --against FOLDER`` measures another checkout in turn with this one, so that both
meet the same minutes, and tells the ratio of their medians. Every checkout keeps its own compiled kernels; a
first start of each, which is not counted, makes sure of them.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
from pathlib import Path

_HERE = Path(__file__).resolve().parents[1]
_MARKET = "['population.size={}', 'experiment.burn_in_days=0', 'experiment.warmup_days=0']"
#: Only names that an older checkout has too. The process's own start counts.
_DAY = (
    "import time\n"
    "from sim.config import compose\n"
    "from sim.market import Market\n"
    f"Market(compose({_MARKET})).step()\n"
    "print(time.process_time())"
)
#: Composition alone: one configuration, and 20 that differ.
_COMPOSE = (
    "import time\n"
    "from sim.config import compose\n"
    "for n in range({}): compose([f'population.size={{300 + n}}'])\n"
    "print(time.process_time())"
)


def seconds(checkout: Path, script: str) -> float:
    """CPU seconds of a fresh process that runs ``script`` on the sources of a checkout."""
    environment = {**os.environ, "PYTHONPATH": str(checkout)}
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=checkout,
        env=environment,
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    return float(done.stdout.split()[-1])


def paired(script: str, checkouts: list[Path], repeats: int) -> list[list[float]]:
    """CPU seconds of each checkout, which take turns; the order is turned round every time."""
    taken: list[list[float]] = [[] for _ in checkouts]
    for checkout in checkouts:
        seconds(checkout, script)
    for n in range(repeats):
        for at in sorted(range(len(checkouts)), reverse=bool(n % 2)):
            taken[at].append(seconds(checkouts[at], script))
    return taken


def main() -> None:
    """Measure and tell."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--against", type=Path, help="another checkout")
    parser.add_argument("--repeats", type=int, default=9)
    parser.add_argument("--consumers", type=int, default=300)
    asked = parser.parse_args()
    checkouts = [_HERE, *([asked.against.resolve()] if asked.against else [])]
    scripts = {
        "first day": _DAY.format(asked.consumers),
        "1 configuration": _COMPOSE.format(1),
        "20 configurations": _COMPOSE.format(20),
    }
    for name, script in scripts.items():
        medians = [statistics.median(one) for one in paired(script, checkouts, asked.repeats)]
        told = ", ".join(f"{one:.2f}" for one in medians)
        ratio = f", ratio {medians[0] / medians[1]:.2f}" if len(medians) > 1 else ""
        print(f"{name}: {told} CPU s{ratio}")


if __name__ == "__main__":
    main()
