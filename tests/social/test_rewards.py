"""Rewards by the rules in words: what is promised and may cost, what it feels like, when it is due."""

from __future__ import annotations

import math
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from sim.core.clock import MINUTES_PER_DAY
from sim.social.incentives import IncentiveParams, earn, promisable, redeem
from sim.world.schema import Spend

DAY = 20


class Told:
    """Keeps what is appended, added or spent."""

    def __init__(self) -> None:
        self.rows: list[dict[str, Any]] = []

    def append(self, **row: Any) -> None:
        """One batch of rows."""
        self.rows.append(row)

    add = append


def world(inviter: list[int], free: float = 1e9) -> SimpleNamespace:
    """As much of a world as rewards touch: persons are seats."""
    spent: list[tuple[Spend, int]] = []
    stopped: list[Spend] = []
    return SimpleNamespace(
        day=DAY,
        clock=SimpleNamespace(midnight=DAY * MINUTES_PER_DAY),
        records=SimpleNamespace(rewards=Told()),
        agendas={"rewards": Told()},
        people=SimpleNamespace(inviter=np.array(inviter)),
        seats_of=lambda persons: np.asarray(persons),
        spend=lambda kind, fen: spent.append((kind, fen)),
        spent=spent,
        stop=stopped.append,
        stopped=stopped,
        free_fen=lambda: free,
    )


@pytest.mark.parametrize("design", ["flat_cash", "three_tier", "task_ladder"])
def test_stages_add_up_to_the_reward(design: str) -> None:
    assert IncentiveParams(design=design, invite_reward=10.0).schedule()[0].sum() == pytest.approx(10.0)


@pytest.mark.parametrize("levels", [1, 2])
def test_what_an_invited_person_may_cost_is_what_both_levels_are_paid(levels: int) -> None:
    """2 was invited by 1 and 1 by 0; the promise reserves what is spent when every stage is reached."""
    params = IncentiveParams(design="task_ladder", invite_reward=10.0, levels=levels, second_level=0.2)
    fen = np.rint(params.schedule()[0] * 100).astype(np.int64)
    made = world([-1, 0, 1])
    for stage in (1, 2, 3):
        earn(made, params, fen, np.array([1]), np.array([2]), stage, False)
    assert sum(fen for _, fen in made.spent) == params.cost_fen().sum()
    paid = {0: 0, 1: 0}
    for row in made.records.rewards.rows:
        for person in row["inviter"]:
            paid[int(person)] += row["fen"]
    assert paid == {0: 200 if levels == 2 else 0, 1: 1000}


def test_whom_nobody_invited_has_no_second_level() -> None:
    """0 came by itself and invites 1: one reward, and none for a person who does not exist."""
    made = world([-1, 0])
    earn(made, IncentiveParams(levels=2), np.array([500, 0, 0]), np.array([0]), np.array([1]), 1, False)
    assert [row["inviter"].tolist() for row in made.records.rewards.rows if len(row["inviter"])] == [[0]]


def test_a_reward_is_due_when_the_days_for_taking_it_back_are_over() -> None:
    """Earned on a day, it may be taken back on so many whole days after that day."""
    made = world([-1, 0])
    params = IncentiveParams(design="flat_cash", invite_reward=5.0, clawback_days=7)
    earn(made, params, np.array([500, 0, 0]), np.array([0]), np.array([1]), 1, False)
    due = made.agendas["rewards"].rows[0]["minute"]
    assert due.tolist() == [(DAY + 1 + 7) * MINUTES_PER_DAY]


def test_a_reward_that_one_waits_for_feels_smaller() -> None:
    """After the payout's patience 37% is left of what it would be at once."""

    def felt(days: int) -> float:
        params = IncentiveParams(
            design="flat_cash", invite_reward=8.0, clawback_days=days, payout_patience=30.0
        )
        return params.perceived(np.ones(3))

    assert felt(0) == pytest.approx(8.0)
    assert felt(30) / felt(0) == pytest.approx(math.exp(-1.0))
    assert felt(60) / felt(30) == pytest.approx(math.exp(-1.0))


def test_a_promise_that_ends_early_feels_smaller_but_not_what_is_paid_at_once() -> None:
    """No validity is no promise of later stages; after the usual time to reach them 63% of it is left."""

    def felt(days: int, design: str) -> float:
        params = IncentiveParams(
            design=design, invite_reward=10.0, clawback_days=0, valid_days=days, reach_days=30.0,
            perceived_later=1.0, task_first=0.0, task_second=0.5,
        )  # fmt: skip
        return params.perceived(np.array([1.0, 0.4, 0.2]))

    assert felt(365, "task_ladder") == pytest.approx(5.0 * 0.4 + 5.0 * 0.2, rel=1e-4)
    assert felt(30, "task_ladder") / 3.0 == pytest.approx(1.0 - math.exp(-1.0))
    assert felt(1, "task_ladder") < 0.05 * felt(60, "task_ladder")
    assert felt(1, "flat_cash") == felt(60, "flat_cash") == 10.0


def test_a_second_look_finds_more_with_time() -> None:
    """Constant rate of betrayal: nobody at once, 63% within the time, half of the rest each half-life."""
    params = IncentiveParams(second_look=7.0)
    assert params.found_by(0.0) == 0.0
    assert params.found_by(7.0) == pytest.approx(1.0 - 1.0 / math.e)
    assert params.found_by(7.0 * math.log(2.0)) == pytest.approx(0.5)


@pytest.mark.parametrize(("free", "promised"), [(1e9, 9), (2000.0, 2), (1999.0, 1), (-5.0, 0)])
def test_promises_stop_where_the_money_ends(free: float, promised: int) -> None:
    """Each costs 1,000 fen in all its stages; a stop is recorded whenever somebody was turned away."""
    made = world([], free)
    assert promisable(made, np.array([500, 300, 200]), 9) == promised
    assert made.stopped == ([] if promised == 9 else [Spend.REWARD])


def test_a_promise_is_redeemed_once() -> None:
    """Only of the stage reached, and of the person who reached it, and as it was promised."""
    columns = {"stage": [2, 3, 2], "invitee": [5, 5, 6], "fen": [600, 900, 800], "own_fen": [500, 900, 800]}
    agenda = SimpleNamespace(columns={name: np.array(values) for name, values in columns.items()})
    agenda.restore = lambda columns: setattr(agenda, "columns", columns)
    made = SimpleNamespace(agendas={"promises": agenda})
    kept, own, upper = redeem(made, np.array([5, 7]), 2)
    assert kept.tolist() == [True, False]
    assert (own.tolist(), upper.tolist()) == ([500], [100])
    assert agenda.columns["invitee"].tolist() == [5, 6]
    assert agenda.columns["stage"].tolist() == [3, 2]
    kept, own, upper = redeem(made, np.array([5, 7]), 2)
    assert kept.tolist() == [False, False]
    assert not len(own)
    assert not len(upper)
