"""Single terms of the decision to buy, against the rules in words: signs, odds and the best offer."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from sim.demand.choice import fresh_curve
from sim.demand.decide import Coefficients, Mind, _cart_logit, _given, _offer, _order_logit

NONE = Coefficients(*[0.0] * len(Coefficients._fields))._replace(
    usual_reliance=1.0, list_level=1.0, group_worth=0.1
)
MIND = Mind(reference=1.0, sensitivity=1.0, trust=0.5, proof_need=0.0, notes=0.0, taste=0.0)
VISIT: dict[str, Any] = {
    "offset": 0.0,
    "source": 0,
    "ratio": 1.0,
    "rival_ratio": 1.0,
    "linked": True,
    "dearness": 1.0,
}
SHOPPER: dict[str, Any] = {
    "has_need": False, "live": False, "trust": 0.0, "notes": 0.0, "reliance": 1.0, "taste": 0.0,
    "fatigue": 0.0,
}  # fmt: skip
STREAM = np.uint64(9)


def order(k: Coefficients, **changes: Any) -> float:
    """Log odds of an order."""
    mind = MIND._replace(**{name: changes.pop(name) for name in Mind._fields if name in changes})
    return float(_order_logit(k, mind, *(VISIT | changes).values()))


def cart(k: Coefficients, **changes: Any) -> float:
    """Log odds of a cart."""
    return float(_cart_logit(k, *(SHOPPER | changes).values()))


def test_a_constant_elasticity_of_price() -> None:
    """Odds fall with the price to the power of the sensitivity: doubled price, 2^-beta of the odds."""
    k = NONE._replace(price=1.7)
    for ratio in (0.5, 1.0):
        assert order(k, ratio=2 * ratio) - order(k, ratio=ratio) == pytest.approx(-1.7 * math.log(2.0))
    assert order(k, ratio=0.8, sensitivity=0.0) == order(k, ratio=1.0)


@pytest.mark.parametrize("memory", [0.0, 0.3, 1.0])
def test_a_price_is_seen_against_what_is_expected(memory: float) -> None:
    """Whoever remembers wholly compares with what was seen, whoever does not with the catalogue price."""
    k = NONE._replace(price=1.7, own_memory=memory)
    expected = memory * 0.8 + (1.0 - memory) * 1.0
    assert order(k, ratio=expected, reference=0.8) == pytest.approx(0.0, abs=1e-12)
    assert order(k, ratio=1.1 * expected, reference=0.8) == pytest.approx(-1.7 * math.log(1.1))


def test_a_dearer_rival_brings_orders() -> None:
    """Odds follow the rival's price relative to ours by its power; equal prices change nothing."""
    k = NONE._replace(rival=0.6)
    assert order(k, ratio=0.9, rival_ratio=0.9) == pytest.approx(0.0, abs=1e-12)
    assert order(k, rival_ratio=1.25) == pytest.approx(0.6 * math.log(1.25))


def test_proof_is_missed_less_the_more_is_read() -> None:
    """Without notes all of it is missed, with one half, with three a quarter."""
    k = NONE._replace(order_proof=0.8)
    missed = [order(k, proof_need=0.5, notes=n) for n in (0.0, 1.0, 3.0)]
    assert missed == pytest.approx([-0.4, -0.2, -0.1])


def test_friends_sell_whatever_way_they_tell() -> None:
    """A share, an invitation and an affiliate are friends; feeds and streams are none."""
    k = NONE._replace(order_friend=1.0, order_private=2.0, order_direct=3.0)
    lift = [order(k, source=s) for s in range(12)]
    assert lift == [0, 0, 0, 3, 2, 0, 0, 0, 1, 1, 0, 1]


def test_trust_is_neutral_at_a_half_and_what_is_not_linked_is_lost() -> None:
    k = NONE._replace(order_trust=2.0, unlinked=0.7)
    assert order(k, trust=0.75) == pytest.approx(0.5)
    assert order(k, trust=0.25) == pytest.approx(-0.5)
    assert order(k, linked=False) == pytest.approx(-0.7)


