"""Goods from abroad: the way has its law, promises and tax are seen, parcels queue, and none gets lost."""

from __future__ import annotations

import math

import numpy as np
import pytest

from sim.commerce.cross_border_params import CrossBorderParams
from sim.commerce.cross_border_ways import ABROAD
from sim.core.ledger import to_fen
from sim.market.snapshot import load, restore, save, take
from sim.measure.intervals import t_interval
from sim.world.catalog import CatalogParams, build_catalog
from tests.conftest import LIVELY, live, small_market
from tests.market.test_every_parameter_moves import only

#: Everybody needs goods from abroad, nobody gets anything off the price, and all can be paid.
ALONE = (
    *(word for word in only("cross_border_beauty") if "live" not in word), "control=media", "pricing=list",
    "pricing.new_user_discount=0", "membership.discount=0", "influencers=none", "sessions.per_week=0",
    *LIVELY,
)  # fmt: skip
#: Brokers round the clock who clear at once.
AT_ONCE = (
    "cross_border.brokers.staff=1000", "cross_border.brokers.hours=24", "cross_border.brokers.minutes=0.1",
)  # fmt: skip


def play(*words: str, days: int = 8, size: int = 600, replication: int = 0):
    return live(small_market("baseline", *ALONE, *words, size=size, replication=replication), days).world


@pytest.fixture(scope="module")
def direct():
    return play("cross_border=direct", *AT_ONCE, days=16)


def minutes_of(world) -> tuple[np.ndarray, np.ndarray]:
    """Rows of orders that were sent, and the minutes of their ways."""
    sent, orders = world.records.tables["cross_border_sent"], world.records.orders
    at = {one: row for row, one in enumerate(orders["order_id"].tolist())}
    rows = np.array([at[one] for one in sent["order_id"].tolist()])
    return rows, sent["minute"] - orders["minute"][rows]


def test_the_way_is_log_normal_with_the_declared_mean_and_spread(direct):
    p, ways = CrossBorderParams(), minutes_of(direct)[1]
    logs = np.log(ways / 1440.0)
    assert len(ways) > 150
    middle = math.log(p.way_days) - 0.5 * p.way_spread**2
    assert logs.mean() == pytest.approx(middle, abs=5 * p.way_spread / math.sqrt(len(ways)))
    assert logs.std() == pytest.approx(p.way_spread, abs=5 * p.way_spread / math.sqrt(2 * len(ways)))


def test_no_parcel_is_lost_and_none_is_in_the_region_before_it_is_cleared(direct):
    sent, cleared = (direct.records.tables[f"cross_border_{name}"] for name in ("sent", "cleared"))
    orders, border = direct.records.orders, direct.agendas["border"].columns
    waiting = orders["order_id"][border["row"]]
    assert sorted(sent["order_id"].tolist()) == sorted([*cleared["order_id"].tolist(), *waiting.tolist()])
    assert len(cleared) > 50
    at = dict(zip(cleared["order_id"].tolist(), cleared["minute"].tolist(), strict=True))
    deliveries = direct.records.deliveries
    ours = np.isin(deliveries["order_id"], sent["order_id"])
    assert ours.sum() > 20
    assert all(
        minute > at[one]
        for one, minute in zip(
            deliveries["order_id"][ours].tolist(), deliveries["minute"][ours].tolist(), strict=True
        )
    )


def test_the_promise_is_longer_by_the_days_that_are_told(direct):
    told = direct.logistics.quote_hours()
    direct.logistics.lengthen(np.zeros(len(told)))
    region = direct.logistics.quote_hours()
    assert np.allclose(told[ABROAD], region[ABROAD] + 24.0 * CrossBorderParams().promise_days)
    assert np.array_equal(np.delete(told, ABROAD, axis=0), np.delete(region, ABROAD, axis=0))


