"""What a consumer of the yardstick decides at a visit: cart, order, quantity and price."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from benchmarks.twin.events import CHILLED, DIRECT, HEALING_HOME, INVITATION, SHARE, Visit, single

if TYPE_CHECKING:
    from benchmarks.twin.market import TwinMarket


def logistic(x: float) -> float:
    """Chance whose logit is ``x``."""
    return 1.0 / (1.0 + math.exp(-x))


class Decisions:
    """Whether a visit ends in a cart and an order; part of a consumer, who has the attributes."""

    model: TwinMarket
    id: int

    if TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any: ...

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
        hour = (visit.minute - model.midnight) // 60
        if category == HEALING_HOME and (hour == 23 or hour < 2) and visit.touch is not None:
            chance = min(1.0, chance * (1.0 + p.late_night_lift))
        return chance
