"""Groups fill by the people of the pool, not by how many of them are simulated."""

from __future__ import annotations

import math
from types import SimpleNamespace

import numpy as np
import pytest

from sim.commerce import group_buy
from sim.commerce.group_buy import GroupBuy, GroupBuyParams
from sim.commerce.group_pool import buyers_outside
from sim.core.clock import DAYPARTS, Clock
from sim.core.rng import Draw
from sim.world.group_wishes import MEMORY_DAYS, ExpectedWishes
from sim.world.schema import Source
from sim.world.world import WAITING

BUYERS, SEED = 900, 7


def live(rate: float, inside: float, monkeypatch: pytest.MonkeyPatch, *, mixing: float = 1.0) -> np.ndarray:
    """Whether each order of an ``inside`` share of ``rate`` buyers a day found its group, one category."""
    days, rng = round(BUYERS / (rate * inside)), np.random.default_rng(SEED)
    minutes = np.sort(rng.integers(0, days * 1440, BUYERS))
    n = len(minutes)
    orders = {
        "minute": minutes,
        "order_id": np.arange(n) + 1000,
        "person": np.arange(n),
        "category": np.zeros(n, np.int8),
        "touch": np.full(n, -1),
        "source": np.full(n, int(Source.DIRECT), np.int8),
        "group_buy": np.full(n, -1),
        "promised_minute": minutes + 60,
    }
    filled = np.zeros(n, bool)
    records = SimpleNamespace(orders=orders, group_buys=SimpleNamespace(append=lambda **_: None))
    world = SimpleNamespace(
        people=range(round(1000 * inside)),
        records=records,
        orders={"status": np.full(n, WAITING), "promised": np.zeros(n, np.int64), "node": np.full(n, -1)},
        groups=[],
        group_links={},
        group_wishes=ExpectedWishes(),
        flow=SimpleNamespace(),
        clock=Clock(),
    )
    world.day = 0
    monkeypatch.setattr(group_buy, "cancel_orders", lambda *_: None)
    act = GroupBuy(GroupBuyParams(strangers=mixing, pool_people=1000)).act
    for day in range(days):
        for daypart in range(DAYPARTS):
            world.clock.day = world.day = day
            world.clock.daypart = daypart
            start, end = world.clock.start, world.clock.end
            rows = np.flatnonzero((minutes >= start) & (minutes < end))
            # a steady chance all day long stands for the visitors behind the orders
            chance = np.array([rate * inside * (end - start) / 1440])
            world.flow = SimpleNamespace(
                grouped=rows,
                accepted=np.zeros(0, np.int64),
                expired=np.zeros(0, np.int64),
                accepted_minute=np.zeros(0, np.int64),
                visits={
                    "grouped": np.array([True]),
                    "source": np.array([int(Source.DIRECT)]),
                    "category": np.array([0]),
                    "wish_one": chance,
                    "wish_more": np.zeros(1),
                },
            )
            act(world, Draw(SEED, day))
            filled[world.flow.accepted] = True
    return filled[(minutes >= MEMORY_DAYS * 1440) & (minutes < (days - 2) * 1440)]


def share_filled(rate: float) -> float:
    """Exact share of buyers whose group of two fills within a day, if all come as one Poisson process."""
    q = 1.0 - math.exp(-rate)
    return 2.0 * q / (1.0 + q)


@pytest.mark.parametrize("inside", [1.0, 0.5, 0.15])
@pytest.mark.parametrize("rate", [0.5, 2.0])
def test_groups_fill_alike_however_few_are_simulated(rate: float, inside: float, monkeypatch):
    """Pairs within a day among ``rate`` buyers a day: the law of the pool, 3 standard errors."""
    filled = live(rate, inside, monkeypatch)
    blocks = np.array([part.mean() for part in np.array_split(filled, 30)])
    error = blocks.std(ddof=1) / math.sqrt(len(blocks))
    assert abs(filled.mean() - share_filled(rate)) < 3.0 * error
    assert error < 0.05


def test_outside_buyers_come_as_often_as_expected_and_in_their_minutes():
    """Counts by category and kind are Poisson; minutes lie in the span, in order; half of them mix."""
    expected = np.zeros((2, 10))
    expected[0, 3], expected[1, 3], expected[0, 7] = 1.5, 0.4, 50.0
    days = 400
    found = [buyers_outside(Draw(SEED, day), expected, (1000, 1200), 0.5) for day in range(days)]
    assert all(1000 <= one.minute < 1200 for many in found for one in many)
    assert all(many == sorted(many) for many in found)
    for linked, category in ((0, 3), (1, 3), (0, 7)):
        counts = [sum(o.category == category and o.linked == bool(linked) for o in many) for many in found]
        mean = expected[linked, category]
        assert abs(np.mean(counts) - mean) < 4.0 * math.sqrt(mean / days)
        assert abs(np.var(counts) / mean - 1.0) < 4.0 * math.sqrt((2.0 + 1.0 / mean) / days)
    everyone = [one for many in found for one in many]
    assert len({one.key for one in found[0]}) == len(found[0])
    assert abs(np.mean([one.mixes for one in everyone]) - 0.5) < 4.0 * 0.5 / math.sqrt(len(everyone))


def test_nobody_comes_from_outside_if_everybody_is_simulated():
    assert buyers_outside(Draw(SEED), np.zeros((2, 10)), (0, 360), 0.5) == []


def test_expected_wishes_are_a_mean_over_the_last_days():
    wishes = ExpectedWishes()
    category, linked = np.array([2, 2, 5]), np.array([False, False, True])
    for chance in (0.1, 0.3):
        wishes.learn(4, category, linked, np.full(3, chance))
    assert wishes.mean[0, 2, 4] == pytest.approx(0.4)
    assert wishes.mean[1, 5, 4] == pytest.approx(0.2)
    assert wishes.mean.sum() == pytest.approx(0.6)
