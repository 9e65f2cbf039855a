"""Chains of partners that supply: they break, are seen or not, and another supplier takes over or not."""

from __future__ import annotations

from typing import Any, cast

import numpy as np

from sim.core.clock import MINUTES_PER_DAY
from sim.core.ledger import to_fen
from sim.core.rng import Draw, keyed_uniforms
from sim.feature import Schema
from sim.operator.partners_params import PartnersParams
from sim.world.world import World

#: What broken chains and disputes cost.
BROKEN = "partners_broken"

BREAKS: Schema = {
    "day": ("int32", "absolute day"),
    "firm": ("int8", "partner whose chain broke"),
    "start": ("int64", "absolute minute"),
    "end": ("int64", "absolute minute until which it is felt"),
    "taken_over": ("bool", "another supplier delivered in the meantime"),
}


def losses(p: PartnersParams, hours: np.ndarray, taken: np.ndarray) -> np.ndarray:
    """float64[k]: what breaks cost, CNY/1,000 people: by the hour, and the other supplier's premium."""
    return p.hour_cost * hours + p.switch_cost * taken


def mishaps(world: World, draw: Draw, p: PartnersParams, members: np.ndarray) -> tuple[float, np.ndarray]:
    """Break chains of today, record those of the brand, and say what they cost.

    Another supplier takes over where there is money for its premium; otherwise the brand waits.

    Parameters
    ----------
    world, draw
        The market and its draws.
    p : PartnersParams
        Numbers.
    members : bool[n firms]
        Partners that supply.

    Returns
    -------
    own : float
        The brand's loss of the day, CNY/1,000 people.
    others : float64[m]
        What each member lost in chains of its own, by the same law.
    """
    firms = np.flatnonzero(members).astype(np.int64)
    hours, taken, start = _breaks(draw, p, firms, 0)
    share = 1.0 - p.pooled + p.pooled / (len(firms) + 1)  # the brand's part of a premium
    premium = share * p.switch_cost * float(taken.sum()) * len(world.people) / 1000.0
    if not world.affords(BROKEN, to_fen(premium)):
        waits = p.model_copy(update={"contingency": False})
        hours, taken, start = _breaks(draw, waits, firms, 0)
    at = np.flatnonzero(hours > 0.0)
    begin = world.clock.midnight + (start[at] * MINUTES_PER_DAY).astype(np.int64)
    cast("Any", world.records).partners_breaks.append(
        day=np.full(len(at), world.day),
        firm=firms[at] + 1,
        start=begin,
        end=begin + np.rint(60.0 * hours[at]).astype(np.int64),
        taken_over=taken[at],
    )
    others = np.zeros(len(firms))
    for one in range(1, len(firms) + 1):
        theirs, switched, _ = _breaks(draw, p, firms, one)
        others += losses(p, theirs, switched)
    return float(losses(p, hours, taken).sum()), others


def _breaks(
    draw: Draw, p: PartnersParams, firms: np.ndarray, one: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Hours felt (0 = no break), whether another supplier took over, and when in the day it began."""
    stream = draw("partners.breaks")
    luck, lasts, start = (keyed_uniforms(stream, firms, 3 * one + k) for k in range(3))
    hours, taken = p.outage(-p.break_hours * np.log(lasts))
    broken = luck < p.breaks
    return np.where(broken, hours, 0.0), taken & broken, start


def pooled(p: PartnersParams, own: float, others: np.ndarray, members: int) -> float:
    """What the brand bears today of its own loss and of members' losses, CNY/1,000 people.

    The pooled part of all losses is borne alike by the brand and its members; running the pool costs a share
    of what is expected in it.
    """
    alike = (own + float(others.sum())) / (members + 1)
    lasts = -p.break_hours * np.log((np.arange(200) + 0.5) / 200.0)
    expected = members * p.breaks * float(losses(p, *p.outage(lasts)).mean())
    return (1.0 - p.pooled) * own + p.pooled * (alike + p.pool_fee * expected)


def broken_today(world: World, firms: int) -> np.ndarray:
    """float64[n firms]: part of today for which each firm's chain is broken, 0..1."""
    table, part = cast("Any", world.records).partners_breaks, np.zeros(firms)
    morning, night = world.clock.midnight, world.clock.midnight + MINUTES_PER_DAY
    overlap = np.minimum(table["end"], night) - np.maximum(table["start"], morning)
    at = np.flatnonzero((overlap > 0) & (table["firm"] <= firms))
    np.add.at(part, table["firm"][at] - 1, overlap[at] / MINUTES_PER_DAY)
    return np.minimum(1.0, part)
