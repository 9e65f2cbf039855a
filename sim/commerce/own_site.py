"""The own site: users settle there over months, if somebody cares for them, and stay for the brand.

Whoever orders on the brand's own site begins to settle; each day of care brings a settling user nearer, so
that settling takes an exponential time with a long mean (a stock and flow of the first order). Settled users
come by themselves and take a higher price on that site; who has not settled takes it ill. Settled users who
do not come for long are settled no more.
"""

from __future__ import annotations

import math
from typing import Any, ClassVar, cast

import numpy as np

from sim.core.ledger import to_fen
from sim.core.params import Params, lever, uncertainty
from sim.core.rng import Draw, keyed_uniforms
from sim.feature import Feature, Figure, Gauge, Moment, act
from sim.mechanism import Mechanism, Phase
from sim.world.kinds import Purpose, VisitSource
from sim.world.people import Column
from sim.world.platforms import PLATFORMS
from sim.world.world import World

_OWN_SITE = PLATFORMS.index("own_site")
NOT, SETTLING, SETTLED = range(3)


class OwnSiteParams(Params):
    """How users settle on the own site, what they are worth there, and what caring for them costs."""

    enabled: bool = lever(False, "switch", "S021")
    """Users of the own site are cared for."""

    care: float = lever(1.0, "ratio", "S021", ge=0, le=5, span=(0, 2))
    """Effort for each settling user, relative to that at which settling takes its usual time."""

    premium: float = lever(0.05, "share of the price", "S021", ge=0, le=1, span=(0, 0.2))
    """What goods cost more on the own site."""

    settling_days: float = uncertainty(
        120.0, "days", "F039", ge=1, le=3650, span=(120, 240), scope="strategy"
    )
    """Mean time in which a user settles at the usual care; the plan says more than 120 days."""

    care_enough: float = uncertainty(1.0, "ratio", "A-1218", ge=0.05, le=20, span=(0.4, 2), scope="strategy")
    """Care at which settling is as fast as at the usual effort and half as fast as any effort can make it."""

    loyalty: float = uncertainty(0.08, "log price", "A-1219", ge=0, le=2, span=(0, 0.2), scope="strategy")
    """Dearer prices on the own site that settled users do not mind."""

    visits: float = uncertainty(0.02, "visits/day", "A-1220", ge=0, le=2, span=(0, 0.06), scope="strategy")
    """Visits that a settled user makes because of it."""

    leave_days: float = uncertainty(90.0, "days", "A-1221", ge=1, le=3650, span=(30, 365), scope="strategy")
    """Days without a visit to the own site after which nobody is settled, or settling, any more."""

    cost: float = uncertainty(
        0.02, "CNY/user/day", "A-1222", ge=0, le=10, span=(0.005, 0.08), scope="strategy"
    )
    """Care for one settling user at the usual effort: messages, service, gifts."""


def speed(care: float, enough: float) -> float:
    """How fast users settle at a care, relative to the usual one (1): less and less for more of it."""
    return care * (1.0 + enough) / (care + enough)


