"""The core rules a second time: an ordinary Mesa model with one agent per consumer.

It is written from the rules (``docs/core_rules.md``) as a modeller would who has never seen the
engine: objects, attributes, loops and ``math``. With keyed draws it must agree with the engine
agent by agent and order by order; with Mesa's own generator it is the yardstick of
``benchmarks/engine.py``.
"""

from tests.reference.twin.draws import KeyedDraws, MesaDraws
from tests.reference.twin.market import TwinMarket

__all__ = ["KeyedDraws", "MesaDraws", "TwinMarket"]
