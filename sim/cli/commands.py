"""The verbs that simulate or read results: ``run``, ``compare`` and ``report``.

Each checks everything the user wrote, and that results can be stored, before a first day is
simulated. The first world's scorecard is shown as soon as it is there; the whole comparison,
with its intervals, follows when all worlds are done.
"""

from __future__ import annotations

import re
import traceback
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.cli.asked import Asked, key_of
from sim.cli.calibrated import calibrated
from sim.cli.output import print_error, say
from sim.cli.screen import console
from sim.cli.session import current, hand_over
from sim.cli.tables import business, differences, overview, scorecard, show_notes
from sim.config.business import other_businesses, translation
from sim.config.idle import set_for_nothing
from sim.config.overrides import folder, unquoted
from sim.config.remarks import remarks
from sim.config.verb_keys import defaults
from sim.core.errors import ConfigError, InputError
from sim.core.language import tr
from sim.report.comparison import Comparison
from sim.report.data import figures_of
from sim.report.headline import headline
from sim.runs.size import tell_size
from sim.store.last import last, note
from sim.store.results import BASELINE, load_results
from sim.store.store import Store, level_of

if TYPE_CHECKING:
    from sim.cli.progress import RunProgress
    from sim.config import Config

DONE, FAILED = 0, 1
_SCENARIO = "scenario="
#: Settings that ``report`` understands, with their defaults.
_REPORT_SETTINGS = defaults("report")


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
    words = calibrated(words)
    names = [word for word in words if "=" not in word]
    settings = [word for word in words if "=" in word]
    doubled = [word for word in settings if word.startswith(_SCENARIO)]
    if doubled:
        raise InputError(
            tr(
                "'{doubled}': compare takes the names of scenarios alone; write them without '{scenario}'",
                doubled=doubled[0],
                scenario=_SCENARIO,
            )
        )
    if not names:
        raise InputError(
            tr("name the scenarios to compare, for instance 'liebian compare baseline group_buy'")
        )
    return _simulate(list(dict.fromkeys(names)), settings, sweep=True)


def report(words: Sequence[str]) -> int:
    """The HTML report of what is stored: of a sweep, of a comparison, or both."""
    from sim.report.answer.page import beside
    from sim.report.answer.studies import beside_reports
    from sim.report.html import write_report
    from sim.report.sweep.page import write_reports

    settings = dict(_REPORT_SETTINGS)
    if problems := _doubled(words):
        raise InputError(problems)
    for word in words:
        key, equals, value = word.partition("=")
        if not equals or key not in settings:
            raise InputError(
                tr(
                    "'{word}': report takes {settings} and nothing else",
                    word=word,
                    settings=", ".join(f"{k}=..." for k in settings),
                )
            )
        settings[key] = folder(word) if key == "paths.results" else unquoted(value)
    root, named = settings["paths.results"], settings["experiment"] or settings["experiment.name"] or None
    command = last(root, named)
    experiment = named or (command.experiment if command else None)
    results = load_results(root, experiment, settings["scenario"] or None)
    if results.runs.empty:
        which = tr(" of experiment '{experiment}'", experiment=experiment) if experiment else ""
        raise InputError(
            tr(
                "no run{which} in '{root}'; run something first, for instance 'liebian run'",
                which=which,
                root=results.root,
            )
        )
    comparison = None
    if settings["scenario"]:  # one scenario's runs are no sweep any more
        comparison = Comparison.of(results.newest())
    elif command is not None and command.runs:
        comparison = Comparison.asked(results, command)
    written = [write_report(comparison)] if comparison else write_reports(results)
    answers = [beside(comparison, written[0])] if comparison else beside_reports(results, written)
    say("\n".join(tr("answer on two pages: {path}", path=path) for path in answers))
    say("\n".join(tr("report: {path}", path=path) for path in written))
    written += answers
    _hand_over(comparison, written)
    return DONE


