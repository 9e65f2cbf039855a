"""Networks of given degrees and clustering, and networks like another one."""

from __future__ import annotations

from pathlib import Path

import networkx as nx
import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from sim.core.errors import ConfigError
from sim.core.rng import builder
from sim.network import topology
from sim.network.blocks import block_graph, clustering_by_degree
from sim.network.csr import CSRGraph
from sim.network.degrees import alike, falling_clustering, pareto_lognormal
from sim.network.graph import GraphParams, build_graph, population_size

DATA = Path(__file__).parents[2] / "../shared/data/graphs"


def real(name: str) -> Path:
    """A real network of the reference data."""
    path = DATA / name
    if not path.exists():
        pytest.skip(f"reference data {name} is not here")
    return path


def ties_file(folder: Path, graph: CSRGraph, name: str = "ties.csv") -> Path:
    """A graph as a file of ties."""
    path = folder / name
    src, dst, _ = graph.edge_arrays()
    path.write_text("".join(f"{u},{v}\n" for u, v in zip(src, dst, strict=True)), encoding="utf-8")
    return path


@pytest.mark.property
@given(st.integers(20, 200), st.integers(0, 2**32), st.floats(0, 1))
@example(147, 251352148, 1.0)  # blocks so full that no joined tie fits the last two half-ties
@settings(max_examples=60, deadline=None)
def test_degrees_are_kept(n: int, seed: int, wanted: float) -> None:
    """Sparse degrees always fit some simple graph, and everybody gets exactly the ties wanted."""
    degree = np.sort(builder(seed, "test").integers(1, max(int(np.sqrt(n)) - 1, 2), n))
    degree[-1] += degree.sum() % 2
    graph = block_graph(degree, np.full(degree[-1] + 1, wanted), seed)
    assert np.array_equal(graph.degree, degree)
    src, dst, _ = graph.edge_arrays()
    assert np.all(src < dst)
    assert len(np.unique(src.astype(np.int64) * n + dst)) == graph.edges


@pytest.mark.parametrize("degree", [[1, 1, 1, 3], [2, 2, 2, 2, 2], [1, 1, 2, 2, 2]])
def test_degrees_that_leave_little_choice(degree: list[int]) -> None:
    """A star, a ring, a path."""
    graph = block_graph(np.array(degree), np.zeros(degree[-1] + 1), 1)
    assert graph.degree.tolist() == degree


@pytest.mark.parametrize("degree", [[2, 1, 1], [1, 1, 1]])
def test_degrees_must_ascend_to_an_even_sum(degree: list[int]) -> None:
    with pytest.raises(ValueError, match="ascend and have an even sum"):
        block_graph(np.array(degree), np.zeros(3), 1)


@pytest.mark.parametrize("wanted", [0.05, 0.3, 0.7])
def test_clustering_is_met_at_every_degree(wanted: float) -> None:
    """Over ten worlds, in three classes of degree, against NetworkX's own count; 3 s.e."""
    found = []
    for seed in range(10):
        degree = np.sort(builder(seed, "test").integers(3, 31, 3_000))
        degree[np.searchsorted(degree, 17)] += -(degree.sum() % 2)
        graph = block_graph(np.sort(degree), np.full(31, wanted), seed)
        if seed == 0:  # the project's own count is NetworkX's
            assert topology.clustering(graph) == pytest.approx(nx.average_clustering(graph.to_networkx()))
        local = topology.local_clustering(graph, np.arange(graph.n))
        found.append(
            [local[(graph.degree >= a) & (graph.degree < b)].mean() for a, b in ((3, 9), (9, 20), (20, 31))]
        )
    mean, error = np.mean(found, axis=0), np.std(found, axis=0, ddof=1) / np.sqrt(10)
    # Blocks hold whole numbers of people, so a chance is met to a few per cent of itself.
    assert np.all(np.abs(mean - wanted) < 3 * error + 0.03 * wanted)


