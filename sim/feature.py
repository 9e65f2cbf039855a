"""Features: what a market can be made of, each declared in one place.

A feature is a class. It names its section of the configuration and its parameters, the columns it keeps
about people, the events it records, the figures that are counted from them, and what it does in the phases
of a day. Everything else follows from the declaration: settings and their bounds, what newcomers and
returning people find, event tables, stored figures, generated pages. Features never import one another;
what one needs of another goes through declared state.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, Literal, NamedTuple

import numpy as np

from sim.core.errors import ConfigError
from sim.core.own_sources import class_digest
from sim.core.params import Params
from sim.core.rng import Draw
from sim.mechanism import Mechanism, Phase
from sim.world.catalog import Catalog
from sim.world.kinds import MOST_SOURCES
from sim.world.people import Column
from sim.world.schema import Source
from sim.world.world import World

#: Column of an event table -> (NumPy dtype, one-line meaning with unit).
Schema = Mapping[str, tuple[str, str]]
Tables = Mapping[str, Mapping[str, np.ndarray]]


@dataclass(frozen=True)
class Figure:
    """An indicator: a sum of weights over events, divided by another one where it is a rate.

    Attributes
    ----------
    name : str
        Key in results.
    label : str
        What a table shows.
    unit : str
        ``share``, ``CNY``, ``orders/user``, ...
    over : callable
        Tables of a run's window -> weights of the numerator's events, float64[n].
    per : callable, optional
        Tables -> weights of the denominator's events; None counts the numerator alone.
    """

    name: str
    label: str
    unit: str
    over: Callable[[Tables], np.ndarray]
    per: Callable[[Tables], np.ndarray] | None = None

    def value(self, tables: Tables) -> float:
        """The figure of one window; nan where its denominator is 0."""
        top = float(np.sum(self.over(tables), dtype=np.float64))
        if self.per is None:
            return top
        bottom = float(np.sum(self.per(tables), dtype=np.float64))
        return top / bottom if bottom else float("nan")


class Gauge(NamedTuple):
    """A level read every midnight: dtype, ``measure`` (world -> number), meaning, and state it reads."""

    dtype: str
    measure: Callable[[World], float]
    meaning: str
    reads: tuple[str, ...] = ()


def mean_of(column: str, meaning: str) -> Gauge:
    """The mean of a column over people, read every midnight."""
    return Gauge(
        "float64",
        lambda world: float(getattr(world.people, column).mean()),
        meaning,
        (f"people.{column}",),
    )


def mean_over_days(name: str, label: str, unit: str, table: str, gauge: str) -> Figure:
    """The mean of a gauge over days; ``table`` is its feature's, ``SECTION_daily``."""
    return Figure(
        name, label, unit, over=lambda t: t[table][gauge], per=lambda t: np.ones(len(t[table]["day"]))
    )


class Moment(NamedTuple):
    """When and where a market's mechanisms are put in force.

    first_day : absolute first measured day, from which shocks count; extra_capacity : fen a day that
    delivery capacity above the baseline's costs; shares : float64[n groups, dayparts], when people are
    awake; catalog : the goods; hours : float64[n groups, 24], when people are awake by the hour;
    features : all that are in force; burn_in : days of the burn-in;
    strategy : the configuration without what is overridden for a time;
    left : features that are not offered any more, each with the configuration under which it last was.
    """

    first_day: int
    extra_capacity: float
    shares: np.ndarray
    catalog: Catalog
    hours: np.ndarray
    features: tuple[type[Feature], ...] = ()
    burn_in: int = 0
    strategy: Any = None
    left: tuple[tuple[type[Feature], Any], ...] = ()

    def leaves(self, feature: type[Feature]) -> bool:
        """Whether a feature is not offered any more, and what it promised runs off."""
        return any(one is feature for one, _ in self.left)


@dataclass(eq=False)
class Act:
    """One method of a feature as a mechanism (see :func:`act`)."""

    name: str
    phase: Phase
    reads: frozenset[str]
    writes: frozenset[str]
    method: Callable[[World, Draw], None] = field(repr=False)
    offers: bool = False

    def act(self, world: World, draw: Draw) -> None:
        """Do it."""
        self.method(world, draw)


