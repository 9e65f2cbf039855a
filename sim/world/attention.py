"""What people have been shown today, and the moments at which it may bring them: forgotten at midnight."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from sim.core.clock import DAYPARTS
from sim.core.errors import WiringError
from sim.world.platforms import PLATFORMS

#: A moment at which a source may bring a person: seat, minute of the day, source, platform, and the level
#: below which the source's pull must not be (see :mod:`sim.demand.day_clock`).
POINT = np.dtype(
    [("seat", "i4"), ("minute", "i4"), ("source", "i1"), ("platform", "i1"), ("level", "f8")], align=True
)


class Shown(NamedTuple):
    """Impressions of today per unit of a person's time on a platform.

    Attributes
    ----------
    paid, feed : float64[n_dayparts + 1, n_groups, n_platforms]
        Sums before each daypart and at the end of the last, paid ones before targeting.
    counted : int8[n]
        Dayparts whose impressions are in a person's column ``fatigue``.
    """

    paid: np.ndarray
    feed: np.ndarray
    counted: np.ndarray


class Listed(NamedTuple):
    """How far each person's moments of today are listed.

    Attributes
    ----------
    kind : int8[n]
        What was known of the person, as bits: registered, and with a need.
    habit : float32[n]
        Habit up to which direct visits are listed.
    pull : float64[4, 3, n_platforms]
        Strongest pull of feed, search and paid media on each kind of person.
    direct : float64[4]
        The same of direct visits, per unit of habit.
    """

    kind: np.ndarray
    habit: np.ndarray
    pull: np.ndarray
    direct: np.ndarray


class Lanes:
    """What sources that features declare bring in this daypart, by name: a pull for each seat."""

    def __init__(self) -> None:
        self.pulls: dict[str, tuple[np.ndarray, str]] = {}

    def add(self, source: str, pull: np.ndarray, platform: str = "own_site") -> None:
        """Let a source compete for visits in this daypart.

        Parameters
        ----------
        source : str
            A source that a feature declares.
        pull : float64[n]
            Visits a day that it would bring each person by itself, if the day went on like this daypart: 0
            for whom it does not reach, and as large as it may be.
        platform : str
            Where people come upon it.

        Raises
        ------
        WiringError
            If a pull is negative or no number, or the platform or a second pull is not known.
        """
        pull = np.asarray(pull, np.float64)
        if not (np.isfinite(pull).all() and (pull >= 0.0).all()):
            raise WiringError(f"flow.lanes: the pull of '{source}' must be finite and at least 0")
        if platform not in PLATFORMS:
            known = ", ".join(PLATFORMS)
            raise WiringError(f"flow.lanes: '{source}' must be on one of {known} (got '{platform}')")
        if source in self.pulls:
            raise WiringError(f"flow.lanes: '{source}' has a pull in this daypart already; add them up")
        self.pulls[source] = pull, platform


def nothing_shown(n: int, groups: int, platforms: int) -> Shown:
    """Midnight."""
    shape = (DAYPARTS + 1, groups, platforms)
    return Shown(np.zeros(shape), np.zeros(shape), np.zeros(n, np.int8))


def nothing_listed(n: int, platforms: int) -> Listed:
    """No moment is listed yet."""
    return Listed(np.zeros(n, np.int8), np.zeros(n, np.float32), np.zeros((4, 3, platforms)), np.zeros(4))


@dataclass
class Moments:
    """Moments of today that are listed.

    listed : how far; None until the first daypart lists.
    blocks : arrays of ``POINT`` by daypart.
    """

    listed: Listed | None = None
    blocks: list[list[np.ndarray]] = field(default_factory=lambda: [[] for _ in range(DAYPARTS)])

    def add(self, points: np.ndarray, end: np.ndarray) -> None:
        """Put moments into their dayparts.

        Parameters
        ----------
        points : ``POINT``[k]
            Moments, by daypart.
        end : int64[n_dayparts]
            Row after each daypart's last.
        """
        if not len(points):
            return
        start = 0
        for blocks, stop in zip(self.blocks, end.tolist(), strict=True):
            if stop > start:
                blocks.append(points[start:stop])
            start = stop

    def take(self, daypart: int) -> np.ndarray:
        """``POINT``[k]: the moments of one daypart."""
        blocks = self.blocks[daypart]
        if len(blocks) == 1:
            return blocks[0]
        return np.concatenate(blocks) if blocks else np.empty(0, POINT)
