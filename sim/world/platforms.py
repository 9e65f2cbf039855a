"""Where people meet the brand: seven surfaces with reach, ad price, commission and feed.

A platform has a reach by consumer group and city tier, a price of attention that rises with
the brand's own spend, a commission on orders, a feed that gives unpaid impressions, and a
share of its visitors that it sends on to the brand's own site.
"""

from __future__ import annotations

import numpy as np

from sim.core.clock import DAYPARTS
from sim.core.params import Params, constant, uncertainty

PLATFORMS = ("douyin", "wechat", "xiaohongshu", "taobao_live", "jd", "own_site", "offline")
WECHAT, XIAOHONGSHU, OWN_SITE = 1, 2, 5


class SurfaceParams(Params):
    """Where people meet the brand: its own site has no more than this."""

    silver_vanguard: float = uncertainty(0.5, "share of group", "A-070", ge=0, le=1)
    """Reach in the group; by judgement from platform demographics."""

    cyber_native: float = uncertainty(0.5, "share of group", "A-071", ge=0, le=1)
    """Reach in the group."""

    eco_pioneer: float = uncertainty(0.5, "share of group", "A-072", ge=0, le=1)
    """Reach in the group."""

    lower_tier: float = uncertainty(1.0, "ratio", "F036", ge=0, le=3)
    """Reach in lower-tier cities relative to the mean, that of others following from it; Douyin reaches more
    than 65% of people there."""

    male: float = uncertainty(1.0, "ratio", "F035", ge=0, le=3)
    """Reach among men relative to the mean, women's following from it; 48% of Douyin users are men."""

    commission: float = constant(0.05, "share of revenue", "A-074", ge=0, le=0.5)
    """Technical service fee of the platform."""

    feed: float = uncertainty(0.3, "impressions/user/day", "A-075", ge=0, le=50)
    """Unpaid impressions an average user sees at average rank."""

    search: float = uncertainty(0.02, "visits/user/day with a need", "A-076", ge=0, le=5)
    """Search clicks of a user with a live need."""

    order_offset: float = uncertainty(0.0, "logit", "F008; fitted with F007, F037, F040, F101", ge=-4, le=4)
    """Calibrated intercept: baseline conversion by platform."""


class ShopParams(SurfaceParams):
    """Where people are sent on from, such as the brand's shops: a surface of others than the brand's site."""

    sends_on: float = uncertainty(0.1, "share of visits", "A-077", ge=0, le=1)
    """Visitors who follow a link to the brand's own site."""


class PlatformParams(ShopParams):
    """One platform, which sells attention."""

    cpm: float = uncertainty(20.0, "CNY/1000 impressions", "A-073", ge=0, le=2000)
    """Price of attention at a negligible spend; at the baseline's spend it is 22-33."""

    second_tier: bool = constant(False, "switch", "F010")
    """Attention on second-tier platforms is dearer by second_tier_premium."""


def _platform(
    silver: float,
    cyber: float,
    eco: float,
    cpm: float,
    commission: float,
    feed: float,
    search: float,
    sends_on: float,
    offset: float,
    *,
    lower_tier: float = 1.0,
    male: float = 1.0,
    second_tier: bool = False,
) -> PlatformParams:
    return PlatformParams(
        silver_vanguard=silver,
        cyber_native=cyber,
        eco_pioneer=eco,
        cpm=cpm,
        commission=commission,
        feed=feed,
        search=search,
        sends_on=sends_on,
        order_offset=offset,
        lower_tier=lower_tier,
        male=male,
        second_tier=second_tier,
    )


