"""A search as it is kept and read back: all strategies tried, the front, and how the chosen one held.

``optimisation.json`` in the folder of the sweep says all of it in plain values and needs neither
Optuna nor the runs to be read. The front is computed from the objectives each time it is read.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from sim.core.atomic import commit
from sim.core.errors import StoreError
from sim.core.language import tr
from sim.core.sealed import sealed, unsealed
from sim.store.manifest import folder
from sim.studies.optimise.objectives import DIRECTIONS, Direction, Rule, Told, pareto

FILE = "optimisation.json"
#: Version of the file's layout.
_LAYOUT = 1


@dataclass(frozen=True)
class Optimisation:
    """A search that was led, or is under way.

    Attributes
    ----------
    experiment : str
        Name it is filed under.
    objectives : tuple of str
        What it weighs, in the order asked for.
    directions : mapping of str to {'maximize', 'minimize'}
        Good side of each objective.
    levers : tuple of str
        Scenario, groups and keys that it chooses.
    spec : mapping
        Everything that it was asked for.
    trials : DataFrame
        One row a strategy: ``trial``, ``state`` (complete or failed), a column for each of
        ``levers``, each objective with ``_low`` and ``_high`` (95% interval over worlds, missing
        where there is none), the figures that rules hold, ``feasible`` and ``pareto`` (bool), and
        ``reason`` (why it failed).
    held_out : mapping or None
        The chosen strategy against the named scenarios in fresh worlds: ``trial``, ``worlds``,
        ``search`` and ``held_out`` (objective -> value, low, high), ``rows`` (one a scenario) and
        ``skipped`` (scenario -> reason).
    """

    experiment: str
    objectives: tuple[str, ...]
    directions: Mapping[str, Direction]
    levers: tuple[str, ...]
    spec: Mapping[str, Any] = field(repr=False)
    trials: pd.DataFrame = field(repr=False)
    held_out: Mapping[str, Any] | None = field(default=None, repr=False)

    @property
    def front(self) -> pd.DataFrame:
        """Strategies that no other one beats in every objective, best by the first objective on top."""
        first = self.objectives[0]
        rows = self.trials[self.trials["pareto"]]
        rising = self.directions[first] == "minimize"
        return rows.sort_values([first, "trial"], ascending=[rising, True], ignore_index=True)

    @cached_property
    def differences(self) -> pd.DataFrame:
        """Held-out worlds: the chosen strategy less each named scenario, one row each; empty before."""
        return pd.DataFrame(self.held_out["rows"] if self.held_out else [])

    def best(self, choose: str) -> int | None:
        """Feasible trial that an objective chooses, or the trial of that number; None if there is none."""
        good = self.trials[self.trials["feasible"]]
        if choose.isdecimal():
            return (
                int(choose)
                if int(choose) in set(self.trials.loc[self.trials["state"] == "complete", "trial"])
                else None
            )
        if good.empty:
            return None
        values = good[choose].to_numpy(float)
        at = int(np.argmax(values) if self.directions[choose] == "maximize" else np.argmin(values))
        return int(good["trial"].iloc[at])

    def strategy(self, trial: int) -> dict[str, Any]:
        """What one trial sets."""
        row = self.trials[self.trials["trial"] == trial].iloc[0]
        return {lever: _native(row[lever]) for lever in self.levers}

    def _repr_html_(self) -> str:
        """The front, for notebooks."""
        html: str = self.front.to_html(index=False, border=0)
        return html


def save(
    root: str | Path,
    experiment: str,
    spec: Mapping[str, Any],
    told: Sequence[Told],
    held_out: Mapping[str, Any] | None,
) -> Path:
    """Write a search down, whole or not at all; returns the file.

    Raises
    ------
    StoreError
        If it cannot be written.
    """
    trials = [
        {
            "trial": one.trial,
            "strategy": dict(one.strategy),
            "reason": one.reason,
            "scores": {name: list(score) for name, score in one.scores.items()},
            "figures": dict(one.figures),
        }
        for one in told
    ]
    content = {"layout": _LAYOUT, "spec": spec, "trials": trials, "held_out": held_out}
    plain = sealed(_plain(content), experiment)
    text = json.dumps(plain, indent=1, ensure_ascii=False, allow_nan=False)
    path = folder(root, experiment) / FILE
    commit(path, lambda temporary: temporary.write_text(text, encoding="utf-8", newline="\n"))
    return path


def stored(root: str | Path, experiment: str) -> dict[str, Any] | None:
    """Content of the file of one search; None if there is none.

    Raises
    ------
    StoreError
        If it cannot be read.
    """
    path = folder(root, experiment) / FILE
    try:
        content = unsealed(path.read_text(encoding="utf-8"), experiment)
        if content["layout"] != _LAYOUT or not {"spec", "trials", "held_out"} <= set(content):
            raise ValueError(tr("not a search of this version"))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise StoreError(
            tr(
                "results: '{path}' cannot be read ({error}); move it away, the same command writes it again",
                path=path,
                error=error,
            )
        ) from None
    return content


def load_optimisation(root: str | Path, experiment: str) -> Optimisation:
    """A stored search.

    Raises
    ------
    StoreError
        If there is none, or its file is torn.
    """
    content = stored(root, experiment)
    if content is None:
        known = sorted(path.parent.name for path in (Path(root) / "sweeps").glob(f"*/{FILE}"))
        remedy = (
            tr("choose one of: {known}", known=", ".join(known))
            if known
            else tr("there are none yet, run 'liebian optimise'")
        )
        raise StoreError(
            tr(
                "experiment: no search '{experiment}' in '{root}'; {remedy}",
                experiment=experiment,
                root=root,
                remedy=remedy,
            )
        )
    spec = content["spec"]
    objectives = tuple(spec["objectives"])
    levers = (*spec["space"]["choices"], *spec["space"]["levers"])
    directions = {name: DIRECTIONS[name] for name in objectives}
    trials = _frame(content["trials"], spec, objectives, levers)
    return Optimisation(
        experiment, objectives, directions, levers, spec, trials, _numbers(content["held_out"])
    )


def _frame(
    rows: Sequence[Mapping[str, Any]],
    spec: Mapping[str, Any],
    objectives: Sequence[str],
    levers: Sequence[str],
) -> pd.DataFrame:
    """Trials as a frame, with who keeps the rules and who is on the front."""
    rules = [Rule(**one) for one in spec["rules"]]
    figures = [name for name in dict.fromkeys(rule.figure for rule in rules) if name not in objectives]
    made = []
    for row in sorted(rows, key=lambda one: one["trial"]):
        scores = {name: [_number(v) for v in row["scores"].get(name, (None,) * 3)] for name in objectives}
        held = {name: _number(value) for name, value in row["figures"].items()}
        complete = not row["reason"]
        made.append(
            {"trial": row["trial"], "state": "complete" if complete else "failed"}
            | {lever: row["strategy"].get(lever) for lever in levers}
            | {
                f"{name}{end}": score[n]
                for name, score in scores.items()
                for n, end in enumerate(("", "_low", "_high"))
            }
            | {name: held.get(name, math.nan) for name in figures}
            | {
                "feasible": complete and all(rule.violation(held[rule.figure]) <= 0 for rule in rules),
                "reason": row["reason"],
            }
        )
    bounds = [f"{name}{end}" for name in objectives for end in ("", "_low", "_high")]
    columns = ["trial", "state", *levers, *bounds, *figures, "feasible", "reason"]
    frame = pd.DataFrame(made, columns=columns)
    good = frame["feasible"].to_numpy(bool)
    front = np.zeros(len(frame), bool)
    front[good] = pareto(
        frame.loc[good, list(objectives)].to_numpy(float), [DIRECTIONS[o] for o in objectives]
    )
    frame.insert(len(frame.columns) - 1, "pareto", front)
    return frame


def _native(value: Any) -> Any:
    """A plain Python value of a frame's cell."""
    return value.item() if isinstance(value, np.generic) else value


def _number(value: Any) -> float:
    return math.nan if value is None else float(value)


def _plain(value: Any) -> Any:
    """The same for JSON: what is not a number becomes null."""
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, Mapping):
        return {key: _plain(entry) for key, entry in value.items()}
    return [_plain(entry) for entry in value] if isinstance(value, (list, tuple)) else value


def _numbers(held_out: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
    """Held-out figures with nan where JSON says null."""
    if held_out is None:
        return None
    scores = {
        kind: {name: [_number(v) for v in score] for name, score in held_out[kind].items()}
        for kind in ("search", "held_out")
    }
    rows = [
        {key: math.nan if entry is None else entry for key, entry in row.items()} for row in held_out["rows"]
    ]
    return {**held_out, **scores, "rows": rows}
