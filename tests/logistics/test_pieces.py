"""Single steps of a parcel's way against plain recomputation: wave, hand-over, boarding, morning trucks."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from sim.core.rng import keyed_exponential
from sim.logistics import cold_chain as cold
from sim.logistics import kernel_params as use
from sim.logistics import parcels as col
from sim.logistics import yard
from sim.logistics.bags import put
from sim.logistics.capacity import drop_minutes
from sim.logistics.crew import Shift
from sim.logistics.entrance import listed
from sim.logistics.kernels import T_METRES, TALLIES, inspect, pick
from sim.logistics.lots import AGES, replenish_fronts, reserve_rows
from sim.logistics.riders import next_start, on_duty
from sim.logistics.rides import _hand_over
from sim.logistics.timetable import depart
from sim.stations.queues import next_departure, to_ticks
from tests.logistics.street import Street

COLUMNS = 2 + max(v for n, v in vars(col).items() if n.isupper() and isinstance(v, int))
STREAMS = use.streams(5)


def numbers(**values: float) -> np.ndarray:
    """The kernels' vector of numbers, zero but for those given."""
    vector = np.zeros(19)
    vector[use.S_TICKS] = 1.0
    for name, value in values.items():
        vector[getattr(use, name)] = value
    return vector


def blank(n: int) -> np.ndarray:
    """Rows of parcels with orders 100, 101, ... and no mark."""
    data = np.full((n, COLUMNS), col.NEVER)
    data[:, col.ORDER] = 100 + np.arange(n)
    return data


def in_turn(now: int, teams: int, service: list[int]) -> list[int]:
    """When each is done, if whoever is free first takes the next."""
    free, done = [now] * teams, []
    for ticks in service:
        k = free.index(min(free))
        free[k] += ticks
        done.append(free[k])
    return done


@pytest.mark.parametrize("teams", [1, 3])
def test_a_wave_is_ready_parcel_by_parcel_once_it_is_packed(teams: int) -> None:
    """Half of the picking time is fixed, half exponential; none is ready when its wave begins."""
    n, now = 12, 480
    data, free = blank(n), np.full(teams, now, np.int64)
    pick(data, np.arange(n), now, free, STREAMS, numbers(S_PICK=6.0))
    luck = [keyed_exponential(STREAMS[use.R_PICK], 100 + i, 0) for i in range(n)]
    service = [max(1, round(6.0 * (0.5 + 0.5 * x))) for x in luck]
    assert data[:, col.READY].tolist() == in_turn(now, teams, service)


def test_inspection_ends_after_its_time_and_takes_turns() -> None:
    """One inspector, each return in turn; all that is restocked is as new."""
    n, now = 6, 100
    data, free, tally = blank(n), np.full(1, now, np.int64), np.zeros(TALLIES, np.int64)
    data[:, col.LAYER] = 1
    restock = np.array([0.0, 1.0, 0.0, 0.0])
    inspect(data, np.arange(n), now, free, STREAMS, numbers(S_INSPECT=5.0), restock, tally)
    luck = [keyed_exponential(STREAMS[use.R_INSPECT], 100 + i, 0) for i in range(n)]
    assert data[:, col.END].tolist() == in_turn(now, 1, [max(1, round(2.5 + 2.5 * x)) for x in luck])
    assert not data[:, col.SPOILED].any()


@pytest.mark.parametrize(("left", "spoiled"), [(0.01, 0), (-0.01, 1)])
def test_goods_spoil_when_more_life_is_used_than_they_had(left: float, spoiled: int) -> None:
    """Life used is counted tick by tick; a hundredth of a day more or less decides."""
    ageing = np.zeros((4, 6))
    ageing[cold.CHILLED, cold.COLD_ROOM], ageing[cold.CHILLED, cold.BOX] = 0.001, 0.02
    data = blank(1)
    data[0, [col.LAYER, col.WAVE, col.READY, col.START]] = cold.CHILLED, 0, 30, 30
    used = sum([0.001] * 30 + [0.02] * 50)
    _hand_over(data, np.array([used + left]), 0, 80, STREAMS, numbers(), ageing)
    assert data[0, col.SPOILED] == spoiled
    assert data[0, col.END] == 80


