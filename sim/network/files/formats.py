"""The table of formats: what gives each away, and who reads it or what to do instead.

Evidence is content, from the first bytes on. A suffix reads nothing by itself: it only refuses a
file whose content is something else, so that equal bytes never become two networks.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from sim.network.files import listed, structured
from sim.network.files.load import decode, plain_ascii_marks
from sim.network.files.ties import ReadOptions, Ties, refusal

Reader = Callable[[Path, str, ReadOptions], Ties]
_HEAD = 2**16

_AS_CSV = "write the ties as a CSV of two columns (pandas: to_csv(index=False))"
_AS_EDGES = "export it as GraphML or as an edge list (networkx.write_edgelist)"

#: First bytes -> name and remedy of formats that are refused.
BINARY = (
    (b"PAR1", "a Parquet file", _AS_CSV),
    (b"ARROW1", "an Arrow or Feather file", _AS_CSV),
    (b"FEA1", "a Feather file", _AS_CSV),
    (b"\xff\xff\xff\xff", "an Arrow stream", _AS_CSV),
    (b"ORC", "an ORC file", _AS_CSV),
    (b"Obj\x01", "an Avro file", _AS_CSV),
    (b"SQLite format 3\x00", "an SQLite database", "select the ties into a CSV of two columns"),
    (b"\xd0\xcf\x11\xe0", "an old Office file (.xls)", "save the sheet with the ties as 'CSV UTF-8'"),
    (b"\x93NUMPY", "a NumPy array", "save the ties with numpy.savetxt"),
    (b"\x89HDF", "an HDF5 file", _AS_CSV),
    (b"MATLAB 5.0", "a MATLAB file", "save the matrix as Matrix Market (scipy.io.mmwrite)"),
    (b"RDX", "an R data file", "write the ties with write.csv(row.names=FALSE)"),
    (b"X\n\x00", "an R data file", "write the ties with write.csv(row.names=FALSE)"),
    (b"<stata_dta", "a Stata file", _AS_CSV),
    (b"$FL2", "an SPSS file", _AS_CSV),
    (b"%PDF", "a PDF", "give the table that it shows as CSV"),
    (b"\x89PNG", "a picture", "give the ties that it shows as CSV"),
    (b"\x28\xb5\x2f\xfd", "zstd inside another compression", "unpack it first"),
    (b"\x1f\x8b", "gzip inside another compression", "unpack it first"),
    (b"PK\x03\x04", "a zip inside another compression", "unpack it first"),
    (b"7z\xbc\xaf", "a 7-Zip archive", "unpack it and name the file with the ties"),
    (b"Rar!", "a RAR archive", "unpack it and name the file with the ties"),
    (b"\x04\x22\x4d\x18", "an LZ4 file", "unpack it first"),
    (b"\xe2\x9b\xbe gt", "a graph-tool file", "save it as GraphML"),
    *(
        (bytes((0x80, v)), "a Python pickle, which may run code and is never loaded", _AS_EDGES)
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
        "a web page",
        r"(?:<!--(?:.|\n)*?-->\s*)?<(?:!doctype\s+html|html|head|body|table|div)\b",
        remedy="fetch the file itself: this is a page about it, or an error",
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
    _format("UCINET VNA", r"\*(?:node|tie)\s+(?:data|properties)", remedy="export it from UCINET as Pajek"),
    _format("Pajek", r"(?:%.*\n|\s)*\*(?:vertices|network|arcs|edges|matrix)", listed.pajek),
    _format(
        "UCINET DL", r"dl\b[\s,]+(?:n|nr|nc|nm|format|labels|data)\b", remedy="export it from UCINET as Pajek"
    ),
    _format("LEDA", r"(?:#.*\n|\s)*LEDA\.GRAPH", structured.networkx_reader("LEDA")),
    _format("graph6", r">>graph6<<", structured.networkx_reader("graph6")),
    _format("sparse6", r">>sparse6<<", structured.networkx_reader("sparse6")),
    _format("digraph6", r">>digraph6<<"),
    _format("GDF", r"nodedef\s*>", remedy="save it from GUESS or Gephi as GraphML"),
    _format("Tulip", r"\(tlp\b", remedy="save it from Tulip as GEXF"),
    _format("DIMACS", r"(?:c(?:[ \t].*)?\n|\s)*p\s+[a-z]+\s+\d+\s+\d+", listed.dimacs),
    _format(
        "an SQL dump",
        r"(?:--.*\n|/\*(?:.|\n)*?\*/;?|\s)*"
        r"(?:create (?:table|database)|insert into|drop table|pragma|begin transaction|lock tables)\b",
        remedy="select the ties into a CSV of two columns",
    ),
    _format("a Markdown table", r".*\|.*\n\s*\|?[\s:|-]*-{3}[\s:|-]*\n", remedy=_AS_CSV),
    _format("YAML", r"%YAML|---\s*\n|!!|- \S|\w+:\s*\n\s*-? ", remedy=_AS_EDGES),
    _format("a list of Python tuples", r"\(\s*\S+\s*,.*\)", remedy=_AS_EDGES),
    _format("an ARFF file", r"(?:%.*\n|\s)*@relation", remedy=_AS_CSV),
    _format("a KONECT file of people and things (bip)", r"%\s*bip\b", remedy="give a file of who knows whom"),
    _format(
        "a multiline adjacency list",
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
    ".html": "a web page",
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
            raise refusal(path, None, "a graph file is text", name, remedy)
    if data[257:262] == b"ustar":
        raise refusal(
            path, None, "a graph file is text", "a tar archive", "unpack it and name the file with the ties"
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
        other = found.name if found else "something else"
        remedy = _AS_EDGES
        if promised in {"adjacency list", "METIS", "SIF", "LGL"}:
            remedy = f"{_AS_EDGES}, or say graph.format=adjacency_list if each line is a person and friends"
        raise refusal(
            path,
            None,
            f"a {suffix} file holds {promised}, which is not read by its suffix alone",
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
    plain = not any(mark in line for line in lines for mark in ",;|\t")
    if plain and lines[0].startswith("#") and len(set(single)) > 1 and any(line in single for line in later):
        return _format("LGL", "", remedy="write it as NCOL, one tie a line")
    return None
