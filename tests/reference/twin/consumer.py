"""A consumer of the twin: wants, sees, shares, visits, buys, remembers and forgets."""

from __future__ import annotations

import math
from array import array
from typing import TYPE_CHECKING, Any

import mesa

from tests.reference.twin.events import (
    CHILLED,
    DAYPART_STARTS,
    DIRECT,
    FEED,
    HEALING_HOME,
    INVITATION,
    OWN_SITE,
    PAID,
    SEARCH,
    SHARE,
    WECHAT,
    Order,
    Touch,
    Visit,
    single,
)

if TYPE_CHECKING:
    from tests.reference.twin.market import TwinMarket

MOST_LIKELY_CLICK = 0.9


def logistic(x: float) -> float:
    """Chance whose logit is ``x``."""
    return 1.0 / (1.0 + math.exp(-x))


class Consumer(mesa.Agent):
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
        self.counted = 0

    # --- morning -----------------------------------------------------------------------------

    def wake(self) -> None:
        """A need may lapse or arise; the month's budget may begin; nothing of today is seen yet."""
        self.counted = 0
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

    def tiredness(self, p: int, upto: int) -> float:
        """Of a platform's content, after what was seen in today's first dayparts."""
        paid, feed = (
            shown[upto][self.group][p] - shown[self.counted][self.group][p]
            for shown in (self.model.paid_shown, self.model.feed_shown)
        )
        favour = self.model.config.media.targeting if self.registered else 1.0
        seen = self.activity * self.affinity[p] * (favour * paid + feed)
        return self.fatigue[p] + self.model.config.traffic.fatigue_per_impression * seen

    def count_impressions(self, upto: int) -> None:
        """Remember how tired of each platform one is by now."""
        for p in self.platforms_used:
            self.fatigue[p] = self.tiredness(p, upto)
        self.counted = upto

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
            self.count_impressions(self.model.daypart + 1)
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
        rings = sorted(self.feeds_that_ring())
        for _, source, _ in rings:
            seen |= 1 << source
        if rings and (best is None or rings[0][0] < best[0]):
            best = (*rings[0], None)
        return best, seen

    def feeds_that_ring(self) -> list[tuple[int, int, int]]:
        """Minute, source and platform of all that would bring a visit in this daypart."""
        model, p = self.model, self.model.config.traffic
        wants = self.need_category >= 0
        lift = (p.registered_response if self.registered else 1.0) * (p.need_response if wants else 1.0)
        favour = model.config.media.targeting if self.registered else 1.0
        rings: list[tuple[int, int, int]] = []
        for k in self.platforms_used:
            platform, time = model.platforms[k], self.activity * self.affinity[k]
            interest = math.exp(-p.fatigue_effect * self.tiredness(k, model.daypart + 1))
            for source, number, click in (
                (FEED, platform.feed_scale, model.feed_click),
                (PAID, platform.paid_scale * favour, model.paid_click),
            ):
                click = min(MOST_LIKELY_CLICK, click * lift) * interest
                rings += self.ring(time * (-number * math.log(1.0 - click)), source, k)
            if wants:
                rings += self.ring(self.affinity[k] * (platform.search * platform.traffic), SEARCH, k)
        if self.registered:
            by_habit = self.habit * (1.0 if wants else p.no_need_habit)
            rings += [(minute, DIRECT, OWN_SITE) for minute, _, _ in self.ring(by_habit, DIRECT, 0)]
        return rings

    def ring(self, height: float, source: int, platform: int) -> list[tuple[int, int, int]]:
        """Points of the day's lane that lie below a height and in this daypart."""
        model, level, number, rings = self.model, 0.0, 0, []
        while True:
            lane = (source << 8) + platform
            level -= math.log(1.0 - model.draws.uniform("visit.day", self.id, (2 * number << 16) + lane))
            if level >= height:
                return rings
            time = model.draws.uniform("visit.day", self.id, ((2 * number + 1) << 16) + lane)
            clock, hour = model.clock[self.group], 0
            while clock[hour + 1] <= time:
                hour += 1
            inside = (time - clock[hour]) / (clock[hour + 1] - clock[hour])
            minute = model.midnight + 60 * hour + min(59, int(inside * 60.0))
            if model.start <= minute < model.end:
                rings.append((minute, source, platform))
            number += 1

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
            draws.new_id(self.id, model.day, model.daypart), self, minute, source, origin,
            OWN_SITE if moves else origin, category, seen, touch, self.registered,
        )  # fmt: skip

    def browse_category(self) -> int:
        """Something the group likes."""
        model = self.model
        return min(
            (-math.log(model.draws.uniform("visit.browse", self.id, (model.daypart << 8) + c)) / weight, c)
            for c, weight in enumerate(model.group_weight[self.group])
            if weight > 0.0
        )[1]

    # --- cart and order --------------------------------------------------------------------------

    def decide(self, visit: Visit) -> None:
        """Cart, order and quantity; the price seen becomes part of what is expected."""
        model, draws, p = self.model, self.model.draws, self.model.config.choice
        visit.ratio, visit.ratio_more = ratio, _ = self.offer(visit)
        chance = self.order_chance(visit, ratio)
        visit.probability = self.order_probability(visit, chance)
        right = draws.uniform("choice.match", self.id, model.daypart) < model.config.content.match_accuracy
        if draws.uniform("choice.cart", self.id, model.daypart) < logistic(self.cart_logit(visit, right)):
            visit.cart = True
            visit.ordered = draws.uniform("choice.order", self.id, model.daypart) < chance
        if visit.ordered:
            wanted = 1 + draws.poisson("choice.basket", self.id, model.daypart, self.more_units(visit))
            visit.quantity = self.granted(visit, wanted)
            if visit.quantity > 1:
                visit.ratio = visit.ratio_more
        self.reference = single(self.reference + p.memory * (ratio - self.reference))
        if model.notes_needed[visit.category]:
            self.category_notes[visit.category] += p.notes_per_visit

    def best_price(self, visit: Visit) -> float:
        """Share of the catalogue price under the largest concession this person holds; they do not add up."""
        model, p = self.model, self.model.config.pricing
        deal = max(0.0 if visit.touch is None else visit.touch.coupon, 1.0 - p.list_level)
        week = model.day // 7
        if p.rule == "coupon" and model.draws.lasting("choice.coupon", self.id, week) < p.coupon_share:
            deal = max(deal, p.coupon_discount)
        if self.orders == 0:
            deal = max(deal, p.new_user_discount)
        return round(max(1.0, p.list_level) * (1.0 - deal), 9)

    def offer(self, visit: Visit) -> tuple[float, float]:
        """Prices of one unit and of one among several that the campaign has the money for."""
        model, pricing = self.model, self.model.config.pricing
        one, list_price = self.best_price(visit), max(1.0, pricing.list_level)
        if model.concession(visit, one) > 0.0 and not model.has_left(model.concession(visit, one)):
            one = list_price
        if pricing.bundle_discount == 0.0:
            return one, one
        several = round(one * (1.0 - pricing.bundle_discount), 9)
        return one, several if model.has_left(2.0 * model.concession(visit, several)) else one

    def granted(self, visit: Visit, wanted: int) -> int:
        """So many of the units wanted as there is money to concede on; that money is gone."""
        model = self.model
        each = model.concession(visit, visit.ratio_more if wanted > 1 else visit.ratio)
        if each == 0.0:
            return wanted
        if not model.has_left(each * wanted):
            wanted = max(1, int((model.left_to_concede - 1.0) / each))
        model.left_to_concede -= each * wanted + 1.0
        return wanted

    def more_units(self, visit: Visit) -> float:
        """Mean number of units beyond the first; only a bundle that is really offered adds to them."""
        config = self.model.config
        bundle = config.pricing.bundle_discount if visit.ratio_more < visit.ratio else 0.0
        return config.choice.basket_mean * math.exp(config.choice.bundle_response * bundle)

    def order_probability(self, visit: Visit, chance: float) -> float:
        """Chance of an order that can be paid, as the visit begins: all ways to it added up."""
        right = self.model.config.content.match_accuracy
        ways = ((True, right), (False, 1.0 - right))
        cart = sum(share * logistic(self.cart_logit(visit, match)) for match, share in ways)
        one = math.exp(-self.more_units(visit))
        total = 0.0
        for ratio, share in ((visit.ratio, one), (visit.ratio_more, 1.0 - one)):
            if self.model.affordable(visit, ratio) >= 1:
                total += share * cart * chance
        return total

    def cart_logit(self, visit: Visit, match: bool) -> float:
        """Need, match, trust, notes, taste and tiredness."""
        p = self.model.config.choice
        weight = p.cart_notes * (self.kol_reliance / p.usual_reliance)
        x = p.cart_intercept + p.cart_trust * (self.trust - self.model.config.population.initial_trust)
        x += weight * math.log(1.0 + self.notes)
        x += p.cart_taste * self.taste - p.cart_fatigue * self.fatigue[visit.origin]
        if self.need_category == visit.category:
            x += p.cart_need
        return x if match else x - p.mismatch

    def order_chance(self, visit: Visit, ratio: float) -> float:
        """Price, trust, proof, promise and where the visit came from."""
        model, p, category = self.model, self.model.config.choice, visit.category
        y = p.order_intercept + (model.platforms[visit.origin].order_offset + model.order_offset[category])
        y += p.order_trust * (self.trust - self.model.config.population.initial_trust)
        y += p.order_taste * self.taste
        expected = p.own_memory * self.reference + 1.0 - p.own_memory
        y -= p.price * self.price_sensitivity * math.log(ratio / expected)
        y -= p.rival * math.log(ratio)
        y -= p.order_proof * self.proof_need / (1.0 + self.notes)
        if visit.source == DIRECT:
            y += p.order_direct
        elif visit.source in (SHARE, INVITATION):
            y += p.order_friend
        if visit.surface != visit.origin:
            y -= p.unlinked
        accepts = 1.0
        layer, hours = model.layer[category], model.hours[category]
        if layer == CHILLED:
            accepts = logistic(model.fresh_intercept - model.fresh_slope * math.log(hours))
        elif layer > 0:
            y -= p.promise * math.log(hours / 24.0)
        unread = self.category_notes[category] < model.notes_needed[category]
        if unread and model.draws.lasting("choice.reader", self.id, 0) < p.notes_readers:
            y -= p.notes_missing
        chance = accepts * logistic(y)
        hour, first, last = (visit.minute - model.midnight) / 60.0, p.late_night_from, p.late_night_to
        night = first <= hour < last if first <= last else hour >= first or hour < last
        if category == HEALING_HOME and night and visit.touch is not None:
            chance = min(1.0, chance * (1.0 + p.late_night_lift))
        return chance

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
            self.fatigue[p] = self.tiredness(p, len(DAYPART_STARTS) - 1) * model.keep["fatigue"]
        for category in range(len(self.category_notes)):
            self.category_notes[category] *= model.keep["notes"]

    def old_news(self) -> None:
        """What was not told yesterday is not told any more."""
        self.good_news = 0

    def lapse(self) -> None:
        """Nobody joins under the core rules; whoever was a member before them is one until long gone."""
        away = self.model.day - self.last_order_day
        self.member = self.member and away <= self.model.config.membership.lapse_after