def test_a_cart_wants_trust_notes_taste_and_rest() -> None:
    """Everything but fatigue speaks for a cart; notes count by those who rely on them, with less each."""
    k = NONE._replace(cart_trust=1.0, cart_notes=2.0, cart_taste=3.0, cart_fatigue=0.5, cart_need=4.0,
                      cart_live=5.0, usual_reliance=0.5)  # fmt: skip
    assert cart(k) == 0.0
    assert cart(k, trust=0.2) == pytest.approx(0.2)
    assert cart(k, taste=0.1) == pytest.approx(0.3)
    assert cart(k, fatigue=2.0) == pytest.approx(-1.0)
    assert cart(k, has_need=True) == 4.0
    assert cart(k, live=True) == 5.0
    assert cart(k, notes=math.e - 1.0, reliance=0.25) == pytest.approx(1.0)


@pytest.mark.parametrize("member", [False, True])
@pytest.mark.parametrize("lifetime", [0, 3])
@pytest.mark.parametrize("touch", [0.0, 0.12])
def test_the_best_concession_counts_and_none_adds_up(touch: float, lifetime: int, member: bool) -> None:
    """New users' 10%, members' 15%, a touch's 12%, 5% off the list and a coupon of 8% for everybody."""
    k = NONE._replace(list_level=0.95, coupon_share=1.0, coupon_discount=0.08, new_user_discount=0.10,
                      member_discount=0.15)  # fmt: skip
    held = [0.05, 0.08, touch] + [0.10] * (lifetime == 0) + [0.15] * member
    price, grouped = _offer(k, 4, 1, STREAM, lifetime, touch, member)
    assert price == pytest.approx(1.0 - max(held))
    assert not grouped


def test_a_concession_is_taken_from_a_raised_price_as_well() -> None:
    k = NONE._replace(list_level=1.2, member_discount=0.1)
    assert _offer(k, 4, 1, STREAM, 1, 0.0, True)[0] == pytest.approx(1.2 * 0.9)


def test_a_coupon_reaches_its_share_of_people() -> None:
    """Binomial: of 4,000 people 30% hold one this week, within four standard deviations."""
    k = NONE._replace(coupon_share=0.3, coupon_discount=0.2)
    held = sum(_offer(k, who, 5, STREAM, 1, 0.0, False)[0] < 1.0 for who in range(4000))
    assert abs(held - 1200) < 4 * math.sqrt(4000 * 0.3 * 0.7)


def test_a_group_is_joined_only_for_a_better_price() -> None:
    """Its discount beyond the best offer is worth 1 - exp(-gap / worth) of those who would wait."""
    k = NONE._replace(group_discount=0.3, group_uptake=0.8, group_worth=0.2, member_discount=0.1)
    joined = [_offer(k, who, 5, STREAM, 1, 0.0, True) for who in range(4000)]
    chance = 0.8 * (1.0 - math.exp(-0.2 / 0.2))
    assert abs(sum(g for _, g in joined) - 4000 * chance) < 4 * math.sqrt(4000 * chance * (1 - chance))
    assert {round(price, 6) for price, _ in joined} == {0.7, 0.9}
    assert not any(_offer(k, who, 5, STREAM, 1, 0.3, True)[1] for who in range(100))


def test_what_a_unit_costs_the_campaign() -> None:
    """What is below the catalogue price, and the commission on what is paid; a dear price pays nothing in."""
    assert _given(1000.0, 0.9, 0.05) == pytest.approx(100.0 + 45.0)
    assert _given(1000.0, 1.2, 0.05) == pytest.approx(60.0)
    assert _given(1000.0, 1.0, 0.0) == 0.0


def test_the_curve_of_waiting_goes_through_both_anchors() -> None:
    a, b = fresh_curve(0.9, 0.2)
    for hours, accepted in ((0.5, 0.9), (72.0, 0.2)):
        assert 1.0 / (1.0 + math.exp(-(a - b * math.log(hours)))) == pytest.approx(accepted)
    assert b > 0.0
