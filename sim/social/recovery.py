"""Recovery: packages are taken back, used again or sold as material, and the record of it is shown.

Some days after a delivery a customer may hand the package in, the more readily for a credit and for the sake
of the environment. Points of collection take what they have room for. What is fit is cleaned and used again
in place of a new package, the rest is sold as material. A record of what came back, audited and shown to
visitors, raises the trust of those who care, in proportion to that share and less the more they trust.
"""

from __future__ import annotations

from typing import Any, ClassVar, NamedTuple, cast

import numpy as np

from sim.core.ledger import to_fen
from sim.core.lookup import distinct, first_by
from sim.core.params import Params, constant, lever, uncertainty
from sim.core.rng import Draw, keyed_uniforms
from sim.core.whole_numbers import whole_number
from sim.feature import Feature, Figure, act
from sim.mechanism import Phase
from sim.world.kinds import Purpose
from sim.world.schema import GROUPS
from sim.world.world import World

#: The group for whom the environment comes first.
ECO = GROUPS.index("eco_pioneer")


class RecoveryParams(Params):
    """Collection of packages, what is made of them, and who is told."""

    enabled: bool = lever(False, "switch", "S074")
    """Packages are taken back."""

    capacity: float = lever(0.0, "packages/1,000 people/day", "S074", ge=0, le=1000, span=(0, 40))
    """Packages for which points of collection have room."""

    credit: float = lever(0.0, "CNY/package", "S074", ge=0, le=20, span=(0, 1))
    """Paid to whoever hands one in."""

    reuse: float = lever(0.0, "share of fit packages", "S074", ge=0, le=1, span=(0, 1))
    """Fit packages that are cleaned and used again; all others are sold as material."""

    shown: bool = lever(False, "switch", "S074")
    """The audited record is shown to visitors."""

    hands_in: float = uncertainty(
        0.15, "chance", "A-1507", ge=0.001, le=0.999, span=(0.05, 0.4), scope="strategy"
    )
    """A customer who cares as others do hands a package in without a credit."""

    credit_odds: float = uncertainty(
        1.0,
        "log odds/CNY",
        "A-1508; Zhan, Sun & Xu 2024 for the sign",
        ge=0,
        le=10,
        span=(0.3, 2.5),
        scope="strategy",
    )
    """What a credit adds to it."""

    eco_odds: float = uncertainty(1.0, "log odds", "A-1509", ge=0, le=5, span=(0.3, 2), scope="strategy")
    """What caring for the environment adds to it."""

    wait_days: int = constant(3, "days", "A-1510; used up or unpacked", ge=1, le=60, scope="strategy")
    """From the delivery until the package is handed in or thrown away."""

    upkeep: float = uncertainty(
        0.1, "CNY/package of capacity", "A-1511", ge=0, le=20, span=(0.03, 0.4), scope="strategy"
    )
    """Points of collection, used or not."""

    handling: float = uncertainty(
        0.15, "CNY/package", "A-1512", ge=0, le=20, span=(0.05, 0.5), scope="strategy"
    )
    """Transport and sorting of what is handed in."""

    fit: float = uncertainty(0.5, "share", "A-1513", ge=0, le=1, span=(0.2, 0.8), scope="strategy")
    """Packages handed in that can be used again."""

    clean: float = uncertainty(0.35, "CNY/package", "A-1514", ge=0, le=20, span=(0.1, 0.7), scope="strategy")
    """Cleaning and repair before one is used again."""

    saves: float = uncertainty(
        0.8,
        "CNY/package",
        "A-1515; as logistics.packaging_fen_ambient",
        ge=0,
        le=20,
        span=(0.4, 1.6),
        scope="strategy",
    )
    """A new package that is not bought."""

    material: float = uncertainty(
        0.12,
        "CNY/package",
        "A-1516; some hundred grams of used board",
        ge=0,
        le=20,
        span=(0.05, 0.3),
        scope="strategy",
    )
    """Price of what one brings as material."""

    audit: float = uncertainty(
        0.3, "CNY/1,000 people/day", "A-1517", ge=0, le=1000, span=(0.1, 1.5), scope="strategy"
    )
    """Audit and display of the record."""

    record_days: float = constant(30.0, "days", "A-1518; about a month", ge=1, le=365, scope="strategy")
    """Time constant of the record."""

    believes: float = uncertainty(
        0.05, "share of the gap/visit", "A-1519", ge=0, le=1, span=(0.01, 0.15), scope="strategy"
    )
    """What a record of everything taken back adds to the trust of a visitor who cares."""

    others: float = uncertainty(
        0.3, "ratio", "A-1520; eco_pioneer = 1", ge=0, le=1, span=(0.1, 0.6), scope="strategy"
    )
    """What it is to everybody else."""

    trusted: float = uncertainty(0.75, "0..1", "A-1521", ge=0, le=1, span=(0.6, 0.9), scope="strategy")
    """Trust up to which such a record can help."""


class Taken(NamedTuple):
    """Packages of a day: that could come, were brought, were taken, are used again, and are material."""

    due: int
    brought: int
    taken: int
    reused: int
    material: int


