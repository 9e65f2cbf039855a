"""A broken promise has consequences: customers cancel, refuse at the door, are refunded and remember."""

from __future__ import annotations

import math

import numpy as np
import pytest

from sim.commerce.aftersales_params import AftersalesParams
from sim.commerce.lateness import limit_minutes
from sim.core.rng import Draw
from sim.logistics import parcels as col
from sim.market import Market
from sim.measure.events import Events
from sim.measure.service import on_time
from sim.world.schema import NO_PROMISE, Cancel
from sim.world.world import CANCELLED, OPEN, RETURNED, RETURNING
from tests.conftest import LIVELY, live, small_market

SIZE = ("population.size=3000", "experiment.burn_in_days=0", "experiment.warmup_days=0")
#: Promises by the book and too few riders: every queue breaks them.
OVERLOADED = (*SIZE, "logistics.quote_rule=fixed", "logistics.capacity_ratio=0.3")


@pytest.fixture(scope="module")
def overloaded() -> Market:
    """Forty days of promises that cannot be kept."""
    market = Market.from_scenario("baseline", *OVERLOADED)
    market.run(days=40)
    return market


@pytest.mark.exact
def test_half_have_cancelled_at_the_declared_lateness() -> None:
    """Weibull of shape 2: the share gone at u units is 1 - 2^-(u/median)^2, whatever the class."""
    params, n = AftersalesParams(late_patience=4.0), 40_000
    for service, unit in enumerate(params.patience()):
        limits = limit_minutes(params, Draw(3), np.arange(n), np.zeros(n, np.int64), np.full(n, service))
        assert (limits > 0).all()
        for units in (1.0, 4.0, 8.0):
            expected = 1.0 - 0.5 ** ((units / 4.0) ** 2)
            error = math.sqrt(expected * (1.0 - expected) / n)
            got = (limits <= units * unit).mean()
            assert abs(got - expected) < 4.0 * error + 2.0 / unit * units


def test_nobody_waits_for_ever(overloaded: Market) -> None:
    """At 30% of the riders nothing is left open beyond its customer's patience, and money went back."""
    world = overloaded.world
    orders, state = world.records.orders, world.orders
    gone = world.records.cancellations
    late = gone["reason"] == Cancel.LATE
    assert late.sum() > 10
    rows = np.flatnonzero(np.isin(orders["order_id"], gone["order_id"][late]))
    assert (state["status"][rows] == CANCELLED).all()
    assert (gone["refund_fen"][late] > 0).all()
    waiting = (state["status"] == OPEN) & (state["node"] >= 0)
    limit = limit_minutes(
        world_params(overloaded),
        draw_of(overloaded),
        orders["order_id"],
        state["promised"],
        orders["service"],
    )
    data = world.logistics.table.data
    at_node = np.isin(orders["order_id"], data[data[:, col.STATE] == col.AT_NODE, col.ORDER])
    assert not (waiting & at_node & (limit < world.clock.midnight)).any()


def test_cancelled_for_lateness_only_after_the_promise(overloaded: Market) -> None:
    """The minute of the cancellation lies after the promised one."""
    world = overloaded.world
    gone, orders = world.records.cancellations, world.records.orders
    promised = dict(zip(orders["order_id"].tolist(), world.orders["promised"].tolist(), strict=True))
    for order, minute, reason in zip(
        gone["order_id"].tolist(), gone["minute"].tolist(), gone["reason"].tolist(), strict=True
    ):
        if reason == Cancel.LATE:
            assert minute > promised[order]


def test_refused_at_the_door(overloaded: Market) -> None:
    """What arrives after its customer's patience scores low and goes back."""
    world = overloaded.world
    deliveries, orders = world.records.deliveries, world.records.orders
    limit = limit_minutes(
        world_params(overloaded),
        draw_of(overloaded),
        deliveries["order_id"],
        deliveries["promised_minute"],
        deliveries["service"],
    )
    refused = (deliveries["service"] >= 0) & (deliveries["minute"] > limit)
    assert refused.any()
    assert deliveries["low_score"][refused].all()
    rows = np.flatnonzero(np.isin(orders["order_id"], deliveries["order_id"][refused]))
    assert np.isin(world.orders["status"][rows], (RETURNED, RETURNING)).mean() > 0.9


