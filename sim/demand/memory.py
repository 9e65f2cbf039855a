"""Memory: what people have seen and read, and their habit of coming back, fade by themselves.

Tiredness of content, notes read and habit belong to demand and fade here whatever else is
switched off; tiredness of sharing fades with sharing, trust with trust.
"""

from __future__ import annotations

import math

import numpy as np

from sim.core.jit import njit
from sim.core.rng import Draw
from sim.demand.exposure import TrafficParams
from sim.mechanism import Phase
from sim.world.world import World


@njit(cache=True)
def _fade(keep_habit, keep_fatigue, keep_notes, needed, habit, fatigue, notes, category_notes):
    for i in range(habit.shape[0]):
        habit[i] *= keep_habit
        notes[i] *= keep_notes
        for p in range(fatigue.shape[1]):
            fatigue[i, p] *= keep_fatigue
        for k in range(needed.shape[0]):
            category_notes[i, needed[k]] *= keep_notes


class Memory:
    """A day's forgetting, exact for any time constant."""

    name = "memory"
    phase = Phase.PERSUADE
    reads = frozenset({"people.habit", "people.fatigue", "people.notes", "people.category_notes"})
    writes = frozenset({"people.habit", "people.fatigue", "people.notes", "people.category_notes"})

    def __init__(self, params: TrafficParams) -> None:
        days = (params.habit_days, params.fatigue_days, params.notes_days)
        self.habit, self.fatigue, self.notes = (math.exp(-1.0 / length) for length in days)

    def act(self, world: World, draw: Draw) -> None:
        """Everybody forgets a little."""
        people = world.people
        needed = np.flatnonzero(world.catalog.notes_needed > 0)
        _fade(
            self.habit,
            self.fatigue,
            self.notes,
            needed,
            people.habit,
            people.fatigue,
            people.notes,
            people.category_notes,
        )
