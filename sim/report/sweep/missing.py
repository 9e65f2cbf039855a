"""What a sweep planned and does not have: failed runs with their errors, and runs still to come."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from sim.core.errors import StoreError
from sim.core.language import tr
from sim.report.sweep.study import Study
from sim.store.store import Store

#: Rows of the page's table at most.
MOST_ROWS = 30


@dataclass(frozen=True)
class Missing:
    """One planned run that is not there.

    Attributes
    ----------
    label : str
        Configuration, or that it is an added baseline.
    world : int
        Replication.
    why : str
        Last line of its error, or that it has not run.
    key : str
        Name in the store.
    """

    label: str
    world: int
    why: str
    key: str


def missing(study: Study) -> list[Missing]:
    """All planned runs that are not there, added baselines first because other runs need them."""
    jobs, own = study.results.jobs, study.swept.jobs
    absent = jobs[~jobs["done"]]
    numbers = own.drop_duplicates(["scenario", "key"]).set_index(["scenario", "key"])["configuration"]
    store, found = Store(study.results.root), []
    for row in absent.sort_values("added", ascending=False, kind="stable").itertuples():
        label = (
            tr("the baseline of its world")
            if row.added
            else study.labels[int(numbers[(row.scenario, row.key)])]
        )
        found.append(Missing(label, int(row.replication), _why(store, study.experiment, row), str(row.key)))
    return found


def _why(store: Store, experiment: str, row: object) -> str:
    scenario, key = (str(getattr(row, name)) for name in ("scenario", "key"))
    try:
        lines = (
            store.path("errors", experiment, scenario, key, "txt")
            .read_text(encoding="utf-8")
            .strip()
            .splitlines()
        )
    except (OSError, StoreError, UnicodeDecodeError):
        return tr("has not run")
    return tr("failed: {lines}", lines=lines[-1] if lines else tr("no message was kept"))


def unpaired(study: Study) -> int:
    """Runs that are there but whose baseline is not."""
    done = study.swept.jobs["done"].to_numpy(bool)
    nothing = pd.isna(study.swept.changes).all(axis=1).to_numpy()
    return int((done & nothing).sum())
