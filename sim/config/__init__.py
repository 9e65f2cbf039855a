"""The edge: from YAML, scenarios and overrides to one frozen, validated configuration.

Nothing behind this package knows Hydra, YAML or where files lie; nothing before it is
trusted. ``compose`` takes what the user wrote and returns a :class:`Config`, or raises one
error that lists every problem.
"""

from collections.abc import Mapping

from sim.config.compose import baseline_of, compose, reference_of
from sim.config.hashes import code_digest, run_hash, world_hash
from sim.config.model import Config, from_resolved, world_differences
from sim.config.scenarios import describe as describe_scenarios
from sim.config.sources import SETTINGS, Sources, market_sources
from sim.core.params import Declared, Params, declared
from sim.core.shipped import shipped

__all__ = [
    "SETTINGS",
    "Config",
    "Sources",
    "assumptions_table",
    "baseline_of",
    "code_digest",
    "compose",
    "describe_scenarios",
    "from_resolved",
    "market_sources",
    "reference_of",
    "run_hash",
    "shipped",
    "world_differences",
    "world_hash",
]


def assumptions_table(sections: Mapping[str, type[Params]]) -> list[Declared]:
    """Every declared parameter of every section, in the order of declaration; the one list of numbers."""
    return [row for name, model in sections.items() for row in declared(model, f"{name}.")]
