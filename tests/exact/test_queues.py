"""Stations against queueing and renewal theory (X11-X13, X15, X24), on the functions the market day runs.

Each limit is estimated from 100 independent replications and must lie within three standard
errors, computed from those replications.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from sim.stations.queues import next_departure, serve

pytestmark = pytest.mark.exact

REPLICATIONS = 100
#: Ticks per mean service: fine enough that rounding is far below the standard errors.
TICK = 10_000
WARM_UP = 5_000


def board(ready: np.ndarray, timetable: np.ndarray, period: int) -> np.ndarray:
    """Departure that each parcel takes when every vehicle has room."""
    return np.array([next_departure(int(tick), timetable, period) for tick in ready])


def occupancy(enter: np.ndarray, leave: np.ndarray, start: int, end: int) -> int:
    """Customer-ticks inside within [start, end): contents after every entry and exit, times their length."""
    at = np.concatenate((enter, leave))
    order = np.argsort(at, kind="stable")
    inside = np.cumsum(np.repeat((1, -1), (len(enter), len(leave)))[order])
    edges = np.clip(np.append(at[order], end), start, end)
    return int(inside @ np.diff(edges))


def within(values: np.ndarray, theory: float) -> None:
    """Mean of the replications within three of its standard errors of theory."""
    error = values.std(ddof=1) / np.sqrt(len(values))
    assert abs(values.mean() - theory) < 3 * error, f"{values.mean()} is not {theory} within 3 x {error}"
    assert error < 0.05 * theory, "the replications are too few to say anything"


def queue(
    rng: np.random.Generator, rate: float, servers: int, service: Callable[[int], np.ndarray], n: int
) -> tuple[np.ndarray, np.ndarray]:
    """Arrival and start ticks of ``n`` customers after the warm-up."""
    arrival = np.floor(np.cumsum(rng.exponential(TICK / rate, n + WARM_UP))).astype(np.int64)
    lengths = np.rint(service(n + WARM_UP) * TICK).astype(np.int64)
    start = serve(np.zeros(servers, np.int64), arrival, lengths)
    return arrival[WARM_UP:], start[WARM_UP:]


@pytest.mark.parametrize(
    ("rate", "servers", "p_wait", "mean_wait", "mean_queue", "n"),
    [(9.0, 10, 0.668732, 0.668732, 6.018584, 60_000), (1.6, 2, 0.711111, 1.777778, 1.6 * 1.777778, 30_000)],
    ids=["X11 M/M/10", "X12 M/M/2"],
)
def test_many_servers(
    rate: float, servers: int, p_wait: float, mean_wait: float, mean_queue: float, n: int
) -> None:
    """Erlang C: probability of waiting, mean wait and mean queue."""
    seen = []
    for replication in range(REPLICATIONS):
        rng = np.random.default_rng([11, servers, replication])
        arrival, start = queue(rng, rate, servers, lambda k, g=rng: g.exponential(1.0, k), n)
        span = int(arrival[0]), int(arrival[-1])
        waiting = occupancy(arrival, start, *span) / (span[1] - span[0])
        seen.append(((start > arrival).mean(), (start - arrival).mean() / TICK, waiting))
    columns = np.array(seen)
    within(columns[:, 0], p_wait)
    within(columns[:, 1], mean_wait)
    within(columns[:, 2], mean_queue)


LOGNORMAL = {"mean": -0.5 * np.log(3.0), "sigma": np.sqrt(np.log(3.0))}


@pytest.mark.parametrize(
    ("name", "theory"), [("M/D/1", 2.0), ("M/E2/1", 3.0), ("lognormal, squared variation 2", 6.0)]
)
def test_one_server(name: str, theory: float) -> None:
    """X13, Pollaczek-Khinchine: the mean wait at load 0.8 for three service distributions."""
    waits = []
    for replication in range(REPLICATIONS):
        rng = np.random.default_rng([13, len(name), replication])
        services = {
            "M/D/1": lambda k: np.ones(k),
            "M/E2/1": lambda k, g=rng: g.gamma(2.0, 0.5, k),
            "lognormal, squared variation 2": lambda k, g=rng: g.lognormal(size=k, **LOGNORMAL),
        }
        arrival, start = queue(rng, 0.8, 1, services[name], 60_000)
        waits.append((start - arrival).mean() / TICK)
    within(np.array(waits), theory)


@pytest.mark.parametrize(("headway", "theory"), [("fixed", 15.0), ("exponential", 30.0)])
def test_truck_headways(headway: str, theory: float) -> None:
    """X15: parcels wait half a fixed headway, but a whole exponential one (the inspection paradox)."""
    minute, trips = 600, 3_000
    waits = []
    for replication in range(REPLICATIONS):
        rng = np.random.default_rng([15, len(headway), replication])
        gaps = np.full(trips, 30.0) if headway == "fixed" else rng.exponential(30.0, trips)
        leaves = np.floor(np.cumsum(gaps) * minute).astype(np.int64)
        period = int(leaves[-1]) + 1
        ready = rng.integers(0, period - 1, 4_000)
        waits.append((board(ready, leaves, period) - ready).mean() / minute)
    within(np.array(waits), theory)


def test_timetable_repeats() -> None:
    """A departure at the very tick is caught; after the last one comes the first of the next period."""
    timetable = np.array([100, 700], np.int64)
    assert [next_departure(t, timetable, 1000) for t in (0, 100, 101, 700, 701, 1999, 2100)] == [
        100,
        100,
        700,
        700,
        1100,
        2100,
        2100,
    ]


def test_littles_law_is_exact() -> None:
    """X24: over a window that opens and closes empty, contents over time equal the sum of sojourns."""
    for servers in (1, 3):
        rng = np.random.default_rng([24, servers])
        arrival = np.sort(rng.integers(0, 50_000, 2_000))
        service = rng.integers(1, 60 * servers, 2_000)
        start = serve(np.zeros(servers, np.int64), arrival, service)
        leave = start + service
        end = int(leave.max()) + 1
        assert occupancy(arrival, start, 0, end) == (start - arrival).sum()
        assert occupancy(arrival, leave, 0, end) == (leave - arrival).sum()


def test_servers_never_overlap_nor_idle() -> None:
    """First come first served: at most c in service, and nobody waits while a server is free."""
    rng = np.random.default_rng(3)
    arrival, service = np.sort(rng.integers(0, 3_000, 800)), rng.integers(1, 30, 800)
    start = serve(np.zeros(4, np.int64), arrival, service)
    free = [0] * 4
    for came, took, began in zip(arrival.tolist(), service.tolist(), start.tolist(), strict=True):
        free.sort()
        assert began == max(came, free[0])
        free[0] = began + took
    assert (np.diff(start) >= 0).all()
    for tick in np.unique(start):
        busy = int(((start <= tick) & (start + service > tick)).sum())
        assert busy <= 4
        if ((arrival < tick) & (start > tick)).any():
            assert busy == 4
