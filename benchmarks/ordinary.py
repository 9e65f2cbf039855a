"""The yardstick of speed: one Mesa agent a person, and every source asked in every daypart.

This is how an ordinary model lives the core rules. The twin that tests hold the engine to has followed
the engine to the day's clock (``sim/demand/day_clock.py``); here visits stay as they were before it, so
that ratios of different years are told against the same thing. The law of visits is the same.
"""

from __future__ import annotations

import math
from array import array
from itertools import accumulate
from typing import Any

from tests.reference.twin import TwinMarket
from tests.reference.twin.consumer import MOST_LIKELY_CLICK, Consumer
from tests.reference.twin.events import DAYPART_STARTS, DIRECT, FEED, OWN_SITE, PAID, SEARCH, single

LN2 = math.log(2.0)


class OrdinaryConsumer(Consumer):
    """Sees, tires and lets all sources compete, in every daypart anew."""

    def __init__(self, model: OrdinaryMarket, traits: dict[str, Any]) -> None:
        super().__init__(model, traits)
        self.paid_impressions = array("f", [0.0] * len(self.affinity))
        self.feed_impressions = array("f", [0.0] * len(self.affinity))

    def tiredness(self, p: int, upto: int) -> float:
        """What was seen was counted when it was seen."""
        return self.fatigue[p]

    def browse(self) -> None:
        """See the brand in the feeds and in paid media, and tire of it."""
        model = self.model
        time = self.activity * model.time_share[self.group]
        favour = model.config.media.targeting if self.registered else 1.0
        tiring = model.config.traffic.fatigue_per_impression
        for p in self.platforms_used:
            platform, presence = model.platforms[p], time * self.affinity[p]
            self.paid_impressions[p] = presence * favour * platform.paid_scale
            self.feed_impressions[p] = presence * platform.feed_scale
            self.fatigue[p] += tiring * single(self.paid_impressions[p] + self.feed_impressions[p])

    def first_feed(self, best: Any, seen: int) -> tuple[Any, int]:
        """Earliest of feeds, search, paid media and direct visits, if earlier than ``best``."""
        model, p = self.model, self.model.config.traffic
        wants = self.need_category >= 0
        lift = (p.registered_response if self.registered else 1.0) * (p.need_response if wants else 1.0)
        feed_click = min(MOST_LIKELY_CLICK, model.feed_click * lift)
        paid_click = min(MOST_LIKELY_CLICK, model.paid_click * lift)
        share = model.time_share[self.group]
        for k in self.platforms_used:
            platform, interest = model.platforms[k], math.exp(-p.fatigue_effect * self.fatigue[k])
            sources = [(FEED, self.feed_impressions[k], feed_click * interest)]
            if wants:
                # every search is a visit: with a click chance of one half, this many make that hazard
                searches = share * self.affinity[k] * platform.search * platform.traffic / LN2
                sources.append((SEARCH, searches, 0.5))
            sources.append((PAID, self.paid_impressions[k], paid_click * interest))
            for source, number, click in sources:
                if number > 0.0:
                    minute = self.rings_at(-number * math.log(1.0 - click), source, k)
                    if minute is not None:
                        seen |= 1 << source
                        if best is None or minute < best[0]:
                            best = (minute, source, k, None)
        if self.registered and self.habit > 0.0:
            minute = self.rings_at(share * self.habit * (1.0 if wants else p.no_need_habit), DIRECT, 0)
            if minute is not None:
                seen |= 1 << DIRECT
                if best is None or minute < best[0]:
                    best = (minute, DIRECT, OWN_SITE, None)
        return best, seen

    def rings_at(self, hazard: float, source: int, platform: int) -> int | None:
        """Minute at which a source with this hazard over the daypart rings, if it does."""
        model = self.model
        u = model.draws.uniform("visit.feed", self.id, (model.daypart << 16) + (source << 8) + platform)
        if u >= 1.0 - math.exp(-hazard):
            return None
        time, clock, hour = -math.log(1.0 - u) / hazard, model.inside[self.group], 0
        while clock[hour + 1] <= time:
            hour += 1
        inside = (time - clock[hour]) / (clock[hour + 1] - clock[hour])
        return model.start + 60 * hour + int(inside * 60.0)


class OrdinaryMarket(TwinMarket):
    """The core rules as an ordinary Mesa model."""

    kind = OrdinaryConsumer

    def begin_daypart(self) -> None:
        """Bounds and shares as in the twin, and each group's clock inside the daypart; everybody browses."""
        super().begin_daypart()
        first, end = DAYPART_STARTS[self.daypart], DAYPART_STARTS[self.daypart + 1]
        self.inside = []
        for shares in self.hour_shares:
            hours = shares[first // 60 : end // 60]
            self.inside.append([0.0, *(run / hours.sum() for run in accumulate(hours.tolist()))])
        self.people.do("browse")
