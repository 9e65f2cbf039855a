"""What can be set about fulfilment: the network, its capacity, its promises and its costs.

Three sections of the configuration: ``logistics`` (network, flow, cold chain, costs),
``returns`` (what happens to goods that come back) and ``supply`` (how stock is ordered).
Capacity is declared as a ratio to a design demand, so that one lever means the same in a
market of five thousand consumers and in one of a million.
"""

from __future__ import annotations

from sim.core.params import constant
from sim.logistics.params.capacity import CapacityParams
from sim.logistics.params.cold_chain import ColdChainParams
from sim.logistics.params.costs import CostParams
from sim.logistics.params.network import NetworkParams
from sim.logistics.params.promises import PromiseParams
from sim.logistics.params.supply import ReturnsParams, SupplyParams
from sim.logistics.params.times import TimeParams

__all__ = ["LogisticsParams", "ReturnsParams", "SupplyParams"]


class LogisticsParams(CostParams, ColdChainParams, TimeParams, PromiseParams, CapacityParams, NetworkParams):
    """Network, capacity, promises, times, cold chain and unit costs of fulfilment in one region."""

    enabled: bool = constant(True, "switch", "definition")
    """off: every order is handed over exactly when promised, at no cost"""
