"""The market's speed: against an ordinary Mesa model, a whole replication, and a million consumers.

All times are CPU seconds. The Mesa model is ``benchmarks/twin``: the same core rules
(``docs/core_rules.md``) with one object per consumer and draws from Mesa's own generator.
Replications run in fresh processes, so that start-up is part of their bill.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.day import Timed, peak_bytes

ROOT = Path(__file__).resolve().parents[1]

WARM_DAYS = 10
TWIN_DAYS = 5
#: Engine days measured between two days of the twin, so that both meet the same neighbours on the machine.
ENGINE_DAYS = 10
COLD_START = ("experiment.burn_in_days=0", "experiment.warmup_days=0")


# --- against the twin ------------------------------------------------------------------------


@dataclass(frozen=True)
class Against:
    """Engine and twin on the same rules.

    engine, twin : CPU seconds a day (median); visits_engine, visits_twin : visits a day, to show
    that both did the same work; shares : share of the engine's day by mechanism, largest first.
    """

    engine: float
    twin: float
    visits_engine: float
    visits_twin: float
    shares: dict[str, float]


def against_twin(
    consumers: int = 20_000, warm: int = WARM_DAYS, days: int = TWIN_DAYS, engine_days: int = ENGINE_DAYS
) -> Against:
    """CPU a day of the core rules in the engine and in plain Mesa; ``days`` of the twin are timed."""
    from benchmarks.twin import TwinMarket
    from sim.market import Market

    market = Market.from_scenario("core_rules", f"population.size={consumers}", *COLD_START)
    for _ in range(warm):
        market.step()
    twin = TwinMarket(market)
    twin.step()  # its first day begins without touches and parcels under way
    seen_twin, seen_engine = len(twin.visits), len(market.records.visits)
    slow, fast = [], []
    for _ in range(days):
        slow.append(_cpu(twin.step, 1))
        fast.append(_cpu(market.step, engine_days))
    visits_twin = (len(twin.visits) - seen_twin) / days
    visits_engine = (len(market.records.visits) - seen_engine) / (days * engine_days)
    return Against(median(fast), median(slow), visits_engine, visits_twin, time_by_mechanism(market))


def _cpu(step: Callable[[], None], days: int) -> float:
    """CPU seconds a day."""
    begin = time.process_time()
    for _ in range(days):
        step()
    return (time.process_time() - begin) / days


def time_by_mechanism(market: Any, days: int = 10) -> dict[str, float]:
    """Share of CPU by mechanism over some days of a market (which is of no use afterwards)."""
    clock: dict[str, float] = {}
    market.schedule = {phase: [Timed(m, clock) for m in some] for phase, some in market.schedule.items()}
    for _ in range(days):
        market.step()
    total = sum(clock.values())
    return {name: clock[name] / total for name in sorted(clock, key=lambda name: -clock[name])}


# --- in fresh processes ----------------------------------------------------------------------


def in_fresh_process(task: str, *arguments: str) -> dict[str, float]:
    """Run one of ``TASKS`` in a new interpreter; its own figures, and CPU and peak memory of the process."""
    command = [sys.executable, "-m", "benchmarks.engine", task, *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, encoding="utf-8", check=False)
    if done.returncode:
        raise RuntimeError(f"{task} failed:\n{done.stderr}")
    return json.loads(done.stdout.splitlines()[-1])


def _config(cache: str, *overrides: str) -> Any:
    from sim.config import compose

    return compose([f"paths.cache={cache}", *overrides])


def burn_in(cache: str, *overrides: str) -> dict[str, float]:
    """Burn in one default world and leave it in the cache."""
    from sim.runs.replicate import prepare_world

    prepare_world(_config(cache, *overrides), 0)
    return {}


def replication(cache: str, *overrides: str) -> dict[str, float]:
    """One replication from the cached world to its indicators."""
    from sim.runs.replicate import run_replication

    config = _config(cache, *overrides)
    started = time.process_time()
    result = run_replication(config, 0)
    days = config.experiment.warmup_days + config.experiment.days
    orders = len(result.tables["orders"]["order_id"])
    timings = {f"{part}_cpu": seconds for part, seconds in result.timings.items()}
    return {"start_cpu": started, "days": days, "orders": orders} | timings


def many(cache: str, consumers: str, days: str, *overrides: str) -> dict[str, float]:
    """A large market tiled from the cached world, for some days."""
    from sim.market import Market
    from sim.market.snapshot import load, tile, world_key

    small = Market(_config(cache, *overrides), 0, Path(cache))
    state = load(Path(cache) / "worlds" / f"{world_key(small)}.npz")
    assert state is not None, "burn in first"
    begin = time.process_time()
    market = Market(_config(cache, *overrides, f"population.size={consumers}"), 0, Path(cache))
    tile(market, state)
    built = time.process_time()
    for _ in range(int(days)):
        market.step()
    return {
        "build": built - begin,
        "run": time.process_time() - built,
        "visits": len(market.records.visits),
        "orders": len(market.records.orders),
    }


TASKS: dict[str, Callable[..., dict[str, float]]] = {
    "burn_in": burn_in,
    "replication": replication,
    "many": many,
}


def main(words: list[str]) -> None:
    """Run one task and print its figures as JSON."""
    figures = TASKS[words[0]](*words[1:])
    print(json.dumps(figures | {"cpu": time.process_time(), "peak_mb": peak_bytes() / 2**20}))


if __name__ == "__main__":
    main(sys.argv[1:])
