"""Every benchmark, one after the other, in CPU seconds: ``make bench``."""

from __future__ import annotations

import platform
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks import engine, history, parcels, scale, stations

CONSUMERS = 20_000
MANY = 1_000_000
MANY_DAYS = 90


def versus_mesa() -> float:
    """The engine against one Mesa agent per consumer, on the same rules; how many times faster."""
    result = engine.against_twin(CONSUMERS)
    shares = ", ".join(f"{name} {share:.0%}" for name, share in list(result.shares.items())[:6])
    print(
        f"core rules, {CONSUMERS:,} consumers, a day\n"
        f"  engine                   {result.engine * 1e3:8.1f} ms ({result.visits_engine:,.0f} visits)\n"
        f"  one agent per consumer   {result.twin * 1e3:8.1f} ms ({result.visits_twin:,.0f} visits)\n"
        f"  ratio                    {result.twin / result.engine:8.1f}\n"
        f"  where the engine's time goes: {shares}"
    )
    return result.twin / result.engine


def whole_replication(cache: str) -> None:
    """Burn-in once, then a replication as every strategy pays for it."""
    burnt = engine.in_fresh_process("burn_in", cache)
    one = engine.in_fresh_process("replication", cache)
    print(
        f"default market, {CONSUMERS:,} consumers\n"
        f"  burn-in, once a world    {burnt['cpu']:8.1f} s\n"
        f"  replication of {one['days']:.0f} days  {one['cpu']:8.1f} s from the cached world "
        f"(start-up {one['start_cpu']:.1f}, world {one['world_cpu']:.1f}, days {one['days_cpu']:.1f}, "
        f"indicators {one['measure_cpu']:.1f}), {one['orders']:,.0f} orders, {one['peak_mb']:,.0f} MB"
    )


def a_million(cache: str) -> None:
    """One large market, tiled from the burnt-in one."""
    large = engine.in_fresh_process("many", cache, str(MANY), str(MANY_DAYS))
    print(
        f"default market, {MANY:,} consumers, {MANY_DAYS} days\n"
        f"  build                    {large['build']:8.1f} s\n"
        f"  days                     {large['run']:8.1f} s ({large['visits']:,.0f} visits, "
        f"{large['orders']:,.0f} orders)\n"
        f"  peak memory              {large['peak_mb'] / 1024:8.2f} GB"
    )


def by_size() -> dict[str, float]:
    """A day of several sizes; what the history keeps of it."""
    sizes = [scale.measured(consumers) for consumers in scale.SIZES]
    print("all mechanisms, a day by size", *scale.table(sizes), sep="\n  ", flush=True)
    return scale.figures(sizes)


def main() -> None:
    """Print all figures of this machine, and add the ratios to the history."""
    print(f"CPU seconds on {platform.machine()}, Python {platform.python_version()}", flush=True)
    kept = {"core rules, times the agent model": versus_mesa()}
    print("logistics", flush=True)
    parcels.main()
    print(f"one station, {stations.SERVERS} servers", flush=True)
    stations.main([])
    kept |= by_size()
    with tempfile.TemporaryDirectory() as cache:
        whole_replication(cache)
        sys.stdout.flush()
        a_million(cache)
    history.add(kept, history.commit())
    history.draw()
    print(f"ratios are kept in {history.FILE.name} and drawn in {history.PICTURE.name}")


if __name__ == "__main__":
    main()
