"""Real edge lists: what is tolerated is reported, what is not stops with one clear line."""

from __future__ import annotations

import gzip
import os
import time
from pathlib import Path

import numpy as np
import pytest

from sim.core.errors import GraphFileError
from sim.network import edge_list
from sim.network.csr import CSRGraph
from sim.network.edge_list import read_edge_list
from sim.network.files import delimited

DATA = Path(__file__).parents[2] / "../shared/data/graphs"


def written(tmp_path: Path, text: str | bytes, name: str = "net.txt") -> Path:
    """A file with that content."""
    path = tmp_path / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def ties(graph: CSRGraph) -> list[tuple[int, int]]:
    """Every tie once, in order."""
    src, dst, _ = graph.edge_arrays()
    return list(zip(src.tolist(), dst.tolist(), strict=True))


TRIANGLE = [(0, 1), (0, 2), (1, 2)]


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("0 1\n0 2\n1 2\n", "text"),
        ("0 1\n0 2\n1 2", "text"),
        ("\n 0   1 \n0 \t2\n\n1 2\n\n", "text"),
        ("0\t1\n0\t2\n1\t2\n", "tsv"),
        ("0,1\n0,2\n1,2\n", "csv"),
        ("0, 1\n0 ,2\n1,2\n", "csv"),
        ("0;1\n0;2\n1;2\n", "csv"),
        ("from,to\n0,1\n0,2\n1,2\n", "csv"),
        ('"from","to"\n"0","1"\n"0","2"\n"1","2"\n', "csv"),
        ("# SNAP\n# nodes 3\n% konect\n0 1\n0 2\n1 2\n", "text"),
        ("0 1\r\n0 2\r\n1 2\r\n", "text"),
        ("\ufeff0 1\n0 2\n1 2\n", "text"),
        ("0 1\n# between\n0 2\n1 2\n", "text"),
        ("10 700\n10 90000000000\n700 90000000000\n", "text"),
        ("anna bo\nanna cem\nbo cem\n", "text"),
        ("source,target\nanna,bo\nanna,cem\nbo,cem\n", "csv"),
        ("user_id,friend_id\n0,1\n0,2\n1,2\n", "csv"),
        ("0 1 0.5\n0 2 0.1\n1 2 7\n", "text"),
        ("0,1,1339,x\n0,2,1340,y\n1,2,1341,z\n", "csv"),
        ("爱 波\n爱 陈\n波 陈\n", "text"),
    ],
)
@pytest.mark.parametrize("packed", [False, True])
def test_formats(tmp_path: Path, text: str, form: str, packed: bool) -> None:
    data = text.encode()
    path = written(tmp_path, gzip.compress(data) if packed else data, "net.gz" if packed else "net.txt")
    graph, report = read_edge_list(path)
    degree = [2, 2, 2]
    assert graph.degree.tolist() == degree
    assert ties(graph) == TRIANGLE
    assert report.format == form + (", gzip" if packed else "")
    assert (report.nodes, report.edges, report.duplicates, report.self_loops) == (3, 3, 0, 0)
    assert graph.indices.dtype == np.int32
    assert graph.indptr.dtype == np.int64


def test_report_counts_everything_left_out(tmp_path: Path) -> None:
    text = "# a\n% b\nfrom,to,weight\n5,9,1\n9,5,1\n5,9,2\n7,7,1\n# c\n9,7,1\n"
    graph, report = read_edge_list(written(tmp_path, text, "net.csv"))
    assert ties(graph) == [(0, 2), (1, 2)]
    assert (report.nodes, report.edges, report.duplicates, report.self_loops) == (3, 2, 2, 1)
    assert report.comment_lines == 3
    assert report.header == "from,to,weight"
    assert report.ignored_columns == 1
    assert report.file == "net.csv"
    assert not report.named_ids
    told = "\n".join(report.lines)
    for words in (
        "3 people, 2 ties",
        "2 repeated ties and 1 self-loops",
        "3 comment lines",
        "from,to",
        "ignored 1",
    ):
        assert words in told


