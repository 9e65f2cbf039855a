"""Networks with given degrees and given clustering: circles of like people, joined at random.

People of like degree stand together in blocks that are as large as their degrees allow. Within a block
each pair is tied with one chance, which makes the triangles; the ties that people still lack are
matched at random, and repeats and loops are swapped away, so that everybody's degree is kept exactly.

Source: block two-level Erdos-Renyi graphs (Seshadhri, Kolda & Pinar 2012; Kolda, Pinar, Plantenga &
Seshadhri 2014). They keep degrees on average; here the second level is a matching of half-ties, and the
chances within blocks are corrected for the triangles that this matching and hubs close by accident.
"""

from __future__ import annotations

import numpy as np

from sim.core.jit import njit
from sim.core.rng import builder, keyed_uniform, stream_key
from sim.network.csr import CSRGraph
from sim.network.topology import local_clustering

#: Times the chances within blocks are corrected by what came out.
CORRECTIONS = 6
#: Largest factor by which one correction changes a chance.
LARGEST_STEP = 3.0
#: People whose clustering is looked at for a correction.
SAMPLE = 20_000
#: Width of the window over log degree in which clustering is averaged.
WINDOW = 0.2
#: Random ties tried for one that may not stand, before all ties are tried in turn.
SWAPS = 1_000


def block_graph(degree: np.ndarray, wanted: np.ndarray, seed: int) -> CSRGraph:
    """Build a graph of these degrees whose clustering falls with degree as wanted.

    Parameters
    ----------
    degree : int64[n]
        Ties of each node, ascending, 1 to ``n - 1``, with an even sum.
    wanted : float64[degree.max() + 1]
        Mean local clustering of nodes by degree, 0..1.
    seed : int

    Returns
    -------
    CSRGraph
        Nodes in the order of ``degree``. All degrees are met, unless no simple graph has them.

    Raises
    ------
    ValueError
        If the degrees are not ascending or their sum is odd.
    """
    if np.any(np.diff(degree) < 0) or degree.sum() % 2:
        raise ValueError("degrees must ascend and have an even sum")
    chance = wanted
    graph = _built(degree, chance, seed)
    for _ in range(CORRECTIONS):
        found = clustering_by_degree(graph)
        found = np.maximum(np.append(found, np.full(len(wanted) - len(found), found[-1])), 1e-6)
        step = np.clip(wanted / found, 1.0 / LARGEST_STEP, LARGEST_STEP)
        chance = np.clip(chance * step, 0.0, 1.0)
        graph = _built(degree, chance, seed)
    return graph


