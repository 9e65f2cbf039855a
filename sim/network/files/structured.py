"""Formats with a grammar of their own: GML, GraphML, GEXF, LEDA, graph6 through NetworkX, and JSON.

NetworkX makes Python objects of everything, so these files are limited to 100,000 people; who
brings more people brings an edge list. Attributes are ignored, except a weight that is asked for.
"""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np

from sim.core.kept import keep
from sim.core.language import tr
from sim.network.csr import NETWORKX_LIMIT
from sim.network.files.ids import NUMBER
from sim.network.files.ties import Codes, ReadOptions, Ties, refusal, shown

#: Bytes of such a file: a hundred thousand people with their ties and some attributes.
MOST_STRUCTURED = 2**27


def networkx_reader(name: str) -> Callable[[Path, str, ReadOptions], Ties]:
    """Return a reader that lets NetworkX parse the format ``name``."""

    def read(path: Path, text: str, options: ReadOptions) -> Ties:
        check_structured(path, text, name)
        import networkx as nx

        parse = {
            "GML": lambda: nx.parse_gml(text, label="id"),
            "GraphML": lambda: nx.parse_graphml(text),
            "GEXF": lambda: nx.read_gexf(io.BytesIO(text.encode())),
            "LEDA": lambda: nx.parse_leda(text),
            "graph6": lambda: nx.from_graph6_bytes(_sized(path, text, ">>graph6<<")),
            "sparse6": lambda: nx.from_sparse6_bytes(_sized(path, text, ">>sparse6<<")),
            tr("multiline adjacency list"): lambda: nx.parse_multiline_adjlist(iter(_uncommented(text))),
        }[name]
        try:
            graph = parse()
        except (
            nx.NetworkXException,
            ValueError,
            TypeError,
            LookupError,
            SyntaxError,
            AttributeError,
            StopIteration,
            RuntimeError,
            OverflowError,
            RecursionError,
        ) as error:
            found = shown(str(error) or type(error).__name__)
            raise refusal(
                path,
                None,
                tr("must be {name} that NetworkX reads", name=name),
                found,
                tr("export it as an edge list"),
            ) from None
        _check_count(path, name, text, graph)
        return _from_networkx(path, graph, name, options)

    return read


def check_structured(path: Path, text: str, name: str) -> None:
    """Refuse what would take gigabytes as Python objects, before they are made."""
    lower = text[:4096].lower()
    if "<!entity" in lower or "<!doctype" in lower:
        raise refusal(
            path,
            None,
            tr("{name} must not declare entities", name=name),
            tr("a document type"),
            tr("export it again"),
        )
    people = {"GML": "node [", "GraphML": "<node", "GEXF": "<node "}.get(name)
    found = text.count(people) if people else 0
    if len(text) > MOST_STRUCTURED or found > NETWORKX_LIMIT + 10:
        rule = tr(
            "{name} is read up to {networkx_limit:,} people and {most_structured:,} characters",
            name=name,
            networkx_limit=NETWORKX_LIMIT,
            most_structured=MOST_STRUCTURED,
        )
        raise refusal(
            path,
            None,
            rule,
            tr("{found:,} people, {n_words:,} characters", found=found, n_words=len(text)),
            tr("export it as an edge list"),
        )


def _uncommented(text: str) -> list[str]:
    """Lines without blanks and comments."""
    return [line for line in text.split("\n") if line.strip() and not line.lstrip().startswith("#")]


def _sized(path: Path, text: str, mark: str) -> bytes:
    """Code of one graph, once its number of people is known to be small enough."""
    lines = [line.strip().removeprefix(mark) for line in text.split("\n")]
    codes = [line for line in lines if line]
    if len(codes) != 1:
        raise refusal(path, None, tr("must hold one graph"), f"{len(codes)}", tr("save one graph alone"))
    from networkx.readwrite.graph6 import data_to_n

    values = [ord(c) - 63 for c in codes[0].removeprefix(":")]
    if values and data_to_n(values)[0] > NETWORKX_LIMIT:
        raise refusal(
            path,
            None,
            tr("is read up to {networkx_limit:,} people", networkx_limit=NETWORKX_LIMIT),
            "more",
            tr("export it as an edge list"),
        )
    return codes[0].encode("ascii")


