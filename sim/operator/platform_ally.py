"""A platform as a partner: it gives traffic and commission, gets a part of payments, and stays or leaves.

While a platform is a member of the alliance it shows the brand's posts to more people than their rank earns
and takes a lower commission; the brand pays it a part of what customers pay there. The platform keeps books
of its own: what the traffic would have sold for and the commission it let go, against its part of payments
and the commission on what the further traffic sold. It leaves as any partner does, and comes back after a
probation if the offer then covers more than the one that it left.
"""

from __future__ import annotations

import math
from typing import Any, ClassVar, Literal, NamedTuple, cast

import numpy as np

from sim.core.ledger import to_fen
from sim.core.lookup import rows_of
from sim.core.params import Params, lever, uncertainty
from sim.core.rng import Draw, keyed_uniforms
from sim.feature import Feature, Figure, Moment, Schema, act
from sim.mechanism import Mechanism, Phase
from sim.operator.partner_bargain import unpaid
from sim.world.kinds import Purpose
from sim.world.platforms import PLATFORMS
from sim.world.schema import Source
from sim.world.world import World

UPKEEP, PART = "platform_ally_upkeep", "platform_ally_part"
#: What unpaid traffic brings: a platform that gives more of it is searched more as well.
_UNPAID = (int(Source.ORGANIC_FEED), int(Source.SEARCH))
#: Impressions that a price is named for.
_THOUSAND = 1000.0


class PlatformAllyParams(Params):
    """What is agreed with a platform, and when it stays."""

    enabled: bool = lever(False, "switch", "S060")
    """A platform is asked to join."""

    platform: Literal["douyin", "wechat", "xiaohongshu", "taobao_live", "jd"] = lever(
        "douyin", "platform", "S060"
    )
    """Which one."""

    traffic: float = lever(0.3, "share of unpaid traffic", "S060; A-1481", ge=0, le=3, span=(0, 1))
    """Unpaid impressions and searches beyond those that it would give, while it is a member."""

    rebate: float = lever(0.1, "share of commission", "S060; A-1482", ge=0, le=0.9, span=(0, 0.5))
    """Commission that it lets go."""

    share: float = lever(0.03, "share of payments", "S066; A-1483", ge=0, le=0.9, span=(0, 0.15))
    """Its part of what customers pay for orders on it, beside the commission."""

    upkeep: float = uncertainty(
        1.0,
        "CNY/1,000 people/day",
        "A-1484; people who keep the agreement, no data",
        ge=0,
        le=1000,
        span=(0.2, 4),
        scope="strategy",
    )
    """What the agreement takes; a day without money for it ends the agreement."""

    sells: float = uncertainty(
        0.3,
        "share",
        "A-1485; unpaid places are not all for sale, no data",
        ge=0,
        le=1,
        span=(0.1, 0.8),
        scope="strategy",
    )
    """Further impressions that the platform would have sold at the price of advertisements."""

    memory: float = uncertainty(
        30.0, "days", "A-1486; as partners.memory", ge=1, le=365, span=(14, 90), scope="strategy"
    )
    """Time over which it averages; it neither leaves nor comes back before."""

    leaves: float = uncertainty(
        0.05, "chance/day", "A-1487; no data", ge=0, le=1, span=(0.01, 0.2), scope="strategy"
    )
    """It leaves where nothing covers what it gives; less in proportion to what is covered."""

    probation_days: int = uncertainty(
        30, "days", "A-1488; a month of talks, no data", ge=1, le=3650, span=(14, 120), scope="strategy"
    )
    """Time after which a platform that has left looks at the offer again."""

    returns: float = uncertainty(
        0.1, "chance/day", "A-1489; no data", ge=0, le=1, span=(0.02, 0.3), scope="strategy"
    )
    """It comes back, if the offer covers more than when it left by all that it gives; less in proportion."""


class Standing(NamedTuple):
    """How it stands with the platform: fen a day of late, absolute days, and the offer that it left.

    ``cover`` is what it got over what it gave when it left, ``left_share`` and ``left_sales`` the part and
    the payments that this came from.
    """

    member: bool
    since: int
    got: float
    gave: float
    sales: float
    cover: float
    left_share: float
    left_sales: float


