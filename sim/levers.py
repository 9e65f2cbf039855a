"""Levers by dotted key: which of them a market may change while it runs, and a configuration that has them.

Only what the operator sets can change during a run. Values of the world, what nobody knows well, and lengths
are refused by name, because a run under them would be another world and no other strategy.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from pydantic import BaseModel, ValidationError

from sim.core.language import tr
from sim.core.messages import did_you_mean
from sim.core.params import Params, field_kind, field_scope

LEVER = "lever"
#: Levers that say what may change while a market runs, and so cannot change themselves.
FIXED = {"plan": "it says itself what changes and when"}

Diff = Mapping[str, Any]


def lever_problems(models: Mapping[str, Params], diff: Diff, where: str = "") -> list[str]:
    """What is wrong with a change of levers, a line each.

    Parameters
    ----------
    models : mapping of str to Params
        Section -> its model, as a configuration holds them.
    diff : mapping
        Levers and their values: dotted keys, or sections that hold keys.
    where : str
        Put before every key, ``plan.stages.open.levers.``.
    """
    problems, sections = [], set()
    for path, value, problem in _settings(models, diff):
        if problem:
            problems.append(f"{where}{'.'.join(path)} {problem}")
        else:
            sections.add(path[0])
            problems += _value_problem(models, path, value, where)
    if not problems:  # values that are right by themselves may still not go together
        for section in sorted(sections):
            try:
                _changed(models, section, diff)
            except ValidationError as error:
                problems.append(
                    tr(
                        "{where}{section}: {error}; write other values",
                        where=where,
                        section=section,
                        error=_said(error),
                    )
                )
    return problems


def with_levers(config: Any, diff: Diff) -> Any:
    """The same configuration, with some levers changed.

    Parameters
    ----------
    config : Config
        What holds otherwise.
    diff : mapping
        As :func:`lever_problems` takes it, which has found nothing wrong.
    """
    sections = {path[0] for path, _, _ in _settings(config.models, diff)}
    if not sections:
        return config
    changed = {section: _changed(config.models, section, diff) for section in sections}
    return replace(config, models={**config.models, **changed})


def flat(models: Mapping[str, Params], diff: Diff) -> dict[str, Any]:
    """Dotted key -> value of every lever of a change that there is."""
    return {".".join(path): value for path, value, problem in _settings(models, diff) if not problem}


def nested(diff: Diff) -> dict[str, Any]:
    """A change by sections, whichever way it was written."""
    found: dict[str, Any] = {}
    for key, value in diff.items():
        first, _, rest = str(key).partition(".")
        inner = nested({rest: value}) if rest else value
        here = found.get(first)
        if isinstance(inner, Mapping) and not rest:
            inner = dict(inner)
        found[first] = laid(here, inner) if first in found else inner
    return found


def _settings(models: Mapping[str, Params], diff: Diff) -> Iterator[tuple[tuple[str, ...], Any, str]]:
    """Path, value and problem (empty: none) of every lever that a change names."""
    for section, values in nested(diff).items():
        if section in FIXED:
            yield (
                (section,),
                values,
                tr("cannot change while a market runs: {fixed}; leave it out", fixed=FIXED[section]),
            )
        elif section not in models:
            yield (
                (section,),
                values,
                tr("is no section; {did_you_mean}", did_you_mean=did_you_mean(section, models)),
            )
        elif not isinstance(values, Mapping):
            yield (
                (section,),
                values,
                tr(
                    "must hold levers (you wrote {values!r}); write {section}.KEY",
                    values=values,
                    section=section,
                ),
            )
        else:
            yield from _inside(models[section], nested(values), (section,))


def _inside(
    model: BaseModel, values: Diff, path: tuple[str, ...]
) -> Iterator[tuple[tuple[str, ...], Any, str]]:
    for key, value in values.items():
        here, field = (*path, key), type(model).model_fields.get(key)
        if field is None:
            yield (
                here,
                value,
                tr("is no key; {did_you_mean}", did_you_mean=did_you_mean(key, type(model).model_fields)),
            )
        elif isinstance(inner := getattr(model, key), BaseModel):
            if isinstance(value, Mapping):
                yield from _inside(inner, value, here)
            else:
                yield (
                    here,
                    value,
                    tr(
                        "must hold keys (you wrote {value!r}); write {here}.KEY",
                        value=value,
                        here=".".join(here),
                    ),
                )
        elif field_kind(field) == LEVER:
            yield here, value, ""
        else:
            held = (
                tr("belongs to the world")
                if field_scope(field) == "world"
                else tr("is nothing the operator sets")
            )
            yield here, value, tr("is no lever: it {held}; set it for the whole run", held=held)


def _value_problem(models: Mapping[str, Params], path: tuple[str, ...], value: Any, where: str) -> list[str]:
    section, *rest = path
    for key in reversed(rest):
        value = {key: value}
    try:
        _changed(models, section, {section: value})
    except ValidationError as error:
        for key in rest:
            value = value[key]
        if error.errors()[0]["loc"][:1] != (rest[0],):
            return []  # it does not fit other values, which the whole change may set too
        return [
            tr(
                "{where}{path} {error} (you wrote {value!r}); write another value",
                where=where,
                path=".".join(path),
                error=_said(error),
                value=value,
            )
        ]
    return []


def _said(error: ValidationError) -> str:
    """First problem in pydantic's words, without its prefixes, fit to stand after a key."""
    text = str(error.errors()[0]["msg"]).removeprefix("Value error, ").removeprefix("Assertion failed, ")
    text = text.replace("Input should be", "must be")
    return text[:1].lower() + text[1:]


def _changed(models: Mapping[str, Params], section: str, diff: Diff) -> Params:
    """One section with its part of a change, validated anew."""
    model = models[section]
    values = laid(model.model_dump(mode="json"), nested(nested(diff)[section]))
    return type(model).model_validate_json(json.dumps(values))


def laid(old: Any, new: Any) -> Any:
    """Values over others, mappings entry by entry."""
    if not (isinstance(old, Mapping) and isinstance(new, Mapping)):
        return new
    return {**old, **{key: laid(old.get(key), value) for key, value in new.items()}}


def differences(one: BaseModel, other: BaseModel) -> tuple[dict[str, Any], list[str]]:
    """Levers that ``other`` sets otherwise than ``one`` (nested), and keys of all else that differs."""
    levers: dict[str, Any] = {}
    others: list[str] = []
    plain = other.model_dump(mode="json")
    for key, field in type(other).model_fields.items():
        mine, theirs = getattr(one, key), getattr(other, key)
        if isinstance(theirs, BaseModel):
            inner, more = differences(mine, theirs)
            levers |= {key: inner} if inner else {}
            others += [f"{key}.{name}" for name in more]
        elif mine != theirs:
            if field_kind(field) == LEVER:
                levers[key] = plain[key]
            else:
                others.append(key)
    return levers, others


def levers_of(config: Any, other: Any) -> Any:
    """The same configuration with every lever as another configuration has it; its plan of stages stays."""
    models = {
        name: model if name in FIXED else _levers_from(model, other.models[name])
        for name, model in config.models.items()
    }
    return replace(config, models=models)


def _levers_from(model: Any, other: Any) -> Any:
    taken: dict[str, Any] = {}
    for key, field in type(model).model_fields.items():
        own, theirs = getattr(model, key), getattr(other, key)
        if isinstance(own, BaseModel):
            taken[key] = _levers_from(own, theirs)
        elif field_kind(field) == LEVER:
            taken[key] = theirs
    return model.model_copy(update=taken)
