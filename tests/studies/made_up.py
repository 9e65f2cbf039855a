"""An engine that makes runs up: indicators from a formula, stored as real runs are, in milliseconds."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from types import SimpleNamespace

import numpy as np

from sim.runs.sweep import sweep_store
from sim.store.manifest import Job, Manifest, distinct

#: scenario, swept values, world -> indicators
Formula = Callable[[str, dict, int], dict[str, float]]


class MadeUp:
    """Executes jobs by a formula; ``made`` lists the runs, ``breaks_after`` so many it stops like a kill."""

    def __init__(self, formula: Formula, breaks_after: int | None = None, fails: bool = False) -> None:
        self.formula, self.breaks_after, self.fails = formula, breaks_after, fails
        self.made: list[tuple[str, int]] = []

    def __call__(self, manifest: Manifest, jobs: Sequence[Job]) -> bool:
        store = sweep_store(str(manifest.place.parents[1]))
        store.level = "totals"
        for job in distinct(jobs):
            if store.has(manifest.experiment, job.scenario, job.key):
                continue
            if self.breaks_after is not None and len(self.made) >= self.breaks_after:
                raise KeyboardInterrupt
            self.made.append((job.scenario, job.replication))
            info = {"experiment": manifest.experiment, "scenario": job.scenario, "key": job.key,
                    "replication": job.replication, "seed": 1, "world": job.world[:16]}  # fmt: skip
            kpis = self.formula(job.scenario, dict(job.overrides), job.replication)
            store.write(SimpleNamespace(info=info, window=(0, 9), kpis=kpis, tables={}, daily={}, timings={}),
                        manifest.config(job))  # fmt: skip
        return not self.fails


def normal(*who: object) -> float:
    """A standard normal value that depends on who asks and on nothing else."""
    seed = [int.from_bytes(str(one).encode(), "little") % 2**32 for one in who]
    return float(np.random.default_rng(seed).normal())
