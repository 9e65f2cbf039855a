"""Scenarios: named worlds and strategies, each a few lines that differ from the default.

A scenario file is the command line written down, one setting a line with ``:`` for ``=``::

    # liebian run scenario=three_tier_referral
    description: Three-tier reward for invitations instead of none
    incentive: three_tier            # a group's name chooses one of its options
    incentive.invite_reward: 12.0    # a dotted key sets one value
    budget: 150000/month             # the business's own words mean what they mean on the command line

It can set market sections and targets only: no paths, no machine settings, no files, no
lengths (all strategies of a comparison are measured alike). So a borrowed scenario changes
the market that is simulated and nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from sim.config import plain_yaml
from sim.config.overrides import Assignment, business_words
from sim.config.quantities import WORDS
from sim.config.sources import NAME, Sources
from sim.core.errors import ConfigError
from sim.core.language import tr
from sim.core.messages import did_you_mean, written

_DESCRIPTION = "description"
_KEY = re.compile(r"[a-z][a-z0-9_]*(\.[A-Za-z0-9_]+)*")
_FILE_KEY = re.compile(r"(.*[._])?(path|file|folder|dir)")
_MACHINE = {"paths", "engine", "store", "experiment"}


@dataclass(frozen=True)
class Scenario:
    """One scenario file, read but not yet validated against the models."""

    name: str
    description: str
    assignments: tuple[Assignment, ...]


def load(name: object, sources: Sources) -> Scenario:
    """Read the scenario called ``name``.

    Raises
    ------
    ConfigError
        If the name is unsafe, unknown or ambiguous, or the file breaks a rule.
    """
    paths = sources.scenario_paths()
    if not isinstance(name, str) or not NAME.fullmatch(name):
        wrote = tr("a name is 1 to 64 of a-z, 0-9 and _ (you wrote {name})", name=written(name))
        if str(name) in paths:
            raise ConfigError(
                tr(
                    "scenario: {wrote}; rename the file, for instance to {safe}.yaml",
                    wrote=wrote,
                    safe=_safe(str(name)),
                )
            )
        valid = [one for one in paths if NAME.fullmatch(one)]
        raise ConfigError(
            tr("scenario: {wrote}; {did_you_mean}", wrote=wrote, did_you_mean=did_you_mean(str(name), valid))
        )
    if name not in paths:
        raise ConfigError(tr("scenario: there is no '{name}'; {meant}", name=name, meant=_meant(name, paths)))
    if len(paths[name]) > 1 and not _equal(paths[name]):
        raise ConfigError(
            tr(
                "scenario: './scenarios/{name}.yaml' has a shipped scenario's name; rename your file",
                name=name,
            )
        )
    path = paths[name][0]
    return _read(name, plain_yaml.read(path, path.parent))


def _meant(name: str, paths: Iterable[str]) -> str:
    """The file that would be this scenario if it were renamed, or the names that may be written."""
    refused = [one for one in paths if not NAME.fullmatch(one)]
    if wrong := [one for one in refused if _safe(one) == _safe(name)]:
        return tr("rename the file {wrong}.yaml to {name}.yaml", wrong=wrong[0], name=name)
    return did_you_mean(name, [one for one in paths if one not in refused])


def _safe(name: str) -> str:
    """A name that may be used, close to one that may not."""
    return re.sub(r"[^a-z0-9_]+", "_", name.lower())[:64].strip("_") or "mine"


def _equal(paths: Sequence[Path]) -> bool:
    """Whether files of one name say the same, as in a clone beside the installed package."""
    try:
        first, *others = [plain_yaml.read(path, path.parent).values for path in paths]
    except ConfigError:
        return False
    return all(repr(other) == repr(first) for other in others)


def _read(name: str, document: plain_yaml.Document) -> Scenario:
    """Scenario that a file describes, if it keeps to the rules of scenario files."""
    values = dict(document.values)
    description = values.pop(_DESCRIPTION, None)
    problems = [f"{_origin(document, key)}: {p}" for key, v in values.items() if (p := _refusal(key, v))]
    if not isinstance(description, str) or not description.strip():
        problems.append(
            tr("{name}: must have a 'description'; say in one line what differs", name=document.name)
        )
    made: list[Assignment] = []
    for key, value in values.items():
        place = _origin(document, key)
        read = business_words(f"{key}={value}", place) or [Assignment(key, value, place)]
        if isinstance(read, str):
            problems.append(f"{place}: {key}: {read}")
        else:
            made += read
    if problems:
        raise ConfigError(problems)
    return Scenario(name, str(description).strip(), tuple(made))


def _refusal(key: str, value: object) -> str | None:
    """Reason why a scenario may not hold this key, or None."""
    section = key.partition(".")[0]
    if section == "hydra" or not _KEY.fullmatch(key):
        return tr(
            "'{key}' is not a key of the configuration; write 'group: option' or 'section.key: value'",
            key=key,
        )
    if key in ("defaults", "scenario"):
        return tr("a scenario cannot build on another ('{key}'); copy the lines you need", key=key)
    if section in _MACHINE or _FILE_KEY.fullmatch(key):
        return tr(
            "a scenario may not set '{key}' (files, machines and lengths are the user's choice); "
            "use the command line",
            key=key,
        )
    if key in WORDS:
        return None
    if "." not in key and not isinstance(value, str):
        return tr(
            "'{key}' must name an option; set values with dotted keys such as '{key}.{first}'",
            key=key,
            first=_first(value),
        )
    return None


def _first(value: object) -> str:
    return str(next(iter(value), "key")) if isinstance(value, dict) else "key"


def describe(sources: Sources) -> dict[str, str]:
    """Scenario name -> its description, for listing; files that cannot be read say so."""
    described = {}
    for name in sources.scenario_paths():
        try:
            described[name] = load(name, sources).description
        except ConfigError as error:
            described[name] = tr("(cannot be read: {problems})", problems=error.problems[0])
    return described


def _origin(document: plain_yaml.Document, key: str) -> str:
    return tr("{name} line {lines}", name=document.name, lines=document.lines.get(key, 1))
