"""The verbs that simulate or read results: ``run``, ``compare`` and ``report``.

Each checks everything the user wrote, and that results can be stored, before a first day is
simulated. The first world's scorecard is shown as soon as it is there; the whole comparison,
with its intervals, follows when all worlds are done.
"""

from __future__ import annotations

import re
import traceback
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.cli import complain
from sim.cli.tables import console, differences, overview, scorecard, show_notes
from sim.core.errors import ConfigError, InputError
from sim.experiment.results import BASELINE, load_results
from sim.experiment.store import Store, level_of
from sim.report.comparison import Comparison
from sim.report.headline import headline

if TYPE_CHECKING:
    from sim.cli.progress import RunProgress
    from sim.config import Config

DONE, FAILED = 0, 1
_SCENARIO = "scenario="
#: Settings that ``report`` understands, with their defaults.
_REPORT_SETTINGS = {"experiment": "", "experiment.name": "", "scenario": "", "paths.results": "results"}


def run(words: Sequence[str]) -> int:
    """One strategy beside the baseline on the same worlds."""
    bare = [word for word in words if "=" not in word]
    if bare:
        raise InputError([_without_equals(word) for word in bare])
    named = [word.removeprefix(_SCENARIO) for word in words if word.startswith(_SCENARIO)]
    if problems := _doubled(word for word in words if word.startswith(_SCENARIO)):
        raise InputError(problems)
    scenarios = [named[-1] if named else BASELINE]
    return _simulate(scenarios, [word for word in words if not word.startswith(_SCENARIO)], sweep=False)


def compare(words: Sequence[str]) -> int:
    """Several strategies on the same worlds."""
    names = [word for word in words if "=" not in word]
    settings = [word for word in words if "=" in word]
    doubled = [word for word in settings if word.startswith(_SCENARIO)]
    if doubled:
        raise InputError(
            f"'{doubled[0]}': compare takes the names of scenarios alone; write them without '{_SCENARIO}'"
        )
    if not names:
        raise InputError("name the scenarios to compare, for instance 'liebian compare baseline group_buy'")
    return _simulate(list(dict.fromkeys(names)), settings, sweep=True)


def report(words: Sequence[str]) -> int:
    """The HTML report of what is stored: of a sweep, of a comparison, or both."""
    from sim.report.html import write_report
    from sim.report.sweep.page import write_reports

    settings = dict(_REPORT_SETTINGS)
    if problems := _doubled(words):
        raise InputError(problems)
    for word in words:
        key, equals, value = word.partition("=")
        if not equals or key not in settings:
            raise InputError(
                f"'{word}': report takes {', '.join(f'{k}=...' for k in settings)} and nothing else"
            )
        settings[key] = value
    experiment = settings["experiment"] or settings["experiment.name"] or None
    results = load_results(settings["paths.results"], experiment, settings["scenario"] or None)
    if results.runs.empty:
        which = f" of experiment '{experiment}'" if experiment else ""
        raise InputError(
            f"no run{which} in '{results.root}'; run something first, for instance 'liebian run'"
        )
    if settings["scenario"]:  # one scenario's runs are no sweep any more
        written = [write_report(Comparison.of(results.newest()))]
    else:
        written = write_reports(results)
    print("\n".join(f"report: {path}" for path in written))
    return DONE


def _simulate(scenarios: list[str], settings: list[str], *, sweep: bool) -> int:
    """Compose, check, simulate and show."""
    configs = _compose(scenarios, settings)
    store = _store(configs[-1], sweep)
    keys: dict[str, tuple[str, int]] = {}
    failed = _execute(configs, store, scenarios, keys)
    if not keys:
        return FAILED
    comparison = _stored(store, keys, scenarios)
    _show(comparison, scenarios, sweep)
    from sim.report.html import write_report

    print(f"report: {write_report(comparison)}")
    return FAILED if failed else DONE


def _compose(scenarios: Iterable[str], settings: list[str]) -> list[Config]:
    """One configuration per scenario, the baseline's first; every problem is told once."""
    from sim.config import compose

    configs, problems = [], _doubled(settings)
    for name in dict.fromkeys([BASELINE, *scenarios]):
        try:
            configs.append(compose([f"{_SCENARIO}{name}", *settings]))
        except ConfigError as error:
            problems += error.problems
    if any(config.experiment.until for config in configs):
        problems.append(
            "experiment.until: is for sweeps; write 'liebian sweep scenario=baseline,NAME "
            "experiment.until=...', or a number of worlds with experiment.replications"
        )
    if problems:
        raise ConfigError(list(dict.fromkeys(problems)))
    _check_world(configs)
    return configs


