"""Parcels per CPU-second: the engine (waves and rounds) against one SimPy process per parcel.

Run ``python -m benchmarks.parcels``. Both deliver the same kind of day at the same density:
the engine a region of a million consumers on a festival day and on a plain one, the reference
a district of it. The first line is the density of the default market: what 20,000 people order,
handed in daypart by daypart, where the fixed costs of a daypart count. CPU time is
``time.process_time``; compilation is done before, and rates are the best of five.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from sim.logistics.engine import Network
from sim.logistics.network import ProductArrays
from sim.logistics.params import LogisticsParams, ReturnsParams, SupplyParams
from sim.world.fulfilment import Parcels
from tests.reference.parcel_parts import Duty, Map, Order
from tests.reference.parcel_processes import Region

SEED = 1
DAYS = 4
#: Orders per 1000 consumers on the day: a plain day and a festival day (ten times as many).
DENSITIES = {"plain day": 10.0, "festival day": 100.0}
CONSUMERS = 1_000_000
#: The default market: people, orders per 1000 of them and day, days, and the hours at which dayparts end.
MARKET = (20_000, 3.1, 60)
DAYPARTS = (6, 9, 14, 18, 21, 24)
REPEATS = 5
REFERENCE_PARCELS = 5_000


def catalog(orders: float) -> ProductArrays:
    """Forty products of three layers with stock for four days of orders."""
    layer = np.resize(np.array([1, 2, 1, 3, 1], np.int8), 40)
    life = np.where(layer == 2, 8.0, 200.0)
    return ProductArrays(layer, np.full(40, 2.0), life, np.full(40, 2000), np.full(40, 4.0 * orders / 40))


def build(
    consumers: int, density: float, days: int = 1, gradient: float = 0.0
) -> tuple[LogisticsParams, ProductArrays, Network]:
    """A network sized for ``density`` orders per 1000 consumers a day, with ample rooms and stock."""
    p = LogisticsParams(
        density_gradient=gradient,
        design_orders_per_1000_consumers=density,
        chilled_room_litres_per_1000=100_000.0,
        frozen_room_litres_per_1000=100_000.0,
        truck_ambient_litres=50_000.0,
        truck_chilled_litres=50_000.0,
        truck_frozen_litres=50_000.0,
    )
    products = catalog(density * consumers / 1000 * days)
    return p, products, Network(p, ReturnsParams(), SupplyParams(), products, consumers, SEED, 0)


def day_of_orders(network: Network, n_products: int, n: int) -> Parcels:
    """``n`` orders between 6:00 and midnight with their goods reserved."""
    rng = np.random.default_rng(SEED)
    product, zone = rng.integers(0, n_products, n), rng.integers(0, network.n_zones, n)
    quantity = np.ones(n, np.int64)
    node = network.reserve(product, zone, quantity)
    service = network.promised_service(product, zone, node)
    minute = np.sort(rng.integers(360, 1440, n))
    columns = (np.arange(n), np.arange(n), minute, product, zone, node, quantity, service)
    return Parcels(*(c[node >= 0] for c in columns))


def engine_rate(consumers: int, density: float, gradient: float = 0.0) -> tuple[int, float]:
    """Parcels delivered and CPU seconds of submit, run and delivered over ``DAYS`` days."""
    _, products, network = build(consumers, density, gradient=gradient)
    parcels = day_of_orders(network, len(products.layer), round(density * consumers / 1000))
    hours = [parcels.minute // 60 == hour for hour in range(24)]
    begin = time.process_time()
    for hour, placed in enumerate(hours):
        network.submit(Parcels(*(column[placed] for column in parcels)))
        network.run_until(60 * (hour + 1))
    done = len(network.delivered().order_id)
    for day in range(1, DAYS):
        network.run_until((day + 1) * 1440)
        done += len(network.delivered().order_id)
    return done, time.process_time() - begin


def market_rate(days: int = MARKET[2]) -> tuple[int, float]:
    """The same at the density of the default market, in its dayparts; nothing is closed at midnight."""
    consumers, density, _ = MARKET
    n = round(density * consumers / 1000)
    _, products, network = build(consumers, density, days)
    done, seconds = 0, 0.0
    for day in range(days):
        placed = day_of_orders(network, len(products.layer), n)
        ids, minute = placed.order_id + n * day, placed.minute + 1440 * day
        ends = np.searchsorted(placed.minute, [60 * hour for hour in DAYPARTS])
        columns = (ids, placed.row, minute, *placed[3:])
        parts = [Parcels(*part) for part in zip(*(np.split(c, ends[:-1]) for c in columns), strict=True)]
        begin = time.process_time()
        for parcels, hour in zip(parts, DAYPARTS, strict=True):
            network.submit(parcels)
            network.run_until(1440 * day + 60 * hour)
            done += len(network.delivered().order_id)
        seconds += time.process_time() - begin
    return done, seconds


def reference_rate(density: float, parcels_made: int = REFERENCE_PARCELS) -> tuple[int, float]:
    """The same for one process per parcel in a market of so many orders."""
    p, products, network = build(round(parcels_made / density * 1000), density)
    parcels = day_of_orders(network, len(products.layer), parcels_made)
    region, capacity = network.region, network._capacity
    zones = Map(region.district.tolist(), region.distance_km.tolist(), region.stop.tolist())
    duties = [
        [Duty(s.start, s.end, s.riders, float(s.presence), s.guard) for s in plan] for plan in capacity.plans
    ]
    columns = (parcels.order_id, parcels.minute, parcels.zone, parcels.node, parcels.service, parcels.product)
    orders = [
        Order(
            i,
            m,
            z,
            n,
            s,
            int(products.layer[k]),
            float(products.volume[k]),
            float(products.shelf_life_days[k]),
        )
        for i, m, z, n, s, k in zip(*(c.tolist() for c in columns), strict=True)
    ]
    begin = time.process_time()
    done = len(Region(p, SEED, zones, duties, capacity.pickers.tolist()).run(orders, DAYS * 1440))
    return done, time.process_time() - begin


def best_of(run: Callable[[], tuple[int, float]], repeats: int = REPEATS) -> tuple[int, float]:
    """The quickest of some runs."""
    return min((run() for _ in range(repeats)), key=lambda result: result[1])


def main(words: Sequence[str] = ()) -> None:
    """Print rates and ratios."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--consumers", type=int, default=CONSUMERS, help="of the region")
    parser.add_argument("--days", type=int, default=MARKET[2], help="of the default market")
    parser.add_argument("--parcels", type=int, default=REFERENCE_PARCELS, help="one process each")
    parser.add_argument("--repeats", type=int, default=REPEATS)
    asked = parser.parse_args(words)
    engine_rate(20_000, 10.0)
    n, seconds = best_of(partial(market_rate, asked.days), asked.repeats)
    print(f"default market: engine {n} parcels at {n / seconds:,.0f} parcels/CPU-s")
    for name, density in DENSITIES.items():
        n, seconds = best_of(partial(engine_rate, asked.consumers, density), asked.repeats)
        fast = n / seconds
        m, slow_seconds = reference_rate(density, asked.parcels)
        slow = m / slow_seconds
        print(
            f"{name}: engine {n} parcels at {fast:,.0f} parcels/CPU-s; "
            f"one process per parcel {m} at {slow:,.0f}; ratio {fast / slow:.1f}"
        )


if __name__ == "__main__":
    main(sys.argv[1:])
