"""Memory: what people have seen and read, and their habit of coming back, fade by themselves.

Tiredness of content, notes read and habit belong to demand and fade here whatever else is
switched off; tiredness of sharing fades with sharing, trust with trust.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from sim.core.clock import DAYPARTS
from sim.core.fields import fields_of
from sim.core.jit import njit
from sim.core.rng import Draw
from sim.demand.exposure import TrafficParams
from sim.demand.media import MediaParams
from sim.mechanism import Phase
from sim.world.world import World


class Minds(NamedTuple):
    """What fades, and what a person has been shown today depends on (columns of the population)."""

    group: np.ndarray
    activity: np.ndarray
    registered: np.ndarray
    affinity: np.ndarray
    habit: np.ndarray
    fatigue: np.ndarray
    notes: np.ndarray
    category_notes: np.ndarray


@njit(cache=True)
def _seen(shown, targeting):
    """Impressions since a daypart per unit of time, float64[daypart, group, registered or not, platform]."""
    _, groups, platforms = shown.paid.shape
    out = np.empty((DAYPARTS + 1, groups, 2, platforms))
    for since in range(DAYPARTS + 1):
        for group in range(groups):
            paid = shown.paid[DAYPARTS, group] - shown.paid[since, group]
            feed = shown.feed[DAYPARTS, group] - shown.feed[since, group]
            out[since, group, 0] = 1.0 * paid + feed
            out[since, group, 1] = targeting * paid + feed
    return out


@njit(cache=True)
def _fade(keep_habit, keep_fatigue, keep_notes, needed, targeting, tiring, shown, minds):
    habit, notes, category_notes = minds.habit, minds.notes, minds.category_notes
    seen = _seen(shown, targeting)
    for i in range(habit.shape[0]):
        habit[i] *= keep_habit
        notes[i] *= keep_notes
        for k in range(needed.shape[0]):
            category_notes[i, needed[k]] *= keep_notes
        mine = seen[shown.counted[i], minds.group[i], 1 if minds.registered[i] else 0]
        activity = np.float64(minds.activity[i])
        for p in range(minds.fatigue.shape[1]):
            time = activity * np.float64(minds.affinity[i, p])
            minds.fatigue[i, p] = (minds.fatigue[i, p] + tiring * (time * mine[p])) * keep_fatigue
        shown.counted[i] = DAYPARTS


class Memory:
    """A day's forgetting, exact for any time constant."""

    name = "memory"
    phase = Phase.PERSUADE
    reads = frozenset(
        {
            "flow.shown",
            "people.group",
            "people.activity",
            "people.registered~",
            "people.affinity",
            "people.habit",
            "people.fatigue",
            "people.notes",
            "people.category_notes",
        }
    )
    writes = frozenset(
        {"flow.shown", "people.habit", "people.fatigue", "people.notes", "people.category_notes"}
    )

    def __init__(self, params: TrafficParams, media: MediaParams) -> None:
        days = (params.habit_days, params.fatigue_days, params.notes_days)
        self.keep = tuple(math.exp(-1.0 / length) for length in days)
        self.targeting, self.tiring = media.targeting, params.fatigue_per_impression

    def act(self, world: World, draw: Draw) -> None:
        """Everybody counts what was seen today and forgets a little."""
        needed = np.flatnonzero(world.catalog.notes_needed > 0)
        shown, minds = world.flow.shown, fields_of(Minds, world.people)
        _fade(*self.keep, needed, self.targeting, self.tiring, shown, minds)