def clustering_by_degree(graph: CSRGraph) -> np.ndarray:
    """float64[largest degree + 1]: mean local clustering of seats of about each degree; 0 below 2.

    Averaged in a Gaussian window over log degree, so that the few seats of a large degree do not decide
    alone; on up to :data:`SAMPLE` seats, every k-th by degree.
    """
    degree = graph.degree
    several = np.flatnonzero(degree > 1)
    out = np.zeros(graph.widest + 1)
    if not len(several):
        return out
    several = several[np.argsort(degree[several], kind="stable")]
    looked = several[:: -(-len(several) // SAMPLE)]
    at = degree[looked]
    count = np.bincount(at)
    there = np.flatnonzero(count)
    total = np.bincount(at, local_clustering(graph, looked))[there]
    grid = np.unique(np.geomspace(2, graph.widest, 60).astype(np.int64)) if graph.widest > 1 else there
    near = np.exp(-0.5 * ((np.log(grid)[:, None] - np.log(there)[None, :]) / WINDOW) ** 2)
    near = np.maximum(near, 1e-300)  # a degree far from all others takes after the nearest
    means = (near @ total) / (near @ count[there])
    out[2:] = np.interp(np.log(np.arange(2, graph.widest + 1)), np.log(grid), means)
    return out


def _built(degree: np.ndarray, chance: np.ndarray, seed: int) -> CSRGraph:
    """One graph: ties within blocks, then the rest."""
    src, dst = _within_blocks(degree, np.cbrt(chance), stream_key(seed, "graph.blocks", -1))
    lacking = degree - np.bincount(src, minlength=len(degree)) - np.bincount(dst, minlength=len(degree))
    stubs = np.repeat(np.arange(len(degree), dtype=np.int32), lacking)
    builder(seed, "graph.block_stubs").shuffle(stubs)
    joined = _join(src, dst, stubs, len(degree), SWAPS, stream_key(seed, "graph.block_swaps", -1))
    return CSRGraph.from_edges(len(degree), *joined)


@njit(cache=True)
def _within_blocks(
    degree: np.ndarray, chance: np.ndarray, stream: np.uint64
) -> tuple[np.ndarray, np.ndarray]:
    """Ties within blocks (src, dst int32): a block of people with ``d`` ties or more has ``d + 1`` of them.

    So nobody gets more ties than wanted. A seat's ties close a triangle if three pairs are tied, hence the
    cube root of the wanted clustering.
    """
    n = degree.shape[0]
    src, dst = np.empty(degree.sum(), np.int32), np.empty(degree.sum(), np.int32)
    made = first = 0
    while first < n and degree[first] < 2:
        first += 1
    while first < n:
        end = min(first + degree[first] + 1, n)
        for u in range(first, end):
            for v in range(u + 1, end):
                if keyed_uniform(stream, u, v) < chance[degree[first]]:
                    src[made], dst[made] = u, v
                    made += 1
        first = end
    return src[:made], dst[:made]


@njit(cache=True)
def _join(
    src: np.ndarray, dst: np.ndarray, stubs: np.ndarray, n: int, swaps: int, stream: np.uint64
) -> tuple[np.ndarray, np.ndarray]:
    """Ties with the half-ties ``stubs`` joined two by two: src, dst int32.

    A loop or a repeat trades ends with a random joined tie; the ties within blocks stay. Where ``swaps``
    of them do not fit, each tie is tried in turn, at last those within blocks too, and only what fits with
    none of them is left out.
    """
    fixed, pairs = src.shape[0], stubs.shape[0] // 2
    a, b = np.empty(fixed + pairs, np.int32), np.empty(fixed + pairs, np.int32)
    a[:fixed], b[:fixed] = src, dst
    known = {np.int64(-1)}
    for e in range(fixed):
        known.add(_pair(src[e], dst[e], n))
    made, refused = fixed, np.empty(pairs, np.int64)
    waiting = 0
    for p in range(pairs):
        u, v = stubs[2 * p], stubs[2 * p + 1]
        if u != v and _pair(u, v, n) not in known:
            known.add(_pair(u, v, n))
            a[made], b[made] = u, v
            made += 1
        else:
            refused[waiting] = p
            waiting += 1
    for w in range(waiting):
        u, v = stubs[2 * refused[w]], stubs[2 * refused[w] + 1]
        for attempt in range(swaps + 2 * made):
            if attempt >= swaps:  # luck found none: every tie, the joined ones first, from either end
                e = made - 1 - (attempt - swaps) // 2
            elif made == fixed:
                continue
            else:
                e = fixed + int(keyed_uniform(stream, refused[w], attempt) * (made - fixed))
            x, y = a[e], b[e]
            if attempt >= swaps and (attempt - swaps) % 2:
                x, y = y, x
            one, other = _pair(u, x, n), _pair(v, y, n)
            if u == x or v == y or one == other or one in known or other in known:
                continue
            known.remove(_pair(x, y, n))
            known.add(one)
            known.add(other)
            a[e], b[e], a[made], b[made] = u, x, v, y
            made += 1
            break
    return a[:made], b[:made]


@njit(inline="always")
def _pair(u: int, v: int, n: int) -> np.int64:
    """One number for an unordered pair."""
    return np.int64(min(u, v)) * n + max(u, v)
