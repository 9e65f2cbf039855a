"""How consumer groups mix in the network: by chance, or among their own.

Age groups know each other less than chance would have it. Instead of rewiring ties, which
would spoil degrees and triangles, people of like degree swap seats until the wanted share of
ties joins the same group; so a real network keeps its exact shape too.
"""

from __future__ import annotations

import numpy as np

from sim.core.jit import njit
from sim.core.rng import keyed_bits, stream_key
from sim.network.csr import CSRGraph

#: Pairs tried per seat before settling for what was reached.
SWAP_ATTEMPTS = 200


def same_group_excess(graph: CSRGraph, group: np.ndarray) -> float:
    """Newman's assortativity of ``group``: (same - expected) / (1 - expected) over tie ends."""
    src, dst, _ = graph.edge_arrays()
    same = float(np.mean(group[src] == group[dst]))
    expected = _chance_of_same(graph.degree, group)
    return (same - expected) / (1.0 - expected) if expected < 1.0 else 0.0


def gather_groups(graph: CSRGraph, seat_of: np.ndarray, group: np.ndarray, wanted: float, seed: int) -> None:
    """Swap who sits where, in place, until same-group ties exceed chance by ``wanted``.

    Parameters
    ----------
    graph : CSRGraph
        Ties between nodes.
    seat_of : int32[n]
        Seat of each node; changed in place.
    group : int8[n]
        Group of each seat.
    wanted : float
        Newman's assortativity to reach, 0..1; graphs without clustering reach about 0.24.
    seed : int
    """
    expected = _chance_of_same(graph.degree, group[seat_of])
    target = expected + wanted * (1.0 - expected)
    stream = stream_key(seed, "graph.assortativity", -1)
    _swap_seats(
        graph.indptr, graph.indices, seat_of, group.astype(np.int8), target, SWAP_ATTEMPTS * graph.n, stream
    )


@njit(cache=True)
def _swap_seats(
    indptr: np.ndarray,
    indices: np.ndarray,
    seat_of: np.ndarray,
    group: np.ndarray,
    target: float,
    attempts: int,
    stream: np.uint64,
) -> None:
    """Swap random pairs of different groups whenever that adds same-group ties."""
    n = seat_of.shape[0]
    kind = np.empty(n, np.int8)
    for i in range(n):
        kind[i] = group[seat_of[i]]
    same = 0
    for u in range(n):
        for k in range(indptr[u], indptr[u + 1]):
            same += kind[u] == kind[indices[k]]
    goal = target * indices.shape[0]
    for attempt in range(attempts):
        if same >= goal:
            break
        bits = keyed_bits(stream, attempt, 0)
        a = int((bits >> np.uint64(32)) % np.uint64(n))
        b = int((bits & np.uint64(0xFFFFFFFF)) % np.uint64(n))
        here, there = indptr[a + 1] - indptr[a], indptr[b + 1] - indptr[b]
        # Only people of like degree swap: else one group could be herded into the hubs.
        if kind[a] == kind[b] or 8 * abs(here - there) > here + there:
            continue
        gain = _gain(indptr, indices, kind, a, b) + _gain(indptr, indices, kind, b, a)
        if gain > 0:
            same += 2 * gain
            kind[a], kind[b] = kind[b], kind[a]
            seat_of[a], seat_of[b] = seat_of[b], seat_of[a]


@njit(cache=True)
def _gain(indptr: np.ndarray, indices: np.ndarray, kind: np.ndarray, a: int, b: int) -> int:
    """Same-group ties that node ``a`` wins by taking the group of ``b`` (their own tie aside)."""
    gain = 0
    for k in range(indptr[a], indptr[a + 1]):
        v = indices[k]
        if v != b:
            gain += int(kind[v] == kind[b]) - int(kind[v] == kind[a])
    return gain


def _chance_of_same(degree: np.ndarray, group: np.ndarray) -> float:
    """Probability that two random tie ends are of one group."""
    shares = np.bincount(group, weights=degree) / degree.sum()
    return float(np.sum(shares**2))
