"""Peaks of single hours: recognised from earlier days, as far as data are sharp, and followed for money."""

from __future__ import annotations

import math
from functools import cache

import numpy as np
import pytest
from scipy.stats import t as student

from sim.core.records import Table
from sim.operator.data_platform import (
    _BROWSED,
    DataPlatformParams,
    UsualVisits,
    hourly_ratio,
)
from sim.world.catalog import CATEGORIES
from tests.conftest import LIVELY, live, small_market
from tests.operator.peaked import CATEGORY, HOUR, Peak

N, PAIRS, DAYS = len(CATEGORIES), 6, 14
FULL = (
    "data_platform=hourly", "data_platform.sources=18", "data_platform.care=5", "data_platform.weights=1",
    "data_platform.stock_ahead=0", "peak.enabled=true", "peak.reach=0.1", *LIVELY,
)  # fmt: skip


@cache
def lived(*words: str, replication: int = 0, days: int = DAYS):
    market = small_market("baseline", *FULL, *words, size=1000, replication=replication, features=[Peak])
    return live(market, days)


@pytest.mark.exact
def test_a_peak_of_an_hour_is_its_share_over_the_days_as_far_as_it_is_recognised():
    """Three times the day's share in one hour, half of it recognised: twice; others by what is left."""
    seen = np.full((24, 2), 50.0)
    seen[3] = 90.0, 10.0
    day = seen.sum(axis=0) / seen.sum()
    found = hourly_ratio(seen, 1e-9, 0.5)
    assert found[3] == pytest.approx(1.0 + 0.5 * (np.array([0.9, 0.1]) / day - 1.0))
    assert (hourly_ratio(seen, 20.0, 0.0) == 1.0).all()
    shy, bold = (hourly_ratio(seen, steady, 0.5)[3, 0] for steady in (100.0, 1.0))
    assert 1.0 < shy < bold < found[3, 0]


def test_hours_are_counted_as_they_were_and_none_that_is_younger_than_the_lead():
    """Against a loop over visits."""
    rng = np.random.default_rng(1)
    day = np.sort(rng.integers(0, 6, 500))
    minute, category = day * 1440 + rng.integers(0, 1440, 500), rng.integers(0, N, 500)
    visits = Table("visits", dict.fromkeys(("day", "minute", "category"), ("int64", "")))
    visits.append(day=day, minute=minute, category=category)
    by_hand = np.zeros((24, N))
    for d, m, c in zip(day, minute, category, strict=True):
        by_hand[m % 1440 // 60, c] += d <= 4
    usual = UsualVisits()
    assert (usual.by_hour(visits, 5, 4) == by_hand).all()
    assert (usual.counts(visits, 5) == np.bincount(category, minlength=N)).all()


def test_old_data_know_of_earlier_days_alone():
    """Half a day ahead of a day and from data as old as a day: yesterday cannot be seen yet."""
    told = []
    for age in (60, 1440):
        words = ("data_platform.hours_ahead=1", f"data_platform.minutes={age}")
        table = lived(*words, days=3).records.tables["data_platform_hours"]
        told.append([bool((table["ratio"][table["day"] == day] != 1.0).any()) for day in range(3)])
    assert told == [[False, True, True], [False, False, True]]


def test_the_hour_is_recognised_the_better_the_more_sources_there_are():
    """S049: the ratio falls with what sharpness leaves; without money or following it nothing is told."""
    found = {}
    for sources in (18, 4, 1):
        words = ("data_platform.hours_ahead=1", f"data_platform.sources={sources}")
        table = lived(*words, days=8).records.tables["data_platform_hours"]
        ratio = table["ratio"][table["day"] == 7].reshape(24, N)
        found[sources] = ratio[HOUR, CATEGORY]
        assert ratio[HOUR].argmax() == CATEGORY
    assert found[18] > found[4] > found[1] > 1.0
    assert found[18] > 1.3
    assert not len(lived(days=2).records.tables["data_platform_hours"]["day"])
    days = DataPlatformParams(hours_ahead=1.0).daily_cost() - DataPlatformParams().daily_cost()
    assert days == pytest.approx(0.1)


def test_foreseeing_a_peaked_hour_pays_in_that_hour():
    """Pairs of worlds under common random numbers: goods of the hour are shown to more of who browses.

    More of them put something into their cart, by an interval of 95% that lies above nothing.
    """
    shown, carts = [], []
    for replication in range(PAIRS):
        found = []
        for ahead in (0, 1):
            market = lived(f"data_platform.hours_ahead={ahead}", replication=replication)
            v = market.records.tables["visits"]
            now = (v["minute"] % 1440 // 60 == HOUR) & (v["day"] > 2) & _BROWSED[v["source"]]
            mine = (v["category"][now] == CATEGORY).sum()
            found.append((mine, v["cart"][now].sum()))
        for out, plain, ahead in zip((shown, carts), *found, strict=True):
            out.append(float(ahead) - float(plain))
    for gains in (shown, carts):
        assert interval(gains)[0] > 0.0


def interval(gains: list[float]) -> tuple[float, float]:
    """Student's interval of 95% of a mean."""
    half = student.ppf(0.975, len(gains) - 1) * np.std(gains, ddof=1) / math.sqrt(len(gains))
    return np.mean(gains) - half, np.mean(gains) + half
