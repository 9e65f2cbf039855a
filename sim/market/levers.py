"""Levers in force: the strategy's, what a stage makes of them, and what overrides them for a time."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sim.config import Config
from sim.core.clock import MINUTES_PER_DAY
from sim.core.errors import ConfigError
from sim.levers import Diff, flat, lever_problems, with_levers

#: Sections whose levers change at midnight only: goods and people of warehouses are planned by the day.
NIGHTLY = ("logistics", "returns", "supply")


@dataclass(frozen=True)
class Change:
    """Levers that are set otherwise up to an absolute minute; None = for the rest of the run."""

    levers: Mapping[str, Any]
    until: int | None


class Levers:
    """What the operator's levers are set to now.

    Parameters
    ----------
    strategy : Config
        The strategy, or the stage of it, that holds where nothing else is said.

    Notes
    -----
    A market looks at the start of every day and of every daypart. What acts once a day (the budget, prices
    of posts) takes hold on the next morning, warehouses change at midnight, and everything else follows at
    once. The same configuration is returned, as the same object, for as long as nothing changes, so that
    looking costs nothing.
    """

    def __init__(self, strategy: Config) -> None:
        self.strategy = strategy
        self._changes: list[Change] = []
        self._over: dict[str, Any] = {}
        self._made: dict[str, Config] = {}

    def adopt(self, strategy: Config) -> None:
        """Go over to another strategy or stage; what overrides it stays in force."""
        if strategy is not self.strategy:
            self.strategy, self._made = strategy, {}

    def change(self, diff: Diff, until: int | None = None) -> None:
        """Set levers otherwise for a time, over whatever the strategy says then; a later change counts.

        Parameters
        ----------
        diff : mapping
            Lever -> value, ``{"incentive.invite_reward": 12}``.
        until : int, optional
            Absolute minute at which it ends; None = for the rest of the run.

        Raises
        ------
        ConfigError
            If something that is named is no lever, or a value is not allowed.
        """
        if problems := lever_problems(self.strategy.models, diff):
            raise ConfigError(problems)
        self._changes.append(Change(flat(self.strategy.models, diff), until))

    def in_force(self, minute: int, answers: Mapping[str, Any] | None = None) -> Config:
        """The configuration in force at an absolute minute.

        Parameters
        ----------
        minute : int
            Now.
        answers : mapping of str to object, optional
            Levers that responses in force override, which count over all else.
        """
        if self._changes:
            self._changes = [one for one in self._changes if one.until is None or minute < one.until]
        if not self._changes and not answers and not self._over:
            return self.strategy
        over: dict[str, Any] = {}
        for one in self._changes:
            over |= one.levers
        over |= answers or {}
        if minute % MINUTES_PER_DAY:
            kept = {key: value for key, value in self._over.items() if key.partition(".")[0] in NIGHTLY}
            over = {key: value for key, value in over.items() if key.partition(".")[0] not in NIGHTLY} | kept
        self._over = over
        if not over:
            return self.strategy
        key = json.dumps(over, sort_keys=True)
        if key not in self._made:
            self._made[key] = with_levers(self.strategy, over)
        return self._made[key]
