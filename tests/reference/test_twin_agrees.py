"""Five hundred people live a month in the engine and, one object each, in plain Mesa: nothing may differ."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import zip_longest
from typing import Any

import numpy as np
import pytest

from sim.market import Market
from sim.registry import FEATURES
from sim.world.schema import Spend
from tests.reference.twin import TwinMarket
from tests.reference.twin.events import CANCELLED, DELIVERED, RETURNED

pytestmark = pytest.mark.reference

DAYS = 30
SIZE = ("population.size=500", "experiment.burn_in_days=0", "experiment.warmup_days=0")
#: What is rare under the core rules happens every day here.
BUSY = (
        "population.needs_per_day=0.6", "population.budget_share=0.02", "choice.cart_intercept=-0.75",
        "choice.order_intercept=0.0", "choice.basket_mean=0.8", "pricing.rule=coupon",
        "pricing.list_level=1.1", "pricing.bundle_discount=0.1", "incentive.design=three_tier",
        "incentive.invite_reward=60", "incentive.recipient_coupon=0.15", "sharing.invite_base=0.05",
        "sharing.pass_on=0.15",
        "sharing.pass_on_invite=0.3", "sharing.delay_median=300", "orders.cancel_shelf=0.2",
        "aftersales.low_on_time=0.3", "aftersales.return_low=5", "platforms.wechat.sends_on=0.6",
        "channel_mix.influencer_share=0.1", "content.hybrid_share=0.5", "experiment.seed=7",
        "control.even_people=500",
)  # fmt: skip
#: The core rules as they are; all that is rare, with an allowance that is soon used up; an allowance that
#: pays some rewards and refuses others, whose promises lapse; and one that does not pay the content.
MARKETS = {
    "core": (),
    "busy": BUSY,
    "scarce": (*BUSY, "control.daily_budget=0.2", "incentive.invite_reward=8", "incentive.valid_days=4"),
    "poor": (*BUSY, "control.daily_budget=0.0005"),
}

# fmt: off
VISIT = ["visit_id", "person", "minute", "source", "origin", "surface", "category", "sources_seen", "touch",
         "registered_before", "cart", "order"]
ORDER = ["order_id", "visit_id", "person", "minute", "source", "origin", "surface", "category", "quantity",
         "list_fen", "paid_fen", "commission_fen", "lifetime_order", "promised_minute"]
TOUCH = ["touch", "root", "sender", "receiver", "minute", "source", "generation", "category", "reward_fen"]
REGISTRATION = ["person", "minute", "source", "platform", "inviter"]
DELIVERY = ["order_id", "person", "day", "minute", "low_score", "complaint"]
# fmt: on
PLATFORM = ("adstock", "sales", "impressions", "rank", "low_score", "return_share", "complaint_share")
PURSE = ("allowance_fen", "spent_fen", "usual_other_spend", "budget_days", "stopped")


@pytest.fixture(scope="module", params=MARKETS)
def pair(request) -> tuple[Market, TwinMarket]:
    """The engine and its twin after the same month."""
    market = Market.from_scenario("core_rules", *SIZE, *MARKETS[request.param])
    twin = TwinMarket(market, keyed=True)
    for _ in range(DAYS):
        market.step()
        twin.step()
    return market, twin


def rows(market: Market, table: str, columns: list[str]) -> list[tuple[Any, ...]]:
    """Rows of an event table as plain tuples."""
    return list(zip(*(market.records.tables[table][c].tolist() for c in columns), strict=True))


def assert_same(what: str, columns: list[str], engine: Iterable[tuple], twin: Iterable[tuple]) -> None:
    """Equal row by row; otherwise say which is the first that differs, and where."""
    engine, twin = list(engine), list(twin)
    for number, (a, b) in enumerate(zip_longest(engine, twin)):
        if a != b:
            wrong = ["one is missing"]
            if a is not None and b is not None:
                wrong = [c for c, x, y in zip(columns, a, b, strict=True) if x != y]
            pytest.fail(
                f"{what} {number} (of {len(engine)} in the engine, {len(twin)} in the twin) differs "
                f"in {', '.join(wrong)}\ncolumns {columns}\nengine  {a}\ntwin    {b}"
            )


def test_every_visit(pair):
    market, twin = pair
    seen = [
        (v.id, v.consumer.id, v.minute, v.source, v.origin, v.surface, v.category, v.seen,
         -1 if v.touch is None else v.touch.id, v.registered_before, v.cart, v.ordered)
        for v in twin.visits
    ]  # fmt: skip
    assert_same("visit", VISIT, rows(market, "visits", VISIT), seen)


def test_every_chance_of_an_order(pair):
    """To the last digit but one of 32 bits, because the twin adds up the ways in another order."""
    market, twin = pair
    chances = market.records.visits["order_probability"]
    assert chances == pytest.approx([visit.probability for visit in twin.visits], rel=1e-6, abs=0.0)
    assert chances.min() == 0.0 or market.config.population.budget_share > 0.05  # some cannot pay
    assert not market.records.visits["refused"].any()


def test_every_order(pair):
    market, twin = pair
    booked = [
        (o.id, o.visit.id, o.consumer.id, o.minute, o.visit.source, o.visit.origin, o.visit.surface,
         o.category, o.quantity, o.list_fen, o.paid_fen, o.fees_fen, o.lifetime, o.promised)
        for o in twin.orders
    ]  # fmt: skip
    assert_same("order", ORDER, rows(market, "orders", ORDER), booked)


def test_every_registration(pair):
    market, twin = pair
    known = [(r.person, r.minute, r.source, r.platform, r.inviter) for r in twin.registrations]
    assert_same("registration", REGISTRATION, rows(market, "registrations", REGISTRATION), known)


def test_every_touch(pair):
    market, twin = pair
    passed = [
        (t.id, t.root, t.sender, t.receiver, t.minute, t.source, t.generation, t.category, t.reward_fen)
        for t in twin.touches
    ]
    assert_same("touch", TOUCH, sorted(rows(market, "touches", TOUCH)), sorted(passed))


def test_every_delivery_and_score(pair):
    market, twin = pair
    handed_over = [
        (o.id, o.consumer.id, o.delivered_day, o.promised, o.low_score, o.complaint)
        for o in twin.orders
        if o.delivered_day >= 0
    ]
    assert_same("delivery", DELIVERY, sorted(rows(market, "deliveries", DELIVERY)), sorted(handed_over))


def test_every_cancellation_and_return(pair):
    market, twin = pair
    columns = ["order_id", "minute"]
    cancelled = [(o.id, o.cancel_minute) for o in twin.orders if o.status == CANCELLED]
    assert_same("cancellation", columns, sorted(rows(market, "cancellations", columns)), sorted(cancelled))
    returned = [(o.id, o.back_minute) for o in twin.orders if o.status == RETURNED]
    assert_same("return", columns, sorted(rows(market, "returns", columns)), sorted(returned))


def test_every_column_of_every_person(pair):
    market, twin = pair
    others = {name for one in FEATURES if not one.on(market.config) for name in one.columns}
    for name, column in market.world.people.columns.items():
        if name in others:  # nobody moves it, and the twin has no such rule
            values = np.unique(column)
            assert len(values) == 1, name
            continue
        values = [getattr(consumer, name) for consumer in twin.consumers]
        plain = [v if isinstance(v, (bool, int, float)) else list(v) for v in values]
        people = market.world.people.id.tolist()
        assert_same(f"people.{name} of", ["person", name], zip(people, column.tolist(), strict=True),
                    zip(people, plain, strict=True))  # fmt: skip


def test_platforms_and_purse(pair):
    market, twin = pair
    for name in PLATFORM:
        engine = getattr(market.world.platforms, name).tolist()
        assert [getattr(platform, name) for platform in twin.platforms] == engine, name
    for name in PURSE:
        assert getattr(twin.operator, name) == getattr(market.world.operator, name), name
    assert twin.operator.stage_counts == market.world.operator.stage_counts.tolist()
    assert twin.operator.free() == market.world.free_fen()  # so the open promises agree as well


@pytest.mark.parametrize("pair", ["busy"], indirect=True)
def test_the_month_was_worth_comparing(pair):
    """Every rule had its occasion: all sources, several hops, later touches, every fate of an order."""
    _, twin = pair
    assert {v.source for v in twin.visits} >= {0, 1, 2, 3, 8}
    assert {1, 2} <= {t.generation for t in twin.touches}
    assert len({t.minute // 1440 for t in twin.touches} - {0}) > 10
    assert {CANCELLED, DELIVERED, RETURNED} <= {o.status for o in twin.orders}
    assert any(o.digital for o in twin.orders)
    assert any(o.low_score for o in twin.orders)
    assert any(r.inviter >= 0 for r in twin.registrations)


@pytest.mark.parametrize("pair", ["scarce", "poor"], indirect=True)
def test_money_was_short_and_was_there(pair):
    """Rewards and concessions, or content, were refused on some days; on others they were paid."""
    market, _ = pair
    stops, spend = market.records.campaign_stops, market.records.spend
    poor = market.config.control.daily_budget < 0.01
    for kind in (Spend.CONTENT,) if poor else (Spend.REWARD, Spend.DISCOUNT):
        assert 0 < (stops["kind"] == kind).sum() < DAYS
        assert (spend["fen"][spend["kind"] == kind] > 0).any()


def test_what_is_not_core_is_refused():
    market = Market.from_scenario("core_rules", *SIZE, "membership.enabled=true")
    with pytest.raises(AssertionError, match="membership"):
        TwinMarket(market, keyed=True)
