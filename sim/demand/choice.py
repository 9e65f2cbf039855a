"""Choice: from a visit to the cart, and from the cart to an order.

Two logits with keyed draws. The first weighs need, match, trust, notes read and tiredness;
the second price against what the person expects, proof, the delivery promise that logistics
can quote now, and the rival's offer. Nothing here is a conversion rate: rates are counted
afterwards from what people did.
"""

from __future__ import annotations

import math
from dataclasses import fields
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from sim.core.jit import njit
from sim.core.rng import Draw, keyed_poisson, keyed_uniform
from sim.demand.choice_params import ChoiceParams
from sim.mechanism import Phase
from sim.world.schema import Source, Spend
from sim.world.world import Terms, World

if TYPE_CHECKING:
    from sim.content.notes import ContentParams

#: Names of the offer's terms that enter the kernel; linked identities travel apart.
TERMS = tuple(f.name for f in fields(Terms) if f.name not in ("linked_ids", "content"))
#: Confidence below which nothing more is lost (a shock takes at most 95%).
LEAST_CONFIDENCE = 0.05
#: Columns that decisions add to the visits of a daypart.
DECIDED = ("cart", "order", "ratio", "ratio_more", "fee", "stopped", "quantity", "grouped", "wish_one",
           "wish_more")  # fmt: skip


class Coefficients(NamedTuple):
    """Everything the choice kernel needs that does not vary by visit, as float64."""

    cart_intercept: float
    cart_need: float
    cart_trust: float
    cart_notes: float
    cart_taste: float
    cart_live: float
    cart_fatigue: float
    mismatch: float
    match_accuracy: float
    order_intercept: float
    order_direct: float
    order_private: float
    order_friend: float
    order_trust: float
    order_proof: float
    order_taste: float
    price: float
    own_memory: float
    promise: float
    fresh_a: float
    fresh_b: float
    rival: float
    notes_readers: float
    notes_missing: float
    notes_per_visit: float
    late_night_lift: float
    unlinked: float
    basket_mean: float
    bundle_response: float
    list_level: float
    coupon_share: float
    coupon_discount: float
    new_user_discount: float
    bundle_discount: float
    member_discount: float
    memory: float
    group_discount: float
    group_uptake: float
    group_worth: float
    confidence_price: float
    confidence_basket: float
    usual_reliance: float
    log_confidence: float


def fresh_curve(accept_30min: float, accept_72h: float) -> tuple[float, float]:
    """Intercept and slope of the logit of acceptance in ln(hours), through the two anchors."""

    def logit(x: float) -> float:
        return math.log(x / (1.0 - x))

    slope = (logit(accept_30min) - logit(accept_72h)) / (math.log(72.0) - math.log(0.5))
    return logit(accept_30min) + slope * math.log(0.5), slope


@njit(inline="always")
def _logistic(x):
    return 1.0 / (1.0 + math.exp(-x))


@njit(inline="always")
def _offer(k, who, week, coupon_stream, lifetime, touch_discount, member):
    """Price on one unit as a share of the catalogue price, and whether it is a group's.

    A lower list price, a coupon, a member's or a touch's price are concessions alike: they do not add
    up, the best one a visitor holds counts. Rounded, so that the same price has the same bits.
    """
    deal = max(touch_discount, 1.0 - k.list_level)
    if k.coupon_share > 0.0 and keyed_uniform(coupon_stream, who, week) < k.coupon_share:
        deal = max(deal, k.coupon_discount)
    if lifetime == 0:
        deal = max(deal, k.new_user_discount)
    if member:
        deal = max(deal, k.member_discount)
    grouped = False
    if k.group_discount > deal:
        ready = k.group_uptake * (1.0 - math.exp(-(k.group_discount - deal) / k.group_worth))
        grouped = keyed_uniform(coupon_stream, who, -week - 1) < ready
    if grouped:
        deal = k.group_discount
    return round(max(1.0, k.list_level) * (1.0 - deal) * 1e9) / 1e9, grouped


@njit(inline="always")
def _given(price_fen, ratio, fee):
    """What one unit costs the campaign: the concession from the catalogue price and the commission, fen."""
    return price_fen * (max(0.0, 1.0 - ratio) + fee * ratio)


@njit(inline="always")
def _cart_logit(k, has_need, live, trust, notes, reliance, taste, fatigue):
    value = k.cart_intercept + k.cart_trust * trust
    value += k.cart_notes * reliance / k.usual_reliance * math.log(1.0 + notes)
    value += k.cart_taste * taste - k.cart_fatigue * fatigue
    if has_need:
        value += k.cart_need
    if live:
        value += k.cart_live
    return value


