"""Synthetic acquaintance networks: fat-tailed degrees, with or without clustering.

Each generator returns a :class:`~sim.network.csr.CSRGraph` whose early nodes may be its hubs;
:func:`sim.network.graph.build_graph` shuffles the seats afterwards. The clustered power law is
grown in numba at every size, because NetworkX's own version takes about seventy times as long
and pops its targets from a set, low numbers first, which doubles the largest hubs whenever
triangles are closed; it stays available for comparison.
"""

from __future__ import annotations

import numpy as np

from sim.core.errors import ConfigError
from sim.core.jit import njit
from sim.core.language import tr
from sim.core.rng import builder, keyed_uniform, mix_int, stream_key
from sim.network.csr import CSRGraph

#: Largest graph that NetworkX grows for us (18-48 s and 1.7 GB at a million).
NETWORKX_NODES = 100_000


def powerlaw_cluster(n: int, links: int, triangle_probability: float, seed: int) -> CSRGraph:
    """Growing network with triad formation (Holme & Kim 2002).

    Parameters
    ----------
    n : int
        People, more than ``links``.
    links : int
        Ties each newcomer brings (half the mean degree).
    triangle_probability : float
        Chance that a newcomer's next tie closes a triangle, 0..1.
    seed : int
    """
    src, dst = _grow_clustered(n, links, triangle_probability, stream_key(seed, "graph.holme_kim", -1))
    return CSRGraph.from_edges(n, src, dst)


def networkx_powerlaw_cluster(n: int, links: int, triangle_probability: float, seed: int) -> CSRGraph:
    """NetworkX's ``powerlaw_cluster_graph``, for comparison; arguments as :func:`powerlaw_cluster`.

    Raises
    ------
    ConfigError
        Above :data:`NETWORKX_NODES` people.
    """
    if n > NETWORKX_NODES:
        raise ConfigError(
            tr(
                "graph.kind networkx serves up to {networkx_nodes:,} people (you asked for {n:,}); "
                "use graph.kind=powerlaw_cluster",
                networkx_nodes=NETWORKX_NODES,
                n=n,
            )
        )
    import networkx as nx

    return CSRGraph.from_networkx(
        nx.powerlaw_cluster_graph(n, links, triangle_probability, seed=mix_int(seed) >> 32)
    )


def barabasi_albert(n: int, links: int, seed: int) -> CSRGraph:
    """Preferential attachment; P(k) = 2m(m+1) / (k(k+1)(k+2)) for k >= m = ``links``.

    Source: Barabasi & Albert 1999; the exact law is from Dorogovtsev, Mendes & Samukhin 2000.
    """
    src, dst = _grow_preferential(n, links, stream_key(seed, "graph.barabasi_albert", -1))
    return CSRGraph.from_edges(n, src, dst)


def configuration(n: int, exponent: float, mean_degree: float, max_degree: int, seed: int) -> CSRGraph:
    """Power-law degrees joined by stub matching; self-loops and repeats are erased.

    The start of the power law follows from the wanted mean (:func:`power_law_degrees`).
    """
    degrees, weights = power_law_degrees(exponent, mean_degree, min(max_degree, n - 1))
    rng = builder(seed, "graph.configuration")
    return match_stubs(draw_degrees(n, degrees, weights, rng), rng)


def power_law(exponent: float, low: int, high: int) -> tuple[np.ndarray, np.ndarray]:
    """Degrees ``low..high`` (int64[k]) and their probabilities proportional to k^-exponent."""
    degrees = np.arange(low, high + 1)
    weights = degrees.astype(np.float64) ** -exponent
    return degrees, weights / weights.sum()


def power_law_degrees(exponent: float, mean: float, high: int) -> tuple[np.ndarray, np.ndarray]:
    """Find the power law up to ``high`` whose mean is ``mean``: a mix of two neighbouring starts.

    Raises
    ------
    ConfigError
        If no start between 1 and ``high`` gives that mean.
    """
    low = 1
    while low < high and _mean(exponent, low + 1, high) < mean:
        low += 1
    below, above = _mean(exponent, low, high), _mean(exponent, min(low + 1, high), high)
    if not below <= mean <= above:
        raise ConfigError(
            tr(
                "graph.mean_degree must be {least:.3g}..{high} for graph.exponent {exponent:g} "
                "and graph.max_degree {high} (you wrote {mean:g}); change the mean or the exponent",
                least=_mean(exponent, 1, high),
                high=high,
                exponent=exponent,
                mean=mean,
            )
        )
    share = (mean - below) / (above - below) if above > below else 0.0
    degrees, weights = power_law(exponent, low, high)
    weights = weights * (1.0 - share)
    weights[1:] += share * power_law(exponent, low + 1, high)[1]
    return degrees, weights


