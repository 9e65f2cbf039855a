"""Rewards that are promised and not yet earned: what they are worth in the margin, by hand and by waiting."""

from __future__ import annotations

import math

import numpy as np
import pytest

from sim.market import Market
from sim.measure.valuation import Experience, open_orders_fen, promise_chances, rewards_fen
from sim.world import invited
from sim.world.accounts import Account
from tests.conftest import LIVELY, live, small_market

#: Rewards of both levels for orders, with money for all of them and nobody who cheats.
PROMISING = (
    *LIVELY, "control.daily_budget=50", "incentive.invite_reward=30", "incentive.levels=2",
    "incentive.valid_days=30", "fraud.enabled=false", "sharing.invite_gain=1.0",
)  # fmt: skip


def seen(market: Market) -> Experience:
    """What the operator has learnt."""
    return Experience(*market.world.operator.experience.tolist())


def test_before_anything_was_seen_the_published_prior_holds() -> None:
    """7 and 3 of 20 within sixty days, whatever the age; nothing once the time is up."""
    life = invited.fresh()
    for stage, reached in ((2, 7), (3, 3)):
        for age in (0, 5, 200):
            got = invited.chance(life, stage, np.array([age, age]), np.array([60, 0]))
            assert got == pytest.approx([reached / 20, 0.0])


@pytest.mark.exact
def test_the_life_table_finds_the_law_that_made_it_although_most_are_young() -> None:
    """Daily chance .2 on the first day, .02 later; every cohort is followed to the present only.

    The plain share of those who ended within the days seen would be far too low.
    """
    rng, life = np.random.default_rng(3), np.zeros((2, 2, invited.AGES))
    age = np.zeros(0, np.int64)
    for _ in range(25):
        age = np.concatenate([age + 1, np.zeros(2_000, np.int64)])
        reached = rng.random(len(age)) < np.where(age == 0, 0.2, 0.02)
        invited.note(life, 2, age, age[reached])
        age = age[~reached]
    got = invited.chance(life, 2, np.array([0, 3]), np.array([14, 6]))
    assert got == pytest.approx([1 - 0.98**14, 1 - 0.98**6], abs=0.01)
    assert life[1, 0, 0] / life[0, 0, 0] == pytest.approx(0.2, abs=3 * math.sqrt(0.16 / 50_000))


def test_promised_rewards_are_a_debt_of_the_margin() -> None:
    """Same world, same day, with and without the open promises: the books differ by their value."""
    market = live(small_market("three_tier_referral", *PROMISING, size=400), 12)
    world = market.world
    agenda = world.agendas["promises"]
    assert len(agenda) > 5
    chances = promise_chances(world)
    reserved = agenda.columns["fen"]
    assert 0.0 < (chances * reserved).sum() < reserved.sum()
    assert seen(market).promise_cost < 1.0  # many inviters have no inviter
    value = rewards_fen(world, seen(market))
    assert value == pytest.approx(seen(market).promise_cost * (chances * reserved).sum())
    with_promises = world.operator.open_value_fen
    assert with_promises == world.ledger.balance[Account.OPEN_COMMITMENTS.key]
    agenda.restore({c: values[:0] for c, values in agenda.columns.items()})
    assert rewards_fen(world, seen(market)) == 0.0


@pytest.mark.property
def test_promises_are_worth_what_later_becomes_of_them() -> None:
    """Over worlds, those open today and kept in the end number what was expected, within 3 s.e.

    The market is two months old, so that what it has seen outweighs what the life table begins with.
    """
    expected, variance, kept = 0.0, 0.0, 0
    for replication in range(6):
        market = live(small_market("three_tier_referral", *PROMISING, size=800, replication=replication), 60)
        columns, chances = market.world.agendas["promises"].columns, promise_chances(market.world)
        open_now = set(zip(columns["invitee"].tolist(), columns["stage"].tolist(), strict=True))
        today = market.world.day
        expected += chances.sum()
        variance += (chances * (1.0 - chances)).sum()
        live(market, 32)
        r = market.records.rewards
        late = r["day"] >= today
        earned = set(zip(r["invitee"][late].tolist(), r["stage"][late].tolist(), strict=True))
        kept += len(open_now & earned)
    assert expected > 10
    assert abs(kept - expected) < 3 * math.sqrt(variance)


def test_rewards_that_will_be_taken_back_are_not_all_owed() -> None:
    """A third of the money due was taken back: a third of what is earned and unpaid will be."""
    market = live(small_market("flat_cash_referral", *LIVELY, "control.daily_budget=50", size=400), 6)
    earned = int(market.world.agendas["rewards"].columns["fen"].sum())
    assert earned > 0
    half = seen(market)._replace(due_rewards_fen=300.0, clawed_back_fen=100.0)
    assert rewards_fen(market.world, half) == pytest.approx(-earned / 3)


def test_orders_that_wait_are_valued_by_how_groups_end() -> None:
    """If no group fills they bring what cancelling gives back; if all do, what orders in hand bring."""
    market = live(small_market("group_buy", *LIVELY, "control.daily_budget=50", size=400), 4)
    world = market.world
    waiting = np.flatnonzero(world.orders["status"] == 1)
    assert len(waiting)
    usual = seen(market)
    assert usual.group_expired + usual.group_filled > 0
    never = usual._replace(group_filled=0.0, group_expired=1.0)
    always = usual._replace(group_filled=1.0, group_expired=0.0)
    orders = world.records.orders
    back = sum(int(orders[c][waiting].sum()) for c in ("discount_fen", "campaign_commission_fen"))
    if_never, if_always = open_orders_fen(world, never), open_orders_fen(world, always)
    world.orders["status"][waiting] = 0
    filled = open_orders_fen(world, usual)
    world.orders["status"][waiting] = 3  # at last: no order comes back that is not open any more
    rest = open_orders_fen(world, usual)
    assert if_never == pytest.approx(rest + back)
    assert if_always == pytest.approx(filled)
