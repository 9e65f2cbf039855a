"""What a user writes after ``liebian optimise``, checked before anything runs.

Levers vary over the ranges that their declarations state, as in a sweep's design; lists of
scenarios, options and values are choices. Uncertainties and world parameters cannot be
optimised and are rejected: a strategy that is best in another world is not better.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from importlib.util import find_spec
from itertools import product
from typing import Any

import numpy as np

from sim.config import Config, Sources, assumptions_table, compose, market_sources, world_differences
from sim.config.idle import idle, idle_said
from sim.config.overrides import Assignment
from sim.config.own_keys import key_of, listed, split_words
from sim.config.settings import OptimiseParams
from sim.config.sweep_request import fold, named, span_of, understand
from sim.config.validate import validate
from sim.config.verb_keys import own_keys
from sim.core.errors import ConfigError, InputError
from sim.core.language import mark, tr
from sim.core.params import Declared
from sim.runs.plan import word_of
from sim.studies.optimise.objectives import (
    DOWNSIDE,
    MARGIN,
    TOGETHER,
    USUAL,
    Aims,
    read_objectives,
    read_rules,
    read_targets,
)

#: Combinations of choices that are looked at for levers that nothing reads; beyond it, all are kept.
_MOST_LOOKED_AT = 100
_LISTS = ("objectives", "targets", "shocks", "subject_to")
_SETTINGS = tuple(OptimiseParams.model_fields)
_OWN = own_keys("optimise")
_REFUSED = {
    "design": mark("optimise draws its strategies itself; delete it"),
    "samples": mark("optimise counts trials; write trials=60"),
    "shock": mark("write the shocks of the downside as shocks=[none,downturn]"),
}
#: Added to the search's name for the experiment of the held-out worlds; letters of a name at most.
HELD_OUT, LONGEST_NAME = "_heldout", 64
EXAMPLE = (
    "'liebian optimise vary=[incentive.invite_reward,pricing.list_level] "
    "incentive=none,flat_cash trials=60 experiment.replications=3 experiment.name=search'"
)


@dataclass(frozen=True)
class Space:
    """What a search may choose.

    Attributes
    ----------
    levers : tuple of Declared
        Numbers that vary over their range.
    choices : mapping of str to tuple
        Scenario, group or key -> its values.
    held : tuple of str
        Levers that were named by section and keep their values, because they declare no plausible range.
    idle : mapping of str to str
        Levers that were named and left out, because nothing reads them, each with a setting that reads it.
    """

    levers: tuple[Declared, ...]
    choices: Mapping[str, tuple[Any, ...]]
    held: tuple[str, ...] = ()
    idle: Mapping[str, str] = field(default_factory=dict)

    @property
    def spans(self) -> dict[str, tuple[float, float]]:
        """Range of each lever."""
        return {row.path: span_of(row) or (0.0, 0.0) for row in self.levers}

    def strategy(self, drawn: Mapping[str, Any]) -> dict[str, Any]:
        """What is run for a drawn point: shares of one whole are folded, as in a sweep's design."""
        values = np.array([[float(drawn[row.path]) for row in self.levers]])
        folded = fold(self.levers, values)[0].tolist() if self.levers else []
        numbers = {
            row.path: round(value) if isinstance(row.default, int) else value
            for row, value in zip(self.levers, folded, strict=True)
        }
        return {key: drawn[key] for key in self.choices} | numbers

    def start(self) -> dict[str, Any]:
        """The market as it is, moved into the ranges; the first value of each choice."""
        low_high = self.spans
        numbers = {row.path: _inside(row.default, low_high[row.path]) for row in self.levers}
        return {key: values[0] for key, values in self.choices.items()} | numbers

    def described(self) -> dict[str, Any]:
        """As it is written down, so that a search is resumed in its own space only."""
        return {
            "levers": {key: list(span) for key, span in self.spans.items()},
            "choices": {key: list(values) for key, values in self.choices.items()},
        }


