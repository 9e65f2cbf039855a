"""One network in every format that people bring: it is read as it is, or refused by name.

The network is written by NetworkX or by hand, in formats, encodings, separators and with ids of
every kind; every file gives the same ties over the same seats, or one line that says what to do.
"""

from __future__ import annotations

import bz2
import csv
import gzip
import io
import json
import lzma
import pickle
import zipfile
from collections.abc import Callable
from pathlib import Path

import networkx as nx
import pandas as pd
import pyarrow as pa
import pytest

from sim.core.errors import GraphFileError
from sim.network.edge_list import ReadOptions, read_edge_list

PEOPLE = 40
NETWORK = nx.gnm_random_graph(PEOPLE, 90, seed=3)
assert min(dict(NETWORK.degree).values()) > 0
TIES = sorted(tuple(sorted(tie)) for tie in NETWORK.edges)
#: Written in an order of its own, either end first.
ROWS = [(v, u) if (u + v) % 3 == 0 else (u, v) for u, v in sorted(TIES, key=lambda t: (t[1] * 7 + t[0]) % 97)]
FRAME = pd.DataFrame(ROWS, columns=["source", "target"])


def lines(rows=ROWS, join: str = " ", head: str = "", name: Callable[[int], object] = str) -> str:
    """Ties as text, one a line."""
    return head + "".join(join.join(str(name(v)) for v in row) + "\n" for row in rows)


def quoted(name: Callable[[int], str], separator: str = ",") -> str:
    """Ties as a CSV with everything in quotes."""
    out = io.StringIO()
    csv.writer(out, delimiter=separator, quoting=csv.QUOTE_ALL).writerows([name(u), name(v)] for u, v in ROWS)
    return out.getvalue()


def by(write: Callable[[nx.Graph, io.BytesIO], None], graph: nx.Graph = NETWORK) -> bytes:
    """A graph as one of NetworkX's writers gives it."""
    out = io.BytesIO()
    write(graph, out)
    return out.getvalue()