@pytest.mark.parametrize(("words", "rate"), [((), 0.091), (("cross_border.order_limit=1",), 0.16)])
@pytest.mark.parametrize("borne", [0.0, 1.0])
def test_tax_is_due_on_the_value_and_asked_of_whoever_bears_it(words, rate, borne):
    world = play("cross_border=direct", f"cross_border.tax_borne={borne}", *words, days=2)
    rows, _ = minutes_of(world)
    orders, tax = world.records.orders, world.records.tables["cross_border_sent"]["tax_fen"]
    assert len(rows) > 10
    value = world.catalog.price_fen[ABROAD] * orders["quantity"][rows]
    assert np.allclose(orders["paid_fen"][rows], value * (1.0 + (1.0 - borne) * rate), atol=1.0)
    assert np.allclose(tax, rate * value, atol=1.0)
    assert world.ledger.balance["cross_border_tax"] == int(tax.sum())


def test_beyond_the_years_limit_the_full_tax_is_due():
    p = CrossBorderParams()
    from sim.commerce.cross_border import CrossBorder

    catalog = build_catalog(CatalogParams())
    bought, value = np.array([0.0, 25_900.0, 25_900.0]), np.array([5000.0, 100.0, 101.0])
    rate = CrossBorder(p, catalog).rate(bought, value, np.zeros(3, np.int8))
    assert rate.tolist() == [0.091, 0.091, 0.16]


def test_parcels_wait_for_few_brokers_and_the_wages_of_many_are_paid():
    few, many = (
        play("cross_border=direct", "cross_border.way_days=0.1", "cross_border.brokers.minutes=240",
             "cross_border.brokers.patience=8760",
             f"cross_border.brokers.staff={staff}", days=5)
        for staff in (17, 170)
    )  # fmt: skip
    cleared = [len(world.records.tables["cross_border_cleared"]) for world in (few, many)]
    assert cleared[0] < 0.5 * cleared[1]
    assert len(few.agendas["border"]) > len(many.agendas["border"])
    wages = 8 * to_fen(45.0) * 5
    assert many.ledger.balance["cross_border_cost"] - few.ledger.balance["cross_border_cost"] == 9 * wages


def test_what_finds_no_broker_goes_over_the_counter():
    world = play("cross_border=direct", "cross_border.way_days=0.1", "cross_border.way_spread=0",
                 "cross_border.brokers.staff=0", "cross_border.counter_days=2", days=5)  # fmt: skip
    hours = world.records.tables["cross_border_cleared"]["hours"]
    assert len(hours) > 20
    assert np.allclose(hours, 24.0 * 2.1, atol=0.05)
    assert world.ledger.balance.get("cross_border_cost", 0) == 0


def test_goods_in_bond_come_sooner_and_their_warehouse_costs_less_than_in_proportion():
    half, whole = (
        play("cross_border=direct", f"cross_border.stocked={s}", *AT_ONCE, days=3) for s in (0.25, 1)
    )
    _, ways = minutes_of(whole)
    assert set(ways.tolist()) == {720}
    share = half.records.tables["cross_border_sent"]["bonded"]
    assert share.mean() == pytest.approx(0.25, abs=5 * math.sqrt(0.25 * 0.75 / len(share)))
    upkeep = 3 * to_fen(8.0 * 600 / 1000.0)
    paid = [world.ledger.balance["cross_border_cost"] for world in (half, whole)]
    assert paid[1] - paid[0] == pytest.approx(0.5 * upkeep, abs=3)


def test_nothing_lies_in_bond_without_money_for_the_warehouse():
    """An allowance of nothing: no upkeep is paid, and all parcels come the whole way."""
    words = ("cross_border=direct", "cross_border.stocked=1", "control=default", "control.daily_budget=0")
    world = play(*words, "cross_border.brokers.staff=0", days=3)
    sent = world.records.tables["cross_border_sent"]
    assert len(sent) > 5
    assert not sent["bonded"].any()
    assert world.ledger.balance.get("cross_border_cost", 0) == 0