def act(
    phase: Phase, reads: Iterable[str] = (), writes: Iterable[str] = (), *, offers: bool = False
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Declare a method ``(self, world, draw)`` as what a feature does in a phase of the day.

    Parameters
    ----------
    phase : Phase
        STEER, EXPOSE, SHARE, BUY and FULFIL act once a daypart, the others once a day.
    reads, writes : iterable of str
        Names of state, as :class:`sim.mechanism.Mechanism` explains them. Acts of one feature run in the
        order in which they are written, whatever they read.
    offers : bool
        It offers something. When a strategy leaves the feature in mid-run, such acts stop; all others go on,
        so that what was promised is kept.
    """

    def mark(method: Callable[..., None]) -> Callable[..., None]:
        method.__dict__["acts"] = phase, frozenset(reads), frozenset(writes), offers
        return method

    return mark


class SourceTerm:
    """A term of carts or orders that depends on where a visit came from alone.

    Parameters
    ----------
    term : str
        Its name among the terms.
    decision : {'cart', 'order'}
        The decision that it speaks for.
    sources : iterable of Source
        Sources of which it holds.
    logit : float
        What it adds.
    cools : bool
        It is the heat of the moment (see :meth:`sim.world.terms.TermSum.add`).
    """

    phase = Phase.BUY
    reads = frozenset({"flow.visits"})
    writes = frozenset({"flow.terms"})

    def __init__(
        self,
        term: str,
        decision: Literal["cart", "order"],
        sources: Iterable[Source],
        logit: float,
        *,
        cools: bool = False,
    ) -> None:
        self.name = f"{decision}_{term}"
        self.term, self.decision, self.cools = term, decision, cools
        self.offers = False
        self.by_source = np.zeros(MOST_SOURCES)
        self.by_source[[int(source) for source in sources]] = logit

    def act(self, world: World, draw: Draw) -> None:
        """Add it to this daypart's visits."""
        flow = world.flow
        sums = flow.cart if self.decision == "cart" else flow.order
        sums.add(self.term, self.by_source[flow.visits["source"]], cools=self.cools)


class Feature:
    """What a market may have: subclass it, declare what it keeps, and write its acts.

    Attributes
    ----------
    section : str
        Its section of the configuration; columns, tables and figures it adds begin with this name.
    Params : type[Params]
        Its parameters. One called ``enabled`` switches it.
    world : bool
        Whether it acts from the first day of the burn-in; otherwise it acts from the first measured day and
        burnt-in worlds do not depend on it.
    columns : mapping of str to Column
        State of people.
    events : mapping of str to schema
        Event tables; a schema maps a column to (dtype, meaning), and has a column ``day``.
    figures : tuple of Figure
        Indicators of a run.
    gauges : mapping of str to Gauge
        Levels read every midnight, kept in the table ``SECTION_daily``.
    declares : tuple
        Things of open kinds, each with a ``name``: pools of people (:class:`sim.stations.pool.Pool`), sources
        of visits and purposes of spending (:mod:`sim.world.kinds`), and whatever further kinds a part of the
        market reads with :func:`declared`.
    options : Path or None
        Folder of option files (``NAME.yaml``), chosen with ``SECTION=NAME``.
    """

    section: ClassVar[str] = ""
    Params: ClassVar[type[Params]] = Params
    world: ClassVar[bool] = False
    columns: ClassVar[Mapping[str, Column]] = {}
    events: ClassVar[Mapping[str, Schema]] = {}
    figures: ClassVar[tuple[Figure, ...]] = ()
    gauges: ClassVar[Mapping[str, Gauge]] = {}
    declares: ClassVar[tuple[Any, ...]] = ()
    options: ClassVar[Path | None] = None

    def __init__(self, params: Any) -> None:
        self.params = params

    @classmethod
    def on(cls, config: Any) -> bool:
        """Whether a configuration switches it on."""
        return bool(getattr(config.section(cls.section), "enabled", True))

    @classmethod
    def build(cls, config: Any, moment: Moment) -> list[Mechanism]:
        """Its mechanisms under a configuration that switches it on: the acts, in the order written."""
        return cls(config.section(cls.section)).acts()

    def acts(self) -> list[Mechanism]:
        """The methods marked with :func:`act`, and the reading of gauges."""
        found: list[Mechanism] = []
        for name, marked in type(self).__dict__.items():
            if declared := getattr(marked, "acts", None):
                phase, reads, writes, offers = declared
                turn = f"{self.section}#{len(found)}", f"{self.section}#{len(found) + 1}"
                found.append(
                    Act(
                        f"{self.section}.{name}",
                        phase,
                        reads | {turn[0]},
                        writes | {turn[1]},
                        getattr(self, name),
                        offers,
                    )
                )
        if self.gauges:
            table = f"{self.section}_daily"
            writes = frozenset({f"records.{table}"})
            reads = frozenset(name for gauge in self.gauges.values() for name in gauge.reads)
            found.append(Act(table, Phase.MEASURE, reads, writes, self._read_gauges))
        return found

    def _read_gauges(self, world: World, draw: Draw) -> None:
        levels = {name: gauge.measure(world) for name, gauge in self.gauges.items()}
        world.records.tables[f"{self.section}_daily"].append(day=world.day, **levels)

    @classmethod
    def tables(cls) -> dict[str, Schema]:
        """Event tables by name, that of the gauges included."""
        day = {"day": ("int32", "absolute day")}
        read = {name: (gauge.dtype, gauge.meaning) for name, gauge in cls.gauges.items()}
        return {**cls.events, **({f"{cls.section}_daily": day | read} if read else {})}

    @classmethod
    def path(cls) -> str:
        """``module:Class``, by which another process finds it."""
        return f"{cls.__module__}:{cls.__qualname__}"

    @classmethod
    def digest(cls) -> str:
        """Digest of what it is written in: its module and those of its owner's that it imports."""
        return hashlib.sha256(f"{cls.path()}\n{class_digest(cls)}".encode()).hexdigest()


def declared[T](features: Iterable[type[Feature]], kind: type[T]) -> list[tuple[type[Feature], T]]:
    """What features declare of one open kind, each with its feature, in the order declared."""
    return [(one, thing) for one in features for thing in one.declares if isinstance(thing, kind)]


def built_in(
    section: str,
    params: type[Params],
    build: Callable[[Any, Moment], Sequence[Mechanism]] = lambda config, moment: (),
    on: Callable[[Any], bool] | None = None,
    declares: tuple[Any, ...] = (),
) -> type[Feature]:
    """A feature of the market itself, whose mechanisms are classes of their own.

    Parameters
    ----------
    section : str
        Section of the configuration.
    params : type[Params]
        Its parameters.
    build : callable
        Configuration and moment -> its mechanisms.
    on : callable, optional
        Configuration -> whether it is switched on; by its parameter ``enabled`` unless told otherwise.
    declares : tuple, optional
        Things of open kinds.
    """
    body: dict[str, Any] = {
        "section": section,
        "Params": params,
        "world": True,
        "declares": declares,
        "build": classmethod(lambda _, config, moment: list(build(config, moment))),
        "__doc__": params.__doc__,
    }
    if on is not None:
        body["on"] = classmethod(lambda _, config: on(config))
    return type(section, (Feature,), body)


def check_features(added: Sequence[type[Feature]], known: Sequence[type[Feature]], taken: set[str]) -> None:
    """Refuse features that are no features, or whose names are taken.

    Parameters
    ----------
    added, known : sequence of type[Feature]
        Those that somebody adds, and those of the market.
    taken : set of str
        Names of columns of people, event tables and figures that there are.

    Raises
    ------
    ConfigError
        With one line a problem.
    """
    problems = []
    sections = {feature.section for feature in known}
    names = set(taken)
    for feature in added:
        if not (isinstance(feature, type) and issubclass(feature, Feature)):
            problems.append(
                f"features: {feature!r} must be a subclass of sim.feature.Feature; pass the class itself"
            )
            continue
        problems += _problems(feature, sections, names)
        sections.add(feature.section)
        names |= names_of(feature)
    if problems:
        raise ConfigError(problems)


def names_of(feature: type[Feature]) -> set[str]:
    """Columns, event tables, figures and things of open kinds that it declares."""
    own = (*feature.figures, *feature.declares)
    return {*feature.columns, *feature.tables(), *(thing.name for thing in own)}


def _problems(feature: type[Feature], sections: set[str], taken: set[str]) -> list[str]:
    """What is wrong with one feature, a line each."""
    who, problems = f"feature {feature.path()}", []
    if not feature.section.isidentifier() or not feature.section.islower():
        problems.append(f"{who}: section must be a lower-case name (it is '{feature.section}'); rename it")
    if feature.section in sections:
        problems.append(f"{who}: there is a section '{feature.section}' already; rename its own")
    if not issubclass(feature.Params, Params):
        problems.append(f"{who}: Params must be a subclass of sim.core.params.Params; derive it")
    problems += [
        f"{who}: '{name}' must begin with '{feature.section}_' and be free; rename it"
        for name in sorted(names_of(feature))
        if name in taken or not (name == feature.section or name.startswith(f"{feature.section}_"))
    ]
    problems += [
        f"{who}: event table '{name}' must have a column 'day'; add it"
        for name, schema in feature.events.items()
        if "day" not in schema
    ]
    return problems
