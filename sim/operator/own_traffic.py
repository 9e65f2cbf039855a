"""Renting traffic or owning it: the firm compares what an order costs either way, and moves money.

Advertisements rent a platform's traffic by the day; a private domain and an own site are owned, but have to
be built. From the day of a rule on data, or from the first day, the firm looks back every few days over the
same window at both. If owning is cheaper by enough, a further part of the money for advertisements invites
registered users into the own pool; if renting is, a part goes back. Each move has a price, and moves are
small, so that the firm follows late. Whoever was invited is not asked again for a while, so that further
money finds fewer people.
"""

from __future__ import annotations

from typing import Any, ClassVar, Literal, NamedTuple, cast

import numpy as np

from sim.core.ledger import to_fen
from sim.core.params import Params, lever, uncertainty
from sim.core.rng import Draw, keyed_uniforms
from sim.feature import Feature, Figure, Moment, Schema, act
from sim.mechanism import Mechanism, Phase
from sim.world.kinds import Purpose
from sim.world.people import Column
from sim.world.world import World

INVITED, REVIEWED = "own_traffic_invited", "own_traffic_reviewed"
#: Sources of visits and purposes of spending that are rented, and those that are owned.
RENTED = ("paid_media",), ("media",)
OWNED = ("private_domain", "own_site_visits"), ("private_domain", "own_site_cost")
#: Day of a last invitation that nobody has had.
_NEVER = -(10**6)


class OwnTrafficParams(Params):
    """When the firm looks at what traffic costs, how far it moves, and what moving costs."""

    enabled: bool = lever(False, "switch", "S009")
    """The firm decides anew whether it rents or owns its traffic."""

    begins: Literal["rule", "first_day"] = lever("rule", "day", "S009")
    """Looks from the day on which interfaces to user data have to be open (policy.opens_from), or from the
    first day of the measured window."""

    window_days: int = lever(14, "days", "A-1470; two weeks of orders, a guess", ge=1, le=365, span=(7, 42))
    """Stretch of days whose costs and orders are compared."""

    review_days: int = lever(
        7, "days", "A-1471; marketing is planned by the week", ge=1, le=365, span=(7, 30)
    )
    """Days from one look to the next."""

    step: float = lever(0.1, "share of media money", "A-1472; a guess", ge=0, le=1, span=(0.05, 0.3))
    """What is moved after one look."""

    most: float = lever(0.5, "share of media money", "A-1473; a guess", ge=0, le=1, span=(0.2, 0.8))
    """What is moved at most: an own pool is fed by customers whom rented traffic brought."""

    ahead: float = lever(0.15, "share of cost", "A-1474; a guess", ge=0, le=0.95, span=(0, 0.4))
    """How much cheaper an order must be by the other way before anything moves."""

    life_days: float = lever(
        90.0, "days", "A-1475; how long firms write such costs off differs", ge=1, le=1825, span=(30, 365)
    )
    """Time over which invitations are written off in the comparison, in equal parts."""

    gift: float = uncertainty(
        0.6,
        "CNY/invitation",
        "A-1476; a card or call and a small gift, no data",
        ge=0.01,
        le=100,
        span=(0.2, 2),
        scope="strategy",
    )
    """One invitation into the own pool."""

    accepts: float = uncertainty(
        0.5,
        "ratio",
        "A-1477; less apt a moment than an order, no data",
        ge=0,
        le=2,
        span=(0.2, 1),
        scope="strategy",
    )
    """Chance to join upon an invitation, relative to that of who has just ordered (private_domain.join)."""

    rest_days: int = uncertainty(
        30, "days", "A-1478; no data", ge=1, le=3650, span=(10, 90), scope="strategy"
    )
    """Time for which nobody is invited twice."""

    review_cost: float = uncertainty(
        2.0,
        "CNY/1,000 people",
        "A-1479; some hours of an analyst in 100,000 people",
        ge=0,
        le=1000,
        span=(0.5, 8),
        scope="strategy",
    )
    """One look at both costs."""

    switch_cost: float = uncertainty(
        100.0,
        "CNY/1,000 people",
        "A-1480; contracts, tools and people that change, no data",
        ge=0,
        le=10000,
        span=(20, 400),
        scope="strategy",
    )
    """Moving all media money from one to the other; a part of it costs that part."""


