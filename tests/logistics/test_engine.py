"""The engine as the market sees it: promises, conservation, capacity, snapshots."""

from __future__ import annotations

import numpy as np
import pytest

from sim.core.errors import ConfigError, ConservationError, RunError
from sim.logistics import parcels as col
from sim.logistics.admission import PARCEL_COLUMNS
from sim.logistics.costs import ACCOUNTS
from sim.logistics.engine import Network
from sim.logistics.network import NEXT_DAY
from sim.logistics.params import LogisticsParams, ReturnsParams, SupplyParams
from sim.logistics.parcels import STAGES
from sim.world.fulfilment import LogisticsEngine, Parcels
from tests.logistics.conftest import DAY, Shop, build, catalog


def permuted(parcels: Parcels, order: np.ndarray) -> Parcels:
    return Parcels(*(column[order] for column in parcels))


def test_it_is_a_logistics_engine(network: Network) -> None:
    """Every method of the protocol is there with the same argument names."""
    for name, member in vars(LogisticsEngine).items():
        if name.startswith("_"):
            continue
        if isinstance(member, property):
            assert isinstance(getattr(network, name), int), name
            continue
        contract = member.__code__
        method = getattr(network, name).__func__.__code__
        assert method.co_varnames[: method.co_argcount] == contract.co_varnames[: contract.co_argcount]


def test_order_of_hand_in_does_not_matter() -> None:
    """Permuting the rows, or handing them in one by one, moves no parcel by a tick."""
    results = []
    for trial in range(3):
        network = build(demand=1200.0, design_orders_per_1000_consumers=20.0)
        parcels = Shop(network).orders(600, 0, DAY)
        if trial == 0:
            network.submit(parcels)
        elif trial == 1:
            network.submit(permuted(parcels, np.random.default_rng(5).permutation(len(parcels.row))))
        else:
            for i in np.random.default_rng(6).permutation(len(parcels.row)):
                network.submit(permuted(parcels, np.array([i])))
        network.run_until(5 * DAY)
        got = network.delivered()
        assert len(got.row) == len(parcels.row)
        results.append((got.order_id, got.minute, got.spoiled))
    for other in results[1:]:
        for a, b in zip(results[0], other, strict=True):
            assert (a == b).all()


def test_run_in_pieces_equals_run_at_once() -> None:
    """Stopping the clock every few minutes changes nothing."""
    minutes = []
    for step in (3 * DAY, 37):
        network = build()
        network.submit(Shop(network).orders(200, 0, DAY))
        for until in [*range(step, 3 * DAY, step), 3 * DAY]:
            network.run_until(until)
        got = network.delivered()
        minutes.append(dict(zip(got.order_id.tolist(), got.minute.tolist(), strict=True)))
    assert minutes[0] == minutes[1]
    assert len(minutes[0]) == 200


def test_only_what_was_handed_over_is_reported() -> None:
    """A parcel is reported once, after its minute, never before its order."""
    network = build()
    shop = Shop(network)
    network.submit(shop.orders(200, 0, DAY))
    seen: list[int] = []
    for until in range(60, 4 * DAY, 60):
        network.run_until(until)
        got = network.delivered()
        assert ((got.minute < until) & (got.minute >= until - 60)).all()
        assert all(m > shop.minute[i] for i, m in zip(got.row.tolist(), got.minute.tolist(), strict=True))
        seen += got.order_id.tolist()
    assert sorted(seen) == list(range(200))


def test_default_service_is_good_and_capacity_is_felt() -> None:
    """At 1.2 most parcels keep their promise; below one backlogs grow and standard promises break."""
    kept, hours, backlog = {}, {}, {}
    for ratio in (1.2, 0.8, 0.65):
        network = build(demand=220.0, capacity_ratio=ratio, quote_rule="fixed")
        shop = Shop(network)
        backlog[ratio] = []
        for day in range(15):
            shop.day(day, 200)
            backlog[ratio].append(network.flow.standard_open[0])
        late_half = [(took, in_time) for i, took, in_time in shop.took if shop.minute[i] > 5 * DAY]
        hours[ratio], kept[ratio] = np.mean(late_half, axis=0)
    assert kept[1.2] > 0.9
    assert max(backlog[1.2]) < 100
    assert min(hours[0.65], hours[0.8]) > 1.5 * hours[1.2]
    assert kept[0.65] < kept[1.2] - 0.3
    assert backlog[0.65][14] > backlog[0.65][9] + 100 > backlog[0.65][4] + 200