def test_clustering_by_degree_by_hand() -> None:
    """Two triangles that share a person, a path and a pair: 1 at two ties of a triangle, 1/3 at four."""
    graph = CSRGraph.from_networkx(nx.Graph([(0, 1), (1, 2), (2, 0), (0, 3), (3, 4), (4, 0)]))
    assert topology.local_clustering(graph, np.arange(5)).tolist() == pytest.approx([1 / 3, 1, 1, 1, 1])
    curve = clustering_by_degree(graph)
    assert curve.shape == (5,)
    assert curve[:2].tolist() == [0, 0]
    assert curve[2] == pytest.approx(1, abs=0.01)
    assert curve[4] == pytest.approx(1 / 3, abs=0.01)
    assert clustering_by_degree(CSRGraph.from_edges(2, [0], [1])).tolist() == [0, 0]


def test_pareto_lognormal_has_the_law_it_is_named_after() -> None:
    """Mean met; the tail of an unrounded sample is Pareto (Hill's estimator, 3 s.e.); no spread, no body."""
    degree = pareto_lognormal(200_000, 40.0, 2.5, 0.7, 10**9, 1)
    assert degree.mean() == pytest.approx(40, abs=0.5)
    assert degree.min() == 1
    assert np.all(np.diff(degree) >= 0)
    assert degree.sum() % 2 == 0
    top = np.log(degree[-2_000:] / degree[-2_000])
    assert abs(1 / top[1:].mean() - 1.5) < 3 * 1.5 / np.sqrt(2_000)
    flat = pareto_lognormal(200_000, 40.0, 2.5, 0.0, 10**9, 1)
    assert np.log(flat).std() == pytest.approx(1 / 1.5, rel=0.05)  # of an exponential


def test_uneven_graphs_are_as_uneven_as_real_ones() -> None:
    """As twitch_DE and facebook_combined: 2-5% with one friend, a Gini of .54-.63, hubs, clustering."""
    graph, _ = build_graph(GraphParams(kind="pareto_lognormal", clustering=0.18), 20_000, 1)
    degree = np.sort(graph.degree)
    gini = (2 * np.arange(1, graph.n + 1) - graph.n - 1) @ degree / (graph.n * degree.sum())
    assert degree.mean() == pytest.approx(12, abs=0.05)
    assert 0.02 <= (degree == 1).mean() <= 0.05
    assert 0.54 <= gini <= 0.63
    assert np.mean(degree**2.0) / degree.mean() > 90
    assert topology.clustering(graph) == pytest.approx(0.18, abs=0.01)


@pytest.mark.parametrize(("mean", "largest"), [(50.0, 40), (12.0, 10)])
def test_a_mean_beyond_the_cut_off_is_refused(mean: float, largest: int) -> None:
    with pytest.raises(ConfigError, match=r"graph\.mean_degree must be below .* lower it"):
        pareto_lognormal(1000, mean, 2.5, 0.7, largest, 1)


def test_clustering_that_falls_has_the_mean_asked_for() -> None:
    degree = np.array([1, 2, 4, 10, 100])
    curve = falling_clustering(degree, 0.2)
    assert curve[degree].mean() == pytest.approx(0.2)
    assert curve[100] / curve[10] == pytest.approx(10**-0.2)
    assert falling_clustering(np.array([1, 1]), 0.2).tolist() == [0, 0]


@pytest.mark.property
@given(st.lists(st.integers(1, 60), min_size=3, max_size=80), st.integers(3, 400), st.integers(0, 99))
@settings(max_examples=200, deadline=None)
def test_degrees_alike(other: list[int], n: int, seed: int) -> None:
    """All quantiles of the other network, an even sum, and at least one tie each."""
    found = alike(n, np.array(other), seed)
    assert np.all(np.diff(found) >= 0)
    assert found.sum() % 2 == 0
    assert 1 <= found.min() <= found.max() <= max(n - 1, 1)
    if n == len(other) and max(other) < n:
        assert np.abs(found - np.sort(other)).sum() == sum(other) % 2
    if n >= len(other) and max(other) < n:  # to one person, and one more for the even sum
        spread = np.array([np.mean(found <= k) - np.mean(np.array(other) <= k) for k in range(1, 61)])
        assert np.all(np.abs(spread) <= 1 / n + 1e-9 + 1 / n)


