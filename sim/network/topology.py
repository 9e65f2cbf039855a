"""What a graph looks like: clustering and the tail of its degrees, as reports describe a network."""

from __future__ import annotations

import math

import numpy as np

from sim.core.jit import njit
from sim.network.csr import CSRGraph

#: Up to this many seats the clustering is exact, above it a systematic sample of this size / 4.
EXACT_CLUSTERING = 20_000


def clustering(graph: CSRGraph) -> float:
    """Mean local clustering coefficient (Watts & Strogatz 1998), sampled above 20,000 seats."""
    step = 1 if graph.n <= EXACT_CLUSTERING else graph.n // (EXACT_CLUSTERING // 4)
    return float(local_clustering(graph, np.arange(0, graph.n, step)).mean())


def local_clustering(graph: CSRGraph, seats: np.ndarray) -> np.ndarray:
    """float64[len(seats)]: share of a seat's pairs of neighbours that know each other; 0 below two."""
    found: np.ndarray = _local_clustering(graph.indptr, graph.indices, seats)
    return found


def tail_exponent(degree: np.ndarray) -> tuple[float, int]:
    """Exponent of the degree tail and where the tail begins.

    Maximum likelihood for each candidate start (Clauset, Shalizi & Newman 2009, eq. 3.7), the
    start with the smallest Kolmogorov-Smirnov distance wins. It names an exponent for any
    sample; whether a power law fits at all is another question (the tests ask it).

    Returns
    -------
    exponent : float
        nan when fewer than 50 seats lie in every candidate tail.
    start : int
        Smallest degree of the tail.
    """
    from sim.core.special import zeta  # here, because a run needs nothing else of scipy

    values, counts = np.unique(degree[degree > 0], return_counts=True)
    best = (math.inf, math.nan, 0)
    above = counts[::-1].cumsum()[::-1]
    candidates = np.flatnonzero(above >= 50)[:-1]
    if not len(candidates):  # everybody has the same degree, or there are fewer than fifty
        return math.nan, 0
    for i in candidates[np.unique(np.linspace(0, max(len(candidates) - 1, 0), 60).astype(int))]:
        k, c, total = values[i:], counts[i:], above[i]
        exponent = 1.0 + total / float(np.sum(c * np.log(k / (k[0] - 0.5))))
        if (beyond := zeta(exponent, k[0])) == 0.0:  # so steep that the tail is one degree
            continue
        fitted = zeta(exponent, k) / beyond
        distance = float(np.max(np.abs(above[i:] / total - fitted)))
        best = min(best, (distance, float(exponent), int(k[0])))
    return best[1], best[2]


@njit(cache=True)
def _local_clustering(indptr: np.ndarray, indices: np.ndarray, seats: np.ndarray) -> np.ndarray:
    """float64[len(seats)]: share of a seat's pairs of neighbours that know each other."""
    out = np.zeros(seats.shape[0], np.float64)
    stamp = np.full(indptr.shape[0] - 1, -1, np.int64)
    for s in range(seats.shape[0]):
        u = seats[s]
        degree = indptr[u + 1] - indptr[u]
        if degree < 2:
            continue
        for k in range(indptr[u], indptr[u + 1]):
            stamp[indices[k]] = s
        closed = 0
        for k in range(indptr[u], indptr[u + 1]):
            v = indices[k]
            for j in range(indptr[v], indptr[v + 1]):
                if stamp[indices[j]] == s:
                    closed += 1
        out[s] = closed / (degree * (degree - 1))
    return out
