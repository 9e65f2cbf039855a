"""A store of five thousand runs: how long readers take, before and after folding.

The runs are synthetic and stored one by one by the store itself, so that files, folders and
columns are those of a real sweep: ``python -m benchmarks.store [RUNS] [FOLDER]``. Wall time is
told beside CPU time, because it depends on who else uses the machine.
"""

from __future__ import annotations

import hashlib
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

RUNS = 5000
EXPERIMENT = "many"
SCENARIOS = ("baseline", "a", "b", "c", "d")
INDICATORS, SERIES, DAYS = 72, 20, 60


@dataclass(frozen=True)
class SmallRun:
    """A run as the store wants it (:class:`sim.store.store.Run`), with drawn figures and no events."""

    tables: dict[str, dict[str, np.ndarray]]
    info: dict[str, Any]
    kpis: dict[str, float]
    daily: dict[str, np.ndarray]
    timings: dict[str, float]
    window: tuple[int, int] = (30, 30 + DAYS)


def fill(root: Path, runs: int) -> None:
    """Store so many runs, each with figures and a name of its own."""
    from sim.config import compose
    from sim.store.store import Store
    from sim.world.schema import SCHEMAS

    store, config = Store(root, "daily"), compose(["scenario=baseline"]).resolved
    store.check()
    empty = {table: {c: np.zeros(0, kind) for c, (kind, _) in s.items()} for table, s in SCHEMAS.items()}
    rng = np.random.default_rng(1)
    for number in range(runs):
        world, scenario = divmod(number, len(SCENARIOS))
        info = {
            "experiment": EXPERIMENT, "scenario": SCENARIOS[scenario], "seed": 1, "replication": world,
            "key": hashlib.sha256(str(number).encode()).hexdigest()[:40], "world": f"w{world}",
        }  # fmt: skip
        kpis = {f"indicator_{k}": float(v) for k, v in enumerate(rng.normal(size=INDICATORS))}
        daily = {f"series_{k}": v for k, v in enumerate(rng.normal(size=(SERIES, DAYS)))}
        store.write(SmallRun(empty, info, kpis, daily, {"days": 1.0}), config)


def timed(name: str, do: Callable[[], Any]) -> Any:
    """Do something, print a row of the table, and return what came of it."""
    wall, cpu = time.perf_counter(), time.process_time()
    answer = do()
    print(f"| {name} | {time.process_time() - cpu:.2f} | {time.perf_counter() - wall:.2f} |", flush=True)
    return answer


def readers(root: Path, state: str) -> None:
    """Everything that reads a store."""
    import duckdb

    from sim.store.results import load_results
    from sim.store.sql import query
    from sim.store.store import Store

    sql = "select scenario, name, avg(value), stddev(value), count(value) from {} group by all"
    files = f"read_parquet('{root}/totals/*/*/*.parquet', hive_partitioning = true)"
    timed(f"{state}: DuckDB, mean of each indicator", lambda: duckdb.execute(sql.format(files)).fetchall())
    timed(f"{state}: `query`, the same", lambda: query(root, sql.format("totals")))
    results = timed(f"{state}: `load_results`", lambda: load_results(root))
    timed(f"{state}: `results.daily`", lambda: results.daily)
    store = Store(root, "daily")
    timed(f"{state}: which runs are there (`liebian status`)", lambda: store.finished(EXPERIMENT))


def main(words: list[str]) -> None:
    """Fill, read, fold, read again."""
    from sim.store.compact import compact

    runs = int(words[0]) if words else RUNS
    print("| step | CPU s | wall s |\n|---|---|---|")
    with tempfile.TemporaryDirectory(dir=words[1] if len(words) > 1 else None) as folder:
        root = Path(folder)
        timed(f"store {runs:,} runs", lambda: fill(root, runs))
        readers(root, "small files")
        timed("fold them", lambda: compact(root, EXPERIMENT))
        readers(root, "folded")


if __name__ == "__main__":
    main(sys.argv[1:])
