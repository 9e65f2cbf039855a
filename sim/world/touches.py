"""Touches: sending them, and who sees what was sent, as a platform that lost traffic may never show it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sim.core.jit import njit
from sim.core.rng import Draw, hash_id, keyed_uniform, purpose_key
from sim.world.platforms import PLATFORMS

if TYPE_CHECKING:
    from sim.world.world import World


def shown(draw: Draw, persons: np.ndarray, touches: np.ndarray, share: np.ndarray) -> np.ndarray:
    """bool[k]: who sees the touch, on a platform that gives this share of its traffic.

    Parameters
    ----------
    draw : Draw
        The market's draws; the draw belongs to person and touch, not to a day, so that whoever asks
        twice gets the same answer.
    persons, touches : int64[k]
        Stable id of the receiver; id of the post, session, message or passing-on.
    share : float64[k]
        Share of its usual traffic that the touch's platform gives, 0..1.
    """
    seen: np.ndarray = _shown(draw.timeless("touch.shown"), persons, touches, share)
    return seen


def send(
    world: World,
    source: str,
    seats: np.ndarray,
    chance: np.ndarray | float,
    *,
    platform: str = "wechat",
    minute: np.ndarray | int | None = None,
    category: np.ndarray | int = -1,
    discount: np.ndarray | float = 0.0,
    rewarded: np.ndarray | bool = False,
) -> np.ndarray:
    """Touch people with something that a source sends them: each may visit from its minute on.

    Parameters
    ----------
    world : World
        The market, whose agenda of touches is added to (``agendas.touches``).
    source : str
        A source of visits, the market's own or one that a feature declares.
    seats : int64[k]
        Whom it reaches, at most once a daypart.
    chance : float64[k] or float
        Chance of a visit where nothing else brings one first, 0..1.
    platform : str
        Where it is seen; a platform that has lost traffic may not show it.
    minute : int64[k] or int, optional
        Absolute minute from which it can be seen; the daypart's first unless told otherwise.
    category : int64[k] or int
        Category that it is about, -1 for none.
    discount : float64[k] or float
        Share of the price that it takes off, 0..1.
    rewarded : bool[k] or bool
        Whoever is behind it was paid, or promised something, for it: a visit by it is no unpaid one.

    Returns
    -------
    int64[k]
        Ids of the touches.
    """
    number, clock = world.kinds.source(source), world.clock
    person = world.people.id[seats]
    touch: np.ndarray = _ids(np.int64(purpose_key(source) >> 1), person, world.day * 16 + clock.daypart)
    world.agendas["touches"].add(
        minute=np.full(len(touch), clock.start) if minute is None else minute,
        seat=seats,
        person=person,
        source=number,
        origin=PLATFORMS.index(platform),
        category=category,
        chance=chance,
        touch=touch,
        sender=-1,
        discount=discount,
        commission=0.0,
        rewarded=rewarded,
    )
    return touch


@njit(cache=True)
def _ids(source: int, persons: np.ndarray, occasion: int) -> np.ndarray:
    out = np.empty(persons.shape[0], np.int64)
    for k in range(persons.shape[0]):
        out[k] = hash_id(persons[k], occasion, source)
    return out


@njit(cache=True)
def _shown(stream: np.uint64, persons: np.ndarray, touches: np.ndarray, share: np.ndarray) -> np.ndarray:
    out = np.ones(persons.shape[0], np.bool_)
    for k in range(persons.shape[0]):
        out[k] = share[k] >= 1.0 or keyed_uniform(stream, persons[k], touches[k]) < share[k]
    return out
