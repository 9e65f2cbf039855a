"""The plan of a sweep: every job composed, validated and named before the first one starts.

Each distinct set of choices is composed once and swept values are laid over it, which gives
the same configuration as composing each job by itself at a fraction of the cost. Where a world
lacks a run under the baseline strategy, the plan adds one, because indicators that are
relative to the baseline need it.
"""

from __future__ import annotations

import copy
import itertools
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sim.config import Config, Sources, compose, market_sources
from sim.config.compose import BASELINE, _lay
from sim.config.overrides import SCENARIO, Assignment
from sim.config.pairing import common_keys
from sim.config.sweep_request import MOST_JOBS, Words, understand
from sim.config.sweep_request import points as drawn_points
from sim.config.validate import validate
from sim.core.errors import ConfigError, InputError
from sim.core.language import tr
from sim.core.params import Params
from sim.market.build import check_network
from sim.runs.names import Names
from sim.store.manifest import Job
from sim.store.values import values_of

#: Until a process that was started begins with its first run: imports, and kernels that are read.
SECONDS_TO_START = 4.0
#: What a run costs on one processor, measured with 4,000 and 20,000 consumers: seconds for building
#: its market, a day, and a day and consumer.
SECONDS_PER_RUN, SECONDS_PER_DAY, SECONDS_PER_CONSUMER_DAY = 0.3, 0.015, 1.7e-6

#: What a problem's line says was written, and how many lines that differ only in it are told.
_WRITTEN = re.compile(r"\(you wrote [^)]*\)|（您写的是[^）]*）")
_TOLD = 3


@dataclass(frozen=True)
class Plan:
    """A sweep before it is run.

    Attributes
    ----------
    jobs : tuple of Job
        Runs, added baselines last.
    configs : tuple of Config
        Configurations that the jobs refer to.
    content : mapping
        Resolved values of all configurations, as the manifest keeps them.
    """

    jobs: tuple[Job, ...]
    configs: tuple[Config, ...]
    content: Mapping[str, Any]

    @property
    def settings(self) -> Config:
        """A configuration whose experiment, engine and paths hold for the whole sweep."""
        return self.configs[0]

    @property
    def runs(self) -> int:
        """Distinct runs."""
        return len({(job.scenario, job.key) for job in self.jobs})

    @property
    def worlds(self) -> int:
        """Distinct worlds that must be burnt in."""
        return len({job.world for job in self.jobs})

    def seconds(self, workers: int) -> float:
        """Estimated time on so many processors, their start and burn-in included."""
        spent, burnt = 0.0, set[str]()
        for job in self.jobs:
            config = self.configs[job.config]
            lengths = config.experiment
            days = lengths.warmup_days + lengths.days + lengths.after_days
            if job.world not in burnt:
                burnt.add(job.world)
                days += lengths.burn_in_days
            a_day = SECONDS_PER_DAY + SECONDS_PER_CONSUMER_DAY * config.population.size
            spent += SECONDS_PER_RUN + days * a_day
        return SECONDS_TO_START + spent / max(workers, 1) if self.jobs else 0.0


def plan(
    words: Sequence[str],
    sources: Sources | None = None,
    points: Sequence[Mapping[str, Any]] | None = None,
) -> Plan:
    """Expand, compose and validate all jobs of a sweep.

    Parameters
    ----------
    words : sequence of str
        ``key=1,2,3``, ``key=range(0,30,10)``, ``group=glob(*)``, ``design=lhs samples=64
        vary=[key,...]`` and settings with one value.
    sources : Sources, optional
        Where options and scenarios lie; the shipped ones if None.
    points : sequence of mappings, optional
        Points to be run instead of a design's: ``scenario``, group or key -> value.

    Raises
    ------
    ConfigError
        With one line for every problem of every job.
    """
    sources = sources or market_sources()
    asked = understand(words, sources)
    if points is not None:
        _check_points(asked, points)
    composed: list[tuple[Config, dict[str, Any]]] = []
    problems: list[str] = []
    # The pinned baseline is composed once, so that a file changed meanwhile cannot split the plan.
    pinned = compose([f"{SCENARIO}={BASELINE}"], sources=sources)
    for config in _configs(asked, sources, problems, points):
        composed.append((replace(config[0], pinned=pinned), config[1]))
        if len(composed) > MOST_JOBS:
            break
    problems += _unusable([config for config, _ in composed]) if not problems else []
    count = len(composed) * (composed[0][0].experiment.replications if composed else 0)
    if count > MOST_JOBS:
        problems.append(
            tr(
                "a sweep must have at most {most_jobs:,} jobs (this has more); sweep fewer values",
                most_jobs=MOST_JOBS,
            )
        )
    if problems:
        raise ConfigError(_told_once(problems))
    return _jobs(composed, pinned)


