"""Do strategies rank alike in small worlds? ``python -m docs.sizes [WORLDS] [SIZE,SIZE,...] [RESULTS]``.

Plays every shipped scenario that shares the baseline's world at several sizes and writes the table of
``sizes.md``: the contribution per 1,000 people against the baseline, paired by world, and every pair of
scenarios whose order is clear at one size and clear the other way round at another.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from contextlib import closing
from itertools import combinations

import numpy as np

from docs.pages import table, write_block
from sim.config import compose, describe_scenarios, market_sources, world_differences
from sim.measure.intervals import Interval, t_interval
from sim.runs.plan import plan
from sim.runs.sweep import run, sweep_store
from sim.store import manifest
from sim.store.results import load_results

SIZES = (3_000, 6_000, 20_000)
FIGURE = "contribution_per_1000"
#: size -> scenario -> the figure in each world.
Levels = dict[int, dict[str, np.ndarray]]


def comparable() -> list[str]:
    """Shipped scenarios that share the baseline's world, the baseline first."""
    names = [name for name in describe_scenarios(market_sources()) if name != "baseline"]
    baseline = compose([])
    return ["baseline", *(n for n in names if not world_differences([baseline, compose([f"scenario={n}"])]))]


def play(size: int, worlds: int, names: Sequence[str], results: str) -> dict[str, np.ndarray]:
    """The figure of every scenario in every world of one size.

    Raises
    ------
    RuntimeError
        If a run failed.
    """
    experiment = f"sizes_{size}"
    planned = plan([
        f"scenario={','.join(names)}", f"population.size={size}", f"experiment.replications={worlds}",
        f"experiment.name={experiment}", f"paths.results={results}",
    ])  # fmt: skip
    manifest.extend(results, experiment, planned.jobs, planned.content)
    store = sweep_store(results)
    with closing(run(manifest.read(results, experiment), planned.settings.engine, store)) as ended:
        for job, outcome in ended:
            if outcome.error is not None:
                raise RuntimeError(f"{job.scenario}, world {job.replication}: {outcome.error}")
    totals = load_results(results, experiment).totals
    value = totals[totals["name"] == FIGURE].set_index("key")["value"]
    return {
        name: np.array([value[job.key] for job in planned.jobs if job.scenario == name]) for name in names
    }


def gain(levels: dict[str, np.ndarray], a: str, b: str) -> Interval:
    """Paired difference a - b over worlds with its 95% interval."""
    return t_interval(levels[a] - levels[b])


def flips(levels: Levels) -> list[tuple[str, str, int, int]]:
    """Pairs whose difference is clearly above 0 at the first size and clearly below at the second."""
    found = []
    for a, b in combinations(next(iter(levels.values())), 2):
        signs = {size: _sign(gain(one, a, b)) for size, one in levels.items()}
        up = [size for size, sign in signs.items() if sign > 0]
        down = [size for size, sign in signs.items() if sign < 0]
        found += [(a, b, up[0], down[0])] if up and down else []
    return found


def _sign(interval: Interval) -> int:
    return int(interval[1] > 0) - int(interval[2] < 0)


def page(levels: Levels) -> str:
    """Table of gains and the sentence on flips."""
    worlds = len(next(iter(next(iter(levels.values())).values())))
    rows = []
    for name in next(iter(levels.values())):
        cells = []
        for one in levels.values():
            if name == "baseline":
                mean, low, high, _ = t_interval(one[name])
                cells.append(f"level {mean:,.0f} ({low:,.0f} to {high:,.0f})")
            else:
                mean, low, high, _ = gain(one, name, "baseline")
                cells.append(f"{mean:+,.0f} ({low:+,.0f} to {high:+,.0f})")
        rows.append((name, *cells))
    turned = flips(levels)
    if turned:
        said = "Pairs that change order, clearly both times: " + "; ".join(
            f"`{a}` above `{b}` at {x:,} and below at {y:,}" for a, b, x, y in turned
        )
    else:
        said = (
            "No pair of scenarios is clearly ordered one way at one size and clearly the other way at another"
        )
    heading = ("scenario", *(f"{size:,} people" for size in levels))
    return f"{worlds} worlds at each size, 95% intervals.\n\n{table(heading, rows)}\n\n{said}."


def main(arguments: list[str]) -> None:
    """Play all sizes and write the table."""
    worlds = int(arguments[0]) if arguments else 5
    sizes = tuple(map(int, arguments[1].split(","))) if len(arguments) > 1 else SIZES
    results = arguments[2] if len(arguments) > 2 else "results"
    names = comparable()
    text = page({size: play(size, worlds, names, results) for size in sizes})
    write_block("sizes.md", "sizes", text)


if __name__ == "__main__":
    main(sys.argv[1:])