def _check_count(path: Path, name: str, text: str, graph: Any) -> None:
    """Hold what was read to what the file says of its size: people of one label must not become one."""
    if name == "LEDA":
        plain = [line.strip() for line in text.split("\n") if line.strip() and not line.startswith("#")]
        promised = next((int(p) for p in plain[3:5] if p.isdigit()), -1)
    elif name == "GML":
        promised = sum(line.strip().split()[:1] == ["node"] for line in text.split("\n"))
        promised = promised if promised == text.count("node [") or "node [" not in text else -1
    elif name in ("GraphML", "GEXF"):  # two graphs, a graph inside a node, or ties of people not listed
        promised = len(re.findall(r"<(?:\w+:)?node[\s/>]", re.sub(r"(?s)<!--.*?-->", "", text)))
    else:
        return
    if promised >= 0 and promised != graph.number_of_nodes():
        found = tr(
            "{people:,} different ones of {promised:,}", people=graph.number_of_nodes(), promised=promised
        )
        rule, remedy = tr("people of a {name} file must differ", name=name), tr("give everybody an own label")
        if name in ("GraphML", "GEXF"):
            rule, remedy = (
                tr("a {name} file is one graph that lists everybody once", name=name),
                tr("save one graph alone"),
            )
        raise refusal(path, None, rule, found, remedy)


def _from_networkx(path: Path, graph: Any, name: str, options: ReadOptions) -> Ties:
    """People and ties of a NetworkX graph."""
    codes = Codes(str(node) for node in graph)
    if len(codes.lines) != graph.number_of_nodes():
        raise refusal(
            path,
            None,
            tr("people of a {name} file must differ", name=name),
            tr("two ids written alike"),
            tr("rename one of them"),
        )
    key = options.weight
    rows = [
        (str(u), str(v), data.get(key) if key is not None else None) for u, v, data in graph.edges(data=True)
    ]
    return _ties(path, codes, rows, name, options)


def _ties(
    path: Path, codes: Codes, rows: Iterable[tuple[str, str, Any]], name: str, options: ReadOptions
) -> Ties:
    """Ties of rows of two labels and a weight, whose people are all known."""
    rows = list(rows)
    ends = np.array([(codes.position[u], codes.position[v]) for u, v, _ in rows], np.int64).reshape(-1, 2).T
    weights = None
    if options.weight is not None:
        weights = np.array([_weight(path, w, options.weight) for _, _, w in rows], np.float64)
    notes = (keep("read the ties of the {name} file and ignored its other attributes", name=name),)
    return Ties(codes.labels, ends, weights, name, notes=notes)


def _weight(path: Path, value: Any, key: str | int) -> float:
    """A tie's attribute as a weight of 0 or more."""
    number = float(value) if NUMBER.fullmatch(str(value)) else -1.0
    if not 0.0 <= number < float("inf"):
        raise refusal(
            path,
            None,
            tr("every tie must have a {key} of 0 or more", key=key),
            shown(str(value)),
            tr("leave out graph.weight"),
        )
    return number


