"""One run of a screening: a strategy in a world, with one uncertainty changed when the window opens.

All runs of a strategy branch from the same burnt-in world, which is what makes a screening cheap: the value
changes on the first measured day. What takes hold only while a world is made moves nothing this way and is
told apart by that. A confirmation burns the world in under the changed value instead.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from sim.config import Config, baseline_of, code_digest, run_hash
from sim.config.hashes import digest
from sim.market import Market
from sim.market.snapshot import burnt_in
from sim.measure import measure_run
from sim.studies.robustness.arms import with_values


@dataclass(frozen=True)
class Branch:
    """One run.

    Attributes
    ----------
    config : Config
        World and strategy.
    values : mapping of str to float
        Uncertainties that differ from it; empty for the comparison's own run.
    replication : int
        Number of the world.
    anew : bool
        Whether the world is burnt in under the changed values.
    """

    config: Config
    values: Mapping[str, float]
    replication: int
    anew: bool = False

    @property
    def burnt_in_under(self) -> Config:
        """Configuration of its burn-in."""
        return with_values(self.config, self.values) if self.anew and self.values else self.config

    @property
    def key(self) -> str:
        """Digest of all that can change the run's numbers."""
        seed, baseline = self.config.experiment.seed, baseline_of(self.config)
        run = run_hash(self.config, self.replication, seed, code_digest(), baseline)
        return digest({"run": run, "values": dict(self.values), "anew": self.anew})[:40]


def play(branch: Branch) -> dict[str, float]:
    """Live the run and measure it."""
    changed = with_values(branch.config, branch.values) if branch.values else branch.config
    market = Market(branch.burnt_in_under, branch.replication, Path(branch.config.paths.cache))
    if branch.config.experiment.burn_in_days:
        burnt_in(market)
    market.change_strategy(changed)
    market.run()
    return measure_run(market.tables(copy=False), market.window)