class TestLike:
    """``graph=like``: any number of people."""

    @pytest.fixture
    def path(self, tmp_path: Path) -> Path:
        return ties_file(tmp_path, CSRGraph.from_networkx(nx.powerlaw_cluster_graph(500, 4, 0.9, seed=3)))

    def test_size_is_free_and_degrees_are_the_file_s(self, path: Path) -> None:
        params = GraphParams(kind="like", path=str(path))
        own, _ = build_graph(GraphParams(kind="edge_list", path=str(path)), None, 1)
        assert population_size(params, 1234) == 1234
        for n in (500, 1500):
            graph, info = build_graph(params, n, 1)
            assert graph.n == n
            assert (
                np.quantile(graph.degree, [0.1, 0.5, 0.9]).tolist()
                == np.quantile(own.degree, [0.1, 0.5, 0.9]).tolist()
            )
            assert topology.clustering(graph) == pytest.approx(topology.clustering(own), rel=0.1)
            assert "generated network (like ties.csv)" in info.line
        assert np.array_equal(np.sort(build_graph(params, 500, 2)[0].degree), np.sort(own.degree))

    def test_too_few_people_are_refused_by_the_file_s_degree(self, path: Path) -> None:
        with pytest.raises(
            ConfigError, match=r"population\.size must be at least twice the mean degree of .*ties\.csv"
        ):
            build_graph(GraphParams(kind="like", path=str(path)), 10, 1)

    def test_a_kept_graph_is_the_file_s_as_it_is_now(self, path: Path, tmp_path: Path) -> None:
        """Another network under the same name is another graph; the same network elsewhere is the same."""
        params = GraphParams(kind="like", path=str(path))
        first, _ = build_graph(params, 700, 1, cache=tmp_path / "cache")
        again, _ = build_graph(params, 700, 1, cache=tmp_path / "cache")
        assert np.array_equal(first.indices, again.indices)
        ties_file(tmp_path, CSRGraph.from_networkx(nx.powerlaw_cluster_graph(500, 6, 0.1, seed=4)))
        other, _ = build_graph(params, 700, 1, cache=tmp_path / "cache")
        assert other.edges > 1.3 * first.edges


@pytest.mark.parametrize("name", ["facebook_combined.txt.gz", "twitch_DE_edges.csv.gz"])
def test_like_a_real_network(name: str) -> None:
    """Its own size: equal degrees and clustering to 5%; a large cascade is nearer to the real one's."""
    own, _ = build_graph(GraphParams(kind="edge_list", path=str(real(name))), None, 1)
    graph, _ = build_graph(GraphParams(kind="like", path=str(real(name))), own.n, 1)
    grown, _ = build_graph(GraphParams(mean_degree=round(float(own.degree.mean()))), own.n, 1)
    assert np.array_equal(np.sort(graph.degree), np.sort(own.degree))
    assert topology.clustering(graph) == pytest.approx(topology.clustering(own), rel=0.05)
    reached = {kind: share_reached(g) for kind, g in {"own": own, "like": graph, "grown": grown}.items()}
    assert abs(np.log(reached["like"] / reached["own"])) < abs(np.log(reached["grown"] / reached["own"]))


def share_reached(graph: CSRGraph, chance: float = 0.05, runs: int = 30) -> float:
    """Mean share of people in the same component of kept ties as a random person (bond percolation)."""
    src, dst, _ = graph.edge_arrays()
    found = []
    for r in range(runs):
        kept = builder(r, "test").random(len(src)) < chance
        pieces = nx.Graph()
        pieces.add_nodes_from(range(graph.n))
        pieces.add_edges_from(zip(src[kept].tolist(), dst[kept].tolist(), strict=True))
        found.append(sum(len(piece) ** 2 for piece in nx.connected_components(pieces)) / graph.n**2)
    return float(np.mean(found))
