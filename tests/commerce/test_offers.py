"""What is offered off a bill and to whom: coupons, first orders, touches, members, list level, bundles."""

from __future__ import annotations

import math
from types import SimpleNamespace

import numpy as np
import pytest

from sim.commerce.membership import MemberPrice, MembershipParams
from sim.commerce.pricing import Concessions, PricingParams
from sim.core.rng import Draw
from sim.operator.linking import Unlinked
from sim.world.terms import Bill, TermSum
from sim.world.world import Terms


def visiting(orders, member, discount, day=35):
    """A world of which only what offers look at is there; one visit a person."""
    n = len(orders)
    visits = {"seat": np.arange(n), "person": np.arange(n), "discount": np.array(discount, np.float32),
              "origin": np.zeros(n, np.int8), "surface": np.arange(n) % 2}  # fmt: skip
    people = SimpleNamespace(orders=np.array(orders), member=np.array(member, bool))
    flow = SimpleNamespace(visits=visits, bill=Bill(), order=TermSum("order"))
    return SimpleNamespace(day=day, people=people, flow=flow, operator=SimpleNamespace(terms=Terms()))


def offered(world, *acts):
    """Exclusive share of each visit."""
    for act in acts:
        act.act(world, Draw(7))
    return world.flow.bill.settle(np.full(len(world.people.orders), 1000))


@pytest.mark.parametrize("member", [False, True])
@pytest.mark.parametrize("orders", [0, 3])
@pytest.mark.parametrize("touch", [0.0, 0.12])
def test_the_best_concession_counts_and_none_adds_up(touch, orders, member):
    """New users' 10%, members' 15%, a touch's 12%, 5% off the list and a coupon of 8% for everybody."""
    pricing = PricingParams(
        rule="coupon", list_level=0.95, coupon_share=1.0, coupon_discount=0.08, new_user_discount=0.10
    )
    world = visiting([orders], [member], [touch])
    held = [0.05, 0.08, touch] + [0.10] * (orders == 0) + [0.15] * member
    found = offered(world, Concessions(pricing), MemberPrice(MembershipParams(discount=0.15)))
    assert found.deal == pytest.approx([max(held)])
    assert found.also.tolist() == found.several.tolist() == [1.0]


def test_a_coupon_reaches_its_share_of_people_and_lasts_a_week():
    """Binomial: of 4,000 people 30% hold one, within four standard deviations, and another 30% next week."""
    pricing = PricingParams(rule="coupon", coupon_share=0.3, coupon_discount=0.2, new_user_discount=0.0)
    held = [
        offered(visiting([1] * 4000, [False] * 4000, [0.0] * 4000, day), Concessions(pricing)).deal == 0.2
        for day in (35, 41, 42)
    ]
    assert abs(held[0].sum() - 1200) < 4 * math.sqrt(4000 * 0.3 * 0.7)
    assert (held[0] == held[1]).all()
    assert abs((held[0] & held[2]).sum() - 360) < 4 * math.sqrt(4000 * 0.09 * 0.91)


def test_a_bundle_comes_on_top_from_two_units_on():
    pricing = PricingParams(bundle_discount=0.1, new_user_discount=0.0)
    found = offered(visiting([1], [False], [0.2]), Concessions(pricing))
    assert (found.deal, found.also, found.several) == pytest.approx((0.2, 1.0, 0.9))


@pytest.mark.parametrize("linked", [False, True])
def test_what_is_not_linked_is_lost(linked):
    world = visiting([1, 1], [False] * 2, [0.0] * 2)
    world.operator = SimpleNamespace(terms=SimpleNamespace(linked_ids=linked))
    Unlinked(0.7).act(world, Draw(7))
    assert world.flow.order.total(2).tolist() == ([0.0, 0.0] if linked else [0.0, -0.7])
