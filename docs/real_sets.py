"""What public data sets say and what the market makes of the same, set by set, for ``real_data.md``.

Both sides are counted by the same functions (:mod:`sim.calibration.statistics`). Where a set was selected
(large cascades, late parcels), the feature in question runs alone under the same selection.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from sim.calibration.data import Cascades, Deliveries
from sim.calibration.files.tables import Reading, read_cascades, read_deliveries, read_ties
from sim.calibration.matching import Goal
from sim.calibration.simulated import ties_of
from sim.calibration.statistics.others import gini
from sim.calibration.statistics.targets import Target, measure, targets
from sim.calibration.study import fit, goal_of
from sim.commerce.aftersales_params import AftersalesParams
from sim.core.rng import stream_key
from sim.network.cascade import PARETO, POISSON, Hops, spread
from sim.network.csr import CSRGraph
from sim.network.graph import build_graph
from sim.network.graph_params import GraphParams

#: Data beside the project; a set whose file is absent is skipped by name.
DATA = Path(__file__).parents[2] / "shared" / "data"
WORLDS = 10


@dataclass(frozen=True)
class Row:
    """One statistic of one set.

    Attributes
    ----------
    name : str
        Statistic.
    real, error : float
        As counted, and its standard error.
    worlds : float64[10]
        Simulated.
    usual : float
        The same of a simple baseline; nan where there is none.
    """

    name: str
    real: float
    error: float
    worlds: np.ndarray
    usual: float


@dataclass(frozen=True)
class Shown:
    """A set on the page: its title, how both sides came about, its rows, and what to say of them."""

    title: str
    how: str
    rows: list[Row]
    why: str


def rows_of(found: Sequence[Target], worlds: np.ndarray, usual: np.ndarray) -> list[Row]:
    """Rows of targets beside float64[worlds, m] and float64[m]."""
    return [Row(one.name, one.value, one.error, worlds[:, n], float(usual[n])) for n, one in enumerate(found)]


# Networks


def networks(file: str, title: str, why: str) -> Shown:
    """Degrees, clustering and correlation of degrees: networks made like a file, preferential attachment."""
    import networkx as nx

    path = DATA / file
    found = targets({"edges": read_ties(path)}, 1)
    names = [one.name for one in found]
    from sim.network.edge_list import read_edge_list

    real, _ = read_edge_list(path)
    params = GraphParams(kind="like", path=str(path))
    size = real.n // 2
    graphs = [build_graph(params, size, seed)[0] for seed in range(WORLDS)]
    mean = max(1, round(real.edges / real.n))
    grown = [_from_networkx(nx.barabasi_albert_graph(size, mean, seed)) for seed in range(3)]
    worlds = np.array([_network(graph, names) for graph in graphs])
    usual = np.mean([_network(graph, names) for graph in grown], axis=0)
    rows = rows_of(found, worlds[:, :-1], usual[:-1])
    error = 1.0 / np.sqrt(real.edges)
    rows.append(Row("degree_correlation", degree_correlation(real), error, worlds[:, -1], float(usual[-1])))
    how = (
        f"`graph=like` of {size:,} people, half as many as the file's, so that nothing is copied; the "
        "correlation of degrees is no input of it. Baseline: Barabási-Albert of the same mean degree."
    )
    return Shown(title, how, rows, why)


def _network(graph: CSRGraph, names: Sequence[str]) -> np.ndarray:
    return np.append(measure({"edges": ties_of(graph)}, names), degree_correlation(graph))


def _from_networkx(graph: Any) -> CSRGraph:
    ends = np.array(graph.edges)
    return CSRGraph.from_edges(len(graph), ends[:, 0], ends[:, 1])


def degree_correlation(graph: CSRGraph) -> float:
    """Correlation of the degrees at the two ends of a tie."""
    degree = np.diff(graph.indptr)
    ends = np.repeat(degree, degree)
    return float(np.corrcoef(ends, degree[graph.indices])[0, 1])


# Cascades

#: What is free in the cascade engine, and between which values: mean audience that passes on, tail,
#: median and spread of delays, growth with acquaintances.
_LOW, _HIGH = np.array([0.05, 2.05, 5.0, 1.2, 0.0]), np.array([0.35, 4.0, 120.0, 3.5, 1.0])
#: People, and cascades, of a simulated world.
PEOPLE, TREES = 20_000, 200


def cascades(file: str) -> Shown:
    """Twitter15: half of the cascades are fitted, the other half is judged."""
    whole = read_cascades(DATA / file, Reading(drop=("negative",)))
    fitted, judged = (whole.of_roots(np.arange(k, whole.cascades, 2)) for k in (0, 1))
    first, found = targets({"cascades": fitted}, 1, 50), targets({"cascades": judged}, 1, 50)
    names = [one.name for one in found]
    inner = fitted.parent >= 0
    first_hop = inner & (fitted.parent[np.maximum(fitted.parent, 0)] < 0)
    roots = np.bincount(fitted.root[first_hop], minlength=fitted.cascades)
    graph = _uneven_graph()

    def counted(value: np.ndarray, world: int) -> np.ndarray:
        return measure({"cascades": _broadcast(graph, value, world, roots)}, names)

    def simulate(unit: np.ndarray) -> np.ndarray:
        values = _LOW + unit * (_HIGH - _LOW)
        return np.array(
            [[measure({"cascades": _broadcast(graph, v, w, roots)}, names) for w in (0, 1)] for v in values]
        )

    _, posterior = fit(simulate, goal_of(first, 0.05), 5, 2, 32, 1)
    draws = _LOW + posterior.draws(WORLDS) * (_HIGH - _LOW)
    worlds = np.array(
        [measure({"cascades": _broadcast(graph, v, 10 + n, roots)}, names) for n, v in enumerate(draws)]
    )
    usual = measure({"cascades": poisson_trees(judged)}, names)
    usual = np.where([name in _TIMES for name in names], np.nan, usual)
    middle = np.median(draws, axis=0)
    how = (
        f"The cascade engine alone (`sharing=uneven`, `graph=pareto_lognormal`, {PEOPLE:,} people) below "
        "first reposters as many as the real posts have; fitted on every other cascade "
        f"(mean audience {middle[0]:.2f}, `sharing.audience_tail` {middle[1]:.1f}, "
        f"`sharing.audience_growth` {middle[4]:.1f}, `sharing.delay_median` {middle[2]:.0f}, "
        f"`sharing.delay_sigma` {middle[3]:.1f}), judged on the rest. "
        "Baseline: Poisson branching with the real roots and mean, which says nothing of times."
    )
    why = (
        "Delays are one lognormal law for every hop; real ones depend on the hour of the day and slow down "
        "as news ages, so that no one law need meet the first hour, the first day and the spread together."
    )
    return Shown("Twitter15 (cascades)", how, rows_of(found, worlds, usual), why)


_TIMES = ("first_hour_share", "first_day_share", "half_minutes", "hop_log_sd")


def _uneven_graph() -> CSRGraph:
    return build_graph(GraphParams(kind="pareto_lognormal"), PEOPLE, 1)[0]


def _told(
    graph: CSRGraph, seats: np.ndarray, minutes: np.ndarray, value: np.ndarray, world: int, law: int = PARETO
) -> Hops:
    return spread(
        stream_key(world, "sharing.cascades", 0),
        graph,
        np.arange(graph.n),
        seats,
        minutes,
        np.arange(len(seats)),
        strong_only=False,
        law=law,
        mean=float(value[0]),
        pass_on=1.0,
        tail=float(value[1]),
        growth=float(value[4]) if law == PARETO else 0.0,
        delay_median=float(value[2]),
        delay_sigma=float(value[3]),
    )


def _broadcast(graph: CSRGraph, value: np.ndarray, world: int, roots: np.ndarray) -> Cascades:
    """Posts whose first reposters are as many as real roots have, and everything below by the engine."""
    rng = np.random.Generator(np.random.Philox(world))
    many = rng.choice(roots, TREES)
    owner = np.repeat(np.arange(TREES), many)
    seats = rng.integers(0, graph.n, len(owner))
    begun = value[2] * np.exp(value[3] * rng.normal(size=len(owner)))
    hops = _told(graph, seats, begun.astype(np.int64), value, world)
    act = np.asarray(hops.active, bool)
    origin, sender = hops.cascade[act].astype(np.int64), hops.sender[act].astype(np.int64)
    key = origin * graph.n + hops.receiver[act]
    below = TREES + len(owner)
    order = np.argsort(key, kind="stable")
    at = np.minimum(np.searchsorted(key, origin * graph.n + sender, sorter=order), max(len(key) - 1, 0))
    by_other = key[order][at] == origin * graph.n + sender if len(key) else np.zeros(0, bool)
    above = np.where(by_other, below + order[at] if len(key) else 0, TREES + origin)
    tree = np.concatenate([np.arange(TREES), owner, owner[origin]])
    parent = np.concatenate([np.full(TREES, -1), owner, above])
    minute = np.concatenate([np.zeros(TREES), begun, hops.minute[act].astype(float)])
    return sorted_trees(tree, parent, minute)


def sorted_trees(tree: np.ndarray, parent: np.ndarray, minute: np.ndarray) -> Cascades:
    """Rows in any sequence, parents by row, put in the order of their cascades."""
    order = np.argsort(tree, kind="stable")
    back = np.empty(len(order), np.int64)
    back[order] = np.arange(len(order))
    placed = parent[order]
    return Cascades(tree[order], np.where(placed >= 0, back[np.maximum(placed, 0)], -1), minute[order])


def poisson_trees(real: Cascades) -> Cascades:
    """The usual baseline: children by a Poisson law of the real mean, below roots as they are."""
    rng = np.random.Generator(np.random.Philox(1))
    inner = real.parent >= 0
    mean = float(np.bincount(real.parent[inner], minlength=len(real.root))[inner].mean())
    roots = real.cascades
    many = np.bincount(real.root[inner][real.parent[real.parent[inner]] < 0], minlength=roots)
    tree, parent = [np.arange(roots)], [np.full(roots, -1)]
    owner, above, total = np.repeat(np.arange(roots), many), np.repeat(np.arange(roots), many), roots
    while len(owner):
        tree.append(owner)
        parent.append(above)
        number = total + np.arange(len(owner))
        total += len(owner)
        next_many = rng.poisson(mean, len(owner))
        owner, above = np.repeat(owner, next_many), np.repeat(number, next_many)
    root, up = np.concatenate(tree), np.concatenate(parent)
    return sorted_trees(root, up, np.zeros(len(root)))


def audiences(file: str) -> Shown:
    """Higgs: how unequally retweets fall on authors; every other author is fitted, the rest are judged."""
    with gzip.open(DATA / file, "rt", encoding="utf-8") as text:
        ends = np.loadtxt(text, dtype=np.int64)
    received = np.bincount(np.unique(ends[:, 1], return_inverse=True)[1], weights=ends[:, 2])
    received = received[received > 0]
    (first, _), (found, error) = (_told_of(received[half::2]) for half in (0, 1))
    graph = build_graph(GraphParams(kind="pareto_lognormal", max_degree=PEOPLE), PEOPLE, 1)[0]

    def simulate(unit: np.ndarray) -> np.ndarray:
        values = _FEWER_LOW + unit * (_FEWER_HIGH - _FEWER_LOW)
        return np.array([[_received(graph, v, w, PARETO) for w in (0, 1)] for v in values])

    _, errors = _told_of(received[::2])
    goal = Goal(first, np.diag(errors**2 + (0.05 * first) ** 2))
    _, posterior = fit(simulate, goal, 3, 2, 32, 1)
    draws = _FEWER_LOW + posterior.draws(WORLDS) * (_FEWER_HIGH - _FEWER_LOW)
    worlds = np.array([_received(graph, value, 10 + n, PARETO) for n, value in enumerate(draws)])
    usual = np.array([_received(graph, value, n, POISSON) for n, value in enumerate(draws[:3])]).mean(axis=0)
    names = ("top_hundredth_share", "received_gini", "received_median")
    rows = [
        Row(name, float(found[n]), float(error[n]), worlds[:, n], float(usual[n]))
        for n, name in enumerate(names)
    ]
    middle = np.median(draws, axis=0)
    how = (
        f"A tenth of {PEOPLE:,} people on `graph=pareto_lognormal` post once under `sharing=uneven`; those "
        "who are passed on at all are looked at, as in the data. `graph.max_degree` is no limit here: to "
        "follow costs nothing, to be acquainted does. Fitted on every other author (mean audience "
        f"{middle[0]:.2f}, `sharing.audience_tail` {middle[1]:.1f}, `sharing.audience_growth` "
        f"{middle[2]:.1f}), judged on the rest. Baseline: Poisson audiences, alike for all."
    )
    why = (
        "The data are one worldwide piece of news with authors of a million followers, and sums over all "
        "that an author wrote in it; here everybody writes once, to at most all of a small world. The bands "
        "are wide: a few heads decide what a world's shares are."
    )
    return Shown("Higgs (retweets received)", how, rows, why)


#: Ranges of what is fitted to retweets: mean audience, its tail, its growth with acquaintances.
_FEWER_LOW, _FEWER_HIGH = _LOW[[0, 1, 4]], _HIGH[[0, 1, 4]]


def _told_of(received: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """What is looked at of authors, and its standard errors by bootstrap."""
    rng = np.random.Generator(np.random.Philox(1))
    dealt = np.array([unequal(rng.choice(received, len(received))) for _ in range(50)])
    return unequal(received), dealt.std(axis=0)


def _received(graph: CSRGraph, value: np.ndarray, world: int, law: int) -> np.ndarray:
    """The same in a world: mean audience, tail and growth are given; delays move nothing that is counted."""
    rng = np.random.Generator(np.random.Philox(world))
    seats = rng.choice(graph.n, graph.n // 10, replace=False)
    mean, tail, growth = value
    whole = np.array([mean, tail, 41.0, 1.6, growth])
    hops = _told(graph, seats, np.zeros(len(seats), np.int64), whole, world, law)
    received = np.bincount(hops.sender[np.asarray(hops.active, bool)])
    return unequal(received[received > 0].astype(float))


def unequal(received: np.ndarray) -> np.ndarray:
    """Share of the top hundredth, Gini and median of what is received, by those who receive any."""
    ranked = np.sort(received)[::-1]
    top = ranked[: max(1, len(ranked) // 100)].sum() / ranked.sum()
    return np.array([top, gini(received), np.median(received)])


# Deliveries


def deliveries(file: str, levels: str) -> Shown:
    """Olist: low scores by lateness; the selected sample gives lateness, the whole marketplace the shares."""
    sample = read_deliveries(DATA / file, Reading(drop=("missing",)))
    said = json.loads((DATA / levels).read_text(encoding="utf-8"))["dose_response"]
    bins = {
        "low_on_time": "on_time_or_early",
        "low_late_0_3": "late_0_3d",
        "low_late_3_7": "late_3_7d",
        "low_late_7_14": "late_7_14d",
    }
    late, curve = AftersalesParams().score_curve()
    chance = np.interp(sample.late_days, late, curve)  # patience of a parcel of days is one day
    overall = sum(n * p for n, p in said.values()) / sum(n for n, _ in said.values())
    worlds = []
    for world in range(WORLDS):
        rng = np.random.Generator(np.random.Philox(world))
        low = (rng.random(len(chance)) < chance).astype(float)
        worlds.append(measure({"deliveries": Deliveries(sample.hours, sample.late_days, low)}, list(bins)))
    found = [
        Target(name, float(said[key][1]), float(np.sqrt(said[key][1] * (1 - said[key][1]) / said[key][0])))
        for name, key in bins.items()
    ]
    how = (
        "The market's own curve (`aftersales.low_*`, patience of a day) applied to the lateness of the "
        "sample's parcels; real shares of the whole marketplace. Baseline: the overall share, "
        "whatever the lateness."
    )
    why = (
        "The curve's four heights are taken from this set (it is linear between them): a check of a "
        "citation, not a test."
    )
    return Shown(
        "Olist (scores by lateness)", how, rows_of(found, np.array(worlds), np.full(4, overall)), why
    )