def test_honest_quote_follows_the_queue() -> None:
    """Never below the class's promise; as long as the backlog; then not offered; 'fixed' ignores queues."""
    p = LogisticsParams(
        capacity_ratio=0.5, design_orders_per_1000_consumers=10.0, longest_promise_hours=1000.0
    )
    network = Network(p, ReturnsParams(), SupplyParams(), catalog(400.0), 20_000, 7, 0)
    standard = np.array([0.5, 1.0, 2.0, 24.0, 72.0])
    network.run_until(600)
    service, empty = network.service(), network.quote_hours()
    offered = service >= 0
    assert (empty[offered] >= standard[service[offered]]).all()
    assert np.isinf(empty[11]).all()
    assert (service[11] == -1).all()
    shop = Shop(network)
    network.submit(shop.orders(500, 600, 700))
    network.run_until(720)
    full = network.quote_hours()
    assert (full[offered] >= empty[offered]).all()
    assert full[0].max() > empty[0].max()
    work = network.flow.standard_open[0] * network._capacity.standard_minutes[0]
    assert full[0].max() >= 24.0 * work / network._capacity.rider_minutes.sum()
    short = p.model_copy(update={"longest_promise_hours": round(full[0].max()) - 1.0})
    network.reconfigure(short, ReturnsParams(), SupplyParams())
    assert np.isinf(network.quote_hours()[0]).any()
    network.reconfigure(p.model_copy(update={"quote_rule": "fixed"}), ReturnsParams(), SupplyParams())
    assert (network.quote_hours()[offered] == standard[service[offered]]).all()


def test_promise_follows_the_node(network: Network) -> None:
    """An instant order that falls back to the regional centre is promised the regional class."""
    product = np.full(4, 6)
    zone = np.arange(4)
    near = network.promised_service(product, zone, np.full(4, 1))
    far = network.promised_service(product, zone, np.zeros(4, int))
    assert (near == network.service()[6, :4]).all()
    assert (far >= NEXT_DAY).all()
    network.run_until(600)
    assert (network.promised_hours(product, zone, np.zeros(4, int)) >= 24.0).all()


def test_cancel_until_the_parcel_leaves(network: Network) -> None:
    """Cancelled goods are on the shelf again; what has left, or never existed, cannot be cancelled."""
    shop = Shop(network)
    before = network.stock.held.copy()
    network.submit(shop.orders(80, 480, 500))
    network.run_until(482)
    wanted = np.array([73, 77, 999])
    assert network.cancel(wanted).tolist() == [True, True, False]
    assert network.cancel(wanted).tolist() == [False, False, False]
    network.run_until(3 * DAY)
    got = network.delivered()
    assert len(got.row) == 78
    assert not set(got.row.tolist()) & {73, 77}
    assert (before - network.stock.held).sum() == 78
    assert not network.cancel(got.order_id).any()
    network.close_day(2)


def test_cancel_finds_what_was_handed_in_since(network: Network) -> None:
    """One order after the other, while parcels come in, leave and take the rows of those that are done."""
    shop = Shop(network)
    for day in range(4):
        for minute in (480, 600, 900):
            at = DAY * day + minute
            placed = shop.orders(40, at, at + 10)
            network.submit(placed)
            network.run_until(at + 15)
            for order in placed.order_id[:3].tolist() * 2:
                data = network.table.data
                waits = (data[:, col.ORDER] == order) & (data[:, col.STATE] == col.AT_NODE)
                assert network.cancel(np.array([order])).tolist() == [bool(waits.any())]
                assert not ((data[:, col.ORDER] == order) & (data[:, col.STATE] == col.AT_NODE)).any()
        network.run_until(DAY * (day + 1))
        network.delivered()
        network.close_day(day)


def test_single_cancellations_do_not_look_through_all_that_waits(network: Network, monkeypatch) -> None:
    """A large market cancels orders by the hundred, one by one, among tens of thousands that wait."""
    shop, sorted_ = Shop(network), []
    placed = shop.orders(80, 480, 500)
    network.submit(placed)
    network.run_until(482)
    plain = np.argsort
    monkeypatch.setattr(np, "argsort", lambda *a, **k: sorted_.append(1) or plain(*a, **k))
    granted = [bool(network.cancel(placed.order_id[k : k + 1])[0]) for k in range(20, 60)]
    assert sum(granted) > 30
    assert len(sorted_) <= 1


def test_goods_and_parcels_balance_every_day_and_a_leak_is_named() -> None:
    """Ten days run clean; one unit too many on a shelf stops the run and names node and product."""
    network = build(demand=220.0)
    shop = Shop(network)
    for day in range(10):
        shop.day(day, 200)
    network.stock.shelf[0, 4, 0] += 1
    with pytest.raises(ConservationError, match="node 0, product 4"):
        network.close_day(10)
    network.stock.held[0, 4] += 1
    with pytest.raises(ConservationError, match="product 4"):
        network.close_day(10)


