"""What engines cost and what two processors give: ``python -m benchmarks.engines [jobs] [engine]``.

Jobs do a fixed amount of arithmetic, set to half a second of one processor, and file what they
used. Overhead is processor time of everything else, start of workers included, as a share of
the jobs'; it does not depend on who else uses the machine. Throughput does, so one worker and
two take turns, block by block, and each pair of blocks gives a ratio.
"""

from __future__ import annotations

import json
import resource
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from sim.config import Config, compose
from sim.config.settings import EngineParams
from sim.core.processors import available_processors
from sim.runs.execute import execute
from sim.runs.task import Task
from sim.store.store import Store

JOBS, SECONDS = 1000, 0.5
#: Worlds that the jobs are spread over, and blocks of jobs that take turns.
WORLDS, PAIRS, BLOCK = 20, 3, 24
_ROUNDS = "rounds"


@dataclass(frozen=True)
class Cost:
    """What a batch of jobs took.

    Attributes
    ----------
    jobs : float
        Processor seconds inside jobs.
    rest : float
        Processor seconds of everything else: driver, and start and upkeep of workers.
    wall : float
        Seconds on the clock between the first job's end and the last one's.
    """

    jobs: float
    rest: float
    wall: float


def burn(rounds: int) -> int:
    """So many rounds of integer arithmetic."""
    value = 1
    for _ in range(rounds):
        value = (value * 1103515245 + 12345) % 2147483648
    return value


def job(task: Task, store: Store) -> str:
    """Burn the agreed amount and file what it took, as a run files its result."""
    began = time.thread_time()
    burn(int((store.root / _ROUNDS).read_text(encoding="utf-8")))
    used = time.thread_time() - began
    (store.root / f"{task.key}.json").write_text(json.dumps([used, time.monotonic()]), encoding="utf-8")
    return task.key


def calibrated() -> int:
    """Rounds that take half a second here."""
    rounds = 200_000
    began = time.thread_time()
    burn(rounds)
    return int(rounds * SECONDS / (time.thread_time() - began))


def cost(engine: EngineParams, count: int, rounds: int) -> Cost:
    """Let an engine do so many jobs."""
    config = _no_burn_in()
    with tempfile.TemporaryDirectory() as folder:
        store = Store(folder, "daily")
        (store.root / _ROUNDS).write_text(str(rounds), encoding="utf-8")
        tasks = [Task(config, n % WORLDS, str(n % WORLDS), f"job_{n}") for n in range(count)]
        before = _processor()
        for outcome in execute(tasks, engine, store, 3, job):
            if outcome.error is not None:
                raise outcome.error
        spent = _processor() - before
        filed = [json.loads(path.read_text(encoding="utf-8")) for path in store.root.glob("job_*.json")]
    used, ends = sum(one[0] for one in filed), [one[1] for one in filed]
    return Cost(used, spent - used, max(ends) - min(ends))


def _no_burn_in() -> Config:
    return compose(["population.size=60", "experiment.burn_in_days=0"])


def _processor() -> float:
    """Processor seconds of this process and of its children that have ended."""
    kinds = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    return sum(sum(resource.getrusage(kind)[:2]) for kind in kinds)


def overhead(kind: str, count: int, rounds: int) -> None:
    """Print one engine's overhead on two workers."""
    found = cost(EngineParams(kind=kind, workers=2), count, rounds)
    print(
        f"{kind}, 2 workers, {count:,} jobs of {found.jobs / count:.2f} s\n"
        f"  in jobs                  {found.jobs:8.1f} CPU s\n"
        f"  everything else          {found.rest:8.1f} CPU s ({found.rest / found.jobs:.1%} of the jobs)",
        flush=True,
    )


def speed_up(kind: str, rounds: int) -> None:
    """Print how much faster two workers are than one, each pair of blocks side by side in time."""
    ratios = []
    for _ in range(PAIRS):
        one, two = (cost(EngineParams(kind=kind, workers=n), BLOCK, rounds) for n in (1, 2))
        ratios.append(one.wall / two.wall)
    print(f"  two workers against one  {median(ratios):8.2f} times the jobs a second (median of {PAIRS}: "
          f"{', '.join(f'{ratio:.2f}' for ratio in sorted(ratios))})", flush=True)  # fmt: skip


def main(count: int = JOBS, kinds: tuple[str, ...] = ("local", "dask")) -> None:
    """Print all figures of this machine."""
    rounds = calibrated()
    for kind in kinds:
        overhead(kind, count, rounds)
        if available_processors() > 1:
            speed_up(kind, rounds)


if __name__ == "__main__":
    main(*(int(word) for word in sys.argv[1:2]), *([tuple(sys.argv[2:])] if sys.argv[2:] else []))
