"""Shelves that tell what is on them: what is shown passes over goods that were not there a while ago.

Sensors report stock by zone at the start of every daypart, and what they report is used some hours later.
Feeds, shop windows and search results with a connection then show somebody whose zone cannot be served other
goods of the kind that people of the group want. Whoever came for the goods that are missing and looks at
others lacks the need for them, so that a turned visit is worth less than one that finds what it wants.
"""

from __future__ import annotations

from typing import Any, ClassVar, cast

import numpy as np

from sim.core.clock import HOURS_PER_DAY, MINUTES_PER_DAY
from sim.core.ledger import to_fen
from sim.core.params import Params, lever, uncertainty
from sim.core.rng import Draw, keyed_uniforms
from sim.feature import Feature, Figure, act
from sim.mechanism import Phase
from sim.world.catalog import CATEGORIES
from sim.world.choosing import pick
from sim.world.kinds import Purpose, among
from sim.world.money import upkeep
from sim.world.schema import Source
from sim.world.world import World

MINUTES_PER_HOUR = MINUTES_PER_DAY // HOURS_PER_DAY
#: Visits to whom the brand chooses what it shows: nobody told them of certain goods.
_CHOSEN = among(Source.ORGANIC_FEED, Source.SEARCH, Source.PAID_MEDIA, Source.DIRECT)


class ShelfFeedbackParams(Params):
    """How much of what is shown knows the stock, how late, and what it costs."""

    enabled: bool = lever(False, "switch", "S031")
    """Shelves report what is on them."""

    surfaces: float = lever(0.8, "share of visits", "S031", ge=0, le=1, span=(0.2, 1))
    """Feeds, windows and results that are connected to the shelves, by visits."""

    delay_hours: float = lever(1.0, "hours", "S031", ge=0, le=168, span=(0, 24))
    """Age of a report when it is used; a fresher one costs more."""

    accepts: float = uncertainty(0.6, "share", "A-1196", ge=0, le=1, span=(0.2, 0.9), scope="strategy")
    """Visitors to whom other goods can be shown; the others insist on what they came for."""

    cost: float = uncertainty(
        0.4, "CNY/1,000 people/day", "A-1197", ge=0, le=100, span=(0.1, 1.5), scope="strategy"
    )
    """Sensors and connections of all surfaces, with reports that are a day old."""

    fresh_cost: float = uncertainty(
        0.3, "ratio/ln(24 hours/age)", "A-1198", ge=0, le=10, span=(0.1, 1), scope="strategy"
    )
    """Rise of the cost with the freshness of reports."""

    def daily_cost(self) -> float:
        """CNY per 1,000 people and day: in proportion to surfaces, more for fresher reports."""
        fresher = np.log(HOURS_PER_DAY / min(HOURS_PER_DAY, max(self.delay_hours, 1.0 / MINUTES_PER_HOUR)))
        return float(self.cost * self.surfaces * (1.0 + self.fresh_cost * fresher))


class ShelfFeedback(Feature):
    """What is shown avoids what is out of stock (S031)."""

    section = "shelf_feedback"
    Params = ShelfFeedbackParams
    events: ClassVar = {
        "shelf_feedback_gaps": {
            "day": ("int32", "absolute day"),
            "minute": ("int64", "absolute minute of the report"),
            "category": ("int8", "category of which a zone has nothing, -1 where nothing is missing"),
            "zone": ("int32", "delivery zone"),
        },
        "shelf_feedback_turned": {
            "day": ("int32", "absolute day"),
            "minute": ("int64", "absolute minute of the visit"),
            "person": ("int64", "stable id"),
            "missing": ("int8", "category that was passed over"),
            "shown": ("int8", "category shown in its place"),
        },
    }
    figures = (
        Figure(
            "shelf_feedback_visits",
            "Visits that were shown other goods for want of stock",
            "visits",
            over=lambda t: np.ones(len(t["shelf_feedback_turned"]["day"])),
        ),
    )
    declares = (Purpose("shelf_feedback_cost", "Sensors of shelves and their connections."),)

    @act(
        Phase.STEER,
        reads=["stock~", "operator.allowance", "records.spend"],
        writes=["records.shelf_feedback_gaps", "records.spend", "ledger"],
        offers=True,
    )
    def report(self, world: World, draw: Draw) -> None:
        """Write down what is missing as a daypart begins; a day without money for it has no reports."""
        fen = to_fen(self.params.daily_cost() * len(world.people) / 1000.0)
        if not upkeep(world, "shelf_feedback_cost", fen):
            return
        category, zone = np.nonzero(world.logistics.for_sale() == 0)
        gaps = cast("Any", world.records).shelf_feedback_gaps
        gaps.append(day=world.day, minute=world.clock.start, category=-1, zone=-1)
        gaps.append(day=world.day, minute=np.full(len(zone), world.clock.start), category=category, zone=zone)

    @act(
        Phase.BUY,
        reads=[
            "flow.visits",
            "people.zone",
            "people.group",
            "records.shelf_feedback_gaps",
            "visits#guessed",
            "visits#weighted",
            "observed",
            "observed~",
        ],
        writes=["flow.visits", "records.shelf_feedback_turned", "visits#shown"],
        offers=True,
    )
    def turn(self, world: World, draw: Draw) -> None:
        """Show other goods to those whose zone could not be served when the shelf last told."""
        visits, zone = world.flow.visits, world.people.zone
        missing = self._missing(world)
        if missing is None or not len(visits["seat"]):
            return
        seats, category = visits["seat"], visits["category"]
        chance = self.params.surfaces * self.params.accepts
        lucky = keyed_uniforms(draw("shelf_feedback.turn"), visits["person"], world.clock.daypart) < chance
        chosen = _CHOSEN[visits["source"]] & lucky
        rows = np.flatnonzero(chosen & missing[category, zone[seats]])
        if not len(rows):
            return
        weight = world.catalog.group_weight[world.people.group[seats[rows]]]
        weight = weight * ~missing[:, zone[seats[rows]]].T
        u = keyed_uniforms(draw("shelf_feedback.shown"), visits["person"][rows], world.clock.daypart)
        shown, found = pick(weight, u)
        rows, shown = rows[found], shown[found]
        cast("Any", world.records).shelf_feedback_turned.append(
            day=world.day,
            minute=visits["minute"][rows],
            person=visits["person"][rows],
            missing=category[rows],
            shown=shown,
        )
        visits["category"] = category.copy()
        visits["category"][rows] = shown

    def _missing(self, world: World) -> np.ndarray | None:
        """bool[n_categories, n_zones]: what was missing in the last report that is old enough, or None.

        None as well on a day that was not paid: there are neither reports nor connections then.
        """
        gaps = cast("Any", world.records).shelf_feedback_gaps
        if not len(gaps) or gaps["day"][-1] != world.day:  # nobody has paid for the connection today
            return None
        hours = world.observed.served(world.day).fresher(self.params.delay_hours)
        until = world.clock.start - hours * MINUTES_PER_HOUR
        end = int(np.searchsorted(gaps["minute"], until, side="right"))
        if not end:
            return None
        first = int(np.searchsorted(gaps["minute"], gaps["minute"][end - 1]))
        missing = np.zeros((len(CATEGORIES), world.logistics.n_zones), np.bool_)
        category, zone = gaps["category"][first:end], gaps["zone"][first:end]
        missing[category[category >= 0], zone[category >= 0]] = True
        return missing