def test_a_lost_parcel_is_noticed() -> None:
    """A parcel that vanishes from the table stops the run."""
    network = build()
    network.submit(Shop(network).orders(50, 480, 600))
    network.run_until(700)
    waiting = network.table.in_use()[:1]
    network.table.give_back(waiting)
    with pytest.raises(ConservationError, match="product"):
        network.close_day(0)


def test_parcels_need_reserved_goods_and_honest_minutes(network: Network) -> None:
    """Handing in a parcel without goods, or with a minute in the past, is refused."""
    one = np.ones(1, np.int64)
    parcel = Parcels(one, one, 600 * one, 3 * one, one, 0 * one, 2 * one, 3 * one)
    with pytest.raises(ConservationError, match="node 0, product 3"):
        network.submit(parcel)
    network.run_until(700)
    network.reserve(3 * one, one, 2 * one)
    with pytest.raises(RunError, match="600 < 700"):
        network.submit(parcel)


def test_reserve_prefers_the_front_then_the_centre_then_refuses() -> None:
    """Row by row: nearest shelf, regional centre, none; the same rows give the same nodes."""
    network = build(demand=60.0)
    zone = int(np.flatnonzero(network.service()[6] < NEXT_DAY)[0])
    held = network.stock.held[:, 6].copy()
    n = int(held.sum()) + 5
    node = network.reserve(np.full(n, 6), np.full(n, zone), np.ones(n, np.int64))
    assert (node[: held[1]] == 1).all()
    assert (node[held[1] : held[1] + held[0]] == 0).all()
    assert (node[-5:] == -1).all()


def test_littles_law_by_stage() -> None:
    """X24: parcel-minutes in each stage equal the sum of times spent there, over a closed window."""
    network = build()
    network.submit(Shop(network).orders(200, 0, DAY))
    total = np.zeros(len(STAGES), np.int64)
    for day in range(4):
        network.run_until((day + 1) * DAY)
        got = network.delivered()
        network.close_day(day)
        total += network.stages.log["parcel_ticks"]
        if day == 3:
            assert not network.stages.log["inside"].any()
    assert total.sum() > 0
    assert len(got.row) == 0
    assert total[STAGES.index("ride")] > 0


def test_reconfigure_keeps_queues_and_stock() -> None:
    """A strategy changes capacity at midnight: parcels and goods stay, more riders clear the backlog."""
    left = {}
    for ratio in (0.5, 3.0):
        network = build(demand=220.0, capacity_ratio=0.5)
        shop = Shop(network)
        for day in range(5):
            shop.day(day, 200)
        held, waiting = network.stock.held.copy(), network.flow.standard_open[0]
        network.reconfigure(
            LogisticsParams(capacity_ratio=ratio, design_orders_per_1000_consumers=10.0),
            ReturnsParams(),
            SupplyParams(),
        )
        assert (network.stock.held == held).all()
        assert network.flow.standard_open[0] == waiting
        shop.day(5, 200)
        left[ratio] = network.flow.standard_open[0]
    assert left[3.0] < left[0.5] - 100


def test_reconfigure_cannot_move_zones(network: Network) -> None:
    """The map belongs to the world."""
    with pytest.raises(ConfigError, match="consumers_per_zone"):
        network.reconfigure(LogisticsParams(consumers_per_zone=500), ReturnsParams(), SupplyParams())


def test_rider_shortfall_scales_capacity_exactly(network: Network) -> None:
    """A third of the riders missing is a third of capacity missing, whatever the size of the market."""
    full = network.capacity_orders_per_day()
    assert full == pytest.approx(20_000 * 10 / 1000 * 1.2)
    network.shock_riders(1 / 3)
    assert network.capacity_orders_per_day() == pytest.approx(full * 2 / 3)
    network.shock_riders(0.0)
    assert network.capacity_orders_per_day() == full


@pytest.mark.parametrize("consumers", [500, 3_000, 20_000, 90_000])
def test_rider_minutes_are_exact_in_any_market(consumers: int) -> None:
    """Whole riders times presence times hours is the capacity asked for."""
    for ratio in (0.8, 1.2):
        network = build(consumers=consumers, capacity_ratio=ratio)
        capacity = network._capacity
        for plan, minutes in zip(capacity.plans, capacity.rider_minutes, strict=True):
            provided = sum(s.riders * s.presence * (s.end - s.start) for s in plan)
            assert provided == pytest.approx(minutes, rel=1e-12)
            assert all(0 < s.presence <= 1 for s in plan)


