"""Whether partners stay: who is not paid for its effort leaves, who feels cheated begins a dispute.

Who has left may come back: after a probation it looks at what members get for their effort.
"""

from __future__ import annotations

from typing import Any, cast

import numpy as np

from sim.core.ledger import to_fen
from sim.core.rng import Draw, keyed_uniforms
from sim.operator.partner_chains import BROKEN
from sim.operator.partner_firms import LEFT, MEMBER, QUARREL, Firms, covered
from sim.operator.partners_params import PartnersParams
from sim.world.world import World


def unpaid(got: np.ndarray, due: np.ndarray) -> np.ndarray:
    """float64[n]: part of what is due that is missing, 0..1; 0 where nothing is due."""
    missing = 1.0 - np.divide(got, due, out=np.ones(len(due)), where=due > 0.0)
    return np.clip(missing, 0.0, 1.0)


def bargain(world: World, draw: Draw, p: PartnersParams, firms: Firms) -> None:
    """End disputes that are over, then let members leave or begin one.

    Parameters
    ----------
    world, draw
        The market and its draws; mediation is paid for, walked-out members are recorded.
    p : PartnersParams
        Numbers.
    firms : Firms
        How it stands with each, changed in place.
    """
    numbers = np.arange(1, len(firms.state) + 1)
    for n in np.flatnonzero((firms.state == QUARREL) & (firms.until <= world.day)).tolist():
        if firms.state[n] == QUARREL:  # who walked out of another's dispute has none of its own any more
            _end(world, draw, p, firms, n)
    stream = draw("partners.stay")
    asked = firms.members & (world.day - firms.since >= p.memory)
    goes = keyed_uniforms(stream, numbers, 0) < p.leaves * unpaid(firms.got, firms.borne)
    firms.leave(asked & goes, world.day)
    angry = keyed_uniforms(stream, numbers, 1) < p.quarrels * unpaid(firms.paid, p.fair * firms.gained)
    begins = asked & firms.members & angry
    firms.state[begins], firms.until[begins] = QUARREL, world.day + p.quarrel_days


def readmit(world: World, draw: Draw, p: PartnersParams, firms: Firms) -> None:
    """Take back who finds that members' effort is covered better than its own was when it left.

    Without a member there is nobody to compare with, and nobody comes back.
    """
    seen = firms.members & (world.day - firms.since >= p.memory)
    if not p.readmits or not seen.any():
        return
    numbers = np.arange(1, len(firms.state) + 1)
    now = covered(firms.got[seen].sum(keepdims=True), firms.borne[seen].sum(keepdims=True))[0]
    better = np.clip(now - firms.cover, 0.0, 1.0) * (now >= 1.0)
    waited = (firms.state == LEFT) & (world.day - firms.since >= p.probation_days)
    comes = waited & (keyed_uniforms(draw("partners.returns"), numbers, 0) < p.returns * better)
    each = to_fen(p.readmission * len(world.people) / 1000.0)
    for n in np.flatnonzero(comes).tolist():
        if world.affords("partners_kept", each):
            world.spend("partners_kept", each)
            firms.state[n], firms.since[n] = MEMBER, world.day
            firms.gained[n] = firms.paid[n] = firms.borne[n] = firms.earned[n] = 0.0


def _end(world: World, draw: Draw, p: PartnersParams, firms: Firms, n: int) -> None:
    """The end of one dispute: settled, or members walk out."""
    fen = to_fen(p.mediation_cost * len(world.people) / 1000.0)
    mediated = p.mediation and world.affords(BROKEN, fen)
    world.spend(BROKEN, fen if mediated else 0)
    numbers = np.arange(1, len(firms.state) + 1)
    luck = keyed_uniforms(draw("partners.settles"), numbers, 0)[n]
    settled = bool(luck < (p.mediated if mediated else p.settles))
    firms.state[n], firms.since[n] = MEMBER, world.day
    left = 0
    if not settled:
        walks = keyed_uniforms(draw("partners.walks"), numbers, n) < p.walks_out
        walks &= firms.state != LEFT
        left = int(walks.sum())
        firms.leave(walks, world.day)
    cast("Any", world.records).partners_disputes.append(
        day=world.day, firm=n + 1, mediated=mediated, settled=settled, left=left
    )
