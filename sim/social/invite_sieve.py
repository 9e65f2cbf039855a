"""Who may send an invitation at all today: one pass over everybody in the morning, not one a daypart.

Nobody invites whose draw lies above the highest rate that anybody can have, so those whose draws lie below it
are listed once for all dayparts, and each daypart looks at these alone. Where the rate rises in mid-day above
what was listed, everybody is listed again.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sim.core.draws import DRAWN_TOGETHER
from sim.core.jit import njit
from sim.core.rng import occasion_key, person_key, unit_of

#: Bounds are this much wider, so that rounding cannot dismiss anybody who invites.
SLACK, LEAST = 1.0 + 1e-9, 1e-12


@njit(inline="always")
def invite_occasion(daypart):
    """Occasion of the draw that decides on an invitation (the even ones decide on shares)."""
    return 2 * daypart + 1


@njit(cache=True)
def below(stream, people_id, bounds):
    """Seats whose draw lies at or below each daypart's bound, and these draws.

    Parameters
    ----------
    stream : uint64
        The day's stream of draws.
    people_id : int64[n]
        Everybody.
    bounds : float64[n_dayparts]
        Draws up to which people are listed.

    Returns
    -------
    seats : int32[n_dayparts, n]
        Ascending; of each row only the first entries are written.
    draws : float64[n_dayparts, n]
        Theirs.
    number : int64[n_dayparts]
        How many of each row are written.
    """
    n, dayparts = people_id.shape[0], bounds.shape[0]
    seats, draws = np.empty((dayparts, n), np.int32), np.empty((dayparts, n))
    number = np.zeros(dayparts, np.int64)
    person, drawn = np.empty(DRAWN_TOGETHER, np.uint64), np.empty(DRAWN_TOGETHER)
    for begin in range(0, n, DRAWN_TOGETHER):
        some = min(DRAWN_TOGETHER, n - begin)
        for j in range(some):
            person[j] = person_key(stream, people_id[begin + j])
        for daypart in range(dayparts):
            occasion, bound, k = occasion_key(invite_occasion(daypart)), bounds[daypart], number[daypart]
            for j in range(some):
                drawn[j] = unit_of(person[j], occasion)
            for j in range(some):
                if drawn[j] <= bound:
                    seats[daypart, k], draws[daypart, k] = begin + j, drawn[j]
                    k += 1
            number[daypart] = k
    return seats, draws, number


class InviteSieve:
    """Keeps the day's list.

    Parameters
    ----------
    shares : sequence of float64[n_groups]
        Share of a day's rate that falls into each daypart, by group.
    """

    def __init__(self, shares: Sequence[np.ndarray]) -> None:
        self.shares = np.array([one.max() for one in shares])
        self._stream: np.uint64 | None = None
        self._bounds = np.zeros(len(self.shares))
        self._listed: list[tuple[np.ndarray, np.ndarray]] = []

    def asked(
        self, stream: np.uint64, daypart: int, rate: float, people_id: np.ndarray, satisfaction: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Seats, int32[k] and ascending, and draws, float64[k], of those who may invite in a daypart.

        Parameters
        ----------
        stream : uint64
            The day's stream of draws.
        daypart : int
            Its number; the first of a day lists anew.
        rate : float
            The highest rate that is possible now at a satisfaction of 1, invitations a day.
        people_id, satisfaction : int64[n], float32[n]
            Everybody; ids do not change within a day.
        """
        bounds = rate * SLACK * self.shares * float(satisfaction.max(initial=0.0)) + LEAST
        if daypart == 0 or stream != self._stream or bounds[daypart] > self._bounds[daypart]:
            seats, draws, number = below(stream, people_id, bounds)
            self._stream, self._bounds = stream, bounds
            self._listed = [
                (seats[k, :some].copy(), draws[k, :some].copy()) for k, some in enumerate(number.tolist())
            ]
        return self._listed[daypart]