def _check_points(asked: Words, points: Sequence[Mapping[str, Any]]) -> None:
    """Refuse points beside a design, and points for keys that have values of their own."""
    if asked.design:
        raise ConfigError([tr("design: points are given already; leave the design out")])
    written = {word.partition("=")[0] for word in asked.fixed} | set(asked.axes)
    twice = sorted({key for point in points for key in point} & written)
    problems = [
        tr("{key}: has a value of its own on the line; delete one of the two", key=key) for key in twice
    ]
    if problems:
        raise ConfigError(problems)


def _told_once(problems: Sequence[str]) -> list[str]:
    """Each problem once; of many that differ only in what was written, the first few."""
    alike: dict[str, list[str]] = {}
    for line in dict.fromkeys(problems):
        alike.setdefault(_WRITTEN.sub("", line), []).append(line)
    told = []
    for lines in alike.values():
        more = len(lines) - _TOLD
        told += lines[:_TOLD]
        if more > 0:
            told[-1] += tr(" (and {more:,} more like this)", more=more)
    return told


def _configs(
    asked: Words,
    sources: Sources,
    problems: list[str],
    given: Sequence[Mapping[str, Any]] | None,
) -> Iterator[tuple[Config, dict[str, Any]]]:
    """Every configuration with its swept values; what is wrong is added to ``problems``."""
    choices = {key: axis for key, axis in asked.axes.items() if _is_choice(key)}
    levels = {key: axis for key, axis in asked.axes.items() if not _is_choice(key)}
    seed = _seed(asked, problems)
    drawn = [] if seed is None else given if given is not None else drawn_points(asked, seed)
    size = len(drawn)
    for axis in asked.axes.values():
        size *= len(axis)
    if size > MOST_JOBS:
        problems.append(
            tr(
                "a sweep must have at most {most_jobs:,} jobs (this has {size:,}); sweep fewer values",
                most_jobs=MOST_JOBS,
                size=size,
            )
        )
        return
    overlays: dict[tuple[tuple[str, Any], ...], _Overlay] = {}
    for chosen in itertools.product(*choices.values()):
        for laid in itertools.product(*levels.values()):
            for point in drawn:
                ones = [Assignment(key, value) for key, value in point.items()]
                both = (*chosen, *(one for one in ones if _is_choice(one.key)))
                assigned = (*laid, *(one for one in ones if not _is_choice(one.key)))
                name = tuple((one.key, one.value) for one in both)
                if name not in overlays:
                    overlays[name] = _Overlay(asked.fixed, both, sources, problems)
                config = overlays[name].config(assigned)
                if config is not None:
                    yield config, {one.key: one.value for one in (*both, *assigned)}


def _is_choice(key: str) -> bool:
    """Whether a key chooses a scenario or an option, which decides what is composed."""
    return "." not in key


def _seed(asked: Words, problems: list[str]) -> int | None:
    """Seed of the experiment, which a design is drawn with; what is wrong with the settings is added."""
    words = [word for word in asked.fixed if word.startswith("experiment")]
    try:
        return int(compose(words).experiment.seed)
    except ConfigError as error:
        problems += error.problems
        return None


