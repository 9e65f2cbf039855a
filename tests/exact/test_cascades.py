"""X03-X07: the cascade engine of a market day, held to enumerations and branching-process theory.

Every cascade has its own key, so each is an independent replication; means must lie within
three standard errors of theory, with the error from theory where it is known.
"""

from __future__ import annotations

import math

import networkx as nx
import numpy as np
import pytest
from scipy.optimize import brentq

from sim.core.rng import stream_key
from sim.network.cascade import FEW_FRIENDS, POISSON, Hops, spread
from sim.network.csr import CSRGraph, with_strong_ties

pytestmark = pytest.mark.exact

BATCH = 20_000
#: A Poisson audience of this mean leaves nobody out of seventeen acquaintances (chance 1e-11).
EVERYBODY = 60.0


def cascades(graph: CSRGraph, seat: int, first: int, count: int, **rule) -> Hops:
    """``count`` cascades from ``seat``, keyed ``first``, ``first + 1``, ..."""
    keys = np.arange(first, first + count)
    seats, minutes = np.full(count, seat), np.zeros(count, np.int64)
    return spread(stream_key(1, "test.cascade", 0), graph, np.arange(graph.n), seats, minutes, keys,
                  strong_only=False, **rule)  # fmt: skip


def sizes(hops: Hops, count: int) -> np.ndarray:
    """Those who pass it on, the origin included."""
    return 1 + np.bincount(hops.cascade[hops.active], minlength=count)


def independent_cascade(graph: CSRGraph, seed: int, p: float, count: int) -> np.ndarray:
    """Sizes of ``count`` independent cascades: everybody is told, each is won over with chance p."""
    return np.concatenate(
        [
            sizes(cascades(graph, seed, first, BATCH, law=POISSON, mean=EVERYBODY, pass_on=p), BATCH)
            for first in range(0, count, BATCH)
        ]
    )


def error(sample: np.ndarray) -> float:
    return float(sample.std(ddof=1)) / math.sqrt(len(sample))


def test_x03_krackhardt_kite():
    size = independent_cascade(CSRGraph.from_networkx(nx.krackhardt_kite_graph()), 3, 0.2, 200_000)
    assert abs(size.mean() - 3.00880538597) < 3 * error(size)
    assert error(size) < 0.006


@pytest.mark.parametrize(
    ("seed", "p", "expected"),
    [
        (33, 0.05, 2.006282), (33, 0.1, 3.501992), (33, 0.2, 8.993705),
        (0, 0.05, 1.963908), (0, 0.1, 3.412651), (0, 0.2, 8.755726),
    ],
)  # fmt: skip
def test_x04_x05_karate_club(seed, p, expected):
    size = independent_cascade(CSRGraph.from_networkx(nx.karate_club_graph()), seed, p, 60_000)
    assert abs(size.mean() - expected) < 3 * error(size)
    assert error(size) < 0.012 * expected


def test_a_chain_is_geometric():
    """On a path the cascade runs until the first failure: P(size > k) = p^k, all the way."""
    p, n, count = 0.6, 60, 40_000
    size = sizes(
        cascades(
            CSRGraph.from_networkx(nx.path_graph(n)), 0, 0, count, law=POISSON, mean=EVERYBODY, pass_on=p
        ),
        count,
    )
    for k in range(1, 8):
        assert abs((size > k).mean() - p**k) < 3 * math.sqrt(p**k * (1 - p**k) / count)


