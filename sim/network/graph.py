"""The social graph of a world: parameters, construction, cache and a line for reports.

A configuration names a generator or a real edge list; :func:`build_graph` turns it into
acquaintance ties over seats, shuffled so that a seat's number says nothing about its place,
mixed with the consumer groups as strongly as assortativity asks, with strong and weak ties.
Generated graphs are kept in a cache keyed by everything that shapes them.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from importlib.metadata import version
from pathlib import Path

import numpy as np

from sim.core.atomic import commit
from sim.core.errors import ConfigError, GraphFileError
from sim.core.kept import Kept, keep
from sim.core.language import tr
from sim.core.mmap_npz import map_arrays, save_arrays
from sim.core.rng import builder, stream_key
from sim.core.sealed import discard
from sim.core.sources import module_digest
from sim.network import generators, topology
from sim.network.blocks import block_graph, clustering_by_degree
from sim.network.csr import CSRGraph, with_strength, with_strong_ties
from sim.network.degrees import alike, falling_clustering, pareto_lognormal
from sim.network.edge_list import Network, read_network
from sim.network.followers import Followers, build_followers
from sim.network.graph_params import GraphParams
from sim.network.mixing import gather_groups, same_group_excess

__all__ = [
    "CSRGraph",
    "Followers",
    "GraphInfo",
    "GraphParams",
    "build_followers",
    "build_graph",
    "check_size",
    "population_size",
]

#: Libraries that draw or order what a generator makes; their versions are part of a cached graph's name.
_LIBRARIES = ("networkx", "numba", "numpy", "scipy")
#: Graphs of this process with their descriptions, newest last: the runs of a worker mostly share one.
#: Nothing writes to a finished graph, and its file's name says all that shapes it.
_HELD: dict[Path, tuple[tuple[int, ...], CSRGraph, GraphInfo]] = {}
_MOST_HELD = 2


@dataclass(frozen=True)
class GraphInfo:
    """What was built, in numbers for reports.

    Attributes
    ----------
    kind : str
        Generator, or ``edge_list``.
    file : str
        File that was read, without folders; empty if none was.
    nodes, edges : int
        People and ties.
    mean_degree : float
        Ties per person.
    strong_share : float
        Share of ties that are strong.
    assortativity : float
        Same-group ties in excess of chance, as a share of what is possible; 0 without groups.
    graph : CSRGraph
        The ties; ``clustering`` and ``tail_exponent`` are measured on them when they are asked for.
    notes : tuple of Kept
        What reading a file dropped or skipped.
    """

    kind: str
    file: str
    nodes: int
    edges: int
    mean_degree: float
    strong_share: float
    assortativity: float
    graph: CSRGraph = field(compare=False, repr=False)
    notes: tuple[Kept, ...] = ()

    @cached_property
    def clustering(self) -> float:
        """Mean local clustering, sampled above 20,000 people."""
        return topology.clustering(self.graph)

    @cached_property
    def tail_exponent(self) -> float:
        """Exponent of the degree tail, if that is a power law at all; nan without a tail."""
        return topology.tail_exponent(self.graph.degree)[0]

    @property
    def line(self) -> Kept:
        """One line for reports."""
        name = keep("generated network ({kind})", kind=" ".join(filter(None, (self.kind, self.file))))
        if self.kind == "edge_list":
            name = keep("real network {file}", file=self.file)
        tail = keep("no degree tail to judge")
        if not math.isnan(self.tail_exponent):
            tail = keep("degree tail exponent {exponent:.2f} if a power law", exponent=self.tail_exponent)
        return keep(
            "{name}: {people:,} people, {ties:,} ties, mean degree {degree:.1f}, clustering "
            "{clustering:.2f}, {tail}",
            name=name,
            people=self.nodes,
            ties=self.edges,
            degree=self.mean_degree,
            clustering=self.clustering,
            tail=tail,
        )


def population_size(params: GraphParams, size: int) -> int:
    """People in the world: the configured ``size``, or what the edge list holds.

    Raises
    ------
    GraphFileError
        If the edge list cannot be read.
    """
    return read_network(str(params.path), params.reading).graph.n if params.kind == "edge_list" else size


def build_graph(
    params: GraphParams,
    n: int | None,
    seed: int,
    group: np.ndarray | None = None,
    cache: str | Path | None = None,
) -> tuple[CSRGraph, GraphInfo]:
    """Build the acquaintance graph of one world.

    Parameters
    ----------
    params : GraphParams
    n : int or None
        People; an edge list sets its own number (then None or that number).
    seed : int
        Seed of the replication.
    group : int8[n], optional
        Consumer groups; needed for assortativity.
    cache : path, optional
        Folder that keeps generated graphs; None builds afresh.

    Raises
    ------
    ConfigError
        If the population is too small for the mean degree, or differs from the edge list's.
    GraphFileError
        If the edge list is missing or malformed.
    """
    if cache is None or params.kind == "edge_list":
        graph, notes = _grown(params, n, seed, group)
        return graph, _describe(params, graph, group, notes)
    file = Path(cache) / f"graph-{_cache_key(params, n, seed, group)}.npz"
    held = _HELD.get(file)
    if held is None or held[0] != _stamp(file):
        graph = _cached(file, params, n, seed, group)
        while len(_HELD) >= _MOST_HELD:
            _HELD.pop(next(iter(_HELD)), None)
        held = _HELD[file] = _stamp(file), graph, _describe(params, graph, group, ())
    return held[1:]


def _cached(file: Path, params: GraphParams, n: int | None, seed: int, group: np.ndarray | None) -> CSRGraph:
    """A generated graph from its file, which is made when it is absent or torn."""
    graph = _load_cached(file)
    if graph is None:
        graph, _ = _grown(params, n, seed, group)
        _save_cached(file, graph)
    return graph


def _stamp(file: Path) -> tuple[int, ...]:
    """What changes when a file is replaced or damaged; nothing if it is gone."""
    try:
        found = file.stat()
    except OSError:
        return ()
    return found.st_ino, found.st_size, found.st_mtime_ns


def _grown(
    params: GraphParams, n: int | None, seed: int, group: np.ndarray | None
) -> tuple[CSRGraph, tuple[Kept, ...]]:
    """A finished graph made afresh, and notes on a file that was read."""
    bare, weights, notes = _bare_graph(params, n, seed)
    seat_of = builder(seed, "graph.seats").permutation(bare.n).astype(np.int32)
    if group is not None and params.assortativity > 0:
        gather_groups(bare, seat_of, group, params.assortativity, seed)
    graph = bare.relabel(seat_of)
    if weights is None:
        return with_strength(graph, params.strong_share, stream_key(seed, "graph.strength", -1)), notes
    strong, note = _heaviest(params, weights)
    src, dst, _ = bare.edge_arrays()
    return with_strong_ties(graph, seat_of[src[strong]], seat_of[dst[strong]]), (*notes, note)


def _heaviest(params: GraphParams, weights: np.ndarray) -> tuple[np.ndarray, Kept]:
    """bool[edges]: ties at or above the weight that comes nearest to the strong share, and a note.

    Ties of one weight are strong together or not at all, so the share is met as nearly as the
    weights allow.
    """
    values, counts = np.unique(weights, return_counts=True)
    if len(values) < 2:
        raise GraphFileError(
            tr(
                "{path}: graph.weight must tell ties apart (found {value:g} for all); name another "
                "column, or leave it out and strong ties are drawn",
                path=params.path,
                value=values[0],
            )
        )
    shares = counts[::-1].cumsum()[::-1] / counts.sum()
    cut = int(np.argmin(np.abs(shares - params.strong_share)))
    nobody = params.strong_share < shares[-1] / 2
    strong = np.zeros(len(weights), bool) if nobody else weights >= values[cut]
    return strong, keep(
        "ties of weight {weight:g} or more are strong: {share:.1%} of all",
        weight=float(values[cut]),
        share=float(strong.mean()),
    )


def _bare_graph(
    params: GraphParams, n: int | None, seed: int
) -> tuple[CSRGraph, np.ndarray | None, tuple[Kept, ...]]:
    """Make the ties before seats are shuffled; weights and notes of a file that was read."""
    if params.kind == "edge_list":
        network: Network = read_network(str(params.path), params.reading)
        graph, report = network.graph, network.report
        if n is not None and n != graph.n:
            raise ConfigError(
                tr(
                    "population.size must equal the {people:,} people of {file} (you wrote {n:,}); an edge "
                    "list sets the population size, leave it to the file",
                    people=graph.n,
                    file=report.file,
                    n=n,
                )
            )
        return graph, network.weights, tuple(report.lines[1:])
    check_size(params, n or 0)
    return _GENERATORS[params.kind](params, n or 0, seed), None, ()


def check_size(params: GraphParams, n: int) -> None:
    """Refuse a population that is too small for a generated network.

    Raises
    ------
    ConfigError
    """
    if params.kind == "like":
        other = read_network(str(params.path), params.reading).graph
        mean, what = float(other.degree.mean()), tr("the mean degree of {path}", path=params.path)
    else:
        mean, what = params.mean_degree, "graph.mean_degree"
    if n < 2 * mean:
        raise ConfigError(
            tr(
                "population.size must be at least twice {what} = {mean:.4g} (you wrote {n}); raise "
                "the size or lower the degree",
                what=what,
                mean=mean,
                n=n,
            )
        )


def _links(params: GraphParams) -> int:
    """Ties each newcomer of a growing network brings."""
    return max(1, round(params.mean_degree / 2))


def _pareto_lognormal(params: GraphParams, n: int, seed: int) -> CSRGraph:
    """Clustered graph with a lognormal body and a power-law tail of degrees."""
    most = min(params.max_degree, n - 1)
    degree = pareto_lognormal(n, params.mean_degree, params.exponent, params.degree_spread, most, seed)
    return block_graph(degree, falling_clustering(degree, params.clustering), seed)


def _like(params: GraphParams, n: int, seed: int) -> CSRGraph:
    """Graph of any size with the degrees, and the clustering by degree, of the network of a file."""
    other = read_network(str(params.path), params.reading).graph
    degree = alike(n, other.degree, seed)
    return block_graph(degree, clustering_by_degree(other)[: degree[-1] + 1], seed)


_GENERATORS: dict[str, Callable[[GraphParams, int, int], CSRGraph]] = {
    "powerlaw_cluster": lambda p, n, seed: generators.powerlaw_cluster(
        n, _links(p), p.triangle_probability, seed
    ),
    "networkx": lambda p, n, seed: generators.networkx_powerlaw_cluster(
        n, _links(p), p.triangle_probability, seed
    ),
    "pareto_lognormal": _pareto_lognormal,
    "like": _like,
    "barabasi_albert": lambda p, n, seed: generators.barabasi_albert(n, _links(p), seed),
    "configuration": lambda p, n, seed: generators.configuration(
        n, p.exponent, p.mean_degree, p.max_degree, seed
    ),
}


def _describe(
    params: GraphParams, graph: CSRGraph, group: np.ndarray | None, notes: tuple[Kept, ...]
) -> GraphInfo:
    """Measure a finished graph."""
    return GraphInfo(
        kind=params.kind,
        file=Path(params.path).name if params.path else "",
        nodes=graph.n,
        edges=graph.edges,
        mean_degree=2.0 * graph.edges / graph.n,
        strong_share=float(graph.strength.mean()),
        assortativity=same_group_excess(graph, group) if group is not None else 0.0,
        graph=graph,
        notes=notes,
    )


def _cache_key(params: GraphParams, n: int | None, seed: int, group: np.ndarray | None) -> str:
    """Hash of the code that generates, parameters, size, seed and groups."""
    made_by = [module_digest("network/graph.py"), *(version(name) for name in _LIBRARIES)]
    described = json.dumps([made_by, params.model_dump(mode="json"), n, seed], sort_keys=True)
    digest = hashlib.sha256(described.encode())
    if params.kind == "like":  # what the file says, whatever it is called
        digest.update(read_network(str(params.path), params.reading).graph.indices)
    if group is not None:
        digest.update(np.ascontiguousarray(group, np.int8).tobytes())
    return digest.hexdigest()[:24]


def _load_cached(file: Path) -> CSRGraph | None:
    """Read a cached graph, or None if it is absent or damaged (it is then built again)."""
    try:
        held = map_arrays(file, file.stem)
        return CSRGraph(held["indptr"], held["indices"], held["strength"])
    except (ValueError, KeyError) as error:
        discard(file, error, "paths.cache")
    except OSError:
        pass
    return None


def _save_cached(file: Path, graph: CSRGraph) -> None:
    """Keep a graph whole or not at all: a killed run leaves nothing half-made."""

    def save(temporary: Path) -> None:
        with temporary.open("wb") as out:
            arrays = {"indptr": graph.indptr, "indices": graph.indices, "strength": graph.strength}
            save_arrays(out, arrays, file.stem)

    commit(file, save, "paths.cache")
