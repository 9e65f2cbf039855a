"""The chosen strategy in worlds that the search has not seen, beside every named scenario.

Whatever a search picks looks better in its own worlds than it is, because it was picked there.
Fresh worlds show what it is worth. Each scenario is met in its own market: where it brings a
shock, the chosen strategy bears the same shock, and both are compared world by world.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from sim.config import SETTINGS, Sources, compose, market_sources, world_differences
from sim.config.business import SECTION as BUSINESS
from sim.config.overrides import SCENARIO, parse
from sim.config.quantities import WORDS as BUSINESS_WORDS
from sim.config.scenarios import load
from sim.config.sources import NAME
from sim.core.errors import ConfigError, RunError
from sim.core.kept import SAID, Kept, keep, plain
from sim.core.language import tr
from sim.measure.intervals import paired_difference, simultaneous_interval, t_interval
from sim.runs.plan import plan
from sim.store.store import Store
from sim.studies.optimise.objectives import MARGIN, USUAL, Figures, Measured, Scored
from sim.studies.optimise.request import HELD_OUT, Request
from sim.studies.optimise.runs import OnEnd, Place, Runner, figures_of, jobs_of


@dataclass(frozen=True)
class Opponents:
    """Named scenarios that can be compared: name -> shock option; and those that cannot: name -> reason."""

    shocks: Mapping[str, str]
    skipped: Mapping[str, Kept]


def worlds_of(request: Request) -> tuple[int, int]:
    """Number of the first fresh world, and how many there are."""
    experiment = request.config.experiment
    return experiment.first_replication + experiment.replications, request.settings.holdout


def opponents(request: Request, sources: Sources | None = None) -> Opponents:
    """Every named scenario that shares the search's worlds."""
    sources = sources or market_sources()
    words = world_words(request, sources)
    shocks: dict[str, str] = {}
    skipped: dict[str, Kept] = {}
    for name in sources.scenario_paths():
        try:
            other = compose([f"{SCENARIO}={name}", *words], sources=sources)
        except ConfigError:
            skipped[name] = keep("cannot be composed, and 'liebian plan {name}' says why", name=name)
            continue
        differs = world_differences([request.config, other])
        option = other.options["shock"]
        if differs:
            skipped[name] = keep("plays in another world ({differs})", differs=", ".join(differs))
        elif other.shock != compose([f"shock={option}"], sources=sources).shock:
            skipped[name] = keep("brings a shock that is no option of its own")
        else:
            shocks[name] = option
    return Opponents(shocks, skipped)


def world_words(request: Request, sources: Sources) -> list[str]:
    """Settings of the search that are no strategy: worlds, lengths, engine, folders."""
    return [word for word in request.fixed if not is_strategy(word, sources)]


def is_strategy(word: str, sources: Sources) -> bool:
    """Whether a setting is part of what an operator chooses; the business in its own words is not."""
    key = word.partition("=")[0]
    if key == SCENARIO:
        return True
    section = key.partition(".")[0]
    if section in SETTINGS or section == BUSINESS or key in BUSINESS_WORDS:
        return False
    usual, changed = (compose(words, sources=sources) for words in ([], [word]))
    return not world_differences([usual, changed])


def held_out(
    request: Request,
    strategy: Mapping[str, Any],
    search: Mapping[str, Scored],
    store: Store,
    on_end: OnEnd,
    sources: Sources | None = None,
) -> dict[str, Any]:
    """Run the chosen strategy and the named scenarios in fresh worlds and compare them.

    Parameters
    ----------
    request : Request
        The search.
    strategy : mapping
        What the chosen trial sets.
    search : mapping of str to Scored
        Its objectives in the search's worlds.
    store, on_end
        As for :class:`Runner`.

    Returns
    -------
    dict
        As :attr:`Optimisation.held_out`, without the trial's number.

    Raises
    ------
    RunError
        If a run fails.
    """
    sources = sources or market_sources()
    rivals = opponents(request, sources)
    markets = tuple(dict.fromkeys((*request.aims.markets, *rivals.shocks.values())))
    words = _fresh(request, request.fixed)
    runner = Runner(words, markets, request.config.engine, store, on_end)
    planned = plan(words, points=[{**strategy, "shock": shock} for shock in markets])
    mine = runner.measured(planned, range(len(markets)), _all_good(runner.execute(planned)))
    assert isinstance(mine, Measured)
    theirs = _named(request, rivals, runner, store, sources)
    return {
        "worlds": list(worlds_of(request)),
        "search": {name: list(score) for name, score in search.items()},
        "held_out": {name: list(score) for name, score in request.aims.score(mine).items()},
        "rows": compared(mine, theirs, rivals.shocks),
        "skipped": dict(rivals.skipped),
        SAID: {"skipped": plain(rivals.skipped)},
    }


