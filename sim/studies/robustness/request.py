"""What a user writes after ``liebian robustness``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from sim.config.own_keys import listed, split_words
from sim.config.verb_keys import own_keys
from sim.core.errors import InputError
from sim.core.language import tr
from sim.studies.robustness.design import VARIED

#: Draws unless told otherwise.
DRAWS = 40
_EXAMPLE = "'liebian robustness flat_cash_referral three_tier_referral draws=40'"


@dataclass(frozen=True)
class Request:
    """A study of robustness as it was asked for.

    Attributes
    ----------
    a, b : str
        Names of the two scenarios.
    draws : int
        Points of the Latin hypercube.
    vary : tuple of str
        Sections or patterns of keys.
    settings : tuple of str
        Settings of both strategies.
    calibration : str
        Table of draws that 'liebian calibrate' wrote; empty for the declared ranges.
    """

    a: str
    b: str
    draws: int
    vary: tuple[str, ...]
    settings: tuple[str, ...]
    calibration: str = ""

    @classmethod
    def parse(cls, words: Sequence[str]) -> Self:
        """Read the words after the verb.

        Raises
        ------
        InputError
            With one line for every problem.
        """
        own, settings, names, problems = split_words(words, own_keys("robustness"))
        if len(names) != 2:
            wrote = tr("you named {names}", names=", ".join(names)) if names else tr("you named none")
            problems.append(
                tr(
                    "robustness takes the names of two scenarios ({wrote}); write {example}",
                    wrote=wrote,
                    example=_EXAMPLE,
                )
            )
        problems += [
            tr(
                "'{word}': robustness takes the names of scenarios alone; write them without 'scenario='",
                word=word,
            )
            for word in settings
            if word.startswith("scenario=")
        ]
        draws = own.get("draws", str(DRAWS))
        if not draws.strip().removeprefix("-").isdecimal():
            problems.append(
                tr(
                    "draws must be a whole number (you wrote '{draws}'); write draws={draws2}",
                    draws=draws,
                    draws2=DRAWS,
                )
            )
        if "calibration" in own and "vary" in own:
            problems.append(tr("vary: a table of draws says what varies; leave out vary or calibration"))
        if problems:
            raise InputError(problems)
        table = own.get("calibration", "").strip("'\"")
        vary = tuple(listed(own.get("vary", ",".join(VARIED))))
        return cls(names[0], names[1], int(draws), vary, tuple(settings), table)
