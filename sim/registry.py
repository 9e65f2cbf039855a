"""The registry: all features of the market, by section, and what they add up to.

Each folder exports its features; sections of the configuration, mechanisms, columns, event tables and pages
follow from them. Features of other packages and of notebooks are added for a market, or for a process.
"""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any

from sim.commerce.features import FEATURES as COMMERCE
from sim.compliance.features import FEATURES as COMPLIANCE
from sim.content.features import FEATURES as CONTENT
from sim.core.errors import ConfigError
from sim.core.language import mark, tr
from sim.core.params import Params
from sim.demand.exposure import daypart_shares, hour_shares
from sim.demand.features import FEATURES as DEMAND
from sim.feature import Feature, Moment, built_in, check_features, declared, names_of
from sim.logistics.features import FEATURES as LOGISTICS
from sim.measure.daily import DailyRecord
from sim.measure.expected import expected_of_source
from sim.measure.growth import of_source
from sim.measure.guardrails import UNITS
from sim.measure.kpis import Guardrail
from sim.measure.valuation import Valuation
from sim.mechanism import Mechanism, wound_down
from sim.network.graph import GraphParams
from sim.operator.features import FEATURES as OPERATOR
from sim.operator.named_rules import signals_of
from sim.private_domain.features import FEATURES as PRIVATE_DOMAIN
from sim.rules import Monitor, Response
from sim.shocks.features import FEATURES as SHOCKS
from sim.shocks.kinds import KINDS, ShockKind
from sim.shocks.shocks import params_with
from sim.social.features import FEATURES as SOCIAL
from sim.stations.pool import Pool
from sim.world.catalog import CatalogParams, build_catalog
from sim.world.kinds import PURPOSES, SOURCES, Kinds, Purpose, VisitSource
from sim.world.platforms import PlatformsParams
from sim.world.population import COLUMNS
from sim.world.population_params import PopulationParams
from sim.world.schema import SCHEMAS

#: What money of a purpose counts as in reports, by its role.
_COUNTS_AS = {
    "acquisition": mark("cost of acquiring users"),
    "campaign": mark("campaign money"),
    "goods": mark("cost of goods"),
    "income": mark("income beside sales"),
}
#: What is there before anything happens.
GROUND: tuple[type[Feature], ...] = (
    built_in("population", PopulationParams),
    built_in("graph", GraphParams),
    built_in("catalog", CatalogParams),
    built_in("platforms", PlatformsParams),
)
#: Every feature of the market itself.
FEATURES: tuple[type[Feature], ...] = (
    *(*GROUND, *DEMAND, *CONTENT, *PRIVATE_DOMAIN, *COMMERCE, *SOCIAL),
    *(*OPERATOR, *COMPLIANCE, *SHOCKS, *LOGISTICS),
)
#: Section of the configuration -> its parameter model.
SECTIONS: dict[str, type[Params]] = {feature.section: feature.Params for feature in FEATURES}

#: Features that this process has beside the market's own.
_added: list[type[Feature]] = []


def mechanisms(
    c: Any,
    *,
    first_day: int = 0,
    extra_capacity: float = 0.0,
    burning_in: bool = False,
    burn_in: int = 0,
    strategy: Any = None,
    left: Mapping[str, Any] | None = None,
) -> list[Mechanism]:
    """All mechanisms that the configuration switches on, in no particular order.

    Parameters
    ----------
    c : Config
        A validated configuration (its sections are attributes).
    first_day : int
        Absolute first measured day, from which shocks count and which the calendar dates.
    extra_capacity : float
        Daily cost of delivery capacity above the baseline's, fen.
    burning_in : bool
        Leave out features that act from the first measured day only.
    burn_in : int
        Days of the burn-in, whose last ones show what is usual.
    strategy : Config, optional
        The strategy without what is overridden for a time; by default ``c``.
    left : mapping of str to Config, optional
        Section of a feature that is not offered any more -> the configuration under which it last was.
    """
    every = tuple(one for one in (*FEATURES, *c.features) if one.world or not burning_in)
    on = tuple(one for one in every if one.on(c))
    shares, hours = daypart_shares(c.traffic), hour_shares(c.traffic)
    catalog, usual = build_catalog(c.catalog), strategy or c
    gone = tuple((one, left[one.section]) for one in every if left and one.section in left)
    moment = Moment(first_day, extra_capacity, shares, catalog, hours, on, burn_in, usual, gone)
    found: list[Mechanism] = [DailyRecord(), Valuation(c.control.valuation_days)]
    for feature in on:
        found += feature.build(c, moment)
    for feature, last in gone:
        found += wound_down(feature.build(last, moment))
    return found


def sections_with(features: Sequence[type[Feature]]) -> dict[str, type[Params]]:
    """Section -> its model, with those of further features and the kinds of shock that they bring.

    Raises
    ------
    ConfigError
        If a kind of shock has a name that is taken, or moves what is no condition.
    """
    kinds = [kind for _, kind in declared(features, ShockKind)]
    own = {feature.section: feature.Params for feature in features}
    return {**SECTIONS, "shock": params_with(kinds), **own}


def added() -> tuple[type[Feature], ...]:
    """Features that this process has beside the market's own."""
    return tuple(_added)