def _fresh(request: Request, words: Sequence[str]) -> list[str]:
    """The same settings for worlds that the search has not seen, filed under a name of their own."""
    first, count = worlds_of(request)
    own = ("experiment.name", "experiment.replications", "experiment.first_replication")
    return [
        *(word for word in words if word.partition("=")[0] not in own),
        f"experiment.name={request.config.experiment.name}{HELD_OUT}",
        f"experiment.replications={count}",
        f"experiment.first_replication={first}",
    ]


def _named(
    request: Request, rivals: Opponents, runner: Runner, store: Store, sources: Sources
) -> dict[str, list[dict[str, float]]]:
    """Scenario -> its figures in each fresh world."""
    if not rivals.shocks:
        return {}
    words = _fresh(request, world_words(request, sources))
    planned = plan(words, points=[{SCENARIO: name} for name in rivals.shocks])
    _all_good(runner.execute(planned))
    experiment = str(planned.settings.experiment.name)
    return {
        name: figures_of(store, experiment, [(job.scenario, job.key) for job in jobs_of(planned, n)])
        for n, name in enumerate(rivals.shocks)
    }


def _all_good(failed: Mapping[Place, str]) -> Mapping[Place, str]:
    if failed:
        (scenario, key), why = next(iter(failed.items()))
        raise RunError(
            tr(
                "held-out worlds: {n_failed} runs failed, the first of '{scenario}' ({key}): {why}",
                n_failed=len(failed),
                scenario=scenario,
                key=key[:12],
                why=why,
            )
        )
    return failed


def compared(
    mine: Measured, theirs: Mapping[str, Sequence[Figures]], shocks: Mapping[str, str]
) -> list[dict[str, Any]]:
    """One row a scenario: margins, their paired difference, and its intervals for one and for all.

    The simultaneous bounds hold for all rows together with 95% (Bonferroni).
    """
    rows = []
    for name, runs in theirs.items():
        own = _margins(mine.runs[shocks[name]])
        other = _margins(runs)
        difference = paired_difference(own, other)
        together = simultaneous_interval(own - other, len(theirs))
        rows.append(
            {
                "scenario": name,
                "shock": shocks[name],
                "chosen_margin": t_interval(own).value,
                "scenario_margin": t_interval(other).value,
                "difference": difference.value,
                "low": difference.low,
                "high": difference.high,
                "low_all": together.low,
                "high_all": together.high,
                "share_positive": difference.share_positive,
                "worlds": together.n,
            }
        )
    return sorted(rows, key=lambda row: (row["shock"] != USUAL, row["difference"]))


def _margins(runs: Sequence[Figures]) -> np.ndarray:
    return np.array([run.get(MARGIN, np.nan) for run in runs], np.float64)


def strategy_file(
    request: Request, strategy: Mapping[str, Any], name: str, said: str, sources: Sources | None = None
) -> str:
    """A scenario file that sets one strategy, to be put into the folder ``scenarios``.

    Raises
    ------
    ConfigError
        If the scenario that it builds on is no longer there.
    """
    return strategy_text(request.fixed, strategy, name, said, sources or market_sources())


def strategy_text(
    settings: Sequence[str], strategy: Mapping[str, Any], name: str, said: str, sources: Sources
) -> str:
    """The same from the settings of a search as they are written down with it."""
    assert NAME.fullmatch(name)
    fixed = parse([word for word in settings if is_strategy(word, sources)])[0]
    chosen = {one.key: one.value for one in fixed} | dict(strategy)
    based = chosen.pop(SCENARIO, None)
    lines = {one.key: one.value for one in load(based, sources).assignments} if based else {}
    written = "".join(f"{key}: {yaml_value(value)}\n" for key, value in (lines | chosen).items())
    return f"# liebian run {SCENARIO}={name}\ndescription: {said}\n{written}"


def yaml_value(value: Any) -> str:
    """A plain value as YAML writes it, which for these is as JSON does."""
    return value if isinstance(value, str) and value.isidentifier() else json.dumps(value)