@dataclass(frozen=True)
class Request:
    """A search as it was asked for.

    Attributes
    ----------
    fixed : tuple of str
        Settings that hold for every run.
    space : Space
        What it may choose.
    aims : Aims
        What it weighs.
    settings : OptimiseParams
        How it is led.
    choose : str
        Objective, or number of a trial, that chooses the strategy for held-out worlds.
    config : Config
        A configuration whose experiment, engine and paths hold for the whole search.
    """

    fixed: tuple[str, ...]
    space: Space
    aims: Aims
    settings: OptimiseParams
    choose: str
    config: Config = field(repr=False)

    @classmethod
    def parse(cls, words: Sequence[str], sources: Sources | None = None) -> Request:
        """Read and check the words after ``liebian optimise``.

        Raises
        ------
        ConfigError
            With one line for every problem.
        """
        sources = sources or market_sources()
        own, rest, names, problems = split_words(words, _OWN)
        keys = {key_of(word) for word in rest}
        problems += [f"{key}: {tr(why)}" for key, why in _REFUSED.items() if key in keys]
        rest = [*(word for word in rest if key_of(word) not in _REFUSED), *names]
        settings = _settings(own, problems)
        entries = {key: listed(own.get(key, "")) for key in _LISTS}
        space, fixed, config = _space(rest, own.get("vary", ""), sources, problems)
        objectives = (
            read_objectives(entries["objectives"], problems)
            if "objectives" in own
            else (MARGIN, TOGETHER, DOWNSIDE)
        )
        targets, rules = (
            read_targets(entries["targets"], problems),
            read_rules(entries["subject_to"], problems),
        )
        shocks = _shocks(entries["shocks"], objectives, sources, problems)
        if config is not None:
            space = _live(space, fixed, shocks if DOWNSIDE in objectives else (), config, sources, problems)
        choose = own.get("choose", MARGIN if MARGIN in objectives else next(iter(objectives), MARGIN))
        problems += _unchoosable(choose, objectives, settings.trials) if objectives else []
        if config is not None and settings.holdout:
            problems += _too_long(str(config.experiment.name))
        if problems or config is None:
            raise ConfigError(list(dict.fromkeys(problems)))
        levels = {str(name): float(value) for name, value in config.targets.model_dump().items()}
        aims = Aims(objectives, targets, levels, rules, shocks, settings.alpha)
        return cls(fixed, space, aims, settings, choose, config)

    def spec(self) -> dict[str, Any]:
        """What must be the same for a search to be taken up again."""
        held = ("batch", "sampler", "startup", "generation", "alpha")
        experiment = self.config.experiment
        return {
            "fixed": sorted(
                word for word in self.fixed if not word.startswith(("engine", "paths.", "store."))
            ),
            "space": self.space.described(),
            "objectives": list(self.aims.objectives),
            "targets": list(self.aims.targets),
            "levels": dict(self.aims.levels),
            "rules": [asdict(rule) for rule in self.aims.rules],
            "shocks": list(self.aims.shocks),
            "seed": experiment.seed,
            "worlds": [experiment.first_replication, experiment.replications],
            **{key: getattr(self.settings, key) for key in held},
        }


def _settings(own: Mapping[str, str], problems: list[str]) -> OptimiseParams:
    """The search's own settings; problems are added, with the words as the user writes them."""
    values: dict[str, Any] = {}
    for key in (key for key in _SETTINGS if key in own):
        text = own[key].strip()
        try:
            values[key] = int(text) if re.fullmatch(r"[-+]?\d{1,12}", text) else float(text)
        except ValueError:
            values[key] = text
    outcome = validate("optimise", OptimiseParams, values, {})
    if isinstance(outcome, OptimiseParams):
        return outcome
    problems += [line.removeprefix("optimise.") for line in outcome if isinstance(line, str)]
    return OptimiseParams()


def _space(
    rest: Sequence[str], vary: str, sources: Sources, problems: list[str]
) -> tuple[Space, tuple[str, ...], Config | None]:
    """What varies, what is fixed, and a configuration with the first choices; problems are added."""
    patterns = listed(vary)
    levers = {row.path for row in assumptions_table(sources.sections) if row.kind == "lever"}
    design = ["design=lhs", "samples=2", f"vary=[{','.join(patterns)}]"] if patterns else []
    try:
        asked = understand([*rest, *design], sources)
    except ConfigError as error:
        problems += error.problems
        return Space((), {}), (), None
    rows = tuple(row for row in asked.vary if row.path in levers)
    problems += [
        tr(
            "vary: '{pattern}' is nothing that can be chosen; vary levers, and study "
            "uncertainties with 'liebian sensitivity' or 'liebian robustness'",
            pattern=pattern,
        )
        for pattern in patterns
        if not any(row.path in levers for row in asked.vary if named(row.path, pattern))
    ]
    choices = {key: tuple(one.value for one in axis) for key, axis in asked.axes.items()}
    problems += [
        tr(
            "{key}: choices must be words or numbers (you wrote {value}); write them with ','",
            key=key,
            value=value,
        )
        for key, values in choices.items()
        for value in values
        if not isinstance(value, (bool, int, float, str))
    ]
    if not rows and not choices and not problems:
        problems.append(tr("vary: there is nothing to search; write for instance {example}", example=EXAMPLE))
    config = None if problems else _compose(asked.fixed, choices, sources, problems)
    return Space(rows, choices, tuple(key for key in asked.held if key in levers)), asked.fixed, config


