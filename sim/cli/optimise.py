"""The verb ``optimise``: a search over strategies, its front, and how its choice holds in fresh worlds.

The search is checked whole before its first run. What was tried is kept as it is tried, so that
Ctrl-C or a killed machine loses at most the runs under way; the same line goes on.
"""

from __future__ import annotations

import math
import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd
from rich import box
from rich.table import Table

from sim.cli.jobs import JobProgress, print_pairing, print_report_hint, said
from sim.cli.output import say
from sim.cli.screen import console
from sim.cli.session import hand_over
from sim.config.sweep_request import held_said
from sim.core.atomic import check_folder
from sim.core.errors import InputError, RunError
from sim.measure.display import in_unit
from sim.measure.guardrails import UNITS
from sim.runs.sweep import sweep_store
from sim.runs.task import Outcome
from sim.store.last import Command, note
from sim.store.manifest import Job
from sim.studies.optimise.heldout import opponents, world_words
from sim.studies.optimise.objectives import DOWNSIDE, MET, OWN, TOGETHER
from sim.studies.optimise.request import EXAMPLE, Request, need_optuna
from sim.studies.optimise.stored import Optimisation, stored

DONE, FAILED = 0, 1
_UNIT = {TOGETHER: "share", MET: "targets", DOWNSIDE: UNITS["contribution_margin"]}
_SHOWN = 12


def optimise(words: Sequence[str]) -> int:
    """Search, tell the front, write its strategies down, and test the chosen one."""
    if not words:
        raise InputError(f"write what to search, for instance {EXAMPLE}")
    need_optuna()
    from sim.studies.optimise import search as searching

    request = Request.parse(words)
    config = request.config
    store = sweep_store(config.paths.results, config.store.level)
    searching.check(request, store.root)
    store.check()
    check_folder(Path(config.paths.cache), "paths.cache")
    say("\n".join([_opening(request), *held_said(request.space.held)]), flush=True)
    print_pairing(request.fixed, [request.config])
    note(store.root, Command("optimise", str(config.experiment.name)))
    found: Optimisation | None = None
    failure: RunError | None = None
    try:
        with JobProgress(_runs(request, store.root)) as progress:

            def ended(job: Job, outcome: Outcome[Any]) -> None:
                progress.ended(said(job), outcome)

            for latest in searching.optimise(request, store, ended):
                found = latest
    except RunError as error:
        failure = error
    if found is None or found.trials.empty:
        _complain(failure)
        return FAILED
    _show(request, found)
    for path in searching.write_strategies(request, found, store.root)[:1]:
        _tell_commands(request, path)
    _show_held_out(request, found)
    path = store.root / "sweeps" / found.experiment / "optimisation.json"
    say(f"search: {path}")
    hand_over(
        objectives=found.objectives,
        directions=found.directions,
        levers=found.levers,
        trials=found.trials,
        held_out=found.held_out,
        search=path,
    )
    print_report_hint(store, found.experiment)
    _complain(failure)
    return FAILED if failure else DONE


def _complain(failure: RunError | None) -> None:
    from sim.cli.output import print_error

    if failure is not None:
        reason = next(iter(str(failure).splitlines()), "")
        print_error(
            f"the search stopped: {reason}; finished runs are kept, the same command takes up the rest"
        )


def _runs(request: Request, root: Path) -> int:
    """Runs that are left if no strategy is drawn twice, with those of the held-out worlds."""
    there = stored(root, str(request.config.experiment.name))
    left = max(request.settings.trials - (len(there["trials"]) if there else 0), 0)
    runs = left * len(request.aims.markets) * request.config.experiment.replications
    if request.settings.holdout:
        rivals = opponents(request).shocks
        markets = {*request.aims.markets, *rivals.values()}
        runs += request.settings.holdout * (len(markets) + len(rivals))
    return runs


def _opening(request: Request) -> str:
    settings, experiment = request.settings, request.config.experiment
    space = request.space
    return (
        f"{settings.trials} trials of {len(space.levers) + len(space.choices)} levers and choices, each in "
        f"{experiment.replications} worlds and {len(request.aims.markets)} markets "
        f"({', '.join(request.aims.markets)}); {settings.sampler}, {settings.batch} at a time, "
        f"seed {experiment.seed}"
    )


def _show(request: Request, found: Optimisation) -> None:
    """The front, how many failed, and what to do where an objective has no slope."""
    out = console()
    out.print(_front(found))
    trials = found.trials
    failed = trials[trials["state"] == "failed"]
    broken = int((~trials["feasible"]).sum()) - len(failed)
    out.print(
        f"{len(trials)} trials: {len(failed)} failed, {broken} broke a rule, {len(found.front)} on the front",
        soft_wrap=True,
    )
    for row in failed.head(_SHOWN).itertuples():
        out.print(f"· trial {row.trial} failed: {row.reason}", soft_wrap=True)
    for line in _no_slope(request, found):
        out.print(f"· {line}", soft_wrap=True)


