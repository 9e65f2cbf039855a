"""Content review and a rate limit: what slows spreading down when it is too fast to be watched (S040).

A rate limit stops part of the invitations before anybody is told. Review reads part of all that is passed on
before it is shown: each reading costs money and hours, and what there is no money for passes unread. What
readers let pass is worded as platforms allow (``compliance.reading_mends``).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from sim.core.ledger import to_fen
from sim.core.lookup import distinct
from sim.core.rng import Draw, keyed_uniforms
from sim.network.cascade import Hops
from sim.world.money import affordable
from sim.world.schema import Spend
from sim.world.world import World

#: Counters of a day: tellings, and those of them that were read first.
TELLINGS, READ = "tellings", "tellings_read"


class Slowing(NamedTuple):
    """What slows spreading, see :class:`sim.social.sharing.SharingParams`."""

    damping: float
    content_review: float
    content_review_cost: float
    content_review_hours: float


def damp(params: Slowing, draw: Draw, hops: Hops, invites: np.ndarray) -> Hops:
    """What is left of cascades once the rate limit has stopped its share of invitations."""
    if params.damping == 0.0:
        return hops
    stopped = keyed_uniforms(draw("share.damped"), hops.root, 0) < params.damping
    kept = ~(stopped & invites[hops.cascade])
    return Hops(*(column[kept] for column in hops))


def read_first(params: Slowing, world: World, draw: Draw, hops: Hops) -> Hops:
    """The same passings-on, those of cascades that are read first later by the hours that reading takes."""
    if params.content_review == 0.0 or not len(hops.root):
        return hops
    roots = distinct(hops.root)
    picked = roots[keyed_uniforms(draw("share.read"), roots, 0) < params.content_review]
    each = to_fen(params.content_review_cost)
    picked = picked[: affordable(world, Spend.REVIEW, each, len(picked))]
    world.spend(Spend.REVIEW, each * len(picked))
    late, read = round(60.0 * params.content_review_hours), np.isin(hops.root, picked)
    world.count(TELLINGS, len(read))
    world.count(READ, int(read.sum()))
    return hops._replace(minute=hops.minute + late * read)
