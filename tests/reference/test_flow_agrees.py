"""Compiled waves and rides against the same flow as events of SimPy: no parcel may differ in any mark.

Random networks, loads and levers: overload, several districts, absent customers, damage, returns, riders
called back, cancelled orders, short crews, and all of these changed in mid-run.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from sim.logistics import engine
from sim.logistics import parcels as col
from sim.logistics.engine import Network
from sim.logistics.network import ProductArrays
from sim.logistics.params import LogisticsParams, ReturnsParams, SupplyParams
from sim.world.fulfilment import Parcels
from tests.reference.flow_events import EventFlow

CONSUMERS = 4_000
DAYS = 4


def goods(demand: float) -> ProductArrays:
    """Ten products of three layers; fresh goods keep few days."""
    layer = np.resize(np.array([1, 2, 1, 3, 2], np.int8), 10)
    life = np.where(layer == 2, 4.0, 90.0)
    return ProductArrays(layer, np.full(10, 2.0), life, np.full(10, 1000), np.full(10, demand / 10))


def levers(rng: np.random.Generator, **fixed: Any) -> LogisticsParams:
    """Random capacities, times and habits of a network of several districts."""

    def one(*values: Any) -> Any:
        return values[rng.integers(len(values))]

    chosen = {
        "capacity_ratio": one(0.4, 0.8, 1.0, 1.5),
        "absent_probability": one(0.0, 0.1, 0.4),
        "damage_probability": one(0.0, 0.05),
        "instant_guard_share": one(0.0, 0.2, 0.5),
        "near_class_ambient": one(1, 2, 3),
        "far_class_chilled": one(3, 4),
        "front_wave_minutes": one(10, 15, 30),
        "regional_wave_minutes": one(30, 60),
        "instant_round_drops": one(1, 3),
        "standard_round_drops": one(4, 20),
        "truck_delay_probability": one(0.0, 0.5),
        "bad_weather_probability": one(0.0, 0.5),
        "idle_resale_share": one(0.0, 0.0, 0.5),
        "truck_ambient_litres": one(10.0, 5_000.0),
        "pick_minutes": one(2.0, 8.0),
        "drop_minutes": one(1.0, 4.0),
        "morning_round_hour": one(8.0, 10.0),
        "afternoon_truck_hour": one(14.0, 16.0),
    }
    return LogisticsParams(**{**chosen, **fixed})


@dataclass
class Day:
    """What a market does to a network in one run; the same numbers for both."""

    seed: int
    world: dict[str, Any]
    demand: float

    def network(self) -> Network:
        rng = np.random.default_rng(self.seed)
        p = levers(rng, **self.world)
        return Network(p, ReturnsParams(), SupplyParams(), goods(self.demand), CONSUMERS, self.seed, 0)

    def run(self) -> tuple[list[tuple[Any, ...]], np.ndarray, list[Any]]:
        """Answers of the network, all marks of all parcels, and what was seen on the way."""
        rng = np.random.default_rng(self.seed + 1)
        network, answers, seen = self.network(), [], []
        next_id, came = 0, []
        for part in range(6 * DAYS):
            start = part * 240
            minutes = rng.integers(start, start + 240 + 600 * (part % 5 == 0), int(self.demand / 6))
            parcels = self._orders(network, rng, minutes, next_id)
            next_id += len(minutes)
            network.submit(parcels)
            if part % 4 == 3 and came:
                network.take_back(self._returns(network, rng, came, start))
            if part % 7 == 5:
                short = levers(rng, **self.world)
                network.reconfigure(short, ReturnsParams(inspect_minutes=3.0), SupplyParams())
            if part % 5 == 2:
                network.shock_riders(float(rng.random()))
            for _ in range(3):
                start += 60
                network.run_until(start)
                wishes = rng.integers(0, next_id, 5)
                answers.append(("cancelled", *network.cancel(np.unique(wishes)).tolist()))
            network.run_until(240 * (part + 1))
            done = network.delivered()
            came += done.order_id.tolist()
            answers += [("delivered", *each) for each in zip(*(c.tolist() for c in done), strict=True)]
            looked = network.inspected()
            answers += [("inspected", *each) for each in zip(*(c.tolist() for c in looked), strict=True)]
            seen += [list(network.flow.standard_open), network.flow.tally.tolist()]
            seen.append(network.quote_hours().tolist() if hasattr(network.flow, "sites") else None)
            marks = network.table.data[network.table.in_use(), : col.NEXT]
            seen.append(marks[np.lexsort((marks[:, col.KIND], marks[:, col.ORDER]))].tolist())
            if part % 6 == 5:
                seen.append(network.close_day(part // 6))
        return answers, marks, seen

    def _orders(self, network: Network, rng: np.random.Generator, minutes: np.ndarray, first: int) -> Parcels:
        n = len(minutes)
        product, zone = rng.integers(0, 10, n), rng.integers(0, network.n_zones, n)
        quantity = rng.integers(1, 3, n)
        node = network.reserve(product, zone, quantity)
        service = network.promised_service(product, zone, node)
        ids = first + rng.permutation(n)
        columns = (ids, np.arange(n), minutes, product, zone, node, quantity, service)
        return Parcels(*(c[node >= 0] for c in columns))

    def _returns(self, network: Network, rng: np.random.Generator, came: list[int], start: int) -> Parcels:
        n = min(5, len(came))
        ids = np.array([came.pop() for _ in range(n)])
        zero = np.zeros(n, np.int64)
        minutes = start + rng.integers(0, 200, n)
        return Parcels(
            ids,
            zero,
            minutes,
            rng.integers(0, 10, n),
            rng.integers(0, network.n_zones, n),
            zero,
            1 + zero,
            zero,
        )


def agree(monkeypatch: pytest.MonkeyPatch, day: Day) -> int:
    """Run both; number of parcels handed over."""
    fast, _, watched = day.run()
    monkeypatch.setattr(engine, "Flow", EventFlow)
    slow, _, expected = day.run()
    monkeypatch.undo()
    assert fast == slow
    for mine, theirs in zip(watched, expected, strict=True):
        assert theirs is None or mine == theirs
    return sum(kind[0] == "delivered" for kind in fast)


@pytest.mark.parametrize("seed", range(12))
def test_no_parcel_differs(monkeypatch: pytest.MonkeyPatch, seed: int) -> None:
    world = {
        "consumers_per_zone": 250,
        "consumers_per_front": CONSUMERS // (1 + seed % 3),
        "ticks_per_minute": 1 + seed % 2,
        "design_orders_per_1000_consumers": 40.0,
        "chilled_room_litres_per_1000": 50_000.0,
    }
    assert agree(monkeypatch, Day(seed, world, (60.0, 160.0, 400.0)[seed % 3])) > 30
