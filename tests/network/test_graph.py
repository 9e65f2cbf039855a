"""The acquaintance graph: rows, generators, strengths, groups, cache, followers, real networks."""

from __future__ import annotations

import time
import warnings
from pathlib import Path

import networkx as nx
import numpy as np
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.core.errors import ConfigError, InputError, StoreError
from sim.core.params import declared
from sim.core.rng import builder
from sim.network import csr, generators, topology
from sim.network.csr import CSRGraph
from sim.network.edge_list import read_edge_list
from sim.network.graph import GraphParams, build_followers, build_graph, population_size
from sim.network.graph_params import FILE_KEYS, FROM_FILE
from sim.network.mixing import same_group_excess

DATA = Path(__file__).parents[2] / "../shared/data/graphs"
GENERATED = ["powerlaw_cluster", "pareto_lognormal", "barabasi_albert", "configuration", "networkx"]


def groups(n: int) -> np.ndarray:
    """Three groups in contiguous rows."""
    return np.repeat([0, 1, 2], [n // 4, n // 2, n - n // 4 - n // 2]).astype(np.int8)


def real(name: str) -> Path:
    """A real network of the reference data."""
    path = DATA / name
    if not path.exists():
        pytest.skip(f"reference data {name} is not here")
    return path


ties = st.integers(1, 30).flatmap(
    lambda n: st.tuples(
        st.just(n), st.lists(st.tuples(st.integers(0, n - 1), st.integers(0, n - 1)), max_size=120)
    )
)


@pytest.mark.property
@given(ties)
@settings(max_examples=100, deadline=None)
def test_rows_equal_a_set_of_ties(case: tuple[int, list[tuple[int, int]]]) -> None:
    n, pairs = case
    src, dst = (np.array([p[i] for p in pairs], np.int64) for i in (0, 1))
    graph, duplicates, self_loops = csr.from_edges_counted(n, src, dst)
    expected = {(min(p), max(p)) for p in pairs if p[0] != p[1]}
    low, high, _ = graph.edge_arrays()
    assert list(zip(low.tolist(), high.tolist(), strict=True)) == sorted(expected)
    assert self_loops == sum(u == v for u, v in pairs)
    assert duplicates == len(pairs) - self_loops - len(expected)
    for seat in range(n):
        row = graph.neighbours(seat).tolist()
        assert row == sorted({u + v - seat for u, v in expected if seat in (u, v)})


def test_networkx_round_trip() -> None:
    original = nx.karate_club_graph()
    graph = CSRGraph.from_networkx(original)
    assert graph.edges == 78
    assert nx.utils.edges_equal(graph.to_networkx().edges(), nx.Graph(original.edges()).edges())
    assert topology.clustering(graph) == pytest.approx(nx.average_clustering(original))


def test_networkx_with_names_and_self_loops() -> None:
    original = nx.Graph([("b", "a"), ("a", "a"), ("c", "b")])
    graph = CSRGraph.from_networkx(original)
    assert graph.n == 3
    assert graph.edges == 2


def test_to_networkx_refuses_large_graphs(monkeypatch: pytest.MonkeyPatch) -> None:
    graph = CSRGraph.from_edges(6, [0, 1], [1, 5])
    monkeypatch.setattr(csr, "NETWORKX_LIMIT", 5)
    with pytest.raises(InputError, match="force=True"):
        graph.to_networkx()
    assert graph.to_networkx(force=True).number_of_nodes() == 6


def test_bad_ends_are_refused() -> None:
    for src, dst in (([0], [3]), ([-1], [0]), ([0, 1], [1])):
        with pytest.raises(ValueError):
            CSRGraph.from_edges(3, src, dst)


@pytest.mark.parametrize("kind", GENERATED)
def test_same_seed_same_graph_and_whole_rows(kind: str) -> None:
    params = GraphParams(kind=kind)
    first, info = build_graph(params, 1500, 7, groups(1500))
    again, _ = build_graph(params, 1500, 7, groups(1500))
    other, _ = build_graph(params, 1500, 8, groups(1500))
    assert np.array_equal(first.indices, again.indices)
    assert np.array_equal(first.strength, again.strength)
    assert not np.array_equal(first.indices, other.indices)
    assert info.mean_degree == pytest.approx(12, rel=0.05)
    src = np.repeat(np.arange(first.n), first.degree)
    there = src * first.n + first.indices
    back = first.indices.astype(np.int64) * first.n + src
    assert np.all(np.diff(there) > 0), "rows must be sorted and free of repeats"
    order = np.argsort(back)
    assert np.array_equal(there, back[order]), "every tie must be stored in both directions"
    assert np.array_equal(first.strength, first.strength[order]), "strength must be alike in both directions"


def test_seats_say_nothing_about_hubs() -> None:
    graph, _ = build_graph(GraphParams(kind="barabasi_albert", assortativity=0.0), 20_000, 3)
    rank = np.argsort(np.argsort(graph.degree))
    correlation = np.corrcoef(np.arange(graph.n), rank)[0, 1]
    assert abs(correlation) < 3 / np.sqrt(graph.n)


def test_strong_share_is_drawn_per_tie() -> None:
    graph, info = build_graph(GraphParams(strong_share=0.4), 10_000, 5)
    assert info.strong_share == pytest.approx(0.4, abs=3 * np.sqrt(0.24 / graph.edges))


@pytest.mark.parametrize("kind", ["powerlaw_cluster", "barabasi_albert", "configuration"])
def test_assortativity_is_reached_and_costs_no_structure(kind: str) -> None:
    n = 4000
    plain, before = build_graph(GraphParams(kind=kind, assortativity=0.0), n, 11, groups(n))
    mixed, after = build_graph(GraphParams(kind=kind, assortativity=0.2), n, 11, groups(n))
    assert abs(before.assortativity) < 0.02
    assert after.assortativity == pytest.approx(0.2, abs=0.01)
    assert np.array_equal(np.sort(plain.degree), np.sort(mixed.degree))
    assert after.clustering == pytest.approx(before.clustering, abs=1e-12)
    for g in range(3):
        in_group = groups(n) == g
        assert mixed.degree[in_group].mean() == pytest.approx(plain.degree[in_group].mean(), rel=0.03)


def test_same_group_excess_agrees_with_networkx() -> None:
    graph, _ = build_graph(GraphParams(assortativity=0.1), 1000, 2, groups(1000))
    other = graph.to_networkx()
    nx.set_node_attributes(other, dict(enumerate(groups(1000).tolist())), "group")
    expected = nx.attribute_assortativity_coefficient(other, "group")
    assert same_group_excess(graph, groups(1000)) == pytest.approx(expected, abs=1e-9)


def test_triangles_raise_clustering() -> None:
    shares = [topology.clustering(generators.powerlaw_cluster(5000, 6, p, 1)) for p in (0.0, 0.3, 0.6, 0.9)]
    assert np.all(np.diff(shares) > 0.03)


def test_clustering_agrees_with_networkx_and_sampling_with_all(monkeypatch: pytest.MonkeyPatch) -> None:
    graph = generators.powerlaw_cluster(3000, 5, 0.7, 4)
    exact = topology.clustering(graph)
    assert exact == pytest.approx(nx.average_clustering(graph.to_networkx()))
    shuffled = graph.relabel(builder(1, "test").permutation(graph.n))
    monkeypatch.setattr(topology, "EXACT_CLUSTERING", 2000)
    assert topology.clustering(shuffled) == pytest.approx(exact, abs=0.05)


def test_numba_growth_agrees_with_networkx_without_triangles() -> None:
    """Without triangles NetworkX's growth is unbiased, so mean squared degrees must agree."""
    n, runs = 1500, 40
    moments = np.array(
        [
            [
                np.mean(np.square(make(n, 4, 0.0, seed).degree, dtype=float))
                for make in (generators.powerlaw_cluster, generators.networkx_powerlaw_cluster)
            ]
            for seed in range(runs)
        ]
    )
    gap = np.diff(moments, axis=1).ravel()
    assert abs(gap.mean()) < 3 * gap.std(ddof=1) / np.sqrt(runs)


def test_networkx_is_guarded() -> None:
    with pytest.raises(ConfigError, match="powerlaw_cluster"):
        build_graph(GraphParams(kind="networkx"), 100_001, 1)


def test_power_law_degrees_hit_the_mean() -> None:
    for exponent in (2.1, 2.5, 3.0):
        for mean in (4.5, 12.0, 40.0):
            degrees, weights = generators.power_law_degrees(exponent, mean, 1000)
            assert weights.sum() == pytest.approx(1)
            assert float(np.sum(degrees * weights)) == pytest.approx(mean)
    for mean in (2.0, 30.0):
        with pytest.raises(ConfigError, match=r"graph\.mean_degree"):
            generators.power_law_degrees(2.1, mean, 20)


def test_every_parameter_moves_the_graph() -> None:
    changes = {
        "mean_degree": 20.0,
        "triangle_probability": 0.1,
        "exponent": 2.9,
        "degree_spread": 1.2,
        "clustering": 0.5,
        "max_degree": 40,
        "strong_share": 0.6,
        "assortativity": 0.0,
    }
    kinds = {
        "exponent": "configuration",
        "max_degree": "configuration",
        "degree_spread": "pareto_lognormal",
        "clustering": "pareto_lognormal",
    }
    names = {p.path for p in declared(GraphParams)} - {"kind", *FILE_KEYS}  # those move files: test_network_*
    assert names == set(changes)
    for name, value in changes.items():
        kind = kinds.get(name, "powerlaw_cluster")
        base, _ = build_graph(GraphParams(kind=kind), 1000, 1, groups(1000))
        moved, _ = build_graph(GraphParams(kind=kind, **{name: value}), 1000, 1, groups(1000))
        same = np.array_equal(base.indices, moved.indices) and np.array_equal(base.strength, moved.strength)
        assert not same, name


@pytest.mark.parametrize(
    ("wrong", "remedy"),
    [
        ({"kind": "edge_list"}, "graph.path=FILE"),
        ({"kind": "like"}, "graph.path=FILE"),
        ({"path": "x.csv"}, "graph=edge_list"),
        ({"source": "a"}, "edge_list or like"),
        ({"kind": "like", "path": "x.csv", "weight": "w"}, "graph.weight is read only with .* edge_list"),
    ],
)
def test_path_and_kind_belong_together(wrong: dict[str, str], remedy: str) -> None:
    with pytest.raises(ValueError, match=remedy):
        GraphParams(**wrong)


def test_population_must_suit_the_degree() -> None:
    for n in (None, 10):
        with pytest.raises(ConfigError, match=r"population\.size"):
            build_graph(GraphParams(), n, 1)


class TestCache:
    """Generated graphs are kept, checked and rebuilt."""

    def test_hit_equals_a_fresh_build(self, tmp_path: Path) -> None:
        args = (GraphParams(), 800, 3, groups(800))
        fresh, info = build_graph(*args)
        written, _ = build_graph(*args, cache=tmp_path)
        (file,) = tmp_path.iterdir()
        stamp = file.stat().st_mtime_ns
        held, held_info = build_graph(*args, cache=tmp_path)
        assert file.stat().st_mtime_ns == stamp
        for graph in (written, held):
            for name in ("indptr", "indices", "strength"):
                ours, theirs = getattr(graph, name), getattr(fresh, name)
                assert ours.dtype == theirs.dtype
                assert np.array_equal(ours, theirs)
        assert held_info == info

    def test_everything_that_shapes_it_is_in_the_key(self, tmp_path: Path) -> None:
        build_graph(GraphParams(), 800, 3, groups(800), tmp_path)
        build_graph(GraphParams(), 800, 4, groups(800), tmp_path)
        build_graph(GraphParams(), 801, 3, groups(801), tmp_path)
        build_graph(GraphParams(), 800, 3, groups(800)[::-1], tmp_path)
        build_graph(GraphParams(strong_share=0.1), 800, 3, groups(800), tmp_path)
        assert len(list(tmp_path.iterdir())) == 5

    def test_a_torn_or_wrong_file_is_rebuilt(self, tmp_path: Path) -> None:
        args = (GraphParams(), 800, 3, groups(800), tmp_path)
        fresh, _ = build_graph(*args)
        (file,) = tmp_path.iterdir()
        whole = file.read_bytes()
        flipped = bytearray(whole)
        flipped[len(whole) // 2] ^= 0xFF
        for torn in (whole[: len(whole) // 2], b"", b"not an archive", bytes(flipped)):
            file.write_bytes(torn)
            again, _ = build_graph(*args)
            assert np.array_equal(again.indices, fresh.indices)
            assert file.read_bytes() == whole
        np.savez(file.open("wb"), indptr=np.array([0, 3]), indices=np.zeros(1), strength=np.zeros(1))
        assert np.array_equal(build_graph(*args)[0].indices, fresh.indices)

    def test_nothing_half_made_is_left(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        def broken(*_args: object, **_kwargs: object) -> None:
            raise OSError("disk full")

        monkeypatch.setattr("sim.network.graph.save_arrays", broken)
        with pytest.raises(StoreError, match=r"paths\.cache: .*disk full"):
            build_graph(GraphParams(), 800, 3, cache=tmp_path)
        assert list(tmp_path.iterdir()) == []

    def test_one_process_keeps_what_it_has_measured(self, tmp_path: Path) -> None:
        args = (GraphParams(), 800, 3, groups(800), tmp_path)
        first = build_graph(*args)
        assert build_graph(*args)[0] is first[0]
        (file,) = tmp_path.iterdir()
        file.unlink()  # "safe to delete"
        again = build_graph(*args)
        assert again[0] is not first[0]
        assert file.exists()
        assert again[1] == first[1]


class TestFollowers:
    """Audiences: distinct, of the wanted size, leaning to matching groups."""

    def test_sizes_and_distinctness(self) -> None:
        group, rng = groups(5000), builder(1, "test")
        seats = np.array([0, 17, 2500, 4999])
        counts = np.array([0, 10, 3000, 4999])
        followers = build_followers(group, seats, counts, np.ones((4, 3)), rng)
        assert followers.counts.tolist() == counts.tolist()
        for i, seat in enumerate(seats):
            row = followers.of(i)
            assert np.all(np.diff(row) > 0)
            assert seat not in row

    def test_more_than_everyone_is_everyone_else(self) -> None:
        followers = build_followers(
            groups(50), np.array([7]), np.array([500]), np.ones((1, 3)), builder(1, "t")
        )
        assert followers.of(0).tolist() == [s for s in range(50) if s != 7]

    def test_group_match_sets_the_mix(self) -> None:
        group, k = groups(40_000), 200
        match = np.tile([1.0, 3.0, 0.0], (k, 1))
        seats = np.arange(k) * 100
        followers = build_followers(group, seats, np.full(k, 500), match, builder(2, "t"))
        mix = np.bincount(group[followers.indices], minlength=3) / len(followers.indices)
        share = 0.25 * 1 / (0.25 * 1 + 0.5 * 3)
        assert mix[2] == 0
        assert mix[0] == pytest.approx(share, abs=3 * np.sqrt(share * (1 - share) / len(followers.indices)))

    @pytest.mark.parametrize("count", [300, 700])
    def test_every_seat_is_equally_likely(self, count: int) -> None:
        """Chi-square over seats, on both sides of the switch to drawing those left out."""
        from scipy import stats

        k, n = 2000, 1000
        group = np.zeros(n, np.int8)
        seats = builder(3, "s").integers(0, n, k)
        followers = build_followers(group, seats, np.full(k, count), np.ones((k, 1)), builder(4, "t"))
        seen = np.bincount(followers.indices, minlength=n)
        expected = (k - np.bincount(seats, minlength=n)) * count / (n - 1)
        chi2 = float(np.sum((seen - expected) ** 2 / (expected * (1 - count / (n - 1)))))
        assert 0.001 < stats.chi2.sf(chi2, n - 1) < 0.999

    def test_large_audiences_are_quick(self) -> None:
        group, rng = groups(200_000), builder(1, "t")
        seats = rng.choice(200_000, 2000, replace=False)
        counts = np.minimum(50 * rng.pareto(1.0, 2000) + 50, 150_000).astype(np.int64)
        build_followers(group[:1000], np.array([1]), np.array([5]), np.ones((1, 3)), rng)
        start = time.process_time()
        followers = build_followers(group, seats, counts, np.ones((2000, 3)), rng)
        assert followers.counts.sum() == counts.sum()
        assert time.process_time() - start < 2


def tail(degree: np.ndarray) -> tuple[float, float, float, float]:
    """Exponent, its standard error, and lognormal comparison (R > 0 favours the power law; p)."""
    import powerlaw

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the package warns of every candidate start it cannot fit
        fit = powerlaw.Fit(degree[degree > 0], discrete=True, verbose=False)
        ratio, p = fit.distribution_compare("power_law", "lognormal")
    return float(fit.power_law.alpha), float(fit.power_law.standard_err), float(ratio), float(p)


class TestTails:
    """Tails by the powerlaw package, and against a lognormal: the distance alone passes almost anything."""

    def test_configuration_keeps_its_exponent(self) -> None:
        for exponent in (2.2, 2.5, 2.8):
            graph = generators.configuration(20_000, exponent, 12.0, 5000, 1)
            found, error, ratio, p = tail(graph.degree)
            assert found == pytest.approx(exponent, abs=max(3 * error, 0.05))
            assert ratio > 0 or p > 0.01

    @pytest.mark.parametrize("make", [generators.barabasi_albert, generators.powerlaw_cluster])
    def test_growth_gives_an_exponent_towards_three(self, make: object) -> None:
        extra = (0.6,) if make is generators.powerlaw_cluster else ()
        found, error, ratio, p = tail(make(20_000, 6, *extra, 1).degree)
        assert 2.7 < found < 3 + 3 * error
        assert ratio > 0 or p > 0.01

    def test_a_random_graph_is_told_apart(self) -> None:
        """The check must be able to fail: a Poisson tail loses to the lognormal."""
        _, _, ratio, p = tail(
            CSRGraph.from_networkx(nx.fast_gnp_random_graph(20_000, 12.0 / 19_999, seed=1)).degree
        )
        assert ratio < 0
        assert p < 0.001

    def test_own_estimate_agrees_with_the_package(self) -> None:
        degree = generators.configuration(20_000, 2.5, 12.0, 5000, 2).degree
        found, error, _, _ = tail(degree)
        assert topology.tail_exponent(degree)[0] == pytest.approx(found, abs=max(3 * error, 0.05))

    def test_twitch_has_a_power_law_tail(self) -> None:
        graph, _ = read_edge_list(real("twitch_DE_edges.csv.gz"))
        found, error, ratio, p = tail(graph.degree)
        assert found == pytest.approx(2.55, abs=0.01)
        assert ratio > 0 or p > 0.1
        assert topology.tail_exponent(graph.degree)[0] == pytest.approx(2.55, abs=3 * error)
        assert topology.clustering(graph) == pytest.approx(0.20, abs=0.005)

    def test_facebook_is_not_a_power_law(self) -> None:
        graph, _ = read_edge_list(real("facebook_combined.txt.gz"))
        _, _, ratio, p = tail(graph.degree)
        assert ratio < 0
        assert p < 0.001
        assert topology.clustering(graph) == pytest.approx(0.61, abs=0.005)


def test_a_real_network_sets_the_population() -> None:
    path = real("twitch_DE_edges.csv.gz")
    params = GraphParams(kind="edge_list", path=str(path))
    assert population_size(params, 123) == 9498
    assert population_size(GraphParams(), 123) == 123
    group = groups(9498)
    graph, info = build_graph(params, None, 1, group)
    assert info.line.startswith(
        "real network twitch_DE_edges.csv.gz: 9,498 people, 153,138 ties, mean degree 32.2"
    )
    assert info.assortativity == pytest.approx(params.assortativity, abs=0.01)
    assert np.array_equal(np.sort(graph.degree), np.sort(read_edge_list(path)[0].degree))
    with pytest.raises(ConfigError, match="9,498"):
        build_graph(params, 5000, 1)


def test_config_group_files_are_valid() -> None:
    folder = Path(__file__).parents[2] / "conf/graph"
    kinds = set()
    for file in sorted(folder.glob("*.yaml")):
        text = file.read_text()
        section = yaml.safe_load(text)
        assert text.startswith("# ")
        assert "${" not in text
        if section["kind"] in FROM_FILE:
            section["path"] = "given by the user"
        kinds.add(GraphParams(**section).kind)
        assert file.stem == section["kind"]
    assert kinds == {*GENERATED, *FROM_FILE}
