"""Making pieces of content: what each is about, what it looks like, and for which platforms it is made."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from sim.content.pool_params import PoolOfContentParams
from sim.content.pool_rules import best_platforms
from sim.core.normals import normals
from sim.core.rng import Draw, hash_id_py, keyed_uniforms
from sim.world.library import Columns
from sim.world.world import World

#: Occasions of the draws of a piece.
ABOUT, ALIKE, WHICH, HOOK, TURN, MIXED, TESTED, HOME, EXPLORES, SCENE = range(10)

#: Columns of a piece that are recorded when it comes into the pool.
KEPT = (
    "category",
    "look",
    "common",
    "hook",
    "machine",
    "mixed",
    "tested",
    "scene",
    "home",
    "fits",
    "wrong",
    "informed",
    "topic",
    "pleases",
)


class Mix(NamedTuple):
    """Shares of pieces that are original, mixed, tested, and scenes of use among those without a test."""

    original: float
    mixed: float
    tested: float
    scene: float = 0.0


def premium(params: PoolOfContentParams, tests: bool | np.ndarray, scenes: bool | np.ndarray) -> np.ndarray:
    """float64[n]: what pieces cost on average for what they show, relative to the cost of a piece.

    Parameters
    ----------
    params : PoolOfContentParams
        Shares that are original, tested and scenes of use, and what each costs.
    tests, scenes : bool or bool[n]
        Pieces that may show a test, and those that may show a scene.
    """
    p = params
    cost: np.ndarray = np.asarray(
        p.original * p.original_premium
        + max(0.0, p.tested - p.usual_tested) * p.tested_premium * tests
        + (1.0 - p.tested) * p.scene * p.scene_premium * scenes,
        np.float64,
    )
    return cost


class Making(NamedTuple):
    """How pieces are made: the mix, further platforms that each is adapted to, and whether answers guide."""

    mix: Mix
    adapted: int
    measured: bool


def ids_of(day: int, first: int, number: int) -> np.ndarray:
    """int64[number]: ids of the pieces of a day, from the ``first`` on."""
    return np.array([hash_id_py(day, first + k, 31) for k in range(number)], np.int64)


def luck(draw: Draw, ids: np.ndarray, occasion: int) -> np.ndarray:
    """float64[n]: a uniform number of each piece for one of the occasions above."""
    found: np.ndarray = keyed_uniforms(draw.timeless("content_pool.piece"), ids, occasion)
    return found


def subjects(draw: Draw, ids: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """int8[n]: what pieces are about, by what people want most (float64[n_groups, n_categories])."""
    course = weight.mean(axis=0).cumsum()
    at = luck(draw, ids, ABOUT) * course[-1]
    return np.minimum(np.searchsorted(course, at, side="right"), len(course) - 1).astype(np.int8)


def make(
    world: World, draw: Draw, params: PoolOfContentParams, making: Making, ids: np.ndarray, born: np.ndarray
) -> Columns:
    """New pieces by hand.

    Parameters
    ----------
    world : World
        Platforms, and what people want.
    draw : Draw
        The market's draws; a piece's are keyed by its id.
    params : PoolOfContentParams
        How alike pieces are, and how soon they come to the point.
    making : Making
        What is made.
    ids, born : int64[n]
        Stable ids, and absolute minutes of their briefs.

    Returns
    -------
    dict of str to array[n]
        Columns of :data:`sim.world.library.PIECES`.
    """

    def u(occasion: int) -> np.ndarray:
        return luck(draw, ids, occasion)

    category = subjects(draw, ids, world.catalog.group_weight)
    common = u(ALIKE) < params.duplication * (1.0 - making.mix.original)
    which = (u(WHICH) * params.common_looks).astype(np.int64)
    normal = normals(1.0 - u(HOOK), u(TURN))
    home, fits = destinations(world, draw, params, making, ids)
    tested = u(TESTED) < making.mix.tested
    return {
        "id": ids,
        "born": born,
        "category": category,
        "look": np.where(common, category.astype(np.int64) * params.common_looks + which, ids),
        "common": common.astype(np.float64),
        "hook": params.hook * np.exp(params.hook_spread * normal),
        "machine": np.zeros(len(ids)),
        "mixed": u(MIXED) < making.mix.mixed,
        "tested": tested,
        "scene": ~tested & (u(SCENE) < making.mix.scene),
        "home": home,
        "fits": fits,
        "wrong": np.zeros(len(ids), np.bool_),
        "informed": np.ones(len(ids)),
        "topic": np.full(len(ids), -1, np.int8),
        "pleases": np.ones(len(ids)),
        "won": np.zeros(len(ids)),
        "place": np.zeros(len(ids), np.int16),
    }


def destinations(
    world: World, draw: Draw, params: PoolOfContentParams, making: Making, ids: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Platforms for which pieces are made, int8[n], and all that they fit, int64[n] as bits.

    Pieces go round the platforms that sell attention; where answers guide, to those whose feeds and media
    brought most visits as far as is known, but for a share that explores.
    """
    among = np.flatnonzero(world.platforms.cpm > 0.0)
    start = (luck(draw, ids, HOME) * len(among)).astype(np.int64)
    ranked = best_platforms(world.library.answers, params.feedback_days, among)
    guided = np.full(len(ids), making.measured and len(world.library.answers) > params.feedback_days)
    guided &= luck(draw, ids, EXPLORES) >= params.explore
    fits = np.zeros(len(ids), np.int64)
    home = np.where(guided, ranked[0], among[start])
    for k in range(min(1 + making.adapted, len(among))):
        fits |= np.int64(1) << np.where(guided, ranked[k], among[(start + k) % len(among)])
    return home.astype(np.int8), fits
