"""Media: the operator buys attention, and its price rises with what it spends.

Each platform's budget buys impressions at a price that grows with spend per user; exposure
carries over as adstock and saturates. Unpaid impressions follow the feed's rank: the last
week's sales per thousand impressions and the store score. One bill a platform and day; what a
platform that has lost traffic does not show is not billed.
"""

from __future__ import annotations

import math

import numpy as np

from sim.core.clock import DAYPARTS
from sim.core.jit import njit
from sim.core.params import Params, constant, lever, uncertainty
from sim.core.rng import Draw
from sim.mechanism import Phase
from sim.world.platforms import PlatformsParams
from sim.world.rhythm import Rhythm
from sim.world.schema import Spend
from sim.world.world import World

#: CNY a user and day: the unit in which ``platforms.price_slope`` states a spend.
SLOPE_UNIT = 0.1


def dearer(cpm: float, slope: float, spend: float) -> float:
    """Price of a thousand impressions, CNY, at a spend of the brand in CNY a user and day."""
    return cpm * (1.0 + slope * spend / SLOPE_UNIT)


class MediaParams(Params):
    """Carry-over, saturation and targeting of paid media."""

    enabled: bool = lever(True, "switch", "definition")
    """Off: no paid media."""

    carry_over: float = uncertainty(0.4, "share/day", "A-103", ge=0, le=0.95, span=(0.2, 0.6))
    """Adstock kept from one day to the next."""

    saturation: float = uncertainty(0.5, "impressions/user/day", "A-104", ge=0.001, le=20, span=(0.25, 1.0))
    """Ceiling of effective paid exposure; half of it is reached when 69% of it is bought."""

    targeting: float = uncertainty(1.6, "ratio", "A-105", ge=1, le=10, span=(1.0, 3.0))
    """Delivery prefers likely buyers: impressions of registered users relative to others (Blake 2015 finds
    such selection)."""

    window: float = constant(7.0, "days", "A-106", ge=0.5, le=90)
    """Days of sales that feed rank looks back on."""


@njit(cache=True)
def _platform_totals(activity, affinity, registered, targeting):
    """Sums over people by platform: float64[3, n_platforms], delivery weights, count of users, and time."""
    out = np.zeros((3, affinity.shape[1]))
    for i in range(activity.shape[0]):
        favour = targeting if registered[i] else 1.0
        for p in range(affinity.shape[1]):
            time = activity[i] * affinity[i, p]  # added where it is 0 too: a branch would cost more
            out[0, p] += time * favour
            out[1, p] += 1.0 if affinity[i, p] > 0.0 else 0.0
            out[2, p] += time
    return out


