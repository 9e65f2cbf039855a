"""A run that was stored in one language is told in another, on every kind of network."""

import json
import re

import numpy as np
import pytest

import sim.cli
from sim.core.kept import told
from sim.core.language import speaking
from sim.network.graph import build_graph
from sim.network.graph_params import GraphParams
from sim.report import html
from sim.report.comparison import Comparison
from sim.report.notes import notes
from sim.report.origin import origin
from sim.store.results import load_results
from tests.cli.tiny import tiny

CHINESE = re.compile("[\u4e00-\u9fff]")
#: What of a network stays as it is: its kind as it is typed, its file and its header, and the key of weights.
OWN = re.compile(
    r"[a-z]+(_[a-z]+)+|networkx|configuration|\blike\b|ties\.csv|source,target,w|COLUMN|graph\.weight"
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A network file of 120 people with weights, two repeated ties and a comment."""
    place = tmp_path_factory.mktemp("networks")
    ties = [f"{n},{(n + step) % 120},{1 + n % 3}" for n in range(120) for step in (1, 2, 5)]
    text = "\n".join(["# who knows whom", "source,target,w", *ties, "0,1,1", "0,1,2"])
    (place / "ties.csv").write_text(text, encoding="utf-8")
    return place


def english(text: str) -> list[str]:
    return re.findall("[A-Za-z]{3,}", OWN.sub("", text))


@pytest.mark.parametrize(
    "kind",
    [
        "powerlaw_cluster",
        "networkx",
        "pareto_lognormal",
        "barabasi_albert",
        "configuration",
        "like",
        "edge_list",
    ],
)
def test_the_line_of_every_kind_of_network_is_told(kind, folder):
    path = str(folder / "ties.csv") if kind in ("like", "edge_list") else None
    weight = {"weight": "w"} if kind == "edge_list" else {}
    params = GraphParams.model_validate({"kind": kind, "path": path, "max_degree": 60, **weight})
    n = None if kind == "edge_list" else 300
    _, info = build_graph(params, n, 1, np.zeros(n or 120, np.int8))
    assert not CHINESE.search(info.line)
    with speaking("zh"):
        said = [told(info.line), *map(told, info.notes)]
    assert all(CHINESE.search(line) for line in said)
    assert [line for line in said if english(line)] == []
    assert (len(said) > 3) == (kind == "edge_list")


@pytest.fixture(scope="module")
def played(folder):
    """A run on the network of the file, played by who speaks Chinese."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setattr(html, "_figures", lambda _: {})
        words = ("scenario=group_buy", "graph=edge_list", "graph.path=ties.csv", "graph.weight=w")
        assert sim.cli.main(tiny("run", *words, "language=zh")) == 0
    return folder


def test_what_is_stored_is_english_whoever_played(played):
    texts = [path for path in (played / "results").rglob("*.json") if "reports" not in path.parts]
    assert texts
    for path in texts:
        written = json.dumps({**json.loads(path.read_text(encoding="utf-8"))}, ensure_ascii=False)
        assert not CHINESE.search(written), path


def test_it_is_told_in_the_language_of_the_reader(played):
    comparison = Comparison.of(load_results(played / "results").newest())
    info = comparison.details("group_buy")["info"]
    plain = "\n".join([*notes(comparison), *(text for _, text in origin(info))])
    assert "real network ties.csv: 120 people" in plain
    assert "ties of weight" in plain
    assert "not judged: burn-in shorter" in plain
    assert not CHINESE.search(plain)
    with speaking("zh"):
        said = [line for line in notes(comparison) if "ties.csv" in line or "w'" in line]
        lines = dict(origin(info))
    assert said
    assert [line for line in said if english(line)] == []
    versions = {"Liebian", "NumPy", "Mesa", "Numba", "SimPy"}
    assert [what for what in lines if not CHINESE.search(what) and what not in versions] == []
    assert [
        text for text in lines.values() if " people" in text or "ties of" in text or "burn-in" in text
    ] == []
