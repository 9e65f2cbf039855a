"""Composition: default options, then a scenario's lines, then the command line, each over the last.

The chosen option files are put side by side; values of the scenario and of the command line
are laid over them here, because Hydra stops at the first unknown key and a user wants
to hear of all of them. An option that the command line chooses takes the place of all that the scenario says
of its section. What comes out is validated once and never changes again.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from difflib import get_close_matches
from typing import Any

from pydantic import BaseModel

from sim.config import overrides, plain_yaml, scenarios
from sim.config.business import doubled, model_units
from sim.config.model import Config, build, paired
from sim.config.options import Values, option_values
from sim.config.overrides import SCENARIO, Assignment
from sim.config.pairing import common_keys, referred
from sim.config.quantities import WORDS
from sim.config.sources import NAME, Sources, market_sources
from sim.config.stages import resolve_stages
from sim.config.validate import default_of
from sim.config.verb_keys import VERB_KEYS
from sim.core.errors import ConfigError
from sim.core.language import tr
from sim.core.messages import VERB, did_you_mean, written

BASELINE = "baseline"
_LOCAL = "local/machine.yaml"
#: Sections that say where and on what a run is made, and not what happens in it.
MACHINE_SECTIONS = frozenset({"engine", "paths", "store"})


def compose(overrides_: Sequence[str] = (), *, sources: Sources | None = None) -> Config:
    """Compose and validate the configuration of one run.

    Parameters
    ----------
    overrides_ : sequence of str
        ``scenario=NAME``, ``group=option`` and ``section.key=value``, later ones winning.
    sources : Sources, optional
        Models and folders to read; by default the market's own.

    Raises
    ------
    ConfigError
        With one line for every problem found.
    """
    sources = sources or market_sources()
    given, problems = overrides.parse(overrides_)
    names = [a.value for a in given if a.key == SCENARIO]
    given = [a for a in given if a.key != SCENARIO]
    scenario, machine = scenarios.Scenario(BASELINE, "", ()), list[Assignment]()
    try:
        scenario = scenarios.load(names[-1] if names else BASELINE, sources)
        machine = _machine(sources)
    except ConfigError as error:
        problems += error.problems
    replaced = _replaced(scenario.assignments, given, sources)
    assignments = [*machine, *(one for one in scenario.assignments if one not in replaced), *given]
    options = _choose(assignments, sources, problems)
    settings = _known(assignments, sources, problems)
    values = option_values(options, sources, problems)
    for one in settings:
        _lay(values, one, sources.sections[one.key.partition(".")[0]])
    problems += doubled(settings, overrides_)
    derived = model_units(values, settings, options, sources, problems)
    for one in derived:
        _lay(values, one, sources.sections[one.key.partition(".")[0]])
    resolve_stages(values, settings, sources, problems, _lay)
    config = build(
        values,
        sources,
        scenario=scenario.name,
        description=scenario.description,
        options=options,
        origins={a.key: a.origin for a in (*settings, *derived)},
        problems=problems,
    )
    written_keys = [key for one in given for key in _keys_of(one.key, one.value)]
    return replace(
        config,
        common=common_keys(written_keys, dict(config.models)) | {one.key for one in derived},
        replaced=tuple(one.key for one in replaced if "." in one.key),
    )


def baseline_of(config: Config, *, sources: Sources | None = None) -> Config:
    """The configuration under which ``config``'s world is burnt in and warmed up.

    World values and settings are those of ``config``, strategy values those of the scenario
    ``baseline``: as pinned by a plan, else as its file says now.
    """
    if config.under_pinned is not None:
        return config.under_pinned
    sources = sources or market_sources(config.features)
    return paired(config, compose([f"{SCENARIO}={BASELINE}"], sources=sources))


def reference_of(config: Config, *, sources: Sources | None = None) -> Config:
    """The run that ``config`` is compared with, see :mod:`sim.config.pairing`.

    World values, settings, and conditions that were set on the command line are those of ``config``,
    everything else that of the scenario ``baseline``.
    """
    return referred(config, baseline_of(config, sources=sources))


def _machine(sources: Sources) -> list[Assignment]:
    """Settings of this machine, from the optional ``conf/local/machine.yaml``."""
    path = sources.conf / _LOCAL
    if not path.is_file():
        return []
    document = plain_yaml.read(path, sources.conf)
    made = [
        Assignment(k, v, tr("{name} line {lines}", name=document.name, lines=document.lines[k]))
        for k, v in document.values.items()
    ]
    problems = [
        tr(
            "{origin}: '{key}' is no machine setting; write a key of engine, paths or store",
            origin=a.origin,
            key=a.key,
        )
        for a in made
        if a.key.partition(".")[0] not in MACHINE_SECTIONS or "." not in a.key
    ]
    if problems:
        raise ConfigError(problems)
    return made


def _replaced(
    scenario: Sequence[Assignment], given: Sequence[Assignment], sources: Sources
) -> list[Assignment]:
    """A scenario's lines on sections for which the command line chooses an option.

    If they stood, ``shock=none`` would leave a scenario's ``shock.kind`` or ``shock.also`` in force.
    """
    chosen = {one.key for one in given if one.key in sources.sections and not _unknown_option(one, sources)}
    return [one for one in scenario if one.key.partition(".")[0] in chosen]


def _choose(assignments: Sequence[Assignment], sources: Sources, problems: list[str]) -> dict[str, str]:
    """Option of each group after all choices; choices that cannot be made are added to ``problems``."""
    options = {}
    for name, option in sources.defaults().items():
        if name in sources.sections:
            options[name] = option
        else:
            listed = did_you_mean(name, sources.sections)
            problems.append(
                tr("conf/config.yaml: unknown section '{name}'; {listed}", name=name, listed=listed)
            )
    for one in assignments:
        if "." in one.key:
            continue
        problem = _unknown_section(one, sources) or _unknown_option(one, sources)
        if problem:
            problems.append(problem + _at(one))
        else:
            options[one.key] = str(one.value)
    return options


def _known(assignments: Sequence[Assignment], sources: Sources, problems: list[str]) -> list[Assignment]:
    """Assignments of values whose section exists; the others are added to ``problems``."""
    known = []
    for one in assignments:
        if "." in one.key:
            problem = _unknown_section(one, sources)
            if problem:
                problems.append(problem + _at(one))
            else:
                known.append(one)
    return known


def _unknown_section(assignment: Assignment, sources: Sources) -> str | None:
    """Problem if the assignment's first word is not a section; looks for the key in all sections."""
    section = assignment.key.partition(".")[0]
    if section in sources.sections:
        return None
    holders = [name for name, model in sources.sections.items() if section in model.model_fields]
    if holders and "." not in assignment.key:
        meant = tr(" or ").join(f"'{name}.{section}'" for name in holders)
        return tr("{key}: unknown section; did you mean {meant}?", key=assignment.key, meant=meant)
    own = [one for one in (*VERB_KEYS.get(VERB.get(), ()), *WORDS) if VERB.get() and "." not in one]
    near = get_close_matches(section, [*own, *sources.sections], n=1)
    if near and near[0] in own and "." not in assignment.key:
        return tr("{key}: there is no such key; did you mean '{near}'?", key=assignment.key, near=near[0])
    return tr(
        "{key}: unknown section '{section}'; {did_you_mean}",
        key=assignment.key,
        section=section,
        did_you_mean=did_you_mean(section, sources.sections),
    )


