"""Partners' own business: what users earn them to whom the brand shows their goods in return.

Customers are shared both ways. A partner keeps the margin of users who answer and were no customers of its
own; the brand pays for the showing, its users tire of such offers, and who buys there comes here less.
"""

from __future__ import annotations

from typing import Any, cast

import numpy as np

from sim.core.ledger import to_fen
from sim.core.rng import Draw, keyed_uniforms
from sim.feature import Schema
from sim.operator.partner_firms import found, traits
from sim.operator.partners_params import PartnersParams
from sim.world.world import World

BACK: Schema = {
    "day": ("int32", "absolute day"),
    "firm": ("int8", "partner"),
    "shown": ("int64", "users to whom the brand showed its goods"),
    "answers": ("int64", "of them, those who bought there"),
    "earned_fen": ("int64", "what they earned it, customers of its own left out, fen"),
    "fen": ("int64", "what showing cost the brand, fen"),
}


def show_back(world: World, draw: Draw, p: PartnersParams, purpose: str) -> None:
    """Show members' goods to the brand's users, as far as there is money.

    Parameters
    ----------
    world, draw
        The market and its draws.
    p : PartnersParams
        Numbers.
    purpose : str
        What showing is booked as.
    """
    people, users = cast("Any", world.people), np.flatnonzero(world.people.registered)
    firms, overlap = found(world, p.firms), traits(draw, p)[0]
    chance = p.shows_back * len(people) / 1000.0 / max(1, len(users))
    for n in np.flatnonzero(firms.members).tolist():
        seats = users[keyed_uniforms(draw("partners.back"), people.id[users], n) < chance]
        fen = to_fen(p.offer_cost * len(seats))
        if not len(seats) or not world.affords(purpose, fen):
            continue
        answers = np.minimum(1.0, p.click * np.exp(-p.tires * people.partners_seen[seats]))
        luck = keyed_uniforms(draw("partners.answers"), people.id[seats], n)
        bought = seats[luck < answers]
        people.partners_seen[seats] += 1.0
        people.habit[bought] *= np.float32(1.0 - p.diverts)
        world.spend(purpose, fen)
        cast("Any", world.records).partners_back.append(
            day=np.full(1, world.day),
            firm=n + 1,
            shown=len(seats),
            answers=len(bought),
            earned_fen=to_fen(p.margin * (1.0 - overlap[n]) * len(bought)),
            fen=fen,
        )
