"""CPU seconds to the first simulated day of a small market and to a report, by part, in fresh processes.

The yardstick is ``first day``: a fresh process composes the baseline, builds a market of 1,000 people without
a burn-in and lives one day; its own start counts, and compiled kernels are there. The last line says where it
goes, of this checkout alone: the process and its imports, composition, building the market, and the day, each
with the reading of the kernels that it calls.

``python -m benchmarks.start --against FOLDER`` measures another checkout in turn with this one, so that both
meet the same minutes, and tells the ratio of their medians. Every checkout keeps its own compiled kernels; a
first start of each, which is not counted, makes sure of them. ``--only list help`` measures these alone.
"""

from __future__ import annotations

import argparse
import os
import resource
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from functools import partial
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
#: The same by part, from the imports on.
_PARTS = (
    "import time\n"
    "taken = []\n"
    "from sim.config import compose\n"
    "from sim.market import Market\n"
    "taken.append(time.process_time())\n"
    f"chosen = compose({_MARKET})\n"
    "taken.append(time.process_time())\n"
    "market = Market(chosen)\n"
    "taken.append(time.process_time())\n"
    "market.step()\n"
    "taken.append(time.process_time())\n"
    "print(*taken)"
)
#: Composition alone: one configuration, and 20 that differ.
_COMPOSE = (
    "import time\n"
    "from sim.config import compose\n"
    "for n in range({}): compose([f'population.size={{300 + n}}'])\n"
    "print(time.process_time())"
)

_SETTINGS = "import time\nfrom sim.config import market_sources\nmarket_sources()\nprint(time.process_time())"
_LIBRARIES = "import time\nimport sim.runs.replicate, numba\nprint(time.process_time())"
_PICTURES = "import time\nimport sim.report.html\nprint(time.process_time())"
#: One world that lives three days, with its tables and its report.
_RUN = (
    "run experiment.replications=1 population.size={} experiment.days=3 experiment.burn_in_days=0 "
    "experiment.warmup_days=0"
)


def _environment(checkout: Path) -> dict[str, str]:
    """That of this process, with the checkout's sources; modules are compiled once, as where users are."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return {**kept, "PYTHONPATH": str(checkout)}


def seconds(checkout: Path, script: str) -> float:
    """CPU seconds of a fresh process that runs ``script`` on the sources of a checkout."""
    return float(_told(checkout, script)[-1])


def _told(checkout: Path, script: str) -> list[str]:
    """Words that a fresh process prints."""
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=checkout,
        env=_environment(checkout),
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    return done.stdout.split()


def parts(checkout: Path, consumers: int, repeats: int) -> dict[str, float]:
    """Median CPU seconds of the first day by part."""
    taken = [[0.0, *map(float, _told(checkout, _PARTS.format(consumers)))] for _ in range(repeats)]
    names = ("process and imports", "composition", "market", "day")
    return {name: statistics.median(run[k + 1] - run[k] for run in taken) for k, name in enumerate(names)}


def command(checkout: Path, words: str) -> float:
    """CPU seconds of a command in a folder without results, its workers included."""
    script = "import sys; from sim.cli import main; sys.exit(main(sys.argv[1:]))"
    before = _children()
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(
            [sys.executable, "-c", script, *words.split()],
            cwd=folder,
            env=_environment(checkout),
            capture_output=True,
            check=True,
        )
    return _children() - before


def _children() -> float:
    """CPU seconds of all processes that this one has started and seen end."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def paired(measure: Callable[[Path], float], checkouts: list[Path], repeats: int) -> list[list[float]]:
    """CPU seconds of each checkout, which take turns; the order is turned round every time."""
    taken: list[list[float]] = [[] for _ in checkouts]
    for checkout in checkouts:
        measure(checkout)
    for n in range(repeats):
        for at in sorted(range(len(checkouts)), reverse=bool(n % 2)):
            taken[at].append(measure(checkouts[at]))
    return taken


def main(words: Sequence[str]) -> None:
    """Measure and tell."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--against", type=Path, help="another checkout")
    parser.add_argument("--repeats", type=int, default=9)
    parser.add_argument("--consumers", type=int, default=1000)
    parser.add_argument("--only", nargs="+", metavar="NAME", help="of the names that are printed, these")
    asked = parser.parse_args(words)
    checkouts = [_HERE, *([asked.against.resolve()] if asked.against else [])]
    measures: dict[str, Callable[[Path], float]] = {
        "settings": partial(seconds, script=_SETTINGS),
        "1 configuration": partial(seconds, script=_COMPOSE.format(1)),
        "20 configurations": partial(seconds, script=_COMPOSE.format(20)),
        "libraries of a market": partial(seconds, script=_LIBRARIES),
        "first day": partial(seconds, script=_DAY.format(asked.consumers)),
        "pictures' library": partial(seconds, script=_PICTURES),
        "help": partial(command, words="--help"),
        "list": partial(command, words="list"),
        "tiny run": partial(command, words=_RUN.format(asked.consumers)),
        "tiny run in 5 worlds": partial(command, words=_RUN.format(asked.consumers).replace("=1", "=5", 1)),
    }
    if unknown := [name for name in asked.only or () if name not in measures]:
        parser.error(f"--only: there is nothing called '{unknown[0]}'; choose from: {', '.join(measures)}")
    for name, measure in measures.items():
        if asked.only and name not in asked.only:
            continue
        medians = [statistics.median(one) for one in paired(measure, checkouts, asked.repeats)]
        told = ", ".join(f"{one:.2f}" for one in medians)
        ratio = f", ratio {medians[0] / medians[1]:.2f}" if len(medians) > 1 else ""
        print(f"{name}: {told} CPU s{ratio}", flush=True)
    if asked.only:
        return
    shares = parts(_HERE, asked.consumers, asked.repeats)
    print("parts of the first day:", ", ".join(f"{name} {taken:.2f}" for name, taken in shares.items()))


if __name__ == "__main__":
    main(sys.argv[1:])