def json_network(path: Path, text: str, options: ReadOptions) -> Ties:
    """Read node-link and Cytoscape JSON, and lists of records that name source and target."""
    check_structured(path, text, "JSON")
    try:
        held = json.loads(text)
    except (ValueError, RecursionError):
        held = _json_lines(path, text)
    if isinstance(held, dict) and isinstance(held.get("elements"), dict):
        elements = held["elements"]
        nodes = [part.get("data", {}).get("id") for part in _dicts(elements.get("nodes"))]
        return _records(
            path, nodes, [p.get("data") for p in _dicts(elements.get("edges"))], tr("Cytoscape JSON"), options
        )
    links = next((held[k] for k in ("links", "edges") if k in held), None) if isinstance(held, dict) else held
    if isinstance(links, list) and isinstance(held, dict) and isinstance(held.get("nodes"), list):
        nodes = [
            node.get("id", node.get("key")) if isinstance(node, dict) else node for node in held["nodes"]
        ]
        return _records(path, nodes, links, tr("node-link JSON"), options)
    if isinstance(held, list) and held:
        return _records(path, None, held, "JSON", options)
    rule = tr("JSON must be node-link, Cytoscape, or a list of pairs or of records with source and target")
    found = (
        tr("keys {value}", value=", ".join(map(str, list(held)[:4])))
        if isinstance(held, dict)
        else tr("no such list")
    )
    raise refusal(
        path, None, rule, shown(found), tr("export it with networkx.node_link_data or as an edge list")
    )


def _dicts(value: Any) -> list[dict[str, Any]]:
    """Keep the mappings of a list."""
    return [part for part in value if isinstance(part, dict)] if isinstance(value, list) else []


def _json_lines(path: Path, text: str) -> list[Any]:
    """One JSON value a line."""
    values = []
    for number, line in enumerate(text.split("\n"), 1):
        try:
            values += [json.loads(line)] if line.strip() else []
        except (ValueError, RecursionError):
            raise refusal(
                path, number, tr("must be JSON, or one JSON value a line"), shown(line), tr("export it again")
            ) from None
    return values


def _records(path: Path, nodes: list[Any] | None, links: list[Any], name: str, options: ReadOptions) -> Ties:
    """Ties of pairs or of mappings with a source and a target."""
    from sim.network.files.headers import named_pair

    keys = list(dict.fromkeys(k for link in links[:1000] if isinstance(link, dict) for k in link))
    asked = (options.source, options.target)
    pair = asked if all(k in keys for k in asked) else None
    if pair is None and (found := named_pair([str(k) for k in keys])):
        pair = keys[found[0]], keys[found[1]]
    rows = [_row(path, at, link, pair, options.weight) for at, link in enumerate(links, 1)]
    codes = Codes(_label(path, 0, node) for node in nodes or ())
    if nodes is not None and len(codes.lines) != len(nodes):
        raise refusal(
            path,
            None,
            tr("people of a {name} file must differ", name=name),
            tr("an id given twice"),
            tr("give everybody an own id"),
        )
    for u, v, _ in rows:
        for end in (u, v):
            if nodes is not None and end not in codes.position:
                raise refusal(
                    path, None, tr("ties must join listed people"), shown(end), "list everybody under nodes"
                )
            codes.of(end, 0)
    return _ties(path, codes, rows, name, options)


def _row(path: Path, at: int, link: Any, pair: Any, weight: str | int | None) -> tuple[str, str, Any]:
    """Two labels and a weight of one JSON value."""
    if isinstance(link, dict) and pair is not None and all(k in link for k in pair):
        return _label(path, at, link[pair[0]]), _label(path, at, link[pair[1]]), link.get(weight)
    if isinstance(link, list) and len(link) == 2:
        return _label(path, at, link[0]), _label(path, at, link[1]), None
    rule = tr("each tie must be a pair, or a record that names source and target")
    raise refusal(
        path,
        None,
        rule,
        tr("number {at}, {value}", at=at, value=shown(json.dumps(link, ensure_ascii=False))),
        tr("name its columns so"),
    )


def _label(path: Path, at: int, value: Any) -> str:
    """An id of JSON as text; a whole number or a name."""
    if isinstance(value, str) and value.strip():
        return value.strip()
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    found = f"{shown(json.dumps(value, ensure_ascii=False))}" + (tr(" in tie {at}", at=at) if at else "")
    raise refusal(path, None, tr("ids must be whole numbers or names"), found, tr("correct it"))
