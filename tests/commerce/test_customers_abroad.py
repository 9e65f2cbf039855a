"""Two places, and customers abroad: ways have their laws, promises, taxes and freight; late scores low."""

from __future__ import annotations

import math

import numpy as np
import pytest

from sim.commerce.cross_border import buyers_again
from sim.commerce.cross_border_params import CrossBorderParams
from sim.commerce.cross_border_ways import ABROAD, FIRST, NONE, OUT, SECOND, Atlas
from sim.commerce.origin import SESSION
from sim.core.errors import ConfigError
from sim.core.ledger import to_fen
from sim.core.rng import Draw
from sim.measure.intervals import t_interval
from sim.world.catalog import CATEGORIES, LAYERS
from tests.commerce import test_origin
from tests.commerce.test_cross_border import AT_ONCE, minutes_of, play
from tests.conftest import small_config

FOOD = CATEGORIES.index("healthy_food")
#: Half of what everybody needs is food, which comes from the second place.
BOTH = (
    "cross_border=two_places", *(f"catalog.healthy_food.{group}=20" for group in
    ("silver_vanguard", "cyber_native", "eco_pioneer")), *AT_ONCE,
)  # fmt: skip
SOME = ("cross_border=customers_abroad", "cross_border.out.share=0.3", *AT_ONCE)
OUTWARD = CrossBorderParams().out


@pytest.fixture(scope="module")
def both():
    return play(*BOTH, days=8, size=1000)


def test_buyers_of_goods_from_any_place_are_asked_whether_they_order_again():
    """Who had goods from the first or the second place and ordered twice; goods sent out do not count."""
    orders = {"order_id": np.arange(7), "person": np.array([1, 1, 2, 2, 3, 4, 4]),
              "category": np.array([ABROAD, 0, FOOD, 0, FOOD, ABROAD, 0])}  # fmt: skip
    sent = {"order_id": np.array([0, 2, 4, 5]), "way": np.array([FIRST, SECOND, SECOND, OUT])}
    assert buyers_again({"orders": orders, "cross_border_sent": sent}).tolist() == [1.0, 1.0, 0.0]


@pytest.fixture(scope="module")
def some():
    return play(*SOME, "cross_border.out.tax=0.2", days=6, size=1000)


def sent_of(world):
    """What was sent, and the row of the order of each."""
    return world.records.tables["cross_border_sent"], minutes_of(world)[0]


def law_holds(days: np.ndarray, mean: float, spread: float) -> None:
    """Logs of ways have the mean and the spread of a log-normal law."""
    logs, n = np.log(days), len(days)
    assert n > 100
    assert logs.mean() == pytest.approx(math.log(mean) - 0.5 * spread**2, abs=4 * spread / math.sqrt(n))
    assert logs.std() == pytest.approx(spread, abs=4 * spread / math.sqrt(2 * n))


def test_each_place_has_its_own_law_of_the_way_and_its_own_goods(both):
    p, (sent, rows) = CrossBorderParams(), sent_of(both)
    ways = minutes_of(both)[1] / 1440.0
    food = both.records.orders["category"][rows] == FOOD
    assert np.array_equal(sent["way"], np.where(food, SECOND, FIRST))
    law_holds(ways[~food], p.way_days, p.way_spread)
    law_holds(ways[food], p.second.way_days, p.second.way_spread)


def test_each_place_has_its_own_promise_tax_freight_and_bond():
    world = play(*BOTH, "cross_border.second.tax=0.05", "cross_border.second.stocked=0.5",
                 "cross_border.second.promise_days=3", "cross_border.second.freight=7", days=3)  # fmt: skip
    (sent, rows), orders = sent_of(world), world.records.orders
    food = sent["way"] == SECOND
    rate = np.where(food, 0.05, 0.091)
    value = world.catalog.price_fen[orders["category"][rows]] * orders["quantity"][rows]
    assert np.allclose(orders["paid_fen"][rows], value * (1.0 + rate), atol=1.0)
    assert np.allclose(sent["tax_fen"], rate * value, atol=1.0)
    assert set(sent["freight_fen"][food]) == {to_fen(7.0), to_fen(2.1)}
    assert set(sent["freight_fen"][~food]) == {to_fen(18.0)}
    assert world.ledger.balance["cross_border_tax"] == sent["tax_fen"].sum()
    n = int(food.sum())
    assert not sent["bonded"][~food].any()
    assert sent["bonded"][food].mean() == pytest.approx(0.5, abs=4 * 0.5 / math.sqrt(n))
    told = world.logistics.quote_hours()[[FOOD, ABROAD]]
    world.logistics.lengthen(np.zeros(len(CATEGORIES)))
    more = told - world.logistics.quote_hours()[[FOOD, ABROAD]]
    assert np.allclose(more, [[72.0], [240.0]])


