"""What engines cost and what two processors give: ``python -m benchmarks.engines [OPTIONS]``.

Jobs do a fixed amount of arithmetic, set to so many seconds of one processor, and file what they used.
Overhead is processor time of everything else, start of workers included, as a share of the jobs'; it does
not depend on who else uses the machine. Throughput does, so one worker and two take turns, block by block,
and each pair of blocks gives a ratio.

``--jobs 500 --seconds 1 --pairs 0`` tells the overhead of 500 jobs of a second alone, ``--jobs 0 --block 200
--seconds 2 --pairs 3`` what two workers give on 200 jobs of two seconds, three times.
"""

from __future__ import annotations

import argparse
import json
import resource
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median
from typing import ClassVar, Literal, Self, get_args

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from sim.config import Config, compose
from sim.config.settings import EngineParams
from sim.core.errors import RunError
from sim.core.processors import available_processors
from sim.runs.execute import execute
from sim.runs.task import Task, absolute_folders
from sim.store.store import Store

#: Engines that need nobody's cluster.
Kind = Literal["serial", "local", "dask"]
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


@dataclass(frozen=True)
class Burn(Task):
    """Arithmetic as a task: it burns the rounds that the store's folder names, and files what that took."""

    kind: ClassVar[str] = "burns"
    config: Config
    world: str
    key: str

    @property
    def configs(self) -> tuple[Config, ...]:
        """A configuration, of which nothing is simulated."""
        return (self.config,)

    @property
    def scenario(self) -> str:
        """What an error would be filed under."""
        return self.config.scenario

    def prepare(self) -> None:
        """Nothing: it branches from no world."""

    def is_done(self, store: Store) -> bool:
        """Whether it has filed what it took."""
        return _filed(store, self.key).exists()

    def make(self, store: Store) -> str:
        """Burn the agreed amount and file what it took, as a run files its result."""
        began = time.thread_time()
        burn(int((store.root / _ROUNDS).read_text(encoding="utf-8")))
        used = time.thread_time() - began
        _filed(store, self.key).write_text(json.dumps([used, time.monotonic()]), encoding="utf-8")
        return self.key

    def with_absolute_folders(self) -> Self:
        """The same task wherever a worker was started."""
        return replace(self, config=absolute_folders(self.config))

    @classmethod
    def write_batch(cls, tasks: Sequence[Self], store: Store) -> str:
        """Refuse job arrays, which take up written runs alone."""
        raise RunError("arithmetic is written down for no job array; measure serial, local or dask")


def _filed(store: Store, key: str) -> Path:
    return store.root / f"{key}.json"


def calibrated(seconds: float = SECONDS) -> int:
    """Rounds that take so many seconds here."""
    rounds = 200_000
    began = time.thread_time()
    burn(rounds)
    return max(1, int(rounds * seconds / (time.thread_time() - began)))


def cost(engine: EngineParams, count: int, rounds: int) -> Cost:
    """Let an engine do so many jobs."""
    config = _no_burn_in()
    with tempfile.TemporaryDirectory() as folder:
        store = Store(folder, "daily")
        (store.root / _ROUNDS).write_text(str(rounds), encoding="utf-8")
        tasks = [Burn(config, str(n % WORLDS), f"job_{n}") for n in range(count)]
        before = _processor()
        for outcome in execute(tasks, engine, store, crashes=3):
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


def overhead(kind: Kind, count: int, rounds: int, workers: int = 2) -> Cost:
    """Print and return one engine's overhead."""
    found = cost(EngineParams(kind=kind, workers=workers), count, rounds)
    print(
        f"{kind}, {workers} workers, {count:,} jobs of {found.jobs / count:.2f} s\n"
        f"  in jobs                  {found.jobs:8.1f} CPU s\n"
        f"  everything else          {found.rest:8.1f} CPU s ({found.rest / found.jobs:.1%} of the jobs)",
        flush=True,
    )
    return found


def speed_up(kind: Kind, rounds: int, pairs: int = PAIRS, block: int = BLOCK) -> list[float]:
    """Print and return how much faster two workers are than one, each pair of blocks side by side in time.

    From the first job's end to the last one's, so that what workers take to start is left out.
    """
    ratios = []
    for pair in range(pairs):
        wall = {
            workers: cost(EngineParams(kind=kind, workers=workers), block, rounds).wall
            for workers in ((1, 2) if pair % 2 == 0 else (2, 1))
        }
        # with n workers the first n jobs end before, or at, the first end
        ratios.append(wall[1] / (block - 1) / (wall[2] / (block - 2)))
    listed = ", ".join(f"{ratio:.2f}" for ratio in sorted(ratios))
    print(
        f"{kind}, blocks of {block} jobs\n"
        f"  two workers against one  {median(ratios):8.2f} times the jobs a second "
        f"(median of {pairs}: {listed})",
        flush=True,
    )
    return ratios


def main(words: Sequence[str]) -> None:
    """Print all figures of this machine."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--jobs", type=int, default=JOBS, help="jobs whose overhead is told; 0: none")
    parser.add_argument("--seconds", type=float, default=SECONDS, help="processor seconds of a job")
    parser.add_argument("--pairs", type=int, default=PAIRS, help="pairs of one worker and two; 0: none")
    parser.add_argument("--block", type=int, default=BLOCK, help="jobs of each half of a pair, at least 3")
    parser.add_argument("--engine", nargs="+", choices=get_args(Kind), default=["local", "dask"])
    asked = parser.parse_args(words)
    rounds = calibrated(asked.seconds)
    for kind in asked.engine:
        if asked.jobs:
            overhead(kind, asked.jobs, rounds, 1 if kind == "serial" else 2)
        if asked.pairs and kind != "serial" and available_processors() > 1:
            speed_up(kind, rounds, asked.pairs, max(asked.block, 3))


if __name__ == "__main__":
    main(sys.argv[1:])
