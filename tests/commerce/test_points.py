"""Points: none is lost or made, they expire in time, pay where they may, and are owed until then."""

from __future__ import annotations

import math
from collections import deque

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.commerce.points import EARNED, EXPIRED, GIVEN_BACK, REDEEMED, TAKEN_BACK, TOPPED_UP
from sim.commerce.points_book import take, together, turn
from sim.config import compose
from sim.core.errors import ConfigError
from sim.world.accounts import Account
from sim.world.schema import Source
from tests.conftest import LIVELY, live, small_market

HOLDERS = 4
MOVE = st.tuples(
    st.sampled_from(["earn", "take", "turn"]), st.integers(0, HOLDERS - 1), st.integers(0, 10_000)
)


class Lots:
    """Points of one holder as dated lots, in plain Python: the oldest goes first."""

    def __init__(self) -> None:
        self.lots: deque[list[int]] = deque()

    def earn(self, period: int, fen: int) -> None:
        self.lots.append([period, fen])

    def take(self, fen: int) -> int:
        taken = 0
        while self.lots and taken < fen:
            part = min(self.lots[0][1], fen - taken)
            self.lots[0][1] -= part
            taken += part
            if not self.lots[0][1]:
                self.lots.popleft()
        return taken

    def expire(self, before: int) -> int:
        gone = sum(fen for period, fen in self.lots if period < before)
        self.lots = deque(lot for lot in self.lots if lot[0] >= before)
        return gone


@pytest.mark.property
@settings(max_examples=300)
@given(st.lists(MOVE, max_size=60))
def test_no_point_is_lost_or_made_whatever_happens(moves):
    """Two balances a holder do what dated lots do, and all that was earned is held, taken or expired."""
    old, new = np.zeros(HOLDERS, np.int64), np.zeros(HOLDERS, np.int64)
    lots, period, totals = [Lots() for _ in range(HOLDERS)], 0, {"earn": 0, "take": 0, "turn": 0}
    for kind, who, fen in moves:
        if kind == "earn":
            new[who] += fen
            lots[who].earn(period, fen)
            totals["earn"] += fen
        elif kind == "take":
            taken = take(old, new, np.array([who]), np.array([fen]))
            assert taken[0] == lots[who].take(fen)
            totals["take"] += int(taken[0])
        else:
            expired = turn(old, new)
            assert expired.tolist() == [one.expire(period) for one in lots]
            totals["turn"] += int(expired.sum())
            period += 1
        assert (old >= 0).all()
        assert (new >= 0).all()
    assert totals["earn"] == totals["take"] + totals["turn"] + int(old.sum() + new.sum())


def test_several_amounts_of_one_holder_are_one():
    seats, fen = together(np.array([3, 1, 3]), np.array([5, 7, 11]))
    assert seats.tolist() == [1, 3]
    assert fen.tolist() == [7, 16]


#: Points that are worth something, expire every month, and people who come and go and send things back.
BUSY = (*LIVELY, "points=exchange", "points.earn=0.1", "points.valid_days=30", "points.remind_days=3",
        "points.redeem=1", "turnover.exit_rate=0.02", "control=media")  # fmt: skip


@pytest.fixture(scope="module")
def year():
    """A year: the books are held to what people have every midnight."""
    return live(small_market("baseline", *BUSY, size=150), 365)


def test_over_a_year_with_expiry_every_point_is_somewhere(year):
    moves, world = year.records.tables["points_moves"], year.world
    present = int(world.people.points_old.sum() + world.people.points_new.sum())
    absent = int(world.away["points_old"].sum() + world.away["points_new"].sum())
    assert present + absent == int(moves["fen"].sum()) == -world.ledger.balance[Account.POINTS_PAYABLE.key]
    for kind in (EARNED, TOPPED_UP, REDEEMED, EXPIRED, TAKEN_BACK, GIVEN_BACK):
        sign = 1 if kind in (EARNED, TOPPED_UP, GIVEN_BACK) else -1
        fen = moves["fen"][moves["kind"] == kind]
        assert len(fen), kind
        assert (sign * fen > 0).all(), kind
    # what is topped up is a small part of what is redeemed
    assert (
        moves["fen"][moves["kind"] == TOPPED_UP].sum() < -0.1 * moves["fen"][moves["kind"] == REDEEMED].sum()
    )


def test_each_persons_moves_add_up_to_what_the_person_has(year):
    moves, people = year.records.tables["points_moves"], year.world.people
    has = dict(zip(people.id.tolist(), (people.points_old + people.points_new).tolist(), strict=True))
    ids, back = np.unique(moves["person"], return_inverse=True)
    total = np.zeros(len(ids), np.int64)
    np.add.at(total, back, moves["fen"])
    assert (total >= 0).all()
    assert all(has[i] == fen for i, fen in zip(ids.tolist(), total.tolist(), strict=True) if i in has)


def test_nothing_lives_longer_than_two_periods_or_shorter_than_one(year):
    moves = year.records.tables["points_moves"]
    ends = moves["day"][(moves["kind"] == EXPIRED)]
    assert ((ends + 1) % 30 == 0).mean() > 0.9  # the others are accounts that were closed
    first_end = ends[(ends + 1) % 30 == 0].min()
    assert first_end == 59  # of what was earned in the first month nothing expires at its end


