"""What simulated visitors would have bought in groups, by their chances: a mean over recent days."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from sim.core.clock import DAYPARTS
from sim.world.catalog import CATEGORIES

#: Days over which the chances are averaged.
MEMORY_DAYS = 7


@dataclass
class ExpectedWishes:
    """Orders at a group's price that were to be expected of one simulated daypart, a mean over days.

    Attributes
    ----------
    mean : float64[2, n_categories, n_dayparts]
        Orders, without and by a friend's link.
    days : int64[n_dayparts]
        Days seen.
    ended : float64[2, n_categories]
        Groups that ended of late and, of them, those that filled: counts that decay over as many days.
    """

    mean: np.ndarray = field(default_factory=lambda: np.zeros((2, len(CATEGORIES), DAYPARTS)))
    days: np.ndarray = field(default_factory=lambda: np.zeros(DAYPARTS, np.int64))
    ended: np.ndarray = field(default_factory=lambda: np.zeros((2, len(CATEGORIES))))

    def learn(self, daypart: int, category: np.ndarray, linked: np.ndarray, chance: np.ndarray) -> None:
        """Add a day's daypart: one row a visitor who would order at a group's price with ``chance``."""
        seen = np.zeros(self.mean.shape[:2])
        np.add.at(seen, (linked.astype(np.int64), category), chance)
        self.days[daypart] += 1
        weight = 1.0 / min(int(self.days[daypart]), MEMORY_DAYS)
        self.mean[:, :, daypart] += weight * (seen - self.mean[:, :, daypart])

    def note(self, category: int, filled: bool) -> None:
        """Count a group that ended."""
        self.ended[0, category] += 1.0
        self.ended[1, category] += filled

    def fade(self) -> None:
        """Let a day pass over the groups that ended."""
        self.ended *= 1.0 - 1.0 / MEMORY_DAYS
