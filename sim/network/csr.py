"""Acquaintance ties as compressed sparse rows: who knows whom, and how well.

A tie is undirected and stored in both directions, neighbours sorted by seat, with one byte
saying whether the acquaintance is strong. Everything is built in linear time by counting
(no sort, no Python objects), because a million consumers share about twelve million rows.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.core.errors import InputError
from sim.core.jit import njit
from sim.core.rng import keyed_uniform

if TYPE_CHECKING:
    import networkx as nx

#: Largest graph that :meth:`CSRGraph.to_networkx` converts unasked (about 1 GB of Python objects).
NETWORKX_LIMIT = 100_000


@dataclass(frozen=True, eq=False)
class CSRGraph:
    """An undirected graph over seats ``0..n-1``.

    Attributes
    ----------
    indptr : int64[n + 1]
        Row of seat ``i`` is ``indices[indptr[i]:indptr[i + 1]]``.
    indices : int32[2 * edges]
        Neighbours, sorted within each row.
    strength : uint8[2 * edges]
        1 = strong acquaintance, 0 = weak; the same in both directions of a tie.
    """

    indptr: np.ndarray
    indices: np.ndarray
    strength: np.ndarray

    @property
    def n(self) -> int:
        """Number of seats."""
        return len(self.indptr) - 1

    @property
    def edges(self) -> int:
        """Number of ties (each counted once)."""
        return len(self.indices) // 2

    @property
    def degree(self) -> np.ndarray:
        """int64[n]: ties of each seat."""
        return np.diff(self.indptr)

    @cached_property
    def widest(self) -> int:
        """Ties of whoever has most, at least 1; looked for once, because ties do not change."""
        return max(1, int(self.degree.max(initial=1)))

    def neighbours(self, seat: int) -> np.ndarray:
        """int32[degree]: neighbours of ``seat``, sorted, as a view."""
        return self.indices[self.indptr[seat] : self.indptr[seat + 1]]

    @classmethod
    def from_edges(cls, n: int, src: np.ndarray, dst: np.ndarray) -> CSRGraph:
        """Build from ``m`` ties given once each, in any order and direction.

        Self-loops and repeated ties are dropped; all ties start weak
        (see :func:`with_strength`).

        Parameters
        ----------
        n : int
            Number of seats.
        src, dst : int array[m]
            Ends of the ties, each ``0..n-1``.

        Raises
        ------
        ValueError
            If the arrays differ in length or an end lies outside ``0..n-1``.
        """
        return from_edges_counted(n, src, dst)[0]

    @classmethod
    def from_networkx(cls, graph: nx.Graph) -> CSRGraph:
        """Build from an undirected NetworkX graph; seats follow its node order."""
        seat = {node: i for i, node in enumerate(graph)}
        rows = [row for _, row in graph.adjacency()]
        src = np.repeat(np.arange(len(rows), dtype=np.int32), [len(row) for row in rows])
        dst = np.fromiter((seat[v] for row in rows for v in row), np.int32, count=len(src))
        once = src < dst
        return cls.from_edges(len(seat), src[once], dst[once])

    def to_networkx(self, force: bool = False) -> nx.Graph:
        """Convert to NetworkX, with the edge attribute ``strong``.

        Raises
        ------
        InputError
            If the graph has more than :data:`NETWORKX_LIMIT` seats and ``force`` is not set.
        """
        if self.n > NETWORKX_LIMIT and not force:
            raise InputError(
                f"to_networkx: graphs above {NETWORKX_LIMIT:,} people take gigabytes as Python objects "
                f"(this one has {self.n:,}); pass force=True if you mean it"
            )
        import networkx as nx

        graph = nx.Graph()
        graph.add_nodes_from(range(self.n))
        src, dst, strong = self.edge_arrays()
        ties = zip(src.tolist(), dst.tolist(), strong.tolist(), strict=True)
        graph.add_edges_from((u, v, {"strong": bool(s)}) for u, v, s in ties)
        return graph

    def edge_arrays(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Every tie once: src int32[edges], dst int32[edges] (src < dst), strength uint8[edges]."""
        src = np.repeat(np.arange(self.n, dtype=np.int32), self.degree)
        once = src < self.indices
        return src[once], self.indices[once], self.strength[once]

    def relabel(self, seat_of: np.ndarray) -> CSRGraph:
        """Move node ``i`` to seat ``seat_of[i]`` (a permutation); strengths start weak again."""
        src, dst, _ = self.edge_arrays()
        return CSRGraph.from_edges(self.n, seat_of[src], seat_of[dst])


