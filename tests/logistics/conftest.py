"""A small region and the few steps every test of logistics needs."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from sim.logistics.engine import Network
from sim.logistics.network import ProductArrays
from sim.logistics.params import LogisticsParams, ReturnsParams, SupplyParams
from sim.world.fulfilment import Parcels

DAY = 1440


def catalog(demand: float = 300.0) -> ProductArrays:
    """Twelve products: ambient, chilled, frozen and one digital."""
    layer = np.array([1, 1, 1, 1, 1, 1, 2, 2, 2, 3, 3, 0], np.int8)
    life = np.array([400.0] * 6 + [4.0, 7.0, 12.0, 180.0, 180.0, 0.0])
    return ProductArrays(layer, np.full(12, 2.0), life, np.arange(1000, 2200, 100), np.full(12, demand / 12))


def build(
    demand: float = 300.0,
    consumers: int = 20_000,
    seed: int = 7,
    supply: dict[str, Any] | None = None,
    **changes: Any,
) -> Network:
    """A network of one district built for 200 orders a day, with the given parameters."""
    changes.setdefault("design_orders_per_1000_consumers", 10.0)
    return Network(
        LogisticsParams(**changes),
        ReturnsParams(),
        SupplyParams(**(supply or {})),
        catalog(demand),
        consumers,
        seed,
        0,
    )


class Shop:
    """Orders placed at a network, with what they were promised."""

    def __init__(self, network: Network, seed: int = 1) -> None:
        self.network = network
        self.rng = np.random.default_rng(seed)
        self.minute: dict[int, int] = {}
        self.due: dict[int, float] = {}
        self.took: list[tuple[int, float, bool]] = []
        self.n = 0

    def orders(self, n: int, start: int, end: int, products: int = 11) -> Parcels:
        """Reserve goods for ``n`` orders with minutes in [start, end); unmet ones are dropped."""
        net = self.network
        product, zone = self.rng.integers(0, products, n), self.rng.integers(0, net.n_zones, n)
        quantity = np.ones(n, np.int64)
        node = net.reserve(product, zone, quantity)
        kept = node >= 0
        product, zone, quantity, node = (a[kept] for a in (product, zone, quantity, node))
        service = net.promised_service(product, zone, node)
        hours = net.promised_hours(product, zone, node)
        minute = np.sort(self.rng.integers(start, end, len(node)))
        ids = np.arange(self.n, self.n + len(node))
        self.n += len(node)
        for i, m, h in zip(ids.tolist(), minute.tolist(), hours.tolist(), strict=True):
            self.minute[i], self.due[i] = m, m + 60.0 * h
        return Parcels(ids, ids, minute, product, zone, node, quantity, service)

    def day(self, day: int, n: int) -> dict[str, int]:
        """One day of ``n`` orders in four blocks; returns the day's bill."""
        for part in range(4):
            start, end = day * DAY + part * 360, day * DAY + (part + 1) * 360
            self.network.submit(self.orders(n // 4, start, end))
            self.network.run_until(end)
            self.collect()
        return self.network.close_day(day)

    def collect(self) -> None:
        """Note what was handed over: (service-independent) minutes taken and whether in time."""
        got = self.network.delivered()
        for i, m in zip(got.row.tolist(), got.minute.tolist(), strict=True):
            self.took.append((i, m - self.minute[i], m <= self.due[i]))


@pytest.fixture
def network() -> Network:
    """The default region at 20,000 consumers."""
    return build()
