"""Liebian simulates social commerce: growth strategies meet customers, cheats, warehouses and the books.

>>> from sim import Market, load_results
"""

from __future__ import annotations

from typing import Any

__all__ = ["Market", "compose", "load_results", "run_replication"]

_HOME = {
    "Market": "sim.market",
    "compose": "sim.config",
    "load_results": "sim.store.results",
    "run_replication": "sim.runs.replicate",
}


def __getattr__(name: str) -> Any:
    """Import public names when first used, so that ``liebian --help`` is quick."""
    if name not in _HOME:
        raise AttributeError(f"module 'sim' has no attribute '{name}'")
    import importlib

    return getattr(importlib.import_module(_HOME[name]), name)


def __dir__() -> list[str]:
    return __all__
