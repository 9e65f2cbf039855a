"""Craft: classes about how rural goods are made, which let some people pay more and make nobody buy.

Whoever saw a class of late and values such craft does not mind as much of the premium as the craft is worth
to them; what is asked beyond that, and all of it from everybody else, is felt as a higher price. So culture
raises margin where people heard of it, never conversion, and no further than it is worth to somebody.
"""

from __future__ import annotations

import math
from typing import Any, ClassVar, cast

import numpy as np

from sim.core.ledger import to_fen
from sim.core.normals import lognormals
from sim.core.params import Params, lever, uncertainty
from sim.core.rng import Draw, keyed_uniforms
from sim.feature import Feature, Figure, Moment, Schema, act
from sim.mechanism import Mechanism, Phase
from sim.world.catalog import CATEGORIES
from sim.world.kinds import Purpose
from sim.world.people import Column
from sim.world.world import World

RURAL = CATEGORIES.index("rural")
#: Long before any market begins.
_NEVER = -100_000


class CraftParams(Params):
    """Classes, the premium, and whom they move."""

    enabled: bool = lever(False, "switch", "S022")
    """Rural goods are sold as craft."""

    premium: float = lever(0.2, "share of price", "S022", ge=0, le=5, span=(0, 0.6))
    """What rural goods cost beyond their usual price."""

    classes: float = lever(2.0, "classes/week", "S022", ge=0, le=70, span=(0, 7))
    """Livestream classes by those who make the goods; at most one a day counts for a person."""

    class_cost: float = uncertainty(
        3.0,
        "CNY/class/1,000 people",
        "A-1230; a maker's day and a camera",
        ge=0,
        le=1000,
        span=(1, 10),
        scope="strategy",
    )
    """Fee of the maker and the room."""

    reach: float = uncertainty(
        0.04,
        "share of people/class",
        "A-1405; somewhat more than one short clip",
        ge=0,
        le=1,
        span=(0.01, 0.1),
        scope="strategy",
    )
    """People who see a class, more of them where people are more active."""

    values: float = uncertainty(
        0.4,
        "share",
        "A-1406; two in five care how goods are made",
        ge=0,
        le=1,
        span=(0.15, 0.7),
        scope="strategy",
    )
    """People to whom craft is worth something once they have seen it."""

    worth: float = uncertainty(
        0.25,
        "share of price",
        "A-1360; no data; about the premium that is asked",
        ge=0,
        le=2,
        span=(0.1, 0.5),
        scope="strategy",
    )
    """Premium that it is worth on average to those who value it; what is asked beyond that they mind."""

    worth_spread: float = uncertainty(
        0.6,
        "standard deviation of log",
        "A-1361; as people differ in what they pay for anything",
        ge=0,
        le=2,
        span=(0.2, 1),
        scope="strategy",
    )
    """How much people differ in what it is worth to them (log-normal)."""

    remembers: int = uncertainty(
        30, "days", "A-1407; about a month", ge=1, le=3650, span=(7, 90), scope="strategy"
    )
    """Days for which a class is remembered."""


class Craft(Feature):
    """Rural goods at a premium for culture (S022)."""

    section = "craft"
    Params = CraftParams
    columns: ClassVar = {"craft_seen": Column("int32", "absolute day of the last class seen", start=_NEVER)}
    events: ClassVar[dict[str, Schema]] = {
        "craft_classes": {
            "day": ("int32", "absolute day"),
            "seen": ("int64", "people who saw it"),
            "fen": ("int64", "its cost, fen"),
        }
    }
    figures = (
        Figure(
            "craft_viewers",
            "People who see a craft class",
            "people/class",
            over=lambda t: t["craft_classes"]["seen"],
            per=lambda t: np.ones(len(t["craft_classes"]["day"])),
        ),
    )
    declares = (Purpose("craft_cost", "Livestream classes about how rural goods are made."),)

    def __init__(self, params: CraftParams, usual: np.ndarray, price: float) -> None:
        super().__init__(params)
        self.usual, self.price = usual, price

    @classmethod
    def build(cls, config: Any, moment: Moment) -> list[Mechanism]:
        """Its acts, with usual prices and how people answer to prices."""
        return cls(config.section(cls.section), moment.catalog.price_fen, config.choice.price).acts()

    @act(Phase.STRIKE, writes=["catalog"])
    def begin(self, world: World, draw: Draw) -> None:
        """Prices are the usual ones, unless more is asked."""
        world.catalog = world.catalog._replace(price_fen=self.usual)

    @act(Phase.STRIKE, writes=["catalog"], offers=True)
    def ask(self, world: World, draw: Draw) -> None:
        """Ask the premium for rural goods."""
        price = self.usual.copy()
        price[RURAL] = round(float(price[RURAL]) * (1.0 + self.params.premium))
        world.catalog = world.catalog._replace(price_fen=price)

    @act(
        Phase.EXPOSE,
        reads=["people.id", "people.activity", "operator.allowance"],
        writes=["people.craft_seen", "records.craft_classes", "records.spend", "ledger"],
        offers=True,
    )
    def teach(self, world: World, draw: Draw) -> None:
        """Hold a class on its day, if it can be paid."""
        p, people = self.params, cast("Any", world.people)
        number = math.floor((world.day + 1) * p.classes / 7.0) - math.floor(world.day * p.classes / 7.0)
        fen = to_fen(p.class_cost * number * len(people) / 1000.0)
        if world.clock.daypart != 1 or not number or not world.affords("craft_cost", fen):
            return
        chance = -np.expm1(-p.reach * number * people.activity.astype(np.float64))
        seats = np.flatnonzero(keyed_uniforms(draw("craft.seen"), people.id, 0) < chance)
        people.craft_seen[seats] = world.day
        world.spend("craft_cost", fen)
        cast("Any", world.records).craft_classes.append(day=np.full(1, world.day), seen=len(seats), fen=fen)

    @act(
        Phase.BUY,
        reads=["flow.visits", "people.id", "people.price_sensitivity", "people.craft_seen"],
        writes=["flow.terms"],
        offers=True,
    )
    def feel(self, world: World, draw: Draw) -> None:
        """What is asked beyond the worth of the craft is felt as a price, all of it by who never heard."""
        p, people, visits = self.params, cast("Any", world.people), world.flow.visits
        rows = np.flatnonzero(visits["category"] == RURAL)
        seats = visits["seat"][rows]
        values = keyed_uniforms(draw.timeless("craft.values"), people.id[seats], 0) < p.values
        heard = world.day - people.craft_seen[seats] <= p.remembers
        luck = [keyed_uniforms(draw.timeless("craft.worth"), people.id[seats], n) for n in (0, 1)]
        worth = lognormals(luck[0], luck[1], p.worth, p.worth_spread)
        covered = np.where(values & heard, np.minimum(worth, p.premium), 0.0)
        sensitive = people.price_sensitivity[seats].astype(np.float64)
        against = np.zeros(len(visits["seat"]))
        against[rows] = -self.price * sensitive * np.log((1.0 + p.premium) / (1.0 + covered))
        world.flow.order.add("craft", against)