class OwnSite(Feature):
    """Users settle on the own site (S021, S018)."""

    section = "own_site"
    Params = OwnSiteParams
    columns: ClassVar = {
        "own_site_stage": Column("int8", "0 not settling, 1 settling, 2 settled on the own site", start=0),
        "own_site_seen": Column("int32", "day of the last visit to the own site", start=-(10**6)),
    }
    events: ClassVar = {
        "own_site_moves": {
            "day": ("int32", "absolute day"),
            "person": ("int64", "stable id"),
            "stage": ("int8", "stage that begins: 0 left, 1 settling, 2 settled"),
        }
    }
    gauges: ClassVar = {
        "settled": Gauge(
            "int64",
            lambda world: int((world.people.own_site_stage == SETTLED).sum()),
            "settled users",
            ("people.own_site_stage",),
        )
    }
    figures = (
        Figure(
            "own_site_settled",
            "Users who settled on the own site",
            "users",
            over=lambda t: t["own_site_moves"]["stage"] == SETTLED,
        ),
    )
    declares = (
        VisitSource("own_site_visits", "Settled users who come to the own site by themselves.", "owned"),
        Purpose("own_site_cost", "Care for users who settle on the own site."),
    )

    def __init__(self, params: OwnSiteParams, price: float) -> None:
        super().__init__(params)
        self.price = price

    @classmethod
    def build(cls, config: Any, moment: Moment) -> list[Mechanism]:
        """Its acts, which know how much a price counts."""
        return cls(config.section(cls.section), config.choice.price).acts()

    @act(Phase.EXPOSE, reads=["people.own_site_stage~"], writes=["flow.lanes"])
    def come(self, world: World, draw: Draw) -> None:
        """Settled users may come at any time."""
        settled = world.people.own_site_stage == SETTLED
        if settled.any():
            world.flow.lanes.add("own_site_visits", self.params.visits * settled)

    @act(
        Phase.BUY,
        reads=["flow.visits", "people.own_site_stage~", "people.price_sensitivity"],
        writes=["flow.terms"],
        offers=True,
    )
    def ask_more(self, world: World, draw: Draw) -> None:
        """The own site's price; settled users do not mind as much of it as their loyalty covers."""
        people, visits, p = world.people, world.flow.visits, self.params
        here = visits["surface"] == _OWN_SITE
        if p.premium > 0.0 and here.any():
            world.flow.bill.add_rise("own_site", p.premium * here)
        settled = here & (people.own_site_stage[visits["seat"]] == SETTLED)
        if settled.any():
            sensitive = people.price_sensitivity[visits["seat"]].astype(np.float64)
            minded = min(p.loyalty, math.log1p(p.premium))
            world.flow.order.add("own_site", self.price * sensitive * minded * settled)

    @act(
        Phase.SETTLE,
        reads=["records.visits", "people.id", "people.own_site_stage", "people.own_site_seen"],
        writes=["people.own_site_stage", "people.own_site_seen", "records.own_site_moves"],
    )
    def leave(self, world: World, draw: Draw) -> None:
        """Who stays away for long is settled, or settling, no more."""
        people, before = world.people, world.people.own_site_stage.copy()
        people.own_site_seen[self._here(world, "visits")] = world.day
        people.own_site_stage[world.day - people.own_site_seen > self.params.leave_days] = NOT
        self._note(world, before)

    @act(
        Phase.SETTLE,
        reads=["records.orders", "people.id", "people.own_site_stage", "operator.allowance"],
        writes=["people.own_site_stage", "records.own_site_moves", "records.spend", "ledger"],
        offers=True,
    )
    def settle(self, world: World, draw: Draw) -> None:
        """Who ordered here begins to settle, and who is cared for may settle."""
        people, p, before = world.people, self.params, world.people.own_site_stage.copy()
        stage = people.own_site_stage
        buyers = self._here(world, "orders")
        stage[buyers[stage[buyers] == NOT]] = SETTLING
        fen = to_fen(p.cost * p.care * int((before == SETTLING).sum()))
        if world.affords("own_site_cost", fen):
            world.spend("own_site_cost", fen)
            rate = speed(p.care, p.care_enough) / p.settling_days
            lucky = keyed_uniforms(draw("own_site.settle"), people.id, 0) < -math.expm1(-rate)
            stage[(before == SETTLING) & lucky] = SETTLED
        self._note(world, before)

    @staticmethod
    def _note(world: World, before: np.ndarray) -> None:
        """Record whose stage is another than ``before``."""
        people = world.people
        moved = np.flatnonzero(people.own_site_stage != before)
        cast("Any", world.records).own_site_moves.append(
            day=np.full(len(moved), world.day), person=people.id[moved], stage=people.own_site_stage[moved]
        )

    @staticmethod
    def _here(world: World, table: str) -> np.ndarray:
        """int64[k]: seats of those who did this on the own site today."""
        rows = getattr(world.records, table)
        seats = world.seats_of(rows.today("person")[rows.today("surface") == _OWN_SITE])
        there: np.ndarray = seats[seats >= 0]
        return there
