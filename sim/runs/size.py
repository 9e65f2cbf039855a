"""Size as a choice: what a market that is smaller than its design says of itself, in one line.

Costs per person are alike at any size, because plant is rented by the people served. Waiting
is not: where a shift is a small part of one rider, that rider is mostly elsewhere.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from functools import lru_cache

from sim.config import Config
from sim.core.language import tr
from sim.market.build import smallest_people

_LOG = logging.getLogger(__name__)


def size_line(config: Config) -> str:
    """What differs in a market of this size from a larger one of the same design; empty if nothing does."""
    people, least = int(config.population.size), smallest_people(config)
    if config.graph.kind == "edge_list" or people >= least:
        return ""
    return tr(
        "population.size: {people:,} people are fewer than the {least:,} at which delivery "
        "design '{logistics}' has half a rider of its own: costs per person compare with a "
        "larger market's, but more parcels are late and what depends on it differs; use "
        "population.size={least} to judge delivery",
        people=people,
        least=least,
        logistics=config.options.get("logistics", "standard"),
    )


def tell_size(configs: Iterable[Config]) -> None:
    """Tell :func:`size_line` of each configuration, every line once a process."""
    for line in dict.fromkeys(size_line(config) for config in configs):
        if line:
            _tell(line)


@lru_cache(maxsize=256)
def _tell(line: str) -> None:
    _LOG.info("liebian: note: %s", line)