class PlatformsParams(Params):
    """All platforms, and how their prices and feeds respond (arguments: see :class:`PlatformParams`)."""

    douyin: PlatformParams = _platform(
        0.70, 0.88, 0.75, 19, 0.05, 0.16, 0.008, 0.08, -0.188, lower_tier=1.15, male=1.06
    )
    wechat: PlatformParams = _platform(0.95, 0.90, 0.95, 23, 0.01, 0.05, 0.004, 0.30, 0.994, male=1.0)
    xiaohongshu: PlatformParams = _platform(
        0.25, 0.60, 0.65, 24, 0.05, 0.16, 0.02, 0.25, 1.257, lower_tier=0.8, male=0.6
    )
    taobao_live: PlatformParams = _platform(0.45, 0.50, 0.55, 20, 0.05, 0.06, 0.016, 0.05, -0.13, male=0.9)
    jd: PlatformParams = _platform(
        0.35, 0.25, 0.40, 21.5, 0.06, 0.04, 0.016, 0.02, -0.414, male=1.2, second_tier=True
    )
    own_site: SurfaceParams = SurfaceParams(
        silver_vanguard=0.10,
        cyber_native=0.15,
        eco_pioneer=0.15,
        commission=0.0,
        feed=0.0,
        search=0.0,
        order_offset=0.6,
    )
    offline: ShopParams = ShopParams(
        silver_vanguard=0.20,
        cyber_native=0.10,
        eco_pioneer=0.20,
        commission=0.0,
        feed=0.02,
        search=0.0,
        sends_on=0.50,
        order_offset=0.4,
    )
    second_tier_premium: float = constant(0.40, "share", "F010", ge=0, le=3)
    """Extra price of attention on second-tier platforms."""

    price_slope: float = uncertainty(4.0, "share per 0.1 CNY/user/day", "A-078", ge=0, le=20, span=(1.0, 8.0))
    """Rise of the ad price with the brand's own spend; with saturation an experiment on the running market
    gives an advertising elasticity of 0.13 (published 0.12 short, 0.24 long run)."""

    rank_elasticity: float = uncertainty(0.4, "elasticity", "A-079", ge=0.2, le=0.8, span=(0.2, 0.8))
    """Unpaid impressions against the last 7 days' sales per thousand impressions."""

    reference_sales: float = constant(200.0, "CNY/1000 impressions", "A-080", ge=1, le=10000)
    """Sales per thousand impressions at which the feed gives its average rank."""

    score_weight: float = uncertainty(0.8, "share", "A-081", ge=0, le=3, span=(0.2, 2.0))
    """Loss of rank per unit of low scores, returns and weighted complaints above the usual."""

    complaint_weight: float = uncertainty(1.0, "ratio", "A-885", ge=0, le=10, span=(0.5, 3))
    """Weight of a complaint in the score, on top of the low score that it comes with."""

    usual_low_score: float = constant(0.10, "share of deliveries", "A-886; Olist: 9% on time", ge=0, le=1)
    """Low scores of an average store."""

    usual_returns: float = constant(0.05, "share of deliveries", "A-887", ge=0, le=1)
    """Returns of an average store with this assortment."""

    usual_complaints: float = constant(
        0.025, "share of deliveries", "A-888; a quarter of low scores", ge=0, le=1
    )
    """Complaints of an average store."""

    rank_floor: float = uncertainty(0.25, "ratio", "A-889", ge=0.01, le=1)
    """Sales per impression, relative to the reference, below which the feed punishes no further."""

    rank_ceiling: float = uncertainty(4.0, "ratio", "A-890", ge=1, le=100)
    """The same above which it rewards no further."""

    least_standing: float = uncertainty(0.2, "ratio", "A-891", ge=0, le=1)
    """What a bad score cannot take of the rank."""


def _price(row: SurfaceParams, premium: float) -> float:
    """Price of a thousand impressions at a negligible spend, CNY; 0 where none are sold."""
    if not isinstance(row, PlatformParams):
        return 0.0
    return row.cpm * (1 + premium if row.second_tier else 1.0)


