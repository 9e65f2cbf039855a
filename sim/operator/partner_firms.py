"""Partner firms: who they are, how it stands with each, and how it is kept.

What a firm is like never changes and follows from its number; how it stands with it is the last row of the
table ``partners_firms``, so that a strategy that changes in mid-run finds the same partners.
"""

from __future__ import annotations

from typing import Any, NamedTuple, cast

import numpy as np

from sim.core.rng import Draw, keyed_uniforms
from sim.feature import Schema
from sim.operator.partners_params import PartnersParams
from sim.world.world import World

MEMBER, QUARREL, LEFT = range(3)

STATE: Schema = {
    "day": ("int32", "absolute day"),
    "firm": ("int8", "number of the partner, from 1"),
    "state": ("int8", "0 member, 1 in dispute, 2 has left"),
    "since": ("int32", "absolute day since which it is a member, free of disputes, or away"),
    "until": ("int32", "absolute day on which its dispute ends"),
    "depth": ("float64", "depth of cooperation, 0..1"),
    "gained": ("float64", "what its customers earn the brand a day, of late, fen"),
    "paid": ("float64", "what it is paid a day, of late, fen"),
    "borne": ("float64", "what offers cost it a day, of late, fen"),
    "earned": ("float64", "what users whom the brand shows its goods earn it a day, of late, fen"),
    "cover": ("float64", "what it got over what offers cost it when it left"),
}


class Firms(NamedTuple):
    """How it stands with each partner, one entry a firm (see ``STATE``)."""

    state: np.ndarray
    since: np.ndarray
    until: np.ndarray
    depth: np.ndarray
    gained: np.ndarray
    paid: np.ndarray
    borne: np.ndarray
    earned: np.ndarray
    cover: np.ndarray

    @property
    def members(self) -> np.ndarray:
        """bool[n]: shares what is agreed."""
        here: np.ndarray = self.state == MEMBER
        return here

    @property
    def got(self) -> np.ndarray:
        """float64[n]: fen a day, of late, by the alliance: its part of payments, and its own business."""
        both: np.ndarray = self.paid + self.earned
        return both

    def leave(self, who: np.ndarray, day: int) -> None:
        """Let some leave (bool[n]), each with what it got for its effort in mind."""
        self.cover[who] = covered(self.got[who], self.borne[who])
        self.state[who], self.since[who] = LEFT, day


def covered(got: np.ndarray, borne: np.ndarray) -> np.ndarray:
    """float64[n]: what is got over what is borne; 1 where nothing is borne."""
    return np.divide(got, borne, out=np.ones(len(borne)), where=borne > 0.0)


def found(world: World, number: int) -> Firms:
    """Partners as they were last recorded, and new ones beyond them."""
    columns = {name: np.zeros(number, STATE[name][0]) for name in Firms._fields}
    columns["since"][:] = world.day
    table = cast("Any", world.records).partners_firms
    if len(table):
        rows = np.flatnonzero((table["day"] == table["day"][-1]) & (table["firm"] <= number))
        for name, values in columns.items():
            values[table["firm"][rows] - 1] = table[name][rows]
    return Firms(**columns)


def keep(world: World, firms: Firms) -> None:
    """Record how it stands with each."""
    numbers = np.arange(1, len(firms.state) + 1)
    cast("Any", world.records).partners_firms.append(
        day=np.full(len(numbers), world.day), firm=numbers, **firms._asdict()
    )


def traits(draw: Draw, p: PartnersParams) -> tuple[np.ndarray, np.ndarray]:
    """Overlap of each firm's customers with the brand's, 0..1, and its size relative to the mean law of 1."""
    numbers = np.arange(1, p.firms + 1)
    stream = draw.timeless("partners.traits")
    overlap = p.overlap + p.spread * (2.0 * keyed_uniforms(stream, numbers, 0) - 1.0)
    size = -np.log(1.0 - keyed_uniforms(stream, numbers, 1))
    return np.clip(overlap, 0.0, 1.0), size
