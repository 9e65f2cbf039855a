"""Goods made to order at their origin: none is from a shelf, none is lost, what is oversold is late."""

from __future__ import annotations

import math

import numpy as np
import pytest

from sim.commerce.origin import CREW, FRESH, SESSION
from sim.commerce.origin_params import OriginParams
from sim.core.ledger import to_fen
from sim.demand.choice import fresh_curve
from sim.demand.choice_params import ChoiceParams
from sim.market.snapshot import restore, take
from sim.world.fulfilment import COMING, NEXT_DAY
from sim.world.world import CANCELLED, OPEN
from tests.conftest import LIVELY, live, small_market

#: Half of the people see a session and most of these look; packers, trucks and riders have room for all.
WORDS = (
    *LIVELY, "control=media", "pricing.new_user_discount=0", "membership.discount=0", "influencers=none",
    "sessions.per_week=0", "logistics.capacity_ratio=5", "logistics.truck_chilled_litres=20000",
    "logistics.truck_ambient_litres=20000",
    "origin=fresh", "origin.reach=0.5", "origin.click=0.8", "origin.boxes=1000", "origin.crew.staff=20",
)  # fmt: skip


def play(*words: str, days: int = 5, size: int = 500):
    return live(small_market("baseline", *WORDS, *words, size=size), days).world


@pytest.fixture(scope="module")
def sold():
    return play()


def rows_of(world) -> np.ndarray:
    """Rows of orders that came from a session for fresh goods."""
    orders = world.records.orders
    ours = orders["source"] == world.kinds.source(SESSION)
    return np.flatnonzero(ours & (orders["category"] == FRESH))


def test_what_is_sold_there_takes_nothing_from_the_shelves_and_none_is_lost(sold):
    """All that came in beyond purchases of suppliers are units of boxes that have arrived."""
    sent, orders = sold.records.tables["origin_sent"], sold.records.orders
    rows, waiting = rows_of(sold), sold.agendas["origin"].columns["row"]
    assert len(rows) > 40
    assert sorted(sent["order_id"].tolist()) == sorted(orders["order_id"][rows].tolist())
    assert (sold.orders["node"][waiting] == COMING).all()
    came = np.setdiff1d(rows, waiting)
    assert len(came) > 20
    assert (sold.orders["node"][came] == 0).all()
    handed = dict(zip(sold.records.deliveries["order_id"].tolist(),
                      sold.records.deliveries["minute"].tolist(), strict=True))  # fmt: skip
    arrived = dict(zip(sent["order_id"].tolist(), sent["minute"].tolist(), strict=True))
    there = [one for one in orders["order_id"][came].tolist() if one in handed]
    assert len(there) > 10
    assert all(handed[one] > arrived[one] for one in there)


def test_it_needs_no_stock_where_the_shelves_are_empty():
    """With nothing on any shelf on the first day, all fresh goods that are sold are sold at the origin."""
    market = small_market("baseline", *WORDS, size=500)
    stock = market.world.logistics.stock
    units = int(stock.held[:, FRESH].sum())
    stock.shelf[:, FRESH], stock.held[:, FRESH] = 0, 0
    stock.received[FRESH] -= units
    stock.purchase_fen -= units * int(stock.products.unit_cost_fen[FRESH])
    orders = live(market, 1).records.orders
    fresh = orders["category"] == FRESH
    assert fresh.sum() > 5
    assert (orders["source"][fresh] == market.world.kinds.source(SESSION)).all()