def test_all_riders_gone_nothing_rides_until_they_return(network: Network) -> None:
    """A total shortfall stops hand-overs; they resume with the riders."""
    network.shock_riders(1.0)
    network.submit(Shop(network).orders(60, 480, 600))
    network.run_until(2 * DAY)
    assert len(network.delivered().row) == 0
    network.shock_riders(0.0)
    network.run_until(5 * DAY)
    assert len(network.delivered().row) == 60


def test_bill_names_its_accounts_and_idle_riders_cost() -> None:
    """All accounts are there; capacity is paid whether used or not; selling idle time saves a little."""
    bills = {}
    for ratio, resale in ((1.2, 0.0), (2.4, 0.0), (2.4, 1.0)):
        network = build(capacity_ratio=ratio, idle_resale_share=resale)
        bills[ratio, resale] = Shop(network).day(0, 100)
    plain = bills[1.2, 0.0]
    assert tuple(plain) == ACCOUNTS
    assert all(isinstance(fen, int) and fen >= 0 for fen in plain.values())
    assert bills[2.4, 0.0]["logistics_rider"] == pytest.approx(2 * plain["logistics_rider"], abs=2)
    assert plain["logistics_rider"] < bills[2.4, 1.0]["logistics_rider"] < bills[2.4, 0.0]["logistics_rider"]


def test_purchases_follow_receipts() -> None:
    """Over three weeks purchases minus what was sold and discarded is the growth of stock, at cost."""
    network = build(demand=220.0)
    cost = network.products.unit_cost_fen
    shop = Shop(network)
    bought = sum(shop.day(day, 200)["purchases"] for day in range(21))
    s = network.stock
    assert bought == int(s.received @ cost)
    there = (
        s.shelf.sum(axis=(0, 2))
        + s.aside.sum(axis=(0, 2))
        + s.transit.sum(axis=(0, 2))
        + s.assigned.sum(axis=0)
    )
    moving = s.left - s.delivered
    assert bought == int((there + moving + s.delivered + s.discarded) @ cost)


def test_returns_are_collected_inspected_and_restocked() -> None:
    """Every return is inspected once, days later; ambient goods may be restocked, food never."""
    network = build(demand=600.0)
    shop = Shop(network)
    parcels = shop.orders(120, 480, 600)
    network.submit(parcels)
    network.run_until(4 * DAY)
    assert len(network.delivered().row) == 120
    network.inspected()
    network.close_day(3)
    back = parcels._replace(minute=np.full(120, 4 * DAY + 300))
    network.take_back(back)
    before = network.stock.restocked.sum()
    network.run_until(8 * DAY)
    got = network.inspected()
    bill = network.close_day(7)
    assert sorted(got.row.tolist()) == list(range(120))
    assert (got.minute > 4 * DAY + 300).all()
    layer = network.products.layer[parcels.product]
    restocked = got.restocked[np.argsort(got.row)]
    assert not restocked[layer > 1].any()
    assert 0 < restocked[layer == 1].mean() < 1
    assert network.stock.restocked.sum() - before == restocked.sum()
    assert bill["logistics_reverse"] > 0


def units(network: Network) -> int:
    """Units that exist: on shelves, set aside, in transit, with parcels."""
    s = network.stock
    return int(
        s.shelf.sum() + s.aside.sum() + s.transit.sum() + s.assigned.sum() + (s.left - s.delivered).sum()
    )


def test_snapshot_keeps_stock_ages_and_goods_on_order() -> None:
    """A restored engine holds every unit; open parcels handed in again are delivered."""
    network = build(demand=220.0)
    shop = Shop(network)
    for day in range(6):
        shop.day(day, 200)
    state = network.state()
    done = {i for i, _, _ in shop.took}
    data = network.table.data
    rows = network.table.in_use()
    still_open = np.array(sorted(i for i in range(shop.n) if i not in done))
    parcels = Parcels(*(data[rows, column].copy() for column in PARCEL_COLUMNS))
    parcels = permuted(parcels, np.flatnonzero(np.isin(parcels.row, still_open)))
    assert len(parcels.row) == len(still_open) > 20
    twin = Network(network.params, ReturnsParams(), SupplyParams(), catalog(220.0), 20_000, 7, 6 * DAY)
    twin.restore(state)
    assert units(twin) == units(network)
    assert (twin.stock.shelf == network.stock.shelf).all()
    assert (twin.stock.pipeline == network.stock.pipeline).all()
    twin.submit(parcels._replace(minute=np.full(len(parcels.row), 6 * DAY)))
    assert not twin.stock.aside.any()
    twin.run_until(7 * DAY)
    got = twin.delivered()
    assert (twin.close_day(6))["purchases"] >= 0
    twin.run_until(9 * DAY)
    assert len(got.row) + len(twin.delivered().row) == len(still_open)
