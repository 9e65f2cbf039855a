"""Impossible time lines and misplaced parcels stop the run at midnight, with the parcel's name."""

from __future__ import annotations

import numpy as np
import pytest

from sim.core.errors import ConservationError
from sim.logistics import parcels as col
from sim.logistics import yard
from sim.logistics.engine import Network
from sim.logistics.riders import call
from tests.logistics.conftest import DAY, Shop, build


def busy_network() -> Network:
    """A network at the second midnight, with parcels at every stage."""
    network = build(demand=220.0, capacity_ratio=0.7)
    shop = Shop(network)
    shop.day(0, 200)
    network.submit(shop.orders(200, DAY, 2 * DAY))
    network.run_until(2 * DAY)
    network.delivered()
    return network


def of_kind(network: Network, kept: np.ndarray) -> int:
    """First row in use for which ``kept`` (bool by row) holds."""
    data = network.table.data
    return int(
        np.flatnonzero(kept & (data[:, col.STATE] != col.FREE) & (data[:, col.KIND] == col.DELIVERY))[0]
    )


def test_a_sound_midnight_passes() -> None:
    """Nothing is wrong in a loaded network over several nights."""
    network = busy_network()
    network.close_day(1)


@pytest.mark.parametrize(
    ("mark", "other", "shift"),
    [
        (col.END, col.READY, -1),
        (col.READY, col.START, 1),
        (col.START, col.END, 1),
        (col.WAVE, col.ACCEPT, -1),
        (col.READY, col.WAVE, -1),
    ],
    ids=[
        "delivered before picked",
        "picked after the ride",
        "ride after the end",
        "wave before order",
        "picked before wave",
    ],
)
def test_descending_marks_stop_the_run(mark: int, other: int, shift: int) -> None:
    """A mark on the wrong side of another names the order and its marks."""
    network = busy_network()
    data = network.table.data
    row = of_kind(network, data[:, col.STATE] == col.DONE)
    data[row, mark] = data[row, other] + shift
    with pytest.raises(
        ConservationError, match=rf"order {data[row, col.ORDER]}: its marks are out of order .*picked"
    ):
        network.close_day(1)


@pytest.mark.parametrize("mark", [col.READY, col.DEPART, col.SORTED, col.START])
def test_missing_marks_stop_the_run(mark: int) -> None:
    """A parcel from the regional centre that is handed over was picked, driven, sorted and ridden."""
    network = busy_network()
    data = network.table.data
    row = of_kind(network, (data[:, col.STATE] == col.DONE) & (data[:, col.NODE] == 0))
    data[row, mark] = col.NEVER
    with pytest.raises(ConservationError, match=f"order {data[row, col.ORDER]}"):
        network.close_day(1)


def test_a_parcel_that_nobody_holds_stops_the_run() -> None:
    """Marks say that it waits at the dock; the lists are asked independently, and it is not there."""
    network = busy_network()
    bags, data = network.flow.bags, network.table.data
    lost = bags[yard.DOCK, yard.FIRST]
    bags[yard.DOCK, yard.FIRST] = data[lost, col.NEXT]
    with pytest.raises(ConservationError, match=f"order {data[lost, col.ORDER]} lies on the road"):
        network.close_day(1)


def test_a_parcel_held_twice_stops_the_run() -> None:
    """The same parcel in two rounds would be delivered twice."""
    network = busy_network()
    flow = network.flow
    twice = flow.waiting()[2][0][:1]
    call(yard.Held(*flow.held), 1, twice, 0, (0, 0, 0))
    with pytest.raises(
        ConservationError, match=f"order {network.table.data[twice[0], col.ORDER]} lies waiting .*2 times"
    ):
        network.close_day(1)


def test_whoever_cancels_while_it_is_picked_stops_the_picking() -> None:
    """A parcel cancelled between its wave and the end of picking has no picking mark after its end."""
    network = build()
    network.submit(Shop(network).orders(50, 600, 603))
    data = network.table.data
    tick = 630 * network.params.ticks_per_minute
    network.run_until(631)
    rows = np.flatnonzero((data[:, col.STATE] == col.AT_NODE) & (data[:, col.READY] > tick + 60))
    assert len(rows)
    assert network.cancel(data[rows, col.ORDER]).all()
    assert (data[rows, col.READY] == col.NEVER).all()
    assert (data[rows, col.END] >= data[rows, col.ACCEPT]).all()
    network.run_until(DAY)
    network.delivered()
    network.close_day(0)
