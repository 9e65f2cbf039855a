"""The composed configuration: frozen, validated, and the only form in which settings travel on.

Values are of the world or of the strategy. Every world is burnt in and warmed up under the
baseline strategy, so :func:`baseline_of` pairs one configuration's world with the baseline's
levers; its digest names the cached world that all strategies of a comparison branch from.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from functools import cached_property
from typing import Any

from pydantic import BaseModel

from sim.config.sources import SETTINGS, Sources
from sim.config.validate import validate
from sim.core.errors import ConfigError
from sim.core.language import tr
from sim.core.params import Params, Scope, field_scope


@dataclass(frozen=True)
class Config:
    """One world, one strategy and how to run them.

    Sections are attributes (``config.incentive.invite_reward``) or come by name
    (``config.section("incentive")``).

    Attributes
    ----------
    scenario, description : str
        Which scenario this is and what it says of itself.
    options : mapping of str to str
        Option chosen in each group.
    models : mapping of str to Params
        Section name -> validated model.
    chosen : frozenset of str
        Dotted keys that the scenario or the user set one by one.
    pinned : Config, optional
        The scenario ``baseline`` as it was when this was planned; None looks it up when it is needed.
    common : frozenset of str
        Dotted keys of conditions that were set for all strategies and the baseline alike.
    features : tuple of type[Feature]
        Features beside the market's own (:mod:`sim.feature`).
    replaced : tuple of str
        Keys of the scenario that an option chosen on the command line has taken the place of.
    """

    scenario: str
    description: str
    options: Mapping[str, str]
    models: Mapping[str, Params] = field(repr=False)
    chosen: frozenset[str] = field(default=frozenset(), repr=False, compare=False)
    pinned: Config | None = field(default=None, repr=False, compare=False)
    common: frozenset[str] = field(default=frozenset(), repr=False, compare=False)
    features: tuple[Any, ...] = field(default=(), repr=False, compare=False)
    replaced: tuple[str, ...] = field(default=(), repr=False, compare=False)

    def section(self, name: str) -> Any:
        """Model of one section.

        Raises
        ------
        KeyError
            If there is no such section.
        """
        return self.models[name]

    def value(self, path: str) -> float:
        """The number in force under a dotted key."""
        section, *rest = path.split(".")
        here: Any = self.section(section)
        for name in rest:
            here = getattr(here, name)
        return float(here)

    def overridden(self, values: Mapping[str, Any]) -> Config:
        """The same configuration with some values set by dotted key, unvalidated."""
        models = dict(self.models)
        for path, value in values.items():
            section, *rest = path.split(".")
            models[section] = _set(models[section], rest, value)
        return replace(self, models=models)

    def __getattr__(self, name: str) -> Any:
        # Looked up through __dict__, so that copying and unpickling (no models yet) cannot recurse.
        models = self.__dict__.get("models", {})
        if name in models:
            return models[name]
        raise AttributeError(tr("no section '{name}' in the configuration", name=name))

    def __getstate__(self) -> dict[str, Any]:
        """What it is made of; what was worked out from that is worked out again where it is needed."""
        return {one.name: self.__dict__[one.name] for one in fields(self)}

    @cached_property
    def under_pinned(self) -> Config | None:
        """Its world under the pinned baseline's strategy; None if none is pinned."""
        return None if self.pinned is None else paired(self, self.pinned)

    @cached_property
    def _market_values(self) -> dict[str, Any]:
        return {key: value for key, value, _ in _all_leaves(self)}

    @cached_property
    def resolved(self) -> dict[str, dict[str, Any]]:
        """Section -> key -> plain value, defaults included; equal to what JSON would give back."""
        return {name: model.model_dump(mode="json") for name, model in sorted(self.models.items())}

    def world_resolved(self, baseline: Config) -> dict[str, Any]:
        """Dotted key -> value of what a burnt-in world depends on.

        World values come from this configuration and strategy values from ``baseline``; of
        the settings, the lengths of burn-in and warm-up count and nothing else.
        """
        last: tuple[Config, dict[str, Any]] | None = self.__dict__.get("_world_values")
        if last is None or last[0] is not baseline:
            last = self.__dict__["_world_values"] = baseline, self._world_under(baseline)
        return dict(last[1])

    def _world_under(self, baseline: Config) -> dict[str, Any]:
        """As :meth:`world_resolved`, which remembers it: one run is named several times."""
        later = {feature.section for feature in self.features if not feature.world}
        values = market_values(paired(self, baseline))
        values = {key: value for key, value in values.items() if key.partition(".")[0] not in later}
        values.pop(REPRESENTS, None)
        return (
            values
            | feature_values(self.features, world=True)
            | {f"experiment.{key}": getattr(self.experiment, key) for key in _WORLD_LENGTHS}
        )


#: What figures are multiplied by when they are told: it is part of no simulated world.
REPRESENTS = "population.represents"
_WORLD_LENGTHS = ("burn_in_days", "warmup_days")


