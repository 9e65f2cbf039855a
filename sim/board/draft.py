"""A strategy as it is edited on the board: what it begins with, what is changed, stages, and the business."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from sim.config import Config, compose, market_sources, scenarios, shipped
from sim.config.sources import NAME
from sim.core.atomic import commit
from sim.core.errors import InputError
from sim.core.language import tr

#: Keys by which the board finds what it has started.
_OWN = ("experiment.name", "paths.results", "paths.live")


@dataclass
class Stage:
    """A stretch of the plan's calendar, with what it changes.

    Attributes
    ----------
    name : str
        Of the stage.
    days : int, optional
        How long it lasts; None for what is left.
    options : dict of str to str
        Section -> option in force.
    levers : dict
        Dotted key -> value in force.
    """

    name: str
    days: int | None = None
    options: dict[str, str] = field(default_factory=dict)
    levers: dict[str, Any] = field(default_factory=dict)

    def lines(self) -> dict[str, Any]:
        """Keys and values as a scenario file has them."""
        where = f"plan.stages.{self.name}."
        days = {} if self.days is None else {f"{where}days": self.days}
        options = {f"{where}options.{key}": value for key, value in self.options.items()}
        levers = {f"{where}levers.{key}": value for key, value in self.levers.items()}
        return {**days, **options, **levers} or {where.removesuffix("."): {}}


@dataclass
class Draft:
    """One strategy that is being edited.

    Attributes
    ----------
    begin : str
        Scenario that it begins with.
    options : dict of str to str
        Section -> option chosen.
    levers : dict
        Dotted key -> value that is set.
    stages : list of Stage
        The plan's calendar; empty for a strategy that stays as it is.
    business : dict of str to str
        The business's own words, which hold for the baseline too: ``market``, ``budget``, ``start``.
    settings : dict
        How it is run: people, days, worlds, seed.
    others : list of str
        Further words, as on the command line.
    """

    begin: str = "three_tier_referral"
    options: dict[str, str] = field(default_factory=dict)
    levers: dict[str, Any] = field(default_factory=dict)
    stages: list[Stage] = field(default_factory=list)
    business: dict[str, str] = field(default_factory=dict)
    settings: dict[str, Any] = field(default_factory=dict)
    others: list[str] = field(default_factory=list)

    def lines(self) -> dict[str, Any]:
        """Keys and values of the strategy itself."""
        staged: dict[str, Any] = {}
        for stage in self.stages:
            staged |= stage.lines()
        return {**self.options, **self.levers, **staged}

    def without(self, keys: Sequence[str]) -> Draft:
        """The same where these levers keep no value of their own, because several are tried."""
        return replace(self, levers={key: value for key, value in self.levers.items() if key not in keys})

    def words(self) -> list[str]:
        """Strategy and settings as words of ``liebian run``."""
        return [f"scenario={self.begin}", *in_words(self.lines()), *self.held()]

    def held(self) -> list[str]:
        """Words of what holds for every strategy of a comparison."""
        return [*in_words({**self.business, **self.settings}), *self.others]

    def command(self) -> str:
        """The line that does the same in a terminal."""
        return shlex.join(["liebian", "run", *self.words()])

    def composed(self) -> Config:
        """The configuration that a run would use.

        Raises
        ------
        InputError
            With a line for every value that is wrong.
        """
        return compose(self.words())

    def problems(self) -> list[str]:
        """What is wrong with it, a line each; empty if it can run."""
        told = [*self._same_names(), *self._said_twice()]
        try:
            self.composed()
        except InputError as error:
            told += error.problems
        return list(dict.fromkeys(told))

    def _same_names(self) -> list[str]:
        """A line for each name that several stages have: only one of them would be played."""
        names = [stage.name for stage in self.stages]
        return [
            tr(
                "stages: {n} stages are called '{name}'; give each a name of its own",
                n=names.count(name),
                name=name,
            )
            for name in dict.fromkeys(names)
            if names.count(name) > 1
        ]

    def _said_twice(self) -> list[str]:
        """A line for each key among the other settings that is set elsewhere on the page, or by the board."""
        words = [word.partition("=") for word in self.words() if "=" in word]
        given = [(key, value) for key, _, value in words]
        own = [tr("{key}: is set by the board itself; delete it", key=key) for key, _ in given if key in _OWN]
        return own + [
            tr(
                "{key}: must be given once (you wrote {values}); delete all but one",
                key=key,
                values=tr(" and ").join(value for other, value in given if other == key),
            )
            for key in dict.fromkeys(key for key, _ in given)
            if [other for other, _ in given].count(key) > 1
        ]

    def file_text(self, name: str) -> str:
        """The strategy as a scenario file, the lines of the scenario that it begins with included."""
        begun = scenarios.load(self.begin, market_sources())
        lines = self.business | {one.key: one.value for one in begun.assignments} | self.lines()
        return "".join(
            [
                f"# liebian run scenario={name}\n",
                f"description: {
                    _yaml(tr('{name}, beginning with {begin}', name=name.replace('_', ' '), begin=self.begin))
                }\n",
                *(f"{key}: {_yaml(value)}\n" for key, value in lines.items()),
            ]
        )


def save(draft: Draft, name: str, folder: Path, *, replace: bool = False) -> Path:
    """Write a strategy as a scenario file that every verb takes.

    Parameters
    ----------
    draft : Draft
        What to write.
    name : str
        Of the scenario.
    folder : Path
        Where scenario files of this user are.
    replace : bool
        Whether a file of this name may be replaced.

    Raises
    ------
    InputError
        If the name cannot be used, the file exists, or the strategy cannot run.
    """
    if not NAME.fullmatch(name):
        raise InputError(
            tr("a name is 1 to 64 of a-z, 0-9 and _ (you wrote '{name}'); write another", name=name)
        )
    path = folder / f"{name}.yaml"
    if (shipped("scenarios") / path.name).is_file():
        raise InputError(tr("'{name}' is a scenario that comes with liebian; write another name", name=name))
    if path.exists() and not replace:
        raise InputError(tr("{path} exists; write another name, or say that it may be replaced", path=path))
    if problems := draft.problems():
        raise InputError(problems)
    text = draft.file_text(name)
    commit(path, lambda temporary: temporary.write_text(text, encoding="utf-8"), "")
    return path


def in_words(lines: Mapping[str, Any]) -> list[str]:
    """Keys and values as words of a command line."""
    return [f"{key}={_word(value)}" for key, value in lines.items()]


def _word(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if value == {}:
        return "{}"
    return repr(value) if isinstance(value, float) else str(value)


def _yaml(value: Any) -> str:
    """A value that YAML reads as it is."""
    return json.dumps(value, ensure_ascii=False)