def wide_graph(n: int = 200_000, degree: int = 16) -> CSRGraph:
    """Everybody has about ``degree`` acquaintances, and small cascades meet no loop."""
    rng = np.random.default_rng(7)
    rings = [rng.permutation(n) for _ in range(degree // 2)]
    return CSRGraph.from_edges(n, np.concatenate(rings), np.concatenate([np.roll(r, 1) for r in rings]))


@pytest.fixture(scope="module")
def wide() -> CSRGraph:
    return wide_graph()


def test_x06_progeny_of_a_subcritical_referral(wide):
    """Poisson(0.8) invitees: mean 1/(1-m) = 5, variance m/(1-m)^3 = 100; Borel's sizes beside."""
    m, count = 0.8, 100_000
    hops = cascades(wide, 11, 0, count, law=POISSON, mean=m, pass_on=1.0)
    size = sizes(hops, count)
    assert abs(size.mean() - 1 / (1 - m)) < 3 * math.sqrt(m / (1 - m) ** 3 / count)
    squares = (size - 5.0) ** 2
    assert abs(squares.mean() - 100.0) < 3 * error(squares)
    for k in range(1, 8):
        borel = math.exp(-m * k) * (m * k) ** (k - 1) / math.factorial(k)
        assert abs((size == k).mean() - borel) < 3 * math.sqrt(borel * (1 - borel) / count)


def extinct_by(mean: float, generation: int) -> float:
    """P(no one left in that generation) of a Poisson branching process, by iteration."""
    q = 0.0
    for _ in range(generation):
        q = math.exp(mean * (q - 1.0))
    return q


@pytest.mark.parametrize(
    ("mean", "known", "horizon", "count"),
    [(1.2, 0.68630, 28, 3_000), (1.5, 0.41719, 12, 4_000), (2.0, 0.20319, 8, 4_000)],
)
def test_x07_extinction_of_a_supercritical_referral(wide, mean, known, horizon, count):
    """Alive at a far generation is alive for ever, up to a difference that theory gives exactly."""
    final = brentq(lambda q: math.exp(mean * (q - 1.0)) - q, 0.0, 0.99)
    assert final == pytest.approx(known, abs=6e-6)
    expected = extinct_by(mean, horizon)
    assert expected == pytest.approx(final, abs=5e-3)
    dead = 0
    for first in range(0, count, 1_000):
        hops = cascades(wide, 11, first, 1_000, law=POISSON, mean=mean, pass_on=1.0, max_generation=horizon)
        dead += 1_000 - len(np.unique(hops.cascade[hops.generation == horizon]))
    assert abs(dead / count - expected) < 3 * math.sqrt(expected * (1 - expected) / count)


def test_generations_grow_by_the_mean(wide):
    m, count = 1.3, 50_000
    hops = cascades(wide, 5, 0, count, law=POISSON, mean=m, pass_on=1.0, max_generation=5)
    for g in range(1, 6):
        variance = m**g * (m**g - 1) / (m - 1)  # of generation g with Poisson offspring
        assert abs((hops.generation == g).sum() / count - m**g) < 3 * math.sqrt(variance / count)


def test_pass_on_thins_a_branching_process(wide):
    """Only those who pass it on have invitees: offspring among carriers is Poisson(mean x pass_on)."""
    count, mean, chance = 60_000, 4.0, 0.15
    hops = cascades(wide, 5, 0, count, law=POISSON, mean=mean, pass_on=chance)
    m = mean * chance
    assert abs(sizes(hops, count).mean() - 1 / (1 - m)) < 3 * math.sqrt(m / (1 - m) ** 3 / count)
    told = np.bincount(hops.cascade, minlength=count)
    assert abs(told.mean() - mean / (1 - m)) < 3 * error(told)


def test_few_friends_are_one_and_a_rounded_down_exponential(wide):
    """Audience 1 + floor(mean x E), E exponential: P(more than k) = exp(-k / mean)."""
    count, mean = 50_000, 2.5
    hops = cascades(wide, 5, 0, count, law=FEW_FRIENDS, mean=mean, pass_on=0.0)
    told = np.bincount(hops.cascade, minlength=count)
    assert told.min() == 1
    for k in range(1, 12):
        tail = math.exp(-k / mean)
        assert abs((told > k).mean() - tail) < 3 * math.sqrt(tail * (1 - tail) / count)


def test_audiences_are_drawn_evenly_and_without_repeats(wide):
    count = 60_000
    hops = cascades(wide, 0, 0, count, law=POISSON, mean=3.0, pass_on=0.0)
    friends = wide.neighbours(0)
    told = np.array([(hops.receiver == j).sum() for j in friends])
    p = len(hops.receiver) / count / len(friends)
    assert np.all(np.abs(told - count * p) < 4 * math.sqrt(count * p))
    assert len(np.unique(hops.cascade * np.int64(wide.n) + hops.receiver)) == len(hops.receiver)


def test_person_zero_is_like_everyone_else(wide):
    """Being chosen must not depend on how many are chosen, whatever a person's id is."""
    count, zero = 60_000, int(wide.neighbours(0)[0])
    ids = np.arange(wide.n)
    ids[0], ids[zero] = ids[zero], ids[0]
    seats, minutes = np.zeros(count, np.int64), np.zeros(count, np.int64)
    hops = spread(stream_key(1, "test.zero", 0), wide, ids, seats, minutes, np.arange(count),
                  strong_only=False, law=POISSON, mean=3.0, pass_on=0.0)  # fmt: skip
    told = np.bincount(hops.cascade, minlength=count)
    chosen = np.bincount(hops.cascade[hops.receiver == zero], minlength=count)
    for k in range(1, 7):
        among, expected = told == k, k / len(wide.neighbours(0))
        sd = math.sqrt(expected * (1 - expected) / among.sum())
        assert abs(chosen[among].mean() - expected) < 3.5 * sd


def test_delays_are_lognormal_and_effects_follow_causes(wide):
    count = 40_000
    hops = cascades(wide, 5, 0, count, law=POISSON, mean=1.0, pass_on=0.6, delay_median=41.0, delay_sigma=1.6)
    first = hops.generation == 1
    for quantile, z in [(0.25, -0.6744898), (0.5, 0.0), (0.75, 0.6744898)]:
        below = (hops.minute[first] - 1 < 41.0 * math.exp(1.6 * z)).mean()
        rounding = 0.006  # delays are whole minutes
        assert abs(below - quantile) < 3 * math.sqrt(quantile * (1 - quantile) / first.sum()) + rounding
    rows = zip(
        hops.cascade, hops.sender, hops.receiver, hops.minute, hops.generation, hops.active, strict=True
    )
    heard: dict[tuple[int, int], int] = {}
    for cascade, sender, receiver, minute, generation, active in rows:
        assert minute > (0 if generation == 1 else heard[cascade, sender])
        assert (cascade, receiver) not in heard or heard[cascade, receiver] <= minute
        if active:
            heard[cascade, receiver] = minute


def test_a_triangle_is_told_by_first_passage():
    """Two friends of the origin who know each other: the earlier of the direct way and the way round.

    With everybody passing on, a friend hears at min(D1, D2 + D3) of three lognormal delays, and
    credits the origin when the direct way is the shorter.
    """
    count, median, sigma = 60_000, 41.0, 1.6
    hops = cascades(
        CSRGraph.from_networkx(nx.complete_graph(3)),
        0,
        0,
        count,
        law=POISSON,
        mean=EVERYBODY,
        pass_on=1.0,
        delay_median=median,
        delay_sigma=sigma,
    )
    won = hops.active & (hops.receiver == 1)
    assert won.sum() == count
    rng = np.random.default_rng(5)
    delays = 1 + np.floor(median * np.exp(sigma * rng.standard_normal((3, 4_000_000))))
    direct, way_round = delays[0], delays[1] + delays[2]
    told, credited = np.minimum(direct, way_round), (direct < way_round) + 0.5 * (direct == way_round)
    assert abs(hops.minute[won].mean() - told.mean()) < 3 * error(hops.minute[won])
    share = (hops.sender[won] == 0).mean()
    assert abs(share - credited.mean()) < 3 * math.sqrt(share * (1 - share) / count)


def first_passage(graph: CSRGraph, hops: Hops, origin: int) -> dict[int, int]:
    """Minutes by Dijkstra's algorithm over the tellings that won, or would have won, their receiver."""
    ways = nx.DiGraph()
    ways.add_node(origin)
    start = {origin: 0} | {
        int(j): int(m) for j, m, a in zip(hops.receiver, hops.minute, hops.active, strict=True) if a
    }
    for sender, receiver, minute in zip(hops.sender, hops.receiver, hops.minute, strict=True):
        ways.add_edge(int(sender), int(receiver), weight=int(minute) - start[int(sender)])
    return nx.single_source_dijkstra_path_length(ways, origin)


@pytest.mark.parametrize("seed", range(8))
def test_everybody_is_told_by_the_shortest_way(seed):
    """With everybody passing on, the minutes are those of Dijkstra over the same delays, exactly."""
    graph = CSRGraph.from_networkx(nx.barabasi_albert_graph(300, 3, seed=seed))
    hops = cascades(
        graph, 0, seed, 1, law=POISSON, mean=EVERYBODY * 2, pass_on=1.0, delay_median=41.0, delay_sigma=1.6
    )
    told = {int(j): int(m) for j, m, a in zip(hops.receiver, hops.minute, hops.active, strict=True) if a}
    shortest = first_passage(graph, hops, 0)
    assert len(told) == graph.n - 1
    assert told == {j: m for j, m in shortest.items() if j != 0}
    assert (np.diff(hops.minute) >= 0).all()


def test_relabelling_changes_no_cascade():
    """Rows may be renumbered: the same people are told at the same minutes by the same friends."""
    graph = CSRGraph.from_networkx(nx.barabasi_albert_graph(300, 3, seed=1))
    seat_of = np.random.default_rng(2).permutation(300)
    ids = np.empty(300, np.int64)
    ids[seat_of] = np.arange(300)
    found = []
    for network, people, origin in (
        (graph, np.arange(300), 5),
        (graph.relabel(seat_of), ids, int(seat_of[5])),
    ):
        hops = spread(
            stream_key(1, "test.relabel", 0),
            network,
            people,
            np.full(9, origin),
            np.zeros(9, int),
            np.arange(9),
            strong_only=False,
            law=POISSON,
            mean=3.0,
            pass_on=0.8,
            delay_median=2.0,
            delay_sigma=1.0,
        )
        table = (hops.cascade, people[hops.sender], people[hops.receiver], hops.minute, hops.active)
        found.append(list(zip(*(column.tolist() for column in table), strict=True)))
    assert found[0] == found[1]
    assert len(found[0]) > 500


def test_close_friends_only():
    """A cascade among close friends reaches the component of strong ties, and nobody else."""
    graph = CSRGraph.from_networkx(nx.path_graph(12))
    src, dst, _ = graph.edge_arrays()
    strong = with_strong_ties(graph, src[:5], dst[:5])  # 0-1-2-3-4-5 are close, the rest are not
    for only, reached in ((True, 5), (False, 11)):
        hops = spread(
            stream_key(1, "test.strong", 0),
            strong,
            np.arange(12),
            np.zeros(1, int),
            np.zeros(1, int),
            np.zeros(1, int),
            strong_only=only,
            law=POISSON,
            mean=EVERYBODY,
            pass_on=1.0,
        )
        assert sorted(hops.receiver.tolist()) == list(range(1, reached + 1))


@pytest.mark.parametrize("most", [1, 2, 7])
def test_generations_end_where_they_should(most):
    """On a path with everybody passing on, exactly ``most`` people are told, one a generation."""
    hops = cascades(
        CSRGraph.from_networkx(nx.path_graph(30)),
        0,
        0,
        1,
        law=POISSON,
        mean=EVERYBODY,
        pass_on=1.0,
        max_generation=most,
    )
    assert hops.generation.tolist() == list(range(1, most + 1))
    assert hops.active.tolist() == [True] * (most - 1) + [False]