def test_a_box_takes_the_next_truck_after_it_is_packed_and_a_truck_its_drawn_time(sold):
    p, sent = OriginParams(), sold.records.tables["origin_sent"]
    assert (sent["packed"] > sent["ordered"]).all()
    ways = sent["minute"] - (sent["packed"] // 1440 * 1440 + round(60 * p.departs))
    ways = np.where(sent["packed"] % 1440 > round(60 * p.departs), ways - 1440, ways)
    trucks = {}
    for day, way in zip(((sent["minute"] - ways) // 1440).tolist(), ways.tolist(), strict=True):
        trucks.setdefault(day, set()).add(way)
    assert len(trucks) >= 4
    assert all(len(of_day) == 1 for of_day in trucks.values())
    logs = np.log([min(of_day) / 60.0 for of_day in trucks.values()])
    middle = math.log(p.way_hours) - 0.5 * p.way_spread**2
    assert logs.mean() == pytest.approx(middle, abs=4 * p.way_spread / math.sqrt(len(logs)))
    known = play("origin.way_spread=0", "origin.way_hours=5", days=2).records.tables["origin_sent"]
    assert set((known["minute"] % 1440).tolist()) == {23 * 60}


def test_the_crew_packs_one_after_another_in_its_shift():
    """One person for four hours a day, an hour a box: four a day are packed, the rest waits its turn."""
    world = play("origin.crew.staff=0.0001", "origin.crew.minutes=1", days=1)
    assert len(rows_of(world)) == 0  # a crew too small for a single box sells nothing
    world = play("origin.crew.staff=20", "origin.crew.minutes=60", "origin.crew.evenness=20",
                 "origin.crew.hours=4", "origin.crew.opens=12", "origin.crew.patience=8760",
                 days=4)  # fmt: skip
    packed = np.sort(world.records.tables["origin_sent"]["packed"])
    assert len(packed) > 20
    by_day = np.bincount(packed // 1440)
    assert by_day.max() <= 5
    assert ((packed % 1440 >= 12 * 60) & (packed % 1440 <= 16 * 60)).all()


def test_a_tenth_of_a_packer_works_before_the_truck():
    """Two people in 10,000 are a tenth of one here: 54 minutes before 18 suffice."""
    world = play("origin.crew.staff=2", "origin.crew.minutes=1", "origin.crew.patience=8760", days=4)
    sent = world.records.tables["origin_sent"]
    assert len(sent["day"]) > 20
    assert (sent["packed"] // 1440 == sent["ordered"] // 1440).all()
    assert (sent["packed"] % 1440 > 18 * 60 - 54).all()
    assert (sent["packed"] % 1440 <= 18 * 60).all()


def test_neighbours_are_paid_for_what_the_crew_gives_up():
    """Half an hour each at 30 CNY an hour, beside the crew's own wage."""
    world = play("origin.crew.staff=4", "origin.crew.patience=0", "origin.crew.minutes=30", days=3)
    sent, crew = world.records.tables["origin_sent"], world.teams[CREW]
    by_neighbours = int((sent["packed"] - sent["ordered"] == 2 * 1440).sum())
    assert by_neighbours > 10
    usual = 3 * crew.params.wage_fen() * len(crew)
    assert world.ledger.balance["origin_packing"] == usual + by_neighbours * to_fen(15.0)


def test_no_more_is_sold_in_a_day_than_is_allowed(sold):
    few = play("origin.boxes=20")
    orders, rows = few.records.orders, rows_of(few)
    units = np.bincount(orders["day"][rows], orders["quantity"][rows])
    assert units.max() <= 10
    assert units.sum() >= 30
    visits = few.records.visits
    ours = (visits["source"] == few.kinds.source(SESSION)) & (visits["category"] == FRESH)
    assert visits["refused"][ours].sum() > 5
    plenty = np.bincount(sold.records.orders["day"][rows_of(sold)])
    assert plenty.max() > 12


def test_a_session_promises_the_next_day_and_customers_weigh_it(sold):
    """A visit's chance to order follows from the curve of fresh goods at the hours that it is promised."""
    orders, rows = sold.records.orders, rows_of(sold)
    assert (orders["promised_minute"][rows] - orders["minute"][rows] == 24 * 60).all()
    assert (orders["service"][rows] == NEXT_DAY).all()
    chances = []
    for hours in (24, 96):
        world = play(f"origin.promise_hours={hours}", days=1)
        visits = world.records.visits
        ours = (visits["source"] == world.kinds.source(SESSION)) & (visits["category"] == FRESH)
        first = np.flatnonzero(ours)[:30]
        chances.append(visits["order_probability"][first])
    p = ChoiceParams()
    a, b = fresh_curve(p.fresh_accept_30min, p.fresh_accept_72h)
    share = [1.0 / (1.0 + math.exp(-(a - b * math.log(hours)))) for hours in (24, 96)]
    assert np.allclose(chances[1] / chances[0], share[1] / share[0], rtol=1e-5)


def test_goods_cost_what_raises_the_margin_by_its_share_and_the_way_is_paid(sold):
    sent, catalog = sold.records.tables["origin_sent"], sold.catalog
    price, cost = int(catalog.price_fen[FRESH]), int(catalog.cost_fen[FRESH])
    each = sent["goods_fen"] / sent["units"]
    margin = (price - each) / price
    assert np.allclose(margin, 1.25 * (price - cost) / price, atol=1.0 / price)
    saved = int((cost * sent["units"] - sent["goods_fen"]).sum())
    assert sold.ledger.balance["origin_price"] == -saved < 0
    assert sold.ledger.balance["origin_freight"] == len(sent["day"]) * to_fen(4.0)
    wages = 5 * OriginParams().crew.wage_fen() * len(sold.teams[CREW])
    sessions = int(sold.records.tables["origin_sessions"]["fen"].sum())
    assert sessions == 5 * to_fen(3.0 * 0.5)
    assert sold.ledger.balance["origin_cost"] == sessions
    assert sold.ledger.balance["origin_packing"] == wages


def test_packing_brings_no_users_as_sessions_do(sold):
    """The cost of acquisition has what sessions cost, and no wage of those who pack what is ordered there."""
    names = sold.kinds.columns()
    role = dict(zip(names["name"].tolist(), names["role"].tolist(), strict=True))
    assert (role["origin_cost"], role["origin_packing"]) == ("acquisition", "campaign")


def test_what_is_sold_beyond_the_crew_is_late():
    late = []
    for staff in (20, 4):
        world = play(f"origin.crew.staff={staff}", "origin.promise_hours=30", "origin.crew.minutes=20")
        given, ours = world.records.deliveries, rows_of(world)
        mine = np.isin(given["order_id"], world.records.orders["order_id"][ours])
        waits = (world.orders["status"][ours] == OPEN) & (
            world.orders["promised"][ours] < world.clock.midnight
        )
        broken = (given["minute"][mine] > given["promised_minute"][mine]).sum() + waits.sum()
        late.append(broken / max(1, mine.sum() + waits.sum()))
    assert late[0] < 0.2
    assert late[1] > late[0] + 0.3


def test_groups_that_expire_give_no_goods_back_that_never_came():
    """Boxes of groups are packed once these are full; the night's books would not balance otherwise."""
    world = play("incentive=group_buy", "group_buy.uptake=1", "group_buy.pool_people=0",
                 "group_buy.deadline=6", "group_buy.discount=0.4", days=5)  # fmt: skip
    rows, ended = rows_of(world), world.records.cancellations
    gone = np.isin(world.records.orders["order_id"][rows], ended["order_id"][ended["reason"] == 2])
    assert gone.sum() > 5
    assert (world.orders["status"][rows[gone]] == CANCELLED).all()
    sent = world.records.tables["origin_sent"]["order_id"]
    assert not np.isin(sent, world.records.orders["order_id"][rows[gone]]).any()


def test_boxes_on_their_way_are_in_a_snapshot(sold):
    market = small_market("baseline", *WORDS, size=500)
    state = take(sold)
    restore(market, state)
    again = take(market.world)
    assert len(state["agenda/origin/minute"]) > 5
    for name in [key for key in state if key.startswith(("agenda/origin", "orders", "order_state"))]:
        assert state[name].tobytes() == again[name].tobytes(), name
    orders, held = market.records.orders, market.world.agendas["origin"].columns["row"].copy()
    waiting = orders["order_id"][held].tolist()
    live(market, 4)
    handed = set(market.records.deliveries["order_id"].tolist())
    assert sum(one in handed for one in waiting) > 0.8 * len(waiting)


def test_a_crew_that_is_wanted_no_more_is_paid_for_what_it_has_in_hand():
    """One packer with an hour a box is far behind when the strategy ends: every hour it packs is paid."""
    words = ("origin.crew.staff=20", "origin.crew.minutes=60", "origin.crew.evenness=20",
             "origin.crew.opens=0", "origin.crew.hours=24", "origin.crew.patience=8760",
             "experiment.days=3", "experiment.after_days=3")  # fmt: skip
    market = live(small_market("baseline", *WORDS, *words, size=500), 3)
    world = market.world
    paid, crew, people = (
        world.ledger.balance["origin_packing"],
        market.config.origin.crew,
        len(world.teams[CREW]),
    )
    behind = np.maximum(0, world.teams[CREW].free - world.clock.midnight * 60).sum() / 3600.0
    sent = len(world.records.tables["origin_sent"])
    live(market, 3)
    later = len(world.records.tables["origin_sent"]) - sent
    hours = behind + later * crew.minutes / 60.0
    assert people > 0
    assert behind > 1.0
    assert len(world.teams[CREW]) == 0
    assert world.ledger.balance["origin_packing"] - paid == pytest.approx(
        100.0 * crew.wage * hours, abs=2 + later
    )
