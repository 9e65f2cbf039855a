"""A feature contributes to carts, orders and bills, and orders keep the terms that they were made under."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from sim.core.errors import RunError
from sim.feature import Feature, act
from sim.market import Market
from sim.mechanism import Phase
from sim.world.accounts import Account
from sim.world.catalog import CATEGORIES, LAYERS
from sim.world.schema import Source
from tests.conftest import LIVELY, live, small_market
from tests.features.festival import Festival
from tests.market.worlds import differences, events

WORDS = ("festival.enabled=true", "orders.cancel_shelf=0.2", "aftersales.return_days=1",
         "aftersales.return_low=10", "pricing=coupon", "pricing.bundle_discount=0.1")  # fmt: skip


def lived(*overrides: str, features=(Festival,), days: int = 8) -> Market:
    return live(small_market("baseline", *LIVELY, *overrides, features=features), days)


@pytest.fixture(scope="module")
def held() -> Market:
    return lived(
        *WORDS, "festival.mood=0.5", "festival.crowd=0.4", "festival.off=0.13", "festival.badge=0.03"
    )


def terms(market: Market) -> pd.DataFrame:
    """Terms by order, one column each; 0 where an order has none."""
    table = pd.DataFrame(market.tables()["order_terms"])
    assert (table["value"] != 0).all()
    return table.pivot(index="order_id", columns="term", values="value").fillna(0.0)


def test_a_feature_that_says_nothing_changes_nothing():
    silent, plain = lived(*WORDS), lived(*WORDS[1:], features=())
    assert differences(events(plain.world), events(silent.world)) == []


def test_it_moves_carts_orders_and_prices(held):
    plain = lived(*WORDS[1:], features=())
    for what in ("cart", "order"):
        rate, usual = (market.records.visits[what].mean() for market in (held, plain))
        assert rate > usual + 0.03, what
    paid, listed = (held.records.orders[c].sum() for c in ("paid_fen", "list_fen"))
    assert 0.80 < paid / listed < 0.87  # whoever pays for it, a little more where the brand can add its own


def test_the_terms_of_an_order_give_its_chance_again(held):
    """Logits summed and turned into chances by hand, for goods that nothing else than logits decides on."""
    orders, found = pd.DataFrame(held.tables()["orders"]), terms(held)
    orders = orders.set_index("order_id").join(found)
    visits = pd.DataFrame(held.tables()["visits"]).set_index("visit_id")
    logit = {w: orders[[c for c in found if c.startswith(f"{w}.")]].sum(axis=1) for w in ("cart", "order")}
    c, p = held.config.choice, held.config.content.match_accuracy
    x = c.cart_intercept + logit["cart"]
    cart = p / (1 + np.exp(-x)) + (1 - p) / (1 + np.exp(-(x - c.mismatch)))
    chance = cart / (1 + np.exp(-logit["order"]))
    seen = visits["order_probability"].loc[orders["visit_id"]].to_numpy()
    chilled = np.array(held.world.catalog.layer)[orders["category"]] == LAYERS.index("chilled")
    late = (orders["category"] == CATEGORIES.index("healing_home")).to_numpy()  # sells better at night
    plain = ~chilled & ~late & (seen > 0.99 * chance.to_numpy())  # the others' budget ends before two units
    assert plain.sum() > 100
    assert seen[plain] == pytest.approx(chance.to_numpy()[plain], rel=1e-5)
    assert (seen <= 1.00001 * chance)[~late].all()


def test_terms_say_where_visits_came_from(held):
    orders = pd.DataFrame(held.tables()["orders"]).set_index("order_id").join(terms(held))
    friends = orders["source"].isin([Source.SHARE, Source.INVITATION, Source.GROUP_BUY])
    assert ((orders["order.friend"] != 0) == friends).all()
    assert ((orders["order.direct"] != 0) == (orders["source"] == Source.DIRECT)).all()
    assert ((orders["order.unlinked"] < 0) == (orders["origin"] != orders["surface"])).all()
    assert (orders["cart.festival"] == 0.5).all()


def test_lines_of_the_bill_add_up_to_what_was_not_paid(held):
    orders = pd.DataFrame(held.tables()["orders"]).set_index("order_id").join(terms(held))
    lines = orders[[c for c in orders if c.startswith("bill.")]]
    assert (lines.sum(axis=1) == orders["list_fen"] - orders["paid_fen"]).all()
    assert (lines >= 0).all(axis=None)
    borne = pd.DataFrame(held.tables()["sponsorships"])
    first = borne[borne["fen"] > 0].set_index("order_id")["fen"].reindex(orders.index, fill_value=0)
    assert (first == orders["bill.festival"]).all()
    assert (orders["discount_fen"] == lines.drop(columns="bill.festival").sum(axis=1)).all()
    assert (orders["bill.festival"] > 0).mean() > 0.9  # nothing beats it but a touch's price


def test_exactly_those_lines_are_given_back_with_the_order(held):
    """Cancelled from what was deposited, returned as a refund; once each, and to whoever bore it."""
    tables = {name: pd.DataFrame(table) for name, table in held.tables().items()}
    borne = tables["sponsorships"]
    back = borne[borne["fen"] < 0].set_index("order_id")
    given = borne[borne["fen"] > 0].set_index("order_id")["fen"]
    ended = {False: tables["cancellations"], True: tables["returns"]}
    for refunded, table in ended.items():
        wanted = given.reindex(table["order_id"]).dropna()
        found = back[back["refunded"] == refunded]["fen"]
        assert len(wanted) > 5
        assert (-found.sort_index() == wanted.sort_index()).all()
    assert set(back["account"]) == {int(Account.CASH)}
    assert not back.index.duplicated().any()


def test_what_somebody_else_bears_costs_the_brand_nothing(held):
    moved = pd.DataFrame(held.tables()["journal"]).groupby("debit")["fen"].sum()
    back = pd.DataFrame(held.tables()["journal"]).groupby("credit")["fen"].sum()
    orders, ended = (held.tables()[name]["discount_fen"].sum() for name in ("orders", "cancellations"))
    discounts = moved[Account.DISCOUNTS] - back.get(int(Account.DISCOUNTS), 0)
    assert discounts == orders - ended


def test_a_binding_budget_does_not_count_what_others_bear():
    """Without money of the brand's own, its concessions stop and the platform's go on."""
    poor = lived(*WORDS, "festival.off=0.2", "festival.badge=0.05", "control.daily_budget=0.0001")
    found = terms(poor)
    assert (found["bill.festival"] > 0).any()
    assert "bill.badge" not in found or (found["bill.badge"] > 0).mean() < 0.2


def test_a_term_that_does_not_fit_stops_the_run_and_is_named():
    class Odd(Feature):
        section = "odd"

        @act(Phase.BUY, reads=["flow.visits"], writes=["flow.terms"])
        def speak(self, world, draw):
            """One value for two visits."""
            world.flow.order.add("odd", np.ones(len(world.people)))

    with pytest.raises(RunError, match="the term 'odd' must have one value a visit"):
        lived(features=(Odd,), days=1)
