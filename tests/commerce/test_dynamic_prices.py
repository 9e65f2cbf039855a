"""Prices that follow stock: bounds and steps hold, cover moves them as declared, people remember."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.commerce.dynamic_prices import DynamicPricesParams, Look, next_level, wanted_level
from sim.commerce.price_fairness import asked_levels, noticed
from sim.world.catalog import CATEGORIES
from tests.conftest import LIVELY, live, small_market

LEVEL = st.floats(0.05, 5.0)
#: Shelves that hold far more than they are to, prices that may fall by three tenths, and media apart.
FULL = (
    "supply.safety_factor=6", "dynamic_prices.cover_days=1", "dynamic_prices.by_cover=0.2",
    "dynamic_prices.floor=0.7", "control=media",
)  # fmt: skip


@pytest.mark.property
@given(LEVEL, LEVEL, st.floats(0.3, 1.0), st.floats(1.0, 2.0), st.floats(0.0, 0.5), st.floats(0.0, 0.2))
def test_no_price_leaves_its_bounds_and_none_moves_further_than_a_step(
    now, wanted, floor, ceiling, step, least
):
    p = DynamicPricesParams(floor=floor, ceiling=ceiling, step=step, least_move=least)
    found = next_level(p, np.array([now]), np.array([wanted]))[0]
    assert floor <= found <= ceiling
    inside = min(max(now, floor), ceiling)
    assert abs(found - inside) <= step + 1e-4  # levels are kept to hundredths of a per cent
    if floor <= wanted <= ceiling and floor <= now <= ceiling:
        assert min(now, wanted) - 1e-4 <= found <= max(now, wanted) + 1e-4


@pytest.mark.property
@given(st.floats(0.0, 1e6), st.floats(0.0, 1e4), st.floats(0.0, 1e4))
def test_what_is_wanted_stays_within_floor_and_ceiling_whatever_is_seen(units, recent, usual):
    p = DynamicPricesParams(by_cover=3.0, by_demand=3.0)
    seen = Look(np.array([units, math.inf]), np.full(2, recent), np.full(2, usual))
    found = wanted_level(p, seen, np.full(2, 30.0))
    assert ((found >= p.floor) & (found <= p.ceiling)).all()


@pytest.mark.exact
def test_twice_the_cover_and_twice_the_demand_move_the_price_by_their_elasticities():
    """Far from the bounds: price ~ cover^-by_cover x demand^by_demand, where steadying units are nothing."""
    p = DynamicPricesParams(floor=0.3, ceiling=2.0, by_cover=0.2, by_demand=0.3, cover_days=10.0, steady=0.1)
    usual = np.full(3, 1e6)
    seen = Look(10.0 * usual * [1.0, 2.0, 1.0], usual * [1.0, 1.0, 2.0], usual)
    found = wanted_level(p, seen, np.full(3, 100.0))
    assert found == pytest.approx([1.0, 2.0**-0.2, 2.0**0.3], rel=1e-6)
    short = wanted_level(p, seen, np.full(3, 5.0))[0]  # goods that keep for five days are to last no longer
    assert short == pytest.approx(2.0**-0.2, rel=1e-6)


def by_hand(seat, category, asked, seen, bought, paid):
    """One person after another."""
    felt = {}
    for s, c in sorted(set(zip(seat.tolist(), category.tolist(), strict=True))):
        risen = max(0.0, round(float(asked[c]) - float(seen[s, c]), 3))
        over = max(0.0, round(float(paid[s]) - float(asked[c]), 3)) if bought[s] == c else 0.0
        felt[s, c] = risen, over
    return felt


@pytest.mark.reference
@pytest.mark.parametrize("seed", range(5))
def test_what_people_notice_is_what_a_loop_over_people_finds(seed):
    rng = np.random.default_rng(seed)
    n, goods, k = 30, 4, 80
    seat, category = rng.integers(0, n, k), rng.integers(0, goods, k).astype(np.int8)
    asked = rng.uniform(0.7, 1.2, goods).astype(np.float32)
    seen = rng.uniform(0.7, 1.2, (n, goods)).astype(np.float32)
    bought, paid = rng.integers(-1, goods, n).astype(np.int8), rng.uniform(0.7, 1.2, n).astype(np.float32)
    found = noticed(seat, category, asked, seen, bought, paid)
    told = {(s, c): (r, o) for s, c, r, o in zip(*(x.tolist() for x in found), strict=True)}
    want = by_hand(seat, category, asked, seen, bought, paid)
    assert told.keys() == want.keys()
    assert all(told[key] == pytest.approx(want[key], abs=2e-3) for key in want)
    assert max(o for _, o in want.values()) > 0.0 < max(r for r, _ in want.values())


def test_prices_that_stand_still_are_fair():
    asked = asked_levels(1.0, np.ones(3))
    felt = noticed(
        np.arange(3), np.zeros(3, np.int8), asked, np.ones((3, 3), np.float32), np.zeros(3, np.int8),
        np.array([0.9, 1.0, 0.0], np.float32),
    )  # fmt: skip
    assert not felt.risen.any()
    assert not felt.overpaid.any()


def test_of_two_reductions_the_larger_counts_and_rises_multiply():
    found = asked_levels(0.95, np.array([0.9, 1.0, 1.1]))
    assert found == pytest.approx([0.9, 0.95, 0.95 * 1.1], rel=1e-6)
    assert asked_levels(1.2, np.array([0.9, 1.1])) == pytest.approx([1.08, 1.32], rel=1e-6)


@pytest.fixture(scope="module")
def lived():
    """The same worlds with full shelves: list prices, prices that follow stock, and those without memory."""
    words = {
        "list": (),
        "cover": ("dynamic_prices=cover",),
        "forgetful": ("dynamic_prices=cover", "dynamic_prices.sore_order=0", "dynamic_prices.sore_trust=0"),
    }
    return {
        name: [live(small_market("baseline", *FULL, *more, size=1500, replication=r), 28) for r in range(3)]
        for name, more in words.items()
    }


def test_stock_that_lasts_too_long_gets_cheaper_and_turns_faster(lived):
    """S052: days of stock, counted from stock and sales, fall in every world."""
    for plain, moved in zip(lived["list"], lived["cover"], strict=True):
        levels = moved.records.tables["dynamic_prices_levels"]
        last = levels["level"][-len(CATEGORIES) :]
        assert (last >= 0.7).all()
        assert last.mean() < 0.9
        assert moved.kpis()["inventory_days"] < plain.kpis()["inventory_days"]


def test_cheaper_goods_are_bought_by_more_of_those_who_look(lived):
    """S008: quoted prices move conversion, here upwards; tests in F016's sense compare the same worlds."""

    def conversion(markets):
        return np.mean([m.kpis()["order_conversion_expected"] for m in markets])

    assert conversion(lived["cover"]) > conversion(lived["list"])