def offered(p: PlatformAllyParams, now: Standing) -> float:
    """What the part of payments would cover of the platform's gift today, by the books it left with."""
    before = now.left_share * now.left_sales
    if before <= 0.0:
        return p.share * now.sales / now.gave if now.gave > 0.0 else 0.0
    return now.cover * p.share * now.sales / before


def gone(p: PlatformAllyParams, now: Standing, day: int) -> Standing:
    """How it stands once the platform has left on an absolute day, with the offer that it left in mind."""
    cover = now.got / now.gave if now.gave > 0.0 else 1.0
    return now._replace(member=False, since=day, cover=cover, left_share=p.share, left_sales=now.sales)


def decide(p: PlatformAllyParams, now: Standing, day: int, luck: float) -> Standing:
    """Stay, leave or come back.

    Parameters
    ----------
    p : PlatformAllyParams
        The offer, and how readily a platform decides.
    now : Standing
        How it stands.
    day : int
        Absolute day.
    luck : float
        Uniform on 0..1.
    """
    if now.member:
        missing = float(unpaid(np.array([now.got]), np.array([now.gave]))[0])
        if day - now.since < p.memory or luck >= p.leaves * missing:
            return now
        return gone(p, now, day)
    better = min(1.0, max(0.0, offered(p, now) - now.cover))
    if day - now.since < p.probation_days or luck >= p.returns * better:
        return now
    return now._replace(member=True, since=day, got=0.0, gave=0.0)


