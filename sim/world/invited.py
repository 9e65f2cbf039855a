"""Life table of invited people: by how long they have been registered, who orders and when.

A promise stands until its stage is reached or its time is up, and most that stand today are young. The
share of recent promises that have been kept by now would say too little of what is still to come, and a
share of those that have ended too much, as promises end early by being kept. A life table counts, for
every age, people who could still reach a stage and those who did, so that promises of any age are valued
alike, under any strategy and from its first day.
"""

from __future__ import annotations

import numpy as np

#: Ages in days since registration are told apart by doubling: 0, 1-2, 3-6, ..., 255 and more.
AGES = 9
#: Stages that are reached by ordering: the first and the second order handed over.
ORDERING = (2, 3)
#: Invited people before anything was seen, of whom so many reach a stage within ``PRIOR_DAYS``; the small
#: prior of ``Operator.stage_counts``, which the market's own days soon outweigh.
PRIOR_PEOPLE, PRIOR_REACHED, PRIOR_DAYS = 20.0, (7.0, 3.0), 60.0


def fresh() -> np.ndarray:
    """float64[2, 2, AGES]: people-days at risk and stages reached, by stage and age, at the prior's rate."""
    edges = np.minimum(2.0 ** np.arange(AGES + 1) - 1.0, 512.0)
    days = PRIOR_PEOPLE * np.diff(edges)
    rate = -np.expm1(np.log1p(-np.array(PRIOR_REACHED) / PRIOR_PEOPLE) / PRIOR_DAYS)
    return np.stack([np.tile(days, (len(ORDERING), 1)), rate[:, None] * days])


def age_of(days: np.ndarray) -> np.ndarray:
    """int64[n]: class of age of people registered ``days`` (0 and up) ago."""
    classes: np.ndarray = np.minimum(np.log2(days + 1.0).astype(np.int64), AGES - 1)
    return classes


def note(life: np.ndarray, stage: int, at_risk: np.ndarray, reached: np.ndarray) -> None:
    """Add a day: ages in days of people who had yet to reach ``stage``, and of those who did today."""
    row = ORDERING.index(stage)
    life[0, row] += np.bincount(age_of(at_risk), minlength=AGES)
    life[1, row] += np.bincount(age_of(reached), minlength=AGES)


def chance(life: np.ndarray, stage: int, age: np.ndarray, left: np.ndarray) -> np.ndarray:
    """float64[n]: chance to reach ``stage`` within the ``left`` days to come, at ``age`` days tonight."""
    if not len(age):
        return np.zeros(0)
    days, reached = life[:, ORDERING.index(stage)]
    rate = np.minimum(reached / np.maximum(days, 1e-300), 1.0 - 1e-9)
    last = int((age + left).max())
    hazard = np.concatenate([[0.0], np.cumsum(-np.log1p(-rate[age_of(np.arange(last + 1))]))])
    result: np.ndarray = -np.expm1(hazard[age + 1] - hazard[age + left + 1])
    return result
