"""Who starts sharing, against a plain loop over everybody."""

from __future__ import annotations

import math

import numpy as np

from sim.core.rng import uniform_py
from sim.social.sharing import Sharers, Urge, _triggers

STREAM, DAYPART, DAY = 11, 3, 40
SHARES = np.array([0.1, 0.3, 0.2])
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


def test_sharers_are_those_of_a_plain_loop() -> None:
    """More people than are drawn for together, and a number that does not come out even."""
    n = 1_100
    people = sharers(n)
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
    seats, invites = _triggers(np.uint64(STREAM), DAYPART, DAY, SHARES, URGE, people)
    assert list(zip(seats.tolist(), invites.tolist(), strict=True)) == expected
    assert len(expected) > 100
    assert np.array_equal(people.share_fatigue, tired)
