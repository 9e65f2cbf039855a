"""What moves towards a goal by a time constant never overshoots it, however short the constant."""

from __future__ import annotations

import math
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.core.errors import RunError
from sim.demand.rival import RivalParams, Rivals
from sim.world.catalog import CatalogParams, build_catalog
from tests.conftest import LIVELY, live, small_market

CATALOG = build_catalog(CatalogParams())


class _Orders:
    def __init__(self, ratio: float) -> None:
        paid = np.round(CATALOG.price_fen * ratio).astype(np.int64)
        one = np.ones(CATALOG.size, int)
        self._columns = {"category": np.arange(CATALOG.size), "paid_fen": paid, "quantity": one}

    def today(self, column: str) -> np.ndarray:
        return self._columns[column]


@pytest.mark.property
@given(st.floats(0.1, 365), st.floats(0, 1), st.floats(0.3, 1.5), st.floats(0.3, 1.5))
def test_rivals_close_a_gap_by_what_their_lag_says(lag, follow, ratio, start):
    """After a day exp(-1 / lag) of the gap is left: the exact answer of d x / dt = (goal - x) / lag."""
    price = np.full(CATALOG.size, start)
    world = SimpleNamespace(
        records=SimpleNamespace(orders=_Orders(ratio)), catalog=CATALOG,
        conditions=SimpleNamespace(rival_price=price),
    )  # fmt: skip
    Rivals(RivalParams(lag=lag, follow=follow)).act(world, None)
    paid = np.round(CATALOG.price_fen * ratio) / CATALOG.price_fen
    goal = 1 - follow * (1 - paid)
    assert price == pytest.approx(goal + (start - goal) * math.exp(-1 / lag), abs=1e-12)


def test_rivals_with_a_short_lag_keep_their_prices_between_the_brands_and_the_usual():
    market = small_market("baseline", *LIVELY, "pricing.list_level=0.8", "rival.lag=0.4", "rival.follow=1.0")
    live(market, 6)
    orders, prices = market.records.orders, market.world.conditions.rival_price
    paid = np.bincount(orders["day"] * CATALOG.size + orders["category"], orders["paid_fen"])
    usual = np.bincount(
        orders["day"] * CATALOG.size + orders["category"],
        CATALOG.price_fen[orders["category"]] * orders["quantity"],
    )
    cheapest = (paid[usual > 0] / usual[usual > 0]).min()
    assert ((prices >= cheapest) & (prices <= 1.0)).all()
    assert np.isfinite(market.records.visits["order_probability"]).all()


def test_a_chance_that_is_not_a_number_stops_the_run_and_names_the_day():
    market = live(small_market("baseline", *LIVELY), 1)
    market.world.conditions.rival_price[:] = -1.0
    with pytest.raises(RunError, match="on day 1 the chance to order"):
        market.step()
