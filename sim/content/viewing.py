"""Viewing a pool of content: what each group is shown, how long it bears with it, and what it clicks."""

from __future__ import annotations

import numpy as np

from sim.content.grades import gains
from sim.content.notes import ContentParams
from sim.content.pool_params import PoolOfContentParams
from sim.content.pool_rules import Filled, fill, standing, stays
from sim.core.clock import DAYPARTS, MINUTES_PER_DAY
from sim.core.jit import njit
from sim.world.library import Columns
from sim.world.platforms import PLATFORMS
from sim.world.schema import GROUPS
from sim.world.world import World


class Viewing:
    """What viewers make of pieces.

    Parameters
    ----------
    params : PoolOfContentParams
        Numbers of the pool.
    content : ContentParams
        How far plain and mixed pieces are watched.
    targeting : float
        How much more of what is paid registered people see.

    Attributes
    ----------
    completes, completes_usually : float64[2]
        Share that watches to the end of those who stay, of plain and of mixed pieces; the same at the usual
        mix.
    """

    def __init__(self, params: PoolOfContentParams, content: ContentParams, targeting: float) -> None:
        self.params, self.targeting = params, targeting
        gain = content.hybrid_completion - content.plain_completion
        worn = gain * (1.0 - content.hybrid_wear * (content.hybrid_share - content.usual_hybrid))
        self.completes = np.array([content.plain_completion, max(0.0, content.plain_completion + worn)])
        self.completes_usually = np.array([content.plain_completion, content.hybrid_completion])

    def patience(self, world: World, pieces: Columns) -> np.ndarray:
        """float64[n_groups, n_pieces]: mean seconds that viewers give each piece to come to the point."""
        library, p = world.library, self.params
        age = (world.clock.midnight - pieces["born"]) / MINUTES_PER_DAY
        taken_up = np.where(pieces["common"] > 0.0, 1.0, 1.0 - np.exp(-np.maximum(age, 0.0) / p.copied_days))
        seen = p.elsewhere * taken_up + of_look(library.looks, library.bored, pieces["look"])
        refuses = p.defence * library.defence[:, None] * pieces["machine"]
        patience: np.ndarray = p.attention * np.exp(-p.tires * seen - refuses)
        return patience

    def appeal(
        self, world: World, pieces: Columns, accuracy: float, gain: float, ends: np.ndarray | None = None
    ) -> tuple[np.ndarray, np.ndarray]:
        """Share of impressions of each piece, and its clicks, float64[groups, platforms, pieces] each."""
        p, shape = self.params, (len(GROUPS), len(PLATFORMS), len(pieces["id"]))
        if not shape[2]:
            return np.zeros(shape), np.zeros(shape)
        age = (world.clock.midnight - pieces["born"]) / MINUTES_PER_DAY
        filled = self.filled(world, pieces, age, accuracy)
        ends = self.completes if ends is None else ends
        each = stays(pieces["hook"], self.patience(world, pieces)) * ends[pieces["mixed"].astype(np.int64)]
        each *= 1.0 + p.machine_click * pieces["machine"] * pieces["informed"]
        each *= pieces["pleases"]
        fits = (pieces["fits"] >> np.arange(len(PLATFORMS))[:, None]) & 1
        fit = np.where(fits, 1.0, 1.0 - p.misfit)
        wanted = filled.right * (1.0 + gain) + p.missed * filled.other
        shown = np.broadcast_to((filled.right + filled.other)[:, None, :], shape)
        return shown, (wanted * each)[:, None, :] * fit[None]

    def filled(self, world: World, pieces: Columns, age: np.ndarray, accuracy: float) -> Filled:
        """Which pieces fill impressions today."""
        p, category = self.params, pieces["category"].astype(np.int64)
        weight = standing(age, p.half_life, category, gains(p, pieces))
        return fill(weight, category, world.catalog.group_weight, accuracy)

    def volume(self, world: World) -> tuple[np.ndarray, float]:
        """Impressions of a whole day, float64[n_groups, n_platforms], and the share that known people see."""
        people, platforms = world.people, world.platforms
        know = people.registered
        scales = platforms.paid_scale, platforms.feed_scale, self.targeting
        seen, volume = in_reach(people.activity, people.affinity, know, people.group, *scales)
        total = float(seen.sum())
        return volume, float(seen[know].sum()) / total if total else 0.0

    def impressions(self, world: World) -> np.ndarray:
        """Impressions of today, float64[n_groups, n_platforms]."""
        people, shown = world.people, world.flow.shown
        total = time_of_groups(
            people.activity, people.affinity, people.registered, people.group, self.targeting
        )
        seen: np.ndarray = total[0] * shown.feed[DAYPARTS] + total[1] * shown.paid[DAYPARTS]
        return seen


@njit(cache=True)
def in_reach(activity, affinity, known, group, paid_scale, feed_scale, targeting):
    """Impressions of a whole day: float64[n, n_platforms] of people, float64[n_groups, n_platforms].

    Parameters
    ----------
    activity : float32[n]; affinity : float32[n, n_platforms]; known : bool[n]; group : int8[n]
        People: their time, how it is spread, who is registered, and the group.
    paid_scale, feed_scale : float64[n_platforms]
        Impressions per unit of time.
    targeting : float
        How much more often those who are known are shown what is paid for.
    """
    seen, volume = np.empty(affinity.shape), np.zeros((len(GROUPS), affinity.shape[1]))
    for i in range(activity.shape[0]):
        time, factor = np.float64(activity[i]), targeting if known[i] else 1.0
        for k in range(affinity.shape[1]):
            seen[i, k] = time * affinity[i, k] * (paid_scale[k] * factor + feed_scale[k])
            volume[group[i], k] += seen[i, k]
    return seen, volume


@njit(cache=True)
def time_of_groups(activity, affinity, known, group, targeting):
    """float64[2, n_groups, n_platforms]: time on platforms, plain and as what is paid for counts it."""
    total = np.zeros((2, len(GROUPS), affinity.shape[1]))
    for i in range(activity.shape[0]):
        whole, factor = np.float64(activity[i]), targeting if known[i] else 1.0
        for k in range(affinity.shape[1]):
            time = whole * affinity[i, k]
            total[0, group[i], k] += time
            total[1, group[i], k] += time * factor
    return total


def each_person(shown: np.ndarray, volume: np.ndarray, world: World) -> np.ndarray:
    """Impressions a person of each piece, float64[n_groups, n_pieces]."""
    people = np.maximum(np.bincount(world.people.group, minlength=len(GROUPS)), 1)
    each: np.ndarray = (shown * volume[:, :, None]).sum(axis=1) / people[:, None]
    return each


def by_look(look: np.ndarray, each: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Sums over columns of one look: looks, sorted, and float64[n_groups, n_looks]."""
    looks, at = np.unique(look, return_inverse=True)
    return looks, _summed(at, each, len(looks))


@njit(cache=True)
def _summed(at, each, number):
    """float64[n_groups, number]: sums of columns by the numbers that they go under."""
    sums = np.zeros((each.shape[0], number))
    for row in range(each.shape[0]):
        for k in range(at.shape[0]):
            sums[row, at[k]] += each[row, k]
    return sums


def of_look(looks: np.ndarray, bored: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """Impressions remembered of some looks, float64[n_groups, n]; 0 of those that nobody has seen."""
    if not len(looks):
        return np.zeros((bored.shape[0], len(wanted)))
    at = np.minimum(np.searchsorted(looks, wanted), len(looks) - 1)
    found: np.ndarray = np.where(looks[at] == wanted, bored[:, at], 0.0)
    return found