class Platforms:
    """Platform state as columns, one row a platform.

    Attributes
    ----------
    adstock : float64[n_platforms]
        Carried-over paid impressions per reachable user.
    sales, impressions : float64[n_platforms]
        Exponentially weighted 7-day sums of net sales (CNY) and impressions.
    rank : float64[n_platforms]
        Multiplier of unpaid impressions.
    low_score, return_share, complaint_share : float64[n_platforms]
        Exponentially weighted shares that make up the store score.
    traffic : float64[n_platforms]
        Share of its usual traffic, paid and unpaid, that shocks leave a platform.
    paid_traffic, unpaid_traffic : float64[n_platforms]
        The same of bought impressions alone, and of feed and search alone.
    commission_rise : float64[n_platforms]
        Rise of the platform's commission, as a share of the usual one.
    dearness, growth : float64[n_platforms]
        Price of attention relative to that against usual bidders, and traffic of feeds relative to the usual.
    ban_until : int64[n_platforms]
        First day on which a ban is over.
    ban_loss : float64[n_platforms]
        Share of its traffic that a ban takes while it lasts.
    paid_scale, feed_scale : float64[n_platforms]
        Today's impressions per unit of a person's time on the platform.
    paid_slots : float64[n_dayparts, n_platforms]
        Paid impressions of a part of the day relative to those, 1 where hours are not chosen.
    """

    COLUMNS = (
        "adstock",
        "sales",
        "impressions",
        "rank",
        "low_score",
        "return_share",
        "complaint_share",
        "traffic",
        "paid_traffic",
        "unpaid_traffic",
        "commission_rise",
        "dearness",
        "growth",
        "ban_until",
        "ban_loss",
    )

    def __init__(self, params: PlatformsParams) -> None:
        rows: list[SurfaceParams] = [getattr(params, name) for name in PLATFORMS]
        n = len(rows)
        self.adstock = np.zeros(n)
        self.impressions = np.full(n, 1.0)
        self.sales = np.full(n, params.reference_sales / 1000.0)
        self.rank = np.ones(n)
        self.low_score = np.full(n, params.usual_low_score)
        self.return_share = np.full(n, params.usual_returns)
        self.complaint_share = np.full(n, params.usual_complaints)
        self.traffic = np.ones(n)
        self.paid_traffic = np.ones(n)
        self.unpaid_traffic = np.ones(n)
        self.commission_rise = np.zeros(n)
        self.dearness = np.ones(n)
        self.growth = np.ones(n)
        self.ban_until = np.zeros(n, np.int64)
        self.ban_loss = np.zeros(n)
        self.paid_scale = np.zeros(n)
        self.feed_scale = np.zeros(n)
        self.paid_slots = np.ones((DAYPARTS, n))
        self.reach = np.array([[r.silver_vanguard, r.cyber_native, r.eco_pioneer] for r in rows]).T
        self.lower_tier = np.array([r.lower_tier for r in rows])
        self.male = np.array([r.male for r in rows])
        self.cpm = np.array([_price(r, params.second_tier_premium) for r in rows])
        self.commission = np.array([r.commission for r in rows])
        self.feed = np.array([r.feed for r in rows])
        self.search = np.array([r.search for r in rows])
        self.sends_on = np.array([r.sends_on if isinstance(r, ShopParams) else 0.0 for r in rows])
        self.order_offset = np.array([r.order_offset for r in rows])

    def commission_due(self, rise: np.ndarray) -> np.ndarray:
        """float64[n_platforms]: commission as a share of the price after a rise, never above all of it."""
        return np.minimum(1.0, self.commission * (1.0 + rise))

    def open_share(self, day: int) -> np.ndarray:
        """float64[n_platforms]: share of its usual traffic, paid and unpaid, that each gives on a day.

        Whoever shows people anything on a platform asks here: feeds, search, paid media, posts,
        sessions, shares, sellers' links and private messages.
        """
        return self.traffic * np.where(day < self.ban_until, 1.0 - self.ban_loss, 1.0)

    def state(self) -> dict[str, np.ndarray]:
        """Changing columns, for a snapshot."""
        return {name: getattr(self, name).copy() for name in self.COLUMNS}

    def restore(self, state: dict[str, np.ndarray]) -> None:
        """Take up the columns of :meth:`state`."""
        for name in self.COLUMNS:
            getattr(self, name)[:] = state[name]