def test_the_declared_share_lives_abroad_and_all_that_they_order_goes_out_to_them(some):
    atlas = Atlas(some_params(0.3), some.catalog)
    draw = Draw(some.seed, 0)
    ids = np.arange(20_000)
    share = atlas.lives_abroad(draw, ids).mean()
    assert share == pytest.approx(0.3, abs=4 * math.sqrt(0.3 * 0.7 / len(ids)))
    sent, orders = some.records.tables["cross_border_sent"], some.records.orders
    out = sent["way"] == OUT
    assert np.array_equal(out, atlas.lives_abroad(draw, sent["person"]))
    buyers = np.unique(orders["person"])
    part, n = atlas.lives_abroad(draw, buyers).mean(), len(buyers)
    # what comes from afar is ordered less, so that a little fewer of the buyers are of them
    assert 0.1 < part < 0.3 + 4 * math.sqrt(0.3 * 0.7 / n)


def some_params(share: float) -> CrossBorderParams:
    """Parameters with so many people abroad."""
    return CrossBorderParams(out=OUTWARD.model_copy(update={"share": share}))


def test_nobody_abroad_leaves_the_ways_as_they_were_and_digital_goods_need_none(some):
    atlas, person = Atlas(some_params(0.0), some.catalog), np.array([1, 2])
    assert atlas.way(Draw(1, 0), np.array([FOOD, ABROAD]), person).tolist() == [-1, FIRST]
    everybody = Atlas(some_params(1.0), some.catalog)
    digital = np.array([CATEGORIES.index("personal_growth"), FOOD])
    assert everybody.way(Draw(1, 0), digital, person).tolist() == [-1, OUT]


@pytest.mark.parametrize("category", [*CATEGORIES, "none"])
def test_goods_of_every_category_but_two_may_come_from_the_second_place(category):
    """Not those of the first place, and not digital ones, which need no way."""
    words = ("cross_border=direct", f"cross_border.second.category={category}")
    if category not in ("cross_border_beauty", "personal_growth"):
        assert small_config("baseline", *words).cross_border.second.category == category
        return
    with pytest.raises(ConfigError, match="category must be one of its choices") as told:
        small_config("baseline", *words)
    assert len(str(told.value).splitlines()) == 1


def test_goods_that_need_no_way_cross_no_border(some):
    """Made digital in the catalogue: no tax is asked for what is never sent."""
    layer = np.full(len(CATEGORIES), LAYERS.index("none"))
    p = CrossBorderParams(second=CrossBorderParams().second.model_copy(update={"category": "healthy_food"}))
    assert (Atlas(p, some.catalog._replace(layer=layer)).into == NONE).all()


def test_what_is_made_to_order_for_customers_abroad_goes_out_to_them():
    """Tax that they are asked is paid for every order of theirs that has come from its origin."""
    world = test_origin.play("cross_border=customers_abroad", "cross_border.out.share=1")
    sent, orders = world.records.tables["cross_border_sent"], world.records.orders
    made = world.records.tables["origin_sent"]
    assert (orders["source"] == world.kinds.source(SESSION)).sum() > 30
    due = made["order_id"][made["minute"] < world.day * 1440]
    assert len(due) > 20
    assert np.isin(due, sent["order_id"]).all()
    arrived = dict(zip(made["order_id"].tolist(), made["minute"].tolist(), strict=True))
    ours = [n for n, one in enumerate(sent["order_id"].tolist()) if one in arrived]
    assert all(sent["minute"][n] > arrived[int(sent["order_id"][n])] for n in ours)


