"""The allowance over time, against its fixed point, and what counts as the other levers' spend."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from sim.core.rng import Draw
from sim.operator.budget import Alarm, Budget, BudgetClose, ChannelMixParams, ControlParams
from sim.world.schema import Source, Spend

ALLOWANCE = 1000.0


def operator(**state: object) -> SimpleNamespace:
    """As much of the operator as the budget looks at."""
    fresh = {"usual_other_spend": 0.0, "other_spend_yesterday": 0.0, "budget_days": 0, "stopped": False}
    return SimpleNamespace(**(fresh | state))


#: As many people as the savings are meant for.
EVEN = range(20_000)


def media_over_time(others: float, days: int, people: range = EVEN,
                    **control: float) -> tuple[list[float], float]:  # fmt: skip
    """What media get each day while other levers spend the same every day; and what is left at last."""
    budget = Budget(ChannelMixParams(), ControlParams(**control), 0.0, False)
    fund = 0.0
    world = SimpleNamespace(operator=operator(), people=people, free_fen=lambda: fund)
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


@pytest.mark.exact
@pytest.mark.parametrize(("people", "days"), [(20_000, 1.0), (5_000, 2.0), (1_250, 4.0), (500_000, 1.0)])
def test_small_markets_keep_more_days_at_hand_as_their_days_are_more_uneven(people: int, days: float) -> None:
    """Relative spread of a day's concessions goes with the root of their number."""
    _, fund = media_over_time(250.0, 400, range(people), smoothing=0.2)
    assert fund == pytest.approx(days * ALLOWANCE, rel=1e-6)


def test_a_day_of_the_others_spend_is_kept_even_where_no_savings_are_wanted() -> None:
    """Media never take what the others are used to need today, or the day would stop them."""
    media, fund = media_over_time(480.0, 400, smoothing=0.2, days_at_hand=0.0)
    assert media[-1] == pytest.approx(ALLOWANCE - 480.0, rel=1e-6)
    assert fund == pytest.approx(0.0, abs=1e-3)
    budget = Budget(ChannelMixParams(), ControlParams(days_at_hand=0.0), 0.0, False)
    state = operator(usual_other_spend=480.0, other_spend_yesterday=480.0, budget_days=30)
    world = SimpleNamespace(operator=state, people=EVEN, free_fen=lambda: 600.0)
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
        world = SimpleNamespace(operator=state, people=EVEN, free_fen=lambda: 2.0 * ALLOWANCE)
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
    ("passed_on", "few", "day", "raised"),
    [
        (41.0, 0.0, 40, True), (39.0, 0.0, 40, False), (41.0, 0.0, 5, False),
        (0.0, 12.0, 40, True), (0.0, 10.0, 40, False),
    ],
)  # fmt: skip
def test_review_is_raised_where_passings_on_stand_out(
    passed_on: float, few: float, day: int, raised: bool
) -> None:
    """Three times the usual level, with five buyers at the usual level on top, once the level is known.

    Ten buyers alarm from 3 x 15 - 5 = 40 passings-on; half a buyer from 3 x 5.5 - 5 = 11.5, not 1.5.
    """
    control = ControlParams(alarm_ratio=3.0, alarm_days=7, alarm_review=0.3, alarm_buyers=5.0)
    state = operator(
        buyers_by_category=np.array([10.0, 0.5]), invitations_by_category=np.array([passed_on, few]),
        usual_fission=1.0, alarm_until=-1, review_intensity=0.0,
    )  # fmt: skip
    world = SimpleNamespace(operator=state, day=day)
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
