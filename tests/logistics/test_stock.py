"""Stock: oldest first, ages, order-up-to levels, shares of scarce goods, and the map behind it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.logistics.lots import AGES, age_lots, move_lots, order_suppliers, replenish_fronts, take_lots
from sim.logistics.network import NEXT_DAY
from tests.logistics.conftest import DAY, Shop, build

lots = st.lists(st.integers(0, 9), min_size=AGES, max_size=AGES).map(lambda v: np.array(v, np.int32))


@pytest.mark.property
@given(lots, st.integers(1, 200))
def test_oldest_first(held: np.ndarray, quantity: int) -> None:
    """FEFO: what is taken is never younger than what stays, and too little means nothing is touched."""
    before = held.copy()
    age = take_lots(held, quantity)
    if before.sum() < quantity:
        assert age == -1
        assert (held == before).all()
        return
    taken = before - held
    assert taken.sum() == quantity
    assert age == np.flatnonzero(taken).max()
    youngest = np.flatnonzero(taken).min()
    assert not held[youngest + 1 :].any()


@pytest.mark.property
@given(lots, st.integers(0, 200))
def test_moving_keeps_ages_and_units(held: np.ndarray, quantity: int) -> None:
    """Moved lots keep their age steps."""
    source, target = held.copy(), np.zeros(AGES, np.int32)
    move_lots(source, target, quantity)
    assert (source + target == held).all()
    assert target.sum() == min(quantity, held.sum())


def test_goods_age_and_are_discarded_on_their_day() -> None:
    """Goods that keep four steps are sold for three nights and thrown away on the fourth."""
    shelf, aside = np.zeros((1, 1, AGES), np.int32), np.zeros((1, 1, AGES), np.int32)
    shelf[0, 0, 0] = aside[0, 0, 0] = 5
    thrown = np.zeros((1, 1), np.int64)
    for day in range(4):
        assert thrown[0, 0] == 0
        age_lots(shelf, aside, day, np.array([1]), np.array([4]), thrown)
    assert thrown[0, 0] == 5
    assert not shelf.any()
    assert aside[0, 0, 4] == 5


def test_scarce_goods_are_shared() -> None:
    """Two fronts that need 30 and 10 of 20 units get 15 and 5; nothing is created or lost."""
    shelf, transit = np.zeros((3, 1, AGES), np.int32), np.zeros((3, 1, AGES), np.int32)
    shelf[0, 0, 2] = 20
    shipped = replenish_fronts(shelf, transit, np.array([[0], [30], [10]]))
    assert shipped.tolist() == [20]
    assert transit[:, 0, 2].tolist() == [0, 15, 5]
    assert not shelf.any()


def test_suppliers_fill_up_to_the_level_after_the_lead_time() -> None:
    """The inventory position after ordering is the level; a late supplier comes later, not short."""
    for probability, slot in ((0.0, 3), (1.0, 5)):
        shelf, pipeline = np.zeros((1, 1, AGES), np.int32), np.zeros((6, 1), np.int32)
        shelf[0, 0, 0], pipeline[1, 0] = 3, 4
        order_suppliers(shelf, pipeline, np.array([20]), 0, 3, 2, probability, np.uint64(1))
        assert pipeline[:, 0].tolist() == [13 if k == slot else 4 if k == 1 else 0 for k in range(6)]


@pytest.mark.exact
@pytest.mark.parametrize("receipt_hour", [0.0, 5.0, 23.0])
@pytest.mark.parametrize("lead", [1, 2, 5])
def test_order_up_to_meets_steady_demand_exactly(lead: int, receipt_hour: float) -> None:
    """Demand d a day, lead L, nightly review: a level of d(L + 1) never runs out and leaves nothing over.

    What is ordered at one midnight is there L whole days later, at the receipt hour; the stock just
    before the next receipt is S - d(L + 1) (order-up-to policy with nightly review, Zipkin 2000).
    """
    supply = {"supplier_lead_days": lead, "safety_factor": 0.0, "forecast_smoothing": 0.0}
    network = build(
        demand=120.0, supply={**supply, "supplier_late_probability": 0.0, "receipt_hour": receipt_hour}
    )
    ambient, zone = np.zeros(1, np.int64), np.zeros(1, np.int64)
    opening = network.stock.received[0]
    assert opening == 10 * (lead + 1)
    for day in range(3 * lead + 4):
        before_receipt = day * DAY + round(60 * receipt_hour)
        network.run_until(before_receipt)
        orders_arrived = max(0, day - lead - 1)
        assert network.stock.received[0] - opening == 10 * orders_arrived
        network.run_until(before_receipt + 1)
        assert network.stock.received[0] - opening == 10 * max(0, day - lead)
        for _ in range(10):
            assert network.reserve(ambient, zone, np.ones(1, np.int64))[0] == 0
        if day >= lead:
            assert network.stock.held[0, 0] == 0
        network.run_until((day + 1) * DAY)
        network.close_day(day)


def test_levels_cover_lead_time_and_safety() -> None:
    """The regional level is demand over lead time and review plus the safety stock, rounded up."""
    network = build(
        demand=1200.0, supply={"supplier_lead_days": 4, "safety_factor": 2.0, "variance_to_mean": 1.5}
    )
    mean = 100.0 * 5
    level = network.stock.levels()
    assert level[0, 0] == np.ceil(mean + 2.0 * np.sqrt(1.5 * mean))
    assert (level[1:, 0] == 0).all()


def test_cold_rooms_bound_the_stock() -> None:
    """Frozen goods never need more litres than the frozen room has."""
    network = build(demand=6000.0, frozen_room_litres_per_1000=20.0)
    frozen = network.products.layer == 3
    litres = network.stock.levels()[:, frozen] @ network.products.volume[frozen]
    assert litres[1] <= 20.0 * 20
    assert litres[0] <= 3 * 20.0 * 20
    assert litres[1] > 0


def test_forecast_follows_demand() -> None:
    """When demand triples, levels follow, and goods run out less often than on the first days."""
    network = build(demand=60.0, supply={"forecast_smoothing": 0.3})
    shop = Shop(network)
    before = network.stock.levels()[0].sum()
    placed, met = [], []
    for day in range(20):
        n = shop.n
        shop.day(day, 180)
        placed.append(180)
        met.append(shop.n - n)
    assert network.stock.levels()[0].sum() > 1.5 * before
    assert np.mean(met[-5:]) > np.mean(met[2:7])


def test_arrivals_come_in_the_morning() -> None:
    """What midnight ordered for the fronts lies on their shelves after the receipt hour, not before."""
    network = build(demand=220.0)
    Shop(network).day(0, 200)
    due = network.stock.transit[1].sum()
    assert due > 0
    held = network.stock.held[1].sum()
    network.run_until(DAY + 4 * 60)
    assert network.stock.held[1].sum() == held
    network.run_until(DAY + 6 * 60)
    assert network.stock.held[1].sum() == held + due


def test_classes_follow_distance_and_layer() -> None:
    """Instant classes only within the radius; half an hour only next door; zones spread over the district."""
    network = build(consumers=60_000, thirty_minute_radius_km=2.5)
    km, service = network.region.distance_km, network.service()
    assert km.min() < 2.5 < 5.0 < km.max() <= 6.0
    chilled = service[6]
    assert (chilled[km > 5.0] == NEXT_DAY).all()
    assert (chilled[(km <= 5.0) & (km > 2.5)] == 1).all()
    assert (chilled[km <= 2.5] == 0).all()
    assert (service[0] == NEXT_DAY).all()
