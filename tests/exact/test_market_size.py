"""Passing-on in small and in large markets: what it comes to a person does not depend on how many there are.

Along a tie, people are met in proportion to their ties (Newman 2002), so a telling leads to
``sum(d p(d) a(d)) / sum(d)`` further ones on average, where whoever has ``d`` acquaintances passes on with
chance ``p(d)`` to ``a(d)`` of them. A few large degrees make that large when audiences grow with ``d`` and
attention is not divided; a cascade then reaches a share of the market, and as their number grows with the
market too, tellings grow with its square.
"""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import poisson

from sim.core.rng import stream_key
from sim.network.cascade import POISSON, Hops, spread
from sim.network.csr import CSRGraph
from sim.network.graph import GraphParams, build_graph
from sim.network.reproduction import further_tellings

pytestmark = pytest.mark.exact

AUDIENCE, PASS_ON = 2.0, 0.25
#: Few triangles, in which a friend's friend has been told already; hubs know less than a tenth of all.
TREELIKE = GraphParams(kind="pareto_lognormal", clustering=0.0, max_degree=150, assortativity=0.0)


def network(people: int) -> CSRGraph:
    """Degrees with a tail of power 2.5, joined at random."""
    return build_graph(TREELIKE, people, seed=3)[0]


def told(graph: CSRGraph, count: int, divided: float) -> Hops:
    """``count`` posts of people in turn, in no order that means anything."""
    seats = np.random.default_rng(4).integers(0, graph.n, count)
    stream, keys = stream_key(5, "test.size", 0), np.arange(count)
    return spread(
        stream, graph, np.arange(graph.n), seats, np.zeros(count, np.int64), keys, strong_only=False,
        law=POISSON, mean=AUDIENCE, pass_on=PASS_ON, growth=1.0, divided=divided,
    )  # fmt: skip


def audience(degree: np.ndarray, mean_degree: float, free: np.ndarray) -> np.ndarray:
    """Mean of a Poisson audience that is cut at those who are free to be told."""
    most = int(free.max()) + 1
    below = np.arange(most)
    law = poisson.sf(below, (AUDIENCE * degree / mean_degree)[:, None])  # P(more than k), k = 0, 1, ...
    return (law * (below < free[:, None])).sum(axis=1)


def expected(degree: np.ndarray, divided: float) -> tuple[float, float]:
    """Mean audience of a post of anybody, and mean further tellings of a telling."""
    d, many = np.unique(degree, return_counts=True)
    usual = degree.mean()
    passing = np.minimum(1.0, PASS_ON * (d / usual) ** -divided)
    further = many * d * passing * audience(d, usual, d - 1)
    return float((many * audience(d, usual, d)).sum() / len(degree)), float(further.sum() / degree.sum())


@pytest.mark.parametrize("people", [2_000, 8_000])
def test_divided_attention_keeps_reproduction_apart_from_degrees(people: int) -> None:
    """Tellings of a post: first audience / (1 - further tellings of each), 3 s.e., in markets of two sizes.

    Further tellings of each are ``audience x pass_on`` but for those who know too few to fill an audience.
    """
    graph, count = network(people), 20_000
    first, further = expected(graph.degree, 1.0)
    assert 0.9 * AUDIENCE * PASS_ON < further < AUDIENCE * PASS_ON
    size = np.bincount(told(graph, count, 1.0).cascade, minlength=count)
    assert abs(size.mean() - first / (1.0 - further)) < 3 * size.std(ddof=1) / math.sqrt(count)


def test_undivided_attention_floods_a_market_the_more_the_larger_it_is() -> None:
    """Above 1 further telling of each, a post is told to a share of all, so that it grows with the market."""
    mean = {}
    for people in (2_000, 8_000):
        graph, count = network(people), 400
        assert expected(graph.degree, 0.0)[1] > 1.5
        mean[people] = len(told(graph, count, 0.0).cascade) / count
    assert mean[8_000] > 3 * mean[2_000]


@pytest.mark.parametrize("divided", [0.0, 0.5, 1.0])
def test_what_is_told_ahead_is_a_bound_that_is_nearly_met(divided: float) -> None:
    """Audiences that vary by luck are cut at those one knows, which costs a little and adds nothing."""
    degree = network(2_000).degree
    exact = expected(degree, divided)[1]
    assert exact <= further_tellings(degree, AUDIENCE, PASS_ON, 1.0, divided) < 1.05 * exact


def test_a_regular_network_has_the_product_and_nobody_s_friends_have_none() -> None:
    assert further_tellings(np.full(9, 12), 5.0, 0.05, 1.0, 0.0) == pytest.approx(0.25)
    assert further_tellings(np.ones(8, np.int64), 5.0, 0.05, 1.0, 1.0) == 0.0  # nobody else to tell
    assert further_tellings(np.zeros(8, np.int64), 5.0, 0.05, 1.0, 1.0) == 0.0
