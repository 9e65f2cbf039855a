"""A small market is a scale model of a large one: what serves people scales with the people served."""

from __future__ import annotations

import pytest

from sim.logistics.costs import ACCOUNTS
from sim.logistics.stock import cold_rooms
from tests.logistics.conftest import Shop, build

#: Fen/1000 consumers/day may differ by what is drawn, and by emptier rounds and vans.
TOLERANCE = 0.25


def bill_per_1000(consumers: int) -> dict[str, float]:
    """Fen/1000 consumers/day of each account over three weeks of ten orders/1000 consumers/day."""
    network = build(demand=consumers * 0.011, consumers=consumers)
    shop, days = Shop(network), 21
    total = dict.fromkeys(ACCOUNTS, 0)
    for day in range(days):
        for account, fen in shop.day(day, consumers // 100).items():
            total[account] += fen
    return {account: fen / days / consumers * 1000.0 for account, fen in total.items()}


def test_delivery_costs_as_much_per_person_at_any_size() -> None:
    """The whole bill and each part of the plant, per person, at 3,000, 20,000 and 60,000 people."""
    small, usual, large = (bill_per_1000(n) for n in (3_000, 20_000, 60_000))
    plant = ("logistics_storage", "logistics_trunk", "logistics_rider", "logistics_reverse")
    for other in (small, large):
        for account in plant:
            assert other[account] == pytest.approx(usual[account], rel=2 * TOLERANCE), account
        whole = [sum(bill[a] for a in ACCOUNTS if a.startswith("logistics")) for bill in (other, usual)]
        assert whole[0] == pytest.approx(whole[1], rel=TOLERANCE)


@pytest.mark.parametrize("consumers", [400, 3_000, 20_000, 60_000])
def test_plant_is_rented_by_the_people_served(consumers: int) -> None:
    """Rooms, vans and inspectors: exactly as many litres and hours per person, in whole units shared."""
    network = build(consumers=consumers)
    p, region, capacity = network.params, network.region, network._capacity
    rooms = cold_rooms(p, region)
    fronts = p.chilled_room_litres_per_1000 * consumers / 1000.0
    assert rooms[2][1:].sum() == pytest.approx(fronts)
    assert rooms[2].sum() == pytest.approx(4.0 * fronts)
    litres = region.n_fronts * network._settings.compartments[0]
    assert litres == pytest.approx(p.truck_ambient_litres * consumers / p.consumers_per_front)
    hours = capacity.inspectors * capacity.inspector_presence
    designed = p.design_orders_per_1000_consumers * consumers / 1000.0
    assert hours == pytest.approx(network.returns.inspectors_per_1000_orders * designed / 1000.0)
    assert 0.0 < capacity.inspector_presence <= 1.0
