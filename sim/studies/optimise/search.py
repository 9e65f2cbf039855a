"""Multi-objective search over strategies: try, learn, try better ones, then test the best where it is new.

A search is filed like a sweep: its jobs stand in a manifest, its runs in the store, and what was
tried in ``optimisation.json``. The same command goes on where it was stopped. Once all trials are
told, the chosen strategy meets every named scenario in worlds that took no part in the search.
"""

from __future__ import annotations

import json
from collections.abc import Generator
from pathlib import Path
from typing import Any

from sim.config import code_digest
from sim.core.atomic import commit
from sim.core.errors import StoreError
from sim.core.language import tr
from sim.store import manifest
from sim.store.store import Store
from sim.studies.optimise.heldout import held_out, strategy_file, worlds_of
from sim.studies.optimise.objectives import Scored, Told
from sim.studies.optimise.request import Request
from sim.studies.optimise.runs import OnEnd, Runner
from sim.studies.optimise.stored import Optimisation, load_optimisation, save, stored
from sim.studies.optimise.study import JOURNAL, Evaluate, search

__all__ = ["Optimisation", "check", "load_optimisation", "optimise", "strategies", "write_strategies"]

STRATEGIES = "strategies"


def check(request: Request, root: Path) -> None:
    """Refuse a name that holds something else, before anything is written.

    Raises
    ------
    StoreError
        One line for each part of the search that is not what was begun under this name.
    """
    experiment = str(request.config.experiment.name)
    there = stored(root, experiment)
    remedy = tr("write it as it was, or choose another experiment.name")
    if there is None:
        searched = (manifest.folder(root, experiment) / JOURNAL).exists()  # it says itself whose it is
        if experiment in manifest.names(root) and not searched:
            raise StoreError(
                tr(
                    "experiment.name: '{experiment}' is a sweep in '{root}' already; choose another name",
                    experiment=experiment,
                    root=root,
                )
            )
        return
    asked, begun = _spec(request), there["spec"]
    if asked["code"] != begun["code"]:
        raise StoreError(
            tr(
                "experiment.name: the search '{experiment}' was begun with another version of the "
                "program; choose another experiment.name",
                experiment=experiment,
            )
        )
    problems = [
        tr(
            "{key}: '{experiment}' was begun with {begun} (you wrote {asked}); {remedy}",
            key=_said(key),
            experiment=experiment,
            begun=begun.get(key),
            asked=asked[key],
            remedy=remedy,
        )
        for key in asked
        if asked[key] != begun.get(key)
    ]
    if problems:
        raise StoreError(problems)


def _said(key: str) -> str:
    """The word on the line that a part of the search comes from."""
    words = {
        "space": "vary",
        "rules": "subject_to",
        "fixed": "settings",
        "levels": "targets.*",
        "seed": "experiment.seed",
        "worlds": "experiment.replications",
    }
    return words.get(key, key)


def _spec(request: Request) -> dict[str, Any]:
    asked: dict[str, Any] = json.loads(json.dumps({**request.spec(), "code": code_digest()}))
    return asked  # as it will be read back


def optimise(
    request: Request, store: Store, on_end: OnEnd, evaluate: Evaluate | None = None
) -> Generator[Optimisation]:
    """Lead a search, or go on with it; then test what it chose.

    Parameters
    ----------
    request : Request
        The search.
    store : Store
        Where runs and what was tried are kept.
    on_end : callable
        Called with every run that has ended, apart from baselines that a plan added.
    evaluate : callable, optional
        Runs strategies; the market's own runner if None.

    Yields
    ------
    Optimisation
        After what an earlier call left, after every batch, and after the held-out worlds.

    Raises
    ------
    InputError
        If the name holds another search, or an input file is wrong.
    RunError
        If runs fail for reasons that no strategy has part in.
    """
    check(request, store.root)
    experiment, spec = str(request.config.experiment.name), _spec(request)
    there = stored(store.root, experiment)
    kept = there["held_out"] if there else None
    if there is None:
        save(store.root, experiment, spec, [], None)
    runner = evaluate or Runner(request.fixed, request.aims.markets, request.config.engine, store, on_end)
    told: list[Told] = []
    for batch in search(request, manifest.folder(store.root, experiment), runner):
        told += batch
        save(store.root, experiment, spec, told, kept)
        yield load_optimisation(store.root, experiment)
    fresh = _tested(request, told, kept, store, on_end)
    if fresh is not kept:
        save(store.root, experiment, spec, told, fresh)
    yield load_optimisation(store.root, experiment)


def _tested(request: Request, told: list[Told], kept: Any, store: Store, on_end: OnEnd) -> Any:
    """Held-out figures of the chosen strategy; those that are there if they are of it."""
    found = load_optimisation(store.root, str(request.config.experiment.name))
    chosen = found.best(request.choose)
    if chosen is None or not request.settings.holdout:
        return kept
    if kept and (kept["trial"], kept["worlds"]) == (chosen, list(worlds_of(request))):
        return kept
    one = next(each for each in told if each.trial == chosen)
    scores: dict[str, Scored] = dict(one.scores)
    return {"trial": chosen, **held_out(request, one.strategy, scores, store, on_end)}


def strategies(request: Request, found: Optimisation) -> dict[str, str]:
    """Scenario file of every strategy on the front: name -> text."""
    files = {}
    for trial in found.front["trial"]:
        name = f"{found.experiment}_{trial}"
        said = tr("Trial {trial} of the search {experiment}", trial=trial, experiment=found.experiment)
        files[name] = strategy_file(request, found.strategy(int(trial)), name, said)
    return files


def write_strategies(request: Request, found: Optimisation, root: Path) -> list[Path]:
    """Write those files beside the search, and return them, in the order of the front."""
    place = manifest.folder(root, found.experiment) / STRATEGIES
    paths = []
    for name, text in strategies(request, found).items():
        paths.append(place / f"{name}.yaml")

        def put(temporary: Path, text: str = text) -> None:
            temporary.write_text(text, encoding="utf-8", newline="\n")

        commit(paths[-1], put)
    return paths
