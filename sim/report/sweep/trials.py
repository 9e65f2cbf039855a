"""The strategies of a search by the one name they have everywhere: the number of their trial."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sim.analysis.responses import Swept
from sim.core.errors import StoreError
from sim.core.language import tr
from sim.studies.optimise.stored import stored


def trial_names(root: Path, experiment: str, swept: Swept) -> dict[int, str]:
    """Configuration -> ``trial 14``; empty where the sweep is no search, or the search cannot be read.

    Trials that set the same share one configuration and are named together.
    """
    try:
        content = stored(root, experiment)
        trials = [(int(row["trial"]), row["strategy"]) for row in content["trials"]] if content else []
    except (StoreError, KeyError, TypeError, ValueError):
        return {}
    return {
        int(str(number)): name
        for number, row in swept.configurations.iterrows()
        if (name := _name([trial for trial, strategy in trials if _same(strategy, row)]))
    }


def levers_of(root: Path, experiment: str) -> tuple[str, ...]:
    """Scenario, groups and keys that a search chooses; empty where there is none."""
    try:
        content = stored(root, experiment)
        space = content["spec"]["space"] if content else {"choices": (), "levers": ()}
        return (*space["choices"], *space["levers"])
    except (StoreError, KeyError, TypeError):
        return ()


def _name(trials: list[int]) -> str:
    if len(trials) < 2:
        return tr("trial {trial}", trial=trials[0]) if trials else ""
    return tr("trials {trials}", trials=tr(" and ").join(map(str, trials)))


def _same(strategy: Mapping[str, Any], row: Any) -> bool:
    """Whether a configuration sets what a trial set; what was not swept is alike in all of them."""
    return all(key not in row.index or _text(row[key]) == _text(value) for key, value in strategy.items())


def _text(value: Any) -> str:
    """A value as it is compared: numbers by size, lists by their text."""
    if isinstance(value, bool | str):
        return str(value)
    if isinstance(value, list | dict):
        return json.dumps(value, sort_keys=True)
    return f"{float(value):.12g}" if value is not None else ""
