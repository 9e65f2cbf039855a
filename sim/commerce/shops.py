"""Stores of the brand's own, with a code to scan: people who live near come in, and some are led online.

A store catches people who live near it; each further one catches fewer whom no store reaches yet. Whoever
comes in looks at goods there or is sent on, as in any shop. Where codes hang more of the visitors find what
they look for, and those who scan are shown something online the next day. Staff is paid whether anybody comes
or not; on a day on which there is no money for it stores stay shut.
"""

from __future__ import annotations

import math
from typing import Any, ClassVar, cast

import numpy as np

from sim.core.ledger import to_fen
from sim.core.params import Params, constant, lever, uncertainty
from sim.core.rng import Draw, keyed_uniforms
from sim.feature import Feature, Figure, Schema, act
from sim.mechanism import Phase
from sim.world.kinds import Purpose, VisitSource
from sim.world.touches import send
from sim.world.world import World


class ShopsParams(Params):
    """How many stores, whether codes hang in them, and what they cost."""

    enabled: bool = lever(False, "switch", "S030")
    """The brand has stores of its own."""

    number: float = lever(0.2, "stores/1,000 people", "S030", ge=0, le=100, span=(0, 1))
    """Small stores or counters."""

    codes: bool = lever(False, "switch", "S030")
    """A code to scan hangs at every shelf."""

    catches: float = uncertainty(
        1.0,
        "ratio",
        "A-1271; a fifth lives near with the usual number",
        ge=0,
        le=100,
        span=(0.3, 3),
        scope="strategy",
    )
    """Of people, ``1 - exp(-catches × number)`` live near one."""

    visits: float = uncertainty(
        0.02,
        "visits/person/day",
        "A-1400; two in a hundred a day come by",
        ge=0,
        le=5,
        span=(0.005, 0.06),
        scope="strategy",
    )
    """Visits of people who live near one."""

    staff: float = uncertainty(
        25.0,
        "CNY/store/day",
        "A-1401; a share of one shop assistant and rent",
        ge=0,
        le=10000,
        span=(10, 80),
        scope="strategy",
    )
    """Staff and rent that fall to the brand: a counter in somebody else's shop."""

    code_cost: float = uncertainty(
        1.0,
        "CNY/store/day",
        "A-1402; prints and pages behind them",
        ge=0,
        le=1000,
        span=(0.3, 4),
        scope="strategy",
    )
    """Prints and the pages behind them."""

    scans: float = uncertainty(
        0.3,
        "share of visits",
        "A-1403; codes that hang at the shelf",
        ge=0,
        le=1,
        span=(0.1, 0.6),
        scope="strategy",
    )
    """Visitors of a store who scan."""

    converts: float = constant(0.37, "ratio", "F056", ge=0, le=10, scope="strategy")
    """Stores with codes sell to so many more of their visitors (reading: odds of an order, all who scan taken
    together with those who do not)."""

    follows: float = uncertainty(
        0.15,
        "visits/scan",
        "A-1404; as a message to whoever asked for it",
        ge=0,
        le=1,
        span=(0.05, 0.3),
        scope="strategy",
    )
    """Who has scanned comes to the brand's own site the next day."""

    def near(self) -> float:
        """Share of people who live near a store."""
        return -math.expm1(-self.catches * self.number)


class Shops(Feature):
    """Own stores with codes to scan (S030)."""

    section = "shops"
    Params = ShopsParams
    events: ClassVar[dict[str, Schema]] = {
        "shops_visits": {
            "day": ("int32", "absolute day"),
            "person": ("int64", "stable id"),
            "category": ("int8", "goods looked at"),
            "scanned": ("bool", "scanned a code there"),
        }
    }
    figures = (
        Figure(
            "shops_scanned",
            "Visitors of stores who scan",
            "share",
            over=lambda t: t["shops_visits"]["scanned"],
            per=lambda t: np.ones(len(t["shops_visits"]["day"])),
        ),
    )
    declares = (
        VisitSource("shops_visit", "People who come into a store of the brand.", "owned"),
        VisitSource("shops_scan", "Pages that people find who scanned a code in a store.", "owned"),
        Purpose("shops_cost", "Staff and rent of stores, and codes in them.", acquires=True),
    )

    def __init__(self, params: ShopsParams) -> None:
        super().__init__(params)
        #: Whether stores are open today, and whether codes hang in them.
        self.staffed = self.coded = False

    @act(
        Phase.EXPOSE,
        reads=["people.id", "records.shops_visits~", "operator.allowance"],
        writes=["flow.lanes", "agendas.touches", "records.spend", "ledger"],
        offers=True,
    )
    def open(self, world: World, draw: Draw) -> None:
        """Pay the day's staff, and codes, as far as there is money; let people who live near come in."""
        p, people = self.params, world.people
        if world.clock.daypart == 0:
            stores = p.number * len(people) / 1000.0
            self.staffed = self._pay(world, p.staff * stores)
            self.coded = p.codes and self.staffed and self._pay(world, p.code_cost * stores)
            self._lead(world)
        if not self.staffed:
            return
        near = keyed_uniforms(draw.timeless("shops.near"), people.id, 0) < p.near()
        world.flow.lanes.add("shops_visit", p.visits * near, platform="offline")

    @staticmethod
    def _pay(world: World, cny: float) -> bool:
        """Whether there is money for it, which is then spent."""
        fen = to_fen(cny)
        paid = world.affords("shops_cost", fen)
        world.spend("shops_cost", fen * int(paid))
        return paid

    def _lead(self, world: World) -> None:
        """Show those who scanned yesterday the goods that they looked at, online."""
        table = cast("Any", world.records).shops_visits
        rows = np.flatnonzero((table["day"] == world.day - 1) & table["scanned"])
        seats = world.seats_of(table["person"][rows])
        seats, first = np.unique(seats, return_index=True)
        first, seats = first[seats >= 0], seats[seats >= 0]
        if len(seats):
            about = table["category"][rows[first]]
            send(world, "shops_scan", seats, self.params.follows, platform="own_site", category=about)

    @act(
        Phase.BUY,
        reads=["flow.visits"],
        writes=["flow.terms", "records.shops_visits"],
        offers=True,
    )
    def scan(self, world: World, draw: Draw) -> None:
        """Note who is in a store; where codes hang some scan, and goods are found more readily."""
        p, visits = self.params, world.flow.visits
        inside = visits["source"] == world.kinds.source("shops_visit")
        rows = np.flatnonzero(inside)
        scanned = np.zeros(len(rows), np.bool_)
        if self.coded:
            scanned = keyed_uniforms(draw("shops.scan"), visits["visit_id"][rows], 0) < p.scans
            world.flow.order.add("shops", math.log1p(p.converts) * inside)
        cast("Any", world.records).shops_visits.append(
            day=np.full(len(rows), world.day),
            person=visits["person"][rows],
            category=visits["category"][rows],
            scanned=scanned,
        )
