"""Rules that scenario files write by keys, and what all rules of a market add up to."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from typing import Any, cast

from pydantic import BaseModel, ValidationError, field_validator

from sim.core.language import tr
from sim.core.params import Params, lever
from sim.core.params import declared as declared_params
from sim.feature import Feature, Moment, declared
from sim.operator.rules import Reply, Watch
from sim.rules import Monitor, MonitorParams, PoolResponseParams, Response
from sim.stations.pool import Pool
from sim.world.observed import Signal

_NAME = re.compile(r"[a-z0-9_]{1,40}")


class OneRule(MonitorParams, PoolResponseParams):
    """A monitor and its response."""

    figure: str = lever("", "name of a figure", "definition")
    """What is watched; the page on rules lists what can be."""

    levers: dict[str, float | int | bool | str] = lever({}, "levers by dotted key", "definition")
    """What is set while the response is in force: rules.named.NAME.levers={fraud.review: 0.8}. None: the
    alarm is recorded, paid for, and moves nothing."""

    pool: str = lever("", "name of a pool", "definition")
    """Whose people read an alarm before anything is decided; empty = nobody's queue."""


class RulesParams(Params):
    """Rules beside those that features bring."""

    named: dict[str, OneRule] = lever({}, "rules by name", "definition")
    """Each a name with the keys of a monitor and of its response: rules.named.NAME.figure=complaint_rate
    rules.named.NAME.ratio=1.5 rules.named.NAME.levers={private_domain.messages_per_week: 1}."""

    @field_validator("named", mode="before")
    @classmethod
    def _words(cls, value: Any) -> Any:
        """Names are words that a dotted key can hold, and every rule says what it watches."""
        for name, entry in value.items() if isinstance(value, dict) else ():
            if not _NAME.fullmatch(str(name)):
                raise ValueError(
                    tr(
                        "must have names of 1 to 40 of a-z, 0-9 and _ (you wrote '{name}'); write another "
                        "name",
                        name=name,
                    )
                )
            if isinstance(entry, dict) and not entry.get("figure"):
                wrote = ", ".join(map(str, entry)) or "{}"
                raise ValueError(
                    tr(
                        "rules.named.{name}.figure must be given (you wrote {wrote}); write "
                        "rules.named.{name}.figure= a figure that instruments read",
                        name=name,
                        wrote=wrote,
                    )
                )
        return value


def signals_of(features: Sequence[type[Feature]]) -> list[Signal]:
    """What instruments can read: signals that features declare, and the figures of added features."""
    figures = [
        Signal(figure.name, figure.label, figure.unit, figure.over, figure.per)
        for feature in features
        for figure in feature.figures
    ]
    return [signal for _, signal in declared(features, Signal)] + figures


def watches_of(c: Any, at: Moment) -> list[Watch]:
    """Monitors in force: those of features, and those of the section ``rules``."""
    parts = {signal.name: max(1, len(signal.parts)) for signal in signals_of(at.features)}
    found = [
        Watch(monitor.name, monitor.figure, getattr(c.section(one.section), monitor.params), 1)
        for one, monitor in declared(at.features, Monitor)
    ]
    found += [Watch(name, rule.figure, rule, 1) for name, rule in sorted(c.rules.named.items())]
    found = [watch for watch in found if watch.figure in parts]  # what is switched off has no figures
    for watch in found:
        watch.parts = parts[watch.figure]
    return found


def replies_of(c: Any, features: Sequence[type[Feature]]) -> list[Reply]:
    """Responses in force, in the order in which the later of two that move one lever counts."""
    found = []
    for one, response in declared(features, Response):
        section = c.section(one.section)
        params, levers = getattr(section, response.params), response.levers(section, c)
        found.append(Reply(response.name, response.to, params, levers, response.pool))
    return found + [
        Reply(name, name, rule, dict(rule.levers), rule.pool) for name, rule in sorted(c.rules.named.items())
    ]


