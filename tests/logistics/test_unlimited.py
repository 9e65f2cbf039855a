"""Fulfilment without limits against parcels that are looked after one by one."""

from __future__ import annotations

import math

import numpy as np
import pytest

from sim.logistics.network import class_hours
from sim.logistics.params import LogisticsParams
from sim.logistics.unlimited import Unlimited
from sim.world.fulfilment import Parcels

PARAMS = LogisticsParams()
LAYER = np.array([1, 2, 3])


class OneByOne:
    """A list of parcels, each with its minute and class; what is due by now is handed over."""

    def __init__(self) -> None:
        self.waiting: list[tuple[int, int, int]] = []
        self.now, self.hours = 0, class_hours(PARAMS)

    def due(self, parcel: tuple[int, int, int]) -> int:
        return parcel[1] + math.ceil(float(self.hours[parcel[2]]) * 60.0)

    def cancel(self, order_id: int) -> bool:
        found = [one for one in self.waiting if one[0] == order_id and self.due(one) >= self.now]
        self.waiting = [one for one in self.waiting if one not in found]
        return bool(found)

    def delivered(self) -> list[tuple[int, int]]:
        gone = [one for one in self.waiting if self.due(one) < self.now]
        self.waiting = [one for one in self.waiting if one not in gone]
        return [(order_id, self.due((order_id, minute, service))) for order_id, minute, service in gone]


@pytest.mark.parametrize("seed", range(4))
def test_it_agrees_with_parcels_that_are_looked_after_one_by_one(seed):
    dice = np.random.default_rng(seed)
    ours, plain, made, cancelled = Unlimited(PARAMS, LAYER, 0), OneByOne(), 0, 0
    for now in range(0, 6 * 1440, 240):
        n = int(dice.integers(0, 12))
        ids, minutes = np.arange(made, made + n) * 7919, now + dice.integers(0, 240, n)
        service = dice.integers(1, 4, n).astype(np.int8)
        small = np.zeros(n, np.int32)
        ours.submit(Parcels(ids, ids, minutes, small, small, small, small, service))
        plain.waiting += zip(ids.tolist(), minutes.tolist(), service.tolist(), strict=True)
        made += n
        for minute in np.sort(now + dice.integers(0, 240, 5)).tolist():
            ours.run_until(minute)
            plain.now = minute
            wished = int(dice.integers(0, max(made, 1))) * 7919
            granted = bool(ours.cancel(np.array([wished]))[0])
            assert granted == plain.cancel(wished)
            cancelled += granted
        ours.run_until(now + 240)
        plain.now = now + 240
        got = ours.delivered()
        assert list(zip(got.order_id.tolist(), got.minute.tolist(), strict=True)) == plain.delivered()
        assert got.row.tolist() == got.order_id.tolist()
    assert cancelled > 3
    assert made > 100


def test_what_was_cancelled_is_gone_and_returns_are_inspected_after_two_days():
    ours = Unlimited(PARAMS, LAYER, 0)
    one, small = np.array([5]), np.zeros(1, np.int32)
    parcel = Parcels(one, one, np.array([10]), small, small, small, small, np.array([3], np.int8))
    ours.submit(parcel)
    assert ours.cancel(one).tolist() == [True]
    assert ours.cancel(one).tolist() == [False]
    ours.take_back(parcel)
    ours.run_until(2 * 1440 + 10)
    assert (len(ours.delivered().row), len(ours.inspected().row)) == (0, 0)
    ours.run_until(2 * 1440 + 11)
    assert ours.inspected().minute.tolist() == [2 * 1440 + 10]
    ours.run_until(9 * 1440)
    assert (len(ours.delivered().row), len(ours.inspected().row)) == (0, 0)