def test_patience_moves_the_market() -> None:
    """With endless patience nobody cancels for lateness, and far more is open in the end."""
    patient = Market.from_scenario("baseline", *OVERLOADED, "aftersales.late_patience=1000")
    patient.run(days=40)
    assert (patient.world.records.cancellations["reason"] != Cancel.LATE).all()


def test_honest_quotes_lose_orders_instead_of_breaking_promises() -> None:
    """At half the riders the honest rule sells less and keeps its word better than the fixed rule."""
    kept, sold = {}, {}
    for rule in ("queue", "fixed"):
        market = Market.from_scenario(
            "baseline", *SIZE, "logistics.capacity_ratio=0.4", f"logistics.quote_rule={rule}"
        )
        market.run(days=40)
        deliveries = market.world.records.deliveries
        kept[rule] = (deliveries["minute"] <= deliveries["promised_minute"]).mean()
        sold[rule] = len(market.world.records.orders)
    assert sold["queue"] < sold["fixed"]
    assert kept["queue"] > kept["fixed"] + 0.1


def test_wishes_are_judged_at_their_own_minute() -> None:
    """A wish is granted exactly if the parcel is at its node then; a granted one is never picked after."""
    market = Market.from_scenario("baseline", *SIZE, "orders.cancel_shelf=0.9", "orders.cancel_hours=2")
    engine = market.world.logistics
    data, asked = engine.table.data, []
    cancel = engine.cancel

    def watched(order_id: np.ndarray) -> np.ndarray:
        data = engine.table.data
        row = np.flatnonzero((data[:, col.ORDER] == order_id[0]) & (data[:, col.STATE] != col.FREE))
        here = bool((data[row, col.STATE] == col.AT_NODE).any())
        granted = cancel(order_id)
        asked.append((int(engine.env.now), here, bool(granted[0])))
        return granted

    engine.cancel = watched
    market.run(days=20)
    assert len(asked) > 50
    assert all(here == granted for _, here, granted in asked)
    gone = market.world.records.cancellations
    by_customer = gone["reason"] == Cancel.BY_CUSTOMER
    minutes = {tick // 60 for tick, _, granted in asked if granted}
    assert set(gone["minute"][by_customer].tolist()) <= minutes
    data = engine.table.data
    cancelled = data[data[:, col.STATE] == col.CANCELLED]
    assert len(cancelled)
    assert (cancelled[:, col.READY] <= cancelled[:, col.END]).all()
    dayparts = {0, 480, 720, 1080, 1320}
    assert len({int(m) % 1440 for m in gone["minute"]} - dayparts) > 20


def world_params(market: Market) -> AftersalesParams:
    """The after-sales section of a market."""
    params: AftersalesParams = market.config.aftersales
    return params


def draw_of(market: Market) -> Draw:
    """Keyed draws of the market's replication."""
    return market.draw


@pytest.mark.property
def test_who_waits_for_a_group_is_not_late() -> None:
    """Where everything is handed over when promised the rate is 1 on every day, groups or not."""
    words = ("logistics.enabled=false", "group_buy.uptake=1")
    market = live(small_market("group_buy", *LIVELY, *words, size=600), 5)
    tables, first = market.tables(), market.window[0]
    waiting = tables["orders"]["promised_minute"] == NO_PROMISE
    assert waiting.any()
    assert tables["group_buys"]["filled"].any()
    for days in range(1, 6):
        events = Events(tables, (first, first + days))
        assert on_time().per.total(events) > 0
        assert on_time().value(events) == 1.0, days