def draw_degrees(n: int, degrees: np.ndarray, weights: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """int64[n]: a degree for each node; one node gets one more if the sum would be odd."""
    edges = np.cumsum(weights)
    drawn: np.ndarray = degrees[np.searchsorted(edges, rng.random(n) * edges[-1], side="right")]
    drawn[rng.integers(n)] += drawn.sum() % 2
    return drawn


def match_stubs(degree: np.ndarray, rng: np.random.Generator) -> CSRGraph:
    """Join half-ties at random (configuration model), erasing self-loops and repeats."""
    stubs = np.repeat(np.arange(len(degree), dtype=np.int32), degree)
    rng.shuffle(stubs)
    return CSRGraph.from_edges(len(degree), stubs[::2], stubs[1::2])


def _mean(exponent: float, low: int, high: int) -> float:
    degrees, weights = power_law(exponent, low, high)
    return float(np.sum(degrees * weights))


@njit(cache=True)
def _pick(ends: np.ndarray, filled: int, stream: np.uint64, counter: int) -> int:
    """Draw a node in proportion to its degree: a uniform draw from the list of tie ends."""
    return int(ends[int(keyed_uniform(stream, counter, 0) * filled)])


@njit(cache=True)
def _linked(dst: np.ndarray, first: int, last: int, node: int) -> bool:
    """Whether ``node`` is among the newcomer's ties ``dst[first:last]``."""
    for e in range(first, last):  # noqa: SIM110 (a generator expression costs a closure in numba)
        if dst[e] == node:
            return True
    return False


@njit(cache=True)
def _grow_preferential(n: int, m: int, stream: np.uint64) -> tuple[np.ndarray, np.ndarray]:
    """Ties of the growing network: src, dst int32[m * (n - m)]; the seed is a star."""
    total = m * (n - m)
    src, dst = np.empty(total, np.int32), np.empty(total, np.int32)
    ends = np.empty(2 * total, np.int32)
    for e in range(m):
        src[e], dst[e], ends[2 * e], ends[2 * e + 1] = m, e, m, e
    made, counter = m, 0
    for node in range(m + 1, n):
        first = made
        while made < first + m:
            target = _pick(ends, 2 * first, stream, counter)
            counter += 1
            if not _linked(dst, first, made, target):
                src[made], dst[made] = node, target
                made += 1
        for e in range(first, made):
            ends[2 * e], ends[2 * e + 1] = node, dst[e]
    return src, dst


@njit(cache=True)
def _grow_clustered(n: int, m: int, triangle: float, stream: np.uint64) -> tuple[np.ndarray, np.ndarray]:
    """As :func:`_grow_preferential`, closing a triangle with probability ``triangle``."""
    total = m * (n - m)
    src, dst = np.empty(total, np.int32), np.empty(total, np.int32)
    ends = np.empty(2 * total, np.int32)
    # Neighbour lists live in one pool; a full list moves to the pool's end at twice the size.
    start, room, count = np.zeros(n, np.int64), np.zeros(n, np.int32), np.zeros(n, np.int32)
    pool, used = np.empty(6 * m * n + 64, np.int32), 0
    for e in range(m):
        src[e], dst[e], ends[2 * e], ends[2 * e + 1] = m, e, m, e
        pool, used = _befriend(pool, used, start, room, count, e, m, m)
        pool, used = _befriend(pool, used, start, room, count, m, e, m)
    made, counter = m, 0
    for node in range(m + 1, n):
        first, anchor = made, -1
        while made < first + m:
            target = -1
            if anchor >= 0 and keyed_uniform(stream, counter, 1) < triangle:
                friends = pool[start[anchor] : start[anchor] + count[anchor]]
                target = _friend_of(friends, dst, first, made, stream, counter)
            counter += 1
            if target < 0:
                target = _pick(ends, 2 * first, stream, counter)
                counter += 1
                if _linked(dst, first, made, target):
                    continue
                anchor = target
            src[made], dst[made] = node, target
            made += 1
        for e in range(first, made):
            ends[2 * e], ends[2 * e + 1] = node, dst[e]
            pool, used = _befriend(pool, used, start, room, count, node, dst[e], m)
            pool, used = _befriend(pool, used, start, room, count, dst[e], node, m)
    return src, dst


@njit(cache=True)
def _friend_of(
    friends: np.ndarray, dst: np.ndarray, first: int, made: int, stream: np.uint64, counter: int
) -> int:
    """Draw a friend to whom the newcomer has no tie yet, or -1 if there is none."""
    if friends.shape[0] <= made - first:  # only then can all of them be taken
        free = 0
        for f in friends:
            free += not _linked(dst, first, made, f)
        if free == 0:
            return -1
    attempt = 2
    while True:
        friend = int(friends[int(keyed_uniform(stream, counter, attempt) * len(friends))])
        if not _linked(dst, first, made, friend):
            return friend
        attempt += 1


@njit(cache=True)
def _befriend(
    pool: np.ndarray,
    used: int,
    start: np.ndarray,
    room: np.ndarray,
    count: np.ndarray,
    node: int,
    friend: int,
    m: int,
) -> tuple[np.ndarray, int]:
    """Append ``friend`` to the list of ``node``, moving the list when it is full."""
    if count[node] == room[node]:
        size = max(2 * m, 2 * room[node])
        if used + size > pool.shape[0]:
            larger = np.empty(2 * pool.shape[0] + size, np.int32)
            larger[:used] = pool[:used]
            pool = larger
        for k in range(count[node]):
            pool[used + k] = pool[start[node] + k]
        start[node], room[node] = used, size
        used += size
    pool[start[node] + count[node]] = friend
    count[node] += 1
    return pool, used
