"""A feature that is not part of the market: a stamp for every delivery, which people like."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

import numpy as np

from sim.core.params import Params, lever, uncertainty
from sim.feature import Feature, Figure, Gauge, act
from sim.mechanism import Phase
from sim.world.people import Column


class StampParams(Params):
    """Stamps for deliveries."""

    enabled: bool = lever(False, "switch", "definition")
    """Stamps are given."""
    per_order: int = lever(1, "stamps/delivery", "A-999; made up", ge=1, le=100)
    """Stamps for one delivery."""
    liking: float = uncertainty(0.0, "trust/stamp", "A-998; made up", ge=0, le=0.5, scope="strategy")
    """Trust that one stamp brings."""


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
    options = Path(__file__).parent / "options"

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
