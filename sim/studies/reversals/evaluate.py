"""One run of a screening: a strategy in a world, with one uncertainty changed when the window opens.

All runs of a strategy branch from the same burnt-in world, which is what makes a screening cheap: the value
changes on the first measured day. What takes hold only while a world is made moves nothing this way and is
told apart by that. A confirmation burns the world in under the changed value instead.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from sim.config import Config, baseline_of, code_digest, run_hash
from sim.config.hashes import digest
from sim.core.atomic import commit
from sim.core.sealed import discard, sealed, unsealed
from sim.market import Market
from sim.market.snapshot import burnt_in
from sim.measure import measure_run
from sim.store.store import Store
from sim.studies.robustness.arms import with_values

FOLDER = "reversals"


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
    def key(self) -> str:
        """Digest of all that can change the run's numbers."""
        seed, baseline = self.config.experiment.seed, baseline_of(self.config)
        run = run_hash(self.config, self.replication, seed, code_digest(), baseline)
        return digest({"run": run, "values": dict(self.values), "anew": self.anew})[:40]


def path_of(store: Store, branch: Branch) -> Path:
    """File of a run's figures."""
    name = f"experiment={branch.config.experiment.name}"
    return store.root / FOLDER / name / f"{branch.key}.json"


def stored(store: Store, branch: Branch) -> dict[str, float] | None:
    """Figures of a finished run; None if it is not there or its file is damaged."""
    path = path_of(store, branch)
    try:
        held = unsealed(path.read_text(encoding="utf-8"), branch.key)
    except ValueError as error:
        discard(path, error)
        return None
    except OSError:
        return None
    return {name: math.nan if x is None else float(x) for name, x in held.items()}


def play(branch: Branch) -> dict[str, float]:
    """Live the run and measure it."""
    changed = with_values(branch.config, branch.values) if branch.values else branch.config
    market = Market(
        changed if branch.anew else branch.config, branch.replication, Path(branch.config.paths.cache)
    )
    if branch.config.experiment.burn_in_days:
        burnt_in(market)
    market.config = changed  # in force from the first measured day, as the strategy is
    market.run()
    return measure_run(market.tables(), market.window)


def play_and_store(branch: Branch, store: Store) -> None:
    """Live one run and keep its figures."""
    figures = {name: None if math.isnan(x) else x for name, x in play(branch).items()}
    text = json.dumps(sealed(figures, branch.key), sort_keys=True)
    commit(path_of(store, branch), lambda temporary: temporary.write_text(text, encoding="utf-8"))
