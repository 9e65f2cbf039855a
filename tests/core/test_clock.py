"""The clock: dayparts cut a day into half-open pieces without gap or overlap."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.core.clock import DAYPART_NAMES, DAYPART_STARTS, DAYPARTS, MINUTES_PER_DAY, Clock, daypart_bounds


def test_dayparts_cover_a_day_once():
    minutes = [m for d in range(DAYPARTS) for m in range(*daypart_bounds(d))]
    assert minutes == list(range(MINUTES_PER_DAY))
    assert len(DAYPART_NAMES) == len(DAYPART_STARTS) == DAYPARTS


@pytest.mark.property
@given(st.integers(0, 10_000), st.integers(0, DAYPARTS - 1))
def test_absolute_minutes_follow_each_other(day, daypart):
    clock = Clock(day, daypart)
    following = Clock(day, daypart + 1) if daypart + 1 < DAYPARTS else Clock(day + 1, 0)
    assert clock.midnight == day * MINUTES_PER_DAY
    assert clock.midnight <= clock.start < clock.end == following.start
