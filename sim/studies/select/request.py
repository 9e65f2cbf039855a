"""What a user writes after ``liebian select``."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from sim.config.own_keys import split_words
from sim.config.verb_keys import own_keys
from sim.core.errors import ConfigError
from sim.core.language import tr
from sim.core.messages import did_you_mean
from sim.measure.guardrails import FIGURES, UNITS

CONFIDENCE = 0.95
_OWN = own_keys("select")
_BETTER = {figure.name: figure.better for figure in FIGURES}
EXAMPLE = "'liebian select scenario=group_buy,private_domain by=contribution_margin zone=50'"


@dataclass(frozen=True)
class Question:
    """What is to be selected.

    Attributes
    ----------
    by : str
        Indicator that strategies are judged by; its direction says which is better.
    zone : float
        Smallest difference worth detecting, in its unit.
    confidence : float
        Probability of a correct selection that is asked for.
    """

    by: str
    zone: float
    confidence: float

    @property
    def sign(self) -> float:
        """1 where higher is better, -1 where lower is."""
        return 1.0 if _BETTER[self.by] == "higher" else -1.0


@dataclass(frozen=True)
class Request:
    """A selection as it was asked for.

    Attributes
    ----------
    question : Question
        What is to be selected.
    settings : tuple of str
        Words of the sweep that it is about.
    """

    question: Question
    settings: tuple[str, ...]

    @classmethod
    def parse(cls, words: Sequence[str]) -> Self:
        """Read the words after ``liebian select``.

        Raises
        ------
        ConfigError
            With one line for every problem.
        """
        own, settings, names, problems = split_words(words, _OWN)
        problems += [
            tr("{key}: must be given; write {example}", key=key, example=EXAMPLE)
            for key in ("by", "zone")
            if not own.get(key)
        ]
        by = own.get("by", "")
        if by and by not in UNITS:
            problems.append(
                tr(
                    "by: there is no indicator '{by}'; {did_you_mean}",
                    by=by,
                    did_you_mean=did_you_mean(by, list(UNITS)),
                )
            )
        elif by and not _BETTER[by]:
            problems.append(
                tr("by: of '{by}' neither more nor less is better; choose another indicator", by=by)
            )
        zone = _number(own.get("zone", "1"), percentage_points=UNITS.get(by) == "share")
        if not zone > 0:
            problems.append(
                tr(
                    "zone: must be a number above 0 in the indicator's unit, or of a share as 0.5pp (you "
                    "wrote '{zone}'); write the smallest difference worth detecting",
                    zone=own["zone"],
                )
            )
        confidence = _number(own.get("confidence", str(CONFIDENCE)))
        if not 0.5 <= confidence < 1:
            problems.append(
                tr(
                    "confidence: must be 0.5 .. 1, 1 excluded (you wrote '{confidence}'); write "
                    "confidence={confidence2}",
                    confidence=own["confidence"],
                    confidence2=CONFIDENCE,
                )
            )
        if any(word.startswith("experiment.until=") for word in words):
            problems.append(
                tr("experiment.until: cannot be combined with select, which adds worlds itself; remove it")
            )
        if problems:
            raise ConfigError(problems)
        return cls(Question(by, zone, confidence), (*settings, *names))


def _number(text: str, percentage_points: bool = False) -> float:
    """A finite number, in percentage points if it says so and may; nan for anything else."""
    scale = 1.0
    if percentage_points and text.strip().endswith("pp"):
        text, scale = text.strip().removesuffix("pp"), 100.0
    try:
        value = float(text) / scale
    except ValueError:
        return math.nan
    return value if math.isfinite(value) else math.nan
