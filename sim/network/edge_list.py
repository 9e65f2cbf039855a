"""Reading a real network into acquaintance ties, and a report of what its file held.

What people actually have is tolerated and reported: comments, a header line, ids with gaps
or names instead of ids, repeats, reversed repeats, self-loops, extra columns. What cannot be
a network, or could be two, stops with one line that names the file, the line, the rule, what
was found and what to do.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

from sim.core.kept import Kept, keep
from sim.core.language import tr
from sim.network.csr import CSRGraph, from_edges_counted
from sim.network.files import listed
from sim.network.files.delimited import read_table
from sim.network.files.formats import head, recognised
from sim.network.files.ids import check_labels
from sim.network.files.load import decode, load
from sim.network.files.ties import ReadOptions, Ties, check_size, refusal

__all__ = ["EdgeListReport", "Network", "ReadOptions", "read_edge_list", "read_network"]


@dataclass(frozen=True)
class EdgeListReport:
    """What a file held and what was left out.

    Attributes
    ----------
    file : str
        File name without folders.
    format : str
        ``csv``, ``tsv``, ``text`` or a format's name, with ``, gzip`` or so if compressed.
    nodes, edges : int
        People and ties kept.
    duplicates : int
        Ties given again, in either direction, dropped.
    self_loops : int
        Ties of a node to itself, dropped.
    comment_lines : int
        Lines starting with ``#`` or ``%``.
    header : str
        Header line that was skipped, or empty.
    ignored_columns : int
        Columns beside ids and weight (times, kinds), ignored.
    named_ids : bool
        True if nodes are named rather than numbered.
    notes : tuple of Kept
        Further remarks on how the file was read.
    """

    file: str
    format: str
    nodes: int
    edges: int
    duplicates: int
    self_loops: int
    comment_lines: int
    header: str
    ignored_columns: int
    named_ids: bool
    notes: tuple[Kept, ...] = ()

    @property
    def lines(self) -> list[Kept]:
        """The report as readable lines."""
        out = [
            keep(
                "{file} ({format}): {people:,} people, {ties:,} ties",
                file=self.file,
                format=self.format,
                people=self.nodes,
                ties=self.edges,
            )
        ]
        if self.duplicates or self.self_loops:
            repeats, loops = self.duplicates, self.self_loops
            out.append(
                keep(
                    "dropped {repeats:,} repeated ties and {loops:,} self-loops", repeats=repeats, loops=loops
                )
            )
        if self.comment_lines:
            out.append(keep("skipped {lines:,} comment lines", lines=self.comment_lines))
        if self.header:
            out.append(keep("skipped the header '{header}'", header=self.header))
        if self.ignored_columns:
            out.append(
                keep(
                    "ignored {columns} further column(s) (graph.weight=COLUMN takes weights)",
                    columns=self.ignored_columns,
                )
            )
        return [*out, *self.notes]


@dataclass(frozen=True, eq=False)
class Network:
    """A network as its file gives it.

    Attributes
    ----------
    graph : CSRGraph
        All ties weak; nodes take seats in the order of their ids (or names).
    weights : float64[edges], optional
        Sum of the weights of each tie, in the order of :meth:`CSRGraph.edge_arrays`.
    report : EdgeListReport
    """

    graph: CSRGraph
    weights: np.ndarray | None
    report: EdgeListReport


def read_edge_list(path: str | Path, options: ReadOptions | None = None) -> tuple[CSRGraph, EdgeListReport]:
    """Read a network file; nodes take seats in the order of their ids (or names).

    Parameters
    ----------
    path : str or Path
        One tie a line, or one of the other formats that docs/networks.md lists.
    options : ReadOptions, optional
        Columns, encoding and format, where the file leaves them open.

    Returns
    -------
    graph : CSRGraph
        All ties weak.
    report : EdgeListReport

    Raises
    ------
    GraphFileError
        If the file is missing, too large, damaged, of a format that is not read, or ambiguous.
    """
    network = read_network(path, options)
    return network.graph, network.report


def read_network(path: str | Path, options: ReadOptions | None = None) -> Network:
    """Read a network file with its weights; see :func:`read_edge_list`.

    The network read last is kept while its file stays as it is.

    Raises
    ------
    GraphFileError
        As :func:`read_edge_list`.
    """
    path = Path(path)
    stamp: tuple[int, ...] = ()
    if path.is_file():
        found = path.stat()
        stamp = (found.st_ino, found.st_size, found.st_mtime_ns)
    return _read(path, options or ReadOptions(), stamp)


@lru_cache(maxsize=1)
def _read(path: Path, options: ReadOptions, stamp: tuple[int, ...]) -> Network:
    """Read a file whose identity is ``stamp``."""
    content = load(path)
    ties = check_labels(path, _ties(path, content.data, options))
    check_size(path, len(ties.labels), ties.ends.shape[1])
    if ties.weights is None and options.weight is not None:
        raise refusal(
            path,
            None,
            tr("graph.weight must be a column of the file"),
            tr("a {format}", format=ties.format),
            tr("leave it out"),
        )
    seat, numbered = _seats(ties)
    ends = seat[ties.ends]
    graph, duplicates, self_loops = from_edges_counted(len(ties.labels), ends[0], ends[1])
    if graph.edges == 0:
        rule, found = tr("at least one tie must join two different nodes"), tr("only self-loops")
        raise refusal(path, None, rule, found if self_loops else tr("no tie"), tr("check the file"))
    report = EdgeListReport(
        file=path.name,
        format=ties.format + (f", {content.packing}" if content.packing else ""),
        nodes=graph.n,
        edges=graph.edges,
        duplicates=duplicates,
        self_loops=self_loops,
        comment_lines=ties.comments,
        header=ties.header,
        ignored_columns=ties.ignored,
        named_ids=not numbered,
        notes=_notes(ties),
    )
    return Network(graph, _summed(ends, ties.weights, graph), report)


def _ties(path: Path, data: bytes, options: ReadOptions) -> Ties:
    """What a file says, by the reader of its format."""
    found = recognised(path, data, options)
    if found is not None:
        if found.reader is None:
            raise refusal(
                path,
                None,
                tr("{name} is not read", name=tr(found.name)),
                tr("its first lines"),
                tr(found.remedy),
            )
        return found.reader(path, decode(path, data, options.encoding), options)
    if options.format == "adjacency_list":
        return listed.adjacency_list(path, decode(path, data, options.encoding), options)
    if options.format is None and options.source is None and listed.is_square(path, head(data, options)):
        table = listed.matrix(path, decode(path, data, options.encoding), options)
        if table is not None:
            return table
    ties = read_table(path, data, options)
    _refuse_yes_and_no(path, ties)
    _refuse_counts(path, ties)
    return ties


def _refuse_yes_and_no(path: Path, ties: Ties) -> None:
    """Refuse a table whose columns of ids hold 0 and 1 alone: it says who has what, not who knows whom."""
    if ties.ends.shape[1] > 2 and {str(label) for label in ties.labels[:3]} == {"0", "1"}:
        rule, found = tr("ids must be people, and these columns say yes and no"), "0 and 1 alone"
        remedy = tr("name the columns with graph.source and graph.target, or give a square matrix of ties")
        raise refusal(path, None, rule, found, remedy)


def _refuse_counts(path: Path, ties: Ties) -> None:
    """Refuse a first line that counts people and ties: the line is none of them."""
    if ties.header or ties.ends.shape[1] < 5:
        return
    first = [str(ties.labels[end]) for end in ties.ends[:, 0]]
    rest = ties.ends[:, 1:]
    if not all(label.isascii() and label.isdigit() for label in first):
        return
    people, lines, columns = int(first[0]), rest.shape[1], 2 + ties.ignored
    largest = max((int(x) for x in np.unique(np.asarray(ties.labels)[rest]) if str(x).isdigit()), default=0)
    counted = int(first[1]) == lines or (people == lines and 2 * int(first[1]) == columns * lines)
    if counted and people >= largest:
        rule = tr("the first line seems to count people and ties, as in METIS files")
        raise refusal(
            path,
            None,
            rule,
            tr("'{first}' above {lines:,} lines", first=" ".join(first), lines=lines),
            tr("delete that line if the rest are ties"),
        )


def _seats(ties: Ties) -> tuple[np.ndarray, bool]:
    """Seat of each label in the order of ids, and whether these are numbers."""
    seat = np.empty(len(ties.labels), np.int64)
    numbered = isinstance(ties.labels, np.ndarray)
    order = np.argsort(ties.labels) if numbered else sorted(range(len(seat)), key=ties.labels.__getitem__)
    seat[order] = np.arange(len(seat))
    return seat, numbered


def _summed(ends: np.ndarray, weights: np.ndarray | None, graph: CSRGraph) -> np.ndarray | None:
    """float64[edges]: weights of repeats and of both directions added up."""
    if weights is None:
        return None
    apart = ends[0] != ends[1]
    low, high = ends.min(axis=0)[apart], ends.max(axis=0)[apart]
    _, tie = np.unique(low * graph.n + high, return_inverse=True)
    return np.bincount(tie, weights=weights[apart], minlength=graph.edges)


def _notes(ties: Ties) -> tuple[Kept, ...]:
    """Remarks of the reader, and a warning about columns that share nobody."""
    notes = list(ties.notes)
    if not np.isin(np.unique(ties.ends[0]), np.unique(ties.ends[1])).any():
        notes.append(keep("nobody stands in both columns: make sure that both hold people"))
    if not isinstance(ties.labels, np.ndarray):
        alike = len(ties.labels) - len({label.casefold() for label in ties.labels})
        if alike:
            notes.append(
                keep(
                    "{alike:,} ids differ from another by capital letters alone: they are kept apart",
                    alike=alike,
                )
            )
    return tuple(notes)
