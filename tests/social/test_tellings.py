"""Tellings: what an invitation or a share is to whoever hears it, by hand on four people in a row."""

from __future__ import annotations

import numpy as np

from sim.core.clock import MINUTES_PER_DAY
from sim.network.cascade import FEW_FRIENDS, POISSON, Hops
from sim.social.tellings import Graph, Hearers, Moment, Response, Rule, start_cascades, tell
from sim.world.schema import Source

PEOPLE = Hearers(
    id=np.array([10, 11, 12, 13]),
    registered=np.array([True, True, False, False]),
    last_order_category=np.array([4, -1, -1, -1], np.int8),
)
#: 0-1-2-3, of which 1-2 are no close acquaintances.
LINE = Graph(
    indptr=np.array([0, 1, 3, 5, 6]),
    indices=np.array([1, 0, 2, 1, 3, 2], np.int32),
    strength=np.array([1, 1, 0, 0, 1, 1], np.int8),
)
RESPONSE = Response(share=0.04, weak=0.02, invite=0.1, duplicate=0.5, coupon=0.3)


def hops(sender: list[int], receiver: list[int]) -> Hops:
    """Tellings of cascade 0, a minute into the second day."""
    n = len(sender)
    told = np.full(n, MINUTES_PER_DAY + 1)
    ids = np.arange(n)
    return Hops(
        cascade=np.zeros(n, np.int64),
        touch=ids,
        root=ids,
        sender=np.array(sender, np.int32),
        receiver=np.array(receiver, np.int32),
        minute=told,
        generation=np.ones(n, np.int16),
        active=np.zeros(n, bool),
    )


def told(invites: bool, reward: int = 0) -> tuple[np.ndarray, ...]:
    """What 1 hears from 0, 2 from 1 and 3 from 2, in a cascade that 0 began."""
    some = hops([0, 1, 2], [1, 2, 3])
    return tell(some, np.array([0]), np.array([invites]), reward, LINE, PEOPLE, RESPONSE)


def test_a_share_counts_by_closeness_and_less_with_users() -> None:
    """Half is lost with the user; acquaintances who are not close respond as such; nothing is promised."""
    source, category, chance, inviter, coupon, reward, sender, receiver, day = told(False, 500)
    assert chance.tolist() == [0.04 * 0.5, 0.02, 0.04]
    assert set(source.tolist()) == {int(Source.SHARE)}
    assert set(category.tolist()) == {4}
    assert inviter.tolist() == [-1, -1, -1]
    assert not coupon.any()
    assert not reward.any()
    assert sender.tolist() == [10, 11, 12]
    assert receiver.tolist() == [11, 12, 13]
    assert day.tolist() == [1, 1, 1]


def test_an_invitation_promises_a_reward_to_its_sender_and_a_coupon_to_who_is_new() -> None:
    """All respond as the invited do, however close; who is a user already gets no coupon."""
    source, _, chance, inviter, coupon, reward, *_ = told(True, 500)
    assert chance.tolist() == [0.1 * 0.5, 0.1, 0.1]
    assert set(source.tolist()) == {int(Source.INVITATION)}
    assert inviter.tolist() == [10, 11, 12]
    assert reward.tolist() == [500] * 3
    assert coupon.tolist() == [0.0, 0.3, 0.3]


def test_cascades_begin_within_their_daypart_by_their_rule() -> None:
    """Minutes are uniform over the daypart; an invitation goes to few, a share to an audience by its law."""
    n = 2_000
    rule, moment = Rule(3.0, 5.0, 0.02, 0.05, POISSON), Moment(7, 2, 1_000, 1_400)
    invites = np.arange(n) % 2 == 0
    minute, key, law, mean, pass_on = start_cascades(
        np.uint64(5), moment, np.arange(n), np.arange(n), invites, rule, 0.5
    )
    assert minute.min() >= 1_000
    assert minute.max() < 1_400
    assert abs(minute.mean() - 1_199.5) < 4.0 * 400.0 / np.sqrt(12.0 * n)
    assert law[:2].tolist() == [FEW_FRIENDS, POISSON]
    assert mean[:2].tolist() == [3.0, 5.0]
    assert pass_on[:2].tolist() == [0.02 * 0.5, 0.05 * 0.5]
    assert len(np.unique(key)) == 2
