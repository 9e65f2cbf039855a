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
from sim.config.idle import idle_said
from sim.config.sweep_request import held_said
from sim.core.atomic import check_folder
from sim.core.errors import InputError, RunError
from sim.core.kept import told_of
from sim.core.language import mark, name_of_key, tr
from sim.measure.display import alike_in_unit, in_unit
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
_HIGHEST, _LOWEST = mark("{name}\n{words}, highest is best"), mark("{name}\n{words}, lowest is best")
_UNIT = {TOGETHER: "share", MET: "targets", DOWNSIDE: UNITS["contribution_margin"]}
_SHOWN = 12


def optimise(words: Sequence[str]) -> int:
    """Search, tell the front, write its strategies down, and test the chosen one."""
    if not words:
        raise InputError(tr("write what to search, for instance {example}", example=EXAMPLE))
    need_optuna()
    from sim.studies.optimise import search as searching

    request = Request.parse(words)
    config = request.config
    store = sweep_store(config.paths.results, config.store.level)
    searching.check(request, store.root)
    store.check()
    check_folder(Path(config.paths.cache), "paths.cache")
    say(
        "\n".join(
            [
                _opening(request),
                *_then(request),
                *held_said(request.space.held),
                *idle_said(request.space.idle),
            ]
        ),
        flush=True,
    )
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
    say(tr("search: {path}", path=path))
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
            tr(
                "the search stopped: {reason}; finished runs are kept, the same command takes up the rest",
                reason=reason,
            )
        )


def _runs(request: Request, root: Path) -> int:
    """Runs that are left if no strategy is drawn twice, with those of the held-out worlds."""
    there = stored(root, str(request.config.experiment.name))
    left = max(request.settings.trials - (len(there["trials"]) if there else 0), 0)
    return left * len(request.aims.markets) * request.config.experiment.replications + _held_out(request)


def _held_out(request: Request) -> int:
    """Runs of the test in fresh worlds."""
    if not request.settings.holdout:
        return 0
    rivals = opponents(request).shocks
    markets = {*request.aims.markets, *rivals.values()}
    return request.settings.holdout * (len(markets) + len(rivals))


def _then(request: Request) -> list[str]:
    """That a test follows the trials, which may take longer than they do."""
    runs, worlds = _held_out(request), request.settings.holdout
    if not runs:
        return []
    return [
        tr(
            "then the best in {worlds} fresh worlds, beside the named scenarios: at most {runs} more runs "
            "(holdout={worlds})",
            worlds=worlds,
            runs=runs,
        )
    ]


def _opening(request: Request) -> str:
    settings, experiment = request.settings, request.config.experiment
    space = request.space
    return tr(
        "{trials} trials of {n_choices} levers and choices, each in {replications} worlds "
        "and {n_markets} market{s} ({markets}); {sampler}, {batch} at a time, seed {seed}",
        trials=settings.trials,
        n_choices=len(space.levers) + len(space.choices),
        replications=experiment.replications,
        n_markets=len(request.aims.markets),
        s="" if len(request.aims.markets) == 1 else "s",
        markets=", ".join(request.aims.markets),
        sampler=settings.sampler,
        batch=settings.batch,
        seed=experiment.seed,
    )


def _show(request: Request, found: Optimisation) -> None:
    """The front, how many failed, and what to do where an objective has no slope."""
    out = console()
    out.print(_front(found))
    trials = found.trials
    failed = trials[trials["state"] == "failed"]
    broken = int((~trials["feasible"]).sum()) - len(failed)
    out.print(
        tr(
            "{n_trials} trials: {n_failed} failed, {broken} broke a rule, {n_front} on the front",
            n_trials=len(trials),
            n_failed=len(failed),
            broken=broken,
            n_front=len(found.front),
        ),
        soft_wrap=True,
    )
    for row in failed.head(_SHOWN).itertuples():
        out.print(tr("· trial {trial} failed: {reason}", trial=row.trial, reason=row.reason), soft_wrap=True)
    for line in _no_slope(request, found):
        out.print(f"· {line}", soft_wrap=True)


def _no_slope(request: Request, found: Optimisation) -> list[str]:
    """What to say where the targets were never met together, or no strategy keeps the rules."""
    told = []
    complete = found.trials[found.trials["state"] == "complete"]
    if TOGETHER in found.objectives and len(complete) and not complete[TOGETHER].any():
        told.append(
            tr(
                "no strategy meets the {n_targets} targets together in any world, so that this "
                "objective says nothing; name fewer with targets=[...], or write "
                "objectives=[...,{met}], the mean number of targets met, which has a slope",
                n_targets=len(request.aims.targets),
                met=MET,
            )
        )
    if len(complete) and not found.trials["feasible"].any():
        told.append(tr("no strategy keeps every rule; loosen subject_to, or vary more"))
    return told