def checked(features: Iterable[type[Feature]]) -> tuple[type[Feature], ...]:
    """Features as given, each once.

    Raises
    ------
    ConfigError
        If one of them is no feature, or takes a name that is taken.
    """
    wanted = tuple(dict.fromkeys(features))
    things = {name for feature in FEATURES for name in names_of(feature)}
    own = set(Kinds().columns()["name"].tolist())
    taken = {*COLUMNS, *SCHEMAS, *things, *own, *(UNITS.keys() - units_of(_added).keys())}
    check_features(wanted, FEATURES, taken)
    kinds_of(wanted)
    return wanted


def units_of(features: Iterable[type[Feature]]) -> dict[str, str]:
    """Figure -> unit, of features beside the market's own."""
    own = {figure.name: figure.unit for feature in features for figure in feature.figures}
    return own | {figure.name: figure.unit for figure in source_figures(features)}


def kinds_of(features: Iterable[type[Feature]]) -> Kinds:
    """Sources and purposes of a market, its own and those of further features, numbered.

    The market's own come first; of either, those of the world, so that burnt-in worlds keep their numbers.
    """
    both = (FEATURES, tuple(features))
    sources = (one for some in both for one in _in_order(some, VisitSource))
    return Kinds(sources, (one for some in both for one in _in_order(some, Purpose)))


def _in_order[T: (VisitSource, Purpose)](features: Iterable[type[Feature]], kind: type[T]) -> list[T]:
    """What features declare of a kind: the world's first, and by name."""
    return [one for _, one in sorted(declared(features, kind), key=lambda of: (not of[0].world, of[1].name))]


def source_figures(features: Iterable[type[Feature]]) -> list[Guardrail]:
    """Figures of the sources that features declare: conversion of their visits, counted and expected."""
    names = [one.name for one in _in_order(features, VisitSource)]
    return [figure(name) for name in names for figure in (of_source, expected_of_source)]


def add(paths: Sequence[str]) -> None:
    """Add the features that modules or ``module:Class`` name, for all that this process composes.

    Raises
    ------
    ConfigError
        If a module cannot be imported or holds no feature.
    """
    _added[:] = checked([*_added, *(feature for path in paths for feature in load(path))])
    UNITS.update(units_of(_added))


def remove_added() -> None:
    """Forget what :func:`add` added."""
    for name in units_of(_added):
        UNITS.pop(name, None)
    _added.clear()


@cache
def load(path: str) -> tuple[type[Feature], ...]:
    """Features of a module, or the one that ``module:Class`` names.

    Modules beside the work are found as well: the current folder is looked through last.

    Raises
    ------
    ConfigError
        If there is nothing of that name.
    """
    name, _, wanted = path.partition(":")
    if os.getcwd() not in sys.path:
        sys.path.append(os.getcwd())
    try:
        module = importlib.import_module(name)
    except ImportError as error:
        raise ConfigError(
            tr(
                "features: module '{name}' cannot be imported ({error}); install it, or start where it lies",
                name=name,
                error=error,
            )
        ) from None
    own = [
        one
        for one in vars(module).values()
        if isinstance(one, type) and issubclass(one, Feature) and one.__module__ == module.__name__
    ]
    found = [one for one in own if wanted in ("", one.__qualname__)]
    if not found:
        if wanted:
            raise ConfigError(
                tr(
                    "features: module '{name}' has no feature '{wanted}'; name another one",
                    name=name,
                    wanted=wanted,
                )
            )
        raise ConfigError(
            tr(
                "features: module '{name}' holds no subclass of sim.feature.Feature; name another one",
                name=name,
            )
        )
    return tuple(found)


def open_kinds(
    features: Sequence[type[Feature]] = (),
) -> list[tuple[str, tuple[str, ...], list[tuple[str, ...]]]]:
    """What all features declare of the kinds that are open: title, headings and rows of a table each."""
    every, added = (*FEATURES, *features), kinds_of(features)
    return [
        (
            mark("Figures that instruments read (rules.named.NAME.figure=NAME)"),
            ("Figure", mark("What it is"), "Unit"),
            [(one.name, one.meaning, one.unit) for one in signals_of(every) if not one.own],
        ),
        (
            "Monitors",
            ("Monitor", mark("What it looks out for"), "Figure", "Parameters"),
            [(m.name, m.meaning, m.figure, f"{f.section}.{m.params}") for f, m in declared(every, Monitor)],
        ),
        (
            "Responses",
            ("Response", mark("What is done"), "Answers", "Parameters"),
            [(r.name, r.meaning, r.to, f"{f.section}.{r.params}") for f, r in declared(every, Response)],
        ),
        (
            mark("Sources of visits"),
            ("Source", mark("What it is"), "Standing"),
            [(one.name, one.meaning, one.standing) for one in (*SOURCES, *added.added_sources)],
        ),
        (
            mark("Purposes of spending"),
            ("Purpose", mark("What is paid for"), mark("Counts as")),
            [(one.name, one.meaning, _COUNTS_AS[one.role]) for one in (*PURPOSES, *added.added)],
        ),
        (
            mark("Pools of people"),
            ("Pool", mark("What they do"), "Parameters"),
            [(p.name, p.meaning, f"{f.section}.{p.params}") for f, p in declared(every, Pool)],
        ),
        (
            mark("Kinds of shock (shock.kind=NAME)"),
            ("Kind", mark("What happens"), "Source"),
            [
                (k.name, k.why, k.source)
                for k in (*KINDS.values(), *(k for _, k in declared(every, ShockKind)))
            ],
        ),
    ]