def _live(
    space: Space,
    fixed: Sequence[str],
    shocks: Sequence[str],
    config: Config,
    sources: Sources,
    problems: list[str],
) -> Space:
    """The space without levers that nothing reads under any of its choices and shocks."""
    paths = [row.path for row in space.levers]
    if not idle(paths, [config]):
        return space
    axes = [*space.choices.items(), *([("shock", tuple(shocks))] if shocks else [])]
    if math.prod(len(values) for _, values in axes) > _MOST_LOOKED_AT:
        return space
    try:
        configs = [
            compose(
                [
                    *fixed,
                    *(word_of(Assignment(key, one)) for (key, _), one in zip(axes, chosen, strict=True)),
                ],
                sources=sources,
            )
            for chosen in product(*(values for _, values in axes))
        ]
    except ConfigError:  # not all go together, which is told where they are tried
        return space
    found = idle(paths, configs)
    if found and len(found) == len(paths) and not space.choices:
        problems += [tr("vary: there is nothing to search; {why}", why=line) for line in idle_said(found)]
    return replace(space, levers=tuple(row for row in space.levers if row.path not in found), idle=found)


def _compose(
    fixed: Sequence[str], choices: Mapping[str, tuple[Any, ...]], sources: Sources, problems: list[str]
) -> Config | None:
    """Configuration of the first choices; every other choice is composed too and must share its world."""

    def composed(chosen: Mapping[str, Any]) -> Config | None:
        written = [word_of(Assignment(key, value)) for key, value in chosen.items()]
        try:
            return compose([*fixed, *written], sources=sources)
        except ConfigError as error:
            problems.extend(error.problems)
            return None

    first = {key: values[0] for key, values in choices.items()}
    usual = composed(first)
    if usual is None:
        return None
    for key, values in choices.items():
        for value in values[1:]:
            other = composed(first | {key: value})
            for differs in world_differences([usual, other]) if other is not None else ():
                problems.append(
                    tr(
                        "{key}: '{value}' changes the world ({differs}), which nobody can choose; take it "
                        "out of the list, and set what holds for all strategies with one value",
                        key=key,
                        value=value,
                        differs=differs,
                    )
                )
    return usual


def _shocks(
    names: Sequence[str], objectives: Sequence[str], sources: Sources, problems: list[str]
) -> tuple[str, ...]:
    """Shock options of the downside, all of them if none is named."""
    known = [USUAL, *(name for name in sources.options("shock") if name != USUAL)]
    problems += [
        tr("shocks: there is no '{name}'; choose among {known}", name=name, known=", ".join(known))
        for name in names
        if name not in known
    ]
    if names and DOWNSIDE not in objectives:
        problems.append(
            tr(
                "shocks: only '{downside}' looks at them; add it to objectives, or delete shocks",
                downside=DOWNSIDE,
            )
        )
    return tuple(dict.fromkeys(names)) or tuple(known)


def _unchoosable(choose: str, objectives: Sequence[str], trials: int) -> list[str]:
    if choose in objectives or (choose.isdecimal() and int(choose) < trials):
        return []
    return [
        tr(
            "choose: must be an objective or the number of a trial below {trials} (you wrote "
            "'{choose}'); write one of {objectives}",
            trials=trials,
            choose=choose,
            objectives=", ".join(objectives),
        )
    ]


def _too_long(name: str) -> list[str]:
    """Refuse a name that leaves no room for that of the held-out worlds."""
    most = LONGEST_NAME - len(HELD_OUT)
    if len(name) <= most:
        return []
    return [
        tr(
            "experiment.name: must be at most {most} letters (you wrote {n_name}); shorten it",
            most=most,
            n_name=len(name),
        )
    ]


def _inside(value: Any, span: tuple[float, float]) -> Any:
    low, high = span
    kept = min(max(value, low), high)
    return int(kept) if isinstance(value, int) else float(kept)


def need_optuna() -> None:
    """Say how to get Optuna where it is missing.

    Raises
    ------
    InputError
        One line that names the command.
    """
    if find_spec("optuna") is None:
        raise InputError(
            tr("optimise needs Optuna, which is not installed; run pip install -e '.[optimise]'")
        )