@njit(inline="always")
def _order_logit(k, offset, source, ratio, reference, sensitivity, trust, proof_need, notes, taste,
                 rival_ratio,
                 linked, dearness):  # fmt: skip
    value = k.order_intercept + offset + k.order_trust * (trust - 0.5) + k.order_taste * taste
    expected = k.own_memory * reference + 1.0 - k.own_memory
    value -= k.price * sensitivity * math.log(ratio / expected)
    value += k.confidence_price * k.log_confidence * dearness * ratio
    value -= k.rival * math.log(ratio / rival_ratio)
    value -= k.order_proof * proof_need / (1.0 + notes)
    if source == 3:
        value += k.order_direct
    elif source == 4:
        value += k.order_private
    elif source == 8 or source == 9 or source == 11:
        value += k.order_friend
    if not linked:
        value -= k.unlinked
    return value


@njit(cache=True)
def _choose(k, cart_stream, order_stream, match_stream, coupon_stream, basket_stream, reader_stream,
            daypart, week,
            linked_ids, chilled, healing, midnight, seat, source, origin, surface, category, minute, discount,
            layer, notes_needed, hours, zone, offset, category_offset, rival_price, people_id, need,
            lifetime, member, trust, notes, category_notes,
            reliance, dearness, taste, sensitivity, proof_need, reference, fatigue, price_fen, commission,
            free):  # fmt: skip
    """Cart, order wish, price, quantity, group flag and chances of each visit (see :class:`Choice`)."""
    n = seat.shape[0]
    cart = np.zeros(n, np.bool_)
    order = np.zeros(n, np.bool_)
    grouped = np.zeros(n, np.bool_)
    ratio = np.zeros(n, np.float64)
    ratio_more = np.zeros(n, np.float64)
    fee = commission.astype(np.float64)
    stopped = np.zeros(n, np.bool_)
    quantity = np.zeros(n, np.int32)
    wish_one = np.zeros(n, np.float64)
    wish_more = np.zeros(n, np.float64)
    extra = k.basket_mean * math.exp(
        k.bundle_response * k.bundle_discount + k.confidence_basket * k.log_confidence
    )
    one_unit, worse = math.exp(-extra), math.exp(k.mismatch)
    for v in range(n):
        i = seat[v]
        c = category[v]
        who = people_id[i]
        live = source[v] == 7
        mismatch = keyed_uniform(match_stream, who, daypart) >= k.match_accuracy
        x = _cart_logit(k, need[i] == c, live, trust[i], notes[i], reliance[i], taste[i],
                        fatigue[i, origin[v]])  # fmt: skip
        ratio[v], grouped[v] = _offer(k, who, week, coupon_stream, lifetime[i], discount[v], member[i])
        if (
            _given(price_fen[c], ratio[v], fee[v]) + 1.0 > free
            and _given(price_fen[c], ratio[v], fee[v]) > 0.0
        ):
            ratio[v], fee[v], grouped[v], stopped[v] = max(1.0, k.list_level), 0.0, False, True
        ratio_more[v] = ratio[v]
        if k.bundle_discount > 0.0:
            ratio_more[v] = round(ratio[v] * (1.0 - k.bundle_discount) * 1e9) / 1e9
            if _given(price_fen[c], ratio_more[v], fee[v]) * 2.0 + 1.0 > free:
                ratio_more[v], stopped[v] = ratio[v], True
        odds = math.exp(-x)
        matched, missed = 1.0 / (1.0 + odds), 1.0 / (1.0 + odds * worse)
        chance = _logistic(x - k.mismatch) if mismatch else matched
        cart[v] = keyed_uniform(cart_stream, who, daypart) < chance
        linked = linked_ids or surface[v] == origin[v]
        y = _order_logit(k, offset[origin[v]] + category_offset[c], source[v], ratio[v], reference[i],
                         sensitivity[i], trust[i],
                         proof_need[i], notes[i], taste[i], rival_price[c], linked, dearness[c])  # fmt: skip
        wait = hours[c, zone[i]]
        chance = 1.0
        if layer[c] > 0:
            if not math.isfinite(wait):
                chance = 0.0
            elif layer[c] == chilled:
                chance = _logistic(k.fresh_a - k.fresh_b * math.log(wait))
            else:
                y -= k.promise * math.log(wait / 24.0)
        if category_notes[i, c] < notes_needed[c] and keyed_uniform(reader_stream, who, 0) < k.notes_readers:
            y -= k.notes_missing
        chance *= _logistic(y)
        hour = (minute[v] - midnight) // 60
        if c == healing and (hour == 23 or hour < 2) and source[v] >= 5:
            chance = min(1.0, chance * (1.0 + k.late_night_lift))
        wish = chance * (k.match_accuracy * matched + (1.0 - k.match_accuracy) * missed)
        wish_one[v], wish_more[v] = wish * one_unit, wish * (1.0 - one_unit)
        if cart[v]:
            order[v] = keyed_uniform(order_stream, who, daypart) < chance
        if order[v]:
            quantity[v] = 1 + keyed_poisson(basket_stream, who, daypart, extra)
            each = _given(price_fen[c], ratio_more[v] if quantity[v] > 1 else ratio[v], fee[v])
            if each * quantity[v] + 1.0 > free and each > 0.0:
                quantity[v], stopped[v] = max(1, int((free - 1.0) / each)), True
            free -= each * quantity[v] + (1.0 if each > 0.0 else 0.0)
        reference[i] += k.memory * (ratio[v] - reference[i])
        if notes_needed[c] > 0:
            category_notes[i, c] += k.notes_per_visit
    return cart, order, ratio, ratio_more, fee, stopped, quantity, grouped, wish_one, wish_more


