"""Files too large for memory are refused before it is taken; weights make strong ties; keys are checked."""

from __future__ import annotations

import gzip
import tracemalloc
from pathlib import Path

import numpy as np
import pytest

from sim.core.errors import GraphFileError
from sim.network import edge_list
from sim.network.edge_list import ReadOptions, read_network
from sim.network.files import load, ties
from sim.network.graph import GraphParams, build_graph


def refused(path: Path, options: ReadOptions | None = None) -> tuple[str, float]:
    """The refusal of a file, and the most memory that it took in MB."""
    edge_list._read.cache_clear()
    tracemalloc.start()
    try:
        with pytest.raises(GraphFileError) as caught:
            read_network(path, options)
        return caught.value.problems[0], tracemalloc.get_traced_memory()[1] / 2**20
    finally:
        tracemalloc.stop()


def test_a_gzip_bomb_is_refused_before_it_unfolds(tmp_path: Path) -> None:
    path = tmp_path / "bomb.csv.gz"
    path.write_bytes(gzip.compress(b"1,2\n" * 50_000_000, 9))
    assert path.stat().st_size < 250_000
    problem, megabytes = refused(path)
    assert "expands at most 200 times" in problem
    assert megabytes < 100


def test_a_file_beyond_the_limit_is_not_even_opened(tmp_path: Path) -> None:
    path = tmp_path / "huge.csv"
    with path.open("wb") as file:
        file.truncate(ties.MOST_BYTES + 1)  # takes no room on disk
    problem, megabytes = refused(path)
    assert "at most 1,073,741,824 bytes" in problem
    assert megabytes < 1


def test_one_endless_line_is_refused_by_its_length(tmp_path: Path) -> None:
    path = tmp_path / "header.csv"
    path.write_bytes(b"a," * 20_000_000)
    problem, megabytes = refused(path)
    assert "line" in problem
    assert megabytes < 150


def test_expansion_stops_at_the_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(load, "MOST_BYTES", 2**22)
    path = tmp_path / "large.csv.gz"
    numbers = np.random.default_rng(1).integers(0, 10**6, (700_000, 2))
    path.write_bytes(gzip.compress("\n".join(f"{u},{v}" for u, v in numbers).encode(), 1))
    assert "at most 4,194,304 bytes" in refused(path)[0]


def test_too_many_ties_and_too_many_people(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "net.csv"
    path.write_text("".join(f"{i},{i + 1}\n" for i in range(2, 5000)))
    monkeypatch.setattr(ties, "MOST_TIES", 4000)
    assert "at most 4,000 ties" in refused(path)[0]
    monkeypatch.setattr(ties, "MOST_TIES", 10**6)
    monkeypatch.setattr(ties, "MOST_PEOPLE", 4000)
    assert "at most 4,000 people" in refused(path)[0]


@pytest.fixture
def weighted(tmp_path: Path) -> Path:
    """A ring with chords whose weights are 1 to 400, each once, half of it in the other direction."""
    path = tmp_path / "calls.csv"
    rows = [(i, (i + 1) % 200, i + 1) for i in range(200)] + [((i + 2) % 200, i, 201 + i) for i in range(200)]
    path.write_text("caller,callee,calls\n" + "".join(f"{u},{v},{w}\n" for u, v, w in rows))
    return path


@pytest.mark.parametrize("share", [0.0, 0.1, 0.25, 1.0])
def test_the_heaviest_ties_are_strong(weighted: Path, share: float) -> None:
    params = GraphParams(kind="edge_list", path=str(weighted), weight="calls", strong_share=share)
    graph, info = build_graph(params, None, 7)
    assert info.strong_share == pytest.approx(share)
    src, dst, strong = graph.edge_arrays()
    assert strong.sum() == round(400 * share)
    if 0 < share <= 0.5:
        # Ties two apart are the heavier half, so strong ones have common friends with both neighbours.
        pairs = {(u, v) for u, v in zip(src[strong == 1].tolist(), dst[strong == 1].tolist(), strict=True)}
        chords = {tuple(sorted((u, v))) for u, v, w in seats_of_chords(graph, info) if w}
        assert pairs <= chords


def seats_of_chords(graph, info):
    """Ties that close two triangles or fewer through ring ties: the chords of the ring."""
    for u in range(graph.n):
        for v in graph.neighbours(u).tolist():
            common = len(set(graph.neighbours(u).tolist()) & set(graph.neighbours(v).tolist()))
            yield u, v, common == 1


def test_weights_of_both_directions_add_up(tmp_path: Path) -> None:
    path = tmp_path / "net.csv"
    path.write_text("source,target,weight\n1,2,3\n2,1,4\n2,3,5\n3,3,9\n1,3,6.5\n")
    network = read_network(path, ReadOptions(weight="weight"))
    assert network.graph.edges == 3
    assert network.weights is not None
    assert network.weights.tolist() == [7.0, 6.5, 5.0]
    assert read_network(path, ReadOptions(weight=3)).weights.tolist() == [7.0, 6.5, 5.0]


@pytest.mark.parametrize(
    ("column", "cell", "words"),
    [
        ("weight", "-1", "a weight is a number of 0 or more"),
        ("weight", "much", "a weight is a number of 0 or more"),
        ("weight", "", "a weight is a number of 0 or more"),
        ("weight", "1e400", "a weight is a number of 0 or more"),
        ("strength", "1", "must name one column"),
        (9, "1", "beside the two ids"),
        (1, "1", "beside the two ids"),
    ],
)
def test_a_weight_that_is_none(column: str | int, cell: str, words: str, tmp_path: Path) -> None:
    path = tmp_path / "net.csv"
    path.write_text(f"source,target,weight\n1,2,3\n2,3,{cell}\n1,3,6\n")
    assert words in refused(path, ReadOptions(weight=column))[0]


def test_equal_weights_say_nothing(tmp_path: Path) -> None:
    path = tmp_path / "net.csv"
    path.write_text("source,target,weight\n1,2,3\n2,3,3\n1,3,3\n")
    with pytest.raises(GraphFileError, match="must tell ties apart"):
        build_graph(GraphParams(kind="edge_list", path=str(path), weight="weight"), None, 1)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"weight": "w"}, "read only with graph.kind edge_list"),
        ({"encoding": "gbk"}, "read only with graph.kind edge_list"),
        ({"kind": "edge_list", "path": "x", "encoding": "klingon"}, "text encoding that Python knows"),
        ({"kind": "edge_list", "path": "x", "encoding": "base64"}, "text encoding that Python knows"),
    ],
)
def test_keys_of_files_are_checked(values: dict[str, str], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        GraphParams(**values)
