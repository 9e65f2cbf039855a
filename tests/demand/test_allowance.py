"""The allowance over time, against its fixed point, and what counts as the other levers' spend."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from sim.control.budget import Alarm, Budget, BudgetClose, ChannelMixParams, ControlParams
from sim.core.rng import Draw
from sim.world.schema import Source, Spend

ALLOWANCE = 1000.0


def operator(**state: object) -> SimpleNamespace:
    """As much of the operator as the budget looks at."""
    fresh = {"usual_other_spend": 0.0, "other_spend_yesterday": 0.0, "budget_days": 0, "stopped": False}
    return SimpleNamespace(**(fresh | state))


def media_over_time(others: float, days: int, **control: float) -> tuple[list[float], float]:
    """What media get each day while other levers spend the same every day; and what is left at last."""
    budget = Budget(ChannelMixParams(), ControlParams(**control), 0.0, False)
    fund = 0.0
    world = SimpleNamespace(operator=operator(), free_fen=lambda: fund)
    media = []
    for _ in range(days):
        fund += ALLOWANCE
        media.append(budget._what_is_left(world, ALLOWANCE))
        fund -= media[-1] + others
        world.operator.other_spend_yesterday = others
        assert fund >= -1e-9
    return media, fund


@pytest.mark.exact
@pytest.mark.parametrize("others", [0.0, 250.0, 480.0])
@pytest.mark.parametrize("smoothing", [0.1, 0.5])
@pytest.mark.parametrize("days_at_hand", [1.0, 2.5])
def test_media_get_what_the_others_leave_and_savings_are_kept(
    others: float, smoothing: float, days_at_hand: float
) -> None:
    """At the fixed point a day spends its allowance, and what is left are the savings to be kept at hand."""
    media, fund = media_over_time(others, 400, smoothing=smoothing, days_at_hand=days_at_hand)
    assert media[-1] == pytest.approx(ALLOWANCE - others, rel=1e-6)
    assert fund == pytest.approx(days_at_hand * ALLOWANCE, abs=1e-3)


def test_a_day_of_the_others_spend_is_kept_even_where_no_savings_are_wanted() -> None:
    """Media never take what the others are used to need today, or the day would stop them."""
    media, fund = media_over_time(480.0, 400, smoothing=0.2, days_at_hand=0.0)
    assert media[-1] == pytest.approx(ALLOWANCE - 480.0, rel=1e-6)
    assert fund == pytest.approx(0.0, abs=1e-3)
    budget = Budget(ChannelMixParams(), ControlParams(days_at_hand=0.0), 0.0, False)
    state = operator(usual_other_spend=480.0, other_spend_yesterday=480.0, budget_days=30)
    world = SimpleNamespace(operator=state, free_fen=lambda: 600.0)
    assert budget._what_is_left(world, ALLOWANCE) == pytest.approx(120.0)


def test_the_first_day_keeps_a_reserve() -> None:
    """Nobody knows yet what the others take: half of the allowance is not given to media."""
    first = {
        share: media_over_time(0.0, 1, opening_reserve=share, days_at_hand=0.0)[0][0] for share in (0.0, 0.5)
    }
    assert first[0.0] == pytest.approx(ALLOWANCE)
    assert 0.0 < first[0.5] <= 0.5 * ALLOWANCE


def test_levers_that_were_stopped_are_given_room() -> None:
    """Where money ran out, the others could have used the whole allowance, so media shrink."""
    budget = Budget(ChannelMixParams(), ControlParams(smoothing=0.2), 0.0, False)
    left = {}
    for stopped in (False, True):
        state = operator(
            usual_other_spend=300.0, other_spend_yesterday=300.0, budget_days=30, stopped=stopped
        )
        world = SimpleNamespace(operator=state, free_fen=lambda: 2.0 * ALLOWANCE)
        left[stopped] = budget._what_is_left(world, ALLOWANCE)
        assert not state.stopped
    assert left[False] == pytest.approx(700.0)
    assert left[True] < 700.0


class Today:
    """A table with today's rows."""

    def __init__(self, **columns: list[int]) -> None:
        self.columns = {name: np.array(values) for name, values in columns.items()}

    def today(self, name: str) -> np.ndarray:
        """One column."""
        return self.columns[name]


def test_media_and_bought_posts_are_not_the_others_spend() -> None:
    """Rewards 700 and fees of a livestream 90 are; media 500 and a sponsored post's 300 are not."""
    world = SimpleNamespace(
        operator=operator(),
        records=SimpleNamespace(
            spend=Today(fen=[500, 700, 300, 90],
                        kind=[Spend.MEDIA, Spend.REWARD, Spend.INFLUENCER_FEE, Spend.INFLUENCER_FEE]),
            posts=Today(fee_fen=[300, 90], source=[Source.SPONSORED_POST, Source.LIVESTREAM]),
        ),
    )  # fmt: skip
    BudgetClose().act(world, Draw(1))
    assert world.operator.other_spend_yesterday == 790.0


@pytest.mark.parametrize(
    ("passed_on", "day", "raised"), [(31.0, 40, True), (29.0, 40, False), (31.0, 5, False)]
)
def test_review_is_raised_where_passings_on_stand_out(passed_on: float, day: int, raised: bool) -> None:
    """Three times the usual level of a category with enough buyers, once the level is known."""
    control = ControlParams(alarm_ratio=3.0, alarm_days=7, alarm_review=0.3, alarm_buyers=0.5)
    state = operator(
        buyers_by_category=np.array([10.0, 0.5]), invitations_by_category=np.array([passed_on, 400.0]),
        usual_fission=1.0, alarm_until=-1, review_intensity=0.0,
    )  # fmt: skip
    world = SimpleNamespace(operator=state, day=day, people=range(2000))
    alarm = Alarm(control, 0.1, 10)
    alarm.act(world, Draw(1))
    assert state.review_intensity == pytest.approx(0.4 if raised else 0.1)
    if raised:  # it lasts its days and no longer
        state.invitations_by_category[:] = 0.0
        levels = []
        for world.day in range(day, day + 9):
            alarm.act(world, Draw(1))
            levels.append(round(state.review_intensity, 6))
        assert levels == [0.4] * 7 + [0.1] * 2