def test_ids_keep_their_order_and_names_too(tmp_path: Path) -> None:
    graph, _ = read_edge_list(written(tmp_path, "100 20\n20 3\n"))
    assert ties(graph) == [(0, 1), (1, 2)]
    graph, report = read_edge_list(written(tmp_path, "cem bo\nbo anna\n"))
    assert ties(graph) == [(0, 1), (1, 2)]
    assert report.named_ids


def test_a_node_known_only_to_itself_stays(tmp_path: Path) -> None:
    graph, _ = read_edge_list(written(tmp_path, "0 1\n2 2\n"))
    assert graph.degree.tolist() == [1, 1, 0]


@pytest.mark.parametrize(
    ("content", "line", "words"),
    [
        (b"", None, "empty"),
        (b"  \n\n", None, "empty"),
        (b"# only\n% comments\n", None, "only comments"),
        (b"0 1\n0\n1 2\n", 2, "two ids"),
        (b"lonely\n", 1, "two ids"),
        (b"0,1\n0,\n", 2, "two ids"),
        (b"0,1\n,4\n", 2, "two ids"),
        (b"0 1\n0 -2\n", 2, "negative"),
        (b"-1 2\n", 1, "negative"),
        (b"# c\n0 1\n\n0 x7\n", 4, "whole numbers"),
        (b"0 1\n1.5 2\n", 2, "whole numbers"),
        (b"0 1\n0 99999999999999999999\n", 2, "2^63"),
        (b"0 1\n0 2\x00\x01\n", 2, "text"),
        (b"0 1\n\xff\xfe\x8a 2\n", 2, "text"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", None, "text"),
        (b"3 3\n4 4\n", None, "self-loops"),
    ],
)
def test_malformed_files_name_the_line(tmp_path: Path, content: bytes, line: int | None, words: str) -> None:
    path = written(tmp_path, content)
    with pytest.raises(GraphFileError) as caught:
        read_edge_list(path)
    (problem,) = caught.value.problems
    assert "\n" not in problem
    assert words in problem
    assert "; " in problem
    assert problem.startswith(f"{path}, line {line}: " if line else f"{path}: ")


def test_what_may_never_end_is_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "pipe", Path(os.devnull)):
        with pytest.raises(GraphFileError, match="a device or a pipe"):
            read_edge_list(path)


def test_missing_directory_and_damaged_gzip(tmp_path: Path) -> None:
    whole = gzip.compress(b"".join(b"%d %d\n" % (i, i + 1) for i in range(5000)))
    corrupt = bytearray(whole)
    corrupt[len(whole) // 2] ^= 0xFF
    cases = {
        tmp_path / "absent.csv": "no such file",
        tmp_path: "directory",
        written(tmp_path, whole[: len(whole) // 2], "cut.gz"): "truncated",
        written(tmp_path, bytes(corrupt), "corrupt.gz"): "damaged",
        written(tmp_path, b"<html>not found</html>", "page.gz"): "gzip",
        written(tmp_path, b"", "void.gz"): "empty",
        written(tmp_path, gzip.compress(b""), "nothing.gz"): "empty",
    }
    for path, words in cases.items():
        with pytest.raises(GraphFileError, match=words) as caught:
            read_edge_list(path)
        assert len(caught.value.problems) == 1


def test_quick_and_careful_parsers_agree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(1)
    pairs = rng.integers(0, 400, (5000, 2))
    path = written(tmp_path, "\n".join(f"{u}\t{v}" for u, v in pairs))
    quick, quick_report = read_edge_list(path)
    monkeypatch.setattr(delimited, "_quick", lambda *_: None)
    edge_list._read.cache_clear()
    careful, careful_report = read_edge_list(path)
    assert np.array_equal(quick.indices, careful.indices)
    assert quick_report == careful_report
    expected = {(min(p), max(p)) for p in pairs.tolist() if p[0] != p[1]}
    assert quick.edges == len(expected)


def test_real_networks_are_read_quickly() -> None:
    for name, nodes, edges in (
        ("twitch_DE_edges.csv.gz", 9498, 153138),
        ("facebook_combined.txt.gz", 4039, 88234),
    ):
        path = DATA / name
        if not path.exists():
            pytest.skip(f"reference data {name} is not here")
        read_edge_list(path)
        start = time.process_time()
        graph = read_edge_list(path)[0]
        assert time.process_time() - start < 1
        assert (graph.n, graph.edges) == (nodes, edges)