def _simulate(scenarios: list[str], settings: list[str], *, sweep: bool) -> int:
    """Compose, check, simulate and show."""
    configs = _compose(scenarios, settings)
    tell_size(configs)
    verb, pairing = "compare" if sweep else "run", _pairing(configs, settings)
    asked = Asked(configs, _store(configs[-1], sweep), verb, pairing)
    if asked.pairing:
        say(asked.pairing, flush=True)
    for line in translation(configs[-1]):
        say(line, flush=True)
    failed = _execute(asked)
    if not asked.ended:
        return FAILED
    note(asked.store.root, asked.command)
    comparison = asked.comparison(asked.ended)
    _show(comparison, sweep)
    from sim.report.answer.page import beside
    from sim.report.html import write_report

    page = write_report(comparison)
    answer = beside(comparison, page)
    say(tr("answer on two pages: {answer}", answer=answer))
    say(tr("report: {page}", page=page))
    _hand_over(comparison, [page, answer])
    return FAILED if failed else DONE


def _hand_over(comparison: Comparison | None, reports: Sequence[Path]) -> None:
    """Let a program read the figures of a comparison, if one asked."""
    if current().json:
        hand_over(**(figures_of(comparison) if comparison else {}), reports=reports)


def _pairing(configs: Sequence[Config], settings: Sequence[str]) -> str:
    """What the baseline shares with the strategies, in a line; a world that scenarios bring is told too."""
    from sim.config import compose
    from sim.config.pairing import pairing_line

    usual = configs[-1].pinned or compose([f"{_SCENARIO}{BASELINE}"])
    return pairing_line([*settings, *_own_world(configs[-1], settings)], configs, usual)


def _own_world(config: Config, settings: Sequence[str]) -> list[str]:
    """World values that are neither the usual ones nor on the command line, but a scenario's own.

    An option that it chooses is told by its name, and only what the scenario sets beside it key by key.
    """
    from sim.config import compose, world_differences
    from sim.config.model import market_values
    from sim.config.overrides import Assignment
    from sim.config.pairing import world_words
    from sim.runs.plan import word_of

    written = world_words(settings, dict(config.models))
    usual = compose([f"{_SCENARIO}{BASELINE}", *written])
    sections = dict.fromkeys(key.partition(".")[0] for key in world_differences([usual, config]))
    chosen = {name: config.options.get(name) for name in sections}
    options = [f"{name}={option}" for name, option in chosen.items() if option != usual.options.get(name)]
    near = compose([f"{_SCENARIO}{BASELINE}", *options, *written])
    values = market_values(config, "world")
    keys = [key for key in world_differences([near, config]) if key in values]
    own = [*options, *(word_of(Assignment(key, values[key])) for key in keys)]
    return [tr("{word} (world of {scenario})", word=word, scenario=config.scenario) for word in own]


def _compose(scenarios: Iterable[str], settings: list[str]) -> list[Config]:
    """The baseline that the strategies are compared with, then they; every problem is told once."""
    from sim.config import compose, reference_of

    configs, problems = [], _doubled(settings)
    pinned = compose([f"{_SCENARIO}{BASELINE}"])
    for name in dict.fromkeys(scenarios):
        try:
            configs.append(replace(compose([f"{_SCENARIO}{name}", *settings]), pinned=pinned))
        except ConfigError as error:
            problems += error.problems
    if any(config.experiment.until for config in configs):
        problems.append(
            tr(
                "experiment.until: is for sweeps; write 'liebian sweep scenario=baseline,NAME "
                "experiment.until=...', or a number of worlds with experiment.replications"
            )
        )
    problems += other_businesses(configs) if configs else []
    if problems:
        raise ConfigError(list(dict.fromkeys(problems)))
    _check_world(configs)
    reference = reference_of(configs[0])
    same = (reference.scenario, key_of(reference, 0))
    if unlike := [config.scenario for config in configs if key_of(reference_of(config), 0) != same[1]]:
        raise ConfigError([_other_baseline(configs[0].scenario, name) for name in unlike])
    return [reference, *(config for config in configs if (config.scenario, key_of(config, 0)) != same)]


