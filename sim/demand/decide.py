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
from sim.world.terms import GROUND

#: Sources, goods and layers as numbers, which kernels hold.
_FIRST_CONTENT, _LAST_CONTENT = int(Source.INFLUENCER_POST), int(Source.GROUP_BUY)
_HEALING = CATEGORIES.index("healing_home")
_DIGITAL, _CHILLED = LAYERS.index("none"), LAYERS.index("chilled")
#: Saving, as a share of the price, that is enough for whoever need not wait at all.
LEAST_WORTH = 1e-6
#: Units that one order may have beyond the first.
MOST_UNITS = 1_000
#: Columns of ``why`` (see ``sim.world.terms.GROUND``).
_WHY = len(GROUND) + 3


class Coefficients(NamedTuple):
    """Everything the choice kernel needs that does not vary by visit, as float64."""

    cart_intercept: float
    mismatch: float
    match_accuracy: float
    order_intercept: float
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
    late_night_from: float
    late_night_to: float
    basket_mean: float
    basket_spread: float
    bundle_response: float
    list_level: float
    memory: float
    group_discount: float
    group_uptake: float
    group_worth: float
    confidence_price: float
    confidence_basket: float
    log_confidence: float


class Streams(NamedTuple):
    """Keys of the draws that decide."""

    cart: np.uint64
    order: np.uint64
    match: np.uint64
    group: np.uint64
    basket: np.uint64
    reader: np.uint64


class Looks(NamedTuple):
    """Visits to decide, one row each, in order of minute (columns of the daypart's visits)."""

    seat: np.ndarray
    source: np.ndarray
    origin: np.ndarray
    category: np.ndarray
    minute: np.ndarray
    commission: np.ndarray


class Buyers(NamedTuple):
    """What decisions ask of people, one row a seat (columns of the population)."""

    id: np.ndarray
    zone: np.ndarray
    category_notes: np.ndarray
    price_sensitivity: np.ndarray
    reference: np.ndarray
    basket: np.ndarray


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


class Terms(NamedTuple):
    """What was added up for each visit and offered to it, float64[n] (see :mod:`sim.world.terms`).

    ``promise`` is the hours promised to a visit in place of the region's own, nan where these hold.

    ``hope`` is the chance that a group would fill, ``wait`` its wait as a part of the whole deadline (1 and 1
    where nobody weighs them); ``level`` is the price before anything is taken off, relative to the list's.
    """

    cart: np.ndarray
    order: np.ndarray
    basket: np.ndarray
    deal: np.ndarray
    also: np.ndarray
    several: np.ndarray
    own: np.ndarray
    own_several: np.ndarray
    theirs: np.ndarray
    also_theirs: np.ndarray
    level: np.ndarray
    hope: np.ndarray
    wait: np.ndarray
    promise: np.ndarray


@njit(inline="always")
def _logistic(x):
    return 1.0 / (1.0 + math.exp(-x))


@njit(inline="always")
def _within(hour, first, last):
    """Whether an hour of the day lies in a span, which goes past midnight where it ends before it begins."""
    return first <= hour < last if first <= last else hour >= first or hour < last


@njit(inline="always")
def _offer(k, who, week, stream, deal, also, hope, wait, level):
    """Price on one unit as a share of the catalogue price, the concession in it, and whether it is a group's.

    Exclusive concessions do not add up, the best one a visitor holds counts; further ones are taken off
    what is left. A group's price is taken by whoever is ready to wait for what it saves beyond
    them, as far as the group is hoped to fill. Rounded, so that the same price has the same bits.
    """
    grouped = False
    if k.group_discount > deal:
        saving = hope * (k.group_discount - deal)
        ready = k.group_uptake * (1.0 - math.exp(-saving / max(k.group_worth * wait, LEAST_WORTH)))
        grouped = keyed_uniform(stream, who, -week - 1) < ready
    if grouped:
        deal = k.group_discount
    return round(max(1.0, k.list_level) * level * (1.0 - deal) * also * 1e9) / 1e9, deal, grouped


@njit(inline="always")
def _given(price_fen, ratio, fee, own):
    """What one unit costs the campaign: its part of the concession, and the commission, fen."""
    return price_fen * (max(0.0, 1.0 - ratio) * own + fee * ratio)


@njit(inline="always")
def _price_logits(k, reference, sensitivity, ratio, rival_ratio, dearness):
    """What the price says against what is expected, in uncertain times, and against the rival's."""
    expected = k.own_memory * reference + 1.0 - k.own_memory
    seen = -k.price * sensitivity * math.log(ratio / expected)
    uncertain = k.confidence_price * k.log_confidence * dearness * ratio
    return seen, uncertain, -k.rival * math.log(ratio / rival_ratio)


@njit(inline="always")
def _no_more(mean, spread):
    """Chance of no unit beyond the first."""
    return math.exp(-mean) if spread == 0.0 else (1.0 + spread * mean) ** (-1.0 / spread)


@njit(inline="always")
def _more(stream, who, daypart, mean, spread):
    """Units beyond the first: Poisson, or negative binomial of variance mean + spread mean^2; inverted."""
    if spread == 0.0:
        return keyed_poisson(stream, who, daypart, mean)
    u = keyed_uniform(stream, who, daypart)
    shape, failure = 1.0 / spread, spread * mean / (1.0 + spread * mean)
    p = _no_more(mean, spread)
    total, count = p, 0
    while u > total and count < MOST_UNITS:
        p *= failure * (shape + count) / (count + 1.0)
        count += 1
        total += p
    return count


