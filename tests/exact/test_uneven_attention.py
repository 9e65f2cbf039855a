"""Audiences of uneven luck: a market day's kernel against their law, cascades against branching theory."""

from __future__ import annotations

import csv
import gzip
import math
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import chisquare, poisson

from sim.core.rng import stream_key
from sim.network.cascade import PARETO, POISSON, Hops, spread
from sim.network.csr import CSRGraph
from tests.exact.test_cascades import wide_graph

pytestmark = pytest.mark.exact

DATA = Path(__file__).parents[2] / "../shared/data/cascades"


def chances(mean: float, tail: float, most: int) -> np.ndarray:
    """P(audience = 0 .. most - 1), then P(most or more): Poisson over Lomax means, by quadrature."""
    shape = tail - 1.0

    def chance(k: int) -> float:
        def at(u: float) -> float:  # u is the chance of more luck
            return float(poisson.pmf(k, mean * (shape - 1.0) * (u ** (-1.0 / shape) - 1.0)))

        return sum(quad(at, low, high)[0] for low, high in ((1e-9, 1e-3), (1e-3, 0.05), (0.05, 1)))

    below = np.array([chance(k) for k in range(most)])
    return np.append(below, 1.0 - below.sum())


def star(leaves: int) -> CSRGraph:
    """Seat 0 knows everybody, the others know it alone."""
    return CSRGraph.from_edges(leaves + 1, np.zeros(leaves, np.int64), np.arange(1, leaves + 1))


def told(graph: CSRGraph, seat: int, count: int, **rule) -> Hops:
    """``count`` cascades from one seat."""
    seats, minutes, keys = np.full(count, seat), np.zeros(count, np.int64), np.arange(count)
    stream, ids = stream_key(2, "test.uneven", 0), np.arange(graph.n)
    return spread(stream, graph, ids, seats, minutes, keys, strong_only=False, **rule)


@pytest.mark.parametrize(("mean", "tail"), [(0.24, 2.4), (5.0, 2.4), (5.0, 4.0)])
def test_sizes_of_audiences_follow_their_law(mean: float, tail: float) -> None:
    """Chi-square over 0 to 11 and more, twenty thousand audiences."""
    count = 20_000
    hops = told(star(400), 0, count, law=PARETO, mean=mean, tail=tail, pass_on=0.0)
    size = np.bincount(hops.cascade, minlength=count)
    seen = np.bincount(np.minimum(size, 12), minlength=13)
    expected = chances(mean, tail, 12) * count
    assert chisquare(seen, expected).pvalue > 0.001


def test_the_tail_is_the_power_law_asked_for() -> None:
    """Among twenty thousand people: P(more than x) falls as x^-1.4 from 100 to 1,600; 3 s.e. at each."""
    count, mean, shape = 4_000, 20.0, 1.4
    size = np.bincount(
        told(star(20_000), 0, count, law=PARETO, mean=mean, tail=2.4, pass_on=0.0).cascade, minlength=count
    )
    for x in (100, 200, 400, 800, 1_600):
        above = (1.0 + x / ((shape - 1.0) * mean)) ** -shape
        assert abs((size > x).mean() - above) < 3 * math.sqrt(above * (1 - above) / count)


@pytest.mark.parametrize("growth", [0.0, 0.5, 1.0])
@pytest.mark.parametrize("law", [POISSON, PARETO])
def test_audiences_grow_with_acquaintance(law: int, growth: float) -> None:
    """A hub of 300 and somebody of five, 3 s.e.: means are apart by the ratio of degrees to that power."""
    leaves, count = 300, 20_000
    ring, hub = np.arange(leaves), np.full(leaves, leaves)
    ends = np.concatenate([ring, (ring + 1) % leaves, (ring + 2) % leaves])
    graph = CSRGraph.from_edges(leaves + 1, np.concatenate([hub, ring, ring]), ends)
    for seat, degree in ((leaves, 300), (0, 5)):
        hops = told(graph, seat, count, law=law, mean=0.2, tail=6.0, growth=growth, pass_on=0.0)
        size = np.bincount(hops.cascade, minlength=count)
        expected = 0.2 * (degree / graph.degree.mean()) ** growth
        if degree == 5:  # nobody has more than five to tell
            number = np.arange(60)
            few = chances(expected, 6.0, 5) if law == PARETO else poisson.pmf(number, expected)
            expected = float(few @ np.minimum(number[: len(few)], 5))
        assert abs(size.mean() - expected) < 3 * size.std(ddof=1) / math.sqrt(count)


@pytest.mark.parametrize(("audience", "pass_on"), [(4.0, 0.45), (6.0, 0.4)])
def test_extinction_with_uneven_luck(audience: float, pass_on: float) -> None:
    """Most cascades die at once, and those that live are large: P(extinct by generation 6), 3 s.e.

    Sixteen acquaintances, fifteen of whom do not pass it on yet, cap every audience; theory has the cap.
    """
    graph, count, generations = wide_graph(100_000), 4_000, 6
    hops = told(
        graph, 11, count, law=PARETO, mean=audience, tail=2.4, pass_on=pass_on, max_generation=generations
    )
    free = {16: chances(audience, 2.4, 16), 15: chances(audience, 2.4, 15)}
    dead = 0.0  # of somebody in the last generation, who tells nobody: nobody passes on to the next
    for left in range(generations - 1):
        first = left == generations - 2
        law = free[16 if first else 15]
        active = 1.0 - pass_on + pass_on * dead if left else 1.0 - pass_on
        dead = float(law @ active ** np.arange(len(law)))
    reached = np.unique(hops.cascade[hops.active & (hops.generation == generations - 1)])
    assert abs((1 - len(reached) / count) - dead) < 3 * math.sqrt(dead * (1 - dead) / count)


def test_mean_progeny_needs_no_even_luck() -> None:
    """Below the threshold a cascade wins 1 / (1 - m) people on average, whatever the luck; 3 s.e."""
    count, m = 60_000, 0.3
    for law in (POISSON, PARETO):
        hops = told(wide_graph(100_000), 11, count, law=law, mean=1.0, tail=5.0, pass_on=m)
        size = 1 + np.bincount(hops.cascade[hops.active], minlength=count)
        assert abs(size.mean() - 1 / (1 - m)) < 3 * size.std(ddof=1) / math.sqrt(count)


def test_real_reposters_are_nearer_to_uneven_luck() -> None:
    """Children of reposters in twitter15: nine in ten have none, and their tail falls with 2.4.

    At their mean of 0.24 uneven luck leaves 87% without a child, Poisson luck 79%.
    """
    path = DATA / "twitter15_trees.csv.gz"
    if not path.exists():
        pytest.skip(f"reference data {path.name} is not here")
    children: Counter[tuple[str, str]] = Counter()
    nodes, broken = set(), set()
    with gzip.open(path, "rt", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            if row["child"] == "0" or row["child"] == row["parent"]:
                broken.add(row["cascade"])  # a root that is a child, or its own child
            nodes.add((row["cascade"], row["child"]))
            children[row["cascade"], row["parent"]] += 1
    reposters = [node for node in nodes if node[0] not in broken and node[1] != "0"]
    count = np.array([children[node] for node in reposters])
    mean, childless = count.mean(), (count == 0).mean()
    assert mean == pytest.approx(0.24, abs=0.03)
    assert childless == pytest.approx(0.90, abs=0.01)
    uneven, even = chances(0.24, 2.4, 1)[0], math.exp(-0.24)
    assert uneven == pytest.approx(0.87, abs=0.005)
    assert abs(uneven - childless) < 0.4 * abs(even - childless)
