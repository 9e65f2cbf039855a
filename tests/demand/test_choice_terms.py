"""Single terms of the decision to buy, against the rules in words: signs, odds and the best offer."""

from __future__ import annotations

import math
from types import SimpleNamespace

import numpy as np
import pytest

from sim.demand.choice import fresh_curve
from sim.demand.decide import Coefficients, _given, _offer, _price_logits
from sim.demand.pull import Shoppers, Weights, pulls
from sim.social.trust import Goodwill
from sim.world.terms import TermSum

NONE = Coefficients(*[0.0] * len(Coefficients._fields))._replace(list_level=1.0, group_worth=0.1)
STREAM = np.uint64(9)


def order(k: Coefficients, ratio=1.0, reference=1.0, sensitivity=1.0, rival_ratio=1.0) -> float:
    """What the price says of an order, log odds."""
    return float(sum(_price_logits(k, reference, sensitivity, ratio, rival_ratio, 1.0)))


def pull(weights: dict[str, float], need=-1, notes=0.0, reliance=1.0, taste=0.0, proof=0.0, fatigue=0.0):
    """Terms of one visit to category 0: need, notes, taste, tiredness; taste and proof."""
    k = Weights(*[0.0] * len(Weights._fields))._replace(**{"usual_reliance": 1.0, **weights})
    shoppers = Shoppers(
        np.array([need]),
        *(np.array([value]) for value in (notes, reliance, taste, proof)),
        np.array([[fatigue]]),
    )
    zero = np.zeros(1, np.int64)
    return pulls(zero, zero, zero, shoppers, k)[:, 0]


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
    missed = [pull({"order_proof": 0.8}, proof=0.5, notes=n)[5] for n in (0.0, 1.0, 3.0)]
    assert missed == pytest.approx([-0.4, -0.2, -0.1])


def test_trust_is_silent_where_it_began() -> None:
    flow = SimpleNamespace(visits={"seat": np.array([0, 1, 2])}, cart=TermSum("cart"), order=TermSum("order"))
    people = SimpleNamespace(trust=np.array([0.75, 0.25, 0.5], np.float32))
    Goodwill(1.0, 2.0, 0.5).act(SimpleNamespace(flow=flow, people=people), None)
    assert flow.order.total(3).tolist() == [0.5, -0.5, 0.0]
    assert flow.cart.total(3).tolist() == [0.25, -0.25, 0.0]


def test_a_cart_wants_need_notes_taste_and_rest() -> None:
    """Everything but fatigue speaks for a cart; notes count by those who rely on them, with less each."""
    k = {"cart_notes": 2.0, "cart_taste": 3.0, "cart_fatigue": 0.5, "cart_need": 4.0, "order_taste": 1.0,
         "usual_reliance": 0.5}  # fmt: skip
    assert not pull(k).any()
    assert pull(k, taste=0.1)[[2, 4]] == pytest.approx([0.3, 0.1])
    assert pull(k, fatigue=2.0)[3] == pytest.approx(-1.0)
    assert pull(k, need=0)[0] == 4.0
    assert pull(k, need=1)[0] == 0.0
    assert pull(k, notes=math.e - 1.0, reliance=0.25)[1] == pytest.approx(1.0)


def test_a_group_is_joined_only_for_a_better_price() -> None:
    """Its discount beyond the best offer is worth 1 - exp(-gap / worth) of those who would wait."""
    k = NONE._replace(group_discount=0.3, group_uptake=0.8, group_worth=0.2)
    joined = [_offer(k, who, 5, STREAM, 0.1, 1.0, 1.0, 1.0, 1.0) for who in range(4000)]
    chance = 0.8 * (1.0 - math.exp(-0.2 / 0.2))
    assert abs(sum(g for *_, g in joined) - 4000 * chance) < 4 * math.sqrt(4000 * chance * (1 - chance))
    assert {round(price, 6) for price, *_ in joined} == {0.7, 0.9}
    assert not any(_offer(k, who, 5, STREAM, 0.3, 1.0, 1.0, 1.0, 1.0)[2] for who in range(100))


def test_what_a_unit_costs_the_campaign() -> None:
    """What is below the catalogue price, and the commission on what is paid; a dear price pays nothing in."""
    assert _given(1000.0, 0.9, 0.05, 1.0) == pytest.approx(100.0 + 45.0)
    assert _given(1000.0, 0.9, 0.05, 0.25) == pytest.approx(25.0 + 45.0)  # somebody else bears the rest
    assert _given(1000.0, 1.2, 0.05, 1.0) == pytest.approx(60.0)
    assert _given(1000.0, 1.0, 0.0, 1.0) == 0.0


def test_a_concession_is_taken_from_a_raised_price_as_well() -> None:
    assert _offer(NONE._replace(list_level=1.2), 4, 1, STREAM, 0.1, 1.0, 1.0, 1.0, 1.0)[0] == pytest.approx(
        1.2 * 0.9
    )


def test_the_curve_of_waiting_goes_through_both_anchors() -> None:
    a, b = fresh_curve(0.9, 0.2)
    for hours, accepted in ((0.5, 0.9), (72.0, 0.2)):
        assert 1.0 / (1.0 + math.exp(-(a - b * math.log(hours)))) == pytest.approx(accepted)
    assert b > 0.0
