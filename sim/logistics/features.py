"""Features of logistics: the network, returns and supply; their engine is built with the world."""

from __future__ import annotations

from sim.feature import built_in
from sim.logistics.params import LogisticsParams, ReturnsParams, SupplyParams

FEATURES = (
    built_in("logistics", LogisticsParams),
    built_in("returns", ReturnsParams),
    built_in("supply", SupplyParams),
)
