"""Riders: shifts, priorities, the guard, and nothing held at the end."""

from __future__ import annotations

import numpy as np
import simpy

from sim.logistics.crew import Crew, Round, Shift
from tests.logistics.conftest import DAY, Shop, build

RIDE = 30


class Log:
    """Riders that ride thirty ticks each and note which zone went when."""

    def __init__(self) -> None:
        self.started: list[tuple[int, int, bool]] = []

    def rider(self, crew: Crew):
        while True:
            carried, now, _ = yield crew.wait()
            self.started.append((now, carried.zone, carried.instant))
            yield crew.env.timeout(RIDE)
            crew.release()


def crew_of(*shifts: Shift) -> tuple[simpy.Environment, Crew, Log]:
    """A crew at one tick per minute that sends no standard round after 20:00."""
    env, log = simpy.Environment(), Log()
    return env, Crew(env, shifts, 1440, 1200, log.rider), log


def call(crew: Crew, zone: int, at: int, instant: bool = False) -> None:
    crew.call(Round(instant, zone, np.array([zone])), (at, zone, 0), at)


def test_instant_first_then_by_key_whatever_was_created_first() -> None:
    """Three rounds and one rider at one tick: instant, then the lower key, in both orders of calling."""
    for zones in ((5, 2, 9), (9, 2, 5), (2, 9, 5)):
        env, crew, log = crew_of(Shift(0, 1440, 1, 1.0, 0))
        for zone in zones:
            call(crew, zone, 100, instant=zone == 9)
        env.run(until=400)
        assert log.started == [(100, 9, True), (130, 2, False), (160, 5, False)]


def test_guard_keeps_a_rider_for_instant_orders() -> None:
    """With two riders and a guard of one, a second standard round waits while an instant one rides."""
    env, crew, log = crew_of(Shift(0, 1440, 2, 1.0, 1))
    call(crew, 1, 100)
    call(crew, 2, 100)
    call(crew, 3, 110, instant=True)
    env.run(until=400)
    assert log.started == [(100, 1, False), (110, 3, True), (140, 2, False)]


def test_nobody_rides_between_shifts_and_one_rides_on() -> None:
    """Rounds called at night start with the shift; a ride under way at its end is finished."""
    env, crew, log = crew_of(Shift(420, 840, 1, 1.0, 0), Shift(840, 1455, 1, 1.0, 0))
    call(crew, 1, 60)
    call(crew, 2, 835, instant=True)
    call(crew, 3, 845, instant=True)
    call(crew, 4, 1210)
    call(crew, 5, 1445, instant=True)
    env.run(until=2500)
    starts = {zone: tick for tick, zone, _ in log.started}
    assert starts == {1: 420, 2: 835, 3: 865, 4: 1440 + 420, 5: 1445}
    assert crew.busy == 0


def test_nothing_is_held_when_all_is_delivered() -> None:
    """After the last parcel no rider is busy, no bag is full and nobody waits."""
    network = build()
    network.submit(Shop(network).orders(200, 0, DAY))
    network.run_until(6 * DAY)
    assert len(network.delivered().row) == 200
    assert all(not rows for rows in network.flow.waiting())
    for crew in network.flow.crews:
        assert crew.busy == 0
        assert not crew.instant
        assert not crew.standard
    assert network.flow.standard_open == [0]
