"""Compliance: the risk of a ban, what a ban does, and what is refused before anything runs.

That switching it off leaves all else as it was is held in ``tests/market/test_switching_off.py``.
"""

from __future__ import annotations

import math

import numpy as np
import pytest

from sim.compliance.review import Compliance, ComplianceParams
from sim.config import compose
from sim.core.errors import ConfigError
from sim.world.platforms import PLATFORMS, WECHAT
from sim.world.schema import Source
from tests.conftest import LIVELY, live, small_market

SIZE, DAYS = 500, 3000


@pytest.fixture(scope="module")
def market():
    return small_market(size=SIZE)


def bans(market, invitations: int, reward: float, read: float = 0.0, **params: float) -> float:
    """Share of days with a ban where so many people are invited for a reward (CNY) on each of many days.

    ``read`` is the share of them that somebody read before it was shown.
    """
    world, mechanism = market.world, Compliance(ComplianceParams(**params))
    touches = world.records.touches
    touches.begin_day()
    if invitations:
        touches.append(
            touch=np.arange(invitations), root=0, sender=0, receiver=0, day=0, minute=0,
            source=int(Source.INVITATION), generation=1, category=-1, reward_fen=round(100 * reward),
        )  # fmt: skip
    found = 0
    for day in range(DAYS):
        world.clock.day = market.draw.day = day
        world.counts = {"tellings": 100.0, "tellings_read": 100.0 * read}
        world.platforms.ban_until[:] = 0
        mechanism.act(world, market.draw)
        found += int(world.platforms.ban_until[WECHAT] > day)
    world.clock.day = market.draw.day = 0
    world.platforms.ban_until[:] = 0
    return found / DAYS


@pytest.mark.parametrize(
    ("invitations", "reward", "risk", "ceiling", "expected"),
    [
        (5, 10.0, 0.1, 1.0, 0.1),  # ten for 1,000 people, at the usual reward
        (10, 10.0, 0.1, 1.0, 0.2),  # in proportion to their number
        (10, 20.0, 0.1, 1.0, 0.4),  # and to the reward
        (50, 50.0, 0.1, 0.3, 0.3),  # up to the ceiling
        (0, 10.0, 1.0, 1.0, 0.0),  # nobody is paid for inviting
        (50, 50.0, 0.0, 1.0, 0.0),
        (50, 50.0, 1.0, 0.0, 0.0),
    ],
)
def test_the_risk_of_a_ban(market, invitations, reward, risk, ceiling, expected):
    share = bans(market, invitations, reward, ban_risk=risk, ban_ceiling=ceiling)
    assert abs(share - expected) <= 4 * math.sqrt(expected * (1 - expected) / DAYS)


def test_what_is_read_first_is_no_offence_as_far_as_readers_mend_it(market):
    """Half of the invitations are read and eight in ten of these mended: six tenths of the risk are left."""
    share = bans(market, 10, 10.0, read=0.5, ban_risk=0.25, ban_ceiling=1.0, reading_mends=0.8)
    assert abs(share - 0.3) <= 4 * math.sqrt(0.3 * 0.7 / DAYS)


def test_invitations_without_a_reward_are_no_offence(market):
    assert bans(market, 50, 0.0, ban_risk=1.0, ban_ceiling=1.0) == 0.0


def test_a_ban_takes_its_share_of_one_platform_for_its_days(market):
    platforms = market.world.platforms
    bans(market, 0, 0.0)
    world, touches = market.world, market.world.records.touches
    touches.begin_day()
    touches.append(
        touch=np.arange(50), root=0, sender=0, receiver=0, day=0, minute=0, source=int(Source.INVITATION),
        generation=1, category=-1, reward_fen=5000,
    )  # fmt: skip
    Compliance(ComplianceParams(ban_risk=1.0, ban_ceiling=1.0, ban_days=4, ban_loss=0.7)).act(
        world, market.draw
    )
    shares = np.array([platforms.open_share(day) for day in range(8)])
    assert shares[1:5, WECHAT] == pytest.approx(0.3)
    assert shares[5:, WECHAT] == pytest.approx(1.0)
    others = [k for k in range(len(PLATFORMS)) if k != WECHAT]
    assert shares[:, others] == pytest.approx(1.0)
    platforms.ban_until[:] = 0


def test_while_a_ban_lasts_nobody_invites_for_the_sake_of_a_reward():
    """Where nobody invites without a reward, nobody invites on a day of the ban."""
    words = (
        "sharing.invite_base=0", "sharing.invite_gain=2", "sharing.invite_click=1",
        "incentive.invite_reward=60", *LIVELY,
    )  # fmt: skip
    made = small_market("flat_cash_referral", *words, "control.daily_budget=50", "compliance.ban_risk=0")
    made.world.platforms.ban_until[WECHAT] = 3
    live(made, 6)
    touches = made.tables()["touches"]
    rewarded = touches["day"][touches["reward_fen"] > 0]
    assert rewarded.min() >= 3
    assert len(rewarded) > 20


def test_switched_off_no_platform_looks():
    words = ("incentive=flat_cash", "compliance=none")
    assert "compliance" not in [m.name for m in small_market("baseline", *words).mechanisms]
    assert "compliance" in [m.name for m in small_market("baseline", words[0]).mechanisms]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["compliance.ban_risk=2"], r"compliance.ban_risk must be 0\.\.1"),
        (["compliance.ban_days=0"], "compliance.ban_days must be"),
        (["compliance.ban_loss=-0.1"], r"compliance.ban_loss must be 0\.\.1"),
        (["incentive=three_tier", "incentive.levels=3"], "incentive.levels must be"),
        (["private_domain=wecom", "compliance.message_cap=1"], "at most compliance.message_cap"),
    ],
)
def test_what_platforms_and_the_law_forbid_is_refused(words, told):
    with pytest.raises(ConfigError, match=told):
        compose(words)
