"""The table of formats: what gives each away, and who reads it or what to do instead.

Evidence is content, from the first bytes on. A suffix reads nothing by itself: it only refuses a
file whose content is something else, so that equal bytes never become two networks.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from sim.core.language import mark, tr
from sim.network.files import listed, structured
from sim.network.files.load import decode, plain_ascii_marks
from sim.network.files.ties import ReadOptions, Ties, refusal

Reader = Callable[[Path, str, ReadOptions], Ties]
_HEAD = 2**16

_AS_CSV = mark("write the ties as a CSV of two columns (pandas: to_csv(index=False))")
_AS_EDGES = mark("export it as GraphML or as an edge list (networkx.write_edgelist)")

#: First bytes -> name and remedy of formats that are refused.
BINARY = (
    (b"PAR1", mark("a Parquet file"), _AS_CSV),
    (b"ARROW1", mark("an Arrow or Feather file"), _AS_CSV),
    (b"FEA1", mark("a Feather file"), _AS_CSV),
    (b"\xff\xff\xff\xff", mark("an Arrow stream"), _AS_CSV),
    (b"ORC", mark("an ORC file"), _AS_CSV),
    (b"Obj\x01", mark("an Avro file"), _AS_CSV),
    (b"SQLite format 3\x00", mark("an SQLite database"), mark("select the ties into a CSV of two columns")),
    (
        b"\xd0\xcf\x11\xe0",
        mark("an old Office file (.xls)"),
        mark("save the sheet with the ties as 'CSV UTF-8'"),
    ),
    (b"\x93NUMPY", mark("a NumPy array"), mark("save the ties with numpy.savetxt")),
    (b"\x89HDF", mark("an HDF5 file"), _AS_CSV),
    (b"MATLAB 5.0", mark("a MATLAB file"), mark("save the matrix as Matrix Market (scipy.io.mmwrite)")),
    (b"RDX", mark("an R data file"), mark("write the ties with write.csv(row.names=FALSE)")),
    (b"X\n\x00", mark("an R data file"), mark("write the ties with write.csv(row.names=FALSE)")),
    (b"<stata_dta", mark("a Stata file"), _AS_CSV),
    (b"$FL2", mark("an SPSS file"), _AS_CSV),
    (b"%PDF", mark("a PDF"), mark("give the table that it shows as CSV")),
    (b"\x89PNG", mark("a picture"), mark("give the ties that it shows as CSV")),
    (b"\x28\xb5\x2f\xfd", mark("zstd inside another compression"), mark("unpack it first")),
    (b"\x1f\x8b", mark("gzip inside another compression"), mark("unpack it first")),
    (b"PK\x03\x04", mark("a zip inside another compression"), mark("unpack it first")),
    (b"7z\xbc\xaf", mark("a 7-Zip archive"), mark("unpack it and name the file with the ties")),
    (b"Rar!", mark("a RAR archive"), mark("unpack it and name the file with the ties")),
    (b"\x04\x22\x4d\x18", mark("an LZ4 file"), mark("unpack it first")),
    (b"\xe2\x9b\xbe gt", mark("a graph-tool file"), mark("save it as GraphML")),
    *(
        (bytes((0x80, v)), mark("a Python pickle, which may run code and is never loaded"), _AS_EDGES)
        for v in range(2, 6)
    ),
)


@dataclass(frozen=True)
class Format:
    """A text format: the pattern its text begins with, and its reader or what to do instead."""

    name: str
    evidence: re.Pattern[str]
    reader: Reader | None = None
    remedy: str = _AS_EDGES


def _format(name: str, evidence: str, reader: Reader | None = None, remedy: str = _AS_EDGES) -> Format:
    return Format(name, re.compile(evidence, re.IGNORECASE), reader, remedy)


#: The first whose evidence matches the beginning of a text is the file's format.
FORMATS = (
    _format("GraphML", r"<(?:.|\n)*?<?graphml[\s>]", structured.networkx_reader("GraphML")),
    _format("GEXF", r"<(?:.|\n)*?<?gexf[\s>]", structured.networkx_reader("GEXF")),
    _format(
        mark("a web page"),
        r"(?:<!--(?:.|\n)*?-->\s*)?<(?:!doctype\s+html|html|head|body|table|div)\b",
        remedy=mark("fetch the file itself: this is a page about it, or an error"),
    ),
    _format("RDF", r"<https?://|@prefix\b", remedy=_AS_CSV),
    _format("XML", r"<[?!a-z]", remedy=_AS_CSV),
    _format(
        "GML",
        r"(?:#.*\n|\s|(?:creator|version|comment|label)\b.*\n)*graph\s*\[",
        structured.networkx_reader("GML"),
    ),
    _format("DOT", r"(?:/\*(?:.|\n)*?\*/|(?://|#).*\n|\s)*(?:strict\s+)?(?:di)?graph\b[^\[\n]*\{"),
    _format("Mermaid", r"(?:graph|flowchart)\s+(?:td|tb|bt|lr|rl)\b"),
    _format("JSON", r"[\[{]", structured.json_network),
    _format("Matrix Market", r"%%MatrixMarket", listed.matrix_market),
    _format(
        "UCINET VNA", r"\*(?:node|tie)\s+(?:data|properties)", remedy=mark("export it from UCINET as Pajek")
    ),
    _format("Pajek", r"(?:%.*\n|\s)*\*(?:vertices|network|arcs|edges|matrix)", listed.pajek),
    _format(
        "UCINET DL",
        r"dl\b[\s,]+(?:n|nr|nc|nm|format|labels|data)\b",
        remedy=mark("export it from UCINET as Pajek"),
    ),
    _format("LEDA", r"(?:#.*\n|\s)*LEDA\.GRAPH", structured.networkx_reader("LEDA")),
    _format("graph6", r">>graph6<<", structured.networkx_reader("graph6")),
    _format("sparse6", r">>sparse6<<", structured.networkx_reader("sparse6")),
    _format("digraph6", r">>digraph6<<"),
    _format("GDF", r"nodedef\s*>", remedy=mark("save it from GUESS or Gephi as GraphML")),
    _format("Tulip", r"\(tlp\b", remedy=mark("save it from Tulip as GEXF")),
    _format("DIMACS", r"(?:c(?:[ \t].*)?\n|\s)*p\s+[a-z]+\s+\d+\s+\d+", listed.dimacs),
    _format(
        mark("an SQL dump"),
        r"(?:--.*\n|/\*(?:.|\n)*?\*/;?|\s)*"
        r"(?:create (?:table|database)|insert into|drop table|pragma|begin transaction|lock tables)\b",
        remedy=mark("select the ties into a CSV of two columns"),
    ),
    _format(mark("a Markdown table"), r".*\|.*\n\s*\|?[\s:|-]*-{3}[\s:|-]*\n", remedy=_AS_CSV),
    _format("YAML", r"%YAML|---\s*\n|!!|- \S|\w+:\s*\n\s*-? ", remedy=_AS_EDGES),
    _format(mark("a list of Python tuples"), r"\(\s*\S+\s*,.*\)", remedy=_AS_EDGES),
    _format(mark("an ARFF file"), r"(?:%.*\n|\s)*@relation", remedy=_AS_CSV),
    _format(
        mark("a KONECT file of people and things (bip)"),
        r"%\s*bip\b",
        remedy=mark("give a file of who knows whom"),
    ),
    _format(
        mark("a multiline adjacency list"),
        r"(?:#.*\n|\s)*(\S+)[ ]\d+\n\S+[ ]\{.*\}\s*\n",
        structured.networkx_reader("multiline adjacency list"),
    ),
)

#: Suffixes that promise a format. Content that is none of it is refused rather than read otherwise.
SUFFIXES = {
    ".gml": "GML",
    ".graphml": "GraphML",
    ".gexf": "GEXF",
    ".net": "Pajek",
    ".paj": "Pajek",
    ".mtx": "Matrix Market",
    ".mm": "Matrix Market",
    ".json": "JSON",
    ".jsonl": "JSON",
    ".ndjson": "JSON",
    ".geojson": "JSON",
    ".dot": "DOT",
    ".gv": "DOT",
    ".dl": "UCINET DL",
    ".vna": "UCINET VNA",
    ".lgr": "LEDA",
    ".g6": "graph6",
    ".s6": "sparse6",
    ".gdf": "GDF",
    ".tlp": "Tulip",
    ".gw": "LEDA",
    ".xml": "XML",
    ".xlsx": "Excel",
    ".xlsm": "Excel",
    ".xls": "Excel",
    ".ods": "OpenDocument",
    ".parquet": "Parquet",
    ".feather": "Feather",
    ".arrow": "Arrow",
    ".pkl": "pickle",
    ".pickle": "pickle",
    ".p": "pickle",
    ".npy": "NumPy",
    ".npz": "NumPy",
    ".mat": "MATLAB",
    ".rds": "R",
    ".rdata": "R",
    ".h5": "HDF5",
    ".sqlite": "SQLite",
    ".db": "SQLite",
    ".lgl": "LGL",
    ".sif": "SIF",
    ".tgf": "Trivial Graph Format",
    ".metis": "METIS",
    ".graph": "METIS",
    ".adjlist": "adjacency list",
    ".html": mark("a web page"),
}
_PACKED = {".gz", ".bz2", ".xz", ".zst", ".zip"}
_CODED = {".g6": "graph6", ".s6": "sparse6"}


def recognised(path: Path, data: bytes, options: ReadOptions) -> Format | None:
    """Find the format of a file's content, or None for a table of ties.

    Raises
    ------
    GraphFileError
        If it is a binary format, or not what its suffix promises.
    """
    for magic, name, remedy in BINARY:
        if data.startswith(magic):
            raise refusal(path, None, tr("a graph file is text"), tr(name), tr(remedy))
    if data[257:262] == b"ustar":
        raise refusal(
            path,
            None,
            tr("a graph file is text"),
            tr("a tar archive"),
            tr("unpack it and name the file with the ties"),
        )
    if options.format is not None:
        return None
    text = head(data, options).lstrip("\n \t\ufeff")
    found = next((form for form in FORMATS if form.evidence.match(text)), None)
    suffix = path.with_suffix("").suffix if path.suffix.lower() in _PACKED else path.suffix
    promised = SUFFIXES.get(suffix.lower())
    if found is None and suffix.lower() in _CODED and len(text.split()) == 1:
        name = _CODED[suffix.lower()]
        return Format(name, re.compile(""), structured.networkx_reader(name))
    if found is None:
        found = _by_lines(text)
    if promised == "XML" and found is not None and found.name in ("GraphML", "GEXF"):
        return found
    if promised and (found is None or (promised not in (found.name, "METIS") and found.reader is not None)):
        other = tr(found.name) if found else tr("something else")
        remedy = tr(_AS_EDGES)
        if promised in {"adjacency list", "METIS", "SIF", "LGL"}:
            remedy = tr(
                "{as_edges}, or say graph.format=adjacency_list if each line is a person and friends",
                as_edges=tr(_AS_EDGES),
            )
        raise refusal(
            path,
            None,
            tr(
                "a {suffix} file holds {promised}, which is not read by its suffix alone",
                suffix=suffix,
                promised=tr(promised),
            ),
            other,
            remedy,
        )
    return found


def head(data: bytes, options: ReadOptions) -> str:
    """Text of the first lines, with replacement characters where bytes are no text."""
    part = data[:_HEAD]
    if plain_ascii_marks(data) is None:
        return decode(Path(), part[: len(part) - len(part) % 4], None) if _decodes(part) else ""
    return (
        part.decode(options.encoding or "utf-8-sig", errors="replace")
        .replace("\r\n", "\n")
        .replace("\r", "\n")
    )


def _decodes(part: bytes) -> bool:
    """True if bytes after a mark are text of that mark's encoding, as far as they go."""
    return b"\x00" in part


def _by_lines(text: str) -> Format | None:
    """Formats in which ``#`` is no comment: they show in the middle of a text."""
    lines = [line.strip() for line in text.split("\n")]
    data = [bool(line) and not line.startswith("#") for line in lines]
    first = data.index(True) if any(data) else len(lines)
    later = [line for line in lines[first:] if line.startswith("#")]
    single = [line for line in lines if line.startswith("#") and len(line[1:].split()) == 1]
    if "#" in later and any(data[lines.index("#", first) :]):
        return _format("Trivial Graph Format", "", remedy=_AS_EDGES)
    plain = not any(sign in line for line in lines for sign in ",;|\t")
    if plain and lines[0].startswith("#") and len(set(single)) > 1 and any(line in single for line in later):
        return _format("LGL", "", remedy=mark("write it as NCOL, one tie a line"))
    return None
