"""One replication: a world, a strategy, the measured window, and everything that is kept of it."""

from __future__ import annotations

import gc
import math
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from importlib.metadata import version
from multiprocessing import parent_process
from pathlib import Path
from typing import Any

import numpy as np

from sim.config import Config, baseline_of, code_digest, reference_of, run_hash, world_hash
from sim.config.compose import MACHINE_SECTIONS
from sim.core.kept import SAID, Kept, keep, plain
from sim.core.rng import replication_seed
from sim.market.model import Market, declared_figures, followed
from sim.market.snapshot import burnt_in
from sim.market.stationarity import SHORTEST
from sim.measure import daily_kpis, measure_run
from sim.network.reproduction import further_tellings
from sim.runs.live import BURN_IN, day_file


@dataclass(frozen=True)
class RunResult:
    """What one finished run leaves (see :class:`sim.store.store.Run`)."""

    tables: dict[str, dict[str, np.ndarray]]
    window: tuple[int, int]
    info: dict[str, Any]
    kpis: dict[str, float]
    daily: Mapping[str, np.ndarray]
    timings: dict[str, float]


def run_key(config: Config, replication: int, baseline: Config | None = None) -> str:
    """Name of one run in the store: a digest of everything that can change its numbers.

    Parameters
    ----------
    config : Config
        What is run.
    replication : int
        Number of the world.
    baseline : Config, optional
        :func:`sim.config.baseline_of` it, where that is known already.
    """
    baseline = baseline or baseline_of(config)
    return run_hash(config, replication, config.experiment.seed, code_digest(), baseline=baseline)[:40]


def prepare_world(config: Config, replication: int) -> None:
    """Burn in one world and leave it in the cache for all strategies."""
    if config.experiment.burn_in_days:
        _burnt_in(_only_market(config, replication))


def _burnt_in(market: Market) -> None:
    """Bring a market to the end of its burn-in; days that are lived for it can be looked on."""
    config = market.config
    key = world_hash(config, baseline=market.baseline)
    with day_file(config, BURN_IN, market.replication, key) as note:
        burnt_in(market, followed(market, iter, note))


def run_replication(config: Config, replication: int) -> RunResult:
    """Run one strategy in one world.

    Raises
    ------
    RunError
        If books, goods, parcels or people do not balance, or the world is not stationary.
    InputError
        If an input file is wrong.
    """
    began = time.process_time()
    market = _only_market(config, replication)
    if config.experiment.burn_in_days:
        _burnt_in(market)
    burnt = time.process_time()
    key = run_key(config, replication, market.baseline)
    with day_file(config, config.scenario, replication, key) as note:
        market.run(after_day=note)
    lived = time.process_time()
    tables, window = market.tables(copy=False), market.window
    kpis = measure_run(tables, window) | declared_figures(config, tables, window)
    daily = daily_kpis(tables, window)
    timings = {"world": burnt - began, "days": lived - burnt, "measure": time.process_time() - lived}
    return RunResult(tables, window, describe(market, kpis), kpis, daily, timings)


def _only_market(config: Config, replication: int) -> Market:
    """A new market in a process where those of earlier runs are gone.

    A market and its agents refer to each other, so Python frees them when it next looks for cycles, which
    for a few large arrays may be many runs later. In a worker process, what is loaded by then is set aside,
    so that looking takes about a millisecond.
    """
    gc.collect()
    if parent_process() is not None:
        gc.freeze()
    return Market(config, replication, Path(config.paths.cache))


def _business(market: Market) -> dict[str, Any]:
    """What results are told in: consumers of the real market, and its currency."""
    told, people = market.config.business, len(market.consumers)
    represents = market.config.population.represents
    return {
        "stated": told.stated or represents != 1.0,
        "consumers": float(told.market or people * represents),
        "currency": told.currency,
        "rate": told.rate,
    }


def _dated(config: Config) -> bool:
    """Whether the days of a run were given dates that matter, or that the user chose."""
    return not config.calendar.flat or "calendar.start" in config.chosen


def _flood(market: Market) -> list[Kept]:
    """A warning where posts may run through the market, because figures a person then depend on its size."""
    p = market.config.sharing
    degree = market.world.graph.degree
    further = further_tellings(degree, p.audience, p.pass_on, p.audience_growth, p.divided_attention)
    if not p.enabled or further < 1.0:
        return []
    return [
        keep(
            "A telling leads to up to {further} further ones in this network, so that single posts can run "
            "through the market and what happens a person depends on how many people there are; below 1 they "
            "end by themselves (sharing.divided_attention, sharing.audience, sharing.pass_on).",
            further=f"{further:.2g}",
        )
    ]


def _said(market: Market, kpis: Mapping[str, float]) -> dict[str, Any]:
    """Sentences on a run as English texts, and under ``said`` what is needed to tell them in any language."""
    ratio = kpis.get("capacity_over_orders", float("nan"))
    said = {
        "graph": market.graph_info.line,
        "graph_notes": [*market.graph_info.notes, *_flood(market)],
        "capacity": keep("not observable without orders")
        if math.isnan(ratio)
        else keep("delivery can carry {ratio:.2f} times the orders of the window", ratio=float(ratio)),
        "stationary": keep("checked at the end of burn-in")
        if market.config.experiment.burn_in_days >= SHORTEST
        else keep("not judged: burn-in shorter than {days} days", days=SHORTEST),
    }
    return {**said, SAID: plain(said)}


def describe(market: Market, kpis: Mapping[str, float]) -> dict[str, Any]:
    """Who, what and with which versions: all that a report must say of a run."""
    c = market.config
    seed = replication_seed(c.experiment.seed, market.replication)
    reference = reference_of(replace(c, pinned=c.pinned or market.baseline))
    return {
        "experiment": c.experiment.name,
        "scenario": c.scenario,
        "description": c.description,
        "options": {name: option for name, option in c.options.items() if name not in MACHINE_SECTIONS},
        "seed": c.experiment.seed,
        "replication": market.replication,
        "key": run_key(c, market.replication, market.baseline),
        "world": world_hash(c, baseline=market.baseline, seed=seed)[:16],
        "worlds": world_hash(c, baseline=market.baseline)[:16],
        "baseline_key": run_key(reference, market.replication),
        **_said(market, kpis),
        "consumers": len(market.consumers),
        "represents": c.population.represents,
        "business": _business(market),
        "start": c.calendar.start if c.business.stated or _dated(c) else "",
        "code": code_digest()[:16],
        "liebian": version("liebian"),
        **{name: version(name) for name in ("numpy", "mesa", "numba", "simpy")},
    }
