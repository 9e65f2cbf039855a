"""The slow way to the same visits: every source asked in every daypart, impressions kept for everybody.

So it was before the day's clock (:mod:`sim.demand.day_clock`). The law of visits is the same, the draws
are not, so the two are compared by their counts.
"""

from __future__ import annotations

import math

import numpy as np

from sim.core.clock import DAYPARTS, HOURS_PER_DAY, daypart_bounds
from sim.core.jit import njit
from sim.core.rng import Draw, keyed_uniform
from sim.demand.day_clock import Crowd
from sim.demand.exposure import Exposure, daypart_shares, hour_shares
from sim.demand.media import MediaParams
from sim.demand.race import Moment, Race
from sim.demand.visits import Visits
from sim.market import Market
from sim.world.platforms import OWN_SITE
from sim.world.world import World

FEED, SEARCH, PAID, DIRECT = 0, 1, 2, 3
MAX_CHANCE = 0.9


@njit(cache=True)
def expose(shares, paid_scale, feed_scale, targeting, tiring, crowd, paid, feed):
    """Impressions of the daypart for everybody, and what they tire."""
    for i in range(crowd.group.shape[0]):
        time = crowd.activity[i] * shares[crowd.group[i]]
        for p in range(crowd.affinity.shape[1]):
            presence = time * crowd.affinity[i, p]
            paid[i, p] = presence * (targeting if crowd.registered[i] else 1.0) * paid_scale[p]
            feed[i, p] = presence * feed_scale[p]
            crowd.fatigue[i, p] += tiring * (paid[i, p] + feed[i, p])


@njit(cache=True)
def race_daypart(stream, moment, response, shares, clocks, search, own_site, crowd, paid, feed, race):
    """One exponential clock a source, platform and daypart."""
    for i in range(crowd.id.shape[0]):
        group, registered, wants = crowd.group[i], crowd.registered[i], crowd.need_category[i] >= 0
        lift = (response.registered if registered else 1.0) * (response.need if wants else 1.0)
        for p in range(crowd.affinity.shape[1] + 1):
            for source in range(4):
                hazard, origin = 0.0, p
                if p == crowd.affinity.shape[1]:
                    if source == DIRECT and registered:
                        habit = crowd.habit[i] * (1.0 if wants else response.no_need_habit)
                        hazard, origin = shares[group] * habit, own_site
                elif source == SEARCH:
                    if wants:
                        hazard = shares[group] * crowd.affinity[i, p] * search[p]
                elif source != DIRECT:
                    chance = min(MAX_CHANCE, (response.feed if source == FEED else response.paid) * lift)
                    tired = math.exp(-response.fatigue * crowd.fatigue[i, p])
                    impressions = feed[i, p] if source == FEED else paid[i, p]
                    hazard = -impressions * math.log(1.0 - chance * tired)
                occasion = (moment.daypart << 16) + (source << 8) + p
                u = keyed_uniform(stream, crowd.id[i], occasion)
                if u >= 1.0 - math.exp(-hazard):
                    continue
                time, hour = -math.log(1.0 - u) / hazard, 0
                while clocks[group, hour + 1] <= time:
                    hour += 1
                inside = (time - clocks[group, hour]) / (clocks[group, hour + 1] - clocks[group, hour])
                minute = moment.start + hour * 60 + np.int64(inside * 60.0)
                race.seen[i] |= np.int32(1) << np.int32(source)
                if minute < race.best[i]:
                    race.best[i], race.by_source[i] = minute, source
                    race.by_origin[i], race.by_touch[i] = origin, -1


def daypart_clocks(params) -> np.ndarray:
    """float64[n_groups, n_dayparts, 25]: cumulative activity within each daypart by hour of its length."""
    hours = hour_shares(params)
    out = np.ones((hours.shape[0], DAYPARTS, HOURS_PER_DAY + 1))
    for d in range(DAYPARTS):
        first, end = (m // 60 for m in daypart_bounds(d))
        inside = hours[:, first:end]
        out[:, d, 0] = 0.0
        out[:, d, 1 : end - first + 1] = np.cumsum(inside, axis=1) / inside.sum(axis=1, keepdims=True)
    return out


class NoExposure(Exposure):
    """Impressions are written where they are used."""

    def act(self, world: World, draw: Draw) -> None:
        """Nothing is kept per unit of time."""


class DaypartVisits(Visits):
    """Asks every source in every daypart."""

    def __init__(self, visits: Visits, media: MediaParams) -> None:
        self.__dict__.update(visits.__dict__)
        self.shares, self.inside = daypart_shares(self.params), daypart_clocks(self.params)
        self.media = media

    def _race_feeds(self, world: World, draw: Draw, moment: Moment, crowd: Crowd, race: Race) -> np.ndarray:
        d, platforms = moment.daypart, world.platforms
        shares, paid, feed = self.shares[:, d].copy(), *np.empty((2, *crowd.affinity.shape), np.float32)
        response, offer = self._response(world), self._offer(world)
        expose(shares, offer.paid, offer.feed, offer.targeting, response.tiring, crowd, paid, feed)
        race_daypart(
            draw("visit.feed"), moment, response, shares, self.inside[:, d].copy(), offer.search, OWN_SITE,
            crowd, paid, feed, race,
        )  # fmt: skip
        assert len(platforms.feed) == crowd.affinity.shape[1]
        return np.arange(len(crowd.id))


def slow(market: Market) -> Market:
    """The same market with the slow visits."""
    stands_for = {"exposure": NoExposure, "visits": DaypartVisits}
    for acts in market.schedule.values():
        for at, act in enumerate(acts):
            if act.name == "exposure":
                acts[at] = NoExposure(market.config.traffic)
            elif act.name == "visits":
                acts[at] = DaypartVisits(act, market.config.media)
    assert sum(type(act) in stands_for.values() for acts in market.schedule.values() for act in acts) == 2
    return market
