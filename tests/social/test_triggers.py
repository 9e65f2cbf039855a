"""Who starts sharing, against a plain loop over everybody."""

from __future__ import annotations

import math

import numpy as np
import pytest

from sim.core.rng import rings_later, uniform_py
from sim.social.invite_sieve import InviteSieve
from sim.social.sharing import Sharers, Urge, _triggers

STREAM, DAYPART, DAY = 11, 3, 40
SHARES = np.array([0.1, 0.3, 0.2])
#: Of a day's dayparts, by group.
DAY_SHARES = [np.array([0.2, 0.1, 0.3]), np.array([0.4, 0.2, 0.2]), np.array([0.05, 0.1, 0.1]), SHARES]
URGE = Urge(
    good_delivery=0.8,
    invite_base=0.05,
    gain=0.4,
    novelty=3.0,
    novelty_days=4,
    usual_satisfaction=0.6,
    tiring=0.7,
)


def sharers(n: int) -> Sharers:
    """People of all kinds, among them some with news, some newly registered and some who are tired of it."""
    rng = np.random.default_rng(5)
    registered = rng.random(n) < 0.6
    return Sharers(
        id=rng.permutation(10 * n)[:n],
        group=rng.integers(0, 3, n).astype(np.int8),
        registered=registered,
        registered_day=np.where(registered, rng.integers(DAY - 8, DAY + 1, n), -1).astype(np.int32),
        satisfaction=rng.random(n).astype(np.float32),
        good_news=rng.integers(0, 3, n).astype(np.int8),
        share_fatigue=(rng.random(n) * (rng.random(n) < 0.3)).astype(np.float32),
    )


def asked(sieve: InviteSieve, people: Sharers, daypart: int, gain: float) -> tuple[np.ndarray, np.ndarray]:
    """Those who may invite in a daypart, listed as sharing does."""
    rate = (URGE.invite_base + gain) * URGE.novelty / URGE.usual_satisfaction
    return sieve.asked(np.uint64(STREAM), daypart, rate, people.id, people.satisfaction)


@pytest.mark.parametrize("morning", [None, 0.0, 1.0])
def test_sharers_are_those_of_a_plain_loop(morning: float | None) -> None:
    """More people than are drawn for together, and a number that does not come out even.

    Listed now, or in the morning by a gain that was lower or higher than it is in this daypart.
    """
    n = 1_100
    people, sieve = sharers(n), InviteSieve(DAY_SHARES)
    if morning is not None:
        asked(sieve, people, 0, morning)
    expected, tired = [], people.share_fatigue.copy()
    for i in np.flatnonzero(people.registered).tolist():
        who, news = int(people.id[i]), int(people.good_news[i])
        slow = SHARES[people.group[i]] / (1.0 + URGE.tiring * float(tired[i]))
        if news and uniform_py(STREAM, who, 2 * DAYPART) < 1.0 - math.exp(-URGE.good_delivery * news * slow):
            expected.append((i, False))
            tired[i] += 1.0
        rate = (URGE.invite_base + URGE.gain) * slow * float(people.satisfaction[i]) / URGE.usual_satisfaction
        rate *= URGE.novelty if DAY - people.registered_day[i] < URGE.novelty_days else 1.0
        if uniform_py(STREAM, who, 2 * DAYPART + 1) < 1.0 - math.exp(-rate):
            expected.append((i, True))
            tired[i] += 1.0
    listed = asked(sieve, people, DAYPART, URGE.gain)
    talkers = np.flatnonzero(people.good_news)
    seats, invites = _triggers(np.uint64(STREAM), DAYPART, DAY, SHARES, URGE, people, *listed, talkers)
    assert list(zip(seats.tolist(), invites.tolist(), strict=True)) == expected
    assert len(expected) > 100
    assert np.array_equal(people.share_fatigue, tired)


def test_the_sieve_lists_whose_draws_lie_below_the_highest_rate() -> None:
    """Of each daypart exactly those, with their draws, and another day's are listed anew."""
    n, people = 1_100, sharers(1_100)
    sieve = InviteSieve(DAY_SHARES)
    for stream in (STREAM, STREAM + 1):
        for daypart, shares in enumerate(DAY_SHARES):
            bound = 0.9 * float(shares.max()) * float(people.satisfaction.max())
            draws = [uniform_py(stream, int(who), 2 * daypart + 1) for who in people.id]
            seats, drawn = sieve.asked(np.uint64(stream), daypart, 0.9, people.id, people.satisfaction)
            assert seats.tolist() == [i for i in range(n) if draws[i] <= bound]
            assert drawn.tolist() == [draws[i] for i in seats.tolist()]
            assert 0 < len(seats) < n


def test_a_clock_that_is_said_to_ring_later_does() -> None:
    """Whatever its rate; and of those that ring much later most are known without a logarithm."""
    rng, known, late = np.random.default_rng(3), 0, 0
    for u, rate, best in zip(rng.random(4_000), rng.gamma(1.0, 2.0, 4_000), rng.random(4_000), strict=True):
        rings = -math.log(u) / rate
        later = rings_later(u, rate, best)
        assert not later or rings >= best
        known, late = known + bool(later), late + (rings > 2.0 * best)
    assert known > 0.8 * late
