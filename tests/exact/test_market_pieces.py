"""Pieces of a market day against closed forms: parcels' clocks, trucks, stock, trust and media.

The kernels are those that the day runs, not formulas beside them; the right values are counted
tick by tick, or follow from geometric series.
"""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim import Market
from sim.core.rng import Draw
from sim.demand.media import Media, MediaParams
from sim.logistics import cold_chain as cold
from sim.logistics import parcels as col
from sim.logistics.lots import AGES, order_suppliers
from sim.logistics.rides import _life_spent
from sim.logistics.trucks import _board
from sim.social.trust import Lessons, _fade, _remember, _talk

pytestmark = pytest.mark.exact

AGEING = np.arange(24, dtype=float).reshape(4, 6) ** 1.5 / 1000.0


def parcel(**marks: int) -> np.ndarray:
    """One parcel's row with the given marks, all others never."""
    data = np.full(
        (1, max(getattr(col, n) for n in dir(col) if isinstance(getattr(col, n), int)) + 2), col.NEVER
    )
    for name, tick in marks.items():
        data[0, getattr(col, name)] = tick
    return data


def painted(layer: int, spans: list[tuple[int, int, int]]) -> float:
    """Life used when every tick is painted with its place: (place, first, last) in the order of time."""
    return math.fsum(AGEING[layer, place] for place, first, last in spans for _ in range(first, last))


@pytest.mark.parametrize("layer", [cold.CHILLED, cold.FROZEN])
def test_the_clock_of_a_parcel_from_the_front(layer):
    """Cold room until picked, staging until the rider starts, then the box."""
    data = parcel(LAYER=layer, WAVE=100, READY=130, START=190, END=245)
    spans = [(cold.COLD_ROOM, 100, 130), (cold.STAGING, 130, 190), (cold.BOX, 190, 245)]
    assert _life_spent(data, 0, AGEING) == pytest.approx(painted(layer, spans), rel=1e-12)


@pytest.mark.parametrize("second", [False, True])
def test_the_clock_of_a_parcel_by_truck(second):
    """Cold room, truck whose doors open for a while, community warehouse, box; again if nobody was in."""
    data = parcel(LAYER=cold.CHILLED, WAVE=10, DEPART=60, ARRIVE=200, OPEN=25, START=260, END=300)
    spans = [
        (cold.COLD_ROOM, 10, 60),
        (cold.OUTDOOR, 60, 85),
        (cold.TRUCK, 85, 200),
        (cold.COMMUNITY, 200, 260),
    ]
    if second:
        data[0, [col.BACK, col.AGAIN, col.END]] = 310, 500, 540
        spans += [(cold.BOX, 260, 310), (cold.COMMUNITY, 310, 500), (cold.BOX, 500, 540)]
    else:
        spans += [(cold.BOX, 260, 300)]
    assert _life_spent(data, 0, AGEING) == pytest.approx(painted(cold.CHILLED, spans), rel=1e-12)


def loaded(
    layers: list[int], litres: list[float], room: tuple[float, float, float]
) -> tuple[list[int], list[int]]:
    """Parcels on board and left behind, in order."""
    data = np.zeros((len(layers), parcel().shape[1]), np.int64)
    data[:, col.LAYER] = layers
    rows = np.arange(len(layers))
    n = _board(data, np.array(litres), rows, np.array(room))
    return rows[:n].tolist(), rows[n:].tolist()


def test_a_truck_is_filled_to_the_last_litre():
    """What fits exactly goes in; a full compartment sends nobody else's goods away."""
    assert loaded([1, 1, 1], [5.0, 5.0, 1.0], (10.0, 0.0, 0.0)) == ([0, 1], [2])
    assert loaded([1, 2, 1, 2], [10.0, 4.0, 1.0, 4.0], (10.0, 8.0, 0.0)) == ([0, 1, 3], [2])
    assert loaded([1, 1], [12.0, 1.0], (10.0, 0.0, 0.0)) == ([0], [1])  # alone, a large parcel goes
    assert loaded([3, 3, 3], [6.0, 6.0, 4.0], (0.0, 0.0, 10.0)) == (
        [0, 2],
        [1],
    )  # a smaller one fills the gap


@given(
    st.lists(st.tuples(st.integers(1, 3), st.integers(1, 12)), max_size=30),
    st.tuples(*[st.integers(1, 40)] * 3),
)
@settings(deadline=None)
def test_boarding_is_first_fit(parcels, room):
    """By the rule in words: in loading order, whoever still fits, or finds the compartment empty."""
    used, on, behind = {1: 0, 2: 0, 3: 0}, [], []
    for i, (layer, litres) in enumerate(parcels):
        fits = used[layer] + litres <= room[layer - 1] or used[layer] == 0
        (on if fits else behind).append(i)
        used[layer] += litres * fits
    layers, litres = [p[0] for p in parcels], [float(p[1]) for p in parcels]
    assert loaded(layers, litres, tuple(map(float, room))) == (on, behind)


