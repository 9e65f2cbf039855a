"""X08 and X09: percolation threshold and giant components as random-graph theory has them."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import brentq
from scipy.stats import chisquare

from sim.core.rng import builder, stream_key
from sim.world import generators, topology
from sim.world.csr import CSRGraph

pytestmark = pytest.mark.exact

DEGREES, WEIGHTS = generators.power_law(2.5, 2, 1000)
CRITICAL = 0.026145
REPLICATIONS = 100


def giant_in_theory(transmissibility: float) -> float:
    """Giant share of bond percolation on a configuration model by generating functions (Newman 2002)."""
    excess = WEIGHTS * DEGREES / np.sum(WEIGHTS * DEGREES)

    def gap(u: float) -> float:
        return 1.0 - transmissibility + transmissibility * float(np.sum(excess * u ** (DEGREES - 1.0))) - u

    return 1.0 - float(np.sum(WEIGHTS * brentq(gap, 0.0, 1.0 - 1e-9) ** DEGREES))


def configuration(n: int, replication: int) -> CSRGraph:
    """A configuration graph with the degrees of X08."""
    rng = builder(replication, "test.x08")
    return generators.match_stubs(generators.draw_degrees(n, DEGREES, WEIGHTS, rng), rng)


def giants(n: int, factors: tuple[float, ...], replications: int) -> np.ndarray:
    """Largest component shares [replications, factors] at multiples of the critical transmissibility."""
    shares = np.empty((replications, len(factors)))
    for r in range(replications):
        graph = configuration(n, r)
        for i, factor in enumerate(factors):
            shares[r, i] = topology.giant_share(graph, factor * CRITICAL, int(stream_key(r, f"x08.{i}", -1)))
    return shares


def standard_error(sample: np.ndarray) -> float:
    """Standard error of the mean."""
    return float(sample.std(ddof=1) / np.sqrt(len(sample)))


def test_x08_threshold_from_moments() -> None:
    assert topology.critical_transmissibility(WEIGHTS, DEGREES) == pytest.approx(CRITICAL, abs=5e-7)


def test_x08_drawn_degrees_follow_the_law() -> None:
    drawn = generators.draw_degrees(200_000, DEGREES, WEIGHTS, builder(1, "test.degrees"))
    bins = np.concatenate((np.arange(2, 40), [60, 100, 200, 1002]))
    seen = np.histogram(drawn, bins)[0]
    expected = np.histogram(DEGREES, bins, weights=WEIGHTS)[0] * len(drawn)
    # One node may hold an extra half-tie to make the sum even; it cannot move the statistic.
    assert chisquare(seen, expected * seen.sum() / expected.sum()).pvalue > 0.001


def test_x08_giant_component_above_the_threshold() -> None:
    factors = (4.0, 8.0)
    shares = giants(100_000, factors, REPLICATIONS)
    for i, factor in enumerate(factors):
        expected = giant_in_theory(factor * CRITICAL)
        assert abs(shares[:, i].mean() - expected) < 3 * standard_error(shares[:, i]), factor


def test_x08_no_giant_below_the_threshold() -> None:
    """Ten times the people: below the threshold the largest share vanishes, above it stays."""
    small, large = (giants(n, (0.5, 4.0), 20).mean(axis=0) for n in (10_000, 100_000))
    assert large[0] < 0.001
    assert large[0] < 0.4 * small[0]
    assert large[1] == pytest.approx(small[1], rel=0.1)


@pytest.mark.parametrize(("mean_degree", "expected"), [(1.5, 0.58281), (2.0, 0.79681), (3.0, 0.94048)])
def test_x09_giant_component_of_a_random_graph(mean_degree: float, expected: float) -> None:
    assert expected == pytest.approx(1 - np.exp(-mean_degree * expected), abs=2e-5)
    n = 20_000
    shares = np.array(
        [topology.giant_share(generators.erdos_renyi(n, mean_degree, r)) for r in range(REPLICATIONS)]
    )
    # Asymptotic variance of the giant component (Stepanov 1970), so the bound owes nothing to the sample.
    variance = expected * (1 - expected) / (1 - mean_degree * (1 - expected)) ** 2 / n
    assert abs(shares.mean() - expected) < 3 * np.sqrt(variance / REPLICATIONS)
    assert shares.std(ddof=1) == pytest.approx(np.sqrt(variance), rel=0.3)


def test_erdos_renyi_ties_are_binomial() -> None:
    n, p = 300, 5.0 / 299
    pairs = n * (n - 1) / 2
    edges = np.array([generators.erdos_renyi(n, 5.0, r).edges for r in range(400)])
    assert abs(edges.mean() - pairs * p) < 3 * np.sqrt(pairs * p * (1 - p) / len(edges))
    assert edges.var(ddof=1) == pytest.approx(pairs * p * (1 - p), rel=3 * np.sqrt(2 / len(edges)))


def test_barabasi_albert_follows_its_exact_law() -> None:
    """P(k) = 2m(m+1) / (k(k+1)(k+2)), by the largest gap between cumulative shares."""
    m, n = 6, 200_000
    degree = generators.barabasi_albert(n, m, 1).degree
    k = np.arange(m, 200)
    above = m * (m + 1) / (k * (k + 1.0))  # P(degree >= k), the law's telescoping sum
    seen = np.array([(degree >= d).mean() for d in k])
    # Degrees of one growing graph are weakly dependent; three binomial errors still hold.
    assert np.all(np.abs(seen - above) < 3 * np.sqrt(above * (1 - above) / n) + 2 * m / n)


def test_components_on_known_graphs() -> None:
    path_and_pair = CSRGraph.from_edges(6, [0, 1, 4], [1, 2, 5])
    assert topology.component_sizes(path_and_pair).tolist() == [3, 2, 1]
    ring = CSRGraph.from_edges(5, range(5), [1, 2, 3, 4, 0])
    assert topology.component_sizes(ring).tolist() == [5]
    assert topology.component_sizes(ring, 0.0).tolist() == [1] * 5


def test_percolation_keeps_each_tie_with_its_probability() -> None:
    """On a perfect matching every kept tie is a pair: a binomial count."""
    pairs, p = 20_000, 0.3
    ends = np.arange(2 * pairs).reshape(pairs, 2)
    graph = CSRGraph.from_edges(2 * pairs, ends[:, 0], ends[:, 1])
    kept = int((topology.component_sizes(graph, p, 99) == 2).sum())
    assert abs(kept - pairs * p) < 3 * np.sqrt(pairs * p * (1 - p))