def _front(found: Optimisation) -> Table:
    """Strategies on the front, the best by the first objective on top."""
    from sim.report.sweep.search import name_of

    worlds = found.spec["worlds"][1]
    table = Table(
        title=tr("Pareto front over {worlds} worlds (mean, 95% interval over worlds)", worlds=worlds),
        title_justify="left",
        box=box.SIMPLE_HEAD,
    )
    table.add_column(tr("Trial"), justify="right")
    for name in found.objectives:
        heading = _HIGHEST if found.directions[name] == "maximize" else _LOWEST
        table.add_column(tr(heading, name=name_of(name), words=tr(_words(name))), justify="right")
    table.add_column(tr("Strategy"))
    for row in found.front.head(_SHOWN).to_dict("records"):
        cells = [
            _interval([row[f"{name}{end}"] for end in ("", "_low", "_high")], name)
            for name in found.objectives
        ]
        table.add_row(str(row["trial"]), *cells, _strategy(found, row))
    if len(found.front) > _SHOWN:
        table.caption = tr("and {shown} more in optimisation.json", shown=len(found.front) - _SHOWN)
    return table


def _words(name: str) -> str:
    return _UNIT.get(name) or UNITS[name]


def _interval(score: Sequence[float], name: str) -> str:
    value, low, high = alike_in_unit(score, _words(name))
    return value if low == "–" else tr("{value}\n{low} to {high}", value=value, low=low, high=high)


def _strategy(found: Optimisation, row: dict[str, object]) -> str:
    """Levers in a line; numbers short, the file has them whole."""

    def short(value: object) -> str:
        return f"{value:.4g}" if isinstance(value, float) else str(value)

    return " ".join(f"{lever}={short(row[lever])}" for lever in found.levers)


def _tell_commands(request: Request, path: Path) -> None:
    """How the best strategy is run like any scenario."""
    from sim.config import market_sources

    settings = shlex.join(world_words(request, market_sources()))
    say(tr("strategies of the front: {parent}", parent=path.parent))
    say(f"  mkdir -p scenarios && cp {shlex.quote(str(path))} scenarios/")
    say(f"  liebian compare baseline {path.stem} {settings}".rstrip())


def _show_held_out(request: Request, found: Optimisation) -> None:
    """The chosen strategy in fresh worlds: what is left of it, and how it stands beside the scenarios."""
    from sim.report.sweep.search import name_of

    out, tested = console(), found.held_out
    if tested is None:
        if request.settings.holdout:
            out.print(
                tr(
                    "· nothing is tested in fresh worlds: no strategy could be chosen by {choose}",
                    choose=request.choose,
                )
            )
        return
    first, count = tested["worlds"]
    out.print(
        tr(
            "Trial {trial}, chosen by {choose}, in {count} fresh worlds ({first} to {count2}):",
            trial=tested["trial"],
            choose=request.choose,
            count=count,
            first=first,
            count2=first + count - 1,
        ),
        soft_wrap=True,
    )
    for name in found.objectives:
        was, now = tested["search"][name], tested["held_out"][name]
        optimism = in_unit(was[0] - now[0], _words(name), signed=True)
        out.print(
            tr(
                "· {name}: {line} in the search, {line2} held out; optimism {optimism}",
                name=name_of(name),
                line=_line(was, name),
                line2=_line(now, name),
                optimism=optimism,
            ),
            soft_wrap=True,
        )
    out.print(_differences(found.differences, int(tested["trial"])))
    for name, reason in (told_of(tested, "skipped") or {}).items():
        label = name_of_key(name)
        out.print(tr("· {name} is left out: {reason}", name=label, reason=reason), soft_wrap=True)
    if any(name in OWN or name != "contribution_margin" for name in found.objectives):
        out.print(tr("· scenarios are compared by contribution margin, whatever else was searched for"))


def _line(score: Sequence[float], name: str) -> str:
    value, low, high = alike_in_unit(score, _words(name))
    return value if low == "–" else tr("{value} ({low} to {high})", value=value, low=low, high=high)


def _differences(rows: pd.DataFrame, trial: int) -> Table:
    """Paired differences in contribution margin, one scenario a row."""
    table = Table(
        title=tr(
            "Contribution margin of trial {trial} less that of each scenario, CNY/day, world by world",
            trial=trial,
        ),
        caption=tr(
            "'all': bounds that hold for all rows together (Bonferroni); a scenario with a shock "
            "is met under that shock by both"
        ),
        title_justify="left",
        caption_justify="left",
        box=box.SIMPLE_HEAD,
    )
    for heading in (tr("Scenario"), tr("Shock")):
        table.add_column(heading, no_wrap=True)
    for heading in (
        tr("Scenario's"),
        tr("Chosen's"),
        tr("Difference"),
        tr("95% interval"),
        tr("95%, all"),
        tr("Better in"),
    ):
        table.add_column(heading, justify="right", no_wrap=True)
    unit = _words(DOWNSIDE)
    for row in rows.to_dict("records"):
        value = {key: in_unit(row[key], unit) for key in ("scenario_margin", "chosen_margin")}
        signed = {
            key: in_unit(row[key], unit, signed=True)
            for key in ("difference", "low", "high", "low_all", "high_all")
        }
        share = row["share_positive"]
        better = (
            "–"
            if math.isnan(share)
            else tr("{worlds:.0f} of {worlds2}", worlds=share * row["worlds"], worlds2=row["worlds"])
        )
        table.add_row(
            name_of_key(row["scenario"]),
            name_of_key(row["shock"]),
            value["scenario_margin"],
            value["chosen_margin"],
            signed["difference"],
            tr("{low} to {high}", low=signed["low"], high=signed["high"]),
            tr("{low_all} to {high_all}", low_all=signed["low_all"], high_all=signed["high_all"]),
            better,
        )
    return table