def _doubled(settings: Iterable[str]) -> list[str]:
    """One line for each setting that is given more than once, because only one of them could count."""
    given: dict[str, list[str]] = {}
    for word in settings:
        key, _, value = word.partition("=")
        given.setdefault(key, []).append(value)
    return [
        f"{key}: must be given once (you wrote {' and '.join(values)}); delete all but one"
        for key, values in given.items()
        if len(values) > 1
    ]


def _check_world(configs: Sequence[Config]) -> None:
    """Refuse strategies that do not share their world, input files that are wrong, a cache that is none."""
    from sim.build import check_network
    from sim.core.files import check_folder
    from sim.experiment.compare import check_same_world
    from sim.experiment.execute import check_kind

    check_kind(configs[-1].engine, "a comparison", ("serial", "local", "dask"))
    check_same_world(configs)
    check_network(configs[-1])
    check_folder(Path(configs[-1].paths.cache), "paths.cache")


def _store(config: Config, sweep: bool) -> Store:
    """The results folder, tried before anything is simulated."""
    store = Store(config.paths.results, level_of(config, sweep))
    store.check()
    return store


def _execute(
    configs: list[Config], store: Store, scenarios: list[str], keys: dict[str, tuple[str, int]]
) -> bool:
    """Run all configurations and note the keys that were stored; True if something failed."""
    from sim.cli.progress import RunProgress

    experiment = configs[-1].experiment
    shown: set[str] = set()
    with RunProgress(len(configs) * experiment.replications) as progress:

        def on_result(scenario: str, replication: int, result: Any) -> None:
            keys[_key(result)] = (scenario, replication)
            progress.finished(scenario, replication)
            _show_early(store, keys, scenarios, shown, progress)

        try:
            for _ in (
                _run_many()(configs, experiment.replications, configs[-1].engine, store, on_result) or ()
            ):
                pass
        except (InputError, BrokenPipeError):
            raise
        except Exception as error:
            _tell_failure(store, str(experiment.name), error)
            return True
    return False


def _run_many() -> Any:
    from sim.experiment.compare import run_many

    return run_many


def _show_early(
    store: Store,
    keys: dict[str, tuple[str, int]],
    scenarios: list[str],
    shown: set[str],
    progress: RunProgress,
) -> None:
    """Print the first strategy's scorecard of one world as soon as it and its baseline are there."""
    if shown or progress.done >= progress.total:
        return
    finished = set(keys.values())
    for scenario, world in sorted(
        finished, key=lambda run: ((scenarios.index(run[0]) if run[0] in scenarios else -1), run[1])
    ):
        both = {(scenario, world), (BASELINE, world)}
        if (scenario == BASELINE and scenarios != [BASELINE]) or not both <= finished:
            continue
        shown.add(scenario)
        comparison = _stored(store, {key: run for key, run in keys.items() if run in both}, scenarios)
        out = console()
        with progress.aside():
            out.print(scorecard(comparison, scenario, f"{scenario}: first world, more to come", out.width))
        return


def _stored(store: Store, keys: dict[str, tuple[str, int]], order: Sequence[str]) -> Comparison:
    return Comparison.of(load_results(store.root).only(set(keys)), order)


def _show(comparison: Comparison, scenarios: Sequence[str], sweep: bool) -> None:
    out = console()
    for scenario in () if sweep else scenarios:
        if scenario in comparison.scenarios:
            out.print(scorecard(comparison, scenario, width=out.width))
    if sweep:
        out.print(overview(comparison))
    changes = differences(comparison)
    if changes is not None:
        out.print(changes)
    for sentence in headline(comparison):
        out.print(sentence, soft_wrap=True)
    show_notes(comparison, out)


def _tell_failure(store: Store, experiment: str, error: Exception) -> None:
    """One line for the user; the traceback goes to a file."""
    scenario, key = str(getattr(error, "scenario", "unknown")), str(getattr(error, "key", "last"))
    path: Path | None = None
    try:
        # A worker that could name its run has left the traceback of the failure itself.
        kept = store.path("errors", experiment, scenario, key, "txt")
        path = kept if kept.exists() else store.write_error(experiment, scenario, key, error)
    except InputError:
        traceback.print_exception(error)
    first = next(iter(str(error).splitlines()), "") or type(error).__name__
    where = f"; traceback in {path}" if path else ""
    complain(f"a run failed: {first}{where}")


def _key(result: Any) -> str:
    """Key of a stored run, from the run itself or as it stands."""
    return str(result.info["key"]) if hasattr(result, "info") else str(result)


def _without_equals(word: str) -> str:
    """What to say of a word that is no setting: perhaps a scenario's name."""
    from sim.config.overrides import refusal

    if re.fullmatch(r"[a-z0-9_]+", word):
        return f"'{word}': a setting holds an equals sign; write '{_SCENARIO}{word}'"
    return f"'{word}': {refusal(word)}"
