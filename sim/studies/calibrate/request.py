"""What a user writes after ``liebian calibrate``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from sim.config.own_keys import split_words
from sim.core.errors import InputError
from sim.core.language import tr
from sim.studies.calibrate.study import ROUNDS


@dataclass(frozen=True)
class Request:
    """A calibration as it was asked for.

    Attributes
    ----------
    rounds : int
        Points that are tried at most.
    settings : tuple of str
        Settings of the baseline.
    """

    rounds: int
    settings: tuple[str, ...]

    @classmethod
    def parse(cls, words: Sequence[str]) -> Self:
        """Read the words after the verb.

        Raises
        ------
        InputError
            With one line for every problem.
        """
        own, settings, names, problems = split_words(words, ("rounds",))
        problems += [
            tr(
                "'{word}': calibrate takes settings alone; write 'liebian calibrate "
                "experiment.replications=5'",
                word=word,
            )
            for word in names
        ]
        rounds = own.get("rounds", str(ROUNDS))
        if not rounds.strip().removeprefix("-").isdecimal():
            problems.append(
                tr(
                    "rounds: must be a whole number (you wrote '{rounds}'); write rounds={rounds2}",
                    rounds=rounds,
                    rounds2=ROUNDS,
                )
            )
        if problems:
            raise InputError(problems)
        return cls(int(rounds), tuple(settings))
