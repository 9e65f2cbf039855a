"""One draw: a world of its own in which both strategies live the same days.

The strategy whose reward is sure (flat cash) goes first and is the pilot: its events say with
what chance an invited person who registers goes on to a first and a second order. With these
chances the other strategy's reward is scaled until an invitee costs the same on average, so that
designs are compared and not generosity.
"""

from __future__ import annotations

import copy
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from sim.config import Config, from_resolved, market_sources
from sim.core.clock import MINUTES_PER_DAY
from sim.core.errors import ConfigError, RunError
from sim.core.language import tr
from sim.market import Market
from sim.measure.events import Events, count, find
from sim.measure.indicators import invited
from sim.social.incentives import STAGES, IncentiveParams
from sim.store.writing import writing
from sim.studies.robustness.figures import FIGURES, figures

#: Name, value under the first strategy, value under the second.
Row = tuple[str, str, float, float]


@dataclass(frozen=True)
class Trial:
    """One draw to be played.

    Attributes
    ----------
    index : int
        Place in the design.
    key : str
        Digest of all that can change its numbers.
    values : mapping of str to float
        Dotted key of each uncertainty -> its value here.
    arms : (Config, Config)
        Both strategies with these values.
    replication : int
        Number of the world.
    reference : int or None
        Arm (0 or 1) whose expected cost per invitee the other is scaled to; None scales nothing.
    """

    index: int
    key: str
    values: Mapping[str, float]
    arms: tuple[Config, Config]
    replication: int
    reference: int | None


def with_values(config: Config, values: Mapping[str, Any]) -> Config:
    """The configuration with some dotted keys set, validated as if the user had written them.

    Raises
    ------
    ConfigError
        If a value is not allowed.
    """
    resolved: dict[str, Any] = copy.deepcopy(config.resolved)
    for path, value in values.items():
        *outer, last = path.split(".")
        here = resolved
        for name in outer:
            here = here[name]
        here[last] = value
    built = from_resolved(resolved, market_sources(config.features), scenario=config.scenario)
    return replace(
        built,
        description=config.description,
        options=config.options,
        pinned=config.pinned,
        common=config.common,
        features=config.features,
    )


def reference_arm(a: IncentiveParams, b: IncentiveParams) -> int | None:
    """Which of two designs the other is made equal to in cost: flat cash if one is, else the first.

    None if the designs are the same or one of them pays no reward: there is nothing to equalise.
    """
    pays = [bool(one.schedule()[0].sum() > 0.0) for one in (a, b)]
    if not all(pays) or a.design == b.design:
        return None
    return 1 if b.design == "flat_cash" else 0


def reach_chances(events: Events) -> tuple[np.ndarray, int]:
    """Chance that a real invitee who registers reaches each stage within the window's length.

    Kaplan-Meier over the invitees of the window, because those who registered late could not be
    followed for long.

    Returns
    -------
    (float64[3], int)
        Chances of registration (1), of a first and of a second order handed over; and the number
        of invitees. Chances after the first are nan without invitees.
    """
    real = invited(events) & events.new_users
    person = events.column("registrations", "person")[real]
    joined = events.column("registrations", "minute")[real].astype(np.int64)
    chances = np.ones(STAGES)
    for stage, minute in enumerate(_handed_over(events, person), start=1):
        reached = minute >= 0
        waited = np.where(reached, minute, events.end * MINUTES_PER_DAY) - joined
        chances[stage] = kaplan_meier(np.maximum(waited, 0), reached)
    return chances, len(person)


def _handed_over(events: Events, person: np.ndarray) -> list[np.ndarray]:
    """Minutes of each person's first and second order handed over in the window, -1 if none."""
    row = find(events.column("deliveries", "person"), person)
    minute = events.column("deliveries", "minute")[row >= 0].astype(np.int64)
    row = row[row >= 0]
    order = np.lexsort((minute, row))
    row, minute = row[order], minute[order]
    nth = np.arange(len(row)) - np.searchsorted(row, row, side="left")
    found = []
    for k in (0, 1):
        when = np.full(len(person), -1, np.int64)
        when[row[nth == k]] = minute[nth == k]
        found.append(when)
    return found


def kaplan_meier(waited: np.ndarray, reached: np.ndarray) -> float:
    """Chance of reaching a stage by the longest wait seen, from partly unfinished waits.

    Parameters
    ----------
    waited : number[n]
        Time until the stage was reached or the view ended.
    reached : bool[n]
        Whether it was reached.
    """
    if not len(waited):
        return float("nan")
    stays = 1.0
    for when in np.unique(waited[reached]):
        stays *= 1.0 - count(reached & (waited == when)) / count(waited >= when)
    return 1.0 - stays


def equal_cost_reward(incentive: IncentiveParams, chances: np.ndarray, cost: float) -> float:
    """Reward under which an invitee of this design costs ``cost`` CNY on average.

    Solves ``amount_1 + amount_2 p_2 + amount_3 p_3 = cost``; all amounts are proportional to the
    reward. Pay to a second referral level comes on top and is not part of the equation.
    """
    return cost / float(incentive.model_copy(update={"invite_reward": 1.0}).schedule()[0] @ chances)


def play(trial: Trial) -> list[Row]:
    """Burn in the draw's world, let both strategies live in it, and count.

    Returns
    -------
    list of (part, name, a, b)
        Part ``value`` (the draw's parameters), ``pilot`` (chances and rewards) or ``figure``.

    Raises
    ------
    RunError
        If books do not balance, or equal cost would need a reward that may not be written.
    """
    first = trial.reference or 0
    arms = list(trial.arms)
    pilot = {"invitees": float("nan"), "first_order": float("nan"), "second_order": float("nan")}
    counted: dict[int, dict[str, float]] = {}
    keep = Path(arms[0].paths.cache)
    with writing(keep, "paths.cache"):
        keep.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=keep, prefix="robustness_") as cache:
        events = _lived(arms[first], trial.replication, cache)
        counted[first] = figures(events)
        if trial.reference is not None:
            chances, invitees = reach_chances(events)
            pilot = {"invitees": invitees, "first_order": chances[1], "second_order": chances[2]}
            if invitees:
                arms[1 - first] = _equalised(arms[1 - first], arms[first], chances, trial.index)
        counted[1 - first] = figures(_lived(arms[1 - first], trial.replication, cache))
    rows: list[Row] = [("value", path, value, value) for path, value in trial.values.items()]
    rows += [("pilot", name, value, value) for name, value in pilot.items()]
    reward = [float(arm.incentive.invite_reward) for arm in arms]
    rows.append(("pilot", "invite_reward", reward[0], reward[1]))
    rows += [("figure", name, counted[0][name], counted[1][name]) for name in FIGURES]
    return rows


def _lived(config: Config, replication: int, cache: str) -> Events:
    market = Market(config, replication, cache).run()
    return Events(market.tables(copy=False), market.window)


def _equalised(config: Config, reference: Config, chances: np.ndarray, index: int) -> Config:
    """The strategy with the reward that costs as much per invitee as the reference's."""
    cost = float(reference.incentive.schedule()[0] @ chances)
    reward = equal_cost_reward(config.incentive, chances, cost)
    try:
        return with_values(config, {"incentive.invite_reward": reward})
    except ConfigError as error:
        raise RunError(
            tr("draw {index}: equal cost cannot be had: {problems}", index=index, problems=error.problems[0])
        ) from None
