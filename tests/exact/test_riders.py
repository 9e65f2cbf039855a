"""Riders of a district against queueing theory, on the kernels that a market day runs.

Calls come at random and each ride takes as long as any other, so one rider is a station with constant
service and two classes of customers, of whom the instant ones go first but interrupt nobody (Cobham 1954).
A ride takes ten thousand ticks, so that whole ticks do not matter.
"""

from __future__ import annotations

import numpy as np
import pytest

from sim.logistics import parcels as col
from sim.logistics.crew import Shift
from sim.stations.queues import serve
from tests.logistics.street import DAY, Street

OUT = 5_000
RIDE = 2 * OUT + 1
CALLS = 1_500
WORLDS = 24


def mean_waits(load: float, instant_share: float, seed: int) -> tuple[float, float]:
    """Mean waits of instant and of other rounds of one world, in rides."""
    rng = np.random.default_rng(seed)
    street = Street(Shift(0, DAY, 1, 1.0, 0), out=OUT, last_standard=DAY, per_minute=1000)
    ticks = np.cumsum(rng.exponential(RIDE / load, CALLS)).astype(np.int64)
    instant = rng.random(CALLS) < instant_share
    rows = street.calls(rng.integers(0, 50, CALLS), ticks, instant)
    street.flow.run(int(ticks[-1]) + CALLS * RIDE)
    waits = (street.table.data[rows, col.START] - ticks) / RIDE
    assert (waits >= 0.0).all()
    settled = np.arange(CALLS) > CALLS // 10
    return float(waits[settled & instant].mean()), float(waits[settled & ~instant].mean())


@pytest.mark.parametrize(("load", "instant_share"), [(0.5, 0.5), (0.7, 0.3)])
def test_instant_rounds_go_first_and_interrupt_nobody(load: float, instant_share: float) -> None:
    """Half a ride times the load is left of the one under way; each class waits for those before it."""
    waits = np.array([mean_waits(load, instant_share, seed) for seed in range(WORLDS)])
    rest, first = load / 2.0, load * instant_share
    theory = np.array([rest / (1.0 - first), rest / ((1.0 - first) * (1.0 - load))])
    error = waits.std(axis=0, ddof=1) / np.sqrt(WORLDS)
    assert (error < 0.1 * theory).all()
    assert (np.abs(waits.mean(axis=0) - theory) < 3.0 * error).all()


def test_riders_are_never_idle_while_somebody_waits() -> None:
    """Three riders serve first come, first served, by the recursion on which pick teams work."""
    street = Street(Shift(0, DAY, 3, 1.0, 0), out=OUT, last_standard=DAY, per_minute=1000)
    rng = np.random.default_rng(4)
    ticks = np.cumsum(rng.exponential(RIDE / 2.5, 400)).astype(np.int64)
    rows = street.calls(rng.integers(0, 50, 400), ticks, np.zeros(400, bool))
    street.flow.run(int(ticks[-1]) + 400 * RIDE)
    starts = np.sort(street.table.data[rows, col.START])
    assert starts.tolist() == serve(np.zeros(3, np.int64), ticks, np.full(400, RIDE)).tolist()