class Choice:
    """Cart and order decisions of this daypart's visits.

    To each visit it adds ``cart`` and ``order`` (bool; the wish, before the budget and the shelf have a
    say), ``quantity`` (int32), ``grouped`` (bool: at the group's price), ``ratio`` and ``ratio_more``
    (float64, price of one unit and of one among several as a share of the catalogue price), ``fee``
    (float64, commission agreed), ``stopped`` (bool: no money was left for a concession or a fee),
    and ``wish_one`` and ``wish_more`` (float64):
    the chances that the visit would end in a wish for one unit or for several, given all that is known
    when it begins. The draws of match, cart, order and basket, which are made afresh at each visit, are
    averaged over; what a person keeps for longer (this week's coupon and readiness to wait for a
    group, whether one reads notes) is known.
    """

    name = "choice"
    phase = Phase.BUY
    reads = frozenset({"flow.visits", "people.id", "people.need_category~", "people.orders~",
                       "people.member~", "people.trust~", "people.notes", "people.notes~",
                       "people.category_notes", "people.taste", "people.price_sensitivity",
                       "people.proof_need", "people.reference", "people.fatigue~", "people.zone",
                       "operator.terms", "operator.allowance", "conditions.rival_price~",
                       "conditions.confidence", "conditions.acceptance", "people.kol_reliance",
                       "logistics.quote"})  # fmt: skip
    writes = frozenset({"flow.choices", "people.reference", "people.category_notes"})

    def __init__(self, params: ChoiceParams, content: ContentParams) -> None:
        own = {n: float(getattr(params, n)) for n in Coefficients._fields if n in ChoiceParams.model_fields}
        a, b = fresh_curve(params.fresh_accept_30min, params.fresh_accept_72h)
        none = dict.fromkeys(TERMS, 0.0)
        self.coefficients = Coefficients(
            **own, **none, match_accuracy=content.match_accuracy, fresh_a=a, fresh_b=b, log_confidence=0.0
        )

    def act(self, world: World, draw: Draw) -> None:
        """Decide for each visit, in order of minute; the offer seen becomes part of what is expected."""
        visits, people, flow = world.flow.visits, world.people, world.flow
        week = world.day // 7
        flow.hours = world.logistics.quote_hours()
        flow.service = world.logistics.service()
        terms, conditions = world.operator.terms, world.conditions
        coefficients = self.coefficients._replace(
            **{name: getattr(terms, name) for name in TERMS},
            log_confidence=math.log(max(LEAST_CONFIDENCE, conditions.confidence * conditions.acceptance)),
        )
        dearness = world.catalog.price_fen / world.catalog.price_fen.mean()
        result = _choose(
            coefficients, draw("choice.cart"), draw("choice.order"), draw("choice.match"),
            draw.timeless("choice.coupon"), draw("choice.basket"), draw.timeless("choice.reader"),
            world.clock.daypart, week, terms.linked_ids, 2, 7, world.clock.midnight,
            visits["seat"], visits["source"], visits["origin"], visits["surface"], visits["category"],
            visits["minute"], visits["discount"], world.catalog.layer, world.catalog.notes_needed, flow.hours,
            people.zone, world.platforms.order_offset, world.catalog.order_offset,
            conditions.rival_price, people.id,
            people.need_category, people.orders, people.member, people.trust, people.notes,
            people.category_notes, people.kol_reliance, dearness, people.taste,
            people.price_sensitivity, people.proof_need, people.reference, people.fatigue,
            world.catalog.price_fen, visits["commission"], world.free_fen(),
        )  # fmt: skip
        for name, values in zip(DECIDED, result, strict=True):
            visits[name] = values
        if visits["stopped"].any():
            world.stop(Spend.DISCOUNT)


assert (Source.DIRECT, Source.PRIVATE_DOMAIN, Source.LIVESTREAM, Source.SHARE, Source.INVITATION) == (
    3,
    4,
    7,
    8,
    9,
)