def test_who_pays_for_sending_back_does_so_less_and_holds_back():
    asked, n = [], []
    for borne in (1, 0):
        world = play("cross_border=direct", f"cross_border.return_borne={borne}", "cross_border.way_days=0.2",
                     "catalog.cross_border_beauty.return_rate=0.6", *AT_ONCE, days=8)  # fmt: skip
        asked.append(len(world.records.return_requests) + len(world.agendas["returns"]))
        n.append(len(world.records.deliveries))
    share = np.array(asked) / np.array(n)
    assert asked[0] > 40
    error = math.sqrt(sum(s * (1.0 - s) / k for s, k in zip(share, n, strict=True)))
    assert share[1] == pytest.approx(share[0] * math.exp(-1.2), abs=4 * error)
    terms = world.records.order_terms
    mine = world.records.term_names(terms["term"]) == "order.cross_border"
    assert mine.sum() > 10
    assert np.allclose(terms["value"][mine], -0.3)


def test_a_promise_that_is_shorter_than_the_way_is_broken_and_scored_low():
    """Paired worlds: low scores of the same goods under a promise of two days beside one of twenty."""
    worse = []
    for replication in range(3):
        low = []
        for days in (2, 20):
            world = play("cross_border=direct", f"cross_border.promise_days={days}", *AT_ONCE,
                         days=16, size=400, replication=replication)  # fmt: skip
            low.append(world.records.deliveries["low_score"].mean())
        worse.append(low[0] - low[1])
    assert t_interval(np.array(worse)).low > 0.0


def test_way_and_tax_are_costs_of_the_goods_and_leave_the_allowance_alone():
    """However dear the way is, the same money is there for media on the next day, and the margin is less."""
    cheap, dear = (
        play("cross_border=direct", f"cross_border.freight={freight}", "control=default", days=4)
        for freight in (0, 400)
    )
    assert dear.ledger.balance["cross_border_freight"] > 10 * to_fen(400.0)
    assert cheap.ledger.balance["cross_border_tax"] == dear.ledger.balance["cross_border_tax"] > 0
    assert cheap.operator.spent_fen == dear.operator.spent_fen
    assert np.array_equal(cheap.records.media["spend_fen"], dear.records.media["spend_fen"])
    assert np.array_equal(cheap.records.spend["fen"], dear.records.spend["fen"])


def test_parcels_at_the_border_are_in_a_snapshot_to_the_byte(direct, tmp_path):
    """Kept, taken up and kept again they are the same; afterwards all are cleared at their minutes."""
    market = small_market("baseline", *ALONE, "cross_border=direct", *AT_ONCE, size=600)
    file = tmp_path / "world.npz"
    state = take(direct)
    save(file, state)
    restore(market, load(file))
    again = take(market.world)
    assert len(state["agenda/border/minute"]) > 20
    for name in [key for key in state if key.startswith(("agenda/border", "orders", "order_state"))]:
        assert state[name].tobytes() == again[name].tobytes(), name
    orders, border = market.records.orders, market.world.agendas["border"].columns
    held = dict(zip(orders["order_id"][border["row"]].tolist(), border["minute"].tolist(), strict=True))
    live(market, 12)
    cleared = market.records.tables["cross_border_cleared"]
    at = dict(zip(cleared["order_id"].tolist(), cleared["minute"].tolist(), strict=True))
    due = {one: minute for one, minute in held.items() if minute < 27 * 1440}
    assert len(due) > 20
    assert all(0 <= at[one] - minute <= 1440 for one, minute in due.items())


