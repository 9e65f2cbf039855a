"""Other bidders for the same attention: auctions on each platform and day, and traffic whose growth slows.

A slot goes to the largest product of bid, predicted click and predicted conversion, at the price that just
beats the second. The brand buys where its money goes furthest: the cheapest slots first, until the day's
budget is spent. What others bid follows their budgets, which drift around a trend, grow, and rise before
festivals; how the brand is predicted to do follows its rank on the platform, in which sales per impression
and the store score (low scores, returns, complaints) stand. What comes out is a ratio: how much dearer the
same purchase is than against usual rivals and for a usual store. The price at usual rivals stays that of
:mod:`sim.demand.media`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, ClassVar, cast

import numpy as np

from sim.core.jit import njit
from sim.core.normals import normals
from sim.core.params import Params, constant, uncertainty
from sim.core.rng import Draw, keyed_uniforms
from sim.demand.media import dearer
from sim.feature import Feature, Figure, Moment, act
from sim.mechanism import Mechanism, Phase
from sim.world.world import World

_DAYS_A_YEAR = 365.0
#: Rank below which a store is predicted no worse.
LEAST_RANK = 1e-6
#: Decimals of the ratio of prices.
DECIMALS = 9
#: Days looked back on, in time constants of the drift: what is left out is below 1% of its variance.
_LOOK_BACK = 3
#: Draws of a day are numbered from here, so that days before the first have numbers too.
_FIRST = 1_000_000


class BiddersParams(Params):
    """Who else bids, and how traffic grows."""

    enabled: bool = constant(False, "switch", "definition")
    """Others bid for the same attention."""

    rivals: int = constant(4, "bidders/platform", "A-1199", ge=1, le=50)
    """Others whose advertisements fit the same people."""

    auctions: int = constant(200, "auctions/platform/day", "A-1200", ge=10, le=10_000)
    """Auctions that are drawn to stand for a day's."""

    offered: float = uncertainty(12.0, "slots/user/day", "A-1201", ge=0.1, le=1000, span=(5, 30))
    """Slots a day in which the brand's advertisements could be shown to a user."""

    spread: float = uncertainty(0.3, "log", "A-1202", ge=0, le=3, span=(0.1, 0.6))
    """Standard deviation of a rival's log budget around its trend."""

    revert_days: float = uncertainty(30.0, "days", "A-1203", ge=1, le=365, span=(7, 120))
    """Time constant with which budgets come back to their trend."""

    season: float = uncertainty(1.0, "log budget/log demand", "A-1204", ge=0, le=5, span=(0.5, 2))
    """How far rivals' budgets follow the demand that the calendar foresees."""

    growth: float = uncertainty(0.25, "share/year", "A-1205", ge=-0.9, le=5, span=(0.1, 0.5))
    """Growth of rivals' budgets from the end of the burn-in on."""

    traffic_first: float = uncertainty(0.25, "share/year", "A-1206", ge=-0.9, le=5, span=(0.12, 0.4))
    """Growth of platforms' traffic as the burn-in ends."""

    traffic_last: float = uncertainty(0.12, "share/year", "F009", ge=-0.9, le=5, span=(0.05, 0.2))
    """Growth to which it slows down: that of sales on leading platforms, read as growth of traffic."""

    slowing_days: float = uncertainty(180.0, "days", "A-1207", ge=1, le=3650, span=(60, 720))
    """Time constant with which it slows."""

    unlike: float = uncertainty(0.5, "log", "A-1208", ge=0, le=3, span=(0.2, 1))
    """Standard deviation of what a slot is worth to a rival, from slot to slot."""

    error: float = uncertainty(0.3, "log", "A-1209", ge=0, le=3, span=(0.1, 0.6))
    """Standard error of the brand's predicted clicks times conversions in one auction."""

    quality: float = uncertainty(0.5, "log/log rank", "A-1210", ge=0, le=3, span=(0, 1))
    """Weight of the brand's rank on the platform in its predicted clicks and conversions."""


def share_bought(thresholds: np.ndarray, spend: float) -> float:
    """Share of slots that a spend buys, the cheapest first.

    Parameters
    ----------
    thresholds : float64[m]
        What the brand pays for each slot when it wins it: the price that just beats the best of the others.
    spend : float
        Money per slot on offer, in the thresholds' unit.
    """
    cost = np.concatenate(([0.0], np.cumsum(np.sort(thresholds)))) / len(thresholds)
    return float(np.interp(spend, cost, np.linspace(0.0, 1.0, len(cost))))


def cost_of(thresholds: np.ndarray, share: float) -> float:
    """Money per slot on offer that the cheapest ``share`` (0..1) of them costs: the inverse of a purchase."""
    cost = np.concatenate(([0.0], np.cumsum(np.sort(thresholds)))) / len(thresholds)
    return float(np.interp(share, np.linspace(0.0, 1.0, len(cost)), cost))


def drift(normals: np.ndarray, days: float) -> np.ndarray:
    """Stationary mean-reverting drift of unit variance at the last of some days.

    Parameters
    ----------
    normals : float64[days looked back on, ...]
        Innovations of unit variance, the latest first.
    days : float
        Time constant.
    """
    kept = math.exp(-1.0 / days)
    weight = kept ** np.arange(len(normals))
    weight /= math.sqrt(float((weight**2).sum()))
    now: np.ndarray = np.tensordot(weight, normals, axes=1)
    return now


def growth_since(first: float, last: float, slowing: float, days: float) -> float:
    """Log growth after some days of a rate a year that slows from ``first`` to ``last``."""
    if days <= 0.0:
        return 0.0
    early = (math.log1p(first) - math.log1p(last)) * slowing * -math.expm1(-days / slowing)
    return (math.log1p(last) * days + early) / _DAYS_A_YEAR


