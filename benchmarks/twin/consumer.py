"""A consumer of the twin: wants, sees, shares, visits, buys, remembers and forgets."""

from __future__ import annotations

import math
from array import array
from typing import TYPE_CHECKING, Any

import mesa

from benchmarks.twin.decisions import Decisions
from benchmarks.twin.events import (
    DIRECT,
    FEED,
    INVITATION,
    OWN_SITE,
    PAID,
    SEARCH,
    WECHAT,
    Order,
    Touch,
    Visit,
    single,
)

if TYPE_CHECKING:
    from benchmarks.twin.market import TwinMarket

MOST_LIKELY_CLICK = 0.9


class Consumer(Decisions, mesa.Agent):
    """One person.

    Attributes carry the names of the engine's columns; those with a second axis are arrays.
    ``acquaintances`` are consumers, ``close`` the strong ones among them; ``inbox`` holds touches
    that are still to be noticed.
    """

    model: TwinMarket

    def __init__(self, model: TwinMarket, traits: dict[str, Any]) -> None:
        super().__init__(model)
        for name, value in traits.items():
            several = isinstance(value, list) and isinstance(value[0], float)
            setattr(self, name, array("f", value) if several else value)
        self.acquaintances: list[Consumer] = []
        self.close: list[Consumer] = []
        self.close_ids: set[int] = set()
        self.inbox: list[Touch] = []
        self.platforms_used = [p for p, use in enumerate(self.affinity) if use > 0.0]
        self.paid_impressions = array("f", [0.0] * len(self.affinity))
        self.feed_impressions = array("f", [0.0] * len(self.affinity))

    # --- morning -----------------------------------------------------------------------------

    def wake(self) -> None:
        """A need may lapse or arise; the month's budget may begin; nothing of today is seen yet."""
        self.want()
        if (self.model.day + self.id) % self.model.config.needs.budget_period == 0:
            self.budget_left = single(self.income * self.model.config.population.budget_share)

    def want(self) -> None:
        """A live need lasts its days; without one, a new one may come, if nothing is in stock."""
        model, day = self.model, self.model.day
        if self.need_category >= 0:
            if day >= self.need_until:
                self.need_category = -1
            return
        if model.draws.uniform("needs", self.id, 0) >= 1.0 - math.exp(-self.need_total):
            return
        clocks = [
            (-math.log(model.draws.uniform("needs", self.id, 1 + c)) / rate, c)
            for c, rate in enumerate(self.need_rate)
            if rate > 0.0
        ]
        if not clocks:
            return
        category = min(clocks)[1]
        if self.stocked_until[category] <= day:
            self.need_category = category
            self.need_until = day + model.config.needs.lifetime

    # --- seeing and sharing --------------------------------------------------------------------

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

    def share(self) -> None:
        """Tell of a good delivery, or invite close friends."""
        if not self.registered:
            return
        model, p = self.model, self.model.config.sharing
        wish = model.time_share[self.group] / (1.0 + p.tiring * self.share_fatigue)
        if self.good_news > 0:
            chance = 1.0 - math.exp(-p.good_delivery * self.good_news * wish)
            if model.draws.uniform("share.trigger", self.id, 2 * model.daypart) < chance:
                self.start_cascade(invite=False)
        rate = (
            (p.invite_base + model.operator.invite_gain) * wish * (self.satisfaction / p.usual_satisfaction)
        )
        if self.registered_day >= 0 and model.day - self.registered_day < p.novelty_days:
            rate *= p.novelty
        if model.draws.uniform("share.trigger", self.id, 2 * model.daypart + 1) < 1.0 - math.exp(-rate):
            self.start_cascade(invite=True)

    def start_cascade(self, invite: bool) -> None:
        """At some minute of this daypart."""
        model = self.model
        self.share_fatigue = single(self.share_fatigue + 1.0)
        u = model.draws.uniform("share.minute", self.id, 100 + 2 * model.daypart + invite)
        model.spread(self, model.start + int(u * (model.end - model.start)), invite)

    # --- the visit race ------------------------------------------------------------------------

    def race(self) -> None:
        """Let all sources compete for a visit in this daypart; the first to ring brings it."""
        best, seen = self.first_touch()
        best, seen = self.first_feed(best, seen)
        if best is not None:
            minute, source, origin, touch = best
            self.model.queue.append(self.visit(minute, source, origin, touch, seen))

    def first_touch(self) -> tuple[tuple[int, int, int, Touch | None] | None, int]:
        """Earliest touch that works, and which sources touched."""
        if not self.inbox:
            return None, 0
        model, best, seen = self.model, None, 0
        due = [t for t in self.inbox if t.minute < model.end]
        self.inbox = [t for t in self.inbox if t.minute >= model.end]
        lift = model.config.traffic.need_response if self.need_category >= 0 else 1.0
        for touch in due:
            self.hear(touch)
            seen |= 1 << touch.source
            chance = min(MOST_LIKELY_CLICK, touch.chance * lift)
            u = model.draws.uniform("visit.touch", self.id, touch.id)
            if u >= chance:
                continue
            first = max(touch.minute, model.start)
            minute = first + int(math.log(1.0 - u) / math.log(1.0 - chance) * (model.end - first))
            if best is None or (minute, touch.id) < (best[0], best[3].id):
                best = (minute, touch.source, WECHAT, touch)
        return best, seen

    def hear(self, touch: Touch) -> None:
        """A friend's word is remembered; on goods that one reads up on, by category."""
        told = self.model.config.traffic.told_note
        self.notes = single(self.notes + told)
        if touch.category >= 0 and self.model.notes_needed[touch.category]:
            self.category_notes[touch.category] += told

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
                searches = share * self.affinity[k] * platform.search * platform.traffic / math.log(2.0)
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

    def visit(self, minute: int, source: int, origin: int, touch: Touch | None, seen: int) -> Visit:
        """Where the visit takes place, and what is looked at."""
        model, draws = self.model, self.model.draws
        moves = draws.uniform("visit.surface", self.id, model.daypart) < model.platforms[origin].sends_on
        if touch is not None and touch.category >= 0:
            category = touch.category
        elif self.need_category >= 0:
            category = self.need_category
        else:
            category = self.browse_category()
        return Visit(
            draws.new_id(self.id, model.day, model.daypart),
            self,
            minute,
            source,
            origin,
            OWN_SITE if moves else origin,
            category,
            seen,
            touch,
            self.registered,
        )

    def browse_category(self) -> int:
        """Something the group likes."""
        model = self.model
        return min(
            (-math.log(model.draws.uniform("visit.browse", self.id, (model.daypart << 8) + c)) / weight, c)
            for c, weight in enumerate(model.group_weight[self.group])
            if weight > 0.0
        )[1]

    # --- checkout ----------------------------------------------------------------------------------

    def mark_visit(self, visit: Visit) -> None:
        """Remember when and whence."""
        if self.acquired_source < 0:
            self.acquired_source = visit.source

    def register(self, visit: Visit) -> bool:
        """Whoever orders registers; others may."""
        if self.registered:
            return False
        model, p = self.model, self.model.config.orders
        chance = p.register_invited if visit.source == INVITATION else p.register_visit
        if visit.cart:
            chance = min(1.0, chance + p.register_cart)
        if not visit.ordered and model.draws.uniform("register", self.id, model.daypart) >= chance:
            return False
        self.registered = True
        self.registered_day = model.day
        self.habit = single(p.start_habit)
        if visit.source == INVITATION:
            self.inviter = visit.touch.sender
        return True

    def mark_order(self, order: Order) -> None:
        """Money is spent, the household has stock, the need is met."""
        day, category = self.model.day, order.category
        self.orders += 1
        self.last_order_day = day
        self.last_order_category = category
        self.budget_left = single(self.budget_left - order.paid_fen / 100.0)
        self.stocked_until[category] = max(self.stocked_until[category], day) + self.lasts(order)
        if self.need_category == category:
            self.need_category = -1

    def lasts(self, order: Order) -> int:
        """Days that these goods last a household."""
        return round(self.model.stock_days[order.category] * order.quantity)

    def get_back(self, order: Order) -> None:
        """A cancelled order leaves budget and shelf as they were."""
        self.stocked_until[order.category] -= self.lasts(order)
        self.budget_left = single(self.budget_left + single(order.paid_fen / 100.0))

    # --- memory ------------------------------------------------------------------------------------

    def receive(self, low_score: bool) -> None:
        """A delivery reaches trust, satisfaction, habit and what there is to tell."""
        p = self.model.config.trust
        felt = p.bad if low_score else p.good
        gap = felt - self.trust
        self.trust = single(self.trust + (p.gain if gap > 0.0 else p.loss) * gap)
        self.satisfaction = single(self.satisfaction + p.satisfaction_gain * (felt - self.satisfaction))
        if low_score:
            self.habit = single(self.habit * (1.0 - p.habit_loss))
        else:
            self.habit = single(self.habit + p.habit_gain * max(0.0, p.habit_ceiling * felt - self.habit))
            self.good_news += 1

    def tell(self, low_score: bool) -> None:
        """Close acquaintances hear of it."""
        p = self.model.config.trust
        felt = p.bad if low_score else p.good
        for friend in self.close:
            friend.trust = single(friend.trust + p.word_of_mouth * (felt - friend.trust))

    def forget(self) -> None:
        """Everything fades a little."""
        p, model = self.model.config.trust, self.model
        self.trust = single(self.trust + p.forgetting * (model.config.population.initial_trust - self.trust))
        self.habit = single(self.habit * model.keep["habit"])
        self.notes = single(self.notes * model.keep["notes"])
        self.share_fatigue = single(self.share_fatigue * model.keep["sharing"])
        for p in self.platforms_used:
            self.fatigue[p] *= model.keep["fatigue"]
        for category in range(len(self.category_notes)):
            self.category_notes[category] *= model.keep["notes"]

    def old_news(self) -> None:
        """What was not told yesterday is not told any more."""
        self.good_news = 0

    def lapse(self) -> None:
        """Nobody joins under the core rules; whoever was a member before them is one until long gone."""
        away = self.model.day - self.last_order_day
        self.member = self.member and away <= self.model.config.membership.lapse_after
