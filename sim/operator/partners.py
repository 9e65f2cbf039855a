"""Partners: firms that show the brand to their customers, share supplies and risk, and stay or leave.

A partner's offer reaches people who are customers of both or of the partner alone; whoever registers by it
was cheap and comes for somebody else's offer. The partner gets a part of what they pay. It compares that with
what its offers cost and with what it believes fair: it leaves, or begins a dispute, which a third party may
settle, and an unsettled one drives others out as well (:mod:`sim.operator.partner_bargain`). Where supplies
are agreed, joint work deepens slowly and suppliers answer faster, but more hangs on chains that can break
(:mod:`sim.operator.partner_chains`).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, ClassVar, cast

import numpy as np

from sim.core.ledger import to_fen
from sim.core.rng import Draw, keyed_uniforms
from sim.feature import Feature, Figure, Moment, Schema, Tables, act
from sim.mechanism import Mechanism, Phase
from sim.operator.partner_bargain import bargain, readmit
from sim.operator.partner_business import BACK, show_back
from sim.operator.partner_chains import BREAKS, BROKEN, broken_today, mishaps, pooled
from sim.operator.partner_firms import LEFT, STATE, Firms, found, keep, traits
from sim.operator.partner_pool import CLAIMS, INSURED, POOL, insure, strengths
from sim.operator.partners_params import PartnersParams
from sim.world.kinds import Purpose, VisitSource
from sim.world.people import Column
from sim.world.touches import send
from sim.world.world import World

JOINT, SPLIT, CHAINS, KEPT = "partners_joint", "partners_split", "partners_chains", "partners_kept"


def _ones(table: str) -> Any:
    return lambda tables: np.ones(len(tables[table]["day"]))


def _members(tables: Tables) -> np.ndarray:
    return (tables["partners_firms"]["state"] != LEFT).astype(np.float64)


def _hours(tables: Tables) -> np.ndarray:
    table = tables["partners_breaks"]
    hours: np.ndarray = (table["end"] - table["start"]) / 60.0
    return hours


class Partners(Feature):
    """An alliance of firms (S060, S061, S062, S064, S065, S066)."""

    section = "partners"
    Params = PartnersParams
    columns: ClassVar = {
        "partners_by": Column("int8", "partner that brought the person, 0 = none", start=0),
        "partners_offer": Column("int8", "partner whose offer was shown last, 0 = none", start=0),
        "partners_seen": Column("float32", "offers of partners seen of late, decaying count", start=0),
    }
    events: ClassVar[dict[str, Schema]] = {
        "partners_firms": STATE,
        "partners_offers": {
            "day": ("int32", "absolute day"),
            "firm": ("int8", "partner"),
            "offers": ("int64", "people to whom it showed the brand"),
            "fen": ("int64", "the brand's part of their cost, fen"),
        },
        "partners_users": {
            "day": ("int32", "absolute day of registration"),
            "person": ("int64", "stable id"),
            "firm": ("int8", "partner that brought the person"),
        },
        "partners_back": BACK,
        "partners_breaks": BREAKS,
        "partners_pool": POOL,
        "partners_disputes": {
            "day": ("int32", "absolute day on which it ended"),
            "firm": ("int8", "partner that began it"),
            "mediated": ("bool", "by a third party"),
            "settled": ("bool", "otherwise members may walk out"),
            "left": ("int16", "members that walked out"),
        },
    }
    figures = (
        Figure(
            "partners_members",
            "Partners in the alliance (mean over days)",
            "firms",
            _members,
            lambda t: np.ones(len(np.unique(t["partners_firms"]["day"]))),
        ),
        Figure("partners_new_users", "New users brought by partners", "people", _ones("partners_users")),
        Figure(
            "partners_acquisition_cost",
            "Cost of a user brought by partners (joint marketing)",
            "CNY/user",
            lambda t: t["partners_offers"]["fen"] / 100.0,
            _ones("partners_users"),
        ),
        Figure(
            "partners_depth",
            "Depth of cooperation (mean over partners and days)",
            "0..1",
            lambda t: t["partners_firms"]["depth"],
            _ones("partners_firms"),
        ),
        Figure(
            "partners_break_hours",
            "Hours for which a broken chain is felt",
            "hours/break",
            _hours,
            _ones("partners_breaks"),
        ),
        Figure(
            "partners_paid_out",
            "Losses of the brand that the alliance's pool paid",
            "CNY",
            lambda t: t["partners_pool"]["out_fen"] / 100.0,
        ),
        Figure(
            "partners_earned",
            "What users whom the brand shows partners' goods earn them",
            "CNY",
            lambda t: t["partners_back"]["earned_fen"] / 100.0,
        ),
        Figure(
            "partners_settled",
            "Disputes that are settled",
            "share",
            lambda t: t["partners_disputes"]["settled"],
            _ones("partners_disputes"),
        ),
    )
    declares = (
        VisitSource("partners_visit", "Offers that partner firms show to their customers.", "paid"),
        Purpose(JOINT, "Joint marketing, agreements and interfaces with partners.", acquires=True),
        Purpose(SPLIT, "Partners' part of what customers pay whom they brought.", acquires=True),
        Purpose(CHAINS, "Joint development and supervision."),
        Purpose(BROKEN, "Broken chains and their pool, and mediation."),
        Purpose(KEPT, "Partners' goods shown to users of the brand, and partners who are taken back."),
        Purpose(INSURED, "Premiums of the pool for losses by shocks."),
        Purpose(CLAIMS, "What the pool for losses by shocks pays the brand.", income=True),
    )

    def __init__(self, params: PartnersParams, shocks: Sequence[Any], first: int) -> None:
        super().__init__(params)
        self.shocks, self.first = shocks, first
        self.shocked = any("suppliers" in one.moves for one in shocks)
        self.offered = -1  # last day on which there was an alliance, and not what is left of one

    @classmethod
    def build(cls, config: Any, moment: Moment) -> list[Mechanism]:
        """Its acts, which add to what a shock does to suppliers if there is one."""
        shocks = list(config.shock.listed().values())
        return cls(config.section(cls.section), shocks, moment.first_day).acts()

    @act(
        Phase.STRIKE,
        reads=["conditions.suppliers"],
        writes=["conditions.suppliers", "logistics.suppliers"],
    )
    def untie(self, world: World, draw: Draw) -> None:
        """Suppliers are as they would be without partners, until these are heard of."""
        short = world.conditions.suppliers_short * self.shocked
        world.conditions.suppliers_short = short
        world.logistics.shock_suppliers(short)
        world.logistics.hasten_suppliers(0.0)

    @act(
        Phase.EXPOSE,
        reads=[
            "records.partners_firms~",
            "conditions.suppliers",
            "records.partners_breaks",
            "operator.allowance",
        ],
        writes=[
            "conditions.suppliers",
            "logistics.suppliers",
            "records.partners_breaks",
            "records.spend",
            "ledger",
        ],
        offers=True,
    )
    def supply(self, world: World, draw: Draw) -> None:
        """Where supplies are agreed: suppliers answer faster, and chains break and are mended."""
        p = self.params
        if p.level < 3 or world.clock.daypart:
            return
        firms = found(world, p.firms)
        depth, size = firms.depth * firms.members, traits(draw, p)[1]
        world.logistics.hasten_suppliers(p.response * float(depth.mean()))
        own, others = mishaps(world, draw, p, firms.members)
        fen = to_fen(pooled(p, own, others, int(firms.members.sum())) * len(world.people) / 1000.0)
        world.spend(BROKEN, fen)
        weight = p.depends * depth * size / max(1e-9, float(size.sum()))
        late = float(weight @ broken_today(world, p.firms))
        short = 1.0 - (1.0 - world.conditions.suppliers_short) * (1.0 - late)
        world.conditions.suppliers_short = short
        world.logistics.shock_suppliers(short)

    @act(
        Phase.EXPOSE,
        reads=[
            "records.partners_firms~",
            "people.id",
            "people.registered~",
            "people.partners_seen",
            "people.habit~",
            "operator.allowance",
            "partners#1",
        ],
        writes=[
            "agendas.touches",
            "people.partners_seen",
            "people.partners_offer",
            "people.habit",
            "records.partners_offers",
            "records.partners_back",
            "records.spend",
            "ledger",
        ],
        offers=True,
    )
    def offer(self, world: World, draw: Draw) -> None:
        """Partners show the brand to their customers, as far as the brand can pay its part."""
        people, p = cast("Any", world.people), self.params
        if world.clock.daypart:
            return
        people.partners_seen *= np.float32(math.exp(-1.0 / p.rest_days))
        firms, (overlap, size) = found(world, p.firms), traits(draw, p)
        if not self._keep_up(world, int(firms.members.sum())):
            return
        here, taken = people.registered.copy(), np.zeros(len(people), bool)
        known, new = int(here.sum()), int((~here).sum())
        for n in np.flatnonzero(firms.members).tolist():
            reach = p.reach * size[n] * len(people) / 1000.0
            own = overlap[n] * reach * (1.0 - p.spares * (p.level > 1))
            chance = np.where(here, own / max(1, known), (1.0 - overlap[n]) * reach / max(1, new))
            drawn = keyed_uniforms(draw("partners.offer"), people.id, n) < chance
            self._show(world, np.flatnonzero(drawn & ~taken), n + 1)
            taken |= drawn
        if p.shows_back:
            show_back(world, draw, p, KEPT)

    def _keep_up(self, world: World, members: int) -> bool:
        """Pay agreements and interfaces of the day; whether there was money."""
        p = self.params
        each = p.upkeep * p.level * members + p.api_cost * p.opened**2
        fen = to_fen(each * len(world.people) / 1000.0)
        paid = world.affords(JOINT, fen)
        world.spend(JOINT, fen if paid else 0)
        return paid

    def _show(self, world: World, seats: np.ndarray, firm: int) -> None:
        """Offers of one firm."""
        people, p = cast("Any", world.people), self.params
        fen = to_fen(p.offer_cost * len(seats))
        if not len(seats) or not world.affords(JOINT, fen):
            return
        chance = p.click / (1.0 - p.api_saves * p.opened) * np.exp(-p.tires * people.partners_seen[seats])
        send(world, "partners_visit", seats, np.minimum(1.0, chance))
        people.partners_seen[seats] += 1.0
        people.partners_offer[seats] = firm
        world.spend(JOINT, fen)
        cast("Any", world.records).partners_offers.append(
            day=np.full(1, world.day), firm=firm, offers=len(seats), fen=fen
        )

    @act(
        Phase.MEASURE,
        reads=[
            "records.registrations",
            "people.id",
            "people.partners_by",
            "people.partners_offer",
            "people.habit~",
        ],
        writes=["people.partners_by", "people.habit", "records.partners_users"],
    )
    def follow(self, world: World, draw: Draw) -> None:
        """Note whom partners brought today; their habit wears off faster."""
        people, new = cast("Any", world.people), world.records.registrations
        source = world.kinds.source("partners_visit")
        mine = (new.today("source") == source) & ~new.today("fake")
        seats = world.seats_of(new.today("person")[mine])
        seats = seats[seats >= 0]
        people.partners_by[seats] = people.partners_offer[seats]
        cast("Any", world.records).partners_users.append(
            day=np.full(len(seats), world.day), person=people.id[seats], firm=people.partners_by[seats]
        )
        people.habit[people.partners_by > 0] *= np.float32(1.0 - self.params.fades)

    @act(Phase.MEASURE, offers=True)
    def go_on(self, world: World, draw: Draw) -> None:
        """Today joint work goes on, the pool is paid into, and who has left is asked again."""
        self.offered = world.day

    @act(
        Phase.MEASURE,
        reads=[
            "records.orders",
            "records.deliveries",
            "records.returns",
            "records.partners_pool",
            "records.partners_firms",
            "records.partners_offers",
            "records.partners_back",
            "people.id",
            "people.partners_by",
            "people.registered_day",
            "operator.allowance",
        ],
        writes=[
            "records.partners_firms",
            "records.partners_pool",
            "records.partners_disputes",
            "records.spend",
            "records.goods_costs",
            "ledger",
        ],
    )
    def settle(self, world: World, draw: Draw) -> None:
        """Pay partners their part, deepen what is done together, and let each stay, quarrel or leave."""
        p, firms = self.params, found(world, self.params.firms)
        gained, paid = self._accounts(world, firms)
        world.spend(SPLIT, int(paid.sum()))
        shown, borne = cast("Any", world.records).partners_offers, np.zeros(p.firms)
        np.add.at(borne, shown.today("firm") - 1, p.effort * 100.0 * shown.today("offers"))
        back, earned = cast("Any", world.records).partners_back, np.zeros(p.firms)
        np.add.at(earned, back.today("firm") - 1, back.today("earned_fen"))
        pace = 1.0 - math.exp(-1.0 / p.memory)
        todays = gained, paid, borne, earned
        for name, today in zip(("gained", "paid", "borne", "earned"), todays, strict=True):
            mean = getattr(firms, name)
            mean += pace * (today - mean)
        goes_on = self.offered == world.day
        self._deepen(world, firms, goes_on)
        if p.insured and goes_on:
            shock = strengths(self.shocks, world.day - self.first)
            insure(world, draw, p, firms, traits(draw, p)[1], shock)
        bargain(world, draw, p, firms)
        if goes_on:
            readmit(world, draw, p, firms)
        keep(world, firms)

    def _accounts(self, world: World, firms: Firms) -> tuple[np.ndarray, np.ndarray]:
        """What each firm's customers earned today, goods and commission taken off, and its part; fen."""
        p, people = self.params, cast("Any", world.people)
        gained, paid = np.zeros(p.firms), np.zeros(p.firms)
        done, back = world.records.deliveries, world.records.returns
        came = done.today("paid_fen"), done.today("goods_fen") + done.today("platform_commission_fen")
        went = -back.today("refund_fen"), -back.today("goods_fen")
        for table, (price, cost) in ((done, came), (back, went)):
            seats = world.seats_of(table.today("person"))
            firm = np.where(seats >= 0, people.partners_by[seats], 0)
            young = world.day - people.registered_day[seats] < p.term
            mine = (firm > 0) & (firm <= p.firms) & young
            at = firm[mine] - 1
            np.add.at(gained, at, (price - cost)[mine])
            np.add.at(paid, at, np.floor(p.share * price[mine] + 0.5))
        return gained, paid * (firms.state != LEFT)

    def _deepen(self, world: World, firms: Firms, goes_on: bool) -> None:
        """Joint work of a day, if it goes on and can be paid: depth follows what is spent, slowly."""
        p, aim = self.params, 0.0
        work = p.research if p.level > 2 else 0.0
        desk = p.linked_cost if p.linked and p.level > 2 else 0.0
        fen = to_fen((work + desk) * len(world.people) / 1000.0)
        if fen and goes_on and world.affords(CHAINS, fen):
            world.spend(CHAINS, fen)
            aim = 1.0 - math.exp(-work / p.research_enough)
        pace = 1.0 - math.exp(-1.0 / p.depth_days)
        firms.depth[:] += pace * (np.where(firms.state == LEFT, 0.0, aim) - firms.depth)