def from_edges_counted(n: int, src: Any, dst: Any) -> tuple[CSRGraph, int, int]:
    """:meth:`CSRGraph.from_edges`, and how many repeats and self-loops it dropped.

    Returns
    -------
    graph : CSRGraph
    duplicates : int
        Ties given again, in either direction.
    self_loops : int
        Ties from a seat to itself.
    """
    src = np.ascontiguousarray(src, np.int32)
    dst = np.ascontiguousarray(dst, np.int32)
    if src.shape != dst.shape or src.ndim != 1:
        raise ValueError(f"src and dst must be equally long 1-D arrays, got {src.shape} and {dst.shape}")
    if len(src) and (min(src.min(), dst.min()) < 0 or max(src.max(), dst.max()) >= n):
        raise ValueError(f"ends of ties must lie in 0..{n - 1}")
    indptr, indices, duplicates, self_loops = _symmetric_rows(n, src, dst)
    graph = CSRGraph(indptr, indices, np.zeros(len(indices), np.uint8))
    return graph, int(duplicates), int(self_loops)


def with_strength(graph: CSRGraph, strong_share: float, stream: np.uint64) -> CSRGraph:
    """Return the same ties with strengths drawn once per tie, alike in both directions.

    Parameters
    ----------
    graph : CSRGraph
    strong_share : float
        Probability that a tie is strong, 0..1.
    stream : uint64
        Key of the draws (:func:`sim.core.rng.stream_key`); a tie is keyed by its two seats.
    """
    return CSRGraph(
        graph.indptr, graph.indices, _draw_strength(graph.indptr, graph.indices, strong_share, stream)
    )


def with_strong_ties(graph: CSRGraph, src: np.ndarray, dst: np.ndarray) -> CSRGraph:
    """Return the same ties, of which exactly the given ones are strong.

    Parameters
    ----------
    graph : CSRGraph
    src, dst : int array[m]
        Ends of the strong ties, once each, in any direction.
    """
    low, high = np.minimum(src, dst).astype(np.int64), np.maximum(src, dst)
    own, friend = np.repeat(np.arange(graph.n), graph.degree), graph.indices.astype(np.int64)
    row = np.minimum(own, friend) * graph.n + np.maximum(own, friend)
    strength = np.isin(row, low * graph.n + high).astype(np.uint8)
    return CSRGraph(graph.indptr, graph.indices, strength)


@njit(cache=True)
def _symmetric_rows(n: int, src: np.ndarray, dst: np.ndarray) -> tuple[np.ndarray, np.ndarray, int, int]:
    """Symmetric rows without self-loops and repeats, each row sorted."""
    indptr = np.zeros(n + 1, np.int64)
    self_loops = 0
    for e in range(src.shape[0]):
        if src[e] == dst[e]:
            self_loops += 1
            continue
        indptr[src[e] + 1] += 1
        indptr[dst[e] + 1] += 1
    for i in range(n):
        indptr[i + 1] += indptr[i]
    rough = _fill_both(n, src, dst, indptr)
    # Reading the rows in seat order and writing each entry into its neighbour's row leaves
    # every row sorted, because the ties are symmetric: a transposition instead of a sort.
    place = indptr[:-1].copy()
    ordered = np.empty(rough.shape[0], np.int32)
    for u in range(n):
        for k in range(indptr[u], indptr[u + 1]):
            v = rough[k]
            ordered[place[v]] = u
            place[v] += 1
    tight, kept = _squeeze(n, indptr, ordered)
    return tight, ordered[:kept].copy(), (ordered.shape[0] - kept) // 2, self_loops


@njit(cache=True)
def _fill_both(n: int, src: np.ndarray, dst: np.ndarray, indptr: np.ndarray) -> np.ndarray:
    """Each tie into the rows of both ends, in input order."""
    place = indptr[:-1].copy()
    rows = np.empty(indptr[n], np.int32)
    for e in range(src.shape[0]):
        u, v = src[e], dst[e]
        if u == v:
            continue
        rows[place[u]] = v
        place[u] += 1
        rows[place[v]] = u
        place[v] += 1
    return rows


@njit(cache=True)
def _squeeze(n: int, indptr: np.ndarray, rows: np.ndarray) -> tuple[np.ndarray, int]:
    """Drop repeats within sorted ``rows`` in place; return the new indptr and length."""
    tight = np.zeros(n + 1, np.int64)
    kept = 0
    for u in range(n):
        previous = -1
        for k in range(indptr[u], indptr[u + 1]):
            if rows[k] != previous:
                previous = rows[k]
                rows[kept] = previous
                kept += 1
        tight[u + 1] = kept
    return tight, kept


@njit(cache=True)
def _draw_strength(
    indptr: np.ndarray, indices: np.ndarray, strong_share: float, stream: np.uint64
) -> np.ndarray:
    """uint8[2 * edges]: one keyed draw per tie, read from both of its ends."""
    strength = np.zeros(indices.shape[0], np.uint8)
    for u in range(indptr.shape[0] - 1):
        for k in range(indptr[u], indptr[u + 1]):
            v = indices[k]
            low, high = (u, v) if u < v else (v, u)
            if keyed_uniform(stream, low, high) < strong_share:
                strength[k] = 1
    return strength
