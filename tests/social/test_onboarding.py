"""The path of the invited: who does how many tasks, what it costs, and what it leaves."""

from __future__ import annotations

import math

import numpy as np
import pytest

from sim.social.onboarding import Onboarding, OnboardingParams, _judged
from sim.world.accounts import Account
from tests.conftest import LIVELY, live, small_market

#: Everybody invites, so that there are invited people by the dozen.
INVITING = (
    "sharing.invite_base=0.6", "sharing.invite_click=0.9", "orders.register_invited=0.9", "control=media",
    "influencers=none", "sessions=none", *LIVELY,
)  # fmt: skip
ALL = ("onboarding.ice_breaker=1", "onboarding.exchange=1", "onboarding.identity=1")
CHAIN = (
    "onboarding.ice_breaker=0.6",
    "onboarding.exchange=0.5",
    "onboarding.identity=0.4",
    "onboarding.days=1",
)


def play(*words: str, days: int = 7):
    return live(small_market("baseline", *INVITING, *words, size=1500), days)


@pytest.fixture(scope="module")
def chain():
    """Only the first day counts, and gifts are out."""
    return play("onboarding.enabled=true", "onboarding.gift=0", *CHAIN)


def figure(market, name: str) -> float:
    return next(one for one in Onboarding.figures if one.name == name).value(market.world.records.tables)


def test_people_drop_out_before_each_task(chain):
    """Of those who begin, the products of the chances finish, four standard errors."""
    steps = chain.world.records.tables["onboarding_steps"]["step"]
    n = int((steps == 0).sum())
    assert n > 80
    for name, chance in (("ice_breaker", 0.6), ("exchange", 0.3), ("identity", 0.12)):
        share = figure(chain, f"onboarding_{name}")
        assert abs(share - chance) < 4.0 * math.sqrt(chance * (1.0 - chance) / n), name


def test_a_gift_wins_some_of_those_who_would_not():
    """1 - exp(-gift / scale) of them; twice the gift wins less than twice as many."""
    usual, dear = (OnboardingParams(ice_breaker=0.4, gift=g, gift_scale=2.0).chances()[0] for g in (2.0, 4.0))
    assert usual == pytest.approx(0.4 + 0.6 * (1.0 - math.exp(-1.0)))
    assert usual < dear < 2.0 * usual - 0.4


def test_every_task_done_is_paid(chain):
    paid = play("onboarding.enabled=true", "onboarding.gift=1.5", "onboarding.handling=0.25", *ALL)
    steps = paid.world.records.tables["onboarding_steps"]
    done = int((steps["step"] > 0).sum())
    assert done > 0
    assert paid.world.ledger.balance[Account.ONBOARDING.key] == 175 * done == steps["fen"].sum()


def test_without_money_no_task_is_given():
    words = ("onboarding.enabled=true", "control=default", "control.daily_budget=0", *ALL)
    steps = play(*words, days=4).world.records.tables["onboarding_steps"]
    assert not (steps["step"] > 0).any()


def test_tasks_leave_a_habit_and_bring_people_back():
    """Everybody does all tasks, which leave a habit or none: more are back the next day where they do."""
    words = ("onboarding.enabled=true", "onboarding.gift=0", "traffic.no_need_habit=1")
    strong, none = play(*words, *ALL, "onboarding.habit=0.5"), play(*words, *ALL, "onboarding.habit=0")
    back = [figure(market, "onboarding_next_day") for market in (strong, none)]
    judged = [_judged(market.world.records.tables).sum() for market in (strong, none)]
    error = math.sqrt(sum(share * (1.0 - share) / n for share, n in zip(back, judged, strict=True)))
    assert back[0] > back[1] + 3.0 * error
    assert strong.world.people.habit.mean() > none.world.people.habit.mean()
    assert (strong.world.people.habit <= 1.0).all()


def test_nobody_who_came_alone_is_on_the_path(chain):
    table = chain.world.records.registrations
    invited = set(table["person"][table["inviter"] >= 0].tolist())
    assert set(chain.world.records.tables["onboarding_steps"]["person"].tolist()) <= invited
    assert np.isfinite(figure(chain, "onboarding_next_day"))