def test_base_stock_orders_what_was_sold():
    """Order-up-to: after every review stock, and all that is on order, is the level; orders repeat sales."""
    rng, lead, level = np.random.default_rng(16), 3, 60
    shelf, pipeline = np.zeros((1, 1, AGES), np.int32), np.zeros((6, 1), np.int32)
    shelf[0, 0, 0] = level
    sold_before = 0
    for day in range(200):
        shelf[0, 0, 0] += pipeline[0, 0]
        pipeline[:-1] = pipeline[1:]
        pipeline[-1] = 0
        sold = min(int(rng.poisson(9)), int(shelf[0, 0, 0]))
        shelf[0, 0, 0] -= sold
        before = int(pipeline.sum())
        order_suppliers(shelf, pipeline, np.array([level]), day, lead, 2, 0.3, np.uint64(1))
        assert shelf.sum() + pipeline.sum() == level
        assert pipeline.sum() - before == sold
        sold_before += sold
    assert sold_before > 1000


@pytest.mark.parametrize("low", [False, True])
def test_trust_after_k_deliveries(low):
    """Gaps shrink geometrically, by `gain` upwards and by `loss` downwards; the others at their own."""
    gain, loss, good, bad, ceiling = 0.1, 0.25, 0.85, 0.1, 0.3
    renewal, habit_gain, habit_loss = 0.4, 0.6, 0.35
    trust, satisfaction, habit = np.array([0.5, 0.5]), np.array([0.4, 0.4]), np.array([0.2, 0.2])
    k = 7
    lessons = Lessons(gain, loss, good, bad, renewal, habit_gain, habit_loss, ceiling)
    _remember(np.full(k, 1), np.full(k, low), lessons, trust, satisfaction, habit)
    felt, speed = (bad, loss) if low else (good, gain)
    assert trust[1] == pytest.approx(felt + (0.5 - felt) * (1 - speed) ** k)
    assert satisfaction[1] == pytest.approx(felt + (0.4 - felt) * (1 - renewal) ** k)
    best = ceiling * felt
    expected = 0.2 * (1 - habit_loss) ** k if low else best + (0.2 - best) * (1 - habit_gain) ** k
    assert habit[1] == pytest.approx(expected)
    assert (trust[0], satisfaction[0], habit[0]) == (0.5, 0.4, 0.2)


def test_word_of_mouth_reaches_close_friends_and_fades():
    """k talks pull each close friend by 1 - (1 - pull)^k of the gap, and nobody else; fading likewise."""
    indptr, indices = np.array([0, 2, 3, 4]), np.array([1, 2, 0, 0])
    strength, trust = np.array([1, 0, 1, 0], np.uint8), np.full(3, 0.5)
    _talk(
        np.array([0, 0, -1]),
        np.array([False, False, True]),
        0.03,
        0.85,
        0.1,
        indptr,
        indices,
        strength,
        trust,
    )
    assert trust.tolist() == pytest.approx([0.5, 0.85 - 0.35 * 0.97**2, 0.5])
    for _ in range(10):
        _fade(0.005, 0.4, trust)
    assert trust[0] == pytest.approx(0.4 + 0.1 * 0.995**10)


@pytest.fixture(scope="module")
def market() -> Market:
    """A small market on its first day, of which only the media mechanism acts here."""
    return Market.from_scenario(
        "baseline",
        "population.size=300",
        "experiment.burn_in_days=0",
        "experiment.warmup_days=1",
        "experiment.days=2",
    )


@pytest.mark.parametrize("carry_over", [0.0, 0.4, 0.9])
def test_media_carry_over_is_a_geometric_series(market, carry_over):
    """Steady spend builds b / (1 - carry-over) of adstock, whose exposure saturates as b alone would;
    when spending stops, adstock fades by the carry-over a day.
    """
    world, platforms = market.world, market.world.platforms
    params = MediaParams(carry_over=carry_over, saturation=0.5)
    media, draw = Media(params, market.config.platforms), Draw(1)
    platforms.adstock[:] = 0.0
    world.operator.media_fen[:] = 20_000
    for _ in range(400):
        media.act(world, draw)
    users = np.maximum((world.people.affinity > 0).sum(axis=0), 1)
    bought = platforms.adstock * (1.0 - carry_over)
    at = np.flatnonzero(bought > 0)
    assert len(at) > 2
    rows = world.records.media
    today = np.asarray(rows.arrays()["impressions"])[-len(users) :]
    assert bought[at] == pytest.approx((today / users)[at], rel=1e-6)
    weighed = np.zeros(len(users))
    for i in range(world.people.affinity.shape[0]):
        preference = params.targeting if world.people.registered[i] else 1.0
        weighed += world.people.activity[i] * world.people.affinity[i] * preference
    exposure = platforms.paid_scale * weighed / users
    assert exposure[at] == pytest.approx(0.5 * (1.0 - np.exp(-bought[at] / 0.5)), rel=1e-5)
    before = platforms.adstock.copy()
    world.operator.media_fen[:] = 0
    for _ in range(3):
        media.act(world, draw)
    assert platforms.adstock == pytest.approx(before * carry_over**3, rel=1e-12)