def test_brokers_who_are_paid_no_more_clear_nothing_that_comes_later():
    """Parcels that come to the border once the strategy has ended wait for the public counter."""
    words = ("cross_border=direct", "cross_border.way_days=2", "cross_border.way_spread=0.3",
             "cross_border.counter_days=1", *AT_ONCE, "cross_border.brokers.staff=50",
             "experiment.days=4", "experiment.after_days=8")  # fmt: skip
    market = live(small_market("baseline", *ALONE, *words, size=600), 4)
    paid = market.world.ledger.balance["cross_border_cost"]
    end = market.world.clock.midnight
    tables = live(market, 8).records.tables
    sent, cleared = tables["cross_border_sent"], tables["cross_border_cleared"]
    came = dict(zip(sent["order_id"].tolist(), sent["minute"].tolist(), strict=True))
    later = [(came[one], at) for one, at in zip(cleared["order_id"].tolist(), cleared["minute"].tolist(),
                                                 strict=True) if came[one] >= end]  # fmt: skip
    assert len(later) > 10
    assert all(at == arrived + 1440 for arrived, at in later)
    assert market.world.ledger.balance["cross_border_cost"] - paid < 100 * 36 * 24


def back_in_time(world) -> tuple[np.ndarray, np.ndarray]:
    """Rows in ``cross_border_sent`` of what is back and fit to be sold, and days since each was cleared."""
    tables, back, ended = world.records.tables, world.records.returns, world.records.cancellations
    row = {one: k for k, one in enumerate(tables["cross_border_sent"]["order_id"].tolist())}
    cleared = dict(
        zip(*(tables["cross_border_cleared"][c].tolist() for c in ("order_id", "minute")), strict=True)
    )
    fit = back["restocked"]
    minute = dict(zip(back["order_id"][fit].tolist(), back["minute"][fit].tolist(), strict=True))
    minute |= dict(zip(ended["order_id"].tolist(), ended["minute"].tolist(), strict=True))
    ids = [one for one in minute if one in row]
    held = [(minute[one] - cleared[one]) / 1440.0 for one in ids]
    return np.array([row[one] for one in ids], np.int64), np.array(held)


@pytest.mark.parametrize("limit", [30, 5])
def test_tax_of_goods_that_are_back_in_time_is_paid_back_and_forgotten_by_the_years_limit(limit):
    """What the state has, and what each person has bought this year, are sums over what stayed."""
    world = play("cross_border=direct", "cross_border.way_days=0.2", "cross_border.tax_borne=0.5", *AT_ONCE,
                 "catalog.cross_border_beauty.return_rate=0.9", f"cross_border.tax_back_days={limit}",
                 days=12)  # fmt: skip
    sent = world.records.tables["cross_border_sent"]
    row, held = back_in_time(world)
    gone = row[held <= limit]
    assert len(gone) > 10
    assert len(row) - len(gone) > 5 if limit == 5 else len(row) == len(gone)
    stayed = np.ones(len(sent), np.bool_)
    stayed[gone] = False
    assert world.ledger.balance["cross_border_tax"] == int(sent["tax_fen"][stayed].sum())
    bought = np.zeros(len(world.people))
    seats = world.seats_of(sent["person"][stayed])
    np.add.at(bought, seats[seats >= 0], sent["value_fen"][stayed][seats >= 0] / 100.0)
    assert np.allclose(world.people.cross_border_year, bought, atol=0.1)


def test_only_what_was_ordered_while_goods_were_sold_across_the_border_goes_that_way():
    """After the strategy's end goods lie on the region's shelves: no freight, no tax, no dear return."""
    words = ("cross_border=bonded", "cross_border.stocked=1", *AT_ONCE,
             "catalog.cross_border_beauty.return_rate=0.9",
             "experiment.days=4", "experiment.after_days=10")  # fmt: skip
    world = live(small_market("baseline", *ALONE, *words, size=600), 14).world
    orders, sent = world.records.orders, world.records.tables["cross_border_sent"]
    late = orders["day"] >= 4
    assert late.sum() > 50
    assert not np.isin(sent["order_id"], orders["order_id"][late]).any()
    assert len(sent) > 50
    asked = world.records.return_requests["order_id"]
    across = np.isin(asked, sent["order_id"])
    assert 10 < across.sum() < len(asked) - 10
    dear = to_fen(CrossBorderParams().return_cost)
    freight = int(sent["freight_fen"].sum()) + dear * int(across.sum())
    assert world.ledger.balance["cross_border_freight"] == freight