def _unknown_option(assignment: Assignment, sources: Sources) -> str | None:
    """Problem if the value does not name an option of its group."""
    group, value = assignment.key, assignment.value
    valid = sources.options(group)
    if not isinstance(value, str) or not NAME.fullmatch(value):
        wrote = tr("must name one of its options (you wrote {value})", value=written(value))
        return f"{group}: {wrote}; {did_you_mean(str(value), valid)}"
    return (
        None
        if value in valid
        else tr(
            "{group}: there is no option '{value}'; {did_you_mean}",
            group=group,
            value=value,
            did_you_mean=did_you_mean(value, valid),
        )
    )


def _keys_of(key: str, value: Any) -> Iterator[str]:
    """Dotted keys that a word sets: of a mapping, those of its entries."""
    if not isinstance(value, dict) or not value:
        yield key
        return
    for name, entry in value.items():
        yield from _keys_of(f"{key}.{name}", entry)


def _at(assignment: Assignment) -> str:
    return f" [{assignment.origin}]" if assignment.origin else ""


def _lay(values: Values, assignment: Assignment, model: type[BaseModel]) -> None:
    """Set one dotted key; a mapping is merged entry by entry, as Hydra does.

    An entry of a mapping that only the model knows is laid over the model's mapping, so that
    setting one share does not silently drop the others.
    """
    section, *keys = assignment.key.split(".")
    here: Any = values.setdefault(section, {})
    default: Any = model
    for key in keys[:-1]:
        default = default_of(default, key)
        if not isinstance(here.get(key), dict):
            here[key] = dict(default) if isinstance(default, dict) else {}
        here = here[key]
    default = default_of(default, keys[-1])
    old, new = here.get(keys[-1], default), assignment.value
    here[keys[-1]] = old | new if isinstance(old, dict) and isinstance(new, dict) else new
