"""Review by a team of people: accounts wait for it, it costs its wages, and what it cannot read passes."""

from __future__ import annotations

import numpy as np
import pytest

from sim.market import Market
from sim.world.accounts import Account
from sim.world.schema import Spend
from tests.conftest import LIVELY, live, small_market

INVITED = (
    *LIVELY, "sharing.invite_gain=2.0", "sharing.invite_click=1.0", "orders.register_invited=1",
    "fraud.review=0.5", "fraud.detection=1", "fraud.attempts=1", "fraud.penalty=5",
    "incentive.invite_reward=100", "control.daily_budget=50",
)  # fmt: skip
TEAM = ("fraud.review_by=team",)
ROUND_THE_CLOCK = ("fraud.reviewers.opens=0", "fraud.reviewers.hours=24")


def market(*words: str) -> Market:
    return live(small_market("flat_cash_referral", *INVITED, *words, size=600), 6)


@pytest.fixture(scope="module")
def by_the_piece() -> Market:
    return market()


@pytest.fixture(scope="module")
def plenty() -> Market:
    return market(*TEAM, "fraud.reviewers.staff=1000", *ROUND_THE_CLOCK, "fraud.reviewers.wage=0")


@pytest.fixture(scope="module")
def one_slow() -> Market:
    return market(
        *TEAM,
        "fraud.reviewers.staff=20",
        *ROUND_THE_CLOCK,
        "fraud.reviewers.minutes=120",
        "fraud.reviewers.patience=4",
    )


def share_caught(made: Market) -> float:
    table = made.records.registrations
    return float(table["caught"][table["fake"]].mean())


def test_a_team_with_time_enough_reads_what_reviews_by_the_piece_read(by_the_piece, plenty):
    """The same verdicts on the same accounts; others come, because invitations are held up for less time."""
    tables = [made.records.registrations for made in (by_the_piece, plenty)]
    rows = [dict(zip(t["person"].tolist(), t["caught"].tolist(), strict=True)) for t in tables]
    both = rows[0].keys() & rows[1].keys()
    assert len(both) > 20
    assert all(rows[0][person] == rows[1][person] for person in both)
    assert share_caught(by_the_piece) == pytest.approx(0.5, abs=0.1)
    assert share_caught(plenty) == pytest.approx(0.5, abs=0.1)
    assert plenty.world.teams["reviewers"].served == 1.0
    assert plenty.world.teams["reviewers"].wait_hours < 0.5


def test_what_it_cannot_read_passes(one_slow):
    """Twelve accounts a day at most; the others give up waiting and cheats get through."""
    team = one_slow.world.teams["reviewers"]
    assert len(one_slow.records.registrations) > 3 * 12 * 6
    assert team.done <= 6 * 14
    assert share_caught(one_slow) < 0.2
    assert team.served < 0.5
    assert team.wait_hours > 2.0


def test_wages_are_paid_and_nothing_by_the_piece(by_the_piece, one_slow):
    spend = one_slow.records.spend
    days = spend["day"][spend["kind"] == int(Spend.REVIEW)]
    assert days.tolist() == list(range(6))
    assert one_slow.world.ledger.balance[Account.REVIEW.key] == 6 * 24 * 36_00
    pieces = by_the_piece.records.spend
    assert (pieces["kind"] == int(Spend.REVIEW)).sum() > 6


def test_a_team_that_nobody_can_pay_reads_nothing():
    made = market(*TEAM, "fraud.reviewers.staff=1000", "control.daily_budget=0.001")
    assert len(made.world.teams["reviewers"]) == 0
    assert not made.records.registrations["caught"].any()
    assert int(Spend.REVIEW) in made.records.campaign_stops["kind"]


def test_expected_catches_follow_the_share_that_is_read(one_slow):
    table, daily = one_slow.records.registrations, one_slow.records.daily
    late = table["day"] >= 2
    assert table["caught_probability"][late].max() < 0.3
    assert daily["fakes_caught_expected"].sum() < daily["fakes_expected"].sum()


def test_the_state_of_a_team_is_part_of_a_snapshot(one_slow):
    from sim.market.snapshot import restore, take

    team, state = one_slow.world.teams["reviewers"], take(one_slow.world)
    other = small_market("flat_cash_referral", *INVITED, size=600)
    restore(other, state)
    np.testing.assert_array_equal(other.world.teams["reviewers"].free, team.free)
    assert other.world.teams["reviewers"].served == team.served


def test_a_small_market_has_its_share_of_a_team():
    """Half a reviewer is one who works half of the shift and is paid for it; nobody is no team of one."""
    paid = {}
    for staff in (0.0, 2.5, 5.0, 10.0):
        words = (*TEAM, "control.daily_budget=5", f"fraud.reviewers.staff={staff}", "fraud.reviewers.hours=8")
        made = live(small_market("baseline", *words, size=1000), 2)
        paid[staff] = made.world.ledger.balance.get(Account.REVIEW.key, 0)
        assert len(made.world.teams["reviewers"]) == (staff > 0)
    assert paid == {0.0: 0, 2.5: 2 * 2 * 36_00, 5.0: 2 * 4 * 36_00, 10.0: 2 * 8 * 36_00}


def test_staff_does_nothing_where_reviews_are_paid_by_the_piece(by_the_piece):
    with_staff = market("fraud.reviewers.staff=1000")
    assert with_staff.kpis() == pytest.approx(by_the_piece.kpis(), nan_ok=True, rel=0, abs=0)