def _set(model: Any, path: Sequence[str], value: Any) -> Any:
    """A model with one value set, however deep it lies."""
    first, *rest = path
    new = _set(getattr(model, first), rest, value) if rest else value
    return model.model_copy(update={first: new})


def build(
    values: Mapping[str, Mapping[str, Any]],
    sources: Sources,
    *,
    scenario: str,
    description: str = "",
    options: Mapping[str, str] | None = None,
    origins: Mapping[str, str] | None = None,
    problems: Sequence[str] = (),
) -> Config:
    """Validate plain values, section by section, then together.

    Raises
    ------
    ConfigError
        With ``problems`` (those found so far) and one line for every problem in every section.
    """
    problems = list(problems)
    models: dict[str, Params] = {}
    for name, model in sources.sections.items():
        outcome = validate(name, model, values.get(name, {}), origins or {})
        if isinstance(outcome, list):
            problems += outcome
        else:
            models[name] = outcome
    if problems:
        raise ConfigError(list(dict.fromkeys(problems)))
    config = Config(
        scenario,
        description,
        dict(options or {}),
        models,
        frozenset(origins or ()),
        features=sources.features,
    )
    if problems := [line for check in sources.checks for line in check(config)]:
        raise ConfigError(problems)
    return config


def from_resolved(resolved: Mapping[str, Any], sources: Sources, *, scenario: str = "stored") -> Config:
    """Configuration from the plain values of :attr:`Config.resolved`, for instance from a manifest.

    Raises
    ------
    ConfigError
        If a section or value does not fit today's models.
    """
    if unknown := sorted(resolved.keys() - sources.sections.keys()):
        raise ConfigError(
            [tr("{name}: unknown section; delete it from the stored settings", name=name) for name in unknown]
        )
    return build(resolved, sources, scenario=scenario)


def paired(config: Config, baseline: Config) -> Config:
    """World values of ``config`` with strategy values of ``baseline``; settings are those of ``config``."""
    models = {
        name: model if name in SETTINGS else _pair(model, baseline.models[name])
        for name, model in config.models.items()
    }
    options = dict(baseline.options)
    return Config(
        baseline.scenario,
        baseline.description,
        options,
        models,
        config.chosen,
        config.pinned,
        features=config.features,
    )


def _pair(world: Any, strategy: Any) -> Any:
    """One model whose strategy fields come from ``strategy`` and the rest from ``world``."""
    taken: dict[str, Any] = {}
    for name, declaration in type(world).model_fields.items():
        own, other = getattr(world, name), getattr(strategy, name)
        if isinstance(own, BaseModel) and type(own) is type(other):
            taken[name] = _pair(own, other)
        elif field_scope(declaration) == "strategy":
            taken[name] = other
    return world.model_copy(update=taken)


def feature_values(features: Sequence[Any], world: bool = False) -> dict[str, Any]:
    """What names of runs hold of features beside the market's own: which, and their sources; none, nothing.

    Parameters
    ----------
    features : sequence of type[Feature]
        Those of a configuration.
    world : bool
        Only those that burnt-in worlds depend on.
    """
    held = {one.path(): one.digest() for one in features if one.world or not world}
    return {"features": held} if held else {}


def market_values(config: Config, scope: Scope | None = None) -> dict[str, Any]:
    """Dotted key -> plain value of every market section, of one scope or of both."""
    if scope is None:
        return dict(config._market_values)
    return {key: value for key, value, of in _all_leaves(config) if of == scope}


def _all_leaves(config: Config) -> Iterator[tuple[str, Any, Scope]]:
    """Every field of every market section: dotted key, plain value, scope."""
    for name, model in sorted(config.models.items()):
        if name not in SETTINGS:
            yield from _leaves(model, name)


def _leaves(model: BaseModel, path: str) -> Iterator[tuple[str, Any, Scope]]:
    """Every field of a model and of the models inside it: dotted key, plain value, scope."""
    plain = model.model_dump(mode="json")
    for name, declaration in type(model).model_fields.items():
        inner = getattr(model, name)
        held = entries(inner)
        if held is not None:
            for key, entry in held.items():
                yield from _leaves(entry, f"{path}.{name}{key}")
        else:
            yield f"{path}.{name}", plain[name], field_scope(declaration)


def entries(value: Any) -> dict[str, BaseModel] | None:
    """Models inside a value, by what stands after its key: one model, or a mapping of named ones.

    None if the value holds no models; an empty mapping holds none yet, and says nothing.
    """
    if isinstance(value, BaseModel):
        return {"": value}
    if isinstance(value, Mapping) and all(isinstance(one, BaseModel) for one in value.values()):
        return {f".{key}": one for key, one in value.items()}
    return None


def world_differences(configs: Sequence[Config]) -> list[str]:
    """Dotted keys of world values that are not the same in all configurations, sorted.

    A comparison of strategies branches from the same worlds only if there are none.
    """
    values = [market_values(config, "world") for config in configs]
    keys = sorted({key for one in values for key in one})
    return [key for key in keys if any(one.get(key) != values[0].get(key) for one in values)]