class PlatformAlly(Feature):
    """A platform in the alliance (S060)."""

    section = "platform_ally"
    Params = PlatformAllyParams
    events: ClassVar[dict[str, Schema]] = {
        "platform_ally_days": {
            "day": ("int32", "absolute day"),
            "gives": ("bool", "gave traffic and commission today"),
            "part_fen": ("int64", "its part of payments today, fen"),
            "member": ("bool", "is a member from tomorrow on"),
            "since": ("int32", "absolute day since which it is, or is not"),
            "got": ("float64", "what it gets a day, of late, fen"),
            "gave": ("float64", "what its gift is worth a day, of late, fen"),
            "sales": ("float64", "payments on it a day, of late, fen"),
            "cover": ("float64", "what it got over what it gave when it left"),
            "left_share": ("float64", "its part of payments when it left"),
            "left_sales": ("float64", "payments a day when it left, fen"),
        }
    }
    figures = (
        Figure(
            "platform_ally_gives",
            "Days on which a platform is a partner",
            "share",
            over=lambda t: t["platform_ally_days"]["gives"],
            per=lambda t: np.ones(len(t["platform_ally_days"]["day"])),
        ),
        Figure(
            "platform_ally_paid",
            "A platform's part of payments",
            "CNY",
            over=lambda t: t["platform_ally_days"]["part_fen"] / 100.0,
        ),
    )
    declares = (
        Purpose(UPKEEP, "The agreement with a platform that is a partner."),
        Purpose(PART, "A platform's part of what customers pay on it."),
    )

    def __init__(self, params: PlatformAllyParams, moved: frozenset[str]) -> None:
        super().__init__(params)
        self.moved, self.at = moved, PLATFORMS.index(params.platform)

    @classmethod
    def build(cls, config: Any, moment: Moment) -> list[Mechanism]:
        """Its acts, which know what shocks move of traffic and commission."""
        moved = frozenset(name for one in config.shock.listed().values() for name in one.moves)
        return cls(config.section(cls.section), moved).acts()

    @act(
        Phase.STRIKE,
        reads=["platforms.traffic", "platforms.commission"],
        writes=["platforms.traffic", "platforms.commission", "traffic#given"],
    )
    def untie(self, world: World, draw: Draw) -> None:
        """Platforms are as they would be without the agreement, until the platform is asked."""
        if "unpaid_traffic" not in self.moved:
            world.platforms.unpaid_traffic[:] = 1.0
        if "commission" not in self.moved:
            world.platforms.commission_rise[:] = 0.0

    @act(
        Phase.STRIKE,
        reads=["platforms.traffic", "platforms.commission", "records.platform_ally_days~"],
        writes=["platforms.traffic", "platforms.commission", "traffic#given"],
        offers=True,
    )
    def give(self, world: World, draw: Draw) -> None:
        """A member shows the brand to more people and takes less."""
        if not standing(world).member:
            return
        platforms, p = world.platforms, self.params
        platforms.unpaid_traffic[self.at] *= 1.0 + p.traffic
        rise = 1.0 + platforms.commission_rise[self.at]
        platforms.commission_rise[self.at] = rise * (1.0 - p.rebate) - 1.0

    @act(
        Phase.MEASURE,
        reads=[
            "records.orders",
            "records.deliveries",
            "records.returns",
            "records.media",
            "records.platform_ally_days",
            "operator.allowance",
        ],
        writes=["records.platform_ally_days", "records.spend", "ledger"],
        offers=True,
    )
    def settle(self, world: World, draw: Draw) -> None:
        """Pay the platform its part and the agreement, and let it stay, leave or come back."""
        p, now = self.params, standing(world)
        sales = self.payments(world)
        part = math.floor(p.share * sales + 0.5) if now.member else 0
        world.spend(PART, part)
        fen = to_fen(p.upkeep * len(world.people) / 1000.0)
        kept = now.member and world.affords(UPKEEP, fen)
        world.spend(UPKEEP, fen if kept else 0)
        got, gave = self.books(world, part) if now.member else (0.0, now.gave)
        pace = 1.0 - math.exp(-1.0 / p.memory)
        # first days count alike: from nothing a mean would rise by itself, as if more were offered day by day
        known = max(pace, 1.0 / (len(cast("Any", world.records).platform_ally_days) + 1))
        own = max(pace, 1.0 / (world.day - now.since + 1)) if now.member else pace
        mean = now._replace(
            got=now.got + own * (got - now.got),
            gave=now.gave + own * (gave - now.gave),
            sales=now.sales + known * (sales - now.sales),
        )
        luck = float(keyed_uniforms(draw("platform_ally.decides"), np.zeros(1, np.int64), 0)[0])
        over = now.member and not kept
        after = gone(p, mean, world.day) if over else decide(p, mean, world.day, luck)
        cast("Any", world.records).platform_ally_days.append(
            day=world.day, gives=now.member, part_fen=part, **after._asdict()
        )

    def payments(self, world: World) -> float:
        """What customers paid for orders on the platform that were handed over today, less refunds, fen."""
        orders, total = world.records.orders, 0.0
        for table, column, sign in (("deliveries", "paid_fen", 1.0), ("returns", "refund_fen", -1.0)):
            rows = getattr(world.records, table)
            at = rows_of(orders["order_id"], rows.today("order_id"))
            here = (at >= 0) & (orders["surface"][at] == self.at)
            total += sign * float(rows.today(column)[here].sum())
        return total

    def books(self, world: World, part: int) -> tuple[float, float]:
        """What the platform got today and what it gave, fen: traffic at its price, commission let go."""
        p, orders, media = self.params, world.records.orders, world.records.media
        more = p.traffic / (1.0 + p.traffic)
        mine = media.today("platform") == self.at
        shown = float(media.today("organic_impressions")[mine].sum()) * more
        price = float(media.today("cpm_fen")[mine].sum()) / _THOUSAND
        here = orders.today("surface") == self.at
        fed = here & (orders.today("origin") == self.at) & np.isin(orders.today("source"), _UNPAID)
        owed = (orders.today("commission_fen") - orders.today("campaign_commission_fen")).astype(np.float64)
        let_go = p.rebate / (1.0 - p.rebate) * float(owed[here].sum())
        return part + more * float(owed[fed].sum()), p.sells * shown * price + let_go


def standing(world: World) -> Standing:
    """How it stood at the end of yesterday; a platform that was never asked joins."""
    table = cast("Any", world.records).platform_ally_days
    if not len(table):
        return Standing(True, world.day, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
    return Standing(*(table[name][-1].item() for name in Standing._fields))
