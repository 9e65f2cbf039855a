"""Sections of the configuration that are no part of the market: the experiment, its machine and its goals.

An experiment says how long a world is burnt in, warmed up and measured, and how many worlds
are drawn. Business says how large the market is that the simulated one stands for, and in whose words results
are told. Engine, paths and store say where runs happen and what is kept, and never change a
result. Targets are the nine goals of the operating plan: scorecards compare with them and no
mechanism may read them.
"""

from sim.config.settings.business import BusinessParams
from sim.config.settings.engine import EngineParams
from sim.config.settings.experiment import ExperimentParams
from sim.config.settings.optimise import OptimiseParams
from sim.config.settings.paths import PathsParams
from sim.config.settings.patterns import NOT_BLANK, SAFE_NAME
from sim.config.settings.store import StoreParams
from sim.config.settings.targets import TargetParams

__all__ = [
    "NOT_BLANK",
    "SAFE_NAME",
    "BusinessParams",
    "EngineParams",
    "ExperimentParams",
    "OptimiseParams",
    "PathsParams",
    "StoreParams",
    "TargetParams",
]