class Media:
    """Buys the day's impressions and sets the scale of exposure for the day."""

    name = "media"
    phase = Phase.DECIDE
    reads = frozenset(
        {
            "operator.media",
            "people.activity",
            "people.affinity",
            "people.registered~",
            "platforms.rank~",
            "platforms.adstock",
            "platforms.traffic",
            "platforms.ban~",
            "platforms.auction",
        }
    )
    writes = frozenset({"platforms.adstock", "platforms.scale", "records.media", "records.spend", "ledger"})

    def __init__(self, params: MediaParams, platforms: PlatformsParams, rhythm: Rhythm | None = None) -> None:
        self.params = params
        self.slope = platforms.price_slope
        self.rhythm = rhythm if rhythm is not None and rhythm.params.moved > 0.0 else None

    def act(self, world: World, draw: Draw) -> None:
        """Spend today's budget; adstock fades and the feed goes on whether or not anything is spent."""
        platforms, people, p = world.platforms, world.people, self.params
        totals = _platform_totals(people.activity, people.affinity, people.registered, p.targeting)
        weight, users = totals[0], np.maximum(totals[1], 1.0)
        bought = np.zeros(len(users), np.int64)
        price = np.zeros(len(users), np.int64)
        slot_price = np.ones(len(users)) if self.rhythm is None else self.rhythm.media_price()
        bill = world.operator.media_fen if p.enabled else np.zeros(len(users), np.int64)
        for k in range(len(users)):
            cpm = dearer(platforms.cpm[k], self.slope, bill[k] / 100.0 / users[k]) * platforms.dearness[k]
            cpm *= slot_price[k]
            price[k] = round(cpm * 100.0)
            bought[k] = int(bill[k] * 1000 // price[k]) if price[k] > 0 else 0
        open_share = platforms.open_share(world.day)
        shown = open_share * platforms.paid_traffic
        stock = bought / users + p.carry_over * platforms.adstock
        effective, platforms.paid_slots = self._by_daypart(stock)
        effective = effective * shown
        platforms.adstock[:] = bought * shown / users + p.carry_over * platforms.adstock
        platforms.paid_scale[:] = np.where(weight > 0, effective * users / np.maximum(weight, 1e-12), 0.0)
        unpaid = open_share * platforms.unpaid_traffic * platforms.growth
        platforms.feed_scale[:] = platforms.feed * platforms.rank * unpaid
        billed, delivered = (np.floor(amount * shown).astype(np.int64) for amount in (bill, bought))
        self._book(world, billed, delivered, price, totals[2])

    def _by_daypart(self, stock: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Exposure per user of a day, and each part's relative to it; every part has a ceiling of its own."""
        if self.rhythm is None:
            return self._effective(stock), np.ones((DAYPARTS, len(stock)))
        parts = np.array([self._effective(stock * part) for part in self.rhythm.media_parts()])
        whole = (self.rhythm.time * parts).sum(axis=0)
        return whole, np.divide(parts, whole, out=np.ones_like(parts), where=whole > 0.0)

    def _effective(self, stock: np.ndarray) -> np.ndarray:
        """Exposure per user that saturates in the stock of impressions bought today and carried over."""
        p = self.params
        return np.array(
            [p.saturation * (1.0 - math.exp(-(1.0 - p.carry_over) * a / p.saturation)) for a in stock]
        )

    def _book(
        self, world: World, bill: np.ndarray, bought: np.ndarray, price: np.ndarray, time: np.ndarray
    ) -> None:
        total = int(bill.sum())
        world.spend(Spend.MEDIA, total)
        feed = np.rint(time * world.platforms.feed_scale)
        world.records.media.append(
            day=world.day,
            platform=np.arange(len(bill)),
            spend_fen=bill,
            impressions=bought,
            cpm_fen=price,
            organic_impressions=feed.astype(np.int64),
        )


class Ranking:
    """Feed rank follows last week's net sales per thousand impressions and the store score."""

    name = "ranking"
    phase = Phase.SETTLE
    reads = frozenset({"records.orders", "records.media", "records.deliveries", "records.returns"})
    writes = frozenset({"platforms.rank", "platforms.sales", "platforms.impressions", "platforms.score"})

    def __init__(self, params: MediaParams, platforms: PlatformsParams) -> None:
        self.decay = math.exp(-1.0 / params.window)
        self.platforms = platforms

    def act(self, world: World, draw: Draw) -> None:
        """Update the weekly sums and tomorrow's rank."""
        state, records = world.platforms, world.records
        n = len(state.rank)
        sold = np.bincount(records.orders.today("origin"), records.orders.today("paid_fen") / 100.0, n)
        seen = np.bincount(
            records.media.today("platform"),
            records.media.today("impressions") + records.media.today("organic_impressions"),
            n,
        )
        state.sales[:] = self.decay * state.sales + sold
        state.impressions[:] = self.decay * state.impressions + seen
        self._score(world)
        usual = self.platforms.reference_sales / 1000.0
        for k in range(n):
            if state.feed[k] == 0.0:  # the brand's own site has no feed to rank in
                continue
            yield_ = state.sales[k] / max(1.0, state.impressions[k])
            p = self.platforms
            ratio = min(p.rank_ceiling, max(p.rank_floor, yield_ / usual))
            penalty = p.score_weight * (
                (state.low_score[k] - p.usual_low_score)
                + (state.return_share[k] - p.usual_returns)
                + p.complaint_weight * (state.complaint_share[k] - p.usual_complaints)
            )
            state.rank[k] = ratio**p.rank_elasticity * max(p.least_standing, 1.0 - penalty)

    def _score(self, world: World) -> None:
        """Store score: low scores, complaints and returns of deliveries, weighted to the last week."""
        records, state = world.records, world.platforms
        delivered = max(1, len(records.deliveries.today("order_id")))
        low = records.deliveries.today("low_score").sum() / delivered
        back = len(records.returns.today("order_id")) / delivered
        weight = 1.0 - self.decay
        if len(records.deliveries.today("order_id")):
            state.low_score += weight * (low - state.low_score)
            state.return_share += weight * (min(1.0, back) - state.return_share)
            complained = records.deliveries.today("complaint").sum() / delivered
            state.complaint_share += weight * (complained - state.complaint_share)
