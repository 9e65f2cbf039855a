"""Marks on goods: what they say, who sees them, who wishes to be like others, and what they cost."""

from __future__ import annotations

import math

import numpy as np
import pytest

from sim.social.expression import VISIBLE, ExpressionParams, mean_of_acquaintances
from sim.world.catalog import CATEGORIES
from sim.world.schema import GROUPS
from tests.conftest import LIVELY, live, small_market

FREE = ("control=media", *LIVELY, "turnover.enabled=false", "expression.enabled=true")


def wish(logits: float) -> tuple[str, ...]:
    """Everybody wishes alike."""
    return tuple(f"expression.{group}={logits}" for group in GROUPS)


def first_carts(logits: float, seen: float) -> dict[int, bool]:
    """Carts of the first eight hours by visit, where everybody sees so much at first and needs clothes."""
    clothes = [f"catalog.{one}.{g}={20 * (one == 'apparel')}" for g in GROUPS for one in CATEGORIES]
    words = (*FREE, *clothes, "expression.marked=1", *wish(logits), "population.needs_per_day=2")
    market = small_market("baseline", *words, size=4000)
    market.open_window()
    market.world.people.expression_seen[:] = seen
    visits = live(market, 1).world.records.visits
    mine = visits["minute"] < 480
    return dict(zip(visits["visit_id"][mine].tolist(), visits["cart"][mine].tolist(), strict=True))


@pytest.fixture(scope="module")
def worn():
    words = ("expression.marked=0.6", "expression.wears_days=3650", "aftersales.return_days=1")
    return live(small_market("baseline", *FREE, *words, size=800), 9)


def test_what_a_mark_says_wears_off_and_a_wish_saturates():
    p, group = ExpressionParams(says=0.4, said=0.5, half=0.25, silver_vanguard=0.8), np.zeros(3, np.int64)
    found = p.speaks(np.array([0.0, 2.0, 0.0]), np.array([0.0, 0.0, 0.75]), group)
    assert found == pytest.approx([0.4, 0.4 * math.exp(-1.0), 0.4 + 0.8 * 0.75])


def test_those_who_wish_to_be_like_others_cart_what_others_carry_and_those_who_do_not_leave_it():
    """At first people are the same: by common draws a wish only adds carts, and its opposite only takes."""
    liked, none, unlike = (first_carts(x, 0.5) for x in (1.5, 0.0, -1.5))
    both = none.keys() & liked.keys() & unlike.keys()
    assert len(both) > 60
    assert all(unlike[one] <= none[one] <= liked[one] for one in both)
    assert sum(unlike[one] for one in both) < sum(none[one] for one in both) < sum(liked[one] for one in both)


def test_nobody_seen_is_no_reason_either_way():
    assert first_carts(1.5, 0.0) == first_carts(-1.5, 0.0)


def test_what_is_carried_is_what_was_handed_over_and_kept(worn):
    """Recounted order by order; 3,650 days of wear take at most .3% in nine."""
    world = worn.world
    records, marked = world.records, dict.fromkeys(world.people.id.tolist(), 0)
    owner = dict(zip(records.orders["order_id"].tolist(), records.orders["person"].tolist(), strict=True))
    bought = dict(zip(records.orders["order_id"].tolist(), records.orders["category"].tolist(), strict=True))
    visible = {CATEGORIES.index(one) for one in VISIBLE}
    changes = [(one, 1) for one in records.deliveries["order_id"].tolist()]
    changes += [(one, -1) for one in records.returns["order_id"].tolist()]
    most = dict(marked)
    for order, change in changes:
        if bought[order] in visible:
            most[owner[order]] += change
    worn = world.people.expression_worn
    whole = np.rint(worn)
    assert worn == pytest.approx(whole, rel=0.003)
    assert whole.sum() > 0
    assert (whole <= np.array([most[one] for one in world.people.id.tolist()])).all()
    assert abs(whole.sum() / sum(most.values()) - 0.6) < 4.0 * math.sqrt(0.24 / sum(most.values()))


def test_everybody_sees_the_mean_of_acquaintances(worn):
    world, p = worn.world, worn.config.expression
    graph, carried = world.graph, p.carried(world.people.expression_worn)
    slow = [
        np.mean([carried[other] for other in graph.neighbours(seat)]) if len(graph.neighbours(seat)) else 0.0
        for seat in range(len(world.people))
    ]
    assert mean_of_acquaintances(graph.indptr, graph.indices, carried) == pytest.approx(slow)
    assert world.people.expression_seen == pytest.approx(np.array(slow), rel=1e-5)


def test_every_marked_unit_is_paid_for(worn):
    days, costs = worn.world.records.tables["expression_days"], worn.world.records.goods_costs
    assert days["fen"].tolist() == (150 * days["units"]).tolist()
    assert worn.world.ledger.balance["expression_marks"] == days["fen"].sum() > 0
    assert len(costs)


def test_without_marks_nothing_is_said_or_paid():
    world = live(small_market("baseline", *FREE, *wish(2.0), size=400), 4).world
    assert not world.records.tables["expression_looks"]["looks"].any()
    assert not world.ledger.balance.get("expression_marks", 0)
    assert not world.people.expression_worn.any()


def test_nothing_is_carried_that_was_ordered_before_marks_or_after_them():
    """All are marked for three days, between six and eight without; only what was paid for is carried."""
    words = ("expression.marked=1", "expression.wears_days=3650")
    lengths = ("experiment.warmup_days=6", "experiment.days=3", "experiment.after_days=8")
    world = live(small_market("baseline", *FREE, *words, *lengths, size=800), 17).world
    orders, done = world.records.orders, world.records.deliveries
    marked = np.isin(orders["category"], [CATEGORIES.index(one) for one in VISIBLE])
    paid = marked & (orders["day"] >= 6) & (orders["day"] < 9)
    assert world.records.tables["expression_days"]["units"].sum() == orders["quantity"][paid].sum()
    here = np.isin(done["order_id"], orders["order_id"][paid]) & (world.seats_of(done["person"]) >= 0)
    back = np.isin(world.records.returns["order_id"], orders["order_id"][paid]).sum()
    others = np.isin(done["order_id"], orders["order_id"][marked & ~paid]) & (done["day"] >= 6)
    assert others.sum() > 10
    assert world.people.expression_worn.sum() == pytest.approx(here.sum() - back, rel=0.01)