def _other_baseline(first: str, other: str) -> str:
    return tr(
        "{other}: its baseline is not that of {first}, because its file sets targets or "
        "lengths of its own; take them out, and set them for all with key=value on the "
        "command line",
        other=other,
        first=first,
    )


def _doubled(settings: Iterable[str]) -> list[str]:
    """One line for each setting that is given more than once, because only one of them could count."""
    given: dict[str, list[str]] = {}
    for word in settings:
        key, _, value = word.partition("=")
        given.setdefault(key, []).append(value)
    return [
        tr(
            "{key}: must be given once (you wrote {values}); delete all but one",
            key=key,
            values=tr(" and ").join(values),
        )
        for key, values in given.items()
        if len(values) > 1
    ]


def _check_world(configs: Sequence[Config]) -> None:
    """Refuse strategies that do not share their world, input files that are wrong, a cache that is none."""
    from sim.market.build import check_network
    from sim.runs.compare import check_same_world
    from sim.runs.execute import check_kind
    from sim.runs.live import check_paths

    check_kind(configs[-1].engine, tr("a comparison"), ("serial", "local", "dask"))
    check_same_world(configs)
    check_network(configs[-1])
    check_paths(configs[-1])
    said = [line for config in configs for line in remarks(config)] + set_for_nothing(configs)
    for line in dict.fromkeys(said):
        print_error(tr("note: {line}", line=line))


def _store(config: Config, sweep: bool) -> Store:
    """The results folder, tried before anything is simulated."""
    store = Store(config.paths.results, level_of(config, sweep))
    store.check()
    return store


def _execute(asked: Asked) -> bool:
    """Run all configurations and note what was stored; True if something failed."""
    from sim.cli.progress import RunProgress

    configs, store, experiment = asked.configs, asked.store, asked.experiment
    shown: list[str] = []
    with RunProgress(len(configs) * experiment.replications) as progress:

        def on_result(scenario: str, replication: int, key: str) -> None:
            asked.end(scenario, key)
            progress.finished(scenario, replication)
            if not shown and progress.done < progress.total and not current().json:
                _show_early(asked, shown, progress)

        try:
            for _ in _run_many()(configs, experiment.replications, configs[-1].engine, store, on_result):
                pass
        except (InputError, BrokenPipeError):
            raise
        except Exception as error:
            _tell_failure(store, str(experiment.name), error)
            return True
    return False


def _run_many() -> Any:
    from sim.runs.compare import run_many

    return run_many


def _show_early(asked: Asked, shown: list[str], progress: RunProgress) -> None:
    """Print the first strategy's scorecard of one world as soon as it and its baseline are there."""
    if not (runs := asked.first_pair()):
        return
    comparison = asked.comparison(runs)
    strategy = comparison.scenarios[-1]
    shown.append(strategy)
    out = console()
    with progress.aside():
        out.print(
            scorecard(
                comparison,
                strategy,
                tr("{strategy}: first world, more to come", strategy=strategy),
                out.width,
            )
        )


def _show(comparison: Comparison, sweep: bool) -> None:
    out = console()
    if sweep:
        out.print(overview(comparison))
    else:
        out.print(scorecard(comparison, comparison.scenarios[-1], width=out.width))
    changes = differences(comparison)
    if changes is not None:
        out.print(changes)
    own_units = business(comparison)
    if own_units is not None:
        out.print(own_units)
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
    where = tr("; traceback in {path}", path=path) if path else ""
    print_error(tr("a run failed: {first}{where}", first=first, where=where))


def _without_equals(word: str) -> str:
    """What to say of a word that is no setting: perhaps a scenario's name."""
    from sim.config.overrides import refusal

    if re.fullmatch(r"[a-z0-9_]+", word):
        return tr(
            "'{word}': a setting holds an equals sign; write '{scenario}{word}'",
            word=word,
            scenario=_SCENARIO,
        )
    return f"'{word}': {refusal(word)}"
