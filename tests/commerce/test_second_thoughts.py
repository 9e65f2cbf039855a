"""Orders made in the heat of the moment: how many, who regrets, when, and what becomes of them."""

from __future__ import annotations

import math
from functools import cache

import numpy as np
import pytest

from sim.commerce.aftersales import Judged, Standards, _judge
from sim.commerce.second_thoughts import Cooling, cancel_wishes, thoughts
from sim.core.rng import Draw
from sim.market import Market
from sim.world.catalog import CATEGORIES
from sim.world.schema import Cancel, Source
from sim.world.terms import TermSum

N = 40_000
IDS = np.arange(N, dtype=np.int64)
PLAIN, IMPULSE = np.uint64(11), np.uint64(12)


def close(count: int, chance: float, n: int = N) -> bool:
    """Within four standard errors of a binomial."""
    return abs(count - n * chance) < 4.0 * math.sqrt(n * chance * (1.0 - chance)) + 1e-9


def draws() -> Draw:
    """Draws of a world of its own."""
    return Market.from_scenario("baseline", "population.size=400", "experiment.burn_in_days=0").draw


@pytest.mark.parametrize("heat", [0.0, 0.3, 0.8, 2.0])
def test_the_impulsive_are_those_whom_the_heat_brought(heat):
    """Small chances grow by exp(heat): of the orders, 1 - exp(-heat) would not have been made."""
    impulsive, regretted = thoughts(draws(), IDS, np.full(N, heat), 0.4)
    assert close(int(impulsive.sum()), 1.0 - math.exp(-heat))
    assert close(int(regretted.sum()), 0.4 * (1.0 - math.exp(-heat)))
    assert not (regretted & ~impulsive).any()


def test_plain_and_regretted_wishes_come_when_they_should():
    """The earlier of two exponential waits: share and mean by their formula, four standard errors."""
    cooling = Cooling(cancel_shelf=0.0, cancel_hours=6.0, regret=1.0, cool_hours=8.0)
    due = cancel_wishes(PLAIN, IMPULSE, IDS, np.full(N, 50.0), np.full(N, 100), cooling)
    assert (due > 100).all()
    hours = (due - 100) / 60.0
    assert abs(hours.mean() - 8.0) < 4.0 * 8.0 / math.sqrt(N) + 1 / 60
    both = cancel_wishes(
        PLAIN, IMPULSE, IDS, np.full(N, 50.0), np.full(N, 100), cooling._replace(cancel_shelf=1.0)
    )
    rate = 1.0 / 6.0 + 1.0 / 8.0
    assert abs((both - 100).mean() / 60.0 - 1.0 / rate) < 4.0 / rate / math.sqrt(N) + 1 / 60
    assert (cancel_wishes(PLAIN, IMPULSE, IDS, np.zeros(N), np.full(N, 100), cooling) == -1).all()


def test_regret_and_not_comparing_send_goods_back():
    """Whoever may withdraw and regrets sends it back; of the other impulsive ones more does not fit."""
    standards = Standards(
        late=np.array([0.0, 1.0]), low_score=np.zeros(2), low_spoiled=0.0, complain=0.0,
        return_unchecked=1.8, return_low=1.0, return_days=7.0,
    )  # fmt: skip
    half = np.arange(N) % 2 == 0
    none = np.zeros(N, bool)

    def share(impulsive, unwanted):
        parcels = Judged(IDS, np.zeros(N), none, none, impulsive, unwanted, np.zeros(N), np.full(N, 0.1))
        return _judge(np.uint64(5), parcels, standards, 1.0)[2] >= 0

    assert close(int(share(none, none).sum()), 0.1)
    back = share(half, none)
    assert close(int(back[half].sum()), 0.18, N // 2)
    assert close(int(back[~half].sum()), 0.1, N // 2)
    assert share(half, half)[half].all()


def test_terms_that_cool_are_told_from_those_that_stay():
    cart = TermSum("cart")
    cart.add("trust", np.array([1.0, 2.0]))
    cart.add("live", np.array([0.0, 0.8]), cools=True)
    cart.add("countdown", 0.2, cools=True)
    assert cart.heat(2).tolist() == [0.2, 1.0]
    assert cart.total(2).tolist() == pytest.approx([1.2, 3.0])


@cache
def heated(replication: int) -> Market:
    """A market in which half of the orders are made in sessions whose heat makes nearly all impulsive."""
    words = (
        "sessions=daily", "sessions.feed=4", "sessions.click=0.6", "choice.cart_live=5",
        "aftersales.regret=0.5", "orders.cancel_shelf=0",
        "population.size=1200", "experiment.burn_in_days=0", "experiment.warmup_days=1",
    )  # fmt: skip
    return Market.from_scenario("baseline", *words, replication=replication).run(days=40)


@pytest.fixture(scope="module")
def hot():
    """One such market."""
    return heated(0)


def asked_back(market: Market) -> tuple[np.ndarray, np.ndarray]:
    """Whether goods of sessions were asked to be sent back: of those that may be, and that may not."""
    t = market.tables()
    orders = t["orders"]
    over = t["deliveries"]["order_id"][t["deliveries"]["return_ends"] < market.world.clock.midnight]
    seen = np.isin(orders["order_id"], over) & (orders["source"] == int(Source.LIVESTREAM))
    asked = np.isin(orders["order_id"], t["return_requests"]["order_id"])
    bound = np.isin(orders["category"], [CATEGORIES.index(c) for c in ("fresh", "frozen", "personal_growth")])
    return asked[seen & ~bound], asked[seen & bound]


def test_in_a_market_sessions_are_cancelled_and_returned_and_shelves_are_not(hot):
    """One cause, two ends: cancelled before dispatch or sent back after, where the law allows it."""
    t = hot.tables()
    orders, gone = t["orders"], t["cancellations"]
    live = orders["source"] == int(Source.LIVESTREAM)
    chosen = gone["order_id"][gone["reason"] == int(Cancel.BY_CUSTOMER)]
    cancelled = np.isin(orders["order_id"], chosen)
    assert not cancelled[~live].any()
    assert 0.05 < cancelled[live].mean() < 0.5
    worlds = [asked_back(heated(replication)) for replication in range(4)]
    free, bound = (np.concatenate(part) for part in zip(*worlds, strict=True))
    assert free.mean() > 0.25
    # what is regretted there is kept; what is spoiled or scored low comes back all the same
    assert bound.mean() < 0.12