@pytest.mark.parametrize(("limit", "rate"), [(1.05, 0.091), (0.95, 0.16)])
def test_limits_are_of_values_without_tax(limit, rate):
    """A basket worth less than the limit keeps to it, whatever the tax comes to on top."""
    words = ("cross_border=direct", *AT_ONCE, f"cross_border.order_limit={220 * limit}")
    world = play(*words, days=4)
    (sent, rows), orders = sent_of(world), world.records.orders
    one = orders["quantity"][rows] == 1
    assert one.sum() > 20
    assert np.allclose(sent["tax_fen"][one], rate * 22_000, atol=1.0)
    assert np.allclose(orders["paid_fen"][rows][one], (1.0 + rate) * 22_000, atol=1.0)


def test_the_way_out_has_its_law(some):
    out = some.records.tables["cross_border_sent"]["way"] == OUT
    law_holds(minutes_of(some)[1][out] / 1440.0, OUTWARD.way_days, OUTWARD.way_spread)


def test_orders_abroad_are_promised_the_way_out_beside_the_regions_own_time(some):
    (sent, rows), orders = sent_of(some), some.records.orders
    out = sent["way"] == OUT
    hours = (orders["promised_minute"][rows] - orders["minute"][rows]) / 60.0
    further = 24.0 * np.where(out, OUTWARD.promise_days, CrossBorderParams().promise_days)
    region = hours - further
    assert np.median(region[out]) == pytest.approx(np.median(region[~out]), abs=4.0)
    assert region[out].min() > 0.0
    assert hours[out].min() > 24.0 * OUTWARD.promise_days


def test_tax_and_freight_of_the_way_out_are_paid_and_balance(some):
    (sent, rows), orders = sent_of(some), some.records.orders
    out = sent["way"] == OUT
    value = some.catalog.price_fen[orders["category"][rows]] * orders["quantity"][rows]
    assert np.allclose(orders["paid_fen"][rows][out], 1.2 * value[out], atol=1.0)
    assert np.allclose(sent["tax_fen"][out], 0.2 * value[out], atol=1.0)
    assert set(sent["freight_fen"][out]) == {to_fen(OUTWARD.freight)}
    assert some.ledger.balance["cross_border_tax"] == sent["tax_fen"].sum()


def test_goods_sent_back_from_abroad_cost_their_own_way():
    """Whatever is spent on ways beyond those of the orders is the way back, at the price from abroad."""
    costs = []
    for cost in (0, 100):
        world = play(*SOME, "cross_border.out.share=1", "cross_border.out.way_days=0.2",
                     f"cross_border.out.return_cost={cost}", "cross_border.return_cost=0",
                     "catalog.cross_border_beauty.return_rate=0.6", days=8)  # fmt: skip
        costs.append(world)
    asked = len(costs[0].records.return_requests)
    assert asked > 20
    assert len(costs[1].records.return_requests) == asked
    freight = [world.ledger.balance["cross_border_freight"] for world in costs]
    assert freight[1] - freight[0] == asked * to_fen(100.0)


def test_a_promise_broken_on_the_way_out_is_scored_low():
    worse = []
    for replication in range(3):
        low = []
        for days in (2, 20):
            world = play(*SOME, "cross_border.out.share=1", f"cross_border.out.promise_days={days}",
                         days=16, size=400, replication=replication)  # fmt: skip
            low.append(world.records.deliveries["low_score"].mean())
        worse.append(low[0] - low[1])
    assert t_interval(np.array(worse)).low > 0.0


def test_a_way_out_that_takes_and_asks_nothing_changes_no_order():
    free = ("promise_days=0", "way_days=0", "tax=0", "freight=0")
    away = play(*SOME, "cross_border.out.share=1", *(f"cross_border.out.{one}" for one in free), days=3)
    home = play(days=3)
    assert len(away.records.tables["cross_border_sent"]) > 20
    for name in ("order_id", "minute", "paid_fen", "promised_minute"):
        assert np.array_equal(away.records.orders[name], home.records.orders[name]), name