def zipped(**files: str | bytes) -> bytes:
    """A zip of the given files."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, text in files.items():
            archive.writestr(name.replace("__", "."), text)
    return out.getvalue()


def frame(**more: object) -> str:
    """The frame as pandas writes it, with further columns."""
    return FRAME.assign(**more).to_csv(index=False)


def named(i: int) -> str:
    return f"User {i:02d}, Mr"


def weighted() -> nx.Graph:
    graph = NETWORK.copy()
    for k, (u, v) in enumerate(graph.edges):
        graph[u][v]["weight"] = k / 8
    return graph


N, M = PEOPLE, len(ROWS)
MATRIX = nx.to_numpy_array(NETWORK, dtype=int, nodelist=range(PEOPLE))
LEDA = "LEDA.GRAPH\nvoid\nvoid\n-2\n" + f"{N}\n" + "".join(f"|{{{i:02d}}}|\n" for i in range(N))
LEDA += f"{M}\n" + "".join(f"{u + 1} {v + 1} 0 |{{}}|\n" for u, v in ROWS)
PAJEK = f"*Vertices {N}\n" + "".join(f'{i + 1} "same name"\n' for i in range(N)) + "*Edges\n"
ONE = [(u + 1, v + 1) for u, v in ROWS]
JSONL = "".join(json.dumps({"from": u, "to": v, "at": 3}) + "\n" for u, v in ROWS)
CYTOSCAPE = json.dumps(nx.cytoscape_data(NETWORK))
NEIGHBOURS = [(u, *NETWORK[u]) for u in NETWORK]

#: What must be read as the network: name of the file -> content, and what its user says.
READ: dict[str, tuple[str | bytes, dict[str, object]]] = {
    "spaces.txt": (lines(), {}),
    "tabs.tsv": (lines(join="\t"), {}),
    "commas.csv": (lines(join=","), {}),
    "semicolons.csv": (lines(join=";"), {}),
    "pipes.txt": (lines(join="|"), {}),
    "mixed-spaces.txt": (lines(join=" \t "), {}),
    "old-mac.txt": (lines().replace("\n", "\r"), {}),
    "windows.csv": (lines(join=",", head="from,to\n").replace("\n", "\r\n"), {}),
    "excel-sep.csv": ("sep=;\n" + lines(join=";"), {}),
    "bom.csv": (b"\xef\xbb\xbf" + frame().encode(), {}),
    "utf16.csv": (frame().encode("utf-16"), {}),
    "utf16-said.csv": (frame().encode("utf-16-le"), {"encoding": "utf-16-le"}),
    "snap.txt": ("# Undirected\n# Nodes: 40 Edges: 90\n# FromNodeId\tToNodeId\n" + lines(join="\t"), {}),
    "konect.txt": ("% sym unweighted\n% 90 40 40\n" + lines(ONE), {}),
    "konect-signed.txt": ("% asym signed\n" + lines([(*t, -1, 1189642800) for t in ONE], "\t"), {}),
    "reciprocal.csv": (lines(ROWS + [(v, u) for u, v in ROWS], ",", "follower,followee\n"), {}),
    "loops.csv": (lines([*ROWS, (3, 3), ROWS[0]], ","), {}),
    "times.txt": (lines([(u, v, 1_082_040_961 + u) for u, v in ROWS]), {}),
    "weights.txt": (lines([(u, v, 1 + u % 3) for u, v in ROWS]), {}),
    "bitcoin.csv": (lines([(u, v, -10 + u % 21, 1289241911.72836 + v) for u, v in ROWS], ","), {}),
    "frame.csv": (frame(), {}),
    "frame-index.csv": (FRAME.to_csv(), {}),
    "frame-id.csv": (frame(weight=1.5).replace("\n", "\n,")[:-1].replace("source", ",source", 1), {}),
    "columns.csv": (
        frame(weight=2)[0:0]
        + FRAME.assign(id=range(M), weight=2)[["id", "weight", "target", "source"]].to_csv(index=False),
        {},
    ),
    "unnamed.csv": (pd.DataFrame(ROWS).to_csv(), {}),
    "r-table.txt": (
        '"source" "target"\n' + "".join(f'"{i}" {u} {v}\n' for i, (u, v) in enumerate(ROWS, 1)),
        {},
    ),
    "gephi.csv": (
        FRAME.assign(Type="Undirected", Id=range(M), Weight=1).rename(columns=str.title).to_csv(index=False),
        {},
    ),
    "neo4j.csv": (lines(join=",", head=":START_ID,:END_ID\n"), {}),
    "twitch.csv": (lines(join=",", head="numeric_id_1,numeric_id_2\n"), {}),
    "inviter.csv": (lines([(9, v, u) for u, v in ROWS], ",", "channel,invitee_id,inviter_id\n"), {}),
    "chinese.csv": (lines(join=",", head="关注者,被关注者\n"), {}),
    "chinese-gbk.csv": (
        lines([("八", u, v) for u, v in ROWS], ",", "备注,起点,终点\n").encode("gbk"),
        {"encoding": "gb18030"},
    ),
    "chinese-two.csv": (lines(join=",", head="甲方,乙方\n"), {}),
    "spanish.csv": (lines([(u, "2024", v) for u, v in ROWS], ";", "Origen;Fecha;Destino\n"), {}),
    "german.csv": (lines(join=";", head="Absender;Empfänger\n").encode("latin-1"), {"encoding": "latin-1"}),
    "said-by-name.csv": (lines([(u, v, u) for u, v in ROWS], ",", "x,p,q\n"), {"source": "q", "target": "p"}),
    "said-by-place.csv": (lines([(7, u, v) for u, v in ROWS], ","), {"source": 2, "target": 3}),
    "quoted.csv": (quoted(named), {}),
    "quoted-semicolon.csv": (quoted(lambda i: f"a;{i:02d}", ";"), {}),
    "quoted-lines.csv": (quoted(lambda i: f"line {i:02d}\nand more"), {}),
    "quoted-spaces.txt": (quoted(lambda i: f"User {i:02d}", " "), {}),
    "names.txt": (lines(name=lambda i: f"u{i:02d}"), {}),
    "chinese-names.csv": (lines(join=",", name=lambda i: f"用户{i:02d}"), {}),
    "gbk-names.csv": (lines(join=",", name=lambda i: f"用户{i:02d}").encode("gbk"), {"encoding": "gbk"}),
    "mail.csv": (lines(join=",", name=lambda i: f"a.{i:02d}@example.org"), {}),
    "phones.csv": (lines(join=",", name=lambda i: f"+86138000{i:02d}"), {}),
    "hex.csv": (lines(join=",", name=lambda i: f"{i:02d}e4ab"), {}),
    "long.csv": (lines(join=",", name=lambda i: 4_900_000_000_000_123 + 7 * i), {}),
    "longest.csv": (lines(join=",", name=lambda i: 2**63 - 1000 + i), {}),
    "zeros.csv": (lines(join=",", name=lambda i: f"{i:06d}"), {}),
    "formula.csv": (lines(join=",", name=lambda i: f'="{i:03d}"'), {}),
    "formula-quoted.csv": (quoted(lambda i: f'="{i:03d}"'), {}),
    "gzip.txt.gz": (gzip.compress(lines().encode()), {}),
    "bz2.txt.bz2": (bz2.compress(lines().encode()), {}),
    "xz.csv.xz": (lzma.compress(frame().encode()), {}),
    "zst.csv.zst": (pa.compress(frame().encode(), codec="zstd", asbytes=True), {}),
    "zip.zip": (zipped(edges__csv=frame()), {}),
    "networkx.edgelist": (by(nx.write_edgelist), {}),
    "networkx-data.edgelist": (by(nx.write_edgelist, weighted()), {}),
    "networkx-weights.edgelist": (by(nx.write_weighted_edgelist, weighted()), {}),
    "said.adjlist": (by(nx.write_adjlist), {"format": "adjacency_list"}),
    "neighbours.txt": (lines(NEIGHBOURS), {"format": "adjacency_list"}),
    "neighbours.csv": (lines(NEIGHBOURS, ","), {"format": "adjacency_list"}),
    "neighbours-colon.txt": (
        "".join(f"{u}: {' '.join(map(str, NETWORK[u]))}\n" for u in NETWORK),
        {"format": "adjacency_list"},
    ),
    "multiline.txt": (by(nx.write_multiline_adjlist), {}),
    "net.gml": (by(nx.write_gml), {}),
    "net.graphml": (by(lambda g, out: nx.write_graphml_xml(g, out)), {}),
    "net.gexf": (by(nx.write_gexf), {}),
    "net.graphml.gz": (gzip.compress(by(lambda g, out: nx.write_graphml_xml(g, out))), {}),
    "net.net": (PAJEK + lines(ONE), {}),
    "lists.net": (f"*Vertices {N}\n*Arcslist\n" + lines([[v + 1 for v in row] for row in NEIGHBOURS]), {}),
    "net.mtx": (f"%%MatrixMarket matrix coordinate pattern symmetric\n% c\n{N} {N} {M}\n" + lines(ONE), {}),
    "real.mtx": (
        f"%%MatrixMarket matrix coordinate real general\n{N} {N} {M + 1}\n1 2 0\n"
        + lines([(*t, 0.5) for t in ONE]),
        {},
    ),
    "net.lgr": (LEDA, {}),
    "net.g6": (by(nx.write_graph6), {}),
    "bare.g6": (nx.to_graph6_bytes(NETWORK, header=False), {}),
    "net.s6": (by(nx.write_sparse6), {}),
    "net.col": (f"c from far\np edge {N} {M}\n" + "".join(f"e {u} {v}\n" for u, v in ONE), {}),
    "links.json": (json.dumps(nx.node_link_data(NETWORK, edges="links")), {}),
    "edges.json": (json.dumps(nx.node_link_data(NETWORK, edges="edges")), {}),
    "cytoscape.json": (CYTOSCAPE, {}),
    "pairs.json": (json.dumps(ROWS), {}),
    "records.json": (FRAME.to_json(orient="records"), {}),
    "lines.jsonl": (JSONL, {}),
    "matrix.csv": ("\n".join(",".join(map(str, row)) for row in MATRIX), {}),
    "matrix.txt": ("\n".join(" ".join(map(str, row)) for row in MATRIX), {}),
    "matrix-names.csv": (pd.DataFrame(MATRIX).to_csv(), {}),
    "matrix-corner.csv": (pd.DataFrame(MATRIX).to_csv(index_label="person"), {}),
    "gephi.xml": (by(nx.write_gexf), {}),
    "net.xml": (by(nx.write_graphml), {}),
}

#: What must be refused: name of the file -> content, and words of the answer.
REFUSED: dict[str, tuple[str | bytes, tuple[str, ...]]] = {
    "neighbours.txt": (lines(NEIGHBOURS), ("number of fields changes", "graph.format=adjacency_list")),
    "regular.txt": (lines([(i, (i + 1) % 40, (i + 2) % 40) for i in range(40)]), ("counts the lines",)),
    "regular-mixed.txt": (
        lines([(i * 7 % 40, i * 7 % 40 + 1, i * 7 % 40 + 2) for i in range(39)]),
        ("hold ids",),
    ),
    "net.adjlist": (by(nx.write_adjlist), (".adjlist", "graph.format=adjacency_list")),
    "frame-index-alone.csv": (FRAME.to_csv(header=False), ("counts the lines", "graph.source=COLUMN")),
    "socio.txt": (
        lines([(i // 9, u, v) for i, (u, v) in enumerate(ROWS)], "\t"),
        ("hold ids", "graph.source"),
    ),
    "layers.edges": (lines([(1 + i % 2, u, v, 1) for i, (u, v) in enumerate(ROWS)]), ("hold ids",)),
    "relations.txt": (lines([(f"a{u}", "knows", f"a{v}") for u, v in ROWS]), ("hold ids",)),
    "counts.txt": (f"{N} {M}\n" + lines(), ("count people and ties",)),
    "ring.metis": (
        f"{N} {N}\n" + "".join(f"{(i - 1) % N + 1} {(i + 1) % N + 1}\n" for i in range(N)),
        ("METIS",),
    ),
    "ring.txt": (
        f"{N} {N}\n" + "".join(f"{(i - 1) % N + 1} {(i + 1) % N + 1}\n" for i in range(N)),
        ("METIS",),
    ),
    "metis.txt": (
        f"{N} {M}\n" + lines([[v + 1 for v in row[1:]] for row in NEIGHBOURS]),
        ("number of fields",),
    ),
    "header-alone.csv": ("source,target\n", ("only the header",)),
    "header-unknown-alone.csv": ("foo,bar\n", ("only the header",)),
    "header-unknown.csv": (lines(join=",", head="foo,bar\n", name=lambda i: f"u{i}"), ("may be a header",)),
    "header-three.csv": (lines([(u, v, u) for u, v in ROWS], ",", "x,p,q\n"), ("must name the two people",)),
    "header-apart.csv": (lines([(u, 100 + v) for u, v in ROWS], ",", "foo,bar\n"), ("foo",)),
    "ages.csv": (lines([(u, v) for u, v in ROWS], ",", "user,age\n"), ("must name the two people",)),
    "nodes.csv": (lines([(u, f"n{u}") for u in range(N)], ",", "Id,Label\n"), ("must name the two people",)),
    "orders.csv": (lines([(9, u, v) for u, v in ROWS], ",", "order_id,user_id,product_id\n"), ("purchases",)),
    "items.tsv": (lines(join="\t", head="user_id\titem_id\n"), ("purchases",)),
    "orders-cn.csv": (lines(join=",", head="用户,商品\n"), ("purchases",)),
    "bip.txt": ("% bip unweighted\n" + lines(ONE), ("people and things",)),
    "twice-named.csv": (
        lines([(u, u, v, v) for u, v in ROWS], ",", "source_id,source_name,target_id,target_name\n"),
        ("must name the two people",),
    ),
    "exponents.csv": (lines(join=",", name=lambda i: f"4.9000000000{i:05d}E+15"), ("spreadsheet", "as text")),
    "exponents-header.csv": (
        lines(join=",", head="from,to\n", name=lambda i: f"{4.9e15 + i * 1e9:.8E}"),
        ("rounded",),
    ),
    "rounded.csv": (lines(join=",", name=lambda i: (490_000_000_000_000 + i) * 1000), ("rounded",)),
    "one-exponent.csv": (lines([*ROWS, (1, "4.9E+15")], ","), ("rounded",)),
    "floats.csv": (lines(join=",", name=float), ("whole numbers",)),
    "thousands.csv": (quoted(lambda i: f"1,{100 + i}"), ("whole numbers",)),
    "thousands-cut.csv": (
        lines([(1, 100 + u, 1, 100 + v) for u, v in ROWS], ","),
        ("must not hold thousands",),
    ),
    "both-zeros.csv": (lines([*ROWS, ("007", 9)], ","), ("leading zeros",)),
    "nan.csv": (lines([*ROWS, ("NaN", 9)], ",", name=lambda i: i), ("whole numbers", "missing")),
    "gap.csv": (lines([*ROWS, ("", 9)], ","), ("two ids",)),
    "minus-one.txt": (lines([*ROWS, (-1, 9)]), ("negative",)),
    "minus-one-names.csv": (
        lines([*[(f"a{u}", f"a{v}") for u, v in ROWS], ("-1", "a9")], ","),
        ("negative",),
    ),
    "null-names.csv": (lines([*[(f"a{u}", f"a{v}") for u, v in ROWS], ("NULL", "a9")], ","), ("missing",)),
    "none-names.csv": (lines([*[(f"a{u}", f"a{v}") for u, v in ROWS], ("a9", "None")], ","), ("missing",)),
    "zero-sentinel.csv": (
        lines([*[(10**9 + u, 10**9 + v) for u, v in ROWS], (0, 10**9)], ","),
        ("stands for nobody",),
    ),
    "mixed.csv": (lines([*ROWS, ("anna", 9)], ","), ("whole numbers",)),
    "too-long.csv": (lines(join=",", name=lambda i: 2**64 + i), ("2^63",)),
    "look-alike.csv": (lines([*[(f"a{u}", f"a{v}") for u, v in ROWS], ("'a1'", "a9")], ","), ("alone",)),
    "composed.csv": (lines([("jose\u0301", "a"), ("jos\u00e9", "b"), ("a", "b")], ","), ("alone",)),
    "single-quotes.csv": (lines(join=",", name=lambda i: f"'User {i}, Mr'"), ("must close it", "hold ids")),
    "arrows.txt": (lines(join=" -> "), ("hold ids",)),
    "tuples.txt": ("".join(f"({u}, {v})\n" for u, v in ROWS), ("Python tuples",)),
    "open-quote.csv": (lines(join=",") + '"1,2\n', ("quote",)),
    "gbk.csv": (lines(join=",", head="关注者,被关注者\n").encode("gbk"), ("UTF-8", "graph.encoding=gb18030")),
    "utf16-unmarked.csv": (frame().encode("utf-16-le"), ("UTF-8", "graph.encoding")),
    "page.csv": ("<!DOCTYPE html>\n<html><table><tr><td>1,2</td></tr></table></html>", ("web page",)),
    "sheet.xml": ('<?xml version="1.0"?><Workbook></Workbook>', ("XML",)),
    "bomb.graphml": ('<!DOCTYPE x [<!ENTITY a "aa">]><graphml></graphml>', ("must not declare entities",)),
    "net.dot": ("graph G {\n" + lines(join=" -- ") + "}\n", ("DOT",)),
    "net.dl": (f"dl n={N} format=edgelist1\ndata:\n" + lines(ONE), ("UCINET DL",)),
    "net.vna": ("*node data\nID\n1\n*tie data\nfrom to\n1 2\n", ("UCINET VNA",)),
    "net.gdf": ("nodedef>name VARCHAR\n1\n2\nedgedef>node1 VARCHAR,node2 VARCHAR\n1,2\n", ("GDF",)),
    "net.tgf": ("1 a\n2 b\n3 c\n#\n1 2\n2 3\n", ("Trivial Graph Format",)),
    "net.txt": ("1 a\n2 b\n3 c\n#\n1 2\n2 3\n", ("Trivial Graph Format",)),
    "lgl.txt": ("# a\nb 1.0\nc 2.0\n# b\nc 1.0\n", ("LGL",)),
    "net.sif": (lines([(f"a{u}", "pp", f"a{v}") for u, v in ROWS], "\t"), ("SIF",)),
    "dump.sql": ("CREATE TABLE ties (a int, b int);\nINSERT INTO ties VALUES (1,2);\n", ("SQL",)),
    "table.md": ("| source | target |\n|---|---|\n| 1 | 2 |\n| 2 | 3 |\n", ("Markdown",)),
    "net.yaml": ("- [0, 1]\n- [0, 2]\n- [1, 2]\n", ("YAML",)),
    "matrix.net": (
        f"*Vertices {N}\n*Matrix\n" + "\n".join(" ".join(map(str, row)) for row in MATRIX),
        ("Pajek",),
    ),
    "two-mode.net": ("*Vertices 9 4\n*Edges\n1 5\n", ("one kind of people",)),
    "far.net": ("*Vertices 9\n*Edges\n1 10\n", ("must be 1 to 9",)),
    "rectangle.mtx": ("%%MatrixMarket matrix coordinate pattern general\n9 4 1\n1 1\n", ("square",)),
    "dense.mtx": ("%%MatrixMarket matrix array real general\n2 2\n1\n0\n0\n1\n", ("coordinates",)),
    "short.mtx": ("%%MatrixMarket matrix coordinate pattern general\n9 9 3\n1 2\n", ("promises 3 entries",)),
    "huge.mtx": (
        "%%MatrixMarket matrix coordinate pattern general\n999999999 999999999 1\n1 2\n",
        ("at most",),
    ),
    "huge.s6": (b":~~FFFFFF", ("100,000 people",)),
    "labels.lgr": (LEDA.replace("|{07}|", "|{08}|"), ("must differ",)),
    "tree.json": (json.dumps({"id": 1, "children": [{"id": 2}]}), ("node-link",)),
    "lists.json": (json.dumps({u: list(NETWORK[u]) for u in NETWORK}), ("node-link",)),
    "twice.json": (json.dumps({"nodes": [{"id": 1}, {"id": 1}], "links": []}), ("must differ",)),
    "plain.gml": (lines(), (".gml", "something else")),
    "plain.graphml": (lines(join=","), (".graphml",)),
    "broken.gml": ("graph [\n node [\n id 1\n", ("GML",)),
    "sheet.xlsx": (zipped(**{"[Content_Types]__xml": "", "xl/workbook__xml": ""}), ("Office", "CSV UTF-8")),
    "sheet.csv": (zipped(**{"[Content_Types]__xml": "", "xl/workbook__xml": ""}), ("Office", "CSV UTF-8")),
    "sheet.ods": (zipped(mimetype="", content__xml=""), ("OpenDocument",)),
    "old.xls": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", ("Office",)),
    "two.zip": (zipped(a__csv="1,2\n", b__csv="1,2\n"), ("2 files",)),
    "net.parquet": (b"PAR1....", ("Parquet",)),
    "net.feather": (b"ARROW1\0\0", ("Feather",)),
    "net.db": (b"SQLite format 3\0", ("SQLite",)),
    "net.pkl": (pickle.dumps(ROWS), ("pickle", "never loaded")),
    "net.npy": (b"\x93NUMPY\x01\0", ("NumPy",)),
    "packed.tar.gz": (gzip.compress(bytes(257) + b"ustar" + bytes(250)), ("tar archive",)),
    "tags.csv": (
        lines(join=",", name=lambda i: f"#t{i}" if i % 3 else f"t{i}"),
        ("comment or a tie", "stands once", "may be a header"),
    ),
    "tags.txt": (lines(name=lambda i: f"#t{i}" if i % 3 else f"t{i}"), ("comment or a tie",)),
    "joined.csv": (
        2 * lines([(f"a{u}", f"a{v}") for u, v in ROWS], ",", "source,target\n"),
        ("stands once",),
    ),
    "frame-numbers.csv": (pd.DataFrame(ROWS).to_csv(index=False), ("columns of a frame",)),
    "two-separators.csv": ("".join(f"{u};{v},x\n" for u, v in ROWS), ("whole numbers",)),
    "full-width.csv": (
        lines([("１２", "7"), *ROWS], ","),
        ("whole numbers",),
    ),
    "only-hash.txt": ("# nothing\n", ("only comments",)),
    "blank-first.csv": ("".join(f",{u},{v}\n" for u, v in ROWS), ("two ids", "hold ids")),
    "time-first.txt": (lines([(1_080_902_432 + i, u, v) for i, (u, v) in enumerate(ROWS)]), ("hold ids",)),
    "date-first.csv": (
        lines([(f"2024-01-{i % 28 + 1:02d}", u, v) for i, (u, v) in enumerate(ROWS)], ","),
        ("hold ids", "no date"),
    ),
    "date-second.csv": (
        lines([(u, f"2024/1/{v % 28 + 1}") for u, v in ROWS], ",", "from,to\n"),
        ("no date",),
    ),
    "clock.csv": (lines([(f"a{u}", f"{v % 24}:30") for u, v in ROWS], ",", "from,to\n"), ("no date",)),
    "next-line.csv": (lines([(f"a{u}", f"a\u0085{v}") for u, v in ROWS], ","), ("control characters",)),
    "unknown.csv": (lines([*[(f"a{u}", f"a{v}") for u, v in ROWS], ("未知", "a9")], ","), ("missing",)),
    "tiny-matrix.csv": ("0,1,1\n1,0,0\n0,0,0\n", ("could be either", "graph.format=edge_list")),
    "names-unsorted.csv": (",ann,bo,cy\nbo,1,0,0\nann,0,1,1\ncy,1,0,0\n", ("names people alike",)),
    "incidence.csv": (",e1,e2,e3\nann,1,0,1\nbo,1,1,0\ncy,0,1,1\n", ("must name the two people",)),
    "yes-and-no.csv": (",p,q\nann,0,1\nbo,1,0\ncy,1,0\ndee,1,1\n", ("yes and no",)),
    "clubs.csv": (lines(join=",", head="member,club\n"), ("purchases",)),
    "films.csv": (lines(join=",", head="演员,电影\n"), ("purchases",)),
    "half-header.txt": ("a b\nc a\nc d\n", ("one of its words is an id",)),
    "two-graphs.graphml": (
        by(nx.write_graphml).replace(b"</graph>", b'</graph><graph><node id="x"/></graph>'),
        ("one graph",),
    ),
    "inner.graphml": (
        by(nx.write_graphml).replace(
            b'<node id="3" />', b'<node id="3"><graph><node id="x"/></graph></node>'
        ),
        ("one graph",),
    ),
    "stranger.graphml": (
        by(nx.write_graphml).replace(b"</graph>", b'<edge source="1" target="x"/></graph>'),
        ("lists everybody",),
    ),
    "relations.net": ('*Vertices 3\n*Arcs :1 "likes"\n1 2\n*Arcs :2 "hates"\n2 3\n', ("one kind of ties",)),
}


def written(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


@pytest.mark.parametrize("name", READ)
def test_the_network_is_read_from(name: str, tmp_path: Path) -> None:
    content, said = READ[name]
    graph, _ = read_edge_list(written(tmp_path, name, content), ReadOptions(**said))
    src, dst, _ = graph.edge_arrays()
    assert graph.n == PEOPLE
    assert list(zip(src.tolist(), dst.tolist(), strict=True)) == TIES


@pytest.mark.parametrize("name", REFUSED)
def test_no_other_network_is_read_from(name: str, tmp_path: Path) -> None:
    content, words = REFUSED[name]
    path = written(tmp_path, name, content)
    with pytest.raises(GraphFileError) as caught:
        read_edge_list(path)
    (problem,) = caught.value.problems
    assert problem.startswith(str(path))
    assert "\n" not in problem
    assert "; " in problem
    assert any(word in problem for word in words), problem


def labels(path: Path) -> set[frozenset[int]]:
    """Seats of both ends of every tie."""
    graph, _ = read_edge_list(path)
    src, dst, _ = graph.edge_arrays()
    return {frozenset(tie) for tie in zip(src.tolist(), dst.tolist(), strict=True)}


TRIANGLE = {frozenset(tie) for tie in [(0, 1), (1, 2), (0, 2)]}


@pytest.mark.parametrize(
    ("text", "ties"),
    [
        ("a b\nb c\nc a\n", TRIANGLE),  # words that may head columns are people when they occur below
        ("left right\nright up\nup left\n", TRIANGLE),
        ("0,1,1\n1,0,1\n1,1,0\n", TRIANGLE),
        ("0,.5,.5\n.5,0,2\n.5,2,0\n", TRIANGLE),
        ("0,1,1\n1,0,0\n1,0,0\n", TRIANGLE - {frozenset((1, 2))}),
        (",a,b,c\na,0,2,2\nb,2,0,2\nc,2,2,0\n", TRIANGLE),
        ("1 2 1\n2 3 1\n3 1 1\n", TRIANGLE),  # three ties with weights are no matrix
    ],
)
def test_small_files_are_what_they_are(text: str, ties: set[frozenset[int]], tmp_path: Path) -> None:
    assert labels(written(tmp_path, "small.txt", text)) == ties
