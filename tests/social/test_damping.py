"""A rate limit stops its share of invitations, and reading first takes money and hours."""

from __future__ import annotations

import math
from types import SimpleNamespace

import numpy as np
import pytest

from sim.config import compose
from sim.core.rng import Draw
from sim.network.cascade import Hops
from sim.operator.features import ANSWER
from sim.social.damping import Slowing, damp, read_first
from sim.world.accounts import Account
from sim.world.schema import Source, Spend
from tests.conftest import LIVELY, live, small_market

N = 20_000
#: Two tellings each of N cascades, every second an invitation.
CASCADE = np.repeat(np.arange(N), 2)
INVITES = np.arange(N) % 2 == 0
HOPS = Hops(
    CASCADE, np.arange(2 * N), CASCADE + 7, *(np.zeros(2 * N, np.int32),) * 2, np.full(2 * N, 600),
    np.ones(2 * N, np.int16), np.zeros(2 * N, bool),
)  # fmt: skip


def test_a_rate_limit_stops_its_share_of_invitations_whole_and_nothing_else():
    """Binomial over cascades, four standard errors."""
    left = damp(Slowing(0.3, 0.0, 0.0, 0.0), Draw(3), HOPS, INVITES)
    number = np.bincount(left.cascade, minlength=N)
    assert set(number.tolist()) == {0, 2}
    assert (number[~INVITES] == 2).all()
    stopped = (number[INVITES] == 0).mean()
    assert abs(stopped - 0.3) < 4.0 * math.sqrt(0.3 * 0.7 / (N / 2))
    assert damp(Slowing(0.0, 0.4, 0.5, 3.0), Draw(3), HOPS, INVITES) is HOPS


def reader(free: float) -> SimpleNamespace:
    """A world of money alone."""
    world = SimpleNamespace(spent=0, stopped=False, free_fen=lambda: free, counts={})
    world.count = world.counts.__setitem__
    world.spend = lambda kind, fen: (
        setattr(world, "spent", world.spent + fen) if kind == Spend.REVIEW else 1 / 0
    )
    world.stop = lambda kind: setattr(world, "stopped", True)
    return world


@pytest.mark.parametrize(("free", "most"), [(math.inf, N), (1234.0, 1234 // 50)])
def test_what_is_read_first_comes_later_and_is_paid_as_far_as_there_is_money(free, most):
    p, world = (
        Slowing(0.0, 0.4, 0.5, 3.0),
        reader(free),
    )
    late = read_first(p, world, Draw(3), HOPS).minute - HOPS.minute
    assert set(late.tolist()) <= {0, 180}
    read = len(np.unique(HOPS.root[late > 0]))
    assert (np.bincount(CASCADE[late > 0], minlength=N) % 2 == 0).all()
    assert world.spent == 50 * read
    assert read <= most
    assert world.stopped == (most < N)
    assert world.counts == {"tellings": 2 * N, "tellings_read": 2 * read}
    if free == math.inf:
        assert abs(read / N - 0.4) < 4.0 * math.sqrt(0.4 * 0.6 / N)


def test_an_alarm_sets_what_the_operator_decided_to_do_then():
    usual, more = (compose([f"control={name}"]) for name in ("default", "damping"))
    assert set(ANSWER.levers(usual.control, usual)) == {"fraud.review"}
    assert ANSWER.levers(more.control, more)["sharing.damping"] == 0.3
    assert ANSWER.levers(more.control, more)["sharing.content_review"] == 0.3


def test_in_a_market_fewer_are_invited_and_readers_are_paid():
    words = ("sharing.invite_base=0.3", "control=media", *LIVELY)
    told, paid = [], []
    for more in ((), ("sharing.damping=0.8", "sharing.content_review=0.5")):
        world = live(small_market("baseline", *words, *more, size=800), 4).world
        told.append(int((world.records.touches["source"] == int(Source.INVITATION)).sum()))
        paid.append(world.ledger.balance.get(Account.REVIEW.key, 0))
    assert told[0] > 200
    assert told[1] < 0.5 * told[0]
    assert paid[0] < paid[1]
