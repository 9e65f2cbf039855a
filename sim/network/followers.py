"""Follower ties: directed, from an audience to its influencer, apart from acquaintance.

An influencer's audience leans towards the groups that match it: the wanted number of
followers is split over the groups in proportion to group size times match, and within a
group every seat is equally likely. The lists are compressed rows, one per influencer.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim.core.jit import njit
from sim.core.rng import keyed_uniform


@dataclass(frozen=True, slots=True, eq=False)
class Followers:
    """Audiences of ``k`` influencers.

    Attributes
    ----------
    seat : int32[k]
        The influencers' own seats.
    indptr : int64[k + 1]
        Audience of influencer ``i`` is ``indices[indptr[i]:indptr[i + 1]]``.
    indices : int32[total]
        Follower seats, distinct and sorted within each row, never the influencer's own.
    """

    seat: np.ndarray
    indptr: np.ndarray
    indices: np.ndarray

    @property
    def counts(self) -> np.ndarray:
        """int64[k]: audience sizes."""
        return np.diff(self.indptr)

    def of(self, influencer: int) -> np.ndarray:
        """int32[count]: follower seats of one influencer (by row), as a view."""
        return self.indices[self.indptr[influencer] : self.indptr[influencer + 1]]


def build_followers(
    group: np.ndarray,
    seats: np.ndarray,
    counts: np.ndarray,
    match: np.ndarray,
    rng: np.random.Generator,
) -> Followers:
    """Draw an audience for each influencer.

    Parameters
    ----------
    group : int8[n]
        Group of every seat, 0..groups-1.
    seats : int array[k]
        Seats of the influencers.
    counts : int array[k]
        Wanted followers; cut to what the matching groups hold.
    match : float64[k, groups]
        Weight of each group in an audience, >= 0 (1 everywhere: no preference).
    rng : numpy.random.Generator
        A building generator (:func:`sim.core.rng.builder`).
    """
    seats = np.asarray(seats, np.int32)
    match = np.asarray(match, np.float64)
    members = np.argsort(group, kind="stable").astype(np.int32)
    sizes = np.bincount(group, minlength=match.shape[1])
    first = np.concatenate(([0], np.cumsum(sizes))).astype(np.int64)
    available = np.tile(sizes, (len(seats), 1))
    available[np.arange(len(seats)), group[seats]] -= 1
    quota = _split_by_group(np.asarray(counts, np.int64), match, available, rng)
    indptr = np.concatenate(([0], np.cumsum(quota.sum(axis=1)))).astype(np.int64)
    stream = np.uint64(rng.integers(2**63))
    indices = _draw_audiences(seats, quota, first, members, indptr, len(group), stream)
    return Followers(seats, indptr, indices)


def _split_by_group(
    counts: np.ndarray, match: np.ndarray, available: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    """int64[k, groups]: followers by group; what a full group cannot hold goes to the others."""
    quota = np.zeros(match.shape, np.int64)
    for _ in range(match.shape[1] + 1):
        missing = counts - quota.sum(axis=1)
        weight = match * np.where(available > quota, available, 0)
        total = weight.sum(axis=1)
        open_rows = (missing > 0) & (total > 0)
        if not open_rows.any():
            break
        shares = weight[open_rows] / total[open_rows, None]
        drawn = rng.multinomial(missing[open_rows], shares)
        quota[open_rows] = np.minimum(quota[open_rows] + drawn, available[open_rows])
    return quota


@njit(cache=True)
def _draw_audiences(
    seats: np.ndarray,
    quota: np.ndarray,
    first: np.ndarray,
    members: np.ndarray,
    indptr: np.ndarray,
    n: int,
    stream: np.uint64,
) -> np.ndarray:
    """Distinct followers per influencer and group, sorted within each audience."""
    indices = np.empty(indptr[-1], np.int32)
    stamp = np.full(n, -1, np.int64)
    counter = 0
    for i in range(seats.shape[0]):
        place = indptr[i]
        for g in range(quota.shape[1]):
            size, wanted = first[g + 1] - first[g], quota[i, g]
            # Rejection is cheap while most seats are free; beyond half, draw those left out.
            invert = 2 * wanted > size
            mark = 2 * i + 1 if invert else 2 * i
            stamp[seats[i]] = mark
            drawn = wanted
            if invert:
                drawn = size - wanted - _holds(members, first[g], first[g + 1], seats[i])
            while drawn > 0:
                seat = members[first[g] + int(keyed_uniform(stream, counter, 0) * size)]
                counter += 1
                if stamp[seat] != mark:
                    stamp[seat] = mark
                    drawn -= 1
                    if not invert:
                        indices[place] = seat
                        place += 1
            if invert:
                for k in range(first[g], first[g + 1]):
                    if stamp[members[k]] != mark:
                        indices[place] = members[k]
                        place += 1
        indices[indptr[i] : place].sort()
    return indices


@njit(cache=True)
def _holds(members: np.ndarray, low: int, high: int, seat: int) -> int:
    """1 if ``seat`` is among ``members[low:high]`` (sorted), else 0."""
    k = np.searchsorted(members[low:high], seat)
    return 1 if low + k < high and members[low + k] == seat else 0
