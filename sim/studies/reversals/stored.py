"""Figures of a screening's runs on disk: one sealed JSON file a run."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from pathlib import Path

from sim.core.atomic import commit
from sim.core.sealed import discard, sealed, unsealed
from sim.store.store import Store
from sim.store.writing import writing
from sim.studies.reversals.evaluate import Branch

FOLDER = "reversals"


def path_of(store: Store, branch: Branch) -> Path:
    """File of a run's figures."""
    name = f"experiment={branch.config.experiment.name}"
    return store.root / FOLDER / name / f"{branch.key}.json"


def read_figures(store: Store, branch: Branch) -> dict[str, float] | None:
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


def write_figures(store: Store, branch: Branch, figures: Mapping[str, float]) -> None:
    """Store a run's figures; an earlier error of it is dropped.

    Raises
    ------
    StoreError
        If the file cannot be written.
    """
    plain = {name: None if math.isnan(x) else x for name, x in figures.items()}
    text = json.dumps(sealed(plain, branch.key), sort_keys=True)
    commit(path_of(store, branch), lambda temporary: temporary.write_text(text, encoding="utf-8"))
    config = branch.config
    error = store.path("errors", str(config.experiment.name), config.scenario, branch.key, "txt")
    with writing(error):
        error.unlink(missing_ok=True)
