"""The strategy that a search chose: its levers, how far it is from each target, and a file to run it from."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sim.config import market_sources
from sim.core.atomic import commit
from sim.core.errors import InputError
from sim.core.language import tr
from sim.measure.display import alike_in_unit, in_unit
from sim.measure.scorecard import scorecard
from sim.measure.verdicts import MET, chance_words, verdict
from sim.report.html import declared_parameters
from sim.report.sentences import label, scenario_label
from sim.report.sweep.study import Study
from sim.studies.optimise.heldout import is_strategy, strategy_text
from sim.studies.optimise.objectives import USUAL
from sim.studies.optimise.stored import Optimisation

_LONGEST = 64
_SHOCK = "shock"


@dataclass(frozen=True)
class Chosen:
    """The best strategy of a search under the one name that the whole page gives it.

    Attributes
    ----------
    trial : int
        Its number.
    why : str
        How it was chosen.
    """

    trial: int
    why: str

    @property
    def name(self) -> str:
        """What every table, figure and sentence calls it."""
        return tr("trial {trial}", trial=self.trial)


def chosen(found: Optimisation) -> Chosen | None:
    """The trial that was tested in fresh worlds; before that the best by the first objective, if any."""
    if found.held_out is not None:
        return Chosen(int(found.held_out["trial"]), tr("chosen by the search and tested in fresh worlds"))
    first = found.objectives[0]
    best = found.best(first)
    return (
        None
        if best is None
        else Chosen(best, tr("best mean of {first}, not yet tested", first=label(first).lower()))
    )


def lever_rows(found: Optimisation, trial: int) -> list[dict[str, str]]:
    """Key, value, unit and usual value of everything that the trial sets."""
    declared = declared_parameters()
    rows = []
    for key, value in found.strategy(trial).items():
        known = declared.get(key)
        rows.append(
            {
                "key": key,
                "value": _said(value),
                "usual": _said(known.default) if known else "",
                "unit": tr(known.unit) if known else "",
                "why": known.why if known else "",
            }
        )
    return rows


def _said(value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return scenario_label(str(value))
    return f"{value:,.6g}"


def target_rows(study: Study, trial: Chosen) -> list[dict[str, str]]:
    """Level, target, distance and verdict of each target in the worlds of the search, without a shock."""
    numbers = [number for number, name in study.trials.items() if trial.trial in numbers_in(name)]
    if _SHOCK in study.swept.configurations:
        shocks = study.swept.configurations[_SHOCK]
        numbers = [number for number in numbers if shocks[number] == USUAL]
    jobs = study.swept.jobs
    mine = (jobs["done"].astype(bool) & jobs["configuration"].isin(numbers[:1])).to_numpy()
    levels = study.swept.levels[mine]
    if levels.empty:
        return []
    base = levels - study.swept.changes[mine]
    card = scorecard(levels.to_dict("records"), base.to_dict("records"), study.targets)
    return [_row_of_target(row) for row in card.to_dict("records")]


def numbers_in(name: str) -> list[int]:
    """Trials that a configuration's name names, in any language."""
    return [int(number) for number in re.findall(r"\d+", name)]


def _row_of_target(row: dict[Any, Any]) -> dict[str, str]:
    unit = str(row["unit"])
    value, low, high = alike_in_unit((row["value"], row["low"], row["high"]), unit)
    short = "–" if row["verdict"] == MET else in_unit(row["gap"], unit, signed=True)
    return {
        "label": label(str(row["kpi"])),
        "value": value,
        "unit": tr(unit),
        "interval": "–" if low == "–" else tr("{low} to {high}", low=low, high=high),
        "target": f"{tr(str(row['direction']))} {in_unit(row['target'], unit)}",
        "distance": short,
        "verdict": verdict(str(row["verdict"])),
        "chance": chance_words(row),
    }


def file_name(experiment: str, trial: int) -> str:
    """Name of the scenario: the experiment's in letters that a scenario may have, and the trial."""
    plain = re.sub(r"[^a-z0-9_]+", "_", experiment.lower()).strip("_")
    end = f"_{trial}"
    return f"{plain[: _LONGEST - len(end)] or 'search'}{end}"


def scenario_text(found: Optimisation, trial: int) -> str:
    """A scenario file that sets what the trial sets, on top of what the whole search set.

    Raises
    ------
    ConfigError
        If the scenario that it builds on is no longer there.
    """
    said = tr("Trial {trial} of the search {experiment}", trial=trial, experiment=found.experiment)
    settings = found.spec.get("fixed", ())
    return strategy_text(
        settings, found.strategy(trial), file_name(found.experiment, trial), said, market_sources()
    )


def world_words(found: Optimisation) -> str:
    """The worlds of the search as settings of a command."""
    sources = market_sources()
    words = [word for word in found.spec.get("fixed", ()) if not is_strategy(word, sources)]
    return shlex.join(word for word in words if not word.startswith("experiment.name="))


def write_scenario(found: Optimisation, folder: Path) -> Path | None:
    """Write that file beside the report; None where it cannot be composed any more.

    Raises
    ------
    StoreError
        If it cannot be written.
    """
    best = chosen(found)
    if best is None:
        return None
    try:
        text = scenario_text(found, best.trial)
    except InputError:
        return None
    path = folder / f"{file_name(found.experiment, best.trial)}.yaml"
    commit(path, lambda temporary: temporary.write_text(text, encoding="utf-8"))
    return path