class Costs(NamedTuple):
    """What orders by rented and by owned traffic cost in a window, CNY per order; nan if nobody can say."""

    rented: float
    owned: float


def next_share(p: OwnTrafficParams, share: float, costs: Costs) -> float:
    """Part of media money that is invested in owned traffic from now on, 0..1."""
    if costs.owned < (1.0 - p.ahead) * costs.rented:
        return min(p.most, share + p.step)
    if costs.rented < (1.0 - p.ahead) * costs.owned:
        return max(0.0, share - p.step)
    return share


def written_off(day: np.ndarray, fen: np.ndarray, first: int, end: int, life: float) -> float:
    """Part of investments, fen, that falls on the days from ``first`` to before ``end``.

    Parameters
    ----------
    day : int32[k]
        Absolute days on which they were made.
    fen : int64[k]
        Amounts.
    first, end : int
        Absolute days.
    life : float
        Days over which each is written off in equal parts.
    """
    days = np.minimum(day + life, end) - np.maximum(day, first)
    return float((fen * np.clip(days, 0.0, None) / life).sum())


class OwnTraffic(Feature):
    """The firm rents its traffic or owns it, by what an order costs (S009)."""

    section = "own_traffic"
    Params = OwnTrafficParams
    columns: ClassVar = {
        "own_traffic_asked": Column("int32", "day of the last invitation into the own pool", start=_NEVER)
    }
    events: ClassVar[dict[str, Schema]] = {
        "own_traffic_looks": {
            "day": ("int32", "absolute day"),
            "rented": ("float64", "cost of an order by rented traffic in the window, CNY"),
            "owned": ("float64", "cost of an order by owned traffic in the window, CNY"),
            "share": ("float64", "part of media money that goes to the own pool from now on"),
        },
        "own_traffic_days": {
            "day": ("int32", "absolute day"),
            "share": ("float64", "part of media money that may go to the own pool"),
            "fen": ("int64", "spent on invitations, fen"),
            "asked": ("int64", "users invited"),
            "joined": ("int64", "of them, those who joined"),
        },
    }
    figures = (
        Figure(
            "own_traffic_share",
            "Media money for owned traffic (mean over days)",
            "share",
            over=lambda t: t["own_traffic_days"]["share"],
            per=lambda t: np.ones(len(t["own_traffic_days"]["day"])),
        ),
        Figure(
            "own_traffic_joined",
            "Users who joined the own pool upon an invitation",
            "people",
            over=lambda t: t["own_traffic_days"]["joined"],
        ),
    )
    declares = (
        Purpose(INVITED, "Invitations into the brand's own pool, from money for advertisements."),
        Purpose(REVIEWED, "Comparing rented with owned traffic, and moving money between them."),
    )

    def __init__(self, params: OwnTrafficParams, first: int, join: float, usual: float) -> None:
        super().__init__(params)
        self.first, self.join, self.usual = first, join, usual

    @classmethod
    def on(cls, config: Any) -> bool:
        """Where there is a pool to invite people to, and a day from which on the firm looks."""
        own = config.section(cls.section)
        ruled = own.begins == "first_day" or config.policy.open_data
        return bool(own.enabled and ruled and config.private_domain.pool != "none")

    @classmethod
    def build(cls, config: Any, moment: Moment) -> list[Mechanism]:
        """Its acts, which know the day of the rule and how readily buyers join the pool."""
        own, policy, pool = config.section(cls.section), config.policy, config.private_domain
        later = policy.opens_from if own.begins == "rule" else 0
        return cls(own, moment.first_day + later, pool.join, pool.usual_belonging).acts()

    @act(
        Phase.DECIDE,
        reads=[
            "operator.allowance",
            "records.orders~",
            "records.spend~",
            "records.own_traffic_days~",
            "people.registered~",
            "people.private_domain~",
        ],
        writes=["records.own_traffic_looks", "records.spend", "ledger"],
        offers=True,
    )
    def review(self, world: World, draw: Draw) -> None:
        """Compare both costs on the day of a look, and say what is moved from now on."""
        p, thousand = self.params, len(world.people) / 1000.0
        since = world.day - self.first
        fen = to_fen(p.review_cost * thousand)
        if since < 0 or since % p.review_days or not world.affords(REVIEWED, fen):
            return
        costs, share = self.costs(world), part(world)
        wanted = next_share(p, share, costs)
        move = to_fen(p.switch_cost * abs(wanted - share) * thousand)
        wanted = wanted if world.affords(REVIEWED, fen + move) else share
        world.spend(REVIEWED, fen + (move if wanted != share else 0))
        cast("Any", world.records).own_traffic_looks.append(
            day=world.day, rented=costs.rented, owned=costs.owned, share=wanted
        )

    def costs(self, world: World) -> Costs:
        """What orders by either way cost in the days before today, commission of these orders included."""
        p, people = self.params, world.people
        first = world.day - p.window_days
        paid = cast("Any", world.records).own_traffic_days
        users = max(1, int(people.registered.sum()))
        duty = _spent(world, first, ("policy_duty_cost",)) * float(people.private_domain.sum()) / users
        invested = written_off(paid["day"], paid["fen"], first, world.day, p.life_days)
        return Costs(_each(world, first, *RENTED), _each(world, first, *OWNED, duty + invested))

    @act(
        Phase.DECIDE,
        reads=[
            "operator.media",
            "media#moved",
            "records.own_traffic_looks",
            "people.id",
            "people.belonging",
            "people.registered~",
            "people.private_domain",
            "people.own_traffic_asked",
        ],
        writes=[
            "operator.media",
            "people.private_domain",
            "people.own_traffic_asked",
            "records.own_traffic_days",
            "records.spend",
            "ledger",
        ],
        offers=True,
    )
    def invite(self, world: World, draw: Draw) -> None:
        """Invite as many as the moved money pays, out of who may be asked; the rest stays with media."""
        people, p, media = cast("Any", world.people), self.params, world.operator.media_fen
        share, gift = part(world), p.gift * 100.0
        free = people.registered & ~people.private_domain
        free &= world.day - people.own_traffic_asked >= p.rest_days
        seats = np.flatnonzero(free)
        luck = keyed_uniforms(draw("own_traffic.asked"), people.id[seats], 0)
        number = min(len(seats), int(share * media.sum() // gift))
        seats = seats[np.lexsort((people.id[seats], luck))[:number]]
        fen = to_fen(p.gift * number)
        chance = self.join * p.accepts * people.belonging[seats] / self.usual
        joined = seats[keyed_uniforms(draw("own_traffic.joins"), people.id[seats], 0) < chance]
        people.private_domain[joined] = True
        people.own_traffic_asked[seats] = world.day
        if fen:
            world.operator.media_fen = media - np.ceil(fen * media / media.sum()).astype(np.int64)
            world.spend(INVITED, fen)
        cast("Any", world.records).own_traffic_days.append(
            day=world.day, share=share, fen=fen, asked=number, joined=len(joined)
        )


def part(world: World) -> float:
    """Part of media money that goes to the own pool, as the last look left it."""
    share = cast("Any", world.records).own_traffic_looks["share"]
    return float(share[-1]) if len(share) else 0.0


def _spent(world: World, first: int, purposes: tuple[str, ...]) -> float:
    """Spent on these from an absolute day on, fen."""
    spend, kinds = world.records.spend, [world.kinds.booking(name).kind for name in purposes]
    mine = (spend["day"] >= first) & (spend["day"] < world.day) & np.isin(spend["kind"], kinds)
    return float(spend["fen"][mine].sum())


def _each(
    world: World, first: int, sources: tuple[str, ...], purposes: tuple[str, ...], more: float = 0.0
) -> float:
    """Cost of an order of these sources from an absolute day on, CNY; without an order, all of the cost.

    Where there was neither cost nor order nothing is known, and a firm that knows nothing moves nothing.
    """
    orders, numbers = world.records.orders, [world.kinds.source(name) for name in sources]
    mine = (orders["day"] >= first) & np.isin(orders["source"], numbers) & ~orders["carried_over"]
    fen = _spent(world, first, purposes) + more + float(orders["commission_fen"][mine].sum())
    number = int(mine.sum())
    return fen / 100.0 / max(1, number) if fen or number else float("nan")
