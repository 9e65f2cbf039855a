"""What a strategy and the baseline beside it share: one rule for every verb.

A lever that stands on the command line belongs to the strategies asked for. Values of the world, other
uncertainties (a shock among them), lengths, seeds and targets belong to the baseline too. An option of a
group is split by the keys that it sets. A scenario's own lines are the strategy's, but for its world.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import PurePath
from typing import Any

from pydantic import BaseModel

from sim.config.model import Config, entries
from sim.config.quantities import WORDS
from sim.config.sources import SETTINGS
from sim.core.language import mark, tr
from sim.core.params import Params, field_kind, field_scope

#: Words of a command line that say what to run or where, and set nothing in a market.
_NO_MARKET = ("scenario", "engine", "paths", "store", "experiment.name", "experiment.until")
#: Sections whose settings hold for every run of a command.
_FOR_ALL = ("experiment", "targets", "business", *WORDS)
LEVER = "lever"


def common_keys(written: Iterable[str], models: dict[str, Params]) -> frozenset[str]:
    """Keys of conditions that are no part of a burnt-in world, and were written for all strategies.

    Parameters
    ----------
    written : iterable of str
        Keys and groups on the command line.
    models : dict of str to Params
        Section -> its model.
    """
    places: dict[str, list[str]] = {section: [] for section in models}
    for key in written:
        places.get(key.partition(".")[0], []).append(key)
    return frozenset(
        path
        for section, keys in places.items()
        if keys and section not in SETTINGS
        for path, scope, kind in _kinds(models[section], section)
        if scope == "strategy" and kind != LEVER and any(_inside(path, key) for key in keys)
    )


def world_words(words: Iterable[str], models: dict[str, Params]) -> list[str]:
    """Words of a command line that set a value of the world, options that hold one included.

    Parameters
    ----------
    words : iterable of str
        ``key=value`` and ``group=option``, as written.
    models : dict of str to Params
        Section -> its model.
    """
    worldly = {
        path for name, model in models.items() for path, scope, _ in _kinds(model, name) if scope == "world"
    }
    keys = {word: word.partition("=")[0] for word in words}
    return [
        word
        for word, key in keys.items()
        if key in WORDS
        or key.startswith("business.")
        or (
            key.partition(".")[0] not in SETTINGS
            and any(_inside(path, key) or _inside(key, path) for path in worldly)
        )
    ]


def referred(config: Config, baseline: Config) -> Config:
    """The run that ``config`` is compared with: its world and conditions under the baseline's levers.

    Parameters
    ----------
    config : Config
        A strategy.
    baseline : Config
        Its world under the baseline's strategy, as it is burnt in.
    """
    sections = {path.partition(".")[0] for path in config.common}
    laid = {name: _laid(baseline.models[name], config, name) for name in sections}
    return replace(baseline, models={**baseline.models, **laid}, common=config.common)


def _laid(model: Any, config: Config, name: str) -> Any:
    """One section of the baseline with the conditions that were written for all."""
    return _lay_over(model, config.models[name], name, config.common)


def _lay_over(model: Any, mine: Any, path: str, common: frozenset[str]) -> Any:
    """A model with those values of ``mine`` that are common; named entries are laid one by one.

    An entry that the model does not have begins as its class does, and is there if its kind is common.
    """
    taken: dict[str, Any] = {}
    for field in type(mine).model_fields:
        own, key = getattr(mine, field), f"{path}.{field}"
        if key in common:
            taken[field] = own
        elif isinstance(own, Mapping) and entries(own):
            there = dict(getattr(model, field))
            for name, entry in own.items():
                place = f"{key}.{name}"
                if name in there or f"{place}.kind" in common:
                    there[name] = _lay_over(there.get(name, type(entry)()), entry, place, common)
            taken[field] = there
    return model.model_copy(update=taken)


def _kinds(model: BaseModel, path: str) -> Iterator[tuple[str, str, str]]:
    """Dotted key, scope and kind of every field, models inside included."""
    for name, declaration in type(model).model_fields.items():
        held = entries(getattr(model, name))
        if held is not None:
            for key, entry in held.items():
                yield from _kinds(entry, f"{path}.{name}{key}")
        else:
            yield f"{path}.{name}", field_scope(declaration), field_kind(declaration)


def pairing_line(
    words: Sequence[str],
    configs: Sequence[Config],
    usual: Config,
    whose: tuple[str, str] = (mark("baseline shares:"), mark("strategy alone:")),
) -> str:
    """What the baseline shares of a command line and what the strategies have alone, in one line.

    Parameters
    ----------
    words : sequence of str
        ``key=value`` and ``group=option`` as written, several values included.
    configs : sequence of Config
        What was composed of them.
    usual : Config
        The scenario ``baseline`` with nothing set.
    whose : tuple of str
        What stands before the things shared, and before the levers.

    Returns
    -------
    str
        Empty if nothing was set that concerns a market.
    """
    shared, alone = [], []
    for word in words:
        key = word.partition("=")[0]
        section = key.partition(".")[0]
        if section in _FOR_ALL and key not in _NO_MARKET:
            shared.append(word)
            continue
        if key in _NO_MARKET or section in _NO_MARKET or section not in usual.models:
            continue
        levers, others = _set_by(key, configs, usual)
        if levers:
            alone.append(_said(word, key, levers))
        if others:
            shared.append(_said(_without_folders(word), key, others if levers else ()))
    parts = [
        tr("{who} {what}", who=tr(who), what=", ".join(what))
        for who, what in zip(whose, (shared, alone), strict=True)
        if what
    ]
    return tr("; ").join(parts)


def _set_by(key: str, configs: Sequence[Config], usual: Config) -> tuple[list[str], list[str]]:
    """Levers and other keys that a word sets: of an option, those that it sets otherwise than usual."""
    section = key.partition(".")[0]
    kinds = {path: kind for path, _, kind in _kinds(usual.models[section], section)}
    for config in configs:  # named entries that the usual market does not have
        kinds = {path: kind for path, _, kind in _kinds(config.models[section], section)} | kinds
    if "." in key:
        keys = [path for path in kinds if _inside(path, key) or _inside(key, path)]
    else:
        models = {id(config.models[section]): config.models[section] for config in configs}
        usually, chosen = (
            _values(usual.models[section], section),
            [_values(m, section) for m in models.values()],
        )
        keys = [path for path in kinds if any(values.get(path) != usually.get(path) for values in chosen)]
    levers = [path for path in keys if kinds[path] == LEVER]
    return levers, [path for path in keys if kinds[path] != LEVER]


def _inside(path: str, key: str) -> bool:
    """Whether a path is a key or lies in it."""
    return f"{path}.".startswith(f"{key}.")


def _values(model: BaseModel, path: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name in type(model).model_fields:
        inner = getattr(model, name)
        held = entries(inner)
        for key, entry in (held or {}).items():
            found |= _values(entry, f"{path}.{name}{key}")
        if held is None:
            found[f"{path}.{name}"] = inner
    return found


def _said(word: str, key: str, keys: Sequence[str]) -> str:
    """A word, with the keys that it stands for where it is an option."""
    return word if "." in key or not keys else f"{word} ({', '.join(keys)})"


def _without_folders(word: str) -> str:
    """A word that names a file without the folders that lead to it, which are nobody else's business."""
    key, _, value = word.partition("=")
    return f"{key}={PurePath(value.strip('\'"')).name}" if key.endswith(".path") else word