class _Overlay:
    """One set of choices, composed once, with values laid over it job by job."""

    def __init__(
        self, fixed: Sequence[str], chosen: Sequence[Assignment], sources: Sources, problems: list[str]
    ) -> None:
        self._words = [*fixed, *(f"{one.key}={one.value}" for one in chosen)]
        self._sources = sources
        self._problems = problems
        self._base: Config | None = None
        self._sections: dict[tuple[str, str], Params | None] = {}

    def config(self, assigned: Sequence[Assignment]) -> Config | None:
        """The configuration with these values, None if it has a problem (which is noted)."""
        if self._base is None or any(isinstance(one.value, dict) for one in assigned):
            return self._alone(assigned)
        touched: dict[str, list[Assignment]] = {}
        for one in assigned:
            touched.setdefault(one.key.partition(".")[0], []).append(one)
        models = {name: self._section(name, ones) for name, ones in touched.items()}
        made = {name: model for name, model in models.items() if model is not None}
        if len(made) < len(models):
            return None
        config = replace(self._base, models={**self._base.models, **made})
        swept = common_keys((one.key for one in assigned), dict(config.models))
        config = replace(config, common=config.common | swept)
        wrong = [line for check in self._sources.checks for line in check(config)]
        self._problems += wrong
        return None if wrong else config

    def _alone(self, assigned: Sequence[Assignment]) -> Config | None:
        """Composed as a run by itself would be; the first one that is right is the base of the others."""
        try:
            config = compose([*self._words, *map(word_of, assigned)], sources=self._sources)
        except ConfigError as error:
            self._problems += error.problems
            return None
        if not any(isinstance(one.value, dict) for one in assigned):
            self._base = self._base or config
        return config

    def _section(self, name: str, assigned: Sequence[Assignment]) -> Params | None:
        """One section with values laid over the base's, validated once for each distinct set of values."""
        assert self._base is not None
        place = (name, json.dumps([(one.key, one.value) for one in assigned]))
        if place not in self._sections:
            values = {name: copy.deepcopy(self._base.resolved[name])}
            for one in assigned:
                _lay(values, one, self._sources.sections[name])
            outcome = validate(name, self._sources.sections[name], values[name], {})
            if isinstance(outcome, list):
                self._problems += outcome
            self._sections[place] = None if isinstance(outcome, list) else outcome
        return self._sections[place]


def word_of(one: Assignment) -> str:
    """An assignment as it would be written on the command line."""
    return f"{one.key}={_text(one.value)}"


def _text(value: Any) -> str:
    if isinstance(value, list):
        return f"[{','.join(map(_text, value))}]"
    if isinstance(value, dict):
        return f"{{{','.join(f'{key}:{_text(entry)}' for key, entry in value.items())}}}"
    if isinstance(value, str):
        escaped = value.replace("\\", "\\\\").replace('"', '\\"')
        return f'"{escaped}"' if escaped else "''"
    return json.dumps(value)


def _unusable(configs: Sequence[Config]) -> list[str]:
    """What is wrong with input files, looked at once for each distinct network."""
    seen: dict[tuple[int, int], Config] = {}
    for config in configs:
        seen.setdefault((id(config.models["graph"]), id(config.models["population"])), config)
    problems = []
    for config in seen.values():
        try:
            check_network(config)
        except InputError as error:
            problems += error.problems
    return problems


def _jobs(composed: Sequence[tuple[Config, dict[str, Any]]], pinned: Config) -> Plan:
    """Name every job and add the baselines that are missing."""
    configs = [config for config, _ in composed]
    names = Names(pinned)
    jobs: list[Job] = []
    baselines: dict[str, Job] = {}
    index: dict[str, int] = {}  # a baseline's values -> its configuration, shared by all strategies
    for n, (config, swept) in enumerate(composed):
        base = names.baseline(config)
        for replication in _replications(config):
            key, base_key = names.key(config, replication), names.key(base, replication)
            world = names.world_key(config, replication)
            job = Job(key, config.scenario, replication, config.options, swept, world, base_key, False, "", n)
            jobs.append(job)
            if base_key not in baselines:
                values = names.run_values(base)
                if values not in index:
                    index[values] = len(configs)
                    configs.append(base)
                added = replace(job, key=base_key, scenario=base.scenario, options=base.options, overrides={})
                baselines[base_key] = replace(added, added=True, config=index[values])
    there = {(job.scenario, job.key) for job in jobs}
    jobs += [job for job in baselines.values() if (job.scenario, job.key) not in there]
    file, content = values_of(configs, pinned)
    return Plan(tuple(replace(job, values=file) for job in jobs), tuple(configs), content)


def _replications(config: Config) -> range:
    first = config.experiment.first_replication
    return range(first, first + config.experiment.replications)
