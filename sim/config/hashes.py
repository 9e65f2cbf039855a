"""Names of runs and worlds: digests of everything that can change their numbers, and of nothing else.

Machine, folders, the experiment's name and how many worlds are drawn change no number, so a
finished run is recognised wherever and however it was computed. Sources that make numbers and the
numeric libraries are part of every name; those of the command line and of reports are not.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from sim.config.model import Config, feature_values, market_values
from sim.core.sources import sources_digest

_LIBRARIES = ("mesa", "simpy", "numpy", "numba", "llvmlite", "networkx", "scipy")
#: Sections by which results are judged and told: they are stored with a run, and so are part of its name.
TOLD = ("targets", "business")
_FILE_KEYS = ("graph.path",)
#: Settings of an experiment that change what a run's tables hold.
RUN_LENGTHS = ("after_days", "burn_in_days", "days", "warmup_days")


def digest(values: Mapping[str, Any]) -> str:
    """sha256 over sorted, canonical JSON of ``values``, in hexadecimal."""
    text = json.dumps(values, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()


def run_values(config: Config) -> dict[str, Any]:
    """Dotted key -> value of all that changes one run's results, apart from its seed."""
    experiment = config.experiment
    lengths = {f"experiment.{k}": getattr(experiment, k) for k in RUN_LENGTHS}
    told = {f"{name}.{k}": v for name in TOLD for k, v in config.resolved[name].items()}
    return _by_content(market_values(config)) | feature_values(config.features) | lengths | told


def world_hash(config: Config, *, baseline: Config, seed: int | None = None, code: str = "") -> str:
    """Digest of a burnt-in, warmed-up world.

    Parameters
    ----------
    config : Config
        Its world values count.
    baseline : Config
        Its strategy values count, because worlds are burnt in under them.
    seed : int, optional
        The replication's seed. Without it the digest names the family of all replications.
    code : str, optional
        Digest of sources and libraries, :func:`code_digest`.
    """
    return digest({"values": _by_content(config.world_resolved(baseline)), "seed": seed, "code": code})


def run_hash(config: Config, replication: int, seed: int, code: str, baseline: Config) -> str:
    """Digest of one run.

    Parameters
    ----------
    config : Config
        World, strategy, lengths and targets count.
    replication : int
        Number of the world.
    seed : int
        The experiment's seed.
    code : str
        Digest of sources and libraries, :func:`code_digest`.
    baseline : Config
        Strategy of burn-in and warm-up (:func:`sim.config.baseline_of`).
    """
    world = world_hash(config, baseline=baseline)
    return digest(
        {"values": run_values(config), "world": world, "replication": replication, "seed": seed, "code": code}
    )


@cache
def code_digest() -> str:
    """Digest of the sources that make numbers and the versions of the libraries that compute them."""
    return digest({"sources": sources_digest(), "libraries": {name: _version(name) for name in _LIBRARIES}})


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "absent"


def _by_content(values: dict[str, Any]) -> dict[str, Any]:
    """Replace the name of an input file by a digest of its content: the name changes no number."""
    named = {key: Path(values[key]) for key in _FILE_KEYS if values.get(key)}
    return values | {key: _file_digest(path) for key, path in named.items() if path.is_file()}


def _file_digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