def test_a_new_price_and_a_day_of_the_controller_are_paid(lived):
    market = lived["cover"][0]
    levels, spend = market.records.tables["dynamic_prices_levels"], market.records.tables["spend"]
    kind = market.world.kinds.booking("dynamic_prices_cost").kind
    days = len(np.unique(levels["day"]))
    p = DynamicPricesParams()
    thousand = len(market.world.people) / 1000.0
    paid = spend["fen"][spend["kind"] == kind].sum()
    due = 100.0 * thousand * (p.upkeep * days + p.change_cost * levels["changed"].sum())
    assert paid == pytest.approx(due, abs=len(levels["day"]))  # whole fen, one rounding a posting


def test_who_finds_prices_unfair_buys_less(lived):
    """Among those who were hurt, chances of an order are lower than for the same people without memory."""
    hurt = np.concatenate([m.records.tables["dynamic_prices_felt"]["overpaid"] for m in lived["cover"]])
    assert (hurt > 0.0).any()
    with_memory, without = (
        np.mean([m.kpis()["order_conversion_expected"] for m in lived[name]])
        for name in ("cover", "forgetful")
    )
    assert with_memory < without


def test_nobody_minds_a_price_that_never_moved():
    """What the own site adds to the price is no earlier and higher price of the same goods."""
    still = ("dynamic_prices=cover", "dynamic_prices.floor=1", "dynamic_prices.ceiling=1", "control=media")
    site = ("own_site=settling", "own_site.premium=0.3", "platforms.own_site.feed=5")
    market = live(small_market("baseline", *LIVELY, *still, *site), 10)
    orders, people = market.records.orders, market.world.people
    full = market.world.catalog.price_fen[orders["category"]] * orders["quantity"]
    assert (orders["paid_fen"] > 1.05 * full).sum() > 5
    assert not len(market.records.tables["dynamic_prices_felt"]["day"])
    assert (people.dynamic_prices_paid <= 1.0).all()


def test_the_way_back_to_list_prices_is_noticed():
    """Prices that had fallen rise as the strategy ends: who had seen the lower ones sees list prices."""
    words = (*FULL, *LIVELY, "dynamic_prices=cover", "dynamic_prices.ceiling=1")
    market = live(small_market("baseline", *words, "experiment.days=8", "experiment.after_days=6"), 14)
    levels, felt = (market.records.tables[f"dynamic_prices_{name}"] for name in ("levels", "felt"))
    assert levels["level"].min() < 0.9
    assert levels["day"].max() == 7
    late = felt["day"] >= 8
    assert (felt["risen"][late] > 0.0).sum() > 10
    visits, seen = market.records.visits, market.world.people.dynamic_prices_seen
    last = visits["day"] == market.world.day - 1
    seats = market.world.seats_of(visits["person"][last])
    assert np.allclose(seen[seats, visits["category"][last]][seats >= 0], 1.0)
