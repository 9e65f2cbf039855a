"""What a user writes after ``liebian warmup``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from sim.config.own_keys import split_words
from sim.config.verb_keys import own_keys
from sim.core.errors import InputError
from sim.core.language import tr


@dataclass(frozen=True)
class Request:
    """A check of the warm-up as it was asked for.

    Attributes
    ----------
    days : int or None
        Days that are simulated; None chooses by the burn-in.
    settings : tuple of str
        Settings of the market.
    """

    days: int | None
    settings: tuple[str, ...]

    @classmethod
    def parse(cls, words: Sequence[str]) -> Self:
        """Read the words after the verb.

        Raises
        ------
        InputError
            With one line for every problem.
        """
        own, settings, names, problems = split_words(words, own_keys("warmup"))
        problems += [
            tr(
                "'{word}': warmup takes settings alone, for instance 'liebian warmup population.size=4000'",
                word=word,
            )
            for word in names
        ]
        days = own.get("days")
        if days is not None and not days.strip().removeprefix("-").isdecimal():
            problems.append(tr("days must be a whole number (you wrote '{days}'); write days=720", days=days))
        if problems:
            raise InputError(problems)
        return cls(None if days is None else int(days), tuple(settings))