def _normals(stream: np.uint64, who: np.ndarray) -> np.ndarray:
    """Normal draws of unit variance, one for each number of ``who``, in its shape."""
    numbers = who.ravel().astype(np.int64)
    u, v = (keyed_uniforms(stream, numbers, side) for side in (0, 1))
    return normals(u, v).reshape(who.shape)


@njit(cache=True)
def users_of(affinity):
    """int64[n_platforms]: people with any affinity to each platform."""
    users = np.zeros(affinity.shape[1], np.int64)
    for i in range(affinity.shape[0]):
        for k in range(affinity.shape[1]):
            users[k] += affinity[i, k] > 0.0
    return users


class Bidders(Feature):
    """Auctions against rivals whose money drifts; traffic whose growth slows (S004)."""

    section = "bidders"
    Params = BiddersParams
    world = True
    events: ClassVar = {
        "bidders_days": {
            "day": ("int32", "absolute day"),
            "platform": ("int8", "platform"),
            "dearness": ("float64", "price relative to that against usual rivals"),
            "share": ("float64", "share of slots bought"),
            "budgets": ("float64", "rivals' mean log budget, relative to the usual"),
            "traffic": ("float64", "traffic relative to that at the end of the burn-in"),
        }
    }
    figures = (
        Figure(
            "bidders_dearness",
            "Price of attention against the usual (mean over platforms and days)",
            "ratio",
            over=lambda t: t["bidders_days"]["dearness"],
            per=lambda t: np.ones(len(t["bidders_days"]["day"])),
        ),
    )

    def __init__(self, params: BiddersParams, slope: float, since: int) -> None:
        super().__init__(params)
        self.slope, self.since = slope, since

    @classmethod
    def build(cls, config: Any, moment: Moment) -> list[Mechanism]:
        """Its acts, which know how the price rises with the brand's own spend, and when trends begin."""
        since = moment.burn_in or moment.first_day
        return cls(config.section(cls.section), config.platforms.price_slope, since).acts()

    @act(
        Phase.DECIDE,
        reads=["operator.media", "people.affinity", "platforms.rank~", "conditions.foreseen"],
        writes=["platforms.auction", "records.bidders_days"],
    )
    def bid(self, world: World, draw: Draw) -> None:
        """Hold the day's auctions."""
        p, platforms = self.params, world.platforms
        sold = np.flatnonzero(platforms.cpm > 0.0)
        traffic = growth_since(p.traffic_first, p.traffic_last, p.slowing_days, world.day - self.since)
        budgets = self.budgets(world, draw, sold)
        budgets += math.log1p(p.growth) * max(0, world.day - self.since) / _DAYS_A_YEAR - traffic
        users = np.maximum(users_of(world.people.affinity), 1.0)
        spend = np.where(platforms.cpm > 0.0, world.operator.media_fen / 100.0 / users, 0.0)
        platforms.growth[:] = math.exp(traffic)
        shares, slots = np.zeros(len(sold)), self._slots(draw, sold)
        for n, k in enumerate(sold.tolist()):
            usual, today = self._thresholds(slots, n, budgets[n], float(world.platforms.rank[k]))
            price = dearer(platforms.cpm[k], self.slope, spend[k]) / 1000.0
            wanted = min(1.0, spend[k] / price / (p.offered * math.exp(traffic)))
            shares[n] = share_bought(today, cost_of(usual, wanted))
            ratio = wanted / shares[n] if shares[n] > 0.0 else today.min() / usual.min()
            platforms.dearness[k] = round(float(ratio), DECIMALS)
        cast("Any", world.records).bidders_days.append(
            day=world.day,
            platform=sold,
            dearness=platforms.dearness[sold],
            share=shares,
            budgets=budgets.mean(axis=1),
            traffic=np.full(len(sold), math.exp(traffic)),
        )

    def budgets(self, world: World, draw: Draw, sold: Sequence[int] | np.ndarray) -> np.ndarray:
        """float64[platforms, rivals]: log budgets around their trend; nothing of the market moves them."""
        p = self.params
        back = np.arange(math.ceil(_LOOK_BACK * p.revert_days))[:, None, None]
        number = np.asarray(sold)[None, :, None] * p.rivals + np.arange(p.rivals)[None, None, :]
        who = (_FIRST + world.day - back) * 1000 + number
        foreseen = float(np.mean(world.conditions.foreseen))
        moved = p.spread * drift(_normals(draw.timeless("bidders.budget"), who), p.revert_days)
        return moved + p.season * math.log(max(foreseen, 1e-9))

    def _slots(self, draw: Draw, sold: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Worth of slots to rivals, float64[platforms, auctions, rivals], and the brand's own errors."""
        p = self.params
        slots = p.auctions * sold[:, None] + np.arange(p.auctions)
        worth = _normals(draw("bidders.worth"), slots[:, :, None] * p.rivals + np.arange(p.rivals))
        return p.unlike * worth, p.error * _normals(draw("bidders.error"), slots)

    def _thresholds(
        self, slots: tuple[np.ndarray, np.ndarray], nth: int, budgets: np.ndarray, rank: float
    ) -> tuple[np.ndarray, np.ndarray]:
        """float64[auctions] each: what a slot costs the brand against usual rivals, and against today's."""
        worth, seen = slots[0][nth], slots[1][nth]
        better = self.params.quality * math.log(max(rank, LEAST_RANK))
        usual = np.exp(worth.max(axis=1) - seen)
        return usual, np.exp((worth + budgets).max(axis=1) - seen - better)
