"""Riders: shifts, priorities, the guard, calling back, and nothing held at the end."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest

from sim.logistics import parcels as col
from sim.logistics import yard
from sim.logistics.crew import Shift
from tests.logistics.conftest import DAY, Shop, build
from tests.logistics.street import RIDE, Street


def test_instant_first_then_by_key_whatever_was_called_first() -> None:
    """Four rounds and one rider at one tick: instant, then the lower keys, in every order of calling."""
    for zones in permutations((5, 2, 9, 7)):
        street = Street(Shift(0, 1440, 1, 1.0, 0))
        for zone in zones:
            street.call(zone, 100, instant=zone == 9)
        street.flow.run(400)
        assert street.started() == [(100 + k * RIDE, zone) for k, zone in enumerate((9, 2, 5, 7))]


def test_a_rider_who_is_back_at_the_tick_of_a_call_rides_at_once() -> None:
    """Return and call at one tick: the one that waits longest leaves, and an instant call overtakes it."""
    street = Street(Shift(0, 1440, 1, 1.0, 0))
    street.call(1, 100)
    street.call(2, 101)
    street.call(3, 100 + RIDE, instant=True)
    street.flow.run(400)
    assert street.started() == [(100, 1), (100 + RIDE, 3), (100 + 2 * RIDE, 2)]


def test_guard_keeps_a_rider_for_instant_orders() -> None:
    """With two riders and a guard of one, a second standard round waits while an instant one rides."""
    street = Street(Shift(0, 1440, 2, 1.0, 1))
    street.call(1, 100)
    street.call(2, 100)
    street.call(3, 110, instant=True)
    street.flow.run(105)
    assert street.busy == 1
    street.flow.run(115)
    assert street.busy == 2
    street.flow.run(400)
    assert street.started() == [(100, 1), (110, 3), (110 + RIDE, 2)]


def test_nobody_rides_between_shifts_and_one_rides_on() -> None:
    """Rounds called at night start with the shift; a ride under way at its end is finished."""
    street = Street(Shift(420, 840, 1, 1.0, 0), Shift(840, 1455, 1, 1.0, 0))
    for zone, at, instant in (
        (1, 60, False),
        (2, 835, True),
        (3, 845, True),
        (4, 1210, False),
        (5, 1445, True),
    ):
        street.call(zone, at, instant)
    street.flow.run(2500)
    starts = {zone: tick for tick, zone in street.started()}
    assert starts == {1: 420, 2: 835, 3: 835 + RIDE, 4: 1440 + 420, 5: 1445}
    assert street.busy == 0


def test_presence_stretches_the_time_until_the_next_ride() -> None:
    """A rider who is ours for two fifths of the time is gone for two and a half rides, rounded up."""
    street = Street(Shift(0, 1440, 1, 0.4, 0))
    street.call(1, 100)
    street.call(2, 100)
    street.flow.run(400)
    assert street.started() == [(100, 1), (100 + int(np.ceil(RIDE / 0.4)), 2)]


def test_a_rider_who_is_called_back_leaves_later_and_not_for_what_was_cancelled() -> None:
    """Called back for ten ticks; a parcel cancelled in these frees the rider at once, for the next round."""
    street = Street(Shift(0, 1440, 1, 1.0, 0), recall=10)
    gone = street.call(1, 100, instant=True)
    street.call(2, 100, instant=True)
    street.flow.run(105)
    assert street.busy == 1
    street.table.data[gone, col.STATE] = col.CANCELLED
    street.flow.run(400)
    assert street.started() == [(110, 2)]


def test_only_who_has_been_idle_is_called_back() -> None:
    """All idle time is sold: the first round waits for a rider; those that wait for one to be back do not."""
    street = Street(Shift(0, 1440, 1, 1.0, 0), recall=10)
    for zone in (1, 2, 3):
        street.call(zone, 100)
    street.call(4, 110 + 3 * RIDE + 50)
    street.flow.run(600)
    begun = [110, 110 + RIDE, 110 + 2 * RIDE, 110 + 3 * RIDE + 60]
    assert street.started() == list(zip(begun, (1, 2, 3, 4), strict=True))


def test_everybody_is_at_hand_as_a_shift_begins() -> None:
    """Rounds that waited for the morning leave at once, one for each rider; later ones wait."""
    street = Street(Shift(420, 1440, 2, 1.0, 0), recall=10)
    street.call(1, 60)
    street.call(2, 60)
    street.call(3, 420 + RIDE + 30)
    street.flow.run(900)
    assert street.started() == [(420, 1), (420, 2), (420 + RIDE + 40, 3)]


@pytest.mark.parametrize("riders", [1, 3])
def test_a_round_waits_as_often_as_all_who_are_idle_are_sold(riders: int) -> None:
    """Each idle rider is with a partner for six tenths of the time: one round an hour meets 0.6 ** riders."""
    street = Street(Shift(0, 1440, riders, 1.0, 0), recall=10, sold=0.6, last_standard=1440)
    n = 600
    for k in range(n):
        street.call(k % 100, 3 * RIDE * (k + 1))
    street.flow.run(3 * RIDE * (n + 2))
    begun = np.array([tick for tick, _ in street.started()])
    waits = begun - 3 * RIDE * (1 + np.arange(n))
    assert set(waits.tolist()) == {0, 10}
    chance = 0.6**riders
    assert (waits > 0).mean() == pytest.approx(chance, abs=4 * (chance * (1 - chance) / n) ** 0.5)


def test_more_riders_from_now_on_take_what_waits() -> None:
    """A plan in force from tick 110 sends at that tick whom it can; those on the road stay there."""
    street = Street(Shift(0, 1440, 1, 1.0, 0))
    for zone in range(1, 5):
        street.call(zone, 100)
    street.flow.run(110)
    street.flow.configure(street.settings, street.hands((Shift(0, 1440, 3, 1.0, 0),)), street.tours)
    street.flow.run(400)
    assert street.started() == [(100, 1), (110, 2), (110, 3), (100 + RIDE, 4)]


def test_there_is_a_round_for_everybody_when_the_table_grows() -> None:
    """Records of rounds that wait keep their place in the queue while more are added."""
    street = Street(Shift(0, 1440, 1, 1.0, 0))
    zones = np.random.default_rng(2).permutation(90) + 1
    for zone in zones.tolist():
        street.call(zone, 100)
    street.flow.run(200)
    for zone in (95, 96):
        street.call(zone, 200)
    street.flow.run(1190)
    assert [zone for _, zone in street.started()] == list(range(1, len(street.started()) + 1))
    assert len(street.flow.waiting()[2][0]) == 92 - len(street.started())
    assert street.busy == 1


def test_nothing_is_held_when_all_is_delivered() -> None:
    """After the last parcel no rider is busy, no bag is full and nobody waits."""
    network = build()
    network.submit(Shop(network).orders(200, 0, DAY))
    network.run_until(6 * DAY)
    assert len(network.delivered().row) == 200
    assert not any(network.flow.waiting())
    lists = [yard.WAVES, yard.COMING, yard.INSTANT, yard.STANDARD, yard.ON_ROAD, yard.RECALLED]
    assert (network.flow.sites[:, lists] == yard.NONE).all()
    assert not network.flow.sites[:, [yard.BUSY, yard.INSTANT_WAITING]].any()
    assert network.flow.standard_open == [0]
