"""What deliveries leave behind, against geometric series: trust, satisfaction and habit."""

from __future__ import annotations

import numpy as np
import pytest

from sim.social.trust import Lessons, _remember

pytestmark = pytest.mark.exact

LESSONS = Lessons(
    gain=0.1,
    loss=0.25,
    good=0.85,
    bad=0.1,
    satisfaction_gain=0.3,
    habit_gain=0.6,
    habit_loss=0.35,
    habit_ceiling=0.3,
)


def after(times: int, low: bool) -> tuple[float, float, float]:
    """Trust, satisfaction and habit of one person after as many deliveries; the neighbour's stay."""
    trust, satisfaction, habit = np.full(2, 0.5), np.full(2, 0.4), np.full(2, 0.2)
    _remember(np.full(times, 1), np.full(times, low), LESSONS, trust, satisfaction, habit)
    assert (trust[0], satisfaction[0], habit[0]) == (0.5, 0.4, 0.2)
    return float(trust[1]), float(satisfaction[1]), float(habit[1])


def test_good_deliveries_close_every_gap_geometrically() -> None:
    """A gap shrinks by its own speed at each delivery; habit's ceiling is lower for the less delighted."""
    trust, satisfaction, habit = after(7, low=False)
    assert trust == pytest.approx(0.85 - 0.35 * 0.9**7)
    assert satisfaction == pytest.approx(0.85 - 0.45 * 0.7**7)
    assert habit == pytest.approx(0.3 * 0.85 - (0.3 * 0.85 - 0.2) * 0.4**7)


def test_bad_deliveries_cost_more_than_good_ones_bring() -> None:
    """Trust falls by the loss, not by the gain; habit halves, or whatever its loss says."""
    trust, satisfaction, habit = after(7, low=True)
    assert trust == pytest.approx(0.1 + 0.4 * 0.75**7)
    assert satisfaction == pytest.approx(0.1 + 0.3 * 0.7**7)
    assert habit == pytest.approx(0.2 * 0.65**7)


def test_whoever_has_left_remembers_nothing() -> None:
    """Seat -1 is nobody, and not the last person."""
    trust, satisfaction, habit = np.full(2, 0.5), np.full(2, 0.4), np.full(2, 0.2)
    _remember(np.array([-1]), np.array([True]), LESSONS, trust, satisfaction, habit)
    assert trust.tolist() + satisfaction.tolist() + habit.tolist() == [0.5, 0.5, 0.4, 0.4, 0.2, 0.2]
