"""The firm's value is counted from books and customers, and falls with a scandal that nobody set it to."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.operator.firm_value import books, customer_value, customers_of, deepest_fall
from tests.conftest import live, small_market


@pytest.mark.exact
@pytest.mark.parametrize(("margin", "stays", "rate"), [(30, 0.6, 0.01), (12, 0, 0.05), (-4, 0.9, 0.1)])
def test_a_customer_is_worth_the_discounted_sum_of_what_later_periods_bring(margin, stays, rate):
    later = np.arange(1, 3000)
    assert customer_value(margin, stays, rate) == pytest.approx(
        float((margin * (stays / (1 + rate)) ** later).sum())
    )


def test_the_deepest_fall_by_hand():
    """From 10 to 6 is deeper than from 20 to 13; days without a value, or with none above 0, do not count."""
    nan = float("nan")
    assert deepest_fall(np.array([nan, 10, 6, 20, 13, 18])) == pytest.approx(0.4)
    assert deepest_fall(np.array([-5.0, -9.0, 8.0, 6.0])) == pytest.approx(0.25)
    assert deepest_fall(np.array([1.0, 2.0, 3.0])) == 0.0
    assert np.isnan(deepest_fall(np.array([nan, -1.0])))


@pytest.mark.reference
@given(st.lists(st.tuples(st.integers(0, 40), st.integers(0, 6)), max_size=40), st.integers(1, 20))
def test_customers_are_those_that_plain_sets_say(orders, period):
    day, person = (np.array([one[k] for one in orders], np.int64) for k in (0, 1))
    now = {p for d, p in orders if 40 - period < d <= 40}
    before = {p for d, p in orders if 40 - 2 * period < d <= 40 - period}
    share = len(now & before) / len(before) if before else 0.0
    assert customers_of({"day": day, "person": person}, 40, period) == (len(now), pytest.approx(share))


# --- in a market -------------------------------------------------------------------------------

START, PERIOD = 30, 14
USUAL = ("control=media", "firm_value=daily", f"firm_value.period={PERIOD}")
SCANDAL = ("shock=scandal", f"shock.start={START}", "shock.days=10", "shock.size=0.9", "opinion.press=0.5")


@pytest.fixture(scope="module")
def markets():
    """The same world without a scandal and with one that nobody answers."""
    return [live(small_market("baseline", *USUAL, *words, size=2500), START + 25) for words in ((), SCANDAL)]


def test_a_scandal_costs_the_firm_a_part_of_its_value(markets):
    """The same until it breaks; then fewer customers buy and stay, so that the firm is worth less."""
    days = [market.records.tables["firm_value_days"] for market in markets]
    np.testing.assert_array_equal(days[0]["value"][:START], days[1]["value"][:START])
    late = slice(START + PERIOD, None)
    customers, value = ([table[name][late].mean() for table in days] for name in ("customers", "value"))
    assert customers[1] < 0.95 * customers[0]
    assert value[1] < 0.9 * value[0]
    falls = [deepest_fall(table["value"][START - 2 :]) for table in days]
    assert falls[1] > falls[0]


def test_the_value_is_what_books_and_orders_say(markets):
    """The last day's, from the ledger and the orders of the last two periods."""
    market = markets[1]
    days, (equity, campaign) = market.records.tables["firm_value_days"], books(market.world)
    assert equity == pytest.approx(days["equity"][-1])
    assert np.isnan(days["value"][: 2 * PERIOD]).all()
    assert np.isfinite(days["value"][2 * PERIOD :]).all()
    brought = equity + campaign - (days["equity"] + days["campaign"])[-1 - PERIOD]
    orders, today = market.records.orders, days["day"][-1]
    period = (today - orders["day"]) // PERIOD
    now, before = (set(orders["person"][period == k]) for k in (0, 1))
    stay, rate = len(now & before) / len(before), 1.12 ** (PERIOD / 365) - 1
    assert days["value"][-1] == pytest.approx(equity + brought * stay / (1 + rate - stay))


def test_reckoning_changes_nothing():
    plain, reckoned = (
        live(small_market("baseline", f"firm_value={word}", size=500), 5) for word in ("none", "daily")
    )
    np.testing.assert_array_equal(plain.records.orders["order_id"], reckoned.records.orders["order_id"])
    assert plain.world.ledger.balance == reckoned.world.ledger.balance