def chance(params: RecoveryParams, group: np.ndarray) -> np.ndarray:
    """float64[k]: chance that people of these groups (int8[k]) hand a package in."""
    odds = params.hands_in / (1.0 - params.hands_in) * np.exp(params.credit_odds * params.credit)
    odds = odds * np.exp(params.eco_odds * (group == ECO))
    return np.asarray(odds / (1.0 + odds), np.float64)


def cost(params: RecoveryParams, room: int, taken: Taken) -> float:
    """CNY that a day costs, less what is saved and sold."""
    each = params.credit + params.handling
    brings = params.saves * taken.reused + params.material * taken.material
    return params.upkeep * room + each * taken.taken + params.clean * taken.reused - brings


class Recovery(Feature):
    """Packages that come back, and a record that those who care believe (S074)."""

    section = "recovery"
    Params = RecoveryParams
    events: ClassVar = {
        "recovery_days": {
            "day": ("int32", "absolute day"),
            "due": ("int64", "packages that could be handed in"),
            "brought": ("int64", "packages that people brought"),
            "taken": ("int64", "packages that there was room for"),
            "reused": ("int64", "packages used again"),
            "material": ("int64", "packages sold as material"),
            "record": ("float64", "share that comes back, by the record; 0 if it is not shown"),
            "gained": ("float64", "trust that visitors gained by it, sum over people"),
            "fen": ("int64", "cost, less what was saved and sold"),
        }
    }
    figures = (
        Figure(
            "recovery_rate",
            "Packages that come back",
            "share",
            over=lambda t: t["recovery_days"]["taken"],
            per=lambda t: t["recovery_days"]["due"],
        ),
        Figure(
            "recovery_turned_away",
            "Packages brought that there was no room for",
            "share",
            over=lambda t: t["recovery_days"]["brought"] - t["recovery_days"]["taken"],
            per=lambda t: t["recovery_days"]["brought"],
        ),
    )
    declares = (Purpose("recovery_cost", "Packages taken back, less what they save and bring."),)

    @act(
        Phase.STRIKE,
        reads=[
            "records.deliveries~",
            "records.return_requests~",
            "records.visits~",
            "records.recovery_days",
            "people.id",
            "people.group",
            "people.trust",
            "operator.allowance~",
        ],
        writes=["people.trust", "records.recovery_days", "records.spend", "ledger"],
        offers=True,
    )
    def recover(self, world: World, draw: Draw) -> None:
        """Take packages back as far as there is room and money, and show yesterday's visitors the record."""
        p = self.params
        room = whole_number(draw("recovery.room"), p.capacity * len(world.people) / 1000.0)
        audit = p.audit * len(world.people) / 1000.0 * p.shown
        most = to_fen(p.upkeep * room + (p.credit + p.handling + p.clean) * room + audit)
        pays = world.affords("recovery_cost", most)
        taken = self._take(world, draw, room if pays else 0)
        fen = to_fen(cost(p, room, taken) + audit) if pays else 0
        world.spend("recovery_cost", fen)
        record = self._record(world, taken) if p.shown and pays else 0.0
        cast("Any", world.records).recovery_days.append(
            day=world.day, record=record, gained=self._show(world, record), fen=fen, **taken._asdict()
        )

    def _take(self, world: World, draw: Draw, room: int) -> Taken:
        """Who brings a package of some days ago, and what becomes of those that there is room for.

        Goods that were sent back, or refused at the door, went in their package.
        """
        p, people, done = self.params, world.people, world.records.deliveries
        here = (done["day"] == world.day - p.wait_days) & (done["service"] >= 0)
        ids, seats = done["order_id"][here], world.seats_of(done["person"][here])
        has = (seats >= 0) & ~np.isin(ids, world.records.return_requests["order_id"])
        ids, seats = ids[has], seats[has]
        luck = keyed_uniforms(draw("recovery.brings"), ids, 0)
        brought = ids[luck < chance(p, people.group[seats])]
        turn = keyed_uniforms(draw("recovery.turn"), brought, 0)
        taken = brought[first_by(room, turn, brought)]
        again = keyed_uniforms(draw("recovery.fit"), taken, 0) < p.fit * p.reuse
        reused = int(again.sum())
        return Taken(len(ids), len(brought), len(taken), reused, len(taken) - reused)

    def _record(self, world: World, today: Taken) -> float:
        """Share of packages that came back of late."""
        days = cast("Any", world.records).recovery_days
        weight = np.exp((days["day"] - world.day) / self.params.record_days)
        due = float((weight * days["due"]).sum()) + today.due
        return (float((weight * days["taken"]).sum()) + today.taken) / due if due else 0.0

    def _show(self, world: World, record: float) -> float:
        """Let yesterday's visitors see the record; what they gain of trust in all."""
        if record == 0.0:
            return 0.0
        p, people, visits = self.params, world.people, world.records.visits
        seats = world.seats_of(distinct(visits["person"][visits["day"] == world.day - 1]))
        seats = seats[seats >= 0]
        cares = np.where(people.group[seats] == ECO, 1.0, p.others)
        gained = p.believes * record * cares * np.maximum(0.0, p.trusted - people.trust[seats])
        people.trust[seats] += gained.astype(people.trust.dtype)
        return float(gained.sum())
