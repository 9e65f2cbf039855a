"""Five thousand parcels, carried in waves and rounds or each by its own process: none may differ."""

from __future__ import annotations

import numpy as np
import pytest

from sim.logistics.engine import Network
from sim.logistics.network import ProductArrays
from sim.logistics.params import LogisticsParams, ReturnsParams, SupplyParams
from sim.world.fulfilment import Parcels
from tests.reference.parcel_parts import Duty, Map, Order
from tests.reference.parcel_processes import Region

pytestmark = pytest.mark.reference

SEED = 20
DAYS = 12


def goods(n: int = 30, demand: float = 700.0) -> ProductArrays:
    """A catalog of three layers; fresh goods keep two to nine days, so that some spoil on the way."""
    rng = np.random.default_rng(3)
    layer = np.resize(np.array([1, 2, 1, 3, 2], np.int8), n)
    life = np.where(layer == 2, rng.integers(2, 10, n), np.where(layer == 3, 30, 400)).astype(float)
    return ProductArrays(layer, rng.uniform(0.5, 8.0, n), life, np.full(n, 1000), np.full(n, demand / n))


def orders_for(network: Network, products: ProductArrays, n: int) -> Parcels:
    """Orders of three days with goods reserved; minutes collide often, so ties are common."""
    rng = np.random.default_rng(11)
    product = rng.integers(0, len(products.layer), n)
    zone = rng.integers(0, network.n_zones, n)
    quantity = np.ones(n, np.int64)
    node = network.reserve(product, zone, quantity)
    service = network.promised_service(product, zone, node)
    minute = np.sort(rng.integers(0, 3 * 1440, n) // 3 * 3)
    order_id = rng.permutation(10 * n)[:n].astype(np.int64)
    kept = node >= 0
    columns = (order_id, np.arange(n), minute, product, zone, node, quantity, service)
    return Parcels(*(c[kept] for c in columns))


def wishes_for(parcels: Parcels, share: float = 0.2) -> np.ndarray:
    """Minute at which each customer would rather not have the parcel (int64[n], -1 = never)."""
    rng = np.random.default_rng(12)
    n = len(parcels.order_id)
    later = parcels.minute + rng.exponential(400.0, n).astype(np.int64)
    return np.where(rng.random(n) < share, later, -1)


def cancel_at(network: Network, parcels: Parcels, wishes: np.ndarray) -> set[int]:
    """Stop the engine at each wish; ids of the orders whose wish was granted."""
    granted: set[int] = set()
    for minute in np.unique(wishes[wishes >= 0]):
        network.run_until(int(minute))
        ids = parcels.order_id[wishes == minute]
        granted |= set(ids[network.cancel(ids)].tolist())
    return granted


def twin(
    network: Network, parcels: Parcels, products: ProductArrays, p: LogisticsParams, wishes: np.ndarray
) -> Region:
    """The same parcels, one process each."""
    region, capacity = network.region, network._capacity
    zones = Map(region.district.tolist(), region.distance_km.tolist(), region.stop.tolist())
    duties = [
        [Duty(s.start, s.end, s.riders, float(s.presence), s.guard) for s in plan] for plan in capacity.plans
    ]
    orders = [
        Order(
            int(i),
            int(m),
            int(z),
            int(n),
            int(s),
            int(products.layer[k]),
            float(products.volume[k]),
            float(products.shelf_life_days[k]),
            int(w),
        )
        for i, m, k, z, n, s, w in zip(
            parcels.order_id,
            parcels.minute,
            parcels.product,
            parcels.zone,
            parcels.node,
            parcels.service,
            wishes,
            strict=True,
        )
    ]
    slow = Region(p, SEED, zones, duties, capacity.pickers.tolist())
    slow.run(orders, DAYS * 1440)
    return slow


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"capacity_ratio": 0.8, "ticks_per_minute": 1, "truck_chilled_litres": 300.0},
        {
            "near_class_ambient": 2,
            "instant_guard_share": 0.3,
            "truck_delay_probability": 0.5,
            "sensors": True,
            "bad_weather_probability": 0.5,
            "absent_probability": 0.2,
            "idle_resale_share": 0.5,
        },
    ],
    ids=["default", "overloaded, whole minutes, small trucks", "instant, delays, absences"],
)
def test_every_parcel_agrees(changes: dict) -> None:
    """Minute, spoilage, order of hand-over and granted wishes of 5,000 parcels are the same in both."""
    p = LogisticsParams(
        consumers_per_front=20_000,
        design_orders_per_1000_consumers=40.0,
        chilled_room_litres_per_1000=50_000.0,
        frozen_room_litres_per_1000=50_000.0,
        **changes,
    )
    products = goods(demand=12_000.0)
    network = Network(p, ReturnsParams(), SupplyParams(), products, 40_000, SEED, 0)
    parcels = orders_for(network, products, 5_000)
    assert len(parcels.order_id) > 4_900
    wishes = wishes_for(parcels)
    slow = twin(network, parcels, products, p, wishes)
    expected = sorted(slow.results, key=lambda r: (r.tick, r.order_id))
    network.submit(parcels)
    granted = cancel_at(network, parcels, wishes)
    assert granted == slow.granted
    assert 100 < len(granted) < (wishes >= 0).sum()
    network.run_until(DAYS * 1440)
    got = network.delivered()
    assert len(got.order_id) > 1_000
    assert (got.order_id == [r.order_id for r in expected]).all()
    assert (got.minute == [r.minute for r in expected]).all()
    assert (got.spoiled == [r.spoiled for r in expected]).all()
    assert 0 < got.spoiled.sum() < len(got.spoiled)