def _no_slope(request: Request, found: Optimisation) -> list[str]:
    """What to say where the targets were never met together, or no strategy keeps the rules."""
    told = []
    complete = found.trials[found.trials["state"] == "complete"]
    if TOGETHER in found.objectives and len(complete) and not complete[TOGETHER].any():
        told.append(
            f"no strategy meets the {len(request.aims.targets)} targets together in any world, so that this "
            f"objective says nothing; name fewer with targets=[...], or write objectives=[...,{MET}], the "
            "mean number of targets met, which has a slope"
        )
    if len(complete) and not found.trials["feasible"].any():
        told.append("no strategy keeps every rule; loosen subject_to, or vary more")
    return told


def _front(found: Optimisation) -> Table:
    """Strategies on the front, the best by the first objective on top."""
    worlds = found.spec["worlds"][1]
    table = Table(
        title=f"Pareto front over {worlds} worlds (mean, 95% interval over worlds)",
        title_justify="left",
        box=box.SIMPLE_HEAD,
    )
    table.add_column("Trial", justify="right")
    for name in found.objectives:
        best = "highest" if found.directions[name] == "maximize" else "lowest"
        table.add_column(f"{name}\n{_words(name)}, {best} is best", justify="right")
    table.add_column("Strategy")
    for row in found.front.head(_SHOWN).to_dict("records"):
        cells = [
            _interval([row[f"{name}{end}"] for end in ("", "_low", "_high")], name)
            for name in found.objectives
        ]
        table.add_row(str(row["trial"]), *cells, _strategy(found, row))
    if len(found.front) > _SHOWN:
        table.caption = f"and {len(found.front) - _SHOWN} more in optimisation.json"
    return table


def _words(name: str) -> str:
    return _UNIT.get(name) or UNITS[name]


def _interval(score: Sequence[float], name: str) -> str:
    value, low, high = (in_unit(one, _words(name)) for one in score)
    return value if low == "–" else f"{value}\n{low} to {high}"


def _strategy(found: Optimisation, row: dict[str, object]) -> str:
    """Levers in a line; numbers short, the file has them whole."""

    def short(value: object) -> str:
        return f"{value:.4g}" if isinstance(value, float) else str(value)

    return " ".join(f"{lever}={short(row[lever])}" for lever in found.levers)


def _tell_commands(request: Request, path: Path) -> None:
    """How the best strategy is run like any scenario."""
    from sim.config import market_sources

    settings = shlex.join(world_words(request, market_sources()))
    say(f"strategies of the front: {path.parent}")
    say(f"  mkdir -p scenarios && cp {shlex.quote(str(path))} scenarios/")
    say(f"  liebian compare baseline {path.stem} {settings}".rstrip())


def _show_held_out(request: Request, found: Optimisation) -> None:
    """The chosen strategy in fresh worlds: what is left of it, and how it stands beside the scenarios."""
    out, tested = console(), found.held_out
    if tested is None:
        if request.settings.holdout:
            out.print(f"· nothing is tested in fresh worlds: no strategy could be chosen by {request.choose}")
        return
    first, count = tested["worlds"]
    out.print(
        f"Trial {tested['trial']}, chosen by {request.choose}, in {count} fresh worlds "
        f"({first} to {first + count - 1}):",
        soft_wrap=True,
    )
    for name in found.objectives:
        was, now = tested["search"][name], tested["held_out"][name]
        optimism = in_unit(was[0] - now[0], _words(name), signed=True)
        out.print(
            f"· {name}: {_line(was, name)} in the search, {_line(now, name)} held out; optimism {optimism}",
            soft_wrap=True,
        )
    out.print(_differences(found.differences, int(tested["trial"])))
    for name, reason in tested["skipped"].items():
        out.print(f"· {name} is left out: {reason}", soft_wrap=True)
    if any(name in OWN or name != "contribution_margin" for name in found.objectives):
        out.print("· scenarios are compared by contribution margin, whatever else was searched for")


def _line(score: Sequence[float], name: str) -> str:
    value, low, high = (in_unit(one, _words(name)) for one in score)
    return value if low == "–" else f"{value} ({low} to {high})"


def _differences(rows: pd.DataFrame, trial: int) -> Table:
    """Paired differences in contribution margin, one scenario a row."""
    table = Table(
        title=f"Contribution margin of trial {trial} less that of each scenario, CNY/day, world by world",
        caption="'all': bounds that hold for all rows together (Bonferroni); a scenario with a shock is met "
        "under that shock by both",
        title_justify="left",
        caption_justify="left",
        box=box.SIMPLE_HEAD,
    )
    for heading in ("Scenario", "Shock"):
        table.add_column(heading, no_wrap=True)
    for heading in ("Scenario's", "Chosen's", "Difference", "95% interval", "95%, all", "Better in"):
        table.add_column(heading, justify="right", no_wrap=True)
    unit = _words(DOWNSIDE)
    for row in rows.to_dict("records"):
        value = {key: in_unit(row[key], unit) for key in ("scenario_margin", "chosen_margin")}
        signed = {
            key: in_unit(row[key], unit, signed=True)
            for key in ("difference", "low", "high", "low_all", "high_all")
        }
        share = row["share_positive"]
        better = "–" if math.isnan(share) else f"{share * row['worlds']:.0f} of {row['worlds']}"
        table.add_row(
            row["scenario"],
            row["shock"],
            value["scenario_margin"],
            value["chosen_margin"],
            signed["difference"],
            f"{signed['low']} to {signed['high']}",
            f"{signed['low_all']} to {signed['high_all']}",
            better,
        )
    return table
