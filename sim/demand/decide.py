"""The decision to buy, compiled: records that a daypart's choices take, two logits and the best offer.

:mod:`sim.demand.choice` says what they mean and fills the records.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from sim.core.jit import njit
from sim.core.rng import keyed_poisson, keyed_uniform
from sim.world.catalog import CATEGORIES, LAYERS
from sim.world.schema import Source

#: Sources, goods and layers as numbers, which kernels hold.
_DIRECT, _PRIVATE, _LIVE, _SHARE, _INVITATION, _GROUP_BUY = (
    int(s)
    for s in (
        Source.DIRECT,
        Source.PRIVATE_DOMAIN,
        Source.LIVESTREAM,
        Source.SHARE,
        Source.INVITATION,
        Source.GROUP_BUY,
    )
)
_FIRST_CONTENT = int(Source.INFLUENCER_POST)
_HEALING = CATEGORIES.index("healing_home")
_DIGITAL, _CHILLED = LAYERS.index("none"), LAYERS.index("chilled")


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


class Streams(NamedTuple):
    """Keys of the draws that decide."""

    cart: np.uint64
    order: np.uint64
    match: np.uint64
    coupon: np.uint64
    basket: np.uint64
    reader: np.uint64


class Looks(NamedTuple):
    """Visits to decide, one row each, in order of minute (columns of the daypart's visits)."""

    seat: np.ndarray
    source: np.ndarray
    origin: np.ndarray
    surface: np.ndarray
    category: np.ndarray
    minute: np.ndarray
    discount: np.ndarray
    commission: np.ndarray


class Buyers(NamedTuple):
    """What decisions ask of people, one row a seat (columns of the population)."""

    id: np.ndarray
    zone: np.ndarray
    need_category: np.ndarray
    orders: np.ndarray
    member: np.ndarray
    trust: np.ndarray
    notes: np.ndarray
    category_notes: np.ndarray
    kol_reliance: np.ndarray
    taste: np.ndarray
    price_sensitivity: np.ndarray
    proof_need: np.ndarray
    reference: np.ndarray
    fatigue: np.ndarray


class Goods(NamedTuple):
    """What there is to choose today, one entry a category; ``hours`` is float64[n_categories, n_zones].

    ``dearness`` is the price relative to the mean of the assortment, ``rival_price`` the rival's as a share
    of the catalogue price, ``hours`` the promise that logistics can give now.
    """

    layer: np.ndarray
    price_fen: np.ndarray
    notes_needed: np.ndarray
    order_offset: np.ndarray
    rival_price: np.ndarray
    dearness: np.ndarray
    hours: np.ndarray


class Mind(NamedTuple):
    """What one person brings to the price: memory, sensitivity, trust and what was read."""

    reference: float
    sensitivity: float
    trust: float
    proof_need: float
    notes: float
    taste: float


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
def _order_logit(k, mind, offset, source, ratio, rival_ratio, linked, dearness):
    value = k.order_intercept + offset + k.order_trust * (mind.trust - 0.5) + k.order_taste * mind.taste
    expected = k.own_memory * mind.reference + 1.0 - k.own_memory
    value -= k.price * mind.sensitivity * math.log(ratio / expected)
    value += k.confidence_price * k.log_confidence * dearness * ratio
    value -= k.rival * math.log(ratio / rival_ratio)
    value -= k.order_proof * mind.proof_need / (1.0 + mind.notes)
    if source == _DIRECT:
        value += k.order_direct
    elif source == _PRIVATE:
        value += k.order_private
    elif source in (_SHARE, _INVITATION, _GROUP_BUY):
        value += k.order_friend
    if not linked:
        value -= k.unlinked
    return value


@njit(cache=True)
def choose(k, streams, daypart, week, midnight, linked_ids, looks, buyers, goods, platform_offset, free):
    """Cart, order wish, price, quantity, group flag and chances of each visit (see :class:`Choice`)."""
    n = looks.seat.shape[0]
    trust, notes, category_notes = buyers.trust, buyers.notes, buyers.category_notes
    reference, price_fen, layer = buyers.reference, goods.price_fen, goods.layer
    cart = np.zeros(n, np.bool_)
    order = np.zeros(n, np.bool_)
    grouped = np.zeros(n, np.bool_)
    ratio = np.zeros(n, np.float64)
    ratio_more = np.zeros(n, np.float64)
    fee = looks.commission.astype(np.float64)
    stopped = np.zeros(n, np.bool_)
    quantity = np.zeros(n, np.int32)
    wish_one = np.zeros(n, np.float64)
    wish_more = np.zeros(n, np.float64)
    extra = k.basket_mean * math.exp(
        k.bundle_response * k.bundle_discount + k.confidence_basket * k.log_confidence
    )
    one_unit, worse = math.exp(-extra), math.exp(k.mismatch)
    for v in range(n):
        i, c, source, origin = looks.seat[v], looks.category[v], looks.source[v], looks.origin[v]
        who = buyers.id[i]
        live = source == _LIVE
        mismatch = keyed_uniform(streams.match, who, daypart) >= k.match_accuracy
        has_need, tired = buyers.need_category[i] == c, buyers.fatigue[i, origin]
        x = _cart_logit(k, has_need, live, trust[i], notes[i], buyers.kol_reliance[i], buyers.taste[i], tired)
        ratio[v], grouped[v] = _offer(
            k, who, week, streams.coupon, buyers.orders[i], looks.discount[v], buyers.member[i]
        )
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
        cart[v] = keyed_uniform(streams.cart, who, daypart) < chance
        linked = linked_ids or looks.surface[v] == origin
        mind = Mind(
            reference[i],
            buyers.price_sensitivity[i],
            trust[i],
            buyers.proof_need[i],
            notes[i],
            buyers.taste[i],
        )
        offset = platform_offset[origin] + goods.order_offset[c]
        y = _order_logit(k, mind, offset, source, ratio[v], goods.rival_price[c], linked, goods.dearness[c])
        wait = goods.hours[c, buyers.zone[i]]
        chance = 1.0
        if layer[c] != _DIGITAL:
            if not math.isfinite(wait):
                chance = 0.0
            elif layer[c] == _CHILLED:
                chance = _logistic(k.fresh_a - k.fresh_b * math.log(wait))
            else:
                y -= k.promise * math.log(wait / 24.0)
        unread = category_notes[i, c] < goods.notes_needed[c]
        if unread and keyed_uniform(streams.reader, who, 0) < k.notes_readers:
            y -= k.notes_missing
        chance *= _logistic(y)
        hour = (looks.minute[v] - midnight) // 60
        if c == _HEALING and (hour == 23 or hour < 2) and source >= _FIRST_CONTENT:
            chance = min(1.0, chance * (1.0 + k.late_night_lift))
        wish = chance * (k.match_accuracy * matched + (1.0 - k.match_accuracy) * missed)
        wish_one[v], wish_more[v] = wish * one_unit, wish * (1.0 - one_unit)
        if cart[v]:
            order[v] = keyed_uniform(streams.order, who, daypart) < chance
        if order[v]:
            quantity[v] = 1 + keyed_poisson(streams.basket, who, daypart, extra)
            each = _given(price_fen[c], ratio_more[v] if quantity[v] > 1 else ratio[v], fee[v])
            if each * quantity[v] + 1.0 > free and each > 0.0:
                quantity[v], stopped[v] = max(1, int((free - 1.0) / each)), True
            free -= each * quantity[v] + (1.0 if each > 0.0 else 0.0)
        reference[i] += k.memory * (ratio[v] - reference[i])
        if goods.notes_needed[c] > 0:
            category_notes[i, c] += k.notes_per_visit
    return cart, order, ratio, ratio_more, fee, stopped, quantity, grouped, wish_one, wish_more
