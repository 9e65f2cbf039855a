"""A market: built from a configuration, burnt in, lived day by day.

>>> from sim.market import Market
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sim.core.deferred import import_libraries

if TYPE_CHECKING:
    from sim.market.model import Market as Market

__all__ = ["Market"]

# Here, so that whichever part of a market is imported first, Mesa comes without what no market uses.
import_libraries()


def __getattr__(name: str) -> Any:
    """Import the model when it is first asked for: its parts are used without it."""
    if name != "Market":
        raise AttributeError(f"module 'sim.market' has no attribute '{name}'")
    import sim.market.model

    return sim.market.model.Market
