"""The allowance over time, against its fixed point, and what counts as the other levers' spend."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from sim.core.clock import MINUTES_PER_DAY
from sim.operator.budget import Budget, ChannelMixParams, ControlParams
from sim.operator.signals import OTHER_SPEND
from sim.world.observed import Observed, Reading
from tests.conftest import LIVELY, live, small_market

ALLOWANCE = 1000.0


def operator(**state: object) -> SimpleNamespace:
    """As much of the operator as the budget looks at."""
    fresh = {"usual_other_spend": 0.0, "budget_days": 0, "stopped": False}
    return SimpleNamespace(**(fresh | state))


def books(others: float) -> Observed:
    """The operator's books, with what went on others yesterday."""
    seen = Observed()
    seen.add(OTHER_SPEND.name, Reading(0, np.array([others]), np.array([1.0])))
    return seen


#: Midnight after the day of :func:`books`.
NOW = SimpleNamespace(midnight=MINUTES_PER_DAY)


#: As many people as the savings are meant for.
EVEN = range(20_000)


def media_over_time(others: float, days: int, people: range = EVEN,
                    **control: float) -> tuple[list[float], float]:  # fmt: skip
    """What media get each day while other levers spend the same every day; and what is left at last."""
    budget = Budget(ChannelMixParams(), ControlParams(**control), 0.0, False)
    fund = 0.0
    world = SimpleNamespace(
        operator=operator(), people=people, free_fen=lambda: fund, observed=books(0.0), clock=NOW
    )
    media = []
    for _ in range(days):
        fund += ALLOWANCE
        media.append(budget._what_is_left(world, ALLOWANCE))
        fund -= media[-1] + others
        world.observed = books(others)
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
    state = operator(usual_other_spend=480.0, budget_days=30)
    world = SimpleNamespace(
        operator=state, people=EVEN, free_fen=lambda: 600.0, observed=books(480.0), clock=NOW
    )
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
        state = operator(usual_other_spend=300.0, budget_days=30, stopped=stopped)
        world = SimpleNamespace(
            operator=state, people=EVEN, free_fen=lambda: 2.0 * ALLOWANCE, observed=books(300.0), clock=NOW
        )
        left[stopped] = budget._what_is_left(world, ALLOWANCE)
        assert not state.stopped
    assert left[False] == pytest.approx(700.0)
    assert left[True] < 700.0


def test_savings_for_posts_are_free_again_where_influencers_say_nothing_any_more():
    market = live(small_market("baseline", *LIVELY, "control.daily_budget=0.3", size=800), 3)
    operator = market.world.operator
    assert operator.influencer_pots.sum() > 0.0
    market.levers.change({"influencers.enabled": False})
    live(market, 2)
    assert not operator.influencer_pots.any()
    assert not operator.reserved_fen.any()
