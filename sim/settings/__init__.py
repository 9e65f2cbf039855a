"""Sections of the configuration that are no part of the market: the experiment, its machine and its goals.

An experiment says how long a world is burnt in, warmed up and measured, and how many worlds
are drawn. Engine, paths and store say where that happens and what is kept, and never change a
result. Targets are the nine goals of the operating plan: scorecards compare with them and no
mechanism may read them.
"""

from sim.settings.engine import EngineParams
from sim.settings.experiment import ExperimentParams
from sim.settings.optimise import OptimiseParams
from sim.settings.paths import PathsParams
from sim.settings.patterns import NOT_BLANK, SAFE_NAME
from sim.settings.store import StoreParams
from sim.settings.targets import TargetParams

__all__ = [
    "NOT_BLANK",
    "SAFE_NAME",
    "EngineParams",
    "ExperimentParams",
    "OptimiseParams",
    "PathsParams",
    "StoreParams",
    "TargetParams",
]