def test_the_cost_of_points_is_what_was_given_less_what_came_back(year):
    moves, balance = year.records.tables["points_moves"], year.world.ledger.balance
    cost = moves["fen"][np.isin(moves["kind"], (EARNED, TOPPED_UP, EXPIRED, TAKEN_BACK))].sum()
    assert balance["points_granted"] == int(cost)


def test_points_are_a_share_of_what_members_paid():
    market = live(small_market("baseline", *LIVELY, "points=members", "points.earn=0.1", "control=media"), 12)
    moves, done = market.records.tables["points_moves"], market.records.deliveries
    earned = moves["kind"] == EARNED
    paid = dict(zip(done["order_id"].tolist(), done["paid_fen"].tolist(), strict=True))
    expected = [math.floor(0.1 * paid[one] + 1e-9) for one in moves["order_id"][earned].tolist()]
    assert moves["fen"][earned].tolist() == expected
    assert 0 < earned.sum() < len(done)  # members alone


def test_without_an_exchange_points_pay_where_they_were_earned_and_with_one_everywhere():
    def surfaces(option: str) -> tuple[int, int]:
        words = (*LIVELY, f"points={option}", "points.earn=0.3", "points.redeem=1", "control=media")
        market = live(small_market("baseline", *words, size=600), 14)
        orders, moves = market.records.orders, market.records.tables["points_moves"]
        surface = dict(zip(orders["order_id"].tolist(), orders["surface"].tolist(), strict=True))
        last, at_home, elsewhere = {}, 0, 0
        for person, order, kind in zip(moves["person"], moves["order_id"], moves["kind"], strict=True):
            if kind == EARNED:
                last[person] = surface[order]
            elif kind == REDEEMED:
                at_home += surface[order] == last[person]
                elsewhere += surface[order] != last[person]
        return at_home, elsewhere

    home, away = surfaces("members")
    assert home > 10
    assert away == 0
    assert surfaces("exchange")[1] > 10


def test_what_was_given_is_kept_when_points_are_offered_no_more():
    """A stage with points and one without: nothing new is earned, and what is held still pays."""
    words = (*LIVELY, "points=exchange", "points.earn=0.3", "points.redeem=1", "control=media",
             "plan.stages.a.days=8", "plan.stages.b.options.points=none")  # fmt: skip
    moves = live(small_market("baseline", *words, size=400), 16).records.tables["points_moves"]
    assert moves["day"][moves["kind"] == EARNED].max() == 7
    assert moves["day"][moves["kind"] == REDEEMED].max() > 8


@pytest.mark.parametrize("left", [True, False])
def test_points_pay_elsewhere_only_on_days_whose_exchange_is_paid(left):
    """From the eighth day on the strategy has left points, or has no money for the exchange."""
    stages = ("plan.stages.a.days=8", "plan.stages.b.options.points=none") if left else ()
    words = (*LIVELY, "points=exchange", "points.earn=0.3", "points.redeem=1", "control.daily_budget=20")
    market = live(small_market("baseline", *words, *stages, size=600), 8)
    if not left:
        market.world.operator.spent_fen = market.world.operator.allowance_fen + 10**12
    live(market, 10)
    orders, moves = market.records.orders, market.records.tables["points_moves"]
    surface = dict(zip(orders["order_id"].tolist(), orders["surface"].tolist(), strict=True))
    last, elsewhere = {}, {True: 0, False: 0}
    rows = zip(*(moves[name].tolist() for name in ("person", "order_id", "kind", "day")), strict=True)
    for person, order, kind, day in rows:
        if kind == EARNED:
            last[person] = surface[order]
        elif kind == REDEEMED:
            elsewhere[day < 8] += surface[order] != last[person]
    assert elsewhere[True] > 3
    assert elsewhere[False] == 0
    assert moves["day"][moves["kind"] == REDEEMED].max() > 8


def test_without_money_no_point_is_promised():
    words = (*LIVELY, "points=members", "points.earn=0.3", "control.daily_budget=0")
    market = live(small_market("baseline", *words), 6)
    assert len(market.records.deliveries) > 20
    assert not len(market.records.tables["points_moves"]["fen"])


def test_a_reminder_before_the_period_begins_is_refused():
    words = ["points=members", "points.valid_days=5"]
    assert compose([*words, "points.remind_days=5"])
    assert compose([*words[1:], "points.remind_days=6"])  # switched off
    with pytest.raises(ConfigError, match=r"points\.remind_days must be at most points\.valid_days, 5"):
        compose([*words, "points.remind_days=6"])


def test_reminders_bring_visits_on_their_day():
    words = (*LIVELY, "points=members", "points.earn=0.3", "points.valid_days=5", "points.remind_days=2",
             "points.reminder_click=1", "control=media")  # fmt: skip
    market = live(small_market("baseline", *words), 10)
    number = market.world.kinds.source("points_reminder")
    assert number > max(Source)
    visits = market.records.visits
    assert set(visits["day"][visits["source"] == number].tolist()) == {8}  # day 3 has no older points yet
