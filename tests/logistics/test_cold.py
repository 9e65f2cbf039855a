"""The cold chain as the network keeps it: what it refuses to sell, and what heat does."""

from __future__ import annotations

import numpy as np
import pytest

from sim.core.errors import ConfigError
from sim.logistics.engine import Network
from sim.logistics.network import ProductArrays
from sim.logistics.params import LogisticsParams, ReturnsParams, SupplyParams
from tests.logistics.conftest import DAY, Shop, build


def test_cold_goods_need_cold_places() -> None:
    """Frozen goods without a frozen room or compartment are refused, and the message names the keys."""
    with pytest.raises(ConfigError) as problem:
        build(frozen_room_litres_per_1000=0.0, truck_frozen_litres=0.0)
    assert "logistics.frozen_room_litres_per_1000" in str(problem.value)
    assert "logistics.truck_frozen_litres" in str(problem.value)
    ambient = ProductArrays(np.ones(2, np.int8), np.ones(2), np.full(2, 100.0), np.full(2, 10), np.ones(2))
    p = LogisticsParams(frozen_room_litres_per_1000=0.0, truck_frozen_litres=0.0)
    Network(p, ReturnsParams(), SupplyParams(), ambient, 1_000, 1, 0)


def test_heat_spoils_and_sensors_help() -> None:
    """Warm community warehouses spoil chilled goods; sensors catch part of it; frozen boxes matter too."""
    spoiled = {}
    for name, changes in {
        "cold": {"community_chilled_c": 4.0},
        "warm": {"community_chilled_c": 24.0},
        "warm with sensors": {"community_chilled_c": 24.0, "sensors": True, "sensor_catch_share": 0.9},
    }.items():
        network = build(demand=3000.0, design_orders_per_1000_consumers=40.0, near_class_chilled=3, **changes)
        shop = Shop(network)
        network.submit(shop.orders(800, 0, DAY))
        network.run_until(4 * DAY)
        spoiled[name] = network.delivered().spoiled.mean()
    assert max(spoiled["cold"], spoiled["warm with sensors"]) < spoiled["warm"]