@pytest.mark.parametrize(("tick", "following"), [(600, 900), (900, 1440 + 600), (1440 + 600, 1440 + 900)])
def test_parcels_left_behind_take_the_very_next_truck(tick: int, following: int) -> None:
    """Trucks leave at 10:00 and 15:00; what finds no room waits for the next and skips none."""
    street = Street(Shift(0, 1440, 1, 1.0, 0), litres=1.0)
    rows = street.parcels([3, 4, 5], READY=50, STATE=col.AT_NODE)
    flow, data = street.flow, street.table.data
    for row in rows:
        put(data, flow.bags, yard.DOCK, row, tick)
    depart(flow.held, flow._rules, tick)
    assert data[rows, col.DEPART].tolist() == [tick, col.NEVER, col.NEVER]
    assert sorted(listed(data, flow.bags[yard.DOCK, yard.FIRST]).tolist()) == sorted(rows[1:].tolist())
    assert data[rows[1:], col.DUE].tolist() == [following] * 2
    assert flow.bags[yard.DOCK, yard.DUE] == following
    assert listed(data, flow.bags[yard.SHELF, yard.FIRST]).tolist() == [rows[0]]
    assert flow.tally[T_METRES] == 7000


@pytest.mark.parametrize(("minutes", "ticks"), [(0.0, 1), (0.4, 1), (1.49, 1), (1.5, 2), (2.5, 3), (9.0, 9)])
def test_ticks_are_rounded_half_up_and_never_none(minutes: float, ticks: int) -> None:
    assert to_ticks(minutes, 1) == ticks


def test_whoever_comes_at_the_departure_catches_it() -> None:
    """At the very tick it still leaves with it; one tick later it waits for the next."""
    timetable = np.array([60, 300])
    assert [next_departure(t, timetable, 1440) for t in (0, 60, 61, 300, 301)] == [60, 60, 300, 300, 1500]


def test_fronts_count_what_is_on_the_morning_truck() -> None:
    """Position is stock and what is under way; only what is missing from the level is sent."""
    shelf, transit = np.zeros((3, 1, AGES), np.int32), np.zeros((3, 1, AGES), np.int32)
    shelf[0, 0, 4], shelf[1, 0, 0], transit[1, 0, 2] = 100, 3, 5
    shipped = replenish_fronts(shelf, transit, np.array([[0], [20], [7]]))
    assert shipped.tolist() == [12 + 7]
    assert (shelf + transit).sum(axis=2)[:, 0].tolist() == [100 - 19, 20, 7]
    assert transit[1, 0, 4] == 12  # sent with the age it had


def test_goods_are_set_aside_at_the_front_then_at_the_centre_then_not_at_all() -> None:
    """Down to the last unit of each; whoever asks is counted as demand of the near node."""
    shelf, aside = np.zeros((2, 1, AGES), np.int32), np.zeros((2, 1, AGES), np.int32)
    shelf[:, 0, 0] = 2, 3
    demand, held = np.zeros((2, 1), np.int64), np.array([[2], [3]])
    four = np.zeros(4, np.int64)
    nodes = reserve_rows(
        shelf, aside, demand, np.array([[1]]), four, four, np.array([3, 1, 1, 1]), np.zeros(1, np.int8), held
    )
    assert nodes.tolist() == [1, 0, 0, -1]
    assert demand[:, 0].tolist() == [0, 6]
    assert held.tolist() == [[0], [0]]


def test_a_rider_goes_there_and_back() -> None:
    """An instant round visits one door: the way twice and the minutes at the door, in every weather."""
    p = SimpleNamespace(
        bad_weather_probability=0.25, bad_weather_slowdown=2.0, rider_speed_kmh=15.0, drop_minutes=3.0,
        local_km=0.5, leg_minutes=2.0, absent_probability=0.1,
    )  # fmt: skip
    region = SimpleNamespace(distance_km=np.array([1.0, 2.0]), n_zones=2, spacing=np.ones(2))
    instant, standard = drop_minutes(p, region, 4.0)
    good, bad = (2 * 1.0 * 4.0 + 3.0), (2 * 1.0 * 8.0 + 3.0)
    assert instant[0] == pytest.approx(0.75 * good + 0.25 * bad)
    # four doors a round: out and back over 0.5 km, three legs between them, and one in ten twice
    one = [(2 * 0.5 * 4.0 + 3 * 2.0) * slow + 4 * 3.0 for slow in (1.0, 2.0)]
    assert standard.tolist() == pytest.approx([(0.75 * one[0] + 0.25 * one[1]) / 4 * 1.1] * 2)


def test_each_minute_has_its_shift_past_midnight_too() -> None:
    """Half-open shifts of a day that ends at two in the morning; from two to eight nobody is on duty."""
    shifts = np.array([[480, 1020, 3, 0], [1020, 1320, 2, 0], [1320, 1560, 1, 0]])
    expected = [2] * 120 + [-1] * 360 + [0] * 540 + [1] * 300 + [2] * 120
    starts = [480, 1020, 1320, 1440 + 480, 1440 + 1020, 1440 + 1320, 2 * 1440 + 480]
    for tick in range(2 * 1440):
        assert on_duty(shifts, tick, 1440) == expected[tick % 1440]
        assert next_start(shifts, tick, 1440) == min(start for start in starts if start > tick)