@njit(cache=True)
def choose(k, streams, daypart, week, midnight, looks, buyers, goods, terms, platform_offset, free):
    """Cart, order wish, price, quantity, group flag, chances and reasons of visits (see :class:`Choice`)."""
    n = looks.seat.shape[0]
    category_notes, reference = buyers.category_notes, buyers.reference
    price_fen, layer = goods.price_fen, goods.layer
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
    why = np.zeros((n, _WHY), np.float64)
    worse = math.exp(k.mismatch)
    for v in range(n):
        i, c, source, origin = looks.seat[v], looks.category[v], looks.source[v], looks.origin[v]
        who = buyers.id[i]
        mismatch = keyed_uniform(streams.match, who, daypart) >= k.match_accuracy
        x = k.cart_intercept + terms.cart[v]
        deal, also, hope, delay, level = (
            terms.deal[v],
            terms.also[v],
            terms.hope[v],
            terms.wait[v],
            terms.level[v],
        )
        ratio[v], granted, grouped[v] = _offer(k, who, week, streams.group, deal, also, hope, delay, level)
        own, own_more = (1.0, 1.0) if grouped[v] else (terms.own[v], terms.own_several[v])
        given, dropped = _given(price_fen[c], ratio[v], fee[v], own), 0.0
        if given + 1.0 > free and given > 0.0:
            granted, dropped, own = terms.theirs[v], 1.0, 0.0
            asked = max(1.0, k.list_level) * level
            ratio[v] = round(asked * (1.0 - granted) * terms.also_theirs[v] * 1e9) / 1e9
            fee[v], grouped[v], stopped[v] = 0.0, False, True
        ratio_more[v], several = ratio[v], terms.several[v]
        if several < 1.0:
            ratio_more[v] = round(ratio[v] * several * 1e9) / 1e9
            if _given(price_fen[c], ratio_more[v], fee[v], own_more) * 2.0 + 1.0 > free:
                # what is not offered wins no units either
                ratio_more[v], several, stopped[v] = ratio[v], 1.0, True
        extra = k.basket_mean * math.exp(
            k.bundle_response * (1.0 - several) + k.confidence_basket * k.log_confidence
        )
        extra *= buyers.basket[i]
        extra = max(0.0, (1.0 + extra) * math.exp(terms.basket[v]) - 1.0)
        one_unit = _no_more(extra, k.basket_spread)
        odds = math.exp(-x)
        matched, missed = 1.0 / (1.0 + odds), 1.0 / (1.0 + odds * worse)
        chance = _logistic(x - k.mismatch) if mismatch else matched
        cart[v] = keyed_uniform(streams.cart, who, daypart) < chance
        base = k.order_intercept + (platform_offset[origin] + goods.order_offset[c])
        seen, uncertain, against = _price_logits(
            k, reference[i], buyers.price_sensitivity[i], ratio[v], goods.rival_price[c], goods.dearness[c]
        )
        y = base + terms.order[v] + seen + uncertain + against
        wait = goods.hours[c, buyers.zone[i]] if math.isnan(terms.promise[v]) else terms.promise[v]
        chance, promise, reading = 1.0, 0.0, 0.0
        if layer[c] != _DIGITAL:
            if not math.isfinite(wait):
                chance = 0.0
            elif layer[c] == _CHILLED:
                chance = _logistic(k.fresh_a - k.fresh_b * math.log(wait))
            else:
                promise = -k.promise * math.log(wait / 24.0)
        unread = category_notes[i, c] < goods.notes_needed[c]
        if unread and keyed_uniform(streams.reader, who, 0) < k.notes_readers:
            reading = -k.notes_missing
        chance *= _logistic(y + promise + reading)
        why[v] = (base, seen, uncertain, against, promise, reading, granted, ratio[v], dropped)
        night = _within((looks.minute[v] - midnight) / 60.0, k.late_night_from, k.late_night_to)
        if c == _HEALING and night and _FIRST_CONTENT <= source <= _LAST_CONTENT:
            chance = min(1.0, chance * (1.0 + k.late_night_lift))
        wish = chance * (k.match_accuracy * matched + (1.0 - k.match_accuracy) * missed)
        wish_one[v], wish_more[v] = wish * one_unit, wish * (1.0 - one_unit)
        if cart[v]:
            order[v] = keyed_uniform(streams.order, who, daypart) < chance
        if order[v]:
            quantity[v] = 1 + _more(streams.basket, who, daypart, extra, k.basket_spread)
            paid, borne = (ratio_more[v], own_more) if quantity[v] > 1 else (ratio[v], own)
            each = _given(price_fen[c], paid, fee[v], borne)
            if each * quantity[v] + 1.0 > free and each > 0.0:
                quantity[v], stopped[v] = max(1, int((free - 1.0) / each)), True
            free -= each * quantity[v] + (1.0 if each > 0.0 else 0.0)
        reference[i] += k.memory * (ratio[v] - reference[i])
        if goods.notes_needed[c] > 0:
            category_notes[i, c] += k.notes_per_visit
    return cart, order, ratio, ratio_more, fee, stopped, quantity, grouped, wish_one, wish_more, why
