"""Ages: how old people of a group are, who is of no group's age, and what they live like by age.

A seat is counted with one of three groups. Ages of two groups may overlap; a rule says who is of which.
People between the groups' ages or beyond them are counted with the group that is nearest, and have a mixture
of the groups' tastes of their own.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from pydantic import field_validator, model_validator

from sim.core.params import Params, constant, uncertainty
from sim.core.rng import keyed_uniforms
from sim.world.schema import GROUPS

#: Groups from the youngest to the oldest, as indices into GROUPS.
BY_AGE = tuple(GROUPS.index(name) for name in ("cyber_native", "eco_pioneer", "silver_vanguard"))
YOUNGEST, MIDDLE, OLDEST = BY_AGE


class AgesParams(Params):
    """How old people are, and how far age beside the group decides what they are like."""

    silver_vanguard: tuple[int, int] = constant((35, 45), "years of age", "F017-F018", ge=0, le=120)
    """Youngest and oldest of the group; ages lie evenly between."""

    cyber_native: tuple[int, int] = constant((18, 24), "years of age", "F020-F021", ge=0, le=120)
    """As above."""

    eco_pioneer: tuple[int, int] = constant((28, 38), "years of age", "F024-F025", ge=0, le=120)
    """As above."""

    overlap: Literal["both", "older", "younger"] = uncertainty("both", "rule", "A-1410")
    """Who people of an age are that two groups have: of both, in proportion to the groups' sizes; all of the
    older group, so that the younger ends before; or all of the younger."""

    oldest: int = uncertainty(60, "years of age", "A-1411", ge=0, le=120, span=(50, 70))
    """Oldest of those beyond the groups' ages, who lie evenly up to it; still older ones hardly buy here."""

    follows: float = uncertainty(0.0, "share", "A-1412", ge=0, le=1, span=(0, 1))
    """How far needs, income, use of platforms and needs for proof, word and company follow the age within a
    group, on the line between the middles of the groups' ages; without it all of a group are alike."""

    fades: float = uncertainty(0.2, "1/10 years", "A-1413", ge=0, le=5, span=(0, 0.5))
    """How fast the chance to use a platform falls with age beyond the oldest group."""

    @field_validator(*GROUPS)
    @classmethod
    def _from_youngest(cls, value: tuple[int, int]) -> tuple[int, int]:
        """The youngest are not older than the oldest."""
        if value[0] > value[1]:
            raise ValueError(
                f"must be the youngest age and then the oldest (you wrote [{value[0]}, {value[1]}]); "
                "turn them round"
            )
        return value

    @model_validator(mode="after")
    def _groups_rise(self) -> AgesParams:
        """Both ends rise from group to group, so that each keeps ages of its own whatever the rule."""
        spans = self.spans()[list(BY_AGE)]
        if (np.diff(spans, axis=0) <= 0).any() or self.oldest <= spans[-1, 1]:
            raise ValueError(
                "both ends of the ages must rise from cyber_native to eco_pioneer to silver_vanguard, and "
                f"oldest lie above (you wrote {spans.tolist()} and {self.oldest}); move one of them"
            )
        return self

    def spans(self) -> np.ndarray:
        """int64[n groups, 2]: youngest and oldest of each group as declared."""
        return np.array([getattr(self, name) for name in GROUPS], np.int64)

    def settled(self) -> np.ndarray:
        """int64[n groups, 2]: the same once the rule has said who is of which group."""
        spans = self.spans()
        for younger, older in ((YOUNGEST, MIDDLE), (MIDDLE, OLDEST)):
            if self.overlap == "older":
                spans[younger, 1] = min(spans[younger, 1], spans[older, 0] - 1)
            elif self.overlap == "younger":
                spans[older, 0] = max(spans[older, 0], spans[younger, 1] + 1)
        return spans

    def between(self) -> tuple[int, int]:
        """First age between the two younger groups, and how many years there are."""
        first = int(self.spans()[YOUNGEST, 1]) + 1
        return first, max(0, int(self.spans()[MIDDLE, 0]) - first)


def draw_ages(
    stream: np.uint64, ids: np.ndarray, group: np.ndarray, p: AgesParams, outside: np.ndarray
) -> np.ndarray:
    """int64[k]: age in years of people counted with a group, by draws that stay theirs.

    Parameters
    ----------
    stream : uint64
        Key of the draws.
    ids, group : int64[k], int8[k]
        Who is asked for.
    p : AgesParams
    outside : float64[n groups]
        Share of those counted with each group who are of no group's age.
    """
    luck, chance = keyed_uniforms(stream, ids, 0), keyed_uniforms(stream, ids, 1)
    return ages_of(luck, chance, group, p, outside)


def ages_of(
    luck: np.ndarray, chance: np.ndarray, group: np.ndarray, p: AgesParams, outside: np.ndarray
) -> np.ndarray:
    """int64[k]: age in years of people counted with a group; each age of those open to them is as likely.

    Parameters
    ----------
    luck, chance : float64[k]
        Uniform numbers in (0, 1): which of the ages, and whether it is of no group.
    group : int8[k]
        Group that each is counted with.
    p : AgesParams
    outside : float64[n groups]
        Share of those counted with each group who are of no group's age.
    """
    low, high = p.settled()[group].T
    own = low + np.floor(luck * (high - low + 1))
    first, years = p.between()
    half = np.where(group == MIDDLE, years / 2.0, 0.0)
    between = first + np.floor(half + luck * years / 2.0)
    eldest = int(p.spans()[OLDEST, 1])
    beyond = eldest + 1 + np.floor(luck * (p.oldest - eldest))
    others = chance < outside[group]
    age = np.where(others, np.where(group == OLDEST, beyond, between), own)
    return np.asarray(age, np.int64)


def mixture(p: AgesParams, group: np.ndarray, age: np.ndarray) -> np.ndarray:
    """float64[k, n groups]: how much of each group's ways people have, rows sum to 1.

    Whoever is of a group's age has its ways, and as far as ``follows`` says those of the age; whoever is of
    none has those of the age alone: of the two groups between whose middles it lies, or of the last one.
    """
    spans = p.spans()
    middles = spans[list(BY_AGE)].mean(axis=1)
    by_age = np.empty((len(age), len(GROUPS)))
    for place, one in enumerate(BY_AGE):
        by_age[:, one] = np.interp(age, middles, np.arange(len(BY_AGE)) == place)
    low, high = spans[group].T
    follows = np.where((age < low) | (age > high), 1.0, p.follows)[:, None]
    ways = (1.0 - follows) * np.eye(len(GROUPS))[group] + follows * by_age
    return np.asarray(ways, np.float64)


def reach_left(p: AgesParams, age: np.ndarray) -> np.ndarray:
    """float64[k]: what is left of the chance to use a platform beyond the ages of the oldest group."""
    beyond = np.maximum(0, age - int(p.spans()[OLDEST, 1]))
    return np.asarray(np.exp(-p.fades * beyond / 10.0), np.float64)
