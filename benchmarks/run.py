"""Every benchmark, one after the other, in CPU seconds: ``make bench``, or ``python -m benchmarks.run``.

``python -m benchmarks.run --small`` does the same with little worlds in half a minute, to see that all of it
works; its figures say nothing about speed, so they are not kept.
"""

from __future__ import annotations

import argparse
import platform
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks import engine, frameworks, history, parcels, scale, stations, uneven


@dataclass(frozen=True)
class Form:
    """How large everything is.

    Attributes
    ----------
    consumers, many, many_days : int
        People of the core rules and of the cached world; of the market tiled from it, and its days.
    agent_days : int
        Days of the model with one agent a person that are timed.
    sizes, size_days : tuple of int, int or None
        People of the markets by which a day's cost is told by size, and days; None: by their size.
    reduced : tuple of str
        Words for :mod:`benchmarks.frameworks`.
    customers : int
        Of one station.
    parcels : tuple of str
        Words for :mod:`benchmarks.parcels`.
    uneven : tuple of str
        Words for :mod:`benchmarks.uneven`.
    settings : tuple of str
        Of the cached world, and of a replication from it.
    kept : bool
        Whether ratios go into the history.
    """

    consumers: int = 20_000
    many: int = 1_000_000
    many_days: int = 90
    agent_days: int = engine.TWIN_DAYS
    sizes: tuple[int, ...] = scale.SIZES
    size_days: int | None = None
    reduced: tuple[str, ...] = ("3000", "100000")
    customers: int = stations.CUSTOMERS
    parcels: tuple[str, ...] = ()
    uneven: tuple[str, ...] = ("--parcels=0",)
    settings: tuple[str, ...] = ()
    kept: bool = True


WHOLE = Form()
SMALL = Form(
    consumers=600,
    many=900,
    many_days=2,
    agent_days=1,
    sizes=(300, 600),
    size_days=4,
    reduced=("2000", "--days=2"),
    customers=2_000,
    parcels=("--consumers=20000", "--days=3", "--parcels=200", "--repeats=1"),
    uneven=("300", "--turns=1", "--days=1", "--burn-in=1", "--settling=1", "--levels=-2,-2", "--parcels=0"),
    settings=(
        "population.size=300",
        "experiment.burn_in_days=3",
        "experiment.warmup_days=0",
        "experiment.days=3",
    ),
    kept=False,
)


def versus_mesa(form: Form) -> float:
    """The engine against one Mesa agent per consumer, on the same rules; how many times faster."""
    result = engine.against_twin(form.consumers, days=form.agent_days)
    shares = ", ".join(f"{name} {share:.0%}" for name, share in list(result.shares.items())[:6])
    print(
        f"core rules, {form.consumers:,} consumers, a day\n"
        f"  engine                   {result.engine * 1e3:8.1f} ms ({result.visits_engine:,.0f} visits)\n"
        f"  one agent per consumer   {result.twin * 1e3:8.1f} ms ({result.visits_twin:,.0f} visits)\n"
        f"  ratio                    {result.twin / result.engine:8.1f}\n"
        f"  where the engine's time goes: {shares}"
    )
    return result.twin / result.engine


def whole_replication(cache: str, form: Form) -> None:
    """Burn-in once, then a replication as every strategy pays for it."""
    burnt = engine.in_fresh_process("burn_in", cache, *form.settings)
    one = engine.in_fresh_process("replication", cache, *form.settings)
    print(
        f"default market of a cached world\n"
        f"  burn-in, once a world    {burnt['cpu']:8.1f} s\n"
        f"  replication of {one['days']:.0f} days  {one['cpu']:8.1f} s from the cached world "
        f"(start-up {one['start_cpu']:.1f}, world {one['world_cpu']:.1f}, days {one['days_cpu']:.1f}, "
        f"indicators {one['measure_cpu']:.1f}), {one['orders']:,.0f} orders, {one['peak_mb']:,.0f} MB"
    )


def a_large_one(cache: str, form: Form) -> None:
    """One large market, tiled from the burnt-in one."""
    large = engine.in_fresh_process("many", cache, str(form.many), str(form.many_days), *form.settings)
    print(
        f"default market, {form.many:,} consumers, {form.many_days} days\n"
        f"  build                    {large['build']:8.1f} s\n"
        f"  days                     {large['run']:8.1f} s ({large['visits']:,.0f} visits, "
        f"{large['orders']:,.0f} orders)\n"
        f"  peak memory              {large['peak_mb'] / 1024:8.2f} GB"
    )


def by_size(form: Form) -> dict[str, float]:
    """A day of several sizes; what the history keeps of it."""
    sizes = [scale.measured(consumers, form.size_days) for consumers in form.sizes]
    print("all mechanisms, a day by size", *scale.table(sizes), sep="\n  ", flush=True)
    return scale.figures(sizes)


def main(words: Sequence[str]) -> None:
    """Print all figures of this machine, and add the ratios to the history."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--small", action="store_true", help="little worlds, to see that all of it works")
    form = SMALL if parser.parse_args(words).small else WHOLE
    print(f"CPU seconds on {platform.machine()}, Python {platform.python_version()}", flush=True)
    kept = {"core rules, times the agent model": versus_mesa(form)}
    ratios = frameworks.main(form.reduced)
    kept |= {f"reduced rules in {name}, times one agent a person": ratio for name, ratio in ratios.items()}
    print("logistics", flush=True)
    parcels.main(form.parcels)
    print(f"one station, {stations.SERVERS} servers", flush=True)
    stations.main([str(form.customers)])
    kept |= by_size(form)
    print("everything uneven, and all market systems, a day", flush=True)
    uneven.main(form.uneven)
    with tempfile.TemporaryDirectory() as cache:
        whole_replication(cache, form)
        sys.stdout.flush()
        a_large_one(cache, form)
    if not form.kept:
        print("small worlds: nothing is kept")
        return
    history.add(kept, history.commit())
    history.draw()
    print(f"ratios are kept in {history.FILE.name} and drawn in {history.PICTURE.name}")


if __name__ == "__main__":
    main(sys.argv[1:])