def undeclared(c: Any, on: Sequence[type[Feature]], every: Sequence[type[Feature]]) -> list[str]:
    """What monitors and responses of features name and nobody declares, a line each."""
    figures = {signal.name for signal in signals_of(every)}
    monitors = {monitor.name for _, monitor in declared(every, Monitor)}
    pools = {pool.name for _, pool in declared(every, Pool)}
    lines = [
        tr(
            "monitor '{name}' of {value}: there is no figure '{figure}'; declare a Signal",
            name=monitor.name,
            value=one.path(),
            figure=monitor.figure,
        )
        for one, monitor in declared(every, Monitor)
        if monitor.figure not in figures
    ]
    for one, response in declared(every, Response):
        where = tr("response '{name}' of {value}", name=response.name, value=one.path())
        if response.to not in monitors:
            lines.append(
                tr(
                    "{where}: there is no monitor '{to}'; name one that a feature declares",
                    where=where,
                    to=response.to,
                )
            )
        if response.pool and response.pool not in pools:
            lines.append(
                tr("{where}: there is no pool '{pool}'; declare it", where=where, pool=response.pool)
            )
        if one in on:
            for key, value in response.levers(c.section(one.section), c).items():
                lines += _lever(c, where, key, value)
    return lines


def problems(c: Any, features: tuple[type[Feature], ...]) -> list[str]:
    """What is wrong with the rules of a configuration, a line each."""
    figures = {signal.name for signal in signals_of(features)}
    pools = {pool.name for _, pool in declared(features, Pool)}
    monitors = {monitor.name for _, monitor in declared(features, Monitor)}
    lines = [
        tr(
            "instruments.of.{name} must name a figure that instruments read; choose among {value}",
            name=name,
            value=", ".join(sorted(figures)),
        )
        for name in c.instruments.of
        if name not in figures
    ]
    for name, rule in c.rules.named.items():
        where = f"rules.named.{name}"
        if name in monitors:
            lines.append(
                tr("{where}: there is a monitor '{name}' already; write another name", where=where, name=name)
            )
        if rule.figure not in figures:
            lines.append(
                tr(
                    "{where}.figure must be one of {value} (you wrote '{figure}'); name one of them",
                    where=where,
                    value=", ".join(sorted(figures)),
                    figure=rule.figure,
                )
            )
        if rule.pool and rule.pool not in pools:
            lines.append(
                tr(
                    "{where}.pool must be one of {value} (you wrote '{pool}'); name one",
                    where=where,
                    value=", ".join(sorted(pools)),
                    pool=rule.pool,
                )
            )
        elif rule.pool and not _staffed(c, features, rule.pool):
            lines.append(
                tr(
                    "{where}.pool: nobody works in '{pool}'; give it staff, or leave the pool out",
                    where=where,
                    pool=rule.pool,
                )
            )
        lines += [
            line for key, value in rule.levers.items() for line in _lever(c, f"{where}.levers", key, value)
        ]
    return lines


def _staffed(c: Any, features: tuple[type[Feature], ...], name: str) -> bool:
    one, pool = next(pair for pair in declared(features, Pool) if pair[1].name == name)
    section = c.section(one.section)
    return pool.used(section) and getattr(section, pool.params).staff > 0


@cache
def _levers(model: type[BaseModel]) -> frozenset[str]:
    """Paths of what a strategy sets in a section; looked up for every job of a sweep."""
    return frozenset(
        row.path for row in declared_params(model) if (row.kind, row.scope) == ("lever", "strategy")
    )


def _lever(c: Any, where: str, key: str, value: Any) -> list[str]:
    """Whether a response may set a lever to a value."""
    section, _, rest = key.partition(".")
    model = c.models.get(section)
    if model is None or rest not in _levers(cast("Any", type(model))):
        return [
            tr(
                "{where}: '{key}' is no lever; `liebian list parameters {value}` shows them",
                where=where,
                key=key,
                value=section or "SECTION",
            )
        ]
    try:
        type(model).model_validate(_with(model.model_dump(), rest.split("."), value))
    except ValidationError as error:
        said = error.errors()[0]["msg"]
        return [
            tr(
                "{where}: {key} cannot be {value!r} ({said}); write another value",
                where=where,
                key=key,
                value=value,
                said=said,
            )
        ]
    return []


def _with(values: dict[str, Any], path: list[str], value: Any) -> dict[str, Any]:
    """The same values, one of them set."""
    first, *rest = path
    return values | {first: _with(values[first], rest, value) if rest else value}
