"""A feature that is not part of the market: stamps for deliveries, which people like and clerks count out.

Of every kind that a feature may declare there is one: parameters, a column, an event table, figures, a gauge,
acts, a kind of shock, a pool of people, a monitor of a figure of its own, a response to it, sources of visits
(a kiosk that anybody may pass, and letters to those who hold stamps) and a purpose of spending (printing).
"""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

import numpy as np

from sim.core.ledger import to_fen
from sim.core.params import Params, lever, uncertainty
from sim.feature import Feature, Figure, Gauge, act
from sim.mechanism import Phase
from sim.rules import Monitor, MonitorParams, Response, ResponseParams
from sim.shocks.kinds import ShockKind
from sim.stations.pool import Pool, PoolParams
from sim.world.kinds import Purpose, VisitSource
from sim.world.people import Column
from sim.world.touches import send


class StampParams(Params):
    """Stamps for deliveries."""

    enabled: bool = lever(False, "switch", "definition")
    """Stamps are given."""
    per_order: int = lever(1, "stamps/delivery", "A-999; made up", ge=1, le=100)
    """Stamps for one delivery."""
    liking: float = uncertainty(0.0, "trust/stamp", "A-998; made up", ge=0, le=0.5, scope="strategy")
    """Trust that one stamp brings."""
    kiosk: float = lever(0.0, "visits/person/day", "A-996; made up", ge=0, le=10)
    """Visits that the kiosk brings, after noon."""
    letter_chance: float = lever(0.0, "visits/letter", "A-995; made up", ge=0, le=1)
    """Chance of a visit by a letter, of which everybody who holds stamps gets one a morning."""
    letter_cost: float = lever(0.0, "CNY/letter", "A-994; made up", ge=0, le=100)
    """What printing a letter costs; none is sent that is not paid."""
    watch: MonitorParams = MonitorParams(against="given", reference=1.0, ratio=100.0, window=2.0)
    """Too many stamps for a delivery: where the ratio is 2, more than two of them."""
    answer: ResponseParams = ResponseParams(days=3.0, cost=1.0, daily_cost=0.0)
    """One stamp for a delivery, until the budget has recovered."""
    clerks: PoolParams = PoolParams(staff=0.0, minutes=1.0)
    """Who hears of it first, where there is anybody."""


def numbers(tables):
    """Stamps of each delivery in the window."""
    return tables["stamps_given"]["number"]


class Stamps(Feature):
    """Stamps are given at night for the day's deliveries, and those who got some trust the brand more."""

    section = "stamps"
    Params = StampParams
    columns: ClassVar = {"stamps_held": Column("int32", "stamps collected", start=0)}
    events: ClassVar = {
        "stamps_given": {
            "day": ("int32", "absolute day"),
            "person": ("int64", "stable id"),
            "number": ("int32", "stamps for one delivery"),
        }
    }
    figures = (
        Figure("stamps_in_all", "Stamps given", "stamps", over=numbers),
        Figure(
            "stamps_per_delivery",
            "Stamps for a delivery",
            "stamps/delivery",
            over=numbers,
            per=lambda tables: np.ones(len(numbers(tables))),
        ),
    )
    gauges: ClassVar = {
        "held": Gauge("int64", lambda world: int(world.people.stamps_held.sum()), "stamps in people's hands")
    }
    declares = (
        VisitSource("stamps_kiosk", "A kiosk that hands out stamps.", "owned"),
        VisitSource("stamps_letter", "Letters to those who hold stamps.", "paid"),
        Purpose("stamps_print", "Letters printed.", acquires=True),
        ShockKind("stamps_strike", "riders refuse to stamp", "A-997; made up", {"riders": 1.0}),
        Pool("stamps_clerks", "Count stamps.", "clerks", "stamps_print", used=lambda p: p.clerks.staff > 0),
        Monitor("stamps_glut", "Too many stamps for a delivery.", "stamps_per_delivery", "watch"),
        Response(
            "stamps_thrift",
            "One stamp for a delivery.",
            to="stamps_glut",
            params="answer",
            levers=lambda stamps, config: {"stamps.per_order": 1},
        ),
    )
    options = Path(__file__).parent / "options"

    @act(Phase.EXPOSE, reads=["people.id"], writes=["flow.lanes"])
    def open_kiosk(self, world, draw):
        """From noon on the kiosk may bring anybody."""
        if world.clock.daypart >= 2:
            world.flow.lanes.add("stamps_kiosk", np.full(len(world.people.id), self.params.kiosk))

    @act(
        Phase.EXPOSE,
        reads=["people.id", "people.stamps_held", "operator.allowance"],
        writes=["agendas.touches", "records.spend", "ledger"],
    )
    def write_letters(self, world, draw):
        """One letter a morning to everybody who holds stamps, if all of them can be paid."""
        seats = np.flatnonzero(world.people.stamps_held)
        fen = to_fen(self.params.letter_cost * len(seats))
        if world.clock.daypart == 1 and self.params.letter_chance and world.affords("stamps_print", fen):
            send(world, "stamps_letter", seats, self.params.letter_chance)
            world.spend("stamps_print", fen)

    @act(
        Phase.SETTLE,
        reads=["records.deliveries", "people.id", "people.stamps_held"],
        writes=["people.stamps_held", "records.stamps_given"],
    )
    def give(self, world, draw):
        """Stamps for every delivery of the day to somebody who is still there."""
        persons = world.records.deliveries.today("person")
        seats = world.seats_of(persons)
        here = seats >= 0
        if here.any():
            number = np.int32(self.params.per_order)
            np.add.at(world.people.stamps_held, seats[here], number)
            world.records.stamps_given.append(day=world.day, person=persons[here], number=number)

    @act(Phase.MEASURE, reads=["records.stamps_given", "people.trust"], writes=["people.trust"])
    def please(self, world, draw):
        """Everybody who got stamps today trusts the brand a little more."""
        given, trust = world.records.stamps_given, world.people.trust
        gain = self.params.liking * given.today("number")
        np.add.at(trust, world.seats_of(given.today("person")), gain.astype(trust.dtype))
        np.minimum(trust, 1.0, out=trust)
